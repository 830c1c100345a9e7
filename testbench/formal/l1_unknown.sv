// SPDX-License-Identifier: Apache-2.0
// An L1 TLB, twice, with the same requests, fills of combined translations and invalidations. All that a reset does not set
// starts in any state, in each of the two in another; no output that counts may tell them apart.
`include "formal.svh"

module l1_unknown (
  input logic               clk_i,
  input logic               req_valid_i,
  input logic [63:0]        req_va_i,
  input logic [7:0]         req_tag_i,
  input mmu_pkg::access_t   req_access_i,
  input mmu_pkg::ctx_t      req_ctx_i,
  input logic               replay_valid_i,
  input logic [63:0]        replay_va_i,
  input logic [7:0]         replay_tag_i,
  input mmu_pkg::access_t   replay_access_i,
  input mmu_pkg::ctx_t      replay_ctx_i,
  input logic [51:0]        vpn_i,
  input mmu_pkg::need_t     need_i,
  input logic [51:0]        other_vpn_i,
  input mmu_pkg::need_t     other_need_i,
  input logic               miss_ready_i,
  input logic               fill_valid_i,
  input mmu_pkg::entry_t    fill_i,
  input logic               sweep_valid_i,
  input mmu_pkg::inval_t    sweep_i
);
  `FORMAL_RESET

  logic                  a_done, b_done;
  logic                  a_hit, b_hit;
  logic [5:0]            a_s2_shift, b_s2_shift;
  logic [4:0]            a_control, b_control;
  logic [79:0]           a_found, b_found;
  logic [419:0]          a_look, b_look;
  logic [4:0]            a_state, b_state;
  logic [2*267-1:0]      a_entries, b_entries;

  // The two. In one all that does not count is 0.
  l1_copy a (
    .clk_i, .rst_ni, .req_valid_i, .req_va_i, .req_tag_i, .req_access_i, .req_ctx_i, .replay_valid_i, .replay_va_i,
    .replay_tag_i, .replay_access_i, .replay_ctx_i, .vpn_i, .need_i, .other_vpn_i ('0), .other_need_i ('0), .miss_ready_i,
    .fill_valid_i, .fill_i, .sweep_valid_i, .sweep_i, .done_o (a_done), .hit_o (a_hit), .s2_shift_o (a_s2_shift),
    .control_o (a_control), .found_o (a_found), .look_o (a_look), .state_o (a_state), .entries_o (a_entries)
  );
  l1_copy b (
    .clk_i, .rst_ni, .req_valid_i, .req_va_i, .req_tag_i, .req_access_i, .req_ctx_i, .replay_valid_i, .replay_va_i,
    .replay_tag_i, .replay_access_i, .replay_ctx_i, .vpn_i, .need_i, .other_vpn_i, .other_need_i, .miss_ready_i,
    .fill_valid_i, .fill_i, .sweep_valid_i, .sweep_i, .done_o (b_done), .hit_o (b_hit), .s2_shift_o (b_s2_shift),
    .control_o (b_control), .found_o (b_found), .look_o (b_look), .state_o (b_state), .entries_o (b_entries)
  );

  `ASSUME(replay_fits, "a replay comes only when the look-up stage is free", !replay_valid_i || a_done)
  `ASSUME(fill_or_sweep, "no fill in the cycle of a sweep", !(fill_valid_i && sweep_valid_i))

  `PROVE(same_control, "every valid and ready and event of the two is the same", a_control == b_control)
  `PROVE(same_hit, "and so is each hit: its address, and both stages' sizes and attributes", a_found == b_found)
  `PROVE(same_look, "and the request that is looked up or missed", a_look == b_look)
  `PROVE(h_state, "and whether there is one, and whose turn it is to be replaced", a_state == b_state)
  `PROVE(h_entries, "and each valid entry, of both stages", a_entries == b_entries)

  logic swept_q;
  always_ff @(posedge clk_i) swept_q <= rst_ni && (swept_q || (a_hit && a_s2_shift == 6'd12));
  `COVER(hit, "a page of stage 2 hits, and then a larger one", swept_q && a_hit && a_s2_shift == 6'd21)
endmodule
