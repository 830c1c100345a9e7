/* SPDX-License-Identifier: Apache-2.0
 * Walking and building page tables in simulated memory, every step a timed access. Tables are
 * built on first touch, one frame each (Linux 6.1 mm/memory.c: __pte_alloc and its like). A walk
 * never trusts an entry for more than the architecture's encoding of it says. */
#include "os/pt.h"

#include <stdio.h>

#include "os/kernel.h"

const struct os_pt_ops *os_pt_find(const struct os_config *cfg, char *err, size_t err_len) {
  static const struct os_pt_ops *const all[] = {&os_pt_x86, &os_pt_arm, &os_pt_sv39, &os_pt_sv48};
  static const enum mmu_arch arch[] = {MMU_ARCH_X86, MMU_ARCH_ARM, MMU_ARCH_RISCV, MMU_ARCH_RISCV};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    if (arch[i] != cfg->arch || all[i]->mode != (uint8_t)cfg->mode) continue;
    if (cfg->arch == MMU_ARCH_X86 && !(cfg->hw_a && cfg->hw_d)) {
      (void)snprintf(err, err_len, "x86 hardware always sets A and D: hw_a and hw_d must be on");
      return NULL;
    }
    if (cfg->arch == MMU_ARCH_ARM && cfg->hw_d && !cfg->hw_a) {
      (void)snprintf(err, err_len,
                     "Arm sets dirty state in hardware only together with AF: "
                     "turn hw_a on or hw_d off");
      return NULL;
    }
    if (cfg->arch == MMU_ARCH_RISCV && cfg->hw_a != cfg->hw_d) {
      (void)snprintf(err, err_len, "RISC-V updates A and D together (ADUE): hw_a and hw_d differ");
      return NULL;
    }
    return all[i];
  }
  (void)snprintf(err, err_len, "no page-table format %d for architecture %d in the OS model",
                 (int)cfg->mode, (int)cfg->arch);
  return NULL;
}

uint64_t os_pt_lookup(struct os_mm *mm, uint64_t va) {
  struct os *os = mm->os;
  uint64_t base = mm->root;
  if (base == 0) return 0;
  for (unsigned h = os->pt->top; h != 0; h--) {
    uint64_t e = os_rd(os, base + 8 * os_pt_index(va, h));
    if (!os->pt->present(e)) return 0;
    if (h == 1 && os->pt->is_huge(e)) return base + 8 * os_pt_index(va, h);
    base = os->pt->next(e);
  }
  return base + 8 * os_pt_index(va, 0);
}

uint64_t os_pt_ensure_at(struct os_mm *mm, uint64_t va, unsigned height) {
  struct os *os = mm->os;
  uint64_t base = mm->root;
  for (unsigned h = os->pt->top; h != height; h--) {
    uint64_t at = base + 8 * os_pt_index(va, h);
    uint64_t e = os_rd(os, at);
    if (!os->pt->present(e)) {
      uint32_t pfn = os_pt_new_table(mm, h - 1);
      if (pfn == OS_NO_FRAME) return 0;
      e = os->pt->table((uint64_t)pfn << 12);
      os_wr(os, at, e);
    }
    base = os->pt->next(e);
  }
  return base + 8 * os_pt_index(va, height);
}

uint64_t os_pt_ensure(struct os_mm *mm, uint64_t va) {
  return os_pt_ensure_at(mm, va, 0);
}

uint32_t os_pt_new_table(struct os_mm *mm, unsigned height) {
  struct os *os = mm->os;
  uint32_t pfn = os_pt_pool_take(os);
  if (pfn == OS_NO_FRAME) pfn = os_frame_alloc(os, OS_FRAME_TABLE);
  if (pfn == OS_NO_FRAME) return OS_NO_FRAME;
  os_frame(os, pfn)->height = (uint8_t)height;
  os->plat.ops->frame_zero(os->plat.self, pfn);
  os_spend(os, OS_WORK_ZERO_FRAME, 1);
  mm->tables++;
  if (height <= 1 && ++os->st.nr_page_table_pages > os->st.page_table_pages_max)
    os->st.page_table_pages_max = os->st.nr_page_table_pages; /* Linux: heights 0 and 1 */
  return pfn;
}

void os_pt_free_table(struct os_mm *mm, uint32_t pfn) {
  if (os_frame(mm->os, pfn)->height <= 1) mm->os->st.nr_page_table_pages--;
  mm->tables--;
  if (!os_pt_pool_give(mm->os, pfn)) (void)os_frame_put(mm->os, pfn);
}

uint64_t os_pt_exchange(struct os *os, uint64_t pte_pa, uint64_t desired) {
  uint64_t e = os_rd(os, pte_pa);
  uint64_t old = e;
  while (!os_cas(os, pte_pa, e, desired, &old))
    e = old;
  return e;
}
