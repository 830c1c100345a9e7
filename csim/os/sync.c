/* SPDX-License-Identifier: Apache-2.0
 * fsync and msync(MS_SYNC) after Linux 6.1 mm/filemap.c (file_write_and_wait_range) and mm/msync.c:
 * what is dirty in the range is written, and the call ends when the disk has it. A page on its way
 * out that became dirty again is written once more. */
#include <errno.h>

#include "os/kernel.h"
#include "os/task.h"

/* folio_wait_writeback, while it is still this page. */
static void await_page(struct os *os, uint32_t file, uint64_t page) {
  uint32_t pfn = os_entry_pfn(os->file[file].page[page]);
  if (pfn == OS_NO_FRAME) return;
  os_frame_get(os, pfn);
  while ((os_frame(os, pfn)->flags & OS_F_WRITEBACK) != 0)
    os_wait(os, &os->rec.io);
  if (os_frame_put(os, pfn)) os_spend(os, OS_WORK_FREE_FRAME, 1);
}

static int write_and_wait(struct os *os, uint32_t file, uint64_t first, uint64_t pages) {
  if (file == 0 || file >= os->files || os->file[file].shmem) return -EINVAL;
  uint64_t all = os->file[file].pages;
  uint64_t end = pages < all - (first < all ? first : all) ? first + pages : all;
  for (uint64_t p = first; p < end; p++) {
    if ((os->file[file].dirty[p / 64] >> p % 64 & 1) == 0) continue;
    await_page(os, file, p);
    (void)os_writeback_page(os, file, p);
  }
  for (uint64_t p = first; p < end; p++)
    await_page(os, file, p);
  return 0;
}

static enum os_account enter(struct os_task *t) {
  os_work_for(t);
  enum os_account was = t->os->plat.ops->account(t->os->plat.self, OS_ACCT_SYSCALL);
  os_spend(t->os, OS_WORK_SYSCALL, 1);
  return was;
}

int os_fsync(struct os_task *t, uint32_t file, uint64_t first_page, uint64_t pages) {
  enum os_account was = enter(t);
  int r = write_and_wait(t->os, file, first_page, pages);
  (void)t->os->plat.ops->account(t->os->plat.self, was);
  return r;
}

/* The areas may change while the disk works, as in Linux, which lets go of the map lock. */
int os_msync(struct os_task *t, uint64_t va, uint64_t bytes) {
  uint64_t end = va + bytes;
  struct os_vma v;
  int r = 0;
  if (((va | bytes) & 0xfff) != 0 || end < va || end > t->os->pt->user_end) return -EINVAL;
  enum os_account was = enter(t);
  for (uint64_t at = va; r == 0 && at < end; at = v.end) {
    if (!os_vma_next(t->mm, at, &v) || v.start >= end) break;
    uint64_t from = v.start > at ? v.start : at;
    uint64_t to = v.end < end ? v.end : end;
    if (v.shared && !v.shmem)
      r = write_and_wait(t->os, v.file, v.file_page + ((from - v.start) >> 12), (to - from) >> 12);
  }
  if (r == 0 && !os_vma_covered(t->mm, va, end)) r = -ENOMEM;
  (void)t->os->plat.ops->account(t->os->plat.self, was);
  return r;
}
