// SPDX-License-Identifier: Apache-2.0
// The register map: generated from regs.toml by gen_regs.py (make regs), not to be edited.
// What each register means is in docs/registers.md.
package regs_pkg;

  localparam int unsigned FaultEntries = 8;
  localparam int unsigned Counters     = 27;

  // ---- offsets; counter n is at AddrCounters + 8 n -------------------------------------------
  typedef enum logic [11:0] {
    AddrId            = 12'h000,
    AddrControl       = 12'h008,
    AddrFaultStatus   = 12'h010,
    AddrFaultPointers = 12'h018,
    AddrFaultDrops    = 12'h020,
    AddrFaultPop      = 12'h028,
    AddrFaultInfo     = 12'h030,
    AddrFaultVa       = 12'h038,
    AddrFaultReg0     = 12'h040,
    AddrFaultReg1     = 12'h048,
    AddrFaultReg2     = 12'h050,
    AddrFaultReg3     = 12'h058,
    AddrPerfClear     = 12'h060,
    AddrS1Root0       = 12'h100,
    AddrS1Root1       = 12'h108,
    AddrS2Root        = 12'h110,
    AddrModes         = 12'h118,
    AddrSpace         = 12'h120,
    AddrOptions       = 12'h128,
    AddrCounters      = 12'h400
  } addr_e;

  // ---- counters ------------------------------------------------------------------------------
  typedef enum logic [4:0] {
    CountDtlbLoads       = 5'd0,
    CountDtlbLoadMisses  = 5'd1,
    CountDtlbStores      = 5'd2,
    CountDtlbStoreMisses = 5'd3,
    CountItlbLoads       = 5'd4,
    CountItlbLoadMisses  = 5'd5,
    CountStlbHits        = 5'd6,
    CountStlbMisses      = 5'd7,
    CountWalksStarted    = 5'd8,
    CountWalksCompleted  = 5'd9,
    CountWalkActive      = 5'd10,
    CountWalkPending     = 5'd11,
    CountWalkReads       = 5'd12,
    CountWalkCacheHits   = 5'd13,
    CountWalkRestarts    = 5'd14,
    CountMergedMisses    = 5'd15,
    CountAUpdates        = 5'd16,
    CountDUpdates        = 5'd17,
    CountLostSwaps       = 5'd18,
    CountFaults          = 5'd19,
    CountRetries         = 5'd20,
    CountInvalidations   = 5'd21,
    CountOverlaps        = 5'd22,
    CountS2Walks         = 5'd23,
    CountS2Reads         = 5'd24,
    CountNestedHits      = 5'd25,
    CountNestedMisses    = 5'd26
  } count_e;

  // ---- registers: fields, and of those that are RW the bits and the reset value --------------
  typedef struct packed {
    logic [31:0] zero32;
    logic [7:0]  counters;
    logic [7:0]  fault_entries;
    logic [7:0]  version;
    logic [5:0]  zero2;
    logic [1:0]  arch;
  } id_t;

  typedef struct packed {
    logic [59:0] zero4;
    logic        count_enable;
    logic        irq_enable;
    logic        fault_enable;
    logic        enable;
  } control_t;
  localparam logic [63:0] ControlMask  = 64'h000000000000000f;
  localparam logic [63:0] ControlReset = 64'h0000000000000008;

  typedef struct packed {
    logic [59:0] zero4;
    logic        irq;
    logic        full;
    logic        overflow;
    logic        pending;
  } fault_status_t;

  typedef struct packed {
    logic [39:0] zero24;
    logic [7:0]  count;
    logic [7:0]  tail;
    logic [7:0]  head;
  } fault_pointers_t;

  typedef struct packed {
    logic [31:0] zero32;
    logic [31:0] drops;
  } fault_drops_t;

  typedef struct packed {
    logic [62:0] zero1;
    logic        pop;
  } fault_pop_t;

  typedef struct packed {
    logic [47:0] zero16;
    logic [7:0]  tag;
    logic [3:0]  zero4;
    logic        gva;
    logic        to_hyp;
    logic        port;
    logic        valid;
  } fault_info_t;

  typedef struct packed {
    logic [63:0] va;
  } fault_va_t;

  typedef struct packed {
    logic [63:0] value;
  } fault_reg0_t;

  typedef struct packed {
    logic [63:0] value;
  } fault_reg1_t;

  typedef struct packed {
    logic [63:0] value;
  } fault_reg2_t;

  typedef struct packed {
    logic [63:0] value;
  } fault_reg3_t;

  typedef struct packed {
    logic [62:0] zero1;
    logic        clear;
  } perf_clear_t;

  typedef struct packed {
    logic [7:0]  zero56;
    logic [55:0] address;
  } s1_root0_t;
  localparam logic [63:0] S1Root0Mask  = 64'h00ffffffffffffff;
  localparam logic [63:0] S1Root0Reset = 64'h0000000000000000;

  typedef struct packed {
    logic [7:0]  zero56;
    logic [55:0] address;
  } s1_root1_t;
  localparam logic [63:0] S1Root1Mask  = 64'h00ffffffffffffff;
  localparam logic [63:0] S1Root1Reset = 64'h0000000000000000;

  typedef struct packed {
    logic [7:0]  zero56;
    logic [55:0] address;
  } s2_root_t;
  localparam logic [63:0] S2RootMask  = 64'h00ffffffffffffff;
  localparam logic [63:0] S2RootReset = 64'h0000000000000000;

  typedef struct packed {
    logic [4:0]  zero59;
    logic [2:0]  s2_top;
    logic [1:0]  zero54;
    logic [5:0]  s2_t0sz;
    logic [1:0]  zero46;
    logic [5:0]  s2_pa_width;
    logic [1:0]  zero38;
    logic [5:0]  t1sz;
    logic [1:0]  zero30;
    logic [5:0]  t0sz;
    logic [1:0]  zero22;
    logic [5:0]  pa_width;
    logic [5:0]  zero10;
    logic [1:0]  regime;
    logic        zero7;
    logic [2:0]  s2_mode;
    logic [3:0]  s1_mode;
  } modes_t;
  localparam logic [63:0] ModesMask  = 64'h073f3f3f3f3f037f;
  localparam logic [63:0] ModesReset = 64'h0000000000340000;

  typedef struct packed {
    logic [31:0] zero32;
    logic [15:0] vmid;
    logic [15:0] asid;
  } space_t;
  localparam logic [63:0] SpaceMask  = 64'h00000000ffffffff;
  localparam logic [63:0] SpaceReset = 64'h0000000000000000;

  typedef struct packed {
    logic [35:0] zero28;
    logic        s2_pbmte;
    logic        s2_mxr;
    logic        s2_ptw;
    logic        s2_nxe;
    logic        s2_exit_info;
    logic        s2_page1g;
    logic        s2_exec_only;
    logic        s2_mbec;
    logic        s2_hw_d;
    logic        s2_hw_a;
    logic        s1_hw_d;
    logic        s1_hw_a;
    logic [1:0]  zero14;
    logic        hpd1;
    logic        hpd0;
    logic        tbi1;
    logic        tbi0;
    logic        epd1;
    logic        epd0;
    logic        wxn;
    logic        pbmte;
    logic        page1g;
    logic        pke;
    logic        smap;
    logic        smep;
    logic        nxe;
    logic        wp;
  } options_t;
  localparam logic [63:0] OptionsMask  = 64'h000000000fff3fff;
  localparam logic [63:0] OptionsReset = 64'h0000000000000000;

  // All that requests may be translated by.
  typedef struct packed {
    control_t control;
    s1_root0_t s1_root0;
    s1_root1_t s1_root1;
    s2_root_t s2_root;
    modes_t modes;
    space_t space;
    options_t options;
  } context_t;

endpackage
