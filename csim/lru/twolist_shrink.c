/* SPDX-License-Identifier: Apache-2.0
 * Reclaim from the two-list LRU, after linux-6.1 mm/vmscan.c: prepare_scan_count, shrink_lruvec,
 * isolate_lru_folios, shrink_inactive_list, shrink_active_list, kswapd_age_node. */
#include "lru/twolist.h"

static uint64_t least(uint64_t a, uint64_t b) {
  return a < b ? a : b;
}

static bool anon_low(const struct twolist *t) {
  return lru_inactive_is_low(t->list[LRU_INACTIVE_ANON].count, t->list[LRU_ACTIVE_ANON].count);
}

static bool may_swap_at_all(const struct twolist *t) {
  return t->base.host.swap_total(t->base.host.self) > 0;
}

/* isolate_lru_folios: take up to `want` pages of eligible zones from the tail. Pages of higher
 * zones met on the way go to the head, so their order is lost, as in the kernel. */
static void isolate(struct twolist *t, unsigned list, uint64_t want, struct lru_scan *sc,
                    struct lru_batch *b, uint64_t *looked) {
  struct lru *l = &t->base;
  struct lru_head *src = &t->list[list];
  struct lru_head skipped = lru_head_empty();
  uint64_t eligible = 0;
  *looked = 0;
  b->list = lru_head_empty();
  while (eligible < want && src->count != 0) {
    uint32_t f = src->last;
    uint32_t *word = &lru_at(l, f)->word;
    unsigned zone = lru_zone_of(*word);
    uint64_t pages = lru_pages_of(*word);
    *looked += pages;
    if (zone > sc->highest_zone) {
      lru_unlink(l, src, f);
      lru_push_head(l, &skipped, f);
      l->st.pgscan_skip[zone] += pages;
      continue;
    }
    eligible += pages;
    if ((!sc->may_unmap && (l->host.page(l->host.self, f) & LRU_PAGE_MAPPED) != 0) ||
        !l->host.get(l->host.self, f)) {
      lru_unlink(l, src, f);
      lru_push_head(l, src, f);
      continue;
    }
    lru_twolist_unlist(t, f);
    *word |= LRU_W_ISOLATED;
    l->isolated[lru_type_of(*word)] += pages;
    lru_push_tail(l, &b->list, f);
  }
  lru_splice_head(l, src, &skipped);
}

/* move_folios_to_lru; returns how many live. */
static uint64_t put_back(struct twolist *t, struct lru_head *from) {
  struct lru *l = &t->base;
  uint64_t moved = 0;
  while (from->count != 0) {
    uint32_t f = lru_pop_head(l, from);
    if (!lru_unisolate(l, f)) continue;
    lru_twolist_list(t, f, false);
    uint32_t word = lru_at(l, f)->word;
    moved += lru_pages_of(word);
    if ((word & LRU_W_ACTIVE) != 0) t->age += lru_pages_of(word);
  }
  return moved;
}

static bool too_many_isolated(const struct twolist *t, enum lru_type type,
                              const struct lru_scan *sc) {
  unsigned list = type == LRU_FILE ? LRU_INACTIVE_FILE : LRU_INACTIVE_ANON;
  return !sc->kswapd && t->base.isolated[type] > t->list[list].count >> 3;
}

static uint64_t shrink_inactive(struct twolist *t, enum lru_type type, uint64_t want,
                                struct lru_scan *sc) {
  struct lru *l = &t->base;
  if (too_many_isolated(t, type, sc)) {
    l->host.too_many_isolated(l->host.self);
    if (too_many_isolated(t, type, sc)) return 0;
  }
  struct lru_batch b;
  uint64_t looked;
  isolate(t, type == LRU_FILE ? LRU_INACTIVE_FILE : LRU_INACTIVE_ANON, want, sc, &b, &looked);
  lru_count_scan(l, sc, type, looked);
  if (b.list.count == 0) return 0;
  sc->taken += b.list.count;
  if (type == LRU_FILE) sc->file_taken += b.list.count;
  lru_shrink_batch(l, &b, sc, NULL);
  (void)put_back(t, &b.list);
  lru_count_steal(l, sc, type, b.freed);
  lru_twolist_cost(t, type, b.pageout);
  return b.freed;
}

static void shrink_active(struct twolist *t, enum lru_type type, uint64_t want,
                          struct lru_scan *sc) {
  struct lru *l = &t->base;
  struct lru_batch b;
  struct lru_head rotated = lru_head_empty();
  struct lru_head down = lru_head_empty();
  uint64_t looked;
  isolate(t, type == LRU_FILE ? LRU_ACTIVE_FILE : LRU_ACTIVE_ANON, want, sc, &b, &looked);
  l->st.pgrefill += looked;
  while (b.list.count != 0) {
    uint32_t f = lru_pop_head(l, &b.list);
    struct lru_young young = {0};
    l->host.referenced(l->host.self, f, NULL, &young);
    if (young.mappings != 0 && young.exec && type == LRU_FILE) {
      lru_push_tail(l, &rotated, f);
      continue;
    }
    uint32_t *word = &lru_at(l, f)->word;
    *word = (*word & ~(uint32_t)LRU_W_ACTIVE) | LRU_W_WORKINGSET;
    lru_push_tail(l, &down, f);
  }
  (void)put_back(t, &rotated);
  l->st.pgdeactivate += put_back(t, &down);
}

