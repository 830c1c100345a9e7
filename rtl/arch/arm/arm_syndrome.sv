// SPDX-License-Identifier: Apache-2.0
// Armv8-A: a stage-1 fault as ESR_EL1 and FAR_EL1. Arm ARM, ESR_ELx "ISS encoding for an
// exception from a Data Abort / an Instruction Abort". ISV is 0 for every stage-1 abort,
// HPFAR_EL2 is not written. Combinational.
//
//   ESR  31:26 EC   25 IL   9 EA   8 CM   7 S1PTW   6 WnR   5:0 DFSC / IFSC
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
  logic       fetch;
  logic [5:0] ec;

  assign user = fault_i.priv == mmu_pkg::PrivUser;
  assign fetch = fault_i.access.kind == mmu_pkg::AccFetch;

  always_comb begin
    if (fetch) ec = user ? EcInsnLower : EcInsnSame;
    else       ec = user ? EcDataLower : EcDataSame;
  end

  // ---- status code, with the level where it has one -----------------------------------------
  logic [1:0] level;   // Arm's: 3 - height
  logic [5:0] fsc;
  logic       external;

  assign level = ~fault_i.s1_level[1:0];

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
  assign read_permitted = user ? fault_i.s1_rights.ur :
                          fault_i.s1_rights.sr && !(ctx_i.pan && fault_i.s1_rights.user);

  always_comb begin
    unique case (fault_i.access.kind)
      mmu_pkg::AccWrite: wnr = 1'b1;
      mmu_pkg::AccRmw:   wnr = fault_i.cause == mmu_pkg::CausePermission && read_permitted;
      default:           wnr = 1'b0;
    endcase
    if (cm) wnr = 1'b1;
  end

  always_comb begin
    syndrome_o = '0;
    syndrome_o.reg0[31:26] = ec;
    syndrome_o.reg0[25] = 1'b1;
    syndrome_o.reg0[9] = external;
    syndrome_o.reg0[8] = cm && !fetch;
    syndrome_o.reg0[6] = wnr && !fetch;
    syndrome_o.reg0[5:0] = fsc;
    syndrome_o.reg1 = fault_i.gva;
  end

  logic unused_inputs;
  assign unused_inputs = ^{fault_i, ctx_i};

endmodule
