/* SPDX-License-Identifier: Apache-2.0
 * The MMU as Yosys' cxxrtl simulates it: a netlist, driven by the pins of rtl/mmu_pins.sv. The
 * pins are numbered as in the lists that tests/two_simulators/run.sh makes from the header of the
 * Verilated model. */
#ifndef COWALK_TESTBENCH_CXXRTL_NETLIST_H
#define COWALK_TESTBENCH_CXXRTL_NETLIST_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct netlist;

/* All state zero. NULL if out of memory or if a pin of the lists is missing. The environment
 * variable COWALK_UPSET=SEED inverts one bit of state, chosen by SEED, in the 2,000th cycle. */
struct netlist *netlist_create(void);
void netlist_destroy(struct netlist *n);

/* Apply the inputs in list order, let them settle, then the clock, and settle again. */
void netlist_step(struct netlist *n, const uint64_t *in, unsigned clock);

/* Name of the first output whose value is not the one given, or NULL. */
const char *netlist_compare(const struct netlist *n, const uint64_t *out);

#ifdef __cplusplus
}
#endif
#endif
