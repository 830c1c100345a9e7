/* SPDX-License-Identifier: Apache-2.0
 * Finds the rules of an architecture. The rules themselves are in x86.c, arm.c and riscv.c, each
 * from its own manual. */
#include "rules/rules.h"

const struct rules_ops *rules_of(enum mmu_arch arch) {
  switch (arch) {
    case MMU_ARCH_ARM:
      return &rules_arm;
    case MMU_ARCH_RISCV:
      return &rules_riscv;
    default:
      return &rules_x86;
  }
}

bool rules_ends_pointers(uint8_t inval_kind) {
  switch (inval_kind) {
    case MMU_INV_ARM_VALE1:
    case MMU_INV_ARM_VAALE1:
    case MMU_INV_ARM_RVALE1:
    case MMU_INV_ARM_RVAALE1:
    case MMU_INV_ARM_IPAS2E1:
    case MMU_INV_ARM_IPAS2LE1:
    case MMU_INV_ARM_RIPAS2E1:
    case MMU_INV_ARM_RIPAS2LE1:
    case MMU_INV_RISCV_ADDR:
    case MMU_INV_RISCV_ADDR_ASID:
      return false;
    default:
      return true;
  }
}
