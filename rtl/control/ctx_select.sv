// SPDX-License-Identifier: Apache-2.0
// The context of the request in the lookup stage. Of a new request it is its own, or that of the
// registers with what belongs to the CPU's state of the moment (privilege, AC, PKRU, PAN, SUM,
// MXR) from the request. It is taken in the cycle in which the request is accepted and goes with
// it from there (rule R1), so a register that is written later changes nothing for it. A replayed
// request brings the context that it had.
module ctx_select (
  input  logic               clk_i,
  input  logic               replay_valid_i,
  input  mmu_pkg::ctx_t      replay_ctx_i,
  input  logic               accept_i,
  input  logic               from_regs_i,
  input  mmu_pkg::ctx_t      req_ctx_i,
  input  regs_pkg::context_t regs_i,
  output mmu_pkg::ctx_t      ctx_o
);

  mmu_pkg::ctx_t ctx_q;
  logic [3:0]    s1_mode;
  assign ctx_o   = ctx_q;
  assign s1_mode = regs_i.control.enable ? regs_i.modes.s1_mode : mmu_pkg::S1Off;

  always_ff @(posedge clk_i) begin
    if (replay_valid_i) begin
      ctx_q <= replay_ctx_i;
    end else if (accept_i) begin
      ctx_q <= req_ctx_i;
      if (from_regs_i) begin
        {ctx_q.regime, ctx_q.s1_mode, ctx_q.s2_mode} <= {regs_i.modes.regime, s1_mode,
                                                         regs_i.modes.s2_mode};
        ctx_q.asid     <= regs_i.space.asid;
        ctx_q.vmid     <= regs_i.space.vmid;
        ctx_q.s1_root0 <= regs_i.s1_root0.address;
        ctx_q.s1_root1 <= regs_i.s1_root1.address;
        ctx_q.s2_root  <= regs_i.s2_root.address;
        ctx_q.pa_width <= regs_i.modes.pa_width;
        ctx_q.wp       <= regs_i.options.wp;
        ctx_q.nxe      <= regs_i.options.nxe;
        ctx_q.smep     <= regs_i.options.smep;
        ctx_q.smap     <= regs_i.options.smap;
        ctx_q.pke      <= regs_i.options.pke;
        ctx_q.page1g   <= regs_i.options.page1g;
        ctx_q.pbmte    <= regs_i.options.pbmte;
        ctx_q.wxn      <= regs_i.options.wxn;
        ctx_q.t0sz     <= regs_i.modes.t0sz;
        ctx_q.t1sz     <= regs_i.modes.t1sz;
        ctx_q.epd0     <= regs_i.options.epd0;
        ctx_q.epd1     <= regs_i.options.epd1;
        ctx_q.tbi0     <= regs_i.options.tbi0;
        ctx_q.tbi1     <= regs_i.options.tbi1;
        ctx_q.hpd0     <= regs_i.options.hpd0;
        ctx_q.hpd1     <= regs_i.options.hpd1;
        ctx_q.s1_hw_a  <= regs_i.options.s1_hw_a;
        ctx_q.s1_hw_d  <= regs_i.options.s1_hw_d;
        ctx_q.s2_hw_a  <= regs_i.options.s2_hw_a;
        ctx_q.s2_hw_d  <= regs_i.options.s2_hw_d;
        ctx_q.s2_pa_width  <= regs_i.modes.s2_pa_width;
        ctx_q.s2_top       <= regs_i.modes.s2_top;
        ctx_q.s2_t0sz      <= regs_i.modes.s2_t0sz;
        ctx_q.s2_mbec      <= regs_i.options.s2_mbec;
        ctx_q.s2_exec_only <= regs_i.options.s2_exec_only;
        ctx_q.s2_page1g    <= regs_i.options.s2_page1g;
        ctx_q.s2_exit_info <= regs_i.options.s2_exit_info;
        ctx_q.s2_nxe       <= regs_i.options.s2_nxe;
        ctx_q.s2_ptw       <= regs_i.options.s2_ptw;
        ctx_q.s2_mxr       <= regs_i.options.s2_mxr;
        ctx_q.s2_pbmte     <= regs_i.options.s2_pbmte;
      end
    end
  end

  logic unused_bits;
  assign unused_bits = &{1'b0, regs_i};

endmodule
