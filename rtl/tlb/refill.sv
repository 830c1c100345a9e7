// SPDX-License-Identifier: Apache-2.0
// Where answers from below the L1s meet: finished walks and hits in the L2. One a cycle goes to the
// miss lane of its port and, with a translation, into the L1 of that port; a walk's also goes into
// the L2. A walk comes first; a hit in the L2 waits in the L2 for its turn. Combinational.
module refill (
  input  logic               quiet_i,        // the L1s are being swept: nothing may be filled
  // from the walker, which is quiet by itself then
  input  logic               walk_valid_i,
  input  logic               walk_port_i,    // 0 fetch, 1 data
  input  logic [7:0]         walk_tag_i,
  input  logic [1:0]         walk_status_i,
  input  logic [55:0]        walk_pa_i,
  input  logic               walk_fill_i,    // with walk_entry_i
  input  mmu_pkg::entry_t    walk_entry_i,
  // from the L2
  input  logic               l2_valid_i,
  output logic               l2_ready_o,
  input  logic               l2_port_i,
  input  logic [7:0]         l2_tag_i,
  input  logic [63:0]        l2_va_i,
  input  mmu_pkg::entry_t    l2_entry_i,
  input  logic               l2_fill_i,      // not for a speculative request
  // miss lanes
  output logic               f_miss_valid_o,
  output logic               d_miss_valid_o,
  output logic               miss_l2_o,      // answered by the L2
  output logic [7:0]         miss_tag_o,
  output logic [1:0]         miss_status_o,
  output logic [55:0]        miss_pa_o,
  output logic [5:0]         miss_s1_shift_o,
  output logic [5:0]         miss_s2_shift_o,
  output logic [7:0]         miss_attrs_o,
  output logic [3:0]         miss_s2_attrs_o,
  // into the TLBs
  output logic               f_fill_o,
  output logic               d_fill_o,
  output logic               l2_fill_o,
  output mmu_pkg::entry_t    fill_entry_o
);

  logic       valid, port, fill;
  assign l2_ready_o   = !walk_valid_i && !quiet_i;
  assign miss_l2_o    = l2_valid_i && l2_ready_o;
  assign valid        = walk_valid_i || miss_l2_o;
  assign port         = walk_valid_i ? walk_port_i : l2_port_i;
  assign fill         = walk_valid_i ? walk_fill_i : miss_l2_o && l2_fill_i;
  assign fill_entry_o = walk_valid_i ? walk_entry_i : l2_entry_i;

  assign f_miss_valid_o = valid && !port;
  assign d_miss_valid_o = valid && port;
  assign f_fill_o       = fill && !port;
  assign d_fill_o       = fill && port;
  assign l2_fill_o      = walk_valid_i && walk_fill_i;

  // The address below the entry's page is the request's own.
  logic [5:0]  shift;
  logic [43:0] below;
  logic [55:0] l2_pa;
  assign shift = mmu_pkg::page_shift(l2_entry_i.s1_shift, l2_entry_i.s2_shift);
  assign below = (44'd1 << (shift - 6'd12)) - 44'd1;
  assign l2_pa = {(l2_entry_i.ppn & ~below) | (l2_va_i[55:12] & below), l2_va_i[11:0]};

  assign miss_tag_o      = walk_valid_i ? walk_tag_i : l2_tag_i;
  assign miss_status_o   = walk_valid_i ? walk_status_i : mmu_pkg::StatusOk;
  assign miss_pa_o       = walk_valid_i ? walk_pa_i : l2_pa;
  assign miss_s1_shift_o = fill_entry_o.s1_shift;
  assign miss_s2_shift_o = fill_entry_o.s2_shift;
  assign miss_attrs_o    = fill_entry_o.attrs;
  assign miss_s2_attrs_o = fill_entry_o.s2_attrs;

  logic unused_va;
  assign unused_va = &{1'b0, l2_va_i[63:56]};

endmodule
