/* SPDX-License-Identifier: Apache-2.0
 * Random instruction words for the fuzzer: what may stand in fault registers of an access. */
#ifndef COWALK_FUZZ_INSN_H
#define COWALK_FUZZ_INSN_H

#include "backend/mmu.h"
#include "fuzz/random.h"

/* 0 (unknown), a load or store of the architecture, or any word. */
static inline uint32_t fuzz_insn(enum mmu_arch arch, struct fuzz_random *r) {
  static const uint32_t arm[] = {0x39000000, 0x79400000, 0xb9400000, 0xf9000000,
                                 0x38800000, 0xb8400400, 0xc8dffc00, 0x889ffc00};
  static const uint32_t riscv[] = {0x00000003, 0x00003003, 0x00002023, 0x0000202f,
                                   0x00004000, 0x00006000, 0x68004073, 0x6a004073};
  uint32_t any = (uint32_t)fuzz_bits(r);
  if (arch == MMU_ARCH_X86 || fuzz_chance(r, 40)) return 0;
  if (fuzz_chance(r, 10)) return any;
  if (arch == MMU_ARCH_ARM) return arm[fuzz_below(r, 8)] | (any & 0x003ffbff);
  return riscv[fuzz_below(r, 8)] | (any & 0x01f78f80);
}

#endif
