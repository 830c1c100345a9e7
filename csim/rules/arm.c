/* SPDX-License-Identifier: Apache-2.0
 * Stage 1 of Armv8-A EL1&0, 4 KiB granule, 48-bit. Source: Arm ARM (DDI 0487) chapter D8 and the
 * pseudocode AArch64_S1Translate / S1Walk / EncodeLDFSC; order of checks as S1Translate has it.
 * Promise: pure functions. Arm's level number is 3 - height. */
#include "rules/arm_range.h"
#include "rules/rules.h"

enum {
  BIT_VALID = 1 << 0,
  BIT_TABLE = 1 << 1, /* table, or page at the last level; else block */
  BIT_AP1 = 1 << 6,   /* EL0 may access */
  BIT_AP2 = 1 << 7,   /* read-only; with DBM: clean */
  BIT_AF = 1 << 10,
  BIT_NG = 1 << 11
};
#define BIT_DBM (UINT64_C(1) << 51)
#define BIT_CONTIGUOUS (UINT64_C(1) << 52)
#define BIT_PXN (UINT64_C(1) << 53)
#define BIT_UXN (UINT64_C(1) << 54)
#define BIT_PXN_TABLE (UINT64_C(1) << 59)
#define BIT_UXN_TABLE (UINT64_C(1) << 60)
#define BIT_AP_TABLE0 (UINT64_C(1) << 61) /* no EL0 access below */
#define BIT_AP_TABLE1 (UINT64_C(1) << 62) /* no writes below */

enum { TXSZ_MIN = 16, TXSZ_MAX = 48 };
enum { L0 = 3 }; /* height of Arm's level 0, which faults before any table report */

static void set_cause(struct rules_root *out, enum mmu_cause cause) {
  out->cause = (uint8_t)cause;
  out->level = L0;
}

/* Top-byte-ignore of the half that bit 55 selects. A fetch address carries no tag. */
static bool tagged(const struct mmu_context *ctx, const struct mmu_access *acc, uint64_t va) {
  return ((va >> 55) & 1 ? ctx->tbi1 : ctx->tbi0) && acc->kind != MMU_FETCH;
}

static uint64_t address(const struct mmu_context *ctx, const struct mmu_access *acc, uint64_t va) {
  if (!tagged(ctx, acc, va)) return va;
  return (va >> 55) & 1 ? va | rules_mask(63, 56) : va & rules_mask(55, 0);
}

/* AArch64_S1DisabledOutput: the address itself, if it fits. */
static void root_off(const struct mmu_context *ctx, uint64_t va, bool ignore_top,
                     struct rules_root *out) {
  out->table = ignore_top ? va & rules_mask(55, 0) : va;
  if (rules_beyond(out->table, ctx->pa_width)) set_cause(out, MMU_CAUSE_ADDRESS_SIZE);
}

static void root(const struct mmu_context *ctx, const struct mmu_access *acc, uint64_t va,
                 struct rules_root *out) {
  bool upper = (va >> 55) & 1;
  bool ignore_top = tagged(ctx, acc, va);
  *out = (struct rules_root){.upper = upper, .index_bits = 9};
  if (ctx->s1_mode == MMU_S1_OFF) {
    root_off(ctx, va, ignore_top, out);
    return;
  }
  uint8_t txsz = upper ? ctx->t1sz : ctx->t0sz;
  if (txsz < TXSZ_MIN || txsz > TXSZ_MAX) {
    set_cause(out, MMU_CAUSE_NON_CANONICAL);
    return;
  }
  unsigned bits = 64U - txsz;
  uint64_t checked = rules_mask(ignore_top ? 55 : 63, bits);
  if ((va & checked) != (upper ? checked : 0)) {
    set_cause(out, MMU_CAUSE_NON_CANONICAL);
    return;
  }
  if (upper ? ctx->epd1 : ctx->epd0) {
    set_cause(out, MMU_CAUSE_ROOT_DISABLED);
    return;
  }
  uint64_t base = upper ? ctx->s1_root1 : ctx->s1_root0;
  out->level = (uint8_t)((bits - 13U) / 9U); /* 48..40 bits: L0, 39..31: L1, 30..22: L2 ... */
  out->index_bits = (uint8_t)(bits - 12U - 9U * out->level);
  out->table = base & ~rules_mask(out->index_bits + 2U, 0);
  if (rules_beyond(base, ctx->pa_width)) set_cause(out, MMU_CAUSE_ROOT_SIZE);
}

/* What the base permissions must grant. Maintenance and AT instructions need no dirty state, and
 * PAN does not concern them. */
static void need(const struct mmu_context *ctx, const struct mmu_access *acc,
                 struct rules_need *out) {
  bool user = ctx->priv == MMU_USER;
  bool normal = acc->op == MMU_OP_NORMAL;
  uint8_t r = user ? MMU_R_UR : MMU_R_SR;
  uint8_t w = user ? MMU_R_UW : MMU_R_SW;
  out->any = 0;
  out->keys = 0;
  out->write = rules_is_write(acc) && normal;
  out->deny_user = !user && ctx->pan && normal && acc->kind != MMU_FETCH;
  if (acc->kind == MMU_FETCH)
    out->all = user ? MMU_R_UX : MMU_R_SX;
  else
    out->all = acc->kind == MMU_WRITE ? w : acc->kind == MMU_RMW ? r | w : r;
}

