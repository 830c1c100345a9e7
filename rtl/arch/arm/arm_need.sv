// SPDX-License-Identifier: Apache-2.0
// Armv8-A: what an access needs of the rights of a page. Arm ARM, VMSAv8-64 "Memory access
// control"; for cache and address-translation instructions the rules of the DC and AT
// instructions. Combinational.
module arm_need (
  input  mmu_pkg::access_t access_i,
  input  mmu_pkg::ctx_t    ctx_i,
  output mmu_pkg::need_t   need_o
);

  logic user;      // EL0
  logic fetch;
  logic load;
  logic store;
  logic normal;    // not cache maintenance, not address translation
  logic clean;     // a DC that writes nothing, from above EL0: it never takes a permission fault

  assign user = ctx_i.priv == mmu_pkg::PrivUser;
  assign fetch = access_i.kind == mmu_pkg::AccFetch;
  assign load = access_i.kind == mmu_pkg::AccRead || access_i.kind == mmu_pkg::AccRmw;
  assign store = access_i.kind == mmu_pkg::AccWrite || access_i.kind == mmu_pkg::AccRmw;
  assign normal = access_i.op == mmu_pkg::OpNormal;
  assign clean = access_i.op == mmu_pkg::OpCacheOp && !user && !store;

  always_comb begin
    need_o = '0;
    need_o.all.ux = user && fetch;
    need_o.all.ur = user && load;
    need_o.all.uw = user && store;
    need_o.all.sx = !user && fetch && !clean;
    need_o.all.sr = !user && load && !clean;
    need_o.all.sw = !user && store;

    // The dirty state is for writes of memory; DC and AT leave it alone.
    need_o.dirty = store && normal;

    // PAN: no privileged data access to what EL0 can access; DC and AT are exempt.
    need_o.deny_user = ctx_i.pan && !user && !fetch && normal;
  end

  logic unused_inputs;
  assign unused_inputs = ^{access_i, ctx_i};

endmodule
