/* SPDX-License-Identifier: Apache-2.0
 * The reverse map after Linux 6.1 mm/rmap.c (folio_referenced, try_to_unmap). Lists are ordered by
 * (address space, address), so that a walk that slept goes on behind where it was; a single
 * mapping, the usual case, takes no host memory beside the frame's own. An entry is cleared by
 * exchange: a D bit the hardware sets in the same moment is never lost. */
#include "os/rmap.h"

#include <assert.h>
#include <stdlib.h>

#include "os/kernel.h"
#include "os/seen.h"

static bool before(const struct os_mm *mm, uint64_t at, uint32_t id, uint64_t va) {
  return mm->id < id || (mm->id == id && at < va);
}

/* ---- one mapping is kept in the frame itself ---- */

static uint64_t pack(const struct os_mm *mm, uint64_t va) {
  return va >> 12 << 16 | mm->asid;
}

static struct os_mm *only_mm(struct os *os, const struct os_frame *f) {
  return os->by_asid[f->map & 0xffff];
}

static uint64_t only_va(const struct os_frame *f) {
  return f->map >> 16 << 12;
}

static struct os_rmap *new_node(struct os *os) {
  struct os_rmap *r = os->rmap_pool;
  if (r == NULL) return os_host_alloc(os, sizeof *r);
  os->rmap_pool = r->next;
  return r;
}

static void free_node(struct os *os, struct os_rmap *r) {
  r->next = os->rmap_pool;
  os->rmap_pool = r;
}

/* From one mapping in the frame to a list of one. */
static bool make_list(struct os *os, struct os_frame *f) {
  struct os_rmap *r = new_node(os);
  if (r == NULL) return false;
  *r = (struct os_rmap){.mm = only_mm(os, f), .va = only_va(f)};
  f->rmap = r;
  return true;
}

static void end_list(struct os *os, struct os_frame *f) {
  struct os_rmap *r = f->rmap;
  f->map = pack(r->mm, r->va);
  free_node(os, r);
}

static struct os_rmap **position(struct os_frame *f, uint32_t id, uint64_t va) {
  struct os_rmap **p = &f->rmap;
  while (*p != NULL && before((*p)->mm, (*p)->va, id, va))
    p = &(*p)->next;
  return p;
}

/* The first mapping at or after (id, va). */
static bool mapping_at(struct os *os, uint32_t pfn, uint32_t id, uint64_t va, struct os_rmap *out) {
  struct os_frame *f = os_frame(os, pfn);
  if (f->mapcount == 0) return false;
  if (f->mapcount == 1) {
    *out = (struct os_rmap){.mm = only_mm(os, f), .va = only_va(f)};
    return !before(out->mm, out->va, id, va);
  }
  const struct os_rmap *r = *position(f, id, va);
  if (r != NULL) *out = *r;
  return r != NULL;
}

/* The first mapping comes, or the last goes (NR_ANON_MAPPED, NR_FILE_MAPPED). */
static void count_mapped(struct os *os, uint32_t pfn, bool comes) {
  const struct os_frame *f = os_frame(os, pfn);
  struct os_use *u = os_use_of(os, pfn);
  uint64_t pages = os_frame_pages(f);
  *(f->type == OS_FRAME_ANON ? &u->anon_mapped : &u->mapped) += comes ? pages : -pages;
}

static void count_resident(struct os_mm *mm, const struct os_frame *f, bool comes) {
  uint64_t pages = comes ? os_frame_pages(f) : -(uint64_t)os_frame_pages(f);
  mm->rss += pages;
  if (f->type == OS_FRAME_FILE) mm->file_rss += pages;
  if (f->type == OS_FRAME_SHMEM) mm->shmem_rss += pages;
}

bool os_rmap_add(struct os *os, uint32_t pfn, struct os_mm *mm, uint64_t va) {
  struct os_frame *f = os_frame(os, pfn);
  if (f->mapcount == 0) {
    f->map = pack(mm, va);
    count_mapped(os, pfn, true);
  } else {
    struct os_rmap *r = new_node(os);
    if (r == NULL) return false;
    if (f->mapcount == 1 && !make_list(os, f)) {
      free_node(os, r);
      return false;
    }
    struct os_rmap **p = position(f, mm->id, va);
    *r = (struct os_rmap){.mm = mm, .va = va, .next = *p};
    *p = r;
  }
  f->mapcount++;
  os_frame_get(os, pfn);
  count_resident(mm, f, true);
  return true;
}

void os_rmap_remove(struct os *os, uint32_t pfn, struct os_mm *mm, uint64_t va) {
  struct os_frame *f = os_frame(os, pfn);
  if (f->mapcount == 1) {
    assert(f->map == pack(mm, va));
    f->map = 0;
    count_mapped(os, pfn, false);
  } else {
    struct os_rmap **p = position(f, mm->id, va);
    struct os_rmap *r = *p;
    assert(r != NULL && r->mm == mm && r->va == va);
    *p = r->next;
    free_node(os, r);
    if (f->mapcount == 2) end_list(os, f);
  }
  f->mapcount--;
  if ((f->flags & (OS_F_HUGE | OS_F_TAIL)) != 0) os_huge_defer(os, pfn);
  count_resident(mm, f, false);
}

bool os_anon_exclusive(struct os *os, uint32_t pfn, uint32_t entries) {
  const struct os_frame *f = os_frame(os, pfn);
  if (f->type != OS_FRAME_ANON || f->mapcount != 1) return false;
  return f->slot == OS_NO_SLOT || os->swap.maps[f->slot] == entries;
}

