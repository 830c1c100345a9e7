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

enum { LEVELS = 12 }; /* of a colour */

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

/* 0 to LEVELS - 1. By the logarithm of accesses for each page; by the share of looks that found A
 * set. */
static int access_level(double accesses, double most) {
  return (int)lround((LEVELS - 1) * (most > 0 ? log(1 + accesses) / log(1 + most) : 1));
}

static int look_level(const struct heat_cell *c) {
  return (int)lround((LEVELS - 1) * (double)c->used / c->looks);
}

/* Accesses: from pale to dark blue. Looks: from orange (none found A set) to blue (each did). */
static void colour_of(bool truth, int level, char out[16]) {
  const double part = (double)level / (LEVELS - 1);
  if (truth)
    (void)snprintf(out, 16, "#%02x%02x%02x", (unsigned)(228 - 228 * part),
                   (unsigned)(236 - 170 * part), (unsigned)(246 - 110 * part));
  else
    (void)snprintf(out, 16, "#%02x%02x%02x", (unsigned)(230 - 230 * part),
                   (unsigned)(159 - 45 * part), (unsigned)(178 * part));
}

/* -1: white. */
static int level_of(const struct heat_cell *c, bool truth, const struct heat *h, double most) {
  if (truth) return c->accesses != 0 ? access_level(per_page(h, c), most) : -1;
  return c->looks != 0 ? look_level(c) : -1;
}

/* All cells of a level as one path, in units of cells, rows downwards; neighbours are joined. */
static void path(const struct heat *h, bool truth, int level, double most, FILE *f) {
  char colour[16];
  const uint32_t rows = rows_used(h), columns = columns_used(h);
  colour_of(truth, level, colour);
  fprintf(f, "<path fill=\"%s\" d=\"", colour);
  for (uint32_t r = 0; r < rows; r++)
    for (uint32_t c = 0; c < columns; c++) {
      uint32_t from = c;
      while (c < columns && level_of(heat_cell(h, r, c), truth, h, most) == level)
        c++;
      if (c != from) fprintf(f, "M%u %uh%uv1h-%uz", from, rows - 1 - r, c - from, c - from);
    }
  fputs("\"/>\n", f);
}

static void cells(const struct heat *h, const struct svg_box *b, bool truth, FILE *f) {
  const double most = most_accesses(h);
  fprintf(
      f, "<g transform=\"translate(%.2f %.2f) scale(%.5f %.5f)\" shape-rendering=\"crispEdges\">\n",
      b->left, b->top, (b->right - b->left) / columns_used(h), (b->bottom - b->top) / rows_used(h));
  for (int level = 0; level < LEVELS; level++)
    path(h, truth, level, most, f);
  fputs("</g>\n", f);
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
    colour_of(true, access_level(v, most), colour);
    key_box(f, LEFT + 92 * k, y, k == 0 ? "white" : colour);
    (void)snprintf(s, sizeof s, k == 0 ? "none" : v < 10 ? "%.1f" : "%.0f", v);
    svg_text(f, LEFT + 92 * k + 22, y + 11, "", s);
  }
  svg_text(f, LEFT, y - 10, "class=\"small\"", "accesses to a page of the cell");
  static const char *const names[] = {"all", "half", "none"};
  for (unsigned k = 0; k < 3; k++) {
    colour_of(false, look_level(&(struct heat_cell){.used = 2 - k, .looks = 2}), colour);
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
  cells(h, &b, true, out);
  svg_axes(out, &b, "simulated time, ms", "page, in order of first use", false);
  b.left = SECOND;
  b.right = SECOND + SIDE;
  svg_text(out, SECOND, 66, "class=\"label\"", "what the A bits showed");
  cells(h, &b, false, out);
  svg_axes(out, &b, "simulated time, ms", "page, in order of first use", false);
  legend(h, out);
  svg_end(out);
}
