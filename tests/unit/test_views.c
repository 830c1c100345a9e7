// SPDX-License-Identifier: Apache-2.0
// What a run shows: vmstat's lines to the byte, the timeline's sums however often it is merged, the
// flags of the diagnosis at their thresholds, smaps against the kernel's own rss; and that looking
// changes nothing.
#include "machine_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "observer/diagnosis.h"
#include "observer/result.h"
#include "observer/timeline.h"
#include "observer/vmstat.h"

static void vmstat_lines(void **state) {
  (void)state;
  char *text = NULL;
  size_t len = 0;
  FILE *f = open_memstream(&text, &len);
  struct machine_sample a = {.cycle = 1000, .cpus = 2};
  struct machine_sample b = a;
  b.cycle += 2000; /* 2 s at 1000 Hz; 4000 cycles of two CPUs */
  b.runnable = 3;
  b.blocked = 1;
  b.free = 100;
  b.os.nr_swap_used = 7;
  b.os.nr_file = 25;
  b.os.pswpin = 10;
  b.os.pswpout = 5;
  b.disk_reads = 11;
  b.disk_writes = 6;
  b.interrupts = 17;
  b.switches = 9;
  b.system = 1000;
  b.idle = 500;
  b.disk_wait = 510;
  vmstat_header(f);
  vmstat_line(f, &a, &b, 1000);
  vmstat_line(f, &b, &b, 1000); /* no time: no line */
  fclose(f);
  /* Header as procps 4.0.2 prints it; si = 10 pages of 4 KiB in 2 s = 20. */
  assert_string_equal(
      text,
      "procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----\n"
      " r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st\n"
      " 3  1     28    400      0    100   20   10    22    12    9    5 50 25 13 13  0\n");
  free(text);
}

static void timeline_sums(void **state) {
  (void)state;
  struct timeline *t = timeline_create(UINT64_C(1) << 20, 1000000, NULL);
  struct machine_sample s = {.cpus = 1, .managed = 1000, .min = 10, .low = 20, .high = 30};
  uint64_t least = 1000;
  for (uint64_t next = 0; s.cycle < UINT64_C(1) << 26;) {
    s.free = 500 + s.cycle % 401;
    s.least_free = s.free - s.cycle % 97;
    if (s.cycle != 0 && s.least_free < least) least = s.least_free;
    next = timeline_sample(t, &s);
    assert_true(next > s.cycle);
    s.cycle = next;
    s.os.pgscan_kswapd += 3;
    s.os.pgsteal_kswapd += 2;
    s.os.pgsteal_direct += 1;
    s.os.allocstall += s.cycle % 2 == 0;
    s.os.nr_dirty = s.cycle < 5000000 ? 40 : 10;
    s.os.pswpin++;
  }
  s.os.oom_kill = 1;
  s.cycle += 5;
  (void)timeline_sample(t, &s);
  timeline_end(t);
  struct timeline_point sum = {.least_free = 1000};
  uint64_t cycle = 0;
  assert_in_range(timeline_count(t), TIMELINE_POINTS / 2, TIMELINE_POINTS);
  for (size_t i = 0; i < timeline_count(t); i++) {
    const struct timeline_point *p = timeline_at(t, i);
    assert_true(p->cycle > cycle);
    cycle = p->cycle;
    sum.kswapd += p->kswapd;
    sum.direct += p->direct;
    sum.scanned += p->scanned;
    sum.stalls += p->stalls;
    sum.kills += p->kills;
    if (p->least_free < sum.least_free) sum.least_free = p->least_free;
  }
  assert_int_equal(cycle, s.cycle);
  assert_int_equal(sum.kswapd, s.os.pgsteal_kswapd);
  assert_int_equal(sum.direct, s.os.pgsteal_direct);
  assert_int_equal(sum.scanned, s.os.pgscan_kswapd);
  assert_int_equal(sum.stalls, s.os.allocstall);
  assert_int_equal(sum.kills, 1);
  assert_int_equal(sum.least_free, least);
  assert_int_equal(timeline_peaks(t)->dirty, 40);
  assert_int_equal(timeline_peaks(t)->managed, 1000);
  assert_int_equal(timeline_peaks(t)->lines, 64);
  timeline_destroy(t);
}

static bool flagged(const struct outcome *o, const char *name, bool *known) {
  struct finding f[FINDINGS];
  diagnose(o, 1000000, f);
  for (int i = 0; i < FINDINGS; i++)
    if (strcmp(f[i].name, name) == 0) {
      *known = f[i].known;
      return f[i].flag;
    }
  fail_msg("no finding %s", name);
  return false;
}

/* Not at the threshold, but one above it. */
static void edge(struct outcome *o, uint64_t *value, uint64_t at, const char *name) {
  bool known;
  *value = at;
  assert_false(flagged(o, name, &known));
  assert_true(known);
  *value = at + 1;
  assert_true(flagged(o, name, &known));
}

