// SPDX-License-Identifier: Apache-2.0
// Carries out one invalidation at a time. Accepted at an edge, it sweeps every structure and marks
// the walks that it overtakes in the cycle that follows, and is done as soon as no overtaken walk
// has a compare-and-swap on its way: two cycles without one. Overtaken walks start again from
// their roots and neither fill nor answer from what they read before (rule R2), so nothing older
// can answer once `done_o` is seen. The operands are captured with the operation.
module inval_unit (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               inval_valid_i,
  output logic               inval_ready_o,
  input  mmu_pkg::inval_op_t inval_op_i,
  input  logic [7:0]         inval_id_i,
  output logic               done_o,
  output logic [7:0]         done_id_o,
  output mmu_pkg::inval_op_t op_o,           // to the architecture, which makes the command of it
  output logic               sweep_valid_o,
  input  logic               swap_pending_i,  // an overtaken walk still has a swap outstanding
  output logic [7:0]         epoch_o,         // sweeps so far
  output logic               idle_o
);

  localparam logic [1:0] Idle  = 2'd0;
  localparam logic [1:0] Sweep = 2'd1;
  localparam logic [1:0] Drain = 2'd2;

  logic [1:0]         state_q;
  logic [7:0]         id_q, epoch_q;
  mmu_pkg::inval_op_t op_q;

  assign inval_ready_o = state_q == Idle;
  assign sweep_valid_o = state_q == Sweep;
  assign done_o        = state_q == Drain && !swap_pending_i;
  assign done_id_o     = id_q;
  assign op_o          = op_q;
  assign epoch_o       = epoch_q;
  assign idle_o        = state_q == Idle || (state_q == Drain && swap_pending_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= Idle;
      epoch_q <= '0;
    end else begin
      unique case (state_q)
        Idle:    if (inval_valid_i) state_q <= Sweep;
        Sweep:   state_q <= Drain;
        default: if (done_o) state_q <= Idle;
      endcase
      if (sweep_valid_o) epoch_q <= epoch_q + 8'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (inval_valid_i && inval_ready_o) begin
      op_q <= inval_op_i;
      id_q <= inval_id_i;
    end
  end

endmodule
