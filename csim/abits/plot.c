// SPDX-License-Identifier: Apache-2.0
// What skipping the invalidation costs against what it saves: a panel for each architecture and way
// of setting A; across, cycles of shootdowns for each evicted page; up, evictions that were wrong.
// Colours are policies, shapes are the ways to flush; a line joins those of one policy.
#include <math.h>
#include <string.h>

#include "abits/abits.h"
#include "plot/svg.h"
#include "scenario/scenario.h"

enum { WIDTH = 1160, HEIGHT = 800, COLUMNS = 3, PANEL_W = 270, PANEL_H = 250, SHAPES = 6 };

static double cost(const struct abits_row *r) {
  return r->sight.evictions != 0 ? (double)r->shootdown_cycles / (double)r->sight.evictions : 0;
}

static double wrong(const struct abits_row *r) {
  return r->sight.evictions != 0 ? 100 * (double)r->sight.wrong / (double)r->sight.evictions : 0;
}

static bool same_panel(const struct abits_row *a, const struct abits_row *b) {
  return a->arch == b->arch && a->by_fault == b->by_fault;
}

static double most_cost(const struct abits *a, const struct abits_row *panel) {
  double most = 0;
  for (size_t i = 0; i < a->rows; i++)
    if (a->row[i].ran && same_panel(&a->row[i], panel)) most = fmax(most, cost(&a->row[i]));
  return most;
}

/* Policies by number, in order of the rows. */
static size_t policy_number(const struct abits *a, size_t row) {
  size_t n = 0;
  for (size_t i = 1; i <= row; i++)
    n += strcmp(a->row[i].policy, a->row[i - 1].policy) != 0;
  return n;
}

static void points(const struct abits *a, const struct abits_row *panel, const struct svg_box *b,
                   FILE *f) {
  for (size_t i = 0; i < a->rows; i++) {
    const struct abits_row *r = &a->row[i];
    if (r->flush != 0 || !same_panel(r, panel)) continue;
    const char *colour = svg_colour[policy_number(a, i) % SVG_COLOURS];
    fprintf(f, "<polyline class=\"curve\" stroke=\"%s\" points=\"", colour);
    for (int k = 0; k < ABITS_FLUSHES; k++)
      if (r[k].ran) fprintf(f, "%.1f,%.1f ", svg_x(b, cost(&r[k])), svg_y(b, wrong(&r[k])));
    fputs("\"/>\n", f);
    for (size_t k = 0; k < ABITS_FLUSHES; k++)
      if (r[k].ran) svg_mark(f, k, svg_x(b, cost(&r[k])), svg_y(b, wrong(&r[k])), colour);
  }
}

static struct svg_box place(size_t panel, double x_most, double y_most) {
  struct svg_box b = {.left = 90 + (double)(panel % COLUMNS) * (PANEL_W + 95),
                      .top = panel < COLUMNS ? 90 : 90 + PANEL_H + 105};
  b.right = b.left + PANEL_W;
  b.bottom = b.top + PANEL_H;
  b.x1 = x_most > 0 ? x_most * 1.08 : 1;
  b.y1 = y_most > 0 ? y_most * 1.08 : 1;
  return b;
}

static void legend(const struct abits *a, const struct svg_box *b, FILE *f) {
  static const char *const how[ABITS_FLUSHES] = {"flush page by page", "flush in batches",
                                                 "no flush"};
  double y = b->top + 10;
  for (size_t k = 0; k < ABITS_FLUSHES; k++, y += 22) {
    svg_mark(f, k, b->left, y, "#222");
    svg_text(f, b->left + 16, y + 4, "", how[k]);
  }
  y += 8;
  for (size_t i = 0; i < a->rows; i++) {
    if (i != 0 && strcmp(a->row[i].policy, a->row[i - 1].policy) == 0) continue;
    const char *colour = svg_colour[policy_number(a, i) % SVG_COLOURS];
    fprintf(f,
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"curve\" "
            "stroke=\"%s\"/>\n",
            b->left - 8, y, b->left + 10, y, colour);
    svg_text(f, b->left + 16, y + 4, "", a->row[i].policy);
    y += 22;
  }
}

void abits_plot(const struct abits *a, const char *name, FILE *out) {
  char s[120];
  double most_wrong = 0;
  size_t panels = 0;
  for (size_t i = 0; i < a->rows; i++) {
    most_wrong = fmax(most_wrong, a->row[i].ran ? wrong(&a->row[i]) : 0);
    panels += a->row[i].flush == 0 && policy_number(a, i) == 0;
  }
  svg_begin(out, WIDTH, panels < COLUMNS ? HEIGHT - PANEL_H - 105 : HEIGHT); /* and the legend */
  (void)snprintf(s, sizeof s, "%.60s: what flushing cleared A bits costs, and what it is worth",
                 name);
  svg_text(out, 90, 36, "class=\"title\"", s);
  size_t panel = 0;
  for (size_t i = 0; i < a->rows && panel < (size_t)COLUMNS * 2; i++) {
    const struct abits_row *r = &a->row[i];
    if (r->flush != 0 || policy_number(a, i) != 0) continue; /* the first policy has them all */
    struct svg_box b = place(panel++, most_cost(a, r), most_wrong);
    (void)snprintf(s, sizeof s, "%s, A set by %s", scenario_arch_name((enum mmu_arch)r->arch),
                   r->by_fault ? "a fault" : "hardware");
    svg_text(out, b.left, b.top - 12, "class=\"label\"", s);
    svg_axes(out, &b, "shootdown cycles for each evicted page", "wrong evictions, % of all", true);
    points(a, r, &b, out);
  }
  struct svg_box b = place(panel, 1, most_wrong);
  legend(a, &b, out);
  svg_end(out);
}
