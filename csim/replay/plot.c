// SPDX-License-Identifier: Apache-2.0
// The miss-ratio curve as SVG: one line a policy, OPT as the border of what no policy can reach.
// Lines differ in colour and in their marks. Promises: the same results give the same bytes.
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot/svg.h"
#include "replay/replay.h"

enum { WIDTH = 920, HEIGHT = 540, LEFT = 76, RIGHT = 690, TOP = 56, BOTTOM = 470, MARKS = 40 };

struct axes {
  double first, last; /* frames */
  double top;         /* miss ratio */
  bool log;
};

static double x_of(const struct axes *a, double frames) {
  const double part = a->log ? log(frames / a->first) / log(a->last / a->first)
                             : (frames - a->first) / (a->last - a->first);
  return LEFT + part * (RIGHT - LEFT);
}

static double y_of(const struct axes *a, double ratio) {
  return BOTTOM - ratio / a->top * (BOTTOM - TOP);
}

static double miss_ratio(const struct replay *r, size_t p, size_t s) {
  return (double)r->result[p * r->sizes + s].misses / (double)r->trace->count;
}

static struct axes choose_axes(const struct replay *r) {
  struct axes a = {.first = r->frames[0], .last = r->frames[r->sizes - 1]};
  a.log = a.last / a.first > 30;
  if (!a.log && (r->sizes == 1 || a.first < 0.3 * a.last)) a.first = 0;
  double most = 1e-9; /* every trace has a miss */
  for (size_t i = 0; i < r->policies; i++)
    for (size_t s = 0; s < r->sizes; s++)
      if (miss_ratio(r, i, s) > most) most = miss_ratio(r, i, s);
  const double step = svg_nice(most / 8);
  a.top = ceil(most / step - 1e-9) * step;
  if (r->sizes == 1) a.last *= 2;
  return a;
}

static void x_tick(FILE *f, const struct axes *a, double frames, bool label) {
  const double x = x_of(a, frames);
  fprintf(f, "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" class=\"grid\"/>\n", x, TOP, x,
          BOTTOM);
  char s[32];
  if (frames >= 1e6)
    (void)snprintf(s, sizeof s, "%gM", frames / 1e6);
  else if (frames >= 1e4)
    (void)snprintf(s, sizeof s, "%gk", frames / 1e3);
  else
    (void)snprintf(s, sizeof s, "%g", frames);
  if (label) svg_text(f, x, BOTTOM + 20, "text-anchor=\"middle\"", s);
}

static void draw_axes(FILE *f, const struct axes *a) {
  if (a->log) {
    const bool all = a->last / a->first < 2e3; /* room for 2 and 5, too */
    const int lowest = (int)floor(log10(a->first));
    const int highest = (int)floor(log10(a->last));
    for (int e = lowest; e <= highest; e++) {
      const double ten = pow(10, e);
      for (int m = 1; m <= 5; m += m == 1 ? 1 : 3)
        if (m * ten >= a->first * 0.999 && m * ten <= a->last * 1.001)
          x_tick(f, a, m * ten, all || m == 1);
    }
  } else {
    const double step = svg_nice((a->last - a->first) / 10 > 1 ? (a->last - a->first) / 10 : 1);
    const int highest = (int)(a->last / step * 1.0001);
    for (int k = (int)ceil(a->first / step); k <= highest; k++)
      x_tick(f, a, k * step, true);
  }
  const double step = svg_nice(a->top / 8);
  const int highest = (int)(a->top / step * 1.0001);
  for (int k = 0; k <= highest; k++) {
    const double v = k * step;
    fprintf(f, "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" class=\"grid\"/>\n", LEFT,
            y_of(a, v), RIGHT, y_of(a, v));
    char s[32];
    (void)snprintf(s, sizeof s, "%g %%", round(v * 1e8) / 1e6);
    svg_text(f, LEFT - 8, y_of(a, v) + 4, "text-anchor=\"end\"", s);
  }
  fprintf(f, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" class=\"frame\"/>\n", LEFT, TOP,
          RIGHT - LEFT, BOTTOM - TOP);
  svg_text(f, (LEFT + RIGHT) / 2.0, BOTTOM + 46, "text-anchor=\"middle\" class=\"label\"",
           a->log ? "memory size in frames (logarithmic)" : "memory size in frames");
  fprintf(f,
          "<text transform=\"translate(20 %d) rotate(-90)\" text-anchor=\"middle\" "
          "class=\"label\">miss ratio (misses / accesses)</text>\n",
          (TOP + BOTTOM) / 2);
}