/* prepare_scan_count */
static void prepare(struct twolist *t, struct lru_scan *sc) {
  struct lru *l = &t->base;
  sc->may_deactivate = sc->force_deactivate ? 3 : 0;
  for (int type = 0; type < LRU_TYPES; type++) {
    const struct lru_head *h = &t->list[type == LRU_FILE ? LRU_INACTIVE_FILE : LRU_INACTIVE_ANON];
    if (l->st.workingset_activate[type] != t->seen[type] ||
        lru_inactive_is_low(h[0].count, h[1].count))
      sc->may_deactivate |= (uint8_t)(1U << type);
    sc->cost[type] = t->cost[type];
  }
  uint64_t inactive = t->list[LRU_INACTIVE_FILE].count;
  sc->cache_trim = inactive >> sc->priority != 0 && (sc->may_deactivate & 1U << LRU_FILE) == 0;
  uint64_t high = 0;
  uint64_t free = 0;
  for (unsigned z = 0; z < LRU_ZONES; z++) {
    struct lru_zone_state s = l->host.zone(l->host.self, z);
    free += s.free;
    if (s.managed != 0) high += s.high;
  }
  sc->file_is_tiny = lru_file_is_tiny(inactive + t->list[LRU_ACTIVE_FILE].count, free, high,
                                      (sc->may_deactivate & 1U << LRU_ANON) != 0,
                                      t->list[LRU_INACTIVE_ANON].count, sc->priority);
}

static void scan_targets(struct twolist *t, const struct lru_scan *sc, uint64_t scan[LRU_LISTS]) {
  struct lru *l = &t->base;
  struct lru_balance_in in = {.may_swap = sc->may_swap,
                              .swap_free = l->host.swap_free(l->host.self) > 0,
                              .file_is_tiny = sc->file_is_tiny,
                              .cache_trim = sc->cache_trim,
                              .priority = sc->priority,
                              .swappiness = l->tun.swappiness,
                              .anon_cost = sc->cost[LRU_ANON],
                              .file_cost = sc->cost[LRU_FILE]};
  for (int i = 0; i < LRU_LISTS; i++)
    for (unsigned z = 0; z <= sc->highest_zone && z < LRU_ZONES; z++)
      in.size[i] += t->size[i][z];
  (void)lru_scan_count(&in, scan);
}

static uint64_t shrink_list(struct twolist *t, unsigned list, uint64_t want, struct lru_scan *sc) {
  enum lru_type type = list >= LRU_INACTIVE_FILE ? LRU_FILE : LRU_ANON;
  if ((list & 1) == 0) return shrink_inactive(t, type, want, sc);
  if ((sc->may_deactivate & 1U << type) != 0)
    shrink_active(t, type, want, sc);
  else
    sc->skipped_deactivate = true;
  return 0;
}

/* Enough was freed: go on with the type that has more left, in proportion to what was asked of
 * it and to how far the other came. False: nothing is left to balance. */
static bool rebalance(uint64_t left[LRU_LISTS], const uint64_t target[LRU_LISTS]) {
  uint64_t anon = left[LRU_INACTIVE_ANON] + left[LRU_ACTIVE_ANON];
  uint64_t file = left[LRU_INACTIVE_FILE] + left[LRU_ACTIVE_FILE];
  if (anon == 0 || file == 0) return false;
  unsigned small = file > anon ? LRU_INACTIVE_ANON : LRU_INACTIVE_FILE;
  unsigned large = file > anon ? LRU_INACTIVE_FILE : LRU_INACTIVE_ANON;
  uint64_t asked = target[small] + target[small + 1] + 1;
  uint64_t percent_left = (file > anon ? anon : file) * 100 / asked;
  left[small] = left[small + 1] = 0;
  for (unsigned i = large; i <= large + 1; i++) {
    uint64_t done = target[i] - left[i];
    uint64_t due = target[i] * (100 - percent_left) / 100;
    left[i] = due > done ? due - done : 0;
  }
  return true;
}

void lru_twolist_shrink(struct lru *l, struct lru_scan *sc) {
  struct twolist *t = lru_twolist_of(l);
  sc->dirty = sc->unqueued_dirty = sc->congested = sc->writeback = 0;
  sc->immediate = sc->taken = sc->file_taken = 0;
  prepare(t, sc);
  uint64_t target[LRU_LISTS];
  uint64_t left[LRU_LISTS];
  scan_targets(t, sc, target);
  for (int i = 0; i < LRU_LISTS; i++)
    left[i] = target[i];
  bool finish = !sc->kswapd && sc->priority == LRU_DEF_PRIORITY;
  uint64_t reclaimed = 0;
  while (left[LRU_INACTIVE_ANON] != 0 || left[LRU_ACTIVE_FILE] != 0 ||
         left[LRU_INACTIVE_FILE] != 0) {
    for (unsigned i = 0; i < LRU_LISTS; i++) {
      uint64_t n = least(left[i], LRU_SWAP_CLUSTER);
      left[i] -= n;
      if (n != 0) reclaimed += shrink_list(t, i, n, sc);
    }
    if (reclaimed < sc->to_reclaim || finish) continue;
    if (!rebalance(left, target)) break;
  }
  sc->reclaimed += reclaimed;
  if (may_swap_at_all(t) && anon_low(t)) shrink_active(t, LRU_ANON, LRU_SWAP_CLUSTER, sc);
}

bool lru_twolist_age(struct lru *l, struct lru_scan *sc) {
  struct twolist *t = lru_twolist_of(l);
  if (may_swap_at_all(t) && anon_low(t)) shrink_active(t, LRU_ANON, LRU_SWAP_CLUSTER, sc);
  return false;
}
