// SPDX-License-Identifier: Apache-2.0
// Carries out one invalidation at a time; its operands are captured with it. In order:
//   Walks  the walk caches are swept and the walks that it overtakes are marked: they start again
//          from their roots and neither fill nor answer from what they read before (rule R2)
//   Sets   the L2 TLB is swept, set by set, and an overtaken walk's swap, if one is out, is awaited
//   Entries the L1 TLBs are swept: after the L2, which fills them and may until then still hit
//   Done   nothing older can answer
// So what an entry leads to goes before the entry, and nothing swept is filled again from what is
// not. Hits go on all the while. Five cycles when one set is concerned; else set by set.
module inval_unit (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               ready_i,         // the MMU has started up
  input  logic               inval_valid_i,
  output logic               inval_ready_o,
  input  mmu_pkg::inval_op_t inval_op_i,
  input  logic [7:0]         inval_id_i,
  output logic               done_o,
  output logic [7:0]         done_id_o,
  output mmu_pkg::inval_op_t op_o,            // to the architecture, which makes the command of it
  output logic               sweep_walks_o,
  input  logic               l2_swept_i,
  input  logic               swap_pending_i,  // an overtaken walk still has a swap outstanding
  output logic               sweep_l1_o,
  output logic               quiet_o,         // a sweep: nothing else may act
  output logic [7:0]         epoch_o,         // invalidations so far
  output logic               idle_o
);

  localparam logic [2:0] Idle    = 3'd0;
  localparam logic [2:0] Walks   = 3'd1;
  localparam logic [2:0] Sets    = 3'd2;
  localparam logic [2:0] Entries = 3'd3;
  localparam logic [2:0] Done    = 3'd4;

  logic [2:0]         state_q;
  logic [7:0]         id_q, epoch_q;
  mmu_pkg::inval_op_t op_q;

  assign inval_ready_o = state_q == Idle && ready_i;
  assign sweep_walks_o = state_q == Walks;
  assign sweep_l1_o    = state_q == Entries;
  assign quiet_o       = sweep_walks_o || sweep_l1_o;
  assign done_o        = state_q == Done;
  assign done_id_o     = id_q;
  assign op_o          = op_q;
  assign epoch_o       = epoch_q;
  // While it waits for memory nothing moves here.
  assign idle_o        = state_q == Idle || (state_q == Sets && l2_swept_i && swap_pending_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= Idle;
      epoch_q <= '0;
    end else begin
      unique case (state_q)
        Idle:    if (inval_valid_i && ready_i) state_q <= Walks;
        Walks:   state_q <= Sets;
        Sets:    if (l2_swept_i && !swap_pending_i) state_q <= Entries;
        Entries: state_q <= Done;
        default: state_q <= Idle;
      endcase
      if (sweep_walks_o) epoch_q <= epoch_q + 8'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (inval_valid_i && inval_ready_o) begin
      op_q <= inval_op_i;
      id_q <= inval_id_i;
    end
  end

endmodule
