/* SPDX-License-Identifier: Apache-2.0
 * The known deviations of QEMU, by its source: target/arm/ptw.c (get_phys_addr_lpae) and
 * target/riscv/cpu_helper.c (get_physical_address, riscv_cpu_tlb_fill, raise_mmu_exception).
 * Promise: each does one thing, and nothing without its bit. */
#include "oracle/dialect.h"

enum { ARM_L0 = 3 };

void oracle_dialect_stage1(uint32_t deviations, struct oracle_access *a) {
  struct mmu_context *ctx = &a->ctx;
  if ((deviations & ORACLE_DEV_CLEAN_EXEC) && a->acc.kind == MMU_FETCH) ctx->s1_hw_d = false;
  if ((deviations & ORACLE_DEV_AT_DIRTY) && a->acc.op == MMU_OP_TRANSLATE) {
    a->acc.op = MMU_OP_NORMAL;
    ctx->pan = false;
  }
  if (deviations & ORACLE_DEV_KEY_BY_MODE) ctx->pke = false;
  if ((deviations & ORACLE_DEV_IMPLICIT_AC) && a->acc.implicit_sup && ctx->ac) ctx->smap = false;
  if (deviations & ORACLE_DEV_NO_SVADE) ctx->s1_hw_a = ctx->s1_hw_d = true;
  if (deviations & ORACLE_DEV_HLVX) a->acc.exec_as_read = false;
  if (deviations & ORACLE_DEV_MXR) {
    if (a->by_hypervisor) ctx->mxr = ctx->s2_mxr;
    ctx->s2_mxr = false;
  }
  if ((deviations & ORACLE_DEV_HLV_SUM) && a->by_hypervisor) ctx->sum = true;
}

void oracle_dialect_stage2(uint32_t deviations, struct oracle_access *a) {
  if (deviations & ORACLE_DEV_NO_SVADE) a->ctx.s2_hw_a = a->ctx.s2_hw_d = true;
  if (deviations & ORACLE_DEV_HLVX) a->acc.exec_as_read = false;
  if (deviations & ORACLE_DEV_MXR) a->ctx.s2_mxr = a->ctx.mxr;
}

void oracle_dialect_need(uint32_t deviations, enum rules_about about, bool mxr,
                         struct rules_s2_need *need) {
  if (!(deviations & ORACLE_DEV_MXR) || !mxr || about != RULES_ABOUT_TABLE) return;
  need->all = 0;
  need->any = MMU_R2_R | MMU_R2_SX;
}

bool oracle_dialect_gpa(uint32_t deviations, const struct mmu_context *ctx, uint64_t *gpa) {
  if (!(deviations & ORACLE_DEV_GPA_SIGN)) return true;
  unsigned bits = 12U + 9U * ctx->s2_top + 11U;
  uint64_t sign = *gpa >> (bits - 1);
  if (sign != 0 && sign != UINT64_MAX >> (bits - 1)) return false;
  *gpa &= rules_mask(bits - 1, 0);
  return true;
}

bool oracle_dialect_block(uint32_t deviations, uint8_t level, uint64_t pte) {
  return (deviations & ORACLE_DEV_L0_BLOCK) && level == ARM_L0 && (pte & 3) == 1;
}

/* The memory's refusal of the final address, and of anything that the G-stage reads, is taken for
 * the G-stage's own. */
static void bus_to_guest(bool at_leaf, uint64_t output, struct mmu_fault *f) {
  bool implicit = f->on_walk || f->on_ad_write;
  bool memory = f->cause == MMU_CAUSE_BUS || f->cause == MMU_CAUSE_ROOT_SIZE ||
                f->cause == MMU_CAUSE_ADDRESS_SIZE;
  bool final = f->cause == MMU_CAUSE_ADDRESS_SIZE && at_leaf;
  if (!memory || (f->stage2 ? final && implicit : !final)) return;
  if (!f->stage2) f->gpa = output;
  f->stage2 = true;
  f->cause = MMU_CAUSE_NOT_PRESENT;
}

void oracle_dialect_fault(uint32_t deviations, bool at_leaf, uint64_t output, struct mmu_fault *f,
                          struct mmu_access *acc) {
  bool implicit = f->stage2 && (f->on_walk || f->on_ad_write);
  if ((deviations & ORACLE_DEV_WALK_LEVEL) && implicit) f->s2_level = f->s1_level;
  if (deviations & ORACLE_DEV_BUS_GUEST) bus_to_guest(at_leaf, output, f);
  if ((deviations & ORACLE_DEV_LOAD_CAUSE) && f->stage2 && implicit &&
      f->cause != MMU_CAUSE_ADDRESS_SIZE)
    acc->kind = MMU_READ;
}
