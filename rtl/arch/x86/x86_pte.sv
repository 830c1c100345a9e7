// SPDX-License-Identifier: Apache-2.0
// x86-64: one paging-structure entry of 4-level or 5-level paging as a neutral step.
// SDM vol. 3, "4-Level Paging and 5-Level Paging" (formats), "Page-Fault Exceptions" (reserved
// bits), "Accessed and Dirty Flags". Combinational.
//
//   63   62:59  58:52    51:12     11:9     8   7        6   5   4    3    2    1    0
//   XD   key    ignored  address   ignored  G   PS/PAT   D   A   PCD  PWT  U/S  R/W  P
//
// The key and G count only in a leaf, D likewise. A leaf is an entry of height 0, or one of
// height 1 (2 MiB) or 2 (1 GiB) with PS = 1; its PAT bit is bit 7 at height 0, else bit 12.
module x86_pte (
  input  logic [63:0]      pte_i,
  input  logic [2:0]       level_i,
  input  mmu_pkg::rights_t rights_i,   // gathered above this entry
  input  mmu_pkg::need_t   need_i,
  input  mmu_pkg::ctx_t    ctx_i,
  output mmu_pkg::step_t   step_o
);

  // ---- fields -------------------------------------------------------------------------------
  logic        p, rw, us, pwt, pcd, a, d, ps, g, xd;
  logic [55:0] addr;

  assign {g, ps, d, a, pcd, pwt, us, rw, p} = pte_i[8:0];
  assign xd = pte_i[63];
  assign addr = {4'd0, pte_i[51:12], 12'd0};

  // ---- kind of entry, size, and the bits its place reserves ---------------------------------
  logic        leaf;
  logic        bad_place;   // PS where no page of that size exists, or low bits of a large page
  logic        pat;
  logic [5:0]  page_shift;
  logic [55:0] page_base;

  always_comb begin
    leaf = 1'b0;
    bad_place = 1'b0;
    pat = pte_i[12];
    page_shift = 6'd12;
    page_base = addr;
    unique case (level_i)
      3'd0: begin
        leaf = 1'b1;
        pat = ps;
      end
      3'd1: begin
        leaf = ps;
        bad_place = ps && pte_i[20:13] != 8'd0;
        page_shift = 6'd21;
        page_base = {addr[55:21], 21'd0};
      end
      3'd2: begin
        leaf = ps;
        bad_place = ps && (!ctx_i.page1g || pte_i[29:13] != 17'd0);
        page_shift = 6'd30;
        page_base = {addr[55:30], 30'd0};
      end
      default: bad_place = ps;
    endcase
  end

  // Reserved in every entry: address bits beyond the width, and XD without NXE.
  logic bad_any;
  assign bad_any = (addr >> ctx_i.pa_width) != 56'd0 || (xd && !ctx_i.nxe);

  // ---- rights: U/S and R/W are AND-ed over the levels, XD is OR-ed --------------------------
  mmu_pkg::rights_t rights;

  always_comb begin
    rights.user = rights_i.user && us;
    rights.sr = 1'b1;
    rights.sw = rights_i.sw && rw;
    rights.sx = rights_i.sx && !xd;
    rights.ur = rights_i.ur && us;
    rights.uw = rights_i.uw && us && rw;
    rights.ux = rights_i.ux && us && !xd;
  end

  logic [7:0]      attrs;
  mmu_pkg::cause_e rules_cause;
  logic            set_a;
  logic            set_d;

  assign attrs = {pte_i[62:59], 1'b0, pat, pcd, pwt};

  x86_rules u_rules (
    .rights_i   (rights),
    .attrs_i    (attrs),
    .accessed_i (a),
    .dirty_i    (d),
    .need_i,
    .cause_o    (rules_cause),
    .set_a_o    (set_a),
    .set_d_o    (set_d)
  );

  // ---- the step -----------------------------------------------------------------------------
  always_comb begin
    step_o = '0;
    step_o.next = leaf ? page_base : addr;
    step_o.page_shift = page_shift;
    step_o.rights = rights;
    step_o.is_global = leaf && g;
    step_o.dirty = d || set_d;
    step_o.attrs = attrs;
    step_o.new_pte = pte_i | {57'd0, leaf && set_d, set_a, 5'd0};

    step_o.kind = mmu_pkg::StepFault;
    if (!p) begin
      step_o.cause = mmu_pkg::CauseNotPresent;
    end else if (bad_any || bad_place) begin
      step_o.cause = mmu_pkg::CauseReserved;
    end else if (!leaf) begin
      // A is set in every entry that is used, on the way down.
      step_o.kind = mmu_pkg::StepTable;
      step_o.update = set_a;
    end else if (rules_cause != mmu_pkg::CauseNone) begin
      step_o.cause = rules_cause;
    end else begin
      step_o.kind = mmu_pkg::StepLeaf;
      step_o.update = set_a || set_d;
    end
  end

  logic unused_inputs;
  assign unused_inputs = ^{pte_i, ctx_i, rights_i.sr};

endmodule
