// SPDX-License-Identifier: Apache-2.0
// RISC-V: a fault record that has these registers, read from the privileged specification's tables and not from the
// encoder: scause values; htval and htinst of guest-page faults.
module rv_decode (
  input  mmu_pkg::syndrome_t syndrome_i,
  output mmu_pkg::fault_t    fault_o,
  output mmu_pkg::ctx_t      ctx_o
);
  logic [63:0] cause;
  logic [31:0] tinst;
  assign cause = syndrome_i.reg0;
  assign tinst = syndrome_i.reg3[31:0];
  always_comb begin
    fault_o      = '0;
    ctx_o        = '0;
    fault_o.priv = mmu_pkg::PrivSupervisor;
    fault_o.gva  = syndrome_i.reg1;
    if (syndrome_i.to_hyp) ctx_o.s2_mode = mmu_pkg::S2Riscv;
    unique case (cause)
      64'd1, 64'd12, 64'd20: fault_o.access.kind = mmu_pkg::AccFetch;
      64'd5, 64'd13, 64'd21: fault_o.access.kind = mmu_pkg::AccRead;
      default:               fault_o.access.kind = mmu_pkg::AccWrite;
    endcase
    fault_o.cause  = (cause == 64'd1 || cause == 64'd5 || cause == 64'd7) ? mmu_pkg::CauseBus : mmu_pkg::CausePermission;
    fault_o.stage2 = cause >= 64'd20;
    fault_o.gpa    = {syndrome_i.reg2[61:0], 2'd0};
    if (tinst == 32'h3000) fault_o.on_walk = 1'b1;
    else if (tinst == 32'h3020) fault_o.on_ad_write = 1'b1;
    else if (tinst[1:0] == 2'b11) fault_o.access.insn = tinst;
    else if (tinst[0]) begin
      // A compressed one: the form relative to the stack pointer has room for every register.
      fault_o.access.insn[1:0]   = 2'b10;
      fault_o.access.insn[15]    = tinst[5];
      fault_o.access.insn[14:13] = tinst[2] ? 2'b01 : (tinst[14:12] == 3'd2) ? 2'b10 : 2'b11;
      if (tinst[5]) fault_o.access.insn[6:2] = tinst[24:20];
      else          fault_o.access.insn[11:7] = tinst[11:7];
    end
  end
  logic unused_bits;
  assign unused_bits = ^syndrome_i;
endmodule
