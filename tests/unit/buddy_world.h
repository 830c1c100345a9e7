/* SPDX-License-Identifier: Apache-2.0
 * Frames, zones and free lists by themselves, for the tests of them. */
#ifndef COWALK_TESTS_BUDDY_WORLD_H
#define COWALK_TESTS_BUDDY_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "os/pcp.h"

struct world {
  struct os_zones zones;
  struct os_frame *frame;
  struct os_buddy *b;
  uint32_t frames;
};

static inline struct world *create(uint32_t frames, uint32_t reserved, unsigned nodes) {
  struct world *w = calloc(1, sizeof *w);
  assert_non_null(w);
  w->frames = frames;
  w->frame = calloc(frames, sizeof *w->frame);
  assert_non_null(w->frame);
  assert_int_equal(os_zones_cut(&w->zones, MMU_ARCH_RISCV, frames, reserved, nodes), 0);
  for (uint32_t i = 0; i < reserved; i++)
    w->frame[i].type = OS_FRAME_RESERVED;
  os_zones_set_marks(&w->zones, os_zones_min_free_kbytes(&w->zones), 10);
  w->b = os_buddy_create(w->frame, frames, &w->zones);
  assert_non_null(w->b);
  return w;
}

static inline void check(struct world *w) {
  char err[160] = "";
  if (os_buddy_check(w->b, err, sizeof err) != 0) fail_msg("%s", err);
}

static inline void destroy(struct world *w) {
  check(w);
  os_buddy_destroy(w->b);
  free(w->frame);
  free(w);
}

static inline struct os_zone *zone(struct world *w) {
  return &w->zones.zone[0][OS_ZONE_DMA32];
}

static inline uint32_t take(struct world *w, unsigned order, enum os_mobility m) {
  bool boosted = false;
  uint32_t pfn = os_buddy_take(w->b, zone(w), order, m, false, &boosted);
  for (uint32_t i = 0; pfn != OS_NO_FRAME && i < UINT32_C(1) << order; i++)
    w->frame[pfn + i].type = m == OS_UNMOVABLE ? OS_FRAME_TABLE : OS_FRAME_ANON;
  return pfn;
}

static inline void give(struct world *w, uint32_t pfn, unsigned order) {
  for (uint32_t i = 0; i < UINT32_C(1) << order; i++)
    w->frame[pfn + i].type = OS_FRAME_NONE;
  os_buddy_give(w->b, zone(w), pfn, order);
}

/* A request that may not wait. */
static inline uint32_t take_atomic(struct world *w, unsigned order) {
  uint32_t pfn = os_buddy_take_atomic(w->b, zone(w), order);
  if (pfn == OS_NO_FRAME) return take(w, order, OS_UNMOVABLE);
  for (uint32_t i = 0; i < UINT32_C(1) << order; i++)
    w->frame[pfn + i].type = OS_FRAME_TABLE;
  return pfn;
}

#endif
