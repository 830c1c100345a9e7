// SPDX-License-Identifier: Apache-2.0
// The OOM killer's rule against real kernels: every recorded kill and reading of oom_score of 6.1,
// and scores that older kernels printed.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <cjson/cJSON.h>
#include <stdio.h>

#include "oom/badness.h"

/* Scores that kernels of users printed, against the same kernel's task row and memory figures. */
static void published(void **state) {
  (void)state;
  const struct {
    unsigned major, minor;
    struct oom_task task;
    uint64_t total;
    int64_t score;
  } cases[] = {
      /* mailing list linux-mm, 2015, test xfs/084 on 4.0-rc1: root, 3 % off */
      {4,
       0,
       {.rss = 191159, .swapents = 119808, .pgtables_bytes = 623 * 4096, .admin = true},
       262044 - 10253 + 497976 / 4,
       803},
      /* Ask Ubuntu, question 1188024, 2019, before 4.15 */
      {4,
       14,
       {.rss = 1773446, .swapents = 1074744, .pgtables_bytes = 5591 * 4096},
       2062044 - 56052 + 8252412 / 4,
       701},
      /* a cgroup of 102400 kB without swap, root, before 4.15 */
      {4, 4, {.rss = 25609, .pgtables_bytes = 62 * 4096, .admin = true}, 25600, 972},
      /* a cgroup of 3072 kB, root, 3.14 or later */
      {3, 16, {.rss = 843, .pgtables_bytes = 36 * 4096, .admin = true}, 768, 1110},
      /* a server of 8 GB without swap, 3.10 */
      {3, 10, {.rss = 1537770, .pgtables_bytes = (uint64_t)66407 * 4096}, 2097151 - 94167, 800}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct oom_machine m = {.totalpages = cases[i].total, .page_bytes = 4096};
    m.rules = oom_rules_of(cases[i].major, cases[i].minor);
    assert_int_equal(oom_score(&m, &cases[i].task), cases[i].score);
  }
}

static int64_t field(const cJSON *o, const char *key) {
  const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, key);
  assert_true(cJSON_IsNumber(v));
  return (int64_t)v->valuedouble;
}

static struct oom_task recorded_task(const cJSON *o, const char *swap) {
  return (struct oom_task){.pid = field(o, "pid"),
                           .rss = (uint64_t)field(o, "rss"),
                           .swapents = (uint64_t)field(o, swap),
                           .pgtables_bytes = (uint64_t)field(o, "pgtables_bytes"),
                           .adj = (int)field(o, "adj"),
                           .init = field(o, "pid") == 1};
}

static void one_kill(const struct oom_machine *m, const cJSON *event) {
  struct oom_task t[32];
  size_t n = 0, order[32];
  int64_t p[32];
  const cJSON *row;
  cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(event, "table")) {
    const cJSON *points = cJSON_GetObjectItemCaseSensitive(row, "badness");
    assert_true(n < 32);
    t[n] = recorded_task(row, "swapents");
    const bool can = oom_badness(m, &t[n], &p[n]) == OOM_CANDIDATE;
    assert_int_equal(can, cJSON_IsNumber(points));
    if (can) assert_int_equal(p[n], (int64_t)points->valuedouble);
    n++;
  }
  const ptrdiff_t victim = oom_select(m, t, n);
  assert_true(victim >= 0);
  assert_int_equal(t[victim].pid, field(event, "victim"));
  assert_true(oom_order(m, t, n, order, p) >= 1);
  assert_int_equal(order[0], victim);
  assert_int_equal(p[victim], field(event, "badness"));
}

/* tests/data/linux/oom.json: the kernel's own tables, victims and readings of oom_score. */
static void recorded(void **state) {
  (void)state;
  FILE *f = fopen("tests/data/linux/oom.json", "r");
  assert_non_null(f);
  static char text[1 << 16];
  text[fread(text, 1, sizeof text - 1, f)] = '\0';
  fclose(f);
  cJSON *all = cJSON_Parse(text);
  assert_non_null(all);
  const cJSON *run, *event, *reading;
  int kills = 0, readings = 0;
  cJSON_ArrayForEach(run, all) {
    const struct oom_machine m = {.totalpages = (uint64_t)field(run, "totalpages"),
                                  .page_bytes = 4096};
    cJSON_ArrayForEach(event, cJSON_GetObjectItemCaseSensitive(run, "events")) {
      one_kill(&m, event);
      kills++;
    }
    cJSON_ArrayForEach(reading, cJSON_GetObjectItemCaseSensitive(run, "scores")) {
      const struct oom_task t = recorded_task(reading, "swap");
      assert_int_equal(oom_score(&m, &t), field(reading, "oom_score"));
      readings++;
    }
  }
  cJSON_Delete(all);
  print_message("%d kills, %d readings\n", kills, readings);
  assert_int_equal(kills, 13);
  assert_int_equal(readings, 38);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(recorded), cmocka_unit_test(published)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
