/* SPDX-License-Identifier: Apache-2.0
 * khugepaged after Linux 6.1 mm/khugepaged.c: every scan_sleep_millisecs it looks at pages_to_scan
 * entries, address space by address space, and makes one huge page of 2 MiB of small ones if there
 * are no more than max_ptes_none holes, one entry may be written and one was used. Pages
 * in swap are left alone (as with max_ptes_swap 0). Promises: nothing is copied while the hardware
 * can still write it; the table becomes the one set aside for a split. */
#include "os/kernel.h"

struct scan {
  struct os *os;
  uint32_t mm_id; /* where the next round goes on: address spaces in falling order of id, */
  uint64_t va;    /* and addresses */
};

static bool trylock(struct os_mutex *m) {
  if (m->held) return false;
  m->held = true;
  return true;
}

/* ---- may it be done ---- */

/* The page of an entry belongs to this process alone and nobody else holds it. */
static bool own_page(struct os *os, uint32_t pfn) {
  const struct os_frame *f = os_frame(os, pfn);
  if (f->type != OS_FRAME_ANON || f->mapcount != 1) return false;
  if ((f->flags & (OS_F_LOCKED | OS_F_WRITEBACK | OS_F_HUGE | OS_F_TAIL)) != 0) return false;
  bool cached = f->slot != OS_NO_SLOT;
  return f->refs == 1 + (uint32_t)cached && (!cached || os->swap.maps[f->slot] == 0);
}

/* Table lock held. [yields] */
static bool worth_it(struct os_mm *mm, uint64_t table) {
  struct os *os = mm->os;
  uint32_t none = 0;
  bool young = false;
  bool writable = false;
  for (unsigned i = 0; i < OS_HUGE_PAGES; i++) {
    uint64_t e = os_rd(os, table + 8 * i);
    if (e == 0) {
      if (++none > os->cfg.khugepaged_max_ptes_none) return false;
      continue;
    }
    if (!os->pt->present(e)) return false;
    if (!own_page(os, (uint32_t)(os->pt->address(e) >> 12))) return false;
    young = young || os->pt->young(e);
    writable = writable || os->pt->writable(e);
  }
  return young && writable;
}

/* The entry of height 1 that points to a table of small pages, or 0. */
static uint64_t table_entry(struct os_mm *mm, uint64_t va, uint64_t *table) {
  struct os *os = mm->os;
  uint64_t base = mm->root;
  for (unsigned h = os->pt->top; base != 0; h--) {
    uint64_t at = base + 8 * os_pt_index(va, h);
    uint64_t e = os_rd(os, at);
    if (!os->pt->present(e) || (h == 1 && os->pt->is_huge(e))) return 0;
    base = os->pt->next(e);
    *table = base;
    if (h == 1) return at;
  }
  return 0;
}

/* ---- doing it ---- */

/* __collapse_huge_page_copy: the entry above is not present, so nothing changes under us. */
static void copy_pages(struct os_mm *mm, uint64_t table, uint64_t va, uint32_t huge) {
  struct os *os = mm->os;
  for (unsigned i = 0; i < OS_HUGE_PAGES; i++) {
    uint64_t e = os_rd(os, table + 8 * i);
    if (e == 0) {
      os->plat.ops->frame_zero(os->plat.self, huge + i);
      os_spend(os, OS_WORK_ZERO_FRAME, 1);
      continue;
    }
    uint32_t old = (uint32_t)(os->pt->address(e) >> 12);
    os->plat.ops->frame_copy(os->plat.self, huge + i, old);
    os_spend(os, OS_WORK_COPY_FRAME, 1);
    os_wr(os, table + 8 * i, 0);
    os_rmap_remove(os, old, mm, va + ((uint64_t)i << 12));
    os_swap_forget(os, old);
    if (os_frame_put(os, old)) os_spend(os, OS_WORK_FREE_FRAME, 1);
  }
}

