// SPDX-License-Identifier: Apache-2.0
// Invalidation unit: each operation accepted is swept, in order, and then reported done, once, with its own id.
`include "formal.svh"

module inval_law (
  input logic               clk_i,
  input logic               ready_i,
  input logic               inval_valid_i,
  input mmu_pkg::inval_op_t inval_op_i,
  input logic [7:0]         inval_id_i,
  input logic               l2_swept_i,
  input logic               swap_pending_i
);
  `FORMAL_RESET

  logic               ready, done, sweep_walks, sweep_l1, quiet, idle;
  logic [7:0]         done_id, epoch;
  mmu_pkg::inval_op_t op;
  inval_unit dut (
    .clk_i, .rst_ni, .ready_i, .inval_valid_i, .inval_ready_o (ready), .inval_op_i, .inval_id_i, .done_o (done),
    .done_id_o (done_id), .op_o (op), .sweep_walks_o (sweep_walks), .l2_swept_i, .swap_pending_i,
    .sweep_l1_o (sweep_l1), .quiet_o (quiet), .epoch_o (epoch), .idle_o (idle)
  );

  // Of the operation that is open: the walks were swept, the L1s were swept; since when it waits.
  logic               open_q, walks_q, l1_q, calm_q;
  logic [7:0]         id_q, epoch_q;
  mmu_pkg::inval_op_t op_q;
  logic [3:0]         age_q;  // cycles in which nothing held it up
  logic               held_up;
  assign held_up = walks_q && !l1_q && (!l2_swept_i || swap_pending_i);
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      open_q <= 1'b0;
    end else if (inval_valid_i && ready) begin
      open_q  <= 1'b1;
      walks_q <= 1'b0;
      l1_q    <= 1'b0;
      id_q    <= inval_id_i;
      op_q    <= inval_op_i;
      epoch_q <= epoch;
      age_q   <= '0;
    end else begin
      open_q  <= open_q && !done;
      walks_q <= walks_q || sweep_walks;
      l1_q    <= l1_q || sweep_l1;
      if (!held_up) age_q <= age_q + 1'b1;
    end
    calm_q <= walks_q && l2_swept_i && !swap_pending_i;
  end

  `PROVE(one_at_a_time, "nothing is accepted while an operation is open", !(ready && open_q))
  `PROVE(accepts, "an operation is accepted whenever none is open and the MMU has started", ready == (!open_q && ready_i))
  `PROVE(done_was_open, "done is said of an open operation that was swept everywhere", !done || (open_q && walks_q && l1_q))
  `PROVE(same_id, "and with its id", !done || done_id == id_q)
  `PROVE(sweeps_open, "a sweep belongs to an open operation", !(sweep_walks || sweep_l1) || open_q)
  `PROVE(sweeps_it, "and is of what was accepted", !open_q || op == op_q)
  `PROVE(in_order, "the L1s are swept after the walks, once each",
         !(sweep_l1 && !walks_q) && !(sweep_walks && walks_q && open_q) && !(sweep_l1 && l1_q))
  `PROVE(waits, "and when the L2 was swept and no swap of an overtaken walk was out the cycle before", !sweep_l1 || calm_q)
  `PROVE(is_quiet, "nothing else may act in the cycle of a sweep", quiet == (sweep_walks || sweep_l1))
  `PROVE(counted, "an open operation is counted once when it sweeps the walks",
         !open_q || epoch == epoch_q + {7'd0, walks_q})
  `PROVE(ends, "it is done in the fourth cycle in which nothing holds it up", !open_q || age_q < 4'd4)
  `COVER(waited_swap, "done after it waited for a swap", done && open_q && swap_q)
  `COVER(waited_l2, "done after it waited for the L2", done && open_q && l2_q)
  `COVER(second, "a second operation is done", done && was_done_q)
  logic swap_q, l2_q, was_done_q;
  always_ff @(posedge clk_i) begin
    swap_q     <= rst_ni && open_q && (swap_q || (walks_q && swap_pending_i));
    l2_q       <= rst_ni && open_q && (l2_q || (walks_q && !l2_swept_i));
    was_done_q <= rst_ni && (was_done_q || done);
  end
  logic unused_wires;
  assign unused_wires = idle;
endmodule
