// SPDX-License-Identifier: Apache-2.0
// Judges the answers to compare-and-swaps, the only table writes there are (rule R8), and bounds
// a walk's patience: each lost race and each restart after an invalidation costs one; after
// Patience of them the walk gives up with "retry", which is not a fault.
//   done     the descriptor now has its A or D: the step counts
//   lost     someone else wrote it first: read and judge the same descriptor again
//   refused  the memory answered with an error
// Verdicts are combinational, of the acting slot.
module ad_updater #(
  parameter  int unsigned Walks    = 2,
  parameter  int unsigned Patience = 8,
  localparam int unsigned SlotW    = (Walks > 1) ? $clog2(Walks) : 1
) (
  input  logic             clk_i,
  input  logic             begin_valid_i,  // a new walk in this slot
  input  logic [SlotW-1:0] begin_slot_i,
  input  logic [SlotW-1:0] act_slot_i,
  input  logic             act_restart_i,  // the acting slot starts, or reads, again
  input  logic             act_cas_i,      // the acting slot has the answer of its swap
  input  logic             act_ok_i,
  input  logic [1:0]       act_error_i,
  output logic             done_o,
  output logic             lost_o,
  output logic             refused_o,
  output logic             exhausted_o     // this loss or restart was the last one allowed
);

  localparam int unsigned SlotN  = 2 ** SlotW;
  localparam int unsigned CountW = $clog2(Patience + 1);

  logic [CountW-1:0] count_q [SlotN];
  logic [CountW-1:0] count;

  assign refused_o   = act_cas_i && act_error_i != mmu_pkg::MemOk;
  assign done_o      = act_cas_i && act_error_i == mmu_pkg::MemOk && act_ok_i;
  assign lost_o      = act_cas_i && act_error_i == mmu_pkg::MemOk && !act_ok_i;
  assign count       = count_q[act_slot_i] + CountW'(1);
  assign exhausted_o = count == CountW'(Patience);

  always_ff @(posedge clk_i) begin
    if (lost_o || act_restart_i) count_q[act_slot_i] <= count;
    if (begin_valid_i) count_q[begin_slot_i] <= '0;
  end

endmodule
