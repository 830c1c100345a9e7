/* SPDX-License-Identifier: Apache-2.0
 * Stage 2 of Intel: extended page tables of 4 and 5 levels. Source: Intel SDM volume 3, sections
 * "EPT Translation Mechanism", "EPT Misconfigurations", "EPT Violations", "Accessed and Dirty Flags
 * for EPT", and the table "Exit Qualification for EPT Violations". Promise: pure functions, every
 * bit of the entry decided here. */
#include "rules/stage2.h"

enum {
  BIT_R = 1 << 0,
  BIT_W = 1 << 1,
  BIT_X = 1 << 2, /* with mode-based execute control: of supervisor-mode linear addresses */
  BIT_PS = 1 << 7,
  BIT_A = 1 << 8,
  BIT_D = 1 << 9,
  BIT_UX = 1 << 10 /* with mode-based execute control: of user-mode linear addresses */
};
enum { MEMORY_TYPE_AT = 3, TOP_OF_TWO = 3 /* PML4E and PML5E have no page size */ };

enum { EXIT_VIOLATION = 48, EXIT_MISCONFIGURATION = 49 };
enum {
  Q_READ = 1 << 0,
  Q_WRITE = 1 << 1,
  Q_FETCH = 1 << 2,
  Q_MAY_READ = 1 << 3,
  Q_MAY_WRITE = 1 << 4,
  Q_MAY_EXECUTE = 1 << 5,
  Q_MAY_EXECUTE_USER = 1 << 6,
  Q_LINEAR = 1 << 7,
  Q_FINAL = 1 << 8,
  Q_GUEST_USER = 1 << 9,
  Q_GUEST_WRITE = 1 << 10,
  Q_GUEST_XD = 1 << 11,
  Q_SHADOW_STACK = 1 << 14 /* only with the supervisor shadow-stack control */
};

void rules_ept_root(const struct mmu_context *ctx, uint64_t gpa, struct rules_root *out) {
  *out = (struct rules_root){
      .table = ctx->s2_root & rules_mask(51, 12), .level = ctx->s2_top, .index_bits = 9};
  if (rules_beyond(gpa, (uint8_t)(21 + 9 * ctx->s2_top)))
    out->cause = MMU_CAUSE_NON_CANONICAL; /* a violation, as of an entry that is not there */
  else if (rules_beyond(ctx->s2_root, ctx->s2_pa_width))
    out->cause = MMU_CAUSE_ROOT_SIZE; /* VM entry would have failed */
}

/* With A and D flags on, every access to a guest's paging structure counts as a write. */
void rules_ept_need(const struct mmu_context *ctx, const struct mmu_access *acc,
                    enum rules_about about, bool user_page, struct rules_s2_need *out) {
  *out = (struct rules_s2_need){.all = MMU_R2_R};
  if (about != RULES_ABOUT_FINAL) {
    out->write = about == RULES_ABOUT_SWAP || ctx->s2_hw_a;
    if (out->write) out->all = MMU_R2_R | MMU_R2_W;
    return;
  }
  out->write = rules_is_write(acc);
  if (acc->kind == MMU_FETCH)
    out->all = ctx->s2_mbec && user_page ? MMU_R2_UX : MMU_R2_SX;
  else if (acc->kind == MMU_WRITE)
    out->all = MMU_R2_W;
  else if (acc->kind == MMU_RMW)
    out->all = MMU_R2_R | MMU_R2_W;
}

static bool present(const struct mmu_context *ctx, uint64_t pte) {
  return pte & (BIT_R | BIT_W | BIT_X | (ctx->s2_mbec ? BIT_UX : 0));
}

static bool is_leaf(uint8_t level, uint64_t pte) {
  return level == 0 || (level < TOP_OF_TWO && (pte & BIT_PS));
}

static uint64_t reserved_bits(const struct mmu_context *ctx, uint8_t level, bool leaf) {
  uint64_t r = rules_mask(51, ctx->s2_pa_width);
  if (level >= TOP_OF_TWO) return r | rules_mask(7, 3);
  if (!leaf) return r | rules_mask(6, 3);
  if (level == 2) r |= rules_mask(29, 12) | (ctx->s2_page1g ? 0 : BIT_PS);
  if (level == 1) r |= rules_mask(20, 12);
  return r;
}

/* A present entry whose contents are not allowed. */
static bool misconfigured(const struct mmu_context *ctx, uint8_t level, uint64_t pte, bool leaf) {
  if (!(pte & BIT_R)) {
    bool execute = pte & (BIT_X | (ctx->s2_mbec ? BIT_UX : 0));
    if ((pte & BIT_W) || (execute && !ctx->s2_exec_only)) return true;
  }
  if (pte & reserved_bits(ctx, level, leaf)) return true;
  unsigned type = (unsigned)(pte >> MEMORY_TYPE_AT & 7);
  return leaf && (type == 2 || type == 3 || type == 7);
}

static uint8_t granted(const struct mmu_context *ctx, uint64_t pte) {
  bool ux = pte & (ctx->s2_mbec ? BIT_UX : BIT_X);
  return (uint8_t)((pte & BIT_R ? MMU_R2_R : 0) | (pte & BIT_W ? MMU_R2_W : 0) |
                   (pte & BIT_X ? MMU_R2_SX : 0) | (ux ? MMU_R2_UX : 0));
}

