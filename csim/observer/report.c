// SPDX-License-Identifier: Apache-2.0
// The terminal summary: the machine, what happened, where the cycles went, contracts, coverage.
// Follows the order in which a reader asks: did it pass, how big was it, what did it cost, why.
// Promises: plain text of at most 100 columns, no escape codes.
#include "observer/report.h"

#include <inttypes.h>
#include <string.h>

#include "observer/diagnosis.h"
#include "observer/metric.h"
#include "observer/timing_enters.h"
#include "scenario/scenario.h"

enum { LABEL = 40, COLUMN = 18 };

void report_number(uint64_t n, char *out, size_t len) {
  char digits[24], text[32];
  int count = snprintf(digits, sizeof digits, "%" PRIu64, n);
  int k = 0;
  for (int i = 0; i < count; i++) {
    if (i != 0 && (count - i) % 3 == 0) text[k++] = ',';
    text[k++] = digits[i];
  }
  text[k] = '\0';
  snprintf(out, len, "%s", text);
}

static void cell(FILE *out, uint64_t n) {
  char text[32];
  report_number(n, text, sizeof text);
  fprintf(out, "%*s", COLUMN, text);
}

static void size_text(uint64_t bytes, char *out, size_t len) {
  if (bytes >= UINT64_C(10) << 30)
    snprintf(out, len, "%.1f GiB", (double)bytes / (1 << 30));
  else
    snprintf(out, len, "%.1f MiB", (double)bytes / (1 << 20));
}

/* The translation hardware on two lines: TLBs, then walk caches and walks. */
static void print_geometry(FILE *out, const struct mmu_geometry *g) {
  static const char *const policies[MMU_REPLACE_COUNT] = {"pseudo-LRU", "LRU", "FIFO", "random"};
  static const char *const kinds[MMU_PWC_COUNT] = {"virtual", "physical"};
  uint32_t pointers = 0;
  for (unsigned h = 0; h < MMU_PWC_HEIGHTS; h++)
    pointers += g->pwc_entries[h];
  fprintf(out, "tlbs      L1 %u + %u entries, ", (unsigned)g->l1i_entries,
          (unsigned)g->l1d_entries);
  if (g->l2_sets != 0)
    fprintf(out, "L2 %u sets of %u ways, ", (unsigned)g->l2_sets, (unsigned)g->l2_ways);
  else
    fprintf(out, "no L2, ");
  fprintf(out, "%s replacement\nwalks     ", policies[g->replacement]);
  if (pointers != 0)
    fprintf(out, "%s walk cache of %u+%u+%u+%u, ", kinds[g->pwc_kind], (unsigned)g->pwc_entries[0],
            (unsigned)g->pwc_entries[1], (unsigned)g->pwc_entries[2], (unsigned)g->pwc_entries[3]);
  else
    fprintf(out, "no walk cache, ");
  fprintf(out, "%u at once, %u waiting\n", (unsigned)g->walks, (unsigned)g->miss_queue);
}

/* May another backend count otherwise? */
static void print_timing(FILE *out, const struct scenario *s, const struct outcome *o) {
  struct timing_reason reason[TIMING_REASONS];
  size_t n = timing_enters(s, o, reason);
  fprintf(out, "counts    %s",
          n == 0 ? "are the same on hardware and model" : "may differ by some on another backend:");
  for (size_t i = 0; i < n; i++)
    fprintf(out, "%s %s", i != 0 ? "," : "", reason[i].what);
  fputc('\n', out);
}

static void heading(FILE *out, const struct scenario *s, const struct outcome *first) {
  static const char *const backends[] = {"hardware (rtl)", "C model",
                                         "hardware judged in lockstep"};
  struct machine_config cfg;
  char ram[32], swap[32], print[32], events[32];
  scenario_config(s, first->arch, &cfg);
  size_text(cfg.os.memory_bytes, ram, sizeof ram);
  size_text(cfg.os.swap_pages << 12, swap, sizeof swap);
  size_text(first->results.footprint_pages << 12, print, sizeof print);
  report_number(first->results.events, events, sizeof events);
  fprintf(out, "\n%s: %s\n", scenario_name(s), backends[cfg.backend]);
  fprintf(out, "machine   %u CPU%s, %s of RAM, %s of swap\n", (unsigned)cfg.cpus,
          cfg.cpus != 1 ? "s" : "", ram, swap);
  print_geometry(out, &cfg.geometry);
  fprintf(out, "programs  %u task%s, %s events, footprint %s\n", (unsigned)first->tasks,
          first->tasks != 1 ? "s" : "", events, print);
  print_timing(out, s, first);
  for (uint32_t i = 0; i < first->zones; i++) {
    const struct outcome_zone *z = &first->zone[i];
    fprintf(out,
            "zone      %s: %" PRIu64 " pages managed, watermarks %" PRIu64 " min, %" PRIu64
            " low, %" PRIu64 " high\n",
            z->name, z->managed, z->min, z->low, z->high);
  }
}

