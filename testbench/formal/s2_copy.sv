// SPDX-License-Identifier: Apache-2.0
// One of the two copies that s2_unknown.sv compares: the stage-2 walker with updater and a nested TLB of one entry, the
// memory port and one architecture's judges. What comes out is masked: an output counts while its valid is set, a
// register while it may yet be used; else it is shown as 0.
module s2_copy #(
  parameter logic [1:0] Arch = 2'd0
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               ask_valid_i,
  input  logic               ask_slot_i,
  input  logic [63:0]        ask_gpa_i,
  input  logic [1:0]         ask_about_i,
  input  logic               ask_user_page_i,
  input  logic               other_user_page_i,  // with a question that is not about the final address
  // by slot: a question is open, and the request that it is of; `other` is what a slot without one may hold
  input  logic [1:0]         open_i,
  input  mmu_pkg::access_t   access0_i,
  input  mmu_pkg::access_t   access1_i,
  input  mmu_pkg::access_t   other_access_i,
  input  mmu_pkg::ctx_t      ctx0_i,
  input  mmu_pkg::ctx_t      ctx1_i,
  input  mmu_pkg::ctx_t      other_ctx_i,
  input  logic               quiet_i,
  input  logic               sweep_valid_i,
  input  mmu_pkg::inval_t    sweep_i,
  input  logic [1:0]         concerned_i,
  input  logic               mem_req_ready_i,
  input  logic               mem_rsp_valid_i,
  input  logic [7:0]         mem_rsp_id_i,
  input  logic [1:0]         mem_rsp_error_i,
  input  logic               mem_rsp_ok_i,
  input  logic [63:0]        mem_rsp_old_i,
  input  logic               other_ok_i,      // what comes beside an error, or with an answer of the other kind
  input  logic [63:0]        other_old_i,
  // outputs
  output logic               rsp_valid_o,
  output logic               slot_o,
  output mmu_pkg::s2_answer_t rsp_o,
  output logic               nested_hit_o,
  output logic               mem_valid_o,     // the memory answers what was asked
  output logic               cas_o,           // to a swap
  output logic               req_valid_o,
  output logic [7:0]         control_o,
  output logic [82:0]        answer_o,
  output logic [64:0]        request_o,
  output logic [127:0]       swap_o,
  // registers, the slots side by side
  output logic [4:0]         turns_o,
  output logic [1:0]         waits_o,         // for the memory
  output logic [1:0]         updates_o,       // for a swap
  output logic [1:0]         legal_o,         // its state is one that there is
  output logic [2*18-1:0]    questions_o,
  output logic [2*64-1:0]    gpas_o,
  output logic [2*55-1:0]    places_o,
  output logic [2*64-1:0]    ptes_o,
  output logic [2*73-1:0]    judged_o,
  output logic [2*59-1:0]    issued_o,
  output logic [2*128-1:0]   swaps_o,
  output logic [207:0]       nested_o
);
  // ---- the hardware, wired as in mmu_top -----------------------------------------------------------
  logic                act_slot, user_page;
  logic [1:0]          about;
  mmu_pkg::s2_need_t   need;
  logic [63:0]         gpa, step_pte;
  mmu_pkg::root_t      root;
  logic [2:0]          step_level;
  mmu_pkg::s2_rights_t step_rights;
  mmu_pkg::s2_step_t   step;
  logic                issue_valid, issue_cas, mem_slot, mem_stage2, swap_pending, walk_begin, idle;
  logic [51:0]         issue_addr;
  logic [63:0]         issue_expected, issue_desired;
  logic [2:0]          issue_level;
  mmu_pkg::ctx_t       act_ctx;
  mmu_pkg::access_t    act_access;
  assign act_ctx    = !open_i[act_slot] ? other_ctx_i : act_slot ? ctx1_i : ctx0_i;
  assign act_access = !open_i[act_slot] ? other_access_i : act_slot ? access1_i : access0_i;

