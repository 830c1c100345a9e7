// SPDX-License-Identifier: Apache-2.0
// The door to stage 2 (rule R5: stage 2 is a service). The stage-1 walker asks for every table
// address, every A/D write and the final address; the answer comes back with the asker's slot.
// It is asked only when the context has a stage 2. Each slot may have one question open, so a
// question is always taken. Timing: the answer to a question of one cycle stands in the next.
//
// Pass-through gives back what it was given, as one page that covers everything (shift 52). Any
// other format is refused with a stage-2 fault.
module s2_walker #(
  parameter  int unsigned Walks = 2,
  localparam int unsigned SlotW = (Walks > 1) ? $clog2(Walks) : 1
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             ask_valid_i,
  input  logic [SlotW-1:0] ask_slot_i,
  input  logic [55:0]      ask_gpa_i,
  input  mmu_pkg::s2_mode_e ask_mode_i,
  output logic             rsp_valid_o,
  output logic [SlotW-1:0] rsp_slot_o,
  output logic [55:0]      rsp_hpa_o,
  output logic [5:0]       rsp_shift_o,
  output logic             rsp_fault_o
);

  logic             valid_q, fault_q;
  logic [SlotW-1:0] slot_q;
  logic [55:0]      hpa_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= 1'b0;
    else         valid_q <= ask_valid_i;
  end

  always_ff @(posedge clk_i) begin
    if (ask_valid_i) begin
      slot_q  <= ask_slot_i;
      hpa_q   <= ask_gpa_i;
      fault_q <= ask_mode_i != mmu_pkg::S2Pass;
    end
  end

  assign rsp_valid_o = valid_q;
  assign rsp_slot_o  = slot_q;
  assign rsp_hpa_o   = hpa_q;
  assign rsp_shift_o = 6'd52;
  assign rsp_fault_o = fault_q;

endmodule
