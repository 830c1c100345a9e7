// SPDX-License-Identifier: Apache-2.0
// The architecture, as the rest of the MMU sees it: pure functions. This is the only file
// outside the architecture folders that may branch on Arch.
//
//   vpn       the page number that counts, without ignored bits   (one per request port)
//   need      what an access needs of the rights                  (one per request port)
//   root      where the walk of an address starts
//   step      what one descriptor means, judged against the walk's need
//   s2_need, s2_root, s2_step   the same for a question to stage 2
//   syndrome  a fault record as architectural registers
//   inval     an architectural invalidation as the internal command
//
// All combinational; no port depends on a clock.
module arch_sel #(
  parameter logic [1:0] Arch = 2'd0  // mmu_pkg::arch_e
) (
  // vpn and need, fetch and data port
  input  logic [63:0]          f_va_i,
  input  mmu_pkg::access_t     f_need_access_i,
  input  mmu_pkg::ctx_t        f_need_ctx_i,
  output logic [51:0]          f_vpn_o,
  output mmu_pkg::need_t       f_need_o,
  input  logic [63:0]          d_va_i,
  input  mmu_pkg::access_t     d_need_access_i,
  input  mmu_pkg::ctx_t        d_need_ctx_i,
  output logic [51:0]          d_vpn_o,
  output mmu_pkg::need_t       d_need_o,
  // root
  input  logic [63:0]          root_va_i,
  input  mmu_pkg::access_t     root_access_i,
  input  mmu_pkg::ctx_t        root_ctx_i,
  output mmu_pkg::root_t       root_o,
  // step (stage 1)
  input  logic [63:0]          step_pte_i,
  input  logic [2:0]           step_level_i,
  input  logic [3:0]           step_index_i,   // low bits of the descriptor's index in its table
  input  logic                 step_upper_i,   // root_t.upper of this walk
  input  mmu_pkg::rights_t     step_rights_i,  // gathered above; all ones at the root
  input  logic                 step_global_i,
  input  mmu_pkg::need_t       step_need_i,
  input  mmu_pkg::access_t     step_access_i,
  input  mmu_pkg::ctx_t        step_ctx_i,
  output mmu_pkg::step_t       step_o,
  // stage 2: the question, where its walk starts, what one of its descriptors means
  input  logic [1:0]           s2_about_i,     // mmu_pkg::about_e
  input  mmu_pkg::access_t     s2_access_i,
  input  mmu_pkg::ctx_t        s2_ctx_i,
  input  logic                 s2_user_page_i, // stage 1 makes it a user page
  output mmu_pkg::s2_need_t    s2_need_o,
  input  logic [63:0]          s2_gpa_i,
  output mmu_pkg::root_t       s2_root_o,
  input  logic [63:0]          s2_pte_i,
  input  logic [2:0]           s2_level_i,
  input  mmu_pkg::s2_rights_t  s2_rights_i,    // gathered above; all ones at the root
  output mmu_pkg::s2_step_t    s2_step_o,
  // syndrome: at most one answer a cycle is a fault
  input  mmu_pkg::fault_t      fault_i,
  input  mmu_pkg::ctx_t        fault_ctx_i,
  output mmu_pkg::syndrome_t   syndrome_o,
  // invalidation
  input  mmu_pkg::inval_op_t   inval_op_i,
  output mmu_pkg::inval_t      inval_o
);

  // A look-up's need is that of both stages; who may execute is in the entry as it counts there.
  mmu_pkg::need_t    f_need, d_need;
  mmu_pkg::s2_need_t f_s2_need, d_s2_need;
  always_comb begin
    f_need_o = f_need;
    f_need_o.s2_all = f_s2_need.all;
    f_need_o.s2_any = f_s2_need.any;
    d_need_o = d_need;
    d_need_o.s2_all = d_s2_need.all;
    d_need_o.s2_any = d_s2_need.any;
  end

  if (Arch == mmu_pkg::ArchX86) begin : g_x86
    assign f_vpn_o = f_va_i[63:12];
    assign d_vpn_o = d_va_i[63:12];
    x86_need u_f_need (
      .access_i (f_need_access_i),
      .ctx_i    (f_need_ctx_i),
      .need_o   (f_need)
    );
    x86_s2_need u_f_s2_need (
      .about_i     (mmu_pkg::AboutFinal),
      .access_i    (f_need_access_i),
      .ctx_i       (f_need_ctx_i),
      .user_page_i (1'b0),
      .need_o      (f_s2_need)
    );
    x86_need u_d_need (
      .access_i (d_need_access_i),
      .ctx_i    (d_need_ctx_i),
      .need_o   (d_need)
    );
    x86_s2_need u_d_s2_need (
      .about_i     (mmu_pkg::AboutFinal),
      .access_i    (d_need_access_i),
      .ctx_i       (d_need_ctx_i),
      .user_page_i (1'b0),
      .need_o      (d_s2_need)
    );
    x86_root u_root (
      .va_i   (root_va_i),
      .ctx_i  (root_ctx_i),
      .root_o (root_o)
    );
    x86_pte u_pte (
      .pte_i    (step_pte_i),
      .level_i  (step_level_i),
      .rights_i (step_rights_i),
      .need_i   (step_need_i),
      .ctx_i    (step_ctx_i),
      .step_o   (step_o)
    );
    x86_s2_need u_s2_need (
      .about_i     (s2_about_i),
      .access_i    (s2_access_i),
      .ctx_i       (s2_ctx_i),
      .user_page_i (s2_user_page_i),
      .need_o      (s2_need_o)
    );
    x86_s2_root u_s2_root (
      .gpa_i  (s2_gpa_i),
      .ctx_i  (s2_ctx_i),
      .root_o (s2_root_o)
    );
    x86_s2_pte u_s2_pte (
      .pte_i    (s2_pte_i),
      .level_i  (s2_level_i),
      .rights_i (s2_rights_i),
      .need_i   (s2_need_o),
      .ctx_i    (s2_ctx_i),
      .step_o   (s2_step_o)
    );
    x86_syndrome u_syndrome (
      .fault_i    (fault_i),
      .ctx_i      (fault_ctx_i),
      .syndrome_o (syndrome_o)
    );
    x86_inval u_inval (
      .op_i    (inval_op_i),
      .inval_o (inval_o)
    );
  end else if (Arch == mmu_pkg::ArchArm) begin : g_arm
    arm_address u_f_address (
      .va_i     (f_va_i),
      .access_i (f_need_access_i),
      .ctx_i    (f_need_ctx_i),
      .vpn_o    (f_vpn_o)
    );
    arm_address u_d_address (
      .va_i     (d_va_i),
      .access_i (d_need_access_i),
      .ctx_i    (d_need_ctx_i),
      .vpn_o    (d_vpn_o)
    );
    arm_need u_f_need (
      .access_i (f_need_access_i),
      .ctx_i    (f_need_ctx_i),
      .need_o   (f_need)
    );
    arm_s2_need u_f_s2_need (
      .about_i     (mmu_pkg::AboutFinal),
      .access_i    (f_need_access_i),
      .ctx_i       (f_need_ctx_i),
      .need_o      (f_s2_need)
    );
    arm_need u_d_need (
      .access_i (d_need_access_i),
      .ctx_i    (d_need_ctx_i),
      .need_o   (d_need)
    );
    arm_s2_need u_d_s2_need (
      .about_i     (mmu_pkg::AboutFinal),
      .access_i    (d_need_access_i),
      .ctx_i       (d_need_ctx_i),
      .need_o      (d_s2_need)
    );
    arm_root u_root (
      .va_i     (root_va_i),
      .access_i (root_access_i),
      .ctx_i    (root_ctx_i),
      .root_o   (root_o)
    );
    arm_pte u_pte (
      .pte_i    (step_pte_i),
      .level_i  (step_level_i),
      .index_i  (step_index_i),
      .upper_i  (step_upper_i),
      .rights_i (step_rights_i),
      .need_i   (step_need_i),
      .ctx_i    (step_ctx_i),
      .step_o   (step_o)
    );
    arm_s2_need u_s2_need (
      .about_i     (s2_about_i),
      .access_i    (s2_access_i),
      .ctx_i       (s2_ctx_i),
      .need_o      (s2_need_o)
    );
    arm_s2_root u_s2_root (
      .gpa_i  (s2_gpa_i),
      .ctx_i  (s2_ctx_i),
      .root_o (s2_root_o)
    );
    arm_s2_pte u_s2_pte (
      .pte_i    (s2_pte_i),
      .level_i  (s2_level_i),
      .need_i   (s2_need_o),
      .ctx_i    (s2_ctx_i),
      .step_o   (s2_step_o)
    );
    arm_syndrome u_syndrome (
      .fault_i    (fault_i),
      .ctx_i      (fault_ctx_i),
      .syndrome_o (syndrome_o)
    );
    arm_inval u_inval (
      .op_i    (inval_op_i),
      .inval_o (inval_o)
    );
  end else begin : g_riscv
    assign f_vpn_o = f_va_i[63:12];
    assign d_vpn_o = d_va_i[63:12];
    rv_need u_f_need (
      .access_i (f_need_access_i),
      .ctx_i    (f_need_ctx_i),
      .need_o   (f_need)
    );
    rv_s2_need u_f_s2_need (
      .about_i     (mmu_pkg::AboutFinal),
      .access_i    (f_need_access_i),
      .ctx_i       (f_need_ctx_i),
      .need_o      (f_s2_need)
    );
    rv_need u_d_need (
      .access_i (d_need_access_i),
      .ctx_i    (d_need_ctx_i),
      .need_o   (d_need)
    );
    rv_s2_need u_d_s2_need (
      .about_i     (mmu_pkg::AboutFinal),
      .access_i    (d_need_access_i),
      .ctx_i       (d_need_ctx_i),
      .need_o      (d_s2_need)
    );
    rv_root u_root (
      .va_i   (root_va_i),
      .ctx_i  (root_ctx_i),
      .root_o (root_o)
    );
    rv_pte u_pte (
      .pte_i    (step_pte_i),
      .level_i  (step_level_i),
      .global_i (step_global_i),
      .rights_i (step_rights_i),
      .need_i   (step_need_i),
      .ctx_i    (step_ctx_i),
      .step_o   (step_o)
    );
    rv_s2_need u_s2_need (
      .about_i     (s2_about_i),
      .access_i    (s2_access_i),
      .ctx_i       (s2_ctx_i),
      .need_o      (s2_need_o)
    );
    rv_s2_root u_s2_root (
      .gpa_i  (s2_gpa_i),
      .ctx_i  (s2_ctx_i),
      .root_o (s2_root_o)
    );
    rv_s2_pte u_s2_pte (
      .pte_i    (s2_pte_i),
      .level_i  (s2_level_i),
      .need_i   (s2_need_o),
      .ctx_i    (s2_ctx_i),
      .step_o   (s2_step_o)
    );
    rv_syndrome u_syndrome (
      .fault_i    (fault_i),
      .ctx_i      (fault_ctx_i),
      .syndrome_o (syndrome_o)
    );
    rv_inval u_inval (
      .op_i    (inval_op_i),
      .inval_o (inval_o)
    );
  end

  // What an architecture does not ask for.
  logic unused_inputs;
  assign unused_inputs = ^{f_va_i, d_va_i, root_access_i, step_access_i, step_index_i,
                           step_upper_i, step_rights_i, step_global_i, s2_user_page_i,
                           s2_rights_i, f_s2_need, d_s2_need};

endmodule
