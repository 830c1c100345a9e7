/* SPDX-License-Identifier: Apache-2.0
 * Address spaces and their hardware identifiers (PCID, ASID), and the invalidations by address and
 * by identifier. An identifier is handed out again only after everything cached under it is gone.
 */
#include "os/mm.h"

#include <stdlib.h>

#include "os/kernel.h"

static uint16_t asid_take(struct os *os) {
  for (uint32_t n = 1; n < os->pt->asids; n++) {
    os->asid_hand = os->asid_hand + 1 < os->pt->asids ? os->asid_hand + 1 : 1;
    if (os->by_asid[os->asid_hand] != NULL) continue;
    return (uint16_t)os->asid_hand;
  }
  return 0;
}

struct os_mm *os_mm_create(struct os *os) {
  struct os_mm *mm = os_host_alloc(os, sizeof *mm);
  if (mm == NULL) return NULL;
  mm->os = os;
  mm->asid = asid_take(os);
  if (mm->asid != 0) os->by_asid[mm->asid] = mm;
  uint32_t root = mm->asid != 0 ? os_pt_new_table(mm, os->pt->top) : OS_NO_FRAME;
  if (root == OS_NO_FRAME) {
    os->by_asid[mm->asid] = NULL;
    free(mm);
    return NULL;
  }
  mm->root = (uint64_t)root << 12;
  mm->refs = 1;
  mm->id = ++os->next_mm;
  mm->next = os->mms;
  os->mms = mm;
  return mm;
}

void os_mm_get(struct os_mm *mm) {
  mm->refs++;
}

void os_mm_put(struct os_mm *mm) {
  if (--mm->refs != 0) return;
  struct os_mm **p = &mm->os->mms;
  while (*p != mm)
    p = &(*p)->next;
  *p = mm->next;
  free(mm->vma);
  free(mm);
}

static struct mmu_inval page_of(const struct os_mm *mm, uint64_t va) {
  return (struct mmu_inval){.addr = va, .asid = mm->asid, .kind = mm->os->pt->inval_page};
}

static struct mmu_inval all_of(const struct os_mm *mm) {
  return (struct mmu_inval){.asid = mm->asid, .kind = mm->os->pt->inval_asid};
}

static void invalidate(const struct os *os, const struct mmu_inval *inv, uint32_t count,
                       enum os_inval_why why) {
  if (count != 0) os->plat.ops->invalidate(os->plat.self, inv, count, why);
}

void os_inval_page(struct os_mm *mm, uint64_t va) {
  const struct mmu_inval inv = page_of(mm, va);
  invalidate(mm->os, &inv, 1, OS_INVAL_PAGES);
}

void os_inval_cleared(struct os_mm *mm, uint64_t va) {
  const struct mmu_inval inv = page_of(mm, va);
  invalidate(mm->os, &inv, 1, OS_INVAL_A);
}

void os_inval_asid(struct os_mm *mm, bool tables) {
  const struct mmu_inval inv = all_of(mm);
  invalidate(mm->os, &inv, 1, tables ? OS_INVAL_TABLES : OS_INVAL_PAGES);
}

void os_inval_pages(struct os_mm *mm, const uint64_t *va, uint32_t count) {
  struct mmu_inval inv[OS_INVAL_CEILING];
  for (uint32_t i = 0; i < count; i++)
    inv[i] = page_of(mm, va[i]);
  invalidate(mm->os, inv, count, OS_INVAL_PAGES);
}

void os_inval_add(struct os *os, struct os_inval_batch *b, struct os_mm *mm, uint64_t va,
                  bool unmapped) {
  if (b->count == OS_INVAL_BATCH) os_inval_flush(os, b);
  os_mm_get(mm);
  mm->unflushed += unmapped;
  b->page[b->count++] = (struct os_inval_page){.mm = mm, .va = va, .unmapped = unmapped};
}

void os_inval_flush(struct os *os, struct os_inval_batch *b) {
  struct mmu_inval inv[OS_INVAL_BATCH];
  uint32_t n = 0;
  for (size_t i = 0; i < b->count; i++) {
    struct os_mm *mm = b->page[i].mm;
    if (b->page[i].done) continue; /* with its address space */
    size_t same = 0;
    for (size_t j = i; j < b->count; j++)
      same += b->page[j].mm == mm;
    if (same <= OS_INVAL_CEILING) {
      inv[n++] = page_of(mm, b->page[i].va);
      continue;
    }
    for (size_t j = i; j < b->count; j++)
      if (b->page[j].mm == mm) b->page[j].done = true;
    inv[n++] = all_of(mm);
  }
  enum os_inval_why why = OS_INVAL_A;
  for (size_t i = 0; i < b->count; i++)
    if (b->page[i].unmapped) why = OS_INVAL_PAGES;
  invalidate(os, inv, n, why);
  for (size_t i = 0; i < b->count; i++) {
    b->page[i].mm->unflushed -= b->page[i].unmapped;
    os_mm_put(b->page[i].mm);
  }
  b->count = 0;
}
