/* SPDX-License-Identifier: Apache-2.0
 * The MMU's own cycles, as docs/timing.md states them for the hardware: what the ledger books to
 * the MMU, and what its contract holds walks against. The one place in the machine that knows
 * these figures. All exclude the one cycle of the L1 look-up. */
#ifndef COWALK_MACHINE_MMU_CYCLES_H
#define COWALK_MACHINE_MMU_CYCLES_H

#include "backend/mmu.h"

/* Look-ups of the L2 that an answer of this page size has seen fail before: one for each smaller
 * size, of those the machine's OS maps. */
static inline uint32_t mmu_cycles_smaller_sizes(uint8_t shift) {
  return shift > 12 ? (shift - 12U + 8U) / 9U : 0;
}

/* From the L1's miss to the first table access of a walk, if the L2 is probed for so many page
 * sizes (at least one). How many the hardware has in use is known from above only: no more than
 * were filled. */
static inline uint32_t mmu_cycles_to_first(const struct mmu_geometry *g, uint32_t sizes) {
  if (g->l2_sets == 0) return 4;
  return 4 + (sizes != 0 ? sizes : 1);
}

/* Pointers that a physical walk cache may answer in one walk, at one cycle each. How many it did is
 * not known from above. */
static inline uint32_t mmu_cycles_cached(const struct mmu_geometry *g) {
  return g->pwc_kind == MMU_PWC_PHYSICAL ? MMU_PWC_HEIGHTS : 0;
}

/* After each table access, besides the memory's latency. */
static inline uint32_t mmu_cycles_after_each(void) {
  return 2;
}

/* From the L1's miss to a fault that is found before any table is read. */
static inline uint32_t mmu_cycles_no_access(const struct mmu_geometry *g, uint32_t sizes) {
  return mmu_cycles_to_first(g, sizes);
}

/* From the L1's miss to an answer of the L2: 3 cycles from acceptance with one page size in use. */
static inline uint32_t mmu_cycles_l2_hit(uint8_t shift) {
  return 2 + mmu_cycles_smaller_sizes(shift);
}

#endif
