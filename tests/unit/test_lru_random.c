/* SPDX-License-Identifier: Apache-2.0
 * Random use of both policies by a host that yields: while a reclaimer waits in a callback, pages
 * come, go, are read, written back and reclaimed by another. Lists and counts are checked all the
 * time, no frame is lost or freed twice, and a frame in isolation never changes what it is. Some
 * pages are of eight frames and fall into their parts; some move to other frames. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "lru/lru.h"

enum { FRAMES = 3000, DEPTH = 3, LARGE = 3 };

struct world {
  const struct lru_ops *ops;
  struct lru *l;
  uint64_t seed;
  int depth;
  uint64_t freed, walks, splits, moves;
  struct page {
    bool known, tail,
        dying; /* tail: belongs to the page before; dying: free it when isolation ends */
    unsigned order;
    unsigned refs; /* by isolation */
    enum lru_type type;
    unsigned bits, young;
    uint64_t shadow;
  } page[FRAMES];
  bool seen;
};

static uint32_t rnd(struct world *w, uint32_t n) {
  w->seed ^= w->seed << 13;
  w->seed ^= w->seed >> 7;
  w->seed ^= w->seed << 17;
  return (uint32_t)((w->seed >> 32) * n >> 32);
}

static void act(struct world *w);

static void forget(struct world *w, uint32_t f, uint64_t shadow) {
  uint32_t frames = 1U << w->page[f].order;
  for (uint32_t k = 0; k < frames; k++)
    w->page[f + k] = (struct page){.shadow = shadow};
}

/* Each part is what the whole was. */
static void split(struct world *w, uint32_t f) {
  uint32_t frames = 1U << w->page[f].order;
  w->ops->split(w->l, f);
  w->page[f].order = 0;
  for (uint32_t k = 1; k < frames; k++)
    w->page[f + k] = w->page[f];
  w->splits++;
}

/* Let others run. */
static void yield(struct world *w) {
  if (w->depth >= DEPTH) return;
  w->depth++;
  for (uint32_t n = rnd(w, 3); n > 0; n--)
    act(w);
  w->depth--;
}

