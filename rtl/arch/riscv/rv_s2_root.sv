// SPDX-License-Identifier: Apache-2.0
// RISC-V: where the G-stage walk of a guest-physical address starts. Privileged spec, hypervisor
// chapter, "Guest Physical Address Translation": Sv39x4, Sv48x4, Sv57x4 translate 41, 50, 59 bits,
// all above must be 0, else a guest-page fault; the root table is 16 KiB, aligned, and its index
// two bits wider. Combinational.
module rv_s2_root (
  input  logic [63:0]    gpa_i,
  input  mmu_pkg::ctx_t  ctx_i,
  output mmu_pkg::root_t root_o
);

  logic        beyond;
  logic [10:0] index;

  always_comb begin
    unique case (ctx_i.s2_top)
      3'd2: begin
        beyond = gpa_i[63:41] != 23'd0;
        index = gpa_i[40:30];
      end
      3'd3: begin
        beyond = gpa_i[63:50] != 14'd0;
        index = gpa_i[49:39];
      end
      default: begin
        beyond = gpa_i[63:59] != 5'd0;
        index = gpa_i[58:48];
      end
    endcase
  end

  always_comb begin
    root_o = '0;
    root_o.table_width = ctx_i.s2_pa_width;
    root_o.level = ctx_i.s2_top;
    root_o.fault_level = ctx_i.s2_top;
    root_o.table_addr = {ctx_i.s2_root[55:14], 14'd0};
    root_o.desc_addr = {ctx_i.s2_root[55:14], index, 3'd0};
    root_o.cause = mmu_pkg::CauseNone;
    if (beyond) root_o.cause = mmu_pkg::CauseNonCanonical;
    else if ((ctx_i.s2_root >> ctx_i.s2_pa_width) != 56'd0) root_o.cause = mmu_pkg::CauseRootSize;
  end

  logic unused_inputs;
  assign unused_inputs = ^{gpa_i, ctx_i};

endmodule
