/* SPDX-License-Identifier: Apache-2.0
 * The model's walks: each walk slot is a small state machine that is only looked at when it has
 * something to do. Rules: csim/rules. With a stage 2 it is asked for the place of each descriptor,
 * for each swap and for the final address (model_stage2.c). Promises: a walk that an invalidation
 * overtook starts again and fills nothing; a fault fills nothing. */
#include "backend/model.h"

void model_walk_begin(struct model *m, struct model_request *r, uint64_t cycle) {
  struct model_walk *w = m->walk;
  while (w->state != MODEL_IDLE)
    w++;
  w->r = r;
  w->state = MODEL_START;
  w->due = cycle + MODEL_START_CYCLES;
  w->retries = 0;
  w->overtaken = false;
  model_perf_begin(m, w, cycle);
  m->walking++;
  m->stats.walks++;
  if (m->next_walk == NULL || w->due < m->next_walk->due) m->next_walk = w;
}

/* ---- ends without a translation ---- */

void model_walk_fault(struct model *m, struct model_walk *w, struct mmu_fault *f) {
  f->gva = w->r->req.va;
  model_answer_fault(m, &w->r->req, w->due + 1, f);
  model_release(m, w, w->due);
}

static void fault(struct model *m, struct model_walk *w, uint8_t cause, bool on_walk,
                  bool on_ad_write) {
  struct mmu_fault f = {.cause = cause,
                        .s1_level = w->level,
                        .s1_rights = w->rights,
                        .mem_error = on_walk || on_ad_write ? w->error : 0,
                        .on_walk = on_walk,
                        .on_ad_write = on_ad_write};
  model_walk_fault(m, w, &f);
}

void model_walk_give_up(struct model *m, struct model_walk *w) {
  struct mmu_response *a = model_answer(m, &w->r->req, w->due + 1);
  a->status = MMU_RETRY;
  a->pa = 0;
  m->stats.retries++;
  model_release(m, w, w->due);
}

/* Start over after an invalidation or a lost race; false if the bound is reached. */
static bool again(struct model *m, struct model_walk *w) {
  if (++w->retries <= MODEL_RETRIES) return true;
  model_walk_give_up(m, w);
  return false;
}

/* ---- down the tables ---- */

/* The next descriptor: from the physical walk cache, one a cycle, or from memory. */
static void go_on(struct model *m, struct model_walk *w, bool known) {
  if (known) {
    model_table_down(w);
    w->due++;
    w->state = MODEL_DESCENDING;
    return;
  }
  model_memory_read(m, w, false);
}

static void descend(struct model *m, struct model_walk *w) {
  model_table_address(w);
  if (model_two_stages(&w->r->ctx))
    model_ask(m, w, RULES_ABOUT_TABLE, w->gpa);
  else
    go_on(m, w, model_table_known(m, w));
}

/* The physical walk cache is probed for what a pointer leads to before that is stored itself. */
static void follow_and_store(struct model *m, struct model_walk *w) {
  const struct model_walk accepted = *w;
  model_table_down(w);
  model_table_address(w);
  bool known = model_table_known(m, w);
  model_table_remember(m, &accepted);
  go_on(m, w, known);
}

/* A pointer was read. With a stage 2 it is stored at once, because that is to be asked first for
 * the address of what it leads to. */
static void follow(struct model *m, struct model_walk *w) {
  if (w->r->ctx.s2_mode == MMU_S2_OFF && m->descriptors != NULL) {
    follow_and_store(m, w);
    return;
  }
  model_table_remember(m, w);
  model_table_down(w);
  descend(m, w);
}

/* ---- the end ---- */

/* What both stages say of the final page; p: NULL without a stage 2. Under EPT with mode-based
 * execute control the execute right of the kind of page that stage 1 makes it becomes both. */
static struct model_entry combine(const struct model_walk *w, const struct model_place *p) {
  const struct rules_step *s = &w->step;
  struct model_entry e = {.base = s->next,
                          .shift = s->shift,
                          .s1_shift = s->shift,
                          .s2_shift = w->r->ctx.s2_mode == MMU_S2_PASS ? MMU_NO_PAGES : 0,
                          .rights = s->rights,
                          .attrs = s->attrs,
                          .dirty = s->dirty,
                          .global = s->global};
  if (p == NULL) return e;
  unsigned x = w->r->ctx.s1_mode == MMU_S1_OFF || (s->rights & MMU_R_USER) ? MMU_R2_UX : MMU_R2_SX;
  unsigned rights = p->rights;
  if (w->r->ctx.s2_mbec)
    rights = (rights & (MMU_R2_R | MMU_R2_W)) | (rights & x ? MMU_R2_UX | MMU_R2_SX : 0);
  e.shift = s->shift < p->shift ? s->shift : p->shift;
  e.base = p->base | (w->asked.gpa & ~(UINT64_MAX << p->shift));
  e.base &= UINT64_MAX << e.shift;
  e.s2_root = model_root_tag(&w->r->ctx);
  e.s2_shift = p->shift;
  e.s2_rights = (uint8_t)rights;
  e.s2_attrs = p->attrs;
  e.dirty = s->dirty && p->dirty;
  return e;
}

static void finish(struct model *m, struct model_walk *w, const struct model_place *p) {
  const struct mmu_request *q = &w->r->req;
  struct model_entry found = combine(w, p);
  model_fill(m, w->r, &found);
  model_answer_entry(model_answer(m, q, w->due + 1), &found, q->va);
  model_release(m, w, w->due);
}

