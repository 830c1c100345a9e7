// SPDX-License-Identifier: Apache-2.0
// The one permission rule: may an access that needs `need_i` use a mapping with these rights,
// attributes and dirty state? And, where stage 2 has a say, with these rights of stage 2? The TLBs
// ask it for a hit, the descriptor judges for a walk, so that the fast path has no copy of the
// rules (rule R3). What the need says is the architecture's business (*_need.sv). Combinational.
module need_met (
  input  mmu_pkg::rights_t rights_i,
  input  logic [7:0]       attrs_i,
  input  logic             dirty_i,
  input  mmu_pkg::s2_rights_t s2_rights_i, // all ones where only stage 1 is judged
  input  mmu_pkg::need_t   need_i,
  output logic             key_refused_o,  // refused by its protection key, whatever else holds
  output logic             permitted_o,    // by the rights and the key; dirty state not asked
  output logic             met_o           // permitted, and dirty if it must be: a TLB may answer
);

  logic has_all;
  logic has_any;
  logic user_refused;
  logic s2_refused;

  assign has_all = (need_i.all & ~rights_i) == 7'd0;
  assign has_any = need_i.any == 7'd0 || (need_i.any & rights_i) != 7'd0;
  assign user_refused = need_i.deny_user && rights_i.user;
  assign key_refused_o = rights_i.user && need_i.key_deny[attrs_i[7:4]];

  assign s2_refused = (need_i.s2_all & ~s2_rights_i) != 4'd0 ||
                      (need_i.s2_any != 4'd0 && (need_i.s2_any & s2_rights_i) == 4'd0);

  assign permitted_o = has_all && has_any && !user_refused && !key_refused_o && !s2_refused;
  assign met_o = permitted_o && (dirty_i || !need_i.dirty);

  // The memory type is not a permission.
  logic unused_attrs;
  assign unused_attrs = ^attrs_i[3:0];

endmodule
