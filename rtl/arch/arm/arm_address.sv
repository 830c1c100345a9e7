// SPDX-License-Identifier: Apache-2.0
// Armv8-A: the address that counts. Arm ARM, VMSAv8-64 "Address tagging": where TCR_EL1.TBIx says
// so, the top byte of a data address is ignored; a copy of bit 55, which selects the half, stands
// for it, so that all tags of an address share their entries, and a fetch, which has no tag, finds
// none that a tag brought in. Combinational.
module arm_address (
  input  logic [63:0]      va_i,
  input  mmu_pkg::access_t access_i,
  input  mmu_pkg::ctx_t    ctx_i,
  output logic [51:0]      vpn_o
);

  logic has_tag;
  assign has_tag = (va_i[55] ? ctx_i.tbi1 : ctx_i.tbi0) && access_i.kind != mmu_pkg::AccFetch;
  assign vpn_o = {has_tag ? {8{va_i[55]}} : va_i[63:56], va_i[55:12]};

  logic unused_inputs;
  assign unused_inputs = ^{va_i, access_i, ctx_i};

endmodule
