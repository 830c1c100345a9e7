/* SPDX-License-Identifier: Apache-2.0
 * The two-list LRU of linux-6.1: where pages enter, what a use does to them, what is remembered
 * of those that left (mm/swap.c, mm/workingset.c, include/linux/mm_inline.h). */
#include "lru/twolist.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static struct lru *create(const struct lru_host *host, uint32_t first, uint32_t count,
                          unsigned node) {
  struct twolist *t = calloc(1, sizeof *t);
  if (t == NULL) return NULL;
  if (!lru_base_init(&t->base, host, first, count, node)) {
    free(t);
    return NULL;
  }
  for (int i = 0; i < LRU_LISTS; i++)
    t->list[i] = lru_head_empty();
  return &t->base;
}

static void destroy(struct lru *l) {
  if (l == NULL) return;
  lru_base_end(l);
  free(lru_twolist_of(l));
}

static unsigned list_of(uint32_t word) {
  unsigned active = (word & LRU_W_ACTIVE) != 0;
  return (lru_type_of(word) == LRU_FILE ? LRU_INACTIVE_FILE : LRU_INACTIVE_ANON) + active;
}

void lru_twolist_list(struct twolist *t, uint32_t frame, bool tail) {
  uint32_t *word = &lru_at(&t->base, frame)->word;
  unsigned list = list_of(*word);
  *word |= LRU_W_LISTED;
  t->size[list][lru_zone_of(*word)] += lru_pages_of(*word);
  if (tail)
    lru_push_tail(&t->base, &t->list[list], frame);
  else
    lru_push_head(&t->base, &t->list[list], frame);
}

void lru_twolist_unlist(struct twolist *t, uint32_t frame) {
  uint32_t *word = &lru_at(&t->base, frame)->word;
  unsigned list = list_of(*word);
  *word &= ~(uint32_t)LRU_W_LISTED;
  t->size[list][lru_zone_of(*word)] -= lru_pages_of(*word);
  lru_unlink(&t->base, &t->list[list], frame);
}

void lru_twolist_cost(struct twolist *t, enum lru_type type, uint64_t pages) {
  uint64_t all = 0;
  for (int i = 0; i < LRU_LISTS; i++)
    all += t->list[i].count;
  t->cost[type] += pages;
  if (t->cost[LRU_ANON] + t->cost[LRU_FILE] > all / 4) {
    t->cost[LRU_ANON] /= 2;
    t->cost[LRU_FILE] /= 2;
  }
}

/* workingset_refault: would the page have stayed, had the memory it competes for been its own? */
static void refault(struct twolist *t, uint32_t *word, enum lru_type type, uint64_t shadow) {
  struct lru *l = &t->base;
  uint64_t then;
  unsigned node;
  bool workingset;
  lru_shadow_unpack(shadow, &then, &node, &workingset);
  if (node != l->node) return; /* the kernel asks that node's list */
  l->st.workingset_refault[type]++;
  uint64_t size[LRU_LISTS];
  for (int i = 0; i < LRU_LISTS; i++)
    size[i] = t->list[i].count;
  bool swap = l->host.swap_free(l->host.self) > 0;
  if (lru_refault_distance(t->age, then) > lru_workingset_size(type == LRU_FILE, swap, size))
    return;
  *word |= LRU_W_ACTIVE;
  t->age++;
  l->st.workingset_activate[type]++;
  if (!workingset) return;
  *word |= LRU_W_WORKINGSET;
  lru_twolist_cost(t, type, 1);
  l->st.workingset_restore[type]++;
}

static void add(struct lru *l, uint32_t frame, const struct lru_new *page) {
  uint32_t *word = &lru_at(l, frame)->word;
  *word = lru_word_of(page);
  if (page->shadow != LRU_NO_SHADOW) refault(lru_twolist_of(l), word, page->type, page->shadow);
  lru_twolist_list(lru_twolist_of(l), frame, false);
}

static void remove_page(struct lru *l, uint32_t frame) {
  if ((lru_at(l, frame)->word & LRU_W_LISTED) != 0) lru_twolist_unlist(lru_twolist_of(l), frame);
  lru_forget(l, frame);
}

