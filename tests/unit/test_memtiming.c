// SPDX-License-Identifier: Apache-2.0
// Memory timing: latencies of each level, true LRU, refused configurations.
// Expectations are worked out by hand from csim/timing/memtiming.h.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four headers above first
#include <cmocka.h>
#include <stdbool.h>
#include <string.h>

#include "random/splitmix64.h"
#include "timing/memtiming.h"

static void test_constant_without_caches(void **state) {
  (void)state;
  char err[200] = "";
  struct memtiming *t =
      memtiming_create(&(struct memtiming_config){.dram_cycles = 77}, err, sizeof err);
  assert_non_null(t);
  for (uint64_t a = 0; a < 4096; a += 8)
    assert_int_equal(memtiming_access(t, a & 64, false), 77);
  uint64_t counts[4];
  memtiming_counts(t, counts);
  assert_int_equal(counts[3], 512);
  memtiming_destroy(t);
}

static void test_levels(void **state) {
  (void)state;
  char err[200] = "";
  struct memtiming_config cfg = memtiming_default();
  struct memtiming *t = memtiming_create(&cfg, err, sizeof err);
  assert_int_equal(memtiming_access(t, 0x1000, false), 200);
  assert_int_equal(memtiming_access(t, 0x1038, true), 4);
  for (uint64_t a = 1 << 20; a < (1 << 20) + (64 << 10); a += 64) /* twice L1 */
    memtiming_access(t, a, false);
  assert_int_equal(memtiming_access(t, 0x1000, false), 14);
  for (uint64_t a = 1 << 24; a < (1 << 24) + (2 << 20); a += 64) /* twice L2 */
    memtiming_access(t, a, false);
  assert_int_equal(memtiming_access(t, 0x1000, false), 50);
  memtiming_flush(t);
  assert_int_equal(memtiming_access(t, 0x1000, false), 200);
  memtiming_destroy(t);
}

static void test_lru(void **state) {
  (void)state;
  char err[200] = "";
  struct memtiming_config cfg = {.l1 = {.bytes = 128, .ways = 2, .cycles = 2}, .dram_cycles = 9};
  struct memtiming *t = memtiming_create(&cfg, err, sizeof err);
  assert_int_equal(memtiming_access(t, 0, false), 9);
  assert_int_equal(memtiming_access(t, 64, false), 9);
  assert_int_equal(memtiming_access(t, 0, false), 2);
  assert_int_equal(memtiming_access(t, 128, false), 9); /* 64 goes */
  assert_int_equal(memtiming_access(t, 0, false), 2);
  assert_int_equal(memtiming_access(t, 64, false), 9);
  uint64_t counts[4];
  memtiming_counts(t, counts);
  assert_int_equal(counts[0], 2);
  assert_int_equal(counts[3], 4);
  memtiming_destroy(t);
}

/* ---- against lists of lines, one a set, moved about the simplest way ---- */

enum { LISTS = 4096, LIST_WAYS = 16, NO_LINE = -1 };

struct lists {
  int64_t line[LISTS][LIST_WAYS];
  uint64_t sets;
  unsigned ways;
};

static void empty(struct lists *l, uint64_t sets, unsigned ways) {
  l->sets = sets;
  l->ways = ways;
  for (uint64_t i = 0; i < sets; i++)
    for (unsigned w = 0; w < ways; w++)
      l->line[i][w] = NO_LINE;
}

/* Was it there? It is the first then. */
static bool look_up(struct lists *l, uint64_t line) {
  int64_t *set = l->line[line % l->sets];
  unsigned w = 0;
  while (w < l->ways && set[w] != (int64_t)line)
    w++;
  const bool found = w < l->ways;
  for (w = found ? w : l->ways - 1; w != 0; w--)
    set[w] = set[w - 1];
  set[0] = (int64_t)line;
  return found;
}

/* 40,000 accesses to `span` tags of a few sets, the lowest being the tag `first`. */
static void compare(struct memtiming *t, struct lists *l, uint64_t first, uint32_t span,
                    uint64_t *state) {
  for (int n = 0; n < 40000; n++) {
    const uint64_t set =
        splitmix64_below(state, 2) * (l->sets - 1) / 2 + splitmix64_below(state, 2);
    const uint64_t line = (first + splitmix64_below(state, span)) * l->sets + set % l->sets;
    assert_int_equal(memtiming_access(t, line * 64 + splitmix64_below(state, 64), false),
                     look_up(l, line) ? 5 : 90);
  }
}