/* Hierarchical controls of a table descriptor (D8.4.3), unless TCR.HPD turns them off. */
static uint8_t table_rights(uint64_t pte, bool hpd) {
  unsigned r = RULES_ALL_RIGHTS;
  if (hpd) return RULES_ALL_RIGHTS;
  if (pte & BIT_AP_TABLE0) r &= ~(unsigned)(MMU_R_UR | MMU_R_UW | MMU_R_USER);
  if (pte & BIT_AP_TABLE1) r &= ~(unsigned)(MMU_R_UW | MMU_R_SW);
  if (pte & BIT_UXN_TABLE) r &= ~(unsigned)MMU_R_UX;
  if (pte & BIT_PXN_TABLE) r &= ~(unsigned)MMU_R_SX;
  return (uint8_t)r;
}

/* Direct permissions of a leaf (D8.4.2) under what the tables above leave; `writable` counts a
 * clean page that the hardware may make dirty. */
static uint8_t leaf_rights(const struct mmu_context *ctx, uint64_t pte, uint8_t above) {
  bool user = (pte & BIT_AP1) && (above & MMU_R_USER);
  bool updatable = ctx->s1_hw_a && ctx->s1_hw_d && (pte & BIT_DBM);
  bool writable = (!(pte & BIT_AP2) || updatable) && (above & MMU_R_SW);
  bool user_write = user && writable;
  bool user_exec = !(pte & BIT_UXN) && (above & MMU_R_UX) && !(ctx->wxn && user_write);
  bool exec = !(pte & BIT_PXN) && (above & MMU_R_SX) && !user_write && !(ctx->wxn && writable);
  return (uint8_t)(MMU_R_SR | (writable ? MMU_R_SW : 0) | (exec ? MMU_R_SX : 0) |
                   (user ? MMU_R_UR | MMU_R_USER : 0) | (user_write ? MMU_R_UW : 0) |
                   (user_exec ? MMU_R_UX : 0));
}

/* Does the descriptor stand for its group of 16 (D8.7.1)? The hint is taken only where it cannot
 * change what a walk of each page alone would answer, as far as this descriptor tells: it maps
 * its own place in the group, and the table has the 16 entries. A group that reaches beyond the
 * physical width is none either: the part beyond must fault (R_XFDVL, I_JHQPP). */
static bool stands_for_group(const struct mmu_context *ctx, uint64_t va, bool upper, uint64_t pte,
                             uint8_t shift) {
  unsigned wide = shift + RULES_GROUP_BITS;
  unsigned bits = 64U - (upper ? ctx->t1sz : ctx->t0sz);
  uint64_t place = rules_mask(wide - 1U, shift);
  return (pte & BIT_CONTIGUOUS) && ((pte ^ va) & place) == 0 && wide <= bits &&
         wide <= ctx->pa_width;
}

static void judge_leaf(const struct mmu_context *ctx, const struct mmu_access *acc, uint64_t va,
                       bool upper, uint64_t pte, uint8_t above, struct rules_step *out) {
  uint64_t base = pte & rules_mask(47, out->shift);
  if (rules_beyond(base, ctx->pa_width)) {
    out->cause = MMU_CAUSE_ADDRESS_SIZE;
    return;
  }
  if (!(pte & BIT_AF) && !ctx->s1_hw_a) {
    out->cause = MMU_CAUSE_ACCESS_FLAG;
    return;
  }
  struct rules_need n;
  need(ctx, acc, &n);
  out->rights = leaf_rights(ctx, pte, above);
  if (!rules_permits(&n, out->rights)) {
    out->cause = MMU_CAUSE_PERMISSION;
    return;
  }
  uint64_t want = pte | BIT_AF;
  if (n.write) want &= ~(uint64_t)BIT_AP2; /* only writable pages come here: DBM, or clear anyway */
  out->kind = RULES_LEAF;
  if (stands_for_group(ctx, va, upper, pte, out->shift))
    out->shift = (uint8_t)(out->shift + RULES_GROUP_BITS);
  out->next = pte & rules_mask(47, out->shift);
  out->update = want != pte; /* of this descriptor alone, D8.5.5 */
  out->new_pte = want;
  out->dirty = !(want & BIT_AP2);
  out->global = !(pte & BIT_NG);
  out->attrs = (uint8_t)(((pte >> 2) & 7) | ((pte >> 8) & 3) << 3); /* AttrIndx, SH */
}

