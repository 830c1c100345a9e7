// SPDX-License-Identifier: Apache-2.0
// The MMU with flat pins of at most 64 bits, one field each: the boundary that the C side drives
// (testbench/shim.cpp) and the top that formal and synthesis read. Wires only. Every output is a
// function of registers. The prefixes f_ and d_ are the fetch and the data port.
module mmu_pins #(
  parameter int unsigned Arch       = 0,   // mmu_pkg::arch_e
  parameter int unsigned L1IEntries = 64,
  parameter int unsigned L1DEntries = 64,
  parameter int unsigned PwcEntries = 16,
  parameter int unsigned Walks      = 2,
  parameter int unsigned MissQueue  = 4
) (
  input  logic         clk_i,
  // Assertions sample the asynchronous reset to be off in reset.
  /* verilator lint_off SYNCASYNCNET */
  input  logic         rst_ni,
  /* verilator lint_on SYNCASYNCNET */
  // fetch port: request and its context
  input  logic          f_req_valid_i,
  output logic          f_req_ready_o,
  input  logic [63:0]   f_req_va_i,
  input  logic [7:0]    f_req_tag_i,
  input  logic [1:0]    f_req_kind_i,
  input  logic [2:0]    f_req_size_i,
  input  logic          f_req_implicit_sup_i,
  input  logic          f_req_exec_as_read_i,
  input  logic [1:0]    f_req_op_i,
  input  logic [31:0]   f_req_insn_i,
  input  logic [55:0]   f_ctx_root0_i,
  input  logic [55:0]   f_ctx_root1_i,
  input  logic [55:0]   f_ctx_s2_root_i,
  input  logic [15:0]   f_ctx_asid_i,
  input  logic [15:0]   f_ctx_vmid_i,
  input  logic [3:0]    f_ctx_s1_mode_i,
  input  logic [2:0]    f_ctx_s2_mode_i,
  input  logic [1:0]    f_ctx_regime_i,
  input  logic [1:0]    f_ctx_priv_i,
  input  logic [5:0]    f_ctx_pa_width_i,
  input  logic [5:0]    f_ctx_t0sz_i,
  input  logic [5:0]    f_ctx_t1sz_i,
  input  logic [31:0]   f_ctx_pkru_i,
  input  logic          f_ctx_wp_i,
  input  logic          f_ctx_nxe_i,
  input  logic          f_ctx_smep_i,
  input  logic          f_ctx_smap_i,
  input  logic          f_ctx_ac_i,
  input  logic          f_ctx_pke_i,
  input  logic          f_ctx_page1g_i,
  input  logic          f_ctx_sum_i,
  input  logic          f_ctx_mxr_i,
  input  logic          f_ctx_pbmte_i,
  input  logic          f_ctx_pan_i,
  input  logic          f_ctx_wxn_i,
  input  logic          f_ctx_epd0_i,
  input  logic          f_ctx_epd1_i,
  input  logic          f_ctx_tbi0_i,
  input  logic          f_ctx_tbi1_i,
  input  logic          f_ctx_hpd0_i,
  input  logic          f_ctx_hpd1_i,
  input  logic          f_ctx_s1_hw_a_i,
  input  logic          f_ctx_s1_hw_d_i,
  input  logic          f_ctx_s2_hw_a_i,
  input  logic          f_ctx_s2_hw_d_i,
  // hit lane
  output logic          f_hit_valid_o,
  output logic [7:0]    f_hit_tag_o,
  output logic [55:0]   f_hit_pa_o,
  output logic [5:0]    f_hit_s1_shift_o,
  output logic [5:0]    f_hit_s2_shift_o,
  output logic [7:0]    f_hit_attrs_o,
  output logic [7:0]    f_hit_epoch_o,
  // miss lane
  output logic          f_miss_valid_o,
  output logic [7:0]    f_miss_tag_o,
  output logic [1:0]    f_miss_status_o,
  output logic [55:0]   f_miss_pa_o,
  output logic [5:0]    f_miss_s1_shift_o,
  output logic [5:0]    f_miss_s2_shift_o,
  output logic [7:0]    f_miss_attrs_o,
  output logic [7:0]    f_miss_epoch_o,
  // data port: request and its context
  input  logic          d_req_valid_i,
  output logic          d_req_ready_o,
  input  logic [63:0]   d_req_va_i,
  input  logic [7:0]    d_req_tag_i,
  input  logic [1:0]    d_req_kind_i,
  input  logic [2:0]    d_req_size_i,
  input  logic          d_req_implicit_sup_i,
  input  logic          d_req_exec_as_read_i,
  input  logic [1:0]    d_req_op_i,
  input  logic [31:0]   d_req_insn_i,
  input  logic [55:0]   d_ctx_root0_i,
  input  logic [55:0]   d_ctx_root1_i,
  input  logic [55:0]   d_ctx_s2_root_i,
  input  logic [15:0]   d_ctx_asid_i,
  input  logic [15:0]   d_ctx_vmid_i,
  input  logic [3:0]    d_ctx_s1_mode_i,
  input  logic [2:0]    d_ctx_s2_mode_i,
  input  logic [1:0]    d_ctx_regime_i,
  input  logic [1:0]    d_ctx_priv_i,
  input  logic [5:0]    d_ctx_pa_width_i,
  input  logic [5:0]    d_ctx_t0sz_i,
  input  logic [5:0]    d_ctx_t1sz_i,
  input  logic [31:0]   d_ctx_pkru_i,
  input  logic          d_ctx_wp_i,
  input  logic          d_ctx_nxe_i,
  input  logic          d_ctx_smep_i,
  input  logic          d_ctx_smap_i,
  input  logic          d_ctx_ac_i,
  input  logic          d_ctx_pke_i,
  input  logic          d_ctx_page1g_i,
  input  logic          d_ctx_sum_i,
  input  logic          d_ctx_mxr_i,
  input  logic          d_ctx_pbmte_i,
  input  logic          d_ctx_pan_i,
  input  logic          d_ctx_wxn_i,
  input  logic          d_ctx_epd0_i,
  input  logic          d_ctx_epd1_i,
  input  logic          d_ctx_tbi0_i,
  input  logic          d_ctx_tbi1_i,
  input  logic          d_ctx_hpd0_i,
  input  logic          d_ctx_hpd1_i,
  input  logic          d_ctx_s1_hw_a_i,
  input  logic          d_ctx_s1_hw_d_i,
  input  logic          d_ctx_s2_hw_a_i,
  input  logic          d_ctx_s2_hw_d_i,
  // hit lane
  output logic          d_hit_valid_o,
  output logic [7:0]    d_hit_tag_o,
  output logic [55:0]   d_hit_pa_o,
  output logic [5:0]    d_hit_s1_shift_o,
  output logic [5:0]    d_hit_s2_shift_o,
  output logic [7:0]    d_hit_attrs_o,
  output logic [7:0]    d_hit_epoch_o,
  // miss lane
  output logic          d_miss_valid_o,
  output logic [7:0]    d_miss_tag_o,
  output logic [1:0]    d_miss_status_o,
  output logic [55:0]   d_miss_pa_o,
  output logic [5:0]    d_miss_s1_shift_o,
  output logic [5:0]    d_miss_s2_shift_o,
  output logic [7:0]    d_miss_attrs_o,
  output logic [7:0]    d_miss_epoch_o,
  // what the miss lane that is valid says of a fault
  output logic [3:0]    fault_cause_o,
  output logic          fault_stage2_o,
  output logic [2:0]    fault_s1_level_o,
  output logic [2:0]    fault_s2_level_o,
  output logic          fault_on_walk_o,
  output logic          fault_on_ad_write_o,
  output logic [63:0]   fault_gva_o,
  output logic [55:0]   fault_gpa_o,
  output logic [6:0]    fault_s1_rights_o,
  output logic [2:0]    fault_s2_rights_o,
  output logic          fault_s1_leaf_o,
  output logic [1:0]    fault_mem_error_o,
  // and the registers that the kernel or the hypervisor finds
  output logic          syndrome_to_hyp_o,
  output logic [63:0]   syndrome_reg0_o,
  output logic [63:0]   syndrome_reg1_o,
  output logic [63:0]   syndrome_reg2_o,
  output logic [63:0]   syndrome_reg3_o,
  // invalidation
  input  logic          inval_valid_i,
  output logic          inval_ready_o,
  input  logic [7:0]    inval_op_i,
  input  logic [63:0]   inval_addr_i,
  input  logic [15:0]   inval_asid_i,
  input  logic [15:0]   inval_vmid_i,
  input  logic [1:0]    inval_regime_i,
  input  logic [7:0]    inval_id_i,
  output logic          inval_done_o,
  output logic [7:0]    inval_done_id_o,
  // memory
  output logic          mem_req_valid_o,
  input  logic          mem_req_ready_i,
  output logic          mem_req_cas_o,
  output logic [7:0]    mem_req_id_o,
  output logic [51:0]   mem_req_addr_o,
  output logic [63:0]   mem_req_expected_o,
  output logic [63:0]   mem_req_desired_o,
  input  logic          mem_rsp_valid_i,
  input  logic [7:0]    mem_rsp_id_i,
  input  logic [1:0]    mem_rsp_error_i,
  input  logic          mem_rsp_ok_i,
  input  logic [63:0]   mem_rsp_old_i,
  // debug: whom the memory request serves, and event pulses
  output logic [7:0]    mem_req_tag_o,
  output logic          mem_req_port_o,
  output logic [2:0]    mem_req_level_o,
  output logic [1:0]    mem_req_stage_o,
  output logic          ev_walk_start_o,
  output logic          ev_pwc_hit_o,
  output logic          ev_merge_o,
  output logic          ev_double_hit_o,
  output logic          ev_restart_o,
  output logic          idle_o
);

  mmu_pkg::access_t   f_access, d_access;
  mmu_pkg::ctx_t      f_ctx, d_ctx;
  mmu_pkg::fault_t    fault;
  mmu_pkg::syndrome_t syndrome;
  mmu_pkg::inval_op_t inval_op;

  // In the order of the structures of mmu_pkg.
  assign f_access = {f_req_kind_i, f_req_size_i, f_req_implicit_sup_i, f_req_exec_as_read_i,
                     f_req_op_i, f_req_insn_i};
  assign f_ctx = {f_ctx_regime_i, f_ctx_s1_mode_i, f_ctx_s2_mode_i, f_ctx_priv_i, f_ctx_asid_i,
                  f_ctx_vmid_i, f_ctx_root0_i, f_ctx_root1_i, f_ctx_s2_root_i, f_ctx_pa_width_i,
                  f_ctx_wp_i, f_ctx_nxe_i, f_ctx_smep_i, f_ctx_smap_i, f_ctx_ac_i, f_ctx_pke_i,
                  f_ctx_pkru_i, f_ctx_page1g_i, f_ctx_sum_i, f_ctx_mxr_i, f_ctx_pbmte_i,
                  f_ctx_pan_i, f_ctx_wxn_i, f_ctx_t0sz_i, f_ctx_t1sz_i, f_ctx_epd0_i,
                  f_ctx_epd1_i, f_ctx_tbi0_i, f_ctx_tbi1_i, f_ctx_hpd0_i, f_ctx_hpd1_i,
                  f_ctx_s1_hw_a_i, f_ctx_s1_hw_d_i, f_ctx_s2_hw_a_i, f_ctx_s2_hw_d_i};
  assign d_access = {d_req_kind_i, d_req_size_i, d_req_implicit_sup_i, d_req_exec_as_read_i,
                     d_req_op_i, d_req_insn_i};
  assign d_ctx = {d_ctx_regime_i, d_ctx_s1_mode_i, d_ctx_s2_mode_i, d_ctx_priv_i, d_ctx_asid_i,
                  d_ctx_vmid_i, d_ctx_root0_i, d_ctx_root1_i, d_ctx_s2_root_i, d_ctx_pa_width_i,
                  d_ctx_wp_i, d_ctx_nxe_i, d_ctx_smep_i, d_ctx_smap_i, d_ctx_ac_i, d_ctx_pke_i,
                  d_ctx_pkru_i, d_ctx_page1g_i, d_ctx_sum_i, d_ctx_mxr_i, d_ctx_pbmte_i,
                  d_ctx_pan_i, d_ctx_wxn_i, d_ctx_t0sz_i, d_ctx_t1sz_i, d_ctx_epd0_i,
                  d_ctx_epd1_i, d_ctx_tbi0_i, d_ctx_tbi1_i, d_ctx_hpd0_i, d_ctx_hpd1_i,
                  d_ctx_s1_hw_a_i, d_ctx_s1_hw_d_i, d_ctx_s2_hw_a_i, d_ctx_s2_hw_d_i};
  assign inval_op = {inval_op_i, inval_addr_i, inval_asid_i, inval_vmid_i, inval_regime_i};

  assign fault_cause_o = fault.cause;
  assign fault_stage2_o = fault.stage2;
  assign fault_s1_level_o = fault.s1_level;
  assign fault_s2_level_o = fault.s2_level;
  assign fault_on_walk_o = fault.on_walk;
  assign fault_on_ad_write_o = fault.on_ad_write;
  assign fault_gva_o = fault.gva;
  assign fault_gpa_o = fault.gpa;
  assign fault_s1_rights_o = fault.s1_rights;
  assign fault_s2_rights_o = fault.s2_rights;
  assign fault_s1_leaf_o = fault.s1_leaf;
  assign fault_mem_error_o = fault.mem_error;
  assign syndrome_to_hyp_o = syndrome.to_hyp;
  assign syndrome_reg0_o = syndrome.reg0;
  assign syndrome_reg1_o = syndrome.reg1;
  assign syndrome_reg2_o = syndrome.reg2;
  assign syndrome_reg3_o = syndrome.reg3;
  assign mem_req_stage_o = 2'd1;

  // The access and its privilege are the caller's own.
  logic unused_fault;
  assign unused_fault = &{1'b0, fault};

  mmu_top #(
    .Arch       (2'(Arch)),
    .L1IEntries (L1IEntries),
    .L1DEntries (L1DEntries),
    .PwcEntries (PwcEntries),
    .Walks      (Walks),
    .MissQueue  (MissQueue)
  ) u_mmu (
    .clk_i              (clk_i),
    .rst_ni             (rst_ni),
    .f_req_valid_i      (f_req_valid_i),
    .f_req_ready_o      (f_req_ready_o),
    .f_req_va_i         (f_req_va_i),
    .f_req_tag_i        (f_req_tag_i),
    .f_req_access_i     (f_access),
    .f_req_ctx_i        (f_ctx),
    .f_hit_valid_o      (f_hit_valid_o),
    .f_hit_tag_o        (f_hit_tag_o),
    .f_hit_pa_o         (f_hit_pa_o),
    .f_hit_s1_shift_o   (f_hit_s1_shift_o),
    .f_hit_s2_shift_o   (f_hit_s2_shift_o),
    .f_hit_attrs_o      (f_hit_attrs_o),
    .f_hit_epoch_o      (f_hit_epoch_o),
    .f_miss_valid_o     (f_miss_valid_o),
    .f_miss_tag_o       (f_miss_tag_o),
    .f_miss_status_o    (f_miss_status_o),
    .f_miss_pa_o        (f_miss_pa_o),
    .f_miss_s1_shift_o  (f_miss_s1_shift_o),
    .f_miss_s2_shift_o  (f_miss_s2_shift_o),
    .f_miss_attrs_o     (f_miss_attrs_o),
    .f_miss_epoch_o     (f_miss_epoch_o),
    .d_req_valid_i      (d_req_valid_i),
    .d_req_ready_o      (d_req_ready_o),
    .d_req_va_i         (d_req_va_i),
    .d_req_tag_i        (d_req_tag_i),
    .d_req_access_i     (d_access),
    .d_req_ctx_i        (d_ctx),
    .d_hit_valid_o      (d_hit_valid_o),
    .d_hit_tag_o        (d_hit_tag_o),
    .d_hit_pa_o         (d_hit_pa_o),
    .d_hit_s1_shift_o   (d_hit_s1_shift_o),
    .d_hit_s2_shift_o   (d_hit_s2_shift_o),
    .d_hit_attrs_o      (d_hit_attrs_o),
    .d_hit_epoch_o      (d_hit_epoch_o),
    .d_miss_valid_o     (d_miss_valid_o),
    .d_miss_tag_o       (d_miss_tag_o),
    .d_miss_status_o    (d_miss_status_o),
    .d_miss_pa_o        (d_miss_pa_o),
    .d_miss_s1_shift_o  (d_miss_s1_shift_o),
    .d_miss_s2_shift_o  (d_miss_s2_shift_o),
    .d_miss_attrs_o     (d_miss_attrs_o),
    .d_miss_epoch_o     (d_miss_epoch_o),
    .miss_fault_o       (fault),
    .miss_syndrome_o    (syndrome),
    .inval_valid_i      (inval_valid_i),
    .inval_ready_o      (inval_ready_o),
    .inval_op_i         (inval_op),
    .inval_id_i         (inval_id_i),
    .inval_done_o       (inval_done_o),
    .inval_done_id_o    (inval_done_id_o),
    .mem_req_valid_o    (mem_req_valid_o),
    .mem_req_ready_i    (mem_req_ready_i),
    .mem_req_cas_o      (mem_req_cas_o),
    .mem_req_id_o       (mem_req_id_o),
    .mem_req_addr_o     (mem_req_addr_o),
    .mem_req_expected_o (mem_req_expected_o),
    .mem_req_desired_o  (mem_req_desired_o),
    .mem_rsp_valid_i    (mem_rsp_valid_i),
    .mem_rsp_id_i       (mem_rsp_id_i),
    .mem_rsp_error_i    (mem_rsp_error_i),
    .mem_rsp_ok_i       (mem_rsp_ok_i),
    .mem_rsp_old_i      (mem_rsp_old_i),
    .mem_req_tag_o      (mem_req_tag_o),
    .mem_req_port_o     (mem_req_port_o),
    .mem_req_level_o    (mem_req_level_o),
    .ev_walk_start_o    (ev_walk_start_o),
    .ev_pwc_hit_o       (ev_pwc_hit_o),
    .ev_merge_o         (ev_merge_o),
    .ev_double_hit_o    (ev_double_hit_o),
    .ev_restart_o       (ev_restart_o),
    .idle_o             (idle_o)
  );

endmodule
