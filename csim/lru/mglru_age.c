/* SPDX-License-Identifier: Apache-2.0
 * Ageing: a walk of page tables, then one generation more. And the look-around, which feeds it.
 * linux-6.1 mm/vmscan.c: should_run_aging, try_to_inc_max_seq, inc_max_seq, inc_min_seq,
 * try_to_inc_min_seq, age_lruvec, lru_gen_age_node, iterate_mm_list, should_skip_mm,
 * lru_gen_look_around, and the Bloom filters. Difference: one walk at a time; a second reclaimer
 * that wants to age meanwhile waits for its end from priority 10 down and goes without above, where
 * the kernel's first helps with address spaces not walked yet. */
#include <stdlib.h>

#include "lru/mglru.h"

bool lru_mglru_aging_due(const struct mglru *m, bool can_swap, uint64_t *total) {
  uint64_t young = 0;
  uint64_t old = 0;
  *total = 0;
  for (unsigned t = lru_lead(can_swap); t < LRU_TYPES; t++)
    for (uint64_t seq = m->min_seq[t]; seq <= m->max_seq; seq++)
      for (int z = 0; z < LRU_ZONES; z++) {
        uint64_t n = m->pages[lru_gen_of_seq(seq)][t][z];
        *total += n;
        if (seq == m->max_seq) young += n;
        if (seq + LRU_MIN_GENS == m->max_seq) old += n;
      }
  return lru_aging_due(lru_gens(m, lru_lead(can_swap)), young, old, *total);
}

/* ---- the window of generations ---- */

/* Empty the oldest generation into the next, unless it cannot be evicted anyway: anon that lags
 * for want of swap simply turns youngest, the inversion the kernel accepts. */
static void give_up_oldest(struct mglru *m, enum lru_type type, bool can_swap) {
  unsigned gen = lru_gen_of_seq(m->min_seq[type]);
  for (int z = 0; z < LRU_ZONES && (type == LRU_FILE || can_swap); z++) {
    struct lru_head *h = &m->list[gen][type][z];
    while (h->count != 0) {
      uint32_t f = h->last;
      (void)lru_mglru_postpone(m, f, false);
      lru_mglru_relist(m, f, gen, true);
    }
  }
  lru_ctrl_carry(m, type);
  m->min_seq[type]++;
}

static void inc_max_seq(struct mglru *m, bool can_swap) {
  for (unsigned t = LRU_TYPES; t-- > 0;)
    if (lru_gens(m, t) == LRU_MAX_GENS) give_up_oldest(m, t, can_swap);
  m->max_seq++;
  m->born_ms[lru_gen_of_seq(m->max_seq)] = m->base.host.now_ms(m->base.host.self);
  m->base.st.aged++;
}

static bool empty(const struct mglru *m, uint64_t seq, unsigned type) {
  for (int z = 0; z < LRU_ZONES; z++)
    if (m->list[lru_gen_of_seq(seq)][type][z].count != 0) return false;
  return true;
}

bool lru_mglru_advance_min(struct mglru *m, bool can_swap) {
  uint64_t min[LRU_TYPES] = {m->min_seq[LRU_ANON], m->min_seq[LRU_FILE]};
  for (unsigned t = lru_lead(can_swap); t < LRU_TYPES; t++)
    while (min[t] + LRU_MIN_GENS <= m->max_seq && empty(m, min[t], t))
      min[t]++;
  if (can_swap) { /* file does not run ahead of anon */
    if (min[LRU_FILE] < min[LRU_ANON]) min[LRU_ANON] = min[LRU_FILE];
    min[LRU_FILE] = min[LRU_ANON] > m->min_seq[LRU_FILE] ? min[LRU_ANON] : m->min_seq[LRU_FILE];
  }
  bool moved = false;
  for (unsigned t = lru_lead(can_swap); t < LRU_TYPES; t++) {
    if (min[t] == m->min_seq[t]) continue;
    lru_ctrl_carry(m, t);
    m->min_seq[t] = min[t];
    moved = true;
  }
  return moved;
}

/* ---- the walk ---- */

bool lru_walk_mm(struct lru_walk *w, const struct lru_walk_space *space) {
  if (space->fresh) w->force = true; /* and for all that follow in this walk */
  if (!w->force && !space->ran) return false;
  uint64_t rss = space->rss[LRU_FILE] + (w->can_swap ? space->rss[LRU_ANON] : 0);
  if (rss < LRU_MIN_BATCH) return false;
  if (w->reset) {
    w->reset = false;
    uint64_t **f = &w->m->filter[(w->max_seq + 1) % 2];
    free(*f);
    *f = calloc(LRU_BLOOM_WORDS, sizeof **f); /* without, everything is in it */
  }
  return true;
}

bool lru_walk_nonleaf(const struct lru_walk *w) {
  return w->m->base.tun.nonleaf_young;
}

/* get_pfn_folio */
static bool wants(const struct mglru *m, uint32_t frame, bool can_swap) {
  const struct lru *l = &m->base;
  if (frame < l->first || frame - l->first >= l->count) return false;
  return can_swap || lru_type_of(lru_at(l, frame)->word) == LRU_FILE;
}

