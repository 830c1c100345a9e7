// SPDX-License-Identifier: Apache-2.0
// Armv8-A, 4 KiB granule: where the stage-2 walk of an IPA starts. Arm ARM, VMSAv8-64 "Stage 2
// translation", "Concatenated translation tables"; VTCR_EL2.T0SZ and SL0. Faults here are of level
// 0: T0SZ and start level must fit, the IPA must be in range, the base in the physical space.
// Up to 16 tables of the first level stand side by side, aligned to their whole size.
// Combinational.
//
//   start       L0 (height 3)   L1      L2      L3
//   IPA bits    40..48          31..43  22..34  13..25    (52-bit addresses are not supported)
module arm_s2_root (
  input  logic [63:0]    gpa_i,
  input  mmu_pkg::ctx_t  ctx_i,
  output mmu_pkg::root_t root_o
);

  logic [5:0]  ipa_bits;      // 64 - T0SZ
  logic        fits;
  logic [3:0]  index_bits;    // 1..13
  logic [12:0] gpa_index, index;
  logic [55:0] table_addr;

  assign ipa_bits = 6'd0 - ctx_i.s2_t0sz;

  always_comb begin
    unique case (ctx_i.s2_top)
      3'd3: begin
        fits = ipa_bits >= 6'd40 && ipa_bits <= 6'd48;
        index_bits = 4'(ipa_bits - 6'd39);
        gpa_index = gpa_i[51:39];
      end
      3'd2: begin
        fits = ipa_bits >= 6'd31 && ipa_bits <= 6'd43;
        index_bits = 4'(ipa_bits - 6'd30);
        gpa_index = gpa_i[42:30];
      end
      3'd1: begin
        fits = ipa_bits >= 6'd22 && ipa_bits <= 6'd34;
        index_bits = 4'(ipa_bits - 6'd21);
        gpa_index = gpa_i[33:21];
      end
      3'd0: begin
        fits = ipa_bits >= 6'd13 && ipa_bits <= 6'd25;
        index_bits = 4'(ipa_bits - 6'd12);
        gpa_index = gpa_i[24:12];
      end
      default: begin
        fits = 1'b0;
        index_bits = 4'd9;
        gpa_index = 13'd0;
      end
    endcase
    index = gpa_index & ~(13'h1fff << index_bits);
    table_addr = ctx_i.s2_root & ({53'h1f_ffff_ffff_ffff, 3'd0} << index_bits);
  end

  always_comb begin
    root_o = '0;
    root_o.table_width = ctx_i.s2_pa_width;
    root_o.fault_level = 3'd3;
    root_o.level = ctx_i.s2_top;
    root_o.table_addr = table_addr;
    root_o.desc_addr = table_addr | {40'd0, index, 3'd0};
    root_o.cause = mmu_pkg::CauseNone;
    if (!fits || (gpa_i >> ipa_bits) != 64'd0) begin
      root_o.cause = mmu_pkg::CauseNonCanonical;
    end else if ((ctx_i.s2_root >> ctx_i.s2_pa_width) != 56'd0) begin
      root_o.cause = mmu_pkg::CauseRootSize;
    end
  end

  logic unused_inputs;
  assign unused_inputs = ^{ctx_i};

endmodule
