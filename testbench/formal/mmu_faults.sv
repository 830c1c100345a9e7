// SPDX-License-Identifier: Apache-2.0
// The whole MMU: a memory that holds nothing but faults leads to no translation, ever.
// RISC-V: each answer of the memory is an error or a descriptor with V = 0.
`include "formal.svh"

module mmu_faults #(
  parameter logic [1:0]  Arch       = 2'd2,
  parameter int unsigned L1Entries  = 2,
  parameter int unsigned L2Sets     = 2,
  parameter int unsigned L2Ways     = 2,
  parameter int unsigned PwcEntries = 1,
  parameter int unsigned Walks      = 1,
  parameter int unsigned MissQueue  = 2
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
`include "small_mmu.svh"

  `ASSUME(only_faults, "all that the memory answers is an error or not valid",
          mem_rsp_error_i != mmu_pkg::MemOk || !mem_rsp_old_i[0])
  `ASSUME(translates, "stage 1 is on", f_ctx_i.s1_mode != mmu_pkg::S1Off && d_ctx_i.s1_mode != mmu_pkg::S1Off)
  `PROVE(no_hit, "nothing hits", !f_hit && !d_hit)
  `PROVE(no_ok, "nothing is answered ok",
         !(f_miss && f_status == mmu_pkg::StatusOk) && !(d_miss && d_status == mmu_pkg::StatusOk))
  `COVER(fault, "a request is answered with a fault", f_miss && f_status == mmu_pkg::StatusFault)
  `COVER(second_fault, "and asked again it faults again", d_miss && d_status == mmu_pkg::StatusFault && faulted_q)
  logic faulted_q;
  always_ff @(posedge clk_i) faulted_q <= rst_ni && (faulted_q || (d_miss && d_status == mmu_pkg::StatusFault));
endmodule
