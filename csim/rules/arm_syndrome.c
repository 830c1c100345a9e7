/* SPDX-License-Identifier: Apache-2.0
 * Fault registers of Armv8-A, of both stages: ESR_ELx, FAR_ELx, HPFAR_EL2. Source: Arm ARM (DDI
 * 0487), ESR_EL1 and ESR_EL2 (ISS encodings for Instruction and Data Aborts), HPFAR_EL2, and the
 * pseudocode EncodeLDFSC, AArch64_FaultSyndrome, IPAValid. Promise: pure functions. */
#include "rules/stage2.h"

enum { WNR = 1 << 6, S1PTW = 1 << 7, CM = 1 << 8, EA = 1 << 9, IL = 1 << 25 };
enum { EC_INSTRUCTION_LOWER = 0x20, EC_DATA_LOWER = 0x24, EC_AT = 26 };
#define OPERAND rules_mask(24, 14) /* ISV, SAS, SSE, SRT, SF, AR */
#define AR (UINT64_C(1) << 14)

/* EncodeLDFSC for the status codes that a walk can produce; `level` is Arm's, of the stage that
 * faulted. */
static unsigned status_code(const struct mmu_fault *f, unsigned level) {
  switch (f->cause) {
    case MMU_CAUSE_ADDRESS_SIZE:
    case MMU_CAUSE_ROOT_SIZE:
      return 0x00 + level;
    case MMU_CAUSE_ACCESS_FLAG:
      return 0x08 + level;
    case MMU_CAUSE_PERMISSION:
      return 0x0c + level;
    case MMU_CAUSE_BUS:
      return 0x14 + level;
    case MMU_CAUSE_PARITY:
      return 0x1c + level;
    case MMU_CAUSE_NO_ATOMIC:
      return 0x31;
    default:
      return 0x04 + level;
  }
}

static bool on_table(const struct mmu_fault *f) {
  return f->stage2 && !rules_about_final(f);
}

/* Would a read have got past these rights? */
static bool may_read(const struct mmu_context *ctx, const struct mmu_access *acc,
                     const struct mmu_fault *f) {
  struct mmu_access as_read = *acc;
  struct rules_need n;
  as_read.kind = MMU_READ;
  if (f->stage2) return f->s2_rights & MMU_R2_R;
  rules_arm.need(ctx, &as_read, &n);
  return rules_permits(&n, f->s1_rights);
}

/* WnR: a read-modify-write counts as a read if a read would have failed the same way. On a stage-1
 * table it is the direction of the instruction, whatever was done to the table. */
static bool write_not_read(const struct mmu_context *ctx, const struct mmu_access *acc,
                           const struct mmu_fault *f) {
  if (acc->op != MMU_OP_NORMAL) return true;
  if (acc->kind != MMU_RMW) return acc->kind == MMU_WRITE;
  return f->cause == MMU_CAUSE_PERMISSION && !on_table(f) && may_read(ctx, acc, f);
}

/* May the ISS tell the instruction? Only of the access itself, refused by stage 2. */
static bool tells_operand(const struct mmu_access *acc, const struct mmu_fault *f) {
  return f->stage2 && rules_about_final(f) && acc->kind != MMU_FETCH && acc->op == MMU_OP_NORMAL &&
         !rules_memory_error(f);
}

/* IPAValid: HPFAR_EL2 holds the address, but for external aborts, and for a permission fault of the
 * access itself. */
static bool tells_ipa(const struct mmu_fault *f) {
  if (!f->stage2 || rules_memory_error(f)) return false;
  return f->cause != MMU_CAUSE_PERMISSION || on_table(f);
}

void rules_arm_syndrome(const struct mmu_context *ctx, const struct mmu_access *acc,
                        const struct mmu_fault *f, struct mmu_syndrome *out) {
  bool fetch = acc->kind == MMU_FETCH;
  uint64_t class = fetch ? EC_INSTRUCTION_LOWER : EC_DATA_LOWER;
  /* An AT instruction is executed above EL0, whatever it asks about. */
  bool from_el0 = ctx->priv == MMU_USER && acc->op != MMU_OP_TRANSLATE;
  if (!from_el0 && !f->stage2) class += 1; /* stage 2 is taken at EL2, from below */
  uint64_t iss = status_code(f, 3U - (f->stage2 ? f->s2_level : f->s1_level));
  /* EA is IMPLEMENTATION DEFINED for an external abort; this implementation sets it. */
  if (f->cause == MMU_CAUSE_BUS || f->cause == MMU_CAUSE_PARITY) iss |= EA;
  if (on_table(f)) iss |= S1PTW;
  if (!fetch) {
    if (write_not_read(ctx, acc, f)) iss |= WNR;
    if (acc->op != MMU_OP_NORMAL) iss |= CM;
  }
  if (tells_operand(acc, f)) iss |= rules_arm_operand(acc->insn);
  *out = (struct mmu_syndrome){.to_hyp = f->stage2};
  out->reg[0] = class << EC_AT | IL | iss;
  out->reg[1] = f->gva;
  if (tells_ipa(f)) out->reg[2] = (f->gpa & rules_mask(55, 12)) >> 8;
}

/* UNKNOWN or IMPLEMENTATION DEFINED: EA and WnR with "unsupported atomic hardware update", and
 * there the operand; WnR of an external abort on an atomic. */
void rules_arm_defined(const struct mmu_context *ctx, const struct mmu_access *acc,
                       const struct mmu_fault *f, uint64_t mask[4]) {
  (void)ctx;
  bool data = acc->kind != MMU_FETCH;
  uint64_t open = 0;
  if (f->cause == MMU_CAUSE_NO_ATOMIC) {
    open = EA | (data ? WNR : 0U);
    if (f->stage2 && data && rules_about_final(f)) open |= OPERAND;
  } else if (rules_memory_error(f) && acc->kind == MMU_RMW && acc->op == MMU_OP_NORMAL) {
    open = WNR;
  } else if (tells_operand(acc, f) && rules_arm_limited_order(acc->insn)) {
    open = AR;
  }
  mask[0] = ~open;
  mask[1] = mask[3] = UINT64_MAX;
  mask[2] = f->stage2 && !tells_ipa(f) ? 0 : UINT64_MAX;
}
