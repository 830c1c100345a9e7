// SPDX-License-Identifier: Apache-2.0
// Memory latency: up to three set-associative write-allocate caches with true LRU, then DRAM.
// Latencies are load-to-use figures of the scenario; queueing and write-back traffic cost nothing.
// A set is a line of the host's own cache, or half of one, in the default configuration: that is
// most of the cost. So the L3's sets of 16 ways are narrow (tag_set.h) until a tag comes that takes
// more than 16 bits; for 16 MiB that is one of an address above 64 GiB. Promises: the same sequence
// of accesses always takes the same time.
#include "timing/memtiming.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/table.h"
#include "timing/tag_set.h"

enum { LINE_SHIFT = 6, LEVELS = 3, HOST_LINE = 64 };
#define TAG_MAX (UINT32_MAX - 1)

struct cache {
  uint32_t *tags;   /* sets x ways, wide (tag_set.h); a tag is the number of a line / sets */
  uint16_t *narrow; /* while it is not NULL the sets are here */
  uint64_t *zero;   /* narrow: a bit a set, it ever held the tag 0 */
  uint64_t set_mask;
  unsigned set_bits;
  uint32_t ways;
  uint32_t cycles;
};

struct memtiming {
  uint32_t *tags;   /* of all levels; while narrow, the L3 needs none */
  uint16_t *narrow; /* of the L3, as is `zero` */
  uint64_t *zero;
  struct cache cache[LEVELS];
  uint64_t counts[LEVELS + 1];
  uint32_t dram_cycles;
};

struct memtiming_config memtiming_default(void) {
  return (struct memtiming_config){
      .l1 = {.bytes = 32 << 10, .ways = 8, .cycles = 4},
      .l2 = {.bytes = 1 << 20, .ways = 16, .cycles = 14},
      .l3 = {.bytes = 16 << 20, .ways = 16, .cycles = 50},
      .dram_cycles = 200,
  };
}

__attribute__((format(printf, 3, 4))) static bool refuse(char *err, size_t err_len,
                                                         const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(err, err_len, format, args);
  va_end(args);
  return false;
}

static bool check_level(const struct memtiming_level *l, unsigned number, uint32_t faster,
                        uint32_t dram, char *err, size_t err_len) {
  if (l->ways == 0)
    return refuse(err, err_len, "memory timing: L%u has 0 ways; give at least 1", number);
  uint64_t way_bytes = (uint64_t)l->ways << LINE_SHIFT;
  uint64_t sets = l->bytes / way_bytes;
  if (l->bytes % way_bytes != 0 || (sets & (sets - 1)) != 0)
    return refuse(err, err_len,
                  "memory timing: L%u of %llu bytes with %u ways: sets of 64-byte lines must be a "
                  "power of two",
                  number, (unsigned long long)l->bytes, (unsigned)l->ways);
  if (l->cycles < 1 || l->cycles < faster || l->cycles > dram)
    return refuse(err, err_len,
                  "memory timing: L%u takes %u cycles; must be at least 1, not less than the level "
                  "above it and not more than DRAM's %u",
                  number, (unsigned)l->cycles, (unsigned)dram);
  return true;
}

static bool check_config(const struct memtiming_config *cfg, char *err, size_t err_len) {
  const struct memtiming_level *level[LEVELS] = {&cfg->l1, &cfg->l2, &cfg->l3};
  uint32_t faster = 1;
  if (cfg->dram_cycles < 1)
    return refuse(err, err_len, "memory timing: DRAM takes 0 cycles; give at least 1");
  for (unsigned i = 0; i < LEVELS; i++) {
    if (level[i]->bytes == 0) continue;
    if (!check_level(level[i], i + 1, faster, cfg->dram_cycles, err, err_len)) return false;
    faster = level[i]->cycles;
  }
  return true;
}

/* The sets of one address in two levels should not lie a multiple of 4 KiB apart: a host that
 * compares the low bits of addresses first takes the load from one for a load of what was just
 * stored to the other, and waits (docs/bench.md). So tables lie this much further on than they
 * would, in bytes: L2 and L3 of 64 bytes a set; and the narrow L3, 32 bytes a set as the L1. */
enum { APART = 17 * HOST_LINE };

/* Room for the tags of a level, and what lies behind them. */
static uint64_t room_of(const struct memtiming_level *l) {
  const uint64_t a_line = HOST_LINE / sizeof(uint32_t);
  return ((l->bytes >> LINE_SHIFT) + a_line - 1) / a_line * a_line + APART / sizeof(uint32_t);
}

static uint64_t sets_of(const struct memtiming_level *l) {
  return l->bytes == 0 ? 0 : (l->bytes >> LINE_SHIFT) / l->ways;
}

/* All tables allocated? */
static bool make_tables(struct memtiming *t, const struct memtiming_level *const level[]) {
  const struct memtiming_level *last = level[LEVELS - 1];
  const uint64_t sets = last->ways == TAG_NARROW_WAYS ? sets_of(last) : 0;
  uint64_t tags = 0;
  for (unsigned i = 0; i < LEVELS; i++)
    tags += room_of(level[i]);
  t->tags = host_table(tags * sizeof *t->tags);
  t->narrow = host_table(APART + sets * TAG_NARROW_WAYS * sizeof *t->narrow);
  t->zero = host_table((sets / 64 + 1) * sizeof *t->zero);
  return t->tags != NULL && t->narrow != NULL && t->zero != NULL;
}

