/* SPDX-License-Identifier: Apache-2.0
 * Inside the rules: the parts of each architecture that have files of their own. Not for others;
 * see rules.h for what each function promises. */
#ifndef COWALK_RULES_STAGE2_H
#define COWALK_RULES_STAGE2_H

#include "rules/rules.h"

/* MMU_S2_PASS only passes through. */
static inline bool rules_s2_on(const struct mmu_context *ctx) {
  return ctx->s2_mode >= MMU_S2_EPT;
}

/* The memory itself refused, not a table. */
static inline bool rules_memory_error(const struct mmu_fault *f) {
  return f->cause == MMU_CAUSE_BUS || f->cause == MMU_CAUSE_NO_ATOMIC ||
         f->cause == MMU_CAUSE_PARITY;
}

/* Stage 2 was asked for the access itself, not for a stage-1 table. */
static inline bool rules_about_final(const struct mmu_fault *f) {
  return !f->on_walk && !f->on_ad_write;
}

#define RULES_S2_PARTS(name)                                                                     \
  void rules_##name##_root(const struct mmu_context *ctx, uint64_t gpa, struct rules_root *out); \
  void rules_##name##_need(const struct mmu_context *ctx, const struct mmu_access *acc,          \
                           enum rules_about about, bool user_page, struct rules_s2_need *out);   \
  void rules_##name##_step(const struct mmu_context *ctx, const struct mmu_access *acc,          \
                           enum rules_about about, const struct rules_s2_need *need,             \
                           uint8_t level, uint64_t pte, uint8_t rights, struct rules_s2_step *out)

#define RULES_SYNDROME_PARTS(name)                                                          \
  void rules_##name##_syndrome(const struct mmu_context *ctx, const struct mmu_access *acc, \
                               const struct mmu_fault *f, struct mmu_syndrome *out);        \
  void rules_##name##_defined(const struct mmu_context *ctx, const struct mmu_access *acc,  \
                              const struct mmu_fault *f, uint64_t mask[4])

RULES_S2_PARTS(ept);
RULES_S2_PARTS(npt);
RULES_S2_PARTS(arm_s2);
RULES_S2_PARTS(riscv_s2);

RULES_SYNDROME_PARTS(ept); /* stage-2 faults but memory errors */
RULES_SYNDROME_PARTS(npt);
RULES_SYNDROME_PARTS(arm); /* both stages */
RULES_SYNDROME_PARTS(riscv);

bool rules_x86_covers(const struct mmu_inval *inv, const struct rules_entry *e);
bool rules_arm_covers(const struct mmu_inval *inv, const struct rules_entry *e);
bool rules_riscv_covers(const struct mmu_inval *inv, const struct rules_entry *e);

/* Bits 24:14 of the ISS for an A64 instruction, in their place: ISV, SAS, SSE, SRT, SF, AR. 0 if it
 * is none of those that the ISS can tell. */
uint64_t rules_arm_operand(uint32_t insn);
/* LDLAR, STLLR: whether AR stands for their kind of order, no text at hand says. */
bool rules_arm_limited_order(uint32_t insn);

/* The transformed instruction of a load, store, atomic, HLV, HLVX or HSV; of others 0. */
uint32_t rules_riscv_transformed(uint32_t insn);

#endif
