/* SPDX-License-Identifier: Apache-2.0
 * MGLRU of linux-6.1: where pages enter, how a page changes its generation, what is remembered of
 * those that left (include/linux/mm_inline.h, mm/swap.c, mm/workingset.c, mm/vmscan.c). */
#include "lru/mglru.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static struct lru *create(const struct lru_host *host, uint32_t first, uint32_t count,
                          unsigned node) {
  struct mglru *m = calloc(1, sizeof *m);
  if (m == NULL) return NULL;
  if (!lru_base_init(&m->base, host, first, count, node)) {
    free(m);
    return NULL;
  }
  m->max_seq = LRU_MIN_GENS + 1; /* lru_gen_init_lruvec */
  m->walk_seq = LRU_MIN_GENS;
  for (int g = 0; g < LRU_MAX_GENS; g++) {
    m->born_ms[g] = host->now_ms(host->self);
    for (int t = 0; t < LRU_TYPES; t++)
      for (int z = 0; z < LRU_ZONES; z++)
        m->list[g][t][z] = lru_head_empty();
  }
  return &m->base;
}

static void destroy(struct lru *l) {
  if (l == NULL) return;
  struct mglru *m = lru_mglru_of(l);
  free(m->filter[0]);
  free(m->filter[1]);
  lru_base_end(l);
  free(m);
}

unsigned lru_mglru_swappiness(const struct mglru *m) {
  return m->base.host.swap_free(m->base.host.self) < LRU_MIN_BATCH ? 0 : m->base.tun.swappiness;
}

/* ---- generations ---- */

static void set_gen(struct mglru *m, uint32_t *word, int gen) {
  enum lru_type type = lru_type_of(*word);
  unsigned zone = lru_zone_of(*word);
  int old = lru_gen_of(*word);
  if (old >= 0) m->pages[old][type][zone] -= lru_pages_of(*word);
  if (gen >= 0) m->pages[gen][type][zone] += lru_pages_of(*word);
  *word = (*word & ~(uint32_t)LRU_W_GEN) | (uint32_t)(gen + 1) << LRU_W_GEN_SHIFT;
}

static uint64_t seq_to_enter(const struct mglru *m, uint32_t word, unsigned page, bool now) {
  enum lru_type type = lru_type_of(word);
  bool unclean = (page & (LRU_PAGE_DIRTY | LRU_PAGE_WRITEBACK)) != 0;
  if ((word & LRU_W_ACTIVE) != 0) return m->max_seq;
  if (type == LRU_ANON && (page & LRU_PAGE_SWAPCACHE) == 0) return m->max_seq - 1;
  if ((word & LRU_W_RECLAIM) != 0 && unclean) return m->max_seq - 1;
  if (now || m->min_seq[type] + LRU_MIN_GENS >= m->max_seq) return m->min_seq[type];
  return m->min_seq[type] + 1;
}

void lru_mglru_list(struct mglru *m, uint32_t frame, bool now) {
  struct lru *l = &m->base;
  uint32_t *word = &lru_at(l, frame)->word;
  unsigned gen = lru_gen_of_seq(seq_to_enter(m, *word, l->host.page(l->host.self, frame), now));
  *word = (*word & ~(uint32_t)LRU_W_ACTIVE) | LRU_W_LISTED;
  set_gen(m, word, (int)gen);
  struct lru_head *h = &m->list[gen][lru_type_of(*word)][lru_zone_of(*word)];
  /* A page's own list is told by this mark, not by the generation it carries. */
  *word = (*word & ~(uint32_t)LRU_W_LIST) | gen << LRU_W_LIST_SHIFT;
  if (now)
    lru_push_tail(l, h, frame);
  else
    lru_push_head(l, h, frame);
}

void lru_mglru_unlist(struct mglru *m, uint32_t frame) {
  uint32_t *word = &lru_at(&m->base, frame)->word;
  unsigned on = (*word & LRU_W_LIST) >> LRU_W_LIST_SHIFT;
  lru_unlink(&m->base, &m->list[on][lru_type_of(*word)][lru_zone_of(*word)], frame);
  set_gen(m, word, -1);
  *word &= ~(uint32_t)LRU_W_LISTED;
}

void lru_mglru_promote(struct mglru *m, uint32_t frame, unsigned gen) {
  uint32_t *word = &lru_at(&m->base, frame)->word;
  if ((*word & LRU_W_LISTED) == 0) {
    if ((*word & LRU_W_ISOLATED) != 0) *word |= LRU_W_REFERENCED;
    return;
  }
  *word &= ~(uint32_t)LRU_W_USED;
  set_gen(m, word, (int)gen);
}

