/* SPDX-License-Identifier: Apache-2.0
 * What the two policies share, inside csim/lru only: a word of flags and two links a frame, lists
 * of frames, and the common end of both, a batch of isolated pages put to the test. */
#ifndef COWALK_LRU_CORE_H
#define COWALK_LRU_CORE_H

#include <stdbool.h>
#include <stdint.h>

#include "lru/formula.h"
#include "lru/lru.h"

#define LRU_NIL UINT32_MAX

enum { /* struct lru_link.word */
       LRU_W_LISTED = 1,
       LRU_W_ISOLATED = 2,
       LRU_W_FILE = 4,
       LRU_W_ACTIVE = 8,
       LRU_W_REFERENCED = 16,
       LRU_W_WORKINGSET = 32,
       LRU_W_RECLAIM = 64,  /* PG_reclaim: write it and give it up */
       LRU_W_GEN_SHIFT = 8, /* generation index + 1, or 0 */
       LRU_W_GEN = 7 << 8,
       LRU_W_REFS_SHIFT = 11,
       LRU_W_REFS = 3 << 11,
       LRU_W_ZONE_SHIFT = 13,
       LRU_W_ZONE = 7 << 13,
       LRU_W_LIST_SHIFT = 16, /* MGLRU: generation index of the list it is on */
       LRU_W_LIST = 3 << 16,
       LRU_W_ORDER_SHIFT = 18, /* the frame stands for 2^order pages */
       LRU_W_ORDER = 15 << 18,
       LRU_W_USED = LRU_W_REFERENCED | LRU_W_WORKINGSET | LRU_W_REFS
};

struct lru_link {
  uint32_t next, prev; /* LRU_NIL at the ends */
  uint32_t word;
};

struct lru_head {
  uint32_t first, last; /* head and tail; LRU_NIL: empty */
  uint64_t count;       /* of 4 KiB pages, as everywhere here */
};

struct lru { /* first member of each policy's own struct */
  struct lru_host host;
  uint32_t first, count;
  unsigned node;
  struct lru_tunables tun;
  struct lru_stats st;
  uint64_t isolated[LRU_TYPES];
  struct lru_link *link; /* [count], owned */
};

/* Fill in a zeroed base; false: out of host memory. lru_base_end frees what it owns. */
bool lru_base_init(struct lru *l, const struct lru_host *host, uint32_t first, uint32_t count,
                   unsigned node);
void lru_base_end(struct lru *l);

static inline struct lru_link *lru_at(const struct lru *l, uint32_t frame) {
  return &l->link[frame - l->first];
}
static inline enum lru_type lru_type_of(uint32_t word) {
  return (word & LRU_W_FILE) != 0 ? LRU_FILE : LRU_ANON;
}
static inline unsigned lru_zone_of(uint32_t word) {
  return (word & LRU_W_ZONE) >> LRU_W_ZONE_SHIFT;
}

/* folio_nr_pages */
static inline uint64_t lru_pages_of(uint32_t word) {
  return UINT64_C(1) << ((word & LRU_W_ORDER) >> LRU_W_ORDER_SHIFT);
}
/* The word of a page that comes in. */
static inline uint32_t lru_word_of(const struct lru_new *page) {
  return (uint32_t)page->zone << LRU_W_ZONE_SHIFT | (uint32_t)page->order << LRU_W_ORDER_SHIFT |
         (page->type == LRU_FILE ? LRU_W_FILE : 0U);
}

struct lru_head lru_head_empty(void);
void lru_push_head(struct lru *l, struct lru_head *h, uint32_t frame);
void lru_push_tail(struct lru *l, struct lru_head *h, uint32_t frame);
void lru_unlink(struct lru *l, struct lru_head *h, uint32_t frame);
/* Put all of `from` before the head of `to`, in its order. */
void lru_splice_head(struct lru *l, struct lru_head *to, struct lru_head *from);
/* The frame at the head, taken off; the list must not be empty. */
uint32_t lru_pop_head(struct lru *l, struct lru_head *h);
/* __split_huge_page_tail: the frame's pages become pages of their own, with its flags; those behind
 * the first go before it, the last first (lru_add_page_tail). h: its list, or NULL (isolated). */
void lru_split(struct lru *l, struct lru_head *h, uint32_t frame);
/* Links, count, and (word & mask) == want of every member. 0, or -1 with one line in err. */
int lru_check_list(const struct lru *l, const struct lru_head *h, uint32_t mask, uint32_t want,
                   char *err, size_t err_len);

/* As many frames flagged listed as the lists hold, as many isolated as counted. */
int lru_check_words(const struct lru *l, uint64_t listed, char *err, size_t err_len);

/* ---- a batch of isolated pages ---- */

struct lru_batch {
  struct lru_head list;    /* in: isolated, first come first; out: those that come back, likewise */
  uint64_t freed, pageout; /* out: pages freed; writes started */
};

/* shrink_folio_list: judge every page, let the host evict those that may go, keep the rest in b.
 * Pages to be activated come back with LRU_W_ACTIVE. look: MGLRU only.
 * [yields] */
void lru_shrink_batch(struct lru *l, struct lru_batch *b, struct lru_scan *sc,
                      struct lru_look *look);

/* The page is gone; the caller has taken its frame off the list it was on. */
void lru_forget(struct lru *l, uint32_t frame);
/* folio_rotate_reclaimable: its write is over. Is it to go to the end where it is freed next? If so
 * it is counted; the caller moves it. */
bool lru_rotates(struct lru *l, uint32_t frame);
/* folio_migrate_flags: the isolated page has another frame. */
void lru_move(struct lru *l, uint32_t from, uint32_t to);
/* The isolation is over; the caller lists the frame if it lives. */
bool lru_unisolate(struct lru *l, uint32_t frame);
/* Count what a reclaimer looked at or freed. */
void lru_count_scan(struct lru *l, const struct lru_scan *sc, enum lru_type type, uint64_t pages);
void lru_count_steal(struct lru *l, const struct lru_scan *sc, enum lru_type type, uint64_t pages);

#endif
