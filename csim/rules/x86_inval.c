/* SPDX-License-Identifier: Apache-2.0
 * What the invalidations of x86 must do away with. Source: Intel SDM volume 3, 4.10.4.1, and
 * "Operations that Invalidate Cached Mappings" (INVVPID, INVEPT); AMD APM volume 2, 15.16 (TLB
 * control, INVLPGA). Promise: a pure function. */
#include "rules/stage2.h"

/* Of a large page all entries go, if there are many (4.10.2.3): so there are where EPT or nested
 * paging maps it by small pages. INVLPG drops every paging-structure-cache entry of the PCID,
 * whatever the address; INVPCID type 0 those that would serve the address. */
static bool covers_linear(const struct mmu_inval *inv, const struct rules_entry *e) {
  bool pcid = inv->asid == e->asid;
  bool here = rules_same_range(inv->addr, e->va, rules_virtual_shift(e));
  bool global = e->global && !e->pointer;
  switch (inv->kind) {
    case MMU_INV_X86_INVLPG:
      return e->pointer ? pcid : here && (pcid || global);
    case MMU_INV_X86_CR3:
    case MMU_INV_X86_PCID:
      return pcid && !global;
    case MMU_INV_X86_PCID_ADDR:
      return pcid && here && !global;
    case MMU_INV_X86_ALL_PCID:
    case MMU_INV_X86_VPID_LOCAL:
      return !global;
    case MMU_INV_X86_VPID_ADDR:
    case MMU_INV_AMD_ADDR:
      return here;
    case MMU_INV_X86_ALL:
    case MMU_INV_X86_ALL_GLOBAL:
    case MMU_INV_X86_VPID:
    case MMU_INV_AMD_ASID:
      return true;
    default:
      return false;
  }
}

bool rules_x86_covers(const struct mmu_inval *inv, const struct rules_entry *e) {
  switch (inv->kind) {
    case MMU_INV_AMD_ALL:
      return true;
    case MMU_INV_X86_EPT: /* the operand is an EPTP, whose low bits are controls */
      return e->s2_mode == MMU_S2_EPT && ((inv->addr ^ e->s2_root) & rules_mask(51, 12)) == 0;
    case MMU_INV_X86_EPT_ALL:
      return e->s2_mode == MMU_S2_EPT;
    default:
      break;
  }
  if (e->nested)
    return inv->kind == MMU_INV_AMD_ASID && e->s2_mode == MMU_S2_NPT && inv->vmid == e->vmid;
  if (inv->regime != e->regime) return false;
  if (inv->kind == MMU_INV_X86_VPID_ALL) return e->vmid != 0;
  return inv->vmid == e->vmid && covers_linear(inv, e);
}