static void flags(void **state) {
  (void)state;
  struct outcome *o = calloc(1, sizeof *o);
  bool known;
  struct machine_results *r = &o->results;
  assert_false(flagged(o, "page_tables", &known) || known); /* nothing ran */
  o->cpus = 1;
  o->peaks.managed = 10000;
  r->cycles = 1000000; /* one second */
  edge(o, &o->peaks.table_pages, 100, "page_tables");
  edge(o, &o->peaks.dirty, 1000, "dirty");
  edge(o, &r->os.pswpin, 5120 / 4, "swap_in");
  edge(o, &r->os.pswpout, 10240 / 4, "swap_out");
  r->footprint_pages = 20000;
  assert_false(flagged(o, "working_set", &known) || known); /* nothing came back */
  r->os.workingset_refault_anon = 1;
  edge(o, &r->footprint_pages, 10000, "working_set");
  r->ledger.cycles[0][LEDGER_IDLE] = 900000; /* of 100,000 cycles 9 % */
  edge(o, &r->ledger.cycles[0][LEDGER_WALK_MEMORY], 9000, "tlb_misses");
  o->peaks.anon = 1600;
  assert_false(flagged(o, "huge_pages", &known) || known);
  o->peaks.anon_known = 1;
  o->peaks.anon_huge = 100;
  assert_false(flagged(o, "huge_pages", &known));
  o->peaks.anon_huge = 99;
  assert_true(flagged(o, "huge_pages", &known)); /* TLB misses cost much */
  r->ledger.cycles[0][LEDGER_WALK_MEMORY] = 9000;
  assert_false(flagged(o, "huge_pages", &known) || known); /* nobody wants huge pages */
  r->os.thp_fault_fallback = 1;
  assert_true(flagged(o, "huge_pages", &known)); /* somebody does, and does not get them */
  o->peaks.anon_huge = 100;
  assert_false(flagged(o, "huge_pages", &known));
  assert_true(known);
  free(o);
}

/* ---- whole machines ---- */

struct watch {
  struct timeline *timeline;
  uint64_t step, last; /* sample that often, too */
  uint64_t ends, rss, smaps_rss, anonymous, swap;
};

static uint64_t sample(void *arg, const struct machine_sample *s) {
  struct watch *w = arg;
  assert_true(s->cycle >= w->last);
  assert_true(s->system + s->idle + s->disk_wait <= s->cycle * s->cpus);
  w->last = s->cycle;
  uint64_t next = timeline_sample(w->timeline, s);
  return next < s->cycle + w->step ? next : s->cycle + w->step;
}

static uint64_t sum_of(const char *text, const char *name) {
  uint64_t sum = 0;
  for (const char *at = strstr(text, name); at != NULL; at = strstr(at + 1, name))
    sum += strtoull(at + strlen(name), NULL, 10);
  return sum;
}

static void task_ends(void *arg, struct machine *m, const struct os_task *t, uint32_t pid) {
  struct watch *w = arg;
  char *text = NULL;
  size_t len = 0;
  FILE *f = open_memstream(&text, &len);
  (void)pid;
  machine_smaps(m, t, f);
  fclose(f);
  w->ends++;
  w->rss += os_task_rss(t);
  w->smaps_rss += sum_of(text, "\nRss:") / 4;
  w->anonymous += sum_of(text, "\nAnonymous:") / 4;
  w->swap += sum_of(text, "\nSwap:") / 4;
  uint64_t parts = sum_of(text, "\nShared_Clean:") + sum_of(text, "\nShared_Dirty:") +
                   sum_of(text, "\nPrivate_Clean:") + sum_of(text, "\nPrivate_Dirty:");
  assert_int_equal(parts, sum_of(text, "\nRss:"));
  assert_true(sum_of(text, "\nPss:") <= sum_of(text, "\nRss:"));
  assert_true(sum_of(text, "\nReferenced:") <= sum_of(text, "\nRss:"));
  free(text);
}

static const char program[] = "synthetic:pages=1200 file=300 accesses=40000 run=8";

static void looking_changes_nothing(void **state) {
  (void)state;
  for (int arch = 0; arch < MMU_ARCH_COUNT; arch++) {
    struct machine_config cfg = fixture_config((enum mmu_arch)arch, 2);
    struct machine_results blind = fixture_run(&cfg, program, 3);
    struct watch w = {.step = 777};
    w.timeline = timeline_create(1000000, 3000000000, NULL);
    cfg.sample = sample;
    cfg.task_ends = task_ends;
    cfg.sample_arg = &w;
    struct machine_results seen = fixture_run(&cfg, program, 3);
    timeline_end(w.timeline);
    assert_memory_equal(&blind.os, &seen.os, sizeof seen.os);
    assert_memory_equal(&blind.ledger, &seen.ledger, sizeof seen.ledger);
    assert_memory_equal(&blind.backend, &seen.backend, sizeof seen.backend);
    assert_int_equal(blind.cycles, seen.cycles);
    assert_int_equal(w.last, seen.cycles);
    assert_int_equal(w.ends, 3);
    assert_int_equal(w.smaps_rss, w.rss);
    assert_true(w.swap > 0 && w.anonymous > 0 && w.anonymous < w.rss);
    timeline_destroy(w.timeline);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(vmstat_lines),
      cmocka_unit_test(timeline_sums),
      cmocka_unit_test(flags),
      cmocka_unit_test(looking_changes_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
