/* SPDX-License-Identifier: Apache-2.0
 * Stage 2 (G-stage) of RISC-V: Sv39x4, Sv48x4, Sv57x4. Source: The RISC-V Instruction Set Manual,
 * privileged architecture, hypervisor chapter (two-stage translation), with the supervisor
 * chapter's translation process, Svade/Svadu, Svpbmt, Svnapot (always on). Promise: pure functions.
 */
#include "rules/stage2.h"

enum {
  BIT_V = 1 << 0,
  BIT_R = 1 << 1,
  BIT_W = 1 << 2,
  BIT_X = 1 << 3,
  BIT_U = 1 << 4, /* every G-stage access is a user's; G (bit 5) says nothing here */
  BIT_A = 1 << 6,
  BIT_D = 1 << 7
};
#define PBMT_AT 61
#define BIT_N (UINT64_C(1) << 63)
#define NAPOT_SIZE_MASK (UINT64_C(15) << 10)
#define NAPOT_64K (UINT64_C(8) << 10)

enum { ROOT_INDEX_BITS = 11 }; /* four tables: 2 bits more than stage 1 */

/* The address is not sign-extended: what is above 41, 50 or 59 bits must be 0. */
void rules_riscv_s2_root(const struct mmu_context *ctx, uint64_t gpa, struct rules_root *out) {
  unsigned bits = 12U + 9U * ctx->s2_top + ROOT_INDEX_BITS;
  *out = (struct rules_root){.table = ctx->s2_root & rules_mask(55, 14),
                             .level = ctx->s2_top,
                             .index_bits = ROOT_INDEX_BITS};
  if (rules_beyond(gpa, (uint8_t)bits))
    out->cause = MMU_CAUSE_NON_CANONICAL;
  else if (rules_beyond(out->table, ctx->s2_pa_width))
    out->cause = MMU_CAUSE_ROOT_SIZE;
}

/* The tables of stage 1 are read by an implicit load and updated by an implicit store, whatever the
 * access; MXR makes a difference to explicit loads only. */
void rules_riscv_s2_need(const struct mmu_context *ctx, const struct mmu_access *acc,
                         enum rules_about about, bool user_page, struct rules_s2_need *out) {
  (void)user_page;
  *out = (struct rules_s2_need){.all = MMU_R2_R};
  if (about == RULES_ABOUT_TABLE) return;
  out->write = about == RULES_ABOUT_SWAP || rules_is_write(acc);
  if (about == RULES_ABOUT_SWAP || acc->kind == MMU_WRITE) {
    out->all = MMU_R2_W;
  } else if (acc->kind == MMU_RMW) {
    out->all = MMU_R2_R | MMU_R2_W;
  } else if (acc->kind == MMU_FETCH || acc->exec_as_read) {
    out->all = MMU_R2_SX;
  } else if (ctx->s2_mxr) {
    out->all = 0;
    out->any = MMU_R2_R | MMU_R2_SX;
  }
}

static bool reserved(const struct mmu_context *ctx, uint64_t pte, uint8_t level, bool leaf) {
  if (pte & rules_mask(60, 54)) return true;
  if ((pte & BIT_N) && (!leaf || level != 0 || (pte & NAPOT_SIZE_MASK) != NAPOT_64K)) return true;
  if ((pte & BIT_W) && !(pte & BIT_R)) return true;
  unsigned pbmt = (unsigned)(pte >> PBMT_AT & 3);
  if (pbmt != 0 && (!leaf || !ctx->s2_pbmte || pbmt == 3)) return true;
  return !leaf && (pte & (BIT_A | BIT_D | BIT_U));
}

static uint8_t granted(uint64_t pte) {
  if (!(pte & BIT_U)) return 0;
  return (uint8_t)((pte & BIT_R ? MMU_R2_R : 0) | (pte & BIT_W ? MMU_R2_W : 0) |
                   (pte & BIT_X ? MMU_R2_SX | MMU_R2_UX : 0));
}

/* In this order: alignment, rights, A and D, and last the address, which the access itself would
 * find refused. */
static void judge_leaf(const struct mmu_context *ctx, const struct rules_s2_need *need,
                       uint64_t pte, struct rules_s2_step *out) {
  uint64_t base = (pte & rules_mask(53, 10) & ~(pte & BIT_N ? NAPOT_SIZE_MASK : 0)) << 2;
  out->rights &= granted(pte);
  if (base & rules_mask(out->shift - 1U, 12)) {
    out->cause = MMU_CAUSE_RESERVED; /* misaligned superpage */
    return;
  }
  if (!rules_s2_allows(need, out->rights)) {
    out->cause = MMU_CAUSE_PERMISSION;
    return;
  }
  uint64_t want = pte | BIT_A | (need->write ? BIT_D : 0U);
  if (want != pte && !ctx->s2_hw_a) { /* Svade */
    out->cause = pte & BIT_A ? MMU_CAUSE_DIRTY_FLAG : MMU_CAUSE_ACCESS_FLAG;
    return;
  }
  if (rules_beyond(base | rules_mask(out->shift - 1U, 0), ctx->s2_pa_width)) {
    out->cause = MMU_CAUSE_ADDRESS_SIZE;
    return;
  }
  out->kind = RULES_LEAF;
  out->next = base;
  out->attrs = (uint8_t)(pte >> PBMT_AT & 3);
  out->update = want != pte;
  out->new_pte = want;
  out->dirty = want & BIT_D;
}

void rules_riscv_s2_step(const struct mmu_context *ctx, const struct mmu_access *acc,
                         enum rules_about about, const struct rules_s2_need *need, uint8_t level,
                         uint64_t pte, uint8_t rights, struct rules_s2_step *out) {
  (void)acc;
  (void)about;
  bool leaf = pte & (BIT_R | BIT_X);
  *out = (struct rules_s2_step){.kind = RULES_FAULT};
  if (!(pte & BIT_V)) {
    out->cause = MMU_CAUSE_NOT_PRESENT;
    return;
  }
  out->rights = rights; /* a pointer takes nothing away */
  if (reserved(ctx, pte, level, leaf) || (!leaf && level == 0)) {
    out->cause = MMU_CAUSE_RESERVED;
    return;
  }
  if (leaf) {
    out->shift = (uint8_t)(12 + 9 * level + (pte & BIT_N ? RULES_GROUP_BITS : 0));
    judge_leaf(ctx, need, pte, out);
    return;
  }
  uint64_t next = (pte & rules_mask(53, 10)) << 2;
  if (rules_beyond(next, ctx->s2_pa_width)) {
    out->cause = MMU_CAUSE_ADDRESS_SIZE; /* the next access would be refused */
    return;
  }
  out->kind = RULES_TABLE;
  out->next = next;
  out->new_pte = pte;
}
