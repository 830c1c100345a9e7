/* SPDX-License-Identifier: Apache-2.0
 * Memory zones and their watermarks, by the formulas of Linux 6.1 (mm/page_alloc.c). Pure
 * functions on plain values. */
#ifndef COWALK_OS_ZONE_H
#define COWALK_OS_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/mmu.h"

enum { OS_ZONE_DMA = 0, OS_ZONE_DMA32, OS_ZONE_NORMAL, OS_ZONE_MOVABLE, OS_ZONES };
enum os_mark { OS_MARK_MIN, OS_MARK_LOW, OS_MARK_HIGH, OS_MARKS };

struct os_zone {
  const char *name;
  uint32_t first, end; /* frames, reserved ones included */
  uint64_t managed, free;
  uint64_t mark[OS_MARKS];
  uint64_t reserve[OS_ZONES]; /* lowmem_reserve, by the request's zone */
  uint32_t fresh;             /* frames from here to end were never allocated */
  uint32_t free_head;         /* list of freed frames */
};

/* Cut memory of `frames` frames, the first `reserved` unmanaged, into the zones of an
 * architecture. */
void os_zones_cut(struct os_zone zones[OS_ZONES], enum mmu_arch arch, uint32_t frames,
                  uint32_t reserved);
/* Linux's default without transparent huge pages. */
uint64_t os_zones_min_free_kbytes(const struct os_zone zones[OS_ZONES]);
/* Set all marks. */
void os_zones_set_marks(struct os_zone zones[OS_ZONES], uint64_t min_free_kbytes,
                        uint64_t watermark_scale_factor);
/* Set all reserves from lowmem_reserve_ratio. */
void os_zones_set_reserves(struct os_zone zones[OS_ZONES], const uint32_t ratio[OS_ZONES]);
/* The test of an order-0 request that may use zones up to `highest`. */
bool os_zone_ok(const struct os_zone *z, uint64_t mark, unsigned highest);
/* At least one zone is above its high mark, for requests up to `highest`. */
bool os_zones_balanced(const struct os_zone zones[OS_ZONES], unsigned highest);

#endif
