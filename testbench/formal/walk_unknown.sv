// SPDX-License-Identifier: Apache-2.0
// The walks, twice, with the same requests, answers of either walk cache, of stage 2 and of memory, and invalidations.
// All that a reset does not set starts in any state, in each of the two in another, and so does what comes beside an
// error, a miss or an answer that does not need it; no output that counts may tell them apart. The judges of the
// architecture are combinational: that both are asked the same is proven, and then they may say anything, to both the
// same. So it is of every architecture. The registers that may yet be used are the same: that is the induction.
`include "formal.svh"

module walk_unknown (
  input logic               clk_i,
  input logic               start_valid_i,
  input logic               start_slot_i,
  input logic               start_port_i,
  input logic [63:0]        start_va_i,
  input logic [7:0]         start_top_i,
  input logic [7:0]         start_tag_i,
  input mmu_pkg::access_t   start_access_i,
  input mmu_pkg::ctx_t      start_ctx_i,
  input mmu_pkg::need_t     start_need_i,
  input logic               probe_hit_i,
  input logic [66:0]        probe_says_i,      // of the walk cache: level, table, rights, global
  input logic [66:0]        other_probe_i,     // what it says without a hit
  input mmu_pkg::root_t     root_i,            // what the judges say; where that does not count, the others
  input mmu_pkg::step_t     step_i,
  input mmu_pkg::root_t     other_root_i,
  input mmu_pkg::step_t     other_step_i,
  input logic               desc_hit_i,
  input logic [63:0]        desc_pte_i,
  input logic [63:0]        other_desc_i,      // the same of the descriptor cache
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
  input logic               other_ok_i,        // what comes beside an error, or with an answer of the other kind
  input logic [63:0]        other_old_i,
  input logic               s2_valid_i,
  input logic               s2_slot_i,
  input mmu_pkg::s2_answer_t s2_answer_i,
  input logic [2:0]         other_level_i,     // of an answer of stage 2 without a fault
  input logic [3:0]         other_rights_i,    // of one about a table or a swap
  input logic               s2_act_slot_i      // whose request stage 2 looks at
);
  `FORMAL_RESET

  logic                  a_answer_valid, b_answer_valid;
  logic                  a_slot, b_slot;
  logic [1:0]            a_status, b_status;
  logic                  a_s2_on, b_s2_on;
  mmu_pkg::fault_t       a_fault, b_fault;
  logic                  a_fill_valid, b_fill_valid;
  logic                  a_point_valid, b_point_valid;
  logic                  a_s2_ask_valid, b_s2_ask_valid;
  logic [1:0]            a_s2_ask_about, b_s2_ask_about;
  logic                  a_mem_valid, b_mem_valid;
  logic                  a_cas, b_cas;
  logic                  a_restart, b_restart;
  logic                  a_spared, b_spared;
  logic [19:0]           a_control, b_control;
  logic [1:0]            a_told, b_told;
  logic [412:0]          a_for_root, b_for_root;
  logic [431:0]          a_for_step, b_for_step;
  logic [70:0]           a_answer, b_answer;
  logic [708:0]          a_fault_says, b_fault_says;
  logic [213:0]          a_entry, b_entry;
  logic [211:0]          a_point, b_point;
  logic [170:0]          a_descs, b_descs;
  logic [145:0]          a_probe, b_probe;
  logic [67:0]           a_ask, b_ask;
  logic [356:0]          a_shown, b_shown;
  logic [82:0]           a_request, b_request;
  logic [127:0]          a_swap, b_swap;
  logic [2:0]            a_turns, b_turns;
  logic [1:0]            a_waits, b_waits;
  logic [1:0]            a_updates, b_updates;
  logic [1:0]            a_asks, b_asks;
  logic [1:0]            a_fresh, b_fresh;
  logic [1:0]            a_sensed, b_sensed;
  logic [1:0]            a_legal, b_legal;
  logic [2*10-1:0]       a_states, b_states;
  logic [2*550-1:0]      a_requests, b_requests;
  logic [2*66-1:0]       a_places, b_places;
  logic [2*33-1:0]       a_gathered, b_gathered;
  logic [2*66-1:0]       a_asked, b_asked;
  logic [2*64-1:0]       a_ptes, b_ptes;
  logic [2*127-1:0]      a_judged, b_judged;
  logic [2*82-1:0]       a_said, b_said;
  logic [2*69-1:0]       a_issued, b_issued;
  logic [2*128-1:0]      a_swaps, b_swaps;
  logic [2*8-1:0]        a_reads, b_reads;

  // The two. In one all that does not count is 0.
  walk_copy a (
    .clk_i, .rst_ni, .start_valid_i, .start_slot_i, .start_port_i, .start_va_i, .start_top_i, .start_tag_i,
    .start_access_i, .start_ctx_i, .start_need_i, .probe_hit_i, .probe_says_i, .other_probe_i ('0), .root_i, .step_i,
    .other_root_i ('0), .other_step_i ('0), .desc_hit_i, .desc_pte_i, .other_desc_i ('0), .fill_ready_i, .quiet_i,
    .sweep_valid_i, .sweep_i, .mem_req_ready_i, .mem_rsp_valid_i, .mem_rsp_id_i, .mem_rsp_error_i, .mem_rsp_ok_i,
    .mem_rsp_old_i, .other_ok_i ('0), .other_old_i ('0), .s2_valid_i, .s2_slot_i, .s2_answer_i, .other_level_i ('0),
    .other_rights_i ('0), .s2_act_slot_i, .answer_valid_o (a_answer_valid), .slot_o (a_slot), .status_o (a_status),
    .s2_on_o (a_s2_on), .fault_o (a_fault), .fill_valid_o (a_fill_valid), .point_valid_o (a_point_valid),
    .s2_ask_valid_o (a_s2_ask_valid), .s2_ask_about_o (a_s2_ask_about), .mem_valid_o (a_mem_valid), .cas_o (a_cas),
    .restart_o (a_restart), .spared_o (a_spared), .control_o (a_control), .told_o (a_told), .for_root_o (a_for_root),
    .for_step_o (a_for_step), .answer_o (a_answer), .fault_says_o (a_fault_says), .entry_o (a_entry), .point_o (a_point),
    .descs_o (a_descs), .probe_o (a_probe), .ask_o (a_ask), .shown_o (a_shown), .request_o (a_request), .swap_o (a_swap),
    .turns_o (a_turns), .waits_o (a_waits), .updates_o (a_updates), .asks_o (a_asks), .fresh_o (a_fresh),
    .sensed_o (a_sensed), .legal_o (a_legal), .states_o (a_states), .requests_o (a_requests), .places_o (a_places),
    .gathered_o (a_gathered), .asked_o (a_asked), .ptes_o (a_ptes), .judged_o (a_judged), .said_o (a_said),
    .issued_o (a_issued), .swaps_o (a_swaps), .reads_o (a_reads)
  );
  walk_copy b (
    .clk_i, .rst_ni, .start_valid_i, .start_slot_i, .start_port_i, .start_va_i, .start_top_i, .start_tag_i,
    .start_access_i, .start_ctx_i, .start_need_i, .probe_hit_i, .probe_says_i, .other_probe_i, .root_i, .step_i,
    .other_root_i, .other_step_i, .desc_hit_i, .desc_pte_i, .other_desc_i, .fill_ready_i, .quiet_i, .sweep_valid_i,
    .sweep_i, .mem_req_ready_i, .mem_rsp_valid_i, .mem_rsp_id_i, .mem_rsp_error_i, .mem_rsp_ok_i, .mem_rsp_old_i,
    .other_ok_i, .other_old_i, .s2_valid_i, .s2_slot_i, .s2_answer_i, .other_level_i, .other_rights_i, .s2_act_slot_i,
    .answer_valid_o (b_answer_valid), .slot_o (b_slot), .status_o (b_status), .s2_on_o (b_s2_on), .fault_o (b_fault),
    .fill_valid_o (b_fill_valid), .point_valid_o (b_point_valid), .s2_ask_valid_o (b_s2_ask_valid),
    .s2_ask_about_o (b_s2_ask_about), .mem_valid_o (b_mem_valid), .cas_o (b_cas), .restart_o (b_restart),
    .spared_o (b_spared), .control_o (b_control), .told_o (b_told), .for_root_o (b_for_root), .for_step_o (b_for_step),
    .answer_o (b_answer), .fault_says_o (b_fault_says), .entry_o (b_entry), .point_o (b_point), .descs_o (b_descs),
    .probe_o (b_probe), .ask_o (b_ask), .shown_o (b_shown), .request_o (b_request), .swap_o (b_swap), .turns_o (b_turns),
    .waits_o (b_waits), .updates_o (b_updates), .asks_o (b_asks), .fresh_o (b_fresh), .sensed_o (b_sensed),
    .legal_o (b_legal), .states_o (b_states), .requests_o (b_requests), .places_o (b_places), .gathered_o (b_gathered),
    .asked_o (b_asked), .ptes_o (b_ptes), .judged_o (b_judged), .said_o (b_said), .issued_o (b_issued), .swaps_o (b_swaps),
    .reads_o (b_reads)
  );

  logic [1:0] open_q;      // by slot: started and not answered
  logic [1:0] s2_asked_q;  // by slot: stage 2 owes an answer
  always_ff @(posedge clk_i) begin
    if (!rst_ni) {open_q, s2_asked_q} <= '0;
    else begin
      if (a_answer_valid) open_q[a_slot] <= 1'b0;
      if (start_valid_i) open_q[start_slot_i] <= 1'b1;
      if (s2_valid_i) s2_asked_q[s2_slot_i] <= 1'b0;
      if (a_s2_ask_valid) s2_asked_q[a_slot] <= 1'b1;
    end
  end
  `ASSUME(free_slot, "a walk is started in a free slot only", !start_valid_i || !open_q[start_slot_i])
  `ASSUME(one_slot, "only the first of two walk slots is used", !start_slot_i)
  `ASSUME(mem_answers, "the memory answers only requests it has taken, each once", !mem_rsp_valid_i || a_mem_valid)
  `ASSUME(sweep_is_quiet, "nothing acts in the cycle of a sweep", !sweep_valid_i || quiet_i)
  `ASSUME(s2_answers, "stage 2 answers only questions, each once", !s2_valid_i || s2_asked_q[s2_slot_i])

  `PROVE(same_control, "every valid and event of the two is the same", a_control == b_control)
  `PROVE(same_told, "and which open walks a sweep concerns", a_told == b_told)
  `PROVE(same_answer, "and each answer: its slot, port, tag, status and, if it is ok, address", a_answer == b_answer)
  `PROVE(same_entry, "and the entry that comes with it, of both stages, whether it is filled or not", a_entry == b_entry)
  `PROVE(same_fault, "and each fault record, of either stage, with the request that it is of", a_fault_says == b_fault_says)
  `PROVE(same_for_root, "the judge of the root is asked the same", a_for_root == b_for_root)
  `PROVE(same_for_step, "and so is the judge of descriptors", a_for_step == b_for_step)
  `PROVE(same_point, "and what goes into the walk cache", a_point == b_point)
  `PROVE(same_probe, "and what it is asked", a_probe == b_probe)
  `PROVE(same_descs, "and the same of the descriptor cache", a_descs == b_descs)
  `PROVE(same_ask, "and each question to stage 2, of the final address with whether stage 1 makes it a user page", a_ask == b_ask)
  `PROVE(same_shown, "and the request that it is of, while its slot is open", a_shown == b_shown)
  `PROVE(same_request, "and each request to memory", a_request == b_request)
  `PROVE(same_swap, "and what a swap expects and stores", a_swap == b_swap)
  `PROVE(h_open, "a walk is open until it answers", {a_states[19], a_states[9]} == open_q)
  `PROVE(h_one_slot, "and only in the first slot", !open_q[1] && !a_turns[1] && !a_turns[2])
  `PROVE(h_state, "in a state that there is, overtaken only then", a_legal == 2'b11)
  `PROVE(h_asks, "stage 2 owes an answer to who waits for it", a_asks == s2_asked_q)
  `PROVE(h_stage2, "a fault of stage 2 ends a walk", a_sensed == 2'b11)
  `PROVE(h_fresh, "what is read or swapped is not of the descriptor cache", a_fresh == 2'b11)
  `PROVE(h_turns, "whose turn it is is the same", a_turns == b_turns)
  `PROVE(h_states, "and the state of each walk", a_states == b_states)
  `PROVE(h_requests, "its request", a_requests == b_requests)
  `PROVE(h_places, "its place, once it has left its root", a_places == b_places)
  `PROVE(h_gathered, "what it gathered since", a_gathered == b_gathered)
  `PROVE(h_asked, "the address that it needs next", a_asked == b_asked)
  `PROVE(h_ptes, "its descriptor, while it is judged or to be swapped", a_ptes == b_ptes)
  `PROVE(h_judged, "and what that said, and where it came from, while that counts", a_judged == b_judged)
  `PROVE(h_said, "what stage 2 said", a_said == b_said)
  `PROVE(h_issued, "the request to memory of each slot, while it is open", a_issued == b_issued)
  `PROVE(h_swaps, "and what it swaps, if it does", a_swaps == b_swaps)
  `PROVE(h_reads, "and how many reads the walk has made", a_reads == b_reads)
  wire [1:0] p_busy    = {a_issued[136], a_issued[67]};
  wire [1:0] p_pending = {a_issued[135], a_issued[66]};
  `PROVE(h_waits, "only a walk that waits has a request open", a_waits == p_busy)
  `PROVE(h_pending, "so has one that is offered", (p_pending & ~p_busy) == '0)
  `PROVE(h_held, "or held", !a_turns[0] || p_pending[a_turns[1]])
  `PROVE(h_kind, "a swap if it updates", (p_busy & {a_issued[134], a_issued[65]}) == a_updates)

  // ---- what is reached -----------------------------------------------------------------------------
  logic [2:0] asks_q, reads_q;
  logic       swapped_q, spared_q, restart_q, s2_faults;
  always_ff @(posedge clk_i) begin
    if (start_valid_i) {asks_q, reads_q, swapped_q, spared_q, restart_q} <= '0;
    else begin
      if (a_s2_ask_valid) asks_q <= asks_q + 3'd1;
      if (a_mem_valid && !a_cas) reads_q <= reads_q + 3'd1;
      if (a_mem_valid && a_cas && mem_rsp_ok_i && mem_rsp_error_i == mmu_pkg::MemOk) swapped_q <= 1'b1;
      if (a_spared) spared_q <= 1'b1;
      if (a_restart) restart_q <= 1'b1;
    end
  end
  assign s2_faults = a_answer_valid && a_status == mmu_pkg::StatusFault && a_fault.stage2;
  `COVER(filled, "a walk of three reads and a swap, each with its question to stage 2, and of the final address, fills",
         a_fill_valid && a_s2_on && reads_q >= 3'd3 && swapped_q && asks_q >= 3'd5)
  `COVER(spared, "one fills below a pointer of the descriptor cache", a_fill_valid && a_s2_on && spared_q && reads_q != '0)
  `COVER(restarted, "one fills after a restart", a_fill_valid && a_s2_on && restart_q)
  `COVER(table_fault, "stage 2 faults on a table", s2_faults && a_fault.on_walk && reads_q != '0)
  `COVER(swap_fault, "on an update", s2_faults && a_fault.on_ad_write)
  `COVER(final_fault, "and on the final address", s2_faults && !a_fault.on_walk && !a_fault.on_ad_write)
endmodule