unsigned lru_mglru_postpone(struct mglru *m, uint32_t frame, bool reclaim) {
  uint32_t *word = &lru_at(&m->base, frame)->word;
  unsigned oldest = lru_gen_of_seq(m->min_seq[lru_type_of(*word)]);
  unsigned gen = (unsigned)lru_gen_of(*word);
  if (gen != oldest) return gen;
  gen = (oldest + 1) % LRU_MAX_GENS;
  *word &= ~(uint32_t)LRU_W_USED;
  if (reclaim) *word |= LRU_W_RECLAIM;
  set_gen(m, word, (int)gen);
  return gen;
}

void lru_mglru_relist(struct mglru *m, uint32_t frame, unsigned from, bool tail) {
  uint32_t *word = &lru_at(&m->base, frame)->word;
  enum lru_type type = lru_type_of(*word);
  unsigned zone = lru_zone_of(*word);
  unsigned gen = (unsigned)lru_gen_of(*word);
  lru_unlink(&m->base, &m->list[from][type][zone], frame);
  *word = (*word & ~(uint32_t)LRU_W_LIST) | gen << LRU_W_LIST_SHIFT;
  if (tail)
    lru_push_tail(&m->base, &m->list[gen][type][zone], frame);
  else
    lru_push_head(&m->base, &m->list[gen][type][zone], frame);
}

/* ---- in, used, out ---- */

/* lru_gen_refault: only pages of the generation still being evicted say something about it. */
static void refault(struct mglru *m, uint32_t *word, const struct lru_new *page) {
  struct lru *l = &m->base;
  uint64_t token;
  unsigned node;
  bool workingset;
  lru_shadow_unpack(page->shadow, &token, &node, &workingset);
  uint64_t kept = (UINT64_C(1) << (LRU_EVICTION_BITS - 2)) - 1;
  if (node != l->node || token >> 2 != (m->min_seq[page->type] & kept)) return;
  unsigned refs = (unsigned)(token & 3) + workingset;
  m->refaulted[page->type][lru_tier(refs)]++;
  l->st.workingset_refault[page->type]++;
  if (!page->in_fault && refs < LRU_REFS_MAX) return;
  *word |= LRU_W_REFS | LRU_W_WORKINGSET;
  l->st.workingset_restore[page->type]++;
}

static void add(struct lru *l, uint32_t frame, const struct lru_new *page) {
  struct mglru *m = lru_mglru_of(l);
  uint32_t *word = &lru_at(l, frame)->word;
  *word = lru_word_of(page);
  if (page->shadow != LRU_NO_SHADOW) refault(m, word, page);
  if (page->in_fault) *word |= LRU_W_ACTIVE;
  lru_mglru_list(m, frame, false);
}

static void remove_page(struct lru *l, uint32_t frame) {
  if ((lru_at(l, frame)->word & LRU_W_LISTED) != 0) lru_mglru_unlist(lru_mglru_of(l), frame);
  lru_forget(l, frame);
}

/* folio_inc_refs: uses by file descriptor are counted, the generation stays. */
static void mark_accessed(struct lru *l, uint32_t frame) {
  uint32_t *word = &lru_at(l, frame)->word;
  if ((l->host.page(l->host.self, frame) & LRU_PAGE_UNEVICTABLE) != 0) return;
  if ((*word & LRU_W_REFERENCED) == 0)
    *word |= LRU_W_REFERENCED;
  else if ((*word & LRU_W_WORKINGSET) == 0)
    *word |= LRU_W_WORKINGSET;
  else if ((*word & LRU_W_REFS) != LRU_W_REFS)
    *word += 1U << LRU_W_REFS_SHIFT;
}

static void written(struct lru *l, uint32_t frame) {
  if (!lru_rotates(l, frame)) return;
  lru_mglru_unlist(lru_mglru_of(l), frame);
  lru_mglru_list(lru_mglru_of(l), frame, true);
}

/* lru_gen_eviction */
static uint64_t evicted(struct lru *l, uint32_t frame) {
  struct mglru *m = lru_mglru_of(l);
  uint32_t word = lru_at(l, frame)->word;
  enum lru_type type = lru_type_of(word);
  unsigned refs = lru_refs_of(word);
  m->evicted[type][lru_tier(refs)] += lru_pages_of(word);
  uint64_t token = m->min_seq[type] << 2 | (refs > 0 ? refs - 1 : 0);
  return lru_shadow_pack(token, l->node, refs != 0);
}

static void split(struct lru *l, uint32_t frame) {
  struct mglru *m = lru_mglru_of(l);
  uint32_t word = lru_at(l, frame)->word;
  unsigned on = (word & LRU_W_LIST) >> LRU_W_LIST_SHIFT;
  bool listed = (word & LRU_W_LISTED) != 0;
  lru_split(l, listed ? &m->list[on][lru_type_of(word)][lru_zone_of(word)] : NULL, frame);
}

