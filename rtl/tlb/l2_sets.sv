// SPDX-License-Identifier: Apache-2.0
// The L2 TLB proper (l2_tlb.sv): set-associative, for both ports, every page size in the one
// structure. A page of size 2^s is in set (address >> s) mod Sets; a look-up probes the sizes that
// were ever filled, the smallest first. (A page's size is not known before it is found. Probing in
// turn costs a cycle for each further size in use; the alternatives cost more: a copy of a large
// page for each of its 4 KiB pages cannot be invalidated by address, and a side array for large
// pages has few of them.)
//
// Two stages. In stage A one set is read, for a fill, a sweep or a look-up. In stage B what was
// read is compared and used. A look-up that hits stays in B until the refill takes it; a missed
// one goes back to the queue, which starts a walk. Fills come first, so that what a walk brought is
// in its set before a later invalidation looks there. Look-ups and sweeps take turns: hits go on
// during an invalidation, and neither waits for ever.
//
// A look-up that misses while the fill of its page waits in A is told to look again.
// Rule R3 holds as in the L1: no hit without rights and D. A fill drops what overlaps it among the
// pages of its size; of pages of two sizes the smaller is found first.
// After reset the valid bits are cleared, a set a cycle; `ready_o` is low until then.
`include "mmu_assert.svh"

module l2_sets #(
  parameter  int unsigned Sets        = 128,  // a power of two, at least 2
  parameter  int unsigned Ways        = 8,
  parameter  logic [1:0]  Replacement = 2'd0, // mmu_pkg::replacement_e
  parameter  int unsigned Queue       = 4,    // entries of the miss queue
  localparam int unsigned QueueW      = (Queue > 1) ? $clog2(Queue) : 1
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  output logic               ready_o,
  // look-ups, by their place in the miss queue
  input  logic               look_valid_i,
  output logic               look_ready_o,  // its last probe is on its way
  input  logic [QueueW-1:0]  look_idx_i,
  input  logic [51:0]        look_vpn_i,
  // stage B: the request that is there, and its outcome
  output logic [QueueW-1:0]  idx_o,
  input  logic [51:0]        vpn_i,
  input  logic [mmu_pkg::IdBits-1:0] id_i,
  input  logic [39:0]        root_i,        // mmu_pkg::root_tag
  input  mmu_pkg::need_t     need_i,
  output logic               hit_valid_o,
  input  logic               hit_ready_i,
  output mmu_pkg::entry_t    hit_o,
  output logic               miss_o,
  output logic               again_o,
  // finished walks
  input  logic               fill_valid_i,
  output logic               fill_ready_o,
  input  mmu_pkg::entry_t    fill_i,
  // invalidation; inval_i holds until swept_o
  input  logic               sweep_start_i,
  input  mmu_pkg::inval_t    inval_i,
  output logic               swept_o,       // nothing that it concerns is left after this cycle
  output logic               idle_o
);

  localparam int unsigned SetW   = $clog2(Sets);
  localparam int unsigned WayW   = (Ways > 1) ? $clog2(Ways) : 1;
  localparam int unsigned WayN   = 2 ** WayW;
  localparam int unsigned EntryW = mmu_pkg::EntryBits;

  localparam logic [1:0] OpNone  = 2'd0;
  localparam logic [1:0] OpFill  = 2'd1;
  localparam logic [1:0] OpSweep = 2'd2;
  localparam logic [1:0] OpLook  = 2'd3;

  localparam int unsigned StateW = (Replacement == mmu_pkg::ReplacePlru)   ? WayN :
                                   (Replacement == mmu_pkg::ReplaceRandom) ? 16 : Ways * WayW;

  // ---- start-up ---------------------------------------------------------------------------------
  logic            clearing_q;
  logic [SetW-1:0] clear_set_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      clearing_q  <= 1'b1;
      clear_set_q <= '0;
    end else if (clearing_q) begin
      clear_set_q <= clear_set_q + SetW'(1);
      clearing_q  <= clear_set_q != '1;
    end
  end
  assign ready_o = !clearing_q;

  // ---- stage B, registers -----------------------------------------------------------------------
  logic [1:0]        b_op_q;
  logic [SetW-1:0]   b_set_q;
  logic [2:0]        b_size_q;
  logic              b_last_q;  // no further size is to be probed
  logic [QueueW-1:0] b_idx_q;
  logic              b_stays;
  assign idx_o = b_idx_q;

  logic              write;     // a fill is in B
  assign write = b_op_q == OpFill;

  // ---- the fill that waits for its turn ---------------------------------------------------------
  logic            fill_waits_q;
  mmu_pkg::entry_t fill_q;
  logic [5:0]      fill_shift;
  logic [2:0]      fill_size, fill_size_q;
  logic [SetW-1:0] fill_set;
  assign fill_ready_o = !fill_waits_q || write;
  assign fill_shift = mmu_pkg::page_shift(fill_i.s1_shift, fill_i.s2_shift);
  assign fill_size  = mmu_pkg::size_of(fill_shift);
  assign fill_set   = SetW'(fill_q.vpn >> (mmu_pkg::size_shift(fill_size_q) - 6'd12));

  always_ff @(posedge clk_i) begin
    if (fill_valid_i && fill_ready_o) begin
      fill_q      <= fill_i;
      fill_size_q <= fill_size;
    end
  end

  // ---- the sizes there may be, and which of them the request in A has still to probe ------------
  logic [7:0]  sizes_q, sizes, look_left_q, look_sizes, look_rest;
  logic        look_started_q;
  logic [2:0]  look_size;
  logic [SetW-1:0] look_set;
  assign sizes      = sizes_q | (write ? 8'd1 << fill_size_q : 8'd0);
  assign look_sizes = look_started_q ? look_left_q : (sizes == '0) ? 8'd1 : sizes;
  assign look_size  = mmu_pkg::lowest(look_sizes);
  assign look_rest  = look_sizes & (look_sizes - 8'd1);
  assign look_set   = SetW'(look_vpn_i >> (mmu_pkg::size_shift(look_size) - 6'd12));

  // ---- the sweep --------------------------------------------------------------------------------
  // By address: for each size the sets of its pages in the range. Else every set once; so also if
  // there are parts of large pages of stage 1, which go together and may be in any set.
  logic            sweeping_q, sweep_inside_q;  // inside: the sets of one size are being read
  logic [7:0]      sweep_sizes_q;
  logic [SetW-1:0] sweep_set_q, sweep_left_q;
  logic            sweep_sets_q;                // only some sets are concerned
  logic [2:0]      sweep_size;
  logic [51:0]     first_page, last_page, span;
  logic [SetW-1:0] sweep_set, sweep_left;
  logic            sweep_ends;                  // the read in A is the last one
  logic            parts_q, fill_part;          // parts: there may be some
  assign fill_part  = mmu_pkg::is_part(fill_q.s1_shift, fill_q.s2_shift);
  assign sweep_size = mmu_pkg::lowest(sweep_sizes_q);
  assign first_page = inval_i.first[63:12] >> (mmu_pkg::size_shift(sweep_size) - 6'd12);
  assign last_page  = inval_i.last[63:12] >> (mmu_pkg::size_shift(sweep_size) - 6'd12);
  assign span       = last_page - first_page;
  always_comb begin
    if (sweep_inside_q) begin
      sweep_set  = sweep_set_q;
      sweep_left = sweep_left_q;
    end else if (sweep_sets_q) begin
      sweep_set  = first_page[SetW-1:0];
      sweep_left = (span >= 52'(Sets)) ? '1 : span[SetW-1:0];
    end else begin
      sweep_set  = '0;
      sweep_left = '1;
    end
  end
  assign sweep_ends = sweep_left == '0 &&
                      (!sweep_sets_q || (sweep_sizes_q & (sweep_sizes_q - 8'd1)) == '0);
  assign swept_o    = !sweeping_q;  // the last read is in B: gone when this cycle ends

  // ---- stage A: one of a fill, a sweep, a look-up -----------------------------------------------
  logic            a_free, a_fill, a_sweep, a_look, hit, turn_q;
  logic [SetW-1:0] a_set;
  assign a_free  = !b_stays && !clearing_q;
  assign a_fill  = a_free && fill_waits_q && !write;
  assign a_sweep = a_free && !a_fill && sweeping_q && (turn_q || !look_valid_i);
  // A request that hits in B needs no further probe.
  assign a_look  = a_free && !a_fill && !a_sweep && look_valid_i &&
                   !(hit && look_idx_i == b_idx_q);
  assign a_set   = a_fill ? fill_set : a_sweep ? sweep_set : look_set;
  assign look_ready_o = a_look && look_rest == '0;

  // ---- stage B: the ways ------------------------------------------------------------------------
  logic [51:0]            b_vpn, b_mask;
  logic [mmu_pkg::IdBits-1:0] b_id;
  logic                   b_compare;
  logic [WayN-1:0]        way_valid, way_match, way_swept, drop;
  // Wires by way; the attribute tells Yosys that they are no memory.
  (* mem2reg *) logic [2:0]        way_size  [WayN];
  (* mem2reg *) logic [EntryW-1:0] way_entry [WayN];
  logic [WayW-1:0]        write_way;
  assign b_compare = b_op_q == OpLook || b_op_q == OpFill;
  assign b_vpn     = (b_op_q == OpFill) ? fill_q.vpn : vpn_i;
  assign b_id      = (b_op_q == OpFill) ? fill_q.id : id_i;
  assign b_mask    = {52{1'b1}} << (mmu_pkg::size_shift(b_size_q) - 6'd12);

  for (genvar w = 0; w < WayN; w++) begin : gen_way
    if (w < Ways) begin : gen_real
      l2_way #(.Sets(Sets)) u_way (
        .clk_i,
        .read_i (a_fill || a_sweep || a_look), .read_set_i (a_set),
        .set_i (b_set_q), .valid_o (way_valid[w]), .size_o (way_size[w]),
        .entry_o (way_entry[w]),
        .match_i (b_compare), .vpn_i (b_vpn), .mask_i (b_mask), .size_i (b_size_q),
        .id_i (b_id), .any_asid_i (write && fill_q.is_global), .match_o (way_match[w]),
        .sweep_i (b_op_q == OpSweep), .inval_i, .swept_o (way_swept[w]),
        .drop_i (drop[w]), .write_i (write && write_way == WayW'(w)),
        .write_size_i (fill_size_q), .write_entry_i (fill_q),
        .clear_i (clearing_q), .clear_set_i (clear_set_q)
      );
    end else begin : gen_none
      assign way_valid[w] = 1'b1;  // never free
      assign way_match[w] = 1'b0;
      assign way_swept[w] = 1'b0;
      assign way_size[w] = '0;
      assign way_entry[w] = '0;
      logic unused_drop;
      assign unused_drop = drop[w];
    end
  end

  // ---- look-up ----------------------------------------------------------------------------------
  logic            enough, unused_refusal, unused_permitted;
  logic [WayW-1:0] match_way;  // the one that matches; of a fill the highest
  mmu_pkg::entry_t found;
  always_comb begin
    match_way = '0;
    found     = '0;
    for (int unsigned w = 0; w < Ways; w++) begin
      if (way_match[w]) begin
        match_way = WayW'(w);
        found     = way_entry[w];
      end
    end
  end
  need_met u_need_met (
    .rights_i (found.rights), .attrs_i (found.attrs), .dirty_i (found.dirty),
    .s2_rights_i (found.s2_rights), .need_i,
    .key_refused_o (unused_refusal), .permitted_o (unused_permitted), .met_o (enough)
  );
  assign hit         = b_op_q == OpLook && way_match != '0 && enough && found.s2_root == root_i;
  assign hit_valid_o = hit;
  assign b_stays     = hit && !hit_ready_i;
  always_comb begin
    hit_o     = found;
    hit_o.vpn = vpn_i;
  end

  logic covered;  // by the fill that waits
  assign covered = fill_waits_q && fill_q.id[40:16] == id_i[40:16] &&
                   (fill_q.is_global || fill_q.id[15:0] == id_i[15:0]) &&
                   ((fill_q.vpn ^ vpn_i) >>
                    (mmu_pkg::size_shift(fill_size_q) - 6'd12)) == '0;
  assign again_o = b_op_q == OpLook && b_last_q && !hit && covered;
  assign miss_o  = b_op_q == OpLook && b_last_q && !hit && !covered;

  // ---- fill: over what overlaps it, else the lowest free way, else the victim -------------------
  logic            free;
  logic [WayW-1:0] free_way, victim;
  always_comb begin
    free     = 1'b0;
    free_way = '0;
    for (int unsigned w = Ways; w > 0; w--) begin
      if (!way_valid[w-1]) begin
        free     = 1'b1;
        free_way = WayW'(w - 1);
      end
    end
  end
  assign write_way = (way_match != '0) ? match_way : free ? free_way : victim;
  always_comb begin
    drop = '0;
    if (write)             drop = way_match;  // the way that is written is written after
    if (b_op_q == OpSweep) drop = way_swept;
  end

  // ---- replacement ------------------------------------------------------------------------------
  logic [StateW-1:0] state, state_d;
  logic              touched;
  assign touched = write || (hit && hit_ready_i);
  replace #(.Entries(Ways), .Policy(Replacement)) u_replace (
    .state_i (state), .state_o (state_d),
    .hit_i (hit && hit_ready_i), .fill_i (write), .idx_i (write ? write_way : match_way),
    .took_i (way_match == '0 && !free), .pick_i (write), .victim_o (victim)
  );
  if (Replacement == mmu_pkg::ReplaceRandom) begin : gen_one_state
    logic [StateW-1:0] state_q;
    assign state = state_q;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni)      state_q <= '0;
      else if (touched) state_q <= state_d;
    end
  end else begin : gen_set_states
    logic [StateW-1:0] state_q [Sets];
    assign state = state_q[b_set_q];
    always_ff @(posedge clk_i) begin
      if (clearing_q)   state_q[clear_set_q] <= '0;
      else if (touched) state_q[b_set_q]     <= state_d;
    end
  end

  // ---- which sizes are left, once every set has been read ---------------------------------------
  logic [8:0] kept, seen_q, seen_d;  // bit 8: parts
  mmu_pkg::entry_t kept_entry;
  always_comb begin
    kept       = '0;
    kept_entry = '0;
    if (b_op_q == OpSweep) begin
      for (int unsigned w = 0; w < Ways; w++) begin
        kept_entry = way_entry[w];
        if (way_valid[w] && !way_swept[w]) begin
          kept[{1'b0, way_size[w]}] = 1'b1;
          if (mmu_pkg::is_part(kept_entry.s1_shift, kept_entry.s2_shift)) kept[8] = 1'b1;
        end
      end
    end
    if (write) begin
      kept[{1'b0, fill_size_q}] = 1'b1;
      if (fill_part) kept[8] = 1'b1;
    end
  end
  assign seen_d = seen_q | kept;

  // ---- state ------------------------------------------------------------------------------------
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      b_op_q         <= OpNone;
      fill_waits_q   <= 1'b0;
      sizes_q        <= '0;
      parts_q        <= 1'b0;
      look_started_q <= 1'b0;
      sweeping_q     <= 1'b0;
      sweep_inside_q <= 1'b0;
      turn_q         <= 1'b0;
    end else begin
      if (!b_stays) b_op_q <= a_fill ? OpFill : a_sweep ? OpSweep : a_look ? OpLook : OpNone;

      if (fill_valid_i && fill_ready_o) fill_waits_q <= 1'b1;
      else if (write)                   fill_waits_q <= 1'b0;

      // One probe after the other; a hit in B makes the rest unnecessary.
      if (a_look) look_started_q <= look_rest != '0;
      else if (hit && hit_ready_i && look_idx_i == b_idx_q) look_started_q <= 1'b0;

      if (a_sweep) begin
        sweep_inside_q <= sweep_left != '0;
        if (sweep_ends) sweeping_q <= 1'b0;
      end
      if (sweep_start_i) begin
        sweep_inside_q <= 1'b0;
        sweeping_q     <= !(inval_i.by_addr && inval_i.stage1) || sizes_q != '0 || fill_waits_q;
      end
      if (a_sweep || a_look) turn_q <= a_look;

      // Every set has been read when the last read of a full sweep is in B.
      if (b_op_q == OpSweep && !sweeping_q && !sweep_sets_q) begin
        {parts_q, sizes_q} <= seen_d;
      end else begin
        sizes_q <= sizes;
        if (write && fill_part) parts_q <= 1'b1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!b_stays) begin
      b_set_q  <= a_set;
      b_size_q <= a_fill ? fill_size_q : look_size;
      b_last_q <= look_rest == '0;
      b_idx_q  <= look_idx_i;
    end
    if (a_look) look_left_q <= look_rest;
    if (a_sweep) begin
      sweep_set_q  <= sweep_set + SetW'(1);
      sweep_left_q <= sweep_left - SetW'(1);
      if (sweep_left == '0) sweep_sizes_q <= sweep_sizes_q & (sweep_sizes_q - 8'd1);
    end
    if (sweep_start_i) begin
      sweep_sizes_q <= sizes_q | (fill_waits_q ? 8'd1 << fill_size_q : 8'd0);
      sweep_sets_q  <= inval_i.by_addr && inval_i.stage1 && !parts_q &&
                       !(fill_waits_q && fill_part);
    end
    // A fill written before the first read of the sweep is read by it.
    seen_q <= (sweep_start_i || (sweeping_q && !sweep_inside_q)) ? 9'd0 : seen_d;
  end

  logic unused_bits;
  assign unused_bits = &{1'b0, kept_entry};

  // A look-up that waits in the queue counts with the queue.
  assign idle_o = !clearing_q && b_op_q == OpNone && !fill_waits_q && !sweeping_q;

  `MMU_ASSERT(fill_is_a_known_size, !(fill_valid_i && fill_ready_o) ||
              mmu_pkg::size_shift(fill_size) == fill_shift)
  `MMU_ASSERT(one_sweep, !sweep_start_i || !sweeping_q)
  `MMU_ASSERT(one_match, b_op_q != OpLook || (way_match & (way_match - WayN'(1))) == '0)

endmodule
