/* SPDX-License-Identifier: Apache-2.0
 * A short lesson for the waves: a handful of accesses on the teaching configuration that show a
 * cold walk, a hit, a dirty update, a fault and its remedy, and an invalidation. */
#ifndef COWALK_OBSERVER_STORY_H
#define COWALK_OBSERVER_STORY_H

#include <stddef.h>
#include <stdint.h>

#include "backend/mmu.h"
#include "observer/gtkw.h"

/* The teaching geometry: 4-entry TLBs and walk caches, one walk at a time. */
struct mmu_geometry story_geometry(void);

struct story {
  uint64_t first_fault; /* cycle of its answer */
  uint64_t end;         /* cycle after the last event */
  size_t marks;
  struct gtkw_mark mark[GTKW_MAX_MARKS];
};

/* Run it; the hardware is recorded into fst (NULL: not) for cycles from..to. 0, or -1 with one
 * line in err. The same every time. */
int story_run(enum mmu_arch arch, const char *fst, uint64_t from, uint64_t to, struct story *out,
              char *err, size_t err_len);

#endif
