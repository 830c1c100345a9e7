// SPDX-License-Identifier: Apache-2.0
// Misses of both ports on their way to a walk slot. It owns the walk slots: a waiting request is
// started in a free one, and a request whose page is being walked for the same port waits for that
// walk and is then replayed through the L1 lookup. It walks itself if it still misses, so one
// request's fault or rights never become another's. Each request is in exactly one place:
// lookup stage, this queue, or a walk slot.
//
// One replay, one arrival and one start a cycle. A replay frees its entry in the very cycle in
// which the lookup stage of its port may need one, so the two can always change places.
// A waiting request is started after at most Entries others.
`include "mmu_assert.svh"

module miss_queue #(
  parameter  int unsigned Entries = 4,
  parameter  int unsigned Walks   = 2,
  localparam int unsigned SlotW   = (Walks > 1) ? $clog2(Walks) : 1
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  // from the lookup stages
  input  logic               f_miss_valid_i,
  output logic               f_miss_ready_o,
  input  logic [63:0]        f_miss_va_i,
  input  logic [7:0]         f_miss_tag_i,
  input  mmu_pkg::access_t   f_miss_access_i,
  input  mmu_pkg::ctx_t      f_miss_ctx_i,
  input  mmu_pkg::need_t     f_miss_need_i,
  input  logic               d_miss_valid_i,
  output logic               d_miss_ready_o,
  input  logic [63:0]        d_miss_va_i,
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
  // to the walker
  output logic               start_valid_o,
  output logic [SlotW-1:0]   start_slot_o,
  output logic               start_port_o,   // 0 fetch, 1 data
  output logic [63:0]        start_va_o,
  output logic [7:0]         start_tag_o,
  output mmu_pkg::access_t   start_access_o,
  output mmu_pkg::ctx_t      start_ctx_o,
  output mmu_pkg::need_t     start_need_o,
  input  logic               end_valid_i,    // the walk of this slot answers now
  input  logic [SlotW-1:0]   end_slot_i,
  output logic               merge_o,        // one pulse for each request that waited for another
  output logic               idle_o
);

  localparam int unsigned EntryW = (Entries > 1) ? $clog2(Entries) : 1;
  localparam int unsigned EntryN = 2 ** EntryW;
  localparam int unsigned SlotN  = 2 ** SlotW;
  localparam int unsigned PageW  = 1 + mmu_pkg::IdBits + 52;  // port, id, page number

  // ---- state ------------------------------------------------------------------------------------
  // An entry is at most one of: pending (wants a slot), waiting (for slot_of_q), replay.
  logic [EntryN-1:0] pending_q, pending_d, waiting_q, waiting_d, replay_q, replay_d;
  logic [PageW-1:0]  page_q   [EntryN];
  logic [11:0]       offset_q [EntryN];
  logic [7:0]        tag_q    [EntryN];
  logic [mmu_pkg::AccessBits-1:0] access_q [EntryN];
  logic [mmu_pkg::CtxBits-1:0]    ctx_q    [EntryN];
  logic [mmu_pkg::NeedBits-1:0]   need_q   [EntryN];
  logic [SlotW-1:0]  slot_of_q [EntryN];

  logic [SlotN-1:0]  slot_busy_q;
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
  assign replay_port      = page_q[replay_idx][PageW-1];
  assign f_replay_valid_o = replay_any && !replay_port;
  assign d_replay_valid_o = replay_any && replay_port;
  assign replay_va_o      = {page_q[replay_idx][51:0], offset_q[replay_idx]};
  assign replay_tag_o     = tag_q[replay_idx];
  assign replay_access_o  = access_q[replay_idx];
  assign replay_ctx_o     = ctx_q[replay_idx];
  assign merge_o          = replay_any;

  // ---- arrivals: the port of the replay, else in turn -------------------------------------------
  logic              free_any, take_f, take_d, push;
  logic [EntryW-1:0] free_idx, push_idx;
  always_comb begin
    free_any = 1'b0;
    free_idx = '0;
    for (int unsigned i = Entries; i > 0; i--) begin
      if (!(pending_q[i-1] || waiting_q[i-1] || replay_q[i-1])) begin
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
  logic [PageW-1:0]   push_page;
  logic [mmu_pkg::IdBits-1:0] f_id, d_id;
  logic               push_d;
  assign f_id = {f_miss_ctx_i.regime, f_miss_ctx_i.s1_mode, f_miss_ctx_i.s2_mode,
                 f_miss_ctx_i.vmid, f_miss_ctx_i.asid};
  assign d_id = {d_miss_ctx_i.regime, d_miss_ctx_i.s1_mode, d_miss_ctx_i.s2_mode,
                 d_miss_ctx_i.vmid, d_miss_ctx_i.asid};
  assign push_d    = take_d && d_miss_valid_i;
  assign push_va   = push_d ? d_miss_va_i : f_miss_va_i;
  assign push_page = {push_d, push_d ? d_id : f_id, push_va[63:12]};

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
  assign start_port_o   = start_page[PageW-1];
  assign start_va_o     = {start_page[51:0], offset_q[pend_idx]};
  assign start_tag_o    = tag_q[pend_idx];
  assign start_access_o = access_q[pend_idx];
  assign start_ctx_o    = ctx_q[pend_idx];
  assign start_need_o   = need_q[pend_idx];

  // ---- which walk an arrival may wait for -------------------------------------------------------
  logic             walked;       // its page is being walked, or the walk starts now
  logic [SlotW-1:0] walked_slot;
  always_comb begin
    walked      = 1'b0;
    walked_slot = '0;
    if (push) begin
      for (int unsigned s = 0; s < SlotN; s++) begin
        if (slot_busy_q[s] && slot_page_q[s] == push_page) begin
          walked      = 1'b1;
          walked_slot = SlotW'(s);
        end
      end
      if (start_valid_o && start_page == push_page) begin
        walked      = 1'b1;
        walked_slot = start_slot_o;
      end
    end
  end

  always_comb begin
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
          replay_d[i]  = 1'b1;
        end
      end
    end
    if (push) begin
      if (!walked)                                          pending_d[push_idx] = 1'b1;
      else if (end_valid_i && end_slot_i == walked_slot)    replay_d[push_idx]  = 1'b1;
      else                                                  waiting_d[push_idx] = 1'b1;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      pending_q   <= '0;
      waiting_q   <= '0;
      replay_q    <= '0;
      slot_busy_q <= '0;
      next_q      <= '0;
      last_port_q <= 1'b0;
    end else begin
      pending_q <= pending_d;
      waiting_q <= waiting_d;
      replay_q  <= replay_d;
      if (end_valid_i) slot_busy_q[end_slot_i] <= 1'b0;
      if (start_valid_o) begin
        slot_busy_q[start_slot_o] <= 1'b1;
        next_q <= pend_idx + EntryW'(1);
      end
      if (push) last_port_q <= push_d;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_valid_o) begin
      slot_page_q[start_slot_o] <= start_page;
      for (int unsigned i = 0; i < EntryN; i++) begin
        if (pending_q[i] && page_q[i] == start_page) slot_of_q[i] <= start_slot_o;
      end
    end
    if (push) begin
      page_q[push_idx]    <= push_page;
      offset_q[push_idx]  <= push_va[11:0];
      tag_q[push_idx]     <= push_d ? d_miss_tag_i : f_miss_tag_i;
      slot_of_q[push_idx] <= walked_slot;
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

  // Nothing moves until a walk ends: no replay, and neither a start nor an arrival is possible.
  assign idle_o = !replay_any && !start_valid_o &&
                  !(free_any && (f_miss_valid_i || d_miss_valid_i));

  `MMU_ASSERT(one_state, ((pending_q & waiting_q) | (pending_q & replay_q) |
                          (waiting_q & replay_q)) == '0)
  `MMU_ASSERT(end_was_busy, !end_valid_i || slot_busy_q[end_slot_i])
  `MMU_ASSERT(one_arrival, !(take_f && f_miss_valid_i && take_d && d_miss_valid_i))

endmodule
