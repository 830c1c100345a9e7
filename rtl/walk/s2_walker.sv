// SPDX-License-Identifier: Apache-2.0
// Stage-2 walker (rule R5: stage 2 is a service). The stage-1 walker asks for every table address,
// every A/D write and the final address of a context with a stage 2; the answer comes back with the
// asker's slot. Each slot has at most one question open, so a question is always taken, and holds
// it (rule R1); the request it belongs to is in walk_requests.sv. In each cycle one slot that has
// something to decide acts: it looks in the nested TLB, judges a descriptor, takes the verdict of
// an A/D swap, and with that reads on or answers.
//
// Timing: a question of one cycle that the nested TLB knows is answered in the next. A walk starts
// at the root and takes two cycles of its own a level, beside the memory's.
//
// Pass-through gives back what it was given, as one page that covers everything (shift 52).
//
// An invalidation that may concern the request marks the question overtaken: its walk fills nothing
// and ends as soon as memory has answered. Whatever it says then, the stage-1 walk starts again.
`include "mmu_assert.svh"

module s2_walker #(
  parameter  int unsigned Walks         = 2,
  parameter  int unsigned NestedEntries = 16,
  parameter  logic [1:0]  Replacement   = 2'd0,  // mmu_pkg::replacement_e
  localparam int unsigned SlotW = (Walks > 1) ? $clog2(Walks) : 1,
  localparam int unsigned SlotN = 2 ** SlotW
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  // a question
  input  logic                ask_valid_i,
  input  logic [SlotW-1:0]    ask_slot_i,
  input  logic [63:0]         ask_gpa_i,
  input  logic [1:0]          ask_about_i,     // mmu_pkg::about_e
  input  logic                ask_user_page_i, // stage 1 makes it a user page
  // the answer
  output logic                rsp_valid_o,
  output logic [SlotW-1:0]    rsp_slot_o,
  output mmu_pkg::s2_answer_t rsp_o,
  // the acting slot's request, and what the architecture says to its question
  output logic [SlotW-1:0]    act_slot_o,
  input  mmu_pkg::access_t    act_access_i,
  input  mmu_pkg::ctx_t       act_ctx_i,
  output logic [1:0]          about_o,
  output logic                user_page_o,
  input  mmu_pkg::s2_need_t   need_i,
  output logic [63:0]         gpa_o,
  input  mmu_pkg::root_t      root_i,
  output logic [63:0]         step_pte_o,
  output logic [2:0]          step_level_o,
  output mmu_pkg::s2_rights_t step_rights_o,
  input  mmu_pkg::s2_step_t   step_i,
  // memory
  output logic                issue_valid_o,
  output logic                issue_cas_o,
  output logic [51:0]         issue_addr_o,
  output logic [63:0]         issue_expected_o,
  output logic [63:0]         issue_desired_o,
  output logic [2:0]          issue_level_o,
  input  logic                rsp_valid_i,
  input  logic [SlotW-1:0]    rsp_slot_i,
  input  logic [63:0]         rsp_old_i,
  input  logic                rsp_ok_i,
  input  logic [1:0]          rsp_error_i,
  // invalidation
  input  logic                quiet_i,         // no slot acts
  input  logic                sweep_valid_i,
  input  mmu_pkg::inval_t     sweep_i,
  input  logic [SlotN-1:0]    concerned_i,     // by slot
  output logic                swap_pending_o,  // of an overtaken question
  output logic                nested_hit_o,    // events
  output logic                walk_begin_o,
  output logic                idle_o
);

  // ---- slots ------------------------------------------------------------------------------------
  // Below 4 a slot waits, from there on it has something to decide.
  localparam logic [2:0] S2Idle    = 3'd0;  // for a question
  localparam logic [2:0] S2Read    = 3'd1;  // for a descriptor
  localparam logic [2:0] S2Update  = 3'd2;  // for the answer of a compare-and-swap
  localparam logic [2:0] S2Probe   = 3'd4;  // looks in the nested TLB, and finds the root
  localparam logic [2:0] S2Judge   = 3'd5;  // judges the descriptor
  localparam logic [2:0] S2Swapped = 3'd6;  // takes the verdict on its compare-and-swap

  logic [2:0]       s2_state_q [SlotN];
  logic [2:0]       s2_level_q [SlotN];
  logic [51:0]      s2_addr_q  [SlotN];
  logic [63:0]      s2_pte_q   [SlotN];
  logic [63:0]      s2_gpa_q   [SlotN];
  logic [1:0]       s2_about_q [SlotN];
  logic [SlotN-1:0] busy_q, user_page_q, overtaken_q, ok_q;
  logic [3:0]       rights_q   [SlotN];
  logic [1:0]       error_q    [SlotN];
  // the descriptor judged last, while its swap is out
  logic [SlotN-1:0] leaf_q, dirty_q;
  logic [55:0]      next_q     [SlotN];
  logic [5:0]       shift_q    [SlotN];
  logic [3:0]       step_rights_q [SlotN];
  logic [3:0]       attrs_q    [SlotN];

  // ---- the acting slot: in turn -----------------------------------------------------------------
  logic             act_valid;
  logic [SlotW-1:0] act, last_q, probe_slot;
  always_comb begin
    act_valid  = 1'b0;
    act        = last_q;
    probe_slot = last_q;
    if (busy_q != '0) begin
      for (int unsigned s = SlotN; s > 0; s--) begin
        probe_slot = last_q + SlotW'(s);
        if (busy_q[probe_slot] && s2_state_q[probe_slot][2]) begin
          act_valid = !quiet_i;
          act       = probe_slot;
        end
      end
    end
  end

  logic [2:0] state;
  assign state         = s2_state_q[act];
  assign act_slot_o    = act;
  assign about_o       = s2_about_q[act];
  assign user_page_o   = user_page_q[act];
  assign gpa_o         = s2_gpa_q[act];
  assign step_pte_o    = s2_pte_q[act];
  assign step_level_o  = s2_level_q[act];
  assign step_rights_o = rights_q[act];

  // ---- nested TLB -------------------------------------------------------------------------------
  logic                  probing, passes, nested_hit, nested_dirty, fill;
  logic [55:0]           nested_hpa;
  logic [5:0]            nested_shift;
  mmu_pkg::s2_rights_t   nested_rights;
  logic [3:0]            nested_attrs;
  logic [mmu_pkg::NestedIdBits-1:0] id;
  assign passes  = act_ctx_i.s2_mode == mmu_pkg::S2Pass;
  assign probing = act_valid && state == S2Probe && !passes &&
                   root_i.cause == mmu_pkg::CauseNone;
  assign id      = mmu_pkg::nested_id(act_ctx_i.s2_mode, act_ctx_i.vmid,
                                   act_ctx_i.s2_root[51:12]);

  mmu_pkg::s2_answer_t answer;
  nested_tlb #(.Entries(NestedEntries), .Replacement(Replacement)) u_nested_tlb (
    .clk_i, .rst_ni,
    .probe_valid_i (probing), .probe_gpa_i (s2_gpa_q[act]), .probe_id_i (id),
    .probe_need_i (need_i), .hit_o (nested_hit), .hpa_o (nested_hpa), .shift_o (nested_shift),
    .rights_o (nested_rights), .dirty_o (nested_dirty), .attrs_o (nested_attrs),
    .fill_valid_i (fill), .fill_gpa_i (s2_gpa_q[act]), .fill_id_i (id),
    .fill_hpa_i (answer.hpa), .fill_shift_i (answer.shift), .fill_rights_i (answer.rights),
    .fill_dirty_i (answer.dirty), .fill_attrs_i (answer.attrs),
    .sweep_valid_i, .sweep_i
  );

  // ---- A/D updates ------------------------------------------------------------------------------
  logic swap_done, swap_lost, exhausted, unused_refused;
  ad_updater #(.Walks(Walks)) u_updater (
    .clk_i,
    .begin_valid_i (ask_valid_i), .begin_slot_i (ask_slot_i),
    .act_slot_i (act), .act_restart_i (1'b0),
    .act_cas_i (act_valid && state == S2Swapped && !overtaken_q[act]), .act_ok_i (ok_q[act]),
    .act_error_i (error_q[act]),
    .done_o (swap_done), .lost_o (swap_lost), .refused_o (unused_refused),
    .exhausted_o (exhausted)
  );

  // ---- verdicts ---------------------------------------------------------------------------------
  logic bad_memory, step_fault, hold_d, accept, accept_leaf;
  assign bad_memory = error_q[act] != mmu_pkg::MemOk;
  // A pointer at height 0 would lead nowhere; the architectures refuse it, and so does this.
  assign step_fault = step_i.kind == mmu_pkg::StepFault ||
                      (step_i.kind == mmu_pkg::StepTable && s2_level_q[act] == 3'd0);
  // A speculative write must not set D in the page that it would write.
  assign hold_d     = act_access_i.speculative && s2_about_q[act] == mmu_pkg::AboutFinal &&
                      need_i.dirty && step_i.kind == mmu_pkg::StepLeaf;

  mmu_pkg::cause_e memory_cause;
  always_comb begin
    unique case (error_q[act])
      mmu_pkg::MemNoAtomic: memory_cause = mmu_pkg::CauseNoAtomic;
      mmu_pkg::MemParity:   memory_cause = mmu_pkg::CauseParity;
      default:              memory_cause = mmu_pkg::CauseBus;
    endcase
  end

  logic [55:0]         accept_next, offset_mask;
  logic [5:0]          accept_shift;
  mmu_pkg::s2_rights_t accept_rights;
  always_comb begin
    if (state == S2Swapped) begin
      accept        = swap_done;
      accept_leaf   = leaf_q[act];
      accept_next   = next_q[act];
      accept_shift  = shift_q[act];
      accept_rights = step_rights_q[act];
    end else begin
      accept        = act_valid && state == S2Judge && !overtaken_q[act] && !bad_memory &&
                      !step_fault && !step_i.update;
      accept_leaf   = step_i.kind == mmu_pkg::StepLeaf;
      accept_next   = step_i.next;
      accept_shift  = step_i.page_shift;
      accept_rights = step_i.rights;
    end
  end
  assign offset_mask = (56'd1 << accept_shift) - 56'd1;

  // Index of the next descriptor; only the root's may be wider than 9 bits.
  logic [2:0] below;
  logic [8:0] index;
  assign below = s2_level_q[act] - 3'd1;
  always_comb begin
    unique case (below)
      3'd0:    index = s2_gpa_q[act][20:12];
      3'd1:    index = s2_gpa_q[act][29:21];
      3'd2:    index = s2_gpa_q[act][38:30];
      default: index = s2_gpa_q[act][47:39];
    endcase
  end

  // ---- what it does: read, swap or answer -------------------------------------------------------
  logic        read, swap, answers;
  logic [2:0]  level_d;
  logic [51:0] addr_d;
  always_comb begin
    read    = 1'b0;
    swap    = 1'b0;
    answers = 1'b0;
    level_d = s2_level_q[act];
    addr_d  = s2_addr_q[act];
    answer  = '0;
    answer.level     = s2_level_q[act];
    answer.mem_error = mmu_pkg::MemOk;
    if (act_valid) begin
      if (overtaken_q[act]) begin
        answers = 1'b1;
      end else if (state == S2Probe) begin
        level_d = root_i.level;
        addr_d  = root_i.desc_addr[51:0];
        if (passes) begin
          answers       = 1'b1;
          answer.hpa    = s2_gpa_q[act][55:0];
          answer.shift  = mmu_pkg::NoPages;
          answer.rights = 4'hf;
          answer.dirty  = 1'b1;
        end else if (root_i.cause != mmu_pkg::CauseNone) begin
          answers       = 1'b1;
          answer.fault  = 1'b1;
          answer.cause  = root_i.cause;
          answer.level  = root_i.fault_level;
        end else if (nested_hit) begin
          answers       = 1'b1;
          answer.hpa    = nested_hpa;
          answer.shift  = nested_shift;
          answer.rights = nested_rights;
          answer.dirty  = nested_dirty;
          answer.attrs  = nested_attrs;
        end else begin
          read = 1'b1;
        end
      end else if (bad_memory) begin
        answers          = 1'b1;
        answer.fault     = 1'b1;
        answer.cause     = memory_cause;
        answer.rights    = rights_q[act];
        answer.mem_error = error_q[act];
      end else if (state == S2Judge && step_fault) begin
        answers       = 1'b1;
        answer.fault  = 1'b1;
        answer.cause  = (step_i.kind == mmu_pkg::StepFault) ? step_i.cause : mmu_pkg::CauseReserved;
        answer.rights = step_i.rights;
      end else if (state == S2Judge && step_i.update) begin
        answers      = hold_d;
        answer.retry = hold_d;
        swap         = !hold_d;
      end else if (swap_lost) begin
        answers      = exhausted;
        answer.retry = exhausted;
        read         = !exhausted;
      end else if (accept_leaf) begin
        answers       = 1'b1;
        answer.hpa    = (accept_next & ~offset_mask) | (s2_gpa_q[act][55:0] & offset_mask);
        answer.shift  = accept_shift;
        answer.rights = accept_rights;
        answer.dirty  = (state == S2Swapped) ? dirty_q[act] : step_i.dirty;
        answer.attrs  = (state == S2Swapped) ? attrs_q[act] : step_i.attrs;
      end else begin
        read    = 1'b1;
        level_d = below;
        addr_d  = {accept_next[51:12], index, 3'd0};
      end
    end
  end
  assign fill = accept && accept_leaf && !act_access_i.speculative;

  assign issue_valid_o    = read || swap;
  assign issue_cas_o      = swap;
  assign issue_addr_o     = addr_d;
  assign issue_expected_o = s2_pte_q[act];
  assign issue_desired_o  = step_i.new_pte;
  assign issue_level_o    = level_d;

  // The answer says who may execute as it counts for this page.
  assign rsp_valid_o = answers;
  assign rsp_slot_o  = act;
  always_comb begin
    rsp_o = answer;
    if (!answer.fault) begin
      if (need_i.as_user)  rsp_o.rights.sx = answer.rights.ux;
      if (need_i.as_super) rsp_o.rights.ux = answer.rights.sx;
    end
  end
  assign nested_hit_o = nested_hit && !overtaken_q[act];
  assign walk_begin_o = read && state == S2Probe;

  always_comb begin
    swap_pending_o = 1'b0;
    idle_o         = 1'b1;
    for (int unsigned s = 0; s < SlotN; s++) begin
      if (busy_q[s] && overtaken_q[s] && s2_state_q[s] == S2Update) swap_pending_o = 1'b1;
      if (busy_q[s] && s2_state_q[s][2]) idle_o = 1'b0;
    end
  end

  // ---- state ------------------------------------------------------------------------------------
  logic [SlotN-1:0] busy_d, overtaken_d;
  always_comb begin
    busy_d      = busy_q;
    overtaken_d = overtaken_q;
    if (sweep_valid_i) overtaken_d |= concerned_i;
    if (answers) busy_d[act] = 1'b0;
    if (ask_valid_i) begin
      busy_d[ask_slot_i]      = 1'b1;
      overtaken_d[ask_slot_i] = 1'b0;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q      <= '0;
      overtaken_q <= '0;
      last_q      <= '0;
    end else begin
      busy_q      <= busy_d;
      overtaken_q <= overtaken_d;
      if (act_valid) last_q <= act;
    end
  end

  always_ff @(posedge clk_i) begin
    if (act_valid) begin
      s2_state_q[act] <= read ? S2Read : swap ? S2Update : S2Idle;
      s2_level_q[act] <= level_d;
      s2_addr_q[act]  <= addr_d;
      if (accept) rights_q[act] <= accept_rights;
      if (state == S2Judge) begin
        leaf_q[act]        <= step_i.kind == mmu_pkg::StepLeaf;
        next_q[act]        <= step_i.next;
        shift_q[act]       <= step_i.page_shift;
        step_rights_q[act] <= step_i.rights;
        attrs_q[act]       <= step_i.attrs;
        dirty_q[act]       <= step_i.dirty;
      end
    end
    if (rsp_valid_i) begin
      s2_state_q[rsp_slot_i] <= (s2_state_q[rsp_slot_i] == S2Update) ? S2Swapped : S2Judge;
      if (s2_state_q[rsp_slot_i] == S2Read) s2_pte_q[rsp_slot_i] <= rsp_old_i;
      ok_q[rsp_slot_i]    <= rsp_ok_i;
      error_q[rsp_slot_i] <= rsp_error_i;
    end
    if (ask_valid_i) begin
      s2_state_q[ask_slot_i]  <= S2Probe;
      s2_gpa_q[ask_slot_i]    <= ask_gpa_i;
      s2_about_q[ask_slot_i]  <= ask_about_i;
      user_page_q[ask_slot_i] <= ask_user_page_i;
      rights_q[ask_slot_i]    <= 4'hf;
      error_q[ask_slot_i]     <= mmu_pkg::MemOk;
    end
  end

  logic unused_bits;
  assign unused_bits = &{1'b0, root_i, act_ctx_i, act_access_i, accept_next, next_q[act][11:0],
                         need_i, answer};

  `MMU_ASSERT(overtaken_never_fills, !fill || !overtaken_q[act])
  `MMU_ASSERT(fault_never_fills, !fill || (answers && !answer.fault && !answer.retry))
  `MMU_ASSERT(one_question_a_slot, !ask_valid_i || !busy_q[ask_slot_i] ||
              (answers && act == ask_slot_i))
  `MMU_ASSERT(address_fits_the_port, !read || state != S2Probe || root_i.desc_addr[55:52] == 4'd0)

endmodule
