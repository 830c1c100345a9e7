/* SPDX-License-Identifier: Apache-2.0
 * Operands of Arm's TLB range invalidations (TLBI RVAE1, RVALE1, RVAAE1, RVAALE1). Source: Arm
 * ARM (DDI 0487) C5.5.35 and D8.17.5.2, without FEAT_LPA2. Layout of the register Xt: ASID 63:48,
 * TG 47:46 (01: 4 KiB), SCALE 45:44, NUM 43:39, TTL 38:37, BaseADDR 36:0 = VA[48:12]. It stands for
 * (NUM + 1) * 2^(5 * SCALE + 1) pages from BaseADDR on. */
#ifndef COWALK_RULES_ARM_RANGE_H
#define COWALK_RULES_ARM_RANGE_H

#include <stdbool.h>
#include <stdint.h>

enum { RULES_ANY_LEVEL = 0xff };
#define RULES_ARM_RANGE_MOST (UINT64_C(1) << 33) /* bytes: 32 * 2^16 pages */

struct rules_arm_range {
  uint64_t first, last; /* bits 55:0 of the addresses, both included; no wrap at the top */
  uint8_t level_hint;   /* height of the leaves meant, or RULES_ANY_LEVEL */
};

/* What an operand asks for; false if it obliges to nothing (TG is not 4 KiB, or BaseADDR is not
 * aligned to the level that TTL names, which makes the range UNPREDICTABLE). */
bool rules_arm_range_of(uint64_t operand, struct rules_arm_range *out);

/* The operand without its level hint: leaves of every level are meant. */
static inline uint64_t rules_arm_range_without_hint(uint64_t operand) {
  return operand & ~(UINT64_C(3) << 37);
}

/* The operand, without ASID and level hint, of the least range that starts with the page of first
 * and has last in it; 0 if there is none: last is below first or RULES_ARM_RANGE_MOST away. */
uint64_t rules_arm_range_operand(uint64_t first, uint64_t last);

#endif
