// SPDX-License-Identifier: Apache-2.0
// Invalidation unit: each operation accepted is swept and then reported done, once, with its own id.
`include "formal.svh"

module inval_law (
  input logic               clk_i,
  input logic               inval_valid_i,
  input mmu_pkg::inval_op_t inval_op_i,
  input logic [7:0]         inval_id_i,
  input logic               swap_pending_i
);
  `FORMAL_RESET

  logic               ready, done, sweep;
  logic [7:0]         done_id;
  mmu_pkg::inval_op_t op;
  inval_unit dut (
    .clk_i, .rst_ni, .inval_valid_i, .inval_ready_o (ready), .inval_op_i, .inval_id_i, .done_o (done),
    .done_id_o (done_id), .op_o (op), .sweep_valid_o (sweep), .swap_pending_i
  );

  logic               open_q, swept_q;
  logic [7:0]         id_q;
  mmu_pkg::inval_op_t op_q;
  logic [3:0]         age_q;  // cycles in which nothing held it up
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      open_q <= 1'b0;
    end else if (inval_valid_i && ready) begin
      open_q  <= 1'b1;
      swept_q <= 1'b0;
      id_q    <= inval_id_i;
      op_q    <= inval_op_i;
      age_q   <= '0;
    end else begin
      open_q  <= open_q && !done;
      swept_q <= swept_q || sweep;
      if (!(swept_q && swap_pending_i)) age_q <= age_q + 1'b1;
    end
  end

  `PROVE(one_at_a_time, "nothing is accepted while an operation is open", !(ready && open_q))
  `PROVE(accepts, "an operation is accepted whenever none is open", ready || open_q)
  `PROVE(done_was_open, "done is said of an open operation that was swept", !done || (open_q && swept_q))
  `PROVE(same_id, "and with its id", !done || done_id == id_q)
  `PROVE(sweeps_open, "a sweep belongs to an open operation", !sweep || open_q)
  `PROVE(sweeps_it, "and is of what was accepted", !(open_q && sweep) || op == op_q)
  `PROVE(swept_once, "it is swept once", !(swept_q && sweep) || !open_q)
  `PROVE(waits, "done waits for the swaps of overtaken walks", !(done && swap_pending_i))
  `PROVE(ends, "it is done in the second cycle if there are none", !open_q || age_q < 4'd2)
  `COVER(waited, "done after it waited for a swap", done && open_q && waited_q)
  logic waited_q;
  always_ff @(posedge clk_i) waited_q <= rst_ni && open_q && swept_q && swap_pending_i;
  `COVER(second, "a second operation is done", done && was_done_q)
  logic was_done_q;
  always_ff @(posedge clk_i) was_done_q <= rst_ni && (was_done_q || done);
endmodule
