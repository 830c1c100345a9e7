// SPDX-License-Identifier: Apache-2.0
// The L2, twice, with the same requests, fills of combined translations and invalidations. All that a reset does not set
// starts in any state, in each of the two in another; no output that counts may tell them apart.
`include "formal.svh"

module l2_unknown (
  input logic               clk_i,
  input logic [1:0]         load_i,  // requests into the two entries of the queue
  input logic [51:0]        vpn_i,
  input logic [mmu_pkg::IdBits-1:0] id_i,
  input logic [39:0]        root_i,
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
  localparam int unsigned IdW = mmu_pkg::IdBits;

  logic            a_ready, a_look_ready, a_idx, a_hit, a_miss, a_again, a_fill_ready, a_swept, a_idle;
  logic            b_ready, b_look_ready, b_idx, b_hit, b_miss, b_again, b_fill_ready, b_swept, b_idle;
  mmu_pkg::entry_t a_found, b_found;
  logic [51:0]     vpn0_q, vpn1_q, look_vpn;
  logic [IdW-1:0]  id0_q, id1_q;
  logic [39:0]     root0_q, root1_q;
  assign look_vpn = look_idx_i ? vpn1_q : vpn0_q;
  l2_sets #(.Sets(2), .Ways(2), .Queue(2)) a (
    .clk_i, .rst_ni, .ready_o (a_ready), .look_valid_i, .look_ready_o (a_look_ready), .look_idx_i, .look_vpn_i (look_vpn),
    .idx_o (a_idx), .vpn_i (a_idx ? vpn1_q : vpn0_q), .id_i (a_idx ? id1_q : id0_q), .root_i (a_idx ? root1_q : root0_q),
    .need_i, .hit_valid_o (a_hit), .hit_ready_i, .hit_o (a_found), .miss_o (a_miss), .again_o (a_again), .fill_valid_i,
    .fill_ready_o (a_fill_ready), .fill_i, .sweep_start_i, .inval_i, .swept_o (a_swept), .idle_o (a_idle)
  );
  l2_sets #(.Sets(2), .Ways(2), .Queue(2)) b (
    .clk_i, .rst_ni, .ready_o (b_ready), .look_valid_i, .look_ready_o (b_look_ready), .look_idx_i, .look_vpn_i (look_vpn),
    .idx_o (b_idx), .vpn_i (b_idx ? vpn1_q : vpn0_q), .id_i (b_idx ? id1_q : id0_q), .root_i (b_idx ? root1_q : root0_q),
    .need_i, .hit_valid_o (b_hit), .hit_ready_i, .hit_o (b_found), .miss_o (b_miss), .again_o (b_again), .fill_valid_i,
    .fill_ready_o (b_fill_ready), .fill_i, .sweep_start_i, .inval_i, .swept_o (b_swept), .idle_o (b_idle)
  );

  // The queue: an entry is free, fresh (offered in its turn) or looking (its last probe is under way).
  logic [1:0] fresh_q, looking_q, load;
  logic       offered_q, offer_q, ends;
  assign ends = (a_hit && hit_ready_i) || a_miss || a_again;
  assign load = load_i & ~fresh_q & ~looking_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      fresh_q   <= '0;
      looking_q <= '0;
      offered_q <= 1'b0;
    end else begin
      if (load[0]) fresh_q[0] <= 1'b1;
      if (load[1]) fresh_q[1] <= 1'b1;
      if (look_valid_i && a_look_ready) begin
        fresh_q[look_idx_i]   <= 1'b0;
        looking_q[look_idx_i] <= 1'b1;
      end
      if (ends) begin
        fresh_q[a_idx]   <= a_again;
        looking_q[a_idx] <= 1'b0;
      end
      offered_q <= look_valid_i && !a_look_ready && !(ends && a_idx == look_idx_i);
    end
    offer_q <= look_idx_i;
    if (load[0]) {vpn0_q, id0_q, root0_q} <= {vpn_i, id_i, root_i};
    if (load[1]) {vpn1_q, id1_q, root1_q} <= {vpn_i, id_i, root_i};
  end
  `ASSUME(offers, "a fresh request is offered until it is taken",
          look_valid_i == (fresh_q != '0) && (!look_valid_i || fresh_q[look_idx_i]) &&
          (!offered_q || look_idx_i == offer_q))
  `ASSUME(after_start, "there are no requests or fills or sweeps before the L2 has started",
          a_ready || !(load_i != '0 || fill_valid_i || sweep_start_i))
  `ASSUME(fill_in_turn, "a fill comes when the last has gone on and not with the start of a sweep",
          !fill_valid_i || (a_fill_ready && !sweep_start_i))
  mmu_pkg::inval_t inval_q;
  logic            open_q;  // a sweep has not ended
  always_ff @(posedge clk_i) begin
    inval_q <= inval_i;
    open_q  <= rst_ni && (sweep_start_i || (open_q && !a_swept));
  end
  `ASSUME(one_sweep, "a sweep starts after the last has ended", !sweep_start_i || !open_q)
  `ASSUME(inval_held, "and its operands are held until the next starts", sweep_start_i || inval_i == inval_q)

  `PROVE(same_control, "every valid and ready of the two is the same, and each outcome",
         {a_ready, a_look_ready, a_hit, a_miss, a_again, a_fill_ready, a_idle} ==
         {b_ready, b_look_ready, b_hit, b_miss, b_again, b_fill_ready, b_idle})
  `PROVE(same_swept, "and when an invalidation is done", !open_q || a_swept == b_swept)
  `PROVE(same_which, "and of which request it is", !(a_hit || a_miss || a_again) || a_idx == b_idx)
  `PROVE(same_hit, "and so is each hit, the whole entry of both stages", !a_hit || a_found == b_found)
  logic swept_q;
  always_ff @(posedge clk_i) swept_q <= rst_ni && (swept_q || (open_q && a_swept));
  `COVER(hit, "a page of stage 2 hits after a sweep", a_hit && swept_q && a_found.s2_shift == 6'd12)
  `COVER(miss, "a request misses", a_miss)
endmodule
