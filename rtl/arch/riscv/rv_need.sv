// SPDX-License-Identifier: Apache-2.0
// RISC-V: what an access needs of the rights of a page.
// Privileged spec, "Addressing and Memory Protection" (the SUM, MXR and U-bit rules), the
// hypervisor chapter for HLVX. Combinational.
module rv_need (
  input  mmu_pkg::access_t access_i,
  input  mmu_pkg::ctx_t    ctx_i,
  output mmu_pkg::need_t   need_o
);

  logic user;
  logic fetch;
  logic load;
  logic store;
  logic mxr;      // the hypervisor's MXR counts for its guests' pages too

  assign mxr = ctx_i.mxr || ctx_i.s2_mxr;
  assign user = ctx_i.priv == mmu_pkg::PrivUser;
  assign fetch = access_i.kind == mmu_pkg::AccFetch;
  assign load = access_i.kind == mmu_pkg::AccRead || access_i.kind == mmu_pkg::AccRmw;
  assign store = access_i.kind == mmu_pkg::AccWrite || access_i.kind == mmu_pkg::AccRmw;

  always_comb begin
    need_o = '0;

    // Fetch, and a load that asks for execute permission instead of read (HLVX): X.
    if (fetch || (load && access_i.exec_as_read)) begin
      need_o.all.ux = user;
      need_o.all.sx = !user;
    end else if (load && mxr) begin
      // MXR: a load may also read what is only executable.
      need_o.any.ur = user;
      need_o.any.ux = user;
      need_o.any.sr = !user;
      need_o.any.sx = !user;
    end else if (load) begin
      need_o.all.ur = user;
      need_o.all.sr = !user;
    end

    if (store) begin
      need_o.all.uw = user;
      need_o.all.sw = !user;
      need_o.dirty = 1'b1;
    end

    // Supervisor code never runs from user pages; it reads and writes them only with SUM.
    need_o.deny_user = !user && (fetch || !ctx_i.sum);
  end

  logic unused_inputs;
  assign unused_inputs = ^{access_i, ctx_i};

endmodule
