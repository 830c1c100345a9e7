/* SPDX-License-Identifier: Apache-2.0
 * Lists of frames, and what every policy has. */
#include "lru/core.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct lru_tunables lru_tunables_default(void) {
  return (struct lru_tunables){.swappiness = 60, .walk_tables = true, .nonleaf_young = true};
}

void lru_set_tunables(struct lru *l, const struct lru_tunables *t) {
  l->tun = *t;
}

const struct lru_stats *lru_stats(const struct lru *l) {
  return &l->st;
}

bool lru_base_init(struct lru *l, const struct lru_host *host, uint32_t first, uint32_t count,
                   unsigned node) {
  l->host = *host;
  l->first = first;
  l->count = count;
  l->node = node;
  l->tun = lru_tunables_default();
  l->link = calloc(count != 0 ? count : 1, sizeof *l->link);
  return l->link != NULL;
}

void lru_base_end(struct lru *l) {
  free(l->link);
}

/* ---- lists ---- */

struct lru_head lru_head_empty(void) {
  return (struct lru_head){LRU_NIL, LRU_NIL, 0};
}

void lru_push_head(struct lru *l, struct lru_head *h, uint32_t frame) {
  struct lru_link *k = lru_at(l, frame);
  k->prev = LRU_NIL;
  k->next = h->first;
  if (h->first != LRU_NIL)
    lru_at(l, h->first)->prev = frame;
  else
    h->last = frame;
  h->first = frame;
  h->count += lru_pages_of(k->word);
}

void lru_push_tail(struct lru *l, struct lru_head *h, uint32_t frame) {
  struct lru_link *k = lru_at(l, frame);
  k->next = LRU_NIL;
  k->prev = h->last;
  if (h->last != LRU_NIL)
    lru_at(l, h->last)->next = frame;
  else
    h->first = frame;
  h->last = frame;
  h->count += lru_pages_of(k->word);
}

void lru_unlink(struct lru *l, struct lru_head *h, uint32_t frame) {
  const struct lru_link *k = lru_at(l, frame);
  if (k->prev != LRU_NIL)
    lru_at(l, k->prev)->next = k->next;
  else
    h->first = k->next;
  if (k->next != LRU_NIL)
    lru_at(l, k->next)->prev = k->prev;
  else
    h->last = k->prev;
  h->count -= lru_pages_of(k->word);
}

uint32_t lru_pop_head(struct lru *l, struct lru_head *h) {
  uint32_t frame = h->first;
  lru_unlink(l, h, frame);
  return frame;
}

static void insert_before(struct lru *l, struct lru_head *h, uint32_t at, uint32_t frame) {
  struct lru_link *k = lru_at(l, frame);
  k->prev = lru_at(l, at)->prev;
  k->next = at;
  if (k->prev != LRU_NIL)
    lru_at(l, k->prev)->next = frame;
  else
    h->first = frame;
  lru_at(l, at)->prev = frame;
}

void lru_split(struct lru *l, struct lru_head *h, uint32_t frame) {
  uint32_t *word = &lru_at(l, frame)->word;
  uint32_t pages = (uint32_t)lru_pages_of(*word);
  *word &= ~(uint32_t)LRU_W_ORDER;
  for (uint32_t i = pages - 1; i != 0; i--) {
    lru_at(l, frame + i)->word = *word;
    if (h != NULL) insert_before(l, h, frame, frame + i); /* the list's pages stay as many */
  }
}

void lru_splice_head(struct lru *l, struct lru_head *to, struct lru_head *from) {
  if (from->count == 0) return;
  if (to->count != 0) {
    lru_at(l, to->first)->prev = from->last;
    lru_at(l, from->last)->next = to->first;
  } else {
    to->last = from->last;
  }
  to->first = from->first;
  to->count += from->count;
  *from = lru_head_empty();
}

int lru_check_list(const struct lru *l, const struct lru_head *h, uint32_t mask, uint32_t want,
                   char *err, size_t err_len) {
  uint64_t n = 0;
  uint32_t prev = LRU_NIL;
  uint32_t f = h->first;
  while (f != LRU_NIL && n <= h->count) {
    if (f < l->first || f - l->first >= l->count) {
      (void)snprintf(err, err_len, "lru: frame %" PRIu32 " on a list is not of this node", f);
      return -1;
    }
    const struct lru_link *k = lru_at(l, f);
    if (k->prev != prev || (k->word & mask) != want) {
      (void)snprintf(err, err_len, "lru: frame %" PRIu32 ": flags %" PRIx32 ", list of %" PRIx32, f,
                     k->word & mask, want);
      return -1;
    }
    n += lru_pages_of(k->word);
    prev = f;
    f = k->next;
  }
  if (n == h->count && prev == h->last) return 0;
  (void)snprintf(err, err_len, "lru: list of %" PRIu64 " pages, count says %" PRIu64, n, h->count);
  return -1;
}

int lru_check_words(const struct lru *l, uint64_t listed, char *err, size_t err_len) {
  uint64_t seen = 0;
  uint64_t isolated[LRU_TYPES] = {0};
  for (uint32_t i = 0; i < l->count; i++) {
    uint32_t word = l->link[i].word;
    uint64_t pages = lru_pages_of(word);
    if ((word & LRU_W_LISTED) != 0) seen += pages;
    if ((word & LRU_W_ISOLATED) != 0) isolated[lru_type_of(word)] += pages;
  }
  if (seen != listed) {
    (void)snprintf(err, err_len, "lru: %" PRIu64 " pages say listed, the lists hold %" PRIu64, seen,
                   listed);
    return -1;
  }
  for (int t = 0; t < LRU_TYPES; t++) {
    if (isolated[t] == l->isolated[t]) continue;
    (void)snprintf(err, err_len, "lru: %" PRIu64 " pages say isolated, count %" PRIu64, isolated[t],
                   l->isolated[t]);
    return -1;
  }
  return 0;
}

void lru_forget(struct lru *l, uint32_t frame) {
  uint32_t *word = &lru_at(l, frame)->word;
  if ((*word & LRU_W_ISOLATED) != 0) l->isolated[lru_type_of(*word)] -= lru_pages_of(*word);
  *word = 0;
}

void lru_move(struct lru *l, uint32_t from, uint32_t to) {
  lru_at(l, to)->word = lru_at(l, from)->word & ~(uint32_t)(LRU_W_REFS | LRU_W_RECLAIM);
  lru_at(l, from)->word = 0;
}

bool lru_rotates(struct lru *l, uint32_t frame) {
  uint32_t *word = &lru_at(l, frame)->word;
  if ((*word & LRU_W_RECLAIM) == 0) return false;
  *word &= ~(uint32_t)LRU_W_RECLAIM;
  unsigned page = l->host.page(l->host.self, frame);
  if ((*word & LRU_W_LISTED) == 0 ||
      (page & (LRU_PAGE_LOCKED | LRU_PAGE_DIRTY | LRU_PAGE_UNEVICTABLE)) != 0)
    return false;
  l->st.pgrotated++;
  return true;
}
