// SPDX-License-Identifier: Apache-2.0
// The experiment in one table: a line a policy, a column a machine, three figures in each for a way
// of flushing, against a flush page by page.
#include <inttypes.h>
#include <string.h>

#include "abits/abits.h"
#include "scenario/scenario.h"

enum { NAME = 15, CELL = 20 };

static double percent(double part, double of) {
  return of > 0 ? 100 * part / of : 0;
}

static void cell(const struct abits *a, const struct abits_row *r, FILE *out) {
  const struct abits_row *page = abits_page_by_page(a, r);
  char text[64];
  if (!r->ran || !page->ran) {
    fprintf(out, "%*s", CELL, "failed");
    return;
  }
  double saved = abits_saved(a, r);
  (void)snprintf(text, sizeof text, "%.1f %.2f %.0f",
                 percent((double)r->sight.wrong_looks, (double)r->sight.unused),
                 percent((double)r->sight.wrong, (double)r->sight.evictions),
                 percent(saved, saved + (double)r->shootdown_cycles));
  fprintf(out, "%*s", CELL, text);
}

static bool same_policy(const struct abits *a, size_t i, size_t j) {
  return strcmp(a->row[i].policy, a->row[j].policy) == 0;
}

static void head(const struct abits *a, FILE *out) {
  fprintf(out, "  %-*s", NAME, "policy");
  for (size_t i = 0; i < a->rows && same_policy(a, i, 0); i += ABITS_FLUSHES) {
    char text[32];
    (void)snprintf(text, sizeof text, "%s, %s", scenario_arch_name((enum mmu_arch)a->row[i].arch),
                   a->row[i].by_fault ? "fault" : "hardware");
    fprintf(out, "%*s", CELL, text);
  }
  fputc('\n', out);
}

static void table(const struct abits *a, size_t flush, FILE *out) {
  head(a, out);
  for (size_t i = 0; i < a->rows; i += ABITS_FLUSHES) {
    if (i == 0 || !same_policy(a, i, i - ABITS_FLUSHES))
      fprintf(out, "%s  %-*s", i == 0 ? "" : "\n", NAME, a->row[i].policy);
    cell(a, &a->row[i + flush], out);
  }
  fputc('\n', out);
}

void abits_summary(const struct abits *a, FILE *out) {
  static const char *const how[ABITS_FLUSHES] = {"", "in batches", "not at all"};
  for (size_t flush = 1; flush < ABITS_FLUSHES && a->rows != 0; flush++) {
    fprintf(out,
            "\nflushed %s: %% of the cold looks that were wrong, %% of the evictions that were "
            "wrong, %% that it saved of the shootdown cycles it would have had page by page\n",
            how[flush]);
    table(a, flush, out);
  }
}
