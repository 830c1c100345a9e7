/* SPDX-License-Identifier: Apache-2.0
 * A cache of translations, of table pointers or of descriptors: what the model's TLBs and walk
 * caches are made of. Any page size, any number of ways, any replacement policy. */
#ifndef COWALK_BACKEND_MODEL_CACHE_H
#define COWALK_BACKEND_MODEL_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "backend/mmu.h"
#include "rules/rules.h"

struct model_cache;

struct model_cache_shape {
  uint32_t
      sets;      /* a power of two. 1: fully associative, an address may be in it at any size. More:
                    the set is chosen by page number, and sizes have nothing to do with each other */
  uint32_t ways; /* 0: nothing is ever found */
  enum mmu_replacement policy;
  bool pointers; /* table pointers: global or not, they live and die with their own ASID */
  bool nested;   /* guest-physical to physical: tags are of model_nested_tag */
};

/* One entry's contents; `base` is the page base, the next table or the descriptor. */
struct model_entry {
  uint64_t base;
  uint64_t va;                  /* low bits clear; of a nested one: the guest-physical address */
  uint64_t tag;                 /* model_tag, model_nested_tag */
  uint64_t s2_root;             /* model_root_tag: no part of the comparison that finds an entry */
  uint8_t shift, rights, attrs; /* rights, attrs: of stage 1; of a nested entry: of stage 2 */
  uint8_t s1_shift, s2_shift, s2_rights, s2_attrs; /* of a translation: what each stage said */
  bool dirty, global;
};

/* Regime, modes, VMID and ASID in one word; the ASID is in bits 15:0. */
static inline uint64_t model_tag(const struct mmu_context *c) {
  return (uint64_t)c->asid | (uint64_t)c->vmid << 16 | (uint64_t)c->regime << 32 |
         (uint64_t)c->s1_mode << 40 | (uint64_t)c->s2_mode << 48;
}

static inline bool model_two_stages(const struct mmu_context *c) {
  return c->s2_mode >= MMU_S2_EPT;
}

/* The root an entry must have come by: with EPT. */
static inline uint64_t model_root_tag(const struct mmu_context *c) {
  return c->s2_mode == MMU_S2_EPT ? c->s2_root : 0;
}

/* Mode, and VMID or (EPT) root in one word. */
static inline uint64_t model_nested_tag(const struct mmu_context *c) {
  uint64_t id = c->s2_mode == MMU_S2_EPT ? c->s2_root >> 12 : (uint64_t)c->vmid << 16;
  return (uint64_t)c->s2_mode << 56 | id;
}

#define MODEL_ANY_SIZE UINT64_MAX

/* NULL if out of host memory. */
struct model_cache *model_cache_create(const struct model_cache_shape *shape);
void model_cache_destroy(struct model_cache *c);
/* The entry that serves the address, of the page sizes in the mask (bit n: 2^n bytes), the smallest
 * first; NULL if there is none. The pointer is good until the next call; the entry is not touched.
 */
const struct model_entry *model_cache_find(const struct model_cache *c, uint64_t va, uint64_t tag,
                                           uint64_t sizes);
/* The entry was of use. */
void model_cache_touch(struct model_cache *c, const struct model_entry *e);
/* A place for an entry of this page: that of an entry that overlaps it (all such are dropped), else
 * a free one, else the victim. Two entries overlap if some look-up would find both. *resized: an
 * entry of another page size was dropped. The caller fills in the rest. NULL if there is none. */
struct model_entry *model_cache_place(struct model_cache *c, uint64_t va, uint64_t tag,
                                      uint8_t shift, bool global, bool *resized);
/* What an entry says, but not where it is: address, size, tag, global. */
static inline void model_entry_fill(struct model_entry *e, const struct model_entry *from) {
  e->base = from->base;
  e->s2_root = from->s2_root;
  e->rights = from->rights;
  e->attrs = from->attrs;
  e->s1_shift = from->s1_shift;
  e->s2_shift = from->s2_shift;
  e->s2_rights = from->s2_rights;
  e->s2_attrs = from->s2_attrs;
  e->dirty = from->dirty;
}
/* One of many entries that stand for a larger page of stage 1. Stage 1 off is no page. */
static inline bool model_entry_is_part(const struct model_entry *e) {
  return e->s1_shift > e->shift && e->s1_shift < MMU_NO_PAGES;
}
bool model_cache_has_parts(const struct model_cache *c);
/* Page sizes that were placed, as a mask, and may still be there; recount: those that are. */
uint64_t model_cache_sizes(const struct model_cache *c);
void model_cache_recount_sizes(struct model_cache *c);
/* Drop what the operation covers. by_address: it covers nothing that does not serve inv->addr. */
void model_cache_invalidate(struct model_cache *c, const struct rules_ops *rules,
                            const struct mmu_inval *inv, bool by_address);
void model_cache_clear(struct model_cache *c);

#endif