size_t os_rmap_list(struct os *os, uint32_t pfn, struct os_rmap *out, size_t max) {
  const struct os_frame *f = os_frame(os, pfn);
  size_t n = 0;
  if (f->mapcount == 1 && max != 0)
    out[0] = (struct os_rmap){.mm = only_mm(os, f), .va = only_va(f)};
  for (const struct os_rmap *r = f->mapcount > 1 ? f->rmap : NULL; r != NULL && n < max;
       r = r->next)
    out[n++] = *r;
  return f->mapcount;
}

bool os_rmap_any(struct os *os, uint32_t pfn, bool (*is)(const struct os_mm *mm, uint64_t va)) {
  const struct os_frame *f = os_frame(os, pfn);
  if (f->mapcount == 1) return is(only_mm(os, f), only_va(f));
  for (const struct os_rmap *r = f->mapcount != 0 ? f->rmap : NULL; r != NULL; r = r->next)
    if (is(r->mm, r->va)) return true;
  return false;
}

/* The next mapping at or after (id, va) whose table lock could be taken, locked and with a
 * reference to its address space; false at the end. */
static bool next_mapping(struct os *os, uint32_t pfn, uint32_t id, uint64_t va,
                         struct os_mm **mm_out, uint64_t *va_out) {
  struct os_rmap r;
  while (mapping_at(os, pfn, id, va, &r)) {
    struct os_mm *mm = r.mm;
    id = mm->id;
    va = r.va;
    os_mm_get(mm);
    os_lock(os, &mm->table);
    if (mapping_at(os, pfn, id, va, &r) && r.mm == mm && r.va == va) {
      *mm_out = mm;
      *va_out = va;
      return true;
    }
    os_unlock(os, &mm->table); /* it went while we slept; look again from there */
    os_mm_put(mm);
  }
  return false;
}

void os_rmap_set_only(struct os_frame *f, const struct os_mm *mm, uint64_t va) {
  f->map = pack(mm, va);
  f->mapcount = 1;
}

struct os_mm *os_rmap_lock_first(struct os *os, uint32_t pfn, uint64_t *va) {
  struct os_mm *mm = NULL;
  return next_mapping(os, pfn, 0, 0, &mm, va) ? mm : NULL;
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

/* One frame, which may be a part of a huge page. */
static bool clear_mappings(struct os *os, uint32_t pfn, struct os_inval_batch *b) {
  bool used = false;
  uint32_t id = 0;
  uint64_t va = 0;
  struct os_mm *mm = NULL;
  for (uint64_t at = 0; next_mapping(os, pfn, id, va, &mm, &at); va = at + 1) {
    os_spend(os, OS_WORK_RMAP_STEP, 1);
    id = mm->id;
    bool young = clear_young(mm, at);
    used = used || young;
    if (young && os->cfg.a_flush == OS_A_FLUSH_PAGE) os_inval_cleared(mm, at);
    os_unlock(os, &mm->table);
    if (young && os->cfg.a_flush == OS_A_FLUSH_BATCH) os_inval_add(os, b, mm, at, false);
    os_mm_put(mm);
  }
  return used;
}

bool os_rmap_referenced(struct os *os, uint32_t pfn, struct os_inval_batch *b) {
  struct os_frame *f = os_frame(os, pfn);
  bool used = (f->flags & OS_F_REFERENCED) != 0;
  f->flags &= (uint16_t)~OS_F_REFERENCED;
  for (uint32_t i = 0; i < os_huge_parts(f); i++)
    if (clear_mappings(os, pfn + i, b)) used = true;
  os_seen(os, used ? OS_SEEN_USED : OS_SEEN_UNUSED, pfn);
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
    os_frame_set_dirty(os, pfn);
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

/* The entry without D and without the right to write; false: it has neither. */
static bool clean_one(struct os *os, uint32_t pfn, struct os_mm *mm, uint64_t va) {
  const struct os_pt_ops *pt = os->pt;
  const struct os_vma *v = os_vma_find(mm, va); /* NULL: on its way out */
  uint8_t prot = v != NULL ? v->prot & (uint8_t)~OS_PROT_WRITE : 0;
  uint64_t at = os_pt_lookup(mm, va);
  uint64_t e = at != 0 ? os_rd(os, at) : 0;
  while (pt->present(e) && (pt->dirty(e) || pt->writable(e))) {
    uint64_t old = e;
    uint64_t clean = pt->set_young(pt->leaf(pt->address(e), prot, false), pt->young(e));
    if (os_cas(os, at, e, clean, &old)) {
      if (pt->dirty(e)) os_frame_set_dirty(os, pfn);
      return true;
    }
    e = old;
  }
  return false;
}

void os_rmap_clean(struct os *os, uint32_t pfn) {
  uint32_t id = 0;
  uint64_t va = 0;
  struct os_mm *mm = NULL;
  for (uint64_t at = 0; next_mapping(os, pfn, id, va, &mm, &at); va = at + 1) {
    os_spend(os, OS_WORK_RMAP_STEP, 1);
    id = mm->id;
    if (clean_one(os, pfn, mm, at)) os_inval_page(mm, at);
    os_unlock(os, &mm->table);
    os_mm_put(mm);
  }
}

bool os_rmap_next(struct os *os, uint32_t pfn, uint32_t id, uint64_t va, struct os_mm **mm_out,
                  uint64_t *va_out) {
  return next_mapping(os, pfn, id, va, mm_out, va_out);
}
