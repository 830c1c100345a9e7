// SPDX-License-Identifier: Apache-2.0
// Armv8-A: what of a fault record the architecture reports, in the record's own terms; 0 for what it does not.
module arm_report (
  input  mmu_pkg::fault_t fault_i,
  input  mmu_pkg::ctx_t   ctx_i,
  output logic [191:0]    report_o
);
  localparam logic [2:0] Translation = 3'd0;
  localparam logic [2:0] AddressSize = 3'd1;
  localparam logic [2:0] AccessFlag = 3'd2;
  localparam logic [2:0] Permission = 3'd3;
  localparam logic [2:0] External = 3'd4;
  localparam logic [2:0] Parity = 3'd5;
  localparam logic [2:0] Atomic = 3'd6;

  logic [2:0]  class_of;
  logic [1:0]  level;
  logic        fetches, lower, on_table, maintenance, writes, external;
  logic [2:0]  height;
  logic [63:0] gva;
  logic [43:0] ipa;
  logic        told, signed_load, wide, ordered;
  logic [1:0]  size;
  logic [4:0]  register;
  logic [31:0] insn;
  assign insn = fault_i.access.insn;
  assign report_o = {fault_i.stage2, class_of, level, fetches, lower, on_table, maintenance, writes, told, size, signed_load,
                     wide, ordered, register, gva, ipa};
  always_comb begin
    unique case (fault_i.cause)
      mmu_pkg::CauseAddressSize: class_of = AddressSize;
      mmu_pkg::CauseRootSize:    class_of = AddressSize;
      mmu_pkg::CauseAccessFlag:  class_of = AccessFlag;
      mmu_pkg::CausePermission:  class_of = Permission;
      mmu_pkg::CauseBus:         class_of = External;
      mmu_pkg::CauseParity:      class_of = Parity;
      mmu_pkg::CauseNoAtomic:    class_of = Atomic;
      default:                   class_of = Translation;
    endcase
    external = class_of == External || class_of == Parity;
    height   = fault_i.stage2 ? fault_i.s2_level : fault_i.s1_level;
    level    = 2'd3 - height[1:0];
    // What is wrong with the start of the walk is of level 0; an atomic access has none, and says 1 in its place.
    if (fault_i.cause == mmu_pkg::CauseRootSize || fault_i.cause == mmu_pkg::CauseNonCanonical ||
        fault_i.cause == mmu_pkg::CauseRootDisabled) level = 2'd0;
    if (class_of == Atomic) level = 2'd1;
    fetches     = fault_i.access.kind == mmu_pkg::AccFetch;
    // An AT instruction is executed above EL0, whomever it asks for.
    lower       = fault_i.stage2 || (fault_i.priv == mmu_pkg::PrivUser && fault_i.access.op != mmu_pkg::OpTranslate);
    on_table    = fault_i.stage2 && (fault_i.on_walk || fault_i.on_ad_write);
    maintenance = !fetches && fault_i.access.op != mmu_pkg::OpNormal;
    // A read-modify-write is reported as the write only where reading would have been allowed.
    writes = maintenance || fault_i.access.kind == mmu_pkg::AccWrite ||
             (fault_i.access.kind == mmu_pkg::AccRmw && class_of == Permission && !on_table &&
              (fault_i.stage2 ? fault_i.s2_rights.r :
               fault_i.priv == mmu_pkg::PrivUser ? fault_i.s1_rights.ur :
               fault_i.s1_rights.sr && !(ctx_i.pan && fault_i.s1_rights.user)));
    gva = fault_i.gva;
    ipa = '0;
    if (fault_i.stage2 && !external && class_of != Atomic && (on_table || class_of != Permission)) ipa = fault_i.gpa[55:12];
    // Loads and stores of one register that a hypervisor may emulate.
    {told, size, signed_load, wide, ordered, register} = '0;
    if (fault_i.stage2 && !on_table && !external && !fetches && !maintenance) begin
      casez (insn)
        32'b??_111_0_01_0?_????????????_?????_?????: told = 1'b1;            // unsigned offset: store, load
        32'b??_111_0_00_0?_0_?????????_?0_?????_?????: told = 1'b1;          // unscaled, unprivileged
        32'b??_111_0_00_0?_1_?????_?1?_?_10_?????_?????: told = 1'b1;        // register offset
        32'b??_111_0_01_1?_????????????_?????_?????: begin told = 1'b1; signed_load = 1'b1; end
        32'b??_111_0_00_1?_0_?????????_?0_?????_?????: begin told = 1'b1; signed_load = 1'b1; end
        32'b??_111_0_00_1?_1_?????_?1?_?_10_?????_?????: begin told = 1'b1; signed_load = 1'b1; end
        32'b??_001000_1?_0_?????_?_?????_?????_?????: begin told = 1'b1; ordered = 1'b1; end
        default: told = 1'b0;
      endcase
      // What would load 64 bits with sign prefetches, and there is none of 32 bits into 32.
      if (signed_load && (insn[31:30] == 2'd3 || (insn[31:30] == 2'd2 && insn[22]))) told = 1'b0;
      if (told) begin
        size     = insn[31:30];
        register = insn[4:0];
        wide     = signed_load ? !insn[22] : size == 2'd3;
      end else begin
        {signed_load, ordered} = '0;
      end
    end
  end
  logic unused_bits;
  assign unused_bits = ^{fault_i, ctx_i};
endmodule
