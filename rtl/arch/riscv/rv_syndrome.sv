// SPDX-License-Identifier: Apache-2.0
// RISC-V: a fault as scause, stval, htval, htinst. Privileged spec, table of scause values; "page
// fault", "guest-page fault" and "access fault" of the original access, never of the walk's own
// (hypervisor chapter). htval and htinst are 0 for every fault that is not a guest-page fault; of
// one they are the guest-physical address >> 2 and, if that is a VS-stage entry's, a
// pseudoinstruction that says how it was accessed, else the instruction in its transformed shape.
//
// Page faults are taken to be delegated to the guest, guest-page faults cannot be, and access
// faults are taken not to be. Combinational.
module rv_syndrome (
  input  mmu_pkg::fault_t    fault_i,
  input  mmu_pkg::ctx_t      ctx_i,
  output mmu_pkg::syndrome_t syndrome_o
);

  // scause codes
  localparam logic [63:0] FetchAccess = 64'd1;
  localparam logic [63:0] LoadAccess  = 64'd5;
  localparam logic [63:0] StoreAccess = 64'd7;
  localparam logic [63:0] FetchPage   = 64'd12;
  localparam logic [63:0] LoadPage    = 64'd13;
  localparam logic [63:0] StorePage   = 64'd15;
  localparam logic [63:0] FetchGuest  = 64'd20;
  localparam logic [63:0] LoadGuest   = 64'd21;
  localparam logic [63:0] StoreGuest  = 64'd23;

  localparam logic [63:0] ReadsEntry  = 64'h3000;  // pseudoinstructions, 64-bit entries
  localparam logic [63:0] WritesEntry = 64'h3020;

  logic fetch;
  logic store;
  logic access_fault;
  logic guest_fault;
  logic guest;        // a guest's access, under a hypervisor

  assign fetch = fault_i.access.kind == mmu_pkg::AccFetch;
  // An AMO is a store, and so is every cache-block operation (CMO chapter).
  assign store = fault_i.access.kind == mmu_pkg::AccWrite ||
                 fault_i.access.kind == mmu_pkg::AccRmw ||
                 fault_i.access.op == mmu_pkg::OpCacheOp;

  always_comb begin
    unique case (fault_i.cause)
      mmu_pkg::CauseAddressSize,
      mmu_pkg::CauseRootSize,
      mmu_pkg::CauseBus,
      mmu_pkg::CauseNoAtomic,
      mmu_pkg::CauseParity: access_fault = 1'b1;
      default:              access_fault = 1'b0;
    endcase
  end

  assign guest = ctx_i.s2_mode == mmu_pkg::S2Riscv;
  assign guest_fault = fault_i.stage2 && !access_fault;

  logic [31:0] transformed;
  rv_transform u_transform (
    .insn_i        (fault_i.access.insn),
    .transformed_o (transformed)
  );

  always_comb begin
    syndrome_o = '0;
    if (fault_i.cause != mmu_pkg::CauseNone) begin
      if (fetch)      syndrome_o.reg0 = access_fault ? FetchAccess : guest_fault ? FetchGuest
                                                                                 : FetchPage;
      else if (store) syndrome_o.reg0 = access_fault ? StoreAccess : guest_fault ? StoreGuest
                                                                                 : StorePage;
      else            syndrome_o.reg0 = access_fault ? LoadAccess : guest_fault ? LoadGuest
                                                                                : LoadPage;
      syndrome_o.reg1 = fault_i.gva;
      syndrome_o.to_hyp = guest && (access_fault || guest_fault);
      syndrome_o.gva = syndrome_o.to_hyp;
      if (guest_fault) begin
        syndrome_o.reg2 = {2'd0, fault_i.gpa[63:2]};
        if (fault_i.on_ad_write)  syndrome_o.reg3 = WritesEntry;
        else if (fault_i.on_walk) syndrome_o.reg3 = ReadsEntry;
        else if (!fetch)          syndrome_o.reg3 = {32'd0, transformed};
      end
    end
  end

  logic unused_inputs;
  assign unused_inputs = ^{fault_i, ctx_i};

endmodule
