// SPDX-License-Identifier: Apache-2.0
// Miss queue: each request that enters leaves once, as it was, for a walk or back to its port; and it does
// leave: a waiting one when its walk has ended, a pending one before as many others as there are entries.
`include "formal.svh"

module miss_law #(
  parameter  int unsigned Entries = 2,
  parameter  int unsigned Walks   = 2,
  localparam int unsigned SlotW   = (Walks > 1) ? $clog2(Walks) : 1
) (
  input logic               clk_i,
  input logic               f_valid_i,
  input logic [63:0]        f_va_i,
  input logic [7:0]         f_tag_i,
  input mmu_pkg::access_t   f_access_i,
  input mmu_pkg::ctx_t      f_ctx_i,
  input mmu_pkg::need_t     f_need_i,
  input logic               d_valid_i,
  input logic [63:0]        d_va_i,
  input logic [7:0]         d_tag_i,
  input mmu_pkg::access_t   d_access_i,
  input mmu_pkg::ctx_t      d_ctx_i,
  input mmu_pkg::need_t     d_need_i,
  input logic               end_valid_i,
  input logic [SlotW-1:0]   end_slot_i,
  input logic               port_i,
  input logic [7:0]         tag_i
);
  `FORMAL_RESET

  localparam int unsigned PageW = 1 + mmu_pkg::IdBits + 52;
  localparam int unsigned DataW = 64 + mmu_pkg::AccessBits + mmu_pkg::CtxBits;
  logic               f_ready, d_ready, f_replay, d_replay, start, start_port;
  logic [63:0]        replay_va, start_va;
  logic [7:0]         replay_tag, start_tag;
  mmu_pkg::access_t   replay_access, start_access;
  mmu_pkg::ctx_t      replay_ctx, start_ctx;
  mmu_pkg::need_t     start_need;
  logic [SlotW-1:0]   start_slot;
  logic               idle;
  miss_queue #(.Entries(Entries), .Walks(Walks)) dut (
    .clk_i, .rst_ni,
    .f_miss_valid_i (f_valid_i), .f_miss_ready_o (f_ready), .f_miss_va_i (f_va_i), .f_miss_tag_i (f_tag_i),
    .f_miss_access_i (f_access_i), .f_miss_ctx_i (f_ctx_i), .f_miss_need_i (f_need_i),
    .d_miss_valid_i (d_valid_i), .d_miss_ready_o (d_ready), .d_miss_va_i (d_va_i), .d_miss_tag_i (d_tag_i),
    .d_miss_access_i (d_access_i), .d_miss_ctx_i (d_ctx_i), .d_miss_need_i (d_need_i),
    .f_replay_valid_o (f_replay), .d_replay_valid_o (d_replay), .replay_va_o (replay_va), .replay_tag_o (replay_tag),
    .replay_access_o (replay_access), .replay_ctx_o (replay_ctx),
    .start_valid_o (start), .start_slot_o (start_slot), .start_port_o (start_port), .start_va_o (start_va),
    .start_tag_o (start_tag), .start_access_o (start_access), .start_ctx_o (start_ctx), .start_need_o (start_need),
    .end_valid_i, .end_slot_i, .idle_o (idle)
  );

  // Any tag, on any port; what came with it.
  logic             port_q, in_q;
  logic [7:0]       tag_q;
  logic [DataW-1:0] data_q;
  logic [2:0]       others_q;   // started since
  logic             enters, starts, replays;
  assign enters  = port_q ? (d_valid_i && d_ready && d_tag_i == tag_q) : (f_valid_i && f_ready && f_tag_i == tag_q);
  assign starts  = start && start_port == port_q && start_tag == tag_q;
  assign replays = (port_q ? d_replay : f_replay) && replay_tag == tag_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      port_q <= port_i;
      tag_q  <= tag_i;
      in_q   <= 1'b0;
    end else begin
      in_q <= enters || (in_q && !starts && !replays);
      if (enters) begin
        data_q   <= port_q ? {d_va_i, d_access_i, d_ctx_i} : {f_va_i, f_access_i, f_ctx_i};
        others_q <= '0;
      end else if (start) begin
        others_q <= others_q + 1'b1;
      end
    end
  end
  logic [2**SlotW-1:0] walks_q;  // in progress
  always_ff @(posedge clk_i) begin
    if (!rst_ni) walks_q <= '0;
    else begin
      if (end_valid_i) walks_q[end_slot_i] <= 1'b0;
      if (start) walks_q[start_slot] <= 1'b1;
    end
  end
  `ASSUME(tags_differ, "a tag does not enter again before it has left", !(enters && in_q && !replays))
  `ASSUME(ends_started, "a walk ends once and only after its start", !end_valid_i || walks_q[end_slot_i])

  `PROVE(leaves_once, "a request leaves only if it is in and in one way", !((starts || replays) && !in_q) && !(starts && replays))
  `PROVE(starts_whole, "it is walked as it was", !starts || {start_va, start_access, start_ctx} == data_q)
  `PROVE(replays_whole, "or goes back as it was", !replays || {replay_va, replay_access, replay_ctx} == data_q)
  `PROVE(free_slot, "a walk starts in a free slot that exists", !start || (!walks_q[start_slot] && {1'b0, start_slot} < (SlotW + 1)'(Walks)))

  (* hierconn *) wire [1:0] \dut.pending_q ;
  (* hierconn *) wire [1:0] \dut.waiting_q ;
  (* hierconn *) wire [1:0] \dut.replay_q ;
  (* hierconn *) wire [1:0] \dut.slot_busy_q ;
  (* hierconn *) wire [7:0] \dut.tag_q[0] ;
  (* hierconn *) wire [7:0] \dut.tag_q[1] ;
  (* hierconn *) wire [PageW-1:0] \dut.page_q[0] ;
  (* hierconn *) wire [PageW-1:0] \dut.page_q[1] ;
  (* hierconn *) wire [11:0] \dut.offset_q[0] ;
  (* hierconn *) wire [11:0] \dut.offset_q[1] ;
  (* hierconn *) wire [mmu_pkg::AccessBits-1:0] \dut.access_q[0] ;
  (* hierconn *) wire [mmu_pkg::AccessBits-1:0] \dut.access_q[1] ;
  (* hierconn *) wire [mmu_pkg::CtxBits-1:0] \dut.ctx_q[0] ;
  (* hierconn *) wire [mmu_pkg::CtxBits-1:0] \dut.ctx_q[1] ;
  (* hierconn *) wire \dut.slot_of_q[0] ;
  (* hierconn *) wire \dut.slot_of_q[1] ;
  (* hierconn *) wire \dut.next_q ;
  wire [1:0] pending   = \dut.pending_q ;
  wire [1:0] waiting   = \dut.waiting_q ;
  wire [1:0] replay    = \dut.replay_q ;
  wire [1:0] slot_busy = \dut.slot_busy_q ;
  wire [1:0] slot_of   = {\dut.slot_of_q[1] , \dut.slot_of_q[0] };
  wire       next      = \dut.next_q ;
  wire [PageW-1:0] page0 = \dut.page_q[0] ;
  wire [PageW-1:0] page1 = \dut.page_q[1] ;
  wire [DataW-1:0] data0 = {page0[51:0], \dut.offset_q[0] , \dut.access_q[0] , \dut.ctx_q[0] };
  wire [DataW-1:0] data1 = {page1[51:0], \dut.offset_q[1] , \dut.access_q[1] , \dut.ctx_q[1] };
  wire [1:0] is_it  = (pending | waiting | replay) &
                      {\dut.tag_q[1] == tag_q && page1[PageW-1] == port_q, \dut.tag_q[0] == tag_q && page0[PageW-1] == port_q};
  `PROVE(one_place, "a request that is in is in one entry", {1'b0, is_it[0]} + {1'b0, is_it[1]} == {1'b0, in_q})
  `PROVE(one_state, "an entry has one state", (pending & waiting) == '0 && (pending & replay) == '0 && (waiting & replay) == '0)
  `PROVE(entry_whole, "it holds the request as it was", !(is_it[0] && data0 != data_q) && !(is_it[1] && data1 != data_q))
  `PROVE(same_slots, "slots are busy while their walks are in progress", slot_busy == walks_q)
  `PROVE(waits_for_walk, "a waiting request waits for a walk in progress",
         !(waiting[0] && !walks_q[slot_of[0]]) && !(waiting[1] && !walks_q[slot_of[1]]))
  `PROVE(replay_at_once, "one of those to go back goes back in each cycle", (f_replay || d_replay) == (replay != '0))
  `PROVE(start_at_once, "one of those pending starts whenever a slot is free", start == (pending != '0 && walks_q != '1))
  `PROVE(fair, "a pending request starts after at most one other", (is_it & pending) == '0 || others_q <= 3'd1)
  `PROVE(h_turn, "which was before it", !(is_it[0] && pending[0] && others_q != '0 && next != 1'b0) &&
                                        !(is_it[1] && pending[1] && others_q != '0 && next != 1'b1))
  `COVER(walked, "a request is walked after another", starts && others_q == 3'd1)
  `COVER(back, "a request goes back after it waited", replays)
  `COVER(change_places, "a request enters as another goes back", enters && (f_replay || d_replay))
  logic unused_wires;
  assign unused_wires = ^{start_need, idle};
endmodule
