// SPDX-License-Identifier: Apache-2.0
// L2 TLB: a hit says what was filled for its page, whole; after a sweep that concerns the page, what was filled
// since; and each look-up gets one verdict. The page is any one, of any id; pages of all sizes are filled.
// Bit 55 of the physical page tells new from old; no page size reaches it.
`include "formal.svh"

module l2_law #(
  parameter int unsigned Sets = 2,  // as many as are seen below
  parameter int unsigned Ways = 2
) (
  input logic               clk_i,
  input logic [1:0]         load_i,  // requests into the two entries of the queue
  input logic [51:0]        vpn0_i,
  input logic [51:0]        vpn1_i,
  input logic [mmu_pkg::IdBits-1:0] id0_i,
  input logic [mmu_pkg::IdBits-1:0] id1_i,
  input logic [39:0]        root0_i,
  input logic [39:0]        root1_i,
  input mmu_pkg::need_t     need_i,
  input logic               look_valid_i,
  input logic               look_idx_i,
  input logic               hit_ready_i,
  input logic               fill_valid_i,
  input mmu_pkg::entry_t    fill_i,
  input logic               sweep_start_i,
  input mmu_pkg::inval_t    inval_i,
  input logic [51:0]        key_vpn_i,
  input logic [mmu_pkg::IdBits-1:0] key_id_i,
  input logic [39:0]        key_root_i,
  input logic [5:0]         key_reach_i,
  input logic [120:0]       key_says_i
);
  `FORMAL_RESET
  localparam int unsigned IdW = mmu_pkg::IdBits;
  localparam int unsigned W   = 3 + mmu_pkg::EntryBits;

  logic            ready, look_ready, idx, hit, miss, again, fill_ready, swept, idle;
  mmu_pkg::entry_t found;
