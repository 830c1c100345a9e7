// SPDX-License-Identifier: Apache-2.0
// The whole MMU: one request, any one, is in exactly one place until it is answered, once.
`include "formal.svh"

module mmu_once #(
  parameter logic [1:0]  Arch       = 2'd2,
  parameter int unsigned L1Entries  = 2,
  parameter int unsigned L2Sets     = 2,
  parameter int unsigned L2Ways     = 2,
  parameter int unsigned PwcEntries = 1,
  parameter int unsigned HighPwcEntries = PwcEntries,  // of heights 3 and 4
  parameter int unsigned Walks      = 1,
  parameter int unsigned MissQueue  = 2,
  parameter int unsigned NestedEntries = 1,
  parameter bit          Stage2     = 1'b1
) (
  input logic               clk_i,
  input logic               f_valid_i,
  input logic [63:0]        f_va_i,
  input logic [7:0]         f_tag_i,
  input mmu_pkg::access_t   f_access_i,
  input mmu_pkg::ctx_t      f_ctx_i,
  input logic               d_valid_i,
  input logic [63:0]        d_va_i,
  input logic [7:0]         d_tag_i,
  input mmu_pkg::access_t   d_access_i,
  input mmu_pkg::ctx_t      d_ctx_i,
  input logic               inval_valid_i,
  input mmu_pkg::inval_op_t inval_op_i,
  input logic [7:0]         inval_id_i,
  input logic               mem_req_ready_i,
  input logic               mem_rsp_valid_i,
  input logic [7:0]         mem_rsp_id_i,
  input logic [1:0]         mem_rsp_error_i,
  input logic               mem_rsp_ok_i,
  input logic [63:0]        mem_rsp_old_i,
  input logic               port_i,
  input logic [7:0]         tag_i
);
  `FORMAL_RESET
