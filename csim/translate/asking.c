// SPDX-License-Identifier: Apache-2.0
// See asking.h. From the rules of stage 1 (csim/rules) and the order of docs/stage2.md.
// Promise: an address is only said to be known if the steps or the root lead to it.
#include "translate/asking.h"

static uint64_t slot(const struct asking *a, uint64_t table, uint8_t level) {
  const struct rules_ops *rules = rules_of(a->t->arch);
  uint64_t va = rules->address(&a->t->ctx, &a->t->access, a->t->va);
  return rules_pte_addr(table, va, level, level == a->root.level ? a->root.index_bits : 9);
}

void asking_begin(struct asking *a, const struct translation *t) {
  *a = (struct asking){.t = t, .rights = RULES_ALL_RIGHTS};
  rules_of(t->arch)->root(&t->ctx, &t->access, t->va, &a->root);
  a->known = a->root.cause == MMU_CAUSE_NONE;
  a->level = a->root.level;
  if (t->ctx.s1_mode == MMU_S1_OFF) {
    a->about = RULES_ABOUT_FINAL;
    a->gpa = a->root.table;
  } else {
    a->about = RULES_ABOUT_TABLE;
    a->gpa = slot(a, a->root.table, a->root.level);
  }
}

/* The descriptor is good and up to date. */
static void go_on(struct asking *a) {
  const struct rules_step *s = &a->step;
  a->known = true;
  if (s->kind == RULES_TABLE) {
    a->about = RULES_ABOUT_TABLE;
    a->level--;
    a->rights = s->rights;
    a->global = s->global;
    a->gpa = slot(a, s->next, a->level);
  } else {
    a->about = RULES_ABOUT_FINAL;
    a->gpa = s->next | (a->t->va & ~(UINT64_MAX << s->shift));
  }
}

void asking_after(struct asking *a, const struct translation_step *p) {
  const struct rules_ops *rules = rules_of(a->t->arch);
  if (p->error != MMU_MEM_OK) return;
  if (p->swap) {
    if (p->ok) go_on(a);
    return;
  }
  if (p->level != a->level) a->known = false; /* by the walk cache */
  a->level = p->level;
  rules->step(&a->t->ctx, &a->t->access, rules->address(&a->t->ctx, &a->t->access, a->t->va),
              p->level, a->root.upper, p->value, a->rights, a->global, &a->step);
  if (a->step.kind == RULES_FAULT) return;
  if (a->step.update)
    a->about = RULES_ABOUT_SWAP;
  else
    go_on(a);
}

bool asking_starts(const struct asking *a, const struct translation_step *p) {
  return p->stage == 2 && !p->swap && p->level == a->t->ctx.s2_top;
}
