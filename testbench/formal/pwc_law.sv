// SPDX-License-Identifier: Apache-2.0
// Walk cache of one height: one match at most, and after a sweep no probe it concerns finds a pointer
// from before. Bit 55 of the pointer tells new from old.
`include "formal.svh"

module pwc_law #(
  parameter  int unsigned Entries = 4,
  parameter  int unsigned Height  = 1,
  localparam int unsigned PrefixW = 64 - 12 - 9 * Height,
  localparam int unsigned LowBit  = 12 + 9 * Height
) (
  input logic               clk_i,
  input logic               probe_valid_i,
  input logic [PrefixW-1:0] probe_prefix_i,
  input logic               probe_upper_i,
  input logic [mmu_pkg::IdBits-1:0] probe_id_i,
  input logic [39:0]        probe_root_i,
  input logic               fill_valid_i,
  input logic [PrefixW-1:0] fill_prefix_i,
  input logic               fill_upper_i,
  input logic [mmu_pkg::IdBits-1:0] fill_id_i,
  input logic [55:0]        fill_table_i,
  input mmu_pkg::rights_t   fill_rights_i,
  input logic               fill_global_i,
  input logic               sweep_valid_i,
  input mmu_pkg::inval_t    sweep_i,
  input logic [PrefixW-1:0] key_prefix_i,
  input logic               key_upper_i,
  input logic [mmu_pkg::IdBits-1:0] key_id_i,
  input logic [39:0]        key_root_i
);
  `FORMAL_RESET

  logic        hit;
  logic [55:0] next;
  walk_cache_level #(.Entries(Entries), .Height(Height)) dut (
    .clk_i, .rst_ni, .probe_valid_i, .probe_prefix_i, .probe_upper_i, .probe_id_i, .probe_root_i, .hit_o (hit), .table_o (next),
    .fill_valid_i, .fill_prefix_i, .fill_upper_i, .fill_id_i, .fill_table_i, .fill_rights_i, .fill_global_i,
    .sweep_valid_i, .sweep_i
  );
  `ASSUME(fill_or_sweep, "no fill in the cycle of a sweep", !(fill_valid_i && sweep_valid_i))

  // Any descriptor of any address space and root of stage 2; fixed in the cycle of the reset.
  logic [PrefixW-1:0] key_prefix_q;
  logic               key_upper_q;
  logic [mmu_pkg::IdBits-1:0] key_id_q;
  logic [39:0]        key_root_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      key_prefix_q <= key_prefix_i;
      key_upper_q  <= key_upper_i;
      key_id_q     <= key_id_i;
      key_root_q   <= key_root_i;
    end
  end
  logic [55:0] first, last;  // what the descriptor maps
  assign first = {key_prefix_q[PrefixW-9:0], {LowBit{1'b0}}};
  assign last  = {key_prefix_q[PrefixW-9:0], {LowBit{1'b1}}};
  // A fill is of the walk that acts, and comes by the root that is probed with.
  logic fills_key, probes_key, concerns, swept_q;
  assign fills_key  = fill_valid_i && fill_prefix_i == key_prefix_q && fill_upper_i == key_upper_q && fill_id_i == key_id_q &&
                      probe_root_i == key_root_q;
  assign probes_key = probe_valid_i && probe_prefix_i == key_prefix_q && probe_upper_i == key_upper_q && probe_id_i == key_id_q &&
                      probe_root_i == key_root_q;
  // Addresses are compared in bits 55 and below, and only those that select the descriptor.
  logic space;
  space_law u_space (.inval_i (sweep_i), .id_i (key_id_q), .root_i (key_root_q), .concerns_o (space));
  assign concerns = sweep_valid_i && space &&
                    !(sweep_i.by_asid && sweep_i.asid != key_id_q[15:0]) &&
                    (!sweep_i.by_addr || !sweep_i.stage1 || sweep_i.all_upper ||
                     (!sweep_i.leaf_only && first <= sweep_i.last[55:0] && last >= sweep_i.first[55:0] &&
                      sweep_i.first[55:0] <= sweep_i.last[55:0]));
  always_ff @(posedge clk_i) swept_q <= rst_ni && (swept_q || concerns);
  `ASSUME(new_after, "what is filled for the descriptor after the sweep is marked new", !(swept_q && fills_key) || fill_table_i[55])

  (* hierconn *) wire [Entries-1:0] \dut.valid_q ;
  (* hierconn *) wire [Entries-1:0] \dut.upper_q ;
  wire [Entries-1:0] valid = \dut.valid_q ;
  wire [Entries-1:0] upper = \dut.upper_q ;
  logic [3:0] is_key, is_new;
  (* hierconn *) wire [PrefixW-1:0] \dut.prefix_q[0] ;
  (* hierconn *) wire [mmu_pkg::IdBits-1:0] \dut.id_q[0] ;
  (* hierconn *) wire [43:0] \dut.page_q[0] ;
  (* hierconn *) wire [39:0] \dut.root_q[0] ;
  wire [39:0] root0 = \dut.root_q[0] ;
  wire [PrefixW:0] place0 = {upper[0], \dut.prefix_q[0] };
  wire [mmu_pkg::IdBits-1:0] id0 = \dut.id_q[0] ;
  wire [43:0] page0 = \dut.page_q[0] ;
  assign is_key[0] = valid[0] && place0 == {key_upper_q, key_prefix_q} && id0 == key_id_q;
  assign is_new[0] = page0[43] || root0 != key_root_q;
  (* hierconn *) wire [PrefixW-1:0] \dut.prefix_q[1] ;
  (* hierconn *) wire [mmu_pkg::IdBits-1:0] \dut.id_q[1] ;
  (* hierconn *) wire [43:0] \dut.page_q[1] ;
  (* hierconn *) wire [39:0] \dut.root_q[1] ;
  wire [39:0] root1 = \dut.root_q[1] ;
  wire [PrefixW:0] place1 = {upper[1], \dut.prefix_q[1] };
  wire [mmu_pkg::IdBits-1:0] id1 = \dut.id_q[1] ;
  wire [43:0] page1 = \dut.page_q[1] ;
  assign is_key[1] = valid[1] && place1 == {key_upper_q, key_prefix_q} && id1 == key_id_q;
  assign is_new[1] = page1[43] || root1 != key_root_q;
  (* hierconn *) wire [PrefixW-1:0] \dut.prefix_q[2] ;
  (* hierconn *) wire [mmu_pkg::IdBits-1:0] \dut.id_q[2] ;
  (* hierconn *) wire [43:0] \dut.page_q[2] ;
  (* hierconn *) wire [39:0] \dut.root_q[2] ;
  wire [39:0] root2 = \dut.root_q[2] ;
  wire [PrefixW:0] place2 = {upper[2], \dut.prefix_q[2] };
  wire [mmu_pkg::IdBits-1:0] id2 = \dut.id_q[2] ;
  wire [43:0] page2 = \dut.page_q[2] ;
  assign is_key[2] = valid[2] && place2 == {key_upper_q, key_prefix_q} && id2 == key_id_q;
  assign is_new[2] = page2[43] || root2 != key_root_q;
  (* hierconn *) wire [PrefixW-1:0] \dut.prefix_q[3] ;
  (* hierconn *) wire [mmu_pkg::IdBits-1:0] \dut.id_q[3] ;
  (* hierconn *) wire [43:0] \dut.page_q[3] ;
  (* hierconn *) wire [39:0] \dut.root_q[3] ;
  wire [39:0] root3 = \dut.root_q[3] ;
  wire [PrefixW:0] place3 = {upper[3], \dut.prefix_q[3] };
  wire [mmu_pkg::IdBits-1:0] id3 = \dut.id_q[3] ;
  wire [43:0] page3 = \dut.page_q[3] ;
  assign is_key[3] = valid[3] && place3 == {key_upper_q, key_prefix_q} && id3 == key_id_q;
  assign is_new[3] = page3[43] || root3 != key_root_q;
  `PROVE(one_match, "a descriptor has one entry at most", (is_key & (is_key - 4'd1)) == '0)
  `PROVE(new_entries, "after the sweep it is one that was filled after it, or by another root", !swept_q || (is_key & ~is_new) == '0)
  `PROVE(new_only, "after the sweep a probe of the descriptor finds only what was filled after it",
         !(swept_q && hit && probes_key) || next[55])
  logic old_q;
  always_ff @(posedge clk_i) old_q <= rst_ni && (old_q || (hit && probes_key && !next[55]));
  `COVER(root_hit, "the same after all that came by a root of stage 2 was swept", old_q && root_q && hit && probes_key && next[55])
  logic root_q;
  always_ff @(posedge clk_i) root_q <= rst_ni && (root_q || (concerns && !sweep_i.stage1 && sweep_i.by_root));
  `COVER(new_hit, "the descriptor is found new after it was found old and was swept", old_q && swept_q && hit && probes_key && next[55])
endmodule
