/* SPDX-License-Identifier: Apache-2.0
 * Transparent huge pages: fault, split, end (Linux 6.1 mm/huge_memory.c). Promises: a huge entry
 * and the entries of a table are never both reachable for the hardware without an invalidation
 * between; A and D that the hardware sets until the exchange are kept; each huge entry has a table
 * set aside, so a split never allocates. Simpler than Linux: entry and page are split together. */
#include "os/huge.h"

#include <assert.h>

#include "os/kernel.h"

uint32_t os_frame_pages(const struct os_frame *f) {
  return (f->flags & OS_F_HUGE) != 0 ? OS_HUGE_PAGES : 1;
}

bool os_huge_on(const struct os *os) {
  return os->cfg.thp != OS_THP_NEVER || os->hugetlb.total != 0;
}

bool os_huge_eligible(const struct os *os, const struct os_vma *v, uint64_t va) {
  uint64_t start = va & ~(OS_HUGE_BYTES - 1);
  if (v->file != 0 || start < v->start || start + OS_HUGE_BYTES > v->end) return false;
  if (v->huge == OS_VMA_NOHUGE || v->huge == OS_VMA_HUGETLB || v->locked) return false;
  return os->cfg.thp == OS_THP_ALWAYS || (os->cfg.thp == OS_THP_MADVISE && v->huge == OS_VMA_HUGE);
}

/* ---- tables set aside ---- */

void os_deposit(struct os_mm *mm, uint32_t pfn) {
  os_frame(mm->os, pfn)->next = mm->deposit;
  mm->deposit = pfn;
}

uint32_t os_deposit_take(struct os_mm *mm) {
  uint32_t pfn = mm->deposit;
  assert(pfn != OS_NO_FRAME);
  mm->deposit = os_frame(mm->os, pfn)->next;
  return pfn;
}

/* ---- beginning and end ---- */

uint32_t os_huge_alloc(struct os *os, bool reclaim) {
  const struct os_request r = {.order = OS_HUGE_ORDER,
                               .mobility = OS_MOVABLE,
                               .highest = OS_ZONE_MOVABLE,
                               .no_reclaim = !reclaim,
                               .no_kswapd = true};
  uint32_t pfn = os_block_alloc(os, OS_FRAME_ANON, &r);
  if (pfn == OS_NO_FRAME) return OS_NO_FRAME;
  os_frame(os, pfn)->flags = OS_F_HUGE | OS_F_UPTODATE;
  for (uint32_t i = 1; i < OS_HUGE_PAGES; i++)
    os_frame(os, pfn + i)->flags = OS_F_TAIL | OS_F_UPTODATE;
  if (++os->st.nr_anon_thps > os->st.anon_thps_max) os->st.anon_thps_max = os->st.nr_anon_thps;
  return pfn;
}

static void free_anon(struct os *os, uint32_t pfn) {
  struct os_use *u = os_use_of(os, pfn);
  if ((os_frame(os, pfn)->flags & OS_F_LISTED) != 0) os_policy_remove(os, pfn);
  u->anon -= OS_HUGE_PAGES;
  os->st.nr_anon -= OS_HUGE_PAGES;
  os->st.pgfree += OS_HUGE_PAGES;
  os->st.nr_anon_thps--;
  for (uint32_t i = 0; i < OS_HUGE_PAGES; i++) {
    struct os_frame *f = os_frame(os, pfn + i);
    f->type = OS_FRAME_NONE;
    f->flags = 0;
    f->refs = 0;
    os->plat.ops->frame_free(os->plat.self, pfn + i);
  }
  os_buddy_give(os->buddy, os_zone_of(os, pfn), pfn, OS_HUGE_ORDER);
}

static void free_pooled(struct os *os, uint32_t pfn) {
  struct os_frame *f = os_frame(os, pfn);
  for (uint32_t i = 0; i < OS_HUGE_PAGES; i++)
    os->plat.ops->frame_free(os->plat.self, pfn + i);
  f->refs = 1;
  f->next = os->hugetlb.head;
  os->hugetlb.head = pfn;
  os->hugetlb.free++;
}

void os_huge_free(struct os *os, uint32_t pfn) {
  if (os_frame(os, pfn)->type == OS_FRAME_HUGETLB)
    free_pooled(os, pfn);
  else
    free_anon(os, pfn);
}

/* ---- fault ---- */

static void zero_all(struct os *os, uint32_t pfn) {
  for (uint32_t i = 0; i < OS_HUGE_PAGES; i++)
    os->plat.ops->frame_zero(os->plat.self, pfn + i);
  os_spend(os, OS_WORK_ZERO_FRAME, OS_HUGE_PAGES);
}

static uint64_t entry_for(const struct os *os, uint32_t pfn, const struct os_vma *v, bool write) {
  return os->pt->huge(os->pt->leaf((uint64_t)pfn << 12, os_leaf_prot(v, true, write), write));
}

