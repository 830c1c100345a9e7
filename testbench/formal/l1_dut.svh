// SPDX-License-Identifier: Apache-2.0
// An L1 TLB of four entries, `dut`, and what its surroundings promise it. The including module has the
// ports that are used here.
  logic             hit, ready;
  logic [55:0]      pa;
  mmu_pkg::ctx_t    look_ctx;
  l1_tlb #(.Entries(Entries)) dut (
    .clk_i, .rst_ni, .ready_i (1'b1), .req_valid_i, .req_ready_o (ready), .req_va_i, .req_tag_i ('0), .req_access_i ('0),
    .req_ctx_i, .req_from_regs_i (1'b0), .regs_i ('0),
    .replay_valid_i, .replay_va_i, .replay_tag_i ('0), .replay_access_i ('0), .replay_ctx_i,
    .look_ctx_o (look_ctx), .vpn_i, .need_i,
    .hit_valid_o (hit), .hit_pa_o (pa), .miss_ready_i,
    .fill_valid_i, .fill_i, .sweep_valid_i, .sweep_i
  );
  (* hierconn *) wire \dut.done ;
  wire done = \dut.done ;

  `ASSUME(replay_fits, "a replay comes only when the look-up stage is free", !replay_valid_i || done)
  `ASSUME(fill_or_sweep, "no fill in the cycle of a sweep", !(fill_valid_i && sweep_valid_i))
  `ASSUME(a_page, "what is filled is a page of 4 KiB to 2^55 bytes in each stage that is on",
          fill_i.s1_shift >= 6'd12 && fill_i.s1_shift <= 6'd55 &&
          (fill_i.s2_shift == 6'd0 || fill_i.s2_shift >= 6'd12))
  `ASSUME(a_size, "the page of stage 1 is of a size that there is, or stage 1 is off",
          fill_i.s1_shift == 6'd52 || mmu_pkg::size_shift(mmu_pkg::size_of(fill_i.s1_shift)) == fill_i.s1_shift)
  `ASSUME(a_stage_on, "nothing is filled with both stages off",
          fill_i.id[38:35] != mmu_pkg::S1Off || fill_i.id[34:32] != mmu_pkg::S2Off)

  logic [5:0] fill_shift;  // the smaller of the two stages' pages is what an entry covers
  assign fill_shift = (fill_i.s2_shift != 6'd0 && fill_i.s2_shift < fill_i.s1_shift) ? fill_i.s2_shift : fill_i.s1_shift;
  logic [mmu_pkg::IdBits-1:0] look_id;
  logic [39:0] look_root;  // EPT's alone tells translations apart
  assign look_root = (look_ctx.s2_mode == mmu_pkg::S2Ept) ? look_ctx.s2_root[51:12] : '0;
  assign look_id = {look_ctx.regime, look_ctx.s1_mode, look_ctx.s2_mode, look_ctx.vmid, look_ctx.asid};

  // The entries, side by side.
  localparam int unsigned IdW = mmu_pkg::IdBits;
  (* hierconn *) wire [3:0] \dut.valid_q ;
  (* hierconn *) wire [3:0] \dut.global_q ;
  (* hierconn *) wire [51:0] \dut.vpn_q[0] ;
  (* hierconn *) wire [51:0] \dut.vpn_q[1] ;
  (* hierconn *) wire [51:0] \dut.vpn_q[2] ;
  (* hierconn *) wire [51:0] \dut.vpn_q[3] ;
  (* hierconn *) wire [51:0] \dut.mask_q[0] ;
  (* hierconn *) wire [51:0] \dut.mask_q[1] ;
  (* hierconn *) wire [51:0] \dut.mask_q[2] ;
  (* hierconn *) wire [51:0] \dut.mask_q[3] ;
  (* hierconn *) wire [IdW-1:0] \dut.id_q[0] ;
  (* hierconn *) wire [IdW-1:0] \dut.id_q[1] ;
  (* hierconn *) wire [IdW-1:0] \dut.id_q[2] ;
  (* hierconn *) wire [IdW-1:0] \dut.id_q[3] ;
  (* hierconn *) wire [43:0] \dut.ppn_q[0] ;
  (* hierconn *) wire [43:0] \dut.ppn_q[1] ;
  (* hierconn *) wire [43:0] \dut.ppn_q[2] ;
  (* hierconn *) wire [43:0] \dut.ppn_q[3] ;
  (* hierconn *) wire [39:0] \dut.s2_root_q[0] ;
  (* hierconn *) wire [39:0] \dut.s2_root_q[1] ;
  (* hierconn *) wire [39:0] \dut.s2_root_q[2] ;
  (* hierconn *) wire [39:0] \dut.s2_root_q[3] ;
  (* hierconn *) wire [5:0] \dut.s1_shift_q[0] ;
  (* hierconn *) wire [5:0] \dut.s1_shift_q[1] ;
  (* hierconn *) wire [5:0] \dut.s1_shift_q[2] ;
  (* hierconn *) wire [5:0] \dut.s1_shift_q[3] ;
  wire [4*6-1:0]   s1_shifts = {\dut.s1_shift_q[3] , \dut.s1_shift_q[2] , \dut.s1_shift_q[1] , \dut.s1_shift_q[0] };
  wire [3:0]       valid     = \dut.valid_q ;
  wire [3:0]       is_global = \dut.global_q ;
  wire [4*52-1:0]  vpns      = {\dut.vpn_q[3] , \dut.vpn_q[2] , \dut.vpn_q[1] , \dut.vpn_q[0] };
  wire [4*52-1:0]  masks     = {\dut.mask_q[3] , \dut.mask_q[2] , \dut.mask_q[1] , \dut.mask_q[0] };
  wire [4*IdW-1:0] ids       = {\dut.id_q[3] , \dut.id_q[2] , \dut.id_q[1] , \dut.id_q[0] };
  wire [4*44-1:0]  ppns      = {\dut.ppn_q[3] , \dut.ppn_q[2] , \dut.ppn_q[1] , \dut.ppn_q[0] };
  wire [4*40-1:0]  roots     = {\dut.s2_root_q[3] , \dut.s2_root_q[2] , \dut.s2_root_q[1] , \dut.s2_root_q[0] };
  logic [3:0] off;
  for (genvar i = 0; i < 4; i++) begin : g_off
    assign off[i] = valid[i] && ids[i*IdW+35 +: 4] == mmu_pkg::S1Off && ids[i*IdW+32 +: 3] == mmu_pkg::S2Off;
  end
  `PROVE(entry_on, "no entry is of both stages off", off == '0)
