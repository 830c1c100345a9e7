/* SPDX-License-Identifier: Apache-2.0
 * The set of everything the hardware may still remember: a hash table of descriptors it has read,
 * and the list of invalidations. A descriptor dies when an invalidation that was accepted after
 * it was read, and covers it by the manual's words (csim/rules), completes.
 * Promise: each node is compared with each invalidation at most once. */
#include "backend/judge_cache.h"

#include <stdlib.h>

#include "backend/judge_parts.h"

struct judge_cache {
  const struct rules_ops *rules;
  struct mmu_inval *inval;
  uint32_t accepted, done, room;
  uint64_t nested_sizes;
  struct judge_node **bucket;
  uint32_t buckets, nodes;
  bool out_of_memory;
};

struct judge_cache *judge_cache_create(const struct rules_ops *rules) {
  struct judge_cache *c = calloc(1, sizeof *c);
  if (c == NULL) return NULL;
  c->rules = rules;
  c->buckets = 4096;
  c->bucket = calloc(c->buckets, sizeof(struct judge_node *));
  if (c->bucket == NULL) {
    free(c);
    return NULL;
  }
  return c;
}

void judge_cache_destroy(struct judge_cache *c) {
  if (c == NULL) return;
  for (uint32_t i = 0; i < c->buckets; i++) {
    while (c->bucket[i] != NULL) {
      struct judge_node *n = c->bucket[i];
      c->bucket[i] = n->next;
      free(n);
    }
  }
  free(c->bucket);
  free(c->inval);
  free(c);
}

void judge_cache_invalidate(struct judge_cache *c, const struct mmu_inval *inv) {
  if (c->accepted == c->room) {
    uint32_t room = c->room == 0 ? 256 : 2 * c->room;
    struct mmu_inval *bigger = realloc(c->inval, room * sizeof *bigger);
    if (bigger == NULL) {
      c->out_of_memory = true;
      return;
    }
    c->inval = bigger;
    c->room = room;
  }
  c->inval[c->accepted++] = *inv;
}

void judge_cache_done(struct judge_cache *c) {
  c->done = c->accepted;
}

uint32_t judge_cache_accepted(const struct judge_cache *c) {
  return c->accepted;
}

uint32_t judge_cache_completed(const struct judge_cache *c) {
  return c->done;
}

bool judge_cache_ended(const struct judge_cache *c, const struct rules_entry *e, uint32_t since) {
  for (uint32_t i = since; i < c->done; i++)
    if (c->rules->covers(&c->inval[i], e)) return true;
  return false;
}

uint32_t judge_cache_since(const struct judge_cache *c, const struct rules_entry *parent,
                           uint32_t parent_since) {
  for (uint32_t i = parent_since > c->done ? parent_since : c->done; i < c->accepted; i++)
    if (c->rules->covers(&c->inval[i], parent)) return i;
  return c->accepted;
}

uint64_t judge_cache_nested_sizes(const struct judge_cache *c) {
  return c->nested_sizes;
}

static uint32_t hash(const struct judge_cache *c, uint64_t va, uint64_t space, uint8_t kind,
                     uint8_t shift) {
  uint64_t h = (va >> shift) * UINT64_C(0x9e3779b97f4a7c15) ^ space ^ (uint64_t)shift << 2 ^ kind;
  h *= UINT64_C(0xbf58476d1ce4e5b9);
  return (uint32_t)(h >> 32) & (c->buckets - 1);
}

struct rules_entry judge_cache_entry(const struct judge_node *n) {
  bool nested = n->kind == JUDGE_NESTED;
  return (struct rules_entry){
      .va = n->va,
      .s2_root = n->s2_root,
      .asid = n->asid,
      .vmid = (uint16_t)(n->space >> 16),
      .regime = nested ? 0 : (uint8_t)(n->space >> 32),
      .s2_mode = (uint8_t)(n->space >> 48),
      .shift = n->shift,
      .s1_shift = n->s1_shift > n->shift && n->s1_shift < MMU_NO_PAGES ? n->s1_shift : 0,
      .global = n->global,
      .pointer = n->kind == JUDGE_POINTER,
      .nested = nested};
}

