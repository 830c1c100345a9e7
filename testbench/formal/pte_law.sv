// SPDX-License-Identifier: Apache-2.0
// One descriptor's verdict, of each architecture: what it may ask to be written, and what it may grant.
`include "formal.svh"

module pte_law #(
  parameter logic [1:0] Arch = 2'd0
) (
  input logic             clk_i,
  input logic [63:0]      pte_i,
  input logic [2:0]       level_i,
  input logic [3:0]       index_i,
  input logic             upper_i,
  input logic             global_i,
  input mmu_pkg::rights_t rights_i,
  input mmu_pkg::access_t access_i,
  input mmu_pkg::ctx_t    ctx_i
);
  `FORMAL_RESET

  mmu_pkg::step_t step;
  mmu_pkg::need_t need;
  logic [63:0]    may_set, may_clear;  // accessed and dirty, as the architecture encodes them
  if (Arch == mmu_pkg::ArchX86) begin : g_x86
    x86_need u_need (.access_i, .ctx_i, .need_o (need));
    x86_pte dut (.pte_i, .level_i, .rights_i, .need_i (need), .ctx_i, .step_o (step));
    assign may_set   = 64'h60;
    assign may_clear = 64'h0;
  end else if (Arch == mmu_pkg::ArchArm) begin : g_arm
    arm_need u_need (.access_i, .ctx_i, .need_o (need));
    arm_pte dut (.pte_i, .level_i, .index_i, .upper_i, .rights_i, .need_i (need), .ctx_i, .step_o (step));
    assign may_set   = 64'h400;
    assign may_clear = pte_i[51] ? 64'h80 : 64'h0;  // AP[2], of a descriptor with DBM
  end else begin : g_riscv
    rv_need u_need (.access_i, .ctx_i, .need_o (need));
    rv_pte dut (.pte_i, .level_i, .global_i, .rights_i, .need_i (need), .ctx_i, .step_o (step));
    assign may_set   = 64'hc0;
    assign may_clear = 64'h0;
  end

  // The written descriptor, judged once more.
  mmu_pkg::step_t again;
  if (Arch == mmu_pkg::ArchX86) begin : g_x86_again
    x86_pte second (.pte_i (step.new_pte), .level_i, .rights_i, .need_i (need), .ctx_i, .step_o (again));
  end else if (Arch == mmu_pkg::ArchArm) begin : g_arm_again
    arm_pte second (.pte_i (step.new_pte), .level_i, .index_i, .upper_i, .rights_i, .need_i (need), .ctx_i, .step_o (again));
  end else begin : g_riscv_again
    rv_pte second (.pte_i (step.new_pte), .level_i, .global_i, .rights_i, .need_i (need), .ctx_i, .step_o (again));
  end

  logic permitted, met, unused_key;
  need_met u_met (
    .rights_i (step.rights), .attrs_i (step.attrs), .dirty_i (step.dirty), .need_i (need), .key_refused_o (unused_key),
    .permitted_o (permitted), .met_o (met)
  );
  logic leaf, fault, update;
  assign leaf   = step.kind == mmu_pkg::StepLeaf;
  assign fault  = step.kind == mmu_pkg::StepFault;
  assign update = step.update;

  `PROVE(sets_ad, "the new descriptor sets nothing but accessed and dirty", (step.new_pte & ~pte_i & ~may_set) == '0)
  `PROVE(clears_ad, "and clears nothing but what means clean", (pte_i & ~step.new_pte & ~may_clear) == '0)
  `PROVE(update_changes, "an update changes the descriptor", !update || step.new_pte != pte_i)
  `PROVE(update_valid, "and is of a valid one", !update || pte_i[0])
  `PROVE(fault_is_pure, "a descriptor that faults is not updated", !(fault && update))
  `PROVE(fault_cause, "a fault has a cause, and nothing else has", fault == (step.cause != mmu_pkg::CauseNone))
  `PROVE(leaf_serves, "a leaf, once updated, serves the access", !leaf || (permitted && met))
  `PROVE(settles, "a descriptor that was updated needs no other update",
         !update || (!again.update && again.kind == step.kind && again.next == step.next &&
                     again.rights == step.rights && again.dirty == step.dirty))
  `PROVE(narrows, "a table never adds to the rights gathered above it",
         step.kind != mmu_pkg::StepTable || (step.rights & ~rights_i & ~7'h08) == '0)
  logic [5:0] plain_shift;
  logic       grouped;  // marked as one of 16 that make one page
  assign plain_shift = 6'd12 + 6'd9 * {3'd0, level_i};
  assign grouped     = (Arch == mmu_pkg::ArchArm && pte_i[52]) ||
                       (Arch == mmu_pkg::ArchRiscv && pte_i[63] && level_i == 3'd0);
  `PROVE(page_size, "a leaf is a page of the size of its height or of 16 of them where it is marked so",
         !leaf || step.page_shift == plain_shift || (grouped && step.page_shift == plain_shift + 6'd4))
  `PROVE(page_base, "aligned to its size", !leaf || (step.next & ((56'd1 << step.page_shift) - 56'd1)) == '0)
  `PROVE(within_width, "no address leads beyond the physical width, where that is stage 1's to judge",
         fault || (step.next >> ctx_i.pa_width) == '0 || (Arch == mmu_pkg::ArchRiscv && ctx_i.s2_mode == mmu_pkg::S2Riscv))
  `ASSUME(a_height, "heights are 0 to 4", level_i <= 3'd4)
  `COVER(a_update, "accessed is set alone", update && !need.dirty)
  `COVER(ad_update, "accessed and dirty are set at once",
         update && leaf && $countones(pte_i ^ step.new_pte) == 2)
  `COVER(large_leaf, "a leaf of 1 GiB", leaf && level_i == 3'd2)
  `COVER(group, "a leaf of 16 pages, or of 2 MiB on x86",
         leaf && (Arch == mmu_pkg::ArchX86 ? level_i == 3'd1 : step.page_shift == plain_shift + 6'd4))
  `COVER(table, "a table", step.kind == mmu_pkg::StepTable)
endmodule
