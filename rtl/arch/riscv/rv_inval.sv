// SPDX-License-Identifier: Apache-2.0
// RISC-V: SFENCE.VMA as the internal invalidation command. Privileged spec, "Supervisor
// Memory-Management Fence Instruction". Operation numbers: enum mmu_inval_kind.
//   rs1 = x0  every level; rs1 != x0  leaf entries that map the address: cached pointers may
//   stay, since the instruction orders only leaf entries then.
//   rs2 != x0 entries of that address space, except global mappings.
// Combinational.
module rv_inval (
  input  mmu_pkg::inval_op_t op_i,
  output mmu_pkg::inval_t    inval_o
);

  localparam logic [7:0] OpAll      = 8'd32;
  localparam logic [7:0] OpAddr     = 8'd33;
  localparam logic [7:0] OpAsid     = 8'd34;
  localparam logic [7:0] OpAddrAsid = 8'd35;

  always_comb begin
    inval_o = '0;
    inval_o.by_vmid = 1'b1;
    inval_o.stage1 = 1'b1;
    inval_o.regime = op_i.regime;
    inval_o.first = {op_i.addr[63:12], 12'h000};
    inval_o.last = {op_i.addr[63:12], 12'hfff};
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
      default: begin  // unknown: everything, which is always safe
        inval_o.by_vmid = 1'b0;
        inval_o.globals = 1'b1;
      end
    endcase
  end

  logic unused_inputs;
  assign unused_inputs = ^op_i.addr[11:0];

endmodule
