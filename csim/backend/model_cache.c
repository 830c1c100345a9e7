/* SPDX-License-Identifier: Apache-2.0
 * A cache of one set (fully associative) or of many. In the former, entries are found through a
 * hash of their page, in the latter by comparing the keys of a set; each page size that is present
 * costs one such probe. Promises: exactly what a comparison with every entry would find; no two
 * entries of one set ever serve one look-up. */
#include "backend/model_cache.h"

#include <stdlib.h>
#include <string.h>

#include "backend/model_replace.h"

enum { SHIFTS = 64, HOST_LINE = 64 };
#define NONE UINT32_MAX
#define ASID_BITS UINT64_C(0xffff)

struct slot {
  struct model_entry entry;
  uint64_t tag_mask; /* of the tag bits that count */
  uint32_t home;     /* one set: its bucket */
  uint32_t next;     /* one set: the next slot of that bucket */
};

struct model_cache {
  struct model_cache_shape shape;
  unsigned way_bits; /* a slot's index is its set, then its way in so many bits */
  uint32_t bucket_mask;
  uint64_t present; /* page sizes of valid entries, as a mask */
  uint64_t placed;  /* page sizes ever placed */
  uint32_t touched; /* slot touched last: to touch it again changes nothing */
  struct slot *slot;
  uint32_t *bucket; /* one set */
  uint64_t *key;    /* many sets: page number and size of each slot; 0: free */
  struct model_replace *replace;
  uint64_t *valid;        /* a bit a slot */
  uint32_t count[SHIFTS]; /* valid entries of each page size */
};

/* Of one cache line of the host each. */
static struct slot *make_slots(uint32_t entries) {
  _Static_assert(sizeof(struct slot) == HOST_LINE, "a slot fills a line");
  struct slot *s = aligned_alloc(HOST_LINE, entries * sizeof *s);
  if (s != NULL) memset(s, 0, entries * sizeof *s);
  return s;
}

static bool make_buckets(struct model_cache *c, uint32_t entries) {
  c->bucket_mask = 4 * entries - 1;
  c->bucket = calloc(4 * (size_t)entries, sizeof *c->bucket);
  for (uint32_t i = 0; c->bucket != NULL && i <= c->bucket_mask; i++)
    c->bucket[i] = NONE;
  return c->bucket != NULL;
}

static bool make_keys(struct model_cache *c, uint32_t entries) {
  c->key = calloc(entries, sizeof *c->key);
  return c->key != NULL;
}

struct model_cache *model_cache_create(const struct model_cache_shape *shape) {
  struct model_cache *c = calloc(1, sizeof *c);
  if (c == NULL) return NULL;
  c->shape = *shape;
  c->touched = NONE;
  if (shape->ways == 0) return c;
  while (1U << c->way_bits < shape->ways)
    c->way_bits++;
  uint32_t entries = shape->sets << c->way_bits;
  c->slot = make_slots(entries);
  c->valid = calloc(entries / 64 + 1, sizeof *c->valid);
  c->replace = model_replace_create(shape->sets, shape->ways, shape->policy);
  bool found_by = shape->sets == 1 ? make_buckets(c, entries) : make_keys(c, entries);
  if (c->slot != NULL && c->valid != NULL && c->replace != NULL && found_by) return c;
  model_cache_destroy(c);
  return NULL;
}

void model_cache_destroy(struct model_cache *c) {
  if (c == NULL) return;
  free(c->slot);
  free(c->bucket);
  free(c->key);
  free(c->valid);
  model_replace_destroy(c->replace);
  free(c);
}

/* ---- where things are ---- */

/* The bucket of a page; of a tag only what entries of all ASIDs share counts. */
static uint32_t bucket_of(const struct model_cache *c, uint64_t va, uint64_t tag, unsigned shift) {
  uint64_t h = ((va >> shift) + (tag >> 16)) * UINT64_C(0x9e3779b97f4a7c15);
  return (uint32_t)(h >> 40) & c->bucket_mask;
}

static uint32_t set_of(const struct model_cache *c, uint64_t va, unsigned shift) {
  return (uint32_t)(va >> shift) & (c->shape.sets - 1);
}

static uint32_t way_of(const struct model_cache *c, uint32_t i) {
  return i & ((1U << c->way_bits) - 1);
}

/* The lowest bit of a mask, taken out of it. */
static unsigned take_bit(uint64_t *mask) {
  unsigned bit = (unsigned)__builtin_ctzll(*mask);
  *mask &= *mask - 1;
  return bit;
}

/* Page number and size in one word, never 0. */
static uint64_t key_of(uint64_t va, unsigned shift) {
  return va >> shift << 6 | shift;
}

static bool same_space(const struct slot *s, uint64_t tag) {
  return ((tag ^ s->entry.tag) & s->tag_mask) == 0;
}

