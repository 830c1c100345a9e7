// SPDX-License-Identifier: Apache-2.0
// Misses of both ports on their way to a walk slot. First each is looked up in the L2 TLB; what it
// does not have must be walked. The queue owns the walk slots: a request is started in a free one,
// and a request whose page is being walked waits for that walk and then looks again: in the L1 of
// its port, which the walk has filled, or, if the walk was for the other port, in the L2. It walks
// itself if it still misses, so one request's fault or rights never become another's. Each
// request is in exactly one place: lookup stage, this queue, or a walk slot.
//
// One replay, one arrival, one L2 look-up and one start a cycle. A replay frees its entry in the
// very cycle in which the lookup stage of its port may need one, so the two can always change
// places.
// A waiting request is started after at most Entries - 1 others.
`include "mmu_assert.svh"

module miss_queue #(
  parameter  int unsigned Entries = 4,
  parameter  int unsigned Walks   = 2,
  localparam int unsigned SlotW   = (Walks > 1) ? $clog2(Walks) : 1,
  localparam int unsigned EntryW  = (Entries > 1) ? $clog2(Entries) : 1
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  // from the lookup stages
  input  logic               f_miss_valid_i,
  output logic               f_miss_ready_o,
  input  logic [63:0]        f_miss_va_i,
  input  logic [51:0]        f_miss_vpn_i,   // without bits that the architecture ignores
  input  logic [7:0]         f_miss_tag_i,
  input  mmu_pkg::access_t   f_miss_access_i,
  input  mmu_pkg::ctx_t      f_miss_ctx_i,
  input  mmu_pkg::need_t     f_miss_need_i,
  input  logic               d_miss_valid_i,
  output logic               d_miss_ready_o,
  input  logic [63:0]        d_miss_va_i,
  input  logic [51:0]        d_miss_vpn_i,
  input  logic [7:0]         d_miss_tag_i,
  input  mmu_pkg::access_t   d_miss_access_i,
  input  mmu_pkg::ctx_t      d_miss_ctx_i,
  input  mmu_pkg::need_t     d_miss_need_i,
  // back to the lookup stages
  output logic               f_replay_valid_o,
  output logic               d_replay_valid_o,
  output logic [63:0]        replay_va_o,
  output logic [7:0]         replay_tag_o,
  output mmu_pkg::access_t   replay_access_o,
  output mmu_pkg::ctx_t      replay_ctx_o,
  // to the L2 TLB: a look-up, and what became of an earlier one
  output logic               look_valid_o,
  input  logic               look_ready_i,
  output logic [EntryW-1:0]  look_idx_o,
  output logic [51:0]        look_vpn_o,
  input  logic [EntryW-1:0]  found_idx_i,
  output logic               found_port_o,   // of that request
  output logic [63:0]        found_va_o,
  output logic [7:0]         found_tag_o,
  output logic [mmu_pkg::IdBits-1:0] found_id_o,
  output logic [39:0]        found_root_o,   // mmu_pkg::root_tag
  output mmu_pkg::need_t     found_need_o,
  output logic               found_speculative_o,
  input  logic               found_hit_i,    // answered
  input  logic               found_miss_i,
  input  logic               found_again_i,  // to be looked up again
  // to the walker
  output logic               start_valid_o,
  output logic [SlotW-1:0]   start_slot_o,
  output logic               start_port_o,   // 0 fetch, 1 data
  output logic [63:0]        start_va_o,
  output logic [7:0]         start_top_o,    // bits 63:56 as they were asked
  output logic [7:0]         start_tag_o,
  output mmu_pkg::access_t   start_access_o,
  output mmu_pkg::ctx_t      start_ctx_o,
  output mmu_pkg::need_t     start_need_o,
  input  logic               end_valid_i,    // the walk of this slot answers now
  input  logic [SlotW-1:0]   end_slot_i,
  output logic               merge_o,        // a request waits for another's walk
  output logic               idle_o
);

  localparam int unsigned EntryN = 2 ** EntryW;
  localparam int unsigned SlotN  = 2 ** SlotW;
  localparam int unsigned PageW  = mmu_pkg::IdBits + 52;  // id, page number

  // ---- state ------------------------------------------------------------------------------------
  // An entry in use is one of: fresh (to look up), looking (in the L2), pending (wants a slot),
  // waiting (for slot_of_q), replay.
  logic [EntryN-1:0] fresh_q, fresh_d, looking_q, looking_d, pending_q, pending_d;
  logic [EntryN-1:0] waiting_q, waiting_d, replay_q, replay_d, used;
  logic [EntryN-1:0] port_q;                 // 0 fetch, 1 data
  logic [PageW-1:0]  page_q    [EntryN];
  logic [7:0]        top_q     [EntryN];     // address bits 63:56 as they were asked
  logic [11:0]       offset_q  [EntryN];
  logic [7:0]        tag_q     [EntryN];
  logic [mmu_pkg::AccessBits-1:0] access_q [EntryN];
  logic [mmu_pkg::CtxBits-1:0]    ctx_q    [EntryN];
  logic [mmu_pkg::NeedBits-1:0]   need_q   [EntryN];
  logic [SlotW-1:0]  slot_of_q [EntryN];
  assign used = fresh_q | looking_q | pending_q | waiting_q | replay_q;

  logic [SlotN-1:0]  slot_busy_q, slot_port_q;
  logic [PageW-1:0]  slot_page_q [SlotN];

  logic [EntryW-1:0] next_q;       // the pending entry to start is the first from here on
  logic              last_port_q;  // the port that was served last

  // ---- replay: the lowest that is ready ---------------------------------------------------------
  logic              replay_any, replay_port;
  logic [EntryW-1:0] replay_idx;
  always_comb begin
    replay_any = 1'b0;
    replay_idx = '0;
    for (int unsigned i = EntryN; i > 0; i--) begin
      if (replay_q[i-1]) begin
        replay_any = 1'b1;
        replay_idx = EntryW'(i - 1);
      end
    end
  end
  assign replay_port      = port_q[replay_idx];
  assign f_replay_valid_o = replay_any && !replay_port;
  assign d_replay_valid_o = replay_any && replay_port;
  assign replay_va_o      = {top_q[replay_idx], page_q[replay_idx][43:0], offset_q[replay_idx]};
  assign replay_tag_o     = tag_q[replay_idx];
  assign replay_access_o  = access_q[replay_idx];
  assign replay_ctx_o     = ctx_q[replay_idx];

  // ---- arrivals: the port of the replay, else in turn -------------------------------------------
  logic              free_any, take_f, take_d, push;
  logic [EntryW-1:0] free_idx, push_idx;
  always_comb begin
    free_any = 1'b0;
    free_idx = '0;
    for (int unsigned i = Entries; i > 0; i--) begin
      if (!used[i-1]) begin
        free_any = 1'b1;
        free_idx = EntryW'(i - 1);
      end
    end
  end
  always_comb begin
    take_f = 1'b0;
    take_d = 1'b0;
    if (replay_any) begin
      take_f = !replay_port;
      take_d = replay_port;
    end else if (free_any) begin
      take_f = !d_miss_valid_i || last_port_q;
      take_d = !f_miss_valid_i || !last_port_q;
    end
  end
  assign f_miss_ready_o = take_f;
  assign d_miss_ready_o = take_d;
  assign push     = (take_f && f_miss_valid_i) || (take_d && d_miss_valid_i);
  assign push_idx = replay_any ? replay_idx : free_idx;

  logic [63:0]        push_va;
  logic [51:0]        push_vpn;
  logic [mmu_pkg::IdBits-1:0] f_id, d_id;
  logic               push_d;
  assign f_id = {f_miss_ctx_i.regime, f_miss_ctx_i.s1_mode, f_miss_ctx_i.s2_mode,
                 f_miss_ctx_i.vmid, f_miss_ctx_i.asid};
  assign d_id = {d_miss_ctx_i.regime, d_miss_ctx_i.s1_mode, d_miss_ctx_i.s2_mode,
                 d_miss_ctx_i.vmid, d_miss_ctx_i.asid};
  assign push_d  = take_d && d_miss_valid_i;
  assign push_va = push_d ? d_miss_va_i : f_miss_va_i;
  assign push_vpn = push_d ? d_miss_vpn_i : f_miss_vpn_i;

  // ---- L2 look-up: the first fresh entry from next_look_q on; an offer stands until taken ------
  logic [EntryW-1:0] next_look_q, look_q, look_pick, look_probe;
  logic              look_held_q;
  always_comb begin
    look_pick  = look_q;
    look_probe = '0;
    if (!look_held_q && fresh_q != '0) begin
      for (int unsigned i = EntryN; i > 0; i--) begin
        look_probe = next_look_q + EntryW'(i - 1);
        if (fresh_q[look_probe]) look_pick = look_probe;
      end
    end
  end
  assign look_valid_o = fresh_q != '0;
  assign look_idx_o   = look_pick;
  assign look_vpn_o   = page_q[look_pick][51:0];

  logic [PageW-1:0] found_page;
  logic             found_any;
  assign found_page   = page_q[found_idx_i];
  assign found_port_o = port_q[found_idx_i];
  assign found_va_o   = {found_page[51:0], offset_q[found_idx_i]};
  assign found_tag_o  = tag_q[found_idx_i];
  assign found_id_o   = found_page[PageW-1:52];
  assign found_need_o = need_q[found_idx_i];
  mmu_pkg::ctx_t    found_ctx;
  assign found_ctx    = ctx_q[found_idx_i];
  assign found_root_o = mmu_pkg::root_tag(found_ctx.s2_mode, found_ctx.s2_root[51:12]);
  mmu_pkg::access_t found_access;
  assign found_access = access_q[found_idx_i];
  assign found_speculative_o = found_access.speculative;
  assign found_any    = found_hit_i || found_miss_i || found_again_i;

  // ---- start: the first pending entry from next_q on, in the lowest free slot -------------------
  logic              pend_any, slot_any;
  logic [EntryW-1:0] pend_idx, probe_idx;
  always_comb begin
    pend_any  = 1'b0;
    pend_idx  = '0;
    probe_idx = '0;
    if (pending_q != '0) begin
      for (int unsigned i = EntryN; i > 0; i--) begin
        probe_idx = next_q + EntryW'(i - 1);
        if (pending_q[probe_idx]) begin
          pend_any = 1'b1;
          pend_idx = probe_idx;
        end
      end
    end
  end
  always_comb begin
    slot_any     = 1'b0;
    start_slot_o = '0;
    for (int unsigned s = Walks; s > 0; s--) begin
      if (!slot_busy_q[s-1]) begin
        slot_any     = 1'b1;
        start_slot_o = SlotW'(s - 1);
      end
    end
  end

  logic [PageW-1:0] start_page;
  assign start_valid_o  = pend_any && slot_any;
  assign start_page     = page_q[pend_idx];
  assign start_port_o   = port_q[pend_idx];
  assign start_va_o     = {start_page[51:0], offset_q[pend_idx]};
  assign start_top_o    = top_q[pend_idx];
  assign start_tag_o    = tag_q[pend_idx];
  assign start_access_o = access_q[pend_idx];
  assign start_ctx_o    = ctx_q[pend_idx];
  assign start_need_o   = need_q[pend_idx];

  // ---- which walk a request that the L2 does not have may wait for ------------------------------
  logic             walked;       // its page is being walked, or the walk starts now
  logic             awaited;      // another request for its page waits for a slot
  logic             walked_port;  // for this port
  logic [SlotW-1:0] walked_slot;
  always_comb begin
    walked      = 1'b0;
    walked_port = 1'b0;
    walked_slot = '0;
    awaited     = 1'b0;
    if (found_miss_i) begin
      for (int unsigned i = 0; i < EntryN; i++) begin
        if (pending_q[i] && page_q[i] == found_page) awaited = 1'b1;
      end
      for (int unsigned s = 0; s < SlotN; s++) begin
        if (slot_busy_q[s] && slot_page_q[s] == found_page) begin
          walked      = 1'b1;
          walked_port = slot_port_q[s];
          walked_slot = SlotW'(s);
        end
      end
      if (start_valid_o && start_page == found_page) begin
        walked      = 1'b1;
        walked_port = start_port_o;
        walked_slot = start_slot_o;
      end
    end
  end

  assign merge_o = walked || awaited;

  always_comb begin
    fresh_d   = fresh_q;
    looking_d = looking_q;
    pending_d = pending_q;
    waiting_d = waiting_q;
    replay_d  = replay_q;
    if (replay_any) replay_d[replay_idx] = 1'b0;
    if (start_valid_o) begin
      pending_d[pend_idx] = 1'b0;
      for (int unsigned i = 0; i < EntryN; i++) begin
        if (pending_d[i] && page_q[i] == start_page) begin
          pending_d[i] = 1'b0;
          waiting_d[i] = 1'b1;
        end
      end
    end
    if (end_valid_i) begin
      for (int unsigned i = 0; i < EntryN; i++) begin
        if (waiting_q[i] && slot_of_q[i] == end_slot_i) begin
          waiting_d[i] = 1'b0;
          if (port_q[i] == slot_port_q[end_slot_i]) replay_d[i] = 1'b1;
          else                                      fresh_d[i]  = 1'b1;
        end
      end
    end
    if (look_valid_o && look_ready_i) begin
      fresh_d[look_pick]   = 1'b0;
      looking_d[look_pick] = 1'b1;
    end
    if (found_any) begin
      fresh_d[found_idx_i]   = found_again_i;
      looking_d[found_idx_i] = 1'b0;
      if (found_miss_i && !walked) begin
        pending_d[found_idx_i] = 1'b1;
      end else if (found_miss_i) begin
        if (!(end_valid_i && end_slot_i == walked_slot)) waiting_d[found_idx_i] = 1'b1;
        else if (found_port_o == walked_port)            replay_d[found_idx_i]  = 1'b1;
        else                                             fresh_d[found_idx_i]   = 1'b1;
      end
    end
    if (push) fresh_d[push_idx] = 1'b1;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      fresh_q     <= '0;
      looking_q   <= '0;
      pending_q   <= '0;
      waiting_q   <= '0;
      replay_q    <= '0;
      slot_busy_q <= '0;
      next_q      <= '0;
      next_look_q <= '0;
      look_held_q <= 1'b0;
      last_port_q <= 1'b0;
    end else begin
      fresh_q     <= fresh_d;
      looking_q   <= looking_d;
      pending_q   <= pending_d;
      waiting_q   <= waiting_d;
      replay_q    <= replay_d;
      look_held_q <= look_valid_o && fresh_d[look_pick];
      if (look_valid_o && look_ready_i) next_look_q <= look_pick + EntryW'(1);
      if (end_valid_i) slot_busy_q[end_slot_i] <= 1'b0;
      if (start_valid_o) begin
        slot_busy_q[start_slot_o] <= 1'b1;
        next_q <= pend_idx + EntryW'(1);
      end
      if (push) last_port_q <= push_d;
    end
  end

  always_ff @(posedge clk_i) begin
    look_q <= look_pick;
    if (start_valid_o) begin
      slot_page_q[start_slot_o] <= start_page;
      slot_port_q[start_slot_o] <= start_port_o;
      for (int unsigned i = 0; i < EntryN; i++) begin
        if (pending_q[i] && page_q[i] == start_page) slot_of_q[i] <= start_slot_o;
      end
    end
    if (found_miss_i) slot_of_q[found_idx_i] <= walked_slot;
    if (push) begin
      port_q[push_idx]    <= push_d;
      page_q[push_idx]    <= {push_d ? d_id : f_id, push_vpn};
      top_q[push_idx]     <= push_va[63:56];
      offset_q[push_idx]  <= push_va[11:0];
      tag_q[push_idx]     <= push_d ? d_miss_tag_i : f_miss_tag_i;
      if (push_d) begin
        access_q[push_idx] <= d_miss_access_i;
        ctx_q[push_idx]    <= d_miss_ctx_i;
        need_q[push_idx]   <= d_miss_need_i;
      end else begin
        access_q[push_idx] <= f_miss_access_i;
        ctx_q[push_idx]    <= f_miss_ctx_i;
        need_q[push_idx]   <= f_miss_need_i;
      end
    end
  end

  // Nothing moves until a walk ends: no replay, no look-up, and neither a start nor an arrival is
  // possible.
  assign idle_o = !replay_any && fresh_q == '0 && looking_q == '0 && !start_valid_o &&
                  !(free_any && (f_miss_valid_i || d_miss_valid_i));

  logic unused_bits;
  assign unused_bits = &{1'b0, found_access, found_ctx, push_va[55:12]};

  `MMU_ASSERT(one_state, ((fresh_q & looking_q) | (fresh_q & pending_q) | (fresh_q & waiting_q) |
                          (fresh_q & replay_q) | (looking_q & pending_q) |
                          (looking_q & waiting_q) | (looking_q & replay_q) |
                          (pending_q & waiting_q) | (pending_q & replay_q) |
                          (waiting_q & replay_q)) == '0)
  `MMU_ASSERT(end_was_busy, !end_valid_i || slot_busy_q[end_slot_i])
  `MMU_ASSERT(one_arrival, !(take_f && f_miss_valid_i && take_d && d_miss_valid_i))
  `MMU_ASSERT(found_was_looked_up, !found_any || fresh_q[found_idx_i] || looking_q[found_idx_i])

endmodule
