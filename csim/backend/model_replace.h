/* SPDX-License-Identifier: Apache-2.0
 * Which way of a set goes when all are taken: tree pseudo-LRU, LRU, FIFO or random, for any number
 * of ways. One object serves all sets of a cache. docs/tlb.md has each policy in words. */
#ifndef COWALK_BACKEND_MODEL_REPLACE_H
#define COWALK_BACKEND_MODEL_REPLACE_H

#include <stdint.h>

#include "backend/mmu.h"

struct model_replace;

/* sets, ways: at least 1. NULL if out of host memory. */
struct model_replace *model_replace_create(uint32_t sets, uint32_t ways,
                                           enum mmu_replacement policy);
void model_replace_destroy(struct model_replace *r);
/* A way was used, or filled. */
void model_replace_hit(struct model_replace *r, uint32_t set, uint32_t way);
void model_replace_fill(struct model_replace *r, uint32_t set, uint32_t way);
/* The way to take for a fill that follows; no way of the set is free. */
uint32_t model_replace_victim(struct model_replace *r, uint32_t set);

#endif
