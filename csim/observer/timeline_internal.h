/* SPDX-License-Identifier: Apache-2.0
 * Inside the timeline: for timeline.c and timeline_draw.c. */
#ifndef COWALK_OBSERVER_TIMELINE_INTERNAL_H
#define COWALK_OBSERVER_TIMELINE_INTERNAL_H

#include <stdbool.h>

#include "observer/timeline.h"

enum { LAST_POINT, LAST_LINE, LAST_SAMPLE };

struct timeline {
  uint64_t step;     /* cycles of an interval, now */
  uint64_t interval; /* of vmstat's lines */
  uint64_t hz;
  FILE *log;
  struct timeline_point *point;
  size_t points;
  struct machine_sample *last; /* by LAST_... */
  uint64_t least_free;         /* since the last point */
  bool begun;
  struct timeline_peaks peaks;
};

#endif
