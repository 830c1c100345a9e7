// SPDX-License-Identifier: Apache-2.0
// The whole MMU: a memory that holds nothing but faults leads to no translation, ever.
// RISC-V: each answer of the memory is an error or a descriptor with V = 0.
`include "formal.svh"

module mmu_faults #(
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
  input logic [63:0]        mem_rsp_old_i
);
  `FORMAL_RESET
`include "small_mmu.svh"

  `ASSUME(only_faults, "all that the memory answers is an error or not valid",
          mem_rsp_error_i != mmu_pkg::MemOk || !mem_rsp_old_i[0])
  `ASSUME(translates, "stage 1 is on", f_ctx_i.s1_mode != mmu_pkg::S1Off && d_ctx_i.s1_mode != mmu_pkg::S1Off)
  `PROVE(no_hit, "nothing hits", !f_hit && !d_hit)
  `PROVE(no_ok, "nothing is answered ok",
         !(f_miss && f_status == mmu_pkg::StatusOk) && !(d_miss && d_status == mmu_pkg::StatusOk))

  // What the induction needs.
  (* hierconn *) wire [1:0] \dut.u_l1i.valid_q ;
  (* hierconn *) wire \dut.u_l1i.look_valid_q ;
  (* hierconn *) wire [mmu_pkg::CtxBits-1:0] \dut.u_l1i.look_ctx_q ;
  (* hierconn *) wire [1:0] \dut.u_l1d.valid_q ;
  (* hierconn *) wire \dut.u_l1d.look_valid_q ;
  (* hierconn *) wire [mmu_pkg::CtxBits-1:0] \dut.u_l1d.look_ctx_q ;
  (* hierconn *) wire [1:0] \dut.u_walk_cache.gen_height[1].gen_present.u_level.valid_q ;
  (* hierconn *) wire [1:0] \dut.u_walk_cache.gen_height[2].gen_present.u_level.valid_q ;
  (* hierconn *) wire [1:0] \dut.u_walk_cache.gen_height[3].gen_present.u_level.valid_q ;
  (* hierconn *) wire [1:0] \dut.u_walk_cache.gen_height[4].gen_present.u_level.valid_q ;
  (* hierconn *) wire [1:0] \dut.u_miss_queue.fresh_q ;
  (* hierconn *) wire [1:0] \dut.u_miss_queue.looking_q ;
  (* hierconn *) wire [1:0] \dut.u_miss_queue.pending_q ;
  (* hierconn *) wire [1:0] \dut.u_miss_queue.waiting_q ;
  (* hierconn *) wire [1:0] \dut.u_miss_queue.replay_q ;
  (* hierconn *) wire [1:0] \dut.u_miss_queue.slot_busy_q ;
  (* hierconn *) wire [mmu_pkg::CtxBits-1:0] \dut.u_miss_queue.ctx_q[0] ;
  (* hierconn *) wire [mmu_pkg::CtxBits-1:0] \dut.u_miss_queue.ctx_q[1] ;
  (* hierconn *) wire [1:0] \dut.u_s1_walker.walk_busy_q ;
  (* hierconn *) wire [3:0] \dut.u_s1_walker.walk_state_q[0] ;
  (* hierconn *) wire [63:0] \dut.u_s1_walker.walk_pte_q[0] ;
  (* hierconn *) wire [1:0] \dut.u_s1_walker.error_q[0] ;
  (* hierconn *) wire [1:0] \dut.u_s1_walker.about_q[0] ;
  (* hierconn *) wire [mmu_pkg::CtxBits-1:0] \dut.u_s1_walker.u_requests.ctx_q[0] ;
  (* hierconn *) wire [1:0] \dut.u_s1_walker.stored_q ;
  (* hierconn *) wire \dut.u_l2.gen_present.u_sets.clear_set_q ;
  (* hierconn *) wire \dut.u_l2.gen_present.u_sets.fill_waits_q ;
  (* hierconn *) wire \dut.u_l2.gen_present.u_sets.gen_way[0].gen_real.u_way.valid_q[0] ;
  (* hierconn *) wire \dut.u_l2.gen_present.u_sets.gen_way[0].gen_real.u_way.valid_q[1] ;
  (* hierconn *) wire [1:0] \dut.u_mem_port.busy_q ;
  (* hierconn *) wire [1:0] \dut.u_mem_port.pending_q ;
  (* hierconn *) wire \dut.u_mem_port.held_q ;
  (* hierconn *) wire \dut.u_mem_port.last_q ;
  (* hierconn *) wire [1:0] \dut.u_s2_walker.busy_q ;
  (* hierconn *) wire [2:0] \dut.u_s2_walker.s2_state_q[0] ;
  (* hierconn *) wire [63:0] \dut.u_s2_walker.s2_pte_q[0] ;
  (* hierconn *) wire [1:0] \dut.u_s2_walker.error_q[0] ;
  (* hierconn *) wire [1:0] \dut.u_s2_walker.u_nested_tlb.gen_present.valid_q ;
  (* hierconn *) wire [1:0] \dut.u_mem_port.stage2_q ;
  wire [3:0] l1_valid  = {\dut.u_l1i.valid_q , \dut.u_l1d.valid_q };
  wire [7:0] pwc_valid = {\dut.u_walk_cache.gen_height[1].gen_present.u_level.valid_q ,
                          \dut.u_walk_cache.gen_height[2].gen_present.u_level.valid_q ,
                          \dut.u_walk_cache.gen_height[3].gen_present.u_level.valid_q ,
                          \dut.u_walk_cache.gen_height[4].gen_present.u_level.valid_q };
  (* hierconn *) wire \dut.u_miss_queue.look_held_q ;
  (* hierconn *) wire \dut.u_miss_queue.look_q ;
  wire       look_held = \dut.u_miss_queue.look_held_q ;
  wire       look_last = \dut.u_miss_queue.look_q ;
  wire [1:0] fresh     = \dut.u_miss_queue.fresh_q ;
  wire [1:0] looking   = \dut.u_miss_queue.looking_q ;
  wire [1:0] queued    = fresh | looking | \dut.u_miss_queue.pending_q | \dut.u_miss_queue.waiting_q | \dut.u_miss_queue.replay_q ;
  wire [1:0] slot_busy = \dut.u_miss_queue.slot_busy_q ;
  wire [1:0] walk_busy = \dut.u_s1_walker.walk_busy_q ;
  wire [3:0] state     = \dut.u_s1_walker.walk_state_q[0] ;
  wire       pte_valid = \dut.u_s1_walker.walk_pte_q[0] [0];
  wire [1:0] error     = \dut.u_s1_walker.error_q[0] ;
  wire [1:0] about     = \dut.u_s1_walker.about_q[0] ;
  wire [1:0] mem_busy  = \dut.u_mem_port.busy_q ;
  wire [1:0] mem_pending = \dut.u_mem_port.pending_q ;
  wire       held      = \dut.u_mem_port.held_q ;
  wire       last      = \dut.u_mem_port.last_q ;
  wire [1:0] s2_busy   = \dut.u_s2_walker.busy_q ;
  wire [2:0] s2_state  = \dut.u_s2_walker.s2_state_q[0] ;
  wire       s2_pte_valid = \dut.u_s2_walker.s2_pte_q[0] [0];
  wire [1:0] s2_error  = \dut.u_s2_walker.error_q[0] ;
  wire [1:0] nested    = \dut.u_s2_walker.u_nested_tlb.gen_present.valid_q ;
  wire [1:0] mem_stage2 = \dut.u_mem_port.stage2_q ;
  mmu_pkg::ctx_t f_look, d_look, queue0, queue1, walk;
  assign f_look = \dut.u_l1i.look_ctx_q ;
  assign d_look = \dut.u_l1d.look_ctx_q ;
  assign queue0 = \dut.u_miss_queue.ctx_q[0] ;
  assign queue1 = \dut.u_miss_queue.ctx_q[1] ;
  assign walk   = \dut.u_s1_walker.u_requests.ctx_q[0] ;
  wire f_look_valid = \dut.u_l1i.look_valid_q ;
  wire d_look_valid = \dut.u_l1d.look_valid_q ;
  wire [1:0] stored   = \dut.u_s1_walker.stored_q ;
  wire       cleared1 = \dut.u_l2.gen_present.u_sets.clear_set_q ;
  wire       l2_waits = \dut.u_l2.gen_present.u_sets.fill_waits_q ;
  wire [1:0] l2_op    = \dut.u_l2.gen_present.u_sets.b_op_q ;
  wire [1:0] l2_valid = {\dut.u_l2.gen_present.u_sets.gen_way[0].gen_real.u_way.valid_q[1] ,
                         \dut.u_l2.gen_present.u_sets.gen_way[0].gen_real.u_way.valid_q[0] };
`include "in_l2.svh"
  `PROVE(h_l2_empty, "and the L2 once it has started", L2Sets == 0 ||
         (!l2_waits && l2_op != 2'd1 && !(clearing && l2_op != 2'd0) && !(l2_valid[0] && (!clearing || cleared1)) && !(l2_valid[1] && !clearing)))
  `PROVE(h_l1_empty, "the L1s stay empty", l1_valid == '0)
  `PROVE(h_pwc_empty, "and so does the walk cache", pwc_valid == '0)
  `PROVE(h_states, "a walk reads and judges and faults or gives up",
         !walk_busy[0] || state == mmu_pkg::WalkRoot || state == mmu_pkg::WalkRead || state == mmu_pkg::WalkJudge ||
         state == mmu_pkg::WalkFault || state == mmu_pkg::WalkRetry ||
         ((state == mmu_pkg::WalkAskS2 || state == mmu_pkg::WalkS2Done) && about == mmu_pkg::AboutTable))
  `PROVE(h_judged, "what it judges is an error or not valid",
         !(walk_busy[0] && state == mmu_pkg::WalkJudge) || (!stored[0] && (error != mmu_pkg::MemOk || !pte_valid)))
  `PROVE(h_not_stored, "and none was known before", !(walk_busy[0] && state == mmu_pkg::WalkRead && stored[0]))
  `PROVE(h_on, "stage 1 stays on",
         !(f_look_valid && f_look.s1_mode == mmu_pkg::S1Off) && !(d_look_valid && d_look.s1_mode == mmu_pkg::S1Off) &&
         !(queued[0] && queue0.s1_mode == mmu_pkg::S1Off) && !(queued[1] && queue1.s1_mode == mmu_pkg::S1Off) &&
         !(walk_busy[0] && walk.s1_mode == mmu_pkg::S1Off))
  `PROVE(h_one_walk, "there is one walk", !walk_busy[1] && !mem_busy[1] && slot_busy == walk_busy)
  `PROVE(h_memory, "a walk waits for memory as long as its request is out",
         mem_busy[0] == ((walk_busy[0] && state == mmu_pkg::WalkRead) || (s2_busy[0] && s2_state == 3'd1)))
  `PROVE(h_memory_stage, "in the stage that asked", !mem_busy[0] || mem_stage2[0] == s2_busy[0])
  `PROVE(h_s2_states, "stage 2 looks up and reads and judges",
         !s2_busy[0] || s2_state == 3'd4 || s2_state == 3'd1 || s2_state == 3'd5)
  `PROVE(h_s2_judged, "an error or what is not valid",
         !(s2_busy[0] && s2_state == 3'd5) || s2_error != mmu_pkg::MemOk || !s2_pte_valid)
  `PROVE(h_nested_empty, "and nothing fills the nested TLB", nested == '0)
  `PROVE(h_pending, "what is pending is out", (mem_pending & ~mem_busy) == '0)
  `PROVE(h_held, "so is what is held", !held || mem_pending[last])
  `PROVE(h_owes, "the memory owes what is out and taken", owes_q == (mem_busy & ~mem_pending))
  `PROVE(h_stage2, "stage 2 is asked by who waits for it",
         s2_busy == {1'b0, walk_busy[0] && state == mmu_pkg::WalkAskS2})
  `COVER(fault, "a request is answered with a fault", f_miss && f_status == mmu_pkg::StatusFault)
  `COVER(stage2_fault, "with one of stage 2", f_miss && f_status == mmu_pkg::StatusFault && s2_faulted[0])
  (* hierconn *) wire [1:0] \dut.u_s1_walker.stage2_q ;
  wire [1:0] s2_faulted = \dut.u_s1_walker.stage2_q ;
  `COVER(second_fault, "and asked again it faults again", d_miss && d_status == mmu_pkg::StatusFault && faulted_q)
  logic faulted_q;
  always_ff @(posedge clk_i) faulted_q <= rst_ni && (faulted_q || (d_miss && d_status == mmu_pkg::StatusFault));
endmodule
