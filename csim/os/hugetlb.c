/* SPDX-License-Identifier: Apache-2.0
 * The explicit pool of huge pages (Linux 6.1 mm/hugetlb.c): taken at the start, promised to areas
 * when they are mapped, never reclaimed, split or counted as resident. Each needs one entry of
 * height 1 and no table. */
#include "os/kernel.h"

static uint32_t take_block(struct os *os) {
  for (unsigned i = OS_ZONES; i-- != 0;)
    for (unsigned n = 0; n < os->zones.nodes; n++) {
      struct os_zone *z = &os->zones.zone[n][i];
      bool boosted = false;
      uint64_t low = os_zone_mark(z, OS_MARK_LOW);
      if (z->managed == 0 || !os_zone_ok(z, OS_HUGE_ORDER, low, OS_ZONE_MOVABLE, 0)) continue;
      uint32_t pfn = os_buddy_take(os->buddy, z, OS_HUGE_ORDER, OS_MOVABLE, true, &boosted);
      if (pfn == OS_NO_FRAME) continue;
      for (uint32_t k = 0; k < OS_HUGE_PAGES; k++)
        *os_frame(os, pfn + k) = (struct os_frame){.type = OS_FRAME_HUGETLB,
                                                   .flags = k == 0 ? OS_F_HUGE : OS_F_TAIL,
                                                   .refs = 1,
                                                   .zone = (uint8_t)(n * OS_ZONES + i)};
      if (pfn + OS_HUGE_PAGES > os->touched) os->touched = pfn + OS_HUGE_PAGES;
      os_use_of(os, pfn)->fixed += OS_HUGE_PAGES;
      return pfn;
    }
  return OS_NO_FRAME;
}

void os_hugetlb_init(struct os *os, uint64_t pages) {
  struct os_hugetlb *p = &os->hugetlb;
  while (p->total < pages) {
    uint32_t pfn = take_block(os);
    if (pfn == OS_NO_FRAME) return;
    os_frame(os, pfn)->next = p->head;
    p->head = pfn;
    p->total++;
    p->free++;
  }
}

bool os_hugetlb_reserve(struct os *os, uint64_t pages) {
  if (pages > os->hugetlb.free - os->hugetlb.reserved) return false;
  os->hugetlb.reserved += pages;
  return true;
}

void os_hugetlb_unreserve(struct os *os, uint64_t pages) {
  os->hugetlb.reserved -= pages;
}

static bool cuts_at(const struct os_mm *mm, uint64_t va) {
  const struct os_vma *v = os_vma_find(mm, va);
  return v != NULL && v->huge == OS_VMA_HUGETLB && v->start < va && (va & (OS_HUGE_BYTES - 1)) != 0;
}

bool os_hugetlb_cuts(const struct os_mm *mm, uint64_t start, uint64_t end) {
  return cuts_at(mm, start) || cuts_at(mm, end);
}

uint64_t os_hugetlb_untouched(struct os_mm *mm, uint64_t start, uint64_t end) {
  struct os *os = mm->os;
  uint64_t n = 0;
  if (os->hugetlb.total == 0) return 0;
  for (size_t i = 0; i < mm->vmas; i++) {
    struct os_vma v = mm->vma[i];
    if (v.huge != OS_VMA_HUGETLB) continue;
    uint64_t from = v.start > start ? v.start : start;
    uint64_t to = v.end < end ? v.end : end;
    for (uint64_t va = from; va < to; va += OS_HUGE_BYTES) {
      uint64_t at = os_pt_lookup(mm, va);
      n += at == 0 || !os->pt->present(os_rd(os, at));
    }
  }
  return n;
}
