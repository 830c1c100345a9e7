// SPDX-License-Identifier: Apache-2.0
// Hand-filled page tables for measurements: SDM 4.5 (4-level), Arm D8.3 (4 KiB granule, 48 bits),
// RISC-V privileged 4.5 (Sv48); of stage 2: SDM 28.2.2 (EPT), Arm D8.3, RISC-V 5.5.1 (Sv48x4). All
// have nine index bits a level and 8-byte descriptors; more than that at the G-stage's root is 0.
// Promises: pointers carry A where the architecture has it there, so a cold walk only reads.
#include "bench/world.h"

enum { ROOT_HEIGHT = 3, FIRST_TABLE = 16 << 20 };

static void set_context(struct world *w) {
  struct mmu_context *c = &w->context;
  *c = (struct mmu_context){.s1_root0 = FIRST_TABLE,
                            .s1_root1 = FIRST_TABLE,
                            .priv = MMU_USER,
                            .asid = 1,
                            .pa_width = 44,
                            .s1_hw_a = true,
                            .s1_hw_d = true};
  switch (w->arch) {
    case MMU_ARCH_X86:
      c->s1_mode = MMU_S1_X86_L4;
      c->wp = c->nxe = c->smep = c->page1g = true;
      break;
    case MMU_ARCH_ARM:
      c->s1_mode = MMU_S1_ARM_4K;
      c->t0sz = c->t1sz = 16;
      break;
    default:
      c->s1_mode = MMU_S1_SV48;
      break;
  }
}

bool world_create(struct world *w, enum mmu_arch arch) {
  *w = (struct world){.arch = arch, .next_table = FIRST_TABLE + 4096};
  w->memory = physmem_create((uint64_t)1 << 36);
  set_context(w);
  return w->memory != NULL;
}

void world_destroy(struct world *w) {
  physmem_destroy(w->memory);
}

static uint64_t pointer(enum mmu_arch arch, uint64_t table) {
  switch (arch) {
    case MMU_ARCH_X86:
      return table | 0x27; /* P, R/W, U/S, A */
    case MMU_ARCH_ARM:
      return table | 0x3; /* table */
    default:
      return table >> 2 | 0x1; /* V */
  }
}

static uint64_t leaf_of(enum mmu_arch arch, uint64_t pa, unsigned height, enum world_leaf leaf) {
  bool old = leaf == WORLD_OLD;
  switch (arch) {
    case MMU_ARCH_X86: /* P, R/W, U/S, A and D, PS above the last level */
      return pa | 0x7 | (old ? 0 : 0x60) | (height != 0 ? 0x80 : 0);
    case MMU_ARCH_ARM: /* valid, type, EL0, inner shareable, AF, nG, DBM; clean is read-only */
      return pa | (height == 0 ? 0x3 : 0x1) | 0x340 | 0x800 | (old ? 0x80 : 0x400) |
             (uint64_t)1 << 51;
    default: /* V, R, W, X, U, A and D */
      return pa >> 2 | 0x1f | (old ? 0 : 0xc0);
  }
}

static uint64_t table_of(enum mmu_arch arch, uint64_t descriptor) {
  return arch == MMU_ARCH_RISCV ? (descriptor >> 10) << 12 : descriptor & 0xffffffffff000;
}

void world_map(struct world *w, uint64_t va, uint64_t pa, unsigned height, enum world_leaf leaf) {
  uint64_t table = w->context.s1_root0;
  unsigned level = ROOT_HEIGHT;
  for (;; level--) {
    uint64_t slot = table + (va >> (12 + 9 * level) & 511) * 8;
    uint64_t descriptor = 0;
    if (level == height) {
      physmem_write64(w->memory, slot, leaf_of(w->arch, pa, height, leaf), MEM_WRITER_LOADER);
      return;
    }
    physmem_read64(w->memory, slot, &descriptor);
    if (descriptor == 0) {
      descriptor = pointer(w->arch, w->next_table);
      physmem_write64(w->memory, slot, descriptor, MEM_WRITER_LOADER);
      w->next_table += 4096;
    }
    table = table_of(w->arch, descriptor);
  }
}

/* ---- stage 2 ---- */

static void set_stage2(struct world *w, uint64_t root) {
  static const enum mmu_s2_mode modes[] = {MMU_S2_EPT, MMU_S2_ARM, MMU_S2_RISCV};
  struct mmu_context *c = &w->context;
  c->s2_mode = (uint8_t)modes[w->arch];
  c->s2_root = root;
  c->s2_top = ROOT_HEIGHT;
  c->s2_pa_width = 44;
  c->vmid = 1;
  c->s2_page1g = w->arch == MMU_ARCH_X86;
  c->s2_t0sz = w->arch == MMU_ARCH_ARM ? 16 : 0;
}

static uint64_t s2_pointer(enum mmu_arch arch, uint64_t table) {
  return arch == MMU_ARCH_X86 ? table | 0x7 /* R, W, X */ : pointer(arch, table);
}

static uint64_t s2_page(enum mmu_arch arch, uint64_t pa) {
  switch (arch) {
    case MMU_ARCH_X86: /* R, W, X, write-back */
      return pa | 0x37;
    case MMU_ARCH_ARM: /* valid page, normal write-back memory, S2AP read and write, SH, AF */
      return pa | 0x3 | 0x3c | 0xc0 | 0x300 | 0x400;
    default: /* V, R, W, X, U, A, D */
      return pa >> 2 | 0xdf;
  }
}

static void nest_page(struct world *w, uint64_t page) {
  uint64_t table = w->context.s2_root;
  for (unsigned level = ROOT_HEIGHT;; level--) {
    uint64_t slot = table + (page >> (12 + 9 * level) & 511) * 8;
    uint64_t descriptor = 0;
    if (level == 0) {
      physmem_write64(w->memory, slot, s2_page(w->arch, page), MEM_WRITER_LOADER);
      return;
    }
    physmem_read64(w->memory, slot, &descriptor);
    if (descriptor == 0) {
      descriptor = s2_pointer(w->arch, w->next_table);
      physmem_write64(w->memory, slot, descriptor, MEM_WRITER_LOADER);
      w->next_table += 4096;
    }
    table = table_of(w->arch, descriptor);
  }
}

void world_nest(struct world *w, uint64_t first, uint64_t last) {
  uint64_t tables_end = w->next_table;
  uint64_t root = (tables_end + 0x3fff) & ~UINT64_C(0x3fff); /* 16 KiB for Sv48x4 */
  w->next_table = root + 0x4000;
  set_stage2(w, root);
  for (uint64_t page = FIRST_TABLE; page < tables_end; page += 4096)
    nest_page(w, page);
  for (uint64_t page = first; page <= last; page += 4096)
    nest_page(w, page);
}
