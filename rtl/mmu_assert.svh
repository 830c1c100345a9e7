// SPDX-License-Identifier: Apache-2.0
// Assertion macros: `expr` must hold at every rising edge outside reset. Verilator gets a
// concurrent assertion, Yosys the clocked immediate form that its formal flow reads.
`ifndef MMU_ASSERT_SVH
`define MMU_ASSERT_SVH

`ifdef YOSYS
`define MMU_ASSERT(name, expr) \
  always @(posedge clk_i) if (rst_ni) name: assert (expr);
`else
`define MMU_ASSERT(name, expr) \
  name: assert property (@(posedge clk_i) disable iff (!rst_ni) (expr));
`endif

`endif