/* A cache alone at one level: few tags and many, the lowest, the highest of 16 bits, beyond, and
 * both together; then all over again when it is empty. */
static void check_level(unsigned level, uint64_t sets, unsigned ways) {
  static struct lists l;
  char err[200] = "";
  const struct memtiming_level shape = {.bytes = sets * ways * 64, .ways = ways, .cycles = 5};
  struct memtiming_config cfg = {.dram_cycles = 90};
  *(level == 1 ? &cfg.l1 : level == 2 ? &cfg.l2 : &cfg.l3) = shape;
  struct memtiming *t = memtiming_create(&cfg, err, sizeof err);
  assert_non_null(t);
  uint64_t state = level + sets + ways;
  for (int round = 0; round < 2; round++) {
    empty(&l, sets, ways);
    compare(t, &l, 7, ways / 2 + 1, &state);
    compare(t, &l, 0, 3, &state);
    compare(t, &l, 0, ways + 3, &state);
    compare(t, &l, 65536 - ways, ways, &state);
    memtiming_flush(t);
    empty(&l, sets, ways);
    compare(t, &l, 1, 3, &state);
    compare(t, &l, 65534, 2, &state);
    compare(t, &l, 0, 2, &state);
    compare(t, &l, 65530, ways + 1, &state);
    compare(t, &l, 0, ways * 2, &state);
    compare(t, &l, UINT32_MAX - 40, 40, &state);
    for (unsigned n = 0; n < 40; n++) /* what is not held pushes nothing out */
      assert_int_equal(memtiming_access(t, (UINT64_C(0xffffffff) + n % 3) * sets * 64, false), 90);
    compare(t, &l, UINT32_MAX - 40, 40, &state);
    memtiming_flush(t);
  }
  memtiming_destroy(t);
}

static void test_against_lists(void **state) {
  (void)state;
  for (unsigned level = 1; level <= 3; level++) {
    check_level(level, 1, 16);
    check_level(level, 64, 16);
    check_level(level, LISTS, 16);
    check_level(level, 64, 8);
    check_level(level, 64, 4);
    check_level(level, 2, 1);
  }
}

/* One set beyond 16 bits makes all sets wide, with what they held; empty ways stay empty. */
static void test_widens(void **state) {
  (void)state;
  char err[200] = "";
  const uint64_t sets = 128;
  struct memtiming_config cfg = {.l3 = {.bytes = sets * 16 * 64, .ways = 16, .cycles = 5},
                                 .dram_cycles = 90};
  struct memtiming *t = memtiming_create(&cfg, err, sizeof err);
  assert_non_null(t);
  for (uint64_t set = 0; set < sets; set++)
    for (uint64_t tag = set % 2; tag < set % 19; tag++)
      assert_int_equal(memtiming_access(t, (tag * sets + set) * 64, false), 90);
  assert_int_equal(memtiming_access(t, 65536 * sets * 64, false), 90);
  for (uint64_t set = 1; set < sets; set++) {
    const uint64_t first = set % 2, end = set % 19;
    if (first == 1) assert_int_equal(memtiming_access(t, set * 64, false), 90); /* the tag 0 */
    const bool full = end >= first + 16 || (first == 1 && end >= 16);
    for (uint64_t tag = first; !full && tag < end; tag++)
      assert_int_equal(memtiming_access(t, (tag * sets + set) * 64, false), 5);
  }
  memtiming_destroy(t);
}

static void refused(struct memtiming_config cfg, const char *word) {
  char err[200] = "";
  assert_null(memtiming_create(&cfg, err, sizeof err));
  assert_non_null(strstr(err, word));
  assert_null(strchr(err, '\n'));
}

static void test_refusals(void **state) {
  (void)state;
  struct memtiming_config cfg = memtiming_default();
  cfg.dram_cycles = 0;
  refused(cfg, "DRAM");
  cfg = memtiming_default();
  cfg.l2.ways = 0;
  refused(cfg, "L2 has 0 ways");
  cfg = memtiming_default();
  cfg.l3.bytes = 3 << 20;
  refused(cfg, "power of two");
  cfg = memtiming_default();
  cfg.l1.bytes = 100;
  refused(cfg, "L1 of 100 bytes");
  cfg = memtiming_default();
  cfg.l2.cycles = 3;
  refused(cfg, "L2 takes 3 cycles");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_constant_without_caches),
      cmocka_unit_test(test_levels),
      cmocka_unit_test(test_lru),
      cmocka_unit_test(test_against_lists),
      cmocka_unit_test(test_widens),
      cmocka_unit_test(test_refusals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
