// SPDX-License-Identifier: Apache-2.0
// L1 TLB: after a sweep, no hit on an address it concerns is from an entry filled before it.
// Bit 55 of the page tells new from old; no page size reaches it.
`include "formal.svh"

module l1_sweep #(
  parameter int unsigned Entries = 4  // as many as l1_entries.svh shows
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
  input mmu_pkg::inval_t    sweep_i,
  input logic [63:0]        key_va_i,
  input logic [mmu_pkg::IdBits-1:0] key_id_i,
  input logic               key_global_i,
  input logic [5:0]         key_shift_i
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

  // Any address and any id; fixed in the cycle of the reset.
  logic [63:0] key_va_q;
  logic [mmu_pkg::IdBits-1:0] key_id_q;
  logic        key_global_q;
  logic [5:0]  key_shift_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      key_va_q     <= key_va_i;
      key_id_q     <= key_id_i;
      key_global_q <= key_global_i;
      key_shift_q  <= key_shift_i;
    end
  end
  logic [5:0]  fill_shift;   // the smaller of the two stages' pages is what an entry covers
  logic        fill_covers, look_key;
  assign fill_shift  = (fill_s2_shift_i != 6'd0 && fill_s2_shift_i < fill_s1_shift_i)
                       ? fill_s2_shift_i : fill_s1_shift_i;
  assign fill_covers = fill_valid_i && ((fill_va_i ^ key_va_q) >> fill_shift) == 64'd0 &&
                       fill_id_i[40:16] == key_id_q[40:16] &&
                       (fill_global_i || fill_id_i[15:0] == key_id_q[15:0]);
  assign look_key    = look_va[63:12] == key_va_q[63:12] &&
                       {look_ctx.regime, look_ctx.s1_mode, look_ctx.s2_mode, look_ctx.vmid,
                        look_ctx.asid} == key_id_q;

  logic concerns, swept_q;
  assign concerns = sweep_valid_i && sweep_i.stage1 && sweep_i.regime == key_id_q[40:39] &&
                    (!sweep_i.by_vmid || sweep_i.vmid == key_id_q[31:16]) &&
                    (key_global_q ? sweep_i.globals : (!sweep_i.by_asid || sweep_i.asid == key_id_q[15:0])) &&
                    (!sweep_i.by_addr || (sweep_i.first[55:12] <= key_va_q[55:12] &&
                                          sweep_i.last[55:12] >= key_va_q[55:12]));
  always_ff @(posedge clk_i) swept_q <= rst_ni && (swept_q || concerns);

  `ASSUME(one_scope, "fills that cover the address are all global or all private", !fill_covers || fill_global_i == key_global_q)
  `ASSUME(new_after, "what is filled for the address after the sweep is marked new", !(swept_q && fill_covers) || fill_pa_i[55])

  // What the induction needs.
`include "l1_entries.svh"
  `PROVE(entry_on, "no entry is of stage 1 off", off == '0)
  `PROVE(scope_kept, "an entry that covers the address is global as the fills of it were",
         (covers & (is_global ^ {4{key_global_q}})) == '0)
  `PROVE(new_entries, "after the sweep each entry that covers the address was filled after it",
         !swept_q || (covers & ~is_new) == '0)
  `PROVE(large_bit, "no page reaches bit 55",
         (valid & ~{mask3[43], mask2[43], mask1[43], mask0[43]}) == '0)
  `PROVE(new_only, "after the sweep the address hits only what was filled after it",
         !(swept_q && hit && look_key && look_ctx.s1_mode != mmu_pkg::S1Off) || pa[55])
  logic old_q;
  always_ff @(posedge clk_i) old_q <= rst_ni && (old_q || (fill_covers && !fill_pa_i[55] && fill_shift == 6'd21));
  `COVER(new_hit, "the address hits a new page after an old one of 2 MiB was swept", old_q && swept_q && hit && look_key && pa[55])
  `COVER(old_hit, "and hits the old one before", old_q && !swept_q && hit && look_key && !pa[55])
endmodule
