// SPDX-License-Identifier: Apache-2.0
// Armv8-A: a fault record that has these registers, read from the Arm ARM's tables and not from the encoder: ESR_ELx,
// "ISS encoding for an exception from a Data Abort" and "an Instruction Abort"; HPFAR_EL2. The instruction is one that
// such a syndrome describes: a load or store of an unsigned offset, or an ordered one.
module arm_decode (
  input  mmu_pkg::syndrome_t syndrome_i,
  output mmu_pkg::fault_t    fault_o,
  output mmu_pkg::ctx_t      ctx_o
);
  logic [5:0] ec;
  logic [1:0] size;
  logic [31:0] esr;
  assign esr  = syndrome_i.reg0[31:0];
  assign ec   = esr[31:26];
  assign size = esr[23:22];
  always_comb begin
    fault_o        = '0;
    ctx_o          = '0;
    ctx_o.s1_mode  = mmu_pkg::S1Arm4k;
    fault_o.stage2 = syndrome_i.to_hyp;
    if (syndrome_i.to_hyp) ctx_o.s2_mode = mmu_pkg::S2Arm;
    fault_o.priv   = (!syndrome_i.to_hyp && !ec[0]) ? mmu_pkg::PrivUser : mmu_pkg::PrivSupervisor;
    fault_o.gva    = syndrome_i.reg1;
    fault_o.gpa    = {8'd0, syndrome_i.reg2[47:4], 12'd0};
    fault_o.on_walk = esr[7];
    fault_o.access.kind = (ec == 6'h20 || ec == 6'h21) ? mmu_pkg::AccFetch : esr[6] ? mmu_pkg::AccWrite : mmu_pkg::AccRead;
    if (esr[8]) fault_o.access.op = mmu_pkg::OpCacheOp;
    fault_o.s1_level = {1'b0, ~esr[1:0]};
    fault_o.s2_level = {1'b0, ~esr[1:0]};
    unique case (esr[5:2])
      4'b0000: fault_o.cause = mmu_pkg::CauseAddressSize;
      4'b0010: fault_o.cause = mmu_pkg::CauseAccessFlag;
      4'b0011: fault_o.cause = mmu_pkg::CausePermission;
      4'b0101: fault_o.cause = mmu_pkg::CauseBus;
      4'b0111: fault_o.cause = mmu_pkg::CauseParity;
      4'b1100: fault_o.cause = mmu_pkg::CauseNoAtomic;
      default: fault_o.cause = mmu_pkg::CauseNotPresent;
    endcase
    if (esr[24]) begin
      if (esr[14]) fault_o.access.insn = {size, 6'b001000, 1'b1, 18'd0, esr[20:16]};
      else         fault_o.access.insn = {size, 6'b111001, esr[21] ? {1'b1, !esr[15]} : 2'b00, 17'd0, esr[20:16]};
    end
  end
  logic unused_bits;
  assign unused_bits = ^syndrome_i;
endmodule
