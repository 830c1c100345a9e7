// SPDX-License-Identifier: Apache-2.0
// One way of the L2 TLB: a memory of entries with one read port and one write port, their valid
// bits, and what the entry that was read has to do with a page or with an invalidation. Timing: a
// read issued in one cycle is compared in the next, and in those that follow until the next read.
module l2_way #(
  parameter  int unsigned Sets = 128,
  localparam int unsigned SetW = $clog2(Sets)
) (
  input  logic               clk_i,
  // read
  input  logic               read_i,
  input  logic [SetW-1:0]    read_set_i,
  // what was read, and its set
  input  logic [SetW-1:0]    set_i,
  output logic               valid_o,
  output logic [2:0]         size_o,
  output mmu_pkg::entry_t    entry_o,
  // does it hold this page, of this size and id?
  input  logic               match_i,
  input  logic [51:0]        vpn_i,
  input  logic [51:0]        mask_i,
  input  logic [2:0]         size_i,
  input  logic [mmu_pkg::IdBits-1:0] id_i,
  input  logic               any_asid_i,  // whatever the ASID
  output logic               match_o,
  // does this invalidation concern it?
  input  logic               sweep_i,
  input  mmu_pkg::inval_t    inval_i,
  output logic               swept_o,
  // change: an entry comes or goes, in the set of what was read
  input  logic               drop_i,
  input  logic               write_i,
  input  logic [2:0]         write_size_i,
  input  mmu_pkg::entry_t    write_entry_i,
  // start-up: one set a cycle
  input  logic               clear_i,
  input  logic [SetW-1:0]    clear_set_i
);

  localparam int unsigned W = 3 + mmu_pkg::EntryBits;

  logic         valid_q [Sets];
  logic [W-1:0] mem     [Sets];
  logic [W-1:0] read_q;

  always_ff @(posedge clk_i) begin
    // What is written in the cycle of a read is read.
    if (read_i) begin
      read_q <= (write_i && set_i == read_set_i) ? {write_size_i, write_entry_i}
                                                 : mem[read_set_i];
    end
  end

  always_ff @(posedge clk_i) begin
    if (write_i) mem[set_i] <= {write_size_i, write_entry_i};
  end

  logic            valid_we, valid_d;
  logic [SetW-1:0] valid_set;
  assign valid_we  = clear_i || write_i || drop_i;
  assign valid_d   = write_i && !clear_i;
  assign valid_set = clear_i ? clear_set_i : set_i;
  always_ff @(posedge clk_i) begin
    if (valid_we) valid_q[valid_set] <= valid_d;
  end

  mmu_pkg::entry_t entry;
  assign {size_o, entry} = read_q;
  assign entry_o = entry;
  assign valid_o = valid_q[set_i];

  always_comb begin
    match_o = 1'b0;
    if (match_i) begin
      match_o = valid_o && size_o == size_i && ((entry.vpn ^ vpn_i) & mask_i) == '0 &&
                entry.id[40:16] == id_i[40:16] &&
                (entry.is_global || any_asid_i || entry.id[15:0] == id_i[15:0]);
    end
  end

  // As in l1_tlb.sv: an entry goes if stage 1's page has an address in the range, in bits 55:12.
  logic [43:0] low_page, high_page;
  logic [51:0] page_mask;
  always_comb begin
    page_mask = '0;
    low_page  = '0;
    high_page = '0;
    swept_o   = 1'b0;
    if (sweep_i) begin
      page_mask = mmu_pkg::sweep_mask(mmu_pkg::size_mask(size_o), entry.s1_shift);
      low_page  = entry.vpn[43:0] & page_mask[43:0];
      high_page = entry.vpn[43:0] | ~page_mask[43:0];
      swept_o   = valid_o &&
                  mmu_pkg::space_concerned(
                    entry.id[40:39], entry.id[34:32], entry.id[31:16], entry.s2_root,
                    inval_i.stage1, inval_i.stage2, inval_i.regime,
                    inval_i.by_vmid, inval_i.but_vmid0, inval_i.vmid, inval_i.by_root,
                    inval_i.s2_root) &&
                  (entry.is_global ? inval_i.globals
                                   : (!inval_i.by_asid || entry.id[15:0] == inval_i.asid)) &&
                  (!inval_i.by_addr || !inval_i.stage1 ||
                   (low_page <= inval_i.last[55:12] && high_page >= inval_i.first[55:12]));
    end
  end

  logic unused_bits;
  assign unused_bits = &{1'b0, inval_i, entry, page_mask[51:44]};

endmodule
