/* SPDX-License-Identifier: Apache-2.0
 * The model's L2 look-ups and miss queue. A request that missed its L1 looks in the L2, one page
 * size a cycle; if that fails too it walks, or waits for a walk slot, or for the walk of its own
 * page. Behaviour: docs/tlb.md. Promises: oldest first; a page is walked for once at a time;
 * nobody waits for a walk that is over. */
#include "backend/model.h"

bool model_queue_free(const struct model *m) {
  return m->lookers + m->waiters < m->cfg.geometry.miss_queue;
}

/* How many requests are in use, and so where the stack of idle ones begins. */
static uint32_t in_use(const struct model *m) {
  return m->walking + m->lookers + m->waiters;
}

static void remove_at(struct model_request **list, uint32_t *count, uint32_t i) {
  --*count;
  for (; i < *count; i++)
    list[i] = list[i + 1];
}

/* Into the L1 of the request's port. */
static void fill_l1(struct model *m, const struct model_request *r,
                    const struct model_entry *from) {
  bool resized;
  m->base.changes[r->req.port & 1]++;
  struct model_entry *e =
      model_cache_place(m->l1[r->req.port & 1], r->va, r->tag, from->shift, from->global, &resized);
  m->stats.overlaps += resized;
  model_entry_fill(e, from);
}

void model_fill(struct model *m, const struct model_request *r, const struct model_entry *found) {
  bool resized;
  if (r->req.access.speculative) return;
  fill_l1(m, r, found);
  if (m->l2 == NULL) return;
  m->l2_parts |= model_entry_is_part(found);
  model_entry_fill(model_cache_place(m->l2, r->va, r->tag, found->shift, found->global, &resized),
                   found);
}

/* ---- walks ---- */

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

/* Give free slots to the oldest requests whose page nobody walks. */
static void start_walks(struct model *m, uint64_t cycle) {
  uint32_t i = 0;
  while (i < m->waiters && m->walking < m->cfg.geometry.walks) {
    struct model_request *r = m->waiting[i];
    if (page_is_walked(m, r)) {
      i++;
      continue;
    }
    remove_at(m->waiting, &m->waiters, i);
    model_walk_begin(m, r, cycle);
  }
}

/* No TLB has it. If a slot is free, whoever waits then waits for another page. */
static void want_walk(struct model *m, struct model_request *r, uint64_t cycle) {
  bool merged = page_is_walked(m, r);
  m->stats.merges += merged;
  if (!merged && m->walking < m->cfg.geometry.walks)
    model_walk_begin(m, r, cycle);
  else
    m->waiting[m->waiters++] = r;
}

/* ---- the L2 ---- */

/* The first of the list begins, not before `cycle`. */
static void begin_look(struct model *m, uint64_t cycle) {
  m->look_due = m->lookers != 0 ? cycle : MMU_NEVER;
  m->look_sizes = model_cache_sizes(m->l2);
}

static void want_look(struct model *m, struct model_request *r, uint64_t cycle) {
  m->looking[m->lookers++] = r;
  if (m->lookers == 1) begin_look(m, cycle);
}

static void answer_from_l2(struct model *m, struct model_request *r, const struct model_entry *e) {
  struct model_entry found = *e;
  model_cache_touch(m->l2, e);
  if (!r->req.access.speculative) fill_l1(m, r, &found);
  struct mmu_response *a = model_answer(m, &r->req, m->look_due + 1);
  model_answer_entry(a, &found, r->req.va);
  a->l2 = true;
  m->stats.l2_hits++;
}

void model_look(struct model *m) {
  struct model_request *r = m->looking[0];
  uint64_t size = m->look_sizes & -m->look_sizes;
  uint64_t cycle = m->look_due;
  m->look_sizes ^= size;
  const struct model_entry *e = NULL;
  if (size != 0) e = model_cache_find(m->l2, r->va, r->tag, size);
  bool hit = e != NULL && model_satisfies(&r->need, e);
  if (!hit && m->look_sizes != 0) {
    m->look_due++;
    return;
  }
  remove_at(m->looking, &m->lookers, 0);
  if (hit) {
    answer_from_l2(m, r, e);
    m->idle[in_use(m)] = r;
  } else {
    m->stats.l2_misses++;
    want_walk(m, r, cycle);
  }
  begin_look(m, cycle + 1);
}

/* ---- in and out ---- */

void model_miss(struct model *m, const struct mmu_request *q, const struct model_need *need,
                uint64_t va, uint64_t tag) {
  struct model_request *r = m->idle[in_use(m)];
  r->req = *q;
  r->ctx = *q->ctx;
  r->req.ctx = &r->ctx;
  r->need = *need;
  r->va = va;
  r->tag = tag;
  if (m->l2 != NULL)
    want_look(m, r, m->now + MODEL_L2_CYCLES);
  else
    want_walk(m, r, m->now + MODEL_QUEUE_CYCLES);
}

/* Answer a request that waited, from its L1. */
static bool answer_waiter(struct model *m, const struct model_request *r, uint64_t cycle) {
  struct model_cache *l1 = m->l1[r->req.port & 1];
  const struct model_entry *e = model_cache_find(l1, r->va, r->tag, MODEL_ANY_SIZE);
  if (e == NULL || !model_satisfies(&r->need, e)) return false;
  m->base.changes[r->req.port & 1]++;
  model_cache_touch(l1, e);
  model_answer_entry(model_answer(m, &r->req, cycle + 1), e, r->req.va);
  return true;
}

void model_release(struct model *m, struct model_walk *w, uint64_t cycle) {
  const struct model_request *done = w->r;
  w->state = MODEL_IDLE;
  m->walking--;
  model_perf_end(m, w, cycle + 1);
  m->idle[in_use(m)] = w->r; /* its contents stay good until a new request comes */
  for (uint32_t i = 0; i < m->waiters;) {
    struct model_request *r = m->waiting[i];
    if (!same_page(r, done)) {
      i++;
      continue;
    }
    bool answered = r->req.port == done->req.port && answer_waiter(m, r, cycle);
    if (!answered && m->l2 == NULL) { /* it walks for itself */
      i++;
      continue;
    }
    remove_at(m->waiting, &m->waiters, i);
    if (answered)
      m->idle[in_use(m)] = r;
    else
      want_look(m, r, cycle + MODEL_L2_CYCLES);
  }
  start_walks(m, cycle + 1);
}
