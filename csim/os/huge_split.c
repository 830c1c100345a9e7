/* SPDX-License-Identifier: Apache-2.0
 * Splitting huge pages, first the entry, then the frames (Linux 6.1 mm/huge_memory.c,
 * __split_huge_pmd, split_huge_page_to_list). Promises: a huge entry and the entries of a table are
 * never both reachable for the hardware without an invalidation between; A and D that the hardware
 * sets until the exchange are kept; frames are split only while nobody else holds on to them. */
#include <assert.h>

#include "os/huge.h"
#include "os/kernel.h"

/* ---- the entry ---- */

/* From one mapping of all to one of each frame. No time passes. */
static void split_mapping(struct os *os, struct os_mm *mm, uint32_t pfn, uint64_t va) {
  struct os_frame *head = os_frame(os, pfn);
  head->flags |= OS_F_PTES;
  head->refs += OS_HUGE_PAGES - 1;
  for (uint32_t i = 0; i < OS_HUGE_PAGES; i++)
    os_rmap_set_only(os_frame(os, pfn + i), mm, va + ((uint64_t)i << 12));
  os->st.nr_anon_thps--;
  os->st.thp_split_pmd++;
}

void os_huge_split(struct os_mm *mm, uint64_t pmd_pa, uint64_t va) {
  struct os *os = mm->os;
  const struct os_pt_ops *pt = os->pt;
  va &= ~(OS_HUGE_BYTES - 1);
  uint64_t e = os_pt_exchange(os, pmd_pa, pt->swap(0)); /* not present, and not nothing */
  uint32_t pfn = (uint32_t)(pt->address(e) >> 12);
  assert(os_frame(os, pfn)->type == OS_FRAME_ANON);
  os_inval_page(mm, va);
  uint32_t table = os_deposit_take(mm);
  uint64_t page = pt->page(e);
  for (unsigned i = 0; i < OS_HUGE_PAGES; i++)
    os_wr(os, ((uint64_t)table << 12) + 8 * i, pt->at(page, (uint64_t)(pfn + i) << 12));
  os_wr(os, pmd_pa, pt->table((uint64_t)table << 12));
  if (pt->dirty(e)) os_frame_set_dirty(os, pfn);
  split_mapping(os, mm, pfn, va);
}

/* Is the frame the first of a huge page that one entry maps? */
static bool by_one_entry(const struct os_frame *f) {
  return (f->flags & (OS_F_HUGE | OS_F_PTES)) == OS_F_HUGE;
}

void os_huge_split_range(struct os_mm *mm, uint64_t start, uint64_t end) {
  struct os *os = mm->os;
  for (size_t i = 0; i < mm->vmas; i++) {
    const struct os_vma v = mm->vma[i];
    if (v.file != 0 || v.huge == OS_VMA_HUGETLB) continue;
    uint64_t from = (v.start > start ? v.start : start) & ~(OS_HUGE_BYTES - 1);
    uint64_t to = v.end < end ? v.end : end;
    for (uint64_t va = from; va < to; va += OS_HUGE_BYTES) {
      uint64_t at = os_pt_lookup(mm, va);
      uint64_t e = at != 0 ? os_rd(os, at) : 0;
      uint32_t pfn = os->pt->present(e) ? (uint32_t)(os->pt->address(e) >> 12) : OS_NO_FRAME;
      if (pfn != OS_NO_FRAME && by_one_entry(os_frame(os, pfn))) os_huge_split(mm, at, va);
    }
  }
}

/* ---- the frames ---- */

static uint32_t mappings(struct os *os, uint32_t pfn) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < os_huge_parts(os_frame(os, pfn)); i++)
    n += os_frame(os, pfn + i)->mapcount;
  return n;
}

/* Nobody but the mappings and the caller refers to it (can_split_folio). */
static bool alone(struct os *os, uint32_t pfn) {
  uint32_t n = mappings(os, pfn);
  return n != 0 && os_frame(os, pfn)->refs == n + 1;
}

static bool in_locked_area(const struct os_mm *mm, uint64_t va) {
  const struct os_vma *v = os_vma_find(mm, va);
  return v != NULL && v->locked;
}

