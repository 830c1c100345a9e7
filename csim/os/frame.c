/* SPDX-License-Identifier: Apache-2.0
 * References to frames, the frame lock, dirty state. As in Linux 6.1 mm/filemap.c those who wait
 * for a frame's lock sleep in one of 256 queues, found by a hash, and look again when woken. */
#include "os/frame.h"

#include "os/kernel.h"

struct os_frame *os_frame(struct os *os, uint32_t pfn) {
  return &os->frames[pfn];
}

void os_frame_get(struct os *os, uint32_t pfn) {
  struct os_frame *f = &os->frames[pfn];
  if ((f->flags & OS_F_TAIL) != 0) f = &os->frames[os_huge_head(os, pfn)];
  f->refs++;
}

void os_frame_count(struct os *os, uint32_t pfn, int delta) {
  struct os_use *u = os_use_of(os, pfn);
  uint64_t by = (uint64_t)(int64_t)delta;
  switch ((enum os_frame_type)os->frames[pfn].type) {
    case OS_FRAME_ANON:
      u->anon += by;
      os->st.nr_anon += by;
      break;
    case OS_FRAME_FILE:
      u->file += by;
      os->st.nr_file += by;
      break;
    case OS_FRAME_SHMEM:
      u->shmem += by;
      os->st.nr_shmem += by;
      if (os->st.nr_shmem > os->st.shmem_max) os->st.shmem_max = os->st.nr_shmem;
      break;
    case OS_FRAME_TABLE:
      u->table += by;
      break;
    default:
      break;
  }
}

bool os_frame_put(struct os *os, uint32_t pfn) {
  if ((os->frames[pfn].flags & OS_F_TAIL) != 0) pfn = os_huge_head(os, pfn);
  struct os_frame *f = &os->frames[pfn];
  if (--f->refs != 0) return false;
  if ((f->flags & OS_F_HUGE) != 0) {
    os_huge_free(os, pfn);
    return true;
  }
  if ((f->flags & OS_F_LISTED) != 0) os_policy_remove(os, pfn);
  os_frame_clear_dirty(os, pfn);
  os_use_of(os, pfn)->mlocked -= (f->flags & OS_F_MLOCKED) != 0;
  os_frame_count(os, pfn, -1);
  f->type = OS_FRAME_NONE;
  f->flags = 0;
  os->st.pgfree++;
  os->plat.ops->frame_free(os->plat.self, pfn);
  struct os_zone *z = os_zone_of(os, pfn);
  bool reclaiming = (os->node[z->node].active >> z->index & 1) != 0;
  os_pcp_give(os->pcps, z, os_cpu(os), pfn, reclaiming);
  return true;
}

/* ---- dirty state ---- */

void os_frame_set_dirty(struct os *os, uint32_t pfn) {
  struct os_frame *f = &os->frames[pfn];
  if ((f->flags & OS_F_DIRTY) != 0) return;
  f->flags |= OS_F_DIRTY;
  if (f->type == OS_FRAME_FILE && f->file != 0) os_writeback_dirtied(os, pfn);
}

void os_frame_clear_dirty(struct os *os, uint32_t pfn) {
  struct os_frame *f = &os->frames[pfn];
  if ((f->flags & OS_F_DIRTY) == 0) return;
  f->flags &= (uint16_t)~OS_F_DIRTY;
  if (f->type == OS_FRAME_FILE && f->file != 0) os_writeback_cleaned(os, pfn);
}

/* ---- the lock ---- */

static struct os_waitq *queue_of(struct os *os, uint32_t pfn) {
  return &os->frame_wait[pfn * UINT32_C(0x9e3779b1) >> 24];
}

bool os_frame_trylock(struct os *os, uint32_t pfn) {
  struct os_frame *f = &os->frames[pfn];
  if ((f->flags & OS_F_LOCKED) != 0) return false;
  f->flags |= OS_F_LOCKED;
  return true;
}

void os_frame_lock(struct os *os, uint32_t pfn) {
  while (!os_frame_trylock(os, pfn))
    os_wait(os, queue_of(os, pfn));
}

void os_frame_unlock(struct os *os, uint32_t pfn) {
  os->frames[pfn].flags &= (uint16_t)~OS_F_LOCKED;
  os_wake(os, queue_of(os, pfn));
}
