/* SPDX-License-Identifier: Apache-2.0
 * Moving a page to another frame (Linux 6.1 mm/migrate.c, unmap_and_move, folio_migrate_mapping;
 * mm/rmap.c, try_to_migrate). Promises: from the moment it is copied no translation to the old
 * frame is left and no entry is present; A and D bits that the hardware set until then are in the
 * new entries; whoever holds a reference keeps the page where it is. Simpler than Linux: instead of
 * migration entries the table locks of all spaces that map the page are held meanwhile, by rising
 * number, and a page with more than 64 mappings stays. Who meets an entry that is not present and
 * names no slot waits for the lock. */
#include <string.h>

#include "os/compact.h"
#include "os/kernel.h"
#include "os/seen.h"

enum { MOST = 64 };

struct move {
  struct os *os;
  uint32_t from, to;
  size_t count;
  struct os_rmap map[MOST];
  uint64_t pa[MOST], entry[MOST];
};

/* ---- all its mappings, held ---- */

static bool first_of_space(const struct move *m, size_t i) {
  return i == 0 || m->map[i].mm != m->map[i - 1].mm;
}

static void let_go(struct move *m) {
  for (size_t i = m->count; i-- != 0;) {
    if (!first_of_space(m, i)) continue;
    os_unlock(m->os, &m->map[i].mm->table);
    os_mm_put(m->map[i].mm);
  }
}

/* False: there are too many, or they have changed. With frame and tables locked they cannot. */
static bool hold(struct move *m) {
  struct os *os = m->os;
  struct os_rmap now[MOST];
  m->count = os_rmap_list(os, m->from, m->map, MOST);
  if (m->count > MOST) return false;
  for (size_t i = 0; i < m->count; i++)
    if (first_of_space(m, i)) os_mm_get(m->map[i].mm);
  for (size_t i = 0; i < m->count; i++)
    if (first_of_space(m, i)) os_lock(os, &m->map[i].mm->table);
  bool same = os_rmap_list(os, m->from, now, MOST) == m->count;
  for (size_t i = 0; same && i < m->count; i++)
    same = now[i].mm == m->map[i].mm && now[i].va == m->map[i].va;
  if (!same) let_go(m);
  return same;
}

/* ---- the entries ---- */

static void unmap(struct move *m) {
  struct os *os = m->os;
  for (size_t i = 0; i < m->count; i++) {
    m->pa[i] = os_pt_lookup(m->map[i].mm, m->map[i].va);
    m->entry[i] = os_pt_exchange(os, m->pa[i], os->pt->swap(OS_NO_SLOT));
    os_inval_page(m->map[i].mm, m->map[i].va); /* ptep_clear_flush */
    os_spend(os, OS_WORK_RMAP_STEP, 1);
  }
}

static void remap(struct move *m, uint32_t pfn) {
  for (size_t i = 0; i < m->count; i++)
    os_wr(m->os, m->pa[i], m->os->pt->at(m->entry[i], (uint64_t)pfn << 12));
}

/* ---- the page ---- */

/* The entry of the cache that knows the page, or NULL. */
static os_entry *cache_entry(struct os *os, const struct os_frame *f) {
  if (f->type == OS_FRAME_ANON) return f->slot != OS_NO_SLOT ? &os->swap.page[f->slot] : NULL;
  return f->file != 0 ? &os->file[f->file].page[f->page] : NULL;
}

/* Nobody but its mappings, its cache and the caller refers to it. */
static bool movable(const struct move *m) {
  const struct os_frame *f = os_frame(m->os, m->from);
  if (f->type != OS_FRAME_ANON && f->type != OS_FRAME_FILE && f->type != OS_FRAME_SHMEM)
    return false;
  /* Listed: mlock and munlock came by meanwhile. */
  uint16_t busy = OS_F_WRITEBACK | OS_F_MLOCKED | OS_F_LISTED | OS_F_HUGE | OS_F_TAIL;
  if ((f->flags & busy) != 0 || (f->flags & OS_F_UPTODATE) == 0) return false;
  const os_entry *e = cache_entry(m->os, f);
  bool cached = e != NULL && os_entry_pfn(*e) == m->from;
  if (f->type != OS_FRAME_ANON && !cached) return false; /* it was taken out of its file */
  return f->refs == f->mapcount + (uint32_t)cached + 1;
}

/* All but the entries of page tables refer to `to` from here on. Both frames are of one zone, so no
 * count changes. No time passes. */
static void exchange(struct move *m) {
  struct os *os = m->os;
  struct os_frame *from = os_frame(os, m->from);
  struct os_frame *to = os_frame(os, m->to);
  os_entry *e = cache_entry(os, from);
  if (e != NULL) *e = os_entry_frame(m->to);
  os->plat.ops->frame_copy(os->plat.self, m->to, m->from);
  *to = *from;
  to->next = to->prev = 0;
  *from = (struct os_frame){.type = OS_FRAME_KERNEL, .refs = 1, .zone = to->zone};
  if (m->to >= os->touched) os->touched = m->to + 1;
  os_seen_moved(os, m->from, m->to);
  os->plat.ops->frame_free(os->plat.self, m->from);
}

static bool move_locked(struct move *m) {
  struct os *os = m->os;
  if (!movable(m) || !hold(m)) return false;
  unmap(m);
  os_spend(os, OS_WORK_COPY_FRAME, 1);
  bool ok = movable(m);
  if (ok) exchange(m);
  remap(m, ok ? m->to : m->from);
  let_go(m);
  return ok;
}

enum os_moved os_move_page(struct os *os, uint32_t from, uint32_t to, bool sync) {
  struct move m = {.os = os, .from = from, .to = to};
  const struct os_frame *f = os_frame(os, from);
  if (!os_frame_trylock(os, from)) {
    if (!sync) return OS_MOVE_AGAIN;
    os_frame_lock(os, from);
  }
  if ((f->flags & OS_F_WRITEBACK) != 0) { /* only a full synchronous run would wait */
    os_frame_unlock(os, from);
    return OS_MOVE_FAILED;
  }
  bool moved = move_locked(&m);
  os_frame_unlock(os, moved ? to : from);
  if (moved) os_policy_moved(os, from, to);
  return moved ? OS_MOVED : OS_MOVE_AGAIN;
}
