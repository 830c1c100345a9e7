// SPDX-License-Identifier: Apache-2.0
// Replacement: which of a full set of entries goes next, and how its state follows use. One
// combinational step; the owner keeps the state (all zero at the start) and says what happened:
// a hit, or a fill, and whether that fill took the victim. At most one of the two at a time.
//   plru    a binary tree; each node points to the half that was used longer ago, where the right
//           half has entries at all
//   lru     exact order of use; fifo: of fills. State: the rank of each entry (0 goes next), stored
//           XOR its index, so that all zero means: entry 0 goes first
//   random  a 16-bit LFSR (x^16 + x^14 + x^13 + x^11 + 1), advanced when a victim was taken
module replace #(
  parameter  int unsigned Entries = 64,
  parameter  logic [1:0]  Policy  = 2'd0,  // mmu_pkg::replacement_e
  localparam int unsigned IdxW    = (Entries > 1) ? $clog2(Entries) : 1,
  localparam int unsigned StateW  = (Policy == mmu_pkg::ReplacePlru)   ? 2 ** IdxW :
                                    (Policy == mmu_pkg::ReplaceRandom) ? 16 : Entries * IdxW
) (
  input  logic [StateW-1:0] state_i,
  output logic [StateW-1:0] state_o,
  input  logic              hit_i,
  input  logic              fill_i,
  input  logic [IdxW-1:0]   idx_i,     // of the hit or the fill
  input  logic              took_i,    // the fill took the victim
  input  logic              pick_i,    // the victim is asked for
  output logic [IdxW-1:0]   victim_o
);

  if (Policy == mmu_pkg::ReplacePlru) begin : gen_plru
    // Node n has the children 2n and 2n+1; the root is node 1, bit 0 is unused.
    logic [IdxW-1:0] down, path, right;
    always_comb begin
      down     = IdxW'(1);
      victim_o = '0;
      right    = '0;
      if (pick_i) begin
        for (int unsigned l = 0; l < IdxW; l++) begin
          right = victim_o | (IdxW'(1) << (IdxW - 1 - l));
          if (state_i[down] && 32'(right) < Entries) begin
            victim_o = right;
            down     = (down << 1) | IdxW'(1);
          end else begin
            down = down << 1;
          end
        end
      end
    end

    always_comb begin
      state_o = state_i;
      path    = IdxW'(1);
      if (hit_i || fill_i) begin
        for (int unsigned l = 0; l < IdxW; l++) begin
          state_o[path] = ~idx_i[IdxW-1-l];
          path = IdxW'({path, idx_i[IdxW-1-l]});
        end
      end
    end
    logic unused_took;
    assign unused_took = took_i;
  end else if (Policy == mmu_pkg::ReplaceRandom) begin : gen_random
    logic [15:0] seeded;  // all zero, the start, stands for the seed
    logic [15:0] scaled;
    assign seeded   = state_i ^ 16'hace1;
    assign scaled   = 16'(seeded[7:0]) * 16'(Entries);
    assign victim_o = IdxW'(scaled >> 8);
    always_comb begin
      state_o = state_i;
      if (fill_i && took_i) begin
        state_o = {seeded[0] ^ seeded[2] ^ seeded[3] ^ seeded[5], seeded[15:1]} ^ 16'hace1;
      end
    end
    logic unused_inputs;
    assign unused_inputs = &{1'b0, hit_i, idx_i, pick_i};
  end else begin : gen_ranks
    logic [IdxW-1:0] used, rank;
    always_comb begin
      victim_o = '0;
      if (pick_i) begin
        for (int unsigned i = 0; i < Entries; i++) begin
          if (state_i[i*IdxW +: IdxW] == IdxW'(i)) victim_o = IdxW'(i);
        end
      end
    end
    always_comb begin
      state_o = state_i;
      used    = '0;
      rank    = '0;
      if (fill_i || (hit_i && Policy == mmu_pkg::ReplaceLru)) begin
        for (int unsigned i = 0; i < Entries; i++) begin
          if (idx_i == IdxW'(i)) used = state_i[i*IdxW +: IdxW] ^ IdxW'(i);
        end
        for (int unsigned i = 0; i < Entries; i++) begin
          rank = state_i[i*IdxW +: IdxW] ^ IdxW'(i);
          if (idx_i == IdxW'(i)) rank = IdxW'(Entries - 1);
          else if (rank > used)  rank = rank - IdxW'(1);
          state_o[i*IdxW +: IdxW] = rank ^ IdxW'(i);
        end
      end
    end
    logic unused_took;
    assign unused_took = took_i;
  end

endmodule
