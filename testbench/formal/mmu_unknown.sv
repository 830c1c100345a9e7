// SPDX-License-Identifier: Apache-2.0
// The whole MMU, twice, with the same inputs. All that a reset does not set starts in any state, in
// each of the two in another; no output that counts may tell them apart. So nothing unknown gets out.
`include "formal.svh"

module mmu_unknown #(
  parameter logic [1:0]  Arch       = 2'd2,
  parameter int unsigned L1Entries  = 2,
  parameter int unsigned L2Sets     = 2,
  parameter int unsigned L2Ways     = 2,
  parameter int unsigned PwcEntries = 1,
  parameter int unsigned Walks      = 1,
  parameter int unsigned MissQueue  = 2,
  parameter int unsigned NestedEntries = 0,
  parameter bit          Stage2     = 1'b0
) (
  input logic               clk_i,
  input logic               f_valid_i,
  input logic [63:0]        f_va_i,
  input logic [7:0]         f_tag_i,
  input mmu_pkg::access_t   f_access_i,
  input mmu_pkg::ctx_t      f_ctx_i,
  input logic               d_valid_i,
  input logic [63:0]        d_va_i,
  input logic [7:0]         d_tag_i,
  input mmu_pkg::access_t   d_access_i,
  input mmu_pkg::ctx_t      d_ctx_i,
  input logic               inval_valid_i,
  input mmu_pkg::inval_op_t inval_op_i,
  input logic [7:0]         inval_id_i,
  input logic               mem_req_ready_i,
  input logic               mem_rsp_valid_i,
  input logic [7:0]         mem_rsp_id_i,
  input logic [1:0]         mem_rsp_error_i,
  input logic               mem_rsp_ok_i,
  input logic [63:0]        mem_rsp_old_i
);
  `FORMAL_RESET
  `ASSUME(no_stage2, "stage 2 is off or passes addresses through", 1'b1)

  logic a_f_req_ready, b_f_req_ready;
  logic a_f_hit_valid, b_f_hit_valid;
  logic a_f_miss_valid, b_f_miss_valid;
  logic a_d_req_ready, b_d_req_ready;
  logic a_d_hit_valid, b_d_hit_valid;
  logic a_d_miss_valid, b_d_miss_valid;
  logic a_inval_ready, b_inval_ready;
  logic a_inval_done, b_inval_done;
  logic a_mem_req_valid, b_mem_req_valid;
  logic a_ev_walk_start, b_ev_walk_start;
  logic a_ev_pwc_hit, b_ev_pwc_hit;
  logic a_ev_merge, b_ev_merge;
  logic a_ev_l2_hit, b_ev_l2_hit;
  logic a_ev_l2_miss, b_ev_l2_miss;
  logic a_ev_overlap, b_ev_overlap;
  logic a_f_miss_l2, b_f_miss_l2;
  logic a_d_miss_l2, b_d_miss_l2;
  logic a_irq, b_irq;
  logic a_ev_restart, b_ev_restart;
  logic a_idle, b_idle;
  logic a_ev_nested_hit, b_ev_nested_hit;
  logic a_mem_req_stage2, b_mem_req_stage2;
  logic [3:0] a_f_hit_s2_attrs, b_f_hit_s2_attrs;
  logic [3:0] a_d_hit_s2_attrs, b_d_hit_s2_attrs;
  logic [3:0] a_f_miss_s2_attrs, b_f_miss_s2_attrs;
  logic [3:0] a_d_miss_s2_attrs, b_d_miss_s2_attrs;
  logic [7:0] a_f_hit_tag, b_f_hit_tag;
  logic [55:0] a_f_hit_pa, b_f_hit_pa;
  logic [5:0] a_f_hit_s1_shift, b_f_hit_s1_shift;
  logic [5:0] a_f_hit_s2_shift, b_f_hit_s2_shift;
  logic [7:0] a_f_hit_attrs, b_f_hit_attrs;
  logic [7:0] a_f_hit_epoch, b_f_hit_epoch;
  logic [7:0] a_d_hit_tag, b_d_hit_tag;
  logic [55:0] a_d_hit_pa, b_d_hit_pa;
  logic [5:0] a_d_hit_s1_shift, b_d_hit_s1_shift;
  logic [5:0] a_d_hit_s2_shift, b_d_hit_s2_shift;
  logic [7:0] a_d_hit_attrs, b_d_hit_attrs;
  logic [7:0] a_d_hit_epoch, b_d_hit_epoch;
  logic [7:0] a_f_miss_tag, b_f_miss_tag;
  logic [1:0] a_f_miss_status, b_f_miss_status;
  logic [55:0] a_f_miss_pa, b_f_miss_pa;
  logic [5:0] a_f_miss_s1_shift, b_f_miss_s1_shift;
  logic [5:0] a_f_miss_s2_shift, b_f_miss_s2_shift;
  logic [7:0] a_f_miss_attrs, b_f_miss_attrs;
  logic [7:0] a_f_miss_epoch, b_f_miss_epoch;
  logic [7:0] a_d_miss_tag, b_d_miss_tag;
  logic [1:0] a_d_miss_status, b_d_miss_status;
  logic [55:0] a_d_miss_pa, b_d_miss_pa;
  logic [5:0] a_d_miss_s1_shift, b_d_miss_s1_shift;
  logic [5:0] a_d_miss_s2_shift, b_d_miss_s2_shift;
  logic [7:0] a_d_miss_attrs, b_d_miss_attrs;
  logic [7:0] a_d_miss_epoch, b_d_miss_epoch;
  logic [7:0] a_inval_done_id, b_inval_done_id;
  logic a_mem_req_cas, b_mem_req_cas;
  logic [7:0] a_mem_req_id, b_mem_req_id;
  logic [51:0] a_mem_req_addr, b_mem_req_addr;
  logic [7:0] a_mem_req_tag, b_mem_req_tag;
  logic a_mem_req_port, b_mem_req_port;
  logic [2:0] a_mem_req_level, b_mem_req_level;
  logic [63:0] a_mem_req_expected, b_mem_req_expected;
  logic [63:0] a_mem_req_desired, b_mem_req_desired;
  mmu_pkg::fault_t a_miss_fault, b_miss_fault;
  mmu_pkg::syndrome_t a_miss_syndrome, b_miss_syndrome;
  mmu_top #(
    .Arch (Arch), .L1IEntries (L1Entries), .L1DEntries (L1Entries), .L2Sets (L2Sets), .L2Ways (L2Ways),
    .Pwc1Entries (PwcEntries), .Pwc2Entries (PwcEntries), .Pwc3Entries (PwcEntries), .Pwc4Entries (PwcEntries),
    .Walks (Walks), .MissQueue (MissQueue), .NestedEntries (NestedEntries)
  ) a (
    .clk_i, .rst_ni,
    .f_req_valid_i (f_valid_i), .f_req_va_i (f_va_i), .f_req_tag_i (f_tag_i), .f_req_access_i (f_access_i),
    .f_req_ctx_i (f_ctx_i), .d_req_valid_i (d_valid_i), .d_req_va_i (d_va_i), .d_req_tag_i (d_tag_i),
    .d_req_access_i (d_access_i), .d_req_ctx_i (d_ctx_i), .inval_valid_i, .inval_op_i, .inval_id_i,
    .f_req_from_regs_i (1'b0), .d_req_from_regs_i (1'b0), .time_i ('0),
    .reg_req_valid_i (1'b0), .reg_req_write_i (1'b0), .reg_req_addr_i ('0), .reg_req_wdata_i ('0),
    .mem_req_ready_i, .mem_rsp_valid_i, .mem_rsp_id_i, .mem_rsp_error_i, .mem_rsp_ok_i, .mem_rsp_old_i,
    .miss_fault_o (a_miss_fault), .miss_syndrome_o (a_miss_syndrome),
    .f_req_ready_o (a_f_req_ready), .f_hit_valid_o (a_f_hit_valid), .f_miss_valid_o (a_f_miss_valid),
    .d_req_ready_o (a_d_req_ready), .d_hit_valid_o (a_d_hit_valid), .d_miss_valid_o (a_d_miss_valid),
    .inval_ready_o (a_inval_ready), .inval_done_o (a_inval_done), .mem_req_valid_o (a_mem_req_valid),
    .ev_walk_start_o (a_ev_walk_start), .ev_pwc_hit_o (a_ev_pwc_hit), .ev_merge_o (a_ev_merge),
    .ev_l2_hit_o (a_ev_l2_hit), .ev_l2_miss_o (a_ev_l2_miss), .ev_overlap_o (a_ev_overlap), .ev_restart_o (a_ev_restart), .idle_o (a_idle),
    .ev_nested_hit_o (a_ev_nested_hit), .mem_req_stage2_o (a_mem_req_stage2), .f_hit_s2_attrs_o (a_f_hit_s2_attrs),
    .d_hit_s2_attrs_o (a_d_hit_s2_attrs), .f_miss_s2_attrs_o (a_f_miss_s2_attrs), .d_miss_s2_attrs_o (a_d_miss_s2_attrs),
    .f_miss_l2_o (a_f_miss_l2), .d_miss_l2_o (a_d_miss_l2), .irq_o (a_irq),
    .f_hit_tag_o (a_f_hit_tag), .f_hit_pa_o (a_f_hit_pa), .f_hit_s1_shift_o (a_f_hit_s1_shift),
    .f_hit_s2_shift_o (a_f_hit_s2_shift), .f_hit_attrs_o (a_f_hit_attrs), .f_hit_epoch_o (a_f_hit_epoch),
    .d_hit_tag_o (a_d_hit_tag), .d_hit_pa_o (a_d_hit_pa), .d_hit_s1_shift_o (a_d_hit_s1_shift),
    .d_hit_s2_shift_o (a_d_hit_s2_shift), .d_hit_attrs_o (a_d_hit_attrs), .d_hit_epoch_o (a_d_hit_epoch),
    .f_miss_tag_o (a_f_miss_tag), .f_miss_status_o (a_f_miss_status), .f_miss_pa_o (a_f_miss_pa),
    .f_miss_s1_shift_o (a_f_miss_s1_shift), .f_miss_s2_shift_o (a_f_miss_s2_shift), .f_miss_attrs_o (a_f_miss_attrs),
    .f_miss_epoch_o (a_f_miss_epoch), .d_miss_tag_o (a_d_miss_tag), .d_miss_status_o (a_d_miss_status),
    .d_miss_pa_o (a_d_miss_pa), .d_miss_s1_shift_o (a_d_miss_s1_shift), .d_miss_s2_shift_o (a_d_miss_s2_shift),
    .d_miss_attrs_o (a_d_miss_attrs), .d_miss_epoch_o (a_d_miss_epoch), .inval_done_id_o (a_inval_done_id),
    .mem_req_cas_o (a_mem_req_cas), .mem_req_id_o (a_mem_req_id), .mem_req_addr_o (a_mem_req_addr),
    .mem_req_tag_o (a_mem_req_tag), .mem_req_port_o (a_mem_req_port), .mem_req_level_o (a_mem_req_level),
    .mem_req_expected_o (a_mem_req_expected), .mem_req_desired_o (a_mem_req_desired)
  );
  mmu_top #(
    .Arch (Arch), .L1IEntries (L1Entries), .L1DEntries (L1Entries), .L2Sets (L2Sets), .L2Ways (L2Ways),
    .Pwc1Entries (PwcEntries), .Pwc2Entries (PwcEntries), .Pwc3Entries (PwcEntries), .Pwc4Entries (PwcEntries),
    .Walks (Walks), .MissQueue (MissQueue), .NestedEntries (NestedEntries)
  ) b (
    .clk_i, .rst_ni,
    .f_req_valid_i (f_valid_i), .f_req_va_i (f_va_i), .f_req_tag_i (f_tag_i), .f_req_access_i (f_access_i),
    .f_req_ctx_i (f_ctx_i), .d_req_valid_i (d_valid_i), .d_req_va_i (d_va_i), .d_req_tag_i (d_tag_i),
    .d_req_access_i (d_access_i), .d_req_ctx_i (d_ctx_i), .inval_valid_i, .inval_op_i, .inval_id_i,
    .f_req_from_regs_i (1'b0), .d_req_from_regs_i (1'b0), .time_i ('0),
    .reg_req_valid_i (1'b0), .reg_req_write_i (1'b0), .reg_req_addr_i ('0), .reg_req_wdata_i ('0),
    .mem_req_ready_i, .mem_rsp_valid_i, .mem_rsp_id_i, .mem_rsp_error_i, .mem_rsp_ok_i, .mem_rsp_old_i,
    .miss_fault_o (b_miss_fault), .miss_syndrome_o (b_miss_syndrome),
    .f_req_ready_o (b_f_req_ready), .f_hit_valid_o (b_f_hit_valid), .f_miss_valid_o (b_f_miss_valid),
    .d_req_ready_o (b_d_req_ready), .d_hit_valid_o (b_d_hit_valid), .d_miss_valid_o (b_d_miss_valid),
    .inval_ready_o (b_inval_ready), .inval_done_o (b_inval_done), .mem_req_valid_o (b_mem_req_valid),
    .ev_walk_start_o (b_ev_walk_start), .ev_pwc_hit_o (b_ev_pwc_hit), .ev_merge_o (b_ev_merge),
    .ev_l2_hit_o (b_ev_l2_hit), .ev_l2_miss_o (b_ev_l2_miss), .ev_overlap_o (b_ev_overlap), .ev_restart_o (b_ev_restart), .idle_o (b_idle),
    .ev_nested_hit_o (b_ev_nested_hit), .mem_req_stage2_o (b_mem_req_stage2), .f_hit_s2_attrs_o (b_f_hit_s2_attrs),
    .d_hit_s2_attrs_o (b_d_hit_s2_attrs), .f_miss_s2_attrs_o (b_f_miss_s2_attrs), .d_miss_s2_attrs_o (b_d_miss_s2_attrs),
    .f_miss_l2_o (b_f_miss_l2), .d_miss_l2_o (b_d_miss_l2), .irq_o (b_irq),
    .f_hit_tag_o (b_f_hit_tag), .f_hit_pa_o (b_f_hit_pa), .f_hit_s1_shift_o (b_f_hit_s1_shift),
    .f_hit_s2_shift_o (b_f_hit_s2_shift), .f_hit_attrs_o (b_f_hit_attrs), .f_hit_epoch_o (b_f_hit_epoch),
    .d_hit_tag_o (b_d_hit_tag), .d_hit_pa_o (b_d_hit_pa), .d_hit_s1_shift_o (b_d_hit_s1_shift),
    .d_hit_s2_shift_o (b_d_hit_s2_shift), .d_hit_attrs_o (b_d_hit_attrs), .d_hit_epoch_o (b_d_hit_epoch),
    .f_miss_tag_o (b_f_miss_tag), .f_miss_status_o (b_f_miss_status), .f_miss_pa_o (b_f_miss_pa),
    .f_miss_s1_shift_o (b_f_miss_s1_shift), .f_miss_s2_shift_o (b_f_miss_s2_shift), .f_miss_attrs_o (b_f_miss_attrs),
    .f_miss_epoch_o (b_f_miss_epoch), .d_miss_tag_o (b_d_miss_tag), .d_miss_status_o (b_d_miss_status),
    .d_miss_pa_o (b_d_miss_pa), .d_miss_s1_shift_o (b_d_miss_s1_shift), .d_miss_s2_shift_o (b_d_miss_s2_shift),
    .d_miss_attrs_o (b_d_miss_attrs), .d_miss_epoch_o (b_d_miss_epoch), .inval_done_id_o (b_inval_done_id),
    .mem_req_cas_o (b_mem_req_cas), .mem_req_id_o (b_mem_req_id), .mem_req_addr_o (b_mem_req_addr),
    .mem_req_tag_o (b_mem_req_tag), .mem_req_port_o (b_mem_req_port), .mem_req_level_o (b_mem_req_level),
    .mem_req_expected_o (b_mem_req_expected), .mem_req_desired_o (b_mem_req_desired)
  );

  // What the memory owes, by id.
  localparam int unsigned SlotW = (Walks > 1) ? $clog2(Walks) : 1;
  localparam int unsigned SlotN = 2 ** SlotW;
  logic [SlotN-1:0] owes_q;
  logic             takes;
  logic [SlotW-1:0] pays_slot;
  assign takes     = a_mem_req_valid && mem_req_ready_i;
  assign pays_slot = mem_rsp_id_i[SlotW-1:0];
  always_ff @(posedge clk_i) begin
    if (!rst_ni) owes_q <= '0;
    else begin
      if (takes) owes_q[a_mem_req_id[SlotW-1:0]] <= 1'b1;
      if (mem_rsp_valid_i) owes_q[pays_slot] <= 1'b0;
    end
  end
  `ASSUME(mem_answers, "the memory answers only requests it has taken and each once",
          !mem_rsp_valid_i || (mem_rsp_id_i < 8'(SlotN) && (owes_q[pays_slot] || (takes && a_mem_req_id == mem_rsp_id_i))))
  logic f_mode_ok, d_mode_ok;
  mode_ok #(.Arch (Arch), .Stage2 (Stage2)) u_f_mode (.ctx_i (f_ctx_i), .ok_o (f_mode_ok));
  mode_ok #(.Arch (Arch), .Stage2 (Stage2)) u_d_mode (.ctx_i (d_ctx_i), .ok_o (d_mode_ok));
  `ASSUME(a_mode, "contexts name modes of the architecture and at most 52 bits of physical address",
          f_mode_ok && d_mode_ok)

  `ASSUME(no_registers, "contexts come with the requests and the registers are left alone", 1'b1)
  `PROVE(same_control, "every valid and ready and event of the two is the same",
         a_f_req_ready == b_f_req_ready &&
         a_f_hit_valid == b_f_hit_valid &&
         a_f_miss_valid == b_f_miss_valid &&
         a_d_req_ready == b_d_req_ready &&
         a_d_hit_valid == b_d_hit_valid &&
         a_d_miss_valid == b_d_miss_valid &&
         a_inval_ready == b_inval_ready &&
         a_inval_done == b_inval_done &&
         a_mem_req_valid == b_mem_req_valid &&
         a_ev_walk_start == b_ev_walk_start &&
         a_ev_pwc_hit == b_ev_pwc_hit &&
         a_ev_merge == b_ev_merge &&
         a_ev_l2_hit == b_ev_l2_hit &&
         a_ev_l2_miss == b_ev_l2_miss &&
         a_ev_overlap == b_ev_overlap &&
         a_irq == b_irq &&
         a_ev_restart == b_ev_restart &&
         a_ev_nested_hit == b_ev_nested_hit &&
         a_idle == b_idle)
  `PROVE(same_f_hit, "and so is each fetch hit",
         !a_f_hit_valid || (a_f_hit_tag == b_f_hit_tag &&
         a_f_hit_pa == b_f_hit_pa &&
         a_f_hit_s1_shift == b_f_hit_s1_shift &&
         a_f_hit_s2_shift == b_f_hit_s2_shift &&
         a_f_hit_attrs == b_f_hit_attrs &&
         a_f_hit_s2_attrs == b_f_hit_s2_attrs &&
         a_f_hit_epoch == b_f_hit_epoch))
  `PROVE(same_d_hit, "and so is each data hit",
         !a_d_hit_valid || (a_d_hit_tag == b_d_hit_tag &&
         a_d_hit_pa == b_d_hit_pa &&
         a_d_hit_s1_shift == b_d_hit_s1_shift &&
         a_d_hit_s2_shift == b_d_hit_s2_shift &&
         a_d_hit_attrs == b_d_hit_attrs &&
         a_d_hit_s2_attrs == b_d_hit_s2_attrs &&
         a_d_hit_epoch == b_d_hit_epoch))
  `PROVE(same_f_miss, "and so is each fetch walk answer",
         !a_f_miss_valid || (a_f_miss_tag == b_f_miss_tag && a_f_miss_status == b_f_miss_status && a_f_miss_l2 == b_f_miss_l2 && a_f_miss_epoch == b_f_miss_epoch))
  `PROVE(same_f_miss_ok, "with its translation",
         !(a_f_miss_valid && a_f_miss_status == mmu_pkg::StatusOk) ||
         (a_f_miss_pa == b_f_miss_pa && a_f_miss_s1_shift == b_f_miss_s1_shift && a_f_miss_s2_shift == b_f_miss_s2_shift &&
          a_f_miss_attrs == b_f_miss_attrs && a_f_miss_s2_attrs == b_f_miss_s2_attrs))
  `PROVE(same_d_miss, "and so is each data walk answer",
         !a_d_miss_valid || (a_d_miss_tag == b_d_miss_tag && a_d_miss_status == b_d_miss_status && a_d_miss_l2 == b_d_miss_l2 && a_d_miss_epoch == b_d_miss_epoch))
  `PROVE(same_d_miss_ok, "with its translation",
         !(a_d_miss_valid && a_d_miss_status == mmu_pkg::StatusOk) ||
         (a_d_miss_pa == b_d_miss_pa && a_d_miss_s1_shift == b_d_miss_s1_shift && a_d_miss_s2_shift == b_d_miss_s2_shift &&
          a_d_miss_attrs == b_d_miss_attrs && a_d_miss_s2_attrs == b_d_miss_s2_attrs))
  `PROVE(same_done, "and so is each finished invalidation",
         !a_inval_done || (a_inval_done_id == b_inval_done_id))
  `PROVE(same_mem, "and so is each memory request",
         !a_mem_req_valid || (a_mem_req_cas == b_mem_req_cas &&
         a_mem_req_id == b_mem_req_id &&
         a_mem_req_addr == b_mem_req_addr &&
         a_mem_req_tag == b_mem_req_tag &&
         a_mem_req_port == b_mem_req_port &&
         a_mem_req_level == b_mem_req_level &&
         a_mem_req_stage2 == b_mem_req_stage2))
  `PROVE(same_swap, "and each swap",
         !(a_mem_req_valid && a_mem_req_cas) || (a_mem_req_expected == b_mem_req_expected && a_mem_req_desired == b_mem_req_desired))
  `PROVE(same_fault, "and each fault record",
         !((a_f_miss_valid && a_f_miss_status == mmu_pkg::StatusFault) || (a_d_miss_valid && a_d_miss_status == mmu_pkg::StatusFault)) ||
         (a_miss_fault == b_miss_fault && a_miss_syndrome == b_miss_syndrome))
  `COVER(hit, "a fetch hits after a walk", a_f_hit_valid && ok_q)
  `COVER(swap, "a swap", a_mem_req_valid && a_mem_req_cas)
  `COVER(fault, "a data access faults", a_d_miss_valid && a_d_miss_status == mmu_pkg::StatusFault)
  logic ok_q;
  always_ff @(posedge clk_i) ok_q <= rst_ni && (ok_q || (a_f_miss_valid && a_f_miss_status == mmu_pkg::StatusOk));
endmodule
