/* SPDX-License-Identifier: Apache-2.0
 * Inside the RISC-V cases: the layout of the registers. */
#ifndef COWALK_ORACLE_RISCV_H
#define COWALK_ORACLE_RISCV_H

#include "oracle/build.h"

#define RISCV_SUM (UINT64_C(1) << 18)
#define RISCV_MXR (UINT64_C(1) << 19)
#define RISCV_SPV (UINT64_C(1) << 7)
#define RISCV_SPVP (UINT64_C(1) << 8)
#define RISCV_GVA (UINT64_C(1) << 6)
#define RISCV_XL64 (UINT64_C(2) << 32)
#define RISCV_ADUE (UINT64_C(1) << 61)

enum { RISCV_LD = 0x0005b503, RISCV_SD = 0x00a5b023, RISCV_AMOSWAP = 0x08a5b52f };
enum { RISCV_HLV = 0x6c05c573, RISCV_HLVX = 0x6835c573, RISCV_HSV = 0x6ea5c073 };
enum { RISCV_ECALL = 0x73, RISCV_LUI_A0 = 0x537 };
enum {
  RISCV_PAGE_FAULTS = 1 << 12 | 1 << 13 | 1 << 15,
  RISCV_ACCESS_FAULTS = 1 << 1 | 1 << 5 | 1 << 7
};

enum { RISCV_DEVIATIONS = 8 };
extern const struct oracle_deviation riscv_deviations[RISCV_DEVIATIONS];

bool riscv_generate(struct fuzz_random *r, const struct oracle_class *aim, struct oracle_case *c);
bool riscv_possible(const struct oracle_class *k);

#endif
