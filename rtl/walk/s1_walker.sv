// SPDX-License-Identifier: Apache-2.0
// Stage-1 walker: Walks slots share one datapath. A slot holds its whole request (rule R1) and
// waits by itself; in each cycle one slot that has something to decide acts: it finds its root,
// judges a descriptor, takes the verdict of an A/D swap or of stage 2, or answers.
//
// Timing, nothing else acting: one cycle for the root and the walk cache, then two of its own a
// level (the request is offered, the descriptor is judged), one for the answer. While the
// memory works on one walk the others act.
//
// Every table address and the final address pass stage 2 when the context has one (rule R5).
// An invalidation that concerns a walk marks it overtaken: it reads from the root again, and
// fills and answers nothing from before (rule R2). Nothing acts in the cycle of the sweep.
//
//   state  1x waits for              state  acts on
//   0 Idle    a request              8  Root    where to start: arch_root, walk cache
//   1 Read    a descriptor           9  Judge   the descriptor: arch_step
//   2 Update  a compare-and-swap     10 Swapped the swap's answer
//   3 AskS2   stage 2                11 S2Done  the answer of stage 2
//                                    12 Fill, 13 Fault, 14 Retry: answers the request
`include "mmu_assert.svh"

module s1_walker #(
  parameter  int unsigned Walks = 2,
  localparam int unsigned SlotW = (Walks > 1) ? $clog2(Walks) : 1,
  localparam int unsigned SlotN = 2 ** SlotW
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  // a new walk
  input  logic               start_valid_i,
  input  logic [SlotW-1:0]   start_slot_i,
  input  logic               start_port_i,
  input  logic [63:0]        start_va_i,
  input  logic [7:0]         start_tag_i,
  input  mmu_pkg::access_t   start_access_i,
  input  mmu_pkg::ctx_t      start_ctx_i,
  input  mmu_pkg::need_t     start_need_i,
  // the acting slot's request; the architecture's root and step for it
  output logic [SlotW-1:0]   act_slot_o,
  output logic [63:0]        act_va_o,
  output mmu_pkg::access_t   act_access_o,
  output mmu_pkg::ctx_t      act_ctx_o,
  input  mmu_pkg::root_t     root_i,
  output logic [63:0]        step_pte_o,
  output logic [2:0]         step_level_o,
  output logic               step_upper_o,
  output mmu_pkg::rights_t   step_rights_o,
  output logic               step_global_o,
  output mmu_pkg::need_t     step_need_o,
  input  mmu_pkg::step_t     step_i,
  // walk cache
  output logic [mmu_pkg::IdBits-1:0] act_id_o,
  output logic               probe_valid_o,
  input  logic               probe_hit_i,
  input  logic [2:0]         probe_level_i,
  input  logic [55:0]        probe_table_i,
  input  mmu_pkg::rights_t   probe_rights_i,
  input  logic               probe_global_i,
  output logic               point_valid_o,   // a pointer was followed: fill
  output logic [2:0]         point_level_o,
  output logic [55:0]        point_table_o,
  output mmu_pkg::rights_t   point_rights_o,
  output logic               point_global_o,
  // memory
  output logic               issue_valid_o,
  output logic               issue_cas_o,
  output logic [51:0]        issue_addr_o,
  output logic [63:0]        issue_expected_o,
  output logic [63:0]        issue_desired_o,
  input  logic               rsp_valid_i,
  input  logic [SlotW-1:0]   rsp_slot_i,
  input  logic [63:0]        rsp_old_i,
  input  logic               rsp_ok_i,
  input  logic [1:0]         rsp_error_i,
  // A/D updater
  output logic               act_restart_o,
  output logic               act_swapped_o,
  output logic               act_swap_ok_o,
  output logic [1:0]         act_error_o,
  input  logic               swap_done_i,
  input  logic               swap_lost_i,
  input  logic               exhausted_i,
  // stage 2
  output logic               s2_ask_valid_o,
  output logic [55:0]        s2_ask_gpa_o,
  input  logic               s2_rsp_valid_i,
  input  logic [SlotW-1:0]   s2_rsp_slot_i,
  input  logic [55:0]        s2_rsp_hpa_i,
  input  logic [5:0]         s2_rsp_shift_i,
  input  logic               s2_rsp_fault_i,
  // the answer: one of three a cycle at most, for act_slot_o
  output logic               answer_valid_o,
  output logic               answer_port_o,
  output logic [7:0]         answer_tag_o,
  output logic [1:0]         answer_status_o,
  output logic [55:0]        answer_pa_o,
  output logic [5:0]         answer_s1_shift_o,
  output logic [5:0]         answer_s2_shift_o,
  output logic [7:0]         answer_attrs_o,
  output mmu_pkg::fault_t    answer_fault_o,
  // the entry that goes with an answer
  output logic               fill_valid_o,
  output logic               fill_global_o,
  output logic               fill_dirty_o,
  output mmu_pkg::rights_t   fill_rights_o,
  // invalidation
  input  logic               sweep_valid_i,
  input  mmu_pkg::inval_t    sweep_i,
  output logic               swap_pending_o,
  // debug
  output logic [7:0]         act_tag_o,
  output logic               act_port_o,
  output logic [2:0]         issue_level_o,
  output logic               idle_o
);

  localparam logic [3:0] Idle    = 4'd0;
  localparam logic [3:0] Read    = 4'd1;
  localparam logic [3:0] Update  = 4'd2;
  localparam logic [3:0] AskS2   = 4'd3;
  localparam logic [3:0] Root    = 4'd8;
  localparam logic [3:0] Judge   = 4'd9;
  localparam logic [3:0] Swapped = 4'd10;
  localparam logic [3:0] S2Done  = 4'd11;
  localparam logic [3:0] Fill    = 4'd12;
  localparam logic [3:0] Fault   = 4'd13;
  localparam logic [3:0] Retry   = 4'd14;

  // What a question to stage 2 is about.
  localparam logic [1:0] ForTable = 2'd0;
  localparam logic [1:0] ForSwap  = 2'd1;
  localparam logic [1:0] ForFinal = 2'd2;

  // ---- slots ------------------------------------------------------------------------------------
  // The request.
  logic [SlotN-1:0] port_q;
  logic [7:0]       tag_q    [SlotN];
  logic [63:0]      va_q     [SlotN];
  logic [mmu_pkg::AccessBits-1:0] access_q [SlotN];
  logic [mmu_pkg::CtxBits-1:0]    ctx_q    [SlotN];
  logic [mmu_pkg::NeedBits-1:0]   need_q   [SlotN];
  logic [mmu_pkg::IdBits-1:0]     id_q     [SlotN];
  // The walk, as the waves show it; meaningful while the slot is busy.
  logic [SlotN-1:0] walk_busy_q;
  logic [3:0]       walk_state_q [SlotN];
  logic [2:0]       walk_level_q [SlotN];  // height of the descriptor being dealt with
  logic [55:0]      walk_addr_q  [SlotN];  // its address, before stage 2
  logic [63:0]      walk_pte_q   [SlotN];  // its value, as read
  logic [3:0]       walk_cause_q [SlotN];  // why it faults
  // What was gathered, and what the step in hand says.
  logic [SlotN-1:0] overtaken_q, upper_q, global_q, leaf_q, dirty_q, swap_ok_q;
  logic [SlotN-1:0] on_walk_q, on_swap_q, s1_leaf_q, stage2_q, s2_fault_q;
  logic [6:0]       rights_q   [SlotN];    // gathered from the descriptors accepted
  // The descriptor judged last, which a lost race takes back; its rights include those above.
  logic [SlotN-1:0] step_global_q;
  logic [6:0]       step_rights_q [SlotN];
  logic [55:0]      next_q     [SlotN];    // next table, or page base
  logic [5:0]       shift_q    [SlotN];
  logic [7:0]       attrs_q    [SlotN];
  logic [63:0]      new_q      [SlotN];    // the descriptor as it must become
  logic [1:0]       error_q    [SlotN];    // of the last memory answer
  logic [1:0]       about_q    [SlotN];    // ForTable ...
  logic [55:0]      gpa_q      [SlotN];    // asked of stage 2
  logic [55:0]      hpa_q      [SlotN];    // answered by stage 2
  logic [5:0]       s2_shift_q [SlotN];

  // ---- the acting slot: in turn -----------------------------------------------------------------
  logic             act_valid;
  logic [SlotW-1:0] act, last_q, probe_slot;
  always_comb begin
    act_valid  = 1'b0;
    act        = last_q;
    probe_slot = last_q;
    for (int unsigned s = SlotN; s > 0; s--) begin
      probe_slot = last_q + SlotW'(s);
      if (walk_busy_q[probe_slot] && walk_state_q[probe_slot][3]) begin
        act_valid = !sweep_valid_i;
        act       = probe_slot;
      end
    end
  end

  mmu_pkg::ctx_t    ctx;
  mmu_pkg::access_t access;
  logic [63:0]      va, pte;
  logic [3:0]       state;
  logic [2:0]       level;
  logic             s2_on;
  assign ctx    = ctx_q[act];
  assign access = access_q[act];
  assign va     = va_q[act];
  assign pte    = walk_pte_q[act];
  assign state  = walk_state_q[act];
  assign level  = walk_level_q[act];
  assign s2_on  = ctx.s2_mode != mmu_pkg::S2Off;

  assign act_slot_o    = act;
  assign act_va_o      = va;
  assign act_access_o  = access;
  assign act_ctx_o     = ctx;
  assign act_tag_o     = tag_q[act];
  assign act_port_o    = port_q[act];
  assign act_id_o      = id_q[act];
  assign step_pte_o    = pte;
  assign step_level_o  = level;
  assign step_upper_o  = upper_q[act];
  assign step_rights_o = rights_q[act];
  assign step_global_o = global_q[act];
  assign step_need_o   = need_q[act];

  // ---- verdicts ---------------------------------------------------------------------------------
  logic restart, bad_read, judge, finding_root;
  assign finding_root = act_valid && state == Root;
  assign restart  = act_valid && overtaken_q[act] && state != Root && state != Retry;
  assign bad_read = error_q[act] != mmu_pkg::MemOk;
  assign judge    = act_valid && !restart && state == Judge && !bad_read;

  assign act_restart_o = restart;
  assign act_swapped_o = act_valid && !restart && state == Swapped;
  assign act_swap_ok_o = swap_ok_q[act];
  assign act_error_o   = error_q[act];

  // A pointer at height 0 would lead nowhere; the architectures refuse it, and so does this.
  logic step_fault;
  assign step_fault = step_i.kind == mmu_pkg::StepFault ||
                      (step_i.kind == mmu_pkg::StepTable && level == 3'd0);

  // The walk cache may know a table that this context's physical width does not reach.
  logic cached;
  assign probe_valid_o = finding_root && ctx.s1_mode != mmu_pkg::S1Off;
  assign cached = probe_hit_i && root_i.cause == mmu_pkg::CauseNone &&
                  (probe_table_i >> ctx.pa_width) == 56'd0;

  // The step in hand is accepted: its descriptor needs no update, or has just got it.
  logic        accept, accept_leaf, accept_global;
  logic [55:0] accept_next;
  logic [5:0]  accept_shift;
  mmu_pkg::rights_t accept_rights;
  always_comb begin
    if (state == Swapped) begin
      accept        = swap_done_i;
      accept_leaf   = leaf_q[act];
      accept_global = step_global_q[act];
      accept_next   = next_q[act];
      accept_shift  = shift_q[act];
      accept_rights = step_rights_q[act];
    end else begin
      accept        = judge && !step_fault && !step_i.update;
      accept_leaf   = step_i.kind == mmu_pkg::StepLeaf;
      accept_global = step_i.is_global;
      accept_next   = step_i.next;
      accept_shift  = step_i.page_shift;
      accept_rights = step_i.rights;
    end
  end

  assign point_valid_o  = accept && !accept_leaf;
  assign point_level_o  = level;
  assign point_table_o  = accept_next;
  assign point_rights_o = accept_rights;
  assign point_global_o = accept_global;

  // Index of a descriptor in the table of this height, and the page offset of a leaf.
  logic [2:0]  below, table_level;
  logic [8:0]  index;
  logic [55:0] offset_mask;
  assign below       = level - 3'd1;
  assign table_level = finding_root ? probe_level_i : below;
  always_comb begin
    unique case (table_level)
      3'd0:    index = va[20:12];
      3'd1:    index = va[29:21];
      3'd2:    index = va[38:30];
      3'd3:    index = va[47:39];
      default: index = va[56:48];
    endcase
  end
  assign offset_mask = (56'd1 << accept_shift) - 56'd1;

  // ---- what the acting slot does ----------------------------------------------------------------
  logic [3:0]  state_d, cause_d;
  logic [2:0]  level_d;
  logic [55:0] addr_d, gpa_d;
  logic [1:0]  about_d;
  logic        read, ask;
  always_comb begin
    state_d = state;
    level_d = level;
    addr_d  = walk_addr_q[act];
    gpa_d   = gpa_q[act];
    about_d = about_q[act];
    cause_d = walk_cause_q[act];
    read    = 1'b0;   // read the descriptor at addr_d next
    ask     = 1'b0;   // ask stage 2 for gpa_d
    if (act_valid) begin
      unique case (state)
        Root: begin
          level_d = root_i.level;
          cause_d = root_i.cause;
          addr_d  = root_i.desc_addr;
          if (root_i.cause != mmu_pkg::CauseNone) begin
            state_d = Fault;
            level_d = root_i.fault_level;
          end else if (ctx.s1_mode == mmu_pkg::S1Off) begin
            gpa_d   = va[55:0];
            about_d = ForFinal;
            ask     = s2_on;
            state_d = Fill;
          end else begin
            if (cached) begin
              level_d = probe_level_i;
              addr_d  = {probe_table_i[55:12], index, 3'd0};
            end
            read = 1'b1;
          end
        end
        Judge: begin
          if (bad_read) begin
            state_d = Fault;
            unique case (error_q[act])
              mmu_pkg::MemNoAtomic: cause_d = mmu_pkg::CauseNoAtomic;
              mmu_pkg::MemParity:   cause_d = mmu_pkg::CauseParity;
              default:              cause_d = mmu_pkg::CauseBus;
            endcase
          end else if (step_fault) begin
            state_d = Fault;
            cause_d = (step_i.kind == mmu_pkg::StepFault) ? step_i.cause : mmu_pkg::CauseReserved;
          end else if (step_i.update) begin
            gpa_d   = walk_addr_q[act];
            about_d = ForSwap;
            ask     = s2_on;
            state_d = Update;
          end
        end
        Swapped: begin
          if (swap_lost_i) begin
            if (exhausted_i) state_d = Retry;
            else             read = 1'b1;
          end else if (!swap_done_i) begin
            state_d = Fault;
            unique case (error_q[act])
              mmu_pkg::MemNoAtomic: cause_d = mmu_pkg::CauseNoAtomic;
              mmu_pkg::MemParity:   cause_d = mmu_pkg::CauseParity;
              default:              cause_d = mmu_pkg::CauseBus;
            endcase
          end
        end
        S2Done: begin
          if (s2_fault_q[act]) begin
            state_d = Fault;
            cause_d = mmu_pkg::CauseRootDisabled;
          end else begin
            unique case (about_q[act])
              ForTable: state_d = Read;
              ForSwap:  state_d = Update;
              default:  state_d = Fill;
            endcase
          end
        end
        default: state_d = Idle;  // Fill, Fault, Retry: answered
      endcase
      if (accept) begin
        if (accept_leaf) begin
          gpa_d   = (accept_next & ~offset_mask) | (va[55:0] & offset_mask);
          about_d = ForFinal;
          ask     = s2_on;
          state_d = Fill;
        end else begin
          level_d = below;
          addr_d  = {accept_next[55:12], index, 3'd0};
          read    = 1'b1;
        end
      end
      if (restart) begin
        state_d = exhausted_i ? Retry : Root;
        read    = 1'b0;
        ask     = 1'b0;
      end
      if (read) begin
        gpa_d   = addr_d;
        about_d = ForTable;
        ask     = s2_on;
        state_d = Read;
      end
      if (ask) state_d = AskS2;
    end
  end

  assign s2_ask_valid_o = ask;
  assign s2_ask_gpa_o   = gpa_d;

  // The step into Read or Update is what puts a request on the memory port.
  assign issue_valid_o    = act_valid && (state_d == Read || state_d == Update);
  assign issue_cas_o      = state_d == Update;
  assign issue_addr_o     = (state == S2Done) ? hpa_q[act][51:0] : gpa_d[51:0];
  assign issue_expected_o = pte;
  assign issue_desired_o  = (state == S2Done) ? new_q[act] : step_i.new_pte;
  assign issue_level_o    = level_d;

  // ---- the answer -------------------------------------------------------------------------------
  logic answers;
  assign answers = act_valid && !restart && (state == Fill || state == Fault || state == Retry);
  assign answer_valid_o    = answers;
  assign answer_port_o     = port_q[act];
  assign answer_tag_o      = tag_q[act];
  assign answer_status_o   = (state == Fault) ? mmu_pkg::StatusFault
                           : (state == Retry) ? mmu_pkg::StatusRetry : mmu_pkg::StatusOk;
  assign answer_pa_o       = s2_on ? hpa_q[act] : gpa_q[act];
  assign answer_s1_shift_o = shift_q[act];
  assign answer_s2_shift_o = s2_shift_q[act];
  assign answer_attrs_o    = attrs_q[act];
  assign answer_fault_o    = {walk_cause_q[act], stage2_q[act], level, 3'd0, access, ctx.priv,
                              on_walk_q[act], on_swap_q[act], va,
                              stage2_q[act] ? gpa_q[act] : 56'd0, step_rights_q[act], 3'd0,
                              s1_leaf_q[act], error_q[act]};

  assign fill_valid_o  = answers && state == Fill && ctx.s1_mode != mmu_pkg::S1Off;
  assign fill_global_o = global_q[act];
  assign fill_dirty_o  = dirty_q[act];
  assign fill_rights_o = rights_q[act];

  // ---- invalidation -----------------------------------------------------------------------------
  // A walk is overtaken if it may have read what the invalidation concerns. Its page is not known
  // yet, so the address does not count.
  logic [SlotN-1:0] concerned;
  always_comb begin
    concerned = '0;
    if (sweep_valid_i) begin
      for (int unsigned s = 0; s < SlotN; s++) begin
        concerned[s] = walk_busy_q[s] && walk_state_q[s] != Root &&
                       id_q[s][40:39] == sweep_i.regime &&
                       (!sweep_i.by_vmid || id_q[s][31:16] == sweep_i.vmid) &&
                       (!sweep_i.by_asid || sweep_i.globals || id_q[s][15:0] == sweep_i.asid);
      end
    end
  end

  always_comb begin
    swap_pending_o = 1'b0;
    idle_o         = 1'b1;
    for (int unsigned s = 0; s < SlotN; s++) begin
      if (overtaken_q[s] && walk_state_q[s] == Update) swap_pending_o = 1'b1;
      if (walk_busy_q[s] && (walk_state_q[s][3] || walk_state_q[s] == AskS2)) idle_o = 1'b0;
    end
  end

  // ---- state ------------------------------------------------------------------------------------
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      walk_busy_q <= '0;
      last_q      <= '0;
      overtaken_q <= '0;
    end else begin
      if (sweep_valid_i) overtaken_q <= overtaken_q | concerned;
      if (act_valid) begin
        last_q <= act;
        if (state_d == Idle) walk_busy_q[act] <= 1'b0;
        if (restart || state_d == Idle) overtaken_q[act] <= 1'b0;
      end
      if (start_valid_i) walk_busy_q[start_slot_i] <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (act_valid) begin
      walk_state_q[act] <= state_d;
      walk_level_q[act] <= level_d;
      walk_addr_q[act]  <= addr_d;
      walk_cause_q[act] <= cause_d;
      gpa_q[act]        <= gpa_d;
      about_q[act]      <= about_d;
      if (finding_root) begin
        upper_q[act]       <= root_i.upper;
        rights_q[act]      <= cached ? probe_rights_i : 7'h7f;
        global_q[act]      <= cached && probe_global_i;
        step_rights_q[act] <= cached ? probe_rights_i : 7'h7f;
        error_q[act]       <= mmu_pkg::MemOk;
        on_walk_q[act]     <= 1'b0;
        on_swap_q[act]     <= 1'b0;
        s1_leaf_q[act]     <= 1'b0;
        stage2_q[act]      <= 1'b0;
        shift_q[act]       <= '0;
        s2_shift_q[act]    <= '0;
        attrs_q[act]       <= '0;
      end
      if (accept) begin
        rights_q[act] <= accept_rights;
        global_q[act] <= accept_global;
      end
      if (judge) begin
        step_rights_q[act] <= step_i.rights;
        step_global_q[act] <= step_i.is_global;
        leaf_q[act]        <= step_i.kind == mmu_pkg::StepLeaf;
        next_q[act]        <= step_i.next;
        shift_q[act]       <= step_i.page_shift;
        attrs_q[act]       <= step_i.attrs;
        dirty_q[act]       <= step_i.dirty;
        new_q[act]         <= step_i.new_pte;
        s1_leaf_q[act]     <= step_i.cause == mmu_pkg::CausePermission ||
                              step_i.cause == mmu_pkg::CauseAccessFlag ||
                              step_i.cause == mmu_pkg::CauseDirtyFlag ||
                              step_i.cause == mmu_pkg::CausePkey;
      end
      if (state == Judge) on_walk_q[act] <= bad_read;
      if (state == Swapped) on_swap_q[act] <= bad_read;
      if (state == S2Done && s2_fault_q[act]) begin
        stage2_q[act]  <= 1'b1;
        on_walk_q[act] <= about_q[act] == ForTable;
        on_swap_q[act] <= about_q[act] == ForSwap;
      end
    end
    if (rsp_valid_i) begin
      walk_state_q[rsp_slot_i] <= (walk_state_q[rsp_slot_i] == Update) ? Swapped : Judge;
      if (walk_state_q[rsp_slot_i] == Read) walk_pte_q[rsp_slot_i] <= rsp_old_i;
      swap_ok_q[rsp_slot_i] <= rsp_ok_i;
      error_q[rsp_slot_i]   <= rsp_error_i;
    end
    if (s2_rsp_valid_i) begin
      walk_state_q[s2_rsp_slot_i] <= S2Done;
      hpa_q[s2_rsp_slot_i]      <= s2_rsp_hpa_i;
      s2_shift_q[s2_rsp_slot_i] <= s2_rsp_shift_i;
      s2_fault_q[s2_rsp_slot_i] <= s2_rsp_fault_i;
    end
    if (start_valid_i) begin
      walk_state_q[start_slot_i] <= Root;
      port_q[start_slot_i]   <= start_port_i;
      tag_q[start_slot_i]    <= start_tag_i;
      va_q[start_slot_i]     <= start_va_i;
      access_q[start_slot_i] <= start_access_i;
      ctx_q[start_slot_i]    <= start_ctx_i;
      need_q[start_slot_i]   <= start_need_i;
      id_q[start_slot_i]     <= {start_ctx_i.regime, start_ctx_i.s1_mode, start_ctx_i.s2_mode,
                                 start_ctx_i.vmid, start_ctx_i.asid};
    end
  end

  // The first table's address is in desc_addr; the sweep's addresses do not count.
  logic unused_bits;
  assign unused_bits = &{1'b0, root_i.table_addr, sweep_i};

  `MMU_ASSERT(overtaken_never_fills, !fill_valid_o || !overtaken_q[act])
  `MMU_ASSERT(fault_never_fills, !fill_valid_o || answer_status_o == mmu_pkg::StatusOk)
  `MMU_ASSERT(start_in_a_free_slot, !start_valid_i || !walk_busy_q[start_slot_i])
  `MMU_ASSERT(address_fits_the_port, !issue_valid_o || gpa_d[55:52] == 4'd0)

endmodule
