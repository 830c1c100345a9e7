// SPDX-License-Identifier: Apache-2.0
// What a context must be for the hardware to make sense of it: stage 1 is off or in a mode of the
// architecture, stage 2 is off or passes addresses through, the physical width is at most 52 bits.
module mode_ok #(
  parameter logic [1:0] Arch = 2'd0
) (
  input  mmu_pkg::ctx_t ctx_i,
  output logic          ok_o
);
  logic mode;
  always_comb begin
    unique case (ctx_i.s1_mode)
      mmu_pkg::S1Off:   mode = 1'b1;
      mmu_pkg::S1X86L4: mode = Arch == mmu_pkg::ArchX86;
      mmu_pkg::S1X86L5: mode = Arch == mmu_pkg::ArchX86;
      mmu_pkg::S1Arm4k: mode = Arch == mmu_pkg::ArchArm;
      mmu_pkg::S1Sv39:  mode = Arch == mmu_pkg::ArchRiscv;
      mmu_pkg::S1Sv48:  mode = Arch == mmu_pkg::ArchRiscv;
      mmu_pkg::S1Sv57:  mode = Arch == mmu_pkg::ArchRiscv;
      default:          mode = 1'b0;
    endcase
  end
  assign ok_o = mode && ctx_i.pa_width <= 6'd52 &&
                (ctx_i.s2_mode == mmu_pkg::S2Off || ctx_i.s2_mode == mmu_pkg::S2Pass);
  logic unused_ctx;
  assign unused_ctx = ^ctx_i;
endmodule
