// SPDX-License-Identifier: Apache-2.0
// The walks: stage-1 walker, A/D updater, memory port and one architecture's judges, with free requests, answers of
// either walk cache, invalidations, a memory that answers anything at any time, and a stage 2 that does so, too.
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
  input logic [63:0]        mem_rsp_old_i,
  input logic               s2_valid_i,
  input logic               s2_slot_i,
  input mmu_pkg::s2_answer_t s2_answer_i
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
  logic             ask_valid, act_moved;
  logic [63:0]      ask_gpa, act_asked;
  logic [1:0]       ask_about, told_concerned;
  mmu_pkg::fault_t  fault;
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
    .act_slot_o (act_slot), .act_va_o (act_va), .act_asked_o (act_asked), .act_access_o (act_access), .act_ctx_o (act_ctx), .root_i (root),
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
    .act_restart_o (act_restart), .act_moved_o (act_moved), .act_swapped_o (act_swapped), .act_swap_ok_o (act_swap_ok), .act_error_o (act_error),
    .swap_done_i (swap_done), .swap_lost_i (swap_lost), .exhausted_i (exhausted),
    .s2_ask_valid_o (ask_valid), .s2_ask_gpa_o (ask_gpa), .s2_ask_about_o (ask_about),
    .s2_rsp_valid_i (s2_valid_i), .s2_rsp_slot_i (s2_slot_i), .s2_rsp_i (s2_answer_i), .s2_act_slot_i (1'b0),
    .concerned_o (told_concerned), .answer_fault_o (fault),
    .answer_valid_o (answer_valid), .answer_status_o (answer_status), .fill_valid_o (fill_valid), .fill_ready_i,
    .fill_o (fill_entry), .quiet_i, .sweep_valid_i, .sweep_i, .act_port_o (act_port)
  );
  ad_updater #(.Walks(Walks)) updater (
    .clk_i, .begin_valid_i (start_valid_i), .begin_slot_i (start_slot_i), .act_slot_i (act_slot),
    .act_restart_i (act_restart || act_moved), .act_cas_i (act_swapped), .act_ok_i (act_swap_ok), .act_error_i (act_error),
    .done_o (swap_done), .lost_o (swap_lost), .refused_o (swap_refused), .exhausted_o (exhausted)
  );
  mem_port #(.Walks(Walks)) port (
    .clk_i, .rst_ni, .issue_valid_i (issue_valid), .issue_slot_i (act_slot), .issue_cas_i (issue_cas),
    .issue_addr_i (issue_addr), .issue_expected_i (issue_expected), .issue_desired_i (issue_desired),
    .issue_tag_i ('0), .issue_port_i (act_port), .issue_level_i ('0),
    .s2_issue_valid_i (1'b0), .s2_issue_slot_i ('0), .s2_issue_cas_i ('0), .s2_issue_addr_i ('0), .s2_issue_expected_i ('0),
    .s2_issue_desired_i ('0), .s2_issue_tag_i ('0), .s2_issue_port_i ('0), .s2_issue_level_i ('0),
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
  logic [1:0] s2_asked_q;  // by slot: stage 2 owes an answer
  always_ff @(posedge clk_i) begin
    if (!rst_ni) s2_asked_q <= '0;
    else begin
      if (s2_valid_i) s2_asked_q[s2_slot_i] <= 1'b0;
      if (ask_valid) s2_asked_q[act_slot] <= 1'b1;
    end
  end
  `ASSUME(s2_answers, "stage 2 answers only questions, each once", !s2_valid_i || s2_asked_q[s2_slot_i])
  `ASSUME(s2_sense, "unless the question is overtaken it says to come back, or that there is a fault, or names a page",
          !(s2_valid_i && s2_slot_i == Slot[0]) || w_overtaken || s2_answer_i.retry || s2_answer_i.fault ||
          s2_answer_i.shift == 6'd52 || s2_answer_i.shift == mmu_pkg::size_shift(mmu_pkg::size_of(s2_answer_i.shift)))
  `ASSUME(s2_width, "and of a table an address of 52 bits",
          !(s2_valid_i && s2_slot_i == Slot[0]) || w_about == mmu_pkg::AboutFinal || s2_answer_i.hpa[55:52] == 4'd0 ||
          w_ctx.s2_mode == mmu_pkg::S2Pass)
  `ASSUME(s2_pass, "which is the one that was asked where it passes addresses through, or 0 of an overtaken question",
          !(s2_valid_i && s2_slot_i == Slot[0] && w_ctx.s2_mode == mmu_pkg::S2Pass) || s2_answer_i.hpa == w_gpa[55:0] ||
          (w_overtaken && s2_answer_i.hpa == '0))
  `ASSUME(s2_waits, "and never in the cycle of a sweep", !(s2_valid_i && sweep_valid_i))
  `ASSUME(s2_page, "and the page of everything only where it passes addresses through",
          !(s2_valid_i && s2_slot_i == Slot[0]) || w_ctx.s2_mode == mmu_pkg::S2Pass || s2_answer_i.shift != 6'd52)
  `ASSUME(a_stage2, "stage 2 is off, passes addresses through or is the architecture's",
          start_ctx_i.s2_mode == mmu_pkg::S2Off || start_ctx_i.s2_mode == mmu_pkg::S2Pass ||
          (Arch == mmu_pkg::ArchX86 && (start_ctx_i.s2_mode == mmu_pkg::S2Ept || start_ctx_i.s2_mode == mmu_pkg::S2Npt)) ||
          (Arch == mmu_pkg::ArchArm && start_ctx_i.s2_mode == mmu_pkg::S2Arm) ||
          (Arch == mmu_pkg::ArchRiscv && start_ctx_i.s2_mode == mmu_pkg::S2Riscv))
  `ASSUME(nested_by_vmid, "invalidations by guest-physical address spare no VMID and name no ASID",
          !sweep_i.nested || !(sweep_i.by_asid || sweep_i.but_vmid0))
  `ASSUME(a_mode, "stage 1 is off or in a mode of the architecture",
          start_ctx_i.s1_mode == mmu_pkg::S1Off ||
          (Arch == mmu_pkg::ArchX86 && (start_ctx_i.s1_mode == mmu_pkg::S1X86L4 || start_ctx_i.s1_mode == mmu_pkg::S1X86L5)) ||
          (Arch == mmu_pkg::ArchArm && start_ctx_i.s1_mode == mmu_pkg::S1Arm4k) ||
          (Arch == mmu_pkg::ArchRiscv && (start_ctx_i.s1_mode == mmu_pkg::S1Sv39 ||
           start_ctx_i.s1_mode == mmu_pkg::S1Sv48 || start_ctx_i.s1_mode == mmu_pkg::S1Sv57)))
  `ASSUME(width, "the physical width is at most 52 bits", start_ctx_i.pa_width <= 6'd52)

`include "walk_regs.svh"
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
  (* hierconn *) wire [63:0] \walker.gpa_d ;
  wire [63:0] gpa = \walker.gpa_d ;
  `PROVE(fits_port, "addresses fit the memory port", !(issue_valid && act_slot == Slot[0]) || (s2_on ? w_s2.hpa[55:52] == 4'd0 : gpa[63:52] == '0))
  `PROVE(one_request, "a slot has one request at a time", !(issue_valid && act_slot == Slot[0]) || !p_busy)
  `COVER(a_swap, "a swap is taken", takes_swap)
  `COVER(a_moved_swap, "a swap is not made because stage 2 has moved the descriptor", act_moved && act_slot == Slot[0])
  `COVER(a_two_stage_swap, "a swap is made where stage 2 says that the descriptor is", takes_swap && w_s2.hpa[51:0] != w_addr[51:0] && s2_on)
  `COVER(second_swap, "a swap is taken after a lost one", takes_swap && lost_q != '0)

  // ---- the walk ends -------------------------------------------------------------------------------
  logic       start, act_here, answer, read_issued, lost, restart;
  assign start       = start_valid_i && start_slot_i == Slot[0];
  (* hierconn *) wire \walker.act_valid ;
  wire        act_valid = \walker.act_valid ;
  assign act_here    = act_valid && act_slot == Slot[0];
  assign answer      = answer_valid && act_slot == Slot[0];
  assign read_issued = issue_valid && !issue_cas && act_slot == Slot[0];
  assign lost        = (swap_lost || act_moved) && act_slot == Slot[0];
  assign restart     = act_restart && act_slot == Slot[0];
  logic [4:0] reads_q, lost_q;  // since the walk was last at its root; lost: or moved by stage 2
  logic [4:0] tables_q, swaps_q, spares_q;  // questions to stage 2 of two kinds, and reads that were spared
  logic       final_q;          // the third
  logic       asks_now, spares_now;
  assign asks_now   = ask_valid && act_slot == Slot[0];
  assign spares_now = desc_probe && desc_hit_i && act_here;
  logic [3:0] setbacks_q;       // since the walk started: lost swaps and restarts
  logic [2:0] top_q;            // height of its root
  always_ff @(posedge clk_i) begin
    if (start || restart) begin
      reads_q  <= '0;
      lost_q   <= '0;
      tables_q <= '0;
      swaps_q  <= '0;
      spares_q <= '0;
      final_q  <= 1'b0;
    end else begin
      if (asks_now && ask_about == mmu_pkg::AboutTable) tables_q <= tables_q + 1'b1;
      if (asks_now && ask_about == mmu_pkg::AboutSwap) swaps_q <= swaps_q + 1'b1;
      if (asks_now && ask_about == mmu_pkg::AboutFinal) final_q <= 1'b1;
      if (spares_now) spares_q <= spares_q + 1'b1;
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
  `PROVE(read_bound, "reads since the root are at most its levels and the swaps lost, or moved by stage 2, since",
         !open_q[Slot] || reads_q <= 5'd5 + lost_q)
  `PROVE(read_bound_exact, "levels are those of the root's height",
         !open_q[Slot] || reads_q == '0 || reads_q <= {2'd0, top_q} + 5'd1 + lost_q)
  `PROVE(patience, "lost and moved swaps and restarts of a walk are at most 8", !open_q[Slot] || setbacks_q <= 4'd8)
  `PROVE(ask_tables, "stage 2 is asked where a table is once for each read, or each that the descriptor cache spares",
         !open_q[Slot] || tables_q <= reads_q + spares_q + 5'd1)
  `PROVE(ask_spares, "which are at most the levels", !open_q[Slot] || spares_q <= 5'd5)
  `PROVE(ask_swaps, "where it is to be updated at most once for each read", !open_q[Slot] || swaps_q <= reads_q)
  `PROVE(ask_final, "and of the final address once", !(asks_now && ask_about == mmu_pkg::AboutFinal) || !final_q)
  `PROVE(ask_off, "and nothing if it is off", !asks_now || s2_on)
  `PROVE(rank_falls, "each step of a walk lowers its rank, at most 1151", !going || (acted_q || w_state != state_q ? rank < rank_q : rank == rank_q))
  `PROVE(waits_for_memory, "a walk that waits for memory has a request out",
         !(open_q[Slot] && (w_state == mmu_pkg::WalkRead || w_state == mmu_pkg::WalkUpdate)) || p_busy)
  `PROVE(waits_for_stage2, "a walk that waits for stage 2 has asked it",
         !(open_q[Slot] && w_state == mmu_pkg::WalkAskS2) || s2_asked_q[Slot])
  `PROVE(in_turn, "a walk with something to decide acts in the second cycle in which it may",
         !open_q[Slot] || turn_q <= 3'd1)
  `COVER(five_reads, "a walk reads as many descriptors as its root has levels", answer && lost_q == '0 && reads_q == {2'd0, top_q} + 5'd1 && top_q >= 3'd2)
  `COVER(questions, "a walk of as many asks stage 2 of each and of the final address, and nothing else",
         answer && lost_q == '0 && tables_q == {2'd0, top_q} + 5'd1 && reads_q == tables_q && swaps_q == '0 && final_q && top_q >= 3'd2)
  `COVER(gives_up, "a walk that is not speculative gives up", answer && answer_status == mmu_pkg::StatusRetry && !act_access.speculative)

  // ---- it answers once, and fills only what is good ------------------------------------------------
  logic stale_q;  // a sweep concerned the walk since it left its root
  logic concerned, space;
  logic [39:0] own_root;  // as an invalidation may name it
  mmu_pkg::inval_t any_address;
  assign own_root = (w_ctx.s2_mode == mmu_pkg::S2Ept) ? w_ctx.s2_root[51:12] : '0;
  always_comb begin
    any_address        = sweep_i;
    any_address.stage2 = sweep_i.stage2 || sweep_i.nested;
  end
  space_law u_space (.inval_i (any_address), .id_i (w_id), .root_i (own_root), .concerns_o (space));
  assign concerned = sweep_valid_i && open_q[Slot] && w_state != mmu_pkg::WalkRoot && space &&
                     !(sweep_i.by_asid && !sweep_i.globals && w_id[15:0] != sweep_i.asid);
  `PROVE(told_stage2, "stage 2 is told which slots' questions a sweep concerns", !concerned || told_concerned[Slot])
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
  // What stage 2 was last asked, and said.
  logic [63:0]         asked_gpa_q;
  logic [1:0]          asked_about_q;
  mmu_pkg::s2_answer_t said_q;
  logic                s2_faulted_q;
  always_ff @(posedge clk_i) begin
    if (asks_now) begin
      asked_gpa_q   <= ask_gpa;
      asked_about_q <= ask_about;
    end
    if (s2_valid_i && s2_slot_i == Slot[0]) said_q <= s2_answer_i;
    if (!rst_ni || start || restart || asks_now) s2_faulted_q <= 1'b0;
    else if (s2_valid_i && s2_slot_i == Slot[0]) s2_faulted_q <= s2_answer_i.fault && !s2_answer_i.retry;
  end
  logic answers_fault;
  assign answers_fault = answer && answer_status == mmu_pkg::StatusFault;
  `PROVE(fault_stage, "a fault is marked as one of stage 2 if that said so last, and only then",
         !answers_fault || fault.stage2 == s2_faulted_q)
  `PROVE(fault_gpa, "with the address that was asked", !(answers_fault && s2_faulted_q) || fault.gpa == asked_gpa_q)
  `PROVE(fault_about, "as one of a walk if a table was asked for, of an update if that was",
         !(answers_fault && s2_faulted_q) || (fault.on_walk == (asked_about_q == mmu_pkg::AboutTable) &&
                                              fault.on_ad_write == (asked_about_q == mmu_pkg::AboutSwap)))
  `PROVE(fault_says, "and with the cause and level and rights and memory error that it named",
         !(answers_fault && s2_faulted_q) || (fault.cause == said_q.cause && fault.s2_level == said_q.level &&
                                              fault.s2_rights == said_q.rights && fault.mem_error == said_q.mem_error))
  `PROVE(fault_clean, "and nothing of stage 2 in a fault of stage 1",
         !(answers_fault && !s2_faulted_q) || (fault.gpa == '0 && fault.s2_level == '0 && fault.s2_rights == '0))
  `PROVE(fault_access, "a fault names the access and the address as they were asked",
         !answers_fault || (fault.access == act_access && fault.gva == act_asked))
  `PROVE(fill_of_stage2, "what is filled is where stage 2 said and what it grants",
         !(fill && s2_on) || (fill_entry.ppn == said_q.hpa[55:12] && fill_entry.s2_rights == said_q.rights &&
                              fill_entry.s2_shift == said_q.shift && fill_entry.s2_attrs == said_q.attrs &&
                              (said_q.dirty || !fill_entry.dirty) && asked_about_q == mmu_pkg::AboutFinal))
  `COVER(table_fault, "stage 2 faults on a table", answers_fault && fault.stage2 && fault.on_walk)
  `COVER(swap_fault, "on an update", answers_fault && fault.stage2 && fault.on_ad_write)
  `COVER(final_fault, "and on the final address", answers_fault && fault.stage2 && !fault.on_walk && !fault.on_ad_write)
  logic [5:0] fill_shift;
  assign fill_shift = (fill_entry.s2_shift != 6'd0 && fill_entry.s2_shift < fill_entry.s1_shift) ? fill_entry.s2_shift
                                                                                                : fill_entry.s1_shift;
  `PROVE(fill_is_page, "and with a page of a size that there is",
         !fill || fill_shift == mmu_pkg::size_shift(mmu_pkg::size_of(fill_shift)))
  `PROVE(fill_s1_page, "and so is stage 1's page unless stage 1 is off", !fill || fill_entry.s1_shift == 6'd52 ||
         fill_entry.s1_shift == mmu_pkg::size_shift(mmu_pkg::size_of(fill_entry.s1_shift)))
  `PROVE(fill_a_stage, "with a stage on", !fill || fill_entry.id[38:35] != mmu_pkg::S1Off || fill_entry.id[34:32] != mmu_pkg::S2Off)
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
  logic translates;
  assign translates = s2_on && w_ctx.s2_mode != mmu_pkg::S2Pass;
  logic [51:0] place;  // of the descriptor
  assign place = s2_on ? w_s2.hpa[51:0] : w_addr[51:0];
  assign ad_only = (w_new & ~w_pte & ~may_set) == '0 && (w_pte & ~w_new & ~may_clear) == '0;
  assign in_walk = reads || judging || updates || about_swap || about_table ||
                   (w_busy && w_state == mmu_pkg::WalkSwapped);
  `PROVE(h_state, "a state is one of those", !w_busy || (w_state >= 4'd1 && w_state <= 4'd3) || (w_state >= 4'd8 && w_state <= 4'd14))
  `PROVE(h_about, "a question is about one of three", !(asks || asked) || w_about != 2'd3)
  `PROVE(h_mode, "stage 2 is as it was started", !w_busy || w_ctx.s2_mode == mmu_pkg::S2Off || w_ctx.s2_mode == mmu_pkg::S2Pass ||
          (Arch == mmu_pkg::ArchX86 && (w_ctx.s2_mode == mmu_pkg::S2Ept || w_ctx.s2_mode == mmu_pkg::S2Npt)) ||
          (Arch == mmu_pkg::ArchArm && w_ctx.s2_mode == mmu_pkg::S2Arm) ||
          (Arch == mmu_pkg::ArchRiscv && w_ctx.s2_mode == mmu_pkg::S2Riscv))
  `PROVE(h_root, "and so is its root", !w_busy || w_root == own_root)
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
  `PROVE(h_port_addr, "of its address", !p_busy || p_addr == place)
  `PROVE(h_expected, "and what it read", !(p_busy && updates) || (p_expected == w_pte && p_desired == w_new))
  `PROVE(h_new, "its new descriptor is the read one with A and D", !(updates || about_swap) || ad_only)
  `PROVE(h_read_addr, "the read went to its address",
         !((reads && !p_pending) || (judging && !w_stored) || updates || (about_swap && asks) || swapped) || read_addr_q == place)
  `PROVE(h_moved, "where it still is unless stage 2 has moved it", !(about_swap && asked) || w_moved || read_addr_q == place)
  `PROVE(h_read_old, "and brought its descriptor", !((judging && !w_stored) || updates || about_swap) || read_old_q == w_pte || w_error != mmu_pkg::MemOk)
  `PROVE(h_good, "without an error", !((judging && !w_stored && w_error == mmu_pkg::MemOk) || (updates && p_pending) || about_swap) || read_good_q)
  `PROVE(h_swap_good, "which a swap needs", !(updates || about_swap) || w_error == mmu_pkg::MemOk)
  `PROVE(h_gpa, "stage 2 is asked for its address", !(about_table || about_swap) || w_gpa == {8'd0, w_addr})
  `PROVE(h_s2, "it is asked by who waits for it", s2_asked_q[Slot] == asks)
  `PROVE(h_s2_on, "if it is on", !(asks || asked) || s2_on)
  `PROVE(h_asked, "the walk knows what it asked last", !(asks || asked || (w_busy && w_state == mmu_pkg::WalkFault && w_stage2)) ||
         (asked_gpa_q == w_gpa && asked_about_q == w_about))
  `PROVE(h_said, "and what stage 2 said", !(s2_on && (asked || reads || (judging && !w_stored) || updates || swapped ||
         (w_busy && (w_state == mmu_pkg::WalkFill || (w_state == mmu_pkg::WalkFault && w_stage2))))) || said_q == w_s2)
  `PROVE(h_final, "the last was the final address", !(w_busy && w_state == mmu_pkg::WalkFill && s2_on) || asked_about_q == mmu_pkg::AboutFinal)
  `PROVE(h_faulted, "and that it was a fault", !asked || s2_faulted_q == (w_s2.fault && !w_s2.retry))
  `PROVE(h_stage2, "a fault of stage 2 ends the walk", !w_busy || w_state == mmu_pkg::WalkRoot || asked || w_state == mmu_pkg::WalkRetry ||
         (w_stage2 == s2_faulted_q && (!w_stage2 || w_state == mmu_pkg::WalkFault)))
  `PROVE(h_stage2_asked, "and is noted then", !asked || !w_stage2)
  `PROVE(h_stage2_about, "with what it was about", !(w_busy && w_state == mmu_pkg::WalkFault && w_stage2) ||
         (w_on_walk == (asked_about_q == mmu_pkg::AboutTable) && w_on_swap == (asked_about_q == mmu_pkg::AboutSwap) && w_s2.fault && s2_on))
  `PROVE(h_cause, "and why", !(w_busy && w_state == mmu_pkg::WalkFault && w_stage2) || w_cause == w_s2.cause)
  `PROVE(h_root_clean, "none at the root", !(w_busy && w_state == mmu_pkg::WalkRoot) || !s2_faulted_q)
  `PROVE(h_stored, "a descriptor of the cache is a pointer's at height 1 or more, without an error",
         !(judging && w_stored) || (w_error == mmu_pkg::MemOk && w_level != 3'd0))
  `PROVE(h_not_stored, "and is never written", !(reads || updates || about_swap || swapped) || !w_stored)
  `PROVE(h_old, "a walk knows that a sweep came after its read", !swept_q || w_old)
  `PROVE(h_hpa, "addresses of tables from stage 2 are of the port's width",
         !(s2_on && (((asked || asks) && w_about != mmu_pkg::AboutFinal && !(asks && about_table)) || reads || (judging && !w_stored) || updates || swapped)) ||
         w_s2.hpa[55:52] == 4'd0)
  `PROVE(h_level, "heights are 0 to 4", !in_walk || w_level <= 3'd4)
  `PROVE(h_top, "below that of the root", !in_walk || (w_level <= top_q && top_q <= 3'd4))
  `PROVE(h_fits, "and addresses of the port's width where they go there", !in_walk || translates || w_addr[55:52] == 4'd0)
  `PROVE(h_next, "as that of the next table",
         !(updates || about_swap || swapped) || translates || w_next[55:52] == 4'd0)
  `PROVE(h_not_last, "which is none at height 0",
         !(updates || about_swap || (w_busy && w_state == mmu_pkg::WalkSwapped)) || w_leaf || w_level != 3'd0)
  `PROVE(h_shift, "the last leaf's size is that of a page",
         !((w_busy && w_state == mmu_pkg::WalkFill && w_ctx.s1_mode != mmu_pkg::S1Off) || updates || about_swap ||
           ((asks || asked) && w_about == mmu_pkg::AboutFinal && w_ctx.s1_mode != mmu_pkg::S1Off) ||
           (w_busy && w_state == mmu_pkg::WalkSwapped)) || w_shift == mmu_pkg::size_shift(mmu_pkg::size_of(w_shift)))
  `PROVE(h_s2_shift, "and so is stage 2's", !(w_busy && !w_overtaken && s2_on && (w_state == mmu_pkg::WalkFill || (asked && !w_s2.fault && !w_s2.retry))) ||
         (w_s2.shift == 6'd52 && w_ctx.s2_mode == mmu_pkg::S2Pass) || w_s2.shift == mmu_pkg::size_shift(mmu_pkg::size_of(w_s2.shift)))
  `PROVE(h_s2_none, "which is 0 without it", !(w_busy && !s2_on) || w_s2.shift == '0)
  `PROVE(h_tables, "questions about tables are reads, those spared, and the one to be made",
         !(in_walk && s2_on) || tables_q == reads_q + spares_q + (about_table ? 5'd1 : 5'd0))
  `PROVE(h_tables_after, "which a fault leaves unmade", !w_busy || tables_q <= reads_q + spares_q + 5'd1)
  `PROVE(h_spares, "one is spared at each level", !in_walk || spares_q + {2'd0, w_level} +
         ((about_table && !w_anew) ? 5'd1 : 5'd0) <= {2'd0, top_q} + 5'd1)
  `PROVE(h_spares_after, "so they are after the walk", !(w_busy && !in_walk && w_state != mmu_pkg::WalkRoot) || spares_q <= 5'd5)
  `PROVE(h_swaps, "a swap is asked for after a read",
         !w_busy || swaps_q + ((reads || (judging && !w_stored)) ? 5'd1 : 5'd0) <= reads_q)
  `PROVE(h_first_final, "the final address comes last", !in_walk || !final_q)
  `PROVE(h_reads, "reads are levels done and swaps lost",
         !in_walk || reads_q + {2'd0, w_level} + (about_table || (judging && w_stored) ? 5'd1 : 5'd0) <= {2'd0, top_q} + 5'd1 + lost_q)
  `PROVE(h_after, "so they are after the walk", !(w_busy && !in_walk && w_state != mmu_pkg::WalkRoot) || reads_q == '0 || reads_q <= {2'd0, top_q} + 5'd1 + lost_q)
  `PROVE(h_at_root, "and none at the root", !(w_busy && w_state == mmu_pkg::WalkRoot) || (reads_q == '0 && lost_q == '0 && tables_q == '0 && swaps_q == '0 && spares_q == '0 && !final_q))
  `PROVE(h_lost, "setbacks count the lost", !w_busy || {1'b0, setbacks_q} >= lost_q)
  `PROVE(h_count, "as the updater counts", !w_busy || w_count == setbacks_q)
  `PROVE(h_patience, "and end in giving up", !w_busy || setbacks_q < 4'd8 || (w_state == mmu_pkg::WalkRetry && setbacks_q == 4'd8))
  `PROVE(h_stale, "an overtaken walk is marked", !(w_busy && stale_q) || w_overtaken || w_state == mmu_pkg::WalkRetry)
  `PROVE(h_swapped, "the walker knows how its swap went", !(w_busy && w_state == mmu_pkg::WalkSwapped) ||
         swapped_q == (w_swap_ok && w_error == mmu_pkg::MemOk))
  `PROVE(h_turn, "and the other acts in between", !(w_busy && w_state[3]) || turn_q == '0 || (turn_q == 3'd1 && !w_last))

  logic unused_wires;
  assign unused_wires = ^{swap_refused, swap_done, probe_valid, w_gpa, w_moved};
endmodule
