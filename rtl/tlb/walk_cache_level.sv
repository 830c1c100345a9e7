// SPDX-License-Identifier: Apache-2.0
// Page-walk cache of one height: where the descriptors of the tables of that height point to.
// Fully associative; an entry covers exactly the addresses that its descriptor covers, and carries
// the rights and the global bit gathered down to and including it. Probe: combinational, from
// registers. Fill and sweep: at the edge. An entry is private to its address space even if
// global: to invalidate too much is legal.
`include "mmu_assert.svh"

module walk_cache_level #(
  parameter  int unsigned Entries = 16,
  parameter  logic [1:0]  Replacement = 2'd0,  // mmu_pkg::replacement_e
  parameter  int unsigned Height  = 1,
  localparam int unsigned PrefixW = 64 - 12 - 9 * Height  // VA bits that select the descriptor
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               probe_valid_i,
  input  logic [PrefixW-1:0] probe_prefix_i,
  input  logic               probe_upper_i,
  input  logic [mmu_pkg::IdBits-1:0] probe_id_i,
  input  logic [39:0]        probe_root_i,
  output logic               hit_o,
  output logic [55:0]        table_o,
  output mmu_pkg::rights_t   rights_o,
  output logic               global_o,
  input  logic               fill_valid_i,
  input  logic [PrefixW-1:0] fill_prefix_i,
  input  logic               fill_upper_i,
  input  logic [mmu_pkg::IdBits-1:0] fill_id_i,
  input  logic [55:0]        fill_table_i,
  input  mmu_pkg::rights_t   fill_rights_i,
  input  logic               fill_global_i,
  input  logic               sweep_valid_i,
  input  mmu_pkg::inval_t    sweep_i
);

  localparam int unsigned IdxW   = (Entries > 1) ? $clog2(Entries) : 1;
  localparam int unsigned IdxN   = 2 ** IdxW;
  localparam int unsigned LowBit = 12 + 9 * Height;
  localparam int unsigned CmpW   = 56 - LowBit;  // prefix bits that an invalidation compares

  logic [IdxN-1:0]    valid_q, valid_d;
  logic [IdxN-1:0]    upper_q, global_q;
  logic [PrefixW-1:0] prefix_q [Entries];
  logic [mmu_pkg::IdBits-1:0] id_q [Entries];
  logic [39:0]        root_q   [Entries];  // as in the L1: not compared to find an entry
  logic [43:0]        page_q   [Entries];
  logic [6:0]         rights_q [Entries];

  // ---- probe ------------------------------------------------------------------------------------
  logic [IdxN-1:0]    match;
  logic [IdxW-1:0]    idx;
  always_comb begin
    match = '0;
    idx   = '0;
    if (probe_valid_i) begin
      for (int unsigned i = 0; i < Entries; i++) begin
        if (valid_q[i] && prefix_q[i] == probe_prefix_i && upper_q[i] == probe_upper_i &&
            id_q[i] == probe_id_i) begin
          match[i] = 1'b1;
          idx      = IdxW'(i);
        end
      end
    end
  end
  assign hit_o    = match != '0 && root_q[idx] == probe_root_i;
  assign table_o  = {page_q[idx], 12'd0};
  assign rights_o = rights_q[idx];
  assign global_o = global_q[idx];

  // ---- fill: over the entry of the same descriptor, else the lowest free one, else the victim ---
  logic [IdxW-1:0] fill_idx, victim;
  logic            took;
  always_comb begin
    fill_idx = victim;
    took     = 1'b1;
    if (fill_valid_i) begin
      for (int unsigned i = Entries; i > 0; i--) begin
        if (!valid_q[i-1]) begin
          took     = 1'b0;
          fill_idx = IdxW'(i - 1);
        end
      end
      for (int unsigned i = 0; i < Entries; i++) begin
        if (valid_q[i] && prefix_q[i] == fill_prefix_i && upper_q[i] == fill_upper_i &&
            id_q[i] == fill_id_i) begin
          took     = 1'b0;
          fill_idx = IdxW'(i);
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (fill_valid_i) begin
      prefix_q[fill_idx] <= fill_prefix_i;
      upper_q[fill_idx]  <= fill_upper_i;
      id_q[fill_idx]     <= fill_id_i;
      root_q[fill_idx]   <= probe_root_i;
      page_q[fill_idx]   <= fill_table_i[55:12];
      rights_q[fill_idx] <= fill_rights_i;
      global_q[fill_idx] <= fill_global_i;
    end
  end

  // ---- invalidation -----------------------------------------------------------------------------
  logic [IdxN-1:0]    swept;
  always_comb begin
    swept = '0;
    if (sweep_valid_i) begin
      for (int unsigned i = 0; i < Entries; i++) begin
        swept[i] = mmu_pkg::space_concerned(
                     id_q[i][40:39], id_q[i][34:32], id_q[i][31:16], root_q[i],
                     sweep_i.stage1, sweep_i.stage2, sweep_i.regime,
                     sweep_i.by_vmid, sweep_i.but_vmid0, sweep_i.vmid, sweep_i.by_root,
                     sweep_i.s2_root) &&
                   (!sweep_i.by_asid || id_q[i][15:0] == sweep_i.asid) &&
                   (!sweep_i.by_addr || !sweep_i.stage1 || sweep_i.all_upper ||
                    (!sweep_i.leaf_only &&
                     prefix_q[i][CmpW-1:0] >= sweep_i.first[55:LowBit] &&
                     prefix_q[i][CmpW-1:0] <= sweep_i.last[55:LowBit]));
      end
    end
  end

  always_comb begin
    valid_d = valid_q;
    if (fill_valid_i) valid_d[fill_idx] = 1'b1;
    if (sweep_valid_i) valid_d &= ~swept;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= '0;
    else         valid_q <= valid_d;
  end

  replace_state #(.Entries(Entries), .Policy(Replacement)) u_replace (
    .clk_i, .rst_ni,
    .hit_i    (hit_o && !fill_valid_i),
    .fill_i   (fill_valid_i),
    .idx_i    (fill_valid_i ? fill_idx : idx),
    .took_i   (took),
    .victim_o (victim)
  );

  logic unused_bits;
  assign unused_bits = &{1'b0, sweep_i, fill_table_i[11:0]};

  `MMU_ASSERT(one_match, (match & (match - IdxN'(1))) == '0)
  `MMU_ASSERT(fill_or_sweep, !(fill_valid_i && sweep_valid_i))

endmodule
