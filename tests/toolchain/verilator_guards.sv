// SPDX-License-Identifier: Apache-2.0
// Three known defects of Verilator 5.006, each in a form that shows it and in the form that this
// project uses instead. The top module counts wrong answers and prints "name count" lines;
// run.sh says which must be 0 and which must not.

// A tree of XORs of selected bits with two negations and a reduction. The expected value is
// counted with integers, which the optimiser of bit operations leaves alone.
module bit_op_tree (
  input  logic [7:0] a_i,
  output logic       y_o,
  output logic       expected_o
);
  assign y_o = (~a_i[6]) ^ (a_i[0] ^ ((|a_i[7:5]) ^ a_i[2]));
  assign expected_o = 1'(32'(!a_i[6]) + 32'(a_i[0]) + 32'(a_i[7:5] != 3'd0) + 32'(a_i[2]));
endmodule

// A packed two-dimensional array with elements of odd width, indexed by an expression that
// wraps: 3'd2 - i is 7 for i = 3.
module index_packed (
  input  logic [247:0] v_i,
  input  logic [2:0]   i_i,
  output logic [30:0]  y_o
);
  logic [7:0][30:0] q;
  assign q = v_i;
  assign y_o = q[3'd2 - i_i];
endmodule

// The same with an unpacked array and a plain index of the exact width.
module index_unpacked (
  input  logic [247:0] v_i,
  input  logic [2:0]   i_i,
  output logic [30:0]  y_o
);
  logic [30:0] q [8];
  logic [2:0]  k;
  for (genvar g = 0; g < 8; g++) begin : g_q
    assign q[g] = v_i[31*g +: 31];
  end
  assign k = 3'd2 - i_i;
  assign y_o = q[k];
endmodule

// A variable part select that ends beyond the vector writes into the next variable, unless the
// index is checked.
module write_bound #(
  parameter bit Checked = 1'b0
) (
  input  logic        clk_i,
  input  logic [6:0]  i_i,
  output logic [95:0] v_o,
  output logic [95:0] next_o
);
  logic [95:0] a_vector;
  logic [95:0] b_next;
  initial begin
    a_vector = '0;
    b_next = '0;
  end
  always_ff @(posedge clk_i) begin
    if (!Checked || i_i <= 7'd76) a_vector[i_i +: 20] <= '1;
  end
  assign v_o = a_vector;
  assign next_o = b_next;
endmodule

module verilator_guards;
  logic [7:0]   a;
  logic         y, expected;
  logic [247:0] v;
  logic [2:0]   i;
  logic [30:0]  y_packed, y_unpacked, element;
  logic         clk;
  logic [6:0]   at;
  logic [95:0]  v_plain, v_checked, next_plain, next_checked;
  int           wrong_tree, wrong_packed, wrong_unpacked;

  bit_op_tree u_tree (.a_i(a), .y_o(y), .expected_o(expected));
  index_packed u_packed (.v_i(v), .i_i(i), .y_o(y_packed));
  index_unpacked u_unpacked (.v_i(v), .i_i(i), .y_o(y_unpacked));
  write_bound #(.Checked(1'b0)) u_plain (
    .clk_i(clk), .i_i(at), .v_o(v_plain), .next_o(next_plain)
  );
  write_bound #(.Checked(1'b1)) u_checked (
    .clk_i(clk), .i_i(at), .v_o(v_checked), .next_o(next_checked)
  );

  initial begin
    wrong_tree = 0;
    wrong_packed = 0;
    wrong_unpacked = 0;
    clk = 1'b0;
    for (int k = 0; k < 256; k++) begin
      a = 8'(k);
      #1;
      if (y != expected) wrong_tree++;
    end
    for (int k = 0; k < 8; k++) begin
      for (int s = 0; s < 8; s++) begin
        i = 3'(k);
        v = '0;
        element = 31'(32'h1234567 * (s + 1));
        v[31*s +: 31] = element;
        #1;
        if (s != (2 - k + 8) % 8) element = '0;
        if (y_packed != element) wrong_packed++;
        if (y_unpacked != element) wrong_unpacked++;
      end
    end
    for (int k = 60; k < 96; k += 4) begin
      at = 7'(k);
      #1 clk = 1'b1;
      #1 clk = 1'b0;
    end
    #1;
    $display("bit_op_tree %0d", wrong_tree);
    $display("index_packed %0d", wrong_packed);
    $display("index_unpacked %0d", wrong_unpacked);
    $display("write_plain %0d", next_plain != '0);
    $display("write_checked %0d", next_checked != '0 || v_checked[95:60] != '1);
    $display("write_plain_seen %0d", v_plain == '0);
    $finish;
  end
endmodule
