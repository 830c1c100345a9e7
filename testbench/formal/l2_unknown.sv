// SPDX-License-Identifier: Apache-2.0
// The L2, twice, with the same requests, fills of combined translations and invalidations. All that a reset does not set
// starts in any state, in each of the two in another; no output that counts may tell them apart.
`include "formal.svh"

module l2_unknown (
  input logic               clk_i,
  input logic [1:0]         load_i,  // requests into the two entries of the queue
  input logic [51:0]        vpn0_i,
  input logic [51:0]        vpn1_i,
  input logic [mmu_pkg::IdBits-1:0] id0_i,
  input logic [mmu_pkg::IdBits-1:0] id1_i,
  input logic [39:0]        root0_i,
  input logic [39:0]        root1_i,
  input mmu_pkg::need_t     need_i,
  input logic               look_valid_i,
  input logic               look_idx_i,
  input logic               hit_ready_i,
  input logic               fill_valid_i,
  input mmu_pkg::entry_t    fill_i,
  input logic               sweep_start_i,
  input mmu_pkg::inval_t    inval_i
);
  `FORMAL_RESET

  logic            ready, look_ready, idx, hit, miss, again, fill_ready, swept, idle;  // of the first
  logic            b_ready, b_look_ready, b_idx, b_hit, b_miss, b_again, b_fill_ready, b_swept, b_idle;
  mmu_pkg::entry_t found, b_found;
`include "l2_queue.svh"
  l2_sets #(.Sets(2), .Ways(2), .Queue(2)) a (
    .clk_i, .rst_ni, .ready_o (ready), .look_valid_i, .look_ready_o (look_ready), .look_idx_i, .look_vpn_i (look_vpn),
    .idx_o (idx), .vpn_i (idx ? vpn1_q : vpn0_q), .id_i (idx ? id1_q : id0_q), .root_i (idx ? root1_q : root0_q),
    .need_i, .hit_valid_o (hit), .hit_ready_i, .hit_o (found), .miss_o (miss), .again_o (again), .fill_valid_i,
    .fill_ready_o (fill_ready), .fill_i, .sweep_start_i, .inval_i, .swept_o (swept), .idle_o (idle)
  );
  l2_sets #(.Sets(2), .Ways(2), .Queue(2)) b (
    .clk_i, .rst_ni, .ready_o (b_ready), .look_valid_i, .look_ready_o (b_look_ready), .look_idx_i, .look_vpn_i (look_vpn),
    .idx_o (b_idx), .vpn_i (b_idx ? vpn1_q : vpn0_q), .id_i (b_idx ? id1_q : id0_q), .root_i (b_idx ? root1_q : root0_q),
    .need_i, .hit_valid_o (b_hit), .hit_ready_i, .hit_o (b_found), .miss_o (b_miss), .again_o (b_again), .fill_valid_i,
    .fill_ready_o (b_fill_ready), .fill_i, .sweep_start_i, .inval_i, .swept_o (b_swept), .idle_o (b_idle)
  );

  `PROVE(same_control, "every valid and ready of the two is the same, and each outcome",
         {ready, look_ready, hit, miss, again, fill_ready, idle} ==
         {b_ready, b_look_ready, b_hit, b_miss, b_again, b_fill_ready, b_idle})
  `PROVE(same_swept, "and when an invalidation is done", !open_q || swept == b_swept)
  `PROVE(same_which, "and of which request it is", !(hit || miss || again) || idx == b_idx)
  `PROVE(same_hit, "and so is each hit, the whole entry of both stages", !hit || found == b_found)
  logic swept_q;
  always_ff @(posedge clk_i) swept_q <= rst_ni && (swept_q || (open_q && swept));
  `COVER(hit, "a page of stage 2 hits after a sweep", hit && swept_q && found.s2_shift == 6'd12)
  `COVER(miss, "a request misses", miss)
endmodule
