/* SPDX-License-Identifier: Apache-2.0
 * os.pt_placement = pooled: page tables side by side in one contiguous region, which Linux does not
 * do. It is a 256th of memory, twice what dense tables of all of it need, kept back at the start;
 * when it is full, tables go where there is room. No time passes. */
#include "os/kernel.h"

uint32_t os_pt_pool_frames(const struct os *os) {
  return os->cfg.pt_placement == OS_PT_POOLED ? os->frame_count / 256 + 1 : 0;
}

void os_pt_pool_init(struct os *os, uint32_t first) {
  struct os_pt_pool *p = &os->pt_pool;
  p->first = first;
  p->end = first + os_pt_pool_frames(os);
  for (uint32_t pfn = p->end; pfn-- != first;) { /* the lowest is used first */
    os_frame(os, pfn)->next = p->head;
    p->head = pfn;
  }
}

uint32_t os_pt_pool_take(struct os *os) {
  struct os_pt_pool *p = &os->pt_pool;
  uint32_t pfn = p->head;
  if (pfn == OS_NO_FRAME) return OS_NO_FRAME;
  p->head = os_frame(os, pfn)->next;
  p->used++;
  return pfn;
}

bool os_pt_pool_give(struct os *os, uint32_t pfn) {
  struct os_pt_pool *p = &os->pt_pool;
  if (pfn < p->first || pfn >= p->end) return false;
  os_frame(os, pfn)->next = p->head;
  p->head = pfn;
  p->used--;
  os->plat.ops->frame_free(os->plat.self, pfn);
  return true;
}
