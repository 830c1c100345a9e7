// SPDX-License-Identifier: Apache-2.0
// With an L2 in the MMU `dut`: which request of the miss queue is in it. The including module names the
// states of the queue's entries.
  (* hierconn *) wire [1:0] \dut.u_l2.gen_present.u_sets.b_op_q ;
  (* hierconn *) wire \dut.u_l2.gen_present.u_sets.b_last_q ;
  (* hierconn *) wire \dut.u_l2.gen_present.u_sets.b_idx_q ;
  (* hierconn *) wire \dut.u_l2.gen_present.u_sets.clearing_q ;
  (* hierconn *) wire \dut.u_l2.gen_present.u_sets.sweeping_q ;
  (* hierconn *) wire [2:0] \dut.u_inval_unit.state_q ;
  wire       in_l2    = \dut.u_l2.gen_present.u_sets.b_op_q == 2'd3;
  wire       l2_last  = \dut.u_l2.gen_present.u_sets.b_last_q ;
  wire       l2_idx   = \dut.u_l2.gen_present.u_sets.b_idx_q ;
  wire       clearing = \dut.u_l2.gen_present.u_sets.clearing_q ;
  wire       l2_sweeps = \dut.u_l2.gen_present.u_sets.sweeping_q ;
  wire [2:0] inval    = \dut.u_inval_unit.state_q ;
  `PROVE(h_looking, "a request that was sent to the L2 is in its second stage",
         looking == ((L2Sets != 0 && in_l2 && l2_last) ? (l2_idx ? 2'd2 : 2'd1) : 2'd0))
  `PROVE(h_probing, "one that has more probes to make is still offered",
         L2Sets == 0 || !(in_l2 && !l2_last) || (look_held && look_last == l2_idx))
  `PROVE(h_offered, "an offer is of a request to be looked up", !look_held || fresh[look_last])
  `PROVE(h_sweeping, "the L2 sweeps while an invalidation waits for it", L2Sets == 0 || !l2_sweeps || inval == 3'd2)
