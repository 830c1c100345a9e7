/* SPDX-License-Identifier: Apache-2.0
 * The model's L1 look-ups, and what a request asks of an entry. Behaviour: docs/tlb.md. Promise: a
 * TLB says hit or miss, never fault. */
#include "backend/model.h"

/* Both stages off: the address itself at once, unless it is too wide; faults are the walks'. */
static bool answer_untranslated(struct model *m, const struct mmu_request *q) {
  struct rules_root root;
  m->rules->root(q->ctx, &q->access, q->va, &root);
  if (root.cause != MMU_CAUSE_NONE || q->ctx->s2_mode != MMU_S2_OFF) return false;
  struct mmu_response *a = model_answer(m, q, m->now + 1);
  a->pa = root.table;
  a->s1_shift = a->s2_shift = a->attrs = a->s2_attrs = 0;
  a->hit = true;
  return true;
}

/* A combined entry knows whether stage 1 makes it a user page: its execute rights say so. */
static void need_of(const struct model *m, const struct mmu_request *q, struct model_need *need) {
  m->rules->need(q->ctx, &q->access, &need->s1);
  need->two_stages = model_two_stages(q->ctx);
  need->s2_root = model_root_tag(q->ctx);
  if (need->two_stages) m->rules->s2_need(q->ctx, &q->access, RULES_ABOUT_FINAL, true, &need->s2);
}

bool model_l1_look(struct model *m, const struct mmu_request *q) {
  struct model_cache *l1 = m->l1[q->port & 1];
  bool off = q->ctx->s1_mode == MMU_S1_OFF;
  if (off && answer_untranslated(m, q)) return true;
  uint64_t va = m->rules->address(q->ctx, &q->access, q->va);
  uint64_t tag = model_tag(q->ctx);
  struct model_need need;
  need_of(m, q, &need);
  const struct model_entry *e =
      off && !need.two_stages ? NULL : model_cache_find(l1, va, tag, MODEL_ANY_SIZE);
  if (e != NULL && model_satisfies(&need, e)) {
    model_cache_touch(l1, e);
    struct mmu_response *a = model_answer(m, q, m->now + 1);
    model_answer_entry(a, e, q->va);
    a->hit = true;
    return true;
  }
  model_miss(m, q, &need, va, tag);
  return false;
}
