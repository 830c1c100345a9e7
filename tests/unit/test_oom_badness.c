// SPDX-License-Identifier: Apache-2.0
// The OOM killer's rule: each term, each exemption, ties, older kernels, the chapter's formula,
// bounds of oom_score_adj.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "oom/badness.h"
#include "oom/whatif.h"

static const struct oom_machine now = {.totalpages = 55908, .page_bytes = 4096};

static int64_t points(const struct oom_machine *m, struct oom_task t) {
  int64_t p;
  assert_int_equal(oom_badness(m, &t, &p), OOM_CANDIDATE);
  return p;
}

static void terms(void **state) {
  (void)state;
  assert_int_equal(points(&now, (struct oom_task){.rss = 14056, .pgtables_bytes = 151552}), 14093);
  assert_int_equal(points(&now, (struct oom_task){.swapents = 16000, .rss = 24}), 16024);
  /* whole pages of tables only; the virtual size and privileges do not count */
  assert_int_equal(points(&now, (struct oom_task){.pgtables_bytes = 8191}), 1);
  assert_int_equal(points(&now, (struct oom_task){.total_vm = 900000, .admin = true}), 0);
  /* oom_score_adj counts in thousandths, rounded down before the product */
  assert_int_equal(points(&now, (struct oom_task){.rss = 100, .adj = 300}), 100 + 300 * 55);
  assert_int_equal(points(&now, (struct oom_task){.rss = 100, .adj = -999}), 100 - 999 * 55);
  assert_int_equal(points(&now, (struct oom_task){.adj = 1000}), 55000);
  const struct oom_machine tiny = {.totalpages = 999, .page_bytes = 4096};
  assert_int_equal(points(&tiny, (struct oom_task){.rss = 7, .adj = 1000}), 7);
  const struct oom_machine big_pages = {.totalpages = 55908, .page_bytes = 65536};
  assert_int_equal(points(&big_pages, (struct oom_task){.pgtables_bytes = 131072}), 2);
}

static void largest_inputs(void **state) {
  (void)state;
  struct oom_machine m = {.totalpages = OOM_LIMIT, .page_bytes = 4096};
  struct oom_task t = {.rss = OOM_LIMIT,
                       .swapents = OOM_LIMIT,
                       .total_vm = OOM_LIMIT,
                       .pgtables_bytes = OOM_LIMIT * 4096,
                       .adj = 1000,
                       .admin = true};
  assert_true(points(&m, t) > (int64_t)OOM_LIMIT * 3);
  assert_true(oom_score(&m, &t) > 2000);
  t.adj = -999;
  assert_true(oom_score(&m, &t) > 0);
  for (unsigned minor = 2; minor < 20; minor++) {
    m.rules = oom_rules_of(3, minor);
    assert_true(points(&m, t) >= 1);
  }
}

static void exemptions(void **state) {
  (void)state;
  const struct {
    struct oom_task task;
    enum oom_exempt why;
  } cases[] = {{{.rss = 9, .init = true}, OOM_INIT},
               {{.rss = 9, .kernel_thread = true}, OOM_KERNEL_THREAD},
               {{.rss = 9, .no_mm = true}, OOM_NO_MM},
               {{.rss = 9, .adj = -1000}, OOM_ADJ_IS_MIN},
               {{.rss = 9, .skip = true}, OOM_SKIPPED},
               {{.rss = 9, .vfork = true}, OOM_IN_VFORK}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    int64_t p = 77;
    assert_int_equal(oom_badness(&now, &cases[i].task, &p), cases[i].why);
    assert_int_equal(p, 0);
    assert_int_equal(oom_score(&now, &cases[i].task), 0);
    assert_int_equal(oom_select(&now, &cases[i].task, 1), OOM_NOBODY);
    assert_true(strlen(oom_exempt_text(cases[i].why)) > 3);
  }
  assert_int_equal(oom_select(&now, NULL, 0), OOM_NOBODY);
}

