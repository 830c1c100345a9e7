// SPDX-License-Identifier: Apache-2.0
// Cut, hostile and damaged logs: what is missing is named, and nothing does harm (run with ASan).
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/oom_show.h"
#include "oom/write.h"
#include "tests/unit/oom_files.h"

/* Each possible end of the log: what is missing is named, and nothing is made up. */
static void cut(void **state) {
  (void)state;
  size_t size;
  char *text = load(OOM_DATA "oom_06_report.txt", &size);
  const size_t table = (size_t)(strstr(text, "Tasks state") - text);
  const size_t kill = (size_t)(strstr(text, "Out of memory: Killed") - text);
  for (size_t n = 0; n <= size; n++) {
    struct oom_reader *rd = read_text(text, n);
    const size_t count = oom_reader_end(rd, 0);
    assert_true(count <= 1);
    if (count == 1) {
      const struct oom_report *r = oom_reader_report(rd, 0);
      assert_int_equal((r->missing & OOM_LACKS_TABLE) != 0, r->task_count == 0);
      if (n < table) assert_true((r->missing & OOM_LACKS_TABLE) != 0);
      if (n < kill) assert_true((r->missing & OOM_LACKS_OUTCOME) != 0);
      struct oom_verdict v = judge(r, false);
      oom_verdict_free(&v);
    }
    oom_reader_free(rd);
  }
  /* and each possible beginning, at a line */
  for (const char *s = text; (s = strchr(s, '\n')) != NULL && s[1] != '\0'; s++) {
    struct oom_reader *rd = read_text(s + 1, strlen(s + 1));
    assert_int_equal(oom_reader_end(rd, 0), 1);
    const struct oom_report *r = oom_reader_report(rd, 0);
    assert_true((r->missing & OOM_LACKS_START) != 0);
    assert_int_equal(r->kill_count, 1);
    oom_reader_free(rd);
  }
  free(text);
}

static void hostile_rows(void **state) {
  (void)state;
  static const char head[] =
      "x invoked oom-killer: gfp_mask=0x0, order=-1, oom_score_adj=99999999999999999999\n"
      "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n";
  static const char *const rows[] = {
      "[      1]     0     1 1 1 4096 0 2000 adj too large",
      "[      2]     0     1 1 -1 4096 0 0 negative",
      "[      3]     0     1 1 99999999999999999999999 4096 0 0 too large",
      "[      4]     0     1 1 1 9223372036854775807 0 0 too large",
      "[      5]     0     1 1 1 4096",
      "[      6]     0     1 1 1 4096 0 0",
      "[     -7]     0     1 1 1 4096 0 0 negative pid",
      "[      8]     0     1 1 1 4096 0 0x name"};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char text[1024];
    const int n = snprintf(text, sizeof text, "%s%s\n", head, rows[i]);
    struct oom_reader *rd = read_text(text, (size_t)n);
    assert_int_equal(oom_reader_end(rd, 0), 1);
    const struct oom_report *r = oom_reader_report(rd, 0);
    assert_int_equal(r->task_count, 0);
    assert_int_equal(r->bad_rows, 1);
    assert_true((r->missing & OOM_LACKS_ROWS) != 0);
    assert_int_equal(r->order, -1);
    oom_reader_free(rd);
  }
}

static uint64_t seed = 5;
static size_t rnd(size_t n) {
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return (size_t)(seed >> 33) % n;
}

/* For people and as JSON, also with other values of oom_score_adj. */
static void show(FILE *null, struct oom_report *r, const struct oom_verdict *v) {
  struct oom_shown s = {.report = r, .number = 1, .fact = v, .tasks = r->tasks, .top = rnd(5)};
  oom_show(null, &s);
  struct oom_task *other = malloc((r->task_count + 1) * sizeof *other);
  assert_non_null(other);
  for (size_t i = 0; i < r->task_count; i++) {
    other[i] = r->tasks[i];
    if (rnd(2) == 0) other[i].adj = (int)rnd(2001) - 1000;
  }
  struct oom_verdict w;
  assert_int_equal(oom_judge(r, other, &(struct oom_question){.chapter = false}, &w), 0);
  s.tasks = other;
  s.whatif = &w;
  oom_show(null, &s);
  cJSON *json = oom_show_json(&s);
  assert_non_null(json);
  cJSON_Delete(json);
  oom_verdict_free(&w);
  free(other);
}

/* Damage of bytes, digits, whole lines; judged with what is left, and written. */
static void damaged(void **state) {
  (void)state;
  static const char *const files[] = {
      OOM_DATA "oom_06_report.txt",         OOM_DATA "oom_layout/3.2.txt",
      OOM_DATA "oom_layout/3.10.txt",       OOM_DATA "oom_layout/4.4.txt",
      OOM_DATA "oom_layout/4.19-memcg.txt", OOM_DATA "oom_layout/5.10-memcg.txt",
      OOM_DATA "oom_layout/6.8-cpuset.txt", OOM_DATA "oom_13_tail.txt",
      OOM_DATA "oom_layout/6.12-memcg.txt"};
  size_t seen = 0;
  FILE *null = fopen("/dev/null", "w");
  assert_non_null(null);
  for (size_t round = 0; round < 1600; round++) {
    size_t size;
    char *text = load(files[round % 8], &size);
    for (size_t k = 1 + rnd(60); k > 0; k--) {
      char *c = &text[rnd(size)];
      switch (rnd(5)) {
        case 0:
          *c = (char)rnd(256);
          break;
        case 1:
          if (*c >= '0' && *c <= '9') *c = (char)('0' + rnd(10));
          break;
        case 2: /* long numbers */
          if (*c == ' ') *c = (char)('0' + rnd(10));
          break;
        case 3:
          *c = " -:()[]=,\n"[rnd(10)];
          break;
        default: { /* a piece of the text elsewhere */
          const size_t n = rnd(80), from = rnd(size), to = rnd(size);
          if (from + n < size && to + n < size) memmove(text + to, text + from, n);
        }
      }
    }
    struct oom_reader *rd = read_text(text, size);
    const size_t count = oom_reader_end(rd, rnd(4) == 0 ? 65536 : 0);
    for (size_t i = 0; i < count; i++) {
      struct oom_report *r = oom_reader_report(rd, i);
      struct oom_verdict v = judge(r, rnd(8) == 0);
      char missing[256], *out = oom_report_text(r);
      assert_non_null(out);
      assert_true(strlen(oom_missing_text(r->missing, missing, sizeof missing)) < 200);
      assert_true(v.count <= r->task_count);
      if (v.machine.totalpages != 0 && r->task_count != 0)
        assert_true(oom_score(&v.machine, r->tasks) < UINT32_MAX);
      free(out);
      show(null, r, &v);
      oom_verdict_free(&v);
      seen++;
    }
    oom_reader_free(rd);
    free(text);
  }
  fclose(null);
  assert_true(seen > 1000);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(cut), cmocka_unit_test(hostile_rows),
                                     cmocka_unit_test(damaged)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
