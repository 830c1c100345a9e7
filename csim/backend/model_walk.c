/* SPDX-License-Identifier: Apache-2.0
 * The model's miss queue and walks: each walk slot is a small state machine that is only looked
 * at when it has something to do. Rules: csim/rules. Promises: a table access takes effect in the
 * cycle it is made; a table is written by compare-and-swap alone; a walk that an invalidation
 * overtook starts again and fills nothing; a fault fills nothing. */
#include "backend/model.h"
#include "mem/physmem.h"
#include "timing/memtiming.h"

/* ---- the queue ---- */

static bool same_page(const struct model_request *a, const struct model_request *b) {
  return a->tag == b->tag && (a->va ^ b->va) >> 12 == 0;
}

/* Does a walk for this page (4 KiB, same tag) go on? */
static bool page_is_walked(const struct model *m, const struct model_request *r) {
  for (uint32_t i = 0; i < m->cfg.geometry.walks; i++) {
    const struct model_walk *w = &m->walk[i];
    if (w->state != MODEL_IDLE && same_page(w->r, r)) return true;
  }
  return false;
}

static void begin(struct model *m, struct model_request *r, uint64_t cycle) {
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
}

static void remove_waiter(struct model *m, uint32_t i) {
  m->waiters--;
  for (; i < m->waiters; i++)
    m->waiting[i] = m->waiting[i + 1];
}

/* How many requests are in use, and so where the stack of idle ones begins. */
static uint32_t in_use(const struct model *m) {
  return m->walking + m->waiters;
}

/* Give free slots to the oldest requests whose page nobody walks. */
static void start_walks(struct model *m, uint64_t cycle) {
  uint32_t i = 0;
  while (i < m->waiters && m->walking < m->cfg.geometry.walks) {
    struct model_request *r = m->waiting[i];
    if (page_is_walked(m, r)) {
      i++;
      continue;
    }
    remove_waiter(m, i);
    begin(m, r, cycle);
  }
}

void model_miss(struct model *m, const struct mmu_request *q, const struct rules_need *need,
                uint64_t va, uint64_t tag) {
  struct model_request *r = m->idle[in_use(m)];
  r->req = *q;
  r->ctx = *q->ctx;
  r->req.ctx = &r->ctx;
  r->need = *need;
  r->va = va;
  r->tag = tag;
  bool merged = page_is_walked(m, r);
  m->stats.merges += merged;
  if (!merged && m->walking < m->cfg.geometry.walks)
    begin(m, r, m->now); /* whoever waits then waits for another page */
  else
    m->waiting[m->waiters++] = r;
}

