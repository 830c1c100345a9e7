/* SPDX-License-Identifier: Apache-2.0
 * Stage 2 of AMD: nested paging. The nested tables are those of AMD64 long mode, 4 or 5 levels,
 * read with the host's controls. Source: AMD APM volume 2, 5.3 (formats), 15.25 (nested
 * paging), 15.25.6 (faults). Promise: pure functions, every bit of the entry decided here. */
#include "rules/stage2.h"

enum {
  BIT_P = 1 << 0,
  BIT_RW = 1 << 1,
  BIT_US = 1 << 2,
  BIT_PWT = 1 << 3,
  BIT_PCD = 1 << 4,
  BIT_A = 1 << 5,
  BIT_D = 1 << 6,
  BIT_PS = 1 << 7, /* PAT in a 4 KiB entry */
  BIT_8 = 1 << 8,  /* must be 0 in a PML4E and PML5E, APM figures 5-17 and 5-20 ff. */
  BIT_PAT_LARGE = 1 << 12
};
#define BIT_NX (UINT64_C(1) << 63)

enum { EXIT_NPF = 0x400 };
enum { INFO_P = 1, INFO_RW = 2, INFO_US = 4, INFO_RSV = 8, INFO_ID = 16 };
#define INFO_FINAL (UINT64_C(1) << 32)
#define INFO_TABLE (UINT64_C(1) << 33)

/* A guest-physical address is not sign-extended. What is beyond the tables' reach no entry maps. */
void rules_npt_root(const struct mmu_context *ctx, uint64_t gpa, struct rules_root *out) {
  *out = (struct rules_root){
      .table = ctx->s2_root & rules_mask(51, 12), .level = ctx->s2_top, .index_bits = 9};
  if (rules_beyond(gpa, (uint8_t)(21 + 9 * ctx->s2_top)))
    out->cause = MMU_CAUSE_NON_CANONICAL;
  else if (rules_beyond(ctx->s2_root, ctx->s2_pa_width))
    out->cause = MMU_CAUSE_ROOT_SIZE; /* VMRUN would have failed */
}

/* Every nested access is a user's, so it needs R, which stands for a user page, whatever it does;
 * the guest's tables are accessed as if to write them. Host CR0.WP plays no part. */
void rules_npt_need(const struct mmu_context *ctx, const struct mmu_access *acc,
                    enum rules_about about, bool user_page, struct rules_s2_need *out) {
  (void)ctx;
  (void)user_page;
  *out = (struct rules_s2_need){.all = MMU_R2_R};
  out->write = about != RULES_ABOUT_FINAL || rules_is_write(acc);
  if (out->write)
    out->all |= MMU_R2_W;
  else if (acc->kind == MMU_FETCH)
    out->all |= MMU_R2_SX;
}

static uint64_t reserved_bits(const struct mmu_context *ctx, uint8_t level, bool large) {
  uint64_t r = rules_mask(51, ctx->s2_pa_width);
  if (!ctx->s2_nxe) r |= BIT_NX;
  if (level >= 3 || (level == 2 && !ctx->s2_page1g)) r |= BIT_PS;
  if (level >= 3) r |= BIT_8;
  if (large && level == 2) r |= rules_mask(29, 13);
  if (large && level == 1) r |= rules_mask(20, 13);
  return r;
}

static uint8_t granted(uint64_t pte) {
  return (uint8_t)((pte & BIT_US ? MMU_R2_R : 0) | (pte & BIT_RW ? MMU_R2_W : 0) |
                   (pte & BIT_NX ? 0 : MMU_R2_SX | MMU_R2_UX));
}

static uint8_t memory_type(uint64_t pte, bool large) {
  bool pat = pte & (large ? BIT_PAT_LARGE : BIT_PS);
  return (uint8_t)((pat ? 4 : 0) | (pte & BIT_PCD ? 2 : 0) | (pte & BIT_PWT ? 1 : 0));
}

void rules_npt_step(const struct mmu_context *ctx, const struct mmu_access *acc,
                    enum rules_about about, const struct rules_s2_need *need, uint8_t level,
                    uint64_t pte, uint8_t rights, struct rules_s2_step *out) {
  (void)acc;
  (void)about;
  bool large = level > 0 && (pte & BIT_PS);
  bool leaf = level == 0 || large;
  uint64_t want = pte | BIT_A;
  *out = (struct rules_s2_step){.kind = RULES_FAULT};
  if (!(pte & BIT_P)) {
    out->cause = MMU_CAUSE_NOT_PRESENT;
    return;
  }
  out->rights = rights & granted(pte);
  if (pte & reserved_bits(ctx, level, large)) {
    out->cause = MMU_CAUSE_RESERVED;
    return;
  }
  if (leaf) {
    out->shift = (uint8_t)(12 + 9 * level);
    out->attrs = memory_type(pte, large);
    if (!rules_s2_allows(need, out->rights)) {
      out->cause = MMU_CAUSE_PERMISSION;
      return;
    }
    if (need->write) want |= BIT_D;
    out->dirty = want & BIT_D;
  }
  out->kind = leaf ? RULES_LEAF : RULES_TABLE;
  out->next = pte & rules_mask(51, leaf ? out->shift : 12);
  out->update = want != pte;
  out->new_pte = want;
}

/* EXITINFO1 is an error code of the nested access, with what it was for. I/D is given with the
 * host's NX. */
void rules_npt_syndrome(const struct mmu_context *ctx, const struct mmu_access *acc,
                        const struct mmu_fault *f, struct mmu_syndrome *out) {
  *out = (struct mmu_syndrome){.to_hyp = true};
  if (f->cause == MMU_CAUSE_ROOT_SIZE) return;
  bool absent = f->cause == MMU_CAUSE_NOT_PRESENT || f->cause == MMU_CAUSE_NON_CANONICAL;
  bool final = rules_about_final(f);
  uint64_t info = INFO_US | (final ? INFO_FINAL : INFO_TABLE);
  if (!absent) info |= INFO_P;
  if (!final || rules_is_write(acc)) info |= INFO_RW;
  if (f->cause == MMU_CAUSE_RESERVED) info |= INFO_RSV;
  if (final && acc->kind == MMU_FETCH && ctx->s2_nxe) info |= INFO_ID;
  out->reg[0] = EXIT_NPF;
  out->reg[1] = info;
  out->reg[3] = f->gpa;
}

/* Without the host's NX the bit I/D depends on the host's SMEP, which the context does not have. */
void rules_npt_defined(const struct mmu_context *ctx, const struct mmu_access *acc,
                       const struct mmu_fault *f, uint64_t mask[4]) {
  bool open = rules_about_final(f) && acc->kind == MMU_FETCH && !ctx->s2_nxe;
  for (unsigned i = 0; i < 4; i++)
    mask[i] = f->cause == MMU_CAUSE_ROOT_SIZE ? 0 : UINT64_MAX;
  if (open) mask[1] &= ~(uint64_t)INFO_ID;
}
