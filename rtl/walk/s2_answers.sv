// SPDX-License-Identifier: Apache-2.0
// What stage 2 last answered, by walk slot; one slot's is shown, the acting one's. `moved_o`: it
// was asked again for the place of the descriptor that was read, and now names another.
module s2_answers #(
  parameter  int unsigned Walks = 2,
  localparam int unsigned SlotW = (Walks > 1) ? $clog2(Walks) : 1,
  localparam int unsigned SlotN = 2 ** SlotW
) (
  input  logic                clk_i,
  input  logic                start_valid_i,  // a new walk in this slot: nothing was asked yet
  input  logic [SlotW-1:0]    start_slot_i,
  input  logic                rsp_valid_i,
  input  logic [SlotW-1:0]    rsp_slot_i,
  input  mmu_pkg::s2_answer_t rsp_i,
  input  logic [SlotW-1:0]    act_slot_i,
  output mmu_pkg::s2_answer_t act_o,
  output logic                moved_o
);

  logic [mmu_pkg::S2AnswerBits-1:0] answer_q [SlotN];
  logic [SlotN-1:0]      moved_q;
  assign act_o   = answer_q[act_slot_i];
  assign moved_o = moved_q[act_slot_i];

  mmu_pkg::s2_answer_t earlier;
  assign earlier = answer_q[rsp_slot_i];

  always_ff @(posedge clk_i) begin
    if (rsp_valid_i) begin
      answer_q[rsp_slot_i] <= rsp_i;
      moved_q[rsp_slot_i]  <= rsp_i.hpa != earlier.hpa;
    end
    if (start_valid_i) answer_q[start_slot_i] <= {mmu_pkg::S2AnswerBits{1'b0}};
  end

  logic unused_bits;
  assign unused_bits = &{1'b0, earlier};

endmodule
