/* SPDX-License-Identifier: Apache-2.0
 * The page-fault handler: registers to decoded fault, area, then the entry in the table decides
 * (Linux 6.1 mm/memory.c, handle_pte_fault). Entries are installed young; dirty for a write. No
 * fault-around. A fault whose cause is gone when we look just retries. */
#include <errno.h>

#include "os/kernel.h"
#include "os/task.h"

struct request {
  struct os_mm *mm;
  const struct os_vma *vma;
  uint64_t va; /* of the page */
  uint64_t pte_pa;
  bool write;
  bool dirtied; /* it made a clean page of a file dirty */
};

/* ---- installing ---- */

/* Map frame if the entry is still `expected`. The caller keeps its reference. */
static bool install(const struct request *r, uint64_t expected, uint32_t pfn) {
  struct os_mm *mm = r->mm;
  struct os *os = mm->os;
  bool anon = os_frame(os, pfn)->type == OS_FRAME_ANON;
  os_lock(os, &mm->table);
  bool ok = !mm->unstable && os_rd(os, r->pte_pa) == expected && os_rmap_add(os, pfn, mm, r->va);
  if (ok) {
    if (anon) os_vma_has_anon(mm, r->va);
    uint8_t prot = os_leaf_prot(r->vma, os_anon_exclusive(os, pfn, expected != 0), r->write);
    bool dirty = r->write && (prot & OS_PROT_WRITE) != 0; /* else it faults again, to copy */
    os_wr(os, r->pte_pa, os->pt->leaf((uint64_t)pfn << 12, prot, dirty));
    if (expected != 0) mm->swapped--;
    if (r->vma->locked) os_mlock_frame(os, pfn);
  }
  os_unlock(os, &mm->table);
  return ok;
}

static void drop(struct os *os, uint32_t pfn) {
  if (os_frame_put(os, pfn)) os_spend(os, OS_WORK_FREE_FRAME, 1);
}

/* The page of zeroes, which belongs to nobody and counts for nobody. */
static enum os_get zero_fault(const struct request *r) {
  struct os_mm *mm = r->mm;
  struct os *os = mm->os;
  os_lock(os, &mm->table);
  if (!mm->unstable && os_rd(os, r->pte_pa) == 0)
    os_wr(os, r->pte_pa,
          os->pt->leaf((uint64_t)os->zero << 12, os_leaf_prot(r->vma, false, false), false));
  os_unlock(os, &mm->table);
  return OS_GET_OK;
}

static enum os_get anon_fault(const struct request *r) {
  struct os *os = r->mm->os;
  if (!r->write && os->zero != OS_NO_FRAME) return zero_fault(r);
  uint32_t pfn = os_frame_alloc(os, OS_FRAME_ANON);
  if (pfn == OS_NO_FRAME) return OS_GET_OOM;
  os_frame(os, pfn)->flags |= OS_F_UPTODATE;
  os->plat.ops->frame_zero(os->plat.self, pfn);
  os_spend(os, OS_WORK_ZERO_FRAME, 1);
  if (install(r, 0, pfn)) os_policy_add(os, pfn, false);
  drop(os, pfn);
  return OS_GET_OK;
}

