// SPDX-License-Identifier: Apache-2.0
// Armv8-A: TLBI as the internal invalidation command. Arm ARM, "TLB maintenance
// instructions"; operation numbers: enum mmu_inval_kind. All but ALLE1 are of the current VMID.
//   By ASID and address: last-level entries of that ASID and global ones; entries of upper
//   levels too, of that ASID, unless the instruction is a last-level one (VAL..).
//   By IPA: what holds stage 2 alone; software has VMALLE1 follow it, for the rest.
//   By range (RVA..., RIPA..., FEAT_TLBIRANGE): the address is the instruction's operand.
// The inner-shareable forms are the same operations, sent to every CPU. Combinational.
//
//   range operand   63:48    47:46  45:44  43:39  38:37  36:0
//                   (ASID)   TG     SCALE  NUM    TTL    BaseADDR = VA[48:12] at TG = 01 (4 KiB)
//   BaseADDR <= VA < BaseADDR + (NUM + 1) * 2^(5 * SCALE + 1) pages, ended by the address space.
// The ASID comes in a field of its own. TTL is a hint, not taken. A range of another granule, or
// of the reserved TG, need not take anything of 4 KiB; it takes all that the VMID has.
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
  localparam logic [7:0] OpRvae1   = 8'd22;
  localparam logic [7:0] OpRvale1  = 8'd23;
  localparam logic [7:0] OpRvaae1  = 8'd24;
  localparam logic [7:0] OpRvaale1 = 8'd25;
  localparam logic [7:0] OpIpas2e1   = 8'd26;
  localparam logic [7:0] OpIpas2le1  = 8'd27;
  localparam logic [7:0] OpRipas2e1  = 8'd28;
  localparam logic [7:0] OpRipas2le1 = 8'd29;
  localparam logic [7:0] OpVmalls12e1 = 8'd30;
  localparam logic [7:0] OpAlle1      = 8'd31;

  // ---- ranges: page numbers -----------------------------------------------------------------
  logic        range;
  logic        of_ipa;       // an IPA has no sign
  logic        range_4k;
  logic [51:0] range_first;
  logic [20:0] range_more;    // pages after the first: at most 32 * 2^16 - 1
  logic [52:0] range_sum;
  logic [51:0] range_last;

  assign range = op_i.op == OpRvae1 || op_i.op == OpRvale1 || op_i.op == OpRvaae1 ||
                 op_i.op == OpRvaale1 || op_i.op == OpRipas2e1 || op_i.op == OpRipas2le1;
  assign of_ipa = op_i.op == OpRipas2e1 || op_i.op == OpRipas2le1;
  assign range_4k = op_i.addr[47:46] == 2'b01;
  assign range_first = {{15{op_i.addr[36] && !of_ipa}}, op_i.addr[36:0]};

  always_comb begin
    unique case (op_i.addr[45:44])
      2'd0:    range_more = {15'd0, op_i.addr[43:39], 1'h1};
      2'd1:    range_more = {10'd0, op_i.addr[43:39], 6'h3f};
      2'd2:    range_more = {5'd0, op_i.addr[43:39], 11'h7ff};
      default: range_more = {op_i.addr[43:39], 16'hffff};
    endcase
  end

  assign range_sum = {1'b0, range_first} + {32'd0, range_more};
  assign range_last = range_sum[52] ? 52'hf_ffff_ffff_ffff : range_sum[51:0];

  always_comb begin
    inval_o = '0;
    inval_o.by_vmid = 1'b1;
    inval_o.stage1 = 1'b1;
    inval_o.regime = op_i.regime;
    inval_o.first = {(range ? range_first : op_i.addr[63:12]), 12'h000};
    inval_o.last = {(range ? range_last : op_i.addr[63:12]), 12'hfff};
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
      OpRvae1, OpRvale1: begin
        inval_o.by_addr = range_4k;
        inval_o.by_asid = range_4k;
        inval_o.globals = 1'b1;
        inval_o.leaf_only = range_4k && op_i.op == OpRvale1;
      end
      OpRvaae1, OpRvaale1: begin
        inval_o.by_addr = range_4k;
        inval_o.globals = 1'b1;
        inval_o.leaf_only = range_4k && op_i.op == OpRvaale1;
      end
      OpAside1: begin
        inval_o.by_asid = 1'b1;
      end
      OpIpas2e1, OpIpas2le1: begin
        inval_o.by_addr = 1'b1;
        inval_o.stage1 = 1'b0;
        inval_o.nested = 1'b1;
      end
      OpRipas2e1, OpRipas2le1: begin
        inval_o.by_addr = range_4k;
        inval_o.stage1 = 1'b0;
        inval_o.nested = 1'b1;
      end
      OpVmalls12e1: begin
        inval_o.nested = 1'b1;
        inval_o.globals = 1'b1;
      end
      OpAlle1: begin
        inval_o.by_vmid = 1'b0;
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