/* Compare with the invalidations that completed since last time. */
static bool dead(const struct judge_cache *c, struct judge_node *n) {
  if (n->since >= c->done) return false;
  struct rules_entry e = judge_cache_entry(n);
  if (judge_cache_ended(c, &e, n->since)) return true;
  n->since = c->done;
  return false;
}

/* Unlink and free dead nodes at *link until a live one or the end stands there. */
static struct judge_node *live(struct judge_cache *c, struct judge_node **link) {
  while (*link != NULL && dead(c, *link)) {
    struct judge_node *n = *link;
    *link = n->next;
    free(n);
    c->nodes--;
  }
  return *link;
}

static bool serves(const struct judge_node *n, const struct judge_key *key) {
  return n->shift == key->shift && n->kind == key->kind && (key->va ^ n->va) >> n->shift == 0 &&
         n->space == key->space && n->s2_root == key->s2_root &&
         (n->asid == key->asid || (n->global && n->kind == JUDGE_TRANSLATION));
}

struct judge_node *judge_cache_find(struct judge_cache *c, const struct judge_key *key,
                                    struct judge_node *after) {
  struct judge_node **link = after != NULL
                                 ? &after->next
                                 : &c->bucket[hash(c, key->va, key->space, key->kind, key->shift)];
  for (; live(c, link) != NULL; link = &(*link)->next)
    if (serves(*link, key)) return *link;
  return NULL;
}

static void grow(struct judge_cache *c) {
  struct judge_node **old = c->bucket;
  uint32_t count = c->buckets;
  struct judge_node **bigger = calloc(2 * (size_t)count, sizeof(struct judge_node *));
  if (bigger == NULL) return; /* slower, not wrong */
  c->bucket = bigger;
  c->buckets = 2 * count;
  for (uint32_t i = 0; i < count; i++) {
    while (old[i] != NULL) {
      struct judge_node *n = old[i];
      old[i] = n->next;
      struct judge_node **to = &c->bucket[hash(c, n->va, n->space, n->kind, n->shift)];
      n->next = *to;
      *to = n;
    }
  }
  free(old);
}

static bool same(const struct judge_node *a, const struct judge_node *b) {
  return a->addr == b->addr && a->value == b->value && a->va == b->va && a->asid == b->asid &&
         a->space == b->space && a->s2_root == b->s2_root && a->rights == b->rights &&
         a->base == b->base && a->attrs == b->attrs && a->shift == b->shift && a->kind == b->kind &&
         a->s1_shift == b->s1_shift && a->s2_shift == b->s2_shift && a->s2_rights == b->s2_rights &&
         a->s2_attrs == b->s2_attrs && a->global == b->global && a->dirty == b->dirty;
}

bool judge_cache_learn(struct judge_cache *c, const struct judge_node *n) {
  struct judge_node **head = &c->bucket[hash(c, n->va, n->space, n->kind, n->shift)];
  for (struct judge_node **link = head; live(c, link) != NULL; link = &(*link)->next) {
    struct judge_node *old = *link;
    if (!same(old, n)) continue;
    if (n->since > old->since) old->since = n->since;
    *link = old->next; /* the newest comes first */
    old->next = *head;
    *head = old;
    return true;
  }
  struct judge_node *copy = malloc(sizeof *copy);
  if (copy == NULL || c->out_of_memory) {
    free(copy);
    return false;
  }
  *copy = *n;
  if (n->kind == JUDGE_NESTED) c->nested_sizes |= UINT64_C(1) << n->shift;
  copy->next = *head;
  *head = copy;
  if (++c->nodes > c->buckets) grow(c);
  return true;
}
