/* SPDX-License-Identifier: Apache-2.0
 * What the project's pictures share: the head of an SVG file, text, axes with round ticks, marks
 * and colours. Colours are those of Okabe and Ito, which people with any colour vision can tell
 * apart. Coordinates are pixels. Nothing depends on the host: the same calls give the same bytes.
 */
#ifndef COWALK_PLOT_SVG_H
#define COWALK_PLOT_SVG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { SVG_COLOURS = 8 };
extern const char *const svg_colour[SVG_COLOURS];

/* A plot's frame on the page and the values at its borders; y grows upwards. */
struct svg_box {
  double left, right, top, bottom; /* pixels */
  double x0, x1, y0, y1;           /* values at left, right, bottom, top */
};

void svg_begin(FILE *f, int width, int height); /* white page, the classes used below */
void svg_end(FILE *f);
/* how: attributes, such as class="title". Anything but printable ASCII becomes '?'. */
void svg_text(FILE *f, double x, double y, const char *how, const char *s);
/* The least of 1, 2, 5 times a power of ten that is not below v > 0. */
double svg_nice(double v);
double svg_x(const struct svg_box *b, double x);
double svg_y(const struct svg_box *b, double y);
/* Frame, grid lines at round values with their labels, names of the axes. grid: draw the lines. */
void svg_axes(FILE *f, const struct svg_box *b, const char *x_name, const char *y_name, bool grid);
/* One of six shapes around a point. */
void svg_mark(FILE *f, size_t shape, double x, double y, const char *fill);

#endif
