// SPDX-License-Identifier: Apache-2.0
// Free memory over time against the marks; below it three strips: when kswapd scanned, when tasks
// reclaimed by themselves, and whom the OOM killer took.
#include <math.h>

#include "observer/timeline_internal.h"
#include "plot/svg.h"

enum { WIDTH = 1100, HEIGHT = 620, LEFT = 90, RIGHT = 900, TOP = 60, BOTTOM = 420 };
enum { STRIP = 480, STRIP_STEP = 34, STRIP_HEIGHT = 20 };

static double ms_of(const struct timeline *t, uint64_t cycle) {
  return (double)cycle * 1e3 / (double)t->hz;
}

static double mib(uint64_t pages) {
  return (double)pages / 256;
}

/* A line through one of the values of all points. */
static void curve(const struct timeline *t, const struct svg_box *b, size_t offset,
                  const char *style, FILE *f) {
  fprintf(f, "<polyline class=\"curve\" %s points=\"", style);
  for (size_t i = 0; i < t->points; i++) {
    const char *at = (const char *)&t->point[i] + offset;
    fprintf(f, "%.1f,%.1f ", svg_x(b, ms_of(t, t->point[i].cycle)),
            svg_y(b, fmin(mib(*(const uint64_t *)at), b->y1)));
  }
  fputs("\"/>\n", f);
}

#define FIELD(name) offsetof(struct timeline_point, name)

static const struct {
  const char *name, *style;
  size_t offset;
} lines[] = {{"high mark", "stroke=\"#009e73\" stroke-dasharray=\"8 4\"", FIELD(high)},
             {"low mark", "stroke=\"#e69f00\" stroke-dasharray=\"8 4\"", FIELD(low)},
             {"min mark", "stroke=\"#d55e00\" stroke-dasharray=\"8 4\"", FIELD(min)},
             {"free, least in interval", "stroke=\"#56b4e9\"", FIELD(least_free)},
             {"free", "stroke=\"#0072b2\"", FIELD(free)}};

enum { LINES = sizeof lines / sizeof lines[0] };

static void box(FILE *f, double x, double y, double width, double height, const char *fill) {
  fprintf(f, "<rect x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%.1f\" fill=\"%s\"/>\n", x, y,
          width < 1 ? 1 : width, height, fill);
}

/* An interval as a bar whose height is `part` of the strip. */
static void bar(const struct timeline *t, const struct svg_box *b, size_t i, unsigned strip,
                double part, const char *fill, FILE *f) {
  const double from = svg_x(b, i != 0 ? ms_of(t, t->point[i - 1].cycle) : 0);
  const double to = svg_x(b, ms_of(t, t->point[i].cycle));
  const double height = STRIP_HEIGHT * (part > 0.15 ? part : 0.15);
  box(f, from, STRIP + STRIP_STEP * strip + STRIP_HEIGHT - height, to - from, height, fill);
}

static void strips(const struct timeline *t, const struct svg_box *b, FILE *f) {
  static const char *const names[] = {"kswapd scanned", "direct reclaims", "OOM kills"};
  uint64_t most[2] = {0, 0};
  uint64_t sum[3] = {0, 0, 0};
  char s[80];
  for (size_t i = 0; i < t->points; i++) {
    const struct timeline_point *p = &t->point[i];
    if (p->scanned > most[0]) most[0] = p->scanned;
    if (p->stalls > most[1]) most[1] = p->stalls;
    sum[0] += p->scanned;
    sum[1] += p->stalls;
    sum[2] += p->kills;
  }
  for (size_t i = 0; i < t->points; i++) {
    const struct timeline_point *p = &t->point[i];
    if (p->scanned != 0) bar(t, b, i, 0, (double)p->scanned / (double)most[0], "#009e73", f);
    if (p->stalls != 0) bar(t, b, i, 1, (double)p->stalls / (double)most[1], "#d55e00", f);
    if (p->kills != 0) {
      const double x = svg_x(b, ms_of(t, p->cycle));
      svg_mark(f, 5, x, STRIP + STRIP_STEP * 2 + STRIP_HEIGHT / 2.0, "#000000");
      fprintf(f, "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#000\"/>\n", x, TOP, x,
              BOTTOM);
    }
  }
  for (unsigned k = 0; k < 3; k++) {
    fprintf(f, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" class=\"frame\"/>\n", LEFT,
            STRIP + STRIP_STEP * (int)k, RIGHT - LEFT, STRIP_HEIGHT);
    (void)snprintf(s, sizeof s, "%s: %llu", names[k], (unsigned long long)sum[k]);
    svg_text(f, RIGHT + 12, STRIP + STRIP_STEP * k + 15, "", s);
  }
}

static void legend(FILE *f) {
  for (int k = 0; k < LINES; k++) {
    const int y = TOP + 14 + 24 * (LINES - 1 - k);
    fprintf(f, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" class=\"curve\" %s/>\n", RIGHT + 12,
            y, RIGHT + 42, y, lines[k].style);
    svg_text(f, RIGHT + 50, y + 4, "", lines[k].name);
  }
}

void timeline_draw(const struct timeline *t, const char *title, FILE *out) {
  struct svg_box b = {.left = LEFT, .right = RIGHT, .top = TOP, .bottom = BOTTOM, .x1 = 1, .y1 = 1};
  uint64_t most = 1;
  uint64_t high = UINT64_MAX; /* without a boost */
  for (size_t i = 0; i < t->points; i++) {
    if (t->point[i].free > most) most = t->point[i].free;
    if (t->point[i].high < high) high = t->point[i].high;
  }
  if (t->points != 0) b.x1 = ms_of(t, t->point[t->points - 1].cycle);
  /* What happens at the marks must be seen: no more than 8 times the high mark. */
  b.y1 = fmin(mib(most) * 1.02, t->points != 0 ? mib(high) * 8 : mib(most) * 1.02);
  svg_begin(out, WIDTH, HEIGHT);
  svg_text(out, LEFT, 34, "class=\"title\"", title);
  svg_axes(out, &b, "simulated time, ms", "free memory, MiB", true);
  for (int k = 0; k < LINES; k++)
    curve(t, &b, lines[k].offset, lines[k].style, out);
  if (mib(most) > b.y1) {
    char s[80];
    (void)snprintf(s, sizeof s, "cut off; most free: %.1f MiB", mib(most));
    svg_text(out, RIGHT, TOP - 8, "text-anchor=\"end\" class=\"small\"", s); /* no line is there */
  }
  strips(t, &b, out);
  legend(out);
  svg_end(out);
}
