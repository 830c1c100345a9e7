// SPDX-License-Identifier: Apache-2.0
// Armv8-A, 4 KiB granule, 48-bit output: one stage-2 descriptor as a neutral step. Arm ARM,
// VMSAv8-64 "Translation table descriptor formats", "Stage 2 data access permissions", FEAT_XNX,
// FEAT_HAFDBS. Level = 3 - height. Combinational.
//
//   bits 1:0   kind: arm_format.sv
//   block/page 54:53 XN  52 Contiguous (not taken)  51 DBM  47:12 output  10 AF
//              7:6 S2AP (7 write, 6 read)  5:2 MemAttr (5:4 = 0: Device)
//   XN         00 all may execute   01 EL0 alone   10 none   11 EL1 alone
//
// Order of faults: translation, address size, access flag, permission. With DBM, HA and HD a page
// that S2AP makes read-only is clean and writable: the write sets S2AP[1].
module arm_s2_pte (
  input  logic [63:0]         pte_i,
  input  logic [2:0]          level_i,
  input  mmu_pkg::s2_need_t   need_i,
  input  mmu_pkg::ctx_t       ctx_i,
  output mmu_pkg::s2_step_t   step_o
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

  // ---- rights -------------------------------------------------------------------------------
  logic                managed;
  logic                dirty;
  logic                execute_el0;
  logic                execute_el1;
  mmu_pkg::s2_rights_t rights;

  assign managed = pte_i[51] && ctx_i.s2_hw_a && ctx_i.s2_hw_d;
  assign dirty = pte_i[7] || !managed;
  assign execute_el0 = !pte_i[54];
  assign execute_el1 = pte_i[54] == pte_i[53];
  assign rights = {execute_el1, execute_el0, pte_i[7] || managed, pte_i[6]};

  logic permitted;
  logic unused_met;
  s2_need_met u_need_met (
    .rights_i    (rights),
    .attrs_i     (pte_i[5:2]),
    .dirty_i     (dirty),
    .need_i,
    .permitted_o (permitted),
    .met_o       (unused_met)
  );

  // ---- the step -----------------------------------------------------------------------------
  logic set_a;
  logic set_d;
  assign set_a = !pte_i[10];
  assign set_d = need_i.dirty && !dirty;

  always_comb begin
    step_o = '0;
    if (ctx_i.s2_mode == mmu_pkg::S2Arm) begin
      step_o.next = addr;
      step_o.page_shift = page_shift;
      step_o.rights = !pte_i[0] || bad_encoding ? 4'd0 : leaf ? rights : 4'hf;
      step_o.dirty = dirty || set_d;
      step_o.attrs = pte_i[5:2];
      step_o.new_pte = {pte_i[63:11], 1'b1, pte_i[9:8], pte_i[7] || set_d, pte_i[6:0]};

      step_o.kind = mmu_pkg::StepFault;
      if (!pte_i[0]) begin
        step_o.cause = mmu_pkg::CauseNotPresent;
      end else if (bad_encoding) begin
        step_o.cause = mmu_pkg::CauseReserved;
      end else if ((addr >> ctx_i.s2_pa_width) != 56'd0) begin
        step_o.cause = mmu_pkg::CauseAddressSize;
      end else if (!leaf) begin
        step_o.kind = mmu_pkg::StepTable;
      end else if (set_a && !ctx_i.s2_hw_a) begin
        step_o.cause = mmu_pkg::CauseAccessFlag;
      end else if (!permitted) begin
        step_o.cause = mmu_pkg::CausePermission;
      end else begin
        step_o.kind = mmu_pkg::StepLeaf;
        step_o.update = set_a || set_d;
      end
    end
  end

  logic unused_inputs;
  assign unused_inputs = ^{pte_i, ctx_i};

endmodule
