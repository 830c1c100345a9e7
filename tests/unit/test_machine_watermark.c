// SPDX-License-Identifier: Apache-2.0
// The watermark contract on made-up samples: what it must accept, what it must refuse.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "observer/watermark.h"

static const struct watermark_sample low = {.below_low = true, .asleep = true, .allocations = 10};

static const char *second(struct watermark_state *w, struct watermark_sample s, bool *checked) {
  return watermark_check(w, &s, checked);
}

static struct watermark_state after(struct watermark_sample s) {
  struct watermark_state w = {0};
  bool checked;
  assert_null(watermark_check(&w, &s, &checked));
  assert_false(checked);
  return w;
}

static void test_sleeping_kswapd(void **state) {
  bool checked;
  (void)state;
  struct watermark_state w = after(low);
  struct watermark_sample s = low;
  assert_null(second(&w, s, &checked)); /* nothing allocated */
  assert_false(checked);
  s.allocations++;
  const char *story = second(&w, s, &checked);
  assert_true(checked);
  assert_non_null(story);
  assert_non_null(strstr(story, "kswapd"));
}

static void test_kswapd_that_does_its_work(void **state) {
  bool checked;
  (void)state;
  for (int i = 0; i < 4; i++) {
    struct watermark_state w = after(low);
    struct watermark_sample s = low;
    s.allocations = 20;
    if (i == 0) s.asleep = false;
    if (i == 1) s.wakeups = 1;
    if (i == 2) s.kswapd_reclaimed = 5;
    if (i == 3) s.below_low = false;
    assert_null(second(&w, s, &checked));
    assert_int_equal(checked, i != 3);
  }
}

/* What was freed meanwhile may have been allocated again, above the mark. */
static void test_freed_meanwhile(void **state) {
  bool checked;
  (void)state;
  struct watermark_sample s = {.below_low = true, .below_min = true, .asleep = true};
  struct watermark_state w = after(s);
  s.allocations = 1, s.given = 1;
  assert_null(second(&w, s, &checked));
  assert_false(checked);
  s.allocations = 2;
  assert_non_null(second(&w, s, &checked));
}

/* Only a kswapd that gave up may be left asleep; having been woken before is no excuse. */
static void test_hopeless(void **state) {
  bool checked;
  (void)state;
  struct watermark_state w = after(low);
  struct watermark_sample s = low;
  s.allocations = 11, s.wakeups = 1;
  assert_null(second(&w, s, &checked));
  s.allocations = 12;
  assert_non_null(second(&w, s, &checked));
  s.allocations = 13, s.gave_up = true;
  assert_null(second(&w, s, &checked));
  s.allocations = 14, s.gave_up = false;
  assert_null(second(&w, s, &checked));
  s.allocations = 15;
  assert_non_null(second(&w, s, &checked));
}

/* Who has woken it, and waited for its page until now, need not do so again. */
static void test_half_way(void **state) {
  bool checked;
  (void)state;
  struct watermark_sample s = low;
  s.slow = 1;
  struct watermark_state w = after(s);
  s.allocations = 12, s.slow = 0;
  assert_null(second(&w, s, &checked));
  s.allocations = 13;
  assert_non_null(second(&w, s, &checked));
}

static void test_below_min(void **state) {
  bool checked;
  (void)state;
  struct watermark_sample s = {.below_low = true, .below_min = true, .allocations = 10};
  struct watermark_state w = after(s);
  s.allocations = 11, s.direct_stalls = 1;
  assert_null(second(&w, s, &checked));
  s.allocations = 12;
  const char *story = second(&w, s, &checked);
  assert_non_null(story);
  assert_non_null(strstr(story, "min"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sleeping_kswapd), cmocka_unit_test(test_kswapd_that_does_its_work),
      cmocka_unit_test(test_hopeless),        cmocka_unit_test(test_half_way),
      cmocka_unit_test(test_below_min),       cmocka_unit_test(test_freed_meanwhile),
  };
  return cmocka_run_group_tests_name("machine watermark", tests, NULL, NULL);
}
