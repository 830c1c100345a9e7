/* SPDX-License-Identifier: Apache-2.0
 * A bits for csim/lru: of one page through the reverse map, with the look-around, and of whole
 * address spaces (Linux 6.1 mm/rmap.c folio_referenced_one; mm/vmscan.c lru_gen_look_around,
 * walk_pmd_range, walk_pte_range). Every entry is read from simulated memory. Cleared A bits reach
 * the TLBs as os.a_flush says; Linux on x86 leaves them. */
#include "os/lru_host.h"
#include "os/seen.h"

enum { ENTRIES = 512 };
#define TABLE_BYTES ((uint64_t)ENTRIES << 12)

/* ---- invalidations ---- */

void os_lru_flush_clears(struct os_policy *p) {
  if (p->clears.count == 0) return;
  struct os_inval_batch mine = p->clears;
  p->clears.count = 0; /* others may add while this one is flushed */
  os_inval_flush(p->os, &mine);
}

/* An A bit was cleared; the table lock is held. */
static void cleared(struct os_policy *p, struct os_mm *mm, uint64_t va) {
  if (p->os->cfg.a_flush == OS_A_FLUSH_PAGE) {
    os_inval_cleared(mm, va);
  } else if (p->os->cfg.a_flush == OS_A_FLUSH_BATCH) {
    if (p->clears.count == OS_INVAL_BATCH) os_lru_flush_clears(p);
    os_inval_add(p->os, &p->clears, mm, va, false);
  }
}

/* ---- one entry ---- */

/* The page that an entry maps: of a huge page the first frame. */
static uint32_t frame_of(const struct os *os, uint64_t leaf) {
  return os_huge_head(os, (uint32_t)(os->pt->address(leaf) >> 12));
}

/* Clear A of the leaf at pa, read as e. False: it was not young (any more). A dirty entry tells
 * that its page is dirty, as in Linux, where reclaim would learn it too late. */
static bool clear_young(struct os *os, uint64_t pa, uint64_t e) {
  while (os->pt->present(e) && os->pt->young(e)) {
    uint64_t old = e;
    if (os_cas(os, pa, e, os->pt->set_young(e, false), &old)) {
      const struct os_frame *f = os_frame(os, frame_of(os, e));
      bool known = f->type == OS_FRAME_FILE || f->slot != OS_NO_SLOT;
      os->st.a_cleared++;
      if (os->pt->dirty(e) && known) os_frame_set_dirty(os, frame_of(os, e));
      return true;
    }
    e = old;
  }
  return false;
}

/* ---- one page ---- */

static void look_around(struct os_policy *p, struct os_mm *mm, uint64_t va, uint64_t pte_pa,
                        const struct os_vma *area, struct lru_look *look) {
  struct os *os = p->os;
  uint64_t start;
  uint64_t end;
  lru_look_window(va, area->start, area->end, TABLE_BYTES, &start, &end);
  uint64_t table = pte_pa & ~UINT64_C(0xfff);
  for (uint64_t at = start; at < end; at += 4096) {
    uint64_t pa = table + 8 * os_pt_index(at, 0);
    uint64_t e = os_rd(os, pa);
    if (!os->pt->present(e) || !os->pt->young(e) || !lru_look_wants(look, frame_of(os, e)))
      continue;
    if (!clear_young(os, pa, e)) continue;
    lru_look_young(look, frame_of(os, e));
    cleared(p, mm, at);
  }
  lru_look_done(look, (uint32_t)((end - start) >> 12), table);
}

