// SPDX-License-Identifier: Apache-2.0
// RISC-V: a stage-1 fault as scause and stval. Privileged spec, table of scause values; "page
// fault" and "access fault" of the original access, never of the walk's own (hypervisor
// chapter). htval and htinst are 0 for every fault that is not a guest-page fault.
// Combinational.
module rv_syndrome (
  input  mmu_pkg::fault_t    fault_i,
  output mmu_pkg::syndrome_t syndrome_o
);

  // scause codes
  localparam logic [63:0] FetchAccess = 64'd1;
  localparam logic [63:0] LoadAccess  = 64'd5;
  localparam logic [63:0] StoreAccess = 64'd7;
  localparam logic [63:0] FetchPage   = 64'd12;
  localparam logic [63:0] LoadPage    = 64'd13;
  localparam logic [63:0] StorePage   = 64'd15;

  logic fetch;
  logic store;
  logic access_fault;

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

  always_comb begin
    syndrome_o = '0;
    if (fetch)      syndrome_o.reg0 = access_fault ? FetchAccess : FetchPage;
    else if (store) syndrome_o.reg0 = access_fault ? StoreAccess : StorePage;
    else            syndrome_o.reg0 = access_fault ? LoadAccess : LoadPage;
    syndrome_o.reg1 = fault_i.gva;
  end

  logic unused_inputs;
  assign unused_inputs = ^fault_i;

endmodule
