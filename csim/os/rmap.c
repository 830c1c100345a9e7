/* SPDX-License-Identifier: Apache-2.0
 * The reverse map after Linux 6.1 mm/rmap.c (folio_referenced, try_to_unmap). Lists are ordered by
 * (address space, address), so that a walk that slept goes on behind where it was. An entry is
 * cleared by exchange: a D bit the hardware sets in the same moment is never lost. */
#include "os/rmap.h"

#include <assert.h>
#include <stdlib.h>

#include "os/kernel.h"

static bool before(const struct os_rmap *r, uint32_t id, uint64_t va) {
  return r->mm->id < id || (r->mm->id == id && r->va < va);
}

static struct os_rmap **position(struct os_frame *f, uint32_t id, uint64_t va) {
  struct os_rmap **p = &f->rmap;
  while (*p != NULL && before(*p, id, va))
    p = &(*p)->next;
  return p;
}

bool os_rmap_add(struct os *os, uint32_t pfn, struct os_mm *mm, uint64_t va) {
  struct os_rmap *r = os->rmap_pool;
  if (r != NULL)
    os->rmap_pool = r->next;
  else if ((r = malloc(sizeof *r)) == NULL)
    return false;
  struct os_frame *f = os_frame(os, pfn);
  struct os_rmap **p = position(f, mm->id, va);
  *r = (struct os_rmap){.mm = mm, .va = va, .next = *p};
  *p = r;
  f->mapcount++;
  f->refs++;
  mm->rss++;
  return true;
}

void os_rmap_remove(struct os *os, uint32_t pfn, struct os_mm *mm, uint64_t va) {
  struct os_frame *f = os_frame(os, pfn);
  struct os_rmap **p = position(f, mm->id, va);
  struct os_rmap *r = *p;
  assert(r != NULL && r->mm == mm && r->va == va);
  *p = r->next;
  r->next = os->rmap_pool;
  os->rmap_pool = r;
  f->mapcount--;
  mm->rss--;
}

/* The next mapping at or after (id, va) whose table lock could be taken, locked and with a
 * reference to its address space; false at the end. */
static bool next_mapping(struct os *os, uint32_t pfn, uint32_t id, uint64_t va,
                         struct os_mm **mm_out, uint64_t *va_out) {
  struct os_frame *f = os_frame(os, pfn);
  for (;;) {
    const struct os_rmap *r = *position(f, id, va);
    if (r == NULL) return false;
    struct os_mm *mm = r->mm;
    id = mm->id;
    va = r->va;
    os_mm_get(mm);
    os_lock(os, &mm->table);
    r = *position(f, id, va);
    if (r != NULL && r->mm == mm && r->va == va) {
      *mm_out = mm;
      *va_out = va;
      return true;
    }
    os_unlock(os, &mm->table); /* it went while we slept; look again from there */
    os_mm_put(mm);
  }
}

static bool clear_young(struct os_mm *mm, uint64_t va) {
  struct os *os = mm->os;
  uint64_t at = os_pt_lookup(mm, va);
  uint64_t e = at != 0 ? os_rd(os, at) : 0;
  while (os->pt->present(e) && os->pt->young(e)) {
    uint64_t old = e;
    if (os_cas(os, at, e, os->pt->set_young(e, false), &old)) {
      os->st.a_cleared++;
      return true;
    }
    e = old;
  }
  return false;
}

bool os_rmap_referenced(struct os *os, uint32_t pfn, struct os_inval_batch *b) {
  struct os_frame *f = os_frame(os, pfn);
  bool used = (f->flags & OS_F_REFERENCED) != 0;
  f->flags &= (uint8_t)~OS_F_REFERENCED;
  uint32_t id = 0;
  uint64_t va = 0;
  struct os_mm *mm = NULL;
  for (uint64_t at = 0; next_mapping(os, pfn, id, va, &mm, &at); va = at + 1) {
    os_spend(os, OS_WORK_RMAP_STEP, 1);
    id = mm->id;
    bool young = clear_young(mm, at);
    used = used || young;
    if (young && os->cfg.a_flush == OS_A_FLUSH_PAGE) os_inval_page(mm, at);
    os_unlock(os, &mm->table);
    if (young && os->cfg.a_flush == OS_A_FLUSH_BATCH) os_inval_add(os, b, mm, at, false);
    os_mm_put(mm);
  }
  return used;
}

static void unmap_one(struct os *os, uint32_t pfn, struct os_mm *mm, uint64_t va) {
  struct os_frame *f = os_frame(os, pfn);
  uint64_t entry = 0;
  if (f->type == OS_FRAME_ANON) {
    entry = os->pt->swap(f->slot);
    os_swap_map(os, f->slot);
    mm->swapped++;
  }
  uint64_t at = os_pt_lookup(mm, va);
  uint64_t e = os_pt_exchange(os, at, entry);
  if (os->pt->dirty(e)) {
    f->flags |= OS_F_DIRTY;
    os->st.d_cleared++;
  }
  os_rmap_remove(os, pfn, mm, va);
  (void)os_frame_put(os, pfn); /* the caller holds one */
}

void os_rmap_unmap(struct os *os, uint32_t pfn, struct os_inval_batch *b) {
  struct os_mm *mm = NULL;
  for (uint64_t va = 0; next_mapping(os, pfn, 0, 0, &mm, &va);) {
    os_spend(os, OS_WORK_RMAP_STEP, 1);
    unmap_one(os, pfn, mm, va);
    os_inval_add(os, b, mm, va, true); /* before the lock goes: see unflushed */
    os_unlock(os, &mm->table);
    os_mm_put(mm);
  }
}
