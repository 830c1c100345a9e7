// SPDX-License-Identifier: Apache-2.0
// The surroundings of an L2: a miss queue of two entries, fills and sweeps. The including module has the ports that are
// used here, and the L2's outputs ready, look_ready, idx, hit, miss, again, fill_ready and swept.
  logic [51:0]                vpn0_q, vpn1_q, look_vpn;
  logic [mmu_pkg::IdBits-1:0] id0_q, id1_q;
  logic [39:0]                root0_q, root1_q;
  assign look_vpn = look_idx_i ? vpn1_q : vpn0_q;

  // An entry is free, fresh (offered in its turn) or looking (its last probe is under way).
  logic [1:0] fresh_q, looking_q, load;
  logic       offered_q, offer_q, ends;
  assign ends = (hit && hit_ready_i) || miss || again;
  assign load = load_i & ~fresh_q & ~looking_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      fresh_q   <= '0;
      looking_q <= '0;
      offered_q <= 1'b0;
    end else begin
      if (load[0]) fresh_q[0] <= 1'b1;
      if (load[1]) fresh_q[1] <= 1'b1;
      if (look_valid_i && look_ready) begin
        fresh_q[look_idx_i]   <= 1'b0;
        looking_q[look_idx_i] <= 1'b1;
      end
      if (ends) begin
        fresh_q[idx]   <= again;
        looking_q[idx] <= 1'b0;
      end
      offered_q <= look_valid_i && !look_ready && !(ends && idx == look_idx_i);
    end
    offer_q <= look_idx_i;
    if (load[0]) {vpn0_q, id0_q, root0_q} <= {vpn0_i, id0_i, root0_i};
    if (load[1]) {vpn1_q, id1_q, root1_q} <= {vpn1_i, id1_i, root1_i};
  end
  `ASSUME(offers, "a fresh request is offered until it is taken",
          look_valid_i == (fresh_q != '0) && (!look_valid_i || fresh_q[look_idx_i]) &&
          (!offered_q || look_idx_i == offer_q))
  `ASSUME(after_start, "there are no requests or fills or sweeps before the L2 has started",
          ready || !(load_i != '0 || fill_valid_i || sweep_start_i))
  `ASSUME(fill_in_turn, "a fill comes when the last has gone on and not with the start of a sweep",
          !fill_valid_i || (fill_ready && !sweep_start_i))

  mmu_pkg::inval_t inval_q;
  logic            open_q;  // a sweep has not ended
  always_ff @(posedge clk_i) begin
    inval_q <= inval_i;
    open_q  <= rst_ni && (sweep_start_i || (open_q && !swept));
  end
  `ASSUME(one_sweep, "a sweep starts after the last has ended", !sweep_start_i || !open_q)
  `ASSUME(inval_held, "and its operands are held until the next starts", sweep_start_i || inval_i == inval_q)