`include "small_mmu.svh"

  // Any tag, on any port.
  logic       port_q, open_q;
  logic [7:0] tag_q;
  logic       accept, f_answers, d_answers;
  logic [1:0] answers;
  assign accept = port_q ? (d_valid_i && d_ready && d_tag_i == tag_q) : (f_valid_i && f_ready && f_tag_i == tag_q);
  assign answers = port_q ? {1'b0, d_hit && d_hit_tag == tag_q} + {1'b0, d_miss && d_miss_tag == tag_q}
                          : {1'b0, f_hit && f_hit_tag == tag_q} + {1'b0, f_miss && f_miss_tag == tag_q};
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      port_q <= port_i;
      tag_q  <= tag_i;
      open_q <= 1'b0;
    end else begin
      open_q <= (open_q && answers == 2'd0) || accept;
    end
  end
  `ASSUME(tags_differ, "a tag is not used again on its port until its request is answered",
          !(accept && open_q && answers == 2'd0))

  `PROVE(once, "a request is answered at most once", answers <= {1'b0, open_q})

  // Where it may be: in the look-up stage of its port, in the miss queue, in a walk.
  (* hierconn *) wire \dut.u_l1i.look_valid_q ;
  (* hierconn *) wire \dut.u_l1d.look_valid_q ;
  (* hierconn *) wire [7:0] \dut.u_l1i.look_tag_q ;
  (* hierconn *) wire [7:0] \dut.u_l1d.look_tag_q ;
  (* hierconn *) wire [1:0] \dut.u_miss_queue.fresh_q ;
  (* hierconn *) wire [1:0] \dut.u_miss_queue.looking_q ;
  (* hierconn *) wire [1:0] \dut.u_miss_queue.pending_q ;
  (* hierconn *) wire [1:0] \dut.u_miss_queue.waiting_q ;
  (* hierconn *) wire [1:0] \dut.u_miss_queue.replay_q ;
  (* hierconn *) wire [1:0] \dut.u_miss_queue.port_q ;
  (* hierconn *) wire [7:0] \dut.u_miss_queue.tag_q[0] ;
  (* hierconn *) wire [7:0] \dut.u_miss_queue.tag_q[1] ;
  (* hierconn *) wire \dut.u_miss_queue.slot_of_q[0] ;
  (* hierconn *) wire \dut.u_miss_queue.slot_of_q[1] ;
  (* hierconn *) wire \dut.u_miss_queue.look_held_q ;
  (* hierconn *) wire \dut.u_miss_queue.look_q ;
  (* hierconn *) wire [1:0] \dut.u_miss_queue.slot_busy_q ;
  (* hierconn *) wire [1:0] \dut.u_s1_walker.walk_busy_q ;
  (* hierconn *) wire [1:0] \dut.u_s1_walker.u_requests.port_q ;
  (* hierconn *) wire [7:0] \dut.u_s1_walker.u_requests.tag_q[0] ;
  (* hierconn *) wire [7:0] \dut.u_s1_walker.u_requests.tag_q[1] ;
  wire [1:0] fresh     = \dut.u_miss_queue.fresh_q ;
  wire [1:0] looking   = \dut.u_miss_queue.looking_q ;
  wire [1:0] pending   = \dut.u_miss_queue.pending_q ;
  wire [1:0] waiting   = \dut.u_miss_queue.waiting_q ;
  wire [1:0] replay    = \dut.u_miss_queue.replay_q ;
  wire [1:0] queue_d   = \dut.u_miss_queue.port_q ;
  wire       look_held = \dut.u_miss_queue.look_held_q ;
  wire       look_last = \dut.u_miss_queue.look_q ;
  wire [1:0] slot_busy = \dut.u_miss_queue.slot_busy_q ;
  wire [1:0] walk_busy = \dut.u_s1_walker.walk_busy_q ;
  wire [1:0] walk_port = \dut.u_s1_walker.u_requests.port_q ;
  wire [1:0] slot_of   = {\dut.u_miss_queue.slot_of_q[1] , \dut.u_miss_queue.slot_of_q[0] };
  wire [1:0] queued    = fresh | looking | pending | waiting | replay;
  wire [1:0] queue_is  = {\dut.u_miss_queue.tag_q[1] == tag_q && queue_d[1] == port_q,
                          \dut.u_miss_queue.tag_q[0] == tag_q && queue_d[0] == port_q};
  wire [1:0] walk_is   = {\dut.u_s1_walker.u_requests.tag_q[1] == tag_q && walk_port[1] == port_q,
                          \dut.u_s1_walker.u_requests.tag_q[0] == tag_q && walk_port[0] == port_q};
  wire look_is = port_q ? (\dut.u_l1d.look_valid_q && \dut.u_l1d.look_tag_q == tag_q)
                        : (\dut.u_l1i.look_valid_q && \dut.u_l1i.look_tag_q == tag_q);
  logic [2:0] places;
  assign places = {2'd0, look_is} + {2'd0, queued[0] && queue_is[0]} + {2'd0, queued[1] && queue_is[1]} +
                  {2'd0, walk_busy[0] && walk_is[0]} + {2'd0, walk_busy[1] && walk_is[1]};
  `PROVE(one_place, "an open request is in exactly one place and no other is in any", places == {2'd0, open_q})
  `PROVE(waits_for_walk, "a request that waits for a walk waits for one that is in progress",
         (!waiting[0] || slot_busy[slot_of[0]]) && (!waiting[1] || slot_busy[slot_of[1]]))
  `PROVE(same_slots, "queue and walker agree on which walks are in progress", slot_busy == walk_busy)

`include "in_l2.svh"

  // What the induction needs; the counts are those of mmu_check, whose assertions are proven, too.
  (* hierconn *) wire [2:0] \dut.u_check.f_open_q ;
  (* hierconn *) wire [2:0] \dut.u_check.d_open_q ;
  (* hierconn *) wire [1:0] \dut.u_mem_port.busy_q ;
  (* hierconn *) wire [1:0] \dut.u_mem_port.pending_q ;
  (* hierconn *) wire \dut.u_mem_port.held_q ;
  (* hierconn *) wire \dut.u_mem_port.last_q ;
  (* hierconn *) wire [3:0] \dut.u_s1_walker.walk_state_q[0] ;
  (* hierconn *) wire [1:0] \dut.u_s2_walker.busy_q ;
  (* hierconn *) wire [2:0] \dut.u_s2_walker.s2_state_q[0] ;
  (* hierconn *) wire [1:0] \dut.u_mem_port.stage2_q ;
  wire [2:0] f_count = \dut.u_check.f_open_q ;
  wire [2:0] d_count = \dut.u_check.d_open_q ;
  wire [1:0] mem_busy = \dut.u_mem_port.busy_q ;
  wire [1:0] mem_pending = \dut.u_mem_port.pending_q ;
  wire       held = \dut.u_mem_port.held_q ;
  wire       last = \dut.u_mem_port.last_q ;
  wire [3:0] state = \dut.u_s1_walker.walk_state_q[0] ;
  wire [1:0] s2_busy = \dut.u_s2_walker.busy_q ;
  wire [2:0] s2_state = \dut.u_s2_walker.s2_state_q[0] ;
  wire [1:0] mem_stage2 = \dut.u_mem_port.stage2_q ;
  wire       f_look = \dut.u_l1i.look_valid_q ;
  wire       d_look = \dut.u_l1d.look_valid_q ;
  `PROVE(h_f_count, "open fetches are counted",
         f_count == {2'd0, f_look} + {2'd0, queued[0] && !queue_d[0]} + {2'd0, queued[1] && !queue_d[1]} +
                    {2'd0, walk_busy[0] && !walk_port[0]})
  `PROVE(h_d_count, "and open data accesses",
         d_count == {2'd0, d_look} + {2'd0, queued[0] && queue_d[0]} + {2'd0, queued[1] && queue_d[1]} +
                    {2'd0, walk_busy[0] && walk_port[0]})
  `PROVE(h_one_walk, "there is one walk", !walk_busy[1] && !mem_busy[1])
  `PROVE(h_memory, "a walk waits for memory as long as its request is out",
         mem_busy[0] == ((walk_busy[0] && (state == mmu_pkg::WalkRead || state == mmu_pkg::WalkUpdate)) ||
                         (s2_busy[0] && (s2_state == 3'd1 || s2_state == 3'd2))))
  `PROVE(h_memory_stage, "in the stage that asked", !mem_busy[0] || mem_stage2[0] == s2_busy[0])
  `PROVE(h_s2_state, "a state of stage 2 is one of those", !s2_busy[0] || (s2_state != '0 && s2_state != 3'd3 && s2_state != 3'd7))
  `PROVE(h_state, "a state is one of those", !walk_busy[0] || (state >= 4'd1 && state <= 4'd3) || (state >= 4'd8 && state <= 4'd14))
  `PROVE(h_pending, "what is pending is out", (mem_pending & ~mem_busy) == '0)
  `PROVE(h_held, "so is what is held", !held || mem_pending[last])
  `PROVE(h_owes, "the memory owes what is out and taken", owes_q == (mem_busy & ~mem_pending))
  `PROVE(h_stage2, "stage 2 is asked by who waits for it",
         s2_busy == {1'b0, walk_busy[0] && state == mmu_pkg::WalkAskS2})
  `COVER(by_hit, "a request is answered by a hit of an entry", answers != '0 && (port_q ? d_hit : f_hit) && walked_q)
  `COVER(by_walk, "a request is answered by a walk", answers != '0 && (port_q ? d_miss : f_miss))
  `COVER(by_nested, "a request is answered after the nested TLB knew an address", answers != '0 && nested_q)
  `COVER(by_l2, "a request is answered by the L2 if there is one", L2Sets == 0 || (answers != '0 && (port_q ? d_miss_l2 : f_miss_l2)))
  `COVER(waited, "a request waited for the walk of another", waited_q && answers != '0)
  logic walked_q, waited_q, nested_q;
  (* hierconn *) wire \dut.ev_nested_hit_o ;
  always_ff @(posedge clk_i) nested_q <= rst_ni && (nested_q || \dut.ev_nested_hit_o );
  always_ff @(posedge clk_i) begin
    walked_q <= rst_ni && (walked_q || (port_q ? d_miss && d_status == mmu_pkg::StatusOk : f_miss && f_status == mmu_pkg::StatusOk));
    waited_q <= rst_ni && (waited_q || ((waiting & queue_is) != '0 && open_q));
  end
endmodule