bool lru_walk_wants(const struct lru_walk *w, uint32_t frame) {
  return wants(w->m, frame, w->can_swap);
}

bool lru_walk_table(struct lru_walk *w, uint64_t table) {
  const uint64_t *f = w->m->filter[w->max_seq % 2];
  w->m->base.st.nonleaf_total++;
  if (!w->force && f != NULL && !lru_bloom_has(f, table)) return false;
  w->m->base.st.nonleaf_found++;
  return true;
}

void lru_walk_huge(struct lru_walk *w) {
  w->m->base.st.leaf_total++;
}

void lru_walk_young(struct lru_walk *w, uint32_t frame) {
  w->m->base.st.leaf_young++;
  lru_mglru_promote(w->m, frame, lru_gen_of_seq(w->max_seq));
}

void lru_mglru_filter_add(struct mglru *m, uint64_t seq, uint64_t table) {
  if (m->filter[seq % 2] != NULL) lru_bloom_add(m->filter[seq % 2], table);
}

void lru_walk_table_done(struct lru_walk *w, uint64_t table, uint32_t entries, uint32_t young) {
  w->m->base.st.leaf_total += entries;
  if (!lru_dense(entries, young)) return;
  w->m->base.st.nonleaf_added++;
  lru_mglru_filter_add(w->m, w->max_seq + 1, table);
}

bool lru_mglru_try_age(struct mglru *m, uint64_t max_seq, bool can_swap) {
  if (max_seq <= m->walk_seq || m->walking) return max_seq < m->max_seq;
  if (m->base.tun.walk_tables) {
    struct lru_walk w = {.m = m, .max_seq = max_seq, .can_swap = can_swap, .reset = true};
    m->walking = true;
    m->walk_can_swap = can_swap;
    m->base.host.walk(m->base.host.self, &w);
    m->walking = false;
  }
  m->walk_seq++;
  inc_max_seq(m, can_swap);
  return true;
}

bool lru_mglru_age(struct lru *l, struct lru_scan *sc) {
  struct mglru *m = lru_mglru_of(l);
  sc->last_reclaimed = sc->reclaimed;
  if (!sc->need_aging) { /* the last eviction did well without */
    sc->need_aging = true;
    return false;
  }
  bool can_swap = lru_mglru_swappiness(m) != 0;
  uint64_t total;
  bool due = lru_mglru_aging_due(m, can_swap, &total);
  uint64_t ttl = l->tun.min_ttl_ms;
  uint64_t born = m->born_ms[lru_gen_of_seq(m->min_seq[LRU_FILE])];
  if (ttl != 0 && born + ttl > l->host.now_ms(l->host.self)) return true;
  if (ttl != 0 && total >> sc->priority == 0 && sc->priority != LRU_DEF_PRIORITY) return true;
  if (due) (void)lru_mglru_try_age(m, m->max_seq, can_swap);
  return false;
}

/* ---- look-around ---- */

void lru_look_window(uint64_t va, uint64_t area, uint64_t area_end, uint64_t table_bytes,
                     uint64_t *start, uint64_t *end) {
  uint64_t base = va - va % table_bytes;
  uint64_t window = LRU_MIN_BATCH * UINT64_C(4096);
  *start = base > area ? base : area;
  *end = base + table_bytes < area_end ? base + table_bytes : area_end;
  if (*end - *start <= window) return;
  if (va - *start < window / 2) {
    *end = *start + window;
  } else if (*end - va < window / 2) {
    *start = *end - window;
  } else {
    *start = va - window / 2;
    *end = va + window / 2;
  }
}

bool lru_look_wants(const struct lru_look *look, uint32_t frame) {
  return wants(look->m, frame, look->can_swap);
}

void lru_look_young(struct lru_look *look, uint32_t frame) {
  uint32_t *word = &lru_at(&look->m->base, frame)->word;
  look->young++;
  if ((*word & LRU_W_LISTED) == 0)
    *word |= LRU_W_REFERENCED;
  else if (lru_gen_of(*word) != (int)lru_gen_of_seq(look->m->max_seq) &&
           (look->count == 0 || look->frame[look->count - 1] != frame))
    look->frame[look->count++] = frame; /* a huge page once, for all its entries */
}

void lru_look_done(struct lru_look *look, uint32_t entries, uint64_t table) {
  struct mglru *m = look->m;
  if (lru_dense(entries, look->young)) lru_mglru_filter_add(m, m->max_seq, table);
  /* Without a walk's state a few pages are moved at once (folio_activate). */
  bool move = !look->walk && look->count < 15;
  for (uint32_t i = 0; i < look->count; i++) {
    uint32_t *word = &lru_at(&m->base, look->frame[i])->word;
    if (!move) {
      lru_mglru_promote(m, look->frame[i], lru_gen_of_seq(m->max_seq));
    } else if ((*word & LRU_W_LISTED) != 0) {
      lru_mglru_unlist(m, look->frame[i]);
      *word |= LRU_W_ACTIVE;
      lru_mglru_list(m, look->frame[i], false);
      m->base.st.pgactivate += lru_pages_of(*word);
    }
  }
  look->young = look->count = 0;
}
