// SPDX-License-Identifier: Apache-2.0
// One performance counter.
module perf_counter (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  logic        enable_i,
  input  logic        event_i,
  output logic [63:0] count_o
);

  logic [63:0] count_q;
  assign count_o = count_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)                  count_q <= '0;
    else if (clear_i)             count_q <= '0;
    else if (enable_i && event_i) count_q <= count_q + 64'd1;
  end

endmodule