/* __split_huge_page; the number of parts that were free at once, as nothing maps them any more. No
 * time passes. */
static uint32_t split_frames(struct os *os, uint32_t pfn) {
  struct os_frame *head = os_frame(os, pfn);
  bool dirty = (head->flags & OS_F_DIRTY) != 0;
  uint32_t freed = 0;
  os_huge_undefer(os, pfn);
  os_use_of(os, pfn)->listed_huge -= (head->flags & OS_F_LISTED) != 0;
  for (uint32_t i = 0; i < OS_HUGE_PAGES; i++) {
    struct os_frame *f = os_frame(os, pfn + i);
    f->flags &= (uint16_t) ~(OS_F_HUGE | OS_F_PTES | OS_F_TAIL);
    f->refs = f->mapcount + 1; /* the caller's, and ours for a moment */
    if (dirty) os_frame_set_dirty(os, pfn + i);
  }
  if (os->pol->split != NULL) os->pol->split(os_node_of(os, pfn)->policy, pfn);
  for (uint32_t i = 1; i < OS_HUGE_PAGES; i++)
    if (os->pol->split == NULL) os_policy_add(os, pfn + i, false);
  for (uint32_t i = 0; i < OS_HUGE_PAGES; i++)
    if (os_rmap_any(os, pfn + i, in_locked_area)) os_mlock_frame(os, pfn + i);
  for (uint32_t i = 1; i < OS_HUGE_PAGES; i++)
    freed += os_frame_put(os, pfn + i);
  os->st.thp_split_page++;
  return freed;
}

bool os_huge_split_frame(struct os *os, uint32_t pfn) {
  const struct os_frame *f = os_frame(os, pfn);
  if (by_one_entry(f) && alone(os, pfn)) {
    uint64_t va = 0;
    struct os_mm *mm = os_rmap_lock_first(os, pfn, &va);
    if (mm != NULL) {
      /* It may have been split while we waited for the lock. */
      if (by_one_entry(f)) os_huge_split(mm, os_pt_lookup(mm, va), va);
      os_unlock(os, &mm->table);
      os_mm_put(mm);
    }
  }
  if ((f->flags & OS_F_HUGE) == 0) return true;
  if (by_one_entry(f) || !alone(os, pfn)) {
    os->st.thp_split_page_failed++;
    return false;
  }
  uint32_t freed = split_frames(os, pfn);
  os_spend(os, OS_WORK_FREE_FRAME, freed);
  return true;
}

/* The first frame of a huge page mapped by many entries of which va holds one, with a reference, or
 * OS_NO_FRAME. Moves *va to the next table where there is none. */
static uint32_t part_at(struct os_mm *mm, uint64_t *va) {
  struct os *os = mm->os;
  uint32_t head = OS_NO_FRAME;
  os_lock(os, &mm->table);
  uint64_t at = os_pt_lookup(mm, *va);
  uint64_t e = at != 0 ? os_rd(os, at) : 0;
  if (at == 0) *va |= OS_HUGE_BYTES - 4096;
  if (os->pt->present(e)) head = os_huge_head(os, (uint32_t)(os->pt->address(e) >> 12));
  if (head != OS_NO_FRAME && (os_frame(os, head)->flags & OS_F_PTES) == 0) head = OS_NO_FRAME;
  if (head != OS_NO_FRAME) os_frame_get(os, head);
  os_unlock(os, &mm->table);
  return head;
}

void os_huge_split_frames(struct os_mm *mm, uint64_t start, uint64_t end) {
  struct os *os = mm->os;
  for (uint64_t va = start; os_huge_on(os) && va < end; va += 4096) {
    uint32_t pfn = part_at(mm, &va);
    if (pfn == OS_NO_FRAME) continue;
    os_frame_lock(os, pfn);
    if ((os_frame(os, pfn)->flags & OS_F_HUGE) != 0) (void)os_huge_split_frame(os, pfn);
    os_frame_unlock(os, pfn);
    if (os_frame_put(os, pfn)) os_spend(os, OS_WORK_FREE_FRAME, 1);
  }
}
