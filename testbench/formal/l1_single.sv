// SPDX-License-Identifier: Apache-2.0
// L1 TLB: no two entries ever match one look-up, whatever is filled, of whatever sizes, in whatever order.
// The look-up is any one: the assertion one_match of the L1 is proven with the rest.
`include "formal.svh"

module l1_single #(
  parameter int unsigned Entries = 4  // as many as l1_dut.svh shows
) (
  input logic               clk_i,
  input logic               req_valid_i,
  input logic [63:0]        req_va_i,
  input mmu_pkg::ctx_t      req_ctx_i,
  input logic               replay_valid_i,
  input logic [63:0]        replay_va_i,
  input mmu_pkg::ctx_t      replay_ctx_i,
  input logic [51:0]        vpn_i,
  input mmu_pkg::need_t     need_i,
  input logic               miss_ready_i,
  input logic               fill_valid_i,
  input mmu_pkg::entry_t    fill_i,
  input logic               sweep_valid_i,
  input mmu_pkg::inval_t    sweep_i
);
  `FORMAL_RESET
`include "l1_dut.svh"

  // Two entries that some look-up would match: the pages overlap and one id serves both.
  logic [5:0] overlap;
  for (genvar i = 0; i < 4; i++) begin : g_first
    for (genvar j = i + 1; j < 4; j++) begin : g_second
      localparam int unsigned Pair = i + j + ((i == 0) ? -1 : 0);  // 01 02 03 12 13 23: 0 to 5
      assign overlap[Pair] =
          valid[i] && valid[j] &&
          ((vpns[52*i +: 52] ^ vpns[52*j +: 52]) & masks[52*i +: 52] & masks[52*j +: 52]) == '0 &&
          ids[IdW*i+16 +: IdW-16] == ids[IdW*j+16 +: IdW-16] &&
          (is_global[i] || is_global[j] || ids[IdW*i +: 16] == ids[IdW*j +: 16]);
    end
  end
  `PROVE(apart, "no two entries overlap", overlap == '0)

  (* hierconn *) wire [3:0] \dut.match ;
  (* hierconn *) wire [3:0] \dut.stale ;
  wire [3:0] match = \dut.match ;
  wire [3:0] stale = \dut.stale ;
  logic entry_hit, split_q, merged_q;
  assign entry_hit = hit && match != '0 && look_ctx.s1_mode != mmu_pkg::S1Off;
  `PROVE(single, "no two entries match one look-up", (match & (match - 4'd1)) == '0)
  logic [3:0] is_large;
  for (genvar i = 0; i < 4; i++) begin : g_large
    assign is_large[i] = !masks[52*i + 8];  // 2 MiB or more
  end
  always_ff @(posedge clk_i) begin
    split_q  <= rst_ni && (split_q || (fill_valid_i && (stale & is_large) != '0 && fill_shift == 6'd12));
    merged_q <= rst_ni && (merged_q || (fill_valid_i && (stale & (stale - 4'd1)) != '0));
  end
  `COVER(split_hit, "a hit after a large page was filled as a small one", entry_hit && split_q)
  `COVER(merged_hit, "a hit of a large page after it took the place of several entries",
         entry_hit && merged_q && (match & is_large) != '0)
  `COVER(global_hit, "a hit of a global page of another ASID", entry_hit && (match & is_global) != '0 &&
         match == 4'd1 && ids[15:0] != look_id[15:0])
endmodule
