/* SPDX-License-Identifier: Apache-2.0
 * A fully associative cache of translations or of table pointers: what the model's L1 TLBs and
 * walk caches are made of. Any page size in one array, tree-PLRU replacement. */
#ifndef COWALK_BACKEND_MODEL_CACHE_H
#define COWALK_BACKEND_MODEL_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "backend/mmu.h"
#include "rules/rules.h"

struct model_cache;

/* One entry's contents; `base` is the page base or the next table. */
struct model_entry {
  uint64_t base;
  uint64_t va;  /* low bits clear */
  uint64_t tag; /* model_tag */
  uint8_t shift, rights, attrs;
  bool dirty, global;
};

/* Regime, modes, VMID and ASID in one word; the ASID is in bits 15:0. */
static inline uint64_t model_tag(const struct mmu_context *c) {
  return (uint64_t)c->asid | (uint64_t)c->vmid << 16 | (uint64_t)c->regime << 32 |
         (uint64_t)c->s1_mode << 40 | (uint64_t)c->s2_mode << 48;
}

/* entries: a power of two, or 0 (nothing is ever found). pointers: it holds table pointers, which
 * no other ASID shares, global or not. NULL if out of host memory. */
struct model_cache *model_cache_create(uint32_t entries, bool pointers);
void model_cache_destroy(struct model_cache *c);
/* NULL if absent. Two entries that serve the address are dropped, *doubles is counted up, and
 * it is a miss. The pointer is good until the next call. */
const struct model_entry *model_cache_find(struct model_cache *c, uint64_t va, uint64_t tag,
                                           uint64_t *doubles);
/* A place for an entry of this page: drops whatever serves va, and takes a free or the least
 * recently used one. The caller fills in base, rights, attrs and dirty. NULL if there is none. */
struct model_entry *model_cache_place(struct model_cache *c, uint64_t va, uint64_t tag,
                                      uint8_t shift, bool global);
void model_cache_invalidate(struct model_cache *c, const struct rules_ops *rules,
                            const struct mmu_inval *inv);

#endif
