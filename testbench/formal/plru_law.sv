// SPDX-License-Identifier: Apache-2.0
// Tree pseudo-LRU: whom it picks.
`include "formal.svh"

module plru_law #(
  parameter  int unsigned Entries = 8,
  localparam int unsigned IdxW    = $clog2(Entries)
) (
  input logic            clk_i,
  input logic            touch_valid_i,
  input logic [IdxW-1:0] touch_idx_i,
  input logic            pick_valid_i
);
  `FORMAL_RESET

  logic [IdxW-1:0] victim;
  plru #(.Entries(Entries)) dut (.clk_i, .rst_ni, .touch_valid_i, .touch_idx_i, .pick_valid_i, .victim_o (victim));

  // Halves, quarters ... of the last touch, and whether it was out of them.
  logic            touched_q;
  logic [IdxW-1:0] last_q;
  always_ff @(posedge clk_i) begin
    touched_q <= rst_ni && (touched_q || touch_valid_i);
    if (touch_valid_i) last_q <= touch_idx_i;
  end
  `PROVE(in_range, "the victim is an entry", victim < (IdxW + 1)'(Entries))
  `PROVE(not_the_last, "the victim is in the half that was not touched last",
         !(touched_q && pick_valid_i) || victim[IdxW-1] != last_q[IdxW-1])
  `COVER(picks_last, "the last entry is picked", pick_valid_i && victim == IdxW'(Entries - 1))
  `COVER(picks_first, "the first entry is picked after a touch", touched_q && pick_valid_i && victim == '0)
endmodule
