/* SPDX-License-Identifier: Apache-2.0
 * Fully associative cache with tree PLRU. Entries are found through a hash of their page; each
 * page size that is present costs one probe. Promise: exactly what a comparison with every entry
 * would find, double hits included. */
#include "backend/model_cache.h"

#include <stdlib.h>

enum { SIZES = 5, NONE = UINT16_MAX };
#define ASID_BITS UINT64_C(0xffff)

struct key {
  uint64_t va, tag, tag_mask;
  uint16_t *home; /* its bucket */
  uint16_t next;  /* in that bucket */
  uint8_t size;   /* index of its page size */
  bool valid;
};

struct model_cache {
  uint32_t entries, used;
  bool pointers;
  uint32_t last;         /* entry touched last: its PLRU path is up to date */
  uint32_t count[SIZES]; /* valid entries of each page size */
  struct key *key;
  struct model_entry *entry;
  uint8_t *plru; /* heap order, node 1 is the root; 1: the older half is the right one */
  uint16_t *bucket;
  uint32_t bucket_mask;
};

struct model_cache *model_cache_create(uint32_t entries, bool pointers) {
  struct model_cache *c = calloc(1, sizeof *c);
  if (c == NULL) return NULL;
  c->entries = entries;
  c->pointers = pointers;
  if (entries == 0) return c;
  c->bucket_mask = 4 * entries - 1;
  c->key = calloc(entries, sizeof *c->key);
  c->entry = calloc(entries, sizeof *c->entry);
  c->plru = calloc(entries, 1);
  c->bucket = calloc(c->bucket_mask + 1, sizeof *c->bucket);
  if (c->key == NULL || c->entry == NULL || c->plru == NULL || c->bucket == NULL) {
    model_cache_destroy(c);
    return NULL;
  }
  for (uint32_t i = 0; i <= c->bucket_mask; i++)
    c->bucket[i] = NONE;
  return c;
}

void model_cache_destroy(struct model_cache *c) {
  if (c == NULL) return;
  free(c->key);
  free(c->entry);
  free(c->plru);
  free(c->bucket);
  free(c);
}

static uint8_t shift_of(uint32_t size) {
  return (uint8_t)(12 + 9 * size);
}

/* The bucket of a page; of a tag only what entries of all ASIDs share counts. */
static uint16_t *bucket_of(const struct model_cache *c, uint64_t va, uint64_t tag, uint32_t size) {
  uint64_t h = ((va >> shift_of(size)) + (tag >> 16)) * UINT64_C(0x9e3779b97f4a7c15);
  return &c->bucket[(h >> 40) & c->bucket_mask];
}

/* Turn every node on the path to entry i away from it. */
static void touch(struct model_cache *c, uint32_t i) {
  if (c->last == i) return;
  c->last = i;
  for (uint32_t node = i + c->entries; node > 1; node >>= 1)
    c->plru[node >> 1] = !(node & 1);
}

/* The entry that the tree points to, and every node on its path turned away from it. */
static uint32_t take_oldest(struct model_cache *c) {
  uint32_t node = 1;
  while (node < c->entries) {
    uint8_t right = c->plru[node];
    c->plru[node] = !right;
    node = 2 * node + right;
  }
  return c->last = node - c->entries;
}

static void drop(struct model_cache *c, uint32_t i) {
  struct key *k = &c->key[i];
  uint16_t *link = k->home;
  while (*link != i)
    link = &c->key[*link].next;
  *link = k->next;
  k->valid = false;
  c->count[k->size]--;
  c->used--;
}

/* Entries that serve the address: how many, and the last one found in *out. */
static uint32_t search(const struct model_cache *c, uint64_t va, uint64_t tag, uint16_t *out) {
  uint32_t found = 0;
  for (uint32_t size = 0; size < SIZES; size++) {
    if (c->count[size] == 0) continue;
    for (uint16_t i = *bucket_of(c, va, tag, size); i != NONE; i = c->key[i].next) {
      const struct key *k = &c->key[i];
      if (k->size != size || (va ^ k->va) >> shift_of(size) != 0) continue;
      if (((tag ^ k->tag) & k->tag_mask) != 0) continue;
      *out = i;
      found++;
    }
  }
  return found;
}

const struct model_entry *model_cache_find(struct model_cache *c, uint64_t va, uint64_t tag,
                                           uint64_t *doubles) {
  uint16_t i = NONE;
  uint32_t found = search(c, va, tag, &i);
  if (found > 1) {
    ++*doubles;
    for (; found != 0; found = search(c, va, tag, &i))
      drop(c, i);
  }
  if (found != 1) return NULL;
  touch(c, i);
  return &c->entry[i];
}

/* A place to fill: a free one, or the least recently used. */
static uint32_t take_place(struct model_cache *c) {
  uint32_t i = 0;
  if (c->used == c->entries) return take_oldest(c);
  while (c->key[i].valid)
    i++;
  touch(c, i);
  return i;
}

struct model_entry *model_cache_place(struct model_cache *c, uint64_t va, uint64_t tag,
                                      uint8_t shift, bool global) {
  uint16_t i = NONE;
  if (c->entries == 0) return NULL;
  while (search(c, va, tag, &i) != 0)
    drop(c, i);
  i = (uint16_t)take_place(c);
  struct key *k = &c->key[i];
  if (k->valid) drop(c, i);
  uint8_t size = (uint8_t)((shift - 12) / 9);
  uint16_t *head = bucket_of(c, va, tag, size);
  k->va = va & (UINT64_MAX << shift);
  k->tag = tag;
  k->tag_mask = global && !c->pointers ? ~ASID_BITS : UINT64_MAX;
  k->home = head;
  k->next = *head;
  k->size = size;
  k->valid = true;
  *head = i;
  c->count[size]++;
  c->used++;
  struct model_entry *e = &c->entry[i];
  e->va = k->va;
  e->tag = tag;
  e->shift = shift;
  e->global = global;
  return e;
}

void model_cache_invalidate(struct model_cache *c, const struct rules_ops *rules,
                            const struct mmu_inval *inv) {
  for (uint32_t i = 0; i < c->entries; i++) {
    const struct model_entry *e = &c->entry[i];
    struct rules_entry r = {.va = e->va,
                            .asid = (uint16_t)e->tag,
                            .vmid = (uint16_t)(e->tag >> 16),
                            .regime = (uint8_t)(e->tag >> 32),
                            .shift = e->shift,
                            .global = e->global,
                            .pointer = c->pointers};
    if (c->key[i].valid && rules->covers(inv, &r)) drop(c, i);
  }
}