/* The entry of one page size that serves the address, or NONE: there is one at most. */
static inline uint32_t in_buckets(const struct model_cache *c, uint64_t va, uint64_t tag,
                                  unsigned shift) {
  uint32_t i = c->bucket[bucket_of(c, va, tag, shift)];
  for (; i != NONE; i = c->slot[i].next) {
    const struct slot *s = &c->slot[i];
    if (s->entry.shift == shift && (va ^ s->entry.va) >> shift == 0 && same_space(s, tag)) break;
  }
  return i;
}

static inline uint32_t in_set(const struct model_cache *c, uint64_t va, uint64_t tag,
                              unsigned shift) {
  const uint64_t wanted = key_of(va, shift);
  const uint32_t first = set_of(c, va, shift) << c->way_bits;
  const uint64_t *key = &c->key[first];
  const size_t ways = c->shape.ways;
  for (size_t way = 0; way < ways; way++)
    if (key[way] == wanted && same_space(&c->slot[first + way], tag)) return first + (uint32_t)way;
  return NONE;
}

/* The same of any size in the mask, the smallest first. Inlined: it is most of what a thrashing
 * model does. */
static inline __attribute__((always_inline)) uint32_t search(const struct model_cache *c,
                                                             uint64_t va, uint64_t tag,
                                                             uint64_t sizes) {
  for (sizes &= c->present; sizes != 0;) {
    unsigned shift = take_bit(&sizes);
    uint32_t i = c->key != NULL ? in_set(c, va, tag, shift) : in_buckets(c, va, tag, shift);
    if (i != NONE) return i;
  }
  return NONE;
}

static void leave_bucket(struct model_cache *c, uint32_t i) {
  uint32_t *link = &c->bucket[c->slot[i].home];
  while (*link != i)
    link = &c->slot[*link].next;
  *link = c->slot[i].next;
}

static void enter_bucket(struct model_cache *c, uint32_t i, uint32_t home) {
  c->slot[i].home = home;
  c->slot[i].next = c->bucket[home];
  c->bucket[home] = i;
}

static void drop(struct model_cache *c, uint32_t i) {
  unsigned shift;
  if (c->key != NULL) {
    shift = c->key[i] & 63;
    c->key[i] = 0;
  } else {
    shift = c->slot[i].entry.shift;
    leave_bucket(c, i);
  }
  c->valid[i / 64] &= ~(UINT64_C(1) << i % 64);
  if (--c->count[shift] == 0) c->present &= ~(UINT64_C(1) << shift);
}

/* ---- look-ups ---- */

const struct model_entry *model_cache_find(const struct model_cache *c, uint64_t va, uint64_t tag,
                                           uint64_t sizes) {
  uint32_t i = search(c, va, tag, sizes);
  return i != NONE ? &c->slot[i].entry : NULL;
}

void model_cache_touch(struct model_cache *c, const struct model_entry *e) {
  uint32_t i = (uint32_t)((const struct slot *)e - c->slot);
  if (c->touched == i) return;
  c->touched = i;
  model_replace_hit(c->replace, i >> c->way_bits, way_of(c, i));
}

uint64_t model_cache_sizes(const struct model_cache *c) {
  return c->placed;
}

bool model_cache_has_parts(const struct model_cache *c) {
  for (uint32_t i = 0; i < c->shape.sets << c->way_bits; i++)
    if ((c->valid[i / 64] >> i % 64 & 1) && model_entry_is_part(&c->slot[i].entry)) return true;
  return false;
}

void model_cache_recount_sizes(struct model_cache *c) {
  c->placed = c->present;
}

/* ---- fills ---- */

/* Which slots of a set are valid, from a way that is a multiple of 64 on. */
static uint64_t valid_ways(const struct model_cache *c, uint32_t set, uint32_t way) {
  uint32_t i = set << c->way_bits | way;
  uint32_t left = c->shape.ways - way;
  uint64_t mask = left >= 64 ? UINT64_MAX : (UINT64_C(1) << left) - 1;
  return c->valid[i / 64] >> i % 64 & mask;
}

/* The slot of the lowest free way of a set, else that of the victim. */
static uint32_t take_slot(struct model_cache *c, uint32_t set) {
  uint32_t first = set << c->way_bits;
  for (uint32_t way = 0; way < c->shape.ways; way += 64) {
    uint64_t valid = valid_ways(c, set, way);
    if (valid == UINT64_MAX) continue;
    way += (uint32_t)__builtin_ctzll(~valid);
    if (way < c->shape.ways) return first | way;
  }
  uint32_t i = first | model_replace_victim(c->replace, set);
  drop(c, i);
  return i;
}

/* Would some look-up find both the entry of slot i and a new one? */
static bool overlaps(const struct model_cache *c, uint32_t i, uint64_t va, uint64_t tag,
                     unsigned shift, uint64_t tag_mask) {
  const struct slot *s = &c->slot[i];
  if (c->shape.sets > 1 && s->entry.shift != shift) return false;
  unsigned larger = s->entry.shift > shift ? s->entry.shift : shift;
  return (va ^ s->entry.va) >> larger == 0 && ((tag ^ s->entry.tag) & s->tag_mask & tag_mask) == 0;
}

