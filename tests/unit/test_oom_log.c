// SPDX-License-Identifier: Apache-2.0
// Logs around OOM reports: prefixes of log tools, numbers, kernels that do not say their version,
// several reports in one log.
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
#include "tests/unit/oom_files.h"

static void prefixes(void **state) {
  (void)state;
  static const char *const before[] = {
      "",
      "[    2.597106] ",
      "[    2.597106][  T242] ",
      "[T242] ",
      "<4>[    2.597106] ",
      "kern  :warn  : [    2.597106] ",
      "[Thu Nov 26 07:54:38 2026] ",
      "[  +0.000012] ",
      "[Nov26 07:54] ",
      "Nov 26 07:54:38 host kernel: ",
      "Nov 26 07:54:38 host kernel: [    2.597106] ",
      "2026-11-26T07:54:38.123456+00:00 host kernel: [    2.597106] ",
      "[    2.597106] host kernel: ",
      "kernel: ",
      "4,900,123456,-;",
      "> > [    2.597106] ",
      "2026-11-26T07:54:38,123456+00:00 ",
      "2026-11-26T07:54:38.123456789Z [    2.597106] ",
      "Thu 2026-11-26 07:54:38 UTC host kernel: ",
      "Nov 26 07:54:38 host kernel:[    2.597106] ",
      "<4>Nov 26 07:54:38 host kernel: [    2.597106] ",
      "<4>1 2026-11-26T07:54:38.123Z host kernel - - - ",
      "12:[    2.597106] ",
      "kern.log:Nov 26 07:54:38 host kernel: ",
      "\t  "};
  static const char *const after[] = {"[     97]     0    97     3214 x", "[  pid  ]   uid",
                                      "Mem-Info:", "lowmem_reserve[]: 0 1", "Node 0 DMA: 2*4kB"};
  for (size_t i = 0; i < sizeof before / sizeof before[0]; i++)
    for (size_t k = 0; k < sizeof after / sizeof after[0]; k++) {
      char line[256];
      snprintf(line, sizeof line, "%s%s", before[i], after[k]);
      assert_string_equal(scan_message(line), after[k]);
    }
  /* a task may call itself anything */
  assert_string_equal(scan_message("[   97]  0  97 kernel: [ 1]"), "[   97]  0  97 kernel: [ 1]");
}

/* Colours of dmesg and journalctl, the mark of a file from Windows, tabs. */
static void colours(void **state) {
  (void)state;
  static const char *const lines[][2] = {
      {"\x1b[32m[    2.597106] \x1b[0m\x1b[33mMem-Info\x1b[0m:", "[    2.597106] Mem-Info:"},
      {"\x1b[0;1;31m\x1b[0;1;39m\x1b[0;1;31mMem-Info:\x1b[0m\x1b[K", "Mem-Info:"},
      {"\xef\xbb\xbfMem-Info:", "Mem-Info:"},
      {"[\tpid\t]\tuid", "[ pid ] uid"},
      {"a\x1b", "a"},
      {"a\x1b[", "a"},
      {"a\x1b[31", "a"}};
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
    char to[80];
    assert_true(scan_coloured(lines[i][0]));
    scan_plain(to, lines[i][0]);
    assert_string_equal(to, lines[i][1]);
    assert_false(scan_coloured(to));
  }
  assert_false(scan_coloured("[   97]  0  97 kernel: [ 1]"));
}

static struct oom_verdict judge_text(const char *text, struct oom_reader **rd) {
  *rd = read_text(text, strlen(text));
  assert_int_equal(oom_reader_end(*rd, 0), 1);
  return judge(oom_reader_report(*rd, 0), false);
}

/* Without a version, the columns and the kill line tell the age of the rules. */
static void ages(void **state) {
  (void)state;
  static const struct {
    const char *columns, *row, *kill;
    unsigned major;
    int64_t points;
  } cases[] = {
      {"cpu oom_adj oom_score_adj", "3 0 0", "Kill process 7 (x) score 1", 2, 1000 - 30},
      {"nr_ptes swapents oom_score_adj", "5 100 0", "Kill process 7 (x) score 1", 3, 1105 - 33},
      {"pgtables_bytes swapents oom_score_adj", "4096 0 0", "Kill process 7 (x) score 1", 4, 1001},
      {"pgtables_bytes swapents oom_score_adj", "4096 0 0", "Killed process 7 (x)", 6, 1001}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char text[512];
    struct oom_reader *rd;
    snprintf(text, sizeof text,
             "x invoked oom-killer: gfp_mask=0x0, order=0, oom_score_adj=0\nTotal swap = 0kB\n"
             "1000 pages RAM\n0 pages reserved\n[ pid ] uid tgid total_vm rss %s name\n"
             "[ 7] 0 7 1 1000 %s x\nOut of memory: %s\n",
             cases[i].columns, cases[i].row, cases[i].kill);
    struct oom_verdict v = judge_text(text, &rd);
    assert_true(v.guessed);
    assert_int_equal(v.major, cases[i].major);
    assert_int_equal(v.points[0], cases[i].points);
    oom_verdict_free(&v);
    oom_reader_free(rd);
  }
}

