/* SPDX-License-Identifier: Apache-2.0
 * The file cache: one array a file, of frames and of the shadows of pages that were evicted
 * (Linux 6.1 mm/filemap.c, mm/workingset.c). A page is read once however many wait for it. No
 * readahead. */
#include <stdlib.h>

#include "os/kernel.h"
#include "os/seen.h"
#include "os/transfer.h"

uint32_t os_file_create(struct os *os, uint64_t pages) {
  uint64_t room = os->cfg.disk_pages != 0 ? os->cfg.disk_pages : UINT64_C(1) << 40;
  if (pages > room - os->disk_used || pages > UINT32_MAX) return 0;
  struct os_file *p = os_host_realloc(os, os->file, (os->files + 1) * sizeof *p);
  if (p == NULL) return 0;
  os->file = p;
  os_entry *page = os_host_alloc(os, (pages != 0 ? (size_t)pages : 1) * sizeof *page);
  uint64_t *dirty = os_host_alloc(os, ((size_t)pages / 64 + 1) * sizeof *dirty);
  if (page == NULL || dirty == NULL) {
    free(page);
    free(dirty);
    return 0;
  }
  p[os->files] =
      (struct os_file){.block = os->disk_used, .pages = pages, .page = page, .dirty = dirty};
  os->disk_used += pages;
  return os->files++;
}

uint64_t os_file_block(const struct os *os, uint32_t file, uint64_t page) {
  return os->file[file].block + page;
}

static os_entry *entry_of(struct os *os, const struct os_frame *f) {
  return &os->file[f->file].page[f->page];
}

bool os_frame_cached(const struct os *os, uint32_t pfn) {
  const struct os_frame *f = &os->frames[pfn];
  if (f->type == OS_FRAME_ANON) return f->slot != OS_NO_SLOT;
  return f->file != 0 && os_entry_pfn(os->file[f->file].page[f->page]) == pfn;
}

void os_file_detach(struct os *os, uint32_t pfn, bool evicted) {
  struct os_frame *f = os_frame(os, pfn);
  os_entry *e = entry_of(os, f);
  *e = evicted ? os_entry_shadow(os_policy_shadow(os, pfn)) : 0;
  if (f->type == OS_FRAME_SHMEM) f->file = 0; /* that may end before the frame does */
  (void)os_frame_put(os, pfn);
}

static bool is_page(const struct os_frame *f, uint32_t file, uint64_t page) {
  return f->type == OS_FRAME_FILE && f->file == file && f->page == page;
}

/* Put a new frame into the cache and start reading it. It is referenced by the caller. */
static enum os_get start_read(struct os *os, uint32_t file, uint64_t page, uint32_t *pfn_out) {
  uint32_t pfn = os_frame_alloc(os, OS_FRAME_FILE);
  if (pfn == OS_NO_FRAME) return OS_GET_OOM;
  os_entry *e = &os->file[file].page[page];
  if (os_entry_pfn(*e) != OS_NO_FRAME) { /* somebody was faster */
    (void)os_frame_put(os, pfn);
    return OS_GET_CHANGED;
  }
  struct os_frame *f = os_frame(os, pfn);
  f->file = file;
  f->page = (uint32_t)page;
  f->flags |= OS_F_LOCKED;
  bool refault = os_entry_is_shadow(*e);
  uint64_t shadow = os_entry_age(*e);
  *e = os_entry_frame(pfn);
  os_frame_get(os, pfn);
  os_policy_enter(os, pfn, refault ? &shadow : NULL);
  os_spend(os, OS_WORK_CACHE_LOOKUP, 1);
  if (refault) os_seen(os, OS_SEEN_RETURNED, pfn);
  if (!os_read_start(os, pfn, os_file_block(os, file, page))) os_frame_unlock(os, pfn);
  *pfn_out = pfn;
  return OS_GET_OK;
}

enum os_get os_file_get(struct os *os, uint32_t file, uint64_t page, uint32_t *pfn_out,
                        bool *major) {
  if (file == 0 || file >= os->files || os->file[file].shmem || page >= os->file[file].pages)
    return OS_GET_EOF;
  for (;;) {
    os_spend(os, OS_WORK_CACHE_LOOKUP, 1);
    uint32_t pfn = os_entry_pfn(os->file[file].page[page]);
    if (pfn == OS_NO_FRAME) {
      enum os_get r = start_read(os, file, page, &pfn);
      if (r == OS_GET_CHANGED) continue;
      if (r != OS_GET_OK) return r;
      *major = true;
    } else {
      os_frame_get(os, pfn);
    }
    os_frame_lock(os, pfn);
    if (*major) os_spend(os, OS_WORK_IO_COMPLETE, 1);
    struct os_frame *f = os_frame(os, pfn);
    bool cached = is_page(f, file, page) && os_entry_pfn(os->file[file].page[page]) == pfn;
    if (cached && (f->flags & OS_F_UPTODATE) != 0) {
      *pfn_out = pfn;
      return OS_GET_OK;
    }
    if (cached) os_file_detach(os, pfn, false);
    os_frame_unlock(os, pfn);
    (void)os_frame_put(os, pfn);
    if (cached) return OS_GET_IO_ERROR;
  }
}
