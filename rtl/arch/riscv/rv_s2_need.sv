// SPDX-License-Identifier: Apache-2.0
// RISC-V: what a question asks of the G-stage. Privileged spec, hypervisor chapter, "Two-Stage
// Address Translation": a VS-stage entry is read as by an implicit load, and stored to by the A/D
// update; every access is a user access. sstatus.MXR lets explicit loads read what is only
// executable; HLVX needs X. Combinational.
module rv_s2_need (
  input  logic [1:0]        about_i,      // mmu_pkg::about_e
  input  mmu_pkg::access_t  access_i,
  input  mmu_pkg::ctx_t     ctx_i,
  output mmu_pkg::s2_need_t need_o
);

  logic execute;
  logic load;
  logic store;

  assign load = access_i.kind == mmu_pkg::AccRead || access_i.kind == mmu_pkg::AccRmw;
  assign store = access_i.kind == mmu_pkg::AccWrite || access_i.kind == mmu_pkg::AccRmw;
  assign execute = access_i.kind == mmu_pkg::AccFetch || (load && access_i.exec_as_read);

  always_comb begin
    need_o = '0;
    unique case (about_i)
      mmu_pkg::AboutFinal: begin
        if (execute) begin
          need_o.all.ux = 1'b1;
          need_o.all.sx = 1'b1;
        end else if (load && ctx_i.s2_mxr) begin
          need_o.any.r = 1'b1;
          need_o.any.ux = 1'b1;
        end else begin
          need_o.all.r = load;
        end
        need_o.all.w = store;
        need_o.dirty = store;
      end
      mmu_pkg::AboutSwap: begin
        need_o.all.w = 1'b1;
        need_o.dirty = 1'b1;
      end
      default: need_o.all.r = 1'b1;
    endcase
  end

  logic unused_inputs;
  assign unused_inputs = ^{access_i, ctx_i};

endmodule