/* Drop whatever overlaps the new entry; the highest index of it, or NONE. */
static uint32_t make_way(struct model_cache *c, uint64_t va, uint64_t tag, unsigned shift,
                         uint64_t tag_mask, uint32_t set, bool *resized) {
  uint32_t highest = NONE;
  for (uint32_t way = 0; way < c->shape.ways; way += 64) {
    uint64_t left = valid_ways(c, set, way);
    while (left != 0) {
      uint32_t i = (set << c->way_bits | way) + take_bit(&left);
      if (!overlaps(c, i, va, tag, shift, tag_mask)) continue;
      if (c->slot[i].entry.shift != shift) *resized = true;
      drop(c, i);
      highest = i;
    }
  }
  return highest;
}

struct model_entry *model_cache_place(struct model_cache *c, uint64_t va, uint64_t tag,
                                      uint8_t shift, bool global, bool *resized) {
  uint64_t bit = UINT64_C(1) << shift;
  uint64_t tag_mask = global && !c->shape.pointers ? ~ASID_BITS : UINT64_MAX;
  uint32_t set = set_of(c, va, shift);
  uint32_t i = NONE;
  *resized = false;
  if (c->shape.ways == 0) return NULL;
  /* Entries of one size that match the new one's address and tag exactly are found by search. */
  if (global || (c->present & ~bit) != 0 || search(c, va, tag, bit) != NONE)
    i = make_way(c, va, tag, shift, tag_mask, set, resized);
  if (i == NONE) i = take_slot(c, set);
  struct slot *s = &c->slot[i];
  c->touched = i;
  model_replace_fill(c->replace, set, way_of(c, i));
  c->valid[i / 64] |= UINT64_C(1) << i % 64;
  s->tag_mask = tag_mask;
  if (c->key != NULL)
    c->key[i] = key_of(va, shift);
  else
    enter_bucket(c, i, bucket_of(c, va, tag, shift));
  c->count[shift]++;
  c->present |= bit;
  c->placed |= bit;
  s->entry.va = va & (UINT64_MAX << shift);
  s->entry.tag = tag;
  s->entry.shift = shift;
  s->entry.global = global;
  return &s->entry;
}

/* ---- invalidation ---- */

/* A nested one has its EPT root where others have the VMID, and no ASID. */
static bool nested_covered(const struct model_entry *e, const struct rules_ops *rules,
                           const struct mmu_inval *inv) {
  uint8_t mode = (uint8_t)(e->tag >> 56);
  uint16_t vmid = mode == MMU_S2_EPT ? 0 : (uint16_t)(e->tag >> 16);
  return rules->covers(inv, &(struct rules_entry){.va = e->va,
                                                  .s2_root = e->s2_root,
                                                  .vmid = vmid,
                                                  .s2_mode = mode,
                                                  .shift = e->shift,
                                                  .nested = true});
}

/* Of a virtual address only bits 55:12 count, as in the hardware. */
static bool covered(const struct model_cache *c, uint32_t i, const struct rules_ops *rules,
                    const struct mmu_inval *inv) {
  const struct model_entry *e = &c->slot[i].entry;
  const uint64_t low = (UINT64_C(1) << 56) - 1;
  if (c->shape.nested) return nested_covered(e, rules, inv);
  uint64_t va = (e->va & low) | (inv->addr & ~low);
  bool part = !c->shape.pointers && model_entry_is_part(e);
  return rules->covers(inv, &(struct rules_entry){.va = va,
                                                  .s2_root = e->s2_root,
                                                  .asid = (uint16_t)e->tag,
                                                  .vmid = (uint16_t)(e->tag >> 16),
                                                  .regime = (uint8_t)(e->tag >> 32),
                                                  .s2_mode = (uint8_t)(e->tag >> 48),
                                                  .shift = e->shift,
                                                  .s1_shift = part ? e->s1_shift : 0,
                                                  .global = e->global && !c->shape.pointers,
                                                  .pointer = c->shape.pointers});
}

static void sweep_set(struct model_cache *c, uint32_t set, const struct rules_ops *rules,
                      const struct mmu_inval *inv) {
  for (uint32_t way = 0; way < c->shape.ways; way += 64) {
    uint64_t left = valid_ways(c, set, way);
    while (left != 0) {
      uint32_t i = (set << c->way_bits | way) + take_bit(&left);
      if (covered(c, i, rules, inv)) drop(c, i);
    }
  }
}

void model_cache_invalidate(struct model_cache *c, const struct rules_ops *rules,
                            const struct mmu_inval *inv, bool by_address) {
  if (by_address && c->shape.sets > 1)
    for (uint64_t sizes = c->present; sizes != 0;)
      sweep_set(c, set_of(c, inv->addr, take_bit(&sizes)), rules, inv);
  else
    for (uint32_t set = 0; set < c->shape.sets && c->present != 0; set++)
      sweep_set(c, set, rules, inv);
}

void model_cache_clear(struct model_cache *c) {
  for (uint32_t i = 0; c->present != 0; i++)
    if (c->valid[i / 64] >> i % 64 & 1) drop(c, i);
}
