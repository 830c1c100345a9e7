// SPDX-License-Identifier: Apache-2.0
// Memory port: what one walk slot, any of them, gives it in either stage comes out once, as it was, and the answer
// goes back to that slot only.
`include "formal.svh"

module port_law #(
  parameter  int unsigned Walks = 4,
  localparam int unsigned SlotW = (Walks > 1) ? $clog2(Walks) : 1,
  localparam int unsigned SlotN = 2 ** SlotW
) (
  input logic             clk_i,
  input logic [SlotW-1:0] slot_i,
  input logic             issue_valid_i,
  input logic [SlotW-1:0] issue_slot_i,
  input logic             issue_cas_i,
  input logic [51:0]      issue_addr_i,
  input logic [63:0]      issue_expected_i,
  input logic [63:0]      issue_desired_i,
  // of stage 2
  input logic             s2_valid_i,
  input logic [SlotW-1:0] s2_slot_i,
  input logic             s2_cas_i,
  input logic [51:0]      s2_addr_i,
  input logic [63:0]      s2_expected_i,
  input logic [63:0]      s2_desired_i,
  input logic             mem_req_ready_i,
  input logic             mem_rsp_valid_i,
  input logic [7:0]       mem_rsp_id_i
);
  `FORMAL_RESET

  logic             valid, cas, stage2, rsp_valid, rsp_stage2;
  logic [7:0]       id;
  logic [51:0]      addr;
  logic [63:0]      expected, desired;
  logic [SlotW-1:0] rsp_slot;
  logic [SlotN-1:0] busy;
  mem_port #(.Walks(Walks)) dut (
    .clk_i, .rst_ni, .issue_valid_i, .issue_slot_i, .issue_cas_i, .issue_addr_i, .issue_expected_i,
    .issue_desired_i, .issue_tag_i ('0), .issue_port_i ('0), .issue_level_i ('0),
    .s2_issue_valid_i (s2_valid_i), .s2_issue_slot_i (s2_slot_i), .s2_issue_cas_i (s2_cas_i), .s2_issue_addr_i (s2_addr_i),
    .s2_issue_expected_i (s2_expected_i), .s2_issue_desired_i (s2_desired_i), .s2_issue_tag_i ('0), .s2_issue_port_i ('0),
    .s2_issue_level_i ('0), .mem_req_stage2_o (stage2), .rsp_stage2_o (rsp_stage2),
    .mem_req_valid_o (valid), .mem_req_ready_i, .mem_req_cas_o (cas), .mem_req_id_o (id),
    .mem_req_addr_o (addr), .mem_req_expected_o (expected), .mem_req_desired_o (desired),
    .mem_rsp_valid_i, .mem_rsp_id_i, .rsp_valid_o (rsp_valid), .rsp_slot_o (rsp_slot), .busy_o (busy)
  );

  // One slot, and what it gave.
  logic [SlotW-1:0] slot_q;
  logic             asked_q, taken_q;
  logic [181:0]     given_q;
  logic [SlotW:0]   others_q;  // taken since
  logic             issue, s2_issue, take, answer;
  assign s2_issue = s2_valid_i && s2_slot_i == slot_q;
  assign issue  = (issue_valid_i && issue_slot_i == slot_q) || s2_issue;
  assign take   = valid && mem_req_ready_i && id == 8'(slot_q);
  assign answer = rsp_valid && rsp_slot == slot_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      slot_q  <= slot_i;
      asked_q <= 1'b0;
      taken_q <= 1'b0;
    end else begin
      asked_q <= issue || (asked_q && !answer);
      taken_q <= !issue && !answer && (taken_q || take);
      if (s2_issue)   given_q <= {1'b1, s2_cas_i, s2_addr_i, s2_expected_i, s2_desired_i};
      else if (issue) given_q <= {1'b0, issue_cas_i, issue_addr_i, issue_expected_i, issue_desired_i};
      if (issue) others_q <= '0;
      else if (valid && mem_req_ready_i) others_q <= others_q + 1'b1;
    end
  end

  // The offer of the last cycle, if it was not taken.
  logic         refused_q;
  logic [7:0]   id_q;
  logic [181:0] offer_q;
  always_ff @(posedge clk_i) begin
    refused_q <= rst_ni && valid && !mem_req_ready_i;
    id_q      <= id;
    offer_q   <= {stage2, cas, addr, expected, desired};
  end

  (* hierconn *) wire [SlotN-1:0] \dut.pending_q ;
  wire [SlotN-1:0] pending = \dut.pending_q ;

  // What the induction needs: what the port holds of the slot is what it gave.
  (* hierconn *) wire [51:0] \dut.addr_q[0] ;
  (* hierconn *) wire [51:0] \dut.addr_q[1] ;
  (* hierconn *) wire [51:0] \dut.addr_q[2] ;
  (* hierconn *) wire [51:0] \dut.addr_q[3] ;
  (* hierconn *) wire [63:0] \dut.expected_q[0] ;
  (* hierconn *) wire [63:0] \dut.expected_q[1] ;
  (* hierconn *) wire [63:0] \dut.expected_q[2] ;
  (* hierconn *) wire [63:0] \dut.expected_q[3] ;
  (* hierconn *) wire [63:0] \dut.desired_q[0] ;
  (* hierconn *) wire [63:0] \dut.desired_q[1] ;
  (* hierconn *) wire [63:0] \dut.desired_q[2] ;
  (* hierconn *) wire [63:0] \dut.desired_q[3] ;
  (* hierconn *) wire [SlotN-1:0] \dut.cas_q ;
  (* hierconn *) wire \dut.held_q ;
  (* hierconn *) wire [SlotW-1:0] \dut.last_q ;
  (* hierconn *) wire [SlotN-1:0] \dut.stage2_q ;
  wire [SlotN-1:0] stage2_held = \dut.stage2_q ;
  wire [SlotN-1:0] cas_held = \dut.cas_q ;
  wire             held = \dut.held_q ;
  wire [SlotW-1:0] last = \dut.last_q ;
  logic [179:0]    held_data;
  always_comb begin
    unique case (slot_q)
      2'd0: held_data = {\dut.addr_q[0] , \dut.expected_q[0] , \dut.desired_q[0] };
      2'd1: held_data = {\dut.addr_q[1] , \dut.expected_q[1] , \dut.desired_q[1] };
      2'd2: held_data = {\dut.addr_q[2] , \dut.expected_q[2] , \dut.desired_q[2] };
      2'd3: held_data = {\dut.addr_q[3] , \dut.expected_q[3] , \dut.desired_q[3] };
    endcase
  end
  `ASSUME(one_each, "a slot issues only when it has no request out", 
          (!issue_valid_i || !busy[issue_slot_i]) && (!s2_valid_i || !busy[s2_slot_i]))
  `ASSUME(one_stage, "and in one stage at a time", !(issue_valid_i && s2_valid_i && issue_slot_i == s2_slot_i))
  `ASSUME(mem_answers, "the memory answers only requests it has taken, each once", !mem_rsp_valid_i || rsp_valid)

  `PROVE(stands, "an offer stands as it is until it is taken",
         !refused_q || (valid && id == id_q && (id != 8'(slot_q) || {stage2, cas, addr, expected, desired} == offer_q)))
  `PROVE(known, "what is offered for the slot was issued by it and not offered to the end before",
         !(valid && id == 8'(slot_q)) || (asked_q && !taken_q))
  `PROVE(unchanged, "what is offered for the slot is what it gave",
         !(valid && id == 8'(slot_q)) || {stage2, cas, addr, expected, desired} == given_q)
  `PROVE(answered_once, "an answer reaches the slot only while its request is out",
         !answer || (asked_q && (taken_q || take)))
  `PROVE(answer_stage, "and says of which stage that was", !answer || rsp_stage2 == given_q[181])
  `PROVE(busy_is_asked, "the slot is busy from the issue to the answer", busy[slot_q] == asked_q)
  `PROVE(in_turn, "a request is taken before any other slot had two turns",
         !(asked_q && !taken_q) || others_q < (SlotW + 1)'(SlotN))
  `PROVE(pending_is_asked, "and wants the memory until it is taken", pending[slot_q] == (asked_q && !taken_q))
  `PROVE(held_as_given, "what is held of the slot is what it gave",
         !asked_q || {stage2_held[slot_q], cas_held[slot_q], held_data} == given_q)
  `PROVE(held_is_refused, "an offer is held when it was refused", held == refused_q)
  `PROVE(held_offer, "and is of the slot served last", !held || (pending[last] && last == SlotW'(id_q)))
  `PROVE(refused_data, "and as the port holds it", !(refused_q && last == slot_q) || offer_q == given_q)
  logic [SlotW-1:0] distance;
  logic [SlotW+1:0] turns;  // of others, at most, before the slot's
  assign distance = slot_q - last - 1'b1;
  assign turns    = !held ? {2'd0, distance} : (last == slot_q) ? '0 : {2'd0, distance} + 1'b1;
  `PROVE(turns_left, "others taken, and turns of others to come, are fewer than the slots",
         !(asked_q && !taken_q) || {1'b0, others_q} + turns <= (SlotW + 2)'(SlotN - 1))
  logic both_q;
  always_ff @(posedge clk_i) both_q <= rst_ni && take && others_q == (SlotW + 1)'(SlotN - 1);
  `COVER(last_in_turn, "the slot is taken after all others", both_q)
  `COVER(both_stages, "two slots issue in one cycle, and the one of stage 2 is answered", answer && rsp_stage2 && together_q)
  logic together_q;
  always_ff @(posedge clk_i) together_q <= rst_ni && (issue ? s2_issue && issue_valid_i : together_q);
  `COVER(same_cycle, "a request is taken and answered in one cycle", take && answer)
  `COVER(swap_refused_twice, "an offer of a swap stands for a second cycle", refused_q && cas && valid && !mem_req_ready_i)
endmodule
