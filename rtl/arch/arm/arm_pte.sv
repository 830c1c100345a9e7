// SPDX-License-Identifier: Apache-2.0
// Armv8-A, 4 KiB granule, 48-bit output: one stage-1 descriptor as a neutral step.
// Arm ARM, VMSAv8-64 "Translation table descriptor formats", "Hierarchical control of data
// access permissions", FEAT_HAFDBS, FEAT_HPDS. Level = 3 - height. Combinational.
//
//   bits 1:0   kind: arm_format.sv
//   table      63 NS  62:61 APTable  60 UXNTable  59 PXNTable  47:12 next table
//   block/page 54 UXN  53 PXN  52 Contiguous  51 DBM  47:12 output  11 nG  10 AF  9:8 SH
//              7 AP[2] (read-only)  6 AP[1] (EL0 may)  4:2 AttrIndx
//
// Contiguous: this leaf is one of 16 adjacent ones, aligned, that together map one page of 16
// times the size: 64 KiB, 32 MiB or 16 GiB. The hint is taken when nothing can contradict it that
// this one descriptor and the controls show, else the leaf stands for itself alone:
//   the output address has, where the larger page takes over, the leaf's place in the group;
//   the larger page is no larger than what TxSZ lets the address range be, and than the memory.
// The A/D update is of the one descriptor that was read; the larger page takes its rights and
// dirty state from it, too. Bits 51:48 of an address are RES0.
module arm_pte (
  input  logic [63:0]      pte_i,
  input  logic [2:0]       level_i,
  input  logic [3:0]       index_i,    // low bits of its index in its table
  input  logic             upper_i,    // this walk is of the TTBR1 half
  input  mmu_pkg::rights_t rights_i,   // gathered above this descriptor
  input  mmu_pkg::need_t   need_i,
  input  mmu_pkg::ctx_t    ctx_i,
  output mmu_pkg::step_t   step_o
);

  // ---- kind of descriptor, size, output address ---------------------------------------------
  logic        leaf;
  logic        bad_encoding;
  logic [5:0]  page_shift;
  logic [55:0] addr;

  arm_format u_format (
    .pte_i, .level_i,
    .leaf_o         (leaf),
    .bad_encoding_o (bad_encoding),
    .page_shift_o   (page_shift),
    .addr_o         (addr)
  );

  // ---- Contiguous: the page of which this leaf is a 16th --------------------------------------
  logic [5:0]  group_shift;    // log2 of its size
  logic [3:0]  place;          // what the output address says of the place in the group
  logic [55:0] group_base;
  logic [5:0]  input_bits;     // of the half that this walk is of: 16..48
  logic        contiguous;

  always_comb begin
    unique case (level_i)
      3'd0: begin
        group_shift = 6'd16;
        place = pte_i[15:12];
        group_base = {8'd0, pte_i[47:16], 16'd0};
      end
      3'd1: begin
        group_shift = 6'd25;
        place = pte_i[24:21];
        group_base = {8'd0, pte_i[47:25], 25'd0};
      end
      default: begin
        group_shift = 6'd34;
        place = pte_i[33:30];
        group_base = {8'd0, pte_i[47:34], 34'd0};
      end
    endcase
  end

  assign input_bits = 6'd0 - (upper_i ? ctx_i.t1sz : ctx_i.t0sz);
  assign contiguous = leaf && pte_i[52] && place == index_i && group_shift <= input_bits &&
                      group_shift <= ctx_i.pa_width;

  // ---- rights that a table leaves to what is below it ---------------------------------------
  logic             hierarchy;
  logic             no_user;     // APTable[0]: no EL0 data access below
  logic             read_only;   // APTable[1]
  mmu_pkg::rights_t table_rights;

  assign hierarchy = !(upper_i ? ctx_i.hpd1 : ctx_i.hpd0);
  assign no_user = hierarchy && pte_i[61];
  assign read_only = hierarchy && pte_i[62];

  always_comb begin
    table_rights = rights_i;
    table_rights.user = rights_i.user && !no_user;
    table_rights.ur = rights_i.ur && !no_user;
    table_rights.uw = rights_i.uw && !no_user && !read_only;
    table_rights.sw = rights_i.sw && !read_only;
    table_rights.ux = rights_i.ux && !(hierarchy && pte_i[60]);
    table_rights.sx = rights_i.sx && !(hierarchy && pte_i[59]);
  end

  // ---- rights of a leaf ---------------------------------------------------------------------
  // A clean page whose dirty state the hardware manages counts as writable: the write sets it.
  logic             managed;     // the hardware manages this leaf's dirty state
  logic             writable;
  logic             uw;
  logic             sw;
  mmu_pkg::rights_t leaf_rights;

  assign managed = pte_i[51] && ctx_i.s1_hw_a && ctx_i.s1_hw_d;
  assign writable = !pte_i[7] || managed;
  assign uw = rights_i.uw && pte_i[6] && writable;
  assign sw = rights_i.sw && writable;

  always_comb begin
    leaf_rights.ur = rights_i.ur && pte_i[6];
    leaf_rights.uw = uw;
    leaf_rights.ux = rights_i.ux && !pte_i[54] && !(ctx_i.wxn && uw);
    leaf_rights.sr = rights_i.sr;
    leaf_rights.sw = sw;
    // What EL0 may write, EL1 may not execute.
    leaf_rights.sx = rights_i.sx && !pte_i[53] && !uw && !(ctx_i.wxn && sw);
    leaf_rights.user = leaf_rights.ur;
  end

  logic            dirty;
  mmu_pkg::cause_e rules_cause;
  logic            set_a;
  logic            set_d;

  assign dirty = !(pte_i[7] && managed);

  arm_rules u_rules (
    .rights_i (leaf_rights),
    .af_i     (pte_i[10]),
    .dirty_i  (dirty),
    .need_i,
    .hw_a_i   (ctx_i.s1_hw_a),
    .cause_o  (rules_cause),
    .set_a_o  (set_a),
    .set_d_o  (set_d)
  );

  // ---- the step -----------------------------------------------------------------------------
  always_comb begin
    step_o = '0;
    step_o.next = contiguous ? group_base : addr;
    step_o.page_shift = contiguous ? group_shift : page_shift;
    step_o.rights = leaf ? leaf_rights : table_rights;
    step_o.is_global = leaf && !pte_i[11];
    step_o.dirty = dirty || set_d;
    step_o.attrs = {3'd0, pte_i[9:8], pte_i[4:2]};
    step_o.new_pte = {pte_i[63:11], pte_i[10] || set_a, pte_i[9:8], pte_i[7] && !set_d, pte_i[6:0]};

    step_o.kind = mmu_pkg::StepFault;
    if (!pte_i[0]) begin
      step_o.cause = mmu_pkg::CauseNotPresent;
    end else if (bad_encoding) begin
      step_o.cause = mmu_pkg::CauseReserved;
    end else if ((addr >> ctx_i.pa_width) != 56'd0) begin
      step_o.cause = mmu_pkg::CauseAddressSize;
    end else if (!leaf) begin
      step_o.kind = mmu_pkg::StepTable;
    end else if (rules_cause != mmu_pkg::CauseNone) begin
      step_o.cause = rules_cause;
    end else begin
      step_o.kind = mmu_pkg::StepLeaf;
      step_o.update = set_a || set_d;
    end
  end

  logic unused_inputs;
  assign unused_inputs = ^{pte_i, ctx_i};

endmodule
