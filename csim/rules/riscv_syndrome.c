/* SPDX-License-Identifier: Apache-2.0
 * Fault registers of RISC-V, of both stages: scause, stval, htval, htinst, and hstatus.GVA. Source:
 * The RISC-V Instruction Set Manual, privileged architecture, hypervisor chapter, "Trap Cause
 * Codes" and "Transformed Instruction or Pseudoinstruction". Promise: pure functions. */
#include "rules/stage2.h"

enum { ACCESS_FAULT_FETCH = 1, ACCESS_FAULT = 4, PAGE_FAULT = 12, GUEST_PAGE_FAULT = 20 };
enum { PSEUDO_READ = 0x3000, PSEUDO_WRITE = 0x3020 }; /* of 64-bit tables */

/* Added to a code: the original access counts, whatever the refused one was; a cache-block
 * operation counts as a store. */
static unsigned kind_of(const struct mmu_access *acc) {
  if (acc->kind == MMU_FETCH) return 0;
  return rules_is_write(acc) || acc->op == MMU_OP_CACHE ? 3 : 1;
}

/* A pseudoinstruction for what the walker did to a stage-1 table; else the instruction that did the
 * access, where it is one that can be told. */
static uint64_t told_instruction(const struct mmu_access *acc, const struct mmu_fault *f) {
  if (f->on_ad_write) return PSEUDO_WRITE;
  if (f->on_walk) return PSEUDO_READ;
  return acc->kind == MMU_FETCH ? 0 : rules_riscv_transformed(acc->insn);
}

/* Page faults of stage 1 are delegated to the guest; access faults are not. */
void rules_riscv_syndrome(const struct mmu_context *ctx, const struct mmu_access *acc,
                          const struct mmu_fault *f, struct mmu_syndrome *out) {
  bool access_fault = rules_memory_error(f) || f->cause == MMU_CAUSE_ADDRESS_SIZE ||
                      f->cause == MMU_CAUSE_ROOT_SIZE;
  unsigned kind = kind_of(acc);
  *out = (struct mmu_syndrome){0};
  out->reg[1] = f->gva;
  if (access_fault) {
    out->reg[0] = kind == 0 ? ACCESS_FAULT_FETCH : ACCESS_FAULT + kind;
    out->to_hyp = rules_s2_on(ctx);
  } else if (f->stage2) {
    out->reg[0] = GUEST_PAGE_FAULT + kind;
    out->reg[2] = f->gpa >> 2;
    out->reg[3] = told_instruction(acc, f);
    out->to_hyp = true;
  } else {
    out->reg[0] = PAGE_FAULT + kind;
  }
  out->gva = out->to_hyp;
}

void rules_riscv_defined(const struct mmu_context *ctx, const struct mmu_access *acc,
                         const struct mmu_fault *f, uint64_t mask[4]) {
  (void)ctx;
  (void)acc;
  (void)f;
  mask[0] = mask[1] = mask[2] = mask[3] = UINT64_MAX;
}
