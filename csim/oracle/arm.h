/* SPDX-License-Identifier: Apache-2.0
 * Inside the Arm cases: the layout of the registers. */
#ifndef COWALK_ORACLE_ARM_H
#define COWALK_ORACLE_ARM_H

#include "oracle/build.h"

#define ARM_HCR_VM (UINT64_C(1) << 0)
#define ARM_HCR_PTW (UINT64_C(1) << 2)
#define ARM_HCR_RW (UINT64_C(1) << 31)
#define ARM_SCTLR_M (UINT64_C(1) << 0)
#define ARM_SCTLR_WXN (UINT64_C(1) << 19)
#define ARM_SCTLR_BASE UINT64_C(0x30d01804) /* RES1, I, C, SPAN */
#define ARM_PAN (UINT64_C(1) << 22)
#define ARM_EL1H UINT64_C(5)
#define ARM_DAIF UINT64_C(0x3c0)

enum { ARM_NOP = 0xd503201fu, ARM_MOV_X0_X1 = 0xaa0103e0u };
enum { ARM_AT = 0xd5087801u, ARM_AT_EL0 = 1 << 6, ARM_AT_WRITE = 1 << 5 }; /* AT S1E1R, X1 */
enum { ARM_ISB = 0xd5033fdfu, ARM_MRS_PAR = 0xd5387400u };
enum { ARM_BRK = 0xd4200000u, ARM_BRK_DONE = 0x7000, ARM_BRK_VECTOR = 0x7001 };
enum { ARM_L0 = 3 }; /* height of level 0 */

/* Arm's encoding of physical widths (IPS, PS). */
static inline unsigned arm_width(unsigned code) {
  static const uint8_t widths[8] = {32, 36, 40, 42, 44, 48, 48, 48};
  return widths[code & 7];
}

static inline bool arm_is_at(uint32_t insn) {
  return (insn & ~(uint32_t)(ARM_AT_EL0 | ARM_AT_WRITE)) == ARM_AT;
}

/* Loads, stores and atomics of 64 bits at [X1], of X0 but for one; some with a valid ISS, some not.
 */
enum { ARM_INSNS = 11 };
struct arm_insn {
  uint32_t insn;
  uint8_t kind; /* enum mmu_access_kind */
};
extern const struct arm_insn arm_insns[ARM_INSNS];
/* The kind of access; MMU_FETCH for none of them. */
uint8_t arm_kind(uint32_t insn);
static inline bool arm_loads_x1(uint32_t insn) {
  return insn == 0xf9400021u;
}

enum { ARM_DEVIATIONS = 7 };
extern const struct oracle_deviation arm_deviations[ARM_DEVIATIONS];

struct arm_regs {
  uint64_t tcr, sctlr, hcr, vtcr, pstate;
};

/* upper: the access is in the half of TTBR1. */
void arm_spoil(struct oracle_build *b, bool upper, struct arm_regs *g);
bool arm_generate(struct fuzz_random *r, const struct oracle_class *aim, struct oracle_case *c);
bool arm_possible(const struct oracle_class *k);

#endif
