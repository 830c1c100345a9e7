// SPDX-License-Identifier: Apache-2.0
// L1 TLB: if software keeps to one page size for what it maps, until it invalidates, then no two entries
// ever match one look-up, whatever is filled, in whatever order.
`include "formal.svh"

module l1_single #(
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

  `ASSUME(one_size, "all fills that cover the address have one page size", !fill_covers || fill_shift == key_shift_q)
  `ASSUME(one_scope, "and are all global or all private", !fill_covers || fill_global_i == key_global_q)


  // What the induction needs: an entry that covers the address is as the fills of it were.
`include "l1_entries.svh"
  logic [51:0] key_mask;
  logic [3:0]  regular;
  assign key_mask = {52{1'b1}} << (key_shift_q - 6'd12);
  assign regular  = {mask3 == key_mask, mask2 == key_mask, mask1 == key_mask, mask0 == key_mask} &
                    ~(is_global ^ {4{key_global_q}});

  `PROVE(entry_on, "no entry is of stage 1 off", off == '0)
  `PROVE(one_entry, "no two entries cover the address", (covers & (covers - 4'd1)) == '0)
  `PROVE(regular_entry, "an entry that covers the address has the size and scope that was filled", (covers & ~regular) == '0)
  `PROVE(single, "no two entries match a look-up of the address", !(double_hit && look_key))
  logic filled_q;
  always_ff @(posedge clk_i) filled_q <= rst_ni && (filled_q || fill_covers);
  `COVER(refilled_hit, "the address hits after two fills of it", hit && look_key && filled_twice_q && look_ctx.s1_mode != mmu_pkg::S1Off)
  `COVER(large_hit, "the address hits a page of 1 GiB", hit && look_key && filled_q && key_shift_q == 6'd30 && look_ctx.s1_mode != mmu_pkg::S1Off)
  `COVER(global_hit, "the address hits a global page", hit && look_key && filled_q && key_global_q && look_ctx.s1_mode != mmu_pkg::S1Off)
  logic filled_twice_q;
  always_ff @(posedge clk_i) filled_twice_q <= rst_ni && (filled_twice_q || (filled_q && fill_covers));
endmodule
