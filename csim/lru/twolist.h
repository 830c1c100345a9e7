/* SPDX-License-Identifier: Apache-2.0
 * The two-list LRU, inside csim/lru only. */
#ifndef COWALK_LRU_TWOLIST_H
#define COWALK_LRU_TWOLIST_H

#include "lru/core.h"

struct twolist {
  struct lru base;
  struct lru_head list[LRU_LISTS];
  uint64_t size[LRU_LISTS][LRU_ZONES];
  uint64_t cost[LRU_TYPES]; /* decayed: refaults of the workingset, pages written out */
  uint64_t age;             /* nonresident_age: evictions and activations */
  uint64_t seen[LRU_TYPES]; /* workingset_activate at the end of the last run */
};

static inline struct twolist *lru_twolist_of(struct lru *l) {
  return (struct twolist *)(void *)l;
}
/* Onto the list that its flags say. */
void lru_twolist_list(struct twolist *t, uint32_t frame, bool tail);
void lru_twolist_unlist(struct twolist *t, uint32_t frame);
/* lru_note_cost */
void lru_twolist_cost(struct twolist *t, enum lru_type type, uint64_t pages);
bool lru_twolist_age(struct lru *l, struct lru_scan *sc);
void lru_twolist_shrink(struct lru *l, struct lru_scan *sc);

#endif
