/* SPDX-License-Identifier: Apache-2.0
 * Transparent huge pages: fault and end (Linux 6.1 mm/huge_memory.c). Promises: each huge entry has
 * a table set aside, so a split never allocates. */
#include "os/huge.h"

#include <assert.h>

#include "os/kernel.h"

uint32_t os_frame_pages(const struct os_frame *f) {
  return (f->flags & (OS_F_HUGE | OS_F_PTES)) == OS_F_HUGE ? OS_HUGE_PAGES : 1;
}

uint32_t os_huge_head(const struct os *os, uint32_t pfn) {
  bool tail = (os->frames[pfn].flags & OS_F_TAIL) != 0;
  return tail ? pfn & ~(uint32_t)(OS_HUGE_PAGES - 1) : pfn; /* blocks lie at their size */
}

uint32_t os_huge_parts(const struct os_frame *f) {
  return (f->flags & OS_F_PTES) != 0 ? OS_HUGE_PAGES : 1;
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

static uint32_t huge_block(struct os *os, const struct os_request *r) {
  uint32_t pfn = os_block_alloc(os, OS_FRAME_ANON, r);
  if (pfn == OS_NO_FRAME) return OS_NO_FRAME;
  os_frame(os, pfn)->flags = OS_F_HUGE | OS_F_UPTODATE;
  for (uint32_t i = 1; i < OS_HUGE_PAGES; i++)
    os_frame(os, pfn + i)->flags = OS_F_TAIL | OS_F_UPTODATE;
  if (++os->st.nr_anon_thps > os->st.anon_thps_max) os->st.anon_thps_max = os->st.nr_anon_thps;
  return pfn;
}

/* GFP_TRANSHUGE_LIGHT: neither reclaim nor kswapd. */
static struct os_request light(void) {
  return (struct os_request){.order = OS_HUGE_ORDER,
                             .mobility = OS_MOVABLE,
                             .highest = OS_ZONE_MOVABLE,
                             .no_reclaim = true,
                             .no_kswapd = true};
}

uint32_t os_huge_alloc(struct os *os, bool madvised) {
  struct os_request r = light();
  enum os_thp_defrag d = (enum os_thp_defrag)os->cfg.thp_defrag;
  bool optional = d == OS_THP_DEFRAG_MADVISE || d == OS_THP_DEFRAG_DEFER_MADVISE;
  r.no_reclaim = d != OS_THP_DEFRAG_ALWAYS && !(optional && madvised);
  r.no_kswapd = d != OS_THP_DEFRAG_DEFER && !(d == OS_THP_DEFRAG_DEFER_MADVISE && !madvised);
  r.noretry = d == OS_THP_DEFRAG_ALWAYS && !madvised;
  /* vma_alloc_folio: the own node first, by compaction at most; then anywhere, if it may reclaim.
   */
  struct os_request near = r;
  near.thisnode = near.noretry = true;
  uint32_t pfn = huge_block(os, &near);
  return pfn != OS_NO_FRAME || r.no_reclaim ? pfn : huge_block(os, &r);
}

uint32_t os_huge_alloc_khugepaged(struct os *os) {
  struct os_request r = light();
  r.no_reclaim = false;
  r.thisnode = true;
  return huge_block(os, &r);
}

static void free_anon(struct os *os, uint32_t pfn) {
  struct os_use *u = os_use_of(os, pfn);
  if ((os_frame(os, pfn)->flags & OS_F_LISTED) != 0) os_policy_remove(os, pfn);
  u->anon -= OS_HUGE_PAGES;
  os->st.nr_anon -= OS_HUGE_PAGES;
  os->st.pgfree += OS_HUGE_PAGES;
  os->st.nr_anon_thps -= (os_frame(os, pfn)->flags & OS_F_PTES) == 0;
  os_huge_undefer(os, pfn);
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
