/* SPDX-License-Identifier: Apache-2.0
 * Taking translations down over a range, and changing their rights. As Linux 6.1 mm/memory.c and
 * mm/mprotect.c: entries first, then one invalidation for a batch, only then the frames; a table
 * goes when no remaining area needs its range. D bits that the hardware sets until the very
 * exchange of an entry are kept. */
#include "os/kernel.h"

enum { GATHER_FRAMES = 256 };

/* What waits for the invalidation. */
struct gather {
  struct os_mm *mm;
  bool all; /* invalidate the whole identifier */
  uint32_t pages;
  uint64_t page[OS_INVAL_CEILING];
  uint32_t frames, tables;
  uint32_t frame[GATHER_FRAMES], table[GATHER_FRAMES];
};

static void gather_flush(struct gather *g) {
  struct os *os = g->mm->os;
  if (g->all || g->tables != 0) {
    os_inval_asid(g->mm, g->tables != 0);
  } else {
    os_inval_pages(g->mm, g->page, g->pages);
  }
  g->pages = 0;
  g->all = false;
  uint32_t freed = g->tables;
  for (uint32_t i = 0; i < g->frames; i++) {
    os_swap_forget(os, g->frame[i]);
    freed += os_frame_put(os, g->frame[i]);
  }
  for (uint32_t i = 0; i < g->tables; i++)
    os_pt_free_table(g->mm, g->table[i]);
  g->frames = g->tables = 0;
  os_spend(os, OS_WORK_FREE_FRAME, freed);
}

static void gather_page(struct gather *g, uint64_t va) {
  if (g->pages == OS_INVAL_CEILING)
    g->all = true;
  else
    g->page[g->pages++] = va;
}

/* Take the table lock. What a reclaimer unmapped here and has not invalidated yet is ours to
 * invalidate too before the range may mean something else (Linux: flush_tlb_batched_pending). */
static void gather_begin(struct gather *g, struct os_mm *mm) {
  g->mm = mm;
  g->pages = g->frames = g->tables = 0;
  os_lock(mm->os, &mm->table);
  g->all = mm->unflushed != 0;
}

static void gather_end(struct gather *g) {
  if (g->all || g->frames != 0 || g->tables != 0 || g->pages != 0) gather_flush(g);
  os_unlock(g->mm->os, &g->mm->table);
}

/* zap_huge_pmd: the table set aside goes, too; no hardware ever saw it. */
static void zap_huge(struct gather *g, uint64_t pmd_pa, uint64_t va) {
  struct os_mm *mm = g->mm;
  struct os *os = mm->os;
  uint64_t e = os_pt_exchange(os, pmd_pa, 0);
  uint32_t pfn = (uint32_t)(os->pt->address(e) >> 12);
  if (os_frame(os, pfn)->type == OS_FRAME_ANON) {
    os_rmap_remove(os, pfn, mm, va);
    os_pt_free_table(mm, os_deposit_take(mm));
  }
  os_spend(os, OS_WORK_RMAP_STEP, 1);
  gather_page(g, va);
  g->frame[g->frames++] = pfn;
  if (g->frames == GATHER_FRAMES) gather_flush(g);
}

static void zap_leaf(struct gather *g, uint64_t pte_pa, uint64_t va, unsigned height) {
  struct os_mm *mm = g->mm;
  struct os *os = mm->os;
  if (height != 0) {
    zap_huge(g, pte_pa, va);
    return;
  }
  uint64_t e = os_rd(os, pte_pa);
  if (e == 0) return;
  e = os_pt_exchange(os, pte_pa, 0);
  if (!os->pt->present(e)) {
    mm->swapped--;
    os_swap_unmap(os, os->pt->slot(e));
    return;
  }
  uint32_t pfn = (uint32_t)(os->pt->address(e) >> 12);
  if (pfn == os->zero) {
    gather_page(g, va);
    return;
  }
  if (os->pt->dirty(e)) os_frame_set_dirty(os, pfn);
  if (os->pt->young(e)) os_policy_unmapped_young(os, pfn);
  os_rmap_remove(os, pfn, mm, va);
  os_munlock_frame(os, pfn);
  os_spend(os, OS_WORK_RMAP_STEP, 1);
  gather_page(g, va);
  g->frame[g->frames++] = pfn;
  if (g->frames == GATHER_FRAMES) gather_flush(g);
}

