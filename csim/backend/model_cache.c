/* SPDX-License-Identifier: Apache-2.0
 * Fully associative cache with tree PLRU. The tags are kept apart from the contents so that a
 * search touches little memory; a direct-mapped short cut remembers where a page was found last.
 * Promise: the short cut never changes what is found, only how fast (a double hit it hides is
 * one of the two legal answers). */
#include "backend/model_cache.h"

#include <stdlib.h>

#define SHORTCUTS 256U
#define NO_TAG UINT64_MAX /* no context has this tag: its unused bits are set */
#define ASID_BITS UINT64_C(0xffff)

struct key {
  uint64_t va, va_mask, tag, tag_mask;
};

struct model_cache {
  uint32_t entries;
  bool pointers;
  uint32_t last; /* entry touched last: its PLRU path is up to date */
  struct key *key;
  struct model_entry *entry;
  uint8_t *plru; /* heap order, node 1 is the root; 1: the older half is the right one */
  uint32_t shortcut[SHORTCUTS];
};

struct model_cache *model_cache_create(uint32_t entries, bool pointers) {
  struct model_cache *c = calloc(1, sizeof *c);
  if (c == NULL) return NULL;
  c->entries = entries;
  c->pointers = pointers;
  if (entries == 0) return c;
  c->key = calloc(entries, sizeof *c->key);
  c->entry = calloc(entries, sizeof *c->entry);
  c->plru = calloc(entries, 1);
  if (c->key == NULL || c->entry == NULL || c->plru == NULL) {
    model_cache_destroy(c);
    return NULL;
  }
  for (uint32_t i = 0; i < entries; i++)
    c->key[i].tag = c->key[i].tag_mask = NO_TAG;
  return c;
}

void model_cache_destroy(struct model_cache *c) {
  if (c == NULL) return;
  free(c->key);
  free(c->entry);
  free(c->plru);
  free(c);
}

static bool matches(const struct key *k, uint64_t va, uint64_t tag) {
  return (((va ^ k->va) & k->va_mask) | ((tag ^ k->tag) & k->tag_mask)) == 0;
}

static uint32_t *shortcut_of(struct model_cache *c, uint64_t va, uint64_t tag) {
  return &c->shortcut[((va >> 12) ^ (va >> 21) ^ tag) % SHORTCUTS];
}

/* Turn every node on the path to entry i away from it. */
static void touch(struct model_cache *c, uint32_t i) {
  if (c->last == i) return;
  c->last = i;
  for (uint32_t node = i + c->entries; node > 1; node >>= 1)
    c->plru[node >> 1] = !(node & 1);
}

static uint32_t oldest(const struct model_cache *c) {
  uint32_t node = 1;
  while (node < c->entries)
    node = 2 * node + c->plru[node];
  return node - c->entries;
}

static void drop(struct model_cache *c, uint32_t i) {
  c->key[i].tag = c->key[i].tag_mask = NO_TAG;
}

const struct model_entry *model_cache_find(struct model_cache *c, uint64_t va, uint64_t tag,
                                           uint64_t *doubles) {
  if (c->entries == 0) return NULL;
  uint32_t *guess = shortcut_of(c, va, tag);
  uint32_t found = *guess;
  if (!matches(&c->key[found], va, tag)) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < c->entries; i++) {
      if (!matches(&c->key[i], va, tag)) continue;
      if (count++ != 0)
        drop(c, i);
      else
        found = i;
    }
    if (count > 1) {
      drop(c, found);
      ++*doubles;
    }
    if (count != 1) return NULL;
    *guess = found;
  }
  touch(c, found);
  return &c->entry[found];
}

void model_cache_fill(struct model_cache *c, const struct model_entry *e) {
  if (c->entries == 0) return;
  uint32_t victim = c->entries;
  for (uint32_t i = 0; i < c->entries; i++) {
    if (!matches(&c->key[i], e->va, e->tag)) continue;
    if (victim != c->entries) drop(c, victim);
    victim = i;
  }
  for (uint32_t i = 0; victim == c->entries && i < c->entries; i++)
    if (c->key[i].tag == NO_TAG) victim = i;
  if (victim == c->entries) victim = oldest(c);
  c->key[victim] = (struct key){.va = e->va,
                                .va_mask = UINT64_MAX << e->shift,
                                .tag = e->tag,
                                .tag_mask = e->global && !c->pointers ? ~ASID_BITS : UINT64_MAX};
  c->entry[victim] = *e;
  *shortcut_of(c, e->va, e->tag) = victim;
  touch(c, victim);
}

void model_cache_invalidate(struct model_cache *c, const struct rules_ops *rules,
                            const struct mmu_inval *inv) {
  for (uint32_t i = 0; i < c->entries; i++) {
    const struct model_entry *e = &c->entry[i];
    if (c->key[i].tag == NO_TAG) continue;
    struct rules_entry r = {.va = e->va,
                            .asid = (uint16_t)e->tag,
                            .vmid = (uint16_t)(e->tag >> 16),
                            .regime = (uint8_t)(e->tag >> 32),
                            .shift = e->shift,
                            .global = e->global,
                            .pointer = c->pointers};
    if (rules->covers(inv, &r)) drop(c, i);
  }
}
