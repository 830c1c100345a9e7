// SPDX-License-Identifier: Apache-2.0
// The judges of stage 2 of the architecture Arch, wired to its walker. The including module names the wires.
  if (Arch == mmu_pkg::ArchX86) begin : g_x86_judges
    x86_s2_need u_need (.about_i (about), .access_i (act_access), .ctx_i (act_ctx), .user_page_i (user_page), .need_o (need));
    x86_s2_root u_root (.gpa_i (gpa), .ctx_i (act_ctx), .root_o (root));
    x86_s2_pte u_pte (.pte_i (step_pte), .level_i (step_level), .rights_i (step_rights), .need_i (need), .ctx_i (act_ctx),
      .step_o (step));
  end else if (Arch == mmu_pkg::ArchArm) begin : g_arm_judges
    arm_s2_need u_need (.about_i (about), .access_i (act_access), .ctx_i (act_ctx), .need_o (need));
    arm_s2_root u_root (.gpa_i (gpa), .ctx_i (act_ctx), .root_o (root));
    arm_s2_pte u_pte (.pte_i (step_pte), .level_i (step_level), .need_i (need), .ctx_i (act_ctx), .step_o (step));
  end else begin : g_riscv_judges
    rv_s2_need u_need (.about_i (about), .access_i (act_access), .ctx_i (act_ctx), .need_o (need));
    rv_s2_root u_root (.gpa_i (gpa), .ctx_i (act_ctx), .root_o (root));
    rv_s2_pte u_pte (.pte_i (step_pte), .level_i (step_level), .need_i (need), .ctx_i (act_ctx), .step_o (step));
  end
