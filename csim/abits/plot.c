// SPDX-License-Identifier: Apache-2.0
// What skipping the invalidation costs against what it saves: a panel for each architecture and way
// of setting A, a line in it for each policy. Left, cycles of shootdowns for each evicted page (to
// the logarithm), one mark for each way to flush; right, what was wrong when nothing was flushed.
#include <math.h>
#include <string.h>

#include "abits/abits.h"
#include "plot/svg.h"
#include "scenario/scenario.h"

enum { WIDTH = 1180, COLUMNS = 2, PANEL_W = 560, ROW = 22, HEAD = 56, FOOT = 54, TOP = 50 };
enum { NAMES = 110, LEFT_W = 230, GAP = 48, RIGHT_W = 150 }; /* of a panel, from the left */

static const char bar_colour[2][8] = {"#bbbbbb", "#333333"}; /* looks, evictions */

/* What all panels share. */
struct frame {
  size_t policies;
  double least, most; /* of the logarithmic axis: powers of ten */
  double wrong;       /* end of the other axis, per cent */
};

static double share(uint64_t part, uint64_t of) {
  return of != 0 ? (double)part / (double)of : 0;
}

static double cost(const struct abits_row *r) {
  return fmax(abits_cost(r), 1);
}

static double wrong_looks(const struct abits_row *r) {
  return 100 * share(r->sight.wrong_looks, r->sight.unused);
}

static double wrong_evictions(const struct abits_row *r) {
  return 100 * share(r->sight.wrong, r->sight.evictions);
}

static bool same_panel(const struct abits_row *a, const struct abits_row *b) {
  return a->arch == b->arch && a->by_fault == b->by_fault;
}

static struct frame measure(const struct abits *a) {
  struct frame f = {.least = 1e9, .most = 10, .wrong = 1};
  for (size_t i = 0; i < a->rows; i++) {
    const struct abits_row *r = &a->row[i];
    f.policies += i == 0 || strcmp(r->policy, r[-1].policy) != 0;
    if (!r->ran) continue;
    f.least = fmin(f.least, cost(r));
    f.most = fmax(f.most, cost(r));
    f.wrong = fmax(f.wrong, fmax(wrong_looks(r), wrong_evictions(r)));
  }
  f.least = pow(10, floor(log10(fmin(f.least, f.most))));
  f.most = pow(10, ceil(log10(f.most)));
  f.wrong = svg_nice(f.wrong);
  return f;
}

static double log_x(const struct frame *f, double left, double v) {
  return left + LEFT_W * (log10(v) - log10(f->least)) / (log10(f->most) - log10(f->least));
}

static void line(FILE *out, double x1, double y1, double x2, double y2, const char *how) {
  fprintf(out, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>\n", x1, y1, x2, y2, how);
}

static void tick(FILE *out, double x, double top, double bottom, double value) {
  char s[32];
  line(out, x, top, x, bottom, "class=\"grid\"");
  if (value >= 1000)
    (void)snprintf(s, sizeof s, "%gk", value / 1000);
  else
    (void)snprintf(s, sizeof s, "%g", value);
  svg_text(out, x, bottom + 16, "text-anchor=\"middle\" class=\"small\"", s);
}

static void axes(const struct frame *f, double left, double top, FILE *out) {
  const double bottom = top + (double)f->policies * ROW;
  const double right = left + LEFT_W + GAP;
  for (int k = 0; f->least * pow(10, k) < f->most * 1.001; k++)
    tick(out, log_x(f, left, f->least * pow(10, k)), top, bottom, f->least * pow(10, k));
  for (int k = 0; k <= 2; k++)
    tick(out, right + RIGHT_W * k / 2.0, top, bottom, f->wrong * k / 2);
  svg_text(out, left + LEFT_W / 2.0, bottom + 34, "text-anchor=\"middle\"",
           "shootdown cycles for each evicted page");
  svg_text(out, right + RIGHT_W / 2.0, bottom + 34, "text-anchor=\"middle\"", "wrong, no flush, %");
}

/* The three runs of a policy on a line at y. */
static void policy_line(const struct frame *f, const struct abits_row *r, double left, double y,
                        FILE *out) {
  const double right = left + LEFT_W + GAP;
  double most = 0;
  double least = 1e9;
  svg_text(out, left - 10, y + 4, "text-anchor=\"end\"", r->policy);
  for (size_t k = 0; k < ABITS_FLUSHES; k++) {
    if (!r[k].ran) continue;
    least = fmin(least, log_x(f, left, cost(&r[k])));
    most = fmax(most, log_x(f, left, cost(&r[k])));
  }
  if (most > 0) line(out, least, y, most, y, "stroke=\"#999\" stroke-width=\"2\"");
  for (size_t k = 0; k < ABITS_FLUSHES; k++)
    if (r[k].ran) svg_mark(out, k, log_x(f, left, cost(&r[k])), y, svg_colour[k]);
  const struct abits_row *none = &r[ABITS_FLUSHES - 1];
  const double wrong[2] = {wrong_looks(none), wrong_evictions(none)};
  for (int k = 0; k < 2 && none->ran; k++)
    fprintf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"7\" fill=\"%s\"/>\n", right,
            y - 8 + 8 * k, fmax(RIGHT_W * wrong[k] / f->wrong, 0.5), bar_colour[k]);
}

