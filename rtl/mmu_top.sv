// SPDX-License-Identifier: Apache-2.0
// The MMU of one CPU: instances and wires, to be read as its block diagram.
//
//    fetch ──► L1 I ──┐     ┌──► L2 TLB ─────────┐         arch_sel: need, root, step, syndrome,
//                     ├──► miss queue            ├──► refill ──► miss lanes, L1s, L2       inval
//    data  ──► L1 D ──┘     └──► stage-1 walker ─┘
//                                  │ └──► walk cache, descriptor cache, A/D updater
//                                  └────► stage-2 walker (nested TLB), memory port ──►
//    invalidate ──► invalidation unit ── sweeps walk caches and walks, then the L2, then the L1s
//
// Each request gets one answer: on the hit lane of its port from the L1, or on the miss lane from
// the L2 or the walker. A port's lanes are apart, so that hits do not hold up a finished walk.
module mmu_top #(
  parameter logic [1:0]  Arch       = 2'd0,  // mmu_pkg::arch_e
  parameter int unsigned L1IEntries = 64,
  parameter int unsigned L1DEntries = 64,
  parameter int unsigned L2Sets     = 128,   // a power of two; 0: no L2 TLB
  parameter int unsigned L2Ways     = 8,
  parameter int unsigned Pwc1Entries = 16,   // walk cache, by height of the pointer; 0: none
  parameter int unsigned Pwc2Entries = 16,
  parameter int unsigned Pwc3Entries = 16,
  parameter int unsigned Pwc4Entries = 16,
  parameter int unsigned PwcKind    = 0,     // 0: tagged by virtual address, 1: by physical
  parameter int unsigned Walks      = 2,     // walks in flight
  parameter int unsigned MissQueue  = 4,     // requests that wait for a walk
  parameter int unsigned Replacement = 0,    // mmu_pkg::replacement_e
  parameter int unsigned NestedEntries = 16  // guest-physical to physical; 0: none
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  // requests, hit lane, miss lane: fetch
  input  logic                f_req_valid_i,
  output logic                f_req_ready_o,
  input  logic [63:0]         f_req_va_i,
  input  logic [7:0]          f_req_tag_i,
  input  mmu_pkg::access_t    f_req_access_i,
  input  mmu_pkg::ctx_t       f_req_ctx_i,
  input  logic                f_req_from_regs_i,
  output logic                f_hit_valid_o,
  output logic [7:0]          f_hit_tag_o,
  output logic [55:0]         f_hit_pa_o,
  output logic [5:0]          f_hit_s1_shift_o,
  output logic [5:0]          f_hit_s2_shift_o,
  output logic [7:0]          f_hit_attrs_o,
  output logic [3:0]          f_hit_s2_attrs_o,
  output logic [7:0]          f_hit_epoch_o,
  output logic                f_miss_valid_o,
  output logic [7:0]          f_miss_tag_o,
  output logic [1:0]          f_miss_status_o,
  output logic [55:0]         f_miss_pa_o,
  output logic [5:0]          f_miss_s1_shift_o,
  output logic [5:0]          f_miss_s2_shift_o,
  output logic [7:0]          f_miss_attrs_o,
  output logic [3:0]          f_miss_s2_attrs_o,
  output logic                f_miss_l2_o,      // from the L2 TLB
  output logic [7:0]          f_miss_epoch_o,
  // the same: data
  input  logic                d_req_valid_i,
  output logic                d_req_ready_o,
  input  logic [63:0]         d_req_va_i,
  input  logic [7:0]          d_req_tag_i,
  input  mmu_pkg::access_t    d_req_access_i,
  input  mmu_pkg::ctx_t       d_req_ctx_i,
  input  logic                d_req_from_regs_i,
  output logic                d_hit_valid_o,
  output logic [7:0]          d_hit_tag_o,
  output logic [55:0]         d_hit_pa_o,
  output logic [5:0]          d_hit_s1_shift_o,
  output logic [5:0]          d_hit_s2_shift_o,
  output logic [7:0]          d_hit_attrs_o,
  output logic [3:0]          d_hit_s2_attrs_o,
  output logic [7:0]          d_hit_epoch_o,
  output logic                d_miss_valid_o,
  output logic [7:0]          d_miss_tag_o,
  output logic [1:0]          d_miss_status_o,
  output logic [55:0]         d_miss_pa_o,
  output logic [5:0]          d_miss_s1_shift_o,
  output logic [5:0]          d_miss_s2_shift_o,
  output logic [7:0]          d_miss_attrs_o,
  output logic [3:0]          d_miss_s2_attrs_o,
  output logic                d_miss_l2_o,
  output logic [7:0]          d_miss_epoch_o,
  // the fault of whichever miss lane is valid (one at a time)
  output mmu_pkg::fault_t     miss_fault_o,
  output mmu_pkg::syndrome_t  miss_syndrome_o,
  // invalidation
  input  logic                inval_valid_i,
  output logic                inval_ready_o,
  input  mmu_pkg::inval_op_t  inval_op_i,
  input  logic [7:0]          inval_id_i,
  output logic                inval_done_o,
  output logic [7:0]          inval_done_id_o,
  // memory
  output logic                mem_req_valid_o,
  input  logic                mem_req_ready_i,
  output logic                mem_req_cas_o,
  output logic [7:0]          mem_req_id_o,
  output logic [51:0]         mem_req_addr_o,
  output logic [63:0]         mem_req_expected_o,
  output logic [63:0]         mem_req_desired_o,
  input  logic                mem_rsp_valid_i,
  input  logic [7:0]          mem_rsp_id_i,
  input  logic [1:0]          mem_rsp_error_i,
  input  logic                mem_rsp_ok_i,
  input  logic [63:0]         mem_rsp_old_i,
  // registers; time_i is the number of the cycle, modulo 2^32
  input  logic [31:0]         time_i,
  input  logic                reg_req_valid_i,
  input  logic                reg_req_write_i,
  input  logic [11:0]         reg_req_addr_i,
  input  logic [63:0]         reg_req_wdata_i,
  output logic                reg_rsp_valid_o,
  output logic [63:0]         reg_rsp_rdata_o,
  output logic                reg_rsp_error_o,
  output logic                irq_o,
  // debug
  output logic [7:0]          mem_req_tag_o,
  output logic                mem_req_port_o,
  output logic [2:0]          mem_req_level_o,
  output logic                mem_req_stage2_o,
  output logic [7:0]          mem_req_reads_o,
  output logic                ev_walk_start_o,
  output logic                ev_l2_hit_o,
  output logic                ev_l2_miss_o,
  output logic                ev_pwc_hit_o,
  output logic                ev_nested_hit_o,
  output logic                ev_merge_o,
  output logic                ev_overlap_o,
  output logic                ev_restart_o,
  // nothing changes until an input does
  output logic                idle_o
);

  localparam int unsigned SlotW = (Walks > 1) ? $clog2(Walks) : 1;
  localparam int unsigned SlotN = 2 ** SlotW;
  localparam int unsigned QueueW = (MissQueue > 1) ? $clog2(MissQueue) : 1;
  localparam int unsigned PwcEntries = Pwc1Entries + Pwc2Entries + Pwc3Entries + Pwc4Entries;

  // ---- wires, by the block that drives them -----------------------------------------------------
  // L1 TLBs
  logic [63:0]        f_look_va, d_look_va;
  logic [51:0]        f_vpn, d_vpn;
  logic [7:0]         f_look_tag, d_look_tag;
  mmu_pkg::access_t   f_look_access, d_look_access;
  mmu_pkg::ctx_t      f_look_ctx, d_look_ctx;
  logic               f_miss_valid, d_miss_valid;
  logic               f_overlap, d_overlap;
  logic               f_idle, d_idle;
  // miss queue
  logic               f_miss_ready, d_miss_ready;
  logic               f_replay_valid, d_replay_valid;
  logic [63:0]        replay_va;
  logic [7:0]         replay_tag;
  mmu_pkg::access_t   replay_access;
  mmu_pkg::ctx_t      replay_ctx;
  logic               start_valid, start_port;
  logic [SlotW-1:0]   start_slot;
  logic [63:0]        start_va;
  logic [7:0]         start_top;
  logic [7:0]         start_tag;
  mmu_pkg::access_t   start_access;
  mmu_pkg::ctx_t      start_ctx;
  mmu_pkg::need_t     start_need;
  logic               queue_idle;
  // L2 TLB
  logic               ready, look_valid, look_ready;
  logic [QueueW-1:0]  look_idx, found_idx;
  logic [51:0]        look_vpn;
  logic [63:0]        found_va;
  logic               found_port, found_hit, found_hit_ready, found_miss, found_again;
  logic               found_speculative;
  logic [7:0]         found_tag;
  logic [mmu_pkg::IdBits-1:0] found_id;
  logic [39:0]        found_root;
  mmu_pkg::need_t     found_need;
  mmu_pkg::entry_t    found_entry;
  logic               l2_fill_ready, l2_swept, l2_idle;
  // refill
  mmu_pkg::entry_t    fill_entry;
  logic               f_fill, d_fill, l2_fill, miss_l2;
  logic [7:0]         miss_tag, miss_attrs;
  logic [1:0]         miss_status;
  logic [55:0]        miss_pa;
  logic [5:0]         miss_s1_shift, miss_s2_shift;
  logic [3:0]         miss_s2_attrs;
  // architecture
  mmu_pkg::need_t     f_need, d_need;
  mmu_pkg::root_t     root;
  mmu_pkg::step_t     step;
  mmu_pkg::inval_t    sweep;
  // stage-1 walker
  logic [SlotW-1:0]   act_slot;
  logic [63:0]        act_va, act_asked;
  logic [7:0]         act_tag;
  logic               act_port;
  logic [mmu_pkg::IdBits-1:0] act_id;
  logic [39:0]        act_root;
  mmu_pkg::access_t   act_access;
  mmu_pkg::ctx_t      act_ctx;
  logic [63:0]        step_pte;
  logic [2:0]         step_level;
  logic [3:0]         step_index;
  logic               step_upper, step_global;
  mmu_pkg::rights_t   step_rights;
  mmu_pkg::need_t     step_need;
  logic               probe_valid, point_valid, point_global;
  logic [2:0]         point_level;
  logic [55:0]        point_table;
  mmu_pkg::rights_t   point_rights;
  logic               issue_valid, issue_cas;
  logic [51:0]        issue_addr;
  logic [63:0]        issue_expected, issue_desired;
  logic [2:0]         issue_level;
  logic               act_restart, act_moved, act_swapped, act_swap_ok;
  logic [1:0]         act_error;
  logic               s2_ask_valid, s2_ask_user_page;
  logic [63:0]        s2_ask_gpa;
  logic [1:0]         s2_ask_about;
  logic [SlotN-1:0]   concerned;
  logic               answer_valid, answer_port;
  logic [7:0]         answer_tag;
  logic [1:0]         answer_status;
  logic [55:0]        answer_pa;
  logic               walk_fill;
  mmu_pkg::entry_t    walk_entry;
  logic               swap_pending, walker_idle;
  logic               desc_probe, desc_fill, known_used;
  logic [51:0]        desc_fill_addr;
  logic [63:0]        desc_fill_pte;
  // descriptor cache
  logic               desc_hit;
  logic [63:0]        desc_pte;
  // walk cache
  logic               probe_hit, probe_global;
  logic [2:0]         probe_level;
  logic [55:0]        probe_table;
  mmu_pkg::rights_t   probe_rights;
  // A/D updater
  logic               swap_done, swap_lost, swap_refused, exhausted;
  // stage-2 walker
  logic               s2_rsp_valid;
  logic [SlotW-1:0]   s2_rsp_slot;
  mmu_pkg::s2_answer_t s2_rsp;
  logic [SlotW-1:0]   s2_act_slot;
  mmu_pkg::access_t   s2_act_access;
  mmu_pkg::ctx_t      s2_act_ctx;
  logic [7:0]         s2_act_tag;
  logic               s2_act_port;
  logic [1:0]         s2_about;
  logic               s2_user_page;
  mmu_pkg::s2_need_t  s2_need;
  logic [63:0]        s2_gpa;
  mmu_pkg::root_t     s2_root;
  logic [63:0]        s2_step_pte;
  logic [2:0]         s2_step_level;
  mmu_pkg::s2_rights_t s2_step_rights;
  mmu_pkg::s2_step_t  s2_step;
  logic               s2_issue_valid, s2_issue_cas;
  logic [51:0]        s2_issue_addr;
  logic [63:0]        s2_issue_expected, s2_issue_desired;
  logic [2:0]         s2_issue_level;
  logic               s2_swap_pending, s2_walk_begin, s2_idle;
  // memory port
  logic               rsp_valid, rsp_stage2, port_idle;
  logic [SlotW-1:0]   rsp_slot;
  logic [SlotN-1:0]   port_busy;
  // invalidation unit
  mmu_pkg::inval_op_t sweep_op;
  logic               sweep_walks, sweep_l1, quiet, inval_idle;
  logic [7:0]         epoch;

  // registers
  regs_pkg::context_t regs_context;
  logic               fault_enable, fault_pop, fault_clear_overflow;
  logic               record_read, record_valid, fault_full, fault_overflow;
  logic [2:0]         record_field;
  logic [63:0]        record_word;
  logic [7:0]         fault_head, fault_tail, fault_count;
  logic [31:0]        fault_drops;
  logic               count_enable, count_clear, count_read, regs_idle;
  logic [4:0]         count_index;
  logic [63:0]        count_value;
  logic               answer_fault, answer_retry;
  logic               table_read, s2_read, swap_sets_a, swap_sets_d, swap_found_other;

  // ---- L1 TLBs ----------------------------------------------------------------------------------
  l1_tlb #(.Entries(L1IEntries), .Replacement(2'(Replacement))) u_l1i (
    .clk_i, .rst_ni, .ready_i (ready),
    .req_valid_i (f_req_valid_i), .req_ready_o (f_req_ready_o), .req_va_i (f_req_va_i),
    .req_tag_i (f_req_tag_i), .req_access_i (f_req_access_i), .req_ctx_i (f_req_ctx_i),
    .req_from_regs_i (f_req_from_regs_i), .regs_i (regs_context),
    .replay_valid_i (f_replay_valid), .replay_va_i (replay_va), .replay_tag_i (replay_tag),
    .replay_access_i (replay_access), .replay_ctx_i (replay_ctx),
    .look_va_o (f_look_va), .look_tag_o (f_look_tag), .look_access_o (f_look_access),
    .look_ctx_o (f_look_ctx), .vpn_i (f_vpn), .need_i (f_need),
    .hit_valid_o (f_hit_valid_o), .hit_pa_o (f_hit_pa_o), .hit_s1_shift_o (f_hit_s1_shift_o),
    .hit_s2_shift_o (f_hit_s2_shift_o), .hit_attrs_o (f_hit_attrs_o),
    .hit_s2_attrs_o (f_hit_s2_attrs_o),
    .miss_valid_o (f_miss_valid), .miss_ready_i (f_miss_ready),
    .fill_valid_i (f_fill), .fill_i (fill_entry),
    .sweep_valid_i (sweep_l1), .sweep_i (sweep),
    .overlap_o (f_overlap), .idle_o (f_idle)
  );

  l1_tlb #(.Entries(L1DEntries), .Replacement(2'(Replacement))) u_l1d (
    .clk_i, .rst_ni, .ready_i (ready),
    .req_valid_i (d_req_valid_i), .req_ready_o (d_req_ready_o), .req_va_i (d_req_va_i),
    .req_tag_i (d_req_tag_i), .req_access_i (d_req_access_i), .req_ctx_i (d_req_ctx_i),
    .req_from_regs_i (d_req_from_regs_i), .regs_i (regs_context),
    .replay_valid_i (d_replay_valid), .replay_va_i (replay_va), .replay_tag_i (replay_tag),
    .replay_access_i (replay_access), .replay_ctx_i (replay_ctx),
    .look_va_o (d_look_va), .look_tag_o (d_look_tag), .look_access_o (d_look_access),
    .look_ctx_o (d_look_ctx), .vpn_i (d_vpn), .need_i (d_need),
    .hit_valid_o (d_hit_valid_o), .hit_pa_o (d_hit_pa_o), .hit_s1_shift_o (d_hit_s1_shift_o),
    .hit_s2_shift_o (d_hit_s2_shift_o), .hit_attrs_o (d_hit_attrs_o),
    .hit_s2_attrs_o (d_hit_s2_attrs_o),
    .miss_valid_o (d_miss_valid), .miss_ready_i (d_miss_ready),
    .fill_valid_i (d_fill), .fill_i (fill_entry),
    .sweep_valid_i (sweep_l1), .sweep_i (sweep),
    .overlap_o (d_overlap), .idle_o (d_idle)
  );

  // ---- misses -----------------------------------------------------------------------------------
  miss_queue #(.Entries(MissQueue), .Walks(Walks)) u_miss_queue (
    .clk_i, .rst_ni,
    .f_miss_valid_i (f_miss_valid), .f_miss_ready_o (f_miss_ready), .f_miss_va_i (f_look_va),
    .f_miss_tag_i (f_look_tag), .f_miss_access_i (f_look_access), .f_miss_ctx_i (f_look_ctx),
    .f_miss_vpn_i (f_vpn), .f_miss_need_i (f_need),
    .d_miss_valid_i (d_miss_valid), .d_miss_ready_o (d_miss_ready), .d_miss_va_i (d_look_va),
    .d_miss_tag_i (d_look_tag), .d_miss_access_i (d_look_access), .d_miss_ctx_i (d_look_ctx),
    .d_miss_vpn_i (d_vpn), .d_miss_need_i (d_need),
    .f_replay_valid_o (f_replay_valid), .d_replay_valid_o (d_replay_valid),
    .replay_va_o (replay_va), .replay_tag_o (replay_tag), .replay_access_o (replay_access),
    .replay_ctx_o (replay_ctx),
    .look_valid_o (look_valid), .look_ready_i (look_ready), .look_idx_o (look_idx),
    .look_vpn_o (look_vpn), .found_idx_i (found_idx), .found_port_o (found_port),
    .found_va_o (found_va), .found_tag_o (found_tag), .found_id_o (found_id),
    .found_root_o (found_root),
    .found_need_o (found_need), .found_speculative_o (found_speculative),
    .found_hit_i (miss_l2), .found_miss_i (found_miss),
    .found_again_i (found_again),
    .start_valid_o (start_valid), .start_slot_o (start_slot), .start_port_o (start_port),
    .start_va_o (start_va), .start_top_o (start_top), .start_tag_o (start_tag),
    .start_access_o (start_access), .start_ctx_o (start_ctx), .start_need_o (start_need),
    .end_valid_i (answer_valid), .end_slot_i (act_slot),
    .merge_o (ev_merge_o), .idle_o (queue_idle)
  );

  l2_tlb #(
    .Sets(L2Sets), .Ways(L2Ways), .Replacement(2'(Replacement)), .Queue(MissQueue)
  ) u_l2 (
    .clk_i, .rst_ni, .ready_o (ready),
    .look_valid_i (look_valid), .look_ready_o (look_ready), .look_idx_i (look_idx),
    .look_vpn_i (look_vpn),
    .idx_o (found_idx), .vpn_i (found_va[63:12]), .id_i (found_id), .root_i (found_root),
    .need_i (found_need),
    .hit_valid_o (found_hit), .hit_ready_i (found_hit_ready), .hit_o (found_entry),
    .miss_o (found_miss), .again_o (found_again),
    .fill_valid_i (l2_fill), .fill_ready_o (l2_fill_ready), .fill_i (walk_entry),
    .sweep_start_i (sweep_walks), .inval_i (sweep), .swept_o (l2_swept),
    .idle_o (l2_idle)
  );

  refill u_refill (
    .quiet_i (quiet),
    .walk_valid_i (answer_valid), .walk_port_i (answer_port), .walk_tag_i (answer_tag),
    .walk_status_i (answer_status), .walk_pa_i (answer_pa), .walk_fill_i (walk_fill),
    .walk_entry_i (walk_entry),
    .l2_valid_i (found_hit), .l2_ready_o (found_hit_ready), .l2_port_i (found_port),
    .l2_tag_i (found_tag), .l2_va_i (found_va), .l2_entry_i (found_entry),
    .l2_fill_i (!found_speculative),
    .f_miss_valid_o, .d_miss_valid_o, .miss_l2_o (miss_l2), .miss_tag_o (miss_tag),
    .miss_status_o (miss_status), .miss_pa_o (miss_pa), .miss_s1_shift_o (miss_s1_shift),
    .miss_s2_shift_o (miss_s2_shift), .miss_attrs_o (miss_attrs),
    .miss_s2_attrs_o (miss_s2_attrs),
    .f_fill_o (f_fill), .d_fill_o (d_fill), .l2_fill_o (l2_fill), .fill_entry_o (fill_entry)
  );

  // ---- walks ------------------------------------------------------------------------------------
  s1_walker #(.Walks(Walks)) u_s1_walker (
    .clk_i, .rst_ni,
    .start_valid_i (start_valid), .start_slot_i (start_slot), .start_port_i (start_port),
    .start_va_i (start_va), .start_top_i (start_top), .start_tag_i (start_tag),
    .start_access_i (start_access), .start_ctx_i (start_ctx), .start_need_i (start_need),
    .act_slot_o (act_slot), .act_va_o (act_va), .act_asked_o (act_asked),
    .act_access_o (act_access), .act_ctx_o (act_ctx),
    .root_i (root),
    .step_index_o (step_index),
    .step_pte_o (step_pte), .step_level_o (step_level), .step_upper_o (step_upper),
    .step_rights_o (step_rights), .step_global_o (step_global), .step_need_o (step_need),
    .step_i (step),
    .act_id_o (act_id), .act_root_o (act_root), .probe_valid_o (probe_valid),
    .probe_hit_i (probe_hit),
    .probe_level_i (probe_level), .probe_table_i (probe_table), .probe_rights_i (probe_rights),
    .probe_global_i (probe_global),
    .point_valid_o (point_valid), .point_level_o (point_level), .point_table_o (point_table),
    .point_rights_o (point_rights), .point_global_o (point_global),
    .desc_probe_o (desc_probe), .desc_hit_i (desc_hit), .desc_pte_i (desc_pte),
    .desc_fill_o (desc_fill), .desc_fill_addr_o (desc_fill_addr),
    .desc_fill_pte_o (desc_fill_pte), .known_used_o (known_used),
    .issue_valid_o (issue_valid), .issue_cas_o (issue_cas), .issue_addr_o (issue_addr),
    .issue_expected_o (issue_expected), .issue_desired_o (issue_desired),
    .rsp_valid_i (rsp_valid && !rsp_stage2), .rsp_slot_i (rsp_slot), .rsp_old_i (mem_rsp_old_i),
    .rsp_ok_i (mem_rsp_ok_i), .rsp_error_i (mem_rsp_error_i),
    .act_restart_o (act_restart), .act_moved_o (act_moved), .act_swapped_o (act_swapped),
    .act_swap_ok_o (act_swap_ok),
    .act_error_o (act_error), .swap_done_i (swap_done), .swap_lost_i (swap_lost),
    .exhausted_i (exhausted),
    .s2_ask_valid_o (s2_ask_valid), .s2_ask_gpa_o (s2_ask_gpa), .s2_ask_about_o (s2_ask_about),
    .s2_ask_user_page_o (s2_ask_user_page),
    .s2_rsp_valid_i (s2_rsp_valid), .s2_rsp_slot_i (s2_rsp_slot), .s2_rsp_i (s2_rsp),
    .s2_act_slot_i (s2_act_slot), .s2_act_access_o (s2_act_access), .s2_act_ctx_o (s2_act_ctx),
    .s2_act_tag_o (s2_act_tag), .s2_act_port_o (s2_act_port), .concerned_o (concerned),
    .answer_valid_o (answer_valid), .answer_port_o (answer_port), .answer_tag_o (answer_tag),
    .answer_status_o (answer_status), .answer_pa_o (answer_pa), .answer_fault_o (miss_fault_o),
    .fill_valid_o (walk_fill), .fill_ready_i (l2_fill_ready), .fill_o (walk_entry),
    .quiet_i (quiet), .sweep_valid_i (sweep_walks), .sweep_i (sweep),
    .swap_pending_o (swap_pending),
    .act_tag_o (act_tag), .act_port_o (act_port), .issue_level_o (issue_level),
    .idle_o (walker_idle)
  );

  walk_cache #(
    .Entries1 (PwcKind == 0 ? Pwc1Entries : 0), .Entries2 (PwcKind == 0 ? Pwc2Entries : 0),
    .Entries3 (PwcKind == 0 ? Pwc3Entries : 0), .Entries4 (PwcKind == 0 ? Pwc4Entries : 0),
    .Replacement (2'(Replacement))
  ) u_walk_cache (
    .clk_i, .rst_ni,
    .probe_valid_i (probe_valid), .probe_va_i (act_va), .probe_upper_i (root.upper),
    .probe_id_i (act_id), .probe_root_i (act_root), .hit_o (probe_hit), .level_o (probe_level),
    .table_o (probe_table),
    .rights_o (probe_rights), .global_o (probe_global),
    .fill_valid_i (point_valid), .fill_level_i (point_level), .fill_va_i (act_va),
    .fill_upper_i (step_upper), .fill_id_i (act_id), .fill_table_i (point_table),
    .fill_rights_i (point_rights), .fill_global_i (point_global),
    .sweep_valid_i (sweep_walks), .sweep_i (sweep)
  );

  desc_cache #(
    .Entries (PwcKind == 0 ? 0 : PwcEntries), .Replacement (2'(Replacement))
  ) u_desc_cache (
    .clk_i, .rst_ni,
    .probe_valid_i (desc_probe), .probe_addr_i (issue_addr), .probe_level_i (issue_level),
    .hit_o (desc_hit), .pte_o (desc_pte),
    .fill_valid_i (desc_fill), .fill_addr_i (desc_fill_addr), .fill_level_i (point_level),
    .fill_pte_i (desc_fill_pte),
    .sweep_valid_i (sweep_walks), .sweep_i (sweep)
  );

  s2_walker #(
    .Walks (Walks), .NestedEntries (NestedEntries), .Replacement (2'(Replacement))
  ) u_s2_walker (
    .clk_i, .rst_ni,
    .ask_valid_i (s2_ask_valid), .ask_slot_i (act_slot), .ask_gpa_i (s2_ask_gpa),
    .ask_about_i (s2_ask_about), .ask_user_page_i (s2_ask_user_page),
    .rsp_valid_o (s2_rsp_valid), .rsp_slot_o (s2_rsp_slot), .rsp_o (s2_rsp),
    .act_slot_o (s2_act_slot), .act_access_i (s2_act_access), .act_ctx_i (s2_act_ctx),
    .about_o (s2_about), .user_page_o (s2_user_page), .need_i (s2_need), .gpa_o (s2_gpa),
    .root_i (s2_root), .step_pte_o (s2_step_pte), .step_level_o (s2_step_level),
    .step_rights_o (s2_step_rights), .step_i (s2_step),
    .issue_valid_o (s2_issue_valid), .issue_cas_o (s2_issue_cas), .issue_addr_o (s2_issue_addr),
    .issue_expected_o (s2_issue_expected), .issue_desired_o (s2_issue_desired),
    .issue_level_o (s2_issue_level),
    .rsp_valid_i (rsp_valid && rsp_stage2), .rsp_slot_i (rsp_slot), .rsp_old_i (mem_rsp_old_i),
    .rsp_ok_i (mem_rsp_ok_i), .rsp_error_i (mem_rsp_error_i),
    .quiet_i (quiet), .sweep_valid_i (sweep_walks), .sweep_i (sweep), .concerned_i (concerned),
    .swap_pending_o (s2_swap_pending), .nested_hit_o (ev_nested_hit_o),
    .walk_begin_o (s2_walk_begin), .idle_o (s2_idle)
  );

  ad_updater #(.Walks(Walks)) u_ad_updater (
    .clk_i,
    .begin_valid_i (start_valid), .begin_slot_i (start_slot),
    .act_slot_i (act_slot), .act_restart_i (act_restart || act_moved), .act_cas_i (act_swapped),
    .act_ok_i (act_swap_ok), .act_error_i (act_error),
    .done_o (swap_done), .lost_o (swap_lost), .refused_o (swap_refused),
    .exhausted_o (exhausted)
  );

  mem_port #(.Walks(Walks)) u_mem_port (
    .clk_i, .rst_ni,
    .begin_valid_i (start_valid), .begin_slot_i (start_slot),
    .issue_valid_i (issue_valid), .issue_slot_i (act_slot), .issue_cas_i (issue_cas),
    .issue_addr_i (issue_addr), .issue_expected_i (issue_expected),
    .issue_desired_i (issue_desired), .issue_tag_i (act_tag), .issue_port_i (act_port),
    .issue_level_i (issue_level),
    .s2_issue_valid_i (s2_issue_valid), .s2_issue_slot_i (s2_act_slot),
    .s2_issue_cas_i (s2_issue_cas), .s2_issue_addr_i (s2_issue_addr),
    .s2_issue_expected_i (s2_issue_expected), .s2_issue_desired_i (s2_issue_desired),
    .s2_issue_tag_i (s2_act_tag), .s2_issue_port_i (s2_act_port),
    .s2_issue_level_i (s2_issue_level),
    .mem_req_valid_o, .mem_req_ready_i, .mem_req_cas_o, .mem_req_id_o, .mem_req_addr_o,
    .mem_req_expected_o, .mem_req_desired_o, .mem_req_tag_o, .mem_req_port_o, .mem_req_level_o,
    .mem_req_stage2_o, .mem_req_reads_o, .mem_rsp_valid_i, .mem_rsp_id_i,
    .rsp_valid_o (rsp_valid), .rsp_slot_o (rsp_slot), .rsp_stage2_o (rsp_stage2),
    .busy_o (port_busy), .idle_o (port_idle)
  );

  // ---- invalidation -----------------------------------------------------------------------------
  inval_unit u_inval_unit (
    .clk_i, .rst_ni, .ready_i (ready),
    .inval_valid_i, .inval_ready_o, .inval_op_i, .inval_id_i,
    .done_o (inval_done_o), .done_id_o (inval_done_id_o),
    .op_o (sweep_op), .sweep_walks_o (sweep_walks), .l2_swept_i (l2_swept),
    .swap_pending_i (swap_pending || s2_swap_pending), .sweep_l1_o (sweep_l1), .quiet_o (quiet),
    .epoch_o (epoch), .idle_o (inval_idle)
  );

  // ---- registers --------------------------------------------------------------------------------
  regfile #(.Arch(Arch)) u_regfile (
    .clk_i, .rst_ni,
    .req_valid_i (reg_req_valid_i), .req_write_i (reg_req_write_i),
    .req_addr_i (reg_req_addr_i), .req_wdata_i (reg_req_wdata_i),
    .rsp_valid_o (reg_rsp_valid_o), .rsp_rdata_o (reg_rsp_rdata_o),
    .rsp_error_o (reg_rsp_error_o), .irq_o,
    .context_o (regs_context),
    .fault_enable_o (fault_enable), .count_enable_o (count_enable),
    .fault_pop_o (fault_pop), .fault_clear_overflow_o (fault_clear_overflow),
    .fault_read_o (record_read), .fault_field_o (record_field), .fault_word_i (record_word),
    .fault_valid_i (record_valid), .fault_full_i (fault_full),
    .fault_overflow_i (fault_overflow), .fault_head_i (fault_head), .fault_tail_i (fault_tail),
    .fault_count_i (fault_count), .fault_drops_i (fault_drops),
    .count_clear_o (count_clear), .count_read_o (count_read), .count_index_o (count_index),
    .count_value_i (count_value), .idle_o (regs_idle)
  );

  fault_queue u_fault_queue (
    .clk_i, .rst_ni,
    .enable_i (fault_enable), .push_valid_i (answer_fault && !act_access.speculative),
    .push_port_i (answer_port), .push_tag_i (answer_tag), .push_va_i (act_asked),
    .push_syndrome_i (miss_syndrome_o), .pop_i (fault_pop),
    .clear_overflow_i (fault_clear_overflow),
    .read_i (record_read), .field_i (record_field), .word_o (record_word),
    .valid_o (record_valid), .full_o (fault_full), .overflow_o (fault_overflow),
    .head_o (fault_head), .tail_o (fault_tail), .count_o (fault_count), .drops_o (fault_drops)
  );

  mem_watch #(.Arch(Arch), .Walks(Walks)) u_mem_watch (
    .clk_i,
    .taken_i (mem_req_valid_o && mem_req_ready_i), .cas_i (mem_req_cas_o),
    .stage2_i (mem_req_stage2_o), .slot_i (mem_req_id_o[SlotW-1:0]),
    .expected_i (mem_req_expected_o), .desired_i (mem_req_desired_o),
    .rsp_valid_i (mem_rsp_valid_i), .rsp_slot_i (mem_rsp_id_i[SlotW-1:0]),
    .rsp_error_i (mem_rsp_error_i), .rsp_ok_i (mem_rsp_ok_i),
    .read_o (table_read), .read_s2_o (s2_read), .swap_a_o (swap_sets_a), .swap_d_o (swap_sets_d),
    .swap_lost_o (swap_found_other)
  );

  perf #(.Walks(Walks)) u_perf (
    .clk_i, .rst_ni, .time_i,
    .enable_i (count_enable), .clear_i (count_clear),
    .f_accept_i (f_req_valid_i && f_req_ready_o), .f_hit_i (f_hit_valid_o),
    .d_accept_i (d_req_valid_i && d_req_ready_o), .d_kind_i (d_req_access_i.kind),
    .d_hit_i (d_hit_valid_o),
    .stlb_hit_i (ev_l2_hit_o), .stlb_miss_i (ev_l2_miss_o),
    .walk_start_i (start_valid), .walk_end_i (answer_valid), .walk_fault_i (answer_fault),
    .walk_retry_i (answer_retry), .walk_restart_i (act_restart), .walk_cache_hit_i (ev_pwc_hit_o),
    .merge_i (ev_merge_o), .overlap_i (ev_overlap_o), .inval_done_i (inval_done_o),
    .table_read_i (table_read), .swap_a_i (swap_sets_a), .swap_d_i (swap_sets_d),
    .swap_lost_i (swap_found_other), .s2_read_i (s2_read), .s2_walk_i (s2_walk_begin),
    .nested_hit_i (ev_nested_hit_o), .nested_miss_i (s2_walk_begin && NestedEntries != 0),
    .read_valid_i (count_read), .read_index_i (count_index), .read_value_o (count_value)
  );

  assign answer_fault = answer_valid && answer_status == mmu_pkg::StatusFault;
  assign answer_retry = answer_valid && answer_status == mmu_pkg::StatusRetry;

  // ---- the architecture -------------------------------------------------------------------------
  arch_sel #(.Arch(Arch)) u_arch (
    .f_va_i (f_look_va), .f_vpn_o (f_vpn), .d_va_i (d_look_va), .d_vpn_o (d_vpn),
    .f_need_access_i (f_look_access), .f_need_ctx_i (f_look_ctx), .f_need_o (f_need),
    .d_need_access_i (d_look_access), .d_need_ctx_i (d_look_ctx), .d_need_o (d_need),
    .root_va_i (act_va), .root_access_i (act_access), .root_ctx_i (act_ctx), .root_o (root),
    .step_index_i (step_index),
    .step_pte_i (step_pte), .step_level_i (step_level), .step_upper_i (step_upper),
    .step_rights_i (step_rights), .step_global_i (step_global), .step_need_i (step_need),
    .step_access_i (act_access), .step_ctx_i (act_ctx), .step_o (step),
    .s2_about_i (s2_about), .s2_access_i (s2_act_access), .s2_ctx_i (s2_act_ctx),
    .s2_user_page_i (s2_user_page), .s2_need_o (s2_need), .s2_gpa_i (s2_gpa),
    .s2_root_o (s2_root), .s2_pte_i (s2_step_pte), .s2_level_i (s2_step_level),
    .s2_rights_i (s2_step_rights), .s2_step_o (s2_step),
    .fault_i (miss_fault_o), .fault_ctx_i (act_ctx), .syndrome_o (miss_syndrome_o),
    .inval_op_i (sweep_op), .inval_o (sweep)
  );

  mmu_check #(.MostOpen(MissQueue + Walks + 1)) u_check (
    .clk_i, .rst_ni,
    .f_accept_i (f_req_valid_i && f_req_ready_o), .f_hit_i (f_hit_valid_o),
    .f_miss_i (f_miss_valid_o),
    .d_accept_i (d_req_valid_i && d_req_ready_o), .d_hit_i (d_hit_valid_o),
    .d_miss_i (d_miss_valid_o),
    .still_i (idle_o && port_busy == '0)
  );

  // ---- lanes and events -------------------------------------------------------------------------
  assign f_hit_tag_o       = f_look_tag;
  assign f_hit_epoch_o     = epoch;
  assign d_hit_tag_o       = d_look_tag;
  assign d_hit_epoch_o     = epoch;
  assign f_miss_tag_o      = miss_tag;
  assign f_miss_status_o   = miss_status;
  assign f_miss_pa_o       = miss_pa;
  assign f_miss_s1_shift_o = miss_s1_shift;
  assign f_miss_s2_shift_o = miss_s2_shift;
  assign f_miss_attrs_o    = miss_attrs;
  assign f_miss_s2_attrs_o = miss_s2_attrs;
  assign f_miss_l2_o       = miss_l2;
  assign f_miss_epoch_o    = epoch;
  assign d_miss_tag_o      = miss_tag;
  assign d_miss_status_o   = miss_status;
  assign d_miss_pa_o       = miss_pa;
  assign d_miss_s1_shift_o = miss_s1_shift;
  assign d_miss_s2_shift_o = miss_s2_shift;
  assign d_miss_attrs_o    = miss_attrs;
  assign d_miss_s2_attrs_o = miss_s2_attrs;
  assign d_miss_l2_o       = miss_l2;
  assign d_miss_epoch_o    = epoch;

  assign ev_walk_start_o = start_valid;
  assign ev_l2_hit_o     = miss_l2;
  assign ev_l2_miss_o    = found_miss && L2Sets != 0;
  assign ev_pwc_hit_o    = known_used;
  assign ev_overlap_o    = f_overlap || d_overlap;
  assign ev_restart_o    = act_restart;
  assign idle_o = f_idle && d_idle && queue_idle && l2_idle && walker_idle && s2_idle &&
                  port_idle &&
                  inval_idle && regs_idle;

  logic unused_wires;
  assign unused_wires = swap_refused;

endmodule