static unsigned w_page(void *self, uint32_t f) {
  const struct world *w = self;
  assert_true(w->page[f].known);
  return w->page[f].bits;
}
static bool w_get(void *self, uint32_t f) {
  struct world *w = self;
  assert_true(w->page[f].known);
  if (w->page[f].dying || rnd(w, 50) == 0) return false;
  assert_int_equal(w->page[f].refs, 0); /* isolated once only */
  w->page[f].refs = 1;
  return true;
}
static bool w_release(void *self, uint32_t f) {
  struct world *w = self;
  assert_int_equal(w->page[f].refs, 1);
  w->page[f].refs = 0;
  if (!w->page[f].dying) return true;
  forget(w, f, 0);
  return false;
}
static void w_referenced(void *self, uint32_t f, struct lru_look *look, struct lru_young *out) {
  struct world *w = self;
  yield(w);
  struct page *p = &w->page[f];
  assert_true(p->known);
  if (p->young != 0 && look != NULL) {
    uint32_t from = f / 64 * 64;
    for (uint32_t i = from; i < from + 64 && i < FRAMES; i++) {
      if (!w->page[i].known || w->page[i].young == 0 || !lru_look_wants(look, i)) continue;
      w->page[i].young = 0;
      lru_look_young(look, i);
      if (rnd(w, 8) == 0) yield(w); /* pages told of may go before the end */
    }
    lru_look_done(look, 64, f / 512);
  }
  *out = (struct lru_young){.mappings = p->young,
                            .exec = rnd(w, 9) == 0,
                            .mlocked = rnd(w, 40) == 0,
                            .busy = rnd(w, 40) == 0};
  p->young = 0;
}
static void w_evict(void *self, struct lru_victim *v, size_t n, const struct lru_scan *sc) {
  struct world *w = self;
  assert_true(n <= LRU_MIN_BATCH);
  for (size_t i = 0; i < n; i++) {
    struct page *p = &w->page[v[i].frame];
    assert_int_equal(p->refs, 1);
    yield(w);
    if (p->order != 0) {
      split(w, v[i].frame);
      v[i].fate = LRU_FATE_SPLIT;
      continue;
    }
    v[i].fate = rnd(w, 5);
    if (v[i].fate == LRU_FATE_WRITING && !sc->may_writepage) v[i].fate = LRU_FATE_KEPT;
    if (v[i].fate == LRU_FATE_WRITING) p->bits |= LRU_PAGE_WRITEBACK | LRU_PAGE_SWAPCACHE;
    if (v[i].fate != LRU_FATE_FREED) continue;
    uint64_t shadow = w->ops->evicted(w->l, v[i].frame);
    w->ops->remove(w->l, v[i].frame);
    *p = (struct page){.shadow = shadow};
    w->freed++;
    yield(w); /* may use the frame again */
  }
}
static void w_walk(void *self, struct lru_walk *walk) {
  struct world *w = self;
  struct lru_walk_space s = {.fresh = !w->seen, .ran = rnd(w, 4) != 0, .rss = {500, 500}};
  w->seen = true;
  w->walks++;
  if (!lru_walk_mm(walk, &s)) return;
  for (uint32_t t = 0; t < FRAMES / 512; t++) {
    if (lru_walk_nonleaf(walk) && rnd(w, 3) == 0) continue;
    if (!lru_walk_table(walk, t)) continue;
    uint32_t young = 0;
    for (uint32_t f = t * 512; f < t * 512 + 512; f++) {
      if (!w->page[f].known || w->page[f].young == 0 || !lru_walk_wants(walk, f)) continue;
      w->page[f].young = 0;
      lru_walk_young(walk, f);
      young++;
      if (rnd(w, 30) == 0) yield(w);
    }
    lru_walk_table_done(walk, t, 512, young);
  }
}
static struct lru_zone_state w_zone(void *self, unsigned z) {
  struct world *w = self;
  uint64_t managed = z < 3 ? 1000 : 0;
  return (struct lru_zone_state){managed, rnd(w, 100), 40, 60};
}
static uint64_t w_swap(void *self) {
  struct world *w = self;
  return rnd(w, 5) == 0 ? 0 : 100;
}
static uint64_t w_total(void *self) {
  (void)self;
  return 1000;
}
static uint64_t w_now(void *self) {
  struct world *w = self;
  return rnd(w, 1000);
}
static void w_wait(void *self) {
  yield(self);
}

static void come(struct world *w, uint32_t f) {
  struct page *p = &w->page[f];
  if (p->known || p->tail) return;
  uint64_t shadow = p->shadow;
  unsigned order = f % 8 == 0 && f + 8 <= FRAMES && rnd(w, 4) != 0 ? LARGE : 0;
  for (uint32_t k = 1; k < 1U << order; k++)
    if (w->page[f + k].known || w->page[f + k].tail) order = 0;
  *p = (struct page){.known = true, .type = rnd(w, 2), .order = order};
  for (uint32_t k = 1; k < 1U << order; k++)
    w->page[f + k] = (struct page){.tail = true};
  bool fault = rnd(w, 2) != 0;
  if (fault) {
    p->bits |= LRU_PAGE_MAPPED;
    p->young = 1;
  }
  w->ops->add(
      w->l, f,
      &(struct lru_new){
          .type = p->type, .zone = rnd(w, 3), .order = order, .shadow = shadow, .in_fault = fault});
}

static void go(struct world *w, uint32_t f) {
  struct page *p = &w->page[f];
  if (!p->known) return;
  if (p->refs != 0) {
    p->dying = true; /* the last reference is the isolation's */
    return;
  }
  w->ops->remove(w->l, f);
  forget(w, f, 0);
}

/* As compaction does it. */
static void move(struct world *w, uint32_t f) {
  struct page *p = &w->page[f];
  if (!p->known || p->refs != 0 || p->dying || p->order != 0) return;
  w->ops->isolate(w->l, f);
  if (p->refs == 0) return; /* not to be had */
  yield(w);
  uint32_t to = rnd(w, FRAMES);
  if (w->page[to].known || w->page[to].tail || p->dying) {
    w->ops->putback(w->l, f);
    return;
  }
  w->page[to] = *p;
  *p = (struct page){0};
  w->ops->moved(w->l, f, to);
  w->moves++;
}

