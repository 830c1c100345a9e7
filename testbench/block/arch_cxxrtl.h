/* SPDX-License-Identifier: Apache-2.0
 * The architecture box in a second simulator: Yosys turns the same sources into C++ (its cxxrtl
 * back end), with no code in common with Verilator. Slow; for cross-checking only. */
#ifndef COWALK_TESTBENCH_BLOCK_ARCH_CXXRTL_H
#define COWALK_TESTBENCH_BLOCK_ARCH_CXXRTL_H

#include "testbench/block/arch_pins.h"

struct arch_cxxrtl;

/* NULL if out of memory or if a pin is missing. The caller owns it. */
struct arch_cxxrtl *arch_cxxrtl_create(enum mmu_arch arch);
/* Evaluates `in`; NULL if every output is as in `other`, else the name of one that is not. */
const char *arch_cxxrtl_compare(struct arch_cxxrtl *b, const struct arch_in *in,
                                const struct arch_out *other);
void arch_cxxrtl_destroy(struct arch_cxxrtl *b);

#endif
