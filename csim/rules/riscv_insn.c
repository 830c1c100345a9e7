/* SPDX-License-Identifier: Apache-2.0
 * Transformed instructions of RISC-V, as htinst and mtinst hold them. Source: The RISC-V
 * Instruction Set Manual, privileged architecture, hypervisor chapter, "Transformed Instruction or
 * Pseudoinstruction"; unprivileged, "C" extension (RV64C and RV64DC forms). Promise: pure
 * functions. The address offset (19:15) is 0: no access here is one part of a misaligned one. */
#include "rules/stage2.h"

enum {
  OP_LOAD = 0x03,
  OP_LOAD_FP = 0x07,
  OP_STORE = 0x23,
  OP_STORE_FP = 0x27,
  OP_AMO = 0x2f,
  OP_SYSTEM = 0x73
};
enum { FUNCT3_AT = 12, RD_AT = 7, RS2_AT = 20, FUNCT3_HYPERVISOR = 4, HYPERVISOR_ACCESS = 6 };

#define KEEP_OF_LOAD UINT32_C(0x00007fff)  /* rd, funct3, opcode */
#define KEEP_OF_STORE UINT32_C(0x01f0707f) /* rs2, funct3, opcode */
#define KEEP_OF_OTHER UINT32_C(0xfff07fff) /* all but rs1 */

static unsigned field(uint32_t insn, unsigned hi, unsigned lo) {
  return (unsigned)(insn & rules_mask(hi, lo)) >> lo;
}

static uint32_t transformed(uint32_t insn) {
  unsigned funct3 = field(insn, 14, 12);
  bool scalar_fp = funct3 >= 1 && funct3 <= 4; /* of the others vectors have the opcode */
  switch (field(insn, 6, 0)) {
    case OP_LOAD:
      return funct3 < 7 ? insn & KEEP_OF_LOAD : 0;
    case OP_LOAD_FP:
      return scalar_fp ? insn & KEEP_OF_LOAD : 0;
    case OP_STORE:
      return funct3 < 4 ? insn & KEEP_OF_STORE : 0;
    case OP_STORE_FP:
      return scalar_fp ? insn & KEEP_OF_STORE : 0;
    case OP_AMO:
      return insn & KEEP_OF_OTHER;
    case OP_SYSTEM:
      return funct3 == FUNCT3_HYPERVISOR && field(insn, 31, 28) == HYPERVISOR_ACCESS
                 ? insn & KEEP_OF_OTHER
                 : 0;
    default:
      return 0;
  }
}

static uint32_t load(unsigned opcode, unsigned funct3, unsigned rd) {
  return (uint32_t)(rd << RD_AT | funct3 << FUNCT3_AT | opcode);
}

static uint32_t store(unsigned opcode, unsigned funct3, unsigned rs2) {
  return (uint32_t)(rs2 << RS2_AT | funct3 << FUNCT3_AT | opcode);
}

/* What remains of the expansion once it is transformed; 0 if it is no load or store. funct3 of the
 * short form tells what is moved: 1, 5 a double (floating point); 2, 6 a word; 3, 7 a doubleword.
 */
static uint32_t expanded(uint32_t insn) {
  unsigned funct3 = field(insn, 15, 13), quadrant = field(insn, 1, 0);
  bool floating = funct3 == 1 || funct3 == 5;
  bool is_store = funct3 >= 4;
  unsigned width = (funct3 & 3) == 2 ? 2 : 3;
  if ((funct3 & 3) == 0 || (quadrant != 0 && quadrant != 2)) return 0;
  unsigned at_4 = 8 + field(insn, 4, 2); /* rd' and rs2' of quadrant 0 */
  if (is_store)
    return store(floating ? OP_STORE_FP : OP_STORE, width,
                 quadrant == 0 ? at_4 : field(insn, 6, 2));
  return load(floating ? OP_LOAD_FP : OP_LOAD, width, quadrant == 0 ? at_4 : field(insn, 11, 7));
}

uint32_t rules_riscv_transformed(uint32_t insn) {
  bool compressed = field(insn, 1, 0) != 3;
  return compressed ? expanded(insn) & ~UINT32_C(2) : transformed(insn);
}