typedef void leaf_fn(struct gather *g, uint64_t pte_pa, uint64_t va, unsigned height);

/* Visit the leaf entries of [start, end) in the tables that exist. A huge page that lies there in
 * part is split first. */
static void visit(struct gather *g, uint64_t table, unsigned height, uint64_t start, uint64_t end,
                  leaf_fn *fn) {
  struct os *os = g->mm->os;
  uint64_t span = UINT64_C(1) << (12 + 9 * height);
  for (uint64_t va = start; va < end;) {
    uint64_t next = (va & ~(span - 1)) + span;
    if (next > end) next = end;
    uint64_t at = table + 8 * os_pt_index(va, height);
    if (height == 0) {
      fn(g, at, va, 0);
    } else {
      uint64_t e = os_rd(os, at);
      bool huge = height == 1 && os->pt->present(e) && os->pt->is_huge(e);
      if (huge && next - va == span) {
        fn(g, at, va, 1);
      } else {
        if (huge) {
          os_huge_split(g->mm, at, va);
          e = os_rd(os, at);
        }
        if (os->pt->present(e)) visit(g, os->pt->next(e), height - 1, va, next, fn);
      }
    }
    va = next;
  }
}

/* Free the tables under `table` that lie in [start, end)'s reach and that no area needs. */
static void free_tables(struct gather *g, uint64_t table, unsigned height, uint64_t start,
                        uint64_t end) {
  struct os *os = g->mm->os;
  uint64_t span = UINT64_C(1) << (12 + 9 * height);
  uint64_t va = start & ~(span - 1);
  for (; va < end; va += span) {
    uint64_t at = table + 8 * os_pt_index(va, height);
    uint64_t e = os_rd(os, at);
    if (!os->pt->present(e)) continue;
    uint64_t child = os->pt->next(e);
    bool needed = os_vma_any(g->mm, va, va + span);
    if (height > 1) {
      uint64_t from = needed && start > va ? start : va;
      uint64_t to = needed && end < va + span ? end : va + span;
      free_tables(g, child, height - 1, from, to);
    }
    if (needed) continue;
    os_wr(os, at, 0);
    g->table[g->tables++] = (uint32_t)(child >> 12);
    if (g->tables == GATHER_FRAMES) gather_flush(g);
  }
}

void os_zap(struct os_mm *mm, uint64_t start, uint64_t end) {
  struct gather g;
  gather_begin(&g, mm);
  visit(&g, mm->root, mm->os->pt->top, start, end, zap_leaf);
  free_tables(&g, mm->root, mm->os->pt->top, start, end);
  gather_end(&g);
}

void os_discard(struct os_mm *mm, uint64_t start, uint64_t end) {
  struct gather g;
  gather_begin(&g, mm);
  if (mm->root != 0) visit(&g, mm->root, mm->os->pt->top, start, end, zap_leaf);
  gather_end(&g);
}

uint8_t os_leaf_prot(const struct os_vma *v, bool own, bool dirty) {
  bool write = v->shared ? v->shmem || dirty : own;
  return write ? v->prot : v->prot & (uint8_t)~OS_PROT_WRITE;
}

static void protect_leaf(struct gather *g, uint64_t pte_pa, uint64_t va, unsigned height) {
  (void)height;
  struct os *os = g->mm->os;
  const struct os_vma *v = os_vma_find(g->mm, va);
  uint64_t e = os_rd(os, pte_pa);
  while (os->pt->present(e)) {
    uint32_t pfn = (uint32_t)(os->pt->address(e) >> 12);
    uint8_t prot = os_leaf_prot(v, os_anon_exclusive(os, pfn, 0), os->pt->dirty(e));
    uint64_t old = e;
    if (os_cas(os, pte_pa, e, os->pt->set_prot(e, prot), &old)) {
      gather_page(g, va);
      return;
    }
    e = old;
  }
}

void os_reprotect(struct os_mm *mm, uint64_t start, uint64_t end) {
  struct gather g;
  gather_begin(&g, mm);
  visit(&g, mm->root, mm->os->pt->top, start, end, protect_leaf);
  gather_end(&g);
}
