/* SPDX-License-Identifier: Apache-2.0
 * The generated register map (backend/mmu_regs.h) as a table, for tests. */
#ifndef COWALK_TESTS_REGISTER_MAP_H
#define COWALK_TESTS_REGISTER_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "backend/mmu_regs.h"

struct map_entry {
  const char *name;
  uint16_t offset;
  bool readable, writable;
  uint64_t rw, w1c, reset, build; /* build: bits of the reset value that the hardware decides */
};

#define MAP_ENTRY(name, offset, readable, writable, rw, w1c, reset, build) \
  {#name, offset, readable, writable, rw, w1c, reset, build},
static const struct map_entry map[] = {MMU_REG_LIST(MAP_ENTRY)};
enum { MAP_ENTRIES = sizeof map / sizeof map[0] };

/* The register at an offset; NULL if there is none, or a counter. */
static inline const struct map_entry *map_entry_at(uint32_t offset) {
  for (size_t i = 0; i < MAP_ENTRIES; i++)
    if (map[i].offset == offset) return &map[i];
  return NULL;
}

static inline bool map_is_counter(uint32_t offset) {
  return offset % 8 == 0 && offset >= MMU_REG_COUNTERS &&
         offset < MMU_REG_COUNTERS + 8 * MMU_PERF_COUNT;
}

static inline bool map_is_readable(uint32_t offset) {
  const struct map_entry *e = map_entry_at(offset);
  return map_is_counter(offset) || (e != NULL && e->readable);
}

#endif
