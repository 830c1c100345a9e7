/* SPDX-License-Identifier: Apache-2.0
 * What the ISS of a data abort tells of the A64 instruction: loads and stores of one
 * general-purpose register without writeback. Source: Arm ARM (DDI 0487) C4.1, "Loads and Stores",
 * and ESR_EL2, ISS encoding for an exception from a Data Abort. Promise: pure functions. */
#include "rules/stage2.h"

enum { ISV = 1 << 24, SAS_AT = 22, SSE = 1 << 21, SRT_AT = 16, SF = 1 << 15, AR = 1 << 14 };
enum { STORE = 0, LOAD = 1, LOAD_SIGNED_64 = 2, LOAD_SIGNED_32 = 3, DOUBLE = 3 };

static unsigned field(uint32_t insn, unsigned hi, unsigned lo) {
  return (unsigned)(insn & rules_mask(hi, lo)) >> lo;
}

/* The forms with an unsigned offset, an unscaled one, an unprivileged access, a register offset.
 * Not pre- and post-indexed, not atomics, not pointer authentication. */
static bool plain(uint32_t insn) {
  if (field(insn, 29, 26) != 0xe) return false; /* 111, and V = 0: no SIMD register */
  if (field(insn, 25, 24) == 1) return true;
  if (field(insn, 25, 24) != 0) return false;
  bool register_offset = field(insn, 21, 21);
  unsigned form = field(insn, 11, 10);
  if (register_offset) return form == 2 && field(insn, 14, 14) == 1; /* option: words at least */
  return form == 0 || form == 2;
}

static uint64_t plain_operand(uint32_t insn) {
  unsigned size = field(insn, 31, 30), opc = field(insn, 23, 22);
  bool no_load = (size == DOUBLE && opc >= LOAD_SIGNED_64) || (size == 2 && opc == LOAD_SIGNED_32);
  if (no_load) return 0; /* a prefetch, or unallocated */
  bool wide = opc == LOAD_SIGNED_64 || (opc <= LOAD && size == DOUBLE);
  return ISV | (uint64_t)size << SAS_AT | (opc >= LOAD_SIGNED_64 ? SSE : 0U) |
         (uint64_t)field(insn, 4, 0) << SRT_AT | (wide ? SF : 0U);
}

/* LDAR, STLR, LDLAR, STLLR: 001000 with o2 = 1 and o1 = 0. */
static bool ordered(uint32_t insn) {
  return field(insn, 29, 24) == 8 && field(insn, 23, 23) == 1 && field(insn, 21, 21) == 0;
}

bool rules_arm_limited_order(uint32_t insn) {
  return ordered(insn) && field(insn, 15, 15) == 0;
}

uint64_t rules_arm_operand(uint32_t insn) {
  if (plain(insn)) return plain_operand(insn);
  if (!ordered(insn)) return 0;
  unsigned size = field(insn, 31, 30);
  return ISV | (uint64_t)size << SAS_AT | (uint64_t)field(insn, 4, 0) << SRT_AT |
         (size == DOUBLE ? SF : 0U) | (rules_arm_limited_order(insn) ? 0U : AR);
}
