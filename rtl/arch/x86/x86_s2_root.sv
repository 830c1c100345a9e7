// SPDX-License-Identifier: Apache-2.0
// x86-64: where the EPT or nested walk of a guest-physical address starts. SDM vol. 3, "EPT
// Translation Mechanism": an address beyond what 4 levels translate (bits 51:48) is an EPT
// violation. A root beyond the physical width would have been refused at VM entry. Combinational.
module x86_s2_root (
  input  logic [63:0]    gpa_i,
  input  mmu_pkg::ctx_t  ctx_i,
  output mmu_pkg::root_t root_o
);

  logic       five;
  logic [8:0] index;
  logic       beyond;

  assign five = ctx_i.s2_top == 3'd4;
  assign index = five ? gpa_i[56:48] : gpa_i[47:39];
  assign beyond = five ? gpa_i[63:57] != 7'd0 : gpa_i[63:48] != 16'd0;

  always_comb begin
    root_o = '0;
    root_o.table_width = ctx_i.s2_pa_width;
    root_o.level = five ? 3'd4 : 3'd3;
    root_o.fault_level = root_o.level;
    root_o.table_addr = {ctx_i.s2_root[55:12], 12'd0};
    root_o.desc_addr = {ctx_i.s2_root[55:12], index, 3'd0};
    root_o.cause = mmu_pkg::CauseNone;
    if (beyond) root_o.cause = mmu_pkg::CauseNonCanonical;
    else if ((ctx_i.s2_root >> ctx_i.s2_pa_width) != 56'd0) root_o.cause = mmu_pkg::CauseRootSize;
  end

  logic unused_inputs;
  assign unused_inputs = ^{gpa_i, ctx_i};

endmodule
