/* SPDX-License-Identifier: Apache-2.0
 * madvise (Linux 6.1 mm/madvise.c): MADV_DONTNEED drops pages and keeps tables; MADV_HUGEPAGE and
 * MADV_NOHUGEPAGE mark areas of anonymous memory. */
#include <errno.h>

#include "os/kernel.h"

static int mark(struct os_mm *mm, uint64_t va, uint64_t end, uint8_t huge) {
  for (uint64_t at = va; at < end;) {
    const struct os_vma *v = os_vma_find(mm, at);
    if (v->file != 0 || v->huge == OS_VMA_HUGETLB) return -EINVAL;
    at = v->end;
  }
  return os_vma_advise(mm, va, end, huge) != 0 ? -ENOMEM : 0;
}

static int advise(struct os_mm *mm, uint64_t va, uint64_t end, enum os_advice advice) {
  if (!os_vma_covered(mm, va, end)) return -ENOMEM;
  if (advice == OS_MADV_HUGEPAGE) return mark(mm, va, end, OS_VMA_HUGE);
  if (advice == OS_MADV_NOHUGEPAGE) return mark(mm, va, end, OS_VMA_NOHUGE);
  if (os_hugetlb_cuts(mm, va, end)) return -EINVAL;
  uint64_t before = os_hugetlb_untouched(mm, va, end);
  os_discard(mm, va, end);
  /* What went back to the pool is still promised. */
  mm->os->hugetlb.reserved += os_hugetlb_untouched(mm, va, end) - before;
  return 0;
}

int os_madvise(struct os_task *t, uint64_t va, uint64_t bytes, enum os_advice advice) {
  struct os *os = t->os;
  if (((va | bytes) & 0xfff) != 0 || bytes == 0 || va >= os->pt->user_end ||
      bytes > os->pt->user_end - va)
    return -EINVAL;
  enum os_account was = os->plat.ops->account(os->plat.self, OS_ACCT_SYSCALL);
  os_spend(os, OS_WORK_SYSCALL, 1);
  os_spend(os, OS_WORK_VMA_LOOKUP, 1);
  os_lock(os, &t->mm->map);
  int r = advise(t->mm, va, va + bytes, advice);
  os_unlock(os, &t->mm->map);
  (void)os->plat.ops->account(os->plat.self, was);
  return r;
}
