// SPDX-License-Identifier: Apache-2.0
// RISC-V: where the walk of an address starts, or why it cannot.
// Privileged spec, Sv39/Sv48/Sv57 "Virtual Memory System": the bits above the virtual address
// must equal its top bit, else a page fault; the root table is satp.PPN. Combinational.
module rv_root (
  input  logic [63:0]   va_i,
  input  mmu_pkg::ctx_t ctx_i,
  output mmu_pkg::root_t root_o
);

  logic       guest;   // what stage 1 puts out is guest-physical, for the G-stage to judge
  logic       bare;
  logic       canonical;
  logic [2:0] level;
  logic [8:0] index;

  assign guest = ctx_i.s2_mode == mmu_pkg::S2Riscv;

  always_comb begin
    bare = 1'b0;
    unique case (ctx_i.s1_mode)
      mmu_pkg::S1Sv39: begin
        canonical = va_i[63:39] == {25{va_i[38]}};
        level = 3'd2;
        index = va_i[38:30];
      end
      mmu_pkg::S1Sv48: begin
        canonical = va_i[63:48] == {16{va_i[47]}};
        level = 3'd3;
        index = va_i[47:39];
      end
      mmu_pkg::S1Sv57: begin
        canonical = va_i[63:57] == {7{va_i[56]}};
        level = 3'd4;
        index = va_i[56:48];
      end
      default: begin
        bare = 1'b1;
        canonical = 1'b1;
        level = 3'd0;
        index = 9'd0;
      end
    endcase
  end

  always_comb begin
    root_o = '0;
    root_o.table_width = guest ? 6'd56 : ctx_i.pa_width;
    root_o.level = level;
    root_o.fault_level = level;
    root_o.table_addr = {ctx_i.s1_root0[55:12], 12'd0};
    root_o.desc_addr = {ctx_i.s1_root0[55:12], index, 3'd0};
    root_o.cause = mmu_pkg::CauseNone;
    if (bare) begin
      // The address is physical: beyond the physical width there is no memory to access.
      if (!guest && (va_i >> ctx_i.pa_width) != 64'd0) root_o.cause = mmu_pkg::CauseAddressSize;
    end else if (!canonical) begin
      root_o.cause = mmu_pkg::CauseNonCanonical;
    end else if (!guest && (ctx_i.s1_root0 >> ctx_i.pa_width) != 56'd0) begin
      root_o.cause = mmu_pkg::CauseRootSize;
    end
  end

  logic unused_inputs;
  assign unused_inputs = ^{va_i, ctx_i};

endmodule
