// SPDX-License-Identifier: Apache-2.0
// L1 TLB: a look-up that more than one entry matches. Software may have mapped what it likes.
`include "formal.svh"

module l1_double #(
  parameter int unsigned Entries = 4
) (
  input logic               clk_i,
  input logic               req_valid_i,
  input logic [63:0]        req_va_i,
  input mmu_pkg::ctx_t      req_ctx_i,
  input logic               replay_valid_i,
  input logic [63:0]        replay_va_i,
  input mmu_pkg::ctx_t      replay_ctx_i,
  input mmu_pkg::need_t     need_i,
  input logic               miss_ready_i,
  input logic               fill_valid_i,
  input logic [63:0]        fill_va_i,
  input logic [mmu_pkg::IdBits-1:0] fill_id_i,
  input logic               fill_global_i,
  input logic [55:0]        fill_pa_i,
  input mmu_pkg::rights_t   fill_rights_i,
  input logic               fill_dirty_i,
  input logic [7:0]         fill_attrs_i,
  input logic [5:0]         fill_s1_shift_i,
  input logic [5:0]         fill_s2_shift_i,
  input logic               sweep_valid_i,
  input mmu_pkg::inval_t    sweep_i
);
  `FORMAL_RESET

  logic             hit, double_hit;
  logic [55:0]      pa;
  logic [63:0]      look_va;
  mmu_pkg::ctx_t    look_ctx;
  l1_tlb #(.Entries(Entries)) dut (
    .clk_i, .rst_ni, .req_valid_i, .req_va_i, .req_tag_i ('0), .req_access_i ('0), .req_ctx_i,
    .replay_valid_i, .replay_va_i, .replay_tag_i ('0), .replay_access_i ('0), .replay_ctx_i,
    .look_va_o (look_va), .look_ctx_o (look_ctx), .need_i,
    .hit_valid_o (hit), .hit_pa_o (pa), .miss_ready_i,
    .fill_valid_i, .fill_va_i, .fill_id_i, .fill_global_i, .fill_pa_i, .fill_rights_i,
    .fill_dirty_i, .fill_attrs_i, .fill_s1_shift_i, .fill_s2_shift_i,
    .sweep_valid_i, .sweep_i, .double_hit_o (double_hit)
  );
  (* hierconn *) wire \dut.done ;
  wire done = \dut.done ;

  `ASSUME(replay_fits, "a replay comes only when the look-up stage is free", !replay_valid_i || done)
  `ASSUME(fill_or_sweep, "no fill in the cycle of a sweep", !(fill_valid_i && sweep_valid_i))
  `ASSUME(a_page, "what is filled is a page of 4 KiB to 2^55 bytes in each stage that is on",
          fill_s1_shift_i >= 6'd12 && fill_s1_shift_i <= 6'd55 &&
          (fill_s2_shift_i == 6'd0 || fill_s2_shift_i >= 6'd12))
  `ASSUME(s1_on, "nothing is filled with stage 1 off", fill_id_i[38:35] != mmu_pkg::S1Off)

  (* hierconn *) wire [Entries-1:0] \dut.match ;
  wire [Entries-1:0] match = \dut.match ;
  (* hierconn *) wire [Entries-1:0] \dut.valid_q ;
  wire [Entries-1:0] valid = \dut.valid_q ;
  logic [Entries-1:0] doubled_q;
  logic               s1_off;
  always_ff @(posedge clk_i) doubled_q <= (rst_ni && double_hit && !fill_valid_i) ? match: '0;
  assign s1_off = look_ctx.s1_mode == mmu_pkg::S1Off;

  `PROVE(more_than_one, "two matches are reported as a double hit",
         double_hit == ((match& (match- 1'b1)) != '0))
  `PROVE(not_answered, "a double hit is not answered from an entry", !(double_hit && hit && !s1_off))
  `PROVE(dropped, "and both entries are gone in the next cycle", (doubled_q & valid) == '0)
  `COVER(two_match, "two entries match", double_hit)
  `COVER(three_match, "three entries match",
         double_hit && ((match& (match- 1'b1)) & ((match& (match- 1'b1)) - 1'b1)) != '0)
  `COVER(hit_after, "a hit after a double hit", doubled_q != '0 && hit && !s1_off)
endmodule
