/* SPDX-License-Identifier: Apache-2.0
 * Eviction from the oldest generation, where pages are sorted as they are met. linux-6.1
 * mm/vmscan.c: sort_folio, isolate_folio, scan_folios, isolate_folios, evict_folios,
 * get_nr_to_scan, should_abort_scan, lru_gen_shrink_lruvec. */
#include "lru/mglru.h"

/* True: the page went elsewhere. */
static bool sort_page(struct mglru *m, uint32_t frame, unsigned list, unsigned last_tier,
                      const struct lru_scan *sc) {
  struct lru *l = &m->base;
  const uint32_t *word = &lru_at(l, frame)->word;
  enum lru_type type = lru_type_of(*word);
  unsigned page = l->host.page(l->host.self, frame);
  unsigned refs = lru_refs_of(*word);
  unsigned tier = lru_tier(refs);
  if ((page & LRU_PAGE_UNEVICTABLE) != 0) return false;
  if (lru_gen_of(*word) != (int)lru_gen_of_seq(m->min_seq[type])) { /* found young since */
    lru_mglru_relist(m, frame, list, false);
    return true;
  }
  if (tier > last_tier || refs == LRU_REFS_MAX + 1) {
    (void)lru_mglru_postpone(m, frame, false);
    lru_mglru_relist(m, frame, list, true);
    m->protected[type][tier] += lru_pages_of(*word);
    l->st.workingset_activate[type] += lru_pages_of(*word);
    return true;
  }
  if (lru_zone_of(*word) > sc->highest_zone) {
    (void)lru_mglru_postpone(m, frame, false);
    lru_mglru_relist(m, frame, list, true);
    return true;
  }
  if ((page & (LRU_PAGE_LOCKED | LRU_PAGE_WRITEBACK)) != 0 ||
      (type == LRU_FILE && (page & LRU_PAGE_DIRTY) != 0)) {
    (void)lru_mglru_postpone(m, frame, true);
    lru_mglru_relist(m, frame, list, false);
    return true;
  }
  return false;
}

static bool isolate_page(struct mglru *m, uint32_t frame, const struct lru_scan *sc) {
  struct lru *l = &m->base;
  uint32_t *word = &lru_at(l, frame)->word;
  unsigned page = l->host.page(l->host.self, frame);
  bool new_anon = lru_type_of(*word) == LRU_ANON && (page & LRU_PAGE_SWAPCACHE) == 0;
  if (!sc->may_unmap && (page & LRU_PAGE_MAPPED) != 0) return false;
  if (!sc->may_writepage && ((page & LRU_PAGE_DIRTY) != 0 || new_anon)) return false;
  if (!l->host.get(l->host.self, frame)) return false;
  if ((*word & LRU_W_REFERENCED) == 0) *word &= ~(uint32_t)LRU_W_USED;
  *word &= ~(uint32_t)(LRU_W_RECLAIM | LRU_W_REFERENCED);
  lru_mglru_unlist(m, frame);
  *word |= LRU_W_ISOLATED;
  l->isolated[lru_type_of(*word)] += lru_pages_of(*word);
  return true;
}

