// SPDX-License-Identifier: Apache-2.0
// Nested TLB: no two entries match one look-up; after a sweep that covers it an address is found only as it was filled
// since; a sweep leaves what it does not concern. Bit 55 of the physical page tells new from old; no page reaches it.
`include "formal.svh"

module nested_law #(
  parameter int unsigned Entries = 4  // as many as are seen below
) (
  input logic               clk_i,
  input logic               probe_valid_i,
  input logic [63:0]        probe_gpa_i,
  input logic [mmu_pkg::NestedIdBits-1:0] probe_id_i,
  input mmu_pkg::s2_need_t  need_i,
  input logic               fill_valid_i,
  input logic [63:0]        fill_gpa_i,
  input logic [mmu_pkg::NestedIdBits-1:0] fill_id_i,
  input logic [55:0]        fill_hpa_i,
  input logic [5:0]         fill_shift_i,
  input mmu_pkg::s2_rights_t fill_rights_i,
  input logic               fill_dirty_i,
  input logic [3:0]         fill_attrs_i,
  input logic               sweep_valid_i,
  input mmu_pkg::inval_t    sweep_i,
  input logic [51:0]        key_page_i,
  input logic [mmu_pkg::NestedIdBits-1:0] key_id_i,
  input logic [14:0]        key_says_i
);
  `FORMAL_RESET
  localparam int unsigned IdW = mmu_pkg::NestedIdBits;

  logic                hit, dirty;
  logic [55:0]         hpa;
  logic [5:0]          shift;
  mmu_pkg::s2_rights_t rights;
  logic [3:0]          attrs;
  nested_tlb #(.Entries(Entries)) dut (
    .clk_i, .rst_ni, .probe_valid_i, .probe_gpa_i, .probe_id_i, .probe_need_i (need_i), .hit_o (hit), .hpa_o (hpa),
    .shift_o (shift), .rights_o (rights), .dirty_o (dirty), .attrs_o (attrs),
    .fill_valid_i, .fill_gpa_i, .fill_id_i, .fill_hpa_i, .fill_shift_i, .fill_rights_i, .fill_dirty_i, .fill_attrs_i,
    .sweep_valid_i, .sweep_i
  );
  `ASSUME(fill_or_sweep, "no fill in the cycle of a sweep", !(fill_valid_i && sweep_valid_i))
  `ASSUME(a_page, "what is filled is a page of a size that there is",
          fill_shift_i == mmu_pkg::size_shift(mmu_pkg::size_of(fill_shift_i)))

  // Any page of anyone, and something that an entry may say of it; fixed in the cycle of the reset.
  logic [51:0]    key_page_q;
  logic [IdW-1:0] key_id_q;
  logic [14:0]    key_says_q;  // size, rights, dirty, attributes
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      key_page_q <= key_page_i;
      key_id_q   <= key_id_i;
      key_says_q <= key_says_i;
    end
  end
  logic fill_covers, hit_key, concerns, swept_q, said_q;
  assign fill_covers = fill_valid_i && ((fill_gpa_i[63:12] ^ key_page_q) >> (fill_shift_i - 6'd12)) == '0 && fill_id_i == key_id_q;
  assign hit_key     = hit && probe_gpa_i[63:12] == key_page_q && probe_id_i == key_id_q;
  // An id is the mode, then the root of EPT, else the VMID.
  assign concerns = sweep_valid_i && sweep_i.nested &&
                    !(sweep_i.by_vmid && sweep_i.vmid != key_id_q[15:0]) &&
                    !(sweep_i.by_root && sweep_i.s2_root != key_id_q[39:0]) &&
                    (!sweep_i.by_addr || (sweep_i.first[63:12] <= key_page_q && sweep_i.last[63:12] >= key_page_q));
  always_ff @(posedge clk_i) begin
    swept_q <= rst_ni && (swept_q || concerns);
    said_q  <= rst_ni && (said_q || (fill_covers && {fill_shift_i, fill_rights_i, fill_dirty_i, fill_attrs_i} == key_says_q));
  end
  `ASSUME(new_after, "what is filled for the page after the sweep is marked new", !(swept_q && fill_covers) || fill_hpa_i[55])

  (* hierconn *) wire [3:0] \dut.gen_present.valid_q ;
  (* hierconn *) wire [3:0] \dut.gen_present.dirty_q ;
  (* hierconn *) wire [3:0] \dut.gen_present.match ;
  (* hierconn *) wire [51:0] \dut.gen_present.gpn_q[0] ;
  (* hierconn *) wire [51:0] \dut.gen_present.gpn_q[1] ;
  (* hierconn *) wire [51:0] \dut.gen_present.gpn_q[2] ;
  (* hierconn *) wire [51:0] \dut.gen_present.gpn_q[3] ;
  (* hierconn *) wire [51:0] \dut.gen_present.mask_q[0] ;
  (* hierconn *) wire [51:0] \dut.gen_present.mask_q[1] ;
  (* hierconn *) wire [51:0] \dut.gen_present.mask_q[2] ;
  (* hierconn *) wire [51:0] \dut.gen_present.mask_q[3] ;
  (* hierconn *) wire [IdW-1:0] \dut.gen_present.id_q[0] ;
  (* hierconn *) wire [IdW-1:0] \dut.gen_present.id_q[1] ;
  (* hierconn *) wire [IdW-1:0] \dut.gen_present.id_q[2] ;
  (* hierconn *) wire [IdW-1:0] \dut.gen_present.id_q[3] ;
  (* hierconn *) wire [43:0] \dut.gen_present.ppn_q[0] ;
  (* hierconn *) wire [43:0] \dut.gen_present.ppn_q[1] ;
  (* hierconn *) wire [43:0] \dut.gen_present.ppn_q[2] ;
  (* hierconn *) wire [43:0] \dut.gen_present.ppn_q[3] ;
  (* hierconn *) wire [5:0] \dut.gen_present.shift_q[0] ;
  (* hierconn *) wire [5:0] \dut.gen_present.shift_q[1] ;
  (* hierconn *) wire [5:0] \dut.gen_present.shift_q[2] ;
  (* hierconn *) wire [5:0] \dut.gen_present.shift_q[3] ;
  (* hierconn *) wire [3:0] \dut.gen_present.rights_q[0] ;
  (* hierconn *) wire [3:0] \dut.gen_present.rights_q[1] ;
  (* hierconn *) wire [3:0] \dut.gen_present.rights_q[2] ;
  (* hierconn *) wire [3:0] \dut.gen_present.rights_q[3] ;
  (* hierconn *) wire [3:0] \dut.gen_present.attrs_q[0] ;
  (* hierconn *) wire [3:0] \dut.gen_present.attrs_q[1] ;
  (* hierconn *) wire [3:0] \dut.gen_present.attrs_q[2] ;
  (* hierconn *) wire [3:0] \dut.gen_present.attrs_q[3] ;
  wire [3:0]       valid = \dut.gen_present.valid_q ;
  wire [3:0]       dirties = \dut.gen_present.dirty_q ;
  wire [3:0]       match = \dut.gen_present.match ;
  wire [4*52-1:0]  gpns  = {\dut.gen_present.gpn_q[3] , \dut.gen_present.gpn_q[2] , \dut.gen_present.gpn_q[1] , \dut.gen_present.gpn_q[0] };
  wire [4*52-1:0]  masks = {\dut.gen_present.mask_q[3] , \dut.gen_present.mask_q[2] , \dut.gen_present.mask_q[1] , \dut.gen_present.mask_q[0] };
  wire [4*IdW-1:0] ids   = {\dut.gen_present.id_q[3] , \dut.gen_present.id_q[2] , \dut.gen_present.id_q[1] , \dut.gen_present.id_q[0] };
  wire [4*44-1:0]  ppns  = {\dut.gen_present.ppn_q[3] , \dut.gen_present.ppn_q[2] , \dut.gen_present.ppn_q[1] , \dut.gen_present.ppn_q[0] };
  wire [4*6-1:0]   shifts = {\dut.gen_present.shift_q[3] , \dut.gen_present.shift_q[2] , \dut.gen_present.shift_q[1] , \dut.gen_present.shift_q[0] };
  wire [4*4-1:0]   rightss = {\dut.gen_present.rights_q[3] , \dut.gen_present.rights_q[2] , \dut.gen_present.rights_q[1] , \dut.gen_present.rights_q[0] };
  wire [4*4-1:0]   attrss = {\dut.gen_present.attrs_q[3] , \dut.gen_present.attrs_q[2] , \dut.gen_present.attrs_q[1] , \dut.gen_present.attrs_q[0] };
  logic [3:0] covers, is_new, bad_mask, untold, spared, spared_q;
  logic [5:0] overlaps;
  for (genvar i = 0; i < 4; i++) begin : g_entry
    logic [51:0] gpn, mask;
    logic [IdW-1:0] id;
    assign gpn  = gpns[52*i +: 52];
    assign mask = masks[52*i +: 52];
    assign id   = ids[IdW*i +: IdW];
    assign covers[i]   = valid[i] && ((gpn ^ key_page_q) & mask) == '0 && id == key_id_q;
    assign is_new[i]   = ppns[44*i + 43];
    assign bad_mask[i] = valid[i] && (mask != {52{1'b1}} << (shifts[6*i +: 6] - 6'd12) || !mask[43]);
    assign untold[i]   = covers[i] && !said_q &&
                         {shifts[6*i +: 6], rightss[4*i +: 4], dirties[i], attrss[4*i +: 4]} == key_says_q;
    assign spared[i]   = sweep_valid_i && valid[i] &&
                         (!sweep_i.nested || (sweep_i.by_vmid && sweep_i.vmid != id[15:0]) ||
                          (sweep_i.by_root && sweep_i.s2_root != id[39:0]) ||
                          (sweep_i.by_addr && ((gpn & mask) > sweep_i.last[63:12] || (gpn | ~mask) < sweep_i.first[63:12])));
  end
  always_ff @(posedge clk_i) spared_q <= rst_ni ? spared : '0;
  // Pairs of entries that one address matches.
  for (genvar i = 0; i < 3; i++) begin : g_first
    for (genvar j = i + 1; j < 4; j++) begin : g_second
      assign overlaps[(i == 0) ? j - 1 : i + j] =
        valid[i] && valid[j] && ids[IdW*i +: IdW] == ids[IdW*j +: IdW] &&
        ((gpns[52*i +: 52] ^ gpns[52*j +: 52]) & masks[52*i +: 52] & masks[52*j +: 52]) == '0;
    end
  end
  `PROVE(apart, "no two entries overlap, of whatever sizes", overlaps == '0)
  `PROVE(single, "so no two match one look-up", (match & (match - 4'd1)) == '0)
  `PROVE(new_entries, "after the sweep each entry that covers the page was filled after it", !swept_q || (covers & ~is_new) == '0)
  `PROVE(new_only, "after the sweep the page is found only as it was filled after it", !(swept_q && hit_key) || hpa[55])
  `PROVE(others_stay, "a sweep leaves the entries that it does not concern", (spared_q & ~valid) == '0)
  `PROVE(was_filled, "what is found says of the page only what was filled for it",
         !(hit_key && {shift, rights, dirty, attrs} == key_says_q) || said_q)
  `PROVE(hit_serves, "and serves the question", !hit || ((need_i.all & ~rights) == '0 && (!need_i.dirty || dirty) &&
         (need_i.any == '0 || (need_i.any & rights) != '0) && !(need_i.no_device && attrs[3:2] == '0)))
  `PROVE(hit_offset, "at the question's offset in its page", !hit || shift > 6'd55 || hpa[11:0] == probe_gpa_i[11:0])
  `PROVE(h_mask, "an entry's size is that of a page", bad_mask == '0)
  `PROVE(h_said, "it says what was filled", untold == '0)
  logic old_q, address_q, root_q;
  always_ff @(posedge clk_i) begin
    old_q     <= rst_ni && (old_q || (hit_key && !hpa[55] && shift == 6'd21));
    address_q <= rst_ni && (address_q || (concerns && old_q && sweep_i.by_addr));
    root_q    <= rst_ni && (root_q || (concerns && old_q && sweep_i.by_root));
  end
  `COVER(new_hit, "the page is found new after an old one of 2 MiB was swept by address", address_q && hit_key && hpa[55])
  `COVER(new_root, "or by root", root_q && hit_key && hpa[55])
  `COVER(spared, "a sweep takes an entry and leaves another", spared_q != '0 && swept_q && covers == '0 && hit && old_q)
  `COVER(refused, "an entry is there and does not suffice", match != '0 && !hit)
endmodule
