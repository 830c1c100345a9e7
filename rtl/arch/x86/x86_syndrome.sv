// SPDX-License-Identifier: Apache-2.0
// x86-64: a fault as vector, error code and CR2, or of stage 2 as a VM exit
// (x86_s2_syndrome.sv). SDM vol. 3, "Page-Fault Exceptions"
// (error code), "General Protection Exception" (non-canonical address), "Machine-Check
// Exception" (the memory failed a table access, of either stage; it has no error code). Only #PF
// loads CR2.
// Combinational.
module x86_syndrome (
  input  mmu_pkg::fault_t    fault_i,
  input  mmu_pkg::ctx_t      ctx_i,
  output mmu_pkg::syndrome_t syndrome_o
);

  localparam logic [63:0] VectorGp = 64'd13;
  localparam logic [63:0] VectorPf = 64'd14;
  localparam logic [63:0] VectorMc = 64'd18;

  logic err_p;    // bit 0  the translation was present at every level
  logic err_w;    // bit 1  the access was a write
  logic err_u;    // bit 2  the access was a user-mode access
  logic err_rsvd; // bit 3  a reserved bit was set
  logic err_i;    // bit 4  an instruction fetch, while SMEP or NXE is on
  logic err_pk;   // bit 5  refused by a protection key

  assign err_p = fault_i.cause != mmu_pkg::CauseNotPresent;
  assign err_w = fault_i.access.kind == mmu_pkg::AccWrite ||
                 fault_i.access.kind == mmu_pkg::AccRmw;
  assign err_u = fault_i.priv == mmu_pkg::PrivUser && !fault_i.access.implicit_sup;
  assign err_rsvd = fault_i.cause == mmu_pkg::CauseReserved;
  assign err_i = fault_i.access.kind == mmu_pkg::AccFetch && (ctx_i.smep || ctx_i.nxe);
  assign err_pk = fault_i.cause == mmu_pkg::CausePkey;

  mmu_pkg::syndrome_t s2_syndrome;
  x86_s2_syndrome u_s2_syndrome (
    .fault_i, .ctx_i,
    .syndrome_o (s2_syndrome)
  );

  always_comb begin
    syndrome_o = '0;
    if (fault_i.cause != mmu_pkg::CauseNone) begin
      unique case (fault_i.cause)
        mmu_pkg::CauseBus,
        mmu_pkg::CauseNoAtomic,
        mmu_pkg::CauseParity: begin
          syndrome_o.reg0 = VectorMc;
        end
        mmu_pkg::CauseNonCanonical,
        mmu_pkg::CauseRootSize: begin
          if (fault_i.stage2) syndrome_o = s2_syndrome;
          else                syndrome_o.reg0 = VectorGp;
        end
        default: begin
          if (fault_i.stage2) begin
            syndrome_o = s2_syndrome;
          end else begin
            syndrome_o.reg0 = VectorPf;
            syndrome_o.reg1 = {58'd0, err_pk, err_i, err_rsvd, err_u, err_w, err_p};
            syndrome_o.reg2 = fault_i.gva;
          end
        end
      endcase
    end
  end

  logic unused_inputs;
  assign unused_inputs = ^{fault_i, ctx_i};

endmodule
