// SPDX-License-Identifier: Apache-2.0
// The walks: walker, A/D updater, memory port, stage-2 door and one architecture's judges, with free
// requests, answers of either walk cache, invalidations, and a memory that answers anything at any time.
// What is proven is of one walk slot, the one numbered Slot; the other is there and is free, too.
`include "formal.svh"

module walk_law #(
  parameter logic [1:0]  Arch = 2'd0,
  parameter int unsigned Slot = 0
) (
  input logic               clk_i,
  input logic               start_valid_i,
  input logic               start_slot_i,
  input logic               start_port_i,
  input logic [63:0]        start_va_i,
  input mmu_pkg::access_t   start_access_i,
  input mmu_pkg::ctx_t      start_ctx_i,
  input mmu_pkg::need_t     start_need_i,
  input logic               probe_hit_i,
  input logic [2:0]         probe_level_i,
  input logic [55:0]        probe_table_i,
  input mmu_pkg::rights_t   probe_rights_i,
  input logic               probe_global_i,
  input logic               desc_hit_i,
  input logic [63:0]        desc_pte_i,
  input logic               fill_ready_i,
  input logic               quiet_i,
  input logic               sweep_valid_i,
  input mmu_pkg::inval_t    sweep_i,
  input logic               mem_req_ready_i,
  input logic               mem_rsp_valid_i,
  input logic [7:0]         mem_rsp_id_i,
  input logic [1:0]         mem_rsp_error_i,
  input logic               mem_rsp_ok_i,
  input logic [63:0]        mem_rsp_old_i
);
  `FORMAL_RESET

  localparam int unsigned Walks = 2;

  // ---- the hardware, wired as in mmu_top -----------------------------------------------------------
  logic             act_slot, act_port, act_restart, act_swapped, act_swap_ok;
  logic [63:0]      act_va, step_pte;
  mmu_pkg::access_t act_access;
  mmu_pkg::ctx_t    act_ctx;
  mmu_pkg::root_t   root;
  mmu_pkg::step_t   step;
  logic [2:0]       step_level;
  logic             step_upper, step_global, probe_valid, point_valid;
  mmu_pkg::rights_t step_rights;
  mmu_pkg::need_t   step_need;
  logic             issue_valid, issue_cas, rsp_valid, rsp_slot;
  logic [51:0]      issue_addr;
  logic [63:0]      issue_expected, issue_desired;
  logic [1:0]       act_error, answer_status;
  logic             swap_done, swap_lost, swap_refused, exhausted;
  logic             ask_valid, s2_valid, s2_slot, s2_fault;
  logic [55:0]      ask_gpa, s2_hpa;
  logic [5:0]       s2_shift;
  logic             answer_valid, fill_valid;
  mmu_pkg::entry_t  fill_entry;
  logic [3:0]       step_index;
  logic             desc_probe, desc_fill;
  logic [51:0]      desc_fill_addr;
  logic [63:0]      desc_fill_pte;
  logic             req_valid, req_cas;
  logic [7:0]       req_id;
  logic [51:0]      req_addr;
  logic [63:0]      req_expected, req_desired;

  s1_walker #(.Walks(Walks)) walker (
    .clk_i, .rst_ni, .start_valid_i, .start_slot_i, .start_port_i, .start_va_i, .start_top_i ('0), .start_tag_i ('0),
    .start_access_i, .start_ctx_i, .start_need_i,
    .act_slot_o (act_slot), .act_va_o (act_va), .act_access_o (act_access), .act_ctx_o (act_ctx), .root_i (root),
    .step_pte_o (step_pte), .step_index_o (step_index), .step_level_o (step_level), .step_upper_o (step_upper), .step_rights_o (step_rights),
    .step_global_o (step_global), .step_need_o (step_need), .step_i (step),
    .probe_valid_o (probe_valid), .probe_hit_i, .probe_level_i, .probe_table_i, .probe_rights_i, .probe_global_i,
    .point_valid_o (point_valid),
    .desc_probe_o (desc_probe), .desc_hit_i, .desc_pte_i, .desc_fill_o (desc_fill), .desc_fill_addr_o (desc_fill_addr),
    .desc_fill_pte_o (desc_fill_pte),
    .issue_valid_o (issue_valid), .issue_cas_o (issue_cas), .issue_addr_o (issue_addr),
    .issue_expected_o (issue_expected), .issue_desired_o (issue_desired),
    .rsp_valid_i (rsp_valid), .rsp_slot_i (rsp_slot), .rsp_old_i (mem_rsp_old_i), .rsp_ok_i (mem_rsp_ok_i),
    .rsp_error_i (mem_rsp_error_i),
    .act_restart_o (act_restart), .act_swapped_o (act_swapped), .act_swap_ok_o (act_swap_ok), .act_error_o (act_error),
    .swap_done_i (swap_done), .swap_lost_i (swap_lost), .exhausted_i (exhausted),
    .s2_ask_valid_o (ask_valid), .s2_ask_gpa_o (ask_gpa), .s2_rsp_valid_i (s2_valid), .s2_rsp_slot_i (s2_slot),
    .s2_rsp_hpa_i (s2_hpa), .s2_rsp_shift_i (s2_shift), .s2_rsp_fault_i (s2_fault),
    .answer_valid_o (answer_valid), .answer_status_o (answer_status), .fill_valid_o (fill_valid), .fill_ready_i,
    .fill_o (fill_entry), .quiet_i, .sweep_valid_i, .sweep_i, .act_port_o (act_port)
  );
  ad_updater #(.Walks(Walks)) updater (
    .clk_i, .begin_valid_i (start_valid_i), .begin_slot_i (start_slot_i), .act_slot_i (act_slot),
    .act_restart_i (act_restart), .act_cas_i (act_swapped), .act_ok_i (act_swap_ok), .act_error_i (act_error),
    .done_o (swap_done), .lost_o (swap_lost), .refused_o (swap_refused), .exhausted_o (exhausted)
  );
  s2_walker #(.Walks(Walks)) stage2 (
    .clk_i, .rst_ni, .ask_valid_i (ask_valid), .ask_slot_i (act_slot), .ask_gpa_i (ask_gpa),
    .ask_mode_i (act_ctx.s2_mode), .rsp_valid_o (s2_valid), .rsp_slot_o (s2_slot), .rsp_hpa_o (s2_hpa),
    .rsp_shift_o (s2_shift), .rsp_fault_o (s2_fault)
  );
  mem_port #(.Walks(Walks)) port (
    .clk_i, .rst_ni, .issue_valid_i (issue_valid), .issue_slot_i (act_slot), .issue_cas_i (issue_cas),
    .issue_addr_i (issue_addr), .issue_expected_i (issue_expected), .issue_desired_i (issue_desired),
    .issue_tag_i ('0), .issue_port_i (act_port), .issue_level_i ('0),
    .mem_req_valid_o (req_valid), .mem_req_ready_i, .mem_req_cas_o (req_cas), .mem_req_id_o (req_id),
    .mem_req_addr_o (req_addr), .mem_req_expected_o (req_expected), .mem_req_desired_o (req_desired),
    .mem_rsp_valid_i, .mem_rsp_id_i, .rsp_valid_o (rsp_valid), .rsp_slot_o (rsp_slot)
  );
  logic [63:0] may_set, may_clear;
  if (Arch == mmu_pkg::ArchX86) begin : g_x86
    x86_root u_root (.va_i (act_va), .ctx_i (act_ctx), .root_o (root));
    x86_pte u_pte (
      .pte_i (step_pte), .level_i (step_level), .rights_i (step_rights), .need_i (step_need), .ctx_i (act_ctx),
      .step_o (step)
    );
    assign may_set   = 64'h60;   // A, D
    assign may_clear = 64'h0;
  end else if (Arch == mmu_pkg::ArchArm) begin : g_arm
    arm_root u_root (.va_i (act_va), .access_i (act_access), .ctx_i (act_ctx), .root_o (root));
    arm_pte u_pte (
      .pte_i (step_pte), .level_i (step_level), .index_i (step_index), .upper_i (step_upper),
      .rights_i (step_rights), .need_i (step_need), .ctx_i (act_ctx), .step_o (step)
    );
    assign may_set   = 64'h400;  // AF
    assign may_clear = 64'h80;   // AP[2]
  end else begin : g_riscv
    rv_root u_root (.va_i (act_va), .ctx_i (act_ctx), .root_o (root));
    rv_pte u_pte (
      .pte_i (step_pte), .level_i (step_level), .global_i (step_global), .rights_i (step_rights),
      .need_i (step_need), .ctx_i (act_ctx), .step_o (step)
    );
    assign may_set   = 64'hc0;   // A, D
    assign may_clear = 64'h0;
  end

  // ---- the surroundings ----------------------------------------------------------------------------
  logic [1:0] open_q;  // by slot: started and not answered
  always_ff @(posedge clk_i) begin
    if (!rst_ni) open_q <= '0;
    else begin
      if (answer_valid) open_q[act_slot] <= 1'b0;
      if (start_valid_i) open_q[start_slot_i] <= 1'b1;
    end
  end
  `ASSUME(free_slot, "a walk is started in a free slot only", !start_valid_i || !open_q[start_slot_i])
  `ASSUME(mem_answers, "the memory answers only requests it has taken, each once", !mem_rsp_valid_i || rsp_valid)
  `ASSUME(sweep_is_quiet, "nothing acts in the cycle of a sweep", !sweep_valid_i || quiet_i)
  `ASSUME(below_root, "the walk cache knows only tables below the root of the walk",
          !probe_hit_i || probe_level_i < root.level)
  `ASSUME(stage2_off, "stage 2 is off or passes addresses through",
          start_ctx_i.s2_mode == mmu_pkg::S2Off || start_ctx_i.s2_mode == mmu_pkg::S2Pass)
  `ASSUME(a_mode, "stage 1 is off or in a mode of the architecture",
          start_ctx_i.s1_mode == mmu_pkg::S1Off ||
          (Arch == mmu_pkg::ArchX86 && (start_ctx_i.s1_mode == mmu_pkg::S1X86L4 || start_ctx_i.s1_mode == mmu_pkg::S1X86L5)) ||
          (Arch == mmu_pkg::ArchArm && start_ctx_i.s1_mode == mmu_pkg::S1Arm4k) ||
          (Arch == mmu_pkg::ArchRiscv && (start_ctx_i.s1_mode == mmu_pkg::S1Sv39 ||
           start_ctx_i.s1_mode == mmu_pkg::S1Sv48 || start_ctx_i.s1_mode == mmu_pkg::S1Sv57)))
  `ASSUME(width, "the physical width is at most 52 bits", start_ctx_i.pa_width <= 6'd52)

`include "walk_slot.svh"

  // ---- what the memory saw of the slot -------------------------------------------------------------
  logic        takes, answers_mem;
  logic [51:0] read_addr_q;   // of the last read that was taken
  logic [63:0] read_old_q;    // what it was answered
  logic        read_good_q;   // without an error, and no swap was taken since
  assign takes       = req_valid && mem_req_ready_i && req_id == 8'(Slot);
  assign answers_mem = rsp_valid && rsp_slot == Slot[0];
  always_ff @(posedge clk_i) begin
    if (!rst_ni) read_good_q <= 1'b0;
    else if (answers_mem) read_good_q <= !p_cas && mem_rsp_error_i == mmu_pkg::MemOk;
    else if (takes) read_good_q <= 1'b0;
    if (takes && !req_cas) read_addr_q <= req_addr;
    if (answers_mem) read_old_q <= mem_rsp_old_i;
  end
  logic takes_swap;
  assign takes_swap = takes && req_cas;
  `PROVE(swap_after_read, "a swap follows a read without error and no other swap", !takes_swap || read_good_q)
  `PROVE(swap_address, "it goes to the address that was read", !takes_swap || req_addr == read_addr_q)
  `PROVE(swap_expects, "it expects what was read", !takes_swap || req_expected == read_old_q)
  `PROVE(swap_sets, "it sets nothing but accessed and dirty",
         !takes_swap || (req_desired & ~read_old_q & ~may_set) == '0)
  `PROVE(swap_clears, "it clears nothing but what means clean",
         !takes_swap || (read_old_q & ~req_desired & ~may_clear) == '0)
  (* hierconn *) wire [55:0] \walker.gpa_d ;
  wire [55:0] gpa = \walker.gpa_d ;
  `PROVE(fits_port, "addresses fit the memory port", !(issue_valid && act_slot == Slot[0]) || gpa[55:52] == 4'd0)
  `PROVE(one_request, "a slot has one request at a time", !(issue_valid && act_slot == Slot[0]) || !p_busy)
  `COVER(a_swap, "a swap is taken", takes_swap)
  `COVER(second_swap, "a swap is taken after a lost one", takes_swap && lost_q != '0)

  // ---- the walk ends -------------------------------------------------------------------------------
  logic       start, act_here, answer, read_issued, lost, restart;
  assign start       = start_valid_i && start_slot_i == Slot[0];
  (* hierconn *) wire \walker.act_valid ;
  wire        act_valid = \walker.act_valid ;
  assign act_here    = act_valid && act_slot == Slot[0];
  assign answer      = answer_valid && act_slot == Slot[0];
  assign read_issued = issue_valid && !issue_cas && act_slot == Slot[0];
  assign lost        = swap_lost && act_slot == Slot[0];
  assign restart     = act_restart && act_slot == Slot[0];
  logic [4:0] reads_q, lost_q;  // since the walk was last at its root
  logic [3:0] setbacks_q;       // since the walk started: lost swaps and restarts
  logic [2:0] top_q;            // height of its root
  always_ff @(posedge clk_i) begin
    if (start || restart) begin
      reads_q <= '0;
      lost_q  <= '0;
    end else begin
      if (read_issued) reads_q <= reads_q + 1'b1;
      if (lost) lost_q <= lost_q + 1'b1;
    end
    if (start) setbacks_q <= '0;
    else if (lost || restart) setbacks_q <= setbacks_q + 1'b1;
    if (act_here && w_state == mmu_pkg::WalkRoot) top_q <= root.level;
  end

  // The rank of what is left to do: it falls at each step, whatever the memory says.
  logic [10:0] rank, rank_q;
  logic [6:0] phase;
  always_comb begin
    unique case (w_state)
      mmu_pkg::WalkRoot:    phase = 7'd127;
      mmu_pkg::WalkAskS2:   phase = (w_about == mmu_pkg::AboutFinal) ? 7'd5
                                  : {w_level + 3'd1, (w_about != mmu_pkg::AboutTable) ? 4'd4 : w_anew ? 4'd8 : 4'd11};
      mmu_pkg::WalkS2Done:  phase = (w_about == mmu_pkg::AboutFinal) ? 7'd4
                                  : {w_level + 3'd1, (w_about != mmu_pkg::AboutTable) ? 4'd3 : w_anew ? 4'd7 : 4'd10};
      mmu_pkg::WalkRead:    phase = {w_level + 3'd1, 4'd6};
      mmu_pkg::WalkJudge:   phase = {w_level + 3'd1, w_stored ? 4'd9 : 4'd5};
      mmu_pkg::WalkUpdate:  phase = {w_level + 3'd1, 4'd2};
      mmu_pkg::WalkSwapped: phase = {w_level + 3'd1, 4'd1};
      mmu_pkg::WalkFill:    phase = 7'd3;
      mmu_pkg::WalkFault:   phase = 7'd2;
      default:              phase = 7'd0;
    endcase
    rank = {4'd8 - setbacks_q, phase};
  end
  logic       was_open_q, acted_q;
  logic [3:0] state_q;
  logic [2:0] turn_q;  // cycles in which the slot could have acted
  always_ff @(posedge clk_i) begin
    was_open_q <= rst_ni && open_q[Slot];
    rank_q     <= rank;
    state_q    <= w_state;
    acted_q    <= act_here;
    if (!w_busy || !w_state[3] || act_here || (w_state == mmu_pkg::WalkFill && !fill_ready_i)) turn_q <= '0;
    else if (!quiet_i) turn_q <= turn_q + 1'b1;
  end
  logic going;
  assign going = was_open_q && open_q[Slot];
  `PROVE(read_bound, "reads since the root are at most its levels and the swaps lost since",
         !open_q[Slot] || reads_q <= 5'd5 + lost_q)
  `PROVE(read_bound_exact, "levels are those of the root's height",
         !open_q[Slot] || reads_q == '0 || reads_q <= {2'd0, top_q} + 5'd1 + lost_q)
  `PROVE(patience, "lost swaps and restarts of a walk are at most 8", !open_q[Slot] || setbacks_q <= 4'd8)
  `PROVE(rank_falls, "each step of a walk lowers its rank, at most 1151", !going || (acted_q || w_state != state_q ? rank < rank_q : rank == rank_q))
  `PROVE(waits_for_memory, "a walk that waits for memory has a request out",
         !(open_q[Slot] && (w_state == mmu_pkg::WalkRead || w_state == mmu_pkg::WalkUpdate)) || p_busy)
  `PROVE(waits_for_stage2, "a walk that waits for stage 2 has asked it",
         !(open_q[Slot] && w_state == mmu_pkg::WalkAskS2) || s_asked)
  `PROVE(in_turn, "a walk with something to decide acts in the second cycle in which it may",
         !open_q[Slot] || turn_q <= 3'd1)
  `COVER(five_reads, "a walk reads as many descriptors as its root has levels", answer && lost_q == '0 && reads_q == {2'd0, top_q} + 5'd1 && top_q >= 3'd2)
  `COVER(gives_up, "a walk that is not speculative gives up", answer && answer_status == mmu_pkg::StatusRetry && !act_access.speculative)

  // ---- it answers once, and fills only what is good ------------------------------------------------
  logic stale_q;  // a sweep concerned the walk since it left its root
  logic concerned;
  assign concerned = sweep_valid_i && open_q[Slot] && w_state != mmu_pkg::WalkRoot &&
                     w_id[40:39] == sweep_i.regime && !(sweep_i.by_vmid && w_id[31:16] != sweep_i.vmid) &&
                     !(sweep_i.by_asid && !sweep_i.globals && w_id[15:0] != sweep_i.asid);
  always_ff @(posedge clk_i) begin
    if (!rst_ni || start || restart) stale_q <= 1'b0;
    else if (concerned) stale_q <= 1'b1;
  end
  logic fill, point;
  assign fill  = fill_valid && act_slot == Slot[0];
  assign point = point_valid && act_slot == Slot[0];
  logic swapped_q;  // the last swap was done
  (* hierconn *) wire \walker.accept ;
  wire  accepts = \walker.accept ;
  always_ff @(posedge clk_i) if (answers_mem && p_cas) swapped_q <= mem_rsp_ok_i && mem_rsp_error_i == mmu_pkg::MemOk;
  `PROVE(one_answer, "a walk answers only while it is open", !answer || open_q[Slot])
  `PROVE(busy_is_open, "and is open until it answers", w_busy == open_q[Slot])
  `PROVE(fill_is_ok, "a TLB is filled only with an answer that is ok", !fill || (answer && answer_status == mmu_pkg::StatusOk))
  logic [5:0] fill_shift;
  assign fill_shift = (fill_entry.s2_shift != 6'd0 && fill_entry.s2_shift < fill_entry.s1_shift) ? fill_entry.s2_shift
                                                                                                : fill_entry.s1_shift;
  `PROVE(fill_is_page, "and with a page of a size that there is",
         !fill || (fill_shift == mmu_pkg::size_shift(mmu_pkg::size_of(fill_shift)) && fill_shift == fill_entry.s1_shift))
  `PROVE(fill_s1_on, "with stage 1 on", !fill || fill_entry.id[38:35] != mmu_pkg::S1Off)
  `PROVE(fill_is_new, "and never by a walk that was overtaken", !((fill || point) && stale_q))
  `PROVE(ok_is_new, "nor does such a walk answer ok or fault", !(answer && stale_q) || answer_status == mmu_pkg::StatusRetry)
  `PROVE(point_is_good, "the walk cache is filled only with a pointer read without error, from a table above the last",
         !point || (w_error == mmu_pkg::MemOk && w_level != 3'd0))
  `PROVE(point_is_judged, "and judged a pointer", !(point && w_state == mmu_pkg::WalkJudge) || (step.kind == mmu_pkg::StepTable && !step.update))
  logic stores, swept_q;  // into the descriptor cache; a sweep since the read
  assign stores = desc_fill && act_slot == Slot[0];
  always_ff @(posedge clk_i) swept_q <= rst_ni && (sweep_valid_i || (swept_q && !read_issued));
  `PROVE(stores_read, "the descriptor cache is filled only with a pointer that was read, as it is now, from where it is",
         !stores || (point && desc_fill_addr == read_addr_q &&
                     desc_fill_pte == (w_state == mmu_pkg::WalkSwapped ? w_new : read_old_q)))
  `PROVE(stores_new, "and not with what was read before a sweep", !(stores && swept_q))
  `PROVE(speculative, "a speculative walk fills nothing", !((fill || point || stores) && act_access.speculative))
  `PROVE(swap_counts, "what a swap was for counts only if the memory did it",
         !(act_here && w_state == mmu_pkg::WalkSwapped && accepts) || swapped_q)
  `COVER(filled, "a walk fills", fill)
  `COVER(fill_after_restart, "a walk fills after a restart", fill && setbacks_q != '0)
  `COVER(fill_below_stored, "a walk fills below a pointer of the descriptor cache", fill && spared_q && setbacks_q == '0)
  logic spared_q;
  always_ff @(posedge clk_i) spared_q <= rst_ni && !start && (spared_q || (desc_probe && desc_hit_i && act_here));
  `COVER(faults, "a walk faults", answer && answer_status == mmu_pkg::StatusFault)

  // ---- what the induction needs --------------------------------------------------------------------
  logic reads, judging, asks, asked, updates, swapped, about_swap, about_table, s2_on;
  assign s2_on       = w_ctx.s2_mode != mmu_pkg::S2Off;
  assign reads       = w_busy && w_state == mmu_pkg::WalkRead;
  assign judging     = w_busy && w_state == mmu_pkg::WalkJudge;
  assign asks        = w_busy && w_state == mmu_pkg::WalkAskS2;
  assign asked       = w_busy && w_state == mmu_pkg::WalkS2Done;
  assign updates     = w_busy && w_state == mmu_pkg::WalkUpdate;
  assign swapped     = w_busy && w_state == mmu_pkg::WalkSwapped;
  assign about_swap  = (asks || asked) && w_about == mmu_pkg::AboutSwap;
  assign about_table = (asks || asked) && w_about == mmu_pkg::AboutTable;
  logic ad_only, in_walk;
  assign ad_only = (w_new & ~w_pte & ~may_set) == '0 && (w_pte & ~w_new & ~may_clear) == '0;
  assign in_walk = reads || judging || updates || about_swap || about_table ||
                   (w_busy && w_state == mmu_pkg::WalkSwapped);
  `PROVE(h_state, "a state is one of those", !w_busy || (w_state >= 4'd1 && w_state <= 4'd3) || (w_state >= 4'd8 && w_state <= 4'd14))
  `PROVE(h_about, "a question is about one of three", !(asks || asked) || w_about != 2'd3)
  `PROVE(h_mode, "stage 2 is as it was started", !w_busy || w_ctx.s2_mode == mmu_pkg::S2Off || w_ctx.s2_mode == mmu_pkg::S2Pass)
  `PROVE(h_s1_mode, "and so is stage 1", !w_busy || w_ctx.s1_mode == mmu_pkg::S1Off ||
          (Arch == mmu_pkg::ArchX86 && (w_ctx.s1_mode == mmu_pkg::S1X86L4 || w_ctx.s1_mode == mmu_pkg::S1X86L5)) ||
          (Arch == mmu_pkg::ArchArm && w_ctx.s1_mode == mmu_pkg::S1Arm4k) ||
          (Arch == mmu_pkg::ArchRiscv && (w_ctx.s1_mode == mmu_pkg::S1Sv39 ||
           w_ctx.s1_mode == mmu_pkg::S1Sv48 || w_ctx.s1_mode == mmu_pkg::S1Sv57)))
  `PROVE(h_id, "the id is that of the context", !w_busy || w_id == {w_ctx.regime, w_ctx.s1_mode, w_ctx.s2_mode, w_ctx.vmid, w_ctx.asid})
  `PROVE(h_width, "and so is the width", !w_busy || w_ctx.pa_width <= 6'd52)
  `PROVE(h_port, "the port is busy while the walk waits for it", p_busy == (reads || updates))
  `PROVE(h_pending, "a pending request is out", !p_pending || p_busy)
  `PROVE(h_held, "so is one that is held", !p_held || p_pending_all[p_last])
  `PROVE(h_kind, "with a swap if it updates", !p_busy || p_cas == updates)
  `PROVE(h_port_addr, "of its address", !p_busy || p_addr == w_addr[51:0])
  `PROVE(h_expected, "and what it read", !(p_busy && updates) || (p_expected == w_pte && p_desired == w_new))
  `PROVE(h_new, "its new descriptor is the read one with A and D", !(updates || about_swap) || ad_only)
  `PROVE(h_read_addr, "the read went to its address",
         !((reads && !p_pending) || (judging && !w_stored) || updates || about_swap || swapped) || read_addr_q == w_addr[51:0])
  `PROVE(h_read_old, "and brought its descriptor", !((judging && !w_stored) || updates || about_swap) || read_old_q == w_pte || w_error != mmu_pkg::MemOk)
  `PROVE(h_good, "without an error", !((judging && !w_stored && w_error == mmu_pkg::MemOk) || (updates && p_pending) || about_swap) || read_good_q)
  `PROVE(h_swap_good, "which a swap needs", !(updates || about_swap) || w_error == mmu_pkg::MemOk)
  `PROVE(h_gpa, "stage 2 is asked for its address", !(about_table || about_swap) || w_gpa == w_addr)
  `PROVE(h_s2, "by this slot alone", !asks || s_asked)
  `PROVE(h_s2_back, "stage 2 works for who asked", !s_asked || asks)
  `PROVE(h_s2_hpa, "and passes it through", !(asks && s_asked) || (s_hpa == w_gpa && !s_fault))
  `PROVE(h_stored, "a descriptor of the cache is a pointer's at height 1 or more, without an error",
         !(judging && w_stored) || (w_error == mmu_pkg::MemOk && w_level != 3'd0))
  `PROVE(h_not_stored, "and is never written", !(reads || updates || about_swap || swapped) || !w_stored)
  `PROVE(h_hpa_kept, "the address of a read is that of stage 2",
         !(s2_on && (reads || (judging && !w_stored) || updates || about_swap || swapped)) || w_hpa == w_addr)
  `PROVE(h_old, "a walk knows that a sweep came after its read", !swept_q || w_old)
  `PROVE(h_hpa, "as its answer", !asked || (w_hpa == w_gpa && !w_s2_fault))
  `PROVE(h_level, "heights are 0 to 4", !in_walk || w_level <= 3'd4)
  `PROVE(h_top, "below that of the root", !in_walk || (w_level <= top_q && top_q <= 3'd4))
  `PROVE(h_fits, "and addresses of the port's width", !in_walk || w_addr[55:52] == 4'd0)
  `PROVE(h_next, "as that of the next table",
         !(updates || about_swap || (w_busy && w_state == mmu_pkg::WalkSwapped)) || w_next[55:52] == 4'd0)
  `PROVE(h_not_last, "which is none at height 0",
         !(updates || about_swap || (w_busy && w_state == mmu_pkg::WalkSwapped)) || w_leaf || w_level != 3'd0)
  `PROVE(h_shift, "the last leaf's size is that of a page",
         !((w_busy && w_state == mmu_pkg::WalkFill && w_ctx.s1_mode != mmu_pkg::S1Off) || updates || about_swap ||
           ((asks || asked) && w_about == mmu_pkg::AboutFinal && w_ctx.s1_mode != mmu_pkg::S1Off) ||
           (w_busy && w_state == mmu_pkg::WalkSwapped)) || w_shift == mmu_pkg::size_shift(mmu_pkg::size_of(w_shift)))
  `PROVE(h_s2_shift, "stage 2 says 0 or a page's", !w_busy || w_state == mmu_pkg::WalkRoot || w_s2_shift == 6'd0 || w_s2_shift == 6'd52)
  `PROVE(h_reads, "reads are levels done and swaps lost",
         !in_walk || reads_q + {2'd0, w_level} + (about_table || (judging && w_stored) ? 5'd1 : 5'd0) <= {2'd0, top_q} + 5'd1 + lost_q)
  `PROVE(h_after, "so they are after the walk", !(w_busy && !in_walk && w_state != mmu_pkg::WalkRoot) || reads_q == '0 || reads_q <= {2'd0, top_q} + 5'd1 + lost_q)
  `PROVE(h_at_root, "and none at the root", !(w_busy && w_state == mmu_pkg::WalkRoot) || (reads_q == '0 && lost_q == '0))
  `PROVE(h_lost, "setbacks count the lost", !w_busy || {1'b0, setbacks_q} >= lost_q)
  `PROVE(h_count, "as the updater counts", !w_busy || w_count == setbacks_q)
  `PROVE(h_patience, "and end in giving up", !w_busy || setbacks_q < 4'd8 || (w_state == mmu_pkg::WalkRetry && setbacks_q == 4'd8))
  `PROVE(h_stale, "an overtaken walk is marked", !(w_busy && stale_q) || w_overtaken || w_state == mmu_pkg::WalkRetry)
  `PROVE(h_swapped, "the walker knows how its swap went", !(w_busy && w_state == mmu_pkg::WalkSwapped) ||
         swapped_q == (w_swap_ok && w_error == mmu_pkg::MemOk))
  `PROVE(h_turn, "and the other acts in between", !(w_busy && w_state[3]) || turn_q == '0 || (turn_q == 3'd1 && !w_last))

  logic unused_wires;
  assign unused_wires = ^{swap_refused, swap_done, probe_valid, w_gpa};
endmodule
