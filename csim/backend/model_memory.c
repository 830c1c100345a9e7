/* SPDX-License-Identifier: Apache-2.0
 * The table accesses of the model's walks, of both stages: made, counted and told to the observer.
 * Promise: an access takes effect in the cycle it is made; a table is written by compare-and-swap
 * alone. */
#include "backend/model.h"
#include "mem/physmem.h"
#include "timing/memtiming.h"

static uint32_t latency(struct model *m, uint64_t addr, bool write) {
  return m->cfg.timing != NULL ? memtiming_access(m->cfg.timing, addr, write) : 1;
}

static inline void tell(struct model *m, const struct model_walk *w, bool stage2,
                        struct mmu_event *ev) {
  if (m->cfg.observer.event == NULL) return;
  ev->cycle = w->due;
  ev->addr = stage2 ? w->asked.addr : w->addr;
  ev->tag = w->r->req.tag;
  ev->port = w->r->req.port;
  ev->level = stage2 ? w->asked.level : w->level;
  ev->stage = stage2 ? 2 : 1;
  ev->slot = (uint8_t)(w - m->walk);
  ev->error = w->error;
  m->cfg.observer.event(m->cfg.observer.self, ev);
}

static inline __attribute__((always_inline)) void read_of(struct model *m, struct model_walk *w,
                                                          const bool stage2) {
  uint64_t addr = stage2 ? w->asked.addr : w->addr;
  uint64_t *pte = stage2 ? &w->asked.pte : &w->pte;
  *pte = 0;
  w->error = (uint8_t)(!stage2 && w->level == 0 ? model_read_lowest(m, w->r->va, addr, pte)
                                                : physmem_read64(m->cfg.memory, addr, pte));
  uint32_t cycles = latency(m, addr, false);
  tell(m, w, stage2, &(struct mmu_event){.kind = MMU_EV_READ, .old = *pte, .latency = cycles});
  w->due += cycles + MODEL_LEVEL_CYCLES;
  w->state = stage2 ? MODEL_S2_READING : MODEL_READING;
  m->stats.walk_reads++;
  m->stats.s2_reads += stage2;
}

void model_memory_read(struct model *m, struct model_walk *w, bool stage2) {
  if (stage2)
    read_of(m, w, true);
  else
    read_of(m, w, false); /* the common case, without its questions */
}

/* Accessed and dirty: SDM 4.8, Arm D8.5 (AF; AP[2] or S2AP[1] by DBM), RISC-V A and D; EPT has its
 * own (SDM 29.3.5). */
static void count_swap(struct model *m, const struct model_walk *w, bool ept, uint64_t change) {
  static const uint64_t a_bit[MMU_ARCH_COUNT] = {1U << 5, 1U << 10, 1U << 6};
  static const uint64_t d_bit[MMU_ARCH_COUNT] = {1U << 6, 1U << 7, 1U << 7};
  if (!w->swapped) {
    m->stats.cas_lost += w->error == MMU_MEM_OK;
    return;
  }
  m->stats.cas_a += (change & (ept ? 1U << 8 : a_bit[m->cfg.arch])) != 0;
  m->stats.cas_d += (change & (ept ? 1U << 9 : d_bit[m->cfg.arch])) != 0;
}

void model_memory_swap(struct model *m, struct model_walk *w, bool stage2) {
  uint64_t addr = stage2 ? w->asked.addr : w->addr;
  uint64_t expected = stage2 ? w->asked.pte : w->pte;
  uint64_t desired = stage2 ? w->asked.step.new_pte : w->step.new_pte;
  uint64_t old = 0;
  w->swapped = false;
  w->error = (uint8_t)physmem_cas64(m->cfg.memory, addr, expected, desired, MEM_WRITER_HW, &old,
                                    &w->swapped);
  uint32_t cycles = latency(m, addr, true);
  tell(m, w, stage2,
       &(struct mmu_event){.kind = MMU_EV_CAS,
                           .latency = cycles,
                           .old = old,
                           .expected = expected,
                           .desired = desired,
                           .ok = w->swapped});
  w->due += cycles + MODEL_LEVEL_CYCLES;
  w->state = stage2 ? MODEL_S2_SWAPPING : MODEL_SWAPPING;
  count_swap(m, w, stage2 && w->r->ctx.s2_mode == MMU_S2_EPT, expected ^ desired);
}