/* collapse_huge_page, with the map and the table lock held. false: things have changed. [yields] */
static bool replace(struct os_mm *mm, uint64_t va, uint32_t huge) {
  struct os *os = mm->os;
  uint64_t table = 0;
  const struct os_vma *v = os_vma_find(mm, va);
  if (v == NULL || !os_huge_eligible(os, v, va)) return false;
  uint64_t at = table_entry(mm, va, &table);
  if (at == 0 || !worth_it(mm, table)) return false;
  uint64_t pointer = os_pt_exchange(os, at, os->pt->swap(0));
  os_inval_asid(mm, true); /* the pointer may be cached, too */
  if (!worth_it(mm, table)) {
    os_wr(os, at, pointer);
    return false;
  }
  copy_pages(mm, table, va, huge);
  os_deposit(mm, (uint32_t)(table >> 12));
  (void)os_rmap_add(os, huge, mm, va);
  uint64_t page = os->pt->leaf((uint64_t)huge << 12, os_leaf_prot(v, true, true), true);
  os_wr(os, at, os->pt->huge(page));
  os_frame_set_dirty(os, huge);
  return true;
}

static void collapse(struct os_mm *mm, uint64_t va) {
  struct os *os = mm->os;
  uint32_t huge = os_huge_alloc_khugepaged(os); /* no lock is held */
  if (huge == OS_NO_FRAME) {
    os->st.thp_collapse_alloc_failed++;
    return;
  }
  os->st.thp_collapse_alloc++;
  os_lock(os, &mm->map);
  os_lock(os, &mm->table);
  if (mm->root != 0 && replace(mm, va, huge)) os_policy_add(os, huge, false);
  os_unlock(os, &mm->table);
  os_unlock(os, &mm->map);
  (void)os_frame_put(os, huge);
}

/* ---- going round ---- */

static bool wants_collapse(struct os_mm *mm, uint64_t va) {
  uint64_t table = 0;
  os_lock(mm->os, &mm->table);
  bool yes = mm->root != 0 && table_entry(mm, va, &table) != 0 && worth_it(mm, table);
  os_unlock(mm->os, &mm->table);
  return yes;
}

/* The next 2 MiB at or after va that may be a huge page; false: none in this address space. */
static bool next_range(const struct os_mm *mm, uint64_t *va) {
  for (size_t i = 0; i < mm->vmas; i++) {
    const struct os_vma *v = &mm->vma[i];
    uint64_t from = v->start > *va ? v->start : *va;
    from = (from + OS_HUGE_BYTES - 1) & ~(OS_HUGE_BYTES - 1);
    if (from >= v->end || !os_huge_eligible(mm->os, v, from)) continue;
    *va = from;
    return true;
  }
  return false;
}

/* The youngest address space of id up to `id`. */
static struct os_mm *mm_at(struct os *os, uint32_t id) {
  struct os_mm *mm = os->mms;
  while (mm != NULL && (mm->id > id || mm->root == 0))
    mm = mm->next;
  return mm;
}

/* khugepaged_scan_mm_slot: one 2 MiB, or on to the next address space; entries looked at. */
static uint32_t step(struct scan *s, struct os_mm *mm) {
  bool found = trylock(&mm->map);
  if (found) {
    found = next_range(mm, &s->va);
    os_unlock(s->os, &mm->map);
  }
  if (!found) {
    s->mm_id = mm->id - 1;
    s->va = 0;
    return 1;
  }
  uint64_t va = s->va;
  s->va = va + OS_HUGE_BYTES;
  if (wants_collapse(mm, va)) collapse(mm, va);
  return OS_HUGE_PAGES;
}

/* khugepaged_do_scan: no more than once past the end of the list. */
static void one_round(struct scan *s) {
  struct os *os = s->os;
  bool wrapped = false;
  for (uint32_t left = os->cfg.khugepaged_pages_to_scan; left != 0;) {
    struct os_mm *mm = mm_at(os, s->mm_id);
    if (mm == NULL) {
      bool whole = s->mm_id == UINT32_MAX;
      s->mm_id = UINT32_MAX;
      s->va = 0;
      if (wrapped || whole) return;
      wrapped = true;
      continue;
    }
    os_mm_get(mm);
    uint32_t done = step(s, mm);
    os_mm_put(mm);
    left -= done < left ? done : left;
    os->plat.ops->resched(os->plat.self);
  }
}

void os_khugepaged(void *arg) {
  struct scan s = {.os = arg, .mm_id = UINT32_MAX};
  for (;;) {
    (void)os_wait_us(s.os, &s.os->khugepaged, s.os->cfg.khugepaged_scan_sleep_ms * UINT64_C(1000));
    one_round(&s);
  }
}
