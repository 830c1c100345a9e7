/* SPDX-License-Identifier: Apache-2.0
 * The flusher thread after Linux 6.1 fs/fs-writeback.c (wb_do_writeback, wb_check_background_flush,
 * wb_check_old_data_flush): it writes while more is dirty than the background limit, all of it
 * when reclaim asks, and every 5 s what has been dirty for 30 s. Pages of a file go in the order of
 * their addresses, up to 1024 before the next file. */
#include "os/kernel.h"

enum {
  CHUNK = 1024,   /* MAX_WRITEBACK_PAGES */
  IN_FLIGHT = 128 /* requests that the block layer queues (nr_requests) */
};

static uint64_t now_us(struct os *os) {
  return os_now(os) / (os->cfg.cpu_hz / 1000000);
}

/* The next dirty page of a file at or after `from`; its size if there is none. */
static uint64_t next_dirty(const struct os_file *f, uint64_t from) {
  while (from < f->pages) {
    uint64_t word = f->dirty[from / 64] >> from % 64;
    if (word != 0) return from + (unsigned)__builtin_ctzll(word);
    from = (from / 64 + 1) * 64;
  }
  return f->pages;
}

bool os_writeback_page(struct os *os, uint32_t file, uint64_t page) {
  while (os->rec.flushing >= IN_FLIGHT)
    (void)os_wait_us(os, &os->rec.io, 100000);
  uint32_t pfn = os_entry_pfn(os->file[file].page[page]);
  if (pfn == OS_NO_FRAME) return false;
  os_frame_get(os, pfn);
  os_frame_lock(os, pfn);
  const struct os_frame *f = os_frame(os, pfn);
  bool ours = f->type == OS_FRAME_FILE && f->file == file && f->page == page &&
              (f->flags & (OS_F_DIRTY | OS_F_WRITEBACK)) == OS_F_DIRTY;
  if (ours) os_rmap_clean(os, pfn); /* clear_page_dirty_for_io: the next store tells */
  if (ours) os_page_write(os, pfn);
  os_frame_unlock(os, pfn);
  if (os_frame_put(os, pfn)) os_spend(os, OS_WORK_FREE_FRAME, 1);
  return ours;
}

/* Up to CHUNK pages of one file; how many. */
static uint64_t write_file(struct os *os, uint32_t file) {
  uint64_t written = 0;
  uint64_t looked = 0;
  uint64_t from = os->file[file].write_from;
  for (bool wrapped = false; written < CHUNK && looked < os->file[file].pages; looked++) {
    uint64_t page = next_dirty(&os->file[file], from);
    if (page == os->file[file].pages) {
      if (wrapped) break;
      wrapped = true;
      from = 0;
      continue;
    }
    written += os_writeback_page(os, file, page);
    from = page + 1;
    os->plat.ops->resched(os->plat.self);
  }
  os->file[file].write_from = from;
  return written;
}

/* Pages of one file that is dirty, and has been since `before`; 0: there is none, or they are busy.
 */
static uint64_t write_some(struct os *os, uint64_t before) {
  for (uint32_t n = 1; n < os->files; n++) {
    uint32_t file = os->wb.hand = os->wb.hand + 1 < os->files ? os->wb.hand + 1 : 1;
    if (os->file[file].dirty_pages == 0 || os->file[file].dirtied_us > before) continue;
    uint64_t wrote = write_file(os, file);
    if (wrote != 0) return wrote;
  }
  return 0;
}

static void write_all(struct os *os) {
  uint64_t left = os->wb.dirty;
  os->wb.kicked = false;
  while (left != 0) {
    uint64_t wrote = write_some(os, UINT64_MAX);
    if (wrote == 0) break;
    left -= wrote < left ? wrote : left;
  }
}

void os_flusher(void *arg) {
  struct os *os = arg;
  const struct os_sysctl *s = &os->sysctl;
  uint64_t looked_us = now_us(os);
  for (;;) {
    if (os->wb.kicked) write_all(os);
    while (os->wb.dirty > os_dirty_limits_now(os).background && write_some(os, UINT64_MAX) != 0) {
    }
    uint64_t interval = s->dirty_writeback_centisecs * UINT64_C(10000);
    uint64_t old = s->dirty_expire_centisecs * UINT64_C(10000);
    uint64_t now = now_us(os);
    if (interval != 0 && now - looked_us >= interval) {
      looked_us = now;
      while (now >= old && write_some(os, now - old) != 0) {
      }
    }
    if (os->wb.kicked) continue;
    os->wb.timed = interval != 0 && os->wb.dirty != 0;
    if (os->wb.timed)
      (void)os_wait_us(os, &os->wb.flusher, interval);
    else
      os_wait(os, &os->wb.flusher);
    os->wb.timed = false;
  }
}