static void reclaim(struct world *w) {
  struct lru_scan sc = {.priority = (int)rnd(w, 13),
                        .highest_zone = rnd(w, 4),
                        .to_reclaim = 32 + rnd(w, 300),
                        .kswapd = rnd(w, 2) != 0,
                        .may_swap = rnd(w, 6) != 0,
                        .may_unmap = rnd(w, 9) != 0,
                        .may_writepage = rnd(w, 6) != 0,
                        .node_writeback = rnd(w, 2) != 0,
                        .force_deactivate = rnd(w, 9) == 0};
  if (sc.kswapd) (void)w->ops->age(w->l, &sc);
  if (sc.kswapd) (void)w->ops->age(w->l, &sc);
  w->ops->shrink(w->l, &sc);
  if (rnd(w, 2) != 0) w->ops->end_run(w->l);
}

static void act(struct world *w) {
  uint32_t f = rnd(w, FRAMES);
  struct page *p = &w->page[f];
  uint32_t what = rnd(w, 100);
  if (what < 55) {
    come(w, rnd(w, 4) == 0 ? f / 8 * 8 : f);
  } else if (what < 60) {
    go(w, f);
  } else if (what < 80) {
    if (p->known) w->ops->mark_accessed(w->l, f);
  } else if (what < 92) {
    if (p->known && (p->bits & LRU_PAGE_MAPPED) != 0) p->young = 1 + rnd(w, 2);
  } else if (what < 96) {
    if (p->known && (p->bits & LRU_PAGE_WRITEBACK) != 0) {
      p->bits &= ~(unsigned)LRU_PAGE_WRITEBACK;
      w->ops->written(w->l, f);
    }
  } else if (what < 97) {
    if (p->known) p->bits ^= 1U << rnd(w, 6);
  } else if (what < 98) {
    if (rnd(w, 2) != 0)
      move(w, f);
    else if (p->known && p->order != 0 && p->refs == 0)
      split(w, f);
  } else {
    reclaim(w);
  }
}

static void check(const struct world *w) {
  char err[200] = "";
  if (w->ops->check(w->l, err, sizeof err) != 0) fail_msg("%s", err);
  uint64_t known = 0;
  for (uint32_t f = 0; f < FRAMES; f++) {
    if (w->page[f].known) known += 1U << w->page[f].order;
    assert_int_equal(w->page[f].refs, 0);
  }
  uint64_t listed = 0;
  for (int t = 0; t < LRU_TYPES; t++)
    listed += w->ops->size(w->l, t, false) + w->ops->size(w->l, t, true);
  assert_int_equal(listed, known);
}

static void random_use(const struct lru_ops *ops) {
  for (uint64_t seed = 1; seed <= 6; seed++) {
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->ops = ops;
    w->seed = seed * UINT64_C(88172645463325252);
    struct lru_host host = {.self = w,
                            .page = w_page,
                            .get = w_get,
                            .release = w_release,
                            .referenced = w_referenced,
                            .evict = w_evict,
                            .walk = w_walk,
                            .zone = w_zone,
                            .too_many_isolated = w_wait,
                            .swap_free = w_swap,
                            .swap_total = w_total,
                            .now_ms = w_now};
    w->l = ops->create(&host, 0, FRAMES, 0);
    assert_non_null(w->l);
    for (int i = 0; i < 20000; i++) {
      act(w);
      if (i % 500 == 0) check(w);
    }
    check(w);
    const struct lru_stats *st = lru_stats(w->l);
    assert_true(w->freed > 1000 && w->splits > 10 && w->moves > 20);
    assert_int_equal(st->pgsteal[LRU_ANON] + st->pgsteal[LRU_FILE], w->freed);
    assert_int_equal(st->pgsteal_kswapd + st->pgsteal_direct, w->freed);
    assert_int_equal(st->pgscan_kswapd + st->pgscan_direct,
                     st->pgscan[LRU_ANON] + st->pgscan[LRU_FILE]);
    for (uint32_t f = 0; f < FRAMES; f++)
      go(w, f);
    check(w);
    ops->destroy(w->l);
    free(w);
  }
}

static void twolist(void **state) {
  (void)state;
  random_use(&lru_twolist);
}

static void mglru(void **state) {
  (void)state;
  random_use(&lru_mglru);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(twolist), cmocka_unit_test(mglru)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
