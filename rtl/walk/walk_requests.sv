// SPDX-License-Identifier: Apache-2.0
// What each walk slot holds of its request (rule R1): all of it, from the start of the walk on, so
// that nothing is read live. Two slots' requests are shown: of the one that acts, and of the one
// that acts in stage 2.
module walk_requests #(
  parameter  int unsigned Walks = 2,
  localparam int unsigned SlotW = (Walks > 1) ? $clog2(Walks) : 1,
  localparam int unsigned SlotN = 2 ** SlotW
) (
  input  logic               clk_i,
  input  logic               start_valid_i,
  input  logic [SlotW-1:0]   start_slot_i,
  input  logic               start_port_i,
  input  logic [63:0]        start_va_i,
  input  logic [7:0]         start_top_i,
  input  logic [7:0]         start_tag_i,
  input  mmu_pkg::access_t   start_access_i,
  input  mmu_pkg::ctx_t      start_ctx_i,
  input  mmu_pkg::need_t     start_need_i,
  input  logic [SlotW-1:0]   act_slot_i,
  output logic               act_port_o,
  output logic [63:0]        act_va_o,
  output logic [63:0]        act_asked_o,  // the address as it was asked, ignored bits and all
  output logic [7:0]         act_tag_o,
  output mmu_pkg::access_t   act_access_o,
  output mmu_pkg::ctx_t      act_ctx_o,
  output mmu_pkg::need_t     act_need_o,
  output logic [mmu_pkg::IdBits-1:0] act_id_o,
  output logic [39:0]        act_root_o,   // mmu_pkg::root_tag
  input  logic [SlotW-1:0]   s2_slot_i,
  output logic               s2_port_o,
  output logic [7:0]         s2_tag_o,
  output mmu_pkg::access_t   s2_access_o,
  output mmu_pkg::ctx_t      s2_ctx_o,
  // which slots a sweep may concern: those of its spaces. Their pages are not known yet, so its
  // addresses do not count.
  input  logic               sweep_valid_i,
  input  mmu_pkg::inval_t    sweep_i,
  output logic [SlotN-1:0]   concerned_o
);

  logic [SlotN-1:0] port_q;
  logic [63:0]      va_q     [SlotN];
  logic [7:0]       top_q    [SlotN];
  logic [7:0]       tag_q    [SlotN];
  logic [mmu_pkg::AccessBits-1:0] access_q [SlotN];
  logic [mmu_pkg::CtxBits-1:0]    ctx_q    [SlotN];
  logic [mmu_pkg::NeedBits-1:0]   need_q   [SlotN];
  logic [mmu_pkg::IdBits-1:0]     id_q     [SlotN];
  logic [39:0]                    root_q   [SlotN];

  assign act_port_o   = port_q[act_slot_i];
  assign act_va_o     = va_q[act_slot_i];
  assign act_asked_o  = {top_q[act_slot_i], va_q[act_slot_i][55:0]};
  assign act_tag_o    = tag_q[act_slot_i];
  assign act_access_o = access_q[act_slot_i];
  assign act_ctx_o    = ctx_q[act_slot_i];
  assign act_need_o   = need_q[act_slot_i];
  assign act_id_o     = id_q[act_slot_i];
  assign act_root_o   = root_q[act_slot_i];
  assign s2_port_o    = port_q[s2_slot_i];
  assign s2_tag_o     = tag_q[s2_slot_i];
  assign s2_access_o  = access_q[s2_slot_i];
  assign s2_ctx_o     = ctx_q[s2_slot_i];

  always_comb begin
    concerned_o = '0;
    if (sweep_valid_i) begin
      for (int unsigned s = 0; s < SlotN; s++) begin
        concerned_o[s] = mmu_pkg::space_concerned(
                           id_q[s][40:39], id_q[s][34:32], id_q[s][31:16], root_q[s],
                           sweep_i.stage1, sweep_i.stage2 || sweep_i.nested,
                           sweep_i.regime, sweep_i.by_vmid, sweep_i.but_vmid0, sweep_i.vmid,
                           sweep_i.by_root, sweep_i.s2_root) &&
                         (!sweep_i.by_asid || sweep_i.globals || id_q[s][15:0] == sweep_i.asid);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_valid_i) begin
      port_q[start_slot_i]   <= start_port_i;
      va_q[start_slot_i]     <= start_va_i;
      top_q[start_slot_i]    <= start_top_i;
      tag_q[start_slot_i]    <= start_tag_i;
      access_q[start_slot_i] <= start_access_i;
      ctx_q[start_slot_i]    <= start_ctx_i;
      need_q[start_slot_i]   <= start_need_i;
      id_q[start_slot_i]     <= {start_ctx_i.regime, start_ctx_i.s1_mode, start_ctx_i.s2_mode,
                                 start_ctx_i.vmid, start_ctx_i.asid};
      root_q[start_slot_i]   <= mmu_pkg::root_tag(start_ctx_i.s2_mode, start_ctx_i.s2_root[51:12]);
    end
  end

  logic unused_sweep;
  assign unused_sweep = &{1'b0, sweep_i};

endmodule
