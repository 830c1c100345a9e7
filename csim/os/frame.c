/* SPDX-License-Identifier: Apache-2.0
 * Frame allocation after Linux 6.1 mm/page_alloc.c: zones from the highest down against the low
 * mark, then wake kswapd and try the min mark, then reclaim directly, then give up. Single frames
 * only; freed frames are reused last in, first out. */
#include "os/frame.h"

#include "os/kernel.h"

struct os_frame *os_frame(struct os *os, uint32_t pfn) {
  return &os->frames[pfn];
}

/* ---- per-zone free lists: the seam for the buddy allocator ---- */

static uint32_t zone_take(struct os *os, struct os_zone *z) {
  struct os_free_list *l = &os->list[z->index];
  uint32_t pfn = l->head;
  if (pfn != OS_NO_FRAME)
    l->head = os->frames[pfn].next;
  else if (l->fresh < z->end)
    pfn = l->fresh++;
  else
    return OS_NO_FRAME;
  z->free--;
  return pfn;
}

static void zone_give(struct os *os, uint32_t pfn) {
  unsigned i = 0;
  while (pfn >= os->zones.zone[0][i].end)
    i++;
  struct os_zone *z = &os->zones.zone[0][i];
  os->frames[pfn].next = os->list[i].head;
  os->list[i].head = pfn;
  z->free++;
}

static uint32_t take(struct os *os, enum os_mark mark) {
  for (unsigned i = os->highest + 1; i-- != 0;) {
    struct os_zone *z = &os->zones.zone[0][i];
    if (z->managed != 0 && os_zone_ok(z, 0, z->mark[mark], os->highest, 0)) return zone_take(os, z);
  }
  return OS_NO_FRAME;
}

/* Whether all that could be reclaimed would lift some zone above its min mark. */
static bool reclaim_could_help(const struct os *os) {
  uint64_t pages = os->st.nr_file;
  if (os_swap_available(os)) pages += os->st.nr_anon;
  for (unsigned i = 0; i <= os->highest; i++) {
    const struct os_zone *z = &os->zones.zone[0][i];
    if (z->managed != 0 && z->free + pages > z->mark[OS_MARK_MIN] + z->reserve[os->highest])
      return true;
  }
  return false;
}

static uint32_t take_slowly(struct os *os) {
  os_wake_kswapd(os);
  uint32_t pfn = take(os, OS_MARK_MIN);
  for (unsigned idle = 0; pfn == OS_NO_FRAME && idle <= OS_MAX_RETRIES;) {
    uint64_t freed = os_direct_reclaim(os);
    pfn = take(os, OS_MARK_MIN);
    if (pfn != OS_NO_FRAME) break;
    if (os->rec.writeback == 0 && !reclaim_could_help(os)) break;
    if (freed != 0)
      idle = 0;
    else if (os->rec.writeback == 0)
      idle++;
    /* Wait for a write-out or a tick rather than spin. */
    if (freed == 0) os_wait_us(os, &os->rec.io, os->rec.writeback != 0 ? 100000 : OS_JIFFY_US);
  }
  /* Someone may have freed plenty meanwhile. */
  return pfn != OS_NO_FRAME ? pfn : take(os, OS_MARK_HIGH);
}

uint32_t os_frame_alloc(struct os *os, enum os_frame_type type) {
  os_spend(os, OS_WORK_ALLOC_FRAME, 1);
  uint32_t pfn = take(os, OS_MARK_LOW);
  if (pfn == OS_NO_FRAME) pfn = take_slowly(os);
  if (pfn == OS_NO_FRAME) return OS_NO_FRAME;
  struct os_frame *f = &os->frames[pfn];
  *f = (struct os_frame){.type = (uint8_t)type, .refs = 1, .slot = OS_NO_SLOT};
  os->st.pgalloc++;
  if (type == OS_FRAME_ANON) os->st.nr_anon++;
  if (type == OS_FRAME_FILE) os->st.nr_file++;
  return pfn;
}

/* ---- references and the frame lock ---- */

void os_frame_get(struct os *os, uint32_t pfn) {
  os->frames[pfn].refs++;
}

bool os_frame_put(struct os *os, uint32_t pfn) {
  struct os_frame *f = &os->frames[pfn];
  if (--f->refs != 0) return false;
  if ((f->flags & OS_F_LISTED) != 0) os_policy_remove(os, pfn);
  if (f->type == OS_FRAME_ANON) os->st.nr_anon--;
  if (f->type == OS_FRAME_FILE) os->st.nr_file--;
  f->type = OS_FRAME_FREE;
  f->flags = 0;
  os->st.pgfree++;
  os->plat.ops->frame_free(os->plat.self, pfn);
  zone_give(os, pfn);
  return true;
}

bool os_frame_trylock(struct os *os, uint32_t pfn) {
  struct os_frame *f = &os->frames[pfn];
  if ((f->flags & OS_F_LOCKED) != 0) return false;
  f->flags |= OS_F_LOCKED;
  return true;
}

void os_frame_lock(struct os *os, uint32_t pfn) {
  while (!os_frame_trylock(os, pfn))
    os_wait(os, &os->frames[pfn].wait);
}

void os_frame_unlock(struct os *os, uint32_t pfn) {
  os->frames[pfn].flags &= (uint8_t)~OS_F_LOCKED;
  os_wake(os, &os->frames[pfn].wait);
}
