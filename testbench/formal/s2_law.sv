// SPDX-License-Identifier: Apache-2.0
// Stage 2: its walker with updater and nested TLB, the memory port and one architecture's judges, with free questions
// and contexts, invalidations, and a memory that answers anything at any time. What is proven is of one slot, the one
// numbered Slot; the other is there and is free, too.
`include "formal.svh"

module s2_law #(
  parameter logic [1:0]  Arch = 2'd0,
  parameter int unsigned Slot = 0
) (
  input logic               clk_i,
  input logic               ask_valid_i,
  input logic               ask_slot_i,
  input logic [63:0]        ask_gpa_i,
  input logic [1:0]         ask_about_i,
  input logic               ask_user_page_i,
  input mmu_pkg::access_t   ask_access_i,
  input mmu_pkg::ctx_t      ask_ctx_i,
  input logic               quiet_i,
  input logic               sweep_valid_i,
  input mmu_pkg::inval_t    sweep_i,
  input logic [1:0]         concerned_i,
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
  logic                rsp_valid, rsp_slot, act_slot, user_page;
  mmu_pkg::s2_answer_t rsp;
  logic [1:0]          about;
  mmu_pkg::s2_need_t   need;
  logic [63:0]         gpa, step_pte;
  mmu_pkg::root_t      root;
  logic [2:0]          step_level;
  mmu_pkg::s2_rights_t step_rights;
  mmu_pkg::s2_step_t   step;
  logic                issue_valid, issue_cas, mem_valid, mem_slot, swap_pending, nested_hit, idle;
  logic [51:0]         issue_addr;
  logic [63:0]         issue_expected, issue_desired;
  logic [2:0]          issue_level;
  logic                req_valid, req_cas, mem_stage2;
  logic [7:0]          req_id;
  logic [51:0]         req_addr;
  logic [63:0]         req_expected, req_desired;

  // The requests that the questions are of, held while they are open.
  mmu_pkg::ctx_t    ctx0_q, ctx1_q, act_ctx, own_ctx;
  mmu_pkg::access_t access0_q, access1_q, act_access, own_access;
  always_ff @(posedge clk_i) begin
    if (ask_valid_i && !ask_slot_i) {ctx0_q, access0_q} <= {ask_ctx_i, ask_access_i};
    if (ask_valid_i && ask_slot_i) {ctx1_q, access1_q} <= {ask_ctx_i, ask_access_i};
  end
  assign act_ctx    = act_slot ? ctx1_q : ctx0_q;
  assign act_access = act_slot ? access1_q : access0_q;
  assign own_ctx    = (Slot == 1) ? ctx1_q : ctx0_q;
  assign own_access = (Slot == 1) ? access1_q : access0_q;

  s2_walker #(.Walks(Walks), .NestedEntries(1)) dut (
    .clk_i, .rst_ni, .ask_valid_i, .ask_slot_i, .ask_gpa_i, .ask_about_i, .ask_user_page_i,
    .rsp_valid_o (rsp_valid), .rsp_slot_o (rsp_slot), .rsp_o (rsp),
    .act_slot_o (act_slot), .act_access_i (act_access), .act_ctx_i (act_ctx), .about_o (about), .user_page_o (user_page),
    .need_i (need), .gpa_o (gpa), .root_i (root), .step_pte_o (step_pte), .step_level_o (step_level),
    .step_rights_o (step_rights), .step_i (step),
    .issue_valid_o (issue_valid), .issue_cas_o (issue_cas), .issue_addr_o (issue_addr),
    .issue_expected_o (issue_expected), .issue_desired_o (issue_desired), .issue_level_o (issue_level),
    .rsp_valid_i (mem_valid), .rsp_slot_i (mem_slot), .rsp_old_i (mem_rsp_old_i), .rsp_ok_i (mem_rsp_ok_i),
    .rsp_error_i (mem_rsp_error_i), .quiet_i, .sweep_valid_i, .sweep_i, .concerned_i,
    .swap_pending_o (swap_pending), .nested_hit_o (nested_hit), .idle_o (idle)
  );
  mem_port #(.Walks(Walks)) port (
    .clk_i, .rst_ni, .issue_valid_i (1'b0), .issue_slot_i ('0), .issue_cas_i ('0), .issue_addr_i ('0), .issue_expected_i ('0),
    .issue_desired_i ('0), .issue_tag_i ('0), .issue_port_i ('0), .issue_level_i ('0),
    .s2_issue_valid_i (issue_valid), .s2_issue_slot_i (act_slot), .s2_issue_cas_i (issue_cas), .s2_issue_addr_i (issue_addr),
    .s2_issue_expected_i (issue_expected), .s2_issue_desired_i (issue_desired), .s2_issue_tag_i ('0), .s2_issue_port_i ('0),
    .s2_issue_level_i (issue_level),
    .mem_req_valid_o (req_valid), .mem_req_ready_i, .mem_req_cas_o (req_cas), .mem_req_id_o (req_id),
    .mem_req_addr_o (req_addr), .mem_req_expected_o (req_expected), .mem_req_desired_o (req_desired),
    .mem_rsp_valid_i, .mem_rsp_id_i, .rsp_valid_o (mem_valid), .rsp_slot_o (mem_slot), .rsp_stage2_o (mem_stage2)
  );
`include "s2_judges.svh"
  logic        mode_on;
  logic [63:0] may_set;  // accessed and dirty, of this slot's tables
  mmu_pkg::s2_need_t own_need;  // of this slot's question
  logic [1:0]        own_about;
  if (Arch == mmu_pkg::ArchX86) begin : g_x86
    x86_s2_need u_own (.about_i (own_about), .access_i (own_access), .ctx_i (own_ctx), .user_page_i (1'b0), .need_o (own_need));
    assign mode_on = ask_ctx_i.s2_mode == mmu_pkg::S2Ept || ask_ctx_i.s2_mode == mmu_pkg::S2Npt;
    assign may_set = (own_ctx.s2_mode == mmu_pkg::S2Npt) ? 64'h60 : 64'h300;
  end else if (Arch == mmu_pkg::ArchArm) begin : g_arm
    arm_s2_need u_own (.about_i (own_about), .access_i (own_access), .ctx_i (own_ctx), .need_o (own_need));
    assign mode_on = ask_ctx_i.s2_mode == mmu_pkg::S2Arm;
    assign may_set = 64'h480;  // AF, S2AP[1]
  end else begin : g_riscv
    rv_s2_need u_own (.about_i (own_about), .access_i (own_access), .ctx_i (own_ctx), .need_o (own_need));
    assign mode_on = ask_ctx_i.s2_mode == mmu_pkg::S2Riscv;
    assign may_set = 64'hc0;
  end

  // ---- the surroundings ----------------------------------------------------------------------------
  logic [1:0] asked_q;  // by slot: asked and not answered
  always_ff @(posedge clk_i) begin
    if (!rst_ni) asked_q <= '0;
    else begin
      if (rsp_valid) asked_q[rsp_slot] <= 1'b0;
      if (ask_valid_i) asked_q[ask_slot_i] <= 1'b1;
    end
  end
  `ASSUME(one_question, "a slot asks when its last question is answered", !ask_valid_i || !asked_q[ask_slot_i])
  `ASSUME(mem_answers, "the memory answers only requests it has taken, each once", !mem_rsp_valid_i || mem_valid)
  `ASSUME(sweep_is_quiet, "nothing acts in the cycle of a sweep, nor is asked", !sweep_valid_i || (quiet_i && !ask_valid_i))
  `ASSUME(a_mode, "stage 2 passes addresses through or is the architecture's", ask_ctx_i.s2_mode == mmu_pkg::S2Pass || mode_on)
  `ASSUME(widths, "the physical width is at most 52 bits and the first table of a height that there is",
          ask_ctx_i.s2_pa_width <= 6'd52 && ask_ctx_i.s2_top <= 3'd4)

  // ---- the slot ------------------------------------------------------------------------------------
`include "s2_regs.svh"
  (* hierconn *) wire \dut.act_valid ;
  (* hierconn *) wire \dut.accept ;
  (* hierconn *) wire \dut.fill ;
  (* hierconn *) wire \dut.swap_lost ;
  (* hierconn *) wire [55:0] \dut.accept_next ;
  assign own_about = about_all[2*Slot +: 2];
  wire        dirty = dirty_all[Slot];
  wire [2:0] state = state_all[3*Slot +: 3];
  wire [2:0] level = level_all[3*Slot +: 3];
  wire [51:0] addr = addr_all[52*Slot +: 52];
  wire [63:0] pte = pte_all[64*Slot +: 64];
  wire [63:0] own_gpa = gpa_all[64*Slot +: 64];
  wire [1:0] error = error_all[2*Slot +: 2];
  wire [55:0] next = next_all[56*Slot +: 56];
  wire [5:0] shift = shift_all[6*Slot +: 6];
  wire [3:0] count = count_all[4*Slot +: 4];
  wire [51:0] p_addr = p_addr_all[52*Slot +: 52];
  wire [63:0] p_expected = p_expected_all[64*Slot +: 64];
  wire [63:0] p_desired = p_desired_all[64*Slot +: 64];
  wire        busy = busy_all[Slot];
  wire        overtaken = overtaken_all[Slot];
  wire        swap_ok = ok_all[Slot];
  wire        leaf = leaf_all[Slot];
  wire        p_busy = p_busy_all[Slot];
  wire        p_pending = p_pending_all[Slot];
  wire        p_cas = p_cas_all[Slot];
  wire        last = last_slot == Slot[0];
  wire        act_here = \dut.act_valid && act_slot == Slot[0];
  wire        accepts = \dut.accept ;
  wire        fills = \dut.fill ;
  wire        swap_lost = \dut.swap_lost ;
  wire [55:0] accept_next = \dut.accept_next ;
  wire        probes  = busy && state == 3'd4;
  wire        reads   = busy && state == 3'd1;
  wire        judging = busy && state == 3'd5;
  wire        updates = busy && state == 3'd2;
  wire        swapped = busy && state == 3'd6;

  // ---- invalidations -------------------------------------------------------------------------------
  logic start, concerned, space, stale_q;
  logic [39:0] own_root;
  mmu_pkg::inval_t nested_only;
  assign start    = ask_valid_i && ask_slot_i == Slot[0];
  assign own_root = (own_ctx.s2_mode == mmu_pkg::S2Ept) ? own_ctx.s2_root[51:12] : '0;
  always_comb begin
    nested_only        = sweep_i;
    nested_only.stage1 = 1'b0;
    nested_only.stage2 = 1'b1;
  end
  space_law u_space (
    .inval_i (nested_only), .id_i ({own_ctx.regime, own_ctx.s1_mode, own_ctx.s2_mode, own_ctx.vmid, own_ctx.asid}),
    .root_i (own_root), .concerns_o (space)
  );
  assign concerned = sweep_valid_i && sweep_i.nested && asked_q[Slot] && space;
  always_ff @(posedge clk_i) stale_q <= rst_ni && !start && (stale_q || concerned);
  `ASSUME(told, "it is told which slots' questions an invalidation by guest-physical address concerns",
          !concerned || concerned_i[Slot])

  // ---- what the memory saw of the slot -------------------------------------------------------------
  logic        takes, answers_mem, takes_swap;
  logic [51:0] read_addr_q;   // of the last read that was taken
  logic [63:0] read_old_q;    // what it was answered
  logic        read_good_q;   // without an error, and no swap was taken since
  logic        swapped_q;     // the last swap was done
  assign takes       = req_valid && mem_req_ready_i && req_id == 8'(Slot);
  assign answers_mem = mem_valid && mem_slot == Slot[0];
  assign takes_swap  = takes && req_cas;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) read_good_q <= 1'b0;
    else if (answers_mem) read_good_q <= !p_cas && mem_rsp_error_i == mmu_pkg::MemOk;
    else if (takes) read_good_q <= 1'b0;
    if (takes && !req_cas) read_addr_q <= req_addr;
    if (answers_mem) read_old_q <= mem_rsp_old_i;
    if (answers_mem && p_cas) swapped_q <= mem_rsp_ok_i && mem_rsp_error_i == mmu_pkg::MemOk;
  end
  `PROVE(swap_after_read, "a swap of stage 2 follows a read without error and no other swap", !takes_swap || read_good_q)
  `PROVE(swap_address, "it goes to the address that was read", !takes_swap || req_addr == read_addr_q)
  `PROVE(swap_expects, "it expects what was read", !takes_swap || req_expected == read_old_q)
  `PROVE(swap_sets, "it sets nothing but accessed and dirty, of stage 2", !takes_swap || (req_desired & ~read_old_q & ~may_set) == '0)
  `PROVE(swap_clears, "and clears nothing", !takes_swap || (read_old_q & ~req_desired) == '0)
  `PROVE(swap_counts, "what a swap was for counts only if the memory did it", !(act_here && swapped && accepts) || swapped_q)
  `PROVE(one_request, "a slot has one request at a time", !(issue_valid && act_slot == Slot[0]) || !p_busy)
  `PROVE(fits_port, "addresses fit the memory port", !(issue_valid && act_slot == Slot[0]) || issue_cas ||
         (probes ? root.desc_addr[55:52] == '0 : swapped && swap_lost ? 1'b1 : accept_next[55:52] == '0))
  `COVER(a_swap, "a swap is taken", takes_swap)
  `COVER(second_swap, "a swap is taken after a lost one", takes_swap && lost_q != '0)

  // ---- a question ends -----------------------------------------------------------------------------
  logic answer, read_issued, lost;
  assign answer      = rsp_valid && rsp_slot == Slot[0];
  assign read_issued = issue_valid && !issue_cas && act_slot == Slot[0];
  assign lost        = swap_lost && act_slot == Slot[0];
  logic [4:0] reads_q;
  logic [3:0] lost_q;
  logic [2:0] top_q;
  always_ff @(posedge clk_i) begin
    if (start) {reads_q, lost_q} <= '0;
    else begin
      if (read_issued) reads_q <= reads_q + 1'b1;
      if (lost) lost_q <= lost_q + 1'b1;
    end
    if (act_here && state == 3'd4) top_q <= root.level;
  end
  logic [10:0] rank, rank_q;  // of what is left to do
  logic [6:0]  phase;
  always_comb begin
    unique case (state)
      3'd4:    phase = 7'd127;
      3'd1:    phase = {level + 3'd1, 4'd4};
      3'd5:    phase = {level + 3'd1, 4'd3};
      3'd2:    phase = {level + 3'd1, 4'd2};
      3'd6:    phase = {level + 3'd1, 4'd1};
      default: phase = 7'd0;
    endcase
    rank = {3'd0, 4'd8 - lost_q, 4'd0} * 11'd8 + {4'd0, phase};
  end
  logic       was_open_q, acted_q;
  logic [2:0] state_q, turn_q;
  always_ff @(posedge clk_i) begin
    was_open_q <= rst_ni && asked_q[Slot];
    rank_q     <= rank;
    state_q    <= state;
    acted_q    <= act_here;
    if (!busy || !state[2] || act_here) turn_q <= '0;
    else if (!quiet_i) turn_q <= turn_q + 1'b1;
  end
  logic going;
  assign going = was_open_q && asked_q[Slot];
  `PROVE(read_bound, "reads of a question are at most the levels of its root and the swaps lost",
         !asked_q[Slot] || reads_q == '0 || reads_q <= {2'd0, top_q} + 5'd1 + {1'b0, lost_q})
  `PROVE(levels, "and the levels at most 5", !asked_q[Slot] || reads_q == '0 || top_q <= 3'd4)
  `PROVE(patience, "lost swaps of a question are at most 7 until it answers", !asked_q[Slot] || lost_q <= 4'd7)
  `PROVE(rank_falls, "each step of a question lowers its rank, at most 1151",
         !going || (acted_q || state != state_q ? rank < rank_q : rank == rank_q))
  `PROVE(waits_for_memory, "a question that waits for memory has a request out", !(asked_q[Slot] && (reads || updates)) || p_busy)
  `PROVE(in_turn, "one with something to decide acts in the second cycle in which it may", !asked_q[Slot] || turn_q <= 3'd1)
  `PROVE(one_answer, "a question is answered once", !answer || asked_q[Slot])
  `PROVE(busy_is_asked, "and is open until then", busy_all == asked_q)
  `COVER(full_walk, "a question reads as many descriptors as its root has levels",
         answer && !rsp.fault && !rsp.retry && lost_q == '0 && reads_q == {2'd0, top_q} + 5'd1 && top_q >= 3'd2 && !overtaken)
  `COVER(gives_up, "a question gives up for lost swaps", answer && rsp.retry && !own_access.speculative)

  // ---- what it answers and fills -------------------------------------------------------------------
  logic fill, known_size;
  assign fill       = fills && act_slot == Slot[0];
  assign known_size = rsp.shift == mmu_pkg::size_shift(mmu_pkg::size_of(rsp.shift));
  logic passes;
  assign passes = own_ctx.s2_mode == mmu_pkg::S2Pass;
  `PROVE(sense, "unless it is overtaken it is answered with retry or a fault or the page that it is in",
         !answer || overtaken || rsp.retry || (rsp.fault && rsp.cause != mmu_pkg::CauseNone) || (passes ? rsp.shift == 6'd52 : known_size))
  `PROVE(width, "at an address of 52 bits if that is not its own", !answer || (passes && !overtaken) || rsp.hpa[55:52] == '0)
  `PROVE(pass, "which it is where stage 2 passes addresses through",
         !(answer && passes && !overtaken) || (!rsp.retry && !rsp.fault && rsp.hpa == own_gpa[55:0] && rsp.rights == 4'hf && rsp.dirty))
  `PROVE(no_answer, "an overtaken question is answered with nothing", !(answer && overtaken) || rsp.hpa == '0)
  `PROVE(waits, "and none in the cycle of a sweep", !(answer && sweep_valid_i))
  `PROVE(offset, "the page offset is its own", !answer || overtaken || rsp.retry || rsp.fault || rsp.hpa[11:0] == own_gpa[11:0])
  `PROVE(fill_is_good, "the nested TLB is filled only with an answer that is neither fault nor retry",
         !fill || (answer && !rsp.fault && !rsp.retry && error == mmu_pkg::MemOk && known_size))
  `PROVE(fill_is_new, "never by a question that an invalidation of its space has overtaken", !(fill && stale_q))
  `PROVE(fill_is_marked, "nor by one that was overtaken at all", !(fill && overtaken))
  `PROVE(fill_speculative, "nor by a speculative request", !(fill && own_access.speculative))
  `PROVE(fill_judged, "and only after a leaf", !fill || (state == 3'd6 ? leaf && swapped_q : state == 3'd5 && step.kind == mmu_pkg::StepLeaf))
  `PROVE(write_dirty, "who needs a dirty page is answered with one",
         !(answer && own_need.dirty && !overtaken) || rsp.retry || rsp.fault || rsp.dirty)
  `COVER(filled, "a question fills", fill)
  `COVER(known, "the next finds it", answer && nested_hit && act_here && probes)
  `COVER(overtaken, "a question that was overtaken ends without a fill", answer && stale_q && !fill && reads_q != '0)
  `COVER(faults, "a question faults", answer && rsp.fault && error == mmu_pkg::MemOk)
  `COVER(read_error, "or its read fails", answer && rsp.fault && error != mmu_pkg::MemOk && reads_q == 5'd2)

  // ---- what the induction needs --------------------------------------------------------------------
  (* hierconn *) wire [1:0] \dut.u_nested_tlb.gen_present.valid_q ;
  (* hierconn *) wire [51:0] \dut.u_nested_tlb.gen_present.mask_q[0] ;
  (* hierconn *) wire [43:0] \dut.u_nested_tlb.gen_present.ppn_q[0] ;
  (* hierconn *) wire [5:0] \dut.u_nested_tlb.gen_present.shift_q[0] ;
  (* hierconn *) wire [55:0] \dut.u_nested_tlb.fill_hpa_i ;
  (* hierconn *) wire [5:0] \dut.u_nested_tlb.fill_shift_i ;
  wire [1:0]  n_valid = \dut.u_nested_tlb.gen_present.valid_q ;
  wire [51:0] n_mask  = \dut.u_nested_tlb.gen_present.mask_q[0] ;
  wire [43:0] n_ppn   = \dut.u_nested_tlb.gen_present.ppn_q[0] ;
  wire [5:0]  n_shift = \dut.u_nested_tlb.gen_present.shift_q[0] ;
  wire [55:0] fill_hpa   = \dut.u_nested_tlb.fill_hpa_i ;
  wire [5:0]  fill_shift = \dut.u_nested_tlb.fill_shift_i ;
  `ASSUME(other_fills, "the other slot, of which the same is proven, fills pages of a size that there is and 52 bits",
          !(fills && act_slot != Slot[0]) ||
          (fill_shift == mmu_pkg::size_shift(mmu_pkg::size_of(fill_shift)) && fill_hpa[55:52] == '0))
  `PROVE(h_nested, "the nested TLB holds pages of those",
         !n_valid[0] || (n_shift == mmu_pkg::size_shift(mmu_pkg::size_of(n_shift)) && n_mask == {52{1'b1}} << (n_shift - 6'd12) &&
                         n_ppn[43:40] == '0))
  `PROVE(h_one_entry, "in its one entry", !n_valid[1])
  `PROVE(h_state, "a state is one of those", !busy || probes || reads || judging || updates || swapped)
  `PROVE(h_ctx, "the context is as it was asked with", !busy ||
         (own_ctx.s2_pa_width <= 6'd52 && own_ctx.s2_top <= 3'd4 && (own_ctx.s2_mode == mmu_pkg::S2Pass ||
          (Arch == mmu_pkg::ArchX86 ? own_ctx.s2_mode == mmu_pkg::S2Ept || own_ctx.s2_mode == mmu_pkg::S2Npt :
           own_ctx.s2_mode == (Arch == mmu_pkg::ArchArm ? mmu_pkg::S2Arm : mmu_pkg::S2Riscv)))))
  `PROVE(h_pass, "what passes through is answered at once", !busy || probes || !passes)
  `PROVE(h_probe, "and nothing was read before that", !probes || (reads_q == '0 && error == mmu_pkg::MemOk))
  `PROVE(h_port, "the port is busy while it waits for it", p_busy == (reads || updates))
  `PROVE(h_pending, "a pending request is out", (p_pending_all & ~p_busy_all) == '0)
  `PROVE(h_held, "so is one that is held", !p_held || p_pending_all[p_last])
  `PROVE(h_kind, "with a swap if it updates", !p_busy || p_cas == updates)
  `PROVE(h_addr, "of its address", !p_busy || p_addr == addr)
  `PROVE(h_expected, "and what it read", !updates || p_expected == pte)
  `PROVE(h_new, "and that with A and D", !updates || ((p_desired & ~pte & ~may_set) == '0 && (pte & ~p_desired) == '0))
  `PROVE(h_read_addr, "the read went to its address", !((reads && !p_pending) || judging || updates || swapped) || read_addr_q == addr)
  `PROVE(h_read_old, "and brought its descriptor", !(judging || (updates && p_pending)) || read_old_q == pte || error != mmu_pkg::MemOk)
  `PROVE(h_good, "without an error", !((judging && error == mmu_pkg::MemOk) || (updates && p_pending)) || read_good_q)
  `PROVE(h_no_error, "of which there was none before", !(reads || updates) || error == mmu_pkg::MemOk)
  `PROVE(h_level, "heights are those below the root", !(reads || judging || updates || swapped) || (level <= top_q && top_q <= 3'd4))
  `PROVE(h_next, "what a swap is for leads within 52 bits", !(updates || swapped) || next[55:52] == '0)
  `PROVE(h_shift, "to a page of a size that there is or to a table", !(updates || swapped) || !leaf ||
         shift == mmu_pkg::size_shift(mmu_pkg::size_of(shift)))
  `PROVE(h_not_last, "which is none at height 0", !(updates || swapped) || leaf || level != '0)
  `PROVE(h_reads, "reads are levels done and swaps lost",
         !(reads || judging || updates || swapped) || reads_q + {2'd0, level} <= {2'd0, top_q} + 5'd1 + {1'b0, lost_q})
  `PROVE(h_dirty, "a leaf that is updated for a write will be dirty", !((updates || swapped) && leaf && own_need.dirty) || dirty)
  `PROVE(h_count, "the updater counts the lost", !busy || count == lost_q)
  `PROVE(h_stale, "an overtaken question is marked", !(busy && stale_q) || overtaken)
  `PROVE(h_swapped, "it knows how its swap went", !swapped || swapped_q == (swap_ok && error == mmu_pkg::MemOk))
  `PROVE(h_turn, "and the other acts in between", !(busy && state[2]) || turn_q == '0 || (turn_q == 3'd1 && !last))

  logic unused_wires;
  assign unused_wires = ^{own_need, mem_stage2, swap_pending, idle};
endmodule