/* Before 5.0: a memory policy shows in the first line, and the panic says that nobody is left. */
static void policy_and_panic(void **state) {
  (void)state;
  struct oom_reader *rd;
  struct oom_verdict v = judge_text(
      "oom02:4585 invoked oom-killer: gfp_mask=0x16080c0(GFP_KERNEL), nodemask=1-2,  order=0, "
      "oom_score_adj=0\noom02:4585 cpuset=/ mems_allowed=0-2\nTotal swap = 40kB\n"
      "Node 1 Normal free:4kB min:4kB low:4kB high:4kB present:400kB managed:396kB\n"
      "Node 2 Normal free:4kB min:4kB low:4kB high:4kB present:80kB managed:76kB\n"
      "[ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents oom_score_adj name\n"
      "[ 2421]     0  2421     3241      878       9       3        0         -1000 udevd\n"
      "Kernel panic - not syncing: Out of memory and no killable processes...\n",
      &rd);
  const struct oom_report *r = oom_reader_report(rd, 0);
  assert_int_equal(r->constraint, OOM_MEMPOLICY);
  assert_string_equal(r->nodemask, "1-2");
  assert_int_equal(v.total.pages, 100 + 20 + 10);
  assert_false(v.total.exact); /* that age counts holes */
  assert_true(r->no_candidates);
  assert_int_equal(v.agreement, OOM_SAME);
  assert_int_equal(r->missing, 0);
  oom_verdict_free(&v);
  oom_reader_free(rd);
}

static void numbers(void **state) {
  (void)state;
  uint64_t u;
  int64_t s;
  const char *p = " 18446744073709551615 99999999999999999999999 -5 -99999999999999999999 +7 x";
  assert_true(scan_unsigned(&p, &u));
  assert_true(u == UINT64_MAX - 1);
  assert_true(scan_unsigned(&p, &u));
  assert_true(u == UINT64_MAX - 1);
  assert_false(scan_unsigned(&p, &u));
  assert_true(scan_signed(&p, &s));
  assert_int_equal(s, -5);
  assert_true(scan_signed(&p, &s));
  assert_true(s == INT64_MIN);
  assert_true(scan_signed(&p, &s));
  assert_int_equal(s, 7);
  assert_false(scan_signed(&p, &s));
}

/* Several reports, a kill whose report the kernel's rate limit left out, and a page allocation
 * failure, whose Mem-Info is not ours. */
static void several(void **state) {
  (void)state;
  size_t size, more;
  char *one = load(OOM_DATA "oom_06_report.txt", &size),
       *tail = load(OOM_DATA "oom_13_tail.txt", &more);
  static const char limited[] =
      "[ 9.1] Out of memory: Killed process 77 (late) total-vm:4kB, anon-rss:1kB, file-rss:0kB, "
      "shmem-rss:0kB, UID:0 pgtables:4kB oom_score_adj:5\n"
      "[ 9.2] dd: page allocation failure: order:4, mode:0x40dc0\n[ 9.3] Mem-Info:\n"
      "[ 9.3] active_anon:9 inactive_anon:9 isolated_anon:0\n[ 9.4] 5 pages RAM\n";
  char *all = malloc(2 * size + more + sizeof limited);
  assert_non_null(all);
  const size_t n = (size_t)sprintf(all, "%s%s%s%s", one, limited, one, tail);
  struct oom_reader *rd = read_text(all, n);
  assert_int_equal(oom_reader_end(rd, 0), 4);
  assert_int_equal(oom_reader_report(rd, 0)->missing, 0);
  const struct oom_report *late = oom_reader_report(rd, 1);
  assert_int_equal(late->missing, OOM_LACKS_START | OOM_LACKS_MEMINFO | OOM_LACKS_TABLE);
  assert_int_equal(late->kills[0].pid, 77);
  assert_int_equal(late->kills[0].adj, 5);
  assert_int_equal(oom_reader_report(rd, 2)->missing, 0);
  assert_int_equal(oom_reader_report(rd, 2)->stat[OOM_FREE], 640);
  assert_string_equal(oom_reader_report(rd, 3)->panic, "System is deadlocked on memory");
  oom_reader_free(rd);
  free(all);
  free(one);
  free(tail);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(prefixes),         cmocka_unit_test(colours),
                                     cmocka_unit_test(numbers),          cmocka_unit_test(ages),
                                     cmocka_unit_test(policy_and_panic), cmocka_unit_test(several)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
