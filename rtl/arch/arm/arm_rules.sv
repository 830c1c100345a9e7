// SPDX-License-Identifier: Apache-2.0
// Armv8-A: what a sound leaf says to the access: Access flag, then permission, then the
// hardware update of Access flag and dirty state. Arm ARM, VMSAv8-64 "Prioritization of
// synchronous aborts from a single stage of address translation", "Hardware management of the
// Access flag and dirty state" (FEAT_HAFDBS). Combinational.
module arm_rules (
  input  mmu_pkg::rights_t rights_i,   // with DBM, HD, hierarchy and WXN folded in
  input  logic             af_i,
  input  logic             dirty_i,    // AP[2] = 0, or not of DBM's making
  input  mmu_pkg::need_t   need_i,
  input  logic             hw_a_i,
  output mmu_pkg::cause_e  cause_o,
  output logic             set_a_o,
  output logic             set_d_o
);

  logic permitted;
  logic unused_key;
  logic unused_met;

  need_met u_need_met (
    .rights_i,
    .attrs_i       (8'd0),
    .dirty_i,
    .s2_rights_i   (4'hf),
    .need_i,
    .key_refused_o (unused_key),
    .permitted_o   (permitted),
    .met_o         (unused_met)
  );

  always_comb begin
    set_a_o = !af_i;
    set_d_o = need_i.dirty && !dirty_i;
    if (!af_i && !hw_a_i) cause_o = mmu_pkg::CauseAccessFlag;
    else if (!permitted)  cause_o = mmu_pkg::CausePermission;
    else                  cause_o = mmu_pkg::CauseNone;
  end

endmodule
