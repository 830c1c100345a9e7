// SPDX-License-Identifier: Apache-2.0
// Whose translations an invalidation concerns, its addresses and ASID apart: those of its regime, or those that
// came with a stage 2, or with both said those of every regime; of its VMID if it names one, and of its root. Said
// here once more, by cases.
module space_law (
  input  mmu_pkg::inval_t             inval_i,
  input  logic [mmu_pkg::IdBits-1:0]  id_i,
  input  logic [39:0]                 root_i,
  output logic                        concerns_o
);
  logic [1:0]  regime;
  logic [2:0]  s2_mode;
  logic [15:0] vmid;
  assign regime  = id_i[40:39];
  assign s2_mode = id_i[34:32];
  assign vmid    = id_i[31:16];
  always_comb begin
    concerns_o = 1'b0;
    if (inval_i.stage1 && inval_i.regime == regime) concerns_o = 1'b1;
    if (inval_i.stage2 && s2_mode != mmu_pkg::S2Off) concerns_o = 1'b1;
    if (inval_i.stage1 && inval_i.stage2) concerns_o = 1'b1;
    if (inval_i.by_vmid && inval_i.vmid != vmid) concerns_o = 1'b0;
    if (inval_i.but_vmid0 && vmid == '0) concerns_o = 1'b0;
    if (inval_i.by_root && inval_i.s2_root != root_i) concerns_o = 1'b0;
  end
  logic unused_bits;
  assign unused_bits = ^{inval_i, id_i};
endmodule
