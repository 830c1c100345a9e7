// SPDX-License-Identifier: Apache-2.0
// RISC-V: one page-table entry of Sv39, Sv48 or Sv57 as a neutral step.
// Privileged spec, "Virtual Address Translation Process" (order of checks), Svnapot, Svpbmt,
// Svadu/Svade. Svrsw60t59b is not implemented: bits 60:54 are reserved. Combinational.
//
//    63   62:61   60:54     53:10   9:8   7   6   5   4   3   2   1   0
//    N    PBMT    reserved  PPN     RSW   D   A   G   U   X   W   R   V
//
// N (Svnapot, which has no enable): a leaf of height 0 whose PPN ends in 1000 maps 64 KiB; those
// four bits are not address, the VPN's take their place. N anywhere else is reserved.
// The A/D update is of the one entry that was read, and leaves its PPN as it is.
module rv_pte (
  input  logic [63:0]      pte_i,
  input  logic [2:0]       level_i,
  input  logic             global_i,   // gathered above this entry
  input  mmu_pkg::rights_t rights_i,
  input  mmu_pkg::need_t   need_i,
  input  mmu_pkg::ctx_t    ctx_i,
  output mmu_pkg::step_t   step_o
);

  // ---- fields -------------------------------------------------------------------------------
  logic        v, r, w, x, u, g, a, d, n;
  logic [6:0]  rsvd;
  logic [1:0]  pbmt;
  logic [55:0] addr;
  logic        leaf;

  assign {d, a, g, u, x, w, r, v} = pte_i[7:0];
  assign n = pte_i[63];
  assign pbmt = pte_i[62:61];
  assign rsvd = pte_i[60:54];
  assign addr = {pte_i[53:10], 12'd0};
  assign leaf = r || x;

  // ---- size of the page, if this is a leaf --------------------------------------------------
  logic [5:0]  page_shift;
  logic        misaligned;  // low PPN bits of a superpage are set

  always_comb begin
    unique case (level_i)
      3'd0: begin
        page_shift = n ? 6'd16 : 6'd12;
        misaligned = 1'b0;
      end
      3'd1: begin
        page_shift = 6'd21;
        misaligned = pte_i[18:10] != 9'd0;
      end
      3'd2: begin
        page_shift = 6'd30;
        misaligned = pte_i[27:10] != 18'd0;
      end
      3'd3: begin
        page_shift = 6'd39;
        misaligned = pte_i[36:10] != 27'd0;
      end
      default: begin
        page_shift = 6'd48;
        misaligned = pte_i[45:10] != 36'd0;
      end
    endcase
  end

  // ---- NAPOT: 64 KiB -------------------------------------------------------------------------
  logic        napot;
  logic [55:0] next;

  assign napot = n && level_i == 3'd0 && pte_i[13:10] == 4'b1000;
  assign next = {addr[55:16], (n ? 4'd0 : addr[15:12]), 12'd0};

  // ---- reserved encodings -------------------------------------------------------------------
  logic bad_any;      // in every entry
  logic bad_table;    // in a pointer
  logic bad_leaf;

  assign bad_any = (w && !r) || rsvd != 7'd0 || (pbmt != 2'd0 && !ctx_i.pbmte);
  assign bad_table = d || a || u || n || pbmt != 2'd0 || level_i == 3'd0;
  assign bad_leaf = pbmt == 2'd3 || misaligned || (n && !napot);

  // ---- rights: the leaf alone grants; a user page grants user and supervisor the same -------
  mmu_pkg::rights_t leaf_rights;

  always_comb begin
    leaf_rights.user = u;
    leaf_rights.sr = r;
    leaf_rights.sw = w;
    leaf_rights.sx = x;  // of a user page: only for MXR and HLVX; need refuses the fetch
    leaf_rights.ur = r && u;
    leaf_rights.uw = w && u;
    leaf_rights.ux = x && u;
  end

  mmu_pkg::cause_e rules_cause;
  logic            set_a;
  logic            set_d;

  rv_rules u_rules (
    .rights_i   (leaf_rights),
    .accessed_i (a),
    .dirty_i    (d),
    .need_i,
    .hw_a_i     (ctx_i.s1_hw_a),
    .hw_d_i     (ctx_i.s1_hw_d),
    .cause_o    (rules_cause),
    .set_a_o    (set_a),
    .set_d_o    (set_d)
  );

  // ---- beyond the physical width there is no memory: an access fault, after all page faults -
  // A guest-physical address is the G-stage's to judge.
  logic addr_beyond;
  assign addr_beyond = ctx_i.s2_mode != mmu_pkg::S2Riscv &&
                       ((addr >> ctx_i.pa_width) != 56'd0 ||
                        (leaf && page_shift > ctx_i.pa_width));

  // ---- the step -----------------------------------------------------------------------------
  always_comb begin
    step_o = '0;
    step_o.next = next;
    step_o.page_shift = page_shift;
    step_o.rights = leaf ? leaf_rights : rights_i;
    step_o.is_global = global_i || g;
    step_o.dirty = d || set_d;
    step_o.attrs = {6'd0, pbmt};
    step_o.new_pte = pte_i | {56'd0, set_d, set_a, 6'd0};

    step_o.kind = mmu_pkg::StepFault;
    if (!v) begin
      step_o.cause = mmu_pkg::CauseNotPresent;
    end else if (bad_any || (leaf ? bad_leaf : bad_table)) begin
      step_o.cause = mmu_pkg::CauseReserved;
    end else if (leaf && rules_cause != mmu_pkg::CauseNone) begin
      step_o.cause = rules_cause;
    end else if (addr_beyond) begin
      step_o.cause = mmu_pkg::CauseAddressSize;
    end else if (leaf) begin
      step_o.kind = mmu_pkg::StepLeaf;
      step_o.update = set_a || set_d;
    end else begin
      step_o.kind = mmu_pkg::StepTable;
    end
  end

  logic unused_inputs;
  assign unused_inputs = ^{pte_i[9:8], ctx_i};

endmodule
