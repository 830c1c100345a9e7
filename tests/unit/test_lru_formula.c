/* SPDX-License-Identifier: Apache-2.0
 * The arithmetic of Linux 6.1's page replacement against values worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "lru/formula.h"
#include "lru/lru.h"

static void square_root(void **state) {
  (void)state;
  for (uint64_t x = 0; x < 70000; x++) {
    uint64_t r = lru_isqrt(x);
    assert_true(r * r <= x && (r + 1) * (r + 1) > x);
  }
  assert_int_equal(lru_isqrt(UINT64_C(18446744065119617025)), UINT64_C(4294967295));
}

static void inactive_low(void **state) {
  (void)state;
  const struct {
    uint64_t inactive, active;
    bool low;
  } v[] = {
      {0, 0, false},
      {0, 1, true},
      {100, 100, false},
      {99, 100, true},
      {131071, 131072, true}, /* just below 1 GiB the ratio is 1, */
      {65536, 196608, false}, /* at 1 GiB 3, */
      {65535, 196609, true},
      {238312, 2383128, true}, /* at 10 GiB 10, */
      {238313, 2383127, false},
      {819200, 25395200, false}, /* at 100 GiB 31 */
      {819199, 25395201, true},
  };
  for (size_t i = 0; i < sizeof v / sizeof v[0]; i++)
    assert_int_equal(lru_inactive_is_low(v[i].inactive, v[i].active), v[i].low);
}

/* Four lists of 4,096,000 pages: a thousand each at priority 12. */
static struct lru_balance_in base(unsigned swappiness) {
  struct lru_balance_in in = {
      .may_swap = true, .swap_free = true, .priority = 12, .swappiness = swappiness};
  for (int i = 0; i < LRU_LISTS; i++)
    in.size[i] = 4096000;
  return in;
}

static void expect(const struct lru_balance_in *in, enum lru_balance rule, uint64_t anon,
                   uint64_t file) {
  uint64_t scan[LRU_LISTS];
  assert_int_equal(lru_scan_count(in, scan), rule);
  assert_int_equal(scan[LRU_INACTIVE_ANON], anon);
  assert_int_equal(scan[LRU_ACTIVE_ANON], anon);
  assert_int_equal(scan[LRU_INACTIVE_FILE], file);
  assert_int_equal(scan[LRU_ACTIVE_FILE], file);
}

static void swappiness(void **state) {
  (void)state;
  const unsigned v[][3] = {
      {0, 0, 1000}, {1, 5, 995}, {60, 300, 700}, {100, 500, 500}, {200, 1000, 0}};
  for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
    struct lru_balance_in in = base(v[i][0]);
    expect(&in, LRU_SCAN_FRACT, v[i][1], v[i][2]);
  }
}

static void costs(void **state) {
  (void)state;
  struct lru_balance_in in = base(60);
  in.anon_cost = 100; /* a = 200, f = 100: ap = 60*301/201 = 89, fp = 140*301/101 = 417 */
  expect(&in, LRU_SCAN_FRACT, 175, 824);
  in.anon_cost = 0;
  in.file_cost = 100; /* ap = 60*301/101 = 178, fp = 140*301/201 = 209 */
  expect(&in, LRU_SCAN_FRACT, 459, 540);
  in.anon_cost = in.file_cost = 5000;
  expect(&in, LRU_SCAN_FRACT, 298, 701); /* alike: as if nothing, but for truncation, 119 : 279 */
}

/* Each rule beats those after it. */
static void shortcuts(void **state) {
  (void)state;
  struct lru_balance_in in = base(60);
  in.cache_trim = true;
  expect(&in, LRU_SCAN_FILE, 0, 1000);
  in.file_is_tiny = true;
  expect(&in, LRU_SCAN_ANON, 1000, 0);
  in.priority = 0;
  expect(&in, LRU_SCAN_EQUAL, 4096000, 4096000);
  in.swappiness = 0;
  expect(&in, LRU_SCAN_ANON, 4096000, 0); /* near OOM, but swapping is not wanted */
  in.memcg = true;
  expect(&in, LRU_SCAN_FILE, 0, 4096000);
  in.memcg = false;
  in.swappiness = 60;
  in.swap_free = false;
  expect(&in, LRU_SCAN_FILE, 0, 4096000);
  in.swap_free = true;
  in.may_swap = false;
  expect(&in, LRU_SCAN_FILE, 0, 4096000);
}

static void tiny_file(void **state) {
  (void)state;
  assert_true(lru_file_is_tiny(400, 289, 689, false, 4096, 12));
  assert_false(lru_file_is_tiny(401, 289, 689, false, 4096, 12));
  assert_false(lru_file_is_tiny(400, 289, 689, true, 4096, 12));
  assert_false(lru_file_is_tiny(400, 289, 689, false, 4095, 12));
  assert_true(lru_file_is_tiny(400, 289, 689, false, 4095, 11));
}

static void refault(void **state) {
  (void)state;
  const uint64_t size[LRU_LISTS] = {[LRU_INACTIVE_ANON] = 1,
                                    [LRU_ACTIVE_ANON] = 20,
                                    [LRU_INACTIVE_FILE] = 300,
                                    [LRU_ACTIVE_FILE] = 4000};
  assert_int_equal(lru_workingset_size(true, false, size), 4000);
  assert_int_equal(lru_workingset_size(true, true, size), 4021);
  assert_int_equal(lru_workingset_size(false, false, size), 4300);
  assert_int_equal(lru_workingset_size(false, true, size), 4320);
  uint64_t wrap = UINT64_C(1) << LRU_EVICTION_BITS;
  assert_int_equal(lru_refault_distance(1000, 400), 600);
  assert_int_equal(lru_refault_distance(wrap + 5, wrap - 5), 10);
  assert_int_equal(lru_refault_distance(5, wrap - 5), 10); /* what is kept has wrapped */
}

