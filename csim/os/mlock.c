/* SPDX-License-Identifier: Apache-2.0
 * mlock, munlock, mlockall after Linux 6.1 mm/mlock.c and mm/gup.c (populate_vma_page_range):
 * private areas are written to when they allow it, so that no copy is due later; others are read.
 * A page that several areas map stays unevictable until the last locked one lets go of it. */
#include "os/mlock.h"

#include <errno.h>

#include "os/kernel.h"
#include "os/task.h"

/* ---- frames ---- */

void os_mlock_frame(struct os *os, uint32_t pfn) {
  struct os_frame *f = os_frame(os, pfn);
  if ((f->flags & OS_F_MLOCKED) != 0 || pfn == os->zero) return;
  if ((f->flags & OS_F_LISTED) != 0) os_policy_remove(os, pfn);
  f->flags |= OS_F_MLOCKED;
  os_use_of(os, pfn)->mlocked++;
}

static bool maps_locked(const struct os_mm *mm, uint64_t va) {
  const struct os_vma *v = os_vma_find(mm, va);
  return v != NULL && v->locked;
}

void os_munlock_frame(struct os *os, uint32_t pfn) {
  struct os_frame *f = os_frame(os, pfn);
  if ((f->flags & OS_F_MLOCKED) == 0 || os_rmap_any(os, pfn, maps_locked)) return;
  f->flags &= (uint16_t)~OS_F_MLOCKED;
  os_use_of(os, pfn)->mlocked--;
  if (f->refs > 1 || f->mapcount != 0) os_policy_add(os, pfn, true);
}

/* ---- system calls ---- */

/* The leaf table's part of [start, end): mark what is there, or let it go. */
static void mark(struct os_mm *mm, uint64_t start, uint64_t end, bool lock) {
  struct os *os = mm->os;
  os_lock(os, &mm->table);
  for (uint64_t va = start; va < end; va += 4096) {
    uint64_t at = os_pt_lookup(mm, va);
    if (at == 0) {
      va |= (UINT64_C(1) << 21) - 4096; /* no leaf table: on to the next */
      continue;
    }
    uint64_t e = os_rd(os, at);
    if (!os->pt->present(e)) continue;
    uint32_t pfn = (uint32_t)(os->pt->address(e) >> 12);
    /* A huge page that somebody held on to is locked when it is split (mlock_pte_range). */
    bool part = (os_frame(os, os_huge_head(os, pfn))->flags & OS_F_HUGE) != 0;
    if (pfn == os->zero || part) continue;
    if (lock)
      os_mlock_frame(os, pfn);
    else
      os_munlock_frame(os, pfn);
  }
  os_unlock(os, &mm->table);
}

static int set_locked(struct os_task *t, uint64_t start, uint64_t end, bool lock) {
  if (!os_vma_covered(t->mm, start, end)) return -ENOMEM;
  if (os_hugetlb_cuts(t->mm, start, end)) return -EINVAL;
  if (os_vma_lock(t->mm, start, end, lock) != 0) return -ENOMEM;
  os_lock(t->os, &t->mm->table); /* pages are locked one by one */
  os_huge_split_range(t->mm, start, end);
  os_unlock(t->os, &t->mm->table);
  os_huge_split_frames(t->mm, start, end);
  mark(t->mm, start, end, lock);
  return lock ? os_mm_populate(t->mm, start, end) : 0;
}

static int call(struct os_task *t, uint64_t va, uint64_t bytes, bool lock) {
  struct os *os = t->os;
  os_work_for(t);
  enum os_account was = os->plat.ops->account(os->plat.self, OS_ACCT_SYSCALL);
  os_spend(os, OS_WORK_SYSCALL, 1);
  uint64_t end = os->pt->user_end;
  bool ok = ((va | bytes) & 0xfff) == 0 && bytes != 0 && va < end && bytes <= end - va;
  os_lock(os, &t->mm->map);
  int r = ok ? set_locked(t, va, va + bytes, lock) : -EINVAL;
  os_unlock(os, &t->mm->map);
  (void)os->plat.ops->account(os->plat.self, was);
  return r;
}

int os_mlock(struct os_task *t, uint64_t va, uint64_t bytes) {
  return call(t, va, bytes, true);
}

int os_munlock(struct os_task *t, uint64_t va, uint64_t bytes) {
  return call(t, va, bytes, false);
}

int os_mlockall(struct os_task *t, unsigned what) {
  struct os_vma v;
  int r = 0;
  if (what == 0 || what > (OS_MCL_CURRENT | OS_MCL_FUTURE)) return -EINVAL;
  t->mm->lock_future = (what & OS_MCL_FUTURE) != 0;
  for (uint64_t at = 0; (what & OS_MCL_CURRENT) != 0 && r == 0 && os_vma_next(t->mm, at, &v);
       at = v.end)
    r = call(t, v.start, v.end - v.start, true);
  return r;
}

int os_munlockall(struct os_task *t) {
  struct os_vma v;
  int r = 0;
  t->mm->lock_future = false;
  for (uint64_t at = 0; r == 0 && os_vma_next(t->mm, at, &v); at = v.end)
    r = call(t, v.start, v.end - v.start, false);
  return r;
}