/* Pages looked at, or 0 if that led nowhere. */
static uint64_t scan_type(struct mglru *m, enum lru_type type, unsigned last_tier,
                          const struct lru_scan *sc, struct lru_batch *b) {
  struct lru *l = &m->base;
  if (lru_gens(m, type) == LRU_MIN_GENS) return 0;
  unsigned gen = lru_gen_of_seq(m->min_seq[type]);
  uint64_t scanned = 0;
  uint64_t sorted = 0;
  unsigned remaining = LRU_MAX_BATCH; /* entries of the lists */
  for (unsigned i = LRU_ZONES; i > 0 && remaining != 0; i--) {
    unsigned zone = (sc->highest_zone + i) % LRU_ZONES;
    struct lru_head *h = &m->list[gen][type][zone];
    struct lru_head skipped = lru_head_empty();
    for (; h->count != 0 && remaining != 0 && b->list.count < LRU_MIN_BATCH &&
           skipped.count < LRU_MIN_BATCH;
         remaining--) {
      uint32_t f = h->last;
      uint64_t pages = lru_pages_of(lru_at(l, f)->word);
      scanned += pages;
      if (sort_page(m, f, gen, last_tier, sc)) {
        sorted += pages;
      } else if (isolate_page(m, f, sc)) {
        lru_push_tail(l, &b->list, f);
      } else {
        lru_unlink(l, h, f);
        lru_push_head(l, &skipped, f);
      }
    }
    l->st.pgscan_skip[zone] += skipped.count;
    lru_splice_head(l, h, &skipped);
    if (b->list.count >= LRU_MIN_BATCH) break;
  }
  lru_count_scan(l, sc, type, b->list.count);
  l->st.pgrefill += sorted;
  return b->list.count != 0 || remaining == 0 ? scanned : 0;
}

static uint64_t isolate(struct mglru *m, const struct lru_scan *sc, unsigned swappiness,
                        enum lru_type *type, struct lru_batch *b) {
  unsigned last_tier = LRU_TIERS; /* not known yet */
  bool anon_lags = m->min_seq[LRU_ANON] < m->min_seq[LRU_FILE];
  if (swappiness == 0 || (swappiness == 1 && !anon_lags))
    *type = LRU_FILE;
  else if (anon_lags || swappiness == 200)
    *type = LRU_ANON;
  else
    *type = lru_ctrl_type(m, swappiness, &last_tier);
  uint64_t scanned = 0;
  for (int tries = swappiness == 0 ? 1 : 2; tries > 0; tries--) {
    if (last_tier == LRU_TIERS) last_tier = lru_ctrl_last_tier(m, *type);
    scanned = scan_type(m, *type, last_tier, sc, b);
    if (scanned != 0) break;
    *type = *type == LRU_FILE ? LRU_ANON : LRU_FILE;
    last_tier = LRU_TIERS;
  }
  return scanned;
}

/* What could not be freed. True: it is idle and clean, worth a second try at once. Pages just sent
 * out keep their place; the others are not to come back to the oldest generation. */
static bool rejected(struct mglru *m, uint32_t frame, bool again) {
  struct lru *l = &m->base;
  uint32_t *word = &lru_at(l, frame)->word;
  unsigned page = l->host.page(l->host.self, frame);
  if ((page & LRU_PAGE_UNEVICTABLE) != 0) return false;
  if ((*word & LRU_W_RECLAIM) != 0 && (page & (LRU_PAGE_DIRTY | LRU_PAGE_WRITEBACK)) != 0) {
    if ((*word & LRU_W_WORKINGSET) != 0) *word |= LRU_W_REFERENCED;
    return false;
  }
  bool busy =
      (page & (LRU_PAGE_MAPPED | LRU_PAGE_LOCKED | LRU_PAGE_DIRTY | LRU_PAGE_WRITEBACK)) != 0;
  if (again || busy || (*word & (LRU_W_ACTIVE | LRU_W_REFERENCED)) != 0) {
    *word = (*word & ~(uint32_t)LRU_W_USED) | LRU_W_ACTIVE;
    return false;
  }
  return true;
}

/* Once over the batch; what deserves a second try stays in it. */
static void shrink(struct mglru *m, struct lru_batch *b, enum lru_type type, struct lru_scan *sc,
                   bool again) {
  struct lru *l = &m->base;
  struct lru_look look = {.m = m, .walk = sc->kswapd, .can_swap = !sc->kswapd || m->walk_can_swap};
  lru_shrink_batch(l, b, sc, &look);
  sc->reclaimed += b->freed;
  struct lru_head retry = lru_head_empty();
  while (b->list.count != 0) {
    uint32_t f = lru_pop_head(l, &b->list);
    if (rejected(m, f, again))
      lru_push_tail(l, &retry, f);
    else if (lru_unisolate(l, f))
      lru_mglru_list(m, f, false);
  }
  b->list = retry;
  lru_count_steal(l, sc, type, b->freed);
}

