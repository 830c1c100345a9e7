/* SPDX-License-Identifier: Apache-2.0
 * Stage 1 of RISC-V: Sv39, Sv48, Sv57. Source: The RISC-V Instruction Set Manual, privileged
 * architecture, supervisor chapter (address translation process), Svade/Svadu, Svpbmt, Svnapot
 * (always on). Promise: pure functions. Stage 2 is in riscv_s2.c. */
#include "rules/stage2.h"

enum {
  BIT_V = 1 << 0,
  BIT_R = 1 << 1,
  BIT_W = 1 << 2,
  BIT_X = 1 << 3,
  BIT_U = 1 << 4,
  BIT_G = 1 << 5,
  BIT_A = 1 << 6,
  BIT_D = 1 << 7
};
#define PBMT_SHIFT 61
#define PBMT_MASK (UINT64_C(3) << PBMT_SHIFT)
#define BIT_N (UINT64_C(1) << 63)
#define NAPOT_SIZE_MASK (UINT64_C(15) << 10) /* ppn[0] bits 3:0 with N: they tell the size ... */
#define NAPOT_64K (UINT64_C(8) << 10)        /* ... and 1000 is the only one there is */

/* What stage 1 puts out with a stage 2 on is a guest-physical address: stage 2 judges it. */
static bool refused(const struct mmu_context *ctx, uint64_t addr) {
  return !rules_s2_on(ctx) && rules_beyond(addr, ctx->pa_width);
}

static uint64_t address(const struct mmu_context *ctx, const struct mmu_access *acc, uint64_t va) {
  (void)ctx;
  (void)acc;
  return va;
}

static void root(const struct mmu_context *ctx, const struct mmu_access *acc, uint64_t va,
                 struct rules_root *out) {
  (void)acc;
  *out = (struct rules_root){.index_bits = 9};
  if (ctx->s1_mode == MMU_S1_OFF) {
    out->table = va;
    if (refused(ctx, va)) out->cause = MMU_CAUSE_ADDRESS_SIZE;
    return;
  }
  out->level = ctx->s1_mode == MMU_S1_SV39 ? 2 : ctx->s1_mode == MMU_S1_SV48 ? 3 : 4;
  out->table = ctx->s1_root0 & rules_mask(55, 12);
  unsigned top = 12U + 9U * (out->level + 1U) - 1U; /* the sign bit of the address */
  uint64_t sign = va >> top;
  if (sign != 0 && sign != UINT64_MAX >> top)
    out->cause = MMU_CAUSE_NON_CANONICAL;
  else if (refused(ctx, out->table))
    out->cause = MMU_CAUSE_ROOT_SIZE;
}

/* Translation process, the step on U, SUM, R, W, X and MXR, which the hypervisor's MXR implies.
 * HLVX reads, but asks for X. */
static void need(const struct mmu_context *ctx, const struct mmu_access *acc,
                 struct rules_need *out) {
  bool user = ctx->priv == MMU_USER, mxr = ctx->mxr || ctx->s2_mxr;
  uint8_t r = user ? MMU_R_UR : MMU_R_SR;
  uint8_t w = user ? MMU_R_UW : MMU_R_SW;
  uint8_t x = user ? MMU_R_UX : MMU_R_SX;
  out->any = 0;
  out->keys = 0;
  out->write = rules_is_write(acc);
  out->deny_user = !user && (acc->kind == MMU_FETCH || !ctx->sum);
  if (acc->kind == MMU_FETCH || acc->exec_as_read) {
    out->all = x;
  } else if (acc->kind == MMU_WRITE) {
    out->all = w;
  } else if (acc->kind == MMU_RMW) {
    out->all = r | w;
  } else {
    out->all = mxr ? 0 : r;
    out->any = mxr ? r | x : 0;
  }
}

/* Reserved bits and encodings; `leaf`: R or X is set. N is for leaves of level 0, of one size. */
static bool reserved(const struct mmu_context *ctx, uint64_t pte, uint8_t level, bool leaf) {
  if (pte & rules_mask(60, 54)) return true;
  if ((pte & BIT_N) && (!leaf || level != 0 || (pte & NAPOT_SIZE_MASK) != NAPOT_64K)) return true;
  if ((pte & BIT_W) && !(pte & BIT_R)) return true;
  uint64_t pbmt = (pte & PBMT_MASK) >> PBMT_SHIFT;
  if (pbmt != 0 && (!leaf || !ctx->pbmte || pbmt == 3)) return true;
  return !leaf && (pte & (BIT_A | BIT_D | BIT_U));
}

