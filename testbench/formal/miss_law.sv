// SPDX-License-Identifier: Apache-2.0
// Miss queue: each request that enters leaves once, as it was: answered by the L2, for a walk, or back to its
// port; and it does leave: one that waits when its walk has ended, one that is pending after as many others as
// there are entries.
`include "formal.svh"

module miss_law #(
  parameter  int unsigned Entries = 2,
  parameter  int unsigned Walks   = 2,
  localparam int unsigned SlotW   = (Walks > 1) ? $clog2(Walks) : 1
) (
  input logic               clk_i,
  input logic               f_valid_i,
  input logic [63:0]        f_va_i,
  input logic [51:0]        f_vpn_i,
  input logic [7:0]         f_tag_i,
  input mmu_pkg::access_t   f_access_i,
  input mmu_pkg::ctx_t      f_ctx_i,
  input mmu_pkg::need_t     f_need_i,
  input logic               d_valid_i,
  input logic [63:0]        d_va_i,
  input logic [51:0]        d_vpn_i,
  input logic [7:0]         d_tag_i,
  input mmu_pkg::access_t   d_access_i,
  input mmu_pkg::ctx_t      d_ctx_i,
  input mmu_pkg::need_t     d_need_i,
  input logic               look_ready_i,
  input logic               found_idx_i,
  input logic               found_hit_i,
  input logic               found_miss_i,
  input logic               found_again_i,
  input logic               end_valid_i,
  input logic [SlotW-1:0]   end_slot_i,
  input logic               port_i,
  input logic [7:0]         tag_i
);
  `FORMAL_RESET

  localparam int unsigned IdW   = mmu_pkg::IdBits;
  localparam int unsigned PageW = IdW + 52;
  localparam int unsigned DataW = 8 + PageW + 12 + mmu_pkg::AccessBits + mmu_pkg::CtxBits + mmu_pkg::NeedBits;
  logic               f_ready, d_ready, f_replay, d_replay, start, start_port;
  logic [63:0]        replay_va, start_va, found_va;
  logic [7:0]         replay_tag, start_tag, start_top, found_tag;
  mmu_pkg::access_t   replay_access, start_access;
  mmu_pkg::ctx_t      replay_ctx, start_ctx;
  mmu_pkg::need_t     start_need, found_need;
  logic [SlotW-1:0]   start_slot;
  logic               look, look_idx, found_port, found_speculative, merge, idle;
  logic [51:0]        look_vpn;
  logic [IdW-1:0]     found_id;
  miss_queue #(.Entries(Entries), .Walks(Walks)) dut (
    .clk_i, .rst_ni,
    .f_miss_valid_i (f_valid_i), .f_miss_ready_o (f_ready), .f_miss_va_i (f_va_i), .f_miss_vpn_i (f_vpn_i),
    .f_miss_tag_i (f_tag_i), .f_miss_access_i (f_access_i), .f_miss_ctx_i (f_ctx_i), .f_miss_need_i (f_need_i),
    .d_miss_valid_i (d_valid_i), .d_miss_ready_o (d_ready), .d_miss_va_i (d_va_i), .d_miss_vpn_i (d_vpn_i),
    .d_miss_tag_i (d_tag_i), .d_miss_access_i (d_access_i), .d_miss_ctx_i (d_ctx_i), .d_miss_need_i (d_need_i),
    .f_replay_valid_o (f_replay), .d_replay_valid_o (d_replay), .replay_va_o (replay_va), .replay_tag_o (replay_tag),
    .replay_access_o (replay_access), .replay_ctx_o (replay_ctx),
    .look_valid_o (look), .look_ready_i, .look_idx_o (look_idx), .look_vpn_o (look_vpn),
    .found_idx_i, .found_port_o (found_port), .found_va_o (found_va), .found_tag_o (found_tag), .found_id_o (found_id),
    .found_need_o (found_need), .found_speculative_o (found_speculative),
    .found_hit_i, .found_miss_i, .found_again_i,
    .start_valid_o (start), .start_slot_o (start_slot), .start_port_o (start_port), .start_va_o (start_va),
    .start_top_o (start_top), .start_tag_o (start_tag), .start_access_o (start_access), .start_ctx_o (start_ctx),
    .start_need_o (start_need), .end_valid_i, .end_slot_i, .merge_o (merge), .idle_o (idle)
  );

  (* hierconn *) wire [1:0] \dut.fresh_q ;
  (* hierconn *) wire [1:0] \dut.looking_q ;
  (* hierconn *) wire [1:0] \dut.pending_q ;
  (* hierconn *) wire [1:0] \dut.waiting_q ;
  (* hierconn *) wire [1:0] \dut.replay_q ;
  (* hierconn *) wire [1:0] \dut.slot_busy_q ;
  (* hierconn *) wire [1:0] \dut.port_q ;
  (* hierconn *) wire [7:0] \dut.tag_q[0] ;
  (* hierconn *) wire [7:0] \dut.tag_q[1] ;
  (* hierconn *) wire [7:0] \dut.top_q[0] ;
  (* hierconn *) wire [7:0] \dut.top_q[1] ;
  (* hierconn *) wire [PageW-1:0] \dut.page_q[0] ;
  (* hierconn *) wire [PageW-1:0] \dut.page_q[1] ;
  (* hierconn *) wire [11:0] \dut.offset_q[0] ;
  (* hierconn *) wire [11:0] \dut.offset_q[1] ;
  (* hierconn *) wire [mmu_pkg::AccessBits-1:0] \dut.access_q[0] ;
  (* hierconn *) wire [mmu_pkg::AccessBits-1:0] \dut.access_q[1] ;
  (* hierconn *) wire [mmu_pkg::CtxBits-1:0] \dut.ctx_q[0] ;
  (* hierconn *) wire [mmu_pkg::CtxBits-1:0] \dut.ctx_q[1] ;
  (* hierconn *) wire [mmu_pkg::NeedBits-1:0] \dut.need_q[0] ;
  (* hierconn *) wire [mmu_pkg::NeedBits-1:0] \dut.need_q[1] ;
  (* hierconn *) wire \dut.slot_of_q[0] ;
  (* hierconn *) wire \dut.slot_of_q[1] ;
  (* hierconn *) wire \dut.next_q ;
  (* hierconn *) wire \dut.look_held_q ;
  (* hierconn *) wire \dut.look_q ;
  wire [1:0] fresh     = \dut.fresh_q ;
  wire [1:0] looking   = \dut.looking_q ;
  wire [1:0] pending   = \dut.pending_q ;
  wire [1:0] waiting   = \dut.waiting_q ;
  wire [1:0] replay    = \dut.replay_q ;
  wire [1:0] slot_busy = \dut.slot_busy_q ;
  wire [1:0] ports     = \dut.port_q ;
  wire [1:0] slot_of   = {\dut.slot_of_q[1] , \dut.slot_of_q[0] };
  wire       next      = \dut.next_q ;
  wire       look_held = \dut.look_held_q ;
  wire       look_last = \dut.look_q ;
  wire [DataW-1:0] data0 = {\dut.top_q[0] , \dut.page_q[0] , \dut.offset_q[0] , \dut.access_q[0] , \dut.ctx_q[0] , \dut.need_q[0] };
  wire [DataW-1:0] data1 = {\dut.top_q[1] , \dut.page_q[1] , \dut.offset_q[1] , \dut.access_q[1] , \dut.ctx_q[1] , \dut.need_q[1] };

  // ---- the surroundings ------------------------------------------------------------------------------
  logic found;
  assign found = found_hit_i || found_miss_i || found_again_i;
  `ASSUME(one_verdict, "a look-up in the L2 has one outcome",
          {1'b0, found_hit_i} + {1'b0, found_miss_i} + {1'b0, found_again_i} <= 2'd1)
  `ASSUME(looked_up, "which comes after its last probe or in the same cycle, a hit after any probe",
          !found || looking[found_idx_i] || (look && look_idx == found_idx_i && (look_ready_i || found_hit_i)))
  `ASSUME(same_address, "a page number is that of the address but for the top byte",
          f_vpn_i[43:0] == f_va_i[55:12] && d_vpn_i[43:0] == d_va_i[55:12])

  // ---- any tag, on any port; what came with it -------------------------------------------------------
  logic             port_q, in_q;
  logic [7:0]       tag_q;
  logic [DataW-1:0] data_q;
  logic             enters, starts, replays, hits;
  logic [IdW-1:0]   f_id, d_id;
  assign f_id = {f_ctx_i.regime, f_ctx_i.s1_mode, f_ctx_i.s2_mode, f_ctx_i.vmid, f_ctx_i.asid};
  assign d_id = {d_ctx_i.regime, d_ctx_i.s1_mode, d_ctx_i.s2_mode, d_ctx_i.vmid, d_ctx_i.asid};
  assign enters  = port_q ? (d_valid_i && d_ready && d_tag_i == tag_q) : (f_valid_i && f_ready && f_tag_i == tag_q);
  assign starts  = start && start_port == port_q && start_tag == tag_q;
  assign replays = (port_q ? d_replay : f_replay) && replay_tag == tag_q;
  assign hits    = found_hit_i && found_port == port_q && found_tag == tag_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      port_q <= port_i;
      tag_q  <= tag_i;
      in_q   <= 1'b0;
    end else begin
      in_q <= enters || (in_q && !starts && !replays && !hits);
      if (enters) begin
        data_q <= port_q ? {d_va_i[63:56], d_id, d_vpn_i, d_va_i[11:0], d_access_i, d_ctx_i, d_need_i}
                         : {f_va_i[63:56], f_id, f_vpn_i, f_va_i[11:0], f_access_i, f_ctx_i, f_need_i};
      end
    end
  end
  mmu_pkg::ctx_t    data_ctx;
  mmu_pkg::access_t data_access;
  logic [7:0]       data_top;
  logic [11:0]      data_offset;
  logic [PageW-1:0] data_page;
  mmu_pkg::need_t   data_need;
  assign {data_top, data_page, data_offset, data_access, data_ctx, data_need} = data_q;

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

  `PROVE(leaves_once, "a request leaves only if it is in and in one way",
         {1'b0, starts} + {1'b0, replays} + {1'b0, hits} <= {1'b0, in_q})
  `PROVE(starts_whole, "it is walked as it was",
         !starts || {start_top, start_va, start_access, start_ctx, start_need} ==
                    {data_top, data_page[51:0], data_offset, data_access, data_ctx, data_need})
  `PROVE(replays_whole, "or goes back as it was", !replays || {replay_va, replay_access, replay_ctx} ==
                    {data_top, data_page[43:0], data_offset, data_access, data_ctx})
  `PROVE(hits_whole, "or is answered as it was", !hits || {found_va, found_id, found_need, found_speculative} ==
                    {data_page[51:0], data_offset, data_page[PageW-1:52], data_need, data_access.speculative})
  `PROVE(free_slot, "a walk starts in a free slot that exists", !start || (!walks_q[start_slot] && {1'b0, start_slot} < (SlotW + 1)'(Walks)))

  wire [1:0] used   = fresh | looking | pending | waiting | replay;
  wire [1:0] is_it  = used & {\dut.tag_q[1] == tag_q && ports[1] == port_q, \dut.tag_q[0] == tag_q && ports[0] == port_q};
  logic [2:0] others_q;   // started while it is pending
  always_ff @(posedge clk_i) begin
    if ((is_it & pending) == '0) others_q <= '0;
    else if (start) others_q <= others_q + 1'b1;
  end
  `PROVE(one_place, "a request that is in is in one entry", {1'b0, is_it[0]} + {1'b0, is_it[1]} == {1'b0, in_q})
  `PROVE(entry_whole, "it holds the request as it was", !(is_it[0] && data0 != data_q) && !(is_it[1] && data1 != data_q))
  `PROVE(same_slots, "slots are busy while their walks are in progress", slot_busy == walks_q)
  `PROVE(waits_for_walk, "a waiting request waits for a walk in progress",
         !(waiting[0] && !walks_q[slot_of[0]]) && !(waiting[1] && !walks_q[slot_of[1]]))
  `PROVE(replay_at_once, "one of those to go back goes back in each cycle", (f_replay || d_replay) == (replay != '0))
  `PROVE(start_at_once, "one of those pending starts whenever a slot is free", start == (pending != '0 && walks_q != '1))
  `PROVE(look_at_once, "one of those to be looked up is offered in each cycle", look == (fresh != '0) && (!look || fresh[look_idx]))
  `PROVE(look_stands, "and stays so until it is taken", !look_held || (fresh[look_last] && look_idx == look_last))
  `PROVE(fair, "a pending request starts after at most one other", (is_it & pending) == '0 || others_q <= 3'd1)
  `PROVE(h_turn, "which was before it", !(is_it[0] && pending[0] && others_q != '0 && next != 1'b0) &&
                                        !(is_it[1] && pending[1] && others_q != '0 && next != 1'b1))
  `COVER(walked, "a request is walked after another", starts && others_q == 3'd1)
  `COVER(back, "a request goes back after it waited", replays)
  `COVER(found, "a request is answered by the L2 after it waited for a walk of the other port", hits && waited_q)
  `COVER(change_places, "a request enters as another goes back", enters && (f_replay || d_replay))
  logic waited_q;
  always_ff @(posedge clk_i) waited_q <= rst_ni && in_q && (waited_q || (is_it & waiting) != '0);
  logic unused_wires;
  assign unused_wires = ^{idle, merge, look_vpn};
endmodule
