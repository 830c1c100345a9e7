// SPDX-License-Identifier: Apache-2.0
// Page-walk cache of the other kind: pointers by the physical address of their descriptor and its
// height, as a page-table cache holds them. It knows nothing of addresses, spaces or rights: each
// step is judged again, one after the other, but a hit needs no read of memory. Since it cannot
// tell whose an entry is, every invalidation that concerns pointers drops all of it; only a
// leaf-only one by address leaves it alone. Fully associative. Probe: combinational, from
// registers. Fill and sweep: at the edge. 0 entries leave it out.
`include "mmu_assert.svh"

module desc_cache #(
  parameter int unsigned Entries     = 64,
  parameter logic [1:0]  Replacement = 2'd0  // mmu_pkg::replacement_e
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            probe_valid_i,
  input  logic [51:0]     probe_addr_i,
  input  logic [2:0]      probe_level_i,
  output logic            hit_o,
  output logic [63:0]     pte_o,
  input  logic            fill_valid_i,
  input  logic [51:0]     fill_addr_i,
  input  logic [2:0]      fill_level_i,
  input  logic [63:0]     fill_pte_i,
  input  logic            sweep_valid_i,
  input  mmu_pkg::inval_t sweep_i
);

  localparam int unsigned IdxW = (Entries > 1) ? $clog2(Entries) : 1;
  localparam int unsigned IdxN = 2 ** IdxW;
  localparam int unsigned KeyW = 3 + 49;
  localparam int unsigned StateW = (Replacement == mmu_pkg::ReplacePlru)   ? IdxN :
                                   (Replacement == mmu_pkg::ReplaceRandom) ? 16 : Entries * IdxW;

  if (Entries == 0) begin : gen_absent
    assign hit_o = 1'b0;
    assign pte_o = '0;
    logic unused_inputs;
    assign unused_inputs = &{1'b0, clk_i, rst_ni, probe_valid_i, probe_addr_i, probe_level_i,
                             fill_valid_i, fill_addr_i, fill_level_i, fill_pte_i, sweep_valid_i,
                             sweep_i};
  end else begin : gen_present
    logic [IdxN-1:0] valid_q;
    logic [KeyW-1:0] key_q [Entries];
    logic [63:0]     pte_q [Entries];

    // ---- probe ----------------------------------------------------------------------------------
    logic [KeyW-1:0] probe_key, fill_key;
    logic [IdxN-1:0] match;
    logic [IdxW-1:0] idx;
    assign probe_key = {probe_level_i, probe_addr_i[51:3]};
    assign fill_key  = {fill_level_i, fill_addr_i[51:3]};
    always_comb begin
      match = '0;
      idx   = '0;
      if (probe_valid_i) begin
        for (int unsigned i = 0; i < Entries; i++) begin
          if (valid_q[i] && key_q[i] == probe_key) begin
            match[i] = 1'b1;
            idx      = IdxW'(i);
          end
        end
      end
    end
    assign hit_o = match != '0;
    assign pte_o = pte_q[idx];

    // ---- fill: over the same descriptor, else the lowest free one, else the victim --------------
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
          if (valid_q[i] && key_q[i] == fill_key) begin
            took     = 1'b0;
            fill_idx = IdxW'(i);
          end
        end
      end
    end

    always_ff @(posedge clk_i) begin
      if (fill_valid_i) begin
        key_q[fill_idx] <= fill_key;
        pte_q[fill_idx] <= fill_pte_i;
      end
    end

    // ---- invalidation: all or nothing -----------------------------------------------------------
    logic keeps;
    assign keeps = sweep_i.stage1 && sweep_i.by_addr && sweep_i.leaf_only && !sweep_i.all_upper;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni)                       valid_q <= '0;
      else if (sweep_valid_i && !keeps)  valid_q <= '0;
      else if (fill_valid_i)             valid_q[fill_idx] <= 1'b1;
    end

    // ---- replacement ----------------------------------------------------------------------------
    // A walk that fills has accepted a pointer, and probes for what it points to in the same
    // cycle: the probe comes first.
    logic [StateW-1:0] state_q, probed, state_d;
    logic [IdxW-1:0]   unused_victim;
    replace #(.Entries(Entries), .Policy(Replacement)) u_probed (
      .state_i (state_q), .state_o (probed), .hit_i (hit_o), .fill_i (1'b0), .idx_i (idx),
      .took_i (1'b0), .pick_i (1'b0), .victim_o (unused_victim)
    );
    replace #(.Entries(Entries), .Policy(Replacement)) u_filled (
      .state_i (probed), .state_o (state_d), .hit_i (1'b0), .fill_i (fill_valid_i),
      .idx_i (fill_idx), .took_i (took), .pick_i (fill_valid_i), .victim_o (victim)
    );
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) state_q <= '0;
      else         state_q <= state_d;
    end

    logic unused_bits;
    assign unused_bits = &{1'b0, sweep_i, probe_addr_i[2:0], fill_addr_i[2:0]};

    `MMU_ASSERT(one_match, (match & (match - IdxN'(1))) == '0)
    `MMU_ASSERT(fill_or_sweep, !(fill_valid_i && sweep_valid_i))
  end

endmodule
