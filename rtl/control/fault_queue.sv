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
  // the oldest record; meaningful with valid_o
  output logic               valid_o,
  output logic               port_o,
  output logic [7:0]         tag_o,
  output logic [63:0]        va_o,
  output mmu_pkg::syndrome_t syndrome_o,
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
  localparam int unsigned RecordW = 1 + 8 + 64 + 257;

  logic [RecordW-1:0] record_q [2**IdxW];
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
    if (push) record_q[tail_q] <= {push_port_i, push_tag_i, push_va_i, push_syndrome_i};
  end

  assign valid_o    = count_q != '0;
  assign {port_o, tag_o, va_o, syndrome_o} = record_q[head_q];
  assign overflow_o = overflow_q;
  assign head_o     = 8'(head_q);
  assign tail_o     = 8'(tail_q);
  assign count_o    = 8'(count_q);
  assign drops_o    = drops_q;

  `MMU_ASSERT(count_is_bounded, count_q <= CountW'(Entries))
  `MMU_ASSERT(pointers_agree, (head_q == tail_q) == (count_q == '0 || full_o))

endmodule
