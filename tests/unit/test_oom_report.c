// SPDX-License-Identifier: Apache-2.0
// OOM reports as text: a recorded one is read and written back to the byte, the layouts of older
// and newer kernels are read, cut and damaged logs never do harm.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oom/scan.h"
#include "oom/write.h"
#include "tests/unit/oom_files.h"

static void recorded(void **state) {
  (void)state;
  struct oom_reader *rd = read_file(OOM_DATA "oom_06_report.txt", 1);
  const struct oom_report *r = oom_reader_report(rd, 0);
  assert_int_equal(r->missing, 0);
  assert_string_equal(r->invoker, "mmtool");
  assert_int_equal(r->gfp, 0x140dca);
  assert_int_equal(r->invoker_adj, -1000);
  assert_int_equal(r->invoker_pid, 242);
  assert_int_equal(r->major * 100 + r->minor, 601);
  assert_int_equal(r->constraint, OOM_GLOBAL);
  assert_int_equal(r->stat[OOM_PAGETABLES], 4735);
  assert_int_equal(r->zone_count, 2);
  assert_int_equal(r->zones[1].kb[ZONE_MIN], 1712);
  assert_int_equal(r->zones[1].kb[ZONE_MANAGED], 208272);
  assert_int_equal(r->zones[0].reserve[4], 193);
  assert_int_equal(r->zones[0].blocks[7], 1);
  assert_true(r->page_bytes_known);
  assert_int_equal(r->task_count, 6);
  assert_int_equal(r->kills[0].pgtables_kb, 6448);
  struct oom_verdict v = judge(r, false);
  assert_int_equal(v.total.pages, 55908);
  assert_true(v.total.exact);
  assert_int_equal(v.agreement, OOM_SAME);
  /* the run's further kills were 101 and 97 */
  assert_int_equal(v.count, 5);
  assert_int_equal(r->tasks[v.order[0]].pid, 105);
  assert_int_equal(r->tasks[v.order[1]].pid, 101);
  assert_int_equal(r->tasks[v.order[2]].pid, 97);
  assert_int_equal(v.points[v.order[0]], 3260);
  assert_int_equal(v.points[v.order[1]], 3089);
  oom_verdict_free(&v);
  v = judge(r, true);
  assert_int_equal(r->tasks[v.order[0]].pid, 101);
  assert_int_equal(v.agreement, OOM_DIFFERS);
  oom_verdict_free(&v);
  oom_reader_free(rd);
}

/* Lines that only a real machine has: hardware, call trace, registers. */
static bool of_a_machine(const char *s, bool *inside) {
  if (strncmp(s, "</TASK>", 7) == 0) {
    *inside = false;
    return true;
  }
  *inside |= strncmp(s, "<TASK>", 6) == 0;
  return *inside || strncmp(s, "Call Trace", 10) == 0 || strncmp(s, "Hardware name", 13) == 0;
}

/* Reading the recorded report and writing it gives the kernel's own lines. */
static void written_back(void **state) {
  (void)state;
  size_t size, written = 0;
  char *text = load(OOM_DATA "oom_06_report.txt", &size);
  struct oom_reader *rd = read_file(OOM_DATA "oom_06_report.txt", 1);
  char *out = oom_report_text(oom_reader_report(rd, 0));
  assert_non_null(out);
  bool inside = false;
  char *at = out, *save = NULL;
  for (char *line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
    const char *s = scan_message(line);
    if (of_a_machine(s, &inside)) continue;
    s = strstr(line, "] ") + 2; /* with the space that some lines begin with */
    const size_t n = strcspn(at, "\n");
    at[n] = '\0';
    assert_string_equal(at, s);
    at += n + 1;
    written++;
  }
  assert_int_equal(*at, '\0');
  assert_int_equal(written, 62 - 24 - 2);
  free(out);
  free(text);
  oom_reader_free(rd);
}

/* A cgroup's report, and a whole machine's with every optional line, survive writing and reading.
 */
