// SPDX-License-Identifier: Apache-2.0
// Makes events of what crosses the memory port, for the counters: reads when they are taken, and
// compare-and-swaps when they are answered, those of overtaken walks too. It drives nothing else.
module mem_watch #(
  parameter  logic [1:0]  Arch  = 2'd0,
  parameter  int unsigned Walks = 2,
  localparam int unsigned SlotW = (Walks > 1) ? $clog2(Walks) : 1,
  localparam int unsigned SlotN = 2 ** SlotW
) (
  input  logic             clk_i,
  input  logic             taken_i,     // the port's request is accepted
  input  logic             cas_i,
  input  logic             stage2_i,
  input  logic [SlotW-1:0] slot_i,
  input  logic [63:0]      expected_i,
  input  logic [63:0]      desired_i,
  input  logic             rsp_valid_i,
  input  logic [SlotW-1:0] rsp_slot_i,
  input  logic [1:0]       rsp_error_i,
  input  logic             rsp_ok_i,
  output logic             read_o,
  output logic             read_s2_o,   // of a stage-2 descriptor
  output logic             swap_a_o,
  output logic             swap_d_o,
  output logic             swap_lost_o
);

  // Of the access that each slot has outstanding.
  logic [SlotN-1:0] cas_q, sets_a_q, sets_d_q;
  logic             sets_a, sets_d, answered, done;

  ad_bits #(.Arch(Arch)) u_ad_bits (
    .old_i (expected_i), .new_i (desired_i), .sets_a_o (sets_a), .sets_d_o (sets_d)
  );

  always_ff @(posedge clk_i) begin
    if (taken_i) begin
      cas_q[slot_i]    <= cas_i;
      sets_a_q[slot_i] <= sets_a;
      sets_d_q[slot_i] <= sets_d;
    end
  end

  assign answered    = rsp_valid_i && cas_q[rsp_slot_i] && rsp_error_i == mmu_pkg::MemOk;
  assign done        = answered && rsp_ok_i;
  assign read_o      = taken_i && !cas_i;
  assign read_s2_o   = read_o && stage2_i;
  assign swap_a_o    = done && sets_a_q[rsp_slot_i];
  assign swap_d_o    = done && sets_d_q[rsp_slot_i];
  assign swap_lost_o = answered && !rsp_ok_i;

endmodule
