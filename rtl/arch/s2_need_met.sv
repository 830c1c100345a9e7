// SPDX-License-Identifier: Apache-2.0
// The permission rule of stage 2, as need_met.sv is that of stage 1: may a question that needs
// `need_i` use a mapping with these rights, attributes and dirty state? Combinational.
module s2_need_met (
  input  mmu_pkg::s2_rights_t rights_i,
  input  logic [3:0]          attrs_i,
  input  logic                dirty_i,
  input  mmu_pkg::s2_need_t   need_i,
  output logic                permitted_o,  // dirty state not asked
  output logic                met_o         // and dirty if it must be
);

  logic has_all;
  logic has_any;
  logic device;

  assign has_all = (need_i.all & ~rights_i) == 4'd0;
  assign has_any = need_i.any == 4'd0 || (need_i.any & rights_i) != 4'd0;
  assign device = attrs_i[3:2] == 2'd0;

  assign permitted_o = has_all && has_any && !(need_i.no_device && device);
  assign met_o = permitted_o && (dirty_i || !need_i.dirty);

  // The rest of the memory type is no permission; whose pages may be executed is for the answer.
  logic unused_bits;
  assign unused_bits = &{1'b0, attrs_i[1:0], need_i};

endmodule
