/* SPDX-License-Identifier: Apache-2.0
 * Stage 2 of Armv8-A EL1&0, 4 KiB granule, 48-bit. Source: Arm ARM (DDI 0487) chapter D8 and the
 * pseudocode AArch64_S2Translate / S2Walk / S2CheckPermissions, whose order of checks this has; the
 * contiguous hint is not taken. Promise: pure functions. Arm's level number is 3 - height. */
#include "rules/stage2.h"

enum {
  BIT_VALID = 1 << 0,
  BIT_TABLE = 1 << 1, /* table, or page at the last level; else block */
  BIT_READ = 1 << 6,  /* S2AP[0] */
  BIT_WRITE = 1 << 7, /* S2AP[1]; with DBM: dirty */
  BIT_AF = 1 << 10
};
#define BIT_DBM (UINT64_C(1) << 51)

enum { L0 = 3, GRANULE = 12, STRIDE = 9, WIDEST = 48, CONCATENATED_BITS = 4 };
enum { XN_AT = 53, XN_EL0_ONLY = 1, XN_NONE = 2, XN_EL1_ONLY = 3 }; /* FEAT_XNX */
enum { MEMATTR_AT = 2, MEMATTR_TYPE_AT = 4 };                       /* type 0: Device */

static void set_cause(struct rules_root *out, enum mmu_cause cause) {
  out->cause = (uint8_t)cause;
  out->level = L0; /* before any table there is only level 0 to report */
}

/* AArch64_S2InconsistentSL: the first table has at least one bit of index, and there are at most 16
 * of them. */
static bool consistent(unsigned bits, uint8_t height) {
  unsigned below = GRANULE + (unsigned)STRIDE * height;
  return height <= L0 && bits > below && bits <= below + STRIDE + CONCATENATED_BITS &&
         bits <= WIDEST;
}

void rules_arm_s2_root(const struct mmu_context *ctx, uint64_t gpa, struct rules_root *out) {
  unsigned bits = 64U - ctx->s2_t0sz;
  *out = (struct rules_root){.level = ctx->s2_top, .index_bits = STRIDE};
  if (ctx->s2_t0sz > 63 || !consistent(bits, ctx->s2_top) || rules_beyond(gpa, (uint8_t)bits)) {
    set_cause(out, MMU_CAUSE_NON_CANONICAL); /* a Translation fault, not one of address size */
    return;
  }
  out->index_bits = (uint8_t)(bits - GRANULE - STRIDE * ctx->s2_top);
  out->table = ctx->s2_root & ~rules_mask(out->index_bits + 2U, 0);
  if (rules_beyond(ctx->s2_root, ctx->s2_pa_width)) set_cause(out, MMU_CAUSE_ROOT_SIZE);
}

/* A stage-1 table is read as data, whatever the access; an update of it is a write. The rights to
 * execute tell EL0 from EL1. Maintenance and AT instructions need no dirty state. */
void rules_arm_s2_need(const struct mmu_context *ctx, const struct mmu_access *acc,
                       enum rules_about about, bool user_page, struct rules_s2_need *out) {
  (void)user_page;
  *out = (struct rules_s2_need){.all = MMU_R2_R};
  if (about == RULES_ABOUT_TABLE) return;
  if (about == RULES_ABOUT_SWAP) {
    *out = (struct rules_s2_need){.all = MMU_R2_W, .write = true};
    return;
  }
  out->write = rules_is_write(acc) && acc->op == MMU_OP_NORMAL;
  /* DC that writes nothing, from EL1: no permission fault (pseudocode AArch64.S2CheckPermissions)
   */
  if (acc->op == MMU_OP_CACHE && acc->kind == MMU_READ && ctx->priv != MMU_USER)
    out->all = 0;
  else if (acc->kind == MMU_FETCH)
    out->all = ctx->priv == MMU_USER ? MMU_R2_UX : MMU_R2_SX;
  else if (acc->kind == MMU_WRITE)
    out->all = MMU_R2_W;
  else if (acc->kind == MMU_RMW)
    out->all = MMU_R2_R | MMU_R2_W;
}

