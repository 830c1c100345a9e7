// SPDX-License-Identifier: Apache-2.0
// Armv8-A: TLBI of stage 1 as the internal invalidation command. Arm ARM, "TLB maintenance
// instructions"; operation numbers: enum mmu_inval_kind. All are limited to the current VMID.
//   By ASID and address: last-level entries of that ASID and global ones; entries of upper
//   levels too, of that ASID, unless the instruction is a last-level one (VAL..).
// Combinational.
module arm_inval (
  input  mmu_pkg::inval_op_t op_i,
  output mmu_pkg::inval_t    inval_o
);

  localparam logic [7:0] OpVmalle1 = 8'd16;
  localparam logic [7:0] OpVae1    = 8'd17;
  localparam logic [7:0] OpVale1   = 8'd18;
  localparam logic [7:0] OpVaae1   = 8'd19;
  localparam logic [7:0] OpVaale1  = 8'd20;
  localparam logic [7:0] OpAside1  = 8'd21;

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
      OpVmalle1: begin
        inval_o.globals = 1'b1;
      end
      OpVae1, OpVale1: begin
        inval_o.by_addr = 1'b1;
        inval_o.by_asid = 1'b1;
        inval_o.globals = 1'b1;
        inval_o.leaf_only = op_i.op == OpVale1;
      end
      OpVaae1, OpVaale1: begin
        inval_o.by_addr = 1'b1;
        inval_o.globals = 1'b1;
        inval_o.leaf_only = op_i.op == OpVaale1;
      end
      OpAside1: begin
        inval_o.by_asid = 1'b1;
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
