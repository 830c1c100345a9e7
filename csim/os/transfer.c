/* SPDX-License-Identifier: Apache-2.0
 * One struct a transfer in flight. Completion runs in the machine's event loop and never yields: it
 * unlocks what was read, and hands what was written back to the policy as ready to be freed
 * (Linux: folio_end_writeback with PG_reclaim). */
#include "os/transfer.h"

#include <stdlib.h>

#include "os/kernel.h"

struct os_transfer {
  struct os_io io;
  struct os *os;
  struct os_transfer *next_idle, *next_all;
};

static struct os_transfer *transfer_get(struct os *os) {
  struct os_transfer *t = os->idle;
  if (t != NULL) {
    os->idle = t->next_idle;
    return t;
  }
  t = os_host_alloc(os, sizeof *t);
  if (t == NULL) return NULL;
  t->os = os;
  t->next_all = os->transfers;
  os->transfers = t;
  return t;
}

static struct os *finish(struct os_io *io) {
  struct os_transfer *t = io->owner;
  t->next_idle = t->os->idle;
  t->os->idle = t;
  return t->os;
}

static void read_done(struct os_io *io) {
  uint32_t pfn = (uint32_t)io->pfn;
  bool error = io->error;
  struct os *os = finish(io);
  if (!error) os_frame(os, pfn)->flags |= OS_F_UPTODATE;
  os_frame_unlock(os, pfn);
  (void)os_frame_put(os, pfn);
}

static void write_done(struct os_io *io) {
  uint32_t pfn = (uint32_t)io->pfn;
  bool error = io->error;
  struct os *os = finish(io);
  struct os_frame *f = os_frame(os, pfn);
  bool at_once = (f->flags & OS_F_RECLAIM) != 0;
  f->flags &= (uint16_t) ~(OS_F_WRITEBACK | OS_F_RECLAIM);
  if (f->type == OS_FRAME_FILE) os_writeback_ended(os);
  if (error) os_frame_set_dirty(os, pfn); /* try again another time */
  os->rec.writeback--;
  os_use_of(os, pfn)->writeback--;
  os->rec.ended++;
  os_wake(os, &os->rec.io);
  os_reclaim_written(os_node_of(os, pfn));
  os_policy_written(os, pfn, at_once);
  os_swap_forget(os, pfn); /* its process may have gone meanwhile */
  (void)os_frame_put(os, pfn);
}

static bool start(struct os *os, uint32_t pfn, uint64_t block, bool write) {
  struct os_transfer *t = transfer_get(os);
  if (t == NULL) return false;
  t->io = (struct os_io){.block = block,
                         .pfn = pfn,
                         .write = write,
                         .done = write ? write_done : read_done,
                         .owner = t};
  os_frame_get(os, pfn);
  if (write) {
    os_frame(os, pfn)->flags |= OS_F_WRITEBACK;
    os->rec.writeback++;
    os_use_of(os, pfn)->writeback++;
    if (os_frame(os, pfn)->type == OS_FRAME_FILE) os_writeback_started(os);
  }
  *(write ? &os->st.pgpgout : &os->st.pgpgin) += 4;
  os_spend(os, OS_WORK_IO_SUBMIT, 1);
  os->plat.ops->disk_submit(os->plat.self, &t->io);
  return true;
}

bool os_read_start(struct os *os, uint32_t pfn, uint64_t block) {
  return start(os, pfn, block, false);
}

bool os_write_start(struct os *os, uint32_t pfn, uint64_t block) {
  return start(os, pfn, block, true);
}

void os_transfers_free(struct os *os) {
  while (os->transfers != NULL) {
    struct os_transfer *t = os->transfers;
    os->transfers = t->next_all;
    free(t);
  }
}
