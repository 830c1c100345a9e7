// SPDX-License-Identifier: Apache-2.0
// Defects of Yosys 0.23 that are silent, or only a warning: each module in a form that shows the
// defect (*_bad) and in the form that this project uses (*_good). run.sh evaluates both.
package guard_pkg;
  typedef enum logic [1:0] {One = 2'd1, Two = 2'd2} e_t;
  typedef struct packed {
    logic [3:0] x;
    e_t         k;
  } s_t;
  function [1:0] pick_good(input logic i);
    pick_good = i ? guard_pkg::Two : guard_pkg::One;
  endfunction
`ifdef BAD_ENUM
  function [1:0] pick_bad(input logic i);
    pick_bad = i ? Two : One;
  endfunction
`endif
`ifdef BAD_RETURN
  function s_t make_bad(input logic [3:0] x);
    make_bad.x = x;
    make_bad.k = guard_pkg::Two;
  endfunction
`endif
endpackage

`ifndef NO_ARRAYS
// an array whose elements are structures: an element becomes one bit
module array_bad (input guard_pkg::s_t a_i, input logic i_i, output guard_pkg::s_t b_o);
  guard_pkg::s_t q [2];
  assign q[0] = a_i;
  assign q[1] = ~a_i;
  assign b_o = q[i_i];
endmodule
module array_good (input guard_pkg::s_t a_i, input logic i_i, output guard_pkg::s_t b_o);
  logic [5:0] q [2];
  assign q[0] = a_i;
  assign q[1] = ~a_i;
  assign b_o = q[i_i];
endmodule
`endif

`ifdef BAD_ENUM
// an enum constant without its package, in a function of that package: an undriven wire
module enum_bad (input logic i_i, output logic [1:0] b_o);
  assign b_o = guard_pkg::pick_bad(i_i);
endmodule
`endif
`ifdef BAD_RETURN
// a function that returns a structure: undefined
module return_bad (input logic [3:0] a_i, output logic [5:0] b_o);
  assign b_o = guard_pkg::make_bad(a_i);
endmodule
`endif
module enum_good (input logic i_i, output logic [1:0] b_o);
  assign b_o = guard_pkg::pick_good(i_i);
endmodule
module return_good (input logic [3:0] a_i, output logic [5:0] b_o);
  guard_pkg::s_t s;
  always_comb begin
    s.x = a_i;
    s.k = guard_pkg::Two;
  end
  assign b_o = s;
endmodule
