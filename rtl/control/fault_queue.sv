// SPDX-License-Identifier: Apache-2.0
// Records of faults, oldest first. A push is one cycle of `push_valid_i` and never waits: with no
// room the record is dropped, counted, and `overflow_o` stays set until it is cleared; a drop in
// the cycle of the clearing wins. A pop takes effect at once, and makes room for a push of the
// same cycle. While not enabled, nothing is recorded, dropped or remembered.
`include "mmu_assert.svh"

module fault_queue #(
  parameter int unsigned Entries = regs_pkg::FaultEntries
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               enable_i,
  input  logic               push_valid_i,
  input  logic               push_port_i,
  input  logic [7:0]         push_tag_i,
  input  logic [63:0]        push_va_i,
  input  mmu_pkg::syndrome_t push_syndrome_i,
  input  logic               pop_i,
  input  logic               clear_overflow_i,
  // the oldest record, a register of the map at a time: bits 5:3 of its offset; 0 if there is none
  input  logic               read_i,
  input  logic [2:0]         field_i,
  output logic [63:0]        word_o,
  output logic               valid_o,
  // state
  output logic               full_o,
  output logic               overflow_o,
  output logic [7:0]         head_o,
  output logic [7:0]         tail_o,
  output logic [7:0]         count_o,
  output logic [31:0]        drops_o
);

  localparam int unsigned IdxW    = (Entries > 1) ? $clog2(Entries) : 1;
  localparam int unsigned CountW  = $clog2(Entries + 1);

  logic [10:0]        owner_q [2**IdxW];  // gva, to_hyp, port, tag
  logic [63:0]        va_q    [2**IdxW];
  logic [63:0]        reg0_q  [2**IdxW];
  logic [63:0]        reg1_q  [2**IdxW];
  logic [63:0]        reg2_q  [2**IdxW];
  logic [63:0]        reg3_q  [2**IdxW];
  logic [IdxW-1:0]    head_q, tail_q, head_next, tail_next;
  logic [CountW-1:0]  count_q;
  logic               overflow_q;
  logic [31:0]        drops_q;

  logic push_ready, push, pop, drop;
  assign full_o     = count_q == CountW'(Entries);
  assign pop        = pop_i && valid_o;
  assign push_ready = !full_o || pop;
  assign push       = enable_i && push_valid_i && push_ready;
  assign drop       = enable_i && push_valid_i && !push_ready;

  assign head_next = (head_q == IdxW'(Entries - 1)) ? '0 : head_q + IdxW'(1);
  assign tail_next = (tail_q == IdxW'(Entries - 1)) ? '0 : tail_q + IdxW'(1);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      head_q     <= '0;
      tail_q     <= '0;
      count_q    <= '0;
      overflow_q <= 1'b0;
      drops_q    <= '0;
    end else begin
      if (pop)  head_q <= head_next;
      if (push) tail_q <= tail_next;
      if (push != pop) count_q <= push ? count_q + CountW'(1) : count_q - CountW'(1);
      if (drop) begin
        overflow_q <= 1'b1;
        drops_q    <= drops_q + 32'd1;
      end else if (clear_overflow_i) begin
        overflow_q <= 1'b0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (push) begin
      owner_q[tail_q] <= {push_syndrome_i.gva, push_syndrome_i.to_hyp, push_port_i,
                          push_tag_i};
      va_q[tail_q]    <= push_va_i;
      reg0_q[tail_q]  <= push_syndrome_i.reg0;
      reg1_q[tail_q]  <= push_syndrome_i.reg1;
      reg2_q[tail_q]  <= push_syndrome_i.reg2;
      reg3_q[tail_q]  <= push_syndrome_i.reg3;
    end
  end

  regs_pkg::fault_info_t info;
  always_comb begin
    info   = '0;
    word_o = '0;
    if (read_i && valid_o) begin
      info.valid = 1'b1;
      {info.gva, info.to_hyp, info.port, info.tag} = owner_q[head_q];
      unique case (field_i)
        3'(regs_pkg::AddrFaultInfo >> 3): word_o = info;
        3'(regs_pkg::AddrFaultVa >> 3):   word_o = va_q[head_q];
        3'(regs_pkg::AddrFaultReg0 >> 3): word_o = reg0_q[head_q];
        3'(regs_pkg::AddrFaultReg1 >> 3): word_o = reg1_q[head_q];
        3'(regs_pkg::AddrFaultReg2 >> 3): word_o = reg2_q[head_q];
        3'(regs_pkg::AddrFaultReg3 >> 3): word_o = reg3_q[head_q];
        default: ;
      endcase
    end
  end

  assign valid_o    = count_q != '0;
  assign overflow_o = overflow_q;
  assign head_o     = 8'(head_q);
  assign tail_o     = 8'(tail_q);
  assign count_o    = 8'(count_q);
  assign drops_o    = drops_q;

  `MMU_ASSERT(count_is_bounded, count_q <= CountW'(Entries))
  `MMU_ASSERT(pointers_agree, (head_q == tail_q) == (count_q == '0 || full_o))

endmodule
