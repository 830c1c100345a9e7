// SPDX-License-Identifier: Apache-2.0
// Macros of the proof harnesses; each is one named property with a sentence that the run prints.
//   `ASSUME(name, "sentence", expr)  holds in every cycle: what the proof takes for granted
//   `PROVE(name, "sentence", expr)   must hold in every cycle out of reset
//   `COVER(name, "sentence", expr)   some cycle out of reset must reach it: the proof is not vacuous
// A cover is an assertion of its opposite, cover_NAME, which must fail.
// `FORMAL_RESET: rst_ni, low in the first cycle and high from then on.
`ifndef FORMAL_SVH
`define FORMAL_SVH

`define FORMAL_RESET \
  logic rst_ni = 1'b0; \
  always_ff @(posedge clk_i) rst_ni <= 1'b1;

`define ASSUME(name, text, expr) \
  always_comb name: assume (expr);

`define PROVE(name, text, expr) \
  always_comb if (rst_ni) name: assert (expr);

`define COVER(name, text, expr) \
  always_comb if (rst_ni) cover_``name: assert (!(expr));

`endif