/* One mapping, its table lock held. */
static void mapping(struct os_policy *p, struct os_mm *mm, uint64_t va, struct lru_look *look,
                    struct lru_young *out) {
  struct os *os = p->os;
  const struct os_vma *v = os_vma_find(mm, va);
  const struct os_vma area = v != NULL ? *v : (struct os_vma){.start = va, .end = va + 4096};
  uint64_t pa = os_pt_lookup(mm, va);
  uint64_t e = pa != 0 ? os_rd(os, pa) : 0;
  out->mlocked = out->mlocked || area.locked;
  if (!os->pt->present(e) || !os->pt->young(e)) return;
  out->mappings++;
  out->exec = out->exec || (area.prot & OS_PROT_EXEC) != 0;
  if (os_frame_pages(os_frame(os, frame_of(os, e))) != 1) {
    /* pmdp_clear_flush_young: on every architecture the translation goes at once */
    if (clear_young(os, pa, e)) os_inval_cleared(mm, va);
    return;
  }
  if (look != NULL) look_around(p, mm, va, pa, &area, look);
  if (clear_young(os, pa, os_rd(os, pa))) cleared(p, mm, va);
}

/* All mappings of one frame, which may be a part of a huge page. */
static void mappings(struct os_policy *p, uint32_t pfn, struct lru_look *look,
                     struct lru_young *out) {
  struct os *os = p->os;
  struct os_mm *mm = NULL;
  uint32_t id = 0;
  uint64_t va = 0;
  for (uint64_t at = 0; os_rmap_next(os, pfn, id, va, &mm, &at); va = at + 1) {
    id = mm->id;
    os_spend(os, OS_WORK_RMAP_STEP, 1);
    mapping(p, mm, at, look, out);
    os_unlock(os, &mm->table);
    os_mm_put(mm);
  }
}

void os_lru_referenced(void *self, uint32_t pfn, struct lru_look *look, struct lru_young *out) {
  struct os_policy *p = self;
  struct os *os = p->os;
  os_spend(os, OS_WORK_LIST_MOVE, 1);
  for (uint32_t i = 0; i < os_huge_parts(os_frame(os, pfn)); i++)
    mappings(p, pfn + i, look, out);
  os_seen(os, out->mappings != 0 ? OS_SEEN_USED : OS_SEEN_UNUSED, pfn);
  os->plat.ops->resched(os->plat.self);
}

/* ---- address spaces ---- */

/* Which pages of the table at `base` lie in an area, a bit each. */
static void pages_of(const struct os_mm *mm, uint64_t base, uint64_t wanted[ENTRIES / 64]) {
  for (unsigned i = 0; i < ENTRIES; i++) {
    uint64_t bit = UINT64_C(1) << i % 64;
    if (i % 64 == 0) wanted[i / 64] = 0;
    if (os_vma_find(mm, base + ((uint64_t)i << 12)) != NULL) wanted[i / 64] |= bit;
  }
}

/* Physical address of the entry that points to the last-level table of va, or 0. */
static uint64_t entry_above(struct os_mm *mm, uint64_t va) {
  const struct os_pt_ops *pt = mm->os->pt;
  uint64_t base = mm->root;
  for (unsigned h = pt->top; h > 1; h--) {
    uint64_t e = os_rd(mm->os, base + 8 * os_pt_index(va, h));
    if (!pt->present(e) || pt->is_huge(e)) return 0;
    base = pt->next(e);
  }
  return base + 8 * os_pt_index(va, 1);
}

/* test_and_clear_young of an entry that points to a table. */
static bool table_young(struct os_policy *p, struct os_mm *mm, uint64_t base, uint64_t pa,
                        uint64_t e) {
  struct os *os = p->os;
  if (!os->pt->young(e)) return false;
  uint64_t old = e;
  while (!os_cas(os, pa, e, os->pt->set_young(e, false), &old)) {
    if (!os->pt->young(old)) return false;
    e = old;
  }
  cleared(p, mm, base); /* caches of pointers go with it */
  return true;
}

/* A huge entry: of the pool, on no list; or transparent, one page. */
static void walk_huge(struct os_policy *p, struct lru_walk *w, struct os_mm *mm, uint64_t base,
                      uint64_t pa, uint64_t e) {
  uint32_t pfn = frame_of(p->os, e);
  if (os_frame(p->os, pfn)->type != OS_FRAME_ANON) return;
  lru_walk_huge(w);
  if (!p->os->pt->young(e) || !lru_walk_wants(w, pfn) || !clear_young(p->os, pa, e)) return;
  lru_walk_young(w, pfn);
  cleared(p, mm, base);
}