/* do_huge_pmd_anonymous_page. false: nothing to be had, 4 KiB pages then. */
static bool anon_fault(struct os_mm *mm, const struct os_vma *v, uint64_t pmd_pa, uint64_t start,
                       bool write) {
  struct os *os = mm->os;
  uint32_t pfn = os_huge_alloc(os, v->huge == OS_VMA_HUGE);
  uint32_t table = pfn != OS_NO_FRAME ? os_pt_new_table(mm, 0) : OS_NO_FRAME;
  if (table == OS_NO_FRAME) {
    if (pfn != OS_NO_FRAME) (void)os_frame_put(os, pfn);
    os->st.thp_fault_fallback++;
    return false;
  }
  zero_all(os, pfn);
  os_lock(os, &mm->table);
  (void)os_rmap_add(os, pfn, mm, start); /* the first mapping takes no host memory */
  os_deposit(mm, table);
  os_wr(os, pmd_pa, entry_for(os, pfn, v, write));
  os_vma_has_anon(mm, start);
  os_unlock(os, &mm->table);
  os->st.thp_fault_alloc++;
  os_policy_add(os, pfn, false);
  (void)os_frame_put(os, pfn); /* the mapping's stays */
  return true;
}

/* hugetlb_no_page: the area's reservation is used. */
static enum os_get pool_fault(struct os_mm *mm, const struct os_vma *v, uint64_t pmd_pa,
                              bool write) {
  struct os *os = mm->os;
  uint32_t pfn = os->hugetlb.head;
  if (pfn == OS_NO_FRAME) return OS_GET_OOM;
  os->hugetlb.head = os_frame(os, pfn)->next;
  os->hugetlb.free--;
  os->hugetlb.reserved--;
  zero_all(os, pfn);
  os_lock(os, &mm->table);
  os_wr(os, pmd_pa, entry_for(os, pfn, v, write));
  os_unlock(os, &mm->table);
  return OS_GET_OK;
}

/* The huge entry is present: rights, A or D. false: it is not huge any more. */
static bool present_fault(struct os_mm *mm, const struct os_vma *v, uint64_t pmd_pa, uint64_t va,
                          bool write) {
  struct os *os = mm->os;
  const struct os_pt_ops *pt = os->pt;
  os_lock(os, &mm->table);
  uint64_t e = os_rd(os, pmd_pa);
  bool huge = false;
  while ((huge = pt->present(e) && pt->is_huge(e))) {
    uint64_t want = pt->set_young(pt->set_prot(e, os_leaf_prot(v, true, true)), true);
    if (write) want = pt->set_dirty(want);
    if (want == e) {
      os_inval_page(mm, va);
      break;
    }
    uint64_t old = e;
    if (os_cas(os, pmd_pa, e, want, &old)) {
      os->st.a_faults += !pt->young(e);
      os->st.d_faults += write && !pt->dirty(e);
      break;
    }
    e = old;
  }
  os_unlock(os, &mm->table);
  return huge;
}

enum os_get os_huge_fault(struct os_mm *mm, const struct os_vma *v, uint64_t va, bool write,
                          bool *handled) {
  struct os *os = mm->os;
  uint64_t start = va & ~(OS_HUGE_BYTES - 1);
  *handled = true;
  uint64_t pmd_pa = os_pt_ensure_at(mm, va, 1);
  if (pmd_pa == 0) return OS_GET_OOM;
  uint64_t e = os_rd(os, pmd_pa);
  if (e != 0 && !os->pt->present(e)) { /* being split: whoever does it holds the lock */
    os_lock(os, &mm->table);
    e = os_rd(os, pmd_pa);
    os_unlock(os, &mm->table);
  }
  if (e != 0) {
    *handled = os->pt->is_huge(e) && present_fault(mm, v, pmd_pa, va, write);
    return OS_GET_OK;
  }
  if (v->huge == OS_VMA_HUGETLB) return pool_fault(mm, v, pmd_pa, write);
  *handled = os_huge_eligible(os, v, va) && anon_fault(mm, v, pmd_pa, start, write);
  return OS_GET_OK;
}

/* ---- splitting ---- */

/* 512 ordinary frames, each mapped by its own entry. No time passes. */
static void split_frames(struct os *os, struct os_mm *mm, uint32_t pfn, uint64_t va, bool dirty) {
  os_use_of(os, pfn)->listed_huge -= (os_frame(os, pfn)->flags & OS_F_LISTED) != 0;
  for (uint32_t i = 0; i < OS_HUGE_PAGES; i++) {
    struct os_frame *f = os_frame(os, pfn + i);
    f->flags &= (uint16_t) ~(OS_F_HUGE | OS_F_TAIL);
    os_rmap_set_only(f, mm, va + ((uint64_t)i << 12));
    if (dirty) os_frame_set_dirty(os, pfn + i);
    if (i != 0) os_policy_add(os, pfn + i, false);
  }
  os->st.nr_anon_thps--;
  os->st.thp_split_pmd++;
  os->st.thp_split_page++;
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
  split_frames(os, mm, pfn, va, pt->dirty(e));
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
      if (pfn != OS_NO_FRAME && (os_frame(os, pfn)->flags & OS_F_HUGE) != 0)
        os_huge_split(mm, at, va);
    }
  }
}

bool os_huge_split_frame(struct os *os, uint32_t pfn) {
  uint64_t va = 0;
  struct os_mm *mm = os_rmap_lock_first(os, pfn, &va);
  if (mm != NULL) {
    /* It may have been split while we waited for the lock. */
    if ((os_frame(os, pfn)->flags & OS_F_HUGE) != 0) os_huge_split(mm, os_pt_lookup(mm, va), va);
    os_unlock(os, &mm->table);
    os_mm_put(mm);
  }
  return (os_frame(os, pfn)->flags & OS_F_HUGE) == 0;
}