/* Rights count once the address is known: a lower entry that is absent or misconfigured goes before
 * an upper one that grants too little. */
void rules_ept_step(const struct mmu_context *ctx, const struct mmu_access *acc,
                    enum rules_about about, const struct rules_s2_need *need, uint8_t level,
                    uint64_t pte, uint8_t rights, struct rules_s2_step *out) {
  (void)acc;
  (void)about;
  bool leaf = is_leaf(level, pte);
  uint64_t want = pte | (ctx->s2_hw_a ? BIT_A : 0);
  *out = (struct rules_s2_step){.kind = RULES_FAULT};
  if (!present(ctx, pte)) {
    out->cause = MMU_CAUSE_NOT_PRESENT;
    return;
  }
  out->rights = rights & granted(ctx, pte);
  if (misconfigured(ctx, level, pte, leaf)) {
    out->cause = MMU_CAUSE_RESERVED;
    return;
  }
  if (leaf) {
    out->shift = (uint8_t)(12 + 9 * level);
    out->attrs = (uint8_t)(pte >> MEMORY_TYPE_AT & 15);
    if (!rules_s2_allows(need, out->rights)) {
      out->cause = MMU_CAUSE_PERMISSION;
      return;
    }
    if (need->write && ctx->s2_hw_a) want |= BIT_D;
    out->dirty = !ctx->s2_hw_a || (want & BIT_D);
  }
  out->kind = leaf ? RULES_LEAF : RULES_TABLE;
  out->next = pte & rules_mask(51, leaf ? out->shift : 12);
  out->update = want != pte;
  out->new_pte = want;
}

/* A guest's paging structure is read, or read and written; never fetched. */
static unsigned access_bits(const struct mmu_context *ctx, const struct mmu_access *acc,
                            const struct mmu_fault *f) {
  if (f->on_ad_write) return Q_READ | Q_WRITE;
  if (f->on_walk) return ctx->s2_hw_a ? Q_READ | Q_WRITE : Q_READ;
  if (acc->kind == MMU_FETCH) return Q_FETCH;
  return rules_is_write(acc) ? Q_WRITE : Q_READ;
}

/* What the entries used grant together; nothing if one was absent. */
static unsigned rights_bits(const struct mmu_context *ctx, const struct mmu_fault *f) {
  if (f->cause != MMU_CAUSE_PERMISSION) return 0;
  return (f->s2_rights & MMU_R2_R ? Q_MAY_READ : 0U) |
         (f->s2_rights & MMU_R2_W ? Q_MAY_WRITE : 0U) |
         (f->s2_rights & MMU_R2_SX ? Q_MAY_EXECUTE : 0U) |
         (ctx->s2_mbec && (f->s2_rights & MMU_R2_UX) ? Q_MAY_EXECUTE_USER : 0U);
}

static unsigned guest_bits(const struct mmu_context *ctx, const struct mmu_fault *f) {
  if (!ctx->s2_exit_info) return 0;
  if (ctx->s1_mode == MMU_S1_OFF) return Q_GUEST_USER | Q_GUEST_WRITE;
  return (f->s1_rights & MMU_R_USER ? Q_GUEST_USER : 0U) |
         (f->s1_rights & MMU_R_SW ? Q_GUEST_WRITE : 0U) |
         (f->s1_rights & MMU_R_SX ? 0U : Q_GUEST_XD);
}

void rules_ept_syndrome(const struct mmu_context *ctx, const struct mmu_access *acc,
                        const struct mmu_fault *f, struct mmu_syndrome *out) {
  *out = (struct mmu_syndrome){.to_hyp = true};
  if (f->cause == MMU_CAUSE_ROOT_SIZE) return;
  out->reg[3] = f->gpa;
  if (f->cause == MMU_CAUSE_RESERVED) {
    out->reg[0] = EXIT_MISCONFIGURATION;
    return;
  }
  unsigned q = Q_LINEAR | access_bits(ctx, acc, f) | rights_bits(ctx, f);
  if (rules_about_final(f)) q |= Q_FINAL | guest_bits(ctx, f);
  out->reg[0] = EXIT_VIOLATION;
  out->reg[1] = q;
  out->reg[2] = f->gva;
}

/* An explicit read-modify-write need not count as a read. */
void rules_ept_defined(const struct mmu_context *ctx, const struct mmu_access *acc,
                       const struct mmu_fault *f, uint64_t mask[4]) {
  bool misconfiguration = f->cause == MMU_CAUSE_RESERVED;
  bool final = rules_about_final(f);
  uint64_t open = Q_SHADOW_STACK;
  if (!ctx->s2_mbec) open |= Q_MAY_EXECUTE_USER;
  if (!final || !ctx->s2_exit_info) open |= Q_GUEST_USER | Q_GUEST_WRITE | Q_GUEST_XD;
  if (final && acc->kind == MMU_RMW) open |= Q_READ;
  mask[0] = mask[3] = f->cause == MMU_CAUSE_ROOT_SIZE ? 0 : UINT64_MAX;
  mask[1] = misconfiguration ? 0 : mask[0] & ~open;
  mask[2] = misconfiguration ? 0 : mask[0];
}
