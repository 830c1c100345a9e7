// SPDX-License-Identifier: Apache-2.0
// The replacement state of one fully associative structure: replace.sv with its register.
// `victim_o` is combinational and counts while a fill asks for it.
module replace_state #(
  parameter  int unsigned Entries = 64,
  parameter  logic [1:0]  Policy  = 2'd0,  // mmu_pkg::replacement_e
  localparam int unsigned IdxW    = (Entries > 1) ? $clog2(Entries) : 1
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            hit_i,
  input  logic            fill_i,
  input  logic [IdxW-1:0] idx_i,
  input  logic            took_i,
  output logic [IdxW-1:0] victim_o
);

  localparam int unsigned StateW = (Policy == mmu_pkg::ReplacePlru)   ? 2 ** IdxW :
                                   (Policy == mmu_pkg::ReplaceRandom) ? 16 : Entries * IdxW;

  logic [StateW-1:0] state_q, state_d;
  replace #(.Entries(Entries), .Policy(Policy)) u_replace (
    .state_i (state_q), .state_o (state_d),
    .hit_i, .fill_i, .idx_i, .took_i,
    .pick_i  (fill_i),
    .victim_o
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) state_q <= '0;
    else         state_q <= state_d;
  end

endmodule
