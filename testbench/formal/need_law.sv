// SPDX-License-Identifier: Apache-2.0
// The permission rule: what is taken away can only refuse, and what is not asked for cannot.
`include "formal.svh"

module need_law (
  input logic             clk_i,
  input mmu_pkg::rights_t rights_i,
  input mmu_pkg::rights_t more_i,
  input logic [7:0]       attrs_i,
  input logic             dirty_i,
  input mmu_pkg::need_t   need_i,
  input mmu_pkg::need_t   less_i
);
  `FORMAL_RESET

  logic permitted, met, permitted_more, met_dirty, permitted_less, key_refused;
  logic unused_a, unused_b, unused_c, unused_d, unused_e;
  need_met dut (
    .rights_i, .attrs_i, .dirty_i, .need_i, .key_refused_o (key_refused), .permitted_o (permitted), .met_o (met)
  );
  need_met more (  // the same page with more rights, of the same owner
    .rights_i ({rights_i.user, rights_i[5:0] | more_i[5:0]}), .attrs_i, .dirty_i, .need_i,
    .key_refused_o (unused_a), .permitted_o (permitted_more), .met_o (unused_b)
  );
  need_met clean (
    .rights_i, .attrs_i, .dirty_i (1'b1), .need_i, .key_refused_o (unused_c), .permitted_o (unused_d), .met_o (met_dirty)
  );
  // An access that needs less: fewer rights of all, no choice among them, no write.
  mmu_pkg::need_t less;
  always_comb begin
    less           = need_i;
    less.all       = need_i.all & less_i.all;
    less.key_deny  = need_i.key_deny & less_i.key_deny;
    less.deny_user = need_i.deny_user && less_i.deny_user;
    less.dirty     = need_i.dirty && less_i.dirty;
  end
  logic met_less;
  need_met fewer (
    .rights_i, .attrs_i, .dirty_i, .need_i (less), .key_refused_o (unused_e), .permitted_o (permitted_less), .met_o (met_less)
  );
  logic unused_permitted;
  assign unused_permitted = permitted_less;

  `PROVE(more_rights, "more rights never refuse an access", !permitted || permitted_more)
  `PROVE(less_need, "an access that needs less is never refused where one that needs more is not", !met || met_less)
  `PROVE(dirty_helps, "a dirty entry serves all that a clean one does", !met || met_dirty)
  `PROVE(met_permitted, "what may be answered is permitted", !met || permitted)
  `PROVE(a_write, "a write is answered by a dirty entry only", !(met && need_i.dirty) || dirty_i)
  `PROVE(all_needed, "what is permitted has all rights that are needed", !permitted || (need_i.all & ~rights_i) == '0)
  `PROVE(key, "a refusing protection key always refuses", !(key_refused && permitted))
  `COVER(a_permitted_write, "a write is answered", met && need_i.dirty)
  `COVER(key_alone, "the key alone refuses", !permitted && key_refused && need_i.all == '0 && need_i.any == '0 && !need_i.deny_user)
endmodule
