// SPDX-License-Identifier: Apache-2.0
// x86-64: what a question asks of EPT or of nested paging. SDM vol. 3, "EPT Violations", "Accessed
// and Dirty Flags for EPT"; APM vol. 2, "Nested Paging". Combinational.
//
//              table                          swap      final
//   EPT        read; a write with A/D flags   write     the access
//   NPT        write                          write     the access, all by user code
//
// With mode-based execute control a fetch needs the right of the kind of page that the guest's own
// tables make it, user or supervisor.
module x86_s2_need (
  input  logic [1:0]        about_i,      // mmu_pkg::about_e
  input  mmu_pkg::access_t  access_i,
  input  mmu_pkg::ctx_t     ctx_i,
  input  logic              user_page_i,
  output mmu_pkg::s2_need_t need_o
);

  logic final_access;
  logic fetch;
  logic write;
  logic npt;

  assign final_access = about_i == mmu_pkg::AboutFinal;
  assign npt = ctx_i.s2_mode == mmu_pkg::S2Npt;
  assign fetch = final_access && access_i.kind == mmu_pkg::AccFetch;

  always_comb begin
    if (final_access) begin
      write = access_i.kind == mmu_pkg::AccWrite || access_i.kind == mmu_pkg::AccRmw;
    end else begin
      write = npt || ctx_i.s2_hw_a || about_i == mmu_pkg::AboutSwap;
    end
  end

  logic mbec;
  assign mbec = ctx_i.s2_mbec && !npt;

  always_comb begin
    need_o = '0;
    // Nested paging knows no unreadable page. An EPT write needs R with W, a read-modify-write too.
    need_o.all.r = npt || (!fetch && !(final_access && access_i.kind == mmu_pkg::AccWrite));
    need_o.all.w = write;
    need_o.all.sx = fetch && !(mbec && user_page_i);
    need_o.all.ux = fetch && mbec && user_page_i;
    need_o.dirty = write;
    need_o.as_user = mbec && user_page_i;
    need_o.as_super = mbec && !user_page_i;
  end

  logic unused_inputs;
  assign unused_inputs = ^{access_i, ctx_i};

endmodule
