/* SPDX-License-Identifier: Apache-2.0
 * Stage 1 of Armv8-A EL1&0, 4 KiB granule, 48-bit. Source: Arm ARM (DDI 0487) chapter D8 and the
 * pseudocode AArch64_S1Translate / S1Walk; order of checks as S1Translate has it. Promise: pure
 * functions. Arm's level number is 3 - height. Stage 2 is in arm_s2.c. */
#include "rules/stage2.h"

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

const struct rules_ops rules_arm = {.address = address,
                                    .root = root,
                                    .need = need,
                                    .step = step,
                                    .syndrome = rules_arm_syndrome,
                                    .defined = rules_arm_defined,
                                    .covers = rules_arm_covers,
                                    .s2_root = rules_arm_s2_root,
                                    .s2_need = rules_arm_s2_need,
                                    .s2_step = rules_arm_s2_step};
