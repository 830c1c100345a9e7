// SPDX-License-Identifier: Apache-2.0
// Second-level TLB, or none (Sets = 0): then every look-up misses in its own cycle. What it is and
// promises: l2_sets.sv.
module l2_tlb #(
  parameter  int unsigned Sets        = 128,  // a power of two; 0: absent
  parameter  int unsigned Ways        = 8,
  parameter  logic [1:0]  Replacement = 2'd0, // mmu_pkg::replacement_e
  parameter  int unsigned Queue       = 4,    // entries of the miss queue
  localparam int unsigned QueueW      = (Queue > 1) ? $clog2(Queue) : 1
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  output logic               ready_o,
  // look-ups, by their place in the miss queue
  input  logic               look_valid_i,
  output logic               look_ready_o,  // its last probe is on its way
  input  logic [QueueW-1:0]  look_idx_i,
  input  logic [51:0]        look_vpn_i,
  // stage B: the request that is there, and its outcome
  output logic [QueueW-1:0]  idx_o,
  input  logic [51:0]        vpn_i,
  input  logic [mmu_pkg::IdBits-1:0] id_i,
  input  logic [39:0]        root_i,        // mmu_pkg::root_tag
  input  mmu_pkg::need_t     need_i,
  output logic               hit_valid_o,
  input  logic               hit_ready_i,
  output mmu_pkg::entry_t    hit_o,
  output logic               miss_o,
  output logic               again_o,
  // finished walks
  input  logic               fill_valid_i,
  output logic               fill_ready_o,
  input  mmu_pkg::entry_t    fill_i,
  // invalidation; inval_i holds until swept_o
  input  logic               sweep_start_i,
  input  mmu_pkg::inval_t    inval_i,
  output logic               swept_o,       // nothing that it concerns is left after this cycle
  output logic               idle_o
);

  if (Sets == 0) begin : gen_absent
    assign ready_o      = 1'b1;
    assign look_ready_o = 1'b1;
    assign idx_o        = look_idx_i;
    assign hit_valid_o  = 1'b0;
    assign hit_o        = '0;
    assign miss_o       = look_valid_i;
    assign again_o      = 1'b0;
    assign fill_ready_o = 1'b1;
    assign swept_o      = 1'b1;
    assign idle_o       = 1'b1;
    logic unused_inputs;
    assign unused_inputs = &{1'b0, clk_i, rst_ni, look_vpn_i, vpn_i, id_i, root_i, need_i,
                             hit_ready_i,
                             fill_valid_i, fill_i, sweep_start_i, inval_i};
  end else begin : gen_present
    l2_sets #(.Sets(Sets), .Ways(Ways), .Replacement(Replacement), .Queue(Queue)) u_sets (.*);
  end

endmodule
