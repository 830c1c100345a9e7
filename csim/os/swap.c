/* SPDX-License-Identifier: Apache-2.0
 * Swap slots and the swap cache after Linux 6.1 mm/swapfile.c and mm/swap_state.c: slots are taken
 * in order around the area; a page keeps its slot while the copy there may be of use. No swap
 * readahead. */
#include <stdlib.h>

#include "os/kernel.h"
#include "os/seen.h"
#include "os/transfer.h"

int os_swap_init(struct os *os) {
  struct os_swap *s = &os->swap;
  s->slots = (uint32_t)os->cfg.swap_pages;
  size_t n = s->slots != 0 ? s->slots : 1;
  s->maps = calloc(n, sizeof *s->maps);
  s->page = calloc(n, sizeof *s->page);
  s->taken = calloc(n, sizeof *s->taken);
  os->disk_used = s->slots;
  return s->maps != NULL && s->page != NULL && s->taken != NULL ? 0 : -1;
}

bool os_swap_available(const struct os *os) {
  return os->swap.used < os->swap.slots;
}

/* Free the slot if neither an entry nor the swap cache needs it. */
static void slot_release(struct os *os, uint32_t slot) {
  struct os_swap *s = &os->swap;
  if (!s->taken[slot] || s->maps[slot] != 0 || os_entry_pfn(s->page[slot]) != OS_NO_FRAME) return;
  s->taken[slot] = 0;
  s->page[slot] = 0;
  s->used--;
  os->st.nr_swap_used--;
}

bool os_swap_attach(struct os *os, uint32_t pfn) {
  struct os_swap *s = &os->swap;
  os_spend(os, OS_WORK_SWAP_SLOT, 1);
  if (s->used == s->slots) return false;
  while (s->taken[s->hand])
    s->hand = s->hand + 1 < s->slots ? s->hand + 1 : 0;
  uint32_t slot = s->hand;
  s->taken[slot] = 1;
  s->used++;
  os->st.nr_swap_used++;
  s->page[slot] = os_entry_frame(pfn);
  struct os_frame *f = os_frame(os, pfn);
  f->slot = slot;
  os_frame_set_dirty(os, pfn); /* the slot holds nothing yet */
  os_frame_get(os, pfn);
  return true;
}

void os_swap_detach(struct os *os, uint32_t pfn, bool evicted) {
  struct os_frame *f = os_frame(os, pfn);
  uint32_t slot = f->slot;
  f->slot = OS_NO_SLOT;
  os->swap.page[slot] = evicted ? os_entry_shadow(os_policy_shadow(os, pfn)) : 0;
  slot_release(os, slot);
  (void)os_frame_put(os, pfn);
}

void os_swap_forget(struct os *os, uint32_t pfn) {
  const struct os_frame *f = os_frame(os, pfn);
  if (f->type == OS_FRAME_ANON && f->slot != OS_NO_SLOT && f->mapcount == 0 &&
      os->swap.maps[f->slot] == 0 && (f->flags & (OS_F_LOCKED | OS_F_WRITEBACK)) == 0)
    os_swap_detach(os, pfn, false);
}

void os_swap_map(struct os *os, uint32_t slot) {
  os->swap.maps[slot]++;
}

void os_swap_unmap(struct os *os, uint32_t slot) {
  struct os_swap *s = &os->swap;
  if (--s->maps[slot] != 0) return;
  uint32_t pfn = os_entry_pfn(s->page[slot]);
  if (pfn != OS_NO_FRAME)
    os_swap_forget(os, pfn);
  else
    slot_release(os, slot);
}

static enum os_get start_read(struct os *os, uint32_t slot, uint32_t *pfn_out) {
  uint32_t pfn = os_frame_alloc(os, OS_FRAME_ANON);
  if (pfn == OS_NO_FRAME) return OS_GET_OOM;
  struct os_swap *s = &os->swap;
  if (os_entry_pfn(s->page[slot]) != OS_NO_FRAME || s->maps[slot] == 0) {
    (void)os_frame_put(os, pfn);
    return OS_GET_CHANGED;
  }
  struct os_frame *f = os_frame(os, pfn);
  f->slot = slot;
  f->flags |= OS_F_LOCKED;
  bool refault = os_entry_is_shadow(s->page[slot]);
  uint64_t shadow = os_entry_age(s->page[slot]);
  s->page[slot] = os_entry_frame(pfn);
  os_frame_get(os, pfn);
  os->st.pswpin++;
  os_policy_enter(os, pfn, refault ? &shadow : NULL);
  os_spend(os, OS_WORK_CACHE_LOOKUP, 1);
  if (refault) os_seen(os, OS_SEEN_RETURNED, pfn);
  if (!os_read_start(os, pfn, slot)) os_frame_unlock(os, pfn);
  *pfn_out = pfn;
  return OS_GET_OK;
}

enum os_get os_swap_get(struct os *os, uint32_t slot, uint32_t *pfn_out, bool *major) {
  os_spend(os, OS_WORK_CACHE_LOOKUP, 1);
  uint32_t pfn = os_entry_pfn(os->swap.page[slot]);
  if (pfn == OS_NO_FRAME) {
    enum os_get r = start_read(os, slot, &pfn);
    if (r != OS_GET_OK) return r;
    *major = true;
  } else {
    os_frame_get(os, pfn);
  }
  os_frame_lock(os, pfn);
  if (*major) os_spend(os, OS_WORK_IO_COMPLETE, 1);
  const struct os_frame *f = os_frame(os, pfn);
  bool cached = f->type == OS_FRAME_ANON && f->slot == slot;
  if (cached && (f->flags & OS_F_UPTODATE) != 0) {
    *pfn_out = pfn;
    return OS_GET_OK;
  }
  if (cached) os_swap_detach(os, pfn, false);
  os_frame_unlock(os, pfn);
  (void)os_frame_put(os, pfn);
  return cached ? OS_GET_IO_ERROR : OS_GET_CHANGED;
}

void os_page_write(struct os *os, uint32_t pfn) {
  struct os_frame *f = os_frame(os, pfn);
  bool anon = f->type == OS_FRAME_ANON;
  uint64_t block = anon ? f->slot : os_file_block(os, f->file, f->page);
  os_frame_clear_dirty(os, pfn);
  if (!os_write_start(os, pfn, block)) {
    os_frame_set_dirty(os, pfn);
    return;
  }
  if (anon)
    os->st.pswpout++;
  else
    os->st.nr_dirty_written++;
}
