/* SPDX-License-Identifier: Apache-2.0
 * Tasks and their system calls: mmap (always at a fixed address: it replaces what is there),
 * munmap, mprotect, read and write of files through the file cache, exit. Any right but none
 * includes reading, as on x86. write() reads a page it does not have first. */
#include <errno.h>
#include <stdlib.h>

#include "os/kernel.h"
#include "os/task.h"

struct os_task *os_task_create(struct os *os, uint32_t pid) {
  struct os_task *t = os_host_alloc(os, sizeof *t);
  if (t == NULL) return NULL;
  t->mm = os_mm_create(os);
  if (t->mm == NULL) {
    free(t);
    return NULL;
  }
  t->os = os;
  t->pid = pid;
  os->pt->context(&os->cfg, t->mm->root, t->mm->asid, &t->ctx);
  os_task_register(t);
  return t;
}

/* exit_mmap: everything of an address space goes, but the struct. */
static void tear_down(struct os_mm *mm) {
  struct os *os = mm->os;
  os_lock(os, &mm->map);
  os_commit_give(os, os_vma_count(mm, 0, os->pt->user_end).accounted);
  os_hugetlb_unreserve(os, os_hugetlb_untouched(mm, 0, os->pt->user_end));
  os_vma_clear(mm);
  os_zap(mm, 0, os->pt->user_end);
  os_shmem_reap(os);
  os_lock(os, &mm->table);
  uint32_t root = (uint32_t)(mm->root >> 12);
  mm->root = 0;
  os_inval_asid(mm, true);
  os_pt_free_table(mm, root);
  os->by_asid[mm->asid] = NULL;
  os_unlock(os, &mm->table);
  os_unlock(os, &mm->map);
  os_spend(os, OS_WORK_FREE_FRAME, 1);
}

void os_task_exit(struct os_task *t) {
  struct os *os = t->os;
  if (t->mm->root == 0) return;
  os_work_for(t);
  enum os_account was = os->plat.ops->account(os->plat.self, OS_ACCT_SYSCALL);
  tear_down(t->mm);
  os_oom_exited(t);
  (void)os->plat.ops->account(os->plat.self, was);
}

void os_task_free(struct os_task *t) {
  if (t == NULL) return;
  os_task_unregister(t);
  os_mm_put(t->mm);
  free(t);
}

/* Round a call in: account and entry cost. */
static enum os_account enter(struct os_task *t) {
  struct os *os = t->os;
  os_work_for(t);
  enum os_account was = os->plat.ops->account(os->plat.self, OS_ACCT_SYSCALL);
  os_spend(os, OS_WORK_SYSCALL, 1);
  return was;
}

static int leave(struct os *os, enum os_account was, int result) {
  (void)os->plat.ops->account(os->plat.self, was);
  return result;
}

/* bprm_mm_init, exec_mmap: the new address space first; the old one goes when the hardware has left
 * it. What mlockall asked of later areas is not inherited. */
int os_task_exec(struct os_task *t, const char *name) {
  struct os *os = t->os;
  enum os_account was = enter(t);
  struct os_mm *old = t->mm;
  struct os_mm *mm = os_mm_create(os);
  if (mm == NULL) return leave(os, was, -ENOMEM);
  t->mm = mm;
  os->pt->context(&os->cfg, mm->root, mm->asid, &t->ctx);
  os->plat.ops->load(os->plat.self);
  os_task_describe(t, name, t->oom_score_adj);
  tear_down(old);
  os_mm_put(old);
  os->st.execs++;
  return leave(os, was, 0);
}

static bool range_ok(const struct os *os, uint64_t va, uint64_t bytes) {
  return ((va | bytes) & 0xfff) == 0 && bytes != 0 && va < os->pt->user_end &&
         bytes <= os->pt->user_end - va;
}

static uint8_t readable(uint8_t prot) {
  prot &= OS_PROT_READ | OS_PROT_WRITE | OS_PROT_EXEC;
  return prot != 0 ? prot | OS_PROT_READ : 0;
}

static int unmap_range(struct os_task *t, uint64_t va, uint64_t end) {
  if (!os_vma_any(t->mm, va, end)) return 0;
  uint64_t promised = os_vma_count(t->mm, va, end).accounted;
  if (os_hugetlb_cuts(t->mm, va, end)) return -EINVAL;
  os_hugetlb_unreserve(t->os, os_hugetlb_untouched(t->mm, va, end));
  if (os_vma_remove(t->mm, va, end) != 0) return -ENOMEM;
  os_commit_give(t->os, promised);
  os_zap(t->mm, va, end);
  os_shmem_reap(t->os);
  return 0;
}

/* vm.overcommit_memory lets the task have so many pages more. */
static bool promise(struct os_task *t, uint64_t pages) {
  return os_commit_take(t->os, pages, os_vma_count(t->mm, 0, t->os->pt->user_end).all);
}

static bool mapping_ok(const struct os *os, const struct os_mapping *m) {
  if (!range_ok(os, m->va, m->bytes) || m->file >= os->files || os->file[m->file].shmem)
    return false;
  if (m->huge > OS_VMA_HUGETLB || (m->huge != 0 && (m->file != 0 || m->shared))) return false;
  return m->huge != OS_VMA_HUGETLB || ((m->va | m->bytes) & (OS_HUGE_BYTES - 1)) == 0;
}

