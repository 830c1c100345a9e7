// SPDX-License-Identifier: Apache-2.0
// A whole MMU of a small geometry, `dut`, and a memory of any content and delay.
// The including module has the ports that are used here, and the parameters.
  logic        f_ready, f_hit, f_miss, d_ready, d_hit, d_miss;
  logic [7:0]  f_hit_tag, f_miss_tag, d_hit_tag, d_miss_tag;
  logic [1:0]  f_status, d_status;
  logic [55:0] f_hit_pa, f_miss_pa, d_hit_pa, d_miss_pa;
  logic        inval_ready, inval_done;
  logic [7:0]  inval_done_id;
  logic        req_valid, req_cas;
  logic [7:0]  req_id;
  logic [51:0] req_addr;
  logic        f_miss_l2, d_miss_l2, ev_restart, idle;
  mmu_top #(
    .Arch (Arch), .L1IEntries (L1Entries), .L1DEntries (L1Entries), .L2Sets (L2Sets), .L2Ways (L2Ways),
    .Pwc1Entries (PwcEntries), .Pwc2Entries (PwcEntries), .Pwc3Entries (HighPwcEntries), .Pwc4Entries (HighPwcEntries),
    .Walks (Walks), .MissQueue (MissQueue), .NestedEntries (NestedEntries)
  ) dut (
    .clk_i, .rst_ni,
    .f_req_valid_i (f_valid_i), .f_req_ready_o (f_ready), .f_req_va_i (f_va_i), .f_req_tag_i (f_tag_i),
    .f_req_access_i (f_access_i), .f_req_ctx_i (f_ctx_i), .f_req_from_regs_i (1'b0),
    .f_hit_valid_o (f_hit), .f_hit_tag_o (f_hit_tag), .f_hit_pa_o (f_hit_pa),
    .f_miss_valid_o (f_miss), .f_miss_tag_o (f_miss_tag), .f_miss_status_o (f_status), .f_miss_pa_o (f_miss_pa),
    .f_miss_l2_o (f_miss_l2),
    .d_req_valid_i (d_valid_i), .d_req_ready_o (d_ready), .d_req_va_i (d_va_i), .d_req_tag_i (d_tag_i),
    .d_req_access_i (d_access_i), .d_req_ctx_i (d_ctx_i), .d_req_from_regs_i (1'b0),
    .d_hit_valid_o (d_hit), .d_hit_tag_o (d_hit_tag), .d_hit_pa_o (d_hit_pa),
    .d_miss_valid_o (d_miss), .d_miss_tag_o (d_miss_tag), .d_miss_status_o (d_status), .d_miss_pa_o (d_miss_pa),
    .d_miss_l2_o (d_miss_l2),
    .inval_valid_i, .inval_ready_o (inval_ready), .inval_op_i, .inval_id_i,
    .inval_done_o (inval_done), .inval_done_id_o (inval_done_id),
    .mem_req_valid_o (req_valid), .mem_req_ready_i, .mem_req_cas_o (req_cas), .mem_req_id_o (req_id),
    .mem_req_addr_o (req_addr),
    .mem_rsp_valid_i, .mem_rsp_id_i, .mem_rsp_error_i, .mem_rsp_ok_i, .mem_rsp_old_i,
    .time_i ('0), .reg_req_valid_i (1'b0), .reg_req_write_i (1'b0), .reg_req_addr_i ('0), .reg_req_wdata_i ('0),
    .ev_restart_o (ev_restart), .idle_o (idle)
  );
  `ASSUME(no_registers, "contexts come with the requests and the registers are left alone", 1'b1)

  // What the memory owes, by id.
  localparam int unsigned SlotW = (Walks > 1) ? $clog2(Walks) : 1;
  localparam int unsigned SlotN = 2 ** SlotW;
  logic [SlotN-1:0] owes_q;
  logic             takes, pays;
  logic [SlotW-1:0] pays_slot;
  assign takes     = req_valid && mem_req_ready_i;
  assign pays      = mem_rsp_valid_i;
  assign pays_slot = mem_rsp_id_i[SlotW-1:0];
  always_ff @(posedge clk_i) begin
    if (!rst_ni) owes_q <= '0;
    else begin
      if (takes) owes_q[req_id[SlotW-1:0]] <= 1'b1;
      if (pays) owes_q[pays_slot] <= 1'b0;
    end
  end
  `ASSUME(mem_answers, "the memory answers only requests it has taken and each once",
          !pays || (mem_rsp_id_i < 8'(SlotN) && (owes_q[pays_slot] || (takes && req_id == mem_rsp_id_i))))
  logic f_mode_ok, d_mode_ok;
  mode_ok #(.Arch (Arch), .Stage2 (Stage2)) u_f_mode (.ctx_i (f_ctx_i), .ok_o (f_mode_ok));
  mode_ok #(.Arch (Arch), .Stage2 (Stage2)) u_d_mode (.ctx_i (d_ctx_i), .ok_o (d_mode_ok));
  `ASSUME(a_mode, "contexts name modes of the architecture and at most 52 bits of physical address",
          f_mode_ok && d_mode_ok)
