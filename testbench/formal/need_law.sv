// SPDX-License-Identifier: Apache-2.0
// The permission rule: what is taken away can only refuse, and what is not asked for cannot.
`include "formal.svh"

module need_law (
  input logic             clk_i,
  input mmu_pkg::rights_t rights_i,
  input mmu_pkg::rights_t more_i,
  input logic [7:0]       attrs_i,
  input logic             dirty_i,
  input mmu_pkg::s2_rights_t s2_rights_i,
  input mmu_pkg::s2_rights_t s2_more_i,
  input mmu_pkg::need_t   need_i,
  input mmu_pkg::s2_need_t s2_need_i,
  input mmu_pkg::s2_need_t s2_less_i,
  input mmu_pkg::need_t   less_i
);
  `FORMAL_RESET

  logic permitted, met, permitted_more, met_dirty, permitted_less, key_refused;
  logic unused_a, unused_b, unused_c, unused_d, unused_e;
  need_met dut (
    .rights_i, .attrs_i, .dirty_i, .s2_rights_i, .need_i, .key_refused_o (key_refused), .permitted_o (permitted), .met_o (met)
  );
  need_met more (  // the same page with more rights, of the same owner
    .rights_i ({rights_i.user, rights_i[5:0] | more_i[5:0]}), .attrs_i, .dirty_i,
    .s2_rights_i (s2_rights_i | s2_more_i), .need_i, .key_refused_o (unused_a), .permitted_o (permitted_more), .met_o (unused_b)
  );
  need_met clean (
    .rights_i, .attrs_i, .dirty_i (1'b1), .s2_rights_i, .need_i, .key_refused_o (unused_c), .permitted_o (unused_d), .met_o (met_dirty)
  );
  // An access that needs less: fewer rights of all, no choice among them, no write.
  mmu_pkg::need_t less;
  always_comb begin
    less           = need_i;
    less.all       = need_i.all & less_i.all;
    less.key_deny  = need_i.key_deny & less_i.key_deny;
    less.deny_user = need_i.deny_user && less_i.deny_user;
    less.s2_all    = need_i.s2_all & less_i.s2_all;
    less.dirty     = need_i.dirty && less_i.dirty;
  end
  logic met_less;
  need_met fewer (
    .rights_i, .attrs_i, .dirty_i, .s2_rights_i, .need_i (less), .key_refused_o (unused_e), .permitted_o (permitted_less), .met_o (met_less)
  );
  logic unused_permitted;
  assign unused_permitted = permitted_less;

  `PROVE(more_rights, "more rights never refuse an access", !permitted || permitted_more)
  `PROVE(less_need, "an access that needs less is never refused where one that needs more is not", !met || met_less)
  `PROVE(dirty_helps, "a dirty entry serves all that a clean one does", !met || met_dirty)
  `PROVE(met_permitted, "what may be answered is permitted", !met || permitted)
  `PROVE(a_write, "a write is answered by a dirty entry only", !(met && need_i.dirty) || dirty_i)
  `PROVE(all_needed, "what is permitted has all rights that are needed", !permitted || (need_i.all & ~rights_i) == '0)
  `PROVE(all_of_stage2, "and all of stage 2's", !permitted || (need_i.s2_all & ~s2_rights_i) == '0)
  `PROVE(any_of_stage2, "and one of those of which one will do",
         !permitted || need_i.s2_any == '0 || (need_i.s2_any & s2_rights_i) != '0)
  `PROVE(key, "a refusing protection key always refuses", !(key_refused && permitted))
  // The same of a question to stage 2.
  logic s2_permitted, s2_met, s2_permitted_more, s2_met_less, s2_met_dirty, unused_f, unused_g, unused_h;
  s2_need_met s2_dut (
    .rights_i (s2_rights_i), .attrs_i (attrs_i[3:0]), .dirty_i, .need_i (s2_need_i), .permitted_o (s2_permitted), .met_o (s2_met)
  );
  s2_need_met s2_more (
    .rights_i (s2_rights_i | s2_more_i), .attrs_i (attrs_i[3:0]), .dirty_i, .need_i (s2_need_i),
    .permitted_o (s2_permitted_more), .met_o (unused_f)
  );
  mmu_pkg::s2_need_t s2_fewer_need;
  always_comb begin
    s2_fewer_need           = s2_need_i;
    s2_fewer_need.all       = s2_need_i.all & s2_less_i.all;
    s2_fewer_need.dirty     = s2_need_i.dirty && s2_less_i.dirty;
    s2_fewer_need.no_device = s2_need_i.no_device && s2_less_i.no_device;
  end
  s2_need_met s2_fewer (
    .rights_i (s2_rights_i), .attrs_i (attrs_i[3:0]), .dirty_i, .need_i (s2_fewer_need), .permitted_o (unused_g), .met_o (s2_met_less)
  );
  s2_need_met s2_clean (
    .rights_i (s2_rights_i), .attrs_i (attrs_i[3:0]), .dirty_i (1'b1), .need_i (s2_need_i), .permitted_o (unused_h), .met_o (s2_met_dirty)
  );
  `PROVE(s2_more_rights, "in stage 2 more rights never refuse a question", !s2_permitted || s2_permitted_more)
  `PROVE(s2_less_need, "nor does one that needs less fail where one that needs more does not", !s2_met || s2_met_less)
  `PROVE(s2_dirty_helps, "a dirty entry serves all that a clean one does", !s2_met || s2_met_dirty)
  `PROVE(s2_a_write, "a write is answered by a dirty entry only", !(s2_met && s2_need_i.dirty) || (s2_permitted && dirty_i))
  `PROVE(s2_device, "and no table is found in Device memory where that is refused",
         !(s2_met && s2_need_i.no_device) || attrs_i[3:2] != '0)
  `COVER(s2_device_alone, "Device memory alone refuses", !s2_permitted && s2_need_i.all == '0 && s2_need_i.any == '0)
  `COVER(a_permitted_write, "a write is answered", met && need_i.dirty)
  `COVER(key_alone, "the key alone refuses", !permitted && key_refused && need_i.all == '0 && need_i.any == '0 && !need_i.deny_user &&
         need_i.s2_all == '0 && need_i.s2_any == '0)
  `COVER(stage2_alone, "stage 2 alone refuses", !permitted && need_i.all == '0 && need_i.any == '0 && !need_i.deny_user &&
         need_i.key_deny == '0)
endmodule
