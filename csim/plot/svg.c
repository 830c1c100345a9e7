// SPDX-License-Identifier: Apache-2.0
// SVG by hand: a few elements, written as they come.
#include "plot/svg.h"

#include <math.h>

const char *const svg_colour[SVG_COLOURS] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                             "#e69f00", "#56b4e9", "#8b5a2b", "#666666"};

void svg_begin(FILE *f, int width, int height) {
  fprintf(f,
          "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
          "viewBox=\"0 0 %d %d\">\n<style>text{font:13px sans-serif;fill:#222}"
          ".title{font-size:16px;font-weight:bold}.label{font-size:14px}.small{font-size:11px}"
          ".grid{stroke:#ddd;stroke-width:1}.frame{fill:none;stroke:#222}"
          ".curve{fill:none;stroke-width:2}.bound{fill:#eee;stroke:none}</style>\n"
          "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
          width, height, width, height);
}

void svg_end(FILE *f) {
  fputs("</svg>\n", f);
}

void svg_text(FILE *f, double x, double y, const char *how, const char *s) {
  fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" %s>", x, y, how);
  for (; *s != '\0'; s++) {
    if (*s == '&' || *s == '<' || *s == '>')
      fprintf(f, "&#%d;", *s);
    else if ((unsigned char)*s >= 0x20 && (unsigned char)*s < 0x7f)
      fputc(*s, f);
    else
      fputc('?', f);
  }
  fputs("</text>\n", f);
}

double svg_nice(double v) {
  const double ten = pow(10, floor(log10(v)));
  const double m = v / ten * (1 - 1e-9);
  return (m <= 1 ? 1 : m <= 2 ? 2 : m <= 5 ? 5 : 10) * ten;
}

double svg_x(const struct svg_box *b, double x) {
  return b->left + (x - b->x0) / (b->x1 - b->x0) * (b->right - b->left);
}

double svg_y(const struct svg_box *b, double y) {
  return b->bottom - (y - b->y0) / (b->y1 - b->y0) * (b->bottom - b->top);
}

static void number(double v, char out[32]) {
  v = round(v * 1e6) / 1e6;
  if (v >= 1e6)
    (void)snprintf(out, 32, "%gM", v / 1e6);
  else if (v >= 1e4)
    (void)snprintf(out, 32, "%gk", v / 1e3);
  else
    (void)snprintf(out, 32, "%g", v);
}

static void line(FILE *f, double x1, double y1, double x2, double y2) {
  fprintf(f, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"grid\"/>\n", x1, y1, x2,
          y2);
}

void svg_axes(FILE *f, const struct svg_box *b, const char *x_name, const char *y_name, bool grid) {
  char s[32];
  const double tick = grid ? 0 : 5;
  const double xs = svg_nice((b->x1 - b->x0) / 8);
  for (int k = (int)ceil(b->x0 / xs - 1e-9); k * xs <= b->x1 * (1 + 1e-9); k++) {
    const double x = svg_x(b, k * xs);
    line(f, x, grid ? b->top : b->bottom, x, b->bottom + tick);
    number(k * xs, s);
    svg_text(f, x, b->bottom + 20, "text-anchor=\"middle\"", s);
  }
  const double ys = svg_nice((b->y1 - b->y0) / 8);
  for (int k = (int)ceil(b->y0 / ys - 1e-9); k * ys <= b->y1 * (1 + 1e-9); k++) {
    const double y = svg_y(b, k * ys);
    line(f, b->left - tick, y, grid ? b->right : b->left, y);
    number(k * ys, s);
    svg_text(f, b->left - 8, y + 4, "text-anchor=\"end\"", s);
  }
  fprintf(f, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" class=\"frame\"/>\n",
          b->left, b->top, b->right - b->left, b->bottom - b->top);
  svg_text(f, (b->left + b->right) / 2, b->bottom + 44, "text-anchor=\"middle\" class=\"label\"",
           x_name);
  fprintf(f, "<g transform=\"translate(%.1f %.1f) rotate(-90)\">", b->left - 56,
          (b->top + b->bottom) / 2);
  svg_text(f, 0, 0, "text-anchor=\"middle\" class=\"label\"", y_name);
  fputs("</g>\n", f);
}

void svg_mark(FILE *f, size_t shape, double x, double y, const char *fill) {
  static const char *const path[] = {"m-4 -4h8v8h-8z", "m0 -5l5 5l-5 5l-5 -5z", "m0 -5l5 9h-10z",
                                     "m0 5l5 -9h-10z", "m-4 -4l8 8m0 -8l-8 8"};
  if (shape % 6 == 0)
    fprintf(f, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/>\n", x, y, fill);
  else
    fprintf(f, "<path d=\"M%.1f %.1f%s\" fill=\"%s\" stroke=\"%s\"/>\n", x, y, path[shape % 6 - 1],
            fill, fill);
}
