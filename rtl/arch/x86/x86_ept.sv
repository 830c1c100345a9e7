// SPDX-License-Identifier: Apache-2.0
// x86-64: one EPT paging-structure entry as a neutral step. SDM vol. 3, "EPT Translation
// Mechanism" (formats), "EPT Misconfigurations", "EPT Violations", "Accessed and Dirty Flags for
// EPT". Combinational.
//
//   51:12     10   9   8   7    6      5:3   2   1   0
//   address   XU   D   A   PS   IPAT   MT    X   W   R     XU: mode-based execute control
//
// Absent: R, W, X (and XU) all 0. A present entry must make sense: no W without R; no X without R
// unless execute-only entries are supported; nothing reserved; in a leaf a memory type that exists.
// The rights of all entries are AND-ed, and judged at the leaf only.
module x86_ept (
  input  logic [63:0]         pte_i,
  input  logic [2:0]          level_i,
  input  mmu_pkg::s2_rights_t rights_i,   // gathered above this entry
  input  mmu_pkg::s2_need_t   need_i,
  input  mmu_pkg::ctx_t       ctx_i,
  output mmu_pkg::s2_step_t   step_o
);

  // ---- fields -------------------------------------------------------------------------------
  logic        r, w, x, ps, ipat, a, d, xu;
  logic [2:0]  mt;
  logic [55:0] addr;

  assign {xu, d, a, ps, ipat, mt, x, w, r} = pte_i[10:0];
  assign addr = {4'd0, pte_i[51:12], 12'd0};

  logic present;
  logic executes;   // in some mode
  assign executes = x || (xu && ctx_i.s2_mbec);
  assign present = r || w || executes;

  // ---- kind of entry, size, and the bits its place reserves ---------------------------------
  logic        leaf;
  logic        bad_place;
  logic [5:0]  page_shift;

  always_comb begin
    leaf = 1'b0;
    page_shift = 6'd12;
    unique case (level_i)
      3'd0: begin
        leaf = 1'b1;
        bad_place = 1'b0;
      end
      3'd1: begin
        leaf = ps;
        page_shift = 6'd21;
        bad_place = ps ? pte_i[20:12] != 9'd0 : pte_i[6:3] != 4'd0;
      end
      3'd2: begin
        leaf = ps && ctx_i.s2_page1g;
        page_shift = 6'd30;
        bad_place = leaf ? pte_i[29:12] != 18'd0 : pte_i[7:3] != 5'd0;
      end
      default: bad_place = pte_i[7:3] != 5'd0;
    endcase
  end

  logic bad_rights;
  logic bad_type;
  logic misconfigured;
  assign bad_rights = !r && (w || (executes && !ctx_i.s2_exec_only));
  assign bad_type = leaf && (mt == 3'd2 || mt == 3'd3 || mt == 3'd7);
  assign misconfigured = bad_rights || bad_place || bad_type ||
                         (addr >> ctx_i.s2_pa_width) != 56'd0;

  // ---- rights -------------------------------------------------------------------------------
  mmu_pkg::s2_rights_t rights;
  always_comb begin
    rights = '0;
    if (present) begin
      rights.r = rights_i.r && r;
      rights.w = rights_i.w && w;
      rights.sx = rights_i.sx && x;
      rights.ux = rights_i.ux && (ctx_i.s2_mbec ? xu : x);
    end
  end

  // Without A/D flags nothing need ever be set.
  logic dirty;
  assign dirty = d || !ctx_i.s2_hw_a;

  logic permitted;
  logic unused_met;
  s2_need_met u_need_met (
    .rights_i    (rights),
    .attrs_i     (4'd0),
    .dirty_i     (dirty),
    .need_i,
    .permitted_o (permitted),
    .met_o       (unused_met)
  );

  // ---- the step -----------------------------------------------------------------------------
  logic set_a;
  logic set_d;
  assign set_a = ctx_i.s2_hw_a && !a;
  assign set_d = leaf && need_i.dirty && !dirty;

  always_comb begin
    step_o = '0;
    if (ctx_i.s2_mode == mmu_pkg::S2Ept) begin
      step_o.next = addr;
      step_o.page_shift = page_shift;
      step_o.rights = rights;
      step_o.dirty = dirty || set_d;
      step_o.attrs = {ipat, mt};
      step_o.new_pte = pte_i | {54'd0, set_d, set_a, 8'd0};
      step_o.update = set_a || set_d;

      step_o.kind = mmu_pkg::StepFault;
      if (!present) begin
        step_o.cause = mmu_pkg::CauseNotPresent;
      end else if (misconfigured) begin
        step_o.cause = mmu_pkg::CauseReserved;
      end else if (!leaf) begin
        step_o.kind = mmu_pkg::StepTable;
      end else if (!permitted) begin
        step_o.cause = mmu_pkg::CausePermission;
      end else begin
        step_o.kind = mmu_pkg::StepLeaf;
      end
    end
  end

  logic unused_inputs;
  assign unused_inputs = ^{pte_i, ctx_i};

endmodule
