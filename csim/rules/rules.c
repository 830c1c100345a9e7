/* SPDX-License-Identifier: Apache-2.0
 * Finds the rules of an architecture. The rules themselves are in x86.c, arm.c and riscv.c, each
 * from its own manual; nothing here decides anything. */
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
