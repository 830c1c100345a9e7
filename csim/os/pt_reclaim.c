/* SPDX-License-Identifier: Apache-2.0
 * os.pt_reclaim: under pressure, tables that hold nothing are freed, though areas still cover their
 * range. Linux 6.1 never does that (its free_pgtables looks at areas only). An entry for a page in
 * swap is something. Promises: no hardware knows a table any more when it is freed. */
#include "os/kernel.h"

/* Free what is empty below; true if this table is empty now. */
static bool sweep(struct os_mm *mm, uint64_t table, unsigned height, uint64_t *freed) {
  struct os *os = mm->os;
  bool empty = true;
  for (unsigned i = 0; i < 512; i++) {
    uint64_t at = table + 8 * i;
    uint64_t e = os_rd(os, at);
    if (e == 0) continue;
    bool pointer = height != 0 && os->pt->present(e) && !(height == 1 && os->pt->is_huge(e));
    if (!pointer || !sweep(mm, os->pt->next(e), height - 1, freed)) {
      empty = false;
      if (height == 0) return false;
      continue;
    }
    os_wr(os, at, 0);
    os_inval_asid(mm, true);
    os_pt_free_table(mm, (uint32_t)(os->pt->next(e) >> 12));
    os_spend(os, OS_WORK_FREE_FRAME, 1);
    (*freed)++;
  }
  return empty;
}

/* The youngest address space of id below `id` that has tables. */
static struct os_mm *next_mm(struct os *os, uint32_t id) {
  struct os_mm *mm = os->mms;
  while (mm != NULL && (mm->id >= id || mm->root == 0))
    mm = mm->next;
  return mm;
}

uint64_t os_pt_reclaim(struct os *os) {
  uint64_t freed = 0;
  uint32_t id = UINT32_MAX;
  for (struct os_mm *mm = next_mm(os, id); mm != NULL; mm = next_mm(os, id)) {
    id = mm->id;
    if (mm->map.held) continue;
    os_mm_get(mm);
    mm->map.held = true; /* trylock */
    os_lock(os, &mm->table);
    if (mm->root != 0) (void)sweep(mm, mm->root, os->pt->top, &freed);
    os_unlock(os, &mm->table);
    os_unlock(os, &mm->map);
    os_mm_put(mm);
  }
  os->st.pt_reclaimed += freed;
  return freed;
}