/* folio_mark_accessed: the second use of an inactive page activates it. */
static void mark_accessed(struct lru *l, uint32_t frame) {
  struct twolist *t = lru_twolist_of(l);
  uint32_t *word = &lru_at(l, frame)->word;
  if ((*word & LRU_W_REFERENCED) == 0) {
    *word |= LRU_W_REFERENCED;
  } else if ((*word & LRU_W_ACTIVE) == 0) {
    if ((*word & LRU_W_LISTED) != 0) {
      lru_twolist_unlist(t, frame);
      *word |= LRU_W_ACTIVE;
      lru_twolist_list(t, frame, false);
      l->st.pgactivate += lru_pages_of(*word);
    }
    *word &= ~(uint32_t)LRU_W_REFERENCED;
    t->age += lru_pages_of(*word); /* workingset_activation */
  }
}

static void written(struct lru *l, uint32_t frame) {
  if (!lru_rotates(l, frame)) return;
  lru_twolist_unlist(lru_twolist_of(l), frame);
  lru_at(l, frame)->word &= ~(uint32_t)LRU_W_ACTIVE;
  lru_twolist_list(lru_twolist_of(l), frame, true);
}

static uint64_t evicted(struct lru *l, uint32_t frame) {
  struct twolist *t = lru_twolist_of(l);
  bool workingset = (lru_at(l, frame)->word & LRU_W_WORKINGSET) != 0;
  return lru_shadow_pack(t->age++, l->node, workingset);
}

static void split(struct lru *l, uint32_t frame) {
  uint32_t word = lru_at(l, frame)->word;
  bool listed = (word & LRU_W_LISTED) != 0;
  lru_split(l, listed ? &lru_twolist_of(l)->list[list_of(word)] : NULL, frame);
}

static void isolate(struct lru *l, uint32_t frame) {
  uint32_t *word = &lru_at(l, frame)->word;
  if (!l->host.get(l->host.self, frame)) return;
  lru_twolist_unlist(lru_twolist_of(l), frame);
  *word |= LRU_W_ISOLATED;
  l->isolated[lru_type_of(*word)] += lru_pages_of(*word);
}

static void putback(struct lru *l, uint32_t frame) {
  if (lru_unisolate(l, frame)) lru_twolist_list(lru_twolist_of(l), frame, false);
}

static void moved(struct lru *l, uint32_t from, uint32_t to) {
  lru_move(l, from, to);
  putback(l, to);
}

static void end_run(struct lru *l) {
  for (int i = 0; i < LRU_TYPES; i++)
    lru_twolist_of(l)->seen[i] = l->st.workingset_activate[i];
}

static uint64_t size(const struct lru *l, enum lru_type type, bool active) {
  const struct twolist *t = (const struct twolist *)(const void *)l;
  return t->list[(type == LRU_FILE ? LRU_INACTIVE_FILE : LRU_INACTIVE_ANON) + active].count;
}

static uint64_t active_in(const struct lru *l, enum lru_type type, unsigned zone) {
  const struct twolist *t = (const struct twolist *)(const void *)l;
  return t->size[type == LRU_FILE ? LRU_ACTIVE_FILE : LRU_ACTIVE_ANON][zone];
}

static int check(const struct lru *l, char *err, size_t err_len) {
  const struct twolist *t = (const struct twolist *)(const void *)l;
  uint64_t listed = 0;
  for (unsigned i = 0; i < LRU_LISTS; i++) {
    uint32_t want = LRU_W_LISTED | (i >= LRU_INACTIVE_FILE ? LRU_W_FILE : 0) |
                    ((i & 1) != 0 ? LRU_W_ACTIVE : 0);
    uint32_t mask = LRU_W_LISTED | LRU_W_ISOLATED | LRU_W_FILE | LRU_W_ACTIVE | LRU_W_GEN;
    if (lru_check_list(l, &t->list[i], mask, want, err, err_len) != 0) return -1;
    uint64_t zones = 0;
    for (int z = 0; z < LRU_ZONES; z++)
      zones += t->size[i][z];
    if (zones != t->list[i].count) {
      (void)snprintf(err, err_len, "twolist: list %u has %" PRIu64 " pages, its zones %" PRIu64, i,
                     t->list[i].count, zones);
      return -1;
    }
    listed += zones;
  }
  return lru_check_words(l, listed, err, err_len);
}

const struct lru_ops lru_twolist = {.name = "twolist",
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
                                    .age = lru_twolist_age,
                                    .shrink = lru_twolist_shrink,
                                    .end_run = end_run,
                                    .size = size,
                                    .active_in = active_in,
                                    .check = check};
