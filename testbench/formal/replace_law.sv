// SPDX-License-Identifier: Apache-2.0
// Replacement: whom it picks, under each policy. A hit or a fill is a touch (fifo: a fill alone).
`include "formal.svh"

module replace_law #(
  parameter  int unsigned Entries = 4,
  parameter  logic [1:0]  Policy  = 2'd0,
  localparam int unsigned IdxW    = $clog2(Entries)
) (
  input logic            clk_i,
  input logic            hit_i,
  input logic            fill_i,
  input logic [IdxW-1:0] idx_i,
  input logic [IdxW-1:0] key_i
);
  `FORMAL_RESET

  logic [IdxW-1:0] victim, idx;
  logic            took;  // the fill takes the victim
  assign took = fill_i && idx_i == victim;
  replace_state #(.Entries(Entries), .Policy(Policy)) dut (
    .clk_i, .rst_ni, .hit_i, .fill_i, .idx_i, .took_i (took), .victim_o (victim)
  );
  `ASSUME(one_use, "there is a hit or a fill in a cycle and not both", !(hit_i && fill_i))
  `ASSUME(an_entry, "it is of an entry that exists", (IdxW + 1)'(idx_i) < (IdxW + 1)'(Entries))
  `PROVE(in_range, "the victim is an entry", !fill_i || (IdxW + 1)'(victim) < (IdxW + 1)'(Entries))

  // Any entry; the others that were touched since it was.
  logic                touch, known_q;
  logic [IdxW-1:0]     key_q, last_q;
  logic [2**IdxW-1:0]  since_q;
  logic [IdxW:0]       count;
  assign touch = fill_i || (hit_i && Policy != mmu_pkg::ReplaceFifo);
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      key_q   <= key_i;
      known_q <= 1'b0;
      since_q <= '0;
    end else if (touch) begin
      last_q <= idx_i;
      if (idx_i == key_q) begin
        known_q <= 1'b1;
        since_q <= '0;
      end else begin
        since_q[idx_i] <= 1'b1;
      end
    end
  end
  always_comb begin
    count = '0;
    for (int i = 0; i < 2**IdxW; i++) count = count + (IdxW + 1)'(since_q[i]);
  end
  if (Policy == mmu_pkg::ReplacePlru) begin : g_plru
    `PROVE(not_the_last, "plru: the entry that was touched last is not picked",
           !(fill_i && known_q && since_q == '0 && Entries > 1) || victim != key_q)
  end else if (Policy != mmu_pkg::ReplaceRandom) begin : g_order
    `PROVE(oldest, "lru and fifo: an entry is picked when all others were touched since and not before",
           !(fill_i && known_q) || (victim == key_q) == (count == (IdxW + 1)'(Entries - 1)))
  end
  `COVER(picks_last, "the last entry is picked", fill_i && victim == IdxW'(Entries - 1))
  `COVER(picks_key, "an entry is picked that was touched before", fill_i && known_q && victim == key_q)
  logic unused_wires;
  assign unused_wires = ^{last_q, idx};
endmodule
