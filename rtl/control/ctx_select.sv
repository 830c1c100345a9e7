// SPDX-License-Identifier: Apache-2.0
// The context of a request: its own, or that of the registers with what belongs to the CPU's state
// of the moment (privilege, AC, PKRU, PAN, SUM, MXR) from the request. It is taken where the
// request is accepted and goes with it from there (rule R1), so a register that is written later
// changes nothing for it.
module ctx_select (
  input  logic          from_regs_i,
  input  mmu_pkg::ctx_t req_ctx_i,
  input  mmu_pkg::ctx_t regs_ctx_i,
  output mmu_pkg::ctx_t ctx_o
);

  always_comb begin
    ctx_o = req_ctx_i;
    if (from_regs_i) begin
      ctx_o      = regs_ctx_i;
      ctx_o.priv = req_ctx_i.priv;
      ctx_o.ac   = req_ctx_i.ac;
      ctx_o.pkru = req_ctx_i.pkru;
      ctx_o.pan  = req_ctx_i.pan;
      ctx_o.sum  = req_ctx_i.sum;
      ctx_o.mxr  = req_ctx_i.mxr;
    end
  end

  // The registers have no say in these.
  logic unused_moment;
  assign unused_moment = &{1'b0, regs_ctx_i.priv, regs_ctx_i.ac, regs_ctx_i.pkru, regs_ctx_i.pan,
                           regs_ctx_i.sum, regs_ctx_i.mxr};

endmodule