static void panel(const struct abits *a, const struct frame *f, const struct abits_row *first,
                  size_t number, FILE *out) {
  char s[80];
  const double left = NAMES + (double)(number % COLUMNS) * PANEL_W;
  const double step = HEAD + FOOT + (double)f->policies * ROW;
  const size_t row = number / COLUMNS;
  const double top = TOP + HEAD / 2.0 + (double)row * step;
  (void)snprintf(s, sizeof s, "%s, A set by %s", scenario_arch_name((enum mmu_arch)first->arch),
                 first->by_fault ? "a fault" : "hardware");
  svg_text(out, left, top - 12, "class=\"label\"", s);
  axes(f, left, top, out);
  double y = top + ROW / 2.0;
  for (size_t i = 0; i < a->rows; i++) {
    if (a->row[i].flush != 0 || !same_panel(&a->row[i], first)) continue;
    policy_line(f, &a->row[i], left, y, out);
    y += ROW;
  }
}

static void legend(double x, double y, FILE *out) {
  static const char *const how[ABITS_FLUSHES] = {"flush page by page", "flush in batches",
                                                 "no flush"};
  static const char *const bars[2] = {"wrong, of the cold looks", "wrong, of the evictions"};
  for (size_t k = 0; k < ABITS_FLUSHES; k++, y += ROW) {
    svg_mark(out, k, x + 8, y, svg_colour[k]);
    svg_text(out, x + 26, y + 4, "", how[k]);
  }
  for (int k = 0; k < 2; k++, y += ROW) {
    fprintf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"16\" height=\"7\" fill=\"%s\"/>\n", x, y - 3,
            bar_colour[k]);
    svg_text(out, x + 26, y + 4, "", bars[k]);
  }
}

void abits_plot(const struct abits *a, const char *name, FILE *out) {
  char s[120];
  const struct frame f = measure(a);
  size_t panels = 0;
  for (size_t i = 0; i < a->rows && strcmp(a->row[i].policy, a->row[0].policy) == 0; i++)
    panels += a->row[i].flush == 0;
  const size_t lines = panels / COLUMNS + 1; /* the legend is one more */
  const double step = HEAD + FOOT + (double)f.policies * ROW;
  const double lowest = fmax((double)lines * step, (double)(lines - 1) * step + HEAD + 6 * ROW);
  svg_begin(out, WIDTH, TOP + (int)lowest);
  (void)snprintf(s, sizeof s, "%.60s: what flushing cleared A bits costs, and what it is worth",
                 name);
  svg_text(out, NAMES, 32, "class=\"title\"", s);
  size_t number = 0;
  for (size_t i = 0; i < a->rows && number < panels; i++)
    if (a->row[i].flush == 0) panel(a, &f, &a->row[i], number++, out);
  const size_t row = number / COLUMNS;
  legend(NAMES + (double)(number % COLUMNS) * PANEL_W,
         TOP + HEAD / 2.0 + (double)row * step + ROW / 2.0, out);
  svg_end(out);
}
