// SPDX-License-Identifier: Apache-2.0
// Page-walk cache: one small cache for each height that can hold pointers (1 to 4), probed
// together; the deepest hit wins, so a walk starts at the lowest table that is known. Tagged by
// virtual address ("translation caching"); desc_cache.sv is the other kind. Entries of a height: 0
// leaves that height out. Timing: see walk_cache_level.sv.
module walk_cache #(
  parameter int unsigned Entries1    = 16,    // pointers that cover 2 MiB
  parameter int unsigned Entries2    = 16,    // 1 GiB
  parameter int unsigned Entries3    = 16,    // 512 GiB
  parameter int unsigned Entries4    = 16,    // 256 TiB
  parameter logic [1:0]  Replacement = 2'd0   // mmu_pkg::replacement_e
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               probe_valid_i,
  input  logic [63:0]        probe_va_i,
  input  logic               probe_upper_i,
  input  logic [mmu_pkg::IdBits-1:0] probe_id_i,
  input  logic [39:0]        probe_root_i,  // mmu_pkg::root_tag; of a fill too
  output logic               hit_o,
  output logic [2:0]         level_o,   // height of the table to read next
  output logic [55:0]        table_o,
  output mmu_pkg::rights_t   rights_o,
  output logic               global_o,
  input  logic               fill_valid_i,
  input  logic [2:0]         fill_level_i,  // height of the table that held the descriptor, 1 to 4
  input  logic [63:0]        fill_va_i,
  input  logic               fill_upper_i,
  input  logic [mmu_pkg::IdBits-1:0] fill_id_i,
  input  logic [55:0]        fill_table_i,
  input  mmu_pkg::rights_t   fill_rights_i,
  input  logic               fill_global_i,
  input  logic               sweep_valid_i,
  input  mmu_pkg::inval_t    sweep_i
);

  logic [4:1]      hit, glob;
  logic [4*56-1:0] next;    // height h in [56*(h-1) +: 56]
  logic [4*7-1:0]  rights;

  for (genvar h = 1; h <= 4; h++) begin : gen_height
    localparam int unsigned Entries = (h == 1) ? Entries1 : (h == 2) ? Entries2 :
                                      (h == 3) ? Entries3 : Entries4;
    if (Entries == 0) begin : gen_absent
      assign hit[h]                = 1'b0;
      assign next[56*(h-1) +: 56]  = '0;
      assign rights[7*(h-1) +: 7]  = '0;
      assign glob[h]               = 1'b0;
    end else begin : gen_present
      walk_cache_level #(.Entries(Entries), .Height(h), .Replacement(Replacement)) u_level (
        .clk_i          (clk_i),
        .rst_ni         (rst_ni),
        .probe_valid_i  (probe_valid_i),
        .probe_prefix_i (probe_va_i[63:12+9*h]),
        .probe_upper_i  (probe_upper_i),
        .probe_id_i     (probe_id_i),
        .probe_root_i   (probe_root_i),
        .hit_o          (hit[h]),
        .table_o        (next[56*(h-1) +: 56]),
        .rights_o       (rights[7*(h-1) +: 7]),
        .global_o       (glob[h]),
        .fill_valid_i   (fill_valid_i && fill_level_i == 3'(h)),
        .fill_prefix_i  (fill_va_i[63:12+9*h]),
        .fill_upper_i   (fill_upper_i),
        .fill_id_i      (fill_id_i),
        .fill_table_i   (fill_table_i),
        .fill_rights_i  (fill_rights_i),
        .fill_global_i  (fill_global_i),
        .sweep_valid_i  (sweep_valid_i),
        .sweep_i        (sweep_i)
      );
    end
  end

  always_comb begin
    level_o  = 3'd3;
    table_o  = next[56*3 +: 56];
    rights_o = rights[7*3 +: 7];
    global_o = glob[4];
    for (int unsigned h = 3; h >= 1; h--) begin
      if (hit[h]) begin
        level_o  = 3'(h - 1);
        table_o  = next[56*(h-1) +: 56];
        rights_o = rights[7*(h-1) +: 7];
        global_o = glob[h];
      end
    end
  end
  assign hit_o = hit != '0;

  // With heights left out nobody may read some of these.
  logic unused_inputs;
  assign unused_inputs = &{1'b0, clk_i, rst_ni, probe_valid_i, probe_va_i, probe_upper_i,
                           probe_id_i, probe_root_i, fill_valid_i, fill_level_i, fill_va_i,
                           fill_upper_i,
                           fill_id_i, fill_table_i, fill_rights_i, fill_global_i,
                           sweep_valid_i, sweep_i};

endmodule
