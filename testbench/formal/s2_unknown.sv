// SPDX-License-Identifier: Apache-2.0
// Stage 2, twice, with the same questions, contexts, invalidations and answers of memory. All that a reset does not set
// starts in any state, in each of the two in another, and so does what comes beside an error or belongs to no question; no
// output that counts may tell them apart. The registers that may yet be used are the same: that is the induction.
`include "formal.svh"

module s2_unknown #(
  parameter logic [1:0] Arch = 2'd0
) (
  input logic               clk_i,
  input logic               ask_valid_i,
  input logic               ask_slot_i,
  input logic [63:0]        ask_gpa_i,
  input logic [1:0]         ask_about_i,
  input logic               ask_user_page_i,
  input logic               other_user_page_i,
  input mmu_pkg::access_t   ask_access_i,
  input mmu_pkg::ctx_t      ask_ctx_i,
  input mmu_pkg::access_t   other_access_i,
  input mmu_pkg::ctx_t      other_ctx_i,
  input logic               quiet_i,
  input logic               sweep_valid_i,
  input mmu_pkg::inval_t    sweep_i,
  input logic [1:0]         concerned_i,
  input logic               mem_req_ready_i,
  input logic               mem_rsp_valid_i,
  input logic [7:0]         mem_rsp_id_i,
  input logic [1:0]         mem_rsp_error_i,
  input logic               mem_rsp_ok_i,
  input logic [63:0]        mem_rsp_old_i,
  input logic               other_ok_i,
  input logic [63:0]        other_old_i
);
  `FORMAL_RESET

  logic a_rsp_valid, b_rsp_valid;
  logic a_slot, b_slot;
  mmu_pkg::s2_answer_t a_rsp, b_rsp;
  logic a_nested_hit, b_nested_hit;
  logic a_mem_valid, b_mem_valid;
  logic a_cas, b_cas;
  logic a_req_valid, b_req_valid;
  logic [7:0] a_control, b_control;
  logic [82:0] a_answer, b_answer;
  logic [64:0] a_request, b_request;
  logic [127:0] a_swap, b_swap;
  logic [4:0] a_turns, b_turns;
  logic [1:0] a_waits, b_waits;
  logic [1:0] a_updates, b_updates;
  logic [1:0] a_legal, b_legal;
  logic [35:0] a_questions, b_questions;
  logic [127:0] a_gpas, b_gpas;
  logic [109:0] a_places, b_places;
  logic [127:0] a_ptes, b_ptes;
  logic [145:0] a_judged, b_judged;
  logic [117:0] a_issued, b_issued;
  logic [255:0] a_swaps, b_swaps;
  logic [207:0] a_nested, b_nested;

  // The requests that the questions are of, held while they are open; the same for both (walk_unknown).
  mmu_pkg::ctx_t    ctx0_q, ctx1_q;
  mmu_pkg::access_t access0_q, access1_q;
  logic [1:0]       asked_q;  // by slot: asked and not answered
  always_ff @(posedge clk_i) begin
    if (ask_valid_i && !ask_slot_i) {ctx0_q, access0_q} <= {ask_ctx_i, ask_access_i};
    if (ask_valid_i && ask_slot_i) {ctx1_q, access1_q} <= {ask_ctx_i, ask_access_i};
    if (!rst_ni) asked_q <= '0;
    else begin
      if (a_rsp_valid) asked_q[a_slot] <= 1'b0;
      if (ask_valid_i) asked_q[ask_slot_i] <= 1'b1;
    end
  end

  // The two. In one all that does not count is 0.
  s2_copy #(.Arch(Arch)) a (
    .clk_i, .rst_ni, .ask_valid_i, .ask_slot_i, .ask_gpa_i, .ask_about_i, .ask_user_page_i, .other_user_page_i ('0),
    .open_i (asked_q),
    .access0_i (access0_q), .access1_i (access1_q), .other_access_i ('0), .ctx0_i (ctx0_q), .ctx1_i (ctx1_q), .other_ctx_i ('0),
    .quiet_i, .sweep_valid_i, .sweep_i, .concerned_i, .mem_req_ready_i, .mem_rsp_valid_i, .mem_rsp_id_i, .mem_rsp_error_i,
    .mem_rsp_ok_i, .mem_rsp_old_i, .other_ok_i ('0), .other_old_i ('0),
    .rsp_valid_o (a_rsp_valid), .slot_o (a_slot), .rsp_o (a_rsp), .nested_hit_o (a_nested_hit), .mem_valid_o (a_mem_valid), .cas_o (a_cas), .req_valid_o (a_req_valid), .control_o (a_control), .answer_o (a_answer),
    .request_o (a_request), .swap_o (a_swap), .turns_o (a_turns), .waits_o (a_waits), .updates_o (a_updates), .legal_o (a_legal),
    .questions_o (a_questions), .gpas_o (a_gpas), .places_o (a_places), .ptes_o (a_ptes), .judged_o (a_judged),
    .issued_o (a_issued), .swaps_o (a_swaps), .nested_o (a_nested)
  );
  s2_copy #(.Arch(Arch)) b (
    .clk_i, .rst_ni, .ask_valid_i, .ask_slot_i, .ask_gpa_i, .ask_about_i, .ask_user_page_i, .other_user_page_i,
    .open_i (asked_q),
    .access0_i (access0_q), .access1_i (access1_q), .other_access_i, .ctx0_i (ctx0_q), .ctx1_i (ctx1_q), .other_ctx_i,
    .quiet_i, .sweep_valid_i, .sweep_i, .concerned_i, .mem_req_ready_i, .mem_rsp_valid_i, .mem_rsp_id_i, .mem_rsp_error_i,
    .mem_rsp_ok_i, .mem_rsp_old_i, .other_ok_i, .other_old_i,
    .rsp_valid_o (b_rsp_valid), .slot_o (b_slot), .rsp_o (b_rsp), .nested_hit_o (b_nested_hit), .mem_valid_o (b_mem_valid), .cas_o (b_cas), .req_valid_o (b_req_valid), .control_o (b_control), .answer_o (b_answer),
    .request_o (b_request), .swap_o (b_swap), .turns_o (b_turns), .waits_o (b_waits), .updates_o (b_updates), .legal_o (b_legal),
    .questions_o (b_questions), .gpas_o (b_gpas), .places_o (b_places), .ptes_o (b_ptes), .judged_o (b_judged),
    .issued_o (b_issued), .swaps_o (b_swaps), .nested_o (b_nested)
  );
  `ASSUME(one_question, "a slot asks when its last question is answered", !ask_valid_i || !asked_q[ask_slot_i])
  `ASSUME(mem_answers, "the memory answers only requests it has taken, each once", !mem_rsp_valid_i || a_mem_valid)
  `ASSUME(sweep_is_quiet, "nothing acts in the cycle of a sweep, nor is asked", !sweep_valid_i || (quiet_i && !ask_valid_i))

  `PROVE(same_control, "every valid and event of the two is the same", a_control == b_control)
  `PROVE(same_answer, "and so is each answer: its slot, retry and fault, address, size, dirty and attributes, cause, memory error; of a fault the level; the rights of a fault and of the final address",
         a_answer == b_answer)
  `PROVE(same_request, "and each request to memory", a_request == b_request)
  `PROVE(same_swap, "and what a swap expects and stores", a_swap == b_swap)
  `PROVE(h_asked, "a question is open until it is answered", {a_questions[35], a_questions[17]} == asked_q)
  `PROVE(h_state, "in a state that there is", a_legal == 2'b11)
  `PROVE(h_turns, "whose turn it is is the same", a_turns == b_turns)
  `PROVE(h_questions, "and the state of each question, while it is open", a_questions == b_questions)
  `PROVE(h_gpas, "its address", a_gpas == b_gpas)
  `PROVE(h_places, "the place of its descriptor, once it has one", a_places == b_places)
  `PROVE(h_ptes, "that, while it is judged unless its read failed", a_ptes == b_ptes)
  `PROVE(h_judged, "and what it said, while its swap is out", a_judged == b_judged)
  `PROVE(h_issued, "the request of each slot, while it is open", a_issued == b_issued)
  `PROVE(h_swaps, "and what it swaps, if it does", a_swaps == b_swaps)
  `PROVE(h_nested, "and a valid entry of the nested TLB", a_nested == b_nested)
  `PROVE(h_waits, "only a question that waits has a request open", a_waits == {a_issued[117], a_issued[58]})
  `PROVE(h_pending, "so has one that is offered", ({a_issued[116], a_issued[57]} & ~{a_issued[117], a_issued[58]}) == '0)
  `PROVE(h_held, "or held", !a_turns[2] || (a_turns[3] ? a_issued[116] : a_issued[57]))
  `PROVE(h_stage2, "of stage 2", ({a_issued[117], a_issued[58]} & ~{a_issued[59], a_issued[0]}) == '0)
  `PROVE(h_kind, "a swap if it updates", (a_waits & ~a_updates) == (a_waits & ~{a_issued[115], a_issued[56]}))

  // ---- what is reached -----------------------------------------------------------------------------
  logic [2:0] reads_q;
  logic       swapped_q, lost_q, walked_q;
  logic       ok;
  assign ok = a_rsp_valid && !a_rsp.fault && !a_rsp.retry;
  always_ff @(posedge clk_i) begin
    if (ask_valid_i) {reads_q, swapped_q, lost_q} <= '0;
    else if (a_mem_valid) begin
      if (!a_cas) reads_q <= reads_q + 3'd1;
      else if (mem_rsp_ok_i && mem_rsp_error_i == mmu_pkg::MemOk) swapped_q <= 1'b1;
      else lost_q <= 1'b1;
    end
    walked_q <= rst_ni && (walked_q || (ok && reads_q >= 3'd3 && swapped_q));
  end
  `COVER(walked, "a walk of three reads and a swap answers", ok && reads_q >= 3'd3 && swapped_q)
  `COVER(known, "after it a question of another page of it is answered by the nested TLB", walked_q && ok && a_nested_hit && a_rsp.hpa[12])
  `COVER(lost, "a walk answers after a lost swap", ok && lost_q && swapped_q)
  `COVER(faults, "a descriptor refuses", a_rsp_valid && a_rsp.fault && a_rsp.level == 3'd0 && reads_q >= 3'd3)
  `COVER(read_error, "a read fails", a_rsp_valid && a_rsp.fault && a_rsp.mem_error != mmu_pkg::MemOk)
endmodule
