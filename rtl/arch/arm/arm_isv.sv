// SPDX-License-Identifier: Apache-2.0
// Armv8-A: what ESR_EL2 tells a hypervisor of the instruction behind a data abort, so that it can
// emulate it. Arm ARM, ISS encoding for an exception from a Data Abort, ISV: loads and stores of
// one general-purpose register, without writeback, of the encodings below; no pairs, exclusives,
// atomics, SIMD. An instruction of 0 is not known. Combinational.
//
//   31:30  29:27  26  25:24  23:22  21  15  11:10
//   size    111    0    01    opc   imm              unsigned offset
//   size    111    0    00    opc    0        00 10  unscaled, unprivileged
//   size    111    0    00    opc    1        10     register offset, 14 = 1
//   size    001    0    00    1 L    0   o0          LDAR, STLR (o0 = 1), LDLAR, STLLR (o0 = 0)
// opc 00 store, 01 load, 10 load signed to 64 bits, 11 to 32; with size 11, opc 10 is a prefetch.
module arm_isv (
  input  logic [31:0] insn_i,
  output logic [10:0] iss_o   // ISS 24:14: ISV, SAS, SSE, SRT, SF, AR
);

  logic [1:0] size;
  logic [1:0] opc;
  logic       one_register;
  logic       ordered;
  logic       valid;
  logic       sign;
  logic       wide;

  assign size = insn_i[31:30];
  assign opc = insn_i[23:22];

  always_comb begin
    one_register = 1'b0;
    if (insn_i[29:26] == 4'b1110) begin
      if (insn_i[25:24] == 2'b01) one_register = 1'b1;
      else if (insn_i[25:24] == 2'b00) begin
        one_register = insn_i[21] ? insn_i[14] && insn_i[11:10] == 2'b10
                                  : !insn_i[10];
      end
      // signed loads: none of 64 bits (a prefetch), nor of 32 bits to 32
      if (opc[1] && (size == 2'b11 || (opc[0] && size == 2'b10))) one_register = 1'b0;
    end
  end

  assign ordered = insn_i[29:23] == 7'b0010001 && !insn_i[21];
  assign valid = one_register || ordered;
  assign sign = one_register && opc[1];
  assign wide = (one_register && opc[1]) ? !opc[0] : size == 2'b11;

  assign iss_o = valid ? {1'b1, size, sign, insn_i[4:0], wide, ordered} : 11'd0;

  logic unused_bits;
  assign unused_bits = ^{insn_i};

endmodule
