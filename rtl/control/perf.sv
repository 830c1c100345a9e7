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
  // reading: the count up to and with this cycle
  input  logic        read_valid_i,
  input  logic [4:0]  read_index_i,
  output logic [63:0] read_value_o
);

  localparam int unsigned BusyW = $clog2(Walks + 1);
  localparam int unsigned StepW = 32 + BusyW;

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

  // ---- events of this cycle ---------------------------------------------------------------------
  logic [regs_pkg::Counters-1:0] event_now;
  always_comb begin
    event_now = '0;
    event_now[regs_pkg::CountDtlbLoads]       = d_accept_i && !d_store;
    event_now[regs_pkg::CountDtlbLoadMisses]  = d_first_q && !d_hit_i && !d_store_q;
    event_now[regs_pkg::CountDtlbStores]      = d_accept_i && d_store;
    event_now[regs_pkg::CountDtlbStoreMisses] = d_first_q && !d_hit_i && d_store_q;
    event_now[regs_pkg::CountItlbLoads]       = f_accept_i;
    event_now[regs_pkg::CountItlbLoadMisses]  = f_first_q && !f_hit_i;
    event_now[regs_pkg::CountStlbHits]        = stlb_hit_i;
    event_now[regs_pkg::CountStlbMisses]      = stlb_miss_i;
    event_now[regs_pkg::CountWalksStarted]    = walk_start_i;
    event_now[regs_pkg::CountWalksCompleted]  = walk_end_i;
    event_now[regs_pkg::CountWalkReads]       = table_read_i;
    event_now[regs_pkg::CountWalkCacheHits]   = walk_cache_hit_i;
    event_now[regs_pkg::CountWalkRestarts]    = walk_restart_i;
    event_now[regs_pkg::CountMergedMisses]    = merge_i;
    event_now[regs_pkg::CountAUpdates]        = swap_a_i;
    event_now[regs_pkg::CountDUpdates]        = swap_d_i;
    event_now[regs_pkg::CountLostSwaps]       = swap_lost_i;
    event_now[regs_pkg::CountFaults]          = walk_fault_i;
    event_now[regs_pkg::CountRetries]         = walk_retry_i;
    event_now[regs_pkg::CountInvalidations]   = inval_done_i;
    event_now[regs_pkg::CountOverlaps]        = overlap_i;
  end

  // ---- cycles of walks: from the last edge to this one ------------------------------------------
  logic [BusyW-1:0] busy_q;
  logic [31:0]      last_q, passed;
  logic [StepW-1:0] active, pending;
  assign passed = time_i - last_q;
  always_comb begin
    active  = '0;
    pending = '0;
    if (busy_q != '0) begin
      active = StepW'(passed);
      for (int unsigned b = 0; b < BusyW; b++) begin
        if (busy_q[b]) pending = pending + (StepW'(passed) << b);
      end
    end
  end

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

  // ---- the counters; the first edge after reset makes them 0 ------------------------------------
  (* mem2reg *) logic [63:0] count_q [regs_pkg::Counters];
  logic        fresh_q, wipe, counts;
  assign wipe   = clear_i || fresh_q;
  assign counts = enable_i && (event_now != '0 || busy_q != '0);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) fresh_q <= 1'b1;
    else         fresh_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (wipe) begin
      for (int unsigned i = 0; i < regs_pkg::Counters; i++) begin
        count_q[i] <= 64'(event_now[i] && !clear_i);
      end
    end else if (counts) begin
      for (int unsigned i = 0; i < regs_pkg::Counters; i++) begin
        if (event_now[i]) count_q[i] <= count_q[i] + 64'd1;
      end
      if (busy_q != '0) begin
        count_q[regs_pkg::CountWalkActive]  <= count_q[regs_pkg::CountWalkActive] + 64'(active);
        count_q[regs_pkg::CountWalkPending] <= count_q[regs_pkg::CountWalkPending] + 64'(pending);
      end
    end
  end

  logic [63:0] now;
  always_comb begin
    now          = '0;
    read_value_o = '0;
    if (read_valid_i && read_index_i < 5'(regs_pkg::Counters)) begin
      unique case (read_index_i)
        regs_pkg::CountWalkActive:  now = 64'(active);
        regs_pkg::CountWalkPending: now = 64'(pending);
        default:                    now = 64'(event_now[read_index_i]);
      endcase
      read_value_o = (fresh_q ? 64'd0 : count_q[read_index_i]) + (enable_i ? now : 64'd0);
    end
  end

endmodule
