/* SPDX-License-Identifier: Apache-2.0
 * The rules of linux-6.1 mm/vmscan.c, mm/workingset.c and include/linux/mm_inline.h in
 * arithmetic. */
#include "lru/formula.h"

#include "lru/lru.h"

uint64_t lru_isqrt(uint64_t x) {
  uint64_t r = 0;
  for (uint64_t bit = UINT64_C(1) << 31; bit != 0; bit >>= 1)
    if ((r + bit) * (r + bit) <= x) r += bit;
  return r;
}

bool lru_inactive_is_low(uint64_t inactive, uint64_t active) {
  uint64_t gib = (inactive + active) >> 18;
  uint64_t ratio = gib != 0 ? lru_isqrt(10 * gib) : 1;
  return inactive * ratio < active;
}

static enum lru_balance choose(const struct lru_balance_in *in) {
  if (!in->may_swap || !in->swap_free) return LRU_SCAN_FILE;
  if (in->memcg && in->swappiness == 0) return LRU_SCAN_FILE;
  if (in->priority == 0 && in->swappiness != 0) return LRU_SCAN_EQUAL;
  if (in->file_is_tiny) return LRU_SCAN_ANON;
  return in->cache_trim ? LRU_SCAN_FILE : LRU_SCAN_FRACT;
}

enum lru_balance lru_scan_count(const struct lru_balance_in *in, uint64_t scan[LRU_LISTS]) {
  enum lru_balance rule = choose(in);
  /* Pressure is inverse to cost; each side carries at least a third of it before swappiness. */
  uint64_t both = in->anon_cost + in->file_cost;
  uint64_t anon = both + in->anon_cost;
  uint64_t file = both + in->file_cost;
  uint64_t share[LRU_TYPES] = {in->swappiness * (anon + file + 1) / (anon + 1),
                               (200 - in->swappiness) * (anon + file + 1) / (file + 1)};
  for (int l = 0; l < LRU_LISTS; l++) {
    bool is_file = l >= LRU_INACTIVE_FILE;
    scan[l] = in->size[l] >> in->priority;
    if (rule == LRU_SCAN_FRACT) scan[l] = scan[l] * share[is_file] / (share[0] + share[1]);
    if ((rule == LRU_SCAN_FILE && !is_file) || (rule == LRU_SCAN_ANON && is_file)) scan[l] = 0;
  }
  return rule;
}

bool lru_file_is_tiny(uint64_t file, uint64_t free, uint64_t high_marks, bool deactivate_anon,
                      uint64_t inactive_anon, int priority) {
  return file + free <= high_marks && !deactivate_anon && inactive_anon >> priority != 0;
}

uint64_t lru_workingset_size(bool file, bool swap_free, const uint64_t size[LRU_LISTS]) {
  uint64_t w = size[LRU_ACTIVE_FILE];
  if (!file) w += size[LRU_INACTIVE_FILE];
  if (!swap_free) return w;
  w += size[LRU_ACTIVE_ANON];
  return file ? w + size[LRU_INACTIVE_ANON] : w;
}

/* ---- shadow entries ---- */

enum { NODE_BITS = 10, MEMCG_BITS = 16 }; /* there is one group: number 0 */
static const uint64_t eviction_mask = (UINT64_C(1) << LRU_EVICTION_BITS) - 1;

uint64_t lru_shadow_pack(uint64_t eviction, unsigned node, bool workingset) {
  uint64_t v = (eviction & eviction_mask) << (MEMCG_BITS + NODE_BITS);
  v = (v | (node & ((1U << NODE_BITS) - 1))) << 1 | workingset;
  return v << 1 | 1;
}

void lru_shadow_unpack(uint64_t shadow, uint64_t *eviction, unsigned *node, bool *workingset) {
  uint64_t v = shadow >> 1;
  *workingset = (v & 1) != 0;
  *node = (unsigned)(v >> 1) & ((1U << NODE_BITS) - 1);
  *eviction = v >> (1 + NODE_BITS + MEMCG_BITS);
}

uint64_t lru_refault_distance(uint64_t now, uint64_t then) {
  return (now - then) & eviction_mask;
}

/* ---- MGLRU ---- */

unsigned lru_tier(unsigned refs) {
  unsigned tier = 0;
  while ((1U << tier) < refs + 1)
    tier++;
  return tier;
}

bool lru_ctrl_ok(const struct lru_ctrl *sp, const struct lru_ctrl *pv) {
  if (pv->refaulted < LRU_MIN_BATCH) return true;
  return pv->refaulted * (sp->total + LRU_MIN_BATCH) * sp->gain <=
         (sp->refaulted + 1) * pv->total * pv->gain;
}

bool lru_dense(uint32_t entries, uint32_t young) {
  return young * 8 >= entries;
}

bool lru_aging_due(uint64_t gens, uint64_t young, uint64_t old, uint64_t total) {
  if (gens != LRU_MIN_GENS + 1) return gens <= LRU_MIN_GENS;
  return young * LRU_MIN_GENS > total || old * (LRU_MIN_GENS + 2) < total;
}

/* ---- Bloom filter ---- */

/* Knuth's multiplicative hash, 30 bits, as the kernel's hash_ptr; a half for each key. */
static void keys(uint64_t item, uint32_t key[2]) {
  uint32_t h = (uint32_t)((item * UINT64_C(0x61C8864680B583EB)) >> (64 - 2 * LRU_BLOOM_SHIFT));
  key[0] = h & ((1U << LRU_BLOOM_SHIFT) - 1);
  key[1] = h >> LRU_BLOOM_SHIFT;
}

void lru_bloom_add(uint64_t *filter, uint64_t item) {
  uint32_t key[2];
  keys(item, key);
  for (int i = 0; i < 2; i++)
    filter[key[i] / 64] |= UINT64_C(1) << key[i] % 64;
}

bool lru_bloom_has(const uint64_t *filter, uint64_t item) {
  uint32_t key[2];
  keys(item, key);
  for (int i = 0; i < 2; i++)
    if ((filter[key[i] / 64] >> key[i] % 64 & 1) == 0) return false;
  return true;
}
