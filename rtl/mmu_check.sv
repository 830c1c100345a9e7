// SPDX-License-Identifier: Apache-2.0
// Watches the ports of the whole MMU: no request is answered twice or without being asked, and
// when nothing moves and the memory owes nothing, none is left unanswered. It drives nothing.
`include "mmu_assert.svh"

module mmu_check #(
  parameter int unsigned MostOpen = 8  // requests of one port that the MMU can hold
) (
  input logic clk_i,
  input logic rst_ni,
  input logic f_accept_i,
  input logic f_hit_i,
  input logic f_miss_i,
  input logic d_accept_i,
  input logic d_hit_i,
  input logic d_miss_i,
  input logic still_i  // idle, and no memory answer is outstanding
);

  localparam int unsigned W = $clog2(MostOpen + 2);

  logic [W-1:0] f_open_q, d_open_q, f_answers, d_answers;
  assign f_answers = W'(f_hit_i) + W'(f_miss_i);
  assign d_answers = W'(d_hit_i) + W'(d_miss_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      f_open_q <= '0;
      d_open_q <= '0;
    end else begin
      f_open_q <= f_open_q + W'(f_accept_i) - f_answers;
      d_open_q <= d_open_q + W'(d_accept_i) - d_answers;
    end
  end

  `MMU_ASSERT(fetch_answers_were_asked, f_answers <= f_open_q)
  `MMU_ASSERT(data_answers_were_asked, d_answers <= d_open_q)
  `MMU_ASSERT(fetch_is_bounded, f_open_q <= W'(MostOpen))
  `MMU_ASSERT(data_is_bounded, d_open_q <= W'(MostOpen))
  `MMU_ASSERT(nothing_is_lost, !still_i || (f_open_q == '0 && d_open_q == '0))

endmodule
