/* SPDX-License-Identifier: Apache-2.0
 * Shared anonymous memory after Linux 6.1 mm/shmem.c (shmem_get_folio_gfp, shmem_writepage,
 * shmem_swapin_folio, shmem_evict_inode). A page is in the file or in the swap cache, never in
 * both: it loses its slot when it comes back, and is dirty from then on. */
#include "os/shmem.h"

#include <stdlib.h>

#include "os/kernel.h"

/* ---- files ---- */

/* A number that no file has; 0: out of host memory. */
static uint32_t take_number(struct os *os) {
  uint32_t n = os->shmem.unused;
  if (n != 0) {
    os->shmem.unused = os->file[n].next;
    return n;
  }
  struct os_file *p = os_host_realloc(os, os->file, (os->files + 1) * sizeof *p);
  if (p == NULL) return 0;
  os->file = p;
  p[os->files] = (struct os_file){.shmem = true};
  return os->files++;
}

static void give_number(struct os *os, uint32_t n) {
  os->file[n] = (struct os_file){.shmem = true, .next = os->shmem.unused};
  os->shmem.unused = n;
}

uint32_t os_shmem_create(struct os *os, uint64_t pages, uint64_t total_vm) {
  if (pages > UINT32_MAX || !os_commit_take(os, pages, total_vm)) return 0;
  os_entry *page = os_host_alloc(os, (size_t)pages * sizeof *page);
  uint32_t n = page != NULL ? take_number(os) : 0;
  if (n == 0) {
    free(page);
    os_commit_give(os, pages);
    return 0;
  }
  os->file[n] = (struct os_file){.pages = pages, .page = page, .shmem = true};
  return n;
}

void os_shmem_hold(struct os *os, uint32_t file) {
  os->file[file].areas++;
}

void os_shmem_release(struct os *os, uint32_t file) {
  struct os_file *f = &os->file[file];
  if (--f->areas != 0) return;
  f->next = os->shmem.orphans;
  os->shmem.orphans = file;
}

/* ---- pages ---- */

static void retype(struct os *os, uint32_t pfn, enum os_frame_type type) {
  os_frame_count(os, pfn, -1);
  os_frame(os, pfn)->type = (uint8_t)type;
  os_frame_count(os, pfn, 1);
}

static void enter(struct os *os, uint32_t file, uint64_t page, uint32_t pfn) {
  struct os_frame *f = os_frame(os, pfn);
  f->file = file;
  f->page = (uint32_t)page;
  os->file[file].page[page] = os_entry_frame(pfn);
  os_frame_get(os, pfn);
}

/* shmem_alloc_and_acct_folio: a page of zeroes, locked. CHANGED: somebody was faster. */
static enum os_get create_page(struct os *os, uint32_t file, uint64_t page, uint32_t *pfn_out) {
  uint32_t pfn = os_frame_alloc(os, OS_FRAME_SHMEM);
  if (pfn == OS_NO_FRAME) return OS_GET_OOM;
  if (os->file[file].page[page] != 0) {
    (void)os_frame_put(os, pfn);
    return OS_GET_CHANGED;
  }
  os_frame(os, pfn)->flags |= OS_F_LOCKED | OS_F_UPTODATE;
  enter(os, file, page, pfn);
  os->plat.ops->frame_zero(os->plat.self, pfn);
  os_policy_add(os, pfn, false);
  os_spend(os, OS_WORK_ZERO_FRAME, 1);
  *pfn_out = pfn;
  return OS_GET_OK;
}

/* shmem_swapin_folio: from the swap cache, or the disk, back into the file. */
static enum os_get bring_back(struct os *os, uint32_t file, uint64_t page, uint32_t slot,
                              uint32_t *pfn_out, bool *major) {
  uint32_t pfn = OS_NO_FRAME;
  enum os_get got = os_swap_get(os, slot, &pfn, major);
  if (got != OS_GET_OK) return got;
  struct os_frame *f = os_frame(os, pfn);
  while ((f->flags & OS_F_WRITEBACK) != 0)
    os_wait(os, &os->rec.io);
  if (os->file[file].page[page] != os_entry_swap(slot)) { /* the slot is another page's by now */
    os_frame_unlock(os, pfn);
    os_swap_forget(os, pfn);
    if (os_frame_put(os, pfn)) os_spend(os, OS_WORK_FREE_FRAME, 1);
    return OS_GET_CHANGED;
  }
  os_swap_detach(os, pfn, false);
  os_swap_unmap(os, slot);
  os->file[file].swapped--;
  retype(os, pfn, OS_FRAME_SHMEM);
  enter(os, file, page, pfn);
  os_frame_set_dirty(os, pfn); /* no copy is left anywhere */
  os_spend(os, OS_WORK_SWAP_SLOT, 1);
  *pfn_out = pfn;
  return OS_GET_OK;
}