static void scores(void **state) {
  (void)state;
  assert_int_equal(oom_score(&now, &(struct oom_task){.rss = 0}), 666);
  assert_int_equal(oom_score(&now, &(struct oom_task){.rss = 14056, .pgtables_bytes = 151552}),
                   834);
  assert_int_equal(oom_score(&now, &(struct oom_task){.adj = -999}), 12); /* 55 is not 55.908 */
  const struct oom_machine even = {.totalpages = 100000, .page_bytes = 4096};
  assert_int_equal(oom_score(&even, &(struct oom_task){.rss = 100000, .adj = 1000}), 2000);
  assert_int_equal(oom_score(&even, &(struct oom_task){.adj = -999}), 0);
  struct oom_machine old = even; /* 4.19: thousandths of the points */
  old.rules = oom_rules_of(4, 19);
  assert_int_equal(oom_score(&old, &(struct oom_task){.rss = 36300}), 363);
  const struct oom_machine none = {.totalpages = 0, .page_bytes = 4096};
  assert_int_equal(oom_score(&none, &(struct oom_task){.rss = 5}), 0);
}

static void ties_and_waiting(void **state) {
  (void)state;
  struct oom_task t[4] = {{.pid = 10, .rss = 50},
                          {.pid = 11, .rss = 90},
                          {.pid = 12, .rss = 90},
                          {.pid = 13, .rss = 60, .adj = -1}};
  size_t order[4];
  int64_t p[4];
  struct oom_machine m = now;
  assert_int_equal(oom_select(&m, t, 4), 2); /* the last of equals */
  assert_int_equal(oom_order(&m, t, 4, order, p), 4);
  const size_t wanted[4] = {2, 1, 0, 3};
  assert_memory_equal(order, wanted, sizeof wanted);
  assert_int_equal(p[3], 60 - 55);
  m.rules = oom_rules_of(5, 2);
  assert_int_equal(oom_select(&m, t, 4), 1); /* the first, before 5.3 */
  m.rules = oom_rules_of(5, 3);
  assert_int_equal(oom_select(&m, t, 4), 2);
  t[0].origin = true; /* asked for it */
  assert_int_equal(oom_select(&m, t, 4), 0);
  assert_int_equal(oom_order(&m, t, 4, order, p), 4);
  assert_int_equal(order[0], 0);
  t[3].dying = true; /* its memory is still to come */
  assert_int_equal(oom_select(&m, t, 4), OOM_WAIT);
  t[3].skip = true; /* reaped: others may die */
  assert_int_equal(oom_select(&m, t, 4), 0);
}

static void negative_points(void **state) {
  (void)state;
  const struct oom_task t[2] = {{.rss = 70, .adj = -500}, {.rss = 60, .adj = -400}};
  struct oom_machine m = now;
  assert_int_equal(oom_select(&m, t, 2), 1);
  assert_int_equal(points(&m, t[1]), 60 - 400 * 55);
  m.rules = oom_rules_of(5, 8); /* both are 1 point there, and the last dies */
  assert_int_equal(points(&m, t[1]), 1);
  assert_int_equal(points(&m, t[0]), 1);
  m.rules = oom_rules_of(4, 19); /* the first */
  assert_int_equal(oom_select(&m, t, 2), 0);
}

static void older_kernels(void **state) {
  (void)state;
  const struct oom_task root = {.rss = 20000, .swapents = 1000, .admin = true, .adj = 10};
  const struct {
    unsigned major, minor;
    int64_t points;
  } cases[] = {{6, 1, 21000 + 10 * 55},
               {4, 17, 21000 + 10 * 55},
               {4, 16, 21000 - 630 + 10 * 55},
               {3, 14, 21000 - 630 + 10 * 55},
               {3, 13, 21000 - 20 * 55},
               {3, 5, 21000 - 20 * 55},
               {3, 4, 21000 * 1000 / 55908 - 20},
               {2, 6, 21000 * 1000 / 55908 - 20},
               {0, 0, 21000 + 10 * 55}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct oom_machine m = now;
    m.rules = oom_rules_of(cases[i].major, cases[i].minor);
    assert_int_equal(points(&m, root), cases[i].points);
  }
  struct oom_machine m = now;
  m.rules = oom_rules_of(3, 2);
  assert_int_equal(points(&m, (struct oom_task){.rss = 50000, .adj = 900}), 1000);
  assert_int_equal(points(&m, (struct oom_task){.rss = 50, .adj = -900}), 1);
}

