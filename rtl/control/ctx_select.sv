// SPDX-License-Identifier: Apache-2.0
// The context of the request in the lookup stage. Of a new request it is its own, or that of the
// registers with what belongs to the CPU's state of the moment (privilege, AC, PKRU, PAN, SUM,
// MXR) from the request. It is taken in the cycle in which the request is accepted and goes with
// it from there (rule R1), so a register that is written later changes nothing for it. A replayed
// request brings the context that it had.
module ctx_select (
  input  logic          clk_i,
  input  logic          replay_valid_i,
  input  mmu_pkg::ctx_t replay_ctx_i,
  input  logic          accept_i,
  input  logic          from_regs_i,
  input  mmu_pkg::ctx_t req_ctx_i,
  input  mmu_pkg::ctx_t regs_ctx_i,
  output mmu_pkg::ctx_t ctx_o
);

  mmu_pkg::ctx_t ctx_q;
  assign ctx_o = ctx_q;

  always_ff @(posedge clk_i) begin
    if (replay_valid_i) begin
      ctx_q <= replay_ctx_i;
    end else if (accept_i) begin
      ctx_q <= req_ctx_i;
      if (from_regs_i) begin
        ctx_q.regime   <= regs_ctx_i.regime;
        ctx_q.s1_mode  <= regs_ctx_i.s1_mode;
        ctx_q.s2_mode  <= regs_ctx_i.s2_mode;
        ctx_q.asid     <= regs_ctx_i.asid;
        ctx_q.vmid     <= regs_ctx_i.vmid;
        ctx_q.s1_root0 <= regs_ctx_i.s1_root0;
        ctx_q.s1_root1 <= regs_ctx_i.s1_root1;
        ctx_q.s2_root  <= regs_ctx_i.s2_root;
        ctx_q.pa_width <= regs_ctx_i.pa_width;
        ctx_q.wp       <= regs_ctx_i.wp;
        ctx_q.nxe      <= regs_ctx_i.nxe;
        ctx_q.smep     <= regs_ctx_i.smep;
        ctx_q.smap     <= regs_ctx_i.smap;
        ctx_q.pke      <= regs_ctx_i.pke;
        ctx_q.page1g   <= regs_ctx_i.page1g;
        ctx_q.pbmte    <= regs_ctx_i.pbmte;
        ctx_q.wxn      <= regs_ctx_i.wxn;
        ctx_q.t0sz     <= regs_ctx_i.t0sz;
        ctx_q.t1sz     <= regs_ctx_i.t1sz;
        ctx_q.epd0     <= regs_ctx_i.epd0;
        ctx_q.epd1     <= regs_ctx_i.epd1;
        ctx_q.tbi0     <= regs_ctx_i.tbi0;
        ctx_q.tbi1     <= regs_ctx_i.tbi1;
        ctx_q.hpd0     <= regs_ctx_i.hpd0;
        ctx_q.hpd1     <= regs_ctx_i.hpd1;
        ctx_q.s1_hw_a  <= regs_ctx_i.s1_hw_a;
        ctx_q.s1_hw_d  <= regs_ctx_i.s1_hw_d;
        ctx_q.s2_hw_a  <= regs_ctx_i.s2_hw_a;
        ctx_q.s2_hw_d  <= regs_ctx_i.s2_hw_d;
      end
    end
  end

  // The registers have no say in what is left.
  logic unused_moment;
  assign unused_moment = &{1'b0, regs_ctx_i.priv, regs_ctx_i.ac, regs_ctx_i.pkru, regs_ctx_i.pan,
                           regs_ctx_i.sum, regs_ctx_i.mxr};

endmodule
