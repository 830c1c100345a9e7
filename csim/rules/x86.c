/* SPDX-License-Identifier: Apache-2.0
 * Stage 1 of x86-64: 4- and 5-level paging. Source: Intel SDM volume 3, sections 4.5 (formats),
 * 4.6 (access rights), 4.7 (page-fault exceptions), 4.8 (accessed and dirty flags). Promise: pure
 * functions, every bit of the entry decided here. Stage 2 is in ept.c and npt.c. */
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
  BIT_G = 1 << 8,
  BIT_PAT_LARGE = 1 << 12
};
#define BIT_XD (UINT64_C(1) << 63)

enum { VECTOR_GP = 13, VECTOR_PF = 14, VECTOR_MC = 18 };
enum { PF_P = 1, PF_W = 2, PF_U = 4, PF_RSVD = 8, PF_I = 16, PF_PK = 32 };

/* 4.6.1: an access is a user access only if made at CPL 3 and not implicitly for the system. */
static bool user_access(const struct mmu_context *ctx, const struct mmu_access *acc) {
  return ctx->priv == MMU_USER && !acc->implicit_sup;
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
    if (rules_beyond(va, ctx->pa_width)) out->cause = MMU_CAUSE_NON_CANONICAL;
    return;
  }
  unsigned top = ctx->s1_mode == MMU_S1_X86_L5 ? 56 : 47; /* SDM vol. 1, 3.3.7.1 */
  uint64_t sign = va >> top;
  out->level = ctx->s1_mode == MMU_S1_X86_L5 ? 4 : 3;
  out->table = ctx->s1_root0 & rules_mask(51, 12);
  if (sign != 0 && sign != UINT64_MAX >> top)
    out->cause = MMU_CAUSE_NON_CANONICAL;
  else if (rules_beyond(ctx->s1_root0, ctx->pa_width))
    out->cause = MMU_CAUSE_ROOT_SIZE;
}

/* 4.6.2: the keys whose PKRU bits refuse a data access to a user page. Bit 2i denies access,
 * bit 2i+1 writes; a supervisor write minds the latter only with CR0.WP. */
static uint16_t refusing_keys(const struct mmu_context *ctx, const struct mmu_access *acc) {
  unsigned keys = 0;
  bool mind_wd = rules_is_write(acc) && (user_access(ctx, acc) || ctx->wp);
  if (acc->kind == MMU_FETCH) return 0;
  for (unsigned i = 0; i < 16; i++) {
    unsigned bits = ctx->pkru >> (2 * i) & 3;
    if ((bits & 1) || (mind_wd && (bits & 2))) keys |= 1U << i;
  }
  return (uint16_t)keys;
}

/* 4.6.1, determination of access rights. */
static void need(const struct mmu_context *ctx, const struct mmu_access *acc,
                 struct rules_need *out) {
  bool write = rules_is_write(acc);
  out->any = 0;
  out->write = write;
  out->deny_user = false;
  out->keys = ctx->pke ? refusing_keys(ctx, acc) : 0;
  if (user_access(ctx, acc)) {
    out->all = acc->kind == MMU_FETCH ? MMU_R_UX : write ? MMU_R_UW : MMU_R_UR;
  } else if (acc->kind == MMU_FETCH) {
    out->all = MMU_R_SX;
    out->deny_user = ctx->smep;
  } else {
    out->all = write && ctx->wp ? MMU_R_SW : MMU_R_SR;
    out->deny_user = ctx->smap && (!ctx->ac || acc->implicit_sup);
  }
}

/* 4.5.4 and table 4-15 ff.: bits that must be 0 in a present entry. */
static uint64_t reserved_bits(const struct mmu_context *ctx, uint8_t level, bool large) {
  uint64_t r = rules_mask(51, ctx->pa_width);
  if (!ctx->nxe) r |= BIT_XD;
  if (level >= 3 || (level == 2 && !ctx->page1g)) r |= BIT_PS;
  if (large && level == 2) r |= rules_mask(29, 13);
  if (large && level == 1) r |= rules_mask(20, 13);
  return r;
}

static uint8_t granted(uint64_t pte) {
  unsigned r = RULES_ALL_RIGHTS;
  if (!(pte & BIT_US)) r &= ~(unsigned)(MMU_R_UR | MMU_R_UW | MMU_R_UX | MMU_R_USER);
  if (!(pte & BIT_RW)) r &= ~(unsigned)(MMU_R_UW | MMU_R_SW);
  if (pte & BIT_XD) r &= ~(unsigned)(MMU_R_UX | MMU_R_SX);
  return (uint8_t)r;
}

static uint8_t memory_type(uint64_t pte, bool large) {
  bool pat = pte & (large ? BIT_PAT_LARGE : BIT_PS);
  return (uint8_t)((pat ? 4 : 0) | (pte & BIT_PCD ? 2 : 0) | (pte & BIT_PWT ? 1 : 0));
}

/* Attributes: protection key in bits 7:4 (entry bits 62:59), memory type in bits 2:0. */
static uint8_t attributes(uint64_t pte, bool large) {
  return (uint8_t)((pte >> 59 & 15) << 4 | memory_type(pte, large));
}