/* A walk is over: whoever wants the same page looks again. */
static void release(struct model *m, struct model_walk *w, uint64_t cycle) {
  struct model_request *done = w->r;
  w->state = MODEL_IDLE;
  m->walking--;
  model_perf_end(m, w, cycle + 1);
  m->idle[in_use(m)] = done; /* its contents stay good until a new request comes */
  for (uint32_t i = 0; i < m->waiters;) {
    struct model_request *r = m->waiting[i];
    const struct model_entry *e = NULL;
    if (same_page(r, done))
      e = model_cache_find(m->l1[r->req.port & 1], r->va, r->tag, &m->stats.double_hits);
    if (e == NULL || !rules_allows(&r->need, e->rights, e->attrs) || (r->need.write && !e->dirty)) {
      i++;
      continue;
    }
    model_answer_leaf(model_answer(m, &r->req, cycle + 1), e->base, e->shift, e->attrs, r->req.va);
    remove_waiter(m, i);
    m->idle[in_use(m)] = r;
  }
  start_walks(m, cycle + 1);
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

static void read_descriptor(struct model *m, struct model_walk *w) {
  uint8_t bits = w->level == w->root.level ? w->root.index_bits : 9;
  w->addr = rules_pte_addr(w->table, w->r->va, w->level, bits);
  w->pte = 0;
  w->error = (uint8_t)physmem_read64(m->cfg.memory, w->addr, &w->pte);
  uint32_t cycles = latency(m, w->addr, false);
  tell(m, w, &(struct mmu_event){.kind = MMU_EV_READ, .old = w->pte, .latency = cycles});
  w->due += cycles + MODEL_LEVEL_CYCLES;
  w->state = MODEL_READING;
  m->stats.walk_reads++;
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
  bool sets_d = w->step.kind == RULES_LEAF && w->r->need.write && w->step.dirty;
  if (!w->swapped)
    m->stats.cas_lost += w->error == MMU_MEM_OK;
  else if (sets_d)
    m->stats.cas_d++;
  else
    m->stats.cas_a++;
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
  release(m, w, w->due);
}

static void give_up(struct model *m, struct model_walk *w) {
  struct mmu_response *a = model_answer(m, &w->r->req, w->due + 1);
  a->status = MMU_RETRY;
  a->pa = 0;
  m->stats.retries++;
  release(m, w, w->due);
}

/* Start over after an invalidation or a lost race; false if the bound is reached. */
static bool again(struct model *m, struct model_walk *w) {
  if (++w->retries <= MODEL_RETRIES) return true;
  give_up(m, w);
  return false;
}

/* The deepest table known for this address, or the root. */
static void find_start(struct model *m, struct model_walk *w) {
  w->level = w->root.level;
  w->table = w->root.table;
  w->rights = RULES_ALL_RIGHTS;
  w->global = false;
  for (uint8_t h = 1; h <= w->root.level; h++) {
    const struct model_entry *e =
        model_cache_find(m->pointers[h], w->r->va, w->r->tag, &m->stats.double_hits);
    if (e == NULL) continue;
    w->level = (uint8_t)(h - 1);
    w->table = e->base;
    w->rights = e->rights;
    w->global = e->global;
    m->stats.pwc_hits++;
    return;
  }
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
  find_start(m, w);
  read_descriptor(m, w);
}

static void restart(struct model *m, struct model_walk *w) {
  m->stats.restarts++;
  if (again(m, w)) start(m, w);
}

static void remember(struct model_cache *c, const struct model_walk *w, uint8_t shift) {
  const struct rules_step *s = &w->step;
  if (w->r->req.access.speculative) return;
  struct model_entry *e = model_cache_place(c, w->r->va, w->r->tag, shift, s->global);
  if (e == NULL) return;
  e->base = s->next;
  e->rights = s->rights;
  e->attrs = s->attrs;
  e->dirty = s->dirty;
}

/* The descriptor is good and up to date: descend, or answer. */
static void use_descriptor(struct model *m, struct model_walk *w) {
  const struct rules_step *s = &w->step;
  if (s->kind == RULES_LEAF) {
    const struct mmu_request *q = &w->r->req;
    remember(m->l1[q->port & 1], w, s->shift);
    model_answer_leaf(model_answer(m, q, w->due + 1), s->next, s->shift, s->attrs, q->va);
    release(m, w, w->due);
    return;
  }
  remember(m->pointers[w->level], w, (uint8_t)(12 + 9 * w->level));
  w->level--;
  w->table = s->next;
  w->rights = s->rights;
  w->global = s->global;
  read_descriptor(m, w);
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
  m->rules->step(&w->r->ctx, &w->r->req.access, w->level, w->root.upper, w->pte, w->rights,
                 w->global, &w->step);
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

struct model_walk *model_walk_next(const struct model *m) {
  struct model_walk *next = NULL;
  for (uint32_t i = 0; i < m->cfg.geometry.walks; i++) {
    struct model_walk *w = &m->walk[i];
    if (w->state != MODEL_IDLE && (next == NULL || w->due < next->due)) next = w;
  }
  return next;
}

void model_walk_step(struct model *m, struct model_walk *w) {
  if (w->state == MODEL_START)
    start(m, w);
  else if (w->overtaken)
    restart(m, w);
  else if (w->state == MODEL_READING)
    judge(m, w);
  else
    after_swap(m, w);
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
