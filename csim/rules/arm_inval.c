/* SPDX-License-Identifier: Apache-2.0
 * What Arm's TLBI instructions must do away with. Source: Arm ARM (DDI 0487) D8.16, D8.17 and C5.5.
 * Promise: a pure function. */
#include "rules/arm_range.h"
#include "rules/stage2.h"

/* A range operation must do away with what would translate an address of the range, but with a
 * level hint only with leaves of that level and pointers above it (C5.5.35, TTL). Of another
 * granule there is nothing; where the hint and the first address do not fit, nothing is certain. */
static bool range_covers(uint64_t operand, const struct rules_entry *e) {
  struct rules_arm_range r;
  if (!rules_arm_range_of(operand, &r)) return false;
  uint8_t shift = rules_virtual_shift(e);
  uint64_t first = e->va & rules_mask(55, shift);
  if (first > r.last || (first | rules_mask(shift - 1U, 0)) < r.first) return false;
  if (r.level_hint == RULES_ANY_LEVEL) return true;
  uint8_t height = (uint8_t)((shift - 12) / 9); /* of a group: that of its pages */
  return e->pointer ? height > r.level_hint : height == r.level_hint;
}

/* TLBI. The operand holds VA[55:12], so a tag in the top byte plays no part. Pointers are never
 * global (D8.16): those of other ASIDs stay when only global leaf entries go. An entry for a group
 * goes with any of its pages, because it would translate that page (D8.17.6); what was made of a
 * block with any address of the block, whose descriptor would translate that, however small the
 * pages of stage 2 are. */
static bool covers_virtual(const struct mmu_inval *inv, const struct rules_entry *e) {
  uint64_t low = rules_mask(55, 0);
  bool range = inv->kind >= MMU_INV_ARM_RVAE1 && inv->kind <= MMU_INV_ARM_RVAALE1;
  bool here = range ? range_covers(inv->addr, e)
                    : rules_same_range(inv->addr & low, e->va & low, rules_virtual_shift(e));
  bool asid = inv->asid == e->asid;
  bool global = e->global && !e->pointer;
  switch (inv->kind) {
    case MMU_INV_ARM_VMALLE1:
    case MMU_INV_ARM_VMALLS12E1:
      return true;
    case MMU_INV_ARM_VAE1:
    case MMU_INV_ARM_RVAE1:
      return here && (asid || global);
    case MMU_INV_ARM_VALE1:
    case MMU_INV_ARM_RVALE1:
      return here && !e->pointer && (asid || global);
    case MMU_INV_ARM_VAAE1:
    case MMU_INV_ARM_RVAAE1:
      return here;
    case MMU_INV_ARM_VAALE1:
    case MMU_INV_ARM_RVAALE1:
      return here && !e->pointer;
    case MMU_INV_ARM_ASIDE1:
      return asid && !global;
    default:
      return false;
  }
}

/* By intermediate physical address: what holds stage 2 alone. Software adds a VMALLE1 for the rest.
 * The last-level forms ask for no less: no pointers of stage 2 are kept. */
static bool covers_ipa(const struct mmu_inval *inv, const struct rules_entry *e) {
  switch (inv->kind) {
    case MMU_INV_ARM_IPAS2E1:
    case MMU_INV_ARM_IPAS2LE1:
      return rules_same_range(inv->addr & rules_mask(55, 0), e->va, e->shift);
    case MMU_INV_ARM_RIPAS2E1:
    case MMU_INV_ARM_RIPAS2LE1:
      return range_covers(inv->addr, e);
    default:
      return inv->kind == MMU_INV_ARM_VMALLS12E1;
  }
}

bool rules_arm_covers(const struct mmu_inval *inv, const struct rules_entry *e) {
  bool all = inv->kind == MMU_INV_ARM_ALLE1;
  if (e->nested) return all || (inv->vmid == e->vmid && covers_ipa(inv, e));
  if (inv->regime != e->regime) return false;
  if (all) return true;
  return inv->vmid == e->vmid && covers_virtual(inv, e);
}
