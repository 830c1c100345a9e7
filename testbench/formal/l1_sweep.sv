// SPDX-License-Identifier: Apache-2.0
// L1 TLB: after a sweep, no hit on an address it concerns is from an entry filled before it; and a sweep
// that does not concern an entry leaves it. Bit 55 of the page tells new from old; no page size reaches it.
`include "formal.svh"

module l1_sweep #(
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
  input mmu_pkg::inval_t    sweep_i,
  input logic [51:0]        key_vpn_i,
  input logic [mmu_pkg::IdBits-1:0] key_id_i,
  input logic [39:0]        key_root_i,
  input logic               key_global_i
);
  `FORMAL_RESET
`include "l1_dut.svh"

  // Any page, any id and root of stage 2; fixed in the cycle of the reset.
  logic [51:0]    key_vpn_q;
  logic [IdW-1:0] key_id_q;
  logic [39:0]    key_root_q;
  logic           key_global_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      key_vpn_q    <= key_vpn_i;
      key_id_q     <= key_id_i;
      key_root_q   <= key_root_i;
      key_global_q <= key_global_i;
    end
  end
  logic fill_covers, look_key;
  assign fill_covers = fill_valid_i && ((fill_i.vpn ^ key_vpn_q) >> (fill_shift - 6'd12)) == '0 &&
                       fill_i.id[40:16] == key_id_q[40:16] && fill_i.s2_root == key_root_q &&
                       (fill_i.is_global || fill_i.id[15:0] == key_id_q[15:0]);
  assign look_key    = vpn_i == key_vpn_q && look_id == key_id_q && look_root == key_root_q &&
                       (look_ctx.s1_mode != mmu_pkg::S1Off || look_ctx.s2_mode != mmu_pkg::S2Off);

  logic concerns, space, swept_q;
  space_law u_space (.inval_i (sweep_i), .id_i (key_id_q), .root_i (key_root_q), .concerns_o (space));
  // Where it is not stage 1's the address is not this one's, and does not count.
  assign concerns = sweep_valid_i && space &&
                    (key_global_q ? sweep_i.globals : (!sweep_i.by_asid || sweep_i.asid == key_id_q[15:0])) &&
                    (!sweep_i.by_addr || !sweep_i.stage1 || (sweep_i.first[55:12] <= key_vpn_q[43:0] &&
                                          sweep_i.last[55:12] >= key_vpn_q[43:0]));
  always_ff @(posedge clk_i) swept_q <= rst_ni && (swept_q || concerns);

  `ASSUME(one_scope, "fills that cover the address are all global or all private", !fill_covers || fill_i.is_global == key_global_q)
  `ASSUME(new_after, "what is filled for the address after the sweep is marked new", !(swept_q && fill_covers) || fill_i.ppn[43])

  // What the induction needs.
  logic [3:0] covers, is_new, reaches;
  for (genvar i = 0; i < 4; i++) begin : g_covers
    assign covers[i]  = valid[i] && ((vpns[52*i +: 52] ^ key_vpn_q) & masks[52*i +: 52]) == '0 &&
                        ids[IdW*i+16 +: IdW-16] == key_id_q[40:16] && roots[40*i +: 40] == key_root_q &&
                        (is_global[i] || ids[IdW*i +: 16] == key_id_q[15:0]);
    assign is_new[i]  = ppns[44*i + 43];
    assign reaches[i] = valid[i] && !masks[52*i + 43];
  end
  `PROVE(scope_kept, "an entry that covers the address is global as the fills of it were",
         (covers & (is_global ^ {4{key_global_q}})) == '0)
  `PROVE(new_entries, "after the sweep each entry that covers the address was filled after it",
         !swept_q || (covers & ~is_new) == '0)
  `PROVE(large_bit, "no page reaches bit 55", reaches == '0)
  `PROVE(new_only, "after the sweep the address hits only what was filled after it", !(swept_q && hit && look_key) || pa[55])

  // Entries that the sweep must leave: of another ASID, space or address. And those that it must take: an address
  // anywhere in the page of stage 1 concerns each of the smaller pages that stage 2 makes of it.
  logic [3:0] spared, spared_q, taken_q, entry_space, unknown_size;
  for (genvar i = 0; i < 4; i++) begin : g_spared
    logic [51:0] mask;
    logic [5:0]  s1_shift;
    logic [43:0] low, high;
    assign s1_shift = s1_shifts[6*i +: 6];
    assign mask = (s1_shift == 6'd52) ? masks[52*i +: 52] : masks[52*i +: 52] & ({52{1'b1}} << (s1_shift - 6'd12));
    assign unknown_size[i] = valid[i] && s1_shift != 6'd52 &&
                             mmu_pkg::size_shift(mmu_pkg::size_of(s1_shift)) != s1_shift;
    assign low  = vpns[52*i +: 44] & mask[43:0];
    assign high = vpns[52*i +: 44] | ~mask[43:0];
    space_law u_space (.inval_i (sweep_i), .id_i (ids[IdW*i +: IdW]), .root_i (roots[40*i +: 40]), .concerns_o (entry_space[i]));
    assign spared[i] = sweep_valid_i && valid[i] &&
                       (!entry_space[i] ||
                        (is_global[i] ? !sweep_i.globals : sweep_i.by_asid && sweep_i.asid != ids[IdW*i +: 16]) ||
                        (sweep_i.by_addr && sweep_i.stage1 && (low > sweep_i.last[55:12] || high < sweep_i.first[55:12])));
  end
  always_ff @(posedge clk_i) begin
    spared_q <= rst_ni ? spared : '0;
    taken_q  <= (rst_ni && sweep_valid_i) ? valid & ~spared : '0;
  end
  `PROVE(size_known, "an entry has a size of stage 1 that there is", unknown_size == '0)
  `PROVE(those_go, "a sweep takes every entry that it concerns", (taken_q & valid) == '0)
  `COVER(part_goes, "a small page goes by an address elsewhere in its large page of stage 1", part_q)
  logic part_q, before_q;
  always_ff @(posedge clk_i) before_q <= rst_ni && valid[0] && s1_shifts[5:0] == 6'd21 && masks[0] && !sweep_valid_i;
  always_ff @(posedge clk_i) part_q <= rst_ni && before_q && sweep_valid_i && valid[0] && !spared[0] && sweep_i.by_addr &&
                                       sweep_i.stage1 && sweep_i.first[55:12] != vpns[43:0] &&
                                       sweep_i.first[55:12] == sweep_i.last[55:12] && s1_shifts[5:0] == 6'd21 && masks[0];
  `PROVE(others_stay, "a sweep leaves the entries that it does not concern", (spared_q & ~valid) == '0)

  logic old_q;
  always_ff @(posedge clk_i) old_q <= rst_ni && (old_q || (fill_covers && !fill_i.ppn[43] && fill_shift == 6'd21));
  `COVER(new_hit, "the address hits a new page after an old one of 2 MiB was swept", old_q && swept_q && hit && look_key && pa[55])
  `COVER(old_hit, "and hits the old one before", old_q && !swept_q && hit && look_key && !pa[55])
  `COVER(root_swept, "all that came by one root of stage 2 is swept, whatever the address, and it hits anew",
         swept_q && hit && look_key && root_q)
  logic root_q;
  always_ff @(posedge clk_i) root_q <= rst_ni && (sweep_valid_i ? concerns && old_q && !sweep_i.stage1 && sweep_i.by_root : root_q);
  `COVER(spared, "a sweep takes an entry and leaves another", spared_q != '0 && swept_q && covers == '0 && hit)
endmodule