/* A private copy of `from` in place of the entry `expected`, which may map `from`. */
static enum os_get copy_fault(const struct request *r, uint64_t expected, uint32_t from) {
  struct os_mm *mm = r->mm;
  struct os *os = mm->os;
  uint32_t pfn = os_frame_alloc(os, OS_FRAME_ANON);
  if (pfn == OS_NO_FRAME) return OS_GET_OOM;
  os_frame(os, pfn)->flags |= OS_F_UPTODATE;
  bool zero = from == os->zero;
  if (zero)
    os->plat.ops->frame_zero(os->plat.self, pfn);
  else
    os->plat.ops->frame_copy(os->plat.self, pfn, from);
  os_spend(os, zero ? OS_WORK_ZERO_FRAME : OS_WORK_COPY_FRAME, 1);
  os->st.cow += !zero;
  if (expected == 0) {
    if (install(r, 0, pfn)) os_policy_add(os, pfn, false);
    drop(os, pfn);
    return OS_GET_OK;
  }
  os_lock(os, &mm->table);
  uint64_t e = os_rd(os, r->pte_pa);
  bool same = !mm->unstable && os->pt->present(e) && os->pt->address(e) == (uint64_t)from << 12;
  if (same && os_rmap_add(os, pfn, mm, r->va)) {
    os_vma_has_anon(mm, r->va);
    e = os_pt_exchange(os, r->pte_pa, 0);
    if (os->pt->dirty(e) && !zero) os_frame_set_dirty(os, from); /* it was, before a fork */
    if (!zero) os_rmap_remove(os, from, mm, r->va);
    os_inval_page(mm, r->va);
    os_wr(os, r->pte_pa, os->pt->leaf((uint64_t)pfn << 12, os_leaf_prot(r->vma, true, true), true));
    if (!zero) os_munlock_frame(os, from);
    if (!zero) drop(os, from);
    if (r->vma->locked) os_mlock_frame(os, pfn);
    os_policy_add(os, pfn, false);
  }
  os_unlock(os, &mm->table);
  drop(os, pfn);
  return OS_GET_OK;
}

/* fault_dirty_shared_page: a store to a shared page of a file is about to happen, under the frame
 * lock. The flusher takes that right away again before it writes. */
static void note_store(struct request *r, uint32_t pfn) {
  const struct os_frame *f = os_frame(r->mm->os, pfn);
  if (f->type != OS_FRAME_FILE) return;
  r->dirtied = r->dirtied || (f->flags & OS_F_DIRTY) == 0;
  os_frame_set_dirty(r->mm->os, pfn);
}

static enum os_get file_fault(struct request *r, bool *major) {
  struct os *os = r->mm->os;
  uint64_t page = r->vma->file_page + ((r->va - r->vma->start) >> 12);
  uint32_t pfn = OS_NO_FRAME;
  enum os_get got = r->vma->shmem ? os_shmem_get(os, r->vma->file, page, &pfn, major)
                                  : os_file_get(os, r->vma->file, page, &pfn, major);
  if (got != OS_GET_OK) return got;
  if (r->write && !r->vma->shared) {
    os_frame_unlock(os, pfn); /* never allocate under a lock; the reference keeps it */
    got = copy_fault(r, 0, pfn);
  } else {
    if (r->write) note_store(r, pfn);
    (void)install(r, 0, pfn);
    os_frame_unlock(os, pfn);
  }
  drop(os, pfn);
  return got;
}

static enum os_get swap_fault(const struct request *r, uint64_t entry, bool *major) {
  struct os *os = r->mm->os;
  uint32_t slot = os->pt->slot(entry);
  uint32_t pfn = OS_NO_FRAME;
  enum os_get got = os_swap_get(os, slot, &pfn, major);
  if (got == OS_GET_CHANGED) return OS_GET_OK;
  if (got != OS_GET_OK) return got;
  struct os_frame *f = os_frame(os, pfn);
  if (install(r, entry, pfn)) {
    os_spend(os, OS_WORK_SWAP_SLOT, 1);
    os_swap_unmap(os, slot);
    /* The copy in swap is of no use to a page about to change, and slots may be scarce. */
    bool scarce = (uint64_t)2 * os->swap.used > os->swap.slots;
    bool wanted = os->swap.maps[slot] != 0; /* by an entry of another address space */
    if ((r->write || scarce) && !wanted && (f->flags & OS_F_WRITEBACK) == 0)
      os_swap_detach(os, pfn, false);
  }
  os_frame_unlock(os, pfn);
  drop(os, pfn);
  return OS_GET_OK;
}

