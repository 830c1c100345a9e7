/* SPDX-License-Identifier: Apache-2.0
 * The model's short ways (mmu_backend_ops.offer): requests of one known context and one stage, and
 * hits of the L1 without the ring of answers and without events.
 * Promise: state and counters are as after a submit, a step and a poll. */
#include "backend/model.h"

#include <string.h>

/* Does a hit of now come before any other answer, and before any table access? Look-ups of the L2
 * are no matter: what one of now finds is in the ring of answers already. */
static bool undisturbed(const struct model *m) {
  uint64_t soon = m->now + 1;
  return model_next_result(m) > soon && (m->next_walk == NULL || m->next_walk->due > soon);
}

static void count(struct model *m, unsigned port, uint8_t kind) {
  m->base.accepted_at[port] = m->now + 1;
  m->stats.requests++;
  m->perf.asked[model_stream_of((uint8_t)port, kind)]++;
}

bool model_hit_again(struct mmu_backend *b, uint8_t port, uint8_t kind, uint64_t cycle) {
  struct model *m = (struct model *)b;
  m->now = cycle;
  if (!undisturbed(m) || !model_can_accept(m, port & 1)) return false;
  m->stats.hits++;
  count(m, port & 1, kind);
  return true;
}

/* ---- any page ---- */

static void know(struct model *m, const struct mmu_context *ctx) {
  struct model_asker *k = &m->asker;
  k->ctx = *ctx;
  k->tag = model_tag(ctx);
  k->plain = ctx->s1_mode != MMU_S1_OFF && !model_two_stages(ctx);
  for (uint8_t kind = 0; kind < 4; kind++)
    m->rules->need(ctx, &(struct mmu_access){.kind = kind}, &k->need[kind]);
}

/* Is it of a plain context, which m->asker is then about? */
static bool is_plain(struct model *m, const struct mmu_request *q) {
  const struct mmu_access *acc = &q->access;
  if (memcmp(&m->asker.ctx, q->ctx, sizeof m->asker.ctx) != 0) know(m, q->ctx);
  return m->asker.plain && !q->from_regs && acc->op == MMU_OP_NORMAL && !acc->implicit_sup &&
         !acc->exec_as_read;
}

static uint8_t serves_of(const struct model_asker *k, const struct model_entry *e) {
  uint8_t serves = 0;
  for (unsigned kind = 0; kind < 4; kind++) {
    const struct rules_need *need = &k->need[kind];
    bool good = rules_allows(need, e->rights, e->attrs) && (!need->write || e->dirty);
    serves |= (uint8_t)(good << kind);
  }
  return serves;
}

static enum mmu_taken hit(struct model *m, const struct mmu_request *q, const struct model_entry *e,
                          struct mmu_response *out) {
  bool at_once = m->base.quiet || undisturbed(m);
  model_cache_touch(m->l1[q->port & 1], e);
  struct mmu_response *a = at_once ? out : model_answer(m, q, m->now + 1);
  if (at_once) {
    m->stats.hits++;
    model_answer_init(m, a, q, m->now + 1);
  } else {
    m->base.changes[q->port & 1]++;
  }
  a->hit = true;
  model_answer_entry(a, e, q->va);
  if (!at_once) model_tell_due(m);
  return at_once ? MMU_ANSWERED : MMU_TAKEN;
}

enum mmu_taken model_offer(struct mmu_backend *b, const struct mmu_request *req, uint64_t cycle,
                           struct mmu_response *out, uint8_t *serves) {
  struct model *m = (struct model *)b;
  unsigned port = req->port & 1;
  uint8_t kind = req->access.kind & 3;
  const struct model_asker *k = &m->asker;
  m->now = cycle;
  if (!is_plain(m, req)) return b->ops->submit(b, req) ? MMU_TAKEN : MMU_REFUSED;
  if (!model_can_accept(m, port)) return MMU_REFUSED;
  count(m, port, kind);
  uint64_t va = m->rules->address(req->ctx, &req->access, req->va);
  const struct model_entry *e = model_cache_find(m->l1[port], va, k->tag, MODEL_ANY_SIZE);
  *serves = e != NULL ? serves_of(k, e) : 0;
  if (*serves >> kind & 1) return hit(m, req, e, out);
  m->perf.missed[model_stream_of((uint8_t)port, kind)]++;
  model_miss(m, req, &(struct model_need){.s1 = k->need[kind]}, va, k->tag);
  model_tell_due(m);
  return MMU_TAKEN;
}
