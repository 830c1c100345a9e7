/* SPDX-License-Identifier: Apache-2.0
 * Short lessons for the waves, a handful of accesses each. On the teaching configuration: a cold
 * walk, a hit, a dirty update, a fault and its remedy, and an invalidation. And nested: one walk of
 * two stages of four levels without any cache, which reads 24 descriptors, and a stage-2 fault. */
#ifndef COWALK_OBSERVER_STORY_H
#define COWALK_OBSERVER_STORY_H

#include <stddef.h>
#include <stdint.h>

#include "backend/mmu.h"
#include "observer/gtkw.h"

enum story_kind { STORY_LESSON, STORY_NESTED };

/* The teaching geometry: 4-entry TLBs and walk caches, one walk at a time; nested: no walk cache
 * and no nested TLB. */
struct mmu_geometry story_geometry(enum story_kind kind);

struct story {
  uint64_t first_fault; /* cycle of its answer */
  uint64_t end;         /* cycle after the last event */
  size_t marks;
  struct gtkw_mark mark[GTKW_MAX_MARKS];
};

/* Run it; the hardware is recorded into fst (NULL: not) for cycles from..to. 0, or -1 with one
 * line in err. The same every time. */
int story_run(enum story_kind kind, enum mmu_arch arch, const char *fst, uint64_t from, uint64_t to,
              struct story *out, char *err, size_t err_len);

#endif
