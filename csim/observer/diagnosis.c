// SPDX-License-Identifier: Apache-2.0
// The thresholds are the chapter's where it gives one; where it gives an example only, `source`
// says so. Promises: a figure that the run cannot tell raises no flag.
#include "observer/diagnosis.h"

#include "observer/result.h"

static double percent(double part, double of) {
  return of > 0 ? 100 * part / of : 0;
}

static uint64_t busy_cycles(const struct outcome *o) {
  const struct ledger *l = &o->results.ledger;
  return o->results.cycles * o->cpus - ledger_total(l, o->cpus, LEDGER_IDLE) -
         ledger_total(l, o->cpus, LEDGER_DISK_WAIT);
}

/* Cycles that waited for a translation that the L1 TLB did not have. */
static uint64_t miss_cycles(const struct outcome *o) {
  static const enum ledger_account waits[] = {LEDGER_L2_HIT, LEDGER_WALK_MEMORY,
                                              LEDGER_WALK_HARDWARE, LEDGER_AD_UPDATE};
  uint64_t sum = 0;
  for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++)
    sum += ledger_total(&o->results.ledger, o->cpus, waits[i]);
  return sum;
}

static void memory_flags(const struct outcome *o, struct finding *f) {
  const struct timeline_peaks *p = &o->peaks;
  const double managed = (double)p->managed;
  f[0] = (struct finding){.name = "page_tables",
                          .what = "PageTables at most, of MemTotal",
                          .figure = percent((double)p->table_pages, managed),
                          .threshold = 1,
                          .unit = "%",
                          .known = p->managed != 0,
                          .advice =
                              "tables cannot be reclaimed, and MemAvailable does not say so: "
                              "use huge pages, map less, share tables",
                          .source = "D1; /proc/meminfo, sampled"};
  f[1] = (struct finding){.name = "dirty",
                          .what = "Dirty at most, of MemTotal",
                          .figure = percent((double)p->dirty, managed),
                          .threshold = 10,
                          .unit = "%",
                          .known = p->managed != 0,
                          .advice =
                              "writers outrun the disk: lower vm.dirty_background_ratio or "
                              "vm.dirty_ratio",
                          .source = "D1; /proc/meminfo, sampled"};
}

static void swap_flags(const struct outcome *o, uint64_t hz, struct finding *f) {
  const struct machine_results *r = &o->results;
  const double seconds = (double)r->cycles / (double)hz;
  const bool known = r->cycles != 0;
  f[0] = (struct finding){.name = "swap_in",
                          .what = "si, mean of the run",
                          .figure = known ? 4 * (double)r->os.pswpin / seconds : 0,
                          .threshold = 5120,
                          .unit = "KiB/s",
                          .known = known,
                          .advice =
                              "pages come back from swap: add memory, run less at once, or "
                              "turn swap off and expect OOM kills",
                          .source = "D1, D3; the chapter's critical si; vmstat"};
  f[1] = (struct finding){.name = "swap_out",
                          .what = "so, mean of the run",
                          .figure = known ? 4 * (double)r->os.pswpout / seconds : 0,
                          .threshold = 10240,
                          .unit = "KiB/s",
                          .known = known,
                          .advice = "memory is short: add memory or run less at once",
                          .source = "D1, D3; the chapter's critical so; vmstat"};
  f[2] =
      (struct finding){.name = "working_set",
                       .what = "pages that the programs use, of memory",
                       .figure = percent((double)r->footprint_pages, (double)o->peaks.managed),
                       .threshold = 100,
                       .unit = "%",
                       .known = o->peaks.managed != 0 && r->footprint_pages != 0 &&
                                r->os.workingset_refault_anon + r->os.workingset_refault_file != 0,
                       .advice = "and evicted pages come back: add memory or make it smaller",
                       .source = "D3; the programs' footprint, workingset_refault of vmstat"};
}

/* Did a fault or khugepaged ever try for a huge page? With THP off, or areas too small, none does.
 */
static bool huge_pages_tried(const struct os_stats *s) {
  return (s->thp_fault_alloc | s->thp_fault_fallback | s->thp_collapse_alloc |
          s->thp_collapse_alloc_failed) != 0;
}

/* Small pages are no fault by themselves: only where huge ones were wanted and could not be had, or
 * where TLB misses cost so much that they should be. */
static void huge_page_flag(const struct outcome *o, bool misses_cost, struct finding *f) {
  const struct timeline_peaks *p = &o->peaks;
  const bool tried = huge_pages_tried(&o->results.os);
  *f = (struct finding){
      .name = "huge_pages",
      .what = "AnonPages without a huge page, when a task ended with most",
      .figure = percent((double)(p->anon - p->anon_huge), (double)p->anon),
      .threshold = 93.75,
      .unit = "%",
      .known = p->anon_known != 0 && p->anon >= 512 && (tried || misses_cost),
      .advice = tried ? "memory has no free blocks of 2 MiB (thp_fault_fallback, extfrag), or "
                        "reclaim splits them: take huge pages early, or from vm.nr_hugepages"
                      : "and TLB misses cost much: turn transparent huge pages on, or ask for them "
                        "with madvise",
      .source = "D4; the chapter's example, AnonHugePages of 1/16; meminfo, vmstat"};
}

static void translation_flags(const struct outcome *o, struct finding *f) {
  f[0] = (struct finding){.name = "tlb_misses",
                          .what = "cycles that wait for TLB misses, of those that are not idle",
                          .figure = percent((double)miss_cycles(o), (double)busy_cycles(o)),
                          .threshold = 9,
                          .unit = "%",
                          .known = busy_cycles(o) != 0,
                          .advice =
                              "the working set is beyond the TLB's reach: use huge pages, "
                              "make accesses more local",
                          .source = "D2; the ledger's TLB and walk accounts"};
  huge_page_flag(o, f[0].known && f[0].figure > f[0].threshold, &f[1]);
}

void diagnose(const struct outcome *o, uint64_t hz, struct finding out[FINDINGS]) {
  memory_flags(o, out);
  swap_flags(o, hz, out + 2);
  translation_flags(o, out + 5);
  for (int i = 0; i < FINDINGS; i++)
    out[i].flag = out[i].known && out[i].figure > out[i].threshold;
}

void diagnosis_print(FILE *out, const char *arch, const struct finding f[FINDINGS]) {
  bool any = false;
  for (int i = 0; i < FINDINGS; i++) {
    if (!f[i].flag) continue;
    any = true;
    fprintf(out, "%s: RED FLAG %s: %.2f %s (threshold %g %s): %s [%s]\n", arch, f[i].what,
            f[i].figure, f[i].unit, f[i].threshold, f[i].unit, f[i].advice, f[i].source);
  }
  if (!any) fprintf(out, "%s: no red flag\n", arch);
}
