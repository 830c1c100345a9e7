// SPDX-License-Identifier: Apache-2.0
// The table of docs/abits.md as text, CSV and JSON: the same figures under the same names.
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "abits/abits.h"
#include "scenario/scenario.h"

static double percent(uint64_t part, uint64_t of) {
  return of != 0 ? 100 * (double)part / (double)of : 0;
}

static const char *setter(const struct abits_row *r) {
  return r->by_fault ? "fault" : "hardware";
}

static void text_row(const struct abits *a, const struct abits_row *r, FILE *out) {
  const struct sight_counts *s = &r->sight;
  const struct abits_row *page = abits_page_by_page(a, r);
  if (!r->ran) {
    fprintf(out, "  %-6s FAILED: %s\n", abits_flush[r->flush], r->error);
    return;
  }
  fprintf(out,
          "  %-6s%8" PRIu64 "%8" PRIu64 "%7" PRIu64 "%7.2f%8" PRIu64 "%8" PRIu64 "%7" PRIu64
          "%7" PRIu64 "%6" PRIu64 "%8" PRIu64 "%7" PRIu64 "%8" PRIu64
          "%8.3f%8.3f%8.3f%8.0f%8" PRIu64 "%9.3f%+8.2f\n",
          abits_flush[r->flush], s->looks, s->unused, s->wrong_looks,
          percent(s->wrong_looks, s->unused), s->rescued, s->evictions, s->misled, s->early,
          s->wrong, r->shootdowns, r->ipis, r->broadcasts, (double)r->shootdown_cycles / 1e6,
          (double)r->clear_cycles / 1e6, abits_saved(a, r) / 1e6, abits_cost(r), r->a_faults,
          (double)r->cycles / 1e6, page->cycles != 0 ? percent(r->cycles, page->cycles) - 100 : 0);
}

enum { COLUMNS = 20 };

static const char *const head[2][COLUMNS] = {
    {"flush",  "looks", "cold",    "wrong",  "%",    "back by", "evicted",
     "misled", "early", "wrong",   "shoot-", "IPIs", "broad-",  "Mcycles",
     "for A",  "saved", "cycles/", "A",      "run,", "against"},
    {"",      "", "",      "",        "",     "fault", "",        "",       "",        "",
     "downs", "", "casts", "of them", "bits", "on A",  "evicted", "faults", "Mcycles", "page, %"}};

static void text_head(FILE *out) {
  static const int width[COLUMNS] = {-6, 8, 8, 7, 7, 8, 8, 7, 7, 6, 8, 7, 8, 8, 8, 8, 8, 8, 9, 8};
  for (int line = 0; line < 2; line++) {
    fprintf(out, "  ");
    for (int k = 0; k < COLUMNS; k++)
      fprintf(out, "%*s", width[k], head[line][k]);
    fputc('\n', out);
  }
}

void abits_text(const struct abits *a, const char *name, FILE *out) {
  fprintf(out,
          "%s: looks at A bits against true use; a return is early within %" PRIu64 " evictions\n",
          name, a->window);
  for (size_t i = 0; i < a->rows; i++) {
    const struct abits_row *r = &a->row[i];
    if (r->flush == 0) {
      fprintf(out, "\n%s, %s, A by %s\n", r->policy, scenario_arch_name((enum mmu_arch)r->arch),
              setter(r));
      text_head(out);
    }
    text_row(a, r, out);
  }
}

/* ---- one list of figures for CSV and JSON ---- */

struct figure {
  const char *name;
  double value;
};

enum { FIGURES = 22 };

static void figures(const struct abits *a, const struct abits_row *r, struct figure out[FIGURES]) {
  const struct sight_counts *s = &r->sight;
  const struct figure all[] = {
      {"looks", (double)s->looks},
      {"looks_cold", (double)s->unused},
      {"looks_cold_wrong", (double)s->wrong_looks},
      {"rescued", (double)s->rescued},
      {"evictions", (double)s->evictions},
      {"misled", (double)s->misled},
      {"returns", (double)s->returns},
      {"early_returns", (double)s->early},
      {"wrong_evictions", (double)s->wrong},
      {"shootdowns", (double)r->shootdowns},
      {"ipis", (double)r->ipis},
      {"broadcasts", (double)r->broadcasts},
      {"shootdown_cycles", (double)r->shootdown_cycles},
      {"shootdown_cycles_a", (double)r->clear_cycles},
      {"shootdown_cycles_saved", round(abits_saved(a, r)) + 0.0}, /* no -0 */
      {"shootdown_cycles_per_eviction", round(abits_cost(r))},
      {"a_cleared", (double)r->a_cleared},
      {"a_faults", (double)r->a_faults},
      {"major_faults", (double)r->major_faults},
      {"cycles", (double)r->cycles},
      {"cycles_page_by_page", (double)abits_page_by_page(a, r)->cycles},
      {"window_evictions", (double)a->window}};
  _Static_assert(sizeof all / sizeof all[0] == FIGURES, "as many as said");
  memcpy(out, all, sizeof all);
}

void abits_csv(const struct abits *a, FILE *out) {
  struct figure f[FIGURES];
  for (size_t i = 0; i < a->rows; i++) {
    const struct abits_row *r = &a->row[i];
    figures(a, r, f);
    if (i == 0) {
      fprintf(out, "policy,arch,a_set_by,flush");
      for (int k = 0; k < FIGURES; k++)
        fprintf(out, ",%s", f[k].name);
      fputc('\n', out);
    }
    if (!r->ran) continue;
    fprintf(out, "%s,%s,%s,%s", r->policy, scenario_arch_name((enum mmu_arch)r->arch), setter(r),
            abits_flush[r->flush]);
    for (int k = 0; k < FIGURES; k++)
      fprintf(out, ",%.0f", f[k].value);
    fputc('\n', out);
  }
}

char *abits_json(const struct abits *a, const char *name) {
  cJSON *root = cJSON_CreateObject();
  cJSON_AddNumberToObject(root, "format", 2);
  cJSON_AddStringToObject(root, "scenario", name);
  cJSON *rows = cJSON_AddArrayToObject(root, "rows");
  for (size_t i = 0; i < a->rows; i++) {
    const struct abits_row *r = &a->row[i];
    cJSON *o = cJSON_CreateObject();
    struct figure f[FIGURES];
    cJSON_AddItemToArray(rows, o);
    cJSON_AddStringToObject(o, "policy", r->policy);
    cJSON_AddStringToObject(o, "arch", scenario_arch_name((enum mmu_arch)r->arch));
    cJSON_AddStringToObject(o, "a_set_by", setter(r));
    cJSON_AddStringToObject(o, "flush", abits_flush[r->flush]);
    if (!r->ran) {
      cJSON_AddStringToObject(o, "error", r->error);
      continue;
    }
    figures(a, r, f);
    for (int k = 0; k < FIGURES; k++)
      cJSON_AddNumberToObject(o, f[k].name, f[k].value);
  }
  char *text = cJSON_Print(root);
  cJSON_Delete(root);
  return text;
}