/* wp_page_shared: the first store to a page of a shared file since it was last clean. */
static enum os_get store_fault(struct request *r, uint32_t pfn) {
  struct os_mm *mm = r->mm;
  struct os *os = mm->os;
  const struct os_pt_ops *pt = os->pt;
  os_frame_lock(os, pfn);
  os_lock(os, &mm->table);
  uint64_t e = os_rd(os, r->pte_pa);
  while (pt->present(e) && pt->address(e) == (uint64_t)pfn << 12) {
    uint64_t old = e;
    uint64_t want = pt->set_dirty(pt->set_young(pt->set_prot(e, r->vma->prot), true));
    note_store(r, pfn);
    if (os_cas(os, r->pte_pa, e, want, &old)) {
      os->st.mkwrite++;
      break;
    }
    e = old;
  }
  os_unlock(os, &mm->table);
  os_frame_unlock(os, pfn);
  return OS_GET_OK;
}

/* The entry is present: the fault was about rights, A or D; or about nothing any more. */
static enum os_get present_fault(struct request *r) {
  struct os_mm *mm = r->mm;
  struct os *os = mm->os;
  const struct os_pt_ops *pt = os->pt;
  os_lock(os, &mm->table);
  uint64_t e = os_rd(os, r->pte_pa);
  while (pt->present(e)) {
    uint32_t pfn = (uint32_t)(pt->address(e) >> 12);
    uint8_t prot = os_leaf_prot(r->vma, os_anon_exclusive(os, pfn, 0), pt->dirty(e));
    if (r->write && (prot & OS_PROT_WRITE) == 0) {
      os_frame_get(os, pfn);
      os_unlock(os, &mm->table);
      enum os_get got = r->vma->shared ? store_fault(r, pfn) : copy_fault(r, e, pfn);
      drop(os, pfn);
      return got;
    }
    uint64_t want = pt->set_young(pt->set_prot(e, prot), true);
    if (r->write) want = pt->set_dirty(want);
    if (want == e) {
      os_inval_page(mm, r->va); /* a stale translation, if anything */
      break;
    }
    uint64_t old = e;
    if (os_cas(os, r->pte_pa, e, want, &old)) {
      os->st.a_faults += !pt->young(e);
      os->st.d_faults += r->write && !pt->dirty(e);
      os->st.cow_reused += r->write && !pt->writable(e) && (prot & OS_PROT_WRITE) != 0;
      break;
    }
    e = old;
  }
  os_unlock(os, &mm->table);
  return OS_GET_OK;
}

static enum os_get page_fault(struct request *r, bool *major) {
  struct os *os = r->mm->os;
  if (os_huge_on(os) && r->vma->file == 0) {
    bool handled = false;
    enum os_get got = os_huge_fault(r->mm, r->vma, r->va, r->write, &handled);
    if (handled) return got;
  }
  r->pte_pa = os_pt_ensure(r->mm, r->va);
  if (r->pte_pa == 0) return OS_GET_OOM;
  uint64_t e = os_rd(os, r->pte_pa);
  if (os->pt->present(e)) return present_fault(r);
  if (e == os->pt->swap(OS_NO_SLOT)) { /* on the move: whoever does it holds the lock */
    os_lock(os, &r->mm->table);
    os_unlock(os, &r->mm->table);
    return OS_GET_OK;
  }
  if (e != 0) return swap_fault(r, e, major);
  return r->vma->file != 0 ? file_fault(r, major) : anon_fault(r);
}

/* ---- mlock ---- */

/* Nothing is left to do for this entry. */
static bool populated(const struct request *r) {
  struct os *os = r->mm->os;
  uint64_t at = os_pt_lookup(r->mm, r->va);
  uint64_t e = at != 0 ? os_rd(os, at) : 0;
  return os->pt->present(e) && (!r->write || os->pt->writable(e));
}

int os_mm_populate(struct os_mm *mm, uint64_t start, uint64_t end) {
  for (uint64_t va = start; va < end; va += 4096) {
    struct request r = {.mm = mm, .vma = os_vma_find(mm, va), .va = va};
    if (r.vma == NULL || r.vma->prot == 0) continue;
    r.write = (r.vma->prot & OS_PROT_WRITE) != 0 && !r.vma->shared;
    while (!populated(&r)) {
      bool major = false;
      enum os_get got = page_fault(&r, &major);
      mm->os->st.pgfault++;
      mm->os->st.pgmajfault += major;
      if (mm->unstable || got == OS_GET_OOM) return -ENOMEM;
      if (got == OS_GET_EOF) break; /* beyond the end of the file there is nothing to lock */
      if (got == OS_GET_IO_ERROR) return -EIO;
    }
  }
  return 0;
}