static void walk_table(struct os_policy *p, struct lru_walk *w, struct os_mm *mm, uint64_t base,
                       const uint64_t wanted[ENTRIES / 64]) {
  struct os *os = p->os;
  uint64_t above = entry_above(mm, base);
  uint64_t e = above != 0 ? os_rd(os, above) : 0;
  if (!os->pt->present(e)) return;
  if (os->pt->is_huge(e)) {
    walk_huge(p, w, mm, base, above, e);
    return;
  }
  if (lru_walk_nonleaf(w) && !table_young(p, mm, base, above, e)) return;
  uint64_t table = os->pt->next(e);
  if (!lru_walk_table(w, table)) return;
  uint32_t entries = 0;
  uint32_t young = 0;
  for (unsigned i = 0; i < ENTRIES; i++) {
    if ((wanted[i / 64] >> i % 64 & 1) == 0) continue;
    entries++;
    uint64_t leaf = os_rd(os, table + 8 * i);
    if (!os->pt->present(leaf) || !os->pt->young(leaf) || !lru_walk_wants(w, frame_of(os, leaf)) ||
        !clear_young(os, table + 8 * i, leaf))
      continue;
    young++;
    lru_walk_young(w, frame_of(os, leaf));
    cleared(p, mm, base + ((uint64_t)i << 12));
  }
  lru_walk_table_done(w, table, entries, young);
}

/* The first page of an area at or after va; false: none. */
static bool area_after(const struct os_mm *mm, uint64_t va, uint64_t *first) {
  for (size_t i = 0; i < mm->vmas; i++) {
    if (mm->vma[i].end <= va) continue;
    *first = mm->vma[i].start > va ? mm->vma[i].start : va;
    return true;
  }
  return false;
}

static void walk_space(struct os_policy *p, struct lru_walk *w, struct os_mm *mm) {
  struct os *os = p->os;
  uint64_t va = 0;
  while (area_after(mm, va, &va)) {
    uint64_t base = va & ~(TABLE_BYTES - 1);
    uint64_t wanted[ENTRIES / 64];
    os_lock(os, &mm->table);
    pages_of(mm, base, wanted); /* what goes away after this is zapped under the lock */
    if (mm->root != 0) walk_table(p, w, mm, base, wanted);
    os_unlock(os, &mm->table);
    os_lru_flush_clears(p);
    os->plat.ops->resched(os->plat.self);
    va = base + TABLE_BYTES;
  }
}

/* The address space with the lowest id above `id`, or NULL. */
static struct os_mm *space_after(const struct os *os, uint32_t id) {
  struct os_mm *found = NULL;
  for (struct os_mm *mm = os->mms; mm != NULL; mm = mm->next)
    if (mm->id > id && (found == NULL || mm->id < found->id)) found = mm;
  return found;
}

/* The kernel leaves out spaces that have not run since the last walk; here nobody tells of context
 * switches, so all are walked. */
void os_lru_walk(void *self, struct lru_walk *w) {
  struct os_policy *p = self;
  struct os *os = p->os;
  uint32_t node = UINT32_C(1) << p->node->id;
  uint32_t id = 0;
  p->walking = true;
  for (struct os_mm *mm = space_after(os, 0); mm != NULL; mm = space_after(os, id)) {
    id = mm->id;
    struct lru_walk_space s = {.fresh = (mm->walked & node) == 0,
                               .ran = true,
                               .rss = {mm->rss - mm->file_rss, mm->file_rss}};
    mm->walked |= node;
    if (!lru_walk_mm(w, &s)) continue;
    os_mm_get(mm);
    walk_space(p, w, mm);
    os_mm_put(mm);
  }
  p->walking = false;
  os_wake(os, &p->walk); /* they run when the generation has moved on */
}
