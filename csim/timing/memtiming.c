// SPDX-License-Identifier: Apache-2.0
// Memory latency: up to three set-associative write-allocate caches with true LRU, then DRAM.
// Latencies are load-to-use figures of the scenario; queueing and write-back traffic cost nothing.
// A set is one line of the host's own cache in the default configuration: that is most of the cost.
// Promises: the same sequence of accesses always takes the same time.
#include "timing/memtiming.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/table.h"

enum { LINE_SHIFT = 6, LEVELS = 3, TAG_BITS = 32, HOST_LINE = 64 };

struct cache {
  uint32_t *tags; /* sets x ways: line number / sets, + 1; most recently used first; 0 is empty */
  uint64_t set_mask;
  unsigned set_bits;
  uint32_t ways;
  uint32_t cycles;
};

struct memtiming {
  uint32_t *tags; /* of all levels */
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

/* Of the levels before `end`; each begins a line of the host. The sets of one address in L2 and L3
 * must not lie a multiple of 4 KiB apart: a host that compares the low bits of addresses first
 * takes the load from one for a load of what was just stored to the other, and waits
 * (docs/bench.md). */
static uint64_t tags_of(const struct memtiming_level *const level[], unsigned end) {
  const uint64_t a_line = HOST_LINE / sizeof(uint32_t), apart = 17 * a_line;
  uint64_t tags = 0;
  for (unsigned i = 0; i < end; i++)
    tags += ((level[i]->bytes >> LINE_SHIFT) + a_line - 1) / a_line * a_line + apart;
  return tags;
}

struct memtiming *memtiming_create(const struct memtiming_config *cfg, char *err, size_t err_len) {
  const struct memtiming_level *level[LEVELS] = {&cfg->l1, &cfg->l2, &cfg->l3};
  if (!check_config(cfg, err, err_len)) return NULL;
  struct memtiming *t = calloc(1, sizeof *t);
  if (t != NULL) t->tags = host_table(tags_of(level, LEVELS) * sizeof *t->tags);
  for (unsigned i = 0; t != NULL && t->tags != NULL && i < LEVELS; i++) {
    if (level[i]->bytes == 0) continue;
    uint64_t sets = (level[i]->bytes >> LINE_SHIFT) / level[i]->ways;
    t->cache[i] = (struct cache){.tags = t->tags + tags_of(level, i),
                                 .set_mask = sets - 1,
                                 .set_bits = (unsigned)__builtin_ctzll(sets),
                                 .ways = level[i]->ways,
                                 .cycles = level[i]->cycles};
  }
  if (t == NULL || t->tags == NULL) {
    refuse(err, err_len, "memory timing: the host is out of memory; choose smaller caches");
    memtiming_destroy(t);
    return NULL;
  }
  t->dram_cycles = cfg->dram_cycles;
  return t;
}

void memtiming_destroy(struct memtiming *t) {
  if (t == NULL) return;
  host_table_free(t->tags);
  free(t);
}

/* Four ways in one register of the host. */
typedef uint32_t four __attribute__((vector_size(16)));

static inline four load(const uint32_t *from) {
  four v;
  memcpy(&v, from, sizeof v);
  return v;
}

static inline bool any(four v) {
  uint64_t half[2];
  memcpy(half, &v, sizeof half);
  return (half[0] | half[1]) != 0;
}

/* Take it in as the most recently used, in place of the last; false, and nothing has happened, if
 * the set has it. */
static __attribute__((noinline)) bool take_in(uint32_t *set, uint32_t wanted, uint32_t ways) {
  for (uint32_t i = 0; i < ways; i++)
    if (set[i] == wanted) return false;
  memmove(set + 1, set, (ways - 1) * sizeof *set);
  set[0] = wanted;
  return true;
}

/* The same of 8 or 16 ways, all compared and moved in registers. */
static inline __attribute__((always_inline)) bool take_in_fast(uint32_t *set, uint32_t wanted,
                                                               const uint32_t ways) {
  four held[4];
  four equal = {0};
#pragma GCC unroll 4
  for (uint32_t i = 0; i < ways / 4; i++) {
    held[i] = load(&set[4 * i]);
    equal |= (four)(held[i] == wanted);
  }
  if (any(equal)) return false;
  four last = load(&set[ways - 5]);
#pragma GCC unroll 4
  for (uint32_t i = 0; i < ways / 4 - 1; i++)
    memcpy(&set[4 * i + 1], &held[i], sizeof held[i]);
  memcpy(&set[ways - 4], &last, sizeof last);
  set[0] = wanted;
  return true;
}

static inline void to_front(uint32_t *set, uint32_t there) {
  uint32_t carried = there;
  for (uint32_t i = 0;; i++) {
    uint32_t here = set[i];
    set[i] = carried;
    if (here == there) return;
    carried = here;
  }
}

/* Look a line up and make it the most recently used of its set; false if it was not there. */
static inline __attribute__((always_inline)) bool touch(struct cache *c, uint64_t line) {
  uint64_t tag = line >> c->set_bits;
  if (tag >= (UINT64_C(1) << TAG_BITS) - 1) return false; /* too high: see the header */
  uint32_t ways = c->ways;
  uint32_t *set = &c->tags[(line & c->set_mask) * ways];
  uint32_t wanted = (uint32_t)tag + 1;
  if (set[0] == wanted) return true;
  bool taken = ways == 16  ? take_in_fast(set, wanted, 16)
               : ways == 8 ? take_in_fast(set, wanted, 8)
                           : take_in(set, wanted, ways);
  if (!taken) to_front(set, wanted);
  return !taken;
}

uint32_t memtiming_access(struct memtiming *t, uint64_t addr, bool write) {
  (void)write; /* reads and writes allocate alike and writes back for free */
  uint64_t line = addr >> LINE_SHIFT;
  for (unsigned i = 0; i < LEVELS; i++) {
    struct cache *c = &t->cache[i];
    if (c->tags != NULL && touch(c, line)) {
      t->counts[i]++;
      return c->cycles;
    }
  }
  t->counts[LEVELS]++;
  return t->dram_cycles;
}

void memtiming_expect(const struct memtiming *t, uint64_t addr) {
  const struct cache *c = &t->cache[LEVELS - 1]; /* the others are small */
  if (c->tags != NULL)
    __builtin_prefetch(&c->tags[(addr >> LINE_SHIFT & c->set_mask) * c->ways], 1);
}

void memtiming_flush(struct memtiming *t) {
  for (unsigned i = 0; i < LEVELS; i++) {
    struct cache *c = &t->cache[i];
    for (uint64_t k = 0; c->tags != NULL && k < (c->set_mask + 1) * c->ways; k++)
      c->tags[k] = 0;
  }
}

void memtiming_counts(const struct memtiming *t, uint64_t counts[4]) {
  for (unsigned i = 0; i <= LEVELS; i++)
    counts[i] = t->counts[i];
}
