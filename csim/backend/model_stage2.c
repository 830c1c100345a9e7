/* SPDX-License-Identifier: Apache-2.0
 * What the model's walks ask stage 2: where a guest-physical address is. The nested TLB first, then
 * a walk from the root (docs/stage2.md). Rules: csim/rules. Promises: rights and dirty state
 * suffice for the question; what was found is remembered unless the walk was overtaken or its
 * request is speculative; a fault fills nothing. */
#include "backend/model.h"

static bool user_page(const struct model_walk *w) {
  return w->r->ctx.s1_mode == MMU_S1_OFF || (w->step.rights & MMU_R_USER) != 0;
}

void model_ask(struct model *m, struct model_walk *w, enum rules_about about, uint64_t gpa) {
  struct model_question *a = &w->asked;
  a->gpa = gpa;
  a->about = about;
  a->lost = 0;
  m->rules->s2_need(&w->r->ctx, &w->r->req.access, about, user_page(w), &a->need);
  w->due += MODEL_NESTED_CYCLES;
  w->state = MODEL_ASKING;
}

static void fault(struct model *m, struct model_walk *w, uint8_t cause, uint8_t rights,
                  uint8_t error) {
  const struct model_question *a = &w->asked;
  bool final = a->about == RULES_ABOUT_FINAL;
  struct mmu_fault f = {.gpa = a->gpa,
                        .cause = cause,
                        .s1_level = w->level,
                        .s2_level = a->level,
                        .s1_rights = final ? w->step.rights : w->rights,
                        .s2_rights = rights,
                        .mem_error = error,
                        .stage2 = true,
                        .on_walk = a->about == RULES_ABOUT_TABLE,
                        .on_ad_write = a->about == RULES_ABOUT_SWAP,
                        .s1_leaf = final};
  model_walk_fault(m, w, &f);
}

static void read_descriptor(struct model *m, struct model_walk *w) {
  struct model_question *a = &w->asked;
  a->addr = rules_pte_addr(a->table, a->gpa, a->level, a->index_bits);
  model_memory_read(m, w, true);
}

static void begin(struct model *m, struct model_walk *w, const struct rules_root *root) {
  struct model_question *a = &w->asked;
  a->table = root->table;
  a->index_bits = root->index_bits;
  a->rights = RULES_ALL_S2_RIGHTS;
  m->perf.s2_walks++;
  read_descriptor(m, w);
}

void model_ask_nested(struct model *m, struct model_walk *w) {
  struct model_question *a = &w->asked;
  struct rules_root root;
  m->rules->s2_root(&w->r->ctx, a->gpa, &root);
  a->level = root.level;
  if (root.cause != MMU_CAUSE_NONE) {
    fault(m, w, root.cause, 0, MMU_MEM_OK);
    return;
  }
  const struct model_entry *e =
      model_cache_find(m->nested, a->gpa, model_nested_tag(&w->r->ctx), MODEL_ANY_SIZE);
  if (e == NULL || !rules_s2_allows(&a->need, e->rights) || (a->need.write && !e->dirty) ||
      rules_s2_protects(&w->r->ctx, a->about, e->attrs)) {
    begin(m, w, &root);
    return;
  }
  struct model_place p = {.base = e->base,
                          .shift = e->shift,
                          .rights = e->rights,
                          .attrs = e->attrs,
                          .dirty = e->dirty};
  model_cache_touch(m->nested, e);
  m->stats.nested_hits++;
  model_walk_placed(m, w, &p);
}

static void remember(struct model *m, const struct model_walk *w) {
  const struct rules_s2_step *s = &w->asked.step;
  const struct mmu_context *c = &w->r->ctx;
  bool resized;
  if (w->r->req.access.speculative) return;
  struct model_entry *e =
      model_cache_place(m->nested, w->asked.gpa, model_nested_tag(c), s->shift, false, &resized);
  if (e == NULL) return;
  model_entry_fill(e, &(struct model_entry){.base = s->next,
                                            .s2_root = model_root_tag(c),
                                            .rights = s->rights,
                                            .attrs = s->attrs,
                                            .dirty = s->dirty});
}

/* The descriptor is good and up to date. */
static void use_descriptor(struct model *m, struct model_walk *w) {
  struct model_question *a = &w->asked;
  const struct rules_s2_step *s = &a->step;
  if (s->kind == RULES_LEAF) {
    struct model_place p = {.base = s->next,
                            .shift = s->shift,
                            .rights = s->rights,
                            .attrs = s->attrs,
                            .dirty = s->dirty};
    remember(m, w);
    model_walk_placed(m, w, &p);
    return;
  }
  a->level--;
  a->table = s->next;
  a->rights = s->rights;
  a->index_bits = 9;
  read_descriptor(m, w);
}

/* D of the final page is no business of a write that may yet be killed. */
static bool held_back(const struct model_walk *w) {
  const struct model_question *a = &w->asked;
  return w->r->req.access.speculative && a->about == RULES_ABOUT_FINAL && a->need.write &&
         a->step.kind == RULES_LEAF;
}

void model_ask_judge(struct model *m, struct model_walk *w) {
  struct model_question *a = &w->asked;
  if (w->error != MMU_MEM_OK) {
    fault(m, w, rules_memory_cause(w->error), a->rights, w->error);
    return;
  }
  m->rules->s2_step(&w->r->ctx, &w->r->req.access, a->about, &a->need, a->level, a->pte, a->rights,
                    &a->step);
  if (a->step.kind == RULES_FAULT)
    fault(m, w, a->step.cause, a->step.rights, MMU_MEM_OK);
  else if (!a->step.update)
    use_descriptor(m, w);
  else if (held_back(w))
    model_walk_give_up(m, w);
  else
    model_memory_swap(m, w, true);
}

void model_ask_after_swap(struct model *m, struct model_walk *w) {
  struct model_question *a = &w->asked;
  if (w->error != MMU_MEM_OK)
    fault(m, w, rules_memory_cause(w->error), a->step.rights, w->error);
  else if (w->swapped)
    use_descriptor(m, w);
  else if (++a->lost > MODEL_RETRIES)
    model_walk_give_up(m, w);
  else
    model_memory_read(m, w, true);
}
