/* SPDX-License-Identifier: Apache-2.0
 * The model's walks: each walk slot is a small state machine that is only looked at when it has
 * something to do. Rules: csim/rules. Promises: a table access takes effect in the cycle it is
 * made; a table is written by compare-and-swap alone; a walk that an invalidation overtook starts
 * again and fills nothing; a fault fills nothing. */
#include "backend/model.h"
#include "mem/physmem.h"
#include "timing/memtiming.h"

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

/* ---- memory ---- */

static uint32_t latency(struct model *m, uint64_t addr, bool write) {
  return m->cfg.timing != NULL ? memtiming_access(m->cfg.timing, addr, write) : 1;
}

static void tell(struct model *m, const struct model_walk *w, struct mmu_event *ev) {
  if (m->cfg.observer.event == NULL) return;
  ev->cycle = w->due;
  ev->addr = w->addr;
  ev->tag = w->r->req.tag;
  ev->port = w->r->req.port;
  ev->level = w->level;
  ev->stage = 1;
  ev->slot = (uint8_t)(w - m->walk);
  ev->error = w->error;
  m->cfg.observer.event(m->cfg.observer.self, ev);
}

/* w->addr */
static void read_descriptor(struct model *m, struct model_walk *w) {
  w->pte = 0;
  w->error = (uint8_t)physmem_read64(m->cfg.memory, w->addr, &w->pte);
  uint32_t cycles = latency(m, w->addr, false);
  tell(m, w, &(struct mmu_event){.kind = MMU_EV_READ, .old = w->pte, .latency = cycles});
  w->due += cycles + MODEL_LEVEL_CYCLES;
  w->state = MODEL_READING;
  m->stats.walk_reads++;
}

/* Which of accessed and dirty it sets: SDM 4.8, Arm D8.5 (AF; AP[2] by DBM), RISC-V A and D. */
static void count_swap(struct model *m, const struct model_walk *w) {
  static const uint64_t a_bit[MMU_ARCH_COUNT] = {1U << 5, 1U << 10, 1U << 6};
  static const uint64_t d_bit[MMU_ARCH_COUNT] = {1U << 6, 1U << 7, 1U << 7};
  uint64_t change = w->pte ^ w->step.new_pte;
  if (!w->swapped) {
    m->stats.cas_lost += w->error == MMU_MEM_OK;
    return;
  }
  m->stats.cas_a += (change & a_bit[m->cfg.arch]) != 0;
  m->stats.cas_d += (change & d_bit[m->cfg.arch]) != 0;
}

static void swap_descriptor(struct model *m, struct model_walk *w) {
  uint64_t old = 0;
  w->swapped = false;
  w->error = (uint8_t)physmem_cas64(m->cfg.memory, w->addr, w->pte, w->step.new_pte, MEM_WRITER_HW,
                                    &old, &w->swapped);
  uint32_t cycles = latency(m, w->addr, true);
  tell(m, w,
       &(struct mmu_event){.kind = MMU_EV_CAS,
                           .latency = cycles,
                           .old = old,
                           .expected = w->pte,
                           .desired = w->step.new_pte,
                           .ok = w->swapped});
  w->due += cycles + MODEL_LEVEL_CYCLES;
  w->state = MODEL_SWAPPING;
  count_swap(m, w);
}

/* ---- one step of a walk ---- */

static void fault(struct model *m, struct model_walk *w, uint8_t cause, bool on_walk,
                  bool on_ad_write) {
  struct mmu_fault f = {.gva = w->r->req.va,
                        .cause = cause,
                        .s1_level = w->level,
                        .s1_rights = w->rights,
                        .mem_error = on_walk || on_ad_write ? w->error : 0,
                        .on_walk = on_walk,
                        .on_ad_write = on_ad_write};
  model_answer_fault(m, &w->r->req, w->due + 1, &f);
  model_release(m, w, w->due);
}

static void give_up(struct model *m, struct model_walk *w) {
  struct mmu_response *a = model_answer(m, &w->r->req, w->due + 1);
  a->status = MMU_RETRY;
  a->pa = 0;
  m->stats.retries++;
  model_release(m, w, w->due);
}

