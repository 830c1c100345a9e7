/* SPDX-License-Identifier: Apache-2.0
 * Fragmenting memory at the start, as years of use do: one frame of the kernel's own in the middle
 * of pageblocks keeps each from ever being one free block again. Nothing can move it. And what the
 * kernel itself takes for good when it boots. */
#include "os/kernel.h"

/* Give back all of a block of 512 frames but the one in the middle. */
static void keep_middle(struct os *os, struct os_zone *z, uint32_t pfn) {
  uint32_t kept = pfn + OS_HUGE_PAGES / 2;
  *os_frame(os, kept) = (struct os_frame){
      .type = OS_FRAME_KERNEL, .refs = 1, .zone = (uint8_t)(z->node * OS_ZONES + z->index)};
  if (kept >= os->touched) os->touched = kept + 1;
  os_use_of(os, kept)->fixed++;
  os_buddy_give(os->buddy, z, pfn, OS_HUGE_ORDER - 1);
  for (unsigned o = 0; o < OS_HUGE_ORDER - 1; o++)
    os_buddy_give(os->buddy, z, kept + (UINT32_C(1) << o), o);
}

/* The blocks that are kept whole are held back meanwhile, linked by next. */
static void fragment_zone(struct os *os, struct os_zone *z, uint32_t percent) {
  uint32_t whole = OS_NO_FRAME;
  uint32_t part = OS_NO_FRAME;
  uint32_t error = 0;
  for (;;) {
    bool boosted = false;
    uint32_t pfn = os_buddy_take(os->buddy, z, OS_HUGE_ORDER, OS_MOVABLE, true, &boosted);
    if (pfn == OS_NO_FRAME) break;
    error += percent; /* evenly spread */
    uint32_t *list = error >= 100 ? &part : &whole;
    if (error >= 100) error -= 100;
    os_frame(os, pfn)->next = *list;
    *list = pfn;
  }
  for (uint32_t pfn = part; pfn != OS_NO_FRAME;) {
    uint32_t next = os_frame(os, pfn)->next;
    keep_middle(os, z, pfn);
    pfn = next;
  }
  for (uint32_t pfn = whole; pfn != OS_NO_FRAME;) {
    uint32_t next = os_frame(os, pfn)->next;
    os_buddy_give(os->buddy, z, pfn, OS_HUGE_ORDER);
    pfn = next;
  }
}

void os_fragment(struct os *os, uint32_t percent) {
  for (unsigned i = 0; percent != 0 && i < os->zones.nodes * OS_ZONES; i++) {
    struct os_zone *z = &os->zones.zone[i / OS_ZONES][i % OS_ZONES];
    if (z->managed != 0) fragment_zone(os, z, percent);
  }
}

/* ---- the kernel's pools for DMA (Linux 6.1 kernel/dma/pool.c) ---- */

/* 128 KiB for each GiB of memory, at least that, at most the largest block. */
static unsigned pool_order(const struct os *os) {
  uint64_t pages = os_zones_managed(&os->zones) / 8192;
  unsigned order = 5;
  while (order + 1 < OS_ORDERS && UINT64_C(1) << order < pages)
    order++;
  return order;
}

/* One block of the kernel's for good, unmovable, from that zone or the next below. */
static void take_pool(struct os *os, unsigned highest, unsigned order) {
  for (unsigned i = highest + 1; i-- != 0;) {
    struct os_zone *z = &os->zones.zone[0][i];
    bool boosted = false;
    if (z->managed == 0) continue;
    uint32_t pfn = os_buddy_take(os->buddy, z, order, OS_UNMOVABLE, false, &boosted);
    for (uint32_t k = 0; pfn != OS_NO_FRAME && k < UINT32_C(1) << order; k++)
      *os_frame(os, pfn + k) = (struct os_frame){
          .type = OS_FRAME_KERNEL, .refs = 1, .zone = (uint8_t)(z->node * OS_ZONES + z->index)};
    if (pfn == OS_NO_FRAME) continue;
    os_use_of(os, pfn)->fixed += UINT64_C(1) << order;
    if (pfn + (UINT32_C(1) << order) > os->touched) os->touched = pfn + (UINT32_C(1) << order);
    return;
  }
}

void os_dma_pools(struct os *os) {
  unsigned order = pool_order(os);
  take_pool(os, OS_ZONE_NORMAL, order);
  if (os->zones.zone[0][OS_ZONE_DMA].managed != 0) take_pool(os, OS_ZONE_DMA, order);
  take_pool(os, OS_ZONE_DMA32, order);
}
