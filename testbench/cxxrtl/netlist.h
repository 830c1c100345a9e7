/* SPDX-License-Identifier: Apache-2.0
 * The MMU as Yosys' cxxrtl simulates it: a netlist, driven by the pins of rtl/mmu_pins.sv. */
#ifndef COWALK_TESTBENCH_CXXRTL_NETLIST_H
#define COWALK_TESTBENCH_CXXRTL_NETLIST_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct netlist;

struct netlist_pins { /* borrowed; the order is that of the values below */
  const char *const *input, *const *output;
  unsigned inputs, outputs;
};

/* All state zero. NULL if out of memory or if the netlist lacks a pin. The environment variable
 * COWALK_UPSET=SEED inverts one bit of state, chosen by SEED, in the 2,000th cycle. */
struct netlist *netlist_create(const struct netlist_pins *pins);
void netlist_destroy(struct netlist *n);

/* Apply the inputs, let them settle, then the clock, and settle again. */
void netlist_step(struct netlist *n, const uint64_t *in, unsigned clock);

/* Name of the first output whose value is not the one given, or NULL. */
const char *netlist_compare(const struct netlist *n, const uint64_t *out);

#ifdef __cplusplus
}
#endif
#endif
