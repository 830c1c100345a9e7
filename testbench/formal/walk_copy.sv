// SPDX-License-Identifier: Apache-2.0
// One of the two copies that walk_unknown.sv compares: the stage-1 walker, the A/D updater and the memory port. The
// judges of the architectures are outside. What comes out is masked: an output counts while its valid is set, a register
// while it may yet be used; else it is shown as 0.
module walk_copy (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               start_valid_i,
  input  logic               start_slot_i,
  input  logic               start_port_i,
  input  logic [63:0]        start_va_i,
  input  logic [7:0]         start_top_i,
  input  logic [7:0]         start_tag_i,
  input  mmu_pkg::access_t   start_access_i,
  input  mmu_pkg::ctx_t      start_ctx_i,
  input  mmu_pkg::need_t     start_need_i,
  input  logic               probe_hit_i,
  input  logic [66:0]        probe_says_i,     // of the walk cache: level, table, rights, global
  input  logic [66:0]        other_probe_i,    // what it says without a hit
  input  mmu_pkg::root_t     root_i,           // what the judges say; where that does not count, the others
  input  mmu_pkg::step_t     step_i,
  input  mmu_pkg::root_t     other_root_i,
  input  mmu_pkg::step_t     other_step_i,
  input  logic               desc_hit_i,
  input  logic [63:0]        desc_pte_i,
  input  logic [63:0]        other_desc_i,     // the same of the descriptor cache
  input  logic               fill_ready_i,
  input  logic               quiet_i,
  input  logic               sweep_valid_i,
  input  mmu_pkg::inval_t    sweep_i,
  input  logic               mem_req_ready_i,
  input  logic               mem_rsp_valid_i,
  input  logic [7:0]         mem_rsp_id_i,
  input  logic [1:0]         mem_rsp_error_i,
  input  logic               mem_rsp_ok_i,
  input  logic [63:0]        mem_rsp_old_i,
  input  logic               other_ok_i,       // what comes beside an error, or with an answer of the other kind
  input  logic [63:0]        other_old_i,
  input  logic               s2_valid_i,
  input  logic               s2_slot_i,
  input  mmu_pkg::s2_answer_t s2_answer_i,
  input  logic [2:0]         other_level_i,    // of an answer of stage 2 without a fault
  input  logic [3:0]         other_rights_i,   // of one about a table or a swap
  input  logic               s2_act_slot_i,    // whose request stage 2 looks at
  // outputs
  output logic               answer_valid_o,
  output logic               slot_o,           // the one that acts
  output logic [1:0]         status_o,
  output logic               s2_on_o,
  output mmu_pkg::fault_t    fault_o,
  output logic               fill_valid_o,
  output logic               point_valid_o,
  output logic               s2_ask_valid_o,
  output logic [1:0]         s2_ask_about_o,
  output logic               mem_valid_o,      // the memory answers what was asked
  output logic               cas_o,            // to a swap
  output logic               restart_o,
  output logic               spared_o,         // the descriptor cache has it
  output logic [19:0]        control_o,
  output logic [1:0]         told_o,
  output logic [412:0]       for_root_o,
  output logic [431:0]       for_step_o,
  output logic [70:0]        answer_o,
  output logic [708:0]       fault_says_o,
  output logic [213:0]       entry_o,
  output logic [211:0]       point_o,
  output logic [170:0]       descs_o,
  output logic [145:0]       probe_o,
  output logic [67:0]        ask_o,
  output logic [356:0]       shown_o,
  output logic [82:0]        request_o,
  output logic [127:0]       swap_o,
  // registers, the slots side by side
  output logic [2:0]         turns_o,
  output logic [1:0]         waits_o,          // for the memory
  output logic [1:0]         updates_o,        // for a swap
  output logic [1:0]         asks_o,           // waits for stage 2
  output logic [1:0]         fresh_o,          // what it reads or swaps is not of the descriptor cache
  output logic [1:0]         sensed_o,         // a fault of stage 2 ends it, and stage 2 said so
  output logic [1:0]         legal_o,          // its state is one that there is
  output logic [2*10-1:0]    states_o,
  output logic [2*550-1:0]   requests_o,
  output logic [2*66-1:0]    places_o,
  output logic [2*33-1:0]    gathered_o,
  output logic [2*66-1:0]    asked_o,
  output logic [2*64-1:0]    ptes_o,
  output logic [2*127-1:0]   judged_o,
  output logic [2*82-1:0]    said_o,
  output logic [2*69-1:0]    issued_o,
  output logic [2*128-1:0]   swaps_o,
  output logic [2*8-1:0]     reads_o
);
`include "walk_regs.svh"

  // ---- the hardware, wired as in mmu_top -----------------------------------------------------------
  logic             act_port, act_swapped, act_swap_ok, act_moved, step_upper, step_global, known_used, swap_pending, idle;
  logic [63:0]      act_va, act_asked, step_pte, ask_gpa;
  mmu_pkg::access_t act_access, s2_access;
  mmu_pkg::ctx_t    act_ctx, s2_ctx;
  mmu_pkg::root_t   root;
  mmu_pkg::step_t   step;
  mmu_pkg::need_t   step_need;
  mmu_pkg::rights_t step_rights, point_rights;
  mmu_pkg::entry_t  entry;
  logic [mmu_pkg::IdBits-1:0] act_id;
  logic [39:0]      act_root;
  logic [7:0]       act_tag, s2_tag;
  logic [3:0]       step_index;
  logic [2:0]       step_level, point_level, issue_level;
  logic             probe_valid, desc_probe, desc_fill, point_global, issue_valid, issue_cas, mem_slot;
  logic [55:0]      point_table, answer_pa;
  logic [51:0]      desc_fill_addr, issue_addr;
  logic [63:0]      desc_fill_pte, issue_expected, issue_desired;
  logic [1:0]       act_error, concerned;
  logic             swap_done, swap_lost, swap_refused, exhausted, ask_user_page, s2_port, answer_port;
  logic [7:0]       answer_tag;

  // The caches hit only where they are asked, and say something only where they hit.
  logic [2:0]       probe_level;
  logic [55:0]      probe_table;
  mmu_pkg::rights_t probe_rights;
  logic             probe_global, probe_hit;
  assign probe_hit = probe_valid && probe_hit_i;
  assign {probe_level, probe_table, probe_rights, probe_global} = probe_hit ? probe_says_i : other_probe_i;
  assign spared_o  = desc_probe && desc_hit_i;

  logic        swap_ok_in;
  logic [63:0] old_in;
  assign cas_o      = p_cas_all[mem_slot];
  assign swap_ok_in = (mem_rsp_error_i == mmu_pkg::MemOk && cas_o) ? mem_rsp_ok_i : other_ok_i;
  assign old_in     = (mem_rsp_error_i == mmu_pkg::MemOk && !cas_o) ? mem_rsp_old_i : other_old_i;
  mmu_pkg::s2_answer_t s2_answer;
  always_comb begin
    s2_answer = s2_answer_i;
    if (!s2_answer_i.fault) s2_answer.level = other_level_i;
    if (!s2_answer_i.fault && !w_about_all[2*s2_slot_i+1]) s2_answer.rights = other_rights_i;
  end

  s1_walker #(.Walks(2)) walker (
    .clk_i, .rst_ni, .start_valid_i, .start_slot_i, .start_port_i, .start_va_i, .start_top_i, .start_tag_i, .start_access_i,
    .start_ctx_i, .start_need_i, .act_slot_o (slot_o), .act_va_o (act_va), .act_asked_o (act_asked), .act_access_o (act_access),
    .act_ctx_o (act_ctx), .root_i (root), .step_pte_o (step_pte), .step_level_o (step_level), .step_index_o (step_index),
    .step_upper_o (step_upper), .step_rights_o (step_rights), .step_global_o (step_global), .step_need_o (step_need), .step_i (step),
    .act_id_o (act_id), .act_root_o (act_root), .probe_valid_o (probe_valid), .probe_hit_i (probe_hit), .probe_level_i (probe_level),
    .probe_table_i (probe_table), .probe_rights_i (probe_rights), .probe_global_i (probe_global), .point_valid_o,
    .point_level_o (point_level), .point_table_o (point_table), .point_rights_o (point_rights), .point_global_o (point_global),
    .desc_probe_o (desc_probe), .desc_hit_i (spared_o), .desc_pte_i (spared_o ? desc_pte_i : other_desc_i), .desc_fill_o (desc_fill),
    .desc_fill_addr_o (desc_fill_addr), .desc_fill_pte_o (desc_fill_pte), .known_used_o (known_used),
    .issue_valid_o (issue_valid), .issue_cas_o (issue_cas), .issue_addr_o (issue_addr), .issue_expected_o (issue_expected),
    .issue_desired_o (issue_desired), .rsp_valid_i (mem_valid_o), .rsp_slot_i (mem_slot), .rsp_old_i (old_in),
    .rsp_ok_i (swap_ok_in), .rsp_error_i (mem_rsp_error_i), .act_restart_o (restart_o), .act_moved_o (act_moved),
    .act_swapped_o (act_swapped), .act_swap_ok_o (act_swap_ok), .act_error_o (act_error), .swap_done_i (swap_done),
    .swap_lost_i (swap_lost), .exhausted_i (exhausted), .s2_ask_valid_o, .s2_ask_gpa_o (ask_gpa), .s2_ask_about_o,
    .s2_ask_user_page_o (ask_user_page), .s2_rsp_valid_i (s2_valid_i), .s2_rsp_slot_i (s2_slot_i), .s2_rsp_i (s2_answer),
    .s2_act_slot_i, .s2_act_access_o (s2_access), .s2_act_ctx_o (s2_ctx), .s2_act_tag_o (s2_tag), .s2_act_port_o (s2_port),
    .concerned_o (concerned), .answer_valid_o, .answer_port_o (answer_port), .answer_tag_o (answer_tag), .answer_status_o (status_o),
    .answer_pa_o (answer_pa), .answer_fault_o (fault_o), .fill_valid_o, .fill_ready_i, .fill_o (entry), .quiet_i, .sweep_valid_i,
    .sweep_i, .swap_pending_o (swap_pending), .act_tag_o (act_tag), .act_port_o (act_port), .issue_level_o (issue_level),
    .idle_o (idle)
  );
  ad_updater #(.Walks(2)) updater (
    .clk_i, .begin_valid_i (start_valid_i), .begin_slot_i (start_slot_i), .act_slot_i (slot_o),
    .act_restart_i (restart_o || act_moved), .act_cas_i (act_swapped), .act_ok_i (act_swap_ok), .act_error_i (act_error),
    .done_o (swap_done), .lost_o (swap_lost), .refused_o (swap_refused), .exhausted_o (exhausted)
  );
  logic        req_valid, req_cas, req_port, req_stage2;
  logic [7:0]  req_id, req_tag, req_reads;
  logic [51:0] req_addr;
  logic [63:0] req_expected, req_desired;
  logic [2:0]  req_level;
  mem_port #(.Walks(2)) port (
    .clk_i, .rst_ni, .issue_valid_i (issue_valid), .issue_slot_i (slot_o), .issue_cas_i (issue_cas), .issue_addr_i (issue_addr),
    .issue_expected_i (issue_expected), .issue_desired_i (issue_desired), .begin_valid_i (start_valid_i),
    .begin_slot_i (start_slot_i), .issue_tag_i (act_tag), .issue_port_i (act_port), .issue_level_i (issue_level),
    .s2_issue_valid_i (1'b0), .s2_issue_slot_i ('0), .s2_issue_cas_i ('0), .s2_issue_addr_i ('0), .s2_issue_expected_i ('0),
    .s2_issue_desired_i ('0), .s2_issue_tag_i ('0), .s2_issue_port_i ('0), .s2_issue_level_i ('0),
    .mem_req_valid_o (req_valid), .mem_req_ready_i, .mem_req_cas_o (req_cas), .mem_req_id_o (req_id), .mem_req_addr_o (req_addr),
    .mem_req_expected_o (req_expected), .mem_req_desired_o (req_desired), .mem_req_tag_o (req_tag), .mem_req_port_o (req_port),
    .mem_req_level_o (req_level), .mem_req_stage2_o (req_stage2), .mem_req_reads_o (req_reads),
    .mem_rsp_valid_i, .mem_rsp_id_i, .rsp_valid_o (mem_valid_o), .rsp_slot_o (mem_slot)
  );
  // The judges answer the same to the same question, as they are combinational; to what does not count, anything.
  (* hierconn *) wire \walker.act_valid ;
  wire  act_valid = \walker.act_valid ;
  logic root_counts, step_counts;
  assign root_counts = act_valid && w_state_all[4*slot_o +: 4] == mmu_pkg::WalkRoot;
  assign step_counts = act_valid && w_state_all[4*slot_o +: 4] == mmu_pkg::WalkJudge &&
                       (w_error_all[2*slot_o +: 2] == mmu_pkg::MemOk || w_stored_all[slot_o]);
  assign root = root_counts ? root_i : other_root_i;
  assign step = step_counts ? step_i : other_step_i;

  // ---- what counts of the outputs ------------------------------------------------------------------
  logic ok, faults;
  assign ok     = answer_valid_o && status_o == mmu_pkg::StatusOk;
  assign faults = answer_valid_o && status_o == mmu_pkg::StatusFault;
  assign s2_on_o   = act_ctx.s2_mode != mmu_pkg::S2Off && act_ctx.s2_mode != mmu_pkg::S2Pass;
  assign control_o = {answer_valid_o, fill_valid_o, point_valid_o, probe_valid, probe_hit, desc_probe, desc_fill, known_used,
                      issue_valid, s2_ask_valid_o, restart_o, act_moved, act_swapped, swap_done, swap_lost, swap_refused,
                      swap_pending, idle, req_valid, mem_valid_o};
  assign for_root_o   = !root_counts ? '0 : {slot_o, act_va, act_access, act_ctx};
  assign for_step_o   = !step_counts ? '0
    : {slot_o, step_pte, step_level, step_index, step_upper, step_rights, step_global, step_need, act_ctx};
  assign told_o       = concerned & w_busy_all;
  assign answer_o     = !answer_valid_o ? '0 : {slot_o, answer_port, answer_tag, status_o, ok ? answer_pa : 56'd0, act_moved, restart_o, spared_o};
  // What goes into the registers of a fault, too.
  assign fault_says_o = !faults ? '0 : {fault_o, act_asked, act_ctx};
  assign entry_o      = ok ? entry : '0;
  assign point_o      = !point_valid_o ? '0
    : {slot_o, act_va, step_upper, act_id, act_root, point_level, point_table, point_rights, point_global};
  assign descs_o      = {!desc_probe ? 55'd0 : {issue_addr, issue_level}, !desc_fill ? 116'd0 : {desc_fill_addr, desc_fill_pte}};
  assign probe_o      = !probe_valid ? '0 : {act_va, act_id, act_root, root.upper};
  assign ask_o        = !s2_ask_valid_o ? '0 : {slot_o, ask_gpa, s2_ask_about_o,
                                               s2_ask_about_o == mmu_pkg::AboutFinal && ask_user_page};
  assign shown_o      = !w_busy_all[s2_act_slot_i] ? '0 : {s2_access, s2_ctx, s2_tag, s2_port};
  assign request_o    = !req_valid ? '0 : {req_cas, req_id, req_addr, req_level, req_tag, req_port, req_stage2, req_reads};
  assign swap_o       = (req_valid && req_cas) ? {req_expected, req_desired} : '0;

  // ---- which registers may yet be used ----------------------------------------------------

  for (genvar s = 0; s < 2; s++) begin : g_slot
    logic [3:0] now;
    logic       past, reads, judges, asks, asked, updates, swapped, about_swap, about_final, good, s1_on, s2_on;
    assign s1_on   = r_ctx_all[306*s+300 +: 4] != mmu_pkg::S1Off;
    assign s2_on   = r_ctx_all[306*s+297 +: 3] != mmu_pkg::S2Off;
    assign now     = w_state_all[4*s +: 4];
    assign past    = w_busy_all[s] && now != mmu_pkg::WalkRoot;  // it has left its root
    assign reads   = w_busy_all[s] && now == mmu_pkg::WalkRead;
    assign judges  = w_busy_all[s] && now == mmu_pkg::WalkJudge;
    assign asks    = w_busy_all[s] && now == mmu_pkg::WalkAskS2;
    assign asked   = w_busy_all[s] && now == mmu_pkg::WalkS2Done;
    assign updates = w_busy_all[s] && now == mmu_pkg::WalkUpdate;
    assign swapped = w_busy_all[s] && now == mmu_pkg::WalkSwapped;
    assign good    = w_error_all[2*s +: 2] == mmu_pkg::MemOk;
    assign about_swap  = (asks || asked) && w_about_all[2*s +: 2] == mmu_pkg::AboutSwap;
    assign about_final = (asks || asked) && w_about_all[2*s+1];
    assign waits_o[s]   = reads || updates;
    assign updates_o[s] = updates;
    assign asks_o[s]    = asks;
    assign sensed_o[s]  = !(past && w_stage2_all[s]) || now == mmu_pkg::WalkRetry || (now == mmu_pkg::WalkFault && w_s2_all[82*s+80]);
    assign fresh_o[s]   = !((reads || about_swap || updates || swapped) && w_stored_all[s]);
    assign legal_o[s]   = w_busy_all[s] ? (now >= 4'd1 && now <= 4'd3) || (now >= 4'd8 && now <= 4'd14) : !w_overtaken_all[s];
    assign states_o[10*s +: 10] = {w_busy_all[s], w_overtaken_all[s], w_busy_all[s] ? {now, w_count_all[4*s +: 4]} : 8'd0};
    assign requests_o[550*s +: 550] = !w_busy_all[s] ? '0
      : {r_port_all[s], r_va_all[64*s +: 64], r_top_all[8*s +: 8], r_tag_all[8*s +: 8], r_access_all[42*s +: 42], r_ctx_all[306*s +: 306],
         r_need_all[40*s +: 40], r_id_all[41*s +: 41], r_root_all[40*s +: 40]};
    assign places_o[66*s +: 66] = !past ? '0
      : {w_level_all[3*s +: 3], w_addr_all[56*s +: 56], w_cause_all[4*s +: 4], w_error_all[2*s +: 2], w_upper_all[s]};
    assign gathered_o[33*s +: 33] = !past ? '0
      : {w_rights_all[7*s +: 7], w_global_all[s], w_step_rights_all[7*s +: 7], w_on_walk_all[s], w_on_swap_all[s], w_s1_leaf_all[s], w_stage2_all[s],
         w_shift_all[6*s +: 6], w_attrs_all[8*s +: 8]};
    assign asked_o[66*s +: 66] = (past && now != mmu_pkg::WalkRetry && (now != mmu_pkg::WalkFault || w_stage2_all[s]))
      ? {w_gpa_all[64*s +: 64], w_about_all[2*s +: 2]} : '0;
    assign ptes_o[64*s +: 64]  = ((judges && (good || w_stored_all[s])) || about_swap) ? w_pte_all[64*s +: 64] : '0;
    assign judged_o[127*s +: 127] = {
      swapped && good && w_swap_ok_all[s],
      (reads || judges || updates || swapped) && w_stored_all[s],
      (asks || asked) && w_anew_all[s],
      (reads || (judges && !w_stored_all[s]) || about_swap || updates || swapped) && w_old_all[s],
      (about_swap || updates || swapped || (s1_on && (about_final || now == mmu_pkg::WalkFill) && w_busy_all[s])) && w_dirty_all[s],
      !(about_swap || updates || swapped) ? 122'd0 : {w_new_all[64*s +: 64], w_leaf_all[s], w_step_global_all[s], w_next_all[56*s +: 56]}};
    // retry, fault, cause, the level that goes with a fault, memory error, address, shift, the rights of the final address
    // or with a fault, dirty, attributes
    assign said_o[82*s +: 82] = !w_busy_all[s] ? '0
      : {w_s2_all[82*s+76 +: 6], w_s2_all[82*s+80] ? w_s2_all[82*s+73 +: 3] : 3'd0, w_s2_all[82*s+9 +: 64],
         (w_s2_all[82*s+80] || (asked && about_final) || (s2_on && now == mmu_pkg::WalkFill)) ? w_s2_all[82*s+5 +: 4] : 4'd0, w_s2_all[82*s +: 5]};
    assign issued_o[69*s +: 69] = {asked && w_moved_all[s], p_busy_all[s], p_pending_all[s], !p_busy_all[s] ? 66'd0
      : {p_cas_all[s], p_addr_all[52*s +: 52], p_level_all[3*s +: 3], p_tag_all[8*s +: 8], p_port_all[s], p_stage2_all[s]}};
    assign swaps_o[128*s +: 128] = (p_busy_all[s] && p_cas_all[s]) ? {p_expected_all[64*s +: 64], p_desired_all[64*s +: 64]} : '0;
    assign reads_o[8*s +: 8]     = w_busy_all[s] ? p_reads_all[8*s +: 8] : '0;
  end
  assign turns_o = {w_last_slot, p_last, p_held};
endmodule
