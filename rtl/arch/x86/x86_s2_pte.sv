// SPDX-License-Identifier: Apache-2.0
// x86-64: one stage-2 entry, of EPT or of nested paging. A nested table is an ordinary one (APM
// vol. 2, "Nested Paging"), read under the host's EFER.NXE, and every access to it is a user
// access: so it is judged as the stage-1 entry that it is, of a context made from the host's
// controls, without protection keys. AMD reserves one bit more: bit 8 of a PML4E and PML5E, which
// counts here as the other reserved bit there, 7. Combinational.
module x86_s2_pte (
  input  logic [63:0]         pte_i,
  input  logic [2:0]          level_i,
  input  mmu_pkg::s2_rights_t rights_i,
  input  mmu_pkg::s2_need_t   need_i,
  input  mmu_pkg::ctx_t       ctx_i,
  output mmu_pkg::s2_step_t   step_o
);

  logic npt;
  assign npt = ctx_i.s2_mode == mmu_pkg::S2Npt;

  mmu_pkg::s2_step_t ept_step;
  x86_ept u_ept (
    .pte_i, .level_i, .rights_i, .need_i, .ctx_i,
    .step_o (ept_step)
  );

  mmu_pkg::ctx_t    host;
  mmu_pkg::need_t   need;
  mmu_pkg::rights_t rights;
  mmu_pkg::step_t   npt_step;

  always_comb begin
    host = '0;
    need = '0;
    rights = '0;
    if (npt) begin
      host = ctx_i;
      host.nxe = ctx_i.s2_nxe;
      host.page1g = ctx_i.s2_page1g;
      host.pa_width = ctx_i.s2_pa_width;

      need.all.ur = 1'b1;
      need.all.uw = need_i.all.w;
      need.all.ux = need_i.all.sx;
      need.dirty = need_i.dirty;

      rights.user = rights_i.r;
      rights.ur = rights_i.r;
      rights.uw = rights_i.r && rights_i.w;
      rights.ux = rights_i.r && rights_i.sx;
      rights.sw = rights_i.w;
      rights.sx = rights_i.sx;
    end
  end

  logic bit7;
  assign bit7 = pte_i[7] || (pte_i[8] && (level_i == 3'd3 || level_i == 3'd4));

  x86_pte u_npt (
    .pte_i    ({pte_i[63:8], bit7, pte_i[6:0]}),
    .level_i,
    .rights_i (rights),
    .need_i   (need),
    .ctx_i    (host),
    .step_o   (npt_step)
  );

  always_comb begin
    step_o = ept_step;
    if (npt) begin
      step_o = '0;
      step_o.kind = npt_step.kind;
      step_o.cause = npt_step.cause;
      step_o.next = npt_step.next;
      step_o.page_shift = npt_step.page_shift;
      if (npt_step.cause != mmu_pkg::CauseNotPresent) begin
        step_o.rights = {npt_step.rights.sx, npt_step.rights.sx, npt_step.rights.sw,
                         npt_step.rights.ur};
      end
      step_o.dirty = npt_step.dirty;
      step_o.attrs = {1'b0, npt_step.attrs[2:0]};
      step_o.update = npt_step.update;
      step_o.new_pte = npt_step.new_pte;
    end
  end

  logic unused_bits;
  assign unused_bits = ^{npt_step};

endmodule
