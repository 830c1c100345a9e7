// SPDX-License-Identifier: Apache-2.0
// One of the two copies that l1_unknown.sv compares: an L1 TLB of two entries. Outputs are masked by their valid, the
// request by whether there is one, each entry by its valid bit.
module l1_copy (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               req_valid_i,
  input  logic [63:0]        req_va_i,
  input  logic [7:0]         req_tag_i,
  input  mmu_pkg::access_t   req_access_i,
  input  mmu_pkg::ctx_t      req_ctx_i,
  input  logic               replay_valid_i,
  input  logic [63:0]        replay_va_i,
  input  logic [7:0]         replay_tag_i,
  input  mmu_pkg::access_t   replay_access_i,
  input  mmu_pkg::ctx_t      replay_ctx_i,
  input  logic [51:0]        vpn_i,        // of the request that is looked up, and what it needs: combinational of it
  input  mmu_pkg::need_t     need_i,
  input  logic [51:0]        other_vpn_i,  // and if there is none
  input  mmu_pkg::need_t     other_need_i,
  input  logic               miss_ready_i,
  input  logic               fill_valid_i,
  input  mmu_pkg::entry_t    fill_i,
  input  logic               sweep_valid_i,
  input  mmu_pkg::inval_t    sweep_i,
  output logic               done_o,
  output logic               hit_o,
  output logic [5:0]         s2_shift_o,
  output logic [4:0]         control_o,
  output logic [79:0]        found_o,
  output logic [419:0]       look_o,
  output logic [4:0]         state_o,
  output logic [2*267-1:0]   entries_o
);
  logic             ready, miss, overlap, idle;
  logic [63:0]      look_va;
  logic [7:0]       look_tag, attrs;
  mmu_pkg::access_t look_access;
  mmu_pkg::ctx_t    look_ctx;
  logic [55:0]      pa;
  logic [5:0]       s1_shift;
  logic [3:0]       s2_attrs;
  (* hierconn *) wire \dut.look_valid_q ;
  (* hierconn *) wire \dut.look_missed_q ;
  (* hierconn *) wire \dut.done ;
  wire look_valid  = \dut.look_valid_q ;
  wire look_missed = \dut.look_missed_q ;
  assign done_o = \dut.done ;
  l1_tlb #(.Entries(2)) dut (
    .clk_i, .rst_ni, .ready_i (1'b1), .req_valid_i, .req_ready_o (ready), .req_va_i, .req_tag_i, .req_access_i, .req_ctx_i,
    .req_from_regs_i (1'b0), .regs_i ('0), .replay_valid_i, .replay_va_i, .replay_tag_i, .replay_access_i, .replay_ctx_i,
    .look_va_o (look_va), .look_tag_o (look_tag), .look_access_o (look_access), .look_ctx_o (look_ctx),
    .vpn_i (look_valid ? vpn_i : other_vpn_i), .need_i (look_valid ? need_i : other_need_i),
    .hit_valid_o (hit_o), .hit_pa_o (pa), .hit_s1_shift_o (s1_shift), .hit_s2_shift_o (s2_shift_o), .hit_attrs_o (attrs),
    .hit_s2_attrs_o (s2_attrs), .miss_valid_o (miss), .miss_ready_i, .fill_valid_i, .fill_i, .sweep_valid_i, .sweep_i,
    .overlap_o (overlap), .idle_o (idle)
  );
  assign control_o = {ready, hit_o, miss, overlap, idle};
  assign found_o   = !hit_o ? '0 : {pa, s1_shift, s2_shift_o, attrs, s2_attrs};
  assign look_o    = !look_valid ? '0 : {look_va, look_tag, look_access, look_ctx};

  (* hierconn *) wire [51:0] \dut.vpn_q[0] ;
  (* hierconn *) wire [51:0] \dut.vpn_q[1] ;
  (* hierconn *) wire [51:0] \dut.mask_q[0] ;
  (* hierconn *) wire [51:0] \dut.mask_q[1] ;
  (* hierconn *) wire [40:0] \dut.id_q[0] ;
  (* hierconn *) wire [40:0] \dut.id_q[1] ;
  (* hierconn *) wire [43:0] \dut.ppn_q[0] ;
  (* hierconn *) wire [43:0] \dut.ppn_q[1] ;
  (* hierconn *) wire [6:0] \dut.rights_q[0] ;
  (* hierconn *) wire [6:0] \dut.rights_q[1] ;
  (* hierconn *) wire [7:0] \dut.attrs_q[0] ;
  (* hierconn *) wire [7:0] \dut.attrs_q[1] ;
  (* hierconn *) wire [5:0] \dut.s1_shift_q[0] ;
  (* hierconn *) wire [5:0] \dut.s1_shift_q[1] ;
  (* hierconn *) wire [5:0] \dut.s2_shift_q[0] ;
  (* hierconn *) wire [5:0] \dut.s2_shift_q[1] ;
  (* hierconn *) wire [3:0] \dut.s2_rights_q[0] ;
  (* hierconn *) wire [3:0] \dut.s2_rights_q[1] ;
  (* hierconn *) wire [3:0] \dut.s2_attrs_q[0] ;
  (* hierconn *) wire [3:0] \dut.s2_attrs_q[1] ;
  (* hierconn *) wire [39:0] \dut.s2_root_q[0] ;
  (* hierconn *) wire [39:0] \dut.s2_root_q[1] ;
  (* hierconn *) wire [1:0] \dut.valid_q ;
  wire [1:0] is_valid = \dut.valid_q ;
  (* hierconn *) wire [1:0] \dut.global_q ;
  wire [1:0] is_global = \dut.global_q ;
  (* hierconn *) wire [1:0] \dut.dirty_q ;
  wire [1:0] is_dirty = \dut.dirty_q ;
  (* hierconn *) wire [1:0] \dut.u_replace.state_q ;
  wire [1:0] replace = \dut.u_replace.state_q ;
  assign state_o = {look_valid, look_missed && look_valid, replace, 1'b0};
  assign entries_o[0 +: 267] = !is_valid[0] ? '0
    : {is_valid[0], is_global[0], is_dirty[0], \dut.vpn_q[0] , \dut.mask_q[0] , \dut.id_q[0] , \dut.ppn_q[0] ,
       \dut.rights_q[0] , \dut.attrs_q[0] , \dut.s1_shift_q[0] , \dut.s2_shift_q[0] , \dut.s2_rights_q[0] ,
       \dut.s2_attrs_q[0] , \dut.s2_root_q[0] };
  assign entries_o[267 +: 267] = !is_valid[1] ? '0
    : {is_valid[1], is_global[1], is_dirty[1], \dut.vpn_q[1] , \dut.mask_q[1] , \dut.id_q[1] , \dut.ppn_q[1] ,
       \dut.rights_q[1] , \dut.attrs_q[1] , \dut.s1_shift_q[1] , \dut.s2_shift_q[1] , \dut.s2_rights_q[1] ,
       \dut.s2_attrs_q[1] , \dut.s2_root_q[1] };
endmodule
