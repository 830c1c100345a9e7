// SPDX-License-Identifier: Apache-2.0
// x86-64: a stage-2 fault as a VM exit. SDM vol. 3, "Exit Qualification for EPT Violations", "EPT
// Misconfigurations"; APM vol. 2, "Nested versus Guest Page Faults, Fault Ordering" (EXITINFO1).
// Combinational.
//
//   EPT  reason 48, or 49 for a misconfiguration, whose qualification and linear address are
//        undefined (0 here)
//     0 read  1 write  2 fetch  5:3 X W R of all entries used  6 user-mode X (mode-based control)
//     7 linear address valid  8 of its translation, not of a guest table
//     11:9 (advanced information, and bit 8) of the guest's mapping: XD, R/W, user
//   A guest table is read, or with A/D flags on or for its own A/D update read and written.
//   NPT  code 400h; EXITINFO1 as a page-fault code of a user access, 32 of the final address, 33 of
//        a guest table, which is always written
module x86_s2_syndrome (
  input  mmu_pkg::fault_t    fault_i,
  input  mmu_pkg::ctx_t      ctx_i,
  output mmu_pkg::syndrome_t syndrome_o
);

  localparam logic [63:0] ExitViolation = 64'd48;
  localparam logic [63:0] ExitMisconfig = 64'd49;
  localparam logic [63:0] ExitNpf       = 64'h400;

  logic on_table;
  logic fetch;
  logic write;

  assign on_table = fault_i.on_walk || fault_i.on_ad_write;
  assign fetch = !on_table && fault_i.access.kind == mmu_pkg::AccFetch;
  assign write = fault_i.access.kind == mmu_pkg::AccWrite ||
                 fault_i.access.kind == mmu_pkg::AccRmw;

  // ---- EPT ----------------------------------------------------------------------------------
  logic        ept_read;
  logic        ept_write;
  logic        absent;
  logic [63:0] qualification;

  assign ept_read = on_table || fault_i.access.kind == mmu_pkg::AccRead;
  assign ept_write = on_table ? ctx_i.s2_hw_a || fault_i.on_ad_write : write;
  assign absent = fault_i.cause == mmu_pkg::CauseNotPresent ||
                  fault_i.cause == mmu_pkg::CauseNonCanonical;

  always_comb begin
    qualification = '0;
    qualification[0] = ept_read;
    qualification[1] = ept_write;
    qualification[2] = fetch;
    if (!absent) begin
      qualification[5:3] = {fault_i.s2_rights.sx, fault_i.s2_rights.w, fault_i.s2_rights.r};
      qualification[6] = ctx_i.s2_mbec && fault_i.s2_rights.ux;
    end
    qualification[7] = 1'b1;
    qualification[8] = !on_table;
    if (ctx_i.s2_exit_info && !on_table) begin
      qualification[11:9] = {!fault_i.s1_rights.sx, fault_i.s1_rights.sw, fault_i.s1_rights.user};
    end
  end

  // ---- NPT ----------------------------------------------------------------------------------
  logic [63:0] exit_info;
  always_comb begin
    exit_info = '0;
    exit_info[0] = !absent;
    exit_info[1] = on_table || write;
    exit_info[2] = 1'b1;
    exit_info[3] = fault_i.cause == mmu_pkg::CauseReserved;
    exit_info[4] = fetch && ctx_i.s2_nxe;
    exit_info[32] = !on_table;
    exit_info[33] = on_table;
  end

  always_comb begin
    syndrome_o = '0;
    if (fault_i.stage2) begin
      syndrome_o.to_hyp = 1'b1;
      syndrome_o.reg3 = fault_i.gpa;
      if (ctx_i.s2_mode == mmu_pkg::S2Npt) begin
        syndrome_o.reg0 = ExitNpf;
        syndrome_o.reg1 = exit_info;
      end else if (fault_i.cause == mmu_pkg::CauseReserved) begin
        syndrome_o.reg0 = ExitMisconfig;
      end else begin
        syndrome_o.reg0 = ExitViolation;
        syndrome_o.reg1 = qualification;
        syndrome_o.reg2 = fault_i.gva;
      end
    end
  end

  logic unused_inputs;
  assign unused_inputs = ^{fault_i, ctx_i};

endmodule
