// SPDX-License-Identifier: Apache-2.0
// Stage-1 walker: Walks slots share one datapath. A slot holds its whole request (rule R1) and
// waits by itself; in each cycle one slot that has something to decide acts: it finds its root,
// judges a descriptor, takes the verdict of an A/D swap or of stage 2, or answers.
//
// Timing, nothing else acting: one cycle for the root and the walk cache, then two of its own a
// level (the request is offered, the descriptor is judged), one for the answer. While the
// memory works on one walk the others act.
//
// Every table address and the final address pass stage 2 when the context has one (rule R5).
// An invalidation that concerns a walk marks it overtaken: it reads from the root again, and
// fills and answers nothing from before (rule R2). Nothing acts in the cycle of the sweep.
//
// The states of a slot are walk_state_e in mmu_pkg.sv; what it does in each, walk_control.sv.
`include "mmu_assert.svh"

module s1_walker #(
  parameter  int unsigned Walks = 2,
  localparam int unsigned SlotW = (Walks > 1) ? $clog2(Walks) : 1,
  localparam int unsigned SlotN = 2 ** SlotW
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  // a new walk
  input  logic               start_valid_i,
  input  logic [SlotW-1:0]   start_slot_i,
  input  logic               start_port_i,
  input  logic [63:0]        start_va_i,
  input  logic [7:0]         start_top_i,
  input  logic [7:0]         start_tag_i,
  input  mmu_pkg::access_t   start_access_i,
  input  mmu_pkg::ctx_t      start_ctx_i,
  input  mmu_pkg::need_t     start_need_i,
  // the acting slot's request; the architecture's root and step for it
  output logic [SlotW-1:0]   act_slot_o,
  output logic [63:0]        act_va_o,
  output logic [63:0]        act_asked_o,
  output mmu_pkg::access_t   act_access_o,
  output mmu_pkg::ctx_t      act_ctx_o,
  input  mmu_pkg::root_t     root_i,
  output logic [63:0]        step_pte_o,
  output logic [2:0]         step_level_o,
  output logic [3:0]         step_index_o,
  output logic               step_upper_o,
  output mmu_pkg::rights_t   step_rights_o,
  output logic               step_global_o,
  output mmu_pkg::need_t     step_need_o,
  input  mmu_pkg::step_t     step_i,
  // walk cache
  output logic [mmu_pkg::IdBits-1:0] act_id_o,
  output logic [39:0]        act_root_o,
  output logic               probe_valid_o,
  input  logic               probe_hit_i,
  input  logic [2:0]         probe_level_i,
  input  logic [55:0]        probe_table_i,
  input  mmu_pkg::rights_t   probe_rights_i,
  input  logic               probe_global_i,
  output logic               point_valid_o,   // a pointer was followed: fill
  output logic [2:0]         point_level_o,
  output logic [55:0]        point_table_o,
  output mmu_pkg::rights_t   point_rights_o,
  output logic               point_global_o,
  // descriptor cache: a read that it may spare; a pointer read from memory
  output logic               desc_probe_o,
  input  logic               desc_hit_i,
  input  logic [63:0]        desc_pte_i,
  output logic               desc_fill_o,
  output logic [51:0]        desc_fill_addr_o,
  output logic [63:0]        desc_fill_pte_o,
  output logic               known_used_o,    // either spares reads: what it knew is followed
  // memory
  output logic               issue_valid_o,
  output logic               issue_cas_o,
  output logic [51:0]        issue_addr_o,
  output logic [63:0]        issue_expected_o,
  output logic [63:0]        issue_desired_o,
  input  logic               rsp_valid_i,
  input  logic [SlotW-1:0]   rsp_slot_i,
  input  logic [63:0]        rsp_old_i,
  input  logic               rsp_ok_i,
  input  logic [1:0]         rsp_error_i,
  // A/D updater
  output logic               act_restart_o,
  output logic               act_moved_o,
  output logic               act_swapped_o,
  output logic               act_swap_ok_o,
  output logic [1:0]         act_error_o,
  input  logic               swap_done_i,
  input  logic               swap_lost_i,
  input  logic               exhausted_i,
  // stage 2: questions of the acting slot, answers, and the request of the slot that acts there
  output logic               s2_ask_valid_o,
  output logic [63:0]        s2_ask_gpa_o,
  output logic [1:0]         s2_ask_about_o,
  output logic               s2_ask_user_page_o,
  input  logic               s2_rsp_valid_i,
  input  logic [SlotW-1:0]   s2_rsp_slot_i,
  input  mmu_pkg::s2_answer_t s2_rsp_i,
  input  logic [SlotW-1:0]   s2_act_slot_i,
  output mmu_pkg::access_t   s2_act_access_o,
  output mmu_pkg::ctx_t      s2_act_ctx_o,
  output logic [7:0]         s2_act_tag_o,
  output logic               s2_act_port_o,
  output logic [SlotN-1:0]   concerned_o,     // slots whose request a sweep concerns
  // the answer: one of three a cycle at most, for act_slot_o
  output logic               answer_valid_o,
  output logic               answer_port_o,
  output logic [7:0]         answer_tag_o,
  output logic [1:0]         answer_status_o,
  output logic [55:0]        answer_pa_o,
  output mmu_pkg::fault_t    answer_fault_o,
  // the entry that goes with an answer; filled with fill_valid_o. Slots with a translation wait
  // while fill_ready_i is low
  output logic               fill_valid_o,
  input  logic               fill_ready_i,
  output mmu_pkg::entry_t    fill_o,
  // invalidation
  input  logic               quiet_i,         // no slot acts
  input  logic               sweep_valid_i,
  input  mmu_pkg::inval_t    sweep_i,
  output logic               swap_pending_o,
  // debug
  output logic [7:0]         act_tag_o,
  output logic               act_port_o,
  output logic [2:0]         issue_level_o,
  output logic               idle_o
);

  // ---- slots ------------------------------------------------------------------------------------
  // The walk, as the waves show it; meaningful while the slot is busy.
  logic [SlotN-1:0] walk_busy_q;
  logic [3:0]       walk_state_q [SlotN];
  logic [2:0]       walk_level_q [SlotN];  // height of the descriptor being dealt with
  logic [55:0]      walk_addr_q  [SlotN];  // its address, before stage 2
  logic [63:0]      walk_pte_q   [SlotN];  // its value, as read
  logic [3:0]       walk_cause_q [SlotN];  // why it faults
  // Flags, and what was gathered.
  logic [SlotN-1:0] overtaken_q, upper_q, global_q, leaf_q, dirty_q, swap_ok_q;
  logic [SlotN-1:0] on_walk_q, on_swap_q, s1_leaf_q, stage2_q, stored_q, anew_q;
  logic [SlotN-1:0] old_q;                 // its descriptor was read before an invalidation
  logic [6:0]       rights_q   [SlotN];    // gathered from the descriptors accepted
  // The descriptor judged last, which a lost race takes back; its rights include those above.
  logic [SlotN-1:0] step_global_q;
  logic [6:0]       step_rights_q [SlotN];
  logic [55:0]      next_q     [SlotN];    // next table, or page base
  logic [5:0]       shift_q    [SlotN];
  logic [7:0]       attrs_q    [SlotN];
  logic [63:0]      new_q      [SlotN];    // the descriptor as it must become
  logic [1:0]       error_q    [SlotN];    // of the last memory answer
  logic [1:0]       about_q    [SlotN];    // about_e
  logic [63:0]      gpa_q      [SlotN];    // asked of stage 2

  // ---- the acting slot: in turn -----------------------------------------------------------------
  logic             act_valid;
  logic [SlotW-1:0] act, last_q, probe_slot;
  always_comb begin
    act_valid  = 1'b0;
    act        = last_q;
    probe_slot = last_q;
    for (int unsigned s = SlotN; s > 0; s--) begin
      probe_slot = last_q + SlotW'(s);
      if (walk_busy_q[probe_slot] && walk_state_q[probe_slot][3] &&
          (fill_ready_i || walk_state_q[probe_slot] != mmu_pkg::WalkFill)) begin
        act_valid = !quiet_i;
        act       = probe_slot;
      end
    end
  end

  logic [SlotN-1:0] concerned;
  mmu_pkg::ctx_t    ctx;
  logic [3:0]       state;
  logic             s1_off, s2_on;
  assign s1_off = ctx.s1_mode == mmu_pkg::S1Off;
  assign state = walk_state_q[act];
  assign s2_on = ctx.s2_mode != mmu_pkg::S2Off;

  walk_requests #(.Walks(Walks)) u_requests (
    .clk_i,
    .start_valid_i, .start_slot_i, .start_port_i, .start_va_i, .start_top_i, .start_tag_i,
    .start_access_i, .start_ctx_i, .start_need_i,
    .act_slot_i (act), .act_port_o, .act_va_o, .act_asked_o, .act_tag_o, .act_access_o,
    .act_ctx_o (ctx), .act_need_o (step_need_o), .act_id_o, .act_root_o,
    .s2_slot_i (s2_act_slot_i), .s2_port_o (s2_act_port_o), .s2_tag_o (s2_act_tag_o),
    .s2_access_o (s2_act_access_o), .s2_ctx_o (s2_act_ctx_o),
    .sweep_valid_i, .sweep_i, .concerned_o (concerned)
  );
  assign concerned_o = concerned;

  mmu_pkg::s2_answer_t s2;
  logic                s2_moved;
  s2_answers #(.Walks(Walks)) u_s2_answers (
    .clk_i, .start_valid_i, .start_slot_i,
    .rsp_valid_i (s2_rsp_valid_i), .rsp_slot_i (s2_rsp_slot_i), .rsp_i (s2_rsp_i),
    .act_slot_i (act), .act_o (s2), .moved_o (s2_moved)
  );

  assign act_slot_o    = act;
  assign act_ctx_o     = ctx;
  assign step_pte_o    = walk_pte_q[act];
  assign step_level_o  = walk_level_q[act];
  assign step_index_o  = walk_addr_q[act][6:3];
  assign step_upper_o  = upper_q[act];
  assign step_rights_o = rights_q[act];
  assign step_global_o = global_q[act];

  // ---- its next step ----------------------------------------------------------------------------
  logic             finding_root, cached, restart, judge, accept, accept_leaf, ask, anew, spared;
  logic [3:0]       state_d, cause_d;
  logic [2:0]       level_d;
  logic [55:0]      addr_d;
  logic [63:0]      gpa_d;
  logic [1:0]       about_d;
  walk_control u_control (
    .act_valid_i (act_valid), .state_i (state), .overtaken_i (overtaken_q[act]),
    .level_i (walk_level_q[act]), .addr_i (walk_addr_q[act]), .gpa_i (gpa_q[act]),
    .about_i (about_q[act]), .cause_i (walk_cause_q[act]), .error_i (error_q[act]),
    .s2_i (s2), .s2_moved_i (s2_moved), .stored_i (stored_q[act]),
    .va_i (act_va_o), .s1_off_i (s1_off), .s2_on_i (s2_on),
    .root_i, .probe_hit_i, .probe_level_i, .probe_table_i, .step_i, .swap_done_i, .swap_lost_i,
    .exhausted_i, .hold_d_i (act_access_o.speculative && step_need_o.dirty),
    .judged_leaf_i (leaf_q[act]), .judged_global_i (step_global_q[act]),
    .judged_rights_i (step_rights_q[act]), .judged_next_i (next_q[act]),
    .judged_shift_i (shift_q[act]),
    .finding_root_o (finding_root), .cached_o (cached), .restart_o (restart), .judge_o (judge),
    .accept_o (accept), .accept_leaf_o (accept_leaf), .accept_global_o (point_global_o),
    .accept_rights_o (point_rights_o), .accept_next_o (point_table_o),
    .state_o (state_d), .level_o (level_d), .addr_o (addr_d), .gpa_o (gpa_d),
    .about_o (about_d), .cause_o (cause_d), .ask_o (ask), .moved_o (act_moved_o),
    .anew_o (anew)
  );

  assign probe_valid_o = finding_root && !s1_off && root_i.cause == mmu_pkg::CauseNone;
  assign known_used_o  = (finding_root && cached) || (accept && stored_q[act]);
  assign point_valid_o = accept && !accept_leaf && !act_access_o.speculative;
  assign point_level_o = walk_level_q[act];

  assign act_restart_o = restart;
  assign act_swapped_o = act_valid && !restart && state == mmu_pkg::WalkSwapped;
  assign act_swap_ok_o = swap_ok_q[act];
  assign act_error_o   = error_q[act];

  assign s2_ask_valid_o = ask;
  assign s2_ask_gpa_o   = gpa_d;
  assign s2_ask_about_o = about_d;
  assign s2_ask_user_page_o = s1_off || point_rights_o.user;

  // The step into Read or Update is what puts a request on the memory port, unless the descriptor
  // cache spares it. That cache serves all address spaces: what was read before an invalidation is
  // not stored after it, also by a walk that the invalidation does not concern.
  assign desc_probe_o     = act_valid && state_d == mmu_pkg::WalkRead && level_d != 3'd0 &&
                            !(state == mmu_pkg::WalkS2Done ? anew_q[act] : anew);
  assign spared           = desc_probe_o && desc_hit_i;
  assign desc_fill_o      = point_valid_o && !stored_q[act] && !old_q[act];
  assign desc_fill_addr_o = s2_on ? s2.hpa[51:0] : walk_addr_q[act][51:0];
  assign desc_fill_pte_o  = (state == mmu_pkg::WalkSwapped) ? new_q[act] : walk_pte_q[act];
  assign issue_valid_o    = act_valid && !spared &&
                            (state_d == mmu_pkg::WalkRead || state_d == mmu_pkg::WalkUpdate);
  assign issue_cas_o      = state_d == mmu_pkg::WalkUpdate;
  assign issue_addr_o     = (state == mmu_pkg::WalkS2Done) ? s2.hpa[51:0] : gpa_d[51:0];
  assign issue_expected_o = walk_pte_q[act];
  assign issue_desired_o  = (state == mmu_pkg::WalkS2Done) ? new_q[act] : step_i.new_pte;
  assign issue_level_o    = level_d;

  // ---- the answer -------------------------------------------------------------------------------
  logic answers;
  assign answers = act_valid && !restart &&
                   (state == mmu_pkg::WalkFill || state == mmu_pkg::WalkFault ||
                    state == mmu_pkg::WalkRetry);
  assign answer_valid_o    = answers;
  assign answer_port_o     = act_port_o;
  assign answer_tag_o      = act_tag_o;
  assign answer_status_o   = (state == mmu_pkg::WalkFault) ? mmu_pkg::StatusFault
                           : (state == mmu_pkg::WalkRetry) ? mmu_pkg::StatusRetry
                                                           : mmu_pkg::StatusOk;
  assign answer_pa_o       = s2_on ? s2.hpa : gpa_q[act][55:0];
  always_comb begin
    answer_fault_o = '0;
    if (answers && state == mmu_pkg::WalkFault) begin
      answer_fault_o = {walk_cause_q[act], stage2_q[act], walk_level_q[act],
                        stage2_q[act] ? s2.level : 3'd0, act_access_o, ctx.priv,
                        on_walk_q[act], on_swap_q[act], act_asked_o,
                        stage2_q[act] ? gpa_q[act] : 64'd0, step_rights_q[act],
                        stage2_q[act] ? s2.rights : 4'd0, s1_leaf_q[act],
                        stage2_q[act] ? s2.mem_error : error_q[act]};
    end
  end

  // With stage 1 off there is an entry only if stage 2 translates; that page is nobody's, and stage
  // 1 has everything granted.
  logic s2_alone;
  assign s2_alone      = s1_off && s2_on && ctx.s2_mode != mmu_pkg::S2Pass;
  assign fill_valid_o  = answers && state == mmu_pkg::WalkFill && !act_access_o.speculative &&
                         (!s1_off || s2_alone);
  always_comb begin
    fill_o = '0;
    if (answers) begin
      fill_o = {act_va_o[63:12], act_id_o, global_q[act] && !s1_off,
                answer_pa_o[55:12], s1_off ? 7'h3f : rights_q[act],
                (s1_off || dirty_q[act]) && (!s2_on || s2.dirty),
                attrs_q[act], (s1_off && s2_on) ? mmu_pkg::NoPages : shift_q[act],
                s2.shift, s2_on ? s2.rights : 4'hf, s2.attrs, act_root_o};
    end
  end

  // ---- invalidation -----------------------------------------------------------------------------
  // A walk is overtaken if it may have read what the invalidation concerns.
  logic [SlotN-1:0] overtaken;
  always_comb begin
    overtaken = overtaken_q;
    for (int unsigned s = 0; s < SlotN; s++) begin
      if (concerned[s] && walk_busy_q[s] && walk_state_q[s] != mmu_pkg::WalkRoot) begin
        overtaken[s] = 1'b1;
      end
    end
  end

  always_comb begin
    swap_pending_o = 1'b0;
    idle_o         = 1'b1;
    for (int unsigned s = 0; s < SlotN; s++) begin
      if (overtaken_q[s] && walk_state_q[s] == mmu_pkg::WalkUpdate) swap_pending_o = 1'b1;
      if (walk_busy_q[s] && (walk_state_q[s][3] || walk_state_q[s] == mmu_pkg::WalkAskS2)) begin
        idle_o = 1'b0;
      end
    end
  end

  // ---- state ------------------------------------------------------------------------------------
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      walk_busy_q <= '0;
      last_q      <= '0;
      overtaken_q <= '0;
    end else begin
      overtaken_q <= overtaken;
      if (act_valid) begin
        last_q <= act;
        if (state_d == mmu_pkg::WalkIdle) walk_busy_q[act] <= 1'b0;
        if (restart || state_d == mmu_pkg::WalkIdle) overtaken_q[act] <= 1'b0;
      end
      if (start_valid_i) walk_busy_q[start_slot_i] <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (act_valid) begin
      walk_state_q[act] <= spared ? mmu_pkg::WalkJudge : state_d;
      walk_level_q[act] <= level_d;
      walk_addr_q[act]  <= addr_d;
      walk_cause_q[act] <= cause_d;
      gpa_q[act]        <= gpa_d;
      about_q[act]      <= about_d;
      if (finding_root) begin
        upper_q[act]       <= root_i.upper;
        rights_q[act]      <= cached ? probe_rights_i : 7'h7f;
        global_q[act]      <= cached && probe_global_i;
        step_rights_q[act] <= cached ? probe_rights_i : 7'h7f;
        error_q[act]       <= mmu_pkg::MemOk;
        on_walk_q[act]     <= 1'b0;
        on_swap_q[act]     <= 1'b0;
        s1_leaf_q[act]     <= 1'b0;
        stage2_q[act]      <= 1'b0;
        shift_q[act]       <= '0;
        attrs_q[act]       <= '0;
      end
      if (accept) begin
        rights_q[act] <= point_rights_o;
        global_q[act] <= point_global_o;
      end
      if (judge) begin
        step_rights_q[act] <= step_i.rights;
        step_global_q[act] <= step_i.is_global;
        leaf_q[act]        <= step_i.kind == mmu_pkg::StepLeaf;
        next_q[act]        <= step_i.next;
        shift_q[act]       <= step_i.page_shift;
        attrs_q[act]       <= step_i.attrs;
        dirty_q[act]       <= step_i.dirty;
        new_q[act]         <= step_i.new_pte;
        s1_leaf_q[act]     <= step_i.cause == mmu_pkg::CausePermission ||
                              step_i.cause == mmu_pkg::CauseAccessFlag ||
                              step_i.cause == mmu_pkg::CauseDirtyFlag ||
                              step_i.cause == mmu_pkg::CausePkey;
      end
      if (ask) anew_q[act] <= anew;
      if (desc_probe_o || issue_valid_o) stored_q[act] <= spared;
      if (spared) begin
        walk_pte_q[act] <= desc_pte_i;
        error_q[act]    <= mmu_pkg::MemOk;
      end
      if (state == mmu_pkg::WalkJudge) on_walk_q[act] <= act_error_o != mmu_pkg::MemOk;
      if (state == mmu_pkg::WalkSwapped) on_swap_q[act] <= act_error_o != mmu_pkg::MemOk;
      if (state == mmu_pkg::WalkS2Done && s2.fault) begin
        stage2_q[act]  <= 1'b1;
        s1_leaf_q[act] <= about_q[act] == mmu_pkg::AboutFinal;
        on_walk_q[act] <= about_q[act] == mmu_pkg::AboutTable;
        on_swap_q[act] <= about_q[act] == mmu_pkg::AboutSwap;
      end
    end
    if (rsp_valid_i) begin
      walk_state_q[rsp_slot_i] <= (walk_state_q[rsp_slot_i] == mmu_pkg::WalkUpdate)
                                  ? mmu_pkg::WalkSwapped : mmu_pkg::WalkJudge;
      if (walk_state_q[rsp_slot_i] == mmu_pkg::WalkRead) walk_pte_q[rsp_slot_i] <= rsp_old_i;
      swap_ok_q[rsp_slot_i] <= rsp_ok_i;
      error_q[rsp_slot_i]   <= rsp_error_i;
    end
    if (s2_rsp_valid_i) begin
      walk_state_q[s2_rsp_slot_i] <= mmu_pkg::WalkS2Done;
    end
    if (start_valid_i) walk_state_q[start_slot_i] <= mmu_pkg::WalkRoot;
    if (sweep_valid_i)                      old_q      <= '1;
    else if (issue_valid_o && !issue_cas_o) old_q[act] <= 1'b0;
  end

  `MMU_ASSERT(overtaken_never_fills, !fill_valid_o || !overtaken_q[act])
  `MMU_ASSERT(fault_never_fills, !fill_valid_o || answer_status_o == mmu_pkg::StatusOk)
  `MMU_ASSERT(start_in_a_free_slot, !start_valid_i || !walk_busy_q[start_slot_i])
  `MMU_ASSERT(address_fits_the_port, !issue_valid_o || s2_on || gpa_d[63:52] == 12'd0)

endmodule
