/* SPDX-License-Identifier: Apache-2.0
 * MGLRU, inside csim/lru only. Generations are numbers (seq); a page carries seq % 4 and moves to
 * that list only when eviction meets it. */
#ifndef COWALK_LRU_MGLRU_H
#define COWALK_LRU_MGLRU_H

#include "lru/core.h"

struct mglru {
  struct lru base;
  uint64_t max_seq, min_seq[LRU_TYPES];
  uint64_t born_ms[LRU_MAX_GENS];
  struct lru_head list[LRU_MAX_GENS][LRU_TYPES][LRU_ZONES];
  /* Pages by the generation they carry, wherever they are listed. */
  uint64_t pages[LRU_MAX_GENS][LRU_TYPES][LRU_ZONES];
  /* Feedback: of the generation being evicted, and halved with each that went before. The first
   * tier is never protected. */
  uint64_t refaulted[LRU_TYPES][LRU_TIERS], avg_refaulted[LRU_TYPES][LRU_TIERS];
  uint64_t evicted[LRU_TYPES][LRU_TIERS], protected[LRU_TYPES][LRU_TIERS];
  uint64_t avg_total[LRU_TYPES][LRU_TIERS];
  /* Ageing walks: the last generation that one ended for, and what it needs. */
  uint64_t walk_seq;
  bool walking, walk_can_swap; /* the latter as the last walk had it */
  uint64_t *filter[2];         /* NULL: not made yet, everything is in it */
};

struct lru_look {
  struct mglru *m;
  bool walk; /* the reclaimer has a walk's state (always kswapd): promote in place */
  bool can_swap;
  uint32_t young, count;
  uint32_t frame[LRU_MIN_BATCH]; /* listed, found young, not yet in the youngest generation */
};

struct lru_walk {
  struct mglru *m;
  uint64_t max_seq;
  bool can_swap, force, reset;
};

static inline struct mglru *lru_mglru_of(struct lru *l) {
  return (struct mglru *)(void *)l;
}
static inline unsigned lru_gen_of_seq(uint64_t seq) {
  return (unsigned)(seq % LRU_MAX_GENS);
}
/* -1: on no list. */
static inline int lru_gen_of(uint32_t word) {
  return (int)((word & LRU_W_GEN) >> LRU_W_GEN_SHIFT) - 1;
}
/* Uses beyond the first (folio_lru_refs). */
static inline unsigned lru_refs_of(uint32_t word) {
  return ((word & LRU_W_REFS) >> LRU_W_REFS_SHIFT) + ((word & LRU_W_WORKINGSET) != 0);
}
static inline uint64_t lru_gens(const struct mglru *m, enum lru_type type) {
  return m->max_seq - m->min_seq[type] + 1;
}
/* With swap both types age together, and anon is the one that may lag; without, file alone. */
static inline enum lru_type lru_lead(bool can_swap) {
  return can_swap ? LRU_ANON : LRU_FILE;
}

/* Swappiness as eviction sees it: 0 when fewer than 64 slots are free (get_swappiness). */
unsigned lru_mglru_swappiness(const struct mglru *m);

/* lru_gen_add_folio; now: it can be had at once (reclaiming). The frame carries no generation. */
void lru_mglru_list(struct mglru *m, uint32_t frame, bool now);
/* lru_gen_del_folio */
void lru_mglru_unlist(struct mglru *m, uint32_t frame);
/* folio_update_gen: a page found young; it stays on its list. */
void lru_mglru_promote(struct mglru *m, uint32_t frame, unsigned gen);
/* folio_inc_gen: out of the oldest generation into the next; returns the one it carries then. */
unsigned lru_mglru_postpone(struct mglru *m, uint32_t frame, bool reclaim);
/* Onto the list of the generation it carries. */
void lru_mglru_relist(struct mglru *m, uint32_t frame, unsigned from, bool tail);

/* reset_ctrl_pos: a generation is done with. */
void lru_ctrl_carry(struct mglru *m, enum lru_type type);
/* get_tier_idx, get_type_to_scan */
unsigned lru_ctrl_last_tier(const struct mglru *m, enum lru_type type);
enum lru_type lru_ctrl_type(const struct mglru *m, unsigned swappiness, unsigned *last_tier);

/* should_run_aging; the pages of all generations go to total. */
bool lru_mglru_aging_due(const struct mglru *m, bool can_swap, uint64_t *total);
/* try_to_inc_max_seq [yields] */
bool lru_mglru_try_age(struct mglru *m, uint64_t max_seq, bool can_swap);
/* try_to_inc_min_seq */
bool lru_mglru_advance_min(struct mglru *m, bool can_swap);
void lru_mglru_filter_add(struct mglru *m, uint64_t seq, uint64_t table);

bool lru_mglru_age(struct lru *l, struct lru_scan *sc);
void lru_mglru_shrink(struct lru *l, struct lru_scan *sc);

#endif