`include "l2_queue.svh"
  logic [51:0]     b_vpn;
  logic [IdW-1:0]  b_id;
  logic [39:0]     b_root;
  assign b_vpn    = idx ? vpn1_q : vpn0_q;
  assign b_id     = idx ? id1_q : id0_q;
  assign b_root   = idx ? root1_q : root0_q;
  l2_sets #(.Sets(Sets), .Ways(Ways), .Queue(2)) dut (
    .clk_i, .rst_ni, .ready_o (ready),
    .look_valid_i, .look_ready_o (look_ready), .look_idx_i, .look_vpn_i (look_vpn),
    .idx_o (idx), .vpn_i (b_vpn), .id_i (b_id), .root_i (b_root), .need_i,
    .hit_valid_o (hit), .hit_ready_i, .hit_o (found), .miss_o (miss), .again_o (again),
    .fill_valid_i, .fill_ready_o (fill_ready), .fill_i, .sweep_start_i, .inval_i, .swept_o (swept), .idle_o (idle)
  );

  // ---- fills and sweeps ------------------------------------------------------------------------------
  logic [5:0] fill_shift;
  assign fill_shift = (fill_i.s2_shift != 6'd0 && fill_i.s2_shift < fill_i.s1_shift) ? fill_i.s2_shift : fill_i.s1_shift;
  `ASSUME(a_page, "what is filled is a page of a size that there is",
          fill_shift == mmu_pkg::size_shift(mmu_pkg::size_of(fill_shift)))
  `ASSUME(s1_page, "and stage 1's page is of such a size too unless stage 1 passes addresses through",
          fill_i.s1_shift == 6'd52 || fill_i.s1_shift == mmu_pkg::size_shift(mmu_pkg::size_of(fill_i.s1_shift)))
  `ASSUME(a_range, "ranges run upwards and do not leave their half", inval_i.first[63:12] <= inval_i.last[63:12] &&
          inval_i.first[63:56] == inval_i.last[63:56])

  // ---- the page that is watched, and something that an entry may say of it ------------------------------
  // The laws about sweeps are of the entries of one reach: the size of stage 1's page or, if stage 1 passes addresses
  // through, of its own. An address in there concerns it. Any reach, so they hold for all.
  logic [51:0]    key_vpn_q;
  logic [IdW-1:0] key_id_q;
  logic [39:0]    key_root_q;
  logic [5:0]     key_reach_q;
  logic [120:0]   key_says_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      key_vpn_q  <= key_vpn_i;
      key_id_q   <= key_id_i;
      key_root_q <= key_root_i;
      key_reach_q <= key_reach_i;
      key_says_q <= key_says_i;
    end
  end
  logic fill_covers, fill_says, hit_key, found_says;
  logic [5:0] fill_reach, found_reach;
  assign fill_reach  = (fill_i.s1_shift == 6'd52) ? fill_i.s2_shift : fill_i.s1_shift;
  assign found_reach = (found.s1_shift == 6'd52) ? found.s2_shift : found.s1_shift;
  assign fill_covers = fill_valid_i && ((fill_i.vpn ^ key_vpn_q) >> (fill_shift - 6'd12)) == '0 &&
                       fill_i.id[40:16] == key_id_q[40:16] &&
                       (fill_i.is_global || fill_i.id[15:0] == key_id_q[15:0]);
  assign fill_says   = {fill_i.is_global, fill_i.ppn, fill_i.rights, fill_i.dirty, fill_i.attrs, fill_i.s1_shift,
                        fill_i.s2_shift, fill_i.s2_rights, fill_i.s2_attrs, fill_i.s2_root} == key_says_q;
  assign found_says  = {found.is_global, found.ppn, found.rights, found.dirty, found.attrs, found.s1_shift,
                        found.s2_shift, found.s2_rights, found.s2_attrs, found.s2_root} == key_says_q;
  assign hit_key     = hit && b_vpn == key_vpn_q && b_id == key_id_q && b_root == key_root_q;

  // Does the sweep concern a global entry of it, a private one? Since when; is that sweep over?
  logic concerns, concerns_p, concerns_g, running_p_q, running_g_q, since_p_q, since_g_q, over_p_q, over_g_q, said_q;
  logic        concerned, space;  // by the operands
  logic [43:0] below;             // of a page number in a page of that reach
  assign below = ~({44{1'b1}} << (key_reach_q - 6'd12));
  space_law u_space (.inval_i, .id_i (key_id_q), .root_i (key_root_q), .concerns_o (space));
  assign concerned  = space &&
                      (!inval_i.by_addr || !inval_i.stage1 || (inval_i.first[55:12] <= (key_vpn_q[43:0] | below) &&
                                            inval_i.last[55:12] >= (key_vpn_q[43:0] & ~below)));
  assign concerns   = sweep_start_i && concerned;
  assign concerns_g = concerns && inval_i.globals;
  assign concerns_p = concerns && (!inval_i.by_asid || inval_i.asid == key_id_q[15:0]);
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      {running_p_q, running_g_q, since_p_q, since_g_q, over_p_q, over_g_q, said_q} <= '0;
    end else begin
      running_p_q <= sweep_start_i ? concerns_p : running_p_q && !swept;
      running_g_q <= sweep_start_i ? concerns_g : running_g_q && !swept;
      since_p_q   <= since_p_q || concerns_p;
      since_g_q   <= since_g_q || concerns_g;
      over_p_q    <= over_p_q || (running_p_q && swept);
      over_g_q    <= over_g_q || (running_g_q && swept);
      said_q      <= said_q || (fill_covers && fill_says);
    end
  end
  `ASSUME(new_after, "what is filled for the page after a sweep that concerns it is marked new",
          !(fill_covers && fill_i.s2_root == key_root_q && fill_reach == key_reach_q && (fill_i.is_global ? since_g_q : since_p_q)) || fill_i.ppn[43])

  `PROVE(new_only, "after a sweep that concerns the page a hit on it is of what was filled since",
         !(hit_key && found_reach == key_reach_q && (found.is_global ? over_g_q : over_p_q)) || found.ppn[43])
  `PROVE(was_filled, "a hit says of the page only what was filled for it, whole", !(hit_key && found_says) || said_q)
  `PROVE(one_verdict, "a look-up has one outcome", {1'b0, hit} + {1'b0, miss} + {1'b0, again} <= 2'd1)
  `PROVE(was_asked, "of a request that looks, once its last probe is under way, or that is offered and hits",
         !(hit || miss || again) || looking_q[idx] || (hit && look_valid_i && look_idx_i == idx))

  // ---- what the induction needs ------------------------------------------------------------------------
  (* hierconn *) wire \dut.clearing_q ;
  (* hierconn *) wire \dut.clear_set_q ;
  (* hierconn *) wire [1:0] \dut.b_op_q ;
  (* hierconn *) wire \dut.b_set_q ;
  (* hierconn *) wire [2:0] \dut.b_size_q ;
  (* hierconn *) wire \dut.b_last_q ;
  (* hierconn *) wire \dut.look_started_q ;
  (* hierconn *) wire \dut.fill_waits_q ;
  (* hierconn *) wire [mmu_pkg::EntryBits-1:0] \dut.fill_q ;
  (* hierconn *) wire [2:0] \dut.fill_size_q ;
  (* hierconn *) wire [7:0] \dut.sizes_q ;
  (* hierconn *) wire [8:0] \dut.seen_q ;
  (* hierconn *) wire \dut.parts_q ;
  (* hierconn *) wire \dut.sweep_sets_q ;
  (* hierconn *) wire \dut.sweeping_q ;
  (* hierconn *) wire \dut.sweep_inside_q ;
  (* hierconn *) wire [7:0] \dut.sweep_sizes_q ;
  (* hierconn *) wire \dut.sweep_set_q ;
  (* hierconn *) wire \dut.sweep_left_q ;
  wire       clearing = \dut.clearing_q ;
  wire       clear_set = \dut.clear_set_q ;
  wire [1:0] b_op = \dut.b_op_q ;
  wire       b_set = \dut.b_set_q ;
  wire [2:0] b_size = \dut.b_size_q ;
  wire       b_last = \dut.b_last_q ;
  wire       look_started = \dut.look_started_q ;
  wire       fill_waits = \dut.fill_waits_q ;
  wire [2:0] fill_size = \dut.fill_size_q ;
  wire [7:0] sizes = \dut.sizes_q ;
  wire [8:0] seen = \dut.seen_q ;  // the last: a part
  wire       parts = \dut.parts_q ;
  wire       some_sets = \dut.sweep_sets_q ;
  wire       sweeping = \dut.sweeping_q ;
  wire       inside = \dut.sweep_inside_q ;
  wire [7:0] sweep_sizes = \dut.sweep_sizes_q ;
  wire       sweep_set = \dut.sweep_set_q ;
  wire       sweep_left = \dut.sweep_left_q ;
  mmu_pkg::entry_t waits;
  assign waits = \dut.fill_q ;
  logic full, b_fill, b_sweep, b_look;
  assign full    = !some_sets;
  assign b_fill  = b_op == 2'd1;
  assign b_sweep = b_op == 2'd2;
  assign b_look  = b_op == 2'd3;

  // Which sets the sweep has still to read, by page size.
  logic [15:0] left;  // size * 2 + set
  for (genvar s = 0; s < 8; s++) begin : g_left
    for (genvar k = 0; k < 2; k++) begin : g_set
      logic here;
      assign here = !inside || sweep_left || sweep_set == (k == 1);
      assign left[2*s + k] = sweeping && (full ? here : sweep_sizes[s] && (here || mmu_pkg::lowest(sweep_sizes) != 3'(s)));
    end
  end

  // Places: way 0 of set 0, way 0 of set 1, way 1 of set 0, way 1 of set 1.
  (* hierconn *) wire \dut.gen_way[0].gen_real.u_way.valid_q[0] ;
  (* hierconn *) wire \dut.gen_way[0].gen_real.u_way.valid_q[1] ;
  (* hierconn *) wire \dut.gen_way[1].gen_real.u_way.valid_q[0] ;
  (* hierconn *) wire \dut.gen_way[1].gen_real.u_way.valid_q[1] ;
  (* hierconn *) wire [W-1:0] \dut.gen_way[0].gen_real.u_way.mem[0] ;
  (* hierconn *) wire [W-1:0] \dut.gen_way[0].gen_real.u_way.mem[1] ;
  (* hierconn *) wire [W-1:0] \dut.gen_way[1].gen_real.u_way.mem[0] ;
  (* hierconn *) wire [W-1:0] \dut.gen_way[1].gen_real.u_way.mem[1] ;
  (* hierconn *) wire [W-1:0] \dut.gen_way[0].gen_real.u_way.read_q ;
  (* hierconn *) wire [W-1:0] \dut.gen_way[1].gen_real.u_way.read_q ;
  wire [3:0]     valid = {\dut.gen_way[1].gen_real.u_way.valid_q[1] , \dut.gen_way[1].gen_real.u_way.valid_q[0] ,
                          \dut.gen_way[0].gen_real.u_way.valid_q[1] , \dut.gen_way[0].gen_real.u_way.valid_q[0] };
  wire [4*W-1:0] mems  = {\dut.gen_way[1].gen_real.u_way.mem[1] , \dut.gen_way[1].gen_real.u_way.mem[0] ,
                          \dut.gen_way[0].gen_real.u_way.mem[1] , \dut.gen_way[0].gen_real.u_way.mem[0] };
  wire [W-1:0]   read0 = \dut.gen_way[0].gen_real.u_way.read_q ;
  wire [W-1:0]   read1 = \dut.gen_way[1].gen_real.u_way.read_q ;
  logic [3:0] covers, misplaced, unknown, sizeless, part, unseen, untold, late, misread;
  for (genvar n = 0; n < 4; n++) begin : g_place
    localparam int unsigned K = n % 2;
    logic [2:0]     size;
    logic [51:0]    vpn;
    logic [IdW-1:0] id;
    logic [120:0]    says;  // the first bit: global; then the physical page
    logic [5:0]     s1_shift, s2_shift;
    logic           old, here, key_set;
    assign {s1_shift, s2_shift} = says[59:48];
    assign {size, vpn, id, says} = mems[W*n +: W];
    assign covers[n]    = valid[n] && !clearing && ((vpn ^ key_vpn_q) >> (mmu_pkg::size_shift(size) - 6'd12)) == '0 &&
                          id[40:16] == key_id_q[40:16] && (says[120] || id[15:0] == key_id_q[15:0]);
    assign key_set      = (key_vpn_q >> (mmu_pkg::size_shift(size) - 6'd12)) % 2 == 52'd1;
    assign misplaced[n] = covers[n] && key_set != (K == 1);
    assign part[n]      = s1_shift != 6'd52 && s2_shift != 6'd0 && s2_shift < s1_shift;
    assign sizeless[n]  = covers[n] && !(mmu_pkg::size_shift(size) == ((s2_shift != 6'd0 && s2_shift < s1_shift) ? s2_shift : s1_shift) &&
                                         (s1_shift == 6'd52 || s1_shift == mmu_pkg::size_shift(mmu_pkg::size_of(s1_shift))));
    assign unknown[n]   = covers[n] && !(sizes[size] && (parts || !part[n]));
    assign old          = !says[119] && says[39:0] == key_root_q && (s1_shift == 6'd52 ? s2_shift : s1_shift) == key_reach_q && (says[120] ? since_g_q : since_p_q);
    assign here         = b_sweep && b_set == (K == 1);
    assign late[n]      = covers[n] && old && !((says[120] ? running_g_q && !over_g_q : running_p_q && !over_p_q) &&
                                                (here || left[{size, K == 1}]) && (full || !part[n]));
    // A full sweep finds out which sizes are left.
    assign unseen[n]    = covers[n] && full && (sweeping || b_sweep) && !here && !left[{size, K == 1}] &&
                          !(seen[{1'b0, size}] && (seen[8] || !part[n]));
    assign untold[n]    = covers[n] && !said_q && says == key_says_q;
    assign misread[n]   = b_op != 2'd0 && b_set == (K == 1) && valid[n] && mems[W*n +: W] != (n < 2 ? read0 : read1);
  end
  logic [5:0] waits_shift;
  logic [5:0] waits_reach;
  logic       waits_covers, waits_old, waits_part;
  assign waits_reach  = (waits.s1_shift == 6'd52) ? waits.s2_shift : waits.s1_shift;
  assign waits_part   = waits.s1_shift != 6'd52 && waits.s2_shift != 6'd0 && waits.s2_shift < waits.s1_shift;
  assign waits_shift  = (waits.s2_shift != 6'd0 && waits.s2_shift < waits.s1_shift) ? waits.s2_shift : waits.s1_shift;
  assign waits_covers = fill_waits && ((waits.vpn ^ key_vpn_q) >> (waits_shift - 6'd12)) == '0 &&
                        waits.id[40:16] == key_id_q[40:16] && (waits.is_global || waits.id[15:0] == key_id_q[15:0]);
  assign waits_old    = waits_covers && !waits.ppn[43] && waits.s2_root == key_root_q && waits_reach == key_reach_q && (waits.is_global ? since_g_q : since_p_q);
  logic waits_set;
  assign waits_set = (waits.vpn >> (waits_shift - 6'd12)) % 2 == 52'd1;
  // Two ways of one set that one look-up would match.
  logic [1:0] overlap;
  for (genvar k = 0; k < 2; k++) begin : g_pair
    logic [2:0]     size0, size1;
    logic [51:0]    vpn0, vpn1;
    logic [IdW-1:0] id0, id1;
    logic [120:0]    says0, says1;
    assign {size0, vpn0, id0, says0} = mems[W*k +: W];
    assign {size1, vpn1, id1, says1} = mems[W*(k+2) +: W];
    assign overlap[k] = valid[k] && valid[k+2] && !clearing && size0 == size1 &&
                        ((vpn0 ^ vpn1) >> (mmu_pkg::size_shift(size0) - 6'd12)) == '0 &&
                        id0[40:16] == id1[40:16] && (says0[120] || says1[120] || id0[15:0] == id1[15:0]);
  end
  `PROVE(apart, "no two ways of a set hold overlapping pages of one size", overlap == '0)
  `PROVE(h_cleared, "at the start the sets that were cleared are empty",
         !clearing || (b_op == 2'd0 && !sweeping && !fill_waits && !(clear_set && (valid[0] || valid[2]))))
  `PROVE(h_read, "what was read is what is there", misread == '0)
  `PROVE(h_fill, "the fill that waits is of its size", !fill_waits || (mmu_pkg::size_shift(fill_size) == waits_shift &&
         (waits.s1_shift == 6'd52 || waits.s1_shift == mmu_pkg::size_shift(mmu_pkg::size_of(waits.s1_shift)))))
  `PROVE(h_sizes_fit, "so is an entry", sizeless == '0)
  `PROVE(h_fill_set, "and goes to its set", !b_fill || (fill_waits && b_set == waits_set && b_size == fill_size))
  `PROVE(h_placed, "an entry that covers the page is in the set of its size", misplaced == '0)
  `PROVE(h_known, "its size is known, and that it is a part of a large page", unknown == '0)
  `PROVE(h_seen, "or found again by a full sweep that has passed it", unseen == '0)
  `PROVE(h_said, "it says what was filled", untold == '0)
  `PROVE(h_said_waits, "so does the fill that waits", !(waits_covers && !said_q &&
         {waits.is_global, waits.ppn, waits.rights, waits.dirty, waits.attrs, waits.s1_shift, waits.s2_shift,
          waits.s2_rights, waits.s2_attrs, waits.s2_root} == key_says_q))
  `PROVE(h_swept, "once the sweep has passed it is not from before", late == '0)
  `PROVE(h_swept_waits, "nor is the fill that waits", !waits_old ||
         ((waits.is_global ? running_g_q && !over_g_q : running_p_q && !over_p_q) && left[{fill_size, waits_set}] &&
          (full || !waits_part)))
  `PROVE(h_running, "a sweep runs from its start to its end",
         !(running_p_q || running_g_q || sweeping || b_sweep) || open_q)
  `PROVE(h_since, "what it concerns is noted at its start",
         !((running_p_q || over_p_q) && !since_p_q) && !((running_g_q || over_g_q) && !since_g_q))
  `PROVE(h_concerned, "and its operands concern the page", !(running_p_q || running_g_q) || sweep_start_i ||
         (concerned && !(running_g_q && !inval_i.globals) &&
          !(running_p_q && inval_i.by_asid && inval_i.asid != key_id_q[15:0])))
  `PROVE(h_sizes, "a sweep of some sets has a size to sweep", !sweeping || full || sweep_sizes != '0)
  `PROVE(h_by_address, "and it is by address", !(sweeping || b_sweep) || full || (inval_i.by_addr && inval_i.stage1))
  `PROVE(h_looking, "the request whose last probe is under way is in the second stage",
         looking_q == ((b_look && b_last) ? (idx ? 2'd2 : 2'd1) : 2'd0))
  `PROVE(h_probing, "one that has more probes to make is still offered",
         !(b_look && !b_last) || (offered_q && offer_q == idx && fresh_q[idx]))
  `PROVE(h_not_both, "and it is one or the other", (fresh_q & looking_q) == '0 && (!offered_q || fresh_q[offer_q]))

  `COVER(hit, "the page hits a page of 2 MiB", hit_key && b_size == 3'd2)
  `COVER(new_after_old, "the page hits what is new after it hit what is old and was swept by address",
         hit_key && found.ppn[43] && hit_old_q && over_p_q && address_q)
  `COVER(root_swept, "and after all that came by one root of stage 2 was swept",
         hit_key && found.ppn[43] && hit_old_q && over_p_q && by_root_q)
  `COVER(part_swept, "and after a small page was swept by an address elsewhere in its large page of stage 1",
         hit_key && found.ppn[43] && old_part_q && over_p_q && elsewhere_q)
  `COVER(sets_swept, "and after the sweep by address read one set only", hit_key && found.ppn[43] && hit_old_q && over_p_q && one_read_q)
  `COVER(kept, "another ASID's page hits during a sweep", hit && sweeping && b_id[15:0] != key_id_q[15:0] && since_p_q)
  `COVER(again, "a look-up is sent back because its fill waits", again)
  `COVER(replaced, "a fill takes the place of another page", b_fill && valid == 4'hf && !clearing)
  logic hit_old_q, old_part_q, address_q, elsewhere_q, one_read_q, by_root_q;
  always_ff @(posedge clk_i) begin
    hit_old_q <= rst_ni && (hit_old_q || (hit_key && !found.ppn[43]));
    by_root_q <= rst_ni && (sweep_start_i ? inval_i.by_root && !inval_i.stage1 : by_root_q);
    old_part_q <= rst_ni && (old_part_q || (hit_key && !found.ppn[43] && found.s2_shift == 6'd12 && found.s1_shift == 6'd21));
    elsewhere_q <= rst_ni && (sweep_start_i ? inval_i.by_addr && inval_i.stage1 && inval_i.first[63:12] == inval_i.last[63:12] &&
                              (inval_i.first[63:12] ^ key_vpn_q) % 2 == 52'd1 : elsewhere_q);
    one_read_q <= rst_ni && (sweep_start_i ? inval_i.by_addr && inval_i.stage1 : one_read_q && !inside);
    address_q <= rst_ni && (sweep_start_i ? inval_i.by_addr && inval_i.stage1 : address_q);
  end
  logic unused_wires;
  assign unused_wires = ^{idle, look_started, waits, need_i};
endmodule