static void made_reports(void **state) {
  (void)state;
  struct oom_report r;
  oom_report_init(&r);
  r.started = r.table = r.group = true;
  r.constraint = OOM_MEMCG;
  strcpy(r.invoker, "a b");
  strcpy(r.memcg, "/jobs/a");
  r.cgroup = (struct oom_cgroup){.usage_kb = 4000,
                                 .limit_kb = 4000,
                                 .swap_usage_kb = 5000,
                                 .swap_limit_kb = 6000,
                                 .v1 = true,
                                 .kmem_limit_kb = 9007199254740988};
  for (int i = 0; i < 3; i++) {
    struct oom_task *t = oom_grow((void **)&r.tasks, &r.task_count, sizeof *t);
    struct oom_kill *k = oom_grow((void **)&r.kills, &r.kill_count, sizeof *k);
    *t = (struct oom_task){.pid = 40 + i, .tgid = 40 + i, .uid = 7, .rss = 100, .adj = i};
    strcpy(t->name, "x (y) z");
    *k = (struct oom_kill){.pid = 42 - i, .uid = 7, .adj = 2 - i};
    strcpy(k->name, "x (y) z");
    strcpy(k->message, "Memory cgroup out of memory");
  }
  r.chosen = (struct oom_kill){.pid = 42, .uid = 7};
  strcpy(r.chosen.name, "x (y) z");
  char *text = oom_report_text(&r);
  struct oom_reader *rd = read_text(text, strlen(text));
  assert_int_equal(oom_reader_end(rd, 0), 1);
  struct oom_report *back = oom_reader_report(rd, 0);
  assert_int_equal(back->missing, 0);
  assert_true(back->group && back->cgroup.v1);
  assert_int_equal(back->kill_count, 3);
  assert_int_equal(back->kills[2].pid, 40);
  assert_string_equal(back->kills[1].name, "x (y) z");
  struct oom_verdict v = judge(back, false);
  assert_int_equal(v.total.pages, 1000 + 500);
  assert_false(v.total.exact);
  assert_int_equal(v.agreement, OOM_SAME);
  oom_verdict_free(&v);
  char *again = oom_report_text(back);
  assert_string_equal(again, text);
  free(again);
  free(text);
  oom_reader_free(rd);

  r.constraint = OOM_GLOBAL;
  r.group = false;
  r.kill_count = 0;
  r.chosen.pid = -1;
  r.ram = r.cma = r.poisoned = 5000;
  r.reserved = 100;
  r.no_candidates = true;
  strcpy(r.panic, "System is deadlocked on memory");
  text = oom_report_text(&r);
  rd = read_text(text, strlen(text));
  assert_int_equal(oom_reader_end(rd, 0), 1);
  back = oom_reader_report(rd, 0);
  assert_int_equal(back->cma + back->poisoned, 10000);
  assert_true(back->no_candidates);
  assert_string_equal(back->panic, r.panic);
  free(text);
  oom_reader_free(rd);
  oom_report_free(&r);
}

/* The layouts of tests/data/linux/oom_layout: who dies by that kernel's rule, and its score. */
static void layouts(void **state) {
  (void)state;
  const struct {
    const char *file;
    int64_t victim, points;
    uint64_t total;
    size_t candidates;
    enum oom_agreement agreement;
    unsigned page_kb;
  } cases[] = {
      {"3.2", 812, 363, 55000, 2, OOM_SAME, 4},
      {"3.10", 2200, 18000 + 60 + 1500, 55000 + 16000, 4, OOM_SAME_CHILD, 4},
      {"4.4", 1500, 9900 + 24, 55000, 4, OOM_SAME, 4},
      {"4.19-memcg", 9001, 11000 + 32 + 500 * 51, 51200, 3, OOM_SAME, 4},
      {"5.10-memcg", 52, 7975 + 50, 16384, 3, OOM_SAME, 4},
      {"6.12-memcg", 4711, 63000 + 135 + 985 * 65, 65536, 3, OOM_SAME, 4},
      {"6.8-cpuset", 802, 9000 + 3 + 500 + 300 * 75, 65536 + 10240, 2, OOM_SAME, 64},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char path[128];
    snprintf(path, sizeof path, OOM_DATA "oom_layout/%s.txt", cases[i].file);
    struct oom_reader *rd = read_file(path, 1);
    const struct oom_report *r = oom_reader_report(rd, 0);
    assert_int_equal(r->missing, 0);
    struct oom_verdict v = judge(r, false);
    assert_int_equal(r->page_bytes, cases[i].page_kb * 1024);
    assert_int_equal(v.total.pages, cases[i].total);
    assert_int_equal(v.count, cases[i].candidates);
    assert_int_equal(r->tasks[v.order[0]].pid, cases[i].victim);
    assert_int_equal(v.points[v.order[0]], cases[i].points);
    assert_int_equal(v.agreement, cases[i].agreement);
    assert_false(v.score_differs);
    oom_verdict_free(&v);
    oom_reader_free(rd);
  }
}

static void details_of_layouts(void **state) {
  (void)state;
  struct oom_reader *rd = read_file(OOM_DATA "oom_layout/4.19-memcg.txt", 1);
  const struct oom_report *r = oom_reader_report(rd, 0);
  assert_string_equal(r->tasks[2].name, "python3 :-) [x]");
  assert_string_equal(r->memcg, "/docker/1");
  assert_string_equal(r->cpuset, "docker-1");
  assert_string_equal(r->mems_allowed, "0-1");
  assert_string_equal(r->gfp_names, "GFP_KERNEL");
  assert_int_equal(r->line, 2);
  oom_reader_free(rd);
  rd = read_file(OOM_DATA "oom_layout/5.10-memcg.txt", 1);
  r = oom_reader_report(rd, 0);
  assert_true(r->group);
  assert_int_equal(r->kill_count, 3);
  assert_string_equal(r->task_memcg, "/jobs/a/b");
  oom_reader_free(rd);
  rd = read_file(OOM_DATA "oom_layout/3.2.txt", 1);
  r = oom_reader_report(rd, 0);
  assert_false(r->has_swap || r->has_page_tables);
  assert_int_equal(r->major * 100 + r->minor, 302);
  oom_reader_free(rd);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(recorded), cmocka_unit_test(written_back),
                                     cmocka_unit_test(made_reports), cmocka_unit_test(layouts),
                                     cmocka_unit_test(details_of_layouts)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
