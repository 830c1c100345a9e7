// SPDX-License-Identifier: Apache-2.0
// x86-64: where the walk of a linear address starts. SDM vol. 1 "Canonical Addressing", vol. 3
// "4-Level Paging and 5-Level Paging": a non-canonical address is #GP, not a page fault; the
// root is CR3 bits 51:12, in which bits from the physical width up cannot be loaded (#GP).
// With paging off the address is physical, and one beyond the physical width cannot be formed:
// treated as non-canonical. Combinational.
module x86_root (
  input  logic [63:0]    va_i,
  input  mmu_pkg::ctx_t  ctx_i,
  output mmu_pkg::root_t root_o
);

  logic       paging;
  logic       canonical;
  logic [2:0] level;
  logic [8:0] index;

  always_comb begin
    paging = 1'b1;
    unique case (ctx_i.s1_mode)
      mmu_pkg::S1X86L4: begin
        canonical = va_i[63:48] == {16{va_i[47]}};
        level = 3'd3;
        index = va_i[47:39];
      end
      mmu_pkg::S1X86L5: begin
        canonical = va_i[63:57] == {7{va_i[56]}};
        level = 3'd4;
        index = va_i[56:48];
      end
      default: begin
        paging = 1'b0;
        canonical = (va_i >> ctx_i.pa_width) == 64'd0;
        level = 3'd0;
        index = 9'd0;
      end
    endcase
  end

  always_comb begin
    root_o = '0;
    root_o.table_width = ctx_i.pa_width;
    root_o.level = level;
    root_o.fault_level = level;
    root_o.table_addr = {ctx_i.s1_root0[55:12], 12'd0};
    root_o.desc_addr = {ctx_i.s1_root0[55:12], index, 3'd0};
    if (!canonical) begin
      root_o.cause = mmu_pkg::CauseNonCanonical;
    end else if (paging && (ctx_i.s1_root0 >> ctx_i.pa_width) != 56'd0) begin
      root_o.cause = mmu_pkg::CauseRootSize;
    end else begin
      root_o.cause = mmu_pkg::CauseNone;
    end
  end

  logic unused_inputs;
  assign unused_inputs = ^{va_i, ctx_i};

endmodule
