// SPDX-License-Identifier: Apache-2.0
// RISC-V: the transformed instruction of a load, store or atomic, as htinst and mtinst hold it.
// Privileged spec, hypervisor chapter, "Transformed Instruction or Pseudoinstruction for mtinst or
// htinst": of a load rd, funct3 and opcode stay, of a store rs2, funct3 and opcode, of an atomic or
// a hypervisor load or store all but rs1, whose field is the offset of the faulting address, 0 here
// (an access that crosses pages is two requests). A compressed one is expanded first and has bit 1
// clear. What is not such an instruction, or 0, gives 0. Combinational.
module rv_transform (
  input  logic [31:0] insn_i,
  output logic [31:0] transformed_o
);

  localparam logic [6:0] OpLoad    = 7'h03;
  localparam logic [6:0] OpLoadFp  = 7'h07;
  localparam logic [6:0] OpStore   = 7'h23;
  localparam logic [6:0] OpStoreFp = 7'h27;
  localparam logic [6:0] OpAmo     = 7'h2f;
  localparam logic [6:0] OpSystem  = 7'h73;

  // ---- compressed: register numbers and kind -------------------------------------------------
  //   quadrant 00  funct3  1 FLD  2 LW  3 LD  5 FSD  6 SW  7 SD    register in 4:2, 8 and up
  //   quadrant 10  funct3  1 FLDSP 2 LWSP 3 LDSP (rd in 11:7)  5 FSDSP 6 SWSP 7 SDSP (rs2 in 6:2)
  logic [2:0] c_funct3;
  logic       stack;        // relative to the stack pointer: quadrant 10
  logic       c_access;
  logic       c_store;
  logic       c_float;
  logic [4:0] c_register;
  logic [2:0] c_size;

  assign c_funct3 = insn_i[15:13];
  assign stack = insn_i[1];
  assign c_access = insn_i[1:0] != 2'b01 && c_funct3[1:0] != 2'b00;
  assign c_store = c_funct3[2];
  assign c_float = c_funct3[1:0] == 2'b01;
  assign c_size = (c_funct3[1:0] == 2'b10) ? 3'b010 : 3'b011;
  assign c_register = !stack ? {2'b01, insn_i[4:2]} : c_store ? insn_i[6:2] : insn_i[11:7];

  // ---- full size ------------------------------------------------------------------------------
  logic [2:0]  funct3;
  logic        scalar;    // of the floating-point opcodes; vectors have the others
  logic [31:0] load;
  logic [31:0] store;

  assign funct3 = insn_i[14:12];
  assign scalar = funct3 >= 3'd1 && funct3 <= 3'd4;
  assign load = {17'd0, insn_i[14:0]};
  assign store = {7'd0, insn_i[24:20], 5'd0, funct3, 5'd0, insn_i[6:0]};

  always_comb begin
    transformed_o = '0;
    if (insn_i[1:0] != 2'b11) begin
      if (c_access) begin
        transformed_o[14:12] = c_size;
        if (c_store) begin
          transformed_o[24:20] = c_register;
          transformed_o[6:0] = c_float ? OpStoreFp : OpStore;
        end else begin
          transformed_o[11:7] = c_register;
          transformed_o[6:0] = c_float ? OpLoadFp : OpLoad;
        end
        transformed_o[1] = 1'b0;
      end
    end else begin
      unique case (insn_i[6:0])
        OpLoad:    if (funct3 != 3'd7) transformed_o = load;
        OpLoadFp:  if (scalar) transformed_o = load;
        OpStore:   if (!funct3[2]) transformed_o = store;
        OpStoreFp: if (scalar) transformed_o = store;
        OpAmo:     transformed_o = {insn_i[31:20], 5'd0, insn_i[14:0]};
        // HLV, HLVX, HSV: funct3 100, funct7 0110xxx
        OpSystem: begin
          if (insn_i[14:12] == 3'b100 && insn_i[31:28] == 4'b0110) begin
            transformed_o = {insn_i[31:20], 5'd0, insn_i[14:0]};
          end
        end
        default: transformed_o = '0;
      endcase
    end
  end

  // The field of rs1.
  logic unused_bits;
  assign unused_bits = ^insn_i[19:15];

endmodule
