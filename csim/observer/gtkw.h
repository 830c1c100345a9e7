/* SPDX-License-Identifier: Apache-2.0
 * Writes a GTKWave save file for an FST of the hardware: requests, each walk as a lane group with
 * names instead of numbers, memory, answers, invalidations, and named markers. */
#ifndef COWALK_OBSERVER_GTKW_H
#define COWALK_OBSERVER_GTKW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/mmu.h"

struct gtkw_mark {
  uint64_t cycle;
  const char *name; /* short, no newline */
};

enum { GTKW_MAX_MARKS = 26 }; /* GTKWave's named markers A..Z */

struct gtkw_view {
  const char *fst;   /* path of the wave file */
  const char *title; /* one line shown on top */
  enum mmu_arch arch;
  uint32_t walks;    /* walk slots of the hardware */
  bool two_stages;   /* show stage 2 */
  uint64_t from, to; /* cycles to show at first */
  const struct gtkw_mark *marks;
  size_t mark_count; /* those beyond GTKW_MAX_MARKS are left out */
};

/* Writes path (ending .gtkw) and, beside it, the small files that name the enum values.
 * 0, or -1 and errno. */
int gtkw_write(const char *path, const struct gtkw_view *view);

#endif
