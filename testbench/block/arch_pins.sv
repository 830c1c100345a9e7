// SPDX-License-Identifier: Apache-2.0
// The architecture box alone, with flat pins, for its block bench (tests/block). What need says
// of the access is what step is judged against, as in the walker. Combinational; wires only.
module arch_pins #(
  parameter int unsigned Arch = 0  // mmu_pkg::arch_e
) (
  // the access and its context: need, root and step all see these
  input  logic [63:0]    va_i,
  input  logic [1:0]     kind_i,
  input  logic [1:0]     op_i,
  input  logic           implicit_sup_i,
  input  logic           exec_as_read_i,
  input  logic [55:0]    ctx_root0_i,
  input  logic [55:0]    ctx_root1_i,
  input  logic [15:0]    ctx_asid_i,
  input  logic [15:0]    ctx_vmid_i,
  input  logic [3:0]     ctx_s1_mode_i,
  input  logic [1:0]     ctx_regime_i,
  input  logic [1:0]     ctx_priv_i,
  input  logic [5:0]     ctx_pa_width_i,
  input  logic [5:0]     ctx_t0sz_i,
  input  logic [5:0]     ctx_t1sz_i,
  input  logic [31:0]    ctx_pkru_i,
  input  logic           ctx_wp_i,
  input  logic           ctx_nxe_i,
  input  logic           ctx_smep_i,
  input  logic           ctx_smap_i,
  input  logic           ctx_ac_i,
  input  logic           ctx_pke_i,
  input  logic           ctx_page1g_i,
  input  logic           ctx_sum_i,
  input  logic           ctx_mxr_i,
  input  logic           ctx_pbmte_i,
  input  logic           ctx_pan_i,
  input  logic           ctx_wxn_i,
  input  logic           ctx_epd0_i,
  input  logic           ctx_epd1_i,
  input  logic           ctx_tbi0_i,
  input  logic           ctx_tbi1_i,
  input  logic           ctx_hpd0_i,
  input  logic           ctx_hpd1_i,
  input  logic           ctx_s1_hw_a_i,
  input  logic           ctx_s1_hw_d_i,
  input  logic [2:0]  ctx_s2_mode_i,
  input  logic [55:0] ctx_s2_root_i,
  input  logic        ctx_s2_hw_a_i,
  input  logic        ctx_s2_hw_d_i,
  input  logic [5:0]  ctx_s2_pa_width_i,
  input  logic [2:0]  ctx_s2_top_i,
  input  logic [5:0]  ctx_s2_t0sz_i,
  input  logic        ctx_s2_mbec_i,
  input  logic        ctx_s2_exec_only_i,
  input  logic        ctx_s2_page1g_i,
  input  logic        ctx_s2_exit_info_i,
  input  logic        ctx_s2_nxe_i,
  input  logic        ctx_s2_ptw_i,
  input  logic        ctx_s2_mxr_i,
  input  logic        ctx_s2_pbmte_i,
  input  logic [31:0] insn_i,
  // one descriptor
  input  logic [63:0]    pte_i,
  input  logic [2:0]     level_i,
  input  logic [3:0]     index_i,
  input  logic           upper_i,
  input  logic [6:0]     rights_i,
  input  logic           global_i,
  // what an entry of a TLB holds, asked whether it meets the need
  input  logic [6:0]   hit_rights_i,
  input  logic [7:0]   hit_attrs_i,
  input  logic         hit_dirty_i,
  // one fault record
  input  logic [3:0]     cause_i,
  input  logic [2:0]     fault_level_i,
  input  logic [6:0]     fault_rights_i,
  input  logic        fault_stage2_i,
  input  logic        fault_on_walk_i,
  input  logic        fault_on_ad_write_i,
  input  logic        fault_s1_leaf_i,
  input  logic [1:0]  fault_mem_error_i,
  input  logic [2:0]  fault_s2_level_i,
  input  logic [3:0]  fault_s2_rights_i,
  input  logic [63:0] fault_gpa_i,
  // a question to stage 2, and one descriptor of it
  input  logic [1:0]  s2_about_i,
  input  logic        s2_user_page_i,
  input  logic [63:0] s2_gpa_i,
  input  logic [63:0] s2_pte_i,
  input  logic [2:0]  s2_level_i,
  input  logic [3:0]  s2_rights_i,
  // one invalidation
  input  logic [7:0]     inval_op_i,
  input  logic [63:0]    inval_addr_i,
  input  logic [15:0]    inval_asid_i,
  input  logic [15:0]    inval_vmid_i,
  // the page number that counts
  output logic [51:0]    vpn_o,
  // need
  output logic [6:0]     need_all_o,
  output logic [6:0]     need_any_o,
  output logic           need_deny_user_o,
  output logic [15:0]    need_key_deny_o,
  output logic           need_dirty_o,
  // the TLB's question
  output logic         hit_met_o,
  // root
  output logic [3:0]     root_cause_o,
  output logic [2:0]     root_fault_level_o,
  output logic [2:0]     root_level_o,
  output logic [55:0]    root_table_addr_o,
  output logic [55:0]    root_desc_addr_o,
  output logic           root_upper_o,
  // step, judged against that need
  output logic [1:0]     step_kind_o,
  output logic [3:0]     step_cause_o,
  output logic [55:0]    step_next_o,
  output logic [5:0]     step_page_shift_o,
  output logic [6:0]     step_rights_o,
  output logic           step_global_o,
  output logic           step_dirty_o,
  output logic [7:0]     step_attrs_o,
  output logic           step_update_o,
  output logic [63:0]    step_new_pte_o,
  // the same of stage 2
  output logic [3:0]  s2_need_all_o,
  output logic [3:0]  s2_need_any_o,
  output logic        s2_need_dirty_o,
  output logic        s2_need_no_device_o,
  output logic [3:0]  s2_root_cause_o,
  output logic [2:0]  s2_root_fault_level_o,
  output logic [2:0]  s2_root_level_o,
  output logic [55:0] s2_root_desc_addr_o,
  output logic [1:0]  s2_step_kind_o,
  output logic [3:0]  s2_step_cause_o,
  output logic [55:0] s2_step_next_o,
  output logic [5:0]  s2_step_page_shift_o,
  output logic [3:0]  s2_step_rights_o,
  output logic        s2_step_dirty_o,
  output logic [3:0]  s2_step_attrs_o,
  output logic        s2_step_update_o,
  output logic [63:0] s2_step_new_pte_o,
  // syndrome of the fault record
  output logic        syn_gva_o,
  output logic           syn_to_hyp_o,
  output logic [63:0]    syn_reg0_o,
  output logic [63:0]    syn_reg1_o,
  output logic [63:0]    syn_reg2_o,
  output logic [63:0]    syn_reg3_o,
  // internal invalidation: {stage2, stage1, all_upper, leaf_only, globals, vmid, asid, addr}
  output logic [7:0]     inv_flags_o,
  output logic [1:0]     inv_regime_o,
  output logic [63:0]    inv_first_o,
  output logic [63:0]    inv_last_o,
  output logic [15:0]    inv_asid_o,
  output logic [15:0]    inv_vmid_o,
  output logic        inv_nested_o,
  output logic        inv_by_root_o,
  output logic        inv_but_vmid0_o,
  output logic [39:0] inv_s2_root_o
);

  mmu_pkg::access_t   access;
  mmu_pkg::ctx_t      ctx;
  mmu_pkg::need_t     need;
  mmu_pkg::need_t     unused_fetch_need;
  logic [51:0]        unused_fetch_vpn;
  mmu_pkg::root_t     root;
  mmu_pkg::step_t     step;
  mmu_pkg::fault_t    fault;
  mmu_pkg::syndrome_t syndrome;
  mmu_pkg::inval_op_t inval_op;
  mmu_pkg::inval_t    inval;
  mmu_pkg::s2_need_t  s2_need;
  mmu_pkg::root_t     s2_root;
  mmu_pkg::s2_step_t  s2_step;

  // Whole structures at once: the two tools do not share a way to cast a vector to an enum.
  assign access = {kind_i, 3'd0, implicit_sup_i, exec_as_read_i, 1'b0, op_i, insn_i};
  assign ctx = {ctx_regime_i, ctx_s1_mode_i, ctx_s2_mode_i, ctx_priv_i, ctx_asid_i, ctx_vmid_i,
                ctx_root0_i, ctx_root1_i, ctx_s2_root_i, ctx_pa_width_i,
                ctx_wp_i, ctx_nxe_i, ctx_smep_i, ctx_smap_i, ctx_ac_i, ctx_pke_i, ctx_pkru_i,
                ctx_page1g_i, ctx_sum_i, ctx_mxr_i, ctx_pbmte_i, ctx_pan_i, ctx_wxn_i,
                ctx_t0sz_i, ctx_t1sz_i, ctx_epd0_i, ctx_epd1_i, ctx_tbi0_i, ctx_tbi1_i,
                ctx_hpd0_i, ctx_hpd1_i, ctx_s1_hw_a_i, ctx_s1_hw_d_i,
                ctx_s2_hw_a_i, ctx_s2_hw_d_i, ctx_s2_pa_width_i, ctx_s2_top_i, ctx_s2_t0sz_i,
                ctx_s2_mbec_i, ctx_s2_exec_only_i, ctx_s2_page1g_i, ctx_s2_exit_info_i,
                ctx_s2_nxe_i, ctx_s2_ptw_i, ctx_s2_mxr_i, ctx_s2_pbmte_i};
  assign fault = {cause_i, fault_stage2_i, fault_level_i, fault_s2_level_i, access, ctx_priv_i,
                  fault_on_walk_i, fault_on_ad_write_i, va_i, fault_gpa_i, fault_rights_i,
                  fault_s2_rights_i, fault_s1_leaf_i, fault_mem_error_i};
  assign inval_op = {inval_op_i, inval_addr_i, inval_asid_i, inval_vmid_i, ctx_regime_i};

  arch_sel #(
    .Arch (2'(Arch))
  ) u_arch (
    .f_va_i          (va_i),
    .f_vpn_o         (unused_fetch_vpn),
    .d_va_i          (va_i),
    .d_vpn_o         (vpn_o),
    .f_need_access_i (access),
    .f_need_ctx_i    (ctx),
    .f_need_o        (unused_fetch_need),
    .d_need_access_i (access),
    .d_need_ctx_i    (ctx),
    .d_need_o        (need),
    .root_va_i       (va_i),
    .root_access_i   (access),
    .root_ctx_i      (ctx),
    .root_o          (root),
    .step_pte_i      (pte_i),
    .step_level_i    (level_i),
    .step_index_i    (index_i),
    .step_upper_i    (upper_i),
    .step_rights_i   (rights_i),
    .step_global_i   (global_i),
    .step_need_i     (need),
    .step_access_i   (access),
    .step_ctx_i      (ctx),
    .step_o          (step),
    .s2_about_i      (s2_about_i),
    .s2_access_i     (access),
    .s2_ctx_i        (ctx),
    .s2_user_page_i  (s2_user_page_i),
    .s2_need_o       (s2_need),
    .s2_gpa_i        (s2_gpa_i),
    .s2_root_o       (s2_root),
    .s2_pte_i        (s2_pte_i),
    .s2_level_i      (s2_level_i),
    .s2_rights_i     (s2_rights_i),
    .s2_step_o       (s2_step),
    .fault_i         (fault),
    .fault_ctx_i     (ctx),
    .syndrome_o      (syndrome),
    .inval_op_i      (inval_op),
    .inval_o         (inval)
  );

  logic unused_refused;
  logic unused_permitted;
  need_met u_hit (
    .rights_i      (hit_rights_i),
    .attrs_i       (hit_attrs_i),
    .dirty_i       (hit_dirty_i),
    .s2_rights_i   (4'hf),
    .need_i        (need),
    .key_refused_o (unused_refused),
    .permitted_o   (unused_permitted),
    .met_o         (hit_met_o)
  );

  assign need_all_o = need.all;
  assign need_any_o = need.any;
  assign need_deny_user_o = need.deny_user;
  assign need_key_deny_o = need.key_deny;
  assign need_dirty_o = need.dirty;
  assign root_cause_o = root.cause;
  assign root_fault_level_o = root.fault_level;
  assign root_level_o = root.level;
  assign root_table_addr_o = root.table_addr;
  assign root_desc_addr_o = root.desc_addr;
  assign root_upper_o = root.upper;
  assign step_kind_o = step.kind;
  assign step_cause_o = step.cause;
  assign step_next_o = step.next;
  assign step_page_shift_o = step.page_shift;
  assign step_rights_o = step.rights;
  assign step_global_o = step.is_global;
  assign step_dirty_o = step.dirty;
  assign step_attrs_o = step.attrs;
  assign step_update_o = step.update;
  assign step_new_pte_o = step.new_pte;
  assign s2_need_all_o = s2_need.all;
  assign s2_need_any_o = s2_need.any;
  assign s2_need_dirty_o = s2_need.dirty;
  assign s2_need_no_device_o = s2_need.no_device;
  assign s2_root_cause_o = s2_root.cause;
  assign s2_root_fault_level_o = s2_root.fault_level;
  assign s2_root_level_o = s2_root.level;
  assign s2_root_desc_addr_o = s2_root.desc_addr;
  assign s2_step_kind_o = s2_step.kind;
  assign s2_step_cause_o = s2_step.cause;
  assign s2_step_next_o = s2_step.next;
  assign s2_step_page_shift_o = s2_step.page_shift;
  assign s2_step_rights_o = s2_step.rights;
  assign s2_step_dirty_o = s2_step.dirty;
  assign s2_step_attrs_o = s2_step.attrs;
  assign s2_step_update_o = s2_step.update;
  assign s2_step_new_pte_o = s2_step.new_pte;
  assign inv_nested_o = inval.nested;
  assign inv_by_root_o = inval.by_root;
  assign inv_but_vmid0_o = inval.but_vmid0;
  assign inv_s2_root_o = inval.s2_root;
  assign syn_gva_o = syndrome.gva;
  assign syn_to_hyp_o = syndrome.to_hyp;
  assign syn_reg0_o = syndrome.reg0;
  assign syn_reg1_o = syndrome.reg1;
  assign syn_reg2_o = syndrome.reg2;
  assign syn_reg3_o = syndrome.reg3;
  assign inv_flags_o = {inval.stage2, inval.stage1, inval.all_upper, inval.leaf_only,
                        inval.globals, inval.by_vmid, inval.by_asid, inval.by_addr};
  assign inv_regime_o = inval.regime;
  assign inv_first_o = inval.first;
  assign inv_last_o = inval.last;
  assign inv_asid_o = inval.asid;
  assign inv_vmid_o = inval.vmid;

  logic unused_outputs;
  assign unused_outputs = ^{unused_fetch_need, unused_fetch_vpn, inval, syndrome,
                            root, s2_need, s2_root};

endmodule
