// SPDX-License-Identifier: Apache-2.0
// RISC-V: one G-stage entry as a neutral step. Privileged spec, hypervisor chapter: the format and
// the process of stage 1, as in user mode, with the hypervisor's own PBMTE and ADUE; G is ignored.
// So it is judged as the stage-1 entry of a context made from those. Combinational.
module rv_s2_pte (
  input  logic [63:0]         pte_i,
  input  logic [2:0]          level_i,
  input  mmu_pkg::s2_need_t   need_i,
  input  mmu_pkg::ctx_t       ctx_i,
  output mmu_pkg::s2_step_t   step_o
);

  logic on;
  assign on = ctx_i.s2_mode == mmu_pkg::S2Riscv;

  mmu_pkg::ctx_t  host;
  mmu_pkg::need_t need;
  mmu_pkg::step_t step;

  always_comb begin
    host = '0;
    need = '0;
    if (on) begin
      host = ctx_i;
      host.s2_mode = mmu_pkg::S2Off;
      host.pa_width = ctx_i.s2_pa_width;
      host.pbmte = ctx_i.s2_pbmte;
      host.s1_hw_a = ctx_i.s2_hw_a;
      host.s1_hw_d = ctx_i.s2_hw_d;

      need.all.ur = need_i.all.r;
      need.all.uw = need_i.all.w;
      need.all.ux = need_i.all.ux;
      need.any.ur = need_i.any.r;
      need.any.ux = need_i.any.ux;
      need.dirty = need_i.dirty;
    end
  end

  rv_pte u_pte (
    .pte_i, .level_i,
    .global_i (1'b0),
    .rights_i (7'h7f),
    .need_i   (need),
    .ctx_i    (host),
    .step_o   (step)
  );

  always_comb begin
    step_o = '0;
    if (on) begin
      step_o.kind = step.kind;
      step_o.cause = step.cause;
      step_o.next = step.next;
      step_o.page_shift = step.page_shift;
      if (step.cause != mmu_pkg::CauseNotPresent) begin
        step_o.rights = {step.rights.ux, step.rights.ux, step.rights.uw, step.rights.ur};
      end
      step_o.dirty = step.dirty;
      step_o.attrs = {2'd0, step.attrs[1:0]};
      step_o.update = step.update;
      step_o.new_pte = step.new_pte;
    end
  end

  logic unused_bits;
  assign unused_bits = ^{step, need_i};

endmodule
