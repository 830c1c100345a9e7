// SPDX-License-Identifier: Apache-2.0
// Refill: what is answered and filled is the walk's or else the L2's, as it is, and no fault is filled.
`include "formal.svh"

module refill_law (
  input logic            clk_i,
  input logic            quiet_i,
  input logic            walk_valid_i,
  input logic            walk_port_i,
  input logic [7:0]      walk_tag_i,
  input logic [1:0]      walk_status_i,
  input logic [55:0]     walk_pa_i,
  input logic            walk_fill_i,
  input mmu_pkg::entry_t walk_entry_i,
  input logic            l2_valid_i,
  input logic            l2_port_i,
  input logic [7:0]      l2_tag_i,
  input logic [63:0]     l2_va_i,
  input mmu_pkg::entry_t l2_entry_i,
  input logic            l2_fill_i
);
  `FORMAL_RESET

  logic            l2_ready, f_miss, d_miss, from_l2, f_fill, d_fill, l2_fill;
  logic [7:0]      tag;
  logic [1:0]      status;
  logic [55:0]     pa;
  mmu_pkg::entry_t entry;
  refill dut (
    .quiet_i, .walk_valid_i, .walk_port_i, .walk_tag_i, .walk_status_i, .walk_pa_i, .walk_fill_i, .walk_entry_i,
    .l2_valid_i, .l2_ready_o (l2_ready), .l2_port_i, .l2_tag_i, .l2_va_i, .l2_entry_i, .l2_fill_i,
    .f_miss_valid_o (f_miss), .d_miss_valid_o (d_miss), .miss_l2_o (from_l2), .miss_tag_o (tag),
    .miss_status_o (status), .miss_pa_o (pa), .f_fill_o (f_fill), .d_fill_o (d_fill), .l2_fill_o (l2_fill),
    .fill_entry_o (entry)
  );
  `ASSUME(walk_quiet, "the walker answers nothing in the cycle of a sweep", !(quiet_i && walk_valid_i))
  `ASSUME(walk_fills_ok, "a walk that brings an entry is ok", !walk_fill_i || (walk_valid_i && walk_status_i == mmu_pkg::StatusOk))
  `ASSUME(a_page, "an entry of the L2 is of 4 KiB to 2^55 bytes", l2_entry_i.s1_shift >= 6'd12 && l2_entry_i.s1_shift <= 6'd55 &&
          (l2_entry_i.s2_shift == 6'd0 || l2_entry_i.s2_shift >= 6'd12))
  logic answers, fills, port;
  assign answers = f_miss || d_miss;
  assign fills   = f_fill || d_fill;
  assign port    = walk_valid_i ? walk_port_i : l2_port_i;
  `PROVE(one_lane, "one miss lane is used at a time, that of the port", !(f_miss && d_miss) && !(answers && d_miss != port))
  `PROVE(walk_first, "a walk is answered at once, a hit of the L2 if no walk is", answers == (walk_valid_i || (l2_valid_i && !quiet_i)))
  `PROVE(l2_once, "a hit of the L2 is taken exactly when it is answered", from_l2 == (l2_valid_i && l2_ready) && !(from_l2 && walk_valid_i))
  `PROVE(whose, "the answer has the tag of whom it is for", !answers || tag == (walk_valid_i ? walk_tag_i : l2_tag_i))
  `PROVE(quiet, "in the cycle of a sweep nothing is answered or filled", !quiet_i || (!answers && !fills && !l2_fill))
  `PROVE(no_fault, "only what is answered ok fills, and only with its answer", !(fills || l2_fill) || (answers && status == mmu_pkg::StatusOk))
  `PROVE(right_l1, "it fills the L1 of its port", !fills || (d_fill == d_miss && f_fill == f_miss))
  `PROVE(l2_of_walks, "the L2 is filled by walks alone", l2_fill == (walk_valid_i && walk_fill_i))
  `PROVE(as_it_is, "what is filled is the walk's entry or the L2's", !fills || entry == (walk_valid_i ? walk_entry_i : l2_entry_i))
  logic [5:0]  shift;
  logic [55:0] below;
  assign shift = (l2_entry_i.s2_shift != 6'd0 && l2_entry_i.s2_shift < l2_entry_i.s1_shift) ? l2_entry_i.s2_shift : l2_entry_i.s1_shift;
  assign below = (56'd1 << shift) - 56'd1;
  `PROVE(l2_address, "an answer of the L2 is its page with the rest of the address",
         !from_l2 || (status == mmu_pkg::StatusOk && (pa & below) == (l2_va_i[55:0] & below) &&
                      (pa & ~below) == ({l2_entry_i.ppn, 12'd0} & ~below)))
  `COVER(l2_waits, "a hit of the L2 waits for a walk", l2_valid_i && walk_valid_i && !l2_ready)
  `COVER(speculative, "a hit of the L2 is answered and fills nothing", from_l2 && !fills)
  `COVER(large, "a hit of a page of 1 GiB", from_l2 && shift == 6'd30)
endmodule