`include "s2_regs.svh"
  logic        swap_ok;
  logic [63:0] old;
  assign cas_o   = p_cas_all[mem_slot];
  assign swap_ok = (mem_rsp_error_i == mmu_pkg::MemOk && cas_o) ? mem_rsp_ok_i : other_ok_i;
  assign old     = (mem_rsp_error_i == mmu_pkg::MemOk && !cas_o) ? mem_rsp_old_i : other_old_i;

  s2_walker #(.Walks(2), .NestedEntries(1)) dut (
    .clk_i, .rst_ni, .ask_valid_i, .ask_slot_i, .ask_gpa_i, .ask_about_i,
    .ask_user_page_i (ask_about_i == mmu_pkg::AboutFinal ? ask_user_page_i : other_user_page_i),
    .rsp_valid_o, .rsp_slot_o (slot_o), .rsp_o,
    .act_slot_o (act_slot), .act_access_i (act_access), .act_ctx_i (act_ctx), .about_o (about), .user_page_o (user_page),
    .need_i (need), .gpa_o (gpa), .root_i (root), .step_pte_o (step_pte), .step_level_o (step_level),
    .step_rights_o (step_rights), .step_i (step),
    .issue_valid_o (issue_valid), .issue_cas_o (issue_cas), .issue_addr_o (issue_addr),
    .issue_expected_o (issue_expected), .issue_desired_o (issue_desired), .issue_level_o (issue_level),
    .rsp_valid_i (mem_valid_o && mem_stage2), .rsp_slot_i (mem_slot), .rsp_old_i (old), .rsp_ok_i (swap_ok),
    .rsp_error_i (mem_rsp_error_i), .quiet_i, .sweep_valid_i, .sweep_i, .concerned_i,
    .swap_pending_o (swap_pending), .nested_hit_o, .walk_begin_o (walk_begin), .idle_o (idle)
  );
  logic [7:0]  req_id;
  logic [51:0] req_addr;
  logic [63:0] req_expected, req_desired;
  logic [2:0]  req_level;
  logic        req_stage2, req_cas;
  mem_port #(.Walks(2)) port (
    .clk_i, .rst_ni, .issue_valid_i (1'b0), .issue_slot_i ('0), .issue_cas_i ('0), .issue_addr_i ('0), .issue_expected_i ('0),
    .issue_desired_i ('0), .issue_tag_i ('0), .issue_port_i ('0), .issue_level_i ('0),
    .s2_issue_valid_i (issue_valid), .s2_issue_slot_i (act_slot), .s2_issue_cas_i (issue_cas), .s2_issue_addr_i (issue_addr),
    .s2_issue_expected_i (issue_expected), .s2_issue_desired_i (issue_desired), .s2_issue_tag_i ('0), .s2_issue_port_i ('0),
    .s2_issue_level_i (issue_level),
    .mem_req_valid_o (req_valid_o), .mem_req_ready_i, .mem_req_cas_o (req_cas), .mem_req_id_o (req_id),
    .mem_req_addr_o (req_addr), .mem_req_expected_o (req_expected), .mem_req_desired_o (req_desired),
    .mem_req_level_o (req_level), .mem_req_stage2_o (req_stage2),
    .mem_rsp_valid_i, .mem_rsp_id_i, .rsp_valid_o (mem_valid_o), .rsp_slot_o (mem_slot), .rsp_stage2_o (mem_stage2)
  );
`include "s2_judges.svh"

  // ---- what counts of the outputs ------------------------------------------------------------------
  assign control_o = {rsp_valid_o, req_valid_o, nested_hit_o, swap_pending, walk_begin, idle, mem_valid_o, issue_valid};
  assign answer_o  = !rsp_valid_o ? '0
                   : {slot_o, rsp_o.retry, rsp_o.fault, rsp_o.cause, rsp_o.fault ? rsp_o.level : 3'd0, rsp_o.mem_error, rsp_o.hpa, rsp_o.shift,
                      (rsp_o.fault || about == mmu_pkg::AboutFinal) ? rsp_o.rights : 4'd0, rsp_o.dirty, rsp_o.attrs};
  assign request_o = !req_valid_o ? '0 : {req_cas, req_id, req_addr, req_level, req_stage2};
  assign swap_o    = (req_valid_o && req_cas) ? {req_expected, req_desired} : '0;

  // ---- the registers, and which may yet be used ----------------------------------------------------
  (* hierconn *) wire [51:0] \dut.u_nested_tlb.gen_present.gpn_q[0] ;
  wire [51:0] n_gpn = \dut.u_nested_tlb.gen_present.gpn_q[0] ;
  (* hierconn *) wire [51:0] \dut.u_nested_tlb.gen_present.mask_q[0] ;
  wire [51:0] n_mask = \dut.u_nested_tlb.gen_present.mask_q[0] ;
  (* hierconn *) wire [42:0] \dut.u_nested_tlb.gen_present.id_q[0] ;
  wire [42:0] n_id = \dut.u_nested_tlb.gen_present.id_q[0] ;
  (* hierconn *) wire [43:0] \dut.u_nested_tlb.gen_present.ppn_q[0] ;
  wire [43:0] n_ppn = \dut.u_nested_tlb.gen_present.ppn_q[0] ;
  (* hierconn *) wire [5:0] \dut.u_nested_tlb.gen_present.shift_q[0] ;
  wire [5:0] n_shift = \dut.u_nested_tlb.gen_present.shift_q[0] ;
  (* hierconn *) wire [3:0] \dut.u_nested_tlb.gen_present.rights_q[0] ;
  wire [3:0] n_rights = \dut.u_nested_tlb.gen_present.rights_q[0] ;
  (* hierconn *) wire [3:0] \dut.u_nested_tlb.gen_present.attrs_q[0] ;
  wire [3:0] n_attrs = \dut.u_nested_tlb.gen_present.attrs_q[0] ;
  (* hierconn *) wire [1:0] \dut.u_nested_tlb.gen_present.valid_q ;
  wire [1:0] n_valid = \dut.u_nested_tlb.gen_present.valid_q ;
  (* hierconn *) wire [1:0] \dut.u_nested_tlb.gen_present.dirty_q ;
  wire [1:0] n_dirty = \dut.u_nested_tlb.gen_present.dirty_q ;
  (* hierconn *) wire [1:0] \dut.u_nested_tlb.gen_present.u_replace.state_q ;
  wire [1:0] n_state = \dut.u_nested_tlb.gen_present.u_replace.state_q ;

  for (genvar s = 0; s < 2; s++) begin : g_slot
    logic [2:0] now;
    logic       probes, reads, judges, updates, swapped;
    assign now     = state_all[3*s +: 3];
    assign probes  = busy_all[s] && now == 3'd4;
    assign reads   = busy_all[s] && now == 3'd1;
    assign judges  = busy_all[s] && now == 3'd5;
    assign updates = busy_all[s] && now == 3'd2;
    assign swapped = busy_all[s] && now == 3'd6;
    assign waits_o[s]   = reads || updates;
    assign updates_o[s] = updates;
    assign legal_o[s]   = !busy_all[s] || probes || reads || judges || updates || swapped;
    assign questions_o[18*s +: 18] = {busy_all[s], overtaken_all[s], !busy_all[s] ? 16'd0
      : {now, about_all[2*s +: 2], user_page_all[s] && about_all[2*s +: 2] == mmu_pkg::AboutFinal, rights_all[4*s +: 4], error_all[2*s +: 2], count_all[4*s +: 4]}};
    assign gpas_o[64*s +: 64]    = busy_all[s] ? gpa_all[64*s +: 64] : '0;
    assign places_o[55*s +: 55]  = (busy_all[s] && !probes) ? {level_all[3*s +: 3], addr_all[52*s +: 52]} : '0;
    assign ptes_o[64*s +: 64]    = (judges && error_all[2*s +: 2] == mmu_pkg::MemOk) ? pte_all[64*s +: 64] : '0;
    assign judged_o[73*s +: 73]  = {swapped && error_all[2*s +: 2] == mmu_pkg::MemOk && ok_all[s], !(updates || swapped) ? 72'd0
      : {leaf_all[s], dirty_all[s], next_all[56*s +: 56], shift_all[6*s +: 6], step_rights_all[4*s +: 4], attrs_all[4*s +: 4]}};
    assign issued_o[59*s +: 59]  = {p_busy_all[s], p_pending_all[s], !p_busy_all[s] ? 57'd0
      : {p_cas_all[s], p_addr_all[52*s +: 52], p_level_all[3*s +: 3], p_stage2_all[s]}};
    assign swaps_o[128*s +: 128] = (p_busy_all[s] && p_cas_all[s]) ? {p_expected_all[64*s +: 64], p_desired_all[64*s +: 64]} : '0;
  end
  assign turns_o  = {last_slot, p_last, p_held, n_state};
  assign nested_o = {n_valid, !n_valid[0] ? 206'd0
                     : {n_gpn, n_mask, n_id, n_ppn, n_shift, n_rights, n_attrs, n_dirty[0]}};
endmodule
