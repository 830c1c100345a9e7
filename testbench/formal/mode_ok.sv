// SPDX-License-Identifier: Apache-2.0
// What a context must be for the hardware to make sense of it: stage 1 is off or in a mode of the
// architecture, stage 2 is off, passes addresses through or, with Stage2, translates as the architecture does from
// a table of a height that it has; the physical widths are at most 52 bits.
module mode_ok #(
  parameter logic [1:0] Arch   = 2'd0,
  parameter bit         Stage2 = 1'b0
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
  logic s2_mode;
  always_comb begin
    unique case (ctx_i.s2_mode)
      mmu_pkg::S2Off:   s2_mode = 1'b1;
      mmu_pkg::S2Pass:  s2_mode = 1'b1;
      mmu_pkg::S2Ept:   s2_mode = Stage2 && Arch == mmu_pkg::ArchX86;
      mmu_pkg::S2Npt:   s2_mode = Stage2 && Arch == mmu_pkg::ArchX86;
      mmu_pkg::S2Arm:   s2_mode = Stage2 && Arch == mmu_pkg::ArchArm;
      mmu_pkg::S2Riscv: s2_mode = Stage2 && Arch == mmu_pkg::ArchRiscv;
      default:          s2_mode = 1'b0;
    endcase
  end
  assign ok_o = mode && ctx_i.pa_width <= 6'd52 && s2_mode && ctx_i.s2_pa_width <= 6'd52 && ctx_i.s2_top <= 3'd4;
  logic unused_ctx;
  assign unused_ctx = ^ctx_i;
endmodule