/* A page of the two youngest generations comes back youngest (lru_gen_del_folio, PG_active). */
static void isolate(struct lru *l, uint32_t frame) {
  struct mglru *m = lru_mglru_of(l);
  uint32_t *word = &lru_at(l, frame)->word;
  unsigned gen = (unsigned)lru_gen_of(*word);
  bool young = gen == lru_gen_of_seq(m->max_seq) || gen == lru_gen_of_seq(m->max_seq - 1);
  if (!l->host.get(l->host.self, frame)) return;
  lru_mglru_unlist(m, frame);
  *word |= LRU_W_ISOLATED | (young ? (uint32_t)LRU_W_ACTIVE : 0);
  l->isolated[lru_type_of(*word)] += lru_pages_of(*word);
}

static void putback(struct lru *l, uint32_t frame) {
  if (lru_unisolate(l, frame)) lru_mglru_list(lru_mglru_of(l), frame, false);
}

static void moved(struct lru *l, uint32_t from, uint32_t to) {
  lru_move(l, from, to);
  putback(l, to);
}

static void end_run(struct lru *l) {
  (void)l;
}

static uint64_t active_in(const struct lru *l, enum lru_type type, unsigned zone) {
  const struct mglru *m = (const struct mglru *)(const void *)l;
  return m->pages[lru_gen_of_seq(m->max_seq)][type][zone] +
         m->pages[lru_gen_of_seq(m->max_seq - 1)][type][zone];
}

static uint64_t size(const struct lru *l, enum lru_type type, bool active) {
  const struct mglru *m = (const struct mglru *)(const void *)l;
  uint64_t sum = 0;
  uint64_t young = 0;
  for (unsigned z = 0; z < LRU_ZONES; z++) {
    young += active_in(l, type, z);
    for (unsigned g = 0; g < LRU_MAX_GENS; g++)
      sum += m->pages[g][type][z];
  }
  return active ? young : sum - young;
}

static int check(const struct lru *l, char *err, size_t err_len) {
  const struct mglru *m = (const struct mglru *)(const void *)l;
  uint64_t file = m->max_seq - m->min_seq[LRU_FILE] + 1;
  uint64_t anon = m->max_seq - m->min_seq[LRU_ANON] + 1;
  if (file < LRU_MIN_GENS || file > anon || anon > LRU_MAX_GENS) {
    (void)snprintf(err, err_len,
                   "mglru: max_seq %" PRIu64 ", min_seq anon %" PRIu64 " file %" PRIu64, m->max_seq,
                   m->min_seq[LRU_ANON], m->min_seq[LRU_FILE]);
    return -1;
  }
  uint64_t listed = 0;
  uint64_t pages = 0;
  for (unsigned g = 0; g < LRU_MAX_GENS; g++)
    for (unsigned t = 0; t < LRU_TYPES; t++)
      for (unsigned z = 0; z < LRU_ZONES; z++) {
        uint32_t mask =
            LRU_W_LISTED | LRU_W_ISOLATED | LRU_W_ACTIVE | LRU_W_FILE | LRU_W_ZONE | LRU_W_LIST;
        uint32_t want = LRU_W_LISTED | (t == LRU_FILE ? LRU_W_FILE : 0) | z << LRU_W_ZONE_SHIFT |
                        g << LRU_W_LIST_SHIFT;
        if (lru_check_list(l, &m->list[g][t][z], mask, want, err, err_len) != 0) return -1;
        listed += m->list[g][t][z].count;
        uint64_t carry = 0;
        for (uint32_t i = 0; i < l->count; i++)
          if (lru_gen_of(l->link[i].word) == (int)g && lru_type_of(l->link[i].word) == t &&
              lru_zone_of(l->link[i].word) == z)
            carry += lru_pages_of(l->link[i].word);
        if (carry != m->pages[g][t][z]) {
          (void)snprintf(err, err_len,
                         "mglru: %" PRIu64 " pages carry generation %u, count %" PRIu64, carry, g,
                         m->pages[g][t][z]);
          return -1;
        }
        pages += carry;
      }
  if (pages != listed) {
    (void)snprintf(err, err_len, "mglru: %" PRIu64 " pages listed, %" PRIu64 " carry a generation",
                   listed, pages);
    return -1;
  }
  return lru_check_words(l, listed, err, err_len);
}

const struct lru_ops lru_mglru = {.name = "mglru",
                                  .create = create,
                                  .destroy = destroy,
                                  .add = add,
                                  .remove = remove_page,
                                  .split = split,
                                  .isolate = isolate,
                                  .putback = putback,
                                  .moved = moved,
                                  .mark_accessed = mark_accessed,
                                  .written = written,
                                  .evicted = evicted,
                                  .age = lru_mglru_age,
                                  .shrink = lru_mglru_shrink,
                                  .end_run = end_run,
                                  .size = size,
                                  .active_in = active_in,
                                  .check = check};
