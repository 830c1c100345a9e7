// SPDX-License-Identifier: Apache-2.0
// Descriptor cache: a descriptor has one entry at most, what is found is what was filled last for it, and
// after a sweep of pointers only what was filled since.
`include "formal.svh"

module desc_law #(
  parameter int unsigned Entries = 4
) (
  input logic            clk_i,
  input logic            probe_valid_i,
  input logic [51:0]     probe_addr_i,
  input logic [2:0]      probe_level_i,
  input logic            fill_valid_i,
  input logic [51:0]     fill_addr_i,
  input logic [2:0]      fill_level_i,
  input logic [63:0]     fill_pte_i,
  input logic            sweep_valid_i,
  input mmu_pkg::inval_t sweep_i,
  input logic [51:3]     key_addr_i,
  input logic [2:0]      key_level_i
);
  `FORMAL_RESET

  logic        hit;
  logic [63:0] pte;
  desc_cache #(.Entries(Entries)) dut (
    .clk_i, .rst_ni, .probe_valid_i, .probe_addr_i, .probe_level_i, .hit_o (hit), .pte_o (pte),
    .fill_valid_i, .fill_addr_i, .fill_level_i, .fill_pte_i, .sweep_valid_i, .sweep_i
  );
  `ASSUME(fill_or_sweep, "no fill in the cycle of a sweep", !(fill_valid_i && sweep_valid_i))

  // Any descriptor, by its address and height; what it was filled with last since the last sweep.
  logic [51:0] key_q;
  logic        fills_key, probes_key, concerns, filled_q, swept_q;
  logic [63:0] filled_pte_q;
  assign fills_key  = fill_valid_i && {fill_level_i, fill_addr_i[51:3]} == key_q;
  assign probes_key = probe_valid_i && {probe_level_i, probe_addr_i[51:3]} == key_q;
  // Only a leaf-only operation by stage 1's address leaves pointers alone.
  assign concerns   = sweep_valid_i && !(sweep_i.stage1 && sweep_i.by_addr && sweep_i.leaf_only && !sweep_i.all_upper);
  always_ff @(posedge clk_i) begin
    if (!rst_ni) key_q <= {key_level_i, key_addr_i};
    filled_q <= rst_ni && (fills_key || (filled_q && !concerns));
    swept_q  <= rst_ni && (swept_q || concerns);
    if (fills_key) filled_pte_q <= fill_pte_i;
  end

  (* hierconn *) wire [3:0] \dut.gen_present.valid_q ;
  (* hierconn *) wire [51:0] \dut.gen_present.key_q[0] ;
  (* hierconn *) wire [51:0] \dut.gen_present.key_q[1] ;
  (* hierconn *) wire [51:0] \dut.gen_present.key_q[2] ;
  (* hierconn *) wire [51:0] \dut.gen_present.key_q[3] ;
  (* hierconn *) wire [63:0] \dut.gen_present.pte_q[0] ;
  (* hierconn *) wire [63:0] \dut.gen_present.pte_q[1] ;
  (* hierconn *) wire [63:0] \dut.gen_present.pte_q[2] ;
  (* hierconn *) wire [63:0] \dut.gen_present.pte_q[3] ;
  wire [3:0]      valid = \dut.gen_present.valid_q ;
  wire [4*52-1:0] keys  = {\dut.gen_present.key_q[3] , \dut.gen_present.key_q[2] , \dut.gen_present.key_q[1] , \dut.gen_present.key_q[0] };
  wire [4*64-1:0] ptes  = {\dut.gen_present.pte_q[3] , \dut.gen_present.pte_q[2] , \dut.gen_present.pte_q[1] , \dut.gen_present.pte_q[0] };
  logic [3:0] is_key, is_last;
  for (genvar i = 0; i < 4; i++) begin : g_key
    assign is_key[i]  = valid[i] && keys[52*i +: 52] == key_q;
    assign is_last[i] = ptes[64*i +: 64] == filled_pte_q;
  end
  `PROVE(one_match, "a descriptor has one entry at most", (is_key & (is_key - 4'd1)) == '0)
  `PROVE(entry_is_last, "which holds what was filled last, since the last sweep of pointers",
         is_key == '0 || (filled_q && (is_key & ~is_last) == '0))
  `PROVE(finds_last, "a probe finds what was filled last for the descriptor, since the last sweep of pointers",
         !(hit && probes_key) || (filled_q && pte == filled_pte_q))
  logic found_q;
  always_ff @(posedge clk_i) found_q <= rst_ni && (found_q || (hit && probes_key));
  `COVER(found_again, "the descriptor is found after it was found and swept", hit && probes_key && found_q && swept_q)
  `COVER(kept, "and after a sweep of leaves only", hit && probes_key && leaves_q && !swept_q)
  logic leaves_q;
  always_ff @(posedge clk_i) leaves_q <= rst_ni && (leaves_q || (filled_q && sweep_valid_i && !concerns));
endmodule