/* A frame that the file had: locked and referenced, if it is still there. */
static bool lock_page(struct os *os, uint32_t file, uint64_t page, uint32_t pfn) {
  os_frame_get(os, pfn);
  os_frame_lock(os, pfn);
  if (os->file[file].page[page] == os_entry_frame(pfn)) return true;
  os_frame_unlock(os, pfn);
  if (os_frame_put(os, pfn)) os_spend(os, OS_WORK_FREE_FRAME, 1);
  return false;
}

enum os_get os_shmem_get(struct os *os, uint32_t file, uint64_t page, uint32_t *pfn, bool *major) {
  if (page >= os->file[file].pages) return OS_GET_EOF;
  for (;;) {
    os_spend(os, OS_WORK_CACHE_LOOKUP, 1);
    os_entry e = os->file[file].page[page];
    enum os_get got = OS_GET_CHANGED;
    if (e == 0)
      got = create_page(os, file, page, pfn);
    else if (os_entry_is_swap(e))
      got = bring_back(os, file, page, os_entry_slot(e), pfn, major);
    else if (lock_page(os, file, page, *pfn = os_entry_pfn(e)))
      got = OS_GET_OK;
    if (got != OS_GET_CHANGED) return got;
  }
}

bool os_shmem_to_swap(struct os *os, uint32_t pfn) {
  struct os_frame *f = os_frame(os, pfn);
  uint32_t file = f->file;
  uint32_t page = f->page;
  if (!os_swap_attach(os, pfn)) return false;
  retype(os, pfn, OS_FRAME_ANON);
  f->file = 0;
  os_swap_map(os, f->slot);
  os->file[file].page[page] = os_entry_swap(f->slot);
  os->file[file].swapped++;
  (void)os_frame_put(os, pfn); /* the file's; the caller has one */
  return true;
}

/* ---- the end ---- */

/* truncate_inode_pages: whoever still maps the page is about to unmap it. */
static void drop_frame(struct os *os, uint32_t file, uint64_t page, uint32_t pfn) {
  if (!lock_page(os, file, page, pfn)) return;
  struct os_inval_batch b = {0};
  os_rmap_unmap(os, pfn, &b);
  os_inval_flush(os, &b);
  os_file_detach(os, pfn, false);
  os_frame_unlock(os, pfn);
  if (os_frame_put(os, pfn)) os_spend(os, OS_WORK_FREE_FRAME, 1);
}

static void drop_page(struct os *os, uint32_t file, uint64_t page) {
  os_entry e = 0;
  while ((e = os->file[file].page[page]) != 0) {
    if (!os_entry_is_swap(e)) {
      drop_frame(os, file, page, os_entry_pfn(e));
      continue;
    }
    os->file[file].page[page] = 0;
    os->file[file].swapped--;
    os_swap_unmap(os, os_entry_slot(e));
  }
}

void os_shmem_reap(struct os *os) {
  while (os->shmem.orphans != 0) {
    uint32_t file = os->shmem.orphans;
    uint64_t pages = os->file[file].pages;
    os->shmem.orphans = os->file[file].next;
    for (uint64_t p = 0; p < pages; p++)
      drop_page(os, file, p);
    os_commit_give(os, pages);
    free(os->file[file].page);
    give_number(os, file);
  }
}

uint64_t os_shmem_swapped(const struct os *os, const struct os_vma *v) {
  const struct os_file *f = &os->file[v->file];
  uint64_t pages = (v->end - v->start) >> 12;
  uint64_t n = 0;
  if (f->swapped == 0 || (v->file_page == 0 && pages >= f->pages)) return f->swapped;
  for (uint64_t p = v->file_page; p < v->file_page + pages && p < f->pages; p++)
    n += os_entry_is_swap(f->page[p]);
  return n;
}
