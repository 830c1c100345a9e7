/* SPDX-License-Identifier: Apache-2.0
 * A host for csim/lru whose every answer a test sets: pages with flags and young mappings. */
#ifndef COWALK_TESTS_LRU_FAKE_H
#define COWALK_TESTS_LRU_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "lru/lru.h"

#ifndef LRU_FAKE_FRAMES
#define LRU_FAKE_FRAMES 20000
#endif
enum { FAKE_FRAMES = LRU_FAKE_FRAMES, FAKE_PER_TABLE = 512 };

struct fake_page {
  unsigned bits; /* lru_page_bits */
  uint32_t young;
  bool exec, known;
  unsigned order;  /* 2^order frames are one page */
  uint64_t shadow; /* when it left */
};

/* Frame f is mapped at page f: tables of 512 frames. */
struct fake {
  const struct lru_ops *ops;
  struct lru *l;
  struct fake_page page[FAKE_FRAMES];
  enum lru_fate fate; /* of every victim */
  struct lru_zone_state zone[LRU_ZONES];
  uint64_t swap_free, swap_total, ms, rss;
  bool ran, walked;
  uint32_t freed, splits, waits, tables_seen;
  bool table_young[FAKE_FRAMES / FAKE_PER_TABLE + 1];
  uint32_t last_freed, last_table;
};

static inline struct fake *fake_of(void *self) {
  return self;
}
static unsigned fake_page_bits(void *self, uint32_t f) {
  return fake_of(self)->page[f].bits;
}
static bool fake_yes(void *self, uint32_t f) {
  (void)self;
  (void)f;
  return true;
}
static void fake_referenced(void *self, uint32_t f, struct lru_look *look, struct lru_young *out) {
  struct fake *h = self;
  uint32_t young = h->page[f].young;
  if (young != 0 && look != NULL) {
    uint64_t s;
    uint64_t e;
    lru_look_window((uint64_t)f * 4096, 0, (uint64_t)FAKE_FRAMES * 4096, 4096 * FAKE_PER_TABLE, &s,
                    &e);
    for (uint32_t i = (uint32_t)(s / 4096); i < e / 4096; i++) {
      if (h->page[i].young == 0 || !lru_look_wants(look, i)) continue;
      h->page[i].young = 0;
      lru_look_young(look, i);
    }
    lru_look_done(look, (uint32_t)((e - s) / 4096), f / FAKE_PER_TABLE);
  }
  h->page[f].young = 0;
  *out = (struct lru_young){.mappings = young, .exec = young != 0 && h->page[f].exec};
}
static void fake_evict(void *self, struct lru_victim *v, size_t n, const struct lru_scan *sc) {
  struct fake *h = self;
  (void)sc;
  for (size_t i = 0; i < n; i++) {
    struct fake_page *p = &h->page[v[i].frame];
    v[i].fate = h->fate;
    if (p->order != 0) { /* a huge page is never evicted as one */
      uint32_t pages = 1U << p->order;
      h->ops->split(h->l, v[i].frame);
      for (uint32_t k = 0; k < pages; k++) {
        unsigned young = p[k].young;
        p[k] = *p;
        p[k].young = k != 0 ? young : 0;
        p[k].order = 0;
      }
      v[i].fate = LRU_FATE_SPLIT;
      h->splits++;
      continue;
    }
    p->bits &= ~(unsigned)LRU_PAGE_MAPPED;
    if (h->fate == LRU_FATE_WRITING) p->bits |= LRU_PAGE_WRITEBACK | LRU_PAGE_SWAPCACHE;
    if (h->fate != LRU_FATE_FREED) continue;
    p->shadow = h->ops->evicted(h->l, v[i].frame);
    h->ops->remove(h->l, v[i].frame);
    p->known = false;
    h->freed++;
    h->last_freed = v[i].frame;
  }
}
static void fake_walk(void *self, struct lru_walk *w) {
  struct fake *h = self;
  struct lru_walk_space s = {.fresh = !h->walked, .ran = h->ran, .rss = {0, h->rss}};
  h->walked = true;
  if (!lru_walk_mm(w, &s)) return;
  for (uint32_t t = 0; t < FAKE_FRAMES / FAKE_PER_TABLE; t++) {
    if (lru_walk_nonleaf(w)) {
      if (!h->table_young[t]) continue;
      h->table_young[t] = false;
    }
    if (!lru_walk_table(w, t)) continue;
    h->tables_seen++;
    h->last_table = t;
    uint32_t young = 0;
    for (uint32_t f = t * FAKE_PER_TABLE; f < (t + 1) * FAKE_PER_TABLE; f++) {
      if (h->page[f].young == 0 || !lru_walk_wants(w, f)) continue;
      h->page[f].young = 0;
      lru_walk_young(w, f);
      young++;
    }
    lru_walk_table_done(w, t, FAKE_PER_TABLE, young);
  }
}
static struct lru_zone_state fake_zone(void *self, unsigned z) {
  return fake_of(self)->zone[z];
}
static uint64_t fake_swap_free(void *self) {
  return fake_of(self)->swap_free;
}
static uint64_t fake_swap_total(void *self) {
  return fake_of(self)->swap_total;
}
static uint64_t fake_now(void *self) {
  return fake_of(self)->ms;
}
static void fake_wait(void *self) {
  fake_of(self)->waits++;
}

static void fake_start(struct fake *h, const struct lru_ops *ops) {
  *h = (struct fake){.ops = ops, .fate = LRU_FATE_FREED, .ran = true, .rss = 1000};
  struct lru_host host = {.self = h,
                          .page = fake_page_bits,
                          .get = fake_yes,
                          .release = fake_yes,
                          .referenced = fake_referenced,
                          .evict = fake_evict,
                          .walk = fake_walk,
                          .zone = fake_zone,
                          .too_many_isolated = fake_wait,
                          .swap_free = fake_swap_free,
                          .swap_total = fake_swap_total,
                          .now_ms = fake_now};
  h->l = ops->create(&host, 0, FAKE_FRAMES, 0);
  assert_non_null(h->l);
}
static void fake_check(struct fake *h) {
  char err[200] = "";
  if (h->ops->check(h->l, err, sizeof err) != 0) fail_msg("%s", err);
}
static void fake_stop(struct fake *h) {
  fake_check(h);
  h->ops->destroy(h->l);
}
static inline void fake_add_as(struct fake *h, uint32_t f, struct lru_new p) {
  h->page[f].known = true;
  h->page[f].order = p.order;
  h->ops->add(h->l, f, &p);
}
/* A file page by read() or, mapped and young, by a fault. */
static inline void fake_read(struct fake *h, uint32_t f) {
  fake_add_as(h, f, (struct lru_new){.type = LRU_FILE, .zone = 1, .shadow = h->page[f].shadow});
}
static inline void fake_map(struct fake *h, uint32_t f, enum lru_type type) {
  h->page[f].bits |= LRU_PAGE_MAPPED;
  h->page[f].young = 1;
  fake_add_as(
      h, f,
      (struct lru_new){.type = type, .zone = 1, .shadow = h->page[f].shadow, .in_fault = true});
}
static inline struct lru_scan fake_scan(int priority, bool kswapd) {
  return (struct lru_scan){.priority = priority,
                           .highest_zone = 3,
                           .to_reclaim = 32,
                           .kswapd = kswapd,
                           .may_swap = true,
                           .may_unmap = true,
                           .may_writepage = true};
}

#endif