static void step(const struct mmu_context *ctx, const struct mmu_access *acc, uint64_t va,
                 uint8_t level, bool upper, uint64_t pte, uint8_t rights, bool global,
                 struct rules_step *out) {
  (void)global;
  *out = (struct rules_step){.kind = RULES_FAULT, .rights = rights};
  if (!(pte & BIT_VALID)) {
    out->cause = MMU_CAUSE_NOT_PRESENT;
    return;
  }
  bool table = level > 0 && (pte & BIT_TABLE);
  bool leaf = level == 0 ? (pte & BIT_TABLE) != 0 : !table && level <= 2;
  if (leaf) {
    out->shift = (uint8_t)(12 + 9 * level);
    judge_leaf(ctx, acc, va, upper, pte, rights, out);
    return;
  }
  if (!table) {
    out->cause = MMU_CAUSE_RESERVED; /* no such block; reported as a translation fault */
    return;
  }
  uint64_t next = pte & rules_mask(47, 12);
  out->rights = rights & table_rights(pte, upper ? ctx->hpd1 : ctx->hpd0);
  if (rules_beyond(next, ctx->pa_width)) {
    out->cause = MMU_CAUSE_ADDRESS_SIZE;
    return;
  }
  out->kind = RULES_TABLE;
  out->next = next;
  out->new_pte = pte;
}

/* EncodeLDFSC for the status codes that stage 1 can produce; `level` is Arm's. */
static unsigned status_code(const struct mmu_fault *f, unsigned level) {
  switch (f->cause) {
    case MMU_CAUSE_ADDRESS_SIZE:
    case MMU_CAUSE_ROOT_SIZE:
      return 0x00 + level;
    case MMU_CAUSE_ACCESS_FLAG:
      return 0x08 + level;
    case MMU_CAUSE_PERMISSION:
      return 0x0c + level;
    case MMU_CAUSE_BUS:
      return 0x14 + level;
    case MMU_CAUSE_PARITY:
      return 0x1c + level;
    case MMU_CAUSE_NO_ATOMIC:
      return 0x31;
    default:
      return 0x04 + level;
  }
}

/* WnR: a read-modify-write counts as a read if a read would have failed the same way. */
static bool write_not_read(const struct mmu_context *ctx, const struct mmu_access *acc,
                           const struct mmu_fault *f) {
  if (acc->op != MMU_OP_NORMAL) return true;
  if (acc->kind != MMU_RMW) return acc->kind == MMU_WRITE;
  struct mmu_access as_read = *acc;
  as_read.kind = MMU_READ;
  struct rules_need n;
  need(ctx, &as_read, &n);
  return f->cause == MMU_CAUSE_PERMISSION && rules_permits(&n, f->s1_rights);
}

static void syndrome(const struct mmu_context *ctx, const struct mmu_access *acc,
                     const struct mmu_fault *f, struct mmu_syndrome *out) {
  bool fetch = acc->kind == MMU_FETCH;
  uint64_t class = fetch ? 0x20 : 0x24;
  if (ctx->priv != MMU_USER) class += 1;
  uint64_t iss = status_code(f, (unsigned)(3 - f->s1_level));
  /* EA is IMPLEMENTATION DEFINED for an external abort; this implementation sets it. */
  if (f->cause == MMU_CAUSE_BUS || f->cause == MMU_CAUSE_PARITY) iss |= 1U << 9;
  if (!fetch) {
    if (write_not_read(ctx, acc, f)) iss |= 1U << 6;
    if (acc->op != MMU_OP_NORMAL) iss |= 1U << 8; /* CM */
  }
  *out = (struct mmu_syndrome){0};
  out->reg[0] = class << 26 | UINT64_C(1) << 25 | iss;
  out->reg[1] = f->gva;
}

/* A range operation must do away with what would translate an address of the range, but with a
 * level hint only with leaves of that level and pointers above it (C5.5.35, TTL). Of another
 * granule there is nothing; where the hint and the first address do not fit, nothing is certain. */
static bool range_covers(uint64_t operand, const struct rules_entry *e) {
  struct rules_arm_range r;
  if (!rules_arm_range_of(operand, &r)) return false;
  uint64_t first = e->va & rules_mask(55, e->shift);
  if (first > r.last || (first | rules_mask(e->shift - 1U, 0)) < r.first) return false;
  if (r.level_hint == RULES_ANY_LEVEL) return true;
  uint8_t height = (uint8_t)((e->shift - 12) / 9); /* of a group: that of its pages */
  return e->pointer ? height > r.level_hint : height == r.level_hint;
}

/* TLBI. The operand holds VA[55:12], so a tag in the top byte plays no part. Pointers are never
 * global (D8.16): those of other ASIDs stay when only global leaf entries go. An entry for a group
 * goes with any of its pages, because it would translate that page (D8.17.6). */
static bool covers(const struct mmu_inval *inv, const struct rules_entry *e) {
  if (inv->regime != e->regime || inv->vmid != e->vmid) return false;
  uint64_t low = rules_mask(55, 0);
  bool range = inv->kind >= MMU_INV_ARM_RVAE1 && inv->kind <= MMU_INV_ARM_RVAALE1;
  bool here =
      range ? range_covers(inv->addr, e) : rules_same_range(inv->addr & low, e->va & low, e->shift);
  bool asid = inv->asid == e->asid;
  bool global = e->global && !e->pointer;
  switch (inv->kind) {
    case MMU_INV_ARM_VMALLE1:
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

const struct rules_ops rules_arm = {.address = address,
                                     .root = root,
                                     .need = need,
                                     .step = step,
                                     .syndrome = syndrome,
                                     .covers = covers};
