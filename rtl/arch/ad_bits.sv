// SPDX-License-Identifier: Apache-2.0
// Which flags a compare-and-swap changes in a descriptor: SDM 3A 4.8, Arm DDI 0487 D8.5 (AP[2] is
// the dirty flag of a page with DBM; S2AP[1] is at the same place), RISC-V Privileged 4.3.1. EPT
// has them in bits 8 and 9, which nothing else changes: SDM 3C "Accessed and Dirty Flags for EPT".
module ad_bits #(
  parameter logic [1:0] Arch = 2'd0  // mmu_pkg::arch_e
) (
  input  logic [63:0] old_i,
  input  logic [63:0] new_i,
  output logic        sets_a_o,
  output logic        sets_d_o
);

  localparam int unsigned A = (Arch == mmu_pkg::ArchX86) ? 5 : (Arch == mmu_pkg::ArchArm) ? 10 : 6;
  localparam int unsigned D = (Arch == mmu_pkg::ArchX86) ? 6 : 7;

  logic [63:0] change;
  assign change   = old_i ^ new_i;
  if (Arch == mmu_pkg::ArchX86) begin : gen_two_places
    assign sets_a_o = change[A] || change[8];
    assign sets_d_o = change[D] || change[9];
  end else begin : gen_one_place
    assign sets_a_o = change[A];
    assign sets_d_o = change[D];
  end

  logic unused_bits;
  assign unused_bits = ^change;

endmodule
