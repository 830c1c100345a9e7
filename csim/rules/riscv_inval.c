/* SPDX-License-Identifier: Apache-2.0
 * What the fences of RISC-V must do away with. Source: The RISC-V Instruction Set Manual,
 * privileged architecture, SFENCE.VMA, HFENCE.VVMA and HFENCE.GVMA. Promise: a pure function. */
#include "rules/stage2.h"

/* SFENCE.VMA orders the leaf entry that maps the address, and so whatever was made of it, also if
 * the G-stage maps its page by smaller ones. With an address only leaf entries are ordered; with an
 * ASID global ones are not. */
static bool covers_virtual(const struct mmu_inval *inv, const struct rules_entry *e) {
  bool asid = inv->asid == e->asid && !e->global;
  bool here = !e->pointer && rules_same_range(inv->addr, e->va, rules_virtual_shift(e));
  switch (inv->kind) {
    case MMU_INV_RISCV_ALL:
      return true;
    case MMU_INV_RISCV_ADDR:
      return here;
    case MMU_INV_RISCV_ASID:
      return asid;
    case MMU_INV_RISCV_ADDR_ASID:
      return here && asid;
    default:
      return false;
  }
}

/* HFENCE.GVMA. Only a nested entry knows the guest-physical address that it is for. */
static bool covers_guest(const struct mmu_inval *inv, const struct rules_entry *e) {
  bool vmid = inv->vmid == e->vmid;
  bool here = !e->nested || rules_same_range(inv->addr << 2, e->va, e->shift);
  switch (inv->kind) {
    case MMU_INV_RISCV_GVMA_ALL:
      return true;
    case MMU_INV_RISCV_GVMA_ADDR:
      return here;
    case MMU_INV_RISCV_GVMA_VMID:
      return vmid;
    case MMU_INV_RISCV_GVMA_ADDR_VMID:
      return here && vmid;
    default:
      return false;
  }
}

bool rules_riscv_covers(const struct mmu_inval *inv, const struct rules_entry *e) {
  if (e->nested) return covers_guest(inv, e);
  if (inv->regime != e->regime) return false;
  if (e->s2_mode == MMU_S2_RISCV && covers_guest(inv, e)) return true;
  return inv->vmid == e->vmid && covers_virtual(inv, e);
}
