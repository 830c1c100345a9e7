// SPDX-License-Identifier: Apache-2.0
// x86-64: what an access needs of the rights of a page. SDM vol. 3, "Determination of Access
// Rights" and "Protection Keys". Combinational.
module x86_need (
  input  mmu_pkg::access_t access_i,
  input  mmu_pkg::ctx_t    ctx_i,
  output mmu_pkg::need_t   need_o
);

  logic user;   // a user-mode access: CPL 3 and not an implicit supervisor access
  logic fetch;
  logic write;

  assign user = ctx_i.priv == mmu_pkg::PrivUser && !access_i.implicit_sup;
  assign fetch = access_i.kind == mmu_pkg::AccFetch;
  assign write = access_i.kind == mmu_pkg::AccWrite || access_i.kind == mmu_pkg::AccRmw;

  // Bits 0, 2, 4 ... 30, brought together in four moves (a loop over 16 bits simulates slowly).
  function automatic logic [15:0] even_bits(input logic [31:0] bits);
    logic [31:0] x;
    x = bits & 32'h5555_5555;
    x = (x | (x >> 1)) & 32'h3333_3333;
    x = (x | (x >> 2)) & 32'h0f0f_0f0f;
    x = (x | (x >> 4)) & 32'h00ff_00ff;
    x = x | (x >> 8);
    even_bits = x[15:0];
  endfunction

  // Every page is readable. CR0.WP = 0 lets supervisor code write to read-only pages.
  always_comb begin
    need_o = '0;

    if (user) begin
      need_o.all.ur = 1'b1;
      need_o.all.uw = write;
      need_o.all.ux = fetch;
    end else begin
      need_o.all.sr = 1'b1;
      need_o.all.sw = write && ctx_i.wp;
      need_o.all.sx = fetch;
    end
    need_o.dirty = write;

    // SMEP: no supervisor fetch from user pages. SMAP: no supervisor data access to them,
    // unless EFLAGS.AC is set and the access is explicit.
    if (!user) begin
      if (fetch) need_o.deny_user = ctx_i.smep;
      else need_o.deny_user = ctx_i.smap && (access_i.implicit_sup || !ctx_i.ac);
    end

    // Protection keys: PKRU has AD (bit 2k: no access) and WD (bit 2k+1: no write) of key k.
    // WD binds supervisor writes only with CR0.WP. Fetches are exempt.
    if (ctx_i.pke && !fetch) begin
      need_o.key_deny = even_bits(ctx_i.pkru);
      if (write && (user || ctx_i.wp)) need_o.key_deny |= even_bits(ctx_i.pkru >> 1);
    end
  end

  logic unused_inputs;
  assign unused_inputs = ^{access_i, ctx_i};

endmodule