static void shadows(void **state) {
  (void)state;
  const uint64_t v[] = {0, 1, 0x123456789, (UINT64_C(1) << LRU_EVICTION_BITS) - 1};
  for (size_t i = 0; i < 4; i++)
    for (unsigned node = 0; node < 1024; node += 341)
      for (int w = 0; w < 2; w++) {
        uint64_t s = lru_shadow_pack(v[i], node, w != 0);
        assert_int_not_equal(s, LRU_NO_SHADOW);
        uint64_t e;
        unsigned n;
        bool ws;
        lru_shadow_unpack(s, &e, &n, &ws);
        assert_int_equal(e, v[i]);
        assert_int_equal(n, node);
        assert_int_equal(ws, w);
      }
}

static void tiers(void **state) {
  (void)state;
  const unsigned tier[] = {0, 1, 2, 2, 3}; /* by uses beyond the first */
  for (unsigned refs = 0; refs < 5; refs++)
    assert_int_equal(lru_tier(refs), tier[refs]);
}

static void controller(void **state) {
  (void)state;
  struct lru_ctrl sp = {0, 0, 1};
  struct lru_ctrl pv = {63, 0, 1};
  assert_true(lru_ctrl_ok(&sp, &pv)); /* too few to mean anything */
  pv = (struct lru_ctrl){64, 4096, 1};
  assert_true(lru_ctrl_ok(&sp, &pv)); /* 64 * 64 <= 4096 */
  pv.total = 4095;
  assert_false(lru_ctrl_ok(&sp, &pv));
  pv.gain = 2; /* between tiers: twice the rate is let pass */
  assert_true(lru_ctrl_ok(&sp, &pv));
  sp = (struct lru_ctrl){99, 936, 60}; /* 10 % of anon back at swappiness 60 */
  pv = (struct lru_ctrl){100, 429, 140};
  assert_true(lru_ctrl_ok(&sp, &pv)); /* 100*1000*60 <= 100*429*140 */
  pv.total = 428;
  assert_false(lru_ctrl_ok(&sp, &pv));
}

static void ageing(void **state) {
  (void)state;
  assert_true(lru_aging_due(2, 0, 0, 100));
  assert_false(lru_aging_due(4, 100, 0, 100));
  assert_false(lru_aging_due(3, 50, 25, 100));
  assert_true(lru_aging_due(3, 51, 25, 100));
  assert_true(lru_aging_due(3, 50, 24, 100));
  assert_true(lru_dense(512, 64));
  assert_false(lru_dense(512, 63));
}

static uint64_t mix(uint64_t i) {
  uint64_t z = (i + 1) * UINT64_C(0x9E3779B97F4A7C15);
  z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  return z ^ z >> 27;
}

/* The kernel's comment: wrongly there about 1 in 5 with 10,000 members, 1 in 2 with 20,000. */
static void bloom(void **state) {
  (void)state;
  static const struct {
    uint64_t members, least, most; /* per thousand */
  } v[] = {{10000, 170, 250}, {20000, 450, 560}};
  for (size_t i = 0; i < 2; i++) {
    uint64_t filter[LRU_BLOOM_WORDS] = {0};
    assert_false(lru_bloom_has(filter, 1));
    for (uint64_t k = 0; k < v[i].members; k++)
      lru_bloom_add(filter, mix(k));
    for (uint64_t k = 0; k < v[i].members; k++)
      assert_true(lru_bloom_has(filter, mix(k)));
    uint64_t wrong = 0;
    for (uint64_t k = 0; k < 100000; k++)
      wrong += lru_bloom_has(filter, mix(k + 1000000));
    assert_in_range(wrong / 100, v[i].least, v[i].most);
  }
}

static void window_of_64(void **state) {
  (void)state;
  enum { P = 4096, T = 512 * P };
  static const struct {
    uint64_t va, area, end, from, to; /* pages */
  } v[] = {
      {100, 0, 512, 68, 132},   {10, 0, 512, 0, 64},      {31, 0, 512, 0, 64},
      {32, 0, 512, 0, 64},      {33, 0, 512, 1, 65},      {500, 0, 512, 448, 512},
      {480, 0, 512, 448, 512},  {100, 90, 110, 90, 110},  {100, 90, 512, 90, 154},
      {600, 0, 1024, 568, 632}, {515, 0, 1024, 512, 576},
  };
  for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
    uint64_t start;
    uint64_t end;
    lru_look_window(v[i].va * P, v[i].area * P, v[i].end * P, T, &start, &end);
    assert_int_equal(start, v[i].from * P);
    assert_int_equal(end, v[i].to * P);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(square_root),  cmocka_unit_test(inactive_low), cmocka_unit_test(swappiness),
      cmocka_unit_test(costs),        cmocka_unit_test(shortcuts),    cmocka_unit_test(tiny_file),
      cmocka_unit_test(refault),      cmocka_unit_test(shadows),      cmocka_unit_test(tiers),
      cmocka_unit_test(controller),   cmocka_unit_test(ageing),       cmocka_unit_test(bloom),
      cmocka_unit_test(window_of_64),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
