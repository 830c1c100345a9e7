// SPDX-License-Identifier: Apache-2.0
// Armv8-A, 4 KiB granule, 48-bit output: what kind of descriptor it is, which page size a leaf has,
// and its output address; the same in both stages. Arm ARM, VMSAv8-64 "Translation table
// descriptor formats". Level = 3 - height. Combinational.
//
//   bits 1:0   L0: 11 table.  L1, L2: 11 table, 01 block.  L3: 11 page.  Others: invalid
module arm_format (
  input  logic [63:0] pte_i,
  input  logic [2:0]  level_i,
  output logic        leaf_o,
  output logic        bad_encoding_o,  // bits 1:0 = 01 where there are no blocks
  output logic [5:0]  page_shift_o,
  output logic [55:0] addr_o
);

  always_comb begin
    leaf_o = !pte_i[1];
    bad_encoding_o = 1'b0;
    page_shift_o = 6'd12;
    addr_o = {8'd0, pte_i[47:12], 12'd0};
    unique case (level_i)
      3'd0: begin
        leaf_o = 1'b1;
        bad_encoding_o = !pte_i[1];
      end
      3'd1: begin
        page_shift_o = 6'd21;
        if (leaf_o) addr_o = {8'd0, pte_i[47:21], 21'd0};
      end
      3'd2: begin
        page_shift_o = 6'd30;
        if (leaf_o) addr_o = {8'd0, pte_i[47:30], 30'd0};
      end
      default: begin
        leaf_o = 1'b0;
        bad_encoding_o = !pte_i[1];
      end
    endcase
  end

  logic unused_bits;
  assign unused_bits = ^{pte_i};

endmodule