/* ---- tables with one column an architecture ---- */

static void columns(FILE *out, const char *title, const struct outcome *const *runs, size_t count) {
  fprintf(out, "\n%-*s", LABEL, title);
  for (size_t i = 0; i < count; i++)
    fprintf(out, "%*s", COLUMN, scenario_arch_name(runs[i]->arch));
  fputc('\n', out);
}

static void print_metrics(FILE *out, const struct outcome *const *runs, size_t count) {
  columns(out, "what happened", runs, count);
  fprintf(out, "  %-*s", LABEL - 2, "cycles");
  for (size_t i = 0; i < count; i++)
    cell(out, runs[i]->results.cycles);
  fputc('\n', out);
  for (size_t k = 0; k < metric_count(); k++) {
    uint64_t any = 0;
    for (size_t i = 0; i < count; i++)
      any |= metric_value(&runs[i]->results, k);
    if (metric_at(k)->label == NULL || any == 0) continue;
    fprintf(out, "  %-*s", LABEL - 2, metric_at(k)->label);
    for (size_t i = 0; i < count; i++)
      cell(out, metric_value(&runs[i]->results, k));
    fputc('\n', out);
  }
}

/* As `perf stat` has it: the events, and the share of the look-ups that missed. */
static void print_counters(FILE *out, const struct outcome *const *runs, size_t count) {
  static const struct {
    enum mmu_perf misses, loads;
  } shares[] = {{MMU_PERF_DTLB_LOAD_MISSES, MMU_PERF_DTLB_LOADS},
                {MMU_PERF_DTLB_STORE_MISSES, MMU_PERF_DTLB_STORES},
                {MMU_PERF_ITLB_LOAD_MISSES, MMU_PERF_ITLB_LOADS}};
  columns(out, "counters of the MMU", runs, count);
  for (int k = 0; k < MMU_PERF_COUNT; k++) {
    uint64_t any = 0;
    for (size_t i = 0; i < count; i++)
      any |= runs[i]->results.perf[k];
    if (any == 0) continue;
    fprintf(out, "  %-*s", LABEL - 2, mmu_counter_name((enum mmu_perf)k));
    for (size_t i = 0; i < count; i++)
      cell(out, runs[i]->results.perf[k]);
    fputc('\n', out);
    for (size_t s = 0; s < sizeof shares / sizeof shares[0]; s++) {
      if (shares[s].misses != (enum mmu_perf)k) continue;
      fprintf(out, "    %-*s", LABEL - 4, "of the look-ups");
      for (size_t i = 0; i < count; i++) {
        double loads = (double)runs[i]->results.perf[shares[s].loads];
        double misses = (double)runs[i]->results.perf[k];
        fprintf(out, "%*.3f %%", COLUMN - 2, loads > 0 ? 100 * misses / loads : 0);
      }
      fputc('\n', out);
    }
  }
}

static void print_ledger(FILE *out, const struct outcome *const *runs, size_t count) {
  columns(out, "where the cycles went", runs, count);
  for (int a = 0; a < LEDGER_ACCOUNTS; a++) {
    uint64_t any = 0;
    for (size_t i = 0; i < count; i++)
      any |= ledger_total(&runs[i]->results.ledger, runs[i]->cpus, (enum ledger_account)a);
    if (any == 0) continue;
    fprintf(out, "  %-*s", LABEL - 2, ledger_label((enum ledger_account)a));
    for (size_t i = 0; i < count; i++) {
      const struct machine_results *r = &runs[i]->results;
      uint64_t n = ledger_total(&r->ledger, runs[i]->cpus, (enum ledger_account)a);
      double all = (double)r->cycles * runs[i]->cpus;
      fprintf(out, "%*.3f %%", COLUMN - 2, all > 0 ? 100 * (double)n / all : 0);
    }
    fputc('\n', out);
  }
}