static void make_caches(struct memtiming *t, const struct memtiming_level *const level[]) {
  uint32_t *tags = t->tags;
  for (unsigned i = 0; i < LEVELS; tags += room_of(level[i]), i++) {
    const uint64_t sets = sets_of(level[i]);
    if (sets == 0) continue;
    t->cache[i] = (struct cache){.tags = tags,
                                 .set_mask = sets - 1,
                                 .set_bits = (unsigned)__builtin_ctzll(sets),
                                 .ways = level[i]->ways,
                                 .cycles = level[i]->cycles};
  }
  struct cache *last = &t->cache[LEVELS - 1];
  if (last->ways == TAG_NARROW_WAYS) last->narrow = t->narrow + APART / sizeof *t->narrow;
  last->zero = t->zero;
}

struct memtiming *memtiming_create(const struct memtiming_config *cfg, char *err, size_t err_len) {
  const struct memtiming_level *level[LEVELS] = {&cfg->l1, &cfg->l2, &cfg->l3};
  if (!check_config(cfg, err, err_len)) return NULL;
  struct memtiming *t = calloc(1, sizeof *t);
  if (t == NULL || !make_tables(t, level)) {
    refuse(err, err_len, "memory timing: the host is out of memory; choose smaller caches");
    memtiming_destroy(t);
    return NULL;
  }
  make_caches(t, level);
  t->dram_cycles = cfg->dram_cycles;
  return t;
}

void memtiming_destroy(struct memtiming *t) {
  if (t == NULL) return;
  host_table_free(t->tags);
  host_table_free(t->narrow);
  host_table_free(t->zero);
  free(t);
}

static inline __attribute__((always_inline)) bool touch(struct cache *c, uint64_t set,
                                                        uint64_t tag) {
  return tag_set_touch(&c->tags[set * c->ways], (uint32_t)tag + 1, c->ways);
}

/* A tag came that is too large for 16 bits. */
static __attribute__((noinline)) void widen(struct cache *c) {
  for (uint64_t i = 0; i <= c->set_mask; i++)
    tag_set_widen(&c->tags[i * TAG_NARROW_WAYS], &c->narrow[i * TAG_NARROW_WAYS],
                  (c->zero[i / 64] >> i % 64 & 1) != 0);
  c->narrow = NULL;
}

/* What few accesses need: false, and it is to be touched as others are, or it was taken in. */
static __attribute__((noinline)) bool take_first_zero(struct cache *c, uint64_t set) {
  const uint64_t bit = UINT64_C(1) << set % 64;
  if ((c->zero[set / 64] & bit) != 0) return false;
  c->zero[set / 64] |= bit;
  tag_set_take_zero(&c->narrow[set * TAG_NARROW_WAYS]);
  return true;
}

static inline __attribute__((always_inline)) bool touch_last(struct cache *c, uint64_t set,
                                                             uint64_t tag) {
  if (c->narrow != NULL && tag > UINT16_MAX) widen(c);
  if (c->narrow == NULL) return touch(c, set, tag);
  if (tag == 0 && take_first_zero(c, set)) return false;
  return tag_set_touch_narrow(&c->narrow[set * TAG_NARROW_WAYS], (uint16_t)tag);
}

uint32_t memtiming_access(struct memtiming *t, uint64_t addr, bool write) {
  (void)write; /* reads and writes allocate alike and writes back for free */
  const uint64_t line = addr >> LINE_SHIFT;
  for (unsigned i = 0; i < LEVELS; i++) { /* the line becomes the most recently used of its set */
    struct cache *c = &t->cache[i];
    const uint64_t set = line & c->set_mask, tag = line >> c->set_bits;
    if (c->tags == NULL || tag > TAG_MAX) continue; /* too high: see the header */
    if (i == LEVELS - 1 ? touch_last(c, set, tag) : touch(c, set, tag)) {
      t->counts[i]++;
      return c->cycles;
    }
  }
  t->counts[LEVELS]++;
  return t->dram_cycles;
}

void memtiming_expect(const struct memtiming *t, uint64_t addr) {
  const struct cache *c = &t->cache[LEVELS - 1]; /* the others are small */
  const uint64_t i = addr >> LINE_SHIFT & c->set_mask;
  if (c->narrow != NULL)
    __builtin_prefetch(&c->narrow[i * TAG_NARROW_WAYS], 1);
  else if (c->tags != NULL)
    __builtin_prefetch(&c->tags[i * c->ways], 1);
}

/* Of a cache that is there: forget everything. */
static void forget(struct cache *c) {
  const uint64_t sets = c->set_mask + 1;
  if (c->narrow != NULL) {
    memset(c->narrow, 0, sets * TAG_NARROW_WAYS * sizeof *c->narrow);
    memset(c->zero, 0, (sets / 64 + 1) * sizeof *c->zero);
  } else {
    memset(c->tags, 0, sets * c->ways * sizeof *c->tags);
  }
}

void memtiming_flush(struct memtiming *t) {
  for (unsigned i = 0; i < LEVELS; i++)
    if (t->cache[i].tags != NULL) forget(&t->cache[i]);
}

void memtiming_counts(const struct memtiming *t, uint64_t counts[4]) {
  for (unsigned i = 0; i <= LEVELS; i++)
    counts[i] = t->counts[i];
}
