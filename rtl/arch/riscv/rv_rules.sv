// SPDX-License-Identifier: Apache-2.0
// RISC-V: what a leaf whose encoding is sound says to the access: permission first, then A and
// D, each set by the hardware (Svadu) or left to software by a fault (Svade).
// Privileged spec, "Virtual Address Translation Process", steps 7 to 9. Combinational.
module rv_rules (
  input  mmu_pkg::rights_t rights_i,
  input  logic             accessed_i,
  input  logic             dirty_i,
  input  mmu_pkg::need_t   need_i,
  input  logic             hw_a_i,
  input  logic             hw_d_i,
  output mmu_pkg::cause_e  cause_o,   // CauseNone: allowed, once A and D are as told
  output logic             set_a_o,
  output logic             set_d_o
);

  logic permitted;
  logic unused_met;
  logic unused_key;

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
    set_a_o = !accessed_i;
    set_d_o = need_i.dirty && !dirty_i;
    if (!permitted) begin
      cause_o = mmu_pkg::CausePermission;
    end else if (set_a_o && !hw_a_i) begin
      cause_o = mmu_pkg::CauseAccessFlag;
    end else if (set_d_o && !hw_d_i) begin
      cause_o = mmu_pkg::CauseDirtyFlag;
    end else begin
      cause_o = mmu_pkg::CauseNone;
    end
  end

endmodule
