// SPDX-License-Identifier: Apache-2.0
// What the architectures' invalidation operations become, as the blocks that obey them take it for granted.
`include "formal.svh"

module op_law (
  input logic               clk_i,
  input mmu_pkg::inval_op_t op_i,
  input logic [1:0]         arch_i
);
  `FORMAL_RESET

  mmu_pkg::inval_t x86, arm, riscv, inval;
  x86_inval u_x86 (.op_i, .inval_o (x86));
  arm_inval u_arm (.op_i, .inval_o (arm));
  rv_inval  u_riscv (.op_i, .inval_o (riscv));
  assign inval = (arch_i == mmu_pkg::ArchX86) ? x86 : (arch_i == mmu_pkg::ArchArm) ? arm : riscv;

  `PROVE(nested_alone, "an operation on guest-physical addresses names no ASID and spares no VMID",
         !inval.nested || !(inval.by_asid || inval.but_vmid0))
  `PROVE(one_address, "and where it names an address it does not concern virtual ones",
         !(inval.nested && inval.by_addr) || !inval.stage1)
  `PROVE(a_range, "ranges run upwards, page by page, and do not leave their half",
         inval.first <= inval.last && inval.first[63:56] == inval.last[63:56] && inval.first[11:0] == '0 && inval.last[11:0] == 12'hfff)
  `PROVE(something, "every operation concerns something", inval.stage1 || inval.stage2 || inval.nested)
  `PROVE(root_of_ept, "only EPT's names a root", !inval.by_root || (arch_i == mmu_pkg::ArchX86 && !inval.stage1 && !inval.by_addr))
  `PROVE(pointers, "pointers are spared by address only", !inval.leaf_only || inval.by_addr)
  `COVER(nested_page, "an operation on one guest-physical page", inval.nested && inval.by_addr && inval.first[63:12] == inval.last[63:12])
  `COVER(nested_range, "on a range of them", inval.nested && inval.by_addr && inval.last[63:12] - inval.first[63:12] == 52'h1fffff)
  `COVER(half, "on the upper half of virtual addresses", inval.stage1 && inval.by_addr && inval.first[63:37] == '1 && inval.last == '1 && arch_i == mmu_pkg::ArchArm)
  `COVER(root, "on a root", inval.by_root)
endmodule
