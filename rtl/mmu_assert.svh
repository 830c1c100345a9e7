// SPDX-License-Identifier: Apache-2.0
// `MMU_ASSERT(name, expr): `expr` holds at every rising edge outside reset. The clocked immediate
// form serves both tools: it is the one that Yosys reads, and Verilator's concurrent form would
// sample an input of this edge together with what was derived from the input of the last.
`ifndef MMU_ASSERT_SVH
`define MMU_ASSERT_SVH

`define MMU_ASSERT(name, expr) \
  always @(posedge clk_i) if (rst_ni) name: assert (expr);

`endif