/* Map lock held. */
static int map_area(struct os_task *t, const struct os_mapping *m) {
  struct os *os = t->os;
  int r = unmap_range(t, m->va, m->va + m->bytes);
  struct os_vma v = {.start = m->va,
                     .end = m->va + m->bytes,
                     .file = m->file,
                     .file_page = m->file != 0 ? m->file_page : 0,
                     .prot = readable(m->prot),
                     .shared = m->shared,
                     .huge = m->huge,
                     .locked = t->mm->lock_future};
  bool pool = m->huge == OS_VMA_HUGETLB;
  v.shmem = m->shared && m->file == 0;
  v.accounted = !v.shared && !pool && (v.prot & OS_PROT_WRITE) != 0;
  uint64_t promised = v.accounted ? m->bytes >> 12 : 0;
  if (r == 0 && promised != 0 && !promise(t, promised)) return -ENOMEM;
  if (r == 0 && pool && !os_hugetlb_reserve(os, m->bytes / OS_HUGE_BYTES)) return -ENOMEM;
  if (r == 0 && v.shmem) {
    uint64_t total = os_vma_count(t->mm, 0, os->pt->user_end).all;
    v.file = os_shmem_create(os, m->bytes >> 12, total);
    if (v.file == 0) return -ENOMEM;
    os_shmem_hold(os, v.file); /* until an area does */
  }
  if (r == 0 && os_vma_insert(t->mm, &v) != 0) {
    os_commit_give(os, promised);
    if (pool) os_hugetlb_unreserve(os, m->bytes / OS_HUGE_BYTES);
    r = -ENOMEM;
  }
  if (v.shmem && v.file != 0) os_shmem_release(os, v.file);
  os_shmem_reap(os);
  if (r == 0 && v.locked)
    (void)os_mm_populate(t->mm, v.start, v.end); /* mmap does not fail by it */
  return r;
}

int os_mmap(struct os_task *t, const struct os_mapping *m) {
  struct os *os = t->os;
  enum os_account was = enter(t);
  if (!mapping_ok(os, m)) return leave(os, was, -EINVAL);
  os_spend(os, OS_WORK_VMA_LOOKUP, 1);
  os_lock(os, &t->mm->map);
  int r = map_area(t, m);
  os_unlock(os, &t->mm->map);
  return leave(os, was, r);
}

int os_munmap(struct os_task *t, uint64_t va, uint64_t bytes) {
  enum os_account was = enter(t);
  if (!range_ok(t->os, va, bytes)) return leave(t->os, was, -EINVAL);
  os_spend(t->os, OS_WORK_VMA_LOOKUP, 1);
  os_lock(t->os, &t->mm->map);
  int r = unmap_range(t, va, va + bytes);
  os_unlock(t->os, &t->mm->map);
  return leave(t->os, was, r);
}

/* Map lock held. */
static int protect_range(struct os_task *t, uint64_t va, uint64_t end, uint8_t prot) {
  if (!os_vma_covered(t->mm, va, end)) return -ENOMEM;
  if (os_hugetlb_cuts(t->mm, va, end)) return -EINVAL;
  uint64_t more = (prot & OS_PROT_WRITE) != 0 ? os_vma_count(t->mm, va, end).accountable : 0;
  if (more != 0 && !promise(t, more)) return -ENOMEM;
  if (os_vma_protect(t->mm, va, end, readable(prot)) != 0) {
    os_commit_give(t->os, more);
    return -ENOMEM;
  }
  os_reprotect(t->mm, va, end);
  return 0;
}

int os_mprotect(struct os_task *t, uint64_t va, uint64_t bytes, uint8_t prot) {
  enum os_account was = enter(t);
  if (!range_ok(t->os, va, bytes)) return leave(t->os, was, -EINVAL);
  os_spend(t->os, OS_WORK_VMA_LOOKUP, 1);
  os_lock(t->os, &t->mm->map);
  int r = protect_range(t, va, va + bytes, prot);
  os_unlock(t->os, &t->mm->map);
  return leave(t->os, was, r);
}

int os_file_io(struct os_task *t, uint32_t file, uint64_t first_page, uint64_t pages, bool write) {
  struct os *os = t->os;
  enum os_account was = enter(t);
  for (uint64_t page = first_page; page - first_page < pages; page++) {
    uint32_t pfn = OS_NO_FRAME;
    bool major = false;
    enum os_get got = os_file_get(os, file, page, &pfn, &major);
    if (got == OS_GET_OOM) return leave(os, was, -ENOMEM);
    if (got == OS_GET_EOF) return leave(os, was, -EINVAL);
    if (got != OS_GET_OK) return leave(os, was, -EIO);
    os_spend(os, OS_WORK_COPY_FRAME, 1);
    os->plat.ops->frame_file_access(os->plat.self, pfn, file, page, write);
    if (t->io_file != file || t->io_page != page) os_policy_used(os, pfn);
    t->io_file = file;
    t->io_page = page;
    t->reads += major;
    if (write) os_frame_set_dirty(os, pfn);
    os_frame_unlock(os, pfn);
    (void)os_frame_put(os, pfn);
    t->dirtied += write;
    if (write) os_task_dirtied(t);
  }
  return leave(os, was, 0);
}

const struct mmu_context *os_task_context(const struct os_task *t) {
  return &t->ctx;
}
const char *os_task_death(const struct os_task *t) {
  return t->dead ? t->death : NULL;
}
uint64_t os_task_rss(const struct os_task *t) {
  return t->mm->rss;
}
uint64_t os_task_misses(const struct os_task *t) {
  return t->majflt + t->reads;
}

uint64_t os_task_pgtables(const struct os_task *t) {
  return t->mm->tables - (t->mm->root != 0); /* the root is not counted */
}