/* ---- from the registers ---- */

static const char *fatal_kind(enum fw_fault_kind k) {
  switch (k) {
    case FW_FAULT_NOT_PAGE:
      return "exception that is no memory fault";
    case FW_FAULT_RESERVED:
      return "reserved bits in a page table";
    case FW_FAULT_ADDRESS_SIZE:
      return "address in a page table beyond the physical space";
    case FW_FAULT_PROTECTION:
      return "general protection fault";
    case FW_FAULT_BUS:
      return "bus error";
    case FW_FAULT_NO_ATOMIC:
      return "memory without atomic updates under a page table";
    case FW_FAULT_ALIGNMENT:
      return "alignment fault";
    default:
      return NULL;
  }
}

static enum os_outcome memory_fault(struct os_task *t, const struct fw_fault *f) {
  struct os *os = t->os;
  unsigned long long va = f->va;
  const char *access = f->write ? "write" : f->fetch ? "fetch" : "read";
  const char *fatal = fatal_kind(f->kind);
  if (fatal != NULL) return os_task_kill(t, "pid %u: %s, %s of %#llx", t->pid, fatal, access, va);

  os_spend(os, OS_WORK_VMA_LOOKUP, 1);
  const struct os_vma *v = os_vma_find(t->mm, f->va);
  uint8_t need = f->write ? OS_PROT_WRITE : f->fetch ? OS_PROT_EXEC : OS_PROT_READ;
  if (v == NULL || (v->prot & need) == 0) {
    os->st.segv++;
    return os_task_kill(t, "pid %u: segmentation fault, %s of %#llx, %s", t->pid, access, va,
                        v == NULL ? "nothing mapped" : "not allowed there");
  }
  struct request r = {.mm = t->mm, .vma = v, .va = f->va & ~UINT64_C(0xfff), .write = f->write};
  bool major = false;
  enum os_get got = page_fault(&r, &major);
  os->st.pgfault++;
  os->st.pgmajfault += major;
  t->majflt += major;
  t->dirtied += r.dirtied;
  switch (got) {
    case OS_GET_OOM:
      if (t->dead) return OS_KILL; /* by the OOM killer */
      os->st.oom_kill++;           /* nobody is there to choose a victim */
      return os_task_kill(t, "pid %u: out of memory, %s of %#llx", t->pid, access, va);
    case OS_GET_EOF:
      return os_task_kill(t, "pid %u: bus error, %s of %#llx beyond the end of file %u", t->pid,
                          access, va, v->file);
    case OS_GET_IO_ERROR:
      return os_task_kill(t, "pid %u: bus error, disk error for %s of %#llx", t->pid, access, va);
    default:
      return t->dead ? OS_KILL : OS_RESUME;
  }
}

enum os_outcome os_fault(struct os_task *t, const struct mmu_syndrome *syn) {
  struct os *os = t->os;
  os_work_for(t);
  enum os_account was = os->plat.ops->account(os->plat.self, OS_ACCT_FAULT);
  os_spend(os, OS_WORK_FAULT_ENTRY, 1);
  struct fw_fault f;
  os->pt->decode(syn->reg, &f);
  os_lock(os, &t->mm->map);
  uint64_t dirtied = t->dirtied;
  enum os_outcome out = t->dead ? OS_KILL : memory_fault(t, &f);
  os_unlock(os, &t->mm->map);
  if (t->dirtied != dirtied && out == OS_RESUME) os_task_dirtied(t);
  os_spend(os, OS_WORK_FAULT_EXIT, 1);
  (void)os->plat.ops->account(os->plat.self, was);
  return out;
}