static void step(const struct mmu_context *ctx, const struct mmu_access *acc, uint64_t va,
                 uint8_t level, bool upper, uint64_t pte, uint8_t rights, bool global,
                 struct rules_step *out) {
  (void)va;
  (void)upper;
  (void)global; /* G counts in the leaf only, 4.10.2.4 */
  bool large = level > 0 && (pte & BIT_PS);
  *out = (struct rules_step){.kind = RULES_FAULT, .rights = rights};
  if (!(pte & BIT_P)) {
    out->cause = MMU_CAUSE_NOT_PRESENT;
    return;
  }
  if (pte & reserved_bits(ctx, level, large)) {
    out->cause = MMU_CAUSE_RESERVED;
    return;
  }
  out->rights = rights & granted(pte);
  uint64_t want = pte | BIT_A;
  if (level > 0 && !large) {
    out->kind = RULES_TABLE;
    out->next = pte & rules_mask(51, 12);
  } else {
    struct rules_need n;
    need(ctx, acc, &n);
    out->shift = (uint8_t)(12 + 9 * level);
    out->attrs = attributes(pte, large);
    if (!rules_allows(&n, out->rights, out->attrs)) {
      out->cause =
          rules_key_refuses(&n, out->rights, out->attrs) ? MMU_CAUSE_PKEY : MMU_CAUSE_PERMISSION;
      return;
    }
    out->kind = RULES_LEAF;
    out->next = pte & rules_mask(51, out->shift);
    if (n.write) want |= BIT_D;
    out->dirty = want & BIT_D;
    out->global = pte & BIT_G;
  }
  out->update = want != pte;
  out->new_pte = want;
}

/* 4.7 and figure 4-12. A non-canonical address is #GP(0); an error of the memory itself is a
 * machine check for the guest, in either stage; it has no error code and leaves CR2 alone (chapter
 * 15). */
static void syndrome(const struct mmu_context *ctx, const struct mmu_access *acc,
                     const struct mmu_fault *f, struct mmu_syndrome *out) {
  if (f->stage2 && !rules_memory_error(f)) {
    if (ctx->s2_mode == MMU_S2_NPT)
      rules_npt_syndrome(ctx, acc, f, out);
    else
      rules_ept_syndrome(ctx, acc, f, out);
    return;
  }
  *out = (struct mmu_syndrome){0};
  switch (f->cause) {
    case MMU_CAUSE_NON_CANONICAL:
    case MMU_CAUSE_ROOT_SIZE: /* a CR3 that MOV CR3 would have refused with #GP */
      out->reg[0] = VECTOR_GP;
      return;
    case MMU_CAUSE_BUS:
    case MMU_CAUSE_NO_ATOMIC:
    case MMU_CAUSE_PARITY:
      out->reg[0] = VECTOR_MC;
      return;
    default:
      break;
  }
  unsigned code = f->cause == MMU_CAUSE_NOT_PRESENT ? 0 : PF_P;
  if (rules_is_write(acc)) code |= PF_W;
  if (user_access(ctx, acc)) code |= PF_U;
  if (f->cause == MMU_CAUSE_RESERVED) code |= PF_RSVD;
  if (acc->kind == MMU_FETCH && (ctx->smep || ctx->nxe)) code |= PF_I;
  if (f->cause == MMU_CAUSE_PKEY) code |= PF_PK;
  out->reg[0] = VECTOR_PF;
  out->reg[1] = code;
  out->reg[2] = f->gva;
}

/* A root that the control register would have refused; an address no register can hold. */
static void defined(const struct mmu_context *ctx, const struct mmu_access *acc,
                    const struct mmu_fault *f, uint64_t mask[4]) {
  bool exit = f->stage2 && !rules_memory_error(f);
  if (exit && ctx->s2_mode == MMU_S2_NPT) {
    rules_npt_defined(ctx, acc, f, mask);
  } else if (exit) {
    rules_ept_defined(ctx, acc, f, mask);
  } else {
    bool none = f->cause == MMU_CAUSE_ROOT_SIZE || f->cause == MMU_CAUSE_ADDRESS_SIZE;
    for (unsigned i = 0; i < 4; i++)
      mask[i] = none ? 0 : UINT64_MAX;
  }
}

static void s2_root(const struct mmu_context *ctx, uint64_t gpa, struct rules_root *out) {
  if (ctx->s2_mode == MMU_S2_NPT)
    rules_npt_root(ctx, gpa, out);
  else
    rules_ept_root(ctx, gpa, out);
}

static void s2_need(const struct mmu_context *ctx, const struct mmu_access *acc,
                    enum rules_about about, bool user_page, struct rules_s2_need *out) {
  if (ctx->s2_mode == MMU_S2_NPT)
    rules_npt_need(ctx, acc, about, user_page, out);
  else
    rules_ept_need(ctx, acc, about, user_page, out);
}

static void s2_step(const struct mmu_context *ctx, const struct mmu_access *acc,
                    enum rules_about about, const struct rules_s2_need *n, uint8_t level,
                    uint64_t pte, uint8_t rights, struct rules_s2_step *out) {
  if (ctx->s2_mode == MMU_S2_NPT)
    rules_npt_step(ctx, acc, about, n, level, pte, rights, out);
  else
    rules_ept_step(ctx, acc, about, n, level, pte, rights, out);
}

const struct rules_ops rules_x86 = {.address = address,
                                    .root = root,
                                    .need = need,
                                    .step = step,
                                    .syndrome = syndrome,
                                    .defined = defined,
                                    .covers = rules_x86_covers,
                                    .s2_root = s2_root,
                                    .s2_need = s2_need,
                                    .s2_step = s2_step};
