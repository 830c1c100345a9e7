// SPDX-License-Identifier: Apache-2.0
// x86-64: INVLPG, MOV CR3, CR4.PGE, INVPCID, INVVPID, INVEPT and AMD's INVLPGA and TLB_CONTROL as
// the internal invalidation command. SDM vol. 3, "Operations that Invalidate TLBs and
// Paging-Structure Caches", "Operations that Invalidate Cached Mappings" (VMX); APM vol. 2,
// "TLB Control". Operation numbers: enum mmu_inval_kind. Combinational.
//   INVLPG: the page, global or not; and every paging-structure-cache entry of the current
//   PCID, whatever its address. The by-address INVPCID is treated the same, without globals;
//   INVVPID and INVLPGA by address too, for every PCID.
//   INVVPID leaves guest-physical mappings alone. INVEPT takes them, and all that came by EPT, of
//   one EPT root (its operand is an EPTP) or of all.
module x86_inval (
  input  mmu_pkg::inval_op_t op_i,
  output mmu_pkg::inval_t    inval_o
);

  localparam logic [7:0] OpInvlpg    = 8'd0;
  localparam logic [7:0] OpCr3       = 8'd1;
  localparam logic [7:0] OpAll       = 8'd2;
  localparam logic [7:0] OpPcidAddr  = 8'd3;
  localparam logic [7:0] OpPcid      = 8'd4;
  localparam logic [7:0] OpAllGlobal = 8'd5;
  localparam logic [7:0] OpAllPcid   = 8'd6;
  localparam logic [7:0] OpAmdAll    = 8'd7;
  localparam logic [7:0] OpVpidAddr  = 8'd8;
  localparam logic [7:0] OpVpid      = 8'd9;
  localparam logic [7:0] OpVpidAll   = 8'd10;
  localparam logic [7:0] OpVpidLocal = 8'd11;
  localparam logic [7:0] OpEpt       = 8'd12;
  localparam logic [7:0] OpEptAll    = 8'd13;
  localparam logic [7:0] OpAmdAddr   = 8'd14;
  localparam logic [7:0] OpAmdAsid   = 8'd15;

  always_comb begin
    inval_o = '0;
    inval_o.by_vmid = 1'b1;
    inval_o.stage1 = 1'b1;
    inval_o.regime = op_i.regime;
    inval_o.first = {op_i.addr[63:12], 12'h000};
    inval_o.last = {op_i.addr[63:12], 12'hfff};
    inval_o.asid = {4'd0, op_i.asid[11:0]};  // a PCID has 12 bits
    inval_o.vmid = op_i.vmid;
    inval_o.s2_root = op_i.addr[51:12];
    unique case (op_i.op)
      OpInvlpg: begin
        inval_o.by_addr = 1'b1;
        inval_o.by_asid = 1'b1;
        inval_o.globals = 1'b1;
        inval_o.all_upper = 1'b1;
      end
      OpPcidAddr: begin
        inval_o.by_addr = 1'b1;
        inval_o.by_asid = 1'b1;
        inval_o.all_upper = 1'b1;
      end
      OpCr3, OpPcid: begin
        inval_o.by_asid = 1'b1;
      end
      OpAllPcid: begin
        inval_o.globals = 1'b0;
      end
      OpAll, OpAllGlobal, OpVpid: begin
        inval_o.globals = 1'b1;
      end
      OpVpidAddr, OpAmdAddr: begin
        inval_o.by_addr = 1'b1;
        inval_o.globals = 1'b1;
        inval_o.all_upper = 1'b1;
      end
      OpVpidAll: begin
        inval_o.by_vmid = 1'b0;
        inval_o.but_vmid0 = 1'b1;
        inval_o.globals = 1'b1;
      end
      OpVpidLocal: begin
        inval_o.globals = 1'b0;
      end
      OpEpt, OpEptAll: begin
        inval_o.by_vmid = 1'b0;
        inval_o.stage1 = 1'b0;
        inval_o.stage2 = 1'b1;
        inval_o.nested = 1'b1;
        inval_o.by_root = op_i.op == OpEpt;
        inval_o.globals = 1'b1;
      end
      OpAmdAsid: begin
        inval_o.nested = 1'b1;
        inval_o.globals = 1'b1;
      end
      OpAmdAll: begin
        inval_o.by_vmid = 1'b0;
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
  assign unused_inputs = ^{op_i.addr[11:0], op_i.asid[15:12]};

endmodule
