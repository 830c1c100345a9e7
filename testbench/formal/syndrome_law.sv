// SPDX-License-Identifier: Apache-2.0
// The registers of a fault say what the architecture reports of it, and nothing else: read back by a decoder that is
// written from the manuals they give a record of the same report, and that record gives the same registers.
`include "formal.svh"

module syndrome_law #(
  parameter logic [1:0] Arch = 2'd0
) (
  input logic            clk_i,
  input mmu_pkg::fault_t fault_i,
  input mmu_pkg::ctx_t   ctx_i
);
  `FORMAL_RESET

  mmu_pkg::syndrome_t syndrome, again;
  mmu_pkg::fault_t    back;
  mmu_pkg::ctx_t      back_ctx;
  logic [191:0]       report, report_back;
  logic               s2_mode;
  if (Arch == mmu_pkg::ArchX86) begin : g_x86
    x86_syndrome dut (.fault_i, .ctx_i, .syndrome_o (syndrome));
    x86_decode u_decode (.syndrome_i (syndrome), .fault_o (back), .ctx_o (back_ctx));
    x86_syndrome second (.fault_i (back), .ctx_i (back_ctx), .syndrome_o (again));
    x86_report u_report (.fault_i, .ctx_i, .report_o (report));
    x86_report u_report_back (.fault_i (back), .ctx_i (back_ctx), .report_o (report_back));
    assign s2_mode = ctx_i.s2_mode == mmu_pkg::S2Ept || ctx_i.s2_mode == mmu_pkg::S2Npt;
  end else if (Arch == mmu_pkg::ArchArm) begin : g_arm
    arm_syndrome dut (.fault_i, .ctx_i, .syndrome_o (syndrome));
    arm_decode u_decode (.syndrome_i (syndrome), .fault_o (back), .ctx_o (back_ctx));
    arm_syndrome second (.fault_i (back), .ctx_i (back_ctx), .syndrome_o (again));
    arm_report u_report (.fault_i, .ctx_i, .report_o (report));
    arm_report u_report_back (.fault_i (back), .ctx_i (back_ctx), .report_o (report_back));
    assign s2_mode = ctx_i.s2_mode == mmu_pkg::S2Arm;
  end else begin : g_riscv
    rv_syndrome dut (.fault_i, .ctx_i, .syndrome_o (syndrome));
    rv_decode u_decode (.syndrome_i (syndrome), .fault_o (back), .ctx_o (back_ctx));
    rv_syndrome second (.fault_i (back), .ctx_i (back_ctx), .syndrome_o (again));
    rv_report u_report (.fault_i, .ctx_i, .report_o (report));
    rv_report u_report_back (.fault_i (back), .ctx_i (back_ctx), .report_o (report_back));
    assign s2_mode = ctx_i.s2_mode == mmu_pkg::S2Riscv;
  end

  // What walk_law and s2_law say of records.
  `ASSUME(a_cause, "a fault has a cause that there is", fault_i.cause != mmu_pkg::CauseNone && fault_i.cause <= mmu_pkg::CausePkey)
  `ASSUME(stage2_on, "one of stage 2 comes with a stage 2 of the architecture", !fault_i.stage2 || s2_mode)
  `ASSUME(no_key, "which knows no protection keys", !(fault_i.stage2 && fault_i.cause == mmu_pkg::CausePkey))
  `ASSUME(one_kind, "and is of one question", !(fault_i.stage2 && fault_i.on_walk && fault_i.on_ad_write))
  `ASSUME(a_level, "heights are those that there are", fault_i.s1_level <= 3'd4 && fault_i.s2_level <= 3'd4 &&
          (Arch != mmu_pkg::ArchArm || (fault_i.s1_level <= 3'd3 && fault_i.s2_level <= 3'd3)))
  `ASSUME(plain_fetch, "a fetch is no cache maintenance", fault_i.access.kind != mmu_pkg::AccFetch || fault_i.access.op == mmu_pkg::OpNormal)
  `PROVE(reads_back, "what is read back from the registers is what the architecture reports of the fault", report_back == report)
  `PROVE(same_registers, "and a fault read back gives the same registers", again == syndrome)
  `COVER(stage1, "a stage-1 fault", !syndrome.to_hyp && syndrome.reg1 != '0)
  `COVER(final_fault, "a stage-2 fault of the access itself", syndrome.to_hyp && !fault_i.on_walk && !fault_i.on_ad_write &&
         syndrome.reg3 != '0 || (Arch == mmu_pkg::ArchArm && syndrome.reg0[24]))
  `COVER(table_fault, "a stage-2 fault of a table", syndrome.to_hyp && fault_i.on_walk && (Arch == mmu_pkg::ArchArm ? syndrome.reg2 != '0
         : syndrome.reg3 != '0))
  `COVER(update_fault, "a stage-2 fault of an update", syndrome.to_hyp && fault_i.on_ad_write && fault_i.stage2)
endmodule
