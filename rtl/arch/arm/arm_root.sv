// SPDX-License-Identifier: Apache-2.0
// Armv8-A, 4 KiB granule: which table base translates an address, and where its walk starts.
// Arm ARM, VMSAv8-64 "Selection between TTBR0_EL1 and TTBR1_EL1", "Address size configuration",
// "Address tagging"; faults here are all of level 0. Order: range, EPDx, size of the base.
// Combinational.
//
//   TxSZ     16..24  25..33  34..42  43..48 (FEAT_TTST)
//   starts   L0      L1      L2      L3        (heights 3, 2, 1, 0)
//
// Any other TxSZ takes the translation fault that the manual allows.
module arm_root (
  input  logic [63:0]      va_i,
  input  mmu_pkg::access_t access_i,
  input  mmu_pkg::ctx_t    ctx_i,
  output mmu_pkg::root_t   root_o
);

  // ---- the half: bit 55 decides, also when the top byte is ignored --------------------------
  logic        upper;
  logic [5:0]  txsz;
  logic        epd;
  logic        tbi;
  logic [55:0] base;

  assign upper = va_i[55];
  assign txsz = upper ? ctx_i.t1sz : ctx_i.t0sz;
  assign epd = upper ? ctx_i.epd1 : ctx_i.epd0;
  assign base = upper ? ctx_i.s1_root1 : ctx_i.s1_root0;
  assign tbi = (upper ? ctx_i.tbi1 : ctx_i.tbi0) && access_i.kind != mmu_pkg::AccFetch;

  // ---- range: the bits above the input size are all equal to bit 55 -------------------------
  logic        bad_txsz;
  logic [5:0]  input_bits;   // 64 - TxSZ: 16..48
  logic [63:0] odd_bits;     // bits that differ from bit 55
  logic        in_range;

  assign bad_txsz = txsz < 6'd16 || txsz > 6'd48;
  assign input_bits = 6'd0 - txsz;
  assign odd_bits = {(tbi ? 8'd0 : va_i[63:56] ^ {8{upper}}), va_i[55:0] ^ {56{upper}}};
  assign in_range = (odd_bits >> input_bits) == 64'd0;

  // ---- first table: a table of 2^index_bits descriptors, aligned to its own size ------------
  logic [2:0]  level;
  logic [8:0]  va_index;
  logic [3:0]  index_bits;   // 1..9
  logic [8:0]  index;
  logic [55:0] table_addr;

  always_comb begin
    if (txsz <= 6'd24) begin
      level = 3'd3;
      va_index = va_i[47:39];
      index_bits = 4'd9 - 4'(txsz - 6'd16);
    end else if (txsz <= 6'd33) begin
      level = 3'd2;
      va_index = va_i[38:30];
      index_bits = 4'd9 - 4'(txsz - 6'd25);
    end else if (txsz <= 6'd42) begin
      level = 3'd1;
      va_index = va_i[29:21];
      index_bits = 4'd9 - 4'(txsz - 6'd34);
    end else begin
      level = 3'd0;
      va_index = va_i[20:12];
      index_bits = 4'd9 - 4'(txsz - 6'd43);
    end
    index = va_index & ~(9'h1ff << index_bits);
    table_addr = base & ({53'h1f_ffff_ffff_ffff, 3'd0} << index_bits);
  end

  // ---- stage 1 off: the address is the output, without its tag ------------------------------
  logic [63:0] flat;
  assign flat = {(tbi ? 8'd0 : va_i[63:56]), va_i[55:0]};

  always_comb begin
    root_o = '0;
    root_o.table_width = ctx_i.pa_width;
    root_o.fault_level = 3'd3;
    root_o.level = level;
    root_o.upper = upper;
    root_o.table_addr = table_addr;
    root_o.desc_addr = table_addr | {44'd0, index, 3'd0};
    root_o.cause = mmu_pkg::CauseNone;
    if (ctx_i.s1_mode != mmu_pkg::S1Arm4k) begin
      if ((flat >> ctx_i.pa_width) != 64'd0) root_o.cause = mmu_pkg::CauseAddressSize;
    end else if (bad_txsz || !in_range) begin
      root_o.cause = mmu_pkg::CauseNonCanonical;
    end else if (epd) begin
      root_o.cause = mmu_pkg::CauseRootDisabled;
    end else if ((base >> ctx_i.pa_width) != 56'd0) begin
      root_o.cause = mmu_pkg::CauseRootSize;
    end
  end

  logic unused_inputs;
  assign unused_inputs = ^{access_i, ctx_i};

endmodule
