// SPDX-License-Identifier: Apache-2.0
// The load or store that a hypervisor must do for the guest: Arm's ISS bits 23:14, and RISC-V's
// transformed instruction (unprivileged manual, loads and stores; privileged, HLV and HSV).
#include "syndrome/bits.h"

static bool arm(const struct syn_fault *f, struct syn_operand *out) {
  if ((f->detail & SYN_BIT(24)) == 0) return false;
  out->store = (f->access & SYN_WRITE) != 0;
  out->size = (uint8_t)syn_field(f->detail, 23, 22);
  out->sign = syn_field(f->detail, 21, 21) != 0;
  out->reg = (uint8_t)syn_field(f->detail, 20, 16);
  out->wide = syn_field(f->detail, 15, 15) != 0;
  out->ordered = syn_field(f->detail, 14, 14) != 0;
  return true;
}

static bool riscv(const struct syn_fault *f, struct syn_operand *out) {
  const uint32_t insn = f->instruction | 2; /* bit 1 is clear for a compressed one */
  const uint8_t funct3 = (uint8_t)syn_field(insn, 14, 12);
  const uint8_t rd = (uint8_t)syn_field(insn, 11, 7), rs2 = (uint8_t)syn_field(insn, 24, 20);
  if (f->instruction == 0) return false;
  out->wide = true;
  out->size = funct3 & 3;
  out->reg = rd;
  switch (insn & 0x7f) {
    case 0x07: /* loads and stores of floating point; vectors have other widths */
    case 0x27:
      if (funct3 == 0 || funct3 > 4) return false;
      out->floating = true;
      out->size = funct3;
      out->store = (insn & 0x20) != 0;
      if (out->store) out->reg = rs2;
      return true;
    case 0x03:
      out->sign = funct3 < 4;
      return funct3 != 7;
    case 0x23:
      out->store = true;
      out->reg = rs2;
      return funct3 < 4;
    case 0x73: /* HLV, HLVX, HSV: the width is in bits 27:26 */
      out->size = (uint8_t)syn_field(insn, 27, 26);
      out->store = syn_field(insn, 25, 25) != 0;
      out->sign = !out->store && rs2 == 0;
      if (out->store) out->reg = rs2;
      return true;
    default: /* atomics and cache-block operations: look at f->instruction */
      return false;
  }
}

bool syn_operand(enum syn_arch arch, const struct syn_fault *f, struct syn_operand *out) {
  *out = (struct syn_operand){0};
  if (arch == SYN_ARM64) return arm(f, out);
  return arch == SYN_RISCV && riscv(f, out);
}
