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

  // ---- the counters -----------------------------------------------------------------------------
  // All is in this one process: what hangs on inputs is then looked at once a cycle.
  (* mem2reg *) logic [63:0] count_q [regs_pkg::Counters];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      for (int unsigned i = 0; i < regs_pkg::Counters; i++) count_q[i] <= '0;
    end else if (clear_i) begin
      for (int unsigned i = 0; i < regs_pkg::Counters; i++) count_q[i] <= '0;
    end else if (enable_i) begin
      if (d_accept_i) begin
        if (d_store) count_q[regs_pkg::CountDtlbStores] <=
            count_q[regs_pkg::CountDtlbStores] + 64'd1;
        else         count_q[regs_pkg::CountDtlbLoads] <=
            count_q[regs_pkg::CountDtlbLoads] + 64'd1;
      end
      if (d_first_q && !d_hit_i) begin
        if (d_store_q) count_q[regs_pkg::CountDtlbStoreMisses] <=
            count_q[regs_pkg::CountDtlbStoreMisses] + 64'd1;
        else           count_q[regs_pkg::CountDtlbLoadMisses] <=
            count_q[regs_pkg::CountDtlbLoadMisses] + 64'd1;
      end
      if (f_accept_i) count_q[regs_pkg::CountItlbLoads] <=
          count_q[regs_pkg::CountItlbLoads] + 64'd1;
      if (f_first_q && !f_hit_i) count_q[regs_pkg::CountItlbLoadMisses] <=
          count_q[regs_pkg::CountItlbLoadMisses] + 64'd1;
      if (stlb_hit_i) count_q[regs_pkg::CountStlbHits] <=
          count_q[regs_pkg::CountStlbHits] + 64'd1;
      if (stlb_miss_i) count_q[regs_pkg::CountStlbMisses] <=
          count_q[regs_pkg::CountStlbMisses] + 64'd1;
      if (walk_start_i) count_q[regs_pkg::CountWalksStarted] <=
          count_q[regs_pkg::CountWalksStarted] + 64'd1;
      if (walk_end_i) count_q[regs_pkg::CountWalksCompleted] <=
          count_q[regs_pkg::CountWalksCompleted] + 64'd1;
      if (table_read_i) count_q[regs_pkg::CountWalkReads] <=
          count_q[regs_pkg::CountWalkReads] + 64'd1;
      if (walk_cache_hit_i) count_q[regs_pkg::CountWalkCacheHits] <=
          count_q[regs_pkg::CountWalkCacheHits] + 64'd1;
      if (walk_restart_i) count_q[regs_pkg::CountWalkRestarts] <=
          count_q[regs_pkg::CountWalkRestarts] + 64'd1;
      if (merge_i) count_q[regs_pkg::CountMergedMisses] <=
          count_q[regs_pkg::CountMergedMisses] + 64'd1;
      if (swap_a_i) count_q[regs_pkg::CountAUpdates] <=
          count_q[regs_pkg::CountAUpdates] + 64'd1;
      if (swap_d_i) count_q[regs_pkg::CountDUpdates] <=
          count_q[regs_pkg::CountDUpdates] + 64'd1;
      if (swap_lost_i) count_q[regs_pkg::CountLostSwaps] <=
          count_q[regs_pkg::CountLostSwaps] + 64'd1;
      if (walk_fault_i) count_q[regs_pkg::CountFaults] <=
          count_q[regs_pkg::CountFaults] + 64'd1;
      if (walk_retry_i) count_q[regs_pkg::CountRetries] <=
          count_q[regs_pkg::CountRetries] + 64'd1;
      if (inval_done_i) count_q[regs_pkg::CountInvalidations] <=
          count_q[regs_pkg::CountInvalidations] + 64'd1;
      if (overlap_i) count_q[regs_pkg::CountOverlaps] <=
          count_q[regs_pkg::CountOverlaps] + 64'd1;
      if (busy_q != '0) begin
        count_q[regs_pkg::CountWalkActive] <=
            count_q[regs_pkg::CountWalkActive] + 64'(elapsed);
        count_q[regs_pkg::CountWalkPending] <=
            count_q[regs_pkg::CountWalkPending] + times(busy_q, elapsed);
      end
    end
  end

  // ---- reading: events of the cycles before this one --------------------------------------------
  logic [31:0] earlier;
  logic [63:0] passed;
  always_comb begin
    earlier      = '0;
    passed       = '0;
    read_value_o = '0;
    if (read_valid_i && read_index_i < 5'(regs_pkg::Counters)) begin
      earlier = elapsed - 32'd1;
      if (enable_i && busy_q != '0) begin
        unique case (read_index_i)
          regs_pkg::CountWalkActive:  passed = 64'(earlier);
          regs_pkg::CountWalkPending: passed = times(busy_q, earlier);
          default: ;
        endcase
      end
      read_value_o = count_q[read_index_i] + passed;
    end
  end

endmodule
