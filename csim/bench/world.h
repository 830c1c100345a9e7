/* SPDX-License-Identifier: Apache-2.0
 * A small address space in simulated memory for measurements: one four-level table of each
 * architecture, filled by hand, user mode, hardware A and D; if wanted, with a stage 2. The caller
 * owns the world; the memory it points to belongs to it. */
#ifndef COWALK_BENCH_WORLD_H
#define COWALK_BENCH_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "backend/mmu.h"
#include "mem/physmem.h"

struct world {
  enum mmu_arch arch;
  struct physmem *memory;
  struct mmu_context context;
  uint64_t next_table; /* next free table frame */
};

/* How a leaf starts: aged pages let the hardware set A (and D on a write). */
enum world_leaf { WORLD_FRESH, WORLD_OLD };

bool world_create(struct world *w, enum mmu_arch arch);
void world_destroy(struct world *w);
/* Map the page of `height` at va to pa (both aligned to it), read-write-execute for the user. */
void world_map(struct world *w, uint64_t va, uint64_t pa, unsigned height, enum world_leaf leaf);
/* Put a stage 2 of four levels under it that maps each 4 KiB page from first to last, and all
 * tables so far, to itself, with everything granted and nothing left to update. */
void world_nest(struct world *w, uint64_t first, uint64_t last);

#endif