static uint8_t granted(uint64_t pte) {
  unsigned r = 0;
  if (pte & BIT_R) r |= MMU_R_SR;
  if (pte & BIT_W) r |= MMU_R_SW;
  if (pte & BIT_X) r |= MMU_R_SX;
  if (pte & BIT_U) {
    if (pte & BIT_R) r |= MMU_R_UR;
    if (pte & BIT_W) r |= MMU_R_UW;
    if (pte & BIT_X) r |= MMU_R_UX;
    r |= MMU_R_USER;
  }
  return (uint8_t)r;
}

/* The leaf's checks after its encoding: alignment, rights, A and D, and last the address. What a
 * NAPOT descriptor has in place of its low PPN bits is no address; they come from the VPN. */
static void judge_leaf(const struct mmu_context *ctx, const struct mmu_access *acc, uint64_t pte,
                       struct rules_step *out) {
  struct rules_need n;
  need(ctx, acc, &n);
  uint64_t base = (pte & rules_mask(53, 10) & ~(pte & BIT_N ? NAPOT_SIZE_MASK : 0)) << 2;
  if (base & (rules_mask(out->shift - 1U, 12))) {
    out->cause = MMU_CAUSE_RESERVED; /* misaligned superpage */
    return;
  }
  out->rights = granted(pte);
  if (!rules_permits(&n, out->rights)) {
    out->cause = MMU_CAUSE_PERMISSION;
    return;
  }
  uint64_t want = pte | BIT_A | (n.write ? BIT_D : 0U);
  if (want != pte && !ctx->s1_hw_a) { /* Svade */
    out->cause = pte & BIT_A ? MMU_CAUSE_DIRTY_FLAG : MMU_CAUSE_ACCESS_FLAG;
    return;
  }
  /* The access itself would be refused. A page that does not fit in the physical address space is
   * refused as a whole, so that it never needs a check after the translation. */
  if (refused(ctx, base | rules_mask(out->shift - 1U, 0))) {
    out->cause = MMU_CAUSE_ADDRESS_SIZE;
    return;
  }
  out->kind = RULES_LEAF;
  out->next = base;
  out->update = want != pte;
  out->new_pte = want;
  out->dirty = want & BIT_D;
  out->attrs = (uint8_t)((pte & PBMT_MASK) >> PBMT_SHIFT);
}

static void step(const struct mmu_context *ctx, const struct mmu_access *acc, uint64_t va,
                 uint8_t level, bool upper, uint64_t pte, uint8_t rights, bool global,
                 struct rules_step *out) {
  (void)va; /* a NAPOT descriptor tells its size by itself */
  (void)upper;
  bool leaf = pte & (BIT_R | BIT_X);
  *out = (struct rules_step){.kind = RULES_FAULT, .rights = rights};
  if (!(pte & BIT_V)) {
    out->cause = MMU_CAUSE_NOT_PRESENT;
    return;
  }
  if (reserved(ctx, pte, level, leaf) || (!leaf && level == 0)) {
    out->cause = MMU_CAUSE_RESERVED;
    return;
  }
  out->global = global || (pte & BIT_G); /* a global pointer makes all below it global */
  if (leaf) {
    out->shift = (uint8_t)(12 + 9 * level + (pte & BIT_N ? RULES_GROUP_BITS : 0));
    judge_leaf(ctx, acc, pte, out);
    return;
  }
  uint64_t next = (pte & rules_mask(53, 10)) << 2;
  if (refused(ctx, next)) {
    out->cause = MMU_CAUSE_ADDRESS_SIZE; /* the next access would be refused */
    return;
  }
  out->kind = RULES_TABLE;
  out->next = next;
  out->new_pte = pte;
}

const struct rules_ops rules_riscv = {.address = address,
                                      .root = root,
                                      .need = need,
                                      .step = step,
                                      .syndrome = rules_riscv_syndrome,
                                      .defined = rules_riscv_defined,
                                      .covers = rules_riscv_covers,
                                      .s2_root = rules_riscv_s2_root,
                                      .s2_need = rules_riscv_s2_need,
                                      .s2_step = rules_riscv_s2_step};