static void chapter(void **state) {
  (void)state;
  struct oom_machine m = now;
  m.rules.chapter = true;
  /* its table: postgres 2 GB resident, 100 MB swapped, 4 GB virtual; the sum of its terms, with
   * half of 4 GB as 524,288 pages (the chapter's 262,144 is half of 2 GB) */
  const struct oom_task postgres = {.rss = 524288, .swapents = 25600, .total_vm = 1048576};
  assert_int_equal(points(&m, postgres), 524288 + 25600 + 524288);
  struct oom_task t = postgres;
  t.admin = true;
  assert_int_equal(points(&m, t), 1074176 - 268544);
  t = (struct oom_task){.rss = 10, .total_vm = 21, .pgtables_bytes = 1 << 20, .adj = 500};
  assert_int_equal(points(&m, t), 10 + 10 + 500);
  int64_t p;
  t = (struct oom_task){.rss = 10, .adj = -999};
  assert_int_equal(oom_badness(&m, &t, &p), OOM_NO_POINTS);
  t.adj = -1000;
  assert_int_equal(oom_badness(&m, &t, &p), OOM_ADJ_IS_MIN);
  const struct oom_task equals[2] = {{.rss = 5}, {.rss = 5}};
  assert_int_equal(oom_select(&m, equals, 2), 0);
}

static uint64_t seed = 1;
static unsigned rnd(unsigned n) {
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return (unsigned)(seed >> 33) % n;
}

static struct oom_task random_task(size_t i) {
  return (struct oom_task){.pid = (int64_t)i,
                           .rss = rnd(300),
                           .swapents = rnd(3) == 0 ? rnd(300) : 0,
                           .total_vm = rnd(900),
                           .pgtables_bytes = rnd(5) * 4096,
                           .adj = rnd(2) == 0 ? 0 : (int)rnd(2001) - 1000,
                           .admin = rnd(2) == 0,
                           .skip = rnd(9) == 0,
                           .vfork = rnd(9) == 0};
}

/* The order is what choosing again and again gives, and the bounds are what trying each value
 * gives. */
static void order_and_bounds(void **state) {
  (void)state;
  static const unsigned kernel[][2] = {{6, 1}, {5, 4}, {4, 19}, {4, 4}, {3, 10}, {3, 2}};
  for (unsigned round = 0; round < 120; round++) {
    struct oom_machine m = {.totalpages = 500 + rnd(9000), .page_bytes = 4096};
    m.rules = oom_rules_of(kernel[round % 6][0], kernel[round % 6][1]);
    m.rules.chapter = rnd(7) == 0;
    struct oom_task t[7];
    struct oom_bounds b[7];
    size_t order[7];
    int64_t p[7];
    const size_t n = 1 + rnd(7);
    for (size_t i = 0; i < n; i++)
      t[i] = random_task(i);
    const size_t count = oom_order(&m, t, n, order, p);
    oom_bounds(&m, t, n, b);
    for (size_t i = 0; i < n; i++) {
      struct oom_task other = t[i], *mine = &t[i];
      int dies = OOM_NO_ADJ, lives = OOM_ADJ_MIN;
      for (int adj = OOM_ADJ_MAX; adj >= OOM_ADJ_MIN; adj--) {
        mine->adj = adj;
        if (oom_select(&m, t, n) == (ptrdiff_t)i)
          dies = adj;
        else if (lives == OOM_ADJ_MIN)
          lives = adj;
      }
      *mine = other;
      assert_int_equal(b[i].dies, dies);
      assert_int_equal(b[i].lives, lives);
    }
    for (size_t k = 0; k < count; k++) {
      assert_int_equal(oom_select(&m, t, n), order[k]);
      t[order[k]].no_mm = true;
    }
    assert_int_equal(oom_select(&m, t, n), OOM_NOBODY);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(terms),
                                     cmocka_unit_test(largest_inputs),
                                     cmocka_unit_test(exemptions),
                                     cmocka_unit_test(scores),
                                     cmocka_unit_test(ties_and_waiting),
                                     cmocka_unit_test(negative_points),
                                     cmocka_unit_test(older_kernels),
                                     cmocka_unit_test(chapter),
                                     cmocka_unit_test(order_and_bounds)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
