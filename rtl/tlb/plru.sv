// SPDX-License-Identifier: Apache-2.0
// Tree pseudo-LRU over a power of two of entries. Each node points to the half that was used
// longer ago; a touch turns the nodes on its path away. `victim_o` is combinational and counts
// while `pick_valid_i` asks for it.
module plru #(
  parameter  int unsigned Entries = 64,
  localparam int unsigned IdxW    = (Entries > 1) ? $clog2(Entries) : 1
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            touch_valid_i,
  input  logic [IdxW-1:0] touch_idx_i,
  input  logic            pick_valid_i,
  output logic [IdxW-1:0] victim_o
);

  if (Entries == 1) begin : gen_one
    logic unused_touch;
    assign unused_touch = &{1'b0, clk_i, rst_ni, touch_valid_i, touch_idx_i,
                            pick_valid_i};
    assign victim_o = '0;
  end else begin : gen_tree
    // Node n has the children 2n and 2n+1; the root is node 1, bit 0 is unused.
    logic [Entries-1:0] tree_q, tree_d;
    logic [IdxW:0]      down, path;

    always_comb begin
      down = (IdxW + 1)'(1);
      if (pick_valid_i) begin
        for (int unsigned l = 0; l < IdxW; l++) begin
          down = {down[IdxW-1:0], tree_q[down[IdxW-1:0]]};
        end
      end
    end
    assign victim_o = down[IdxW-1:0];

    always_comb begin
      tree_d = tree_q;
      path   = (IdxW + 1)'(1);
      if (touch_valid_i) begin
        for (int unsigned l = 0; l < IdxW; l++) begin
          tree_d[path[IdxW-1:0]] = ~touch_idx_i[IdxW-1-l];
          path = {path[IdxW-1:0], touch_idx_i[IdxW-1-l]};
        end
      end
    end

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) tree_q <= '0;
      else         tree_q <= tree_d;
    end

    logic unused_top;
    assign unused_top = &{1'b0, down[IdxW], path[IdxW], tree_q[0]};
  end

endmodule
