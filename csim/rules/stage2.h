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

/* The members of struct rules_ops, as types. */
typedef void rules_s2_root_fn(const struct mmu_context *ctx, uint64_t gpa, struct rules_root *out);
typedef void rules_s2_need_fn(const struct mmu_context *ctx, const struct mmu_access *acc,
                              enum rules_about about, bool user_page, struct rules_s2_need *out);
typedef void rules_s2_step_fn(const struct mmu_context *ctx, const struct mmu_access *acc,
                              enum rules_about about, const struct rules_s2_need *need,
                              uint8_t level, uint64_t pte, uint8_t rights,
                              struct rules_s2_step *out);
typedef void rules_syndrome_fn(const struct mmu_context *ctx, const struct mmu_access *acc,
                               const struct mmu_fault *f, struct mmu_syndrome *out);
typedef void rules_defined_fn(const struct mmu_context *ctx, const struct mmu_access *acc,
                              const struct mmu_fault *f, uint64_t mask[4]);
typedef bool rules_covers_fn(const struct mmu_inval *inv, const struct rules_entry *e);

rules_s2_root_fn rules_ept_root, rules_npt_root, rules_arm_s2_root, rules_riscv_s2_root;
rules_s2_need_fn rules_ept_need, rules_npt_need, rules_arm_s2_need, rules_riscv_s2_need;
rules_s2_step_fn rules_ept_step, rules_npt_step, rules_arm_s2_step, rules_riscv_s2_step;

/* Of EPT and NPT: stage-2 faults but memory errors; else of both stages. */
rules_syndrome_fn rules_ept_syndrome, rules_npt_syndrome, rules_arm_syndrome, rules_riscv_syndrome;
rules_defined_fn rules_ept_defined, rules_npt_defined, rules_arm_defined, rules_riscv_defined;

rules_covers_fn rules_x86_covers, rules_arm_covers, rules_riscv_covers;

/* Bits 24:14 of the ISS for an A64 instruction, in their place: ISV, SAS, SSE, SRT, SF, AR. 0 if it
 * is none of those that the ISS can tell. */
uint64_t rules_arm_operand(uint32_t insn);
/* LDLAR, STLLR: whether AR stands for their kind of order, no text at hand says. */
bool rules_arm_limited_order(uint32_t insn);

/* The transformed instruction of a load, store, atomic, HLV, HLVX or HSV; of others 0. */
uint32_t rules_riscv_transformed(uint32_t insn);

#endif
