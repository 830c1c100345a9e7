// SPDX-License-Identifier: Apache-2.0
// Nested TLB: guest-physical page to physical page, every page size in one fully associative array.
// Stage 2 looks here before it walks; what it finds must grant what the question needs, and be
// dirty for a write, else the walk decides (rule R3). Tagged by mmu_pkg::nested_id. No two entries
// match one look-up: a fill drops what overlaps it. Probe: combinational, from registers. Fill and
// sweep: at the edge. 0 entries leave it out.
`include "mmu_assert.svh"

module nested_tlb #(
  parameter int unsigned Entries     = 16,
  parameter logic [1:0]  Replacement = 2'd0  // mmu_pkg::replacement_e
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                probe_valid_i,
  input  logic [63:0]         probe_gpa_i,
  input  logic [mmu_pkg::NestedIdBits-1:0] probe_id_i,
  input  mmu_pkg::s2_need_t   probe_need_i,
  output logic                hit_o,
  output logic [55:0]         hpa_o,
  output logic [5:0]          shift_o,
  output mmu_pkg::s2_rights_t rights_o,
  output logic                dirty_o,
  output logic [3:0]          attrs_o,
  // fill, of the address and id probed with
  input  logic                fill_valid_i,
  input  logic [63:0]         fill_gpa_i,
  input  logic [mmu_pkg::NestedIdBits-1:0] fill_id_i,
  input  logic [55:0]         fill_hpa_i,
  input  logic [5:0]          fill_shift_i,
  input  mmu_pkg::s2_rights_t fill_rights_i,
  input  logic                fill_dirty_i,
  input  logic [3:0]          fill_attrs_i,
  input  logic                sweep_valid_i,
  input  mmu_pkg::inval_t     sweep_i
);

  localparam int unsigned IdxW = (Entries > 1) ? $clog2(Entries) : 1;
  localparam int unsigned IdxN = 2 ** IdxW;

  if (Entries == 0) begin : gen_absent
    assign hit_o    = 1'b0;
    assign hpa_o    = '0;
    assign shift_o  = '0;
    assign rights_o = '0;
    assign dirty_o  = 1'b0;
    assign attrs_o  = '0;
    logic unused_inputs;
    assign unused_inputs = &{1'b0, clk_i, rst_ni, probe_valid_i, probe_gpa_i, probe_id_i,
                             probe_need_i, fill_valid_i, fill_gpa_i, fill_id_i, fill_hpa_i,
                             fill_shift_i, fill_rights_i, fill_dirty_i, fill_attrs_i,
                             sweep_valid_i, sweep_i};
  end else begin : gen_present
    logic [IdxN-1:0] valid_q, valid_d, dirty_q;
    logic [51:0]     gpn_q    [Entries];
    logic [51:0]     mask_q   [Entries];  // 1: this bit of the page number is compared
    logic [mmu_pkg::NestedIdBits-1:0] id_q [Entries];
    logic [43:0]     ppn_q    [Entries];
    logic [5:0]      shift_q  [Entries];
    logic [3:0]      rights_q [Entries];
    logic [3:0]      attrs_q  [Entries];

    // ---- probe ----------------------------------------------------------------------------------
    logic [IdxN-1:0] match;
    logic [IdxW-1:0] idx;
    always_comb begin
      match = '0;
      idx   = '0;
      if (probe_valid_i) begin
        for (int unsigned i = 0; i < Entries; i++) begin
          if (valid_q[i] && ((gpn_q[i] ^ probe_gpa_i[63:12]) & mask_q[i]) == '0 &&
              id_q[i] == probe_id_i) begin
            match[i] = 1'b1;
            idx      = IdxW'(i);
          end
        end
      end
    end

    logic enough, unused_permitted;
    s2_need_met u_need_met (
      .rights_i    (rights_q[idx]),
      .attrs_i     (attrs_q[idx]),
      .dirty_i     (dirty_q[idx]),
      .need_i      (probe_need_i),
      .permitted_o (unused_permitted),
      .met_o       (enough)
    );

    assign hit_o    = match != '0 && enough;
    assign hpa_o    = {ppn_q[idx] | (probe_gpa_i[55:12] & ~mask_q[idx][43:0]), probe_gpa_i[11:0]};
    assign shift_o  = shift_q[idx];
    assign rights_o = rights_q[idx];
    assign dirty_o  = dirty_q[idx];
    assign attrs_o  = attrs_q[idx];

    // ---- fill: over an entry that overlaps it, else the lowest free one, else the victim --------
    logic [IdxN-1:0] stale;
    logic            free;
    logic [IdxW-1:0] fill_idx, stale_idx, free_idx, victim;
    logic [51:0]     fill_mask;
    assign fill_mask = {52{1'b1}} << (fill_shift_i - 6'd12);
    always_comb begin
      stale     = '0;
      free      = 1'b0;
      stale_idx = '0;
      free_idx  = '0;
      if (fill_valid_i) begin
        for (int unsigned i = 0; i < Entries; i++) begin
          if (!valid_q[i]) begin
            if (!free) free_idx = IdxW'(i);
            free = 1'b1;
          end else if (((gpn_q[i] ^ fill_gpa_i[63:12]) & mask_q[i] & fill_mask) == '0 &&
                       id_q[i] == fill_id_i) begin
            stale[i]  = 1'b1;
            stale_idx = IdxW'(i);
          end
        end
      end
    end
    assign fill_idx = (stale != '0) ? stale_idx : free ? free_idx : victim;

    always_ff @(posedge clk_i) begin
      if (fill_valid_i) begin
        gpn_q[fill_idx]    <= fill_gpa_i[63:12];
        mask_q[fill_idx]   <= fill_mask;
        id_q[fill_idx]     <= fill_id_i;
        ppn_q[fill_idx]    <= fill_hpa_i[55:12] & fill_mask[43:0];
        shift_q[fill_idx]  <= fill_shift_i;
        rights_q[fill_idx] <= fill_rights_i;
        attrs_q[fill_idx]  <= fill_attrs_i;
        dirty_q[fill_idx]  <= fill_dirty_i;
      end
    end

    // ---- invalidation ---------------------------------------------------------------------------
    logic [IdxN-1:0] swept;
    logic [51:0]     low_page, high_page;
    always_comb begin
      swept     = '0;
      low_page  = '0;
      high_page = '0;
      if (sweep_valid_i && sweep_i.nested) begin
        for (int unsigned i = 0; i < Entries; i++) begin
          low_page  = gpn_q[i] & mask_q[i];
          high_page = gpn_q[i] | ~mask_q[i];
          swept[i]  = (!sweep_i.by_vmid || id_q[i][15:0] == sweep_i.vmid) &&
                      (!sweep_i.by_root || id_q[i][39:0] == sweep_i.s2_root) &&
                      (!sweep_i.by_addr ||
                       (low_page <= sweep_i.last[63:12] && high_page >= sweep_i.first[63:12]));
        end
      end
    end

    always_comb begin
      valid_d = valid_q;
      if (fill_valid_i) begin
        valid_d &= ~stale;
        valid_d[fill_idx] = 1'b1;
      end
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
      .took_i   (!free && stale == '0),
      .victim_o (victim)
    );

    logic unused_bits;
    assign unused_bits = &{1'b0, sweep_i, fill_hpa_i[11:0], fill_gpa_i[11:0]};

    `MMU_ASSERT(one_match, (match & (match - IdxN'(1))) == '0)
    `MMU_ASSERT(fill_or_sweep, !(fill_valid_i && sweep_valid_i))
    `MMU_ASSERT(fill_is_a_page, !fill_valid_i || fill_shift_i >= 6'd12)
  end

endmodule
