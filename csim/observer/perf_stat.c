// SPDX-License-Identifier: Apache-2.0
// Columns follow tools/perf/util/stat-display.c of Linux 6.1: a count of 18 characters, the event's
// name, and a remark after #.
#include "observer/perf_stat.h"

#include "observer/report.h"
#include "observer/result.h"

static void event(FILE *out, uint64_t count, const char *name, const char *remark) {
  char digits[32];
  report_number(count, digits, sizeof digits);
  if (remark[0] != '\0')
    fprintf(out, "%18s      %-25s # %s\n", digits, name, remark);
  else
    fprintf(out, "%18s      %s\n", digits, name);
}

/* "15.01% of all dTLB-loads" behind the misses of a kind of look-up. */
static void counter(FILE *out, const uint64_t *perf, enum mmu_perf k) {
  static const struct {
    enum mmu_perf part, all;
    const char *of;
  } shares[] = {{MMU_PERF_DTLB_LOAD_MISSES, MMU_PERF_DTLB_LOADS, "dTLB loads"},
                {MMU_PERF_DTLB_STORE_MISSES, MMU_PERF_DTLB_STORES, "dTLB stores"},
                {MMU_PERF_ITLB_LOAD_MISSES, MMU_PERF_ITLB_LOADS, "iTLB loads"}};
  char remark[64] = "";
  for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++)
    if (shares[i].part == k && perf[shares[i].all] != 0)
      (void)snprintf(remark, sizeof remark, "%8.2f%% of all %s",
                     100 * (double)perf[k] / (double)perf[shares[i].all], shares[i].of);
  event(out, perf[k], mmu_counter_name(k), remark);
}

void perf_stat_print(FILE *out, const char *name, const struct outcome *o, uint64_t hz) {
  const struct machine_results *r = &o->results;
  char remark[64] = "";
  fprintf(out, "\n Performance counter stats for '%s':\n\n", name);
  event(out, r->os.pgfault, "page-faults", "");
  event(out, r->os.pgfault - r->os.pgmajfault, "minor-faults", "");
  event(out, r->os.pgmajfault, "major-faults", "");
  event(out, r->context_switches, "context-switches", "");
  const uint64_t idle = ledger_total(&r->ledger, o->cpus, LEDGER_IDLE) +
                        ledger_total(&r->ledger, o->cpus, LEDGER_DISK_WAIT);
  const uint64_t busy = r->cycles * o->cpus - idle;
  event(out, busy, "cycles", "");
  if (busy != 0)
    (void)snprintf(remark, sizeof remark, "%8.2f  insn per cycle",
                   (double)r->instructions / (double)busy);
  event(out, r->instructions, "instructions", remark);
  for (int k = 0; k < MMU_PERF_COUNT; k++)
    counter(out, r->perf, (enum mmu_perf)k);
  fprintf(out, "\n %17.9f seconds time elapsed\n\n", (double)r->cycles / (double)hz);
}