/* Start over after an invalidation or a lost race; false if the bound is reached. */
static bool again(struct model *m, struct model_walk *w) {
  if (++w->retries <= MODEL_RETRIES) return true;
  give_up(m, w);
  return false;
}

/* The next descriptor: from the physical walk cache, one a cycle, or from memory. */
static void go_on(struct model *m, struct model_walk *w, bool known) {
  if (known) {
    model_table_down(w);
    w->due++;
    w->state = MODEL_DESCENDING;
    return;
  }
  read_descriptor(m, w);
}

static void descend(struct model *m, struct model_walk *w) {
  go_on(m, w, model_table_known(m, w));
}

/* A pointer was read: what it points to is probed for before it is stored itself, unless stage 2
 * is to be asked for that address in between. */
static void follow(struct model *m, struct model_walk *w) {
  const struct model_walk accepted = *w;
  bool at_once = w->r->ctx.s2_mode != MMU_S2_OFF;
  if (at_once) model_table_remember(m, &accepted);
  model_table_down(w);
  bool known = model_table_known(m, w);
  if (!at_once) model_table_remember(m, &accepted);
  go_on(m, w, known);
}

static void start(struct model *m, struct model_walk *w) {
  w->overtaken = false;
  m->rules->root(&w->r->ctx, &w->r->req.access, w->r->req.va, &w->root);
  if (w->root.cause != MMU_CAUSE_NONE) {
    w->level = w->root.level;
    w->rights = 0;
    fault(m, w, w->root.cause, false, false);
    return;
  }
  if (w->r->ctx.s1_mode == MMU_S1_OFF) { /* nothing to translate, nothing to remember */
    model_answer_leaf(model_answer(m, &w->r->req, w->due + 1), w->root.table, 0, 0, 0);
    model_release(m, w, w->due);
    return;
  }
  model_table_start(m, w);
  descend(m, w);
}

static void restart(struct model *m, struct model_walk *w) {
  m->stats.restarts++;
  if (again(m, w)) start(m, w);
}

/* The descriptor is good and up to date: descend, or answer. */
static void use_descriptor(struct model *m, struct model_walk *w) {
  const struct rules_step *s = &w->step;
  if (s->kind == RULES_LEAF) {
    const struct mmu_request *q = &w->r->req;
    model_fill(m, w);
    model_answer_leaf(model_answer(m, q, w->due + 1), s->next, s->shift, s->attrs, q->va);
    model_release(m, w, w->due);
    return;
  }
  follow(m, w);
}

static uint8_t cause_of(uint8_t error) {
  return error == MMU_MEM_PARITY      ? MMU_CAUSE_PARITY
         : error == MMU_MEM_NO_ATOMIC ? MMU_CAUSE_NO_ATOMIC
                                      : MMU_CAUSE_BUS;
}

static void judge(struct model *m, struct model_walk *w) {
  if (w->error != MMU_MEM_OK) {
    fault(m, w, cause_of(w->error), true, false);
    return;
  }
  m->rules->step(&w->r->ctx, &w->r->req.access, w->r->va, w->level, w->root.upper, w->pte,
                 w->rights, w->global, &w->step);
  if (w->step.kind == RULES_FAULT) {
    w->rights = w->step.rights;
    fault(m, w, w->step.cause, false, false);
  } else if (w->step.update && w->step.kind == RULES_LEAF && w->r->need.write &&
             w->r->req.access.speculative) {
    give_up(m, w);
  } else if (w->step.update) {
    swap_descriptor(m, w);
  } else {
    use_descriptor(m, w);
  }
}

static void after_swap(struct model *m, struct model_walk *w) {
  if (w->error != MMU_MEM_OK) {
    fault(m, w, cause_of(w->error), false, true);
  } else if (w->swapped) {
    use_descriptor(m, w);
  } else if (again(m, w)) {
    read_descriptor(m, w);
  }
}

void model_walk_step(struct model *m) {
  struct model_walk *w = m->next_walk;
  if (w->state == MODEL_START)
    start(m, w);
  else if (w->overtaken)
    restart(m, w);
  else if (w->state == MODEL_DESCENDING)
    descend(m, w);
  else if (w->state == MODEL_READING)
    judge(m, w);
  else
    after_swap(m, w);
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
    if (w->state == MODEL_SWAPPING && w->due > drained) drained = w->due;
  }
  return drained;
}
