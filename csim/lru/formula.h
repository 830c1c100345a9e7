/* SPDX-License-Identifier: Apache-2.0
 * The arithmetic of both policies, free of state. Sizes in pages, integer division. */
#ifndef COWALK_LRU_FORMULA_H
#define COWALK_LRU_FORMULA_H

#include <stdbool.h>
#include <stdint.h>

/* The four lists, enum lru_list. */
enum lru_list { LRU_INACTIVE_ANON, LRU_ACTIVE_ANON, LRU_INACTIVE_FILE, LRU_ACTIVE_FILE, LRU_LISTS };

uint64_t lru_isqrt(uint64_t x);
/* inactive_is_low */
bool lru_inactive_is_low(uint64_t inactive, uint64_t active);

enum lru_balance { LRU_SCAN_EQUAL, LRU_SCAN_FRACT, LRU_SCAN_ANON, LRU_SCAN_FILE };

struct lru_balance_in {
  bool may_swap, swap_free; /* swapping allowed in this run; a slot is free */
  bool memcg;               /* a group's limit, not the machine's memory */
  bool file_is_tiny, cache_trim;
  int priority;
  unsigned swappiness;
  uint64_t anon_cost, file_cost;
  uint64_t size[LRU_LISTS]; /* eligible pages */
};
/* get_scan_count: which rule decided, and the pages to scan of each list. */
enum lru_balance lru_scan_count(const struct lru_balance_in *in, uint64_t scan[LRU_LISTS]);
/* prepare_scan_count: are there so few file pages that anon must go. */
bool lru_file_is_tiny(uint64_t file, uint64_t free, uint64_t high_marks, bool deactivate_anon,
                      uint64_t inactive_anon, int priority);
/* workingset_refault: the memory that the returning page competes for. */
uint64_t lru_workingset_size(bool file, bool swap_free, const uint64_t size[LRU_LISTS]);

/* ---- shadow entries: never 0 (pack_shadow, unpack_shadow) ---- */
enum { LRU_EVICTION_BITS = 36 }; /* x86-64: 63 less memcg 16, node 10, workingset 1 */
uint64_t lru_shadow_pack(uint64_t eviction, unsigned node, bool workingset);
void lru_shadow_unpack(uint64_t shadow, uint64_t *eviction, unsigned *node, bool *workingset);
/* Ages passed since then, modulo the bits kept. */
uint64_t lru_refault_distance(uint64_t now, uint64_t then);

/* ---- MGLRU ---- */
enum { LRU_MIN_GENS = 2, LRU_MAX_GENS = 4, LRU_TIERS = 4, LRU_REFS_MAX = 3 };

/* refs: uses beyond the first by file descriptor, 0..4 -> tier 0..3 (lru_tier_from_refs). */
unsigned lru_tier(unsigned refs);

struct lru_ctrl { /* struct ctrl_pos */
  uint64_t refaulted, total;
  unsigned gain;
};
/* positive_ctrl_err: pv refaults no more than the set point sp does. */
bool lru_ctrl_ok(const struct lru_ctrl *sp, const struct lru_ctrl *pv);
/* suitable_to_scan with 8-byte entries and 64-byte lines */
bool lru_dense(uint32_t entries, uint32_t young);
/* should_run_aging once the sizes are summed: gens of the type that decides. */
bool lru_aging_due(uint64_t gens, uint64_t young, uint64_t old, uint64_t total);

/* ---- Bloom filter: 2^15 bits, two keys ---- */
enum { LRU_BLOOM_SHIFT = 15, LRU_BLOOM_WORDS = (1 << LRU_BLOOM_SHIFT) / 64 };
void lru_bloom_add(uint64_t *filter, uint64_t item);
bool lru_bloom_has(const uint64_t *filter, uint64_t item);

#endif