/* `writable` counts a clean page that the hardware may make dirty. */
static uint8_t leaf_rights(const struct mmu_context *ctx, uint64_t pte) {
  bool updatable = ctx->s2_hw_a && ctx->s2_hw_d && (pte & BIT_DBM);
  bool writable = (pte & BIT_WRITE) || updatable;
  unsigned xn = (unsigned)(pte >> XN_AT & 3);
  bool el1 = xn != XN_EL0_ONLY && xn != XN_NONE;
  bool el0 = xn != XN_EL1_ONLY && xn != XN_NONE;
  return (uint8_t)((pte & BIT_READ ? MMU_R2_R : 0) | (writable ? MMU_R2_W : 0) |
                   (el1 ? MMU_R2_SX : 0) | (el0 ? MMU_R2_UX : 0));
}

/* HCR_EL2.PTW: a stage-1 table found in Device memory. */
static bool protected_walk(const struct mmu_context *ctx, enum rules_about about, uint64_t pte) {
  return ctx->s2_ptw && about != RULES_ABOUT_FINAL && (pte >> MEMATTR_TYPE_AT & 3) == 0;
}

static void judge_leaf(const struct mmu_context *ctx, enum rules_about about,
                       const struct rules_s2_need *need, uint64_t pte, struct rules_s2_step *out) {
  uint64_t base = pte & rules_mask(47, out->shift);
  out->rights &= leaf_rights(ctx, pte);
  if (rules_beyond(base, ctx->s2_pa_width)) {
    out->cause = MMU_CAUSE_ADDRESS_SIZE;
    return;
  }
  if (!(pte & BIT_AF) && !ctx->s2_hw_a) {
    out->cause = MMU_CAUSE_ACCESS_FLAG;
    return;
  }
  if (protected_walk(ctx, about, pte) || !rules_s2_allows(need, out->rights)) {
    out->cause = MMU_CAUSE_PERMISSION;
    return;
  }
  uint64_t want = pte | BIT_AF;
  if (need->write) want |= BIT_WRITE; /* only writable pages come here: DBM, or set anyway */
  out->kind = RULES_LEAF;
  out->next = base;
  out->attrs = (uint8_t)(pte >> MEMATTR_AT & 15);
  out->update = want != pte;
  out->new_pte = want;
  out->dirty = want & BIT_WRITE;
}

void rules_arm_s2_step(const struct mmu_context *ctx, const struct mmu_access *acc,
                       enum rules_about about, const struct rules_s2_need *need, uint8_t level,
                       uint64_t pte, uint8_t rights, struct rules_s2_step *out) {
  (void)acc;
  *out = (struct rules_s2_step){.kind = RULES_FAULT};
  if (!(pte & BIT_VALID)) {
    out->cause = MMU_CAUSE_NOT_PRESENT;
    return;
  }
  bool table = level > 0 && (pte & BIT_TABLE);
  bool leaf = level == 0 ? (pte & BIT_TABLE) != 0 : !table && level <= 2;
  out->rights = rights; /* a table descriptor takes nothing away */
  if (leaf) {
    out->shift = (uint8_t)(GRANULE + STRIDE * level);
    judge_leaf(ctx, about, need, pte, out);
    return;
  }
  if (!table) {
    out->cause = MMU_CAUSE_RESERVED; /* no such block; reported as a translation fault */
    return;
  }
  uint64_t next = pte & rules_mask(47, GRANULE);
  if (rules_beyond(next, ctx->s2_pa_width)) {
    out->cause = MMU_CAUSE_ADDRESS_SIZE;
    return;
  }
  out->kind = RULES_TABLE;
  out->next = next;
  out->new_pte = pte;
}
