// SPDX-License-Identifier: Apache-2.0
// The performance counters: what each counts is in docs/registers.md, which is made from
// regs.toml. `time_i` numbers the cycles, so that the two that count cycles lose none when the
// clock is stopped: between two edges with a gap, no walk slot became busy or free.
module perf #(
  parameter int unsigned Walks = 2
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [31:0] time_i,
  input  logic        enable_i,
  input  logic        clear_i,
  // requests: accepted now; answered by the L1 (of the request accepted a cycle ago)
  input  logic        f_accept_i,
  input  logic        f_hit_i,
  input  logic        d_accept_i,
  input  logic [1:0]  d_kind_i,
  input  logic        d_hit_i,
  // one pulse each
  input  logic        stlb_hit_i,
  input  logic        stlb_miss_i,
  input  logic        walk_start_i,
  input  logic        walk_end_i,
  input  logic        walk_fault_i,
  input  logic        walk_retry_i,
  input  logic        walk_restart_i,
  input  logic        walk_cache_hit_i,
  input  logic        merge_i,
  input  logic        overlap_i,
  input  logic        inval_done_i,
  input  logic        table_read_i,
  input  logic        s2_read_i,
  input  logic        s2_walk_i,
  input  logic        nested_hit_i,
  input  logic        nested_miss_i,
  input  logic        swap_a_i,
  input  logic        swap_d_i,
  input  logic        swap_lost_i,
  // reading: what the cycles before this one have brought
  input  logic        read_valid_i,
  input  logic [4:0]  read_index_i,
  output logic [63:0] read_value_o
);

  localparam int unsigned BusyW = $clog2(Walks + 1);

  // ---- the first look-up of a request, in the cycle after its acceptance ------------------------
  logic f_first_q, d_first_q, d_store_q, d_store;
  assign d_store = d_kind_i == mmu_pkg::AccWrite || d_kind_i == mmu_pkg::AccRmw;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      f_first_q <= 1'b0;
      d_first_q <= 1'b0;
      d_store_q <= 1'b0;
    end else begin
      f_first_q <= f_accept_i;
      d_first_q <= d_accept_i;
      if (d_accept_i) d_store_q <= d_store;
    end
  end

  // ---- cycles of walks: from the last edge to this one ------------------------------------------
  logic [BusyW-1:0] busy_q;
  logic [31:0]      last_q, elapsed;
  assign elapsed = time_i - last_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q <= '0;
      last_q <= '0;
    end else begin
      last_q <= time_i;
      if (walk_start_i != walk_end_i) begin
        busy_q <= walk_start_i ? busy_q + BusyW'(1) : busy_q - BusyW'(1);
      end
    end
  end

  function automatic logic [63:0] times(input logic [BusyW-1:0] slots, input logic [31:0] cycles);
    times = '0;
    for (int unsigned b = 0; b < BusyW; b++) begin
      if (slots[b]) times = times + (64'(cycles) << b);
    end
  endfunction

  // ---- the counters: events, and two of cycles --------------------------------------------------
  logic [63:0] dtlb_loads, dtlb_load_misses, dtlb_stores, dtlb_store_misses, itlb_loads,
               itlb_load_misses, stlb_hits, stlb_misses, walks_started, walks_completed,
               walk_reads, walk_cache_hits, walk_restarts, merged_misses, a_updates, d_updates,
               lost_swaps, faults, retries, invalidations, overlaps, s2_walks, s2_reads,
               nested_hits, nested_misses;
  perf_counter u_dtlb_loads (
    .clk_i, .rst_ni, .clear_i, .enable_i, .event_i (d_accept_i && !d_store), .count_o (dtlb_loads)
  );
  perf_counter u_dtlb_load_misses (
    .clk_i, .rst_ni, .clear_i, .enable_i,
    .event_i (d_first_q && !d_hit_i && !d_store_q), .count_o (dtlb_load_misses)
  );
  perf_counter u_dtlb_stores (
    .clk_i, .rst_ni, .clear_i, .enable_i, .event_i (d_accept_i && d_store), .count_o (dtlb_stores)
  );
  perf_counter u_dtlb_store_misses (
    .clk_i, .rst_ni, .clear_i, .enable_i,
    .event_i (d_first_q && !d_hit_i && d_store_q), .count_o (dtlb_store_misses)
  );
  perf_counter u_itlb_loads (
    .clk_i, .rst_ni, .clear_i, .enable_i, .event_i (f_accept_i), .count_o (itlb_loads)
  );
  perf_counter u_itlb_load_misses (
    .clk_i, .rst_ni, .clear_i, .enable_i,
    .event_i (f_first_q && !f_hit_i), .count_o (itlb_load_misses)
  );
  perf_counter u_stlb_hits (
    .clk_i, .rst_ni, .clear_i, .enable_i, .event_i (stlb_hit_i), .count_o (stlb_hits)
  );
  perf_counter u_stlb_misses (
    .clk_i, .rst_ni, .clear_i, .enable_i, .event_i (stlb_miss_i), .count_o (stlb_misses)
  );
  perf_counter u_walks_started (
    .clk_i, .rst_ni, .clear_i, .enable_i, .event_i (walk_start_i), .count_o (walks_started)
  );
  perf_counter u_walks_completed (
    .clk_i, .rst_ni, .clear_i, .enable_i, .event_i (walk_end_i), .count_o (walks_completed)
  );
  perf_counter u_walk_reads (
    .clk_i, .rst_ni, .clear_i, .enable_i, .event_i (table_read_i), .count_o (walk_reads)
  );
  perf_counter u_walk_cache_hits (
    .clk_i, .rst_ni, .clear_i, .enable_i, .event_i (walk_cache_hit_i), .count_o (walk_cache_hits)
  );
  perf_counter u_walk_restarts (
    .clk_i, .rst_ni, .clear_i, .enable_i, .event_i (walk_restart_i), .count_o (walk_restarts)
  );
  perf_counter u_merged_misses (
    .clk_i, .rst_ni, .clear_i, .enable_i, .event_i (merge_i), .count_o (merged_misses)
  );
  perf_counter u_a_updates (
    .clk_i, .rst_ni, .clear_i, .enable_i, .event_i (swap_a_i), .count_o (a_updates)
  );
  perf_counter u_d_updates (
    .clk_i, .rst_ni, .clear_i, .enable_i, .event_i (swap_d_i), .count_o (d_updates)
  );
  perf_counter u_lost_swaps (
    .clk_i, .rst_ni, .clear_i, .enable_i, .event_i (swap_lost_i), .count_o (lost_swaps)
  );
  perf_counter u_faults (
    .clk_i, .rst_ni, .clear_i, .enable_i, .event_i (walk_fault_i), .count_o (faults)
  );
  perf_counter u_retries (
    .clk_i, .rst_ni, .clear_i, .enable_i, .event_i (walk_retry_i), .count_o (retries)
  );
  perf_counter u_invalidations (
    .clk_i, .rst_ni, .clear_i, .enable_i, .event_i (inval_done_i), .count_o (invalidations)
  );
  perf_counter u_overlaps (
    .clk_i, .rst_ni, .clear_i, .enable_i, .event_i (overlap_i), .count_o (overlaps)
  );
  perf_counter u_s2_walks (
    .clk_i, .rst_ni, .clear_i, .enable_i, .event_i (s2_walk_i), .count_o (s2_walks)
  );
  perf_counter u_s2_reads (
    .clk_i, .rst_ni, .clear_i, .enable_i, .event_i (s2_read_i), .count_o (s2_reads)
  );
  perf_counter u_nested_hits (
    .clk_i, .rst_ni, .clear_i, .enable_i, .event_i (nested_hit_i), .count_o (nested_hits)
  );
  perf_counter u_nested_misses (
    .clk_i, .rst_ni, .clear_i, .enable_i, .event_i (nested_miss_i), .count_o (nested_misses)
  );

  logic [63:0] walk_active_q, walk_pending_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      walk_active_q  <= '0;
      walk_pending_q <= '0;
    end else if (clear_i) begin
      walk_active_q  <= '0;
      walk_pending_q <= '0;
    end else if (enable_i && busy_q != '0) begin
      walk_active_q  <= walk_active_q + 64'(elapsed);
      walk_pending_q <= walk_pending_q + times(busy_q, elapsed);
    end
  end

  // ---- reading: what the cycles before this one have brought ------------------------------------
  logic [31:0] earlier;
  always_comb begin
    earlier      = '0;
    read_value_o = '0;
    if (read_valid_i) begin
      if (enable_i && busy_q != '0) earlier = elapsed - 32'd1;
      unique case (read_index_i)
        regs_pkg::CountDtlbLoads:        read_value_o = dtlb_loads;
        regs_pkg::CountDtlbLoadMisses:   read_value_o = dtlb_load_misses;
        regs_pkg::CountDtlbStores:       read_value_o = dtlb_stores;
        regs_pkg::CountDtlbStoreMisses:  read_value_o = dtlb_store_misses;
        regs_pkg::CountItlbLoads:        read_value_o = itlb_loads;
        regs_pkg::CountItlbLoadMisses:   read_value_o = itlb_load_misses;
        regs_pkg::CountStlbHits:         read_value_o = stlb_hits;
        regs_pkg::CountStlbMisses:       read_value_o = stlb_misses;
        regs_pkg::CountWalksStarted:     read_value_o = walks_started;
        regs_pkg::CountWalksCompleted:   read_value_o = walks_completed;
        regs_pkg::CountWalkReads:        read_value_o = walk_reads;
        regs_pkg::CountWalkCacheHits:    read_value_o = walk_cache_hits;
        regs_pkg::CountWalkRestarts:     read_value_o = walk_restarts;
        regs_pkg::CountMergedMisses:     read_value_o = merged_misses;
        regs_pkg::CountAUpdates:         read_value_o = a_updates;
        regs_pkg::CountDUpdates:         read_value_o = d_updates;
        regs_pkg::CountLostSwaps:        read_value_o = lost_swaps;
        regs_pkg::CountFaults:           read_value_o = faults;
        regs_pkg::CountRetries:          read_value_o = retries;
        regs_pkg::CountInvalidations:    read_value_o = invalidations;
        regs_pkg::CountOverlaps:         read_value_o = overlaps;
        regs_pkg::CountS2Walks:          read_value_o = s2_walks;
        regs_pkg::CountS2Reads:          read_value_o = s2_reads;
        regs_pkg::CountNestedHits:       read_value_o = nested_hits;
        regs_pkg::CountNestedMisses:     read_value_o = nested_misses;
        regs_pkg::CountWalkActive:       read_value_o = walk_active_q + 64'(earlier);
        regs_pkg::CountWalkPending:      read_value_o = walk_pending_q + times(busy_q, earlier);
        default: ;
      endcase
    end
  end

endmodule