static uint64_t evict(struct mglru *m, struct lru_scan *sc, unsigned swappiness, bool *swapped) {
  struct lru_batch b = {.list = lru_head_empty()};
  enum lru_type type;
  uint64_t scanned = isolate(m, sc, swappiness, &type, &b);
  scanned += lru_mglru_advance_min(m, swappiness != 0);
  if (lru_gens(m, lru_lead(swappiness != 0)) == LRU_MIN_GENS) scanned = 0;
  if (b.list.count == 0) return scanned;
  sc->taken += b.list.count;
  if (type == LRU_FILE) sc->file_taken += b.list.count;
  shrink(m, &b, type, sc, false);
  if (b.list.count != 0) shrink(m, &b, type, sc, true);
  if (type == LRU_ANON) *swapped = true;
  return scanned;
}

static uint64_t to_scan(struct mglru *m, struct lru_scan *sc, bool can_swap, bool *aging_due) {
  uint64_t max_seq = m->max_seq;
  uint64_t total;
  *aging_due = lru_mglru_aging_due(m, can_swap, &total);
  uint64_t target = total >> sc->priority;
  if (!*aging_due) return target;
  if (sc->priority != LRU_DEF_PRIORITY) {
    if (sc->kswapd) return 0; /* it ages between its rounds */
    if (m->walking && sc->priority <= LRU_DEF_PRIORITY - 2 && m->base.host.await_walk != NULL) {
      m->base.host.await_walk(m->base.host.self);
      if (m->max_seq > max_seq) return target;
    }
    if (lru_mglru_try_age(m, max_seq, can_swap)) return target;
  }
  return m->min_seq[lru_lead(can_swap)] + LRU_MIN_GENS <= m->max_seq ? target : 0;
}

static bool abort_scan(struct mglru *m, uint64_t max_seq, struct lru_scan *sc, bool swapped) {
  if (!sc->kswapd) {
    if (m->max_seq - max_seq > 1) return true;
    if (sc->reclaimed >= sc->to_reclaim && swapped) return true;
  } else if (sc->reclaimed - sc->last_reclaimed < sc->to_reclaim) {
    return false;
  }
  if (sc->priority > LRU_DEF_PRIORITY - 2) return false;
  for (unsigned z = 0; z <= sc->highest_zone && z < LRU_ZONES; z++) {
    struct lru_zone_state s = m->base.host.zone(m->base.host.self, z);
    if (s.managed != 0 && (sc->kswapd ? s.high : s.low) > s.free) return false;
  }
  sc->reclaimed += LRU_MIN_BATCH;
  return true;
}

void lru_mglru_shrink(struct lru *l, struct lru_scan *sc) {
  struct mglru *m = lru_mglru_of(l);
  uint64_t max_seq = m->max_seq;
  uint64_t before = sc->reclaimed;
  uint64_t scanned = 0;
  bool swapped = false;
  bool aging_due = false;
  sc->dirty = sc->unqueued_dirty = sc->congested = sc->writeback = 0;
  sc->immediate = sc->taken = sc->file_taken = 0;
  for (;;) {
    unsigned swappiness = lru_mglru_swappiness(m);
    if (!sc->may_swap && swappiness != 0) swappiness = 1;
    uint64_t target = to_scan(m, sc, swappiness != 0, &aging_due);
    if (target == 0) return;
    uint64_t n = evict(m, sc, swappiness, &swapped);
    if (n == 0) return;
    scanned += n;
    if (scanned >= target || abort_scan(m, max_seq, sc, swapped)) break;
  }
  if (sc->reclaimed - before >= LRU_MIN_BATCH && !aging_due) sc->need_aging = false;
}
