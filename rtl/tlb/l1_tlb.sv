// SPDX-License-Identifier: Apache-2.0
// First-level TLB of one request port: fully associative, every page size in one array, filled by
// finished walks and by hits in the L2.
//
// Timing: a request accepted at an edge is looked up in the cycle that follows, and a hit is
// answered in that same cycle on the hit lane; one request a cycle, back to back. A miss goes
// to the miss queue; if that is full the request waits here and `req_ready_o` falls.
//
// Rule R3: the TLB says hit or miss, never fault. A hit needs the tag, sufficient rights and,
// for a write, a dirty entry; whatever else is left to the walker, and the stale entry is replaced
// by the refill. No two entries ever match one look-up: a refill drops every entry that would match
// anything it matches itself, whatever their sizes and roots of stage 2, so there is no double hit
// to repair (rule R10). The root of what matches must be the request's.
// Rule R6: a page size is a mask over the virtual page number.
//
// With both stages off the address is its own translation if it lies within the physical width;
// otherwise the walker makes the fault.
`include "mmu_assert.svh"

module l1_tlb #(
  parameter int unsigned Entries     = 64,
  parameter logic [1:0]  Replacement = 2'd0  // mmu_pkg::replacement_e
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               ready_i,  // the MMU has started up: take requests
  // new requests
  input  logic               req_valid_i,
  output logic               req_ready_o,
  input  logic [63:0]        req_va_i,
  input  logic [7:0]         req_tag_i,
  input  mmu_pkg::access_t   req_access_i,
  input  mmu_pkg::ctx_t      req_ctx_i,
  input  logic               req_from_regs_i,  // its context is that of the registers
  input  regs_pkg::context_t regs_i,
  // requests that waited for another's walk; always taken, ahead of new ones
  input  logic               replay_valid_i,
  input  logic [63:0]        replay_va_i,
  input  logic [7:0]         replay_tag_i,
  input  mmu_pkg::access_t   replay_access_i,
  input  mmu_pkg::ctx_t      replay_ctx_i,
  // the request being looked up; its page number and what it needs (arch_sel)
  output logic [63:0]        look_va_o,
  output logic [7:0]         look_tag_o,
  output mmu_pkg::access_t   look_access_o,
  output mmu_pkg::ctx_t      look_ctx_o,
  input  logic [51:0]        vpn_i,
  input  mmu_pkg::need_t     need_i,
  // hit lane
  output logic               hit_valid_o,
  output logic [55:0]        hit_pa_o,
  output logic [5:0]         hit_s1_shift_o,
  output logic [5:0]         hit_s2_shift_o,
  output logic [7:0]         hit_attrs_o,
  output logic [3:0]         hit_s2_attrs_o,
  // to the miss queue
  output logic               miss_valid_o,
  input  logic               miss_ready_i,
  // refill
  input  logic               fill_valid_i,
  input  mmu_pkg::entry_t    fill_i,
  // invalidation: one cycle
  input  logic               sweep_valid_i,
  input  mmu_pkg::inval_t    sweep_i,
  output logic               overlap_o,    // a refill drops an entry of another page size
  output logic               idle_o
);

  localparam int unsigned IdxW = (Entries > 1) ? $clog2(Entries) : 1;
  localparam int unsigned IdxN = 2 ** IdxW;  // vectors that an index selects from are this long

  // ---- the request in the lookup stage ----------------------------------------------------------
  logic             look_valid_q, look_missed_q;  // missed: known to miss, waiting for the queue
  logic [63:0]      look_va_q;
  logic [7:0]       look_tag_q;
  mmu_pkg::access_t look_access_q;
  mmu_pkg::ctx_t    look_ctx_q;

  logic        done;  // the stage is free after this cycle
  logic        look;
  assign look        = look_valid_q && !look_missed_q;
  assign done        = !look_valid_q || hit_valid_o || miss_ready_i;
  assign req_ready_o = done && !replay_valid_i && ready_i;
  assign idle_o      = !look;

  assign look_va_o     = look_va_q;
  assign look_tag_o    = look_tag_q;
  assign look_access_o = look_access_q;
  assign look_ctx_o    = look_ctx_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      look_valid_q  <= 1'b0;
      look_missed_q <= 1'b0;
    end else begin
      if (done) look_valid_q <= replay_valid_i || (req_valid_i && ready_i);
      // A refill may have brought what it waits for: look again.
      look_missed_q <= !done && !fill_valid_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (replay_valid_i) begin
      look_va_q     <= replay_va_i;
      look_tag_q    <= replay_tag_i;
      look_access_q <= replay_access_i;
    end else if (req_valid_i && done) begin
      look_va_q     <= req_va_i;
      look_tag_q    <= req_tag_i;
      look_access_q <= req_access_i;
    end
  end

  ctx_select u_ctx (
    .clk_i, .replay_valid_i, .replay_ctx_i, .accept_i (req_valid_i && done),
    .from_regs_i (req_from_regs_i), .req_ctx_i, .regs_i, .ctx_o (look_ctx_q)
  );

  // ---- entries: one array a field, only `valid` is reset ----------------------------------------
  logic [IdxN-1:0]    valid_q, valid_d;
  logic [IdxN-1:0]    global_q, dirty_q;
  logic [51:0]        vpn_q      [Entries];
  logic [51:0]        mask_q     [Entries];  // 1: this bit of the page number is compared
  logic [mmu_pkg::IdBits-1:0] id_q [Entries];
  logic [43:0]        ppn_q      [Entries];
  logic [6:0]         rights_q   [Entries];
  logic [7:0]         attrs_q    [Entries];
  logic [5:0]         s1_shift_q [Entries];
  logic [5:0]         s2_shift_q [Entries];
  logic [3:0]         s2_rights_q [Entries];
  logic [3:0]         s2_attrs_q [Entries];
  logic [39:0]        s2_root_q  [Entries];

  // ---- lookup -----------------------------------------------------------------------------------
  logic [51:0]        look_vpn;
  logic [mmu_pkg::IdBits-1:0] look_id;
  logic [39:0]        look_root;
  logic [IdxN-1:0]    match;
  logic [IdxW-1:0]    idx;
  assign look_root = mmu_pkg::root_tag(look_ctx_q.s2_mode, look_ctx_q.s2_root[51:12]);
  assign look_vpn = vpn_i;
  assign look_id  = {look_ctx_q.regime, look_ctx_q.s1_mode, look_ctx_q.s2_mode, look_ctx_q.vmid,
                     look_ctx_q.asid};

  always_comb begin
    match = '0;
    idx   = '0;
    if (look) begin
      for (int unsigned i = 0; i < Entries; i++) begin
        if (valid_q[i] && ((vpn_q[i] ^ look_vpn) & mask_q[i]) == '0 &&
            id_q[i][40:16] == look_id[40:16] &&
            (global_q[i] || id_q[i][15:0] == look_id[15:0])) begin
          match[i] = 1'b1;
          idx      = IdxW'(i);
        end
      end
    end
  end

  logic             found, enough, identity, entry_hit;
  mmu_pkg::rights_t found_rights;
  assign found        = match != '0;
  assign found_rights = rights_q[idx];

  logic unused_refusal, unused_permitted;
  need_met u_need_met (
    .rights_i      (found_rights),
    .attrs_i       (attrs_q[idx]),
    .dirty_i       (dirty_q[idx]),
    .s2_rights_i   (s2_rights_q[idx]),
    .need_i        (need_i),
    .key_refused_o (unused_refusal),
    .permitted_o   (unused_permitted),
    .met_o         (enough)
  );

  assign identity  = look && look_ctx_q.s1_mode == mmu_pkg::S1Off &&
                     look_ctx_q.s2_mode == mmu_pkg::S2Off &&
                     ({vpn_i, look_va_q[11:0]} >> look_ctx_q.pa_width) == 64'd0;
  assign entry_hit = found && enough && !identity &&
                     s2_root_q[idx] == look_root;

  assign hit_valid_o  = identity || entry_hit;
  assign miss_valid_o = look_valid_q && !hit_valid_o;

  always_comb begin
    hit_pa_o       = look_va_q[55:0];
    hit_s1_shift_o = '0;
    hit_s2_shift_o = '0;
    hit_attrs_o    = '0;
    hit_s2_attrs_o = '0;
    if (entry_hit) begin
      hit_pa_o[55:12] = ppn_q[idx] | (look_vpn[43:0] & ~mask_q[idx][43:0]);
      hit_s1_shift_o  = s1_shift_q[idx];
      hit_s2_shift_o  = s2_shift_q[idx];
      hit_attrs_o     = attrs_q[idx];
      hit_s2_attrs_o  = s2_attrs_q[idx];
    end
  end

  // ---- refill: over an entry that overlaps it, else the lowest free one, else the victim --------
  logic [IdxN-1:0]    stale;
  logic               free;
  logic [IdxW-1:0]    fill_idx, stale_idx, free_idx, victim;
  logic [51:0]        fill_mask;
  logic [5:0]         fill_shift;
  assign fill_shift = mmu_pkg::page_shift(fill_i.s1_shift, fill_i.s2_shift);
  assign fill_mask  = {52{1'b1}} << (fill_shift - 6'd12);

  always_comb begin
    stale     = '0;
    free      = 1'b0;
    stale_idx = '0;
    free_idx  = '0;
    overlap_o = 1'b0;
    if (fill_valid_i) begin
      for (int unsigned i = 0; i < Entries; i++) begin
        if (!valid_q[i]) begin
          free_idx = free ? free_idx : IdxW'(i);
          free     = 1'b1;
        end else if (((vpn_q[i] ^ fill_i.vpn) & mask_q[i] & fill_mask) == '0 &&
                     id_q[i][40:16] == fill_i.id[40:16] &&
                     (global_q[i] || fill_i.is_global || id_q[i][15:0] == fill_i.id[15:0])) begin
          stale[i]  = 1'b1;
          stale_idx = IdxW'(i);
          if (mask_q[i] != fill_mask) overlap_o = 1'b1;
        end
      end
    end
  end
  assign fill_idx = (stale != '0) ? stale_idx : free ? free_idx : victim;

  always_ff @(posedge clk_i) begin
    if (fill_valid_i) begin
      vpn_q[fill_idx]      <= fill_i.vpn;
      mask_q[fill_idx]     <= fill_mask;
      id_q[fill_idx]       <= fill_i.id;
      ppn_q[fill_idx]      <= fill_i.ppn & fill_mask[43:0];
      rights_q[fill_idx]   <= fill_i.rights;
      attrs_q[fill_idx]    <= fill_i.attrs;
      s1_shift_q[fill_idx] <= fill_i.s1_shift;
      s2_shift_q[fill_idx] <= fill_i.s2_shift;
      s2_rights_q[fill_idx] <= fill_i.s2_rights;
      s2_attrs_q[fill_idx] <= fill_i.s2_attrs;
      s2_root_q[fill_idx]  <= fill_i.s2_root;
      global_q[fill_idx]   <= fill_i.is_global;
      dirty_q[fill_idx]    <= fill_i.dirty;
    end
  end

  // ---- invalidation -----------------------------------------------------------------------------
  // Addresses are compared in bits 55:12: what lies above is a copy of the sign or ignored.
  logic [IdxN-1:0]    swept;
  logic [43:0]        low_page, high_page;
  logic [51:0]        page_mask;
  always_comb begin
    swept     = '0;
    page_mask = '0;
    low_page  = '0;
    high_page = '0;
    if (sweep_valid_i) begin
      for (int unsigned i = 0; i < Entries; i++) begin
        page_mask = mmu_pkg::sweep_mask(mask_q[i], s1_shift_q[i]);
        low_page  = vpn_q[i][43:0] & page_mask[43:0];
        high_page = vpn_q[i][43:0] | ~page_mask[43:0];
        swept[i] = mmu_pkg::space_concerned(
                     id_q[i][40:39], id_q[i][34:32], id_q[i][31:16], s2_root_q[i],
                     sweep_i.stage1, sweep_i.stage2, sweep_i.regime,
                     sweep_i.by_vmid, sweep_i.but_vmid0, sweep_i.vmid, sweep_i.by_root,
                     sweep_i.s2_root) &&
                   (global_q[i] ? sweep_i.globals
                                : (!sweep_i.by_asid || id_q[i][15:0] == sweep_i.asid)) &&
                   (!sweep_i.by_addr || !sweep_i.stage1 ||
                    (low_page <= sweep_i.last[55:12] && high_page >= sweep_i.first[55:12]));
      end
    end
  end

  always_comb begin
    valid_d = valid_q;
    if (fill_valid_i) begin
      valid_d &= ~stale;
      valid_d[fill_idx] = 1'b1;
    end
    if (sweep_valid_i) valid_d &= ~swept;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= '0;
    else         valid_q <= valid_d;
  end

  // A fill in the cycle of a hit counts alone.
  replace_state #(.Entries(Entries), .Policy(Replacement)) u_replace (
    .clk_i, .rst_ni,
    .hit_i    (entry_hit && !fill_valid_i),
    .fill_i   (fill_valid_i),
    .idx_i    (fill_valid_i ? fill_idx : idx),
    .took_i   (!free && stale == '0),
    .victim_o (victim)
  );

  logic unused_sweep;
  assign unused_sweep = &{1'b0, sweep_i.leaf_only, sweep_i.all_upper, sweep_i.first[63:56],
                          sweep_i.first[11:0], sweep_i.last[63:56], sweep_i.last[11:0],
                          sweep_i.nested, page_mask[51:44]};

  `MMU_ASSERT(replay_is_taken, !replay_valid_i || done)
  `MMU_ASSERT(fill_or_sweep, !(fill_valid_i && sweep_valid_i))
  `MMU_ASSERT(fill_is_a_page, !fill_valid_i || fill_shift >= 6'd12)
  `MMU_ASSERT(one_match, (match & (match - IdxN'(1))) == '0)

endmodule
