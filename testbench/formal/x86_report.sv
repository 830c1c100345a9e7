// SPDX-License-Identifier: Apache-2.0
// x86-64: what of a fault record the architecture reports, in the record's own terms; 0 for what it does not.
module x86_report (
  input  mmu_pkg::fault_t fault_i,
  input  mmu_pkg::ctx_t   ctx_i,
  output logic [191:0]    report_o
);
  localparam logic [2:0] PageFault = 3'd0;
  localparam logic [2:0] Protection = 3'd1;
  localparam logic [2:0] MachineCheck = 3'd2;
  localparam logic [2:0] Violation = 3'd3;
  localparam logic [2:0] Misconfiguration = 3'd4;
  localparam logic [2:0] NestedFault = 3'd5;

  logic [2:0]  class_of;
  logic        present, reserved, key, reads, writes, fetches, user, on_table, memory;
  logic [3:0]  rights;
  logic [2:0]  guest;
  logic [63:0] gva, gpa;
  mmu_pkg::access_kind_e kind;
  assign kind     = fault_i.access.kind;
  assign memory   = fault_i.cause == mmu_pkg::CauseBus || fault_i.cause == mmu_pkg::CauseNoAtomic ||
                    fault_i.cause == mmu_pkg::CauseParity;
  assign report_o = {class_of, present, reserved, key, reads, writes, fetches, user, on_table, rights, guest, gva, gpa};
  always_comb begin
    {class_of, present, reserved, key, reads, writes, fetches, user, on_table, rights, guest, gva, gpa} = '0;
    if (memory) begin
      class_of = MachineCheck;
    end else if (!fault_i.stage2) begin
      if (fault_i.cause == mmu_pkg::CauseNonCanonical || fault_i.cause == mmu_pkg::CauseRootSize) class_of = Protection;
      else begin
        class_of = PageFault;
        present  = fault_i.cause != mmu_pkg::CauseNotPresent;
        reserved = fault_i.cause == mmu_pkg::CauseReserved;
        key      = fault_i.cause == mmu_pkg::CausePkey;
        writes   = kind == mmu_pkg::AccWrite || kind == mmu_pkg::AccRmw;
        fetches  = kind == mmu_pkg::AccFetch && (ctx_i.nxe || ctx_i.smep);
        user     = fault_i.priv == mmu_pkg::PrivUser && !fault_i.access.implicit_sup;
        gva      = fault_i.gva;
      end
    end else begin
      gpa      = fault_i.gpa;
      on_table = fault_i.on_walk || fault_i.on_ad_write;
      present  = fault_i.cause != mmu_pkg::CauseNotPresent && fault_i.cause != mmu_pkg::CauseNonCanonical;
      if (ctx_i.s2_mode == mmu_pkg::S2Npt) begin
        class_of = NestedFault;
        reserved = fault_i.cause == mmu_pkg::CauseReserved;
        writes   = on_table || kind == mmu_pkg::AccWrite || kind == mmu_pkg::AccRmw;
        fetches  = !on_table && kind == mmu_pkg::AccFetch && ctx_i.s2_nxe;
      end else if (fault_i.cause == mmu_pkg::CauseReserved) begin
        class_of = Misconfiguration;
        on_table = 1'b0;
        present  = 1'b0;
      end else begin
        class_of = Violation;
        reads    = on_table || kind == mmu_pkg::AccRead;
        writes   = on_table ? (fault_i.on_ad_write || ctx_i.s2_hw_a) : (kind == mmu_pkg::AccWrite || kind == mmu_pkg::AccRmw);
        fetches  = !on_table && kind == mmu_pkg::AccFetch;
        if (present) begin
          rights = fault_i.s2_rights;
          if (!ctx_i.s2_mbec) rights[2] = 1'b0;
        end
        present  = 1'b0;  // told by the rights alone
        if (ctx_i.s2_exit_info && !on_table) guest = {fault_i.s1_rights.user, fault_i.s1_rights.sw, !fault_i.s1_rights.sx};
        gva      = fault_i.gva;
      end
    end
  end
  logic unused_bits;
  assign unused_bits = ^{fault_i, ctx_i};
endmodule
