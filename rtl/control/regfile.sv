// SPDX-License-Identifier: Apache-2.0
// The registers of docs/registers.md: decode, what is stored, and the answer a cycle later. One
// access a cycle, always ready. A write is seen from the next cycle on, whole.
module regfile #(
  parameter logic [1:0]  Arch         = 2'd0,  // mmu_pkg::arch_e
  parameter int unsigned FaultEntries = regs_pkg::FaultEntries
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  // access
  input  logic               req_valid_i,
  input  logic               req_write_i,
  input  logic [11:0]        req_addr_i,
  input  logic [63:0]        req_wdata_i,
  output logic               rsp_valid_o,
  output logic [63:0]        rsp_rdata_o,
  output logic               rsp_error_o,
  output logic               irq_o,
  // what is in force
  output regs_pkg::context_t context_o,
  output logic               fault_enable_o,
  output logic               count_enable_o,
  // fault queue
  output logic               fault_pop_o,
  output logic               fault_clear_overflow_o,
  input  logic               fault_valid_i,
  output logic               fault_read_o,   // a register of the oldest record
  output logic [2:0]         fault_field_o,
  input  logic [63:0]        fault_word_i,
  input  logic               fault_full_i,
  input  logic               fault_overflow_i,
  input  logic [7:0]         fault_head_i,
  input  logic [7:0]         fault_tail_i,
  input  logic [7:0]         fault_count_i,
  input  logic [31:0]        fault_drops_i,
  // counters
  output logic               count_clear_o,
  output logic               count_read_o,
  output logic [4:0]         count_index_o,
  input  logic [63:0]        count_value_i,
  // nothing changes until an input does
  output logic               idle_o
);

  // ---- what is stored ---------------------------------------------------------------------------
  regs_pkg::control_t  control_q;
  regs_pkg::s1_root0_t s1_root0_q;
  regs_pkg::s1_root1_t s1_root1_q;
  regs_pkg::s2_root_t  s2_root_q;
  regs_pkg::modes_t    modes_q;
  regs_pkg::space_t    space_q;
  regs_pkg::options_t  options_q;

  // ---- decode: where the access goes, and whether it may ----------------------------------------
  logic write, readable, writable, is_counter, good;
  assign is_counter = req_addr_i[11:8] == 4'(regs_pkg::AddrCounters >> 8) &&
                      req_addr_i[7:0] < 8'(8 * regs_pkg::Counters);
  always_comb begin
    readable = is_counter && req_addr_i[2:0] == 3'd0;
    writable = 1'b0;
    if (req_valid_i) unique case (req_addr_i)
      regs_pkg::AddrId, regs_pkg::AddrFaultPointers, regs_pkg::AddrFaultDrops,
      regs_pkg::AddrFaultInfo, regs_pkg::AddrFaultVa, regs_pkg::AddrFaultReg0,
      regs_pkg::AddrFaultReg1, regs_pkg::AddrFaultReg2, regs_pkg::AddrFaultReg3:
        readable = 1'b1;
      regs_pkg::AddrFaultPop, regs_pkg::AddrPerfClear:
        writable = 1'b1;
      regs_pkg::AddrControl, regs_pkg::AddrFaultStatus, regs_pkg::AddrS1Root0,
      regs_pkg::AddrS1Root1, regs_pkg::AddrS2Root, regs_pkg::AddrModes, regs_pkg::AddrSpace,
      regs_pkg::AddrOptions: begin
        readable = 1'b1;
        writable = 1'b1;
      end
      default: ;
    endcase
  end
  assign good  = req_write_i ? writable : readable;
  assign write = req_valid_i && req_write_i && good;

  // ---- writes -----------------------------------------------------------------------------------
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      control_q  <= regs_pkg::ControlReset;
      s1_root0_q <= regs_pkg::S1Root0Reset;
      s1_root1_q <= regs_pkg::S1Root1Reset;
      s2_root_q  <= regs_pkg::S2RootReset;
      modes_q    <= regs_pkg::ModesReset;
      space_q    <= regs_pkg::SpaceReset;
      options_q  <= regs_pkg::OptionsReset;
    end else if (write) begin
      unique case (req_addr_i)
        regs_pkg::AddrControl: control_q  <= req_wdata_i & regs_pkg::ControlMask;
        regs_pkg::AddrS1Root0: s1_root0_q <= req_wdata_i & regs_pkg::S1Root0Mask;
        regs_pkg::AddrS1Root1: s1_root1_q <= req_wdata_i & regs_pkg::S1Root1Mask;
        regs_pkg::AddrS2Root:  s2_root_q  <= req_wdata_i & regs_pkg::S2RootMask;
        regs_pkg::AddrModes:   modes_q    <= req_wdata_i & regs_pkg::ModesMask;
        regs_pkg::AddrSpace:   space_q    <= req_wdata_i & regs_pkg::SpaceMask;
        regs_pkg::AddrOptions: options_q  <= req_wdata_i & regs_pkg::OptionsMask;
        default: ;
      endcase
    end
  end

  regs_pkg::fault_status_t written_status;
  regs_pkg::fault_pop_t    written_pop;
  regs_pkg::perf_clear_t   written_clear;
  assign written_status = req_wdata_i;
  assign written_pop    = req_wdata_i;
  assign written_clear  = req_wdata_i;
  assign fault_clear_overflow_o = write && req_addr_i == regs_pkg::AddrFaultStatus &&
                                  written_status.overflow;
  assign fault_pop_o   = write && req_addr_i == regs_pkg::AddrFaultPop && written_pop.pop;
  assign count_clear_o = write && req_addr_i == regs_pkg::AddrPerfClear && written_clear.clear;

  // ---- reads ------------------------------------------------------------------------------------
  assign count_read_o  = req_valid_i && !req_write_i && readable && is_counter;
  assign count_index_o = req_addr_i[7:3];

  // What is left is the oldest record.
  assign fault_read_o  = req_valid_i && !req_write_i && good;
  assign fault_field_o = req_addr_i[5:3];

  regs_pkg::id_t             id;
  regs_pkg::fault_status_t   status;
  regs_pkg::fault_pointers_t pointers;
  logic [63:0]               rdata;
  always_comb begin
    id       = '0;
    status   = '0;
    pointers = '0;
    rdata    = '0;
    if (req_valid_i && !req_write_i && good) begin
      id.arch          = Arch;
      id.version       = 8'd1;
      id.fault_entries = 8'(FaultEntries);
      id.counters      = 8'(regs_pkg::Counters);
      status.pending   = fault_valid_i;
      status.overflow  = fault_overflow_i;
      status.full      = fault_full_i;
      status.irq       = irq_o;
      pointers.head    = fault_head_i;
      pointers.tail    = fault_tail_i;
      pointers.count   = fault_count_i;
      unique case (req_addr_i)
        regs_pkg::AddrId:            rdata = id;
        regs_pkg::AddrControl:       rdata = control_q;
        regs_pkg::AddrFaultStatus:   rdata = status;
        regs_pkg::AddrFaultPointers: rdata = pointers;
        regs_pkg::AddrFaultDrops:    rdata = 64'(fault_drops_i);
        regs_pkg::AddrS1Root0:       rdata = s1_root0_q;
        regs_pkg::AddrS1Root1:       rdata = s1_root1_q;
        regs_pkg::AddrS2Root:        rdata = s2_root_q;
        regs_pkg::AddrModes:         rdata = modes_q;
        regs_pkg::AddrSpace:         rdata = space_q;
        regs_pkg::AddrOptions:       rdata = options_q;
        default: rdata = is_counter ? count_value_i : fault_word_i;
      endcase
    end
  end

  logic        rsp_valid_q, rsp_error_q;
  logic [63:0] rsp_rdata_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rsp_valid_q <= 1'b0;
      rsp_error_q <= 1'b0;
      rsp_rdata_q <= '0;
    end else begin
      rsp_valid_q <= req_valid_i;
      if (req_valid_i) begin
        rsp_error_q <= !good;
        rsp_rdata_q <= rdata;
      end
    end
  end
  assign rsp_valid_o = rsp_valid_q;
  assign rsp_error_o = rsp_error_q;
  assign rsp_rdata_o = rsp_rdata_q;
  assign idle_o      = !rsp_valid_q;

  // ---- what is in force -------------------------------------------------------------------------
  assign fault_enable_o = control_q.fault_enable;
  assign count_enable_o = control_q.count_enable;
  assign irq_o          = control_q.irq_enable && (fault_valid_i || fault_overflow_i);

  assign context_o = {control_q, s1_root0_q, s1_root1_q, s2_root_q, modes_q, space_q, options_q};

  logic unused_bits;
  assign unused_bits = &{1'b0, written_status, written_pop, written_clear};

endmodule