static void draw_line(FILE *f, const struct replay *r, const struct axes *a, size_t p,
                      const char *stroke) {
  fprintf(f, "<polyline class=\"curve\" stroke=\"%s\" points=\"", stroke);
  for (size_t s = 0; s < r->sizes; s++)
    fprintf(f, "%.1f,%.1f ", x_of(a, r->frames[s]), y_of(a, miss_ratio(r, p, s)));
  fputs("\"/>\n", f);
  double last = -1e9; /* marks far enough apart to see the line */
  for (size_t s = 0; s < r->sizes; s++) {
    const double x = x_of(a, r->frames[s]);
    if (x - last < (double)(RIGHT - LEFT) / MARKS) continue;
    last = x;
    svg_mark(f, p, x, y_of(a, miss_ratio(r, p, s)), stroke);
  }
}

static void draw_bound(FILE *f, const struct replay *r, const struct axes *a, size_t p) {
  fprintf(f, "<polygon class=\"bound\" points=\"%.1f,%d ", x_of(a, r->frames[0]), BOTTOM);
  for (size_t s = 0; s < r->sizes; s++)
    fprintf(f, "%.1f,%.1f ", x_of(a, r->frames[s]), y_of(a, miss_ratio(r, p, s)));
  fprintf(f, "%.1f,%d\"/>\n", x_of(a, r->frames[r->sizes - 1]), BOTTOM);
}

static void draw(FILE *f, const struct replay *r) {
  const struct axes a = choose_axes(r);
  svg_begin(f, WIDTH, HEIGHT);
  char title[200];
  const char *base = strrchr(r->source, '/');
  (void)snprintf(title, sizeof title, "%.60s: %llu accesses to %u pages",
                 base != NULL ? base + 1 : r->source, (unsigned long long)r->trace->count,
                 r->trace->pages);
  svg_text(f, LEFT, 32, "class=\"title\"", title);
  for (size_t p = 0; p < r->policies; p++)
    if (r->policy[p].ops->needs_future) draw_bound(f, r, &a, p);
  draw_axes(f, &a);
  for (size_t p = 0; p < r->policies; p++) {
    const bool bound = r->policy[p].ops->needs_future;
    const char *stroke = bound ? "#000000" : svg_colour[p % SVG_COLOURS];
    const double y = TOP + 14 + 24.0 * (double)p;
    draw_line(f, r, &a, p, stroke);
    fprintf(f,
            "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" class=\"curve\" stroke=\"%s\"/>\n",
            RIGHT + 16, y, RIGHT + 44, y, stroke);
    svg_mark(f, p, RIGHT + 30, y, stroke);
    char s[80];
    (void)snprintf(s, sizeof s, "%s%s", r->policy[p].label, bound ? " (the bound)" : "");
    svg_text(f, RIGHT + 52, y + 4, "", s);
  }
  svg_end(f);
}

int replay_plot(const struct replay *r, const char *path, char *err, size_t err_len) {
  FILE *f = fopen(path, "w");
  if (f != NULL) draw(f, r);
  const bool bad = f == NULL || ferror(f) != 0;
  if ((f != NULL && fclose(f) != 0) || bad) {
    (void)snprintf(err, err_len, "%s: cannot be written: %s", path, strerror(errno));
    return -1;
  }
  return 0;
}
