// SPDX-License-Identifier: Apache-2.0
// What the acting walk slot does next: the walk as one combinational table of states and verdicts.
// Everything it is given belongs to that slot; the slots themselves are in s1_walker.sv.
//
//   root    -> read the first descriptor, or the one below the deepest pointer that is known
//   judge   -> fault; or the descriptor must be updated first; or it is accepted
//   swapped -> accepted; or the race was lost: read the same descriptor again; or refused
//   accepted pointer -> read the next descriptor;  accepted leaf -> answer
// A descriptor that the descriptor cache gave counts only if it is a pointer and needs no update;
// else memory is asked after all. With a stage 2 each address asks there first; if that now has
// the descriptor to be swapped in another place than the one that was read, it is read again. An
// overtaken slot starts again, whatever it was about to do, and a slot that lost its patience
// answers "retry".
module walk_control (
  input  logic             act_valid_i,
  // the slot
  input  logic [3:0]       state_i,       // walk_state_e
  input  logic             overtaken_i,
  input  logic [2:0]       level_i,
  input  logic [55:0]      addr_i,        // of its descriptor, before stage 2
  input  logic [63:0]      gpa_i,         // last asked of stage 2
  input  logic [1:0]       about_i,       // about_e
  input  logic [3:0]       cause_i,
  input  logic [1:0]       error_i,       // of the last memory answer
  input  mmu_pkg::s2_answer_t s2_i,       // what stage 2 said
  input  logic             s2_moved_i,    // ... of a place that it had another answer for before
  input  logic             stored_i,      // its descriptor came from the descriptor cache
  // its request
  input  logic [63:0]      va_i,
  input  logic             s1_off_i,
  input  logic             s2_on_i,
  // verdicts of others
  input  mmu_pkg::root_t   root_i,
  input  logic             probe_hit_i,
  input  logic [2:0]       probe_level_i,
  input  logic [55:0]      probe_table_i,
  input  mmu_pkg::step_t   step_i,
  input  logic             swap_done_i,
  input  logic             swap_lost_i,
  input  logic             exhausted_i,
  input  logic             hold_d_i,         // a speculative write: no update of the leaf
  // the step that its swap was for
  input  logic             judged_leaf_i,
  input  logic             judged_global_i,
  input  mmu_pkg::rights_t judged_rights_i,
  input  logic [55:0]      judged_next_i,
  input  logic [5:0]       judged_shift_i,
  // what it is at
  output logic             finding_root_o,
  output logic             cached_o,      // it starts below the root
  output logic             restart_o,
  output logic             judge_o,       // the step counts
  // its descriptor is accepted: it needs no update, or has just got it
  output logic             accept_o,
  output logic             accept_leaf_o,
  output logic             accept_global_o,
  output mmu_pkg::rights_t accept_rights_o,
  output logic [55:0]      accept_next_o,
  // its next state; into Read or Update there goes a request to memory, into AskS2 a question
  output logic [3:0]       state_o,
  output logic [2:0]       level_o,
  output logic [55:0]      addr_o,
  output logic [63:0]      gpa_o,         // the address that is read, swapped or answered
  output logic [1:0]       about_o,
  output logic [3:0]       cause_o,
  output logic             ask_o,
  output logic             moved_o,       // as a lost race: it is not where it was read
  output logic             anew_o         // the read must not be spared: it was read before
);

  // ---- verdicts ---------------------------------------------------------------------------------
  logic bad_read, step_fault, reread;
  assign moved_o = act_valid_i && !restart_o && state_i == mmu_pkg::WalkS2Done &&
                   about_i == mmu_pkg::AboutSwap && s2_moved_i && !s2_i.fault && !s2_i.retry;
  assign finding_root_o = act_valid_i && state_i == mmu_pkg::WalkRoot;
  assign restart_o = act_valid_i && overtaken_i && state_i != mmu_pkg::WalkRoot &&
                     state_i != mmu_pkg::WalkRetry;
  assign bad_read  = error_i != mmu_pkg::MemOk;
  assign judge_o   = act_valid_i && !restart_o && state_i == mmu_pkg::WalkJudge && !bad_read &&
                     !reread;

  // A pointer at height 0 would lead nowhere; the architectures refuse it, and so does this.
  assign step_fault = step_i.kind == mmu_pkg::StepFault ||
                      (step_i.kind == mmu_pkg::StepTable && level_i == 3'd0);

  assign reread = stored_i && state_i == mmu_pkg::WalkJudge &&
                  (step_i.kind != mmu_pkg::StepTable || step_fault || step_i.update);

  // The walk cache may know a table that this context's physical width does not reach.
  assign cached_o = probe_hit_i && (probe_table_i >> root_i.table_width) == 56'd0;

  logic [5:0] accept_shift;
  always_comb begin
    if (state_i == mmu_pkg::WalkSwapped) begin
      accept_o        = swap_done_i;
      accept_leaf_o   = judged_leaf_i;
      accept_global_o = judged_global_i;
      accept_rights_o = judged_rights_i;
      accept_next_o   = judged_next_i;
      accept_shift    = judged_shift_i;
    end else begin
      accept_o        = judge_o && !step_fault && !step_i.update;
      accept_leaf_o   = step_i.kind == mmu_pkg::StepLeaf;
      accept_global_o = step_i.is_global;
      accept_rights_o = step_i.rights;
      accept_next_o   = step_i.next;
      accept_shift    = step_i.page_shift;
    end
  end

  // A memory error wins over whatever data came with it.
  logic [3:0] memory_cause;
  always_comb begin
    unique case (error_i)
      mmu_pkg::MemNoAtomic: memory_cause = mmu_pkg::CauseNoAtomic;
      mmu_pkg::MemParity:   memory_cause = mmu_pkg::CauseParity;
      default:              memory_cause = mmu_pkg::CauseBus;
    endcase
  end

  // Index of a descriptor in the table of this height, and the page offset of a leaf.
  logic [2:0]  below, table_level;
  logic [8:0]  index;
  logic [55:0] offset_mask;
  assign below       = level_i - 3'd1;
  assign table_level = finding_root_o ? probe_level_i : below;
  always_comb begin
    unique case (table_level)
      3'd0:    index = va_i[20:12];
      3'd1:    index = va_i[29:21];
      3'd2:    index = va_i[38:30];
      3'd3:    index = va_i[47:39];
      default: index = va_i[56:48];
    endcase
  end
  assign offset_mask = (56'd1 << accept_shift) - 56'd1;

  // ---- what it does -----------------------------------------------------------------------------
  logic read;  // read the descriptor at addr_o
  always_comb begin
    state_o = state_i;
    level_o = level_i;
    addr_o  = addr_i;
    gpa_o   = gpa_i;
    about_o = about_i;
    cause_o = cause_i;
    read    = 1'b0;
    ask_o   = 1'b0;
    if (act_valid_i) begin
      unique case (state_i)
        mmu_pkg::WalkRoot: begin
          level_o = root_i.level;
          cause_o = root_i.cause;
          addr_o  = root_i.desc_addr;
          if (root_i.cause != mmu_pkg::CauseNone) begin
            state_o = mmu_pkg::WalkFault;
            level_o = root_i.fault_level;
          end else if (s1_off_i) begin
            gpa_o   = va_i;
            about_o = mmu_pkg::AboutFinal;
            ask_o   = s2_on_i;
            state_o = mmu_pkg::WalkFill;
          end else begin
            if (cached_o) begin
              level_o = probe_level_i;
              addr_o  = {probe_table_i[55:12], index, 3'd0};
            end
            read = 1'b1;
          end
        end
        mmu_pkg::WalkJudge: begin
          if (reread) begin
            read = 1'b1;
          end else if (bad_read) begin
            state_o = mmu_pkg::WalkFault;
            cause_o = memory_cause;
          end else if (step_fault) begin
            state_o = mmu_pkg::WalkFault;
            cause_o = (step_i.kind == mmu_pkg::StepFault) ? step_i.cause : mmu_pkg::CauseReserved;
          end else if (step_i.update && hold_d_i && step_i.kind == mmu_pkg::StepLeaf) begin
            state_o = mmu_pkg::WalkRetry;
          end else if (step_i.update) begin
            gpa_o   = {8'd0, addr_i};
            about_o = mmu_pkg::AboutSwap;
            ask_o   = s2_on_i;
            state_o = mmu_pkg::WalkUpdate;
          end
        end
        mmu_pkg::WalkSwapped: begin
          if (swap_lost_i) begin
            if (exhausted_i) state_o = mmu_pkg::WalkRetry;
            else             read = 1'b1;
          end else if (!swap_done_i) begin
            state_o = mmu_pkg::WalkFault;
            cause_o = memory_cause;
          end
        end
        mmu_pkg::WalkS2Done: begin
          if (s2_i.retry) begin
            state_o = mmu_pkg::WalkRetry;
          end else if (s2_i.fault) begin
            state_o = mmu_pkg::WalkFault;
            cause_o = s2_i.cause;
          end else if (moved_o) begin
            if (exhausted_i) state_o = mmu_pkg::WalkRetry;
            else             read = 1'b1;
          end else begin
            unique case (about_i)
              mmu_pkg::AboutTable: state_o = mmu_pkg::WalkRead;
              mmu_pkg::AboutSwap:  state_o = mmu_pkg::WalkUpdate;
              default:             state_o = mmu_pkg::WalkFill;
            endcase
          end
        end
        default: state_o = mmu_pkg::WalkIdle;  // it has answered
      endcase
      if (accept_o) begin
        if (accept_leaf_o) begin
          gpa_o   = {8'd0, (accept_next_o & ~offset_mask) | (va_i[55:0] & offset_mask)};
          about_o = mmu_pkg::AboutFinal;
          ask_o   = s2_on_i;
          state_o = mmu_pkg::WalkFill;
        end else begin
          level_o = below;
          addr_o  = {accept_next_o[55:12], index, 3'd0};
          read    = 1'b1;
        end
      end
      if (restart_o) begin
        state_o = exhausted_i ? mmu_pkg::WalkRetry : mmu_pkg::WalkRoot;
        read    = 1'b0;
        ask_o   = 1'b0;
      end
      if (read) begin
        gpa_o   = {8'd0, addr_o};
        about_o = mmu_pkg::AboutTable;
        ask_o   = s2_on_i;
        state_o = mmu_pkg::WalkRead;
      end
      if (ask_o) state_o = mmu_pkg::WalkAskS2;
    end
  end

  assign anew_o = state_i == mmu_pkg::WalkSwapped ? !swap_done_i : reread || moved_o;

  logic unused_bits;
  assign unused_bits = &{1'b0, root_i, s2_i, step_i, accept_next_o};

endmodule
