/* SPDX-License-Identifier: Apache-2.0
 * What the model's counters count (docs/registers.md), from its statistics and its walks. */
#include "backend/model.h"

void model_perf_begin(struct model *m, struct model_walk *w, uint64_t cycle) {
  if (m->walking == 0) m->perf.active_since = cycle;
  w->began = cycle;
}

void model_perf_end(struct model *m, const struct model_walk *w, uint64_t cycle) {
  m->perf.walks_ended++;
  m->perf.slot_cycles += cycle - w->began;
  if (m->walking == 0) m->perf.active_cycles += cycle - m->perf.active_since;
}

static uint64_t since(const struct model *m, uint64_t cycle) {
  return m->now > cycle ? m->now - cycle : 0;
}

void model_perf_events(const struct model *m, uint64_t events[MMU_PERF_COUNT]) {
  const struct model_perf *p = &m->perf;
  const struct mmu_backend_stats *s = &m->stats;
  const uint64_t *again = m->base.again;
  for (uint32_t i = 0; i < MMU_PERF_COUNT; i++)
    events[i] = 0;
  events[MMU_PERF_DTLB_LOADS] = p->asked[MODEL_LOADS] + again[MMU_READ];
  events[MMU_PERF_DTLB_LOAD_MISSES] = p->missed[MODEL_LOADS];
  events[MMU_PERF_DTLB_STORES] = p->asked[MODEL_STORES] + again[MMU_WRITE] + again[MMU_RMW];
  events[MMU_PERF_DTLB_STORE_MISSES] = p->missed[MODEL_STORES];
  events[MMU_PERF_ITLB_LOADS] = p->asked[MODEL_FETCHES] + again[MMU_FETCH];
  events[MMU_PERF_ITLB_LOAD_MISSES] = p->missed[MODEL_FETCHES];
  events[MMU_PERF_STLB_HITS] = s->l2_hits;
  events[MMU_PERF_STLB_MISSES] = s->l2_misses;
  events[MMU_PERF_WALKS_STARTED] = s->walks;
  events[MMU_PERF_WALKS_COMPLETED] = p->walks_ended;
  events[MMU_PERF_WALK_ACTIVE] =
      p->active_cycles + (m->walking != 0 ? since(m, p->active_since) : 0);
  events[MMU_PERF_WALK_PENDING] = p->slot_cycles;
  for (uint32_t i = 0; i < m->cfg.geometry.walks; i++)
    if (m->walk[i].state != MODEL_IDLE) events[MMU_PERF_WALK_PENDING] += since(m, m->walk[i].began);
  events[MMU_PERF_WALK_READS] = s->walk_reads;
  events[MMU_PERF_WALK_CACHE_HITS] = s->pwc_hits;
  events[MMU_PERF_WALK_RESTARTS] = s->restarts;
  events[MMU_PERF_MERGED_MISSES] = s->merges;
  events[MMU_PERF_A_UPDATES] = s->cas_a;
  events[MMU_PERF_D_UPDATES] = s->cas_d;
  events[MMU_PERF_LOST_SWAPS] = s->cas_lost;
  events[MMU_PERF_FAULTS] = s->faults;
  events[MMU_PERF_RETRIES] = s->retries;
  events[MMU_PERF_INVALIDATIONS] = s->invals;
  events[MMU_PERF_OVERLAPS] = s->overlaps;
  events[MMU_PERF_S2_WALKS] = p->s2_walks;
  events[MMU_PERF_S2_READS] = s->s2_reads;
  events[MMU_PERF_NESTED_HITS] = s->nested_hits;
  /* who walks has looked there in vain, if there was where to look */
  events[MMU_PERF_NESTED_MISSES] = m->cfg.geometry.nested_entries != 0 ? p->s2_walks : 0;
}
