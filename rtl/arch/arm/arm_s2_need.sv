// SPDX-License-Identifier: Apache-2.0
// Armv8-A: what a question asks of stage 2. Arm ARM, VMSAv8-64 "Stage 2 data access permissions",
// "Stage 2 instruction execution" (FEAT_XNX); a stage-1 descriptor is read, and written when the
// hardware updates it. HCR_EL2.PTW refuses stage-1 tables in Device memory. A fetch needs no right
// to read. Combinational.
module arm_s2_need (
  input  logic [1:0]        about_i,      // mmu_pkg::about_e
  input  mmu_pkg::access_t  access_i,
  input  mmu_pkg::ctx_t     ctx_i,
  output mmu_pkg::s2_need_t need_o
);

  logic user;      // EL0
  logic fetch;
  logic load;
  logic store;
  logic clean;     // a DC that writes nothing, from above EL0: it never takes a permission fault

  assign user = ctx_i.priv == mmu_pkg::PrivUser;
  assign fetch = access_i.kind == mmu_pkg::AccFetch;
  assign load = access_i.kind == mmu_pkg::AccRead || access_i.kind == mmu_pkg::AccRmw;
  assign store = access_i.kind == mmu_pkg::AccWrite || access_i.kind == mmu_pkg::AccRmw;
  assign clean = access_i.op == mmu_pkg::OpCacheOp && !user && !store;

  always_comb begin
    need_o = '0;
    unique case (about_i)
      mmu_pkg::AboutFinal: begin
        need_o.all.r = load && !clean;
        need_o.all.w = store;
        need_o.all.ux = fetch && user;
        need_o.all.sx = fetch && !user;
        // The dirty state is for writes of memory; DC and AT leave it alone.
        need_o.dirty = store && access_i.op == mmu_pkg::OpNormal;
      end
      mmu_pkg::AboutSwap: begin
        need_o.all.w = 1'b1;
        need_o.dirty = 1'b1;
        need_o.no_device = ctx_i.s2_ptw;
      end
      default: begin
        need_o.all.r = 1'b1;
        need_o.no_device = ctx_i.s2_ptw;
      end
    endcase
  end

  logic unused_inputs;
  assign unused_inputs = ^{access_i, ctx_i};

endmodule
