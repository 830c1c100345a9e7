// SPDX-License-Identifier: Apache-2.0
// Memory timing: latencies of each level, true LRU, refused configurations.
// Expectations are worked out by hand from csim/timing/memtiming.h.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four headers above first
#include <cmocka.h>
#include <string.h>

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
      cmocka_unit_test(test_refusals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