static void print_contracts(FILE *out, const struct outcome *const *runs, size_t count) {
  columns(out, "contracts: checks (broken)", runs, count);
  for (int k = 0; k < CONTRACT_COUNT; k++) {
    fprintf(out, "  %-*s", LABEL - 2, contract_label((enum contract)k));
    for (size_t i = 0; i < count; i++) {
      const struct contract_record *r = &runs[i]->results.contracts.record[k];
      char number[32], text[64];
      report_number(r->checked, number, sizeof number);
      snprintf(text, sizeof text, "%s (%" PRIu64 ")", number, r->broken);
      fprintf(out, "%*s", COLUMN, text);
    }
    fputc('\n', out);
  }
}

static bool same_bin(const struct coverage_bin *a, const struct coverage_bin *b) {
  return a->level == b->level && a->shift == b->shift && a->cause == b->cause &&
         a->kind == b->kind && a->priv == b->priv;
}

static uint64_t count_of(const struct outcome *o, const struct coverage_bin *bin) {
  for (uint32_t i = 0; i < o->bins; i++)
    if (same_bin(&o->bin[i].bin, bin)) return o->bin[i].count;
  return 0;
}

static void print_coverage(FILE *out, const struct outcome *const *runs, size_t count) {
  columns(out, "coverage: answers of the MMU", runs, count);
  for (size_t first = 0; first < count; first++) {
    for (uint32_t b = 0; b < runs[first]->bins; b++) {
      const struct coverage_bin *bin = &runs[first]->bin[b].bin;
      bool seen = false;
      for (size_t i = 0; i < first; i++)
        seen = seen || count_of(runs[i], bin) != 0;
      if (seen) continue;
      char name[96];
      coverage_name(bin, name, sizeof name);
      fprintf(out, "  %-*s", LABEL - 2, name);
      for (size_t i = 0; i < count; i++)
        cell(out, count_of(runs[i], bin));
      fputc('\n', out);
    }
  }
}

/* ---- verdict ---- */

struct verdict {
  FILE *out;
  const char *arch;
};

static void print_missed(void *arg, const char *text) {
  struct verdict *v = arg;
  fprintf(v->out, "%s: MISSED %s\n", v->arch, text);
}

static void print_verdict(FILE *out, const struct scenario *s, const struct outcome *o) {
  struct verdict v = {out, scenario_arch_name(o->arch)};
  if (!o->ran) {
    fprintf(out, "%s: FAILED: %s\n", v.arch, o->error);
    return;
  }
  if (o->death[0] != '\0') fprintf(out, "%s: KILLED %s\n", v.arch, o->death);
  if (o->results.panic[0] != '\0')
    fprintf(out, "%s: PANIC %s: nobody is left to kill\n", v.arch, o->results.panic);
  for (int k = 0; k < CONTRACT_COUNT; k++) {
    const struct contract_record *r = &o->results.contracts.record[k];
    if (r->broken != 0)
      fprintf(out, "%s: BROKEN %s, first: %s\n", v.arch, contract_label((enum contract)k),
              r->first);
  }
  result_missed(s, o, print_missed, &v);
  fprintf(out, "%s: %s, %.1f s of host time, %.2f M accesses/s, %.1f M simulated cycles/s\n",
          v.arch, result_passed(s, o) ? "passed" : "NOT PASSED", o->host_seconds,
          (double)o->results.accesses / 1e6 / o->host_seconds,
          (double)o->results.cycles / 1e6 / o->host_seconds);
}

static void print_flags(FILE *out, const struct scenario *s, const struct outcome *o) {
  struct machine_config cfg;
  struct finding found[FINDINGS];
  scenario_config(s, o->arch, &cfg);
  diagnose(o, cfg.os.cpu_hz, found);
  diagnosis_print(out, scenario_arch_name(o->arch), found);
}

void report_print(FILE *out, const struct scenario *s, const struct outcome *const *runs,
                  size_t count) {
  const struct outcome *ran[MMU_ARCH_COUNT];
  size_t n = 0;
  for (size_t i = 0; i < count; i++)
    if (runs[i]->ran) ran[n++] = runs[i];
  if (n != 0) {
    heading(out, s, ran[0]);
    print_metrics(out, ran, n);
    print_counters(out, ran, n);
    print_ledger(out, ran, n);
    print_contracts(out, ran, n);
    print_coverage(out, ran, n);
  }
  fputc('\n', out);
  for (size_t i = 0; i < n; i++)
    print_flags(out, s, ran[i]);
  for (size_t i = 0; i < count; i++)
    print_verdict(out, s, runs[i]);
}
