// SPDX-License-Identifier: Apache-2.0
// x86-64: a fault record that has these registers, read from the manuals' tables and not from the encoder: SDM vol. 3,
// "Page-Fault Exceptions", "Exit Qualification for EPT Violations"; APM vol. 2, EXITINFO1 of a nested page fault.
module x86_decode (
  input  mmu_pkg::syndrome_t syndrome_i,
  output mmu_pkg::fault_t    fault_o,
  output mmu_pkg::ctx_t      ctx_o
);
  logic [63:0] r0, r1;
  assign r0 = syndrome_i.reg0;
  assign r1 = syndrome_i.reg1;
  always_comb begin
    fault_o      = '0;
    ctx_o        = '0;
    fault_o.priv = mmu_pkg::PrivSupervisor;
    if (!syndrome_i.to_hyp) begin
      if (r0 == 64'd18) fault_o.cause = mmu_pkg::CauseBus;
      if (r0 == 64'd13) fault_o.cause = mmu_pkg::CauseNonCanonical;
      if (r0 == 64'd14) begin
        fault_o.cause = !r1[0] ? mmu_pkg::CauseNotPresent : r1[3] ? mmu_pkg::CauseReserved :
                        r1[5] ? mmu_pkg::CausePkey : mmu_pkg::CausePermission;
        fault_o.access.kind = r1[4] ? mmu_pkg::AccFetch : r1[1] ? mmu_pkg::AccWrite : mmu_pkg::AccRead;
        if (r1[2]) fault_o.priv = mmu_pkg::PrivUser;
        ctx_o.nxe   = 1'b1;
        fault_o.gva = syndrome_i.reg2;
      end
    end else begin
      fault_o.stage2 = 1'b1;
      fault_o.gpa    = syndrome_i.reg3;
      ctx_o.s2_mode  = (r0 == 64'h400) ? mmu_pkg::S2Npt : mmu_pkg::S2Ept;
      if (r0 == 64'd49) fault_o.cause = mmu_pkg::CauseReserved;
      if (r0 == 64'd48) begin
        fault_o.cause       = mmu_pkg::CausePermission;
        fault_o.on_walk     = !r1[8];
        fault_o.access.kind = r1[2] ? mmu_pkg::AccFetch : r1[1] ? mmu_pkg::AccWrite : mmu_pkg::AccRead;
        ctx_o.s2_hw_a       = r1[1];
        fault_o.s2_rights   = {r1[5], r1[6], r1[4], r1[3]};
        ctx_o.s2_mbec       = 1'b1;
        ctx_o.s2_exit_info  = 1'b1;
        fault_o.s1_rights.sx   = !r1[11];
        fault_o.s1_rights.sw   = r1[10];
        fault_o.s1_rights.user = r1[9];
        fault_o.gva         = syndrome_i.reg2;
      end
      if (r0 == 64'h400) begin
        fault_o.cause       = !r1[0] ? mmu_pkg::CauseNotPresent : r1[3] ? mmu_pkg::CauseReserved : mmu_pkg::CausePermission;
        fault_o.on_walk     = r1[33];
        fault_o.access.kind = r1[4] ? mmu_pkg::AccFetch : r1[1] ? mmu_pkg::AccWrite : mmu_pkg::AccRead;
        ctx_o.s2_nxe        = 1'b1;
      end
    end
  end
  logic unused_bits;
  assign unused_bits = ^syndrome_i;
endmodule
