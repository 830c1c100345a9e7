// SPDX-License-Identifier: Apache-2.0
// The whole MMU: after an invalidation is done, no answer uses what the tables held before it.
// Bit 51 of an address is set in what is new: in each descriptor that is read after the invalidation
// was accepted, unless it is read from an old table, which may hold anything. Older reads may bring
// either. The fence of one page is about leaves: what the pointers are does not matter to it.
// Bit 0 of the tag marks requests of the page and ASID that are invalidated.
`include "formal.svh"

module mmu_stale #(
  parameter logic [1:0]  Arch       = 2'd2,
  parameter int unsigned L1Entries  = 2,
  parameter int unsigned L2Sets     = 2,
  parameter int unsigned L2Ways     = 2,
  parameter int unsigned PwcEntries = 1,
  parameter int unsigned HighPwcEntries = PwcEntries,  // of heights 3 and 4
  parameter int unsigned Walks      = 1,
  parameter int unsigned MissQueue  = 2,
  parameter int unsigned NestedEntries = 0,
  parameter bit          Stage2     = 1'b0
) (
  input logic               clk_i,
  input logic               f_valid_i,
  input logic [63:0]        f_va_i,
  input mmu_pkg::access_t   f_access_i,
  input logic [15:0]        f_asid_i,
  input logic               d_valid_i,
  input logic [63:0]        d_va_i,
  input mmu_pkg::access_t   d_access_i,
  input logic [15:0]        d_asid_i,
  input logic               inval_i,
  input logic               full_i,
  input logic [7:0]         inval_id_i,
  input logic               mem_req_ready_i,
  input logic               mem_rsp_valid_i,
  input logic [7:0]         mem_rsp_id_i,
  input logic [1:0]         mem_rsp_error_i,
  input logic               mem_rsp_ok_i,
  input logic [63:0]        content_i,
  input logic [63:0]        key_va_i,
  input logic [15:0]        key_asid_i
);
  `FORMAL_RESET
  `ASSUME(no_stage2, "stage 2 is off or passes addresses through", 1'b1)
  // What is assumed of the inputs is built in rather than left to the solver.
  logic [7:0]         f_tag_i, d_tag_i;
  mmu_pkg::ctx_t      f_ctx_i, d_ctx_i;
  logic               inval_valid_i;
  mmu_pkg::inval_op_t inval_op_i;
  logic [63:0]        mem_rsp_old_i;
`include "small_mmu.svh"

  logic [63:0] key_va_q;    // the page that is invalidated
  logic [15:0] key_asid_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      key_va_q   <= key_va_i;
      key_asid_q <= key_asid_i;
    end
  end

  // ---- the requests ---------------------------------------------------------------------------------
  always_comb begin
    f_ctx_i          = '0;
    f_ctx_i.s1_mode  = mmu_pkg::S1Sv39;
    f_ctx_i.priv     = mmu_pkg::PrivSupervisor;
    f_ctx_i.pa_width = 6'd52;
    f_ctx_i.s1_root0 = 56'h8_0000_0000_0000;
    f_ctx_i.s1_hw_a  = 1'b1;
    f_ctx_i.s1_hw_d  = 1'b1;
    f_ctx_i.asid     = f_asid_i;
    d_ctx_i          = f_ctx_i;
    d_ctx_i.asid     = d_asid_i;
  end
  `ASSUME(one_context, "requests are of one Sv39 context but for the ASID and its root is new", 1'b1)
  assign f_tag_i = {7'd0, f_va_i[63:12] == key_va_q[63:12] && f_asid_i == key_asid_q};
  assign d_tag_i = {7'd0, d_va_i[63:12] == key_va_q[63:12] && d_asid_i == key_asid_q};
  `ASSUME(tag_marks, "bit 0 of the tag says whether a request is of the page and ASID that are invalidated", 1'b1)

  // ---- the invalidation -----------------------------------------------------------------------------
  logic full_q, accepted_q, done_q, done;
  assign done = inval_done || done_q;
  always_ff @(posedge clk_i) begin
    accepted_q <= rst_ni && (accepted_q || (inval_valid_i && inval_ready));
    done_q     <= rst_ni && done;
    if (!accepted_q) full_q <= full_i;
  end
  assign inval_valid_i = inval_i && !accepted_q;
  always_comb begin
    inval_op_i      = '0;
    inval_op_i.op   = full_i ? 8'd32 : 8'd35;
    inval_op_i.addr = key_va_q;
    inval_op_i.asid = key_asid_q;
  end
  `ASSUME(one_operation, "the invalidation is SFENCE.VMA of everything or of the page and ASID", 1'b1)
  `ASSUME(only_one, "there is one invalidation", 1'b1)

  // ---- the memory -----------------------------------------------------------------------------------
  logic [SlotN-1:0] new_q;  // by id: the read brings what is new
  logic             reads_new, brings_new, pointer;
  assign reads_new  = accepted_q && (!full_q || req_addr[51]);
  assign brings_new = (takes && req_id == mem_rsp_id_i) ? reads_new : new_q[pays_slot];
  assign pointer    = content_i[3:1] == 3'd0;
  always_ff @(posedge clk_i) if (takes) new_q[req_id[SlotW-1:0]] <= reads_new;
  always_comb begin
    mem_rsp_old_i    = content_i;
    mem_rsp_old_i[5] = 1'b0;
    if (brings_new && !(pointer && !full_q)) mem_rsp_old_i[49] = 1'b1;
  end
  `ASSUME(new_content, "reads taken after the invalidation was accepted bring what is new", 1'b1)
  `ASSUME(not_global, "nothing is mapped global", 1'b1)

  `PROVE(f_hit_new, "after done a fetch hits only what is new", !(done && f_hit && (full_q || f_hit_tag[0])) || f_hit_pa[51])
  `PROVE(d_hit_new, "so does a data access", !(done && d_hit && (full_q || d_hit_tag[0])) || d_hit_pa[51])
  `PROVE(f_walk_new, "a walk for a fetch answers only what is new",
         !(done && f_miss && f_status == mmu_pkg::StatusOk && (full_q || f_miss_tag[0])) || f_miss_pa[51])
  `PROVE(d_walk_new, "so does one for a data access",
         !(done && d_miss && d_status == mmu_pkg::StatusOk && (full_q || d_miss_tag[0])) || d_miss_pa[51])
  logic old_hit_q;
  always_ff @(posedge clk_i) old_hit_q <= rst_ni && (old_hit_q || (f_hit && !f_hit_pa[51] && f_hit_tag[0]));
  `COVER(new_after_old, "the page is walked to what is new after it hit what is old by a full fence",
         old_hit_q && done && full_q && f_miss && f_status == mmu_pkg::StatusOk && f_miss_tag[0])
  `COVER(new_after_old_page, "the same by a fence of the page",
         old_hit_q && done && !full_q && f_miss && f_status == mmu_pkg::StatusOk && f_miss_tag[0])
  `COVER(old_elsewhere, "after the fence of a page another still hits what is old",
         old_hit_q && done && !full_q && f_hit && !f_hit_pa[51])
  `COVER(overtaken, "a walk is overtaken and answers what is new", f_miss && f_status == mmu_pkg::StatusOk && restarted_q)
  logic restarted_q;
  always_ff @(posedge clk_i) restarted_q <= rst_ni && (restarted_q || ev_restart);
endmodule
