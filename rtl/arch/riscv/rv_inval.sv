// SPDX-License-Identifier: Apache-2.0
// RISC-V: SFENCE.VMA, HFENCE.VVMA (the same for a guest) and HFENCE.GVMA as the internal
// invalidation command. Privileged spec, "Supervisor Memory-Management Fence Instruction",
// "Hypervisor Memory-Management Fence Instructions". Operation numbers: enum mmu_inval_kind.
//   rs1 = x0  every level; rs1 != x0  leaf entries that map the address: cached pointers may
//   stay, since the instruction orders only leaf entries then.
//   rs2 != x0 entries of that address space, except global mappings.
//   HFENCE.GVMA: rs1 is a guest-physical address shifted right by 2. Translations of both stages
//   do not know theirs, and go whatever it is; rs2 is a VMID.
// Combinational.
module rv_inval (
  input  mmu_pkg::inval_op_t op_i,
  output mmu_pkg::inval_t    inval_o
);

  localparam logic [7:0] OpAll      = 8'd32;
  localparam logic [7:0] OpAddr     = 8'd33;
  localparam logic [7:0] OpAsid     = 8'd34;
  localparam logic [7:0] OpAddrAsid = 8'd35;
  localparam logic [7:0] OpGvmaAll      = 8'd36;
  localparam logic [7:0] OpGvmaAddr     = 8'd37;
  localparam logic [7:0] OpGvmaVmid     = 8'd38;
  localparam logic [7:0] OpGvmaAddrVmid = 8'd39;

  logic        gvma;
  logic [51:0] page;
  assign gvma = op_i.op >= OpGvmaAll && op_i.op <= OpGvmaAddrVmid;
  assign page = gvma ? op_i.addr[61:10] : op_i.addr[63:12];

  always_comb begin
    inval_o = '0;
    inval_o.by_vmid = 1'b1;
    inval_o.stage1 = 1'b1;
    inval_o.regime = op_i.regime;
    inval_o.first = {page, 12'h000};
    inval_o.last = {page, 12'hfff};
    inval_o.asid = op_i.asid;
    inval_o.vmid = op_i.vmid;
    unique case (op_i.op)
      OpAll: begin
        inval_o.globals = 1'b1;
      end
      OpAddr: begin
        inval_o.by_addr = 1'b1;
        inval_o.leaf_only = 1'b1;
        inval_o.globals = 1'b1;
      end
      OpAsid: begin
        inval_o.by_asid = 1'b1;
      end
      OpAddrAsid: begin
        inval_o.by_addr = 1'b1;
        inval_o.by_asid = 1'b1;
        inval_o.leaf_only = 1'b1;
      end
      OpGvmaAll, OpGvmaAddr, OpGvmaVmid, OpGvmaAddrVmid: begin
        inval_o.by_addr = op_i.op == OpGvmaAddr || op_i.op == OpGvmaAddrVmid;
        inval_o.by_vmid = op_i.op == OpGvmaVmid || op_i.op == OpGvmaAddrVmid;
        inval_o.stage1 = 1'b0;
        inval_o.stage2 = 1'b1;
        inval_o.nested = 1'b1;
        inval_o.globals = 1'b1;
      end
      default: begin  // unknown: everything, which is always safe
        inval_o.by_vmid = 1'b0;
        inval_o.stage2 = 1'b1;
        inval_o.nested = 1'b1;
        inval_o.globals = 1'b1;
      end
    endcase
  end

  logic unused_inputs;
  assign unused_inputs = ^op_i.addr;

endmodule