/* Nothing to translate in stage 1: every right but that to a user page, of one page. */
static void untranslated(struct model *m, struct model_walk *w) {
  if (!model_two_stages(&w->r->ctx)) { /* nothing to remember either */
    const uint8_t shift = w->r->ctx.s2_mode != MMU_S2_OFF ? MMU_NO_PAGES : 0; /* pass-through */
    const struct model_entry e = {.base = w->root.table, .s1_shift = shift, .s2_shift = shift};
    model_answer_entry(model_answer(m, &w->r->req, w->due + 1), &e, 0);
    model_release(m, w, w->due);
    return;
  }
  w->level = w->root.level;
  w->step = (struct rules_step){.next = w->root.table,
                                .kind = RULES_LEAF,
                                .shift = MMU_NO_PAGES,
                                .rights = RULES_ALL_RIGHTS & ~(unsigned)MMU_R_USER,
                                .dirty = true};
  model_ask(m, w, RULES_ABOUT_FINAL, w->root.table);
}

static void start(struct model *m, struct model_walk *w) {
  w->overtaken = false;
  m->rules->root(&w->r->ctx, &w->r->req.access, w->r->req.va, &w->root);
  if (w->root.cause != MMU_CAUSE_NONE) {
    w->level = w->root.level;
    w->rights = 0;
    fault(m, w, w->root.cause, false, false);
  } else if (w->r->ctx.s1_mode == MMU_S1_OFF) {
    untranslated(m, w);
  } else {
    model_table_start(m, w);
    descend(m, w);
  }
}

static void restart(struct model *m, struct model_walk *w) {
  m->stats.restarts++;
  if (again(m, w)) start(m, w);
}

/* ---- one descriptor of stage 1 ---- */

/* It is good and up to date: descend, or answer. */
static void use_descriptor(struct model *m, struct model_walk *w) {
  const struct rules_step *s = &w->step;
  if (s->kind != RULES_LEAF)
    follow(m, w);
  else if (model_two_stages(&w->r->ctx))
    model_ask(m, w, RULES_ABOUT_FINAL, s->next | (w->r->req.va & ~(UINT64_MAX << s->shift)));
  else
    finish(m, w, NULL);
}

static void judge(struct model *m, struct model_walk *w) {
  if (w->error != MMU_MEM_OK) {
    fault(m, w, rules_memory_cause(w->error), true, false);
    return;
  }
  m->rules->step(&w->r->ctx, &w->r->req.access, w->r->va, w->level, w->root.upper, w->pte,
                 w->rights, w->global, &w->step);
  if (w->step.kind == RULES_FAULT) {
    w->rights = w->step.rights;
    fault(m, w, w->step.cause, false, false);
  } else if (w->step.update && w->step.kind == RULES_LEAF && w->r->need.s1.write &&
             w->r->req.access.speculative) {
    model_walk_give_up(m, w);
  } else if (!w->step.update) {
    use_descriptor(m, w);
  } else if (model_two_stages(&w->r->ctx)) {
    model_ask(m, w, RULES_ABOUT_SWAP, w->gpa);
  } else {
    model_memory_swap(m, w, false);
  }
}

static void after_swap(struct model *m, struct model_walk *w) {
  if (w->error != MMU_MEM_OK) {
    fault(m, w, rules_memory_cause(w->error), false, true);
  } else if (w->swapped) {
    use_descriptor(m, w);
  } else if (again(m, w)) {
    model_memory_read(m, w, false);
  }
}

/* Stage 2 has answered. If it names another place for a swap than that of the descriptor read, the
 * walk asks where to read it again. */
void model_walk_placed(struct model *m, struct model_walk *w, const struct model_place *p) {
  uint64_t pa = p->base | (w->asked.gpa & ~(UINT64_MAX << p->shift));
  if (w->asked.about == RULES_ABOUT_FINAL) {
    finish(m, w, p);
  } else if (w->asked.about == RULES_ABOUT_TABLE) {
    w->addr = pa;
    go_on(m, w, model_table_known(m, w));
  } else if (pa == w->addr) {
    model_memory_swap(m, w, false);
  } else if (again(m, w)) {
    model_ask(m, w, RULES_ABOUT_TABLE, w->gpa);
  }
}

/* ---- time ---- */

static void step(struct model *m, struct model_walk *w) {
  switch (w->state) {
    case MODEL_DESCENDING:
      descend(m, w);
      break;
    case MODEL_READING:
      judge(m, w);
      break;
    case MODEL_SWAPPING:
      after_swap(m, w);
      break;
    case MODEL_ASKING:
      model_ask_nested(m, w);
      break;
    case MODEL_S2_READING:
      model_ask_judge(m, w);
      break;
    default:
      model_ask_after_swap(m, w);
  }
}

void model_walk_step(struct model *m) {
  struct model_walk *w = m->next_walk;
  if (w->state == MODEL_START)
    start(m, w);
  else if (w->overtaken)
    restart(m, w);
  else
    step(m, w);
  m->next_walk = NULL;
  for (uint32_t i = 0; i < m->cfg.geometry.walks; i++) {
    w = &m->walk[i];
    if (w->state != MODEL_IDLE && (m->next_walk == NULL || w->due < m->next_walk->due))
      m->next_walk = w;
  }
}

uint64_t model_walk_overtake(struct model *m) {
  uint64_t drained = 0;
  for (uint32_t i = 0; i < m->cfg.geometry.walks; i++) {
    struct model_walk *w = &m->walk[i];
    if (w->state == MODEL_IDLE || w->state == MODEL_START) continue;
    w->overtaken = true;
    bool swaps = w->state == MODEL_SWAPPING || w->state == MODEL_S2_SWAPPING;
    if (swaps && w->due > drained) drained = w->due;
  }
  return drained;
}
