// SPDX-License-Identifier: Apache-2.0
// Armv8-A: a fault as ESR_ELx, FAR_ELx and, of stage 2, HPFAR_EL2. Arm ARM, ESR_ELx "ISS encoding
// for an exception from a Data Abort / an Instruction Abort"; HPFAR_EL2. A stage-1 fault goes to
// EL1, a stage-2 fault to EL2. Combinational.
//
//   ESR  31:26 EC   25 IL   24:14 ISV SAS SSE SRT SF AR   9 EA   8 CM   7 S1PTW   6 WnR
//        5:0 DFSC / IFSC, with the level of the stage that faulted
//   HPFAR  47:4 IPA 55:12. Unknown for a permission fault of the access itself and for external
//        aborts (0 here)
module arm_syndrome (
  input  mmu_pkg::fault_t    fault_i,
  input  mmu_pkg::ctx_t      ctx_i,
  output mmu_pkg::syndrome_t syndrome_o
);

  localparam logic [5:0] EcInsnLower = 6'h20;
  localparam logic [5:0] EcInsnSame  = 6'h21;
  localparam logic [5:0] EcDataLower = 6'h24;
  localparam logic [5:0] EcDataSame  = 6'h25;

  // ---- exception class ----------------------------------------------------------------------
  logic       user;
  logic       from_el0;   // an AT instruction is executed above EL0, whatever it asks about
  logic       fetch;
  logic [5:0] ec;

  assign user = fault_i.priv == mmu_pkg::PrivUser;
  assign from_el0 = user && fault_i.access.op != mmu_pkg::OpTranslate;
  assign fetch = fault_i.access.kind == mmu_pkg::AccFetch;

  always_comb begin
    if (fetch) ec = (from_el0 || fault_i.stage2) ? EcInsnLower : EcInsnSame;
    else       ec = (from_el0 || fault_i.stage2) ? EcDataLower : EcDataSame;
  end

  // ---- status code, with the level where it has one -----------------------------------------
  logic [1:0] level;   // Arm's: 3 - height
  logic [5:0] fsc;
  logic       external;

  assign level = fault_i.stage2 ? ~fault_i.s2_level[1:0] : ~fault_i.s1_level[1:0];

  always_comb begin
    external = 1'b0;
    unique case (fault_i.cause)
      mmu_pkg::CauseAddressSize:  fsc = {4'b0000, level};
      mmu_pkg::CauseRootSize:     fsc = {4'b0000, 2'd0};
      mmu_pkg::CauseNonCanonical: fsc = {4'b0001, 2'd0};
      mmu_pkg::CauseRootDisabled: fsc = {4'b0001, 2'd0};
      mmu_pkg::CauseAccessFlag:   fsc = {4'b0010, level};
      mmu_pkg::CausePermission:   fsc = {4'b0011, level};
      mmu_pkg::CauseBus: begin
        fsc = {4'b0101, level};
        external = 1'b1;
      end
      mmu_pkg::CauseParity: begin
        fsc = {4'b0111, level};
        external = 1'b1;
      end
      mmu_pkg::CauseNoAtomic:     fsc = 6'h31;
      default:                    fsc = {4'b0001, level};  // translation fault
    endcase
  end

  // ---- write not read -----------------------------------------------------------------------
  // Cache maintenance and address translation report a write. A read-modify-write does only
  // where a read would have been permitted.
  logic cm;
  logic read_permitted;
  logic wnr;

  assign cm = fault_i.access.op != mmu_pkg::OpNormal;
  assign read_permitted = fault_i.stage2 ? fault_i.s2_rights.r : user ? fault_i.s1_rights.ur :
                          fault_i.s1_rights.sr && !(ctx_i.pan && fault_i.s1_rights.user);

  always_comb begin
    unique case (fault_i.access.kind)
      mmu_pkg::AccWrite: wnr = 1'b1;
      mmu_pkg::AccRmw:   wnr = fault_i.cause == mmu_pkg::CausePermission && read_permitted &&
                               !on_table;
      default:           wnr = 1'b0;
    endcase
    if (cm) wnr = 1'b1;
  end

  // ---- stage 2 ------------------------------------------------------------------------------
  logic        on_table;    // of a stage-1 descriptor
  logic        ipa_known;
  logic [10:0] insn_iss;

  assign on_table = fault_i.stage2 && (fault_i.on_walk || fault_i.on_ad_write);
  assign ipa_known = fault_i.stage2 && !external && fault_i.cause != mmu_pkg::CauseNoAtomic &&
                     (on_table || fault_i.cause != mmu_pkg::CausePermission);
  arm_isv u_isv (
    .insn_i (fault_i.access.insn),
    .iss_o  (insn_iss)
  );

  always_comb begin
    syndrome_o = '0;
    if (fault_i.cause != mmu_pkg::CauseNone) begin
      syndrome_o.to_hyp = fault_i.stage2;
      syndrome_o.reg0[31:26] = ec;
      syndrome_o.reg0[25] = 1'b1;
      if (fault_i.stage2 && !on_table && !external && !fetch && !cm) begin
        syndrome_o.reg0[24:14] = insn_iss;
      end
      syndrome_o.reg0[7] = on_table;
      if (ipa_known) syndrome_o.reg2[47:4] = fault_i.gpa[55:12];
      syndrome_o.reg0[9] = external;
      syndrome_o.reg0[8] = cm && !fetch;
      syndrome_o.reg0[6] = wnr && !fetch;
      syndrome_o.reg0[5:0] = fsc;
      syndrome_o.reg1 = fault_i.gva;
    end
  end

  logic unused_inputs;
  assign unused_inputs = ^{fault_i, ctx_i};

endmodule
