// SPDX-License-Identifier: Apache-2.0
// x86-64: what a sound leaf says to the access: the protection key, then the other rights,
// then A and D, which the processor always sets itself. SDM vol. 3, "Access Rights",
// "Protection Keys", "Accessed and Dirty Flags". The page-fault error code sets PK whenever
// the key refuses, whatever else does, so the key comes first. Combinational.
module x86_rules (
  input  mmu_pkg::rights_t rights_i,   // gathered over all levels, this leaf included
  input  logic [7:0]       attrs_i,
  input  logic             accessed_i,
  input  logic             dirty_i,
  input  mmu_pkg::need_t   need_i,
  output mmu_pkg::cause_e  cause_o,
  output logic             set_a_o,
  output logic             set_d_o
);

  logic key_refused;
  logic permitted;
  logic unused_met;

  need_met u_need_met (
    .rights_i,
    .attrs_i,
    .dirty_i,
    .s2_rights_i   (4'hf),
    .need_i,
    .key_refused_o (key_refused),
    .permitted_o   (permitted),
    .met_o         (unused_met)
  );

  always_comb begin
    set_a_o = !accessed_i;
    set_d_o = need_i.dirty && !dirty_i;
    if (key_refused)     cause_o = mmu_pkg::CausePkey;
    else if (!permitted) cause_o = mmu_pkg::CausePermission;
    else                 cause_o = mmu_pkg::CauseNone;
  end

endmodule
