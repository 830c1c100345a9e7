// SPDX-License-Identifier: Apache-2.0
// The heat map as a picture: what was used beside what the policy saw, on the same axes.
#include <math.h>
#include <stdlib.h>

#include "observer/heat.h"
#include "plot/svg.h"

enum { WIDTH = 1180, HEIGHT = 560, TOP = 84, BOTTOM = 440, SIDE = 460, LEFT = 80, SECOND = 660 };

static uint32_t rows_used(const struct heat *h) {
  uint32_t rows = (heat_pages(h) + heat_row_pages(h) - 1) / heat_row_pages(h);
  return rows != 0 ? rows : 1;
}

static uint32_t columns_used(const struct heat *h) {
  uint32_t last = 1;
  for (uint32_t r = 0; r < HEAT_ROWS; r++)
    for (uint32_t c = last; c < HEAT_COLUMNS; c++)
      if (heat_cell(h, r, c)->accesses != 0 || heat_cell(h, r, c)->looks != 0) last = c + 1;
  return last;
}

/* From pale to dark by the logarithm of accesses for each page of the row. */
static void access_colour(double per_page, double most, char out[16]) {
  const double part = most > 1 ? log(1 + per_page) / log(1 + most) : 1;
  (void)snprintf(out, 16, "#%02x%02x%02x", (unsigned)(240 - 240 * part),
                 (unsigned)(244 - 174 * part), (unsigned)(250 - 112 * part));
}

/* From orange (no look found A set) to blue (each did). */
static void look_colour(const struct heat_cell *c, char out[16]) {
  const double part = (double)c->used / c->looks;
  (void)snprintf(out, 16, "#%02x%02x%02x", (unsigned)(230 - 230 * part),
                 (unsigned)(159 - 45 * part), (unsigned)(178 * part));
}

static double per_page(const struct heat *h, const struct heat_cell *c) {
  return (double)c->accesses / heat_row_pages(h);
}

static double most_accesses(const struct heat *h) {
  double most = 0;
  for (uint32_t r = 0; r < HEAT_ROWS; r++)
    for (uint32_t c = 0; c < HEAT_COLUMNS; c++)
      if (per_page(h, heat_cell(h, r, c)) > most) most = per_page(h, heat_cell(h, r, c));
  return most;
}

static void cells(const struct heat *h, const struct svg_box *b, bool truth, uint64_t hz, FILE *f) {
  const double ms = (double)heat_column_cycles(h) * 1e3 / (double)hz;
  const double width = svg_x(b, ms) - svg_x(b, 0);
  const double most = most_accesses(h);
  char colour[16];
  for (uint32_t r = 0; r < rows_used(h); r++)
    for (uint32_t c = 0; c < columns_used(h); c++) {
      const struct heat_cell *cell = heat_cell(h, r, c);
      if (truth ? cell->accesses == 0 : cell->looks == 0) continue;
      if (truth)
        access_colour(per_page(h, cell), most, colour);
      else
        look_colour(cell, colour);
      const double above = svg_y(b, (double)(r + 1) * heat_row_pages(h));
      const double below = svg_y(b, (double)r * heat_row_pages(h));
      fprintf(f, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"%s\"/>\n",
              svg_x(b, c * ms), above, width + 0.05, below - above + 0.05, colour);
    }
}

static void key_box(FILE *f, double x, double y, const char *fill) {
  fprintf(f,
          "<rect x=\"%.1f\" y=\"%.1f\" width=\"16\" height=\"12\" fill=\"%s\" stroke=\"#999\"/>\n",
          x, y, fill);
}

static void legend(const struct heat *h, FILE *f) {
  char s[80], colour[16];
  const double most = most_accesses(h);
  const double y = BOTTOM + 78;
  for (int k = 0; k <= 4; k++) {
    const double v = pow(1 + most, k / 4.0) - 1;
    access_colour(v, most, colour);
    key_box(f, LEFT + 92 * k, y, k == 0 ? "white" : colour);
    (void)snprintf(s, sizeof s, k == 0 ? "none" : v < 10 ? "%.1f" : "%.0f", v);
    svg_text(f, LEFT + 92 * k + 22, y + 11, "", s);
  }
  svg_text(f, LEFT, y - 10, "class=\"small\"", "accesses to a page of the cell");
  static const char *const names[] = {"all", "half", "none"};
  for (unsigned k = 0; k < 3; k++) {
    look_colour(&(struct heat_cell){.used = 2 - k, .looks = 2}, colour);
    key_box(f, SECOND + 92 * k, y, colour);
    svg_text(f, SECOND + 92 * k + 22, y + 11, "", names[k]);
  }
  key_box(f, SECOND + 276, y, "white");
  svg_text(f, SECOND + 298, y + 11, "", "not looked at");
  svg_text(f, SECOND, y - 10, "class=\"small\"", "of the policy's looks, found the page used");
}

void heat_draw(const struct heat *h, const char *title, uint64_t hz, FILE *out) {
  const double ms = (double)heat_column_cycles(h) * 1e3 / (double)hz;
  struct svg_box b = {.left = LEFT,
                      .right = LEFT + SIDE,
                      .top = TOP,
                      .bottom = BOTTOM,
                      .x1 = ms * columns_used(h),
                      .y1 = (double)rows_used(h) * heat_row_pages(h)};
  svg_begin(out, WIDTH, HEIGHT);
  svg_text(out, LEFT, 30, "class=\"title\"", title);
  svg_text(out, LEFT, 66, "class=\"label\"", "true accesses");
  cells(h, &b, true, hz, out);
  svg_axes(out, &b, "simulated time, ms", "page, in order of first use", false);
  b.left = SECOND;
  b.right = SECOND + SIDE;
  svg_text(out, SECOND, 66, "class=\"label\"", "what the A bits showed");
  cells(h, &b, false, hz, out);
  svg_axes(out, &b, "simulated time, ms", "page, in order of first use", false);
  legend(h, out);
  svg_end(out);
}
