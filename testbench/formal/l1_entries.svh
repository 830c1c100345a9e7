// SPDX-License-Identifier: Apache-2.0
// The four entries of the L1 TLB `dut`, seen by a harness that fixes an address and an id:
// covers[i]: entry i is what a look-up of key_va_q under key_id_q would match.
  (* hierconn *) wire [3:0] \dut.valid_q ;
  (* hierconn *) wire [3:0] \dut.global_q ;
  wire [3:0] valid = \dut.valid_q ;
  wire [3:0] is_global = \dut.global_q ;
  logic [3:0] covers, off, is_new;

  (* hierconn *) wire [51:0] \dut.vpn_q[0] ;
  (* hierconn *) wire [51:0] \dut.mask_q[0] ;
  (* hierconn *) wire [mmu_pkg::IdBits-1:0] \dut.id_q[0] ;
  (* hierconn *) wire [43:0] \dut.ppn_q[0] ;
  wire [51:0] mask0 = \dut.mask_q[0] ;
  wire [51:0] differs0 = (\dut.vpn_q[0] ^ key_va_q[63:12]) & mask0;
  wire [mmu_pkg::IdBits-1:0] id0 = \dut.id_q[0] ;
  wire [43:0] ppn0 = \dut.ppn_q[0] ;
  assign covers[0] = valid[0] && differs0 == '0 && id0[40:16] == key_id_q[40:16] &&
                     (is_global[0] || id0[15:0] == key_id_q[15:0]);
  assign off[0]    = valid[0] && id0[38:35] == mmu_pkg::S1Off;
  assign is_new[0] = ppn0[43];

  (* hierconn *) wire [51:0] \dut.vpn_q[1] ;
  (* hierconn *) wire [51:0] \dut.mask_q[1] ;
  (* hierconn *) wire [mmu_pkg::IdBits-1:0] \dut.id_q[1] ;
  (* hierconn *) wire [43:0] \dut.ppn_q[1] ;
  wire [51:0] mask1 = \dut.mask_q[1] ;
  wire [51:0] differs1 = (\dut.vpn_q[1] ^ key_va_q[63:12]) & mask1;
  wire [mmu_pkg::IdBits-1:0] id1 = \dut.id_q[1] ;
  wire [43:0] ppn1 = \dut.ppn_q[1] ;
  assign covers[1] = valid[1] && differs1 == '0 && id1[40:16] == key_id_q[40:16] &&
                     (is_global[1] || id1[15:0] == key_id_q[15:0]);
  assign off[1]    = valid[1] && id1[38:35] == mmu_pkg::S1Off;
  assign is_new[1] = ppn1[43];

  (* hierconn *) wire [51:0] \dut.vpn_q[2] ;
  (* hierconn *) wire [51:0] \dut.mask_q[2] ;
  (* hierconn *) wire [mmu_pkg::IdBits-1:0] \dut.id_q[2] ;
  (* hierconn *) wire [43:0] \dut.ppn_q[2] ;
  wire [51:0] mask2 = \dut.mask_q[2] ;
  wire [51:0] differs2 = (\dut.vpn_q[2] ^ key_va_q[63:12]) & mask2;
  wire [mmu_pkg::IdBits-1:0] id2 = \dut.id_q[2] ;
  wire [43:0] ppn2 = \dut.ppn_q[2] ;
  assign covers[2] = valid[2] && differs2 == '0 && id2[40:16] == key_id_q[40:16] &&
                     (is_global[2] || id2[15:0] == key_id_q[15:0]);
  assign off[2]    = valid[2] && id2[38:35] == mmu_pkg::S1Off;
  assign is_new[2] = ppn2[43];

  (* hierconn *) wire [51:0] \dut.vpn_q[3] ;
  (* hierconn *) wire [51:0] \dut.mask_q[3] ;
  (* hierconn *) wire [mmu_pkg::IdBits-1:0] \dut.id_q[3] ;
  (* hierconn *) wire [43:0] \dut.ppn_q[3] ;
  wire [51:0] mask3 = \dut.mask_q[3] ;
  wire [51:0] differs3 = (\dut.vpn_q[3] ^ key_va_q[63:12]) & mask3;
  wire [mmu_pkg::IdBits-1:0] id3 = \dut.id_q[3] ;
  wire [43:0] ppn3 = \dut.ppn_q[3] ;
  assign covers[3] = valid[3] && differs3 == '0 && id3[40:16] == key_id_q[40:16] &&
                     (is_global[3] || id3[15:0] == key_id_q[15:0]);
  assign off[3]    = valid[3] && id3[38:35] == mmu_pkg::S1Off;
  assign is_new[3] = ppn3[43];
