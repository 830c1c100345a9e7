// SPDX-License-Identifier: Apache-2.0
// The one memory port: one request for each walk slot at most, offered in turn, of stage 1 or,
// while that waits for it, of stage 2. An offer, once made, stands until it is taken. Rule R9: an
// answer is matched to its slot by its id, which is the slot's number, and a slot keeps its place
// until the answer is back; an id that nobody waits for is dropped. Timing: a request issued at an
// edge is offered in the cycle that follows.
`include "mmu_assert.svh"

module mem_port #(
  parameter  int unsigned Walks = 2,
  localparam int unsigned SlotW = (Walks > 1) ? $clog2(Walks) : 1,
  localparam int unsigned SlotN = 2 ** SlotW
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  // from the walker
  input  logic             issue_valid_i,
  input  logic [SlotW-1:0] issue_slot_i,
  input  logic             issue_cas_i,
  input  logic [51:0]      issue_addr_i,
  input  logic [63:0]      issue_expected_i,
  input  logic [63:0]      issue_desired_i,
  // debug: a new walk in this slot; whom it serves
  input  logic             begin_valid_i,
  input  logic [SlotW-1:0] begin_slot_i,
  input  logic [7:0]       issue_tag_i,
  input  logic             issue_port_i,
  input  logic [2:0]       issue_level_i,
  // the same from stage 2, of another slot
  input  logic             s2_issue_valid_i,
  input  logic [SlotW-1:0] s2_issue_slot_i,
  input  logic             s2_issue_cas_i,
  input  logic [51:0]      s2_issue_addr_i,
  input  logic [63:0]      s2_issue_expected_i,
  input  logic [63:0]      s2_issue_desired_i,
  input  logic [7:0]       s2_issue_tag_i,
  input  logic             s2_issue_port_i,
  input  logic [2:0]       s2_issue_level_i,
  // memory
  output logic             mem_req_valid_o,
  input  logic             mem_req_ready_i,
  output logic             mem_req_cas_o,
  output logic [7:0]       mem_req_id_o,
  output logic [51:0]      mem_req_addr_o,
  output logic [63:0]      mem_req_expected_o,
  output logic [63:0]      mem_req_desired_o,
  output logic [7:0]       mem_req_tag_o,
  output logic             mem_req_port_o,
  output logic [2:0]       mem_req_level_o,
  output logic             mem_req_stage2_o,
  output logic [7:0]       mem_req_reads_o,   // reads of this walk so far, this one too, mod 256
  input  logic             mem_rsp_valid_i,
  input  logic [7:0]       mem_rsp_id_i,
  // to the walker: the answer of this slot is on the response pins
  output logic             rsp_valid_o,
  output logic [SlotW-1:0] rsp_slot_o,
  output logic             rsp_stage2_o,
  output logic [SlotN-1:0] busy_o,    // by slot: issued and not answered
  output logic             idle_o     // nothing to offer
);

  logic [SlotN-1:0] pending_q, busy_q;
  logic [SlotN-1:0] cas_q, port_q, stage2_q;
  logic [51:0]      addr_q     [SlotN];
  logic [63:0]      expected_q [SlotN];
  logic [63:0]      desired_q  [SlotN];
  logic [7:0]       tag_q      [SlotN];
  logic [2:0]       level_q    [SlotN];
  logic [7:0]       reads_q    [SlotN];

  // The offer: held while it stands, else the first pending slot after the last one served.
  logic             held_q;
  logic [SlotW-1:0] last_q, probe, offer;
  always_comb begin
    offer = last_q;
    probe = last_q;
    if (!held_q && pending_q != '0) begin
      for (int unsigned s = SlotN; s > 0; s--) begin
        probe = last_q + SlotW'(s);
        if (pending_q[probe]) offer = probe;
      end
    end
  end

  assign mem_req_valid_o    = pending_q != '0;
  assign mem_req_cas_o      = cas_q[offer];
  assign mem_req_id_o       = 8'(offer);
  assign mem_req_addr_o     = addr_q[offer];
  assign mem_req_expected_o = expected_q[offer];
  assign mem_req_desired_o  = desired_q[offer];
  assign mem_req_tag_o      = tag_q[offer];
  assign mem_req_port_o     = port_q[offer];
  assign mem_req_level_o    = level_q[offer];
  assign mem_req_stage2_o   = stage2_q[offer];
  assign mem_req_reads_o    = reads_q[offer];
  assign idle_o             = pending_q == '0;
  assign busy_o             = busy_q;

  // An answer to a request that was taken; the memory may answer in the cycle it takes it.
  logic taken;
  assign taken       = mem_req_valid_o && mem_req_ready_i;
  assign rsp_slot_o  = mem_rsp_id_i[SlotW-1:0];
  assign rsp_valid_o = mem_rsp_valid_i && mem_rsp_id_i < 8'(SlotN) && busy_q[rsp_slot_o] &&
                       (!pending_q[rsp_slot_o] || (taken && offer == rsp_slot_o));

  assign rsp_stage2_o = stage2_q[rsp_slot_o];

  logic [SlotN-1:0] pending_d, busy_d;
  always_comb begin
    pending_d = pending_q;
    busy_d    = busy_q;
    if (taken) pending_d[offer] = 1'b0;
    if (rsp_valid_o) busy_d[rsp_slot_o] = 1'b0;
    if (issue_valid_i) begin
      pending_d[issue_slot_i] = 1'b1;
      busy_d[issue_slot_i]    = 1'b1;
    end
    if (s2_issue_valid_i) begin
      pending_d[s2_issue_slot_i] = 1'b1;
      busy_d[s2_issue_slot_i]    = 1'b1;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      pending_q <= '0;
      busy_q    <= '0;
      held_q    <= 1'b0;
      last_q    <= '0;
    end else begin
      pending_q <= pending_d;
      busy_q    <= busy_d;
      held_q    <= mem_req_valid_o && !mem_req_ready_i;
      if (mem_req_valid_o) last_q <= offer;
    end
  end

  always_ff @(posedge clk_i) begin
    if (issue_valid_i) begin
      cas_q[issue_slot_i]      <= issue_cas_i;
      addr_q[issue_slot_i]     <= issue_addr_i;
      expected_q[issue_slot_i] <= issue_expected_i;
      desired_q[issue_slot_i]  <= issue_desired_i;
      tag_q[issue_slot_i]      <= issue_tag_i;
      port_q[issue_slot_i]     <= issue_port_i;
      level_q[issue_slot_i]    <= issue_level_i;
      stage2_q[issue_slot_i]   <= 1'b0;
      if (!issue_cas_i) reads_q[issue_slot_i] <= reads_q[issue_slot_i] + 8'd1;
    end
    if (s2_issue_valid_i) begin
      cas_q[s2_issue_slot_i]      <= s2_issue_cas_i;
      addr_q[s2_issue_slot_i]     <= s2_issue_addr_i;
      expected_q[s2_issue_slot_i] <= s2_issue_expected_i;
      desired_q[s2_issue_slot_i]  <= s2_issue_desired_i;
      tag_q[s2_issue_slot_i]      <= s2_issue_tag_i;
      port_q[s2_issue_slot_i]     <= s2_issue_port_i;
      level_q[s2_issue_slot_i]    <= s2_issue_level_i;
      stage2_q[s2_issue_slot_i]   <= 1'b1;
      if (!s2_issue_cas_i) reads_q[s2_issue_slot_i] <= reads_q[s2_issue_slot_i] + 8'd1;
    end
    if (begin_valid_i) reads_q[begin_slot_i] <= '0;
  end

  `MMU_ASSERT(one_request_a_slot, !issue_valid_i || !busy_q[issue_slot_i])
  `MMU_ASSERT(one_request_a_slot_s2, !s2_issue_valid_i || !busy_q[s2_issue_slot_i])
  `MMU_ASSERT(not_both_stages, !issue_valid_i || !s2_issue_valid_i ||
              issue_slot_i != s2_issue_slot_i)
  `MMU_ASSERT(answer_was_asked, !mem_rsp_valid_i || rsp_valid_o)

endmodule
