/* SPDX-License-Identifier: Apache-2.0
 * The model's short way for hits of the L1 (mmu_backend_ops.hit): no ring of answers, no events.
 * Promise: state and counters are as after a submit, a step and a poll. */
#include "backend/model.h"

static bool idle(const struct model *m) {
  return (m->answer_count | m->lookers | m->waiters | m->walking) == 0;
}

/* May a hit be taken now, whose answer nothing else comes before? Then time is this cycle. */
static bool hit_now(struct model *m, unsigned port, uint64_t cycle) {
  bool alone = idle(m);
  if (!alone && model_next(m) <= cycle + 1) return false;
  m->now = cycle;
  return alone ? m->accepted_at[port] != cycle + 1 : model_can_accept(m, port);
}

static void count_hit(struct model *m, unsigned port, uint8_t kind, uint64_t cycle) {
  m->accepted_at[port] = cycle + 1;
  m->stats.requests++;
  m->stats.hits++;
  m->perf.asked[model_stream_of((uint8_t)port, kind)]++;
}

bool model_hit(struct mmu_backend *b, const struct mmu_request *req, uint64_t cycle,
               struct mmu_response *out, uint8_t *serves) {
  struct model *m = (struct model *)b;
  unsigned port = req->port & 1;
  if (!hit_now(m, port, cycle) || req->from_regs || !model_l1_hit(m, req, out, serves))
    return false;
  count_hit(m, port, req->access.kind, cycle);
  return true;
}

bool model_hit_again(struct mmu_backend *b, uint8_t port, uint8_t kind, uint64_t cycle) {
  struct model *m = (struct model *)b;
  if (!hit_now(m, port & 1, cycle)) return false;
  count_hit(m, port & 1, kind, cycle);
  return true;
}
