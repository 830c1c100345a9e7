// SPDX-License-Identifier: Apache-2.0
// Neutral types that every block of the MMU shares. Nothing here names an
// architecture's rule; what an architecture means by them is in rtl/arch/.
//
// Levels are heights: 0 is the table whose entries map 4 KiB, 1 maps 2 MiB, 2 maps 1 GiB,
// 3 maps 512 GiB, 4 maps 256 TiB. (Arm's own level number is 3 - height.)
// Addresses: virtual 64 bits, physical 56 bits inside (RISC-V can name 56), 52 bits on the
// memory port, after the check against the physical width.
package mmu_pkg;

  // ---- architectures ----------------------------------------------------------------------------
  typedef enum logic [1:0] {
    ArchX86   = 2'd0,
    ArchArm   = 2'd1,
    ArchRiscv = 2'd2
  } arch_e;

  // ---- which entry of a full structure goes: replace.sv -----------------------------------------
  typedef enum logic [1:0] {
    ReplacePlru   = 2'd0,  // tree pseudo-LRU
    ReplaceLru    = 2'd1,
    ReplaceFifo   = 2'd2,
    ReplaceRandom = 2'd3
  } replacement_e;

  // ---- the access -------------------------------------------------------------------------------
  typedef enum logic [1:0] {
    AccRead  = 2'd0,
    AccWrite = 2'd1,
    AccFetch = 2'd2,
    AccRmw   = 2'd3   // one read-modify-write: both rights are needed, reported as a write
  } access_kind_e;

  typedef enum logic [1:0] {
    OpNormal    = 2'd0,
    OpCacheOp   = 2'd1,  // cache maintenance by address
    OpTranslate = 2'd2   // address-translation instruction
  } access_op_e;

  typedef struct packed {
    access_kind_e kind;
    logic [2:0]   size;         // log2 of the bytes
    logic         implicit_sup; // supervisor access on behalf of user code (x86 descriptor loads)
    logic         exec_as_read; // RISC-V HLVX
    logic         speculative;  // may yet be killed: fills nothing, never sets D
    access_op_e   op;
    logic [31:0]  insn;         // instruction bits, for syndromes that carry them
  } access_t;

  // ---- the whole translation context (rule R1: it travels in the request) -----------------------
  typedef enum logic [3:0] {
    S1Off    = 4'd0,
    S1X86L4  = 4'd1,
    S1X86L5  = 4'd2,
    S1Arm4k  = 4'd3,
    S1Sv39   = 4'd4,
    S1Sv48   = 4'd5,
    S1Sv57   = 4'd6
  } s1_mode_e;

  typedef enum logic [2:0] {
    S2Off    = 3'd0,
    S2Pass   = 3'd1,   // the door is asked and answers with what it was given
    S2Ept    = 3'd2,
    S2Npt    = 3'd3,
    S2Arm    = 3'd4,
    S2Riscv  = 3'd5
  } s2_mode_e;

  typedef enum logic [1:0] {
    PrivUser       = 2'd0,  // CPL 3, EL0, U
    PrivSupervisor = 2'd1,  // CPL 0-2, EL1, S
    PrivHypervisor = 2'd2
  } priv_e;

  typedef struct packed {
    logic [1:0]  regime;     // 0: the guest's own (EL1&0, VS/S); 1: the hypervisor's own
    s1_mode_e    s1_mode;
    s2_mode_e    s2_mode;
    priv_e       priv;
    logic [15:0] asid;       // ASID, or PCID in bits 11:0
    logic [15:0] vmid;       // VMID, or VPID
    logic [55:0] s1_root0;   // table address: CR3, TTBR0, satp.PPN << 12
    logic [55:0] s1_root1;   // TTBR1
    logic [55:0] s2_root;
    logic [5:0]  pa_width;   // address bits that stage 1 may put out, at most 52 (MAXPHYADDR, IPS)
    // controls; those an architecture does not have are 0
    logic        wp;         // x86 CR0.WP
    logic        nxe;        // x86 EFER.NXE
    logic        smep;       // x86
    logic        smap;       // x86
    logic        ac;         // x86 EFLAGS.AC
    logic        pke;        // x86 CR4.PKE
    logic [31:0] pkru;       // x86
    logic        page1g;     // x86: 1 GiB pages are supported
    logic        sum;        // RISC-V
    logic        mxr;        // RISC-V
    logic        pbmte;      // RISC-V menvcfg.PBMTE
    logic        pan;        // Arm PSTATE.PAN
    logic        wxn;        // Arm SCTLR.WXN
    logic [5:0]  t0sz;       // Arm
    logic [5:0]  t1sz;       // Arm
    logic        epd0;       // Arm
    logic        epd1;       // Arm
    logic        tbi0;       // Arm: top byte ignored, data accesses
    logic        tbi1;       // Arm
    logic        hpd0;       // Arm: hierarchical permissions disabled
    logic        hpd1;       // Arm
    // who sets accessed and dirty: 1 the hardware, 0 software after a fault
    logic        s1_hw_a;    // x86: always 1; Arm HA; RISC-V ADUE
    logic        s1_hw_d;    // x86: always 1; Arm HA and HD; RISC-V ADUE
    logic        s2_hw_a;    // EPT: both are EPTP bit 6; NPT: both 1
    logic        s2_hw_d;
    // stage 2: docs/stage2.md, csim/backend/mmu.h
    logic [5:0]  s2_pa_width;  // physical address bits behind it, at most 52
    logic [2:0]  s2_top;       // height of its first table
    logic [5:0]  s2_t0sz;      // Arm VTCR_EL2.T0SZ
    logic        s2_mbec;      // EPT: mode-based execute control
    logic        s2_exec_only; // EPT: execute-only entries are legal
    logic        s2_page1g;    // EPT, NPT: 1 GiB pages are supported
    logic        s2_exit_info; // EPT: exit qualification bits 11:9 are given
    logic        s2_nxe;       // NPT: the host's EFER.NXE
    logic        s2_ptw;       // Arm HCR_EL2.PTW
    logic        s2_mxr;       // RISC-V: sstatus.MXR, for both stages
    logic        s2_pbmte;     // RISC-V: menvcfg.PBMTE, for the G-stage
  } ctx_t;

  // Widths of the structures that are stored as plain vectors (checked in mmu_top).
  localparam int unsigned AccessBits = 42;
  localparam int unsigned CtxBits    = 306;
  localparam int unsigned NeedBits   = 40;

  // What an entry of any TLB is tagged with besides the address:
  // {regime, s1_mode, s2_mode, vmid, asid}, the ASID in the low bits.
  localparam int unsigned IdBits     = 41;

  // ---- rights -----------------------------------------------------------------------------------
  // What the descriptors of one stage grant, before any control that may change without an
  // invalidation (SUM, MXR, WP, SMAP, PAN ...). Those are folded into need_t.
  typedef struct packed {
    logic user;  // a user page: the page is accessible to user mode in some way
    logic sx;    // supervisor execute
    logic sw;
    logic sr;
    logic ux;    // user execute
    logic uw;
    logic ur;
  } rights_t;    // 7 bits

  // What the descriptors of stage 2 grant. The two execute rights: EPT with mode-based execute
  // control, of supervisor-mode and user-mode addresses; Arm, EL1 and EL0; else both the same.
  typedef struct packed {
    logic sx;
    logic ux;
    logic w;
    logic r;
  } s2_rights_t; // 4 bits

  // ---- a translation, as the TLBs hold it -------------------------------------------------------
  // The page is the smaller of the two stages' pages; bits of vpn and ppn below it do not count.
  typedef struct packed {
    logic [51:0]       vpn;
    logic [IdBits-1:0] id;
    logic              is_global;
    logic [43:0]       ppn;
    rights_t           rights;
    logic              dirty;     // a write may proceed without a D update
    logic [7:0]        attrs;
    logic [5:0]        s1_shift;  // log2 of the page size of each stage; 52: stage 1 is off
    logic [5:0]        s2_shift;  // 0: stage 2 is off
    s2_rights_t        s2_rights; // all ones if it is off
    logic [3:0]        s2_attrs;
    logic [39:0]       s2_root;   // root_tag. Does not help to find an entry: of those that differ
                                  // in nothing else there is only one, and it must be this one
  } entry_t;
  localparam int unsigned EntryBits = 214;

  // By which root of stage 2 (its page number) a translation came, where that tells them apart.
  function automatic logic [39:0] root_tag(input logic [2:0] s2_mode, input logic [39:0] page);
    root_tag = (s2_mode == mmu_pkg::S2Ept) ? page : 40'd0;
  endfunction

  // To whom a guest-physical address belongs: its root or, where that is no tag, its VMID.
  localparam int unsigned NestedIdBits = 43;
  function automatic logic [NestedIdBits-1:0] nested_id(
    input logic [2:0] s2_mode, input logic [15:0] vmid, input logic [39:0] page
  );
    nested_id = {s2_mode, (s2_mode == mmu_pkg::S2Ept) ? page : {24'd0, vmid}};
  endfunction

  // The page size of a stage that passes addresses through: stage 1 off under a stage 2, S2Pass.
  localparam logic [5:0] NoPages = 6'd52;

  // log2 of the entry's page: the smaller of the two stages' pages.
  function automatic logic [5:0] page_shift(input logic [5:0] s1_shift, input logic [5:0] s2_shift);
    page_shift = (s2_shift != '0 && s2_shift < s1_shift) ? s2_shift : s1_shift;
  endfunction

  // Page sizes there are, as numbers: Arm's contiguous groups and RISC-V's NAPOT pages included.
  function automatic logic [5:0] size_shift(input logic [2:0] size);
    unique case (size)
      3'd0:    size_shift = 6'd12;
      3'd1:    size_shift = 6'd16;
      3'd2:    size_shift = 6'd21;
      3'd3:    size_shift = 6'd25;
      3'd4:    size_shift = 6'd30;
      3'd5:    size_shift = 6'd34;
      3'd6:    size_shift = 6'd39;
      default: size_shift = 6'd48;
    endcase
  endfunction

  function automatic logic [2:0] size_of(input logic [5:0] shift);
    unique case (shift)
      6'd12:   size_of = 3'd0;
      6'd16:   size_of = 3'd1;
      6'd21:   size_of = 3'd2;
      6'd25:   size_of = 3'd3;
      6'd30:   size_of = 3'd4;
      6'd34:   size_of = 3'd5;
      6'd39:   size_of = 3'd6;
      default: size_of = 3'd7;
    endcase
  endfunction

  // Bits of a page number that count in a page of this size.
  function automatic logic [51:0] size_mask(input logic [2:0] size);
    unique case (size)
      3'd0:    size_mask = {52{1'b1}};
      3'd1:    size_mask = {{48{1'b1}}, 4'd0};
      3'd2:    size_mask = {{43{1'b1}}, 9'd0};
      3'd3:    size_mask = {{39{1'b1}}, 13'd0};
      3'd4:    size_mask = {{34{1'b1}}, 18'd0};
      3'd5:    size_mask = {{30{1'b1}}, 22'd0};
      3'd6:    size_mask = {{25{1'b1}}, 27'd0};
      default: size_mask = {{16{1'b1}}, 36'd0};
    endcase
  endfunction

  // An invalidation by virtual address takes a translation with any address of stage 1's page, also
  // if stage 2's is smaller and there are many entries for it. `mask`: of the entry's own page.
  // With stage 1 off that is all there is.
  function automatic logic [51:0] sweep_mask(input logic [51:0] mask, input logic [5:0] s1_shift);
    sweep_mask = mask;
    if (s1_shift != mmu_pkg::NoPages) sweep_mask = mask & size_mask(size_of(s1_shift));
  endfunction

  // Is it one of many of a larger page of stage 1?
  function automatic logic is_part(input logic [5:0] s1_shift, input logic [5:0] s2_shift);
    is_part = s2_shift != '0 && s2_shift < s1_shift && s1_shift != mmu_pkg::NoPages;
  endfunction

  // The lowest member of a set of sizes; 7 of an empty one.
  function automatic logic [2:0] lowest(input logic [7:0] sizes);
    lowest = 3'd7;
    for (int i = 6; i >= 0; i--) begin
      if (sizes[i]) lowest = 3'(i);
    end
  endfunction

  // What one access under one context needs of the rights. An access is allowed when
  //   (all & ~rights) == 0  and  (any == 0 or (any & rights) != 0)  and  !(deny_user & rights.user)
  //   and !(rights.user & key_deny[attrs[7:4]])  and  (!dirty or the entry is dirty).
  // rtl/arch/need_met.sv is this formula; nothing else may spell it.
  typedef struct packed {
    rights_t all;
    rights_t any;
    logic    deny_user;
    logic [15:0] key_deny; // x86: protection keys that refuse this access to a user page
    logic    dirty;      // the access is a write: the leaf must be dirty before it may be answered
    s2_rights_t s2_all;  // the same of stage 2, for the final address
    s2_rights_t s2_any;
  } need_t;

  // What is asked of stage 2. A question is allowed when all, any and dirty hold as above, and
  // not (no_device and the top two bits of the attributes are 0). rtl/arch/s2_need_met.sv.
  typedef struct packed {
    s2_rights_t all;
    s2_rights_t any;
    logic       dirty;
    logic       no_device; // Arm HCR_EL2.PTW
    logic       as_user;   // the page's right to execute is `ux` alone: the answer says so in both
    logic       as_super;  // ... `sx` alone
  } s2_need_t;

  // ---- faults -----------------------------------------------------------------------------------
  typedef enum logic [3:0] {
    CauseNone         = 4'd0,
    CauseNotPresent   = 4'd1,  // P=0, invalid descriptor, V=0
    CauseReserved     = 4'd2,  // reserved bit or encoding, misaligned superpage
    CausePermission   = 4'd3,
    CauseAccessFlag   = 4'd4,  // A is 0 and software sets it
    CauseDirtyFlag    = 4'd5,  // D is 0 and software sets it (RISC-V Svade)
    CauseAddressSize  = 4'd6,  // a table or output address is beyond the physical width
    CauseNonCanonical = 4'd7,  // the virtual address is outside what the mode can translate
    CauseRootSize     = 4'd8,  // the root's own address is beyond the physical width
    CauseRootDisabled = 4'd9,  // Arm EPDx
    CauseBus          = 4'd10, // the memory answered a table access with an error
    CauseNoAtomic     = 4'd11, // the memory cannot do the A/D update
    CauseParity       = 4'd12,
    CausePkey         = 4'd13
  } cause_e;

  typedef enum logic [1:0] {
    MemOk       = 2'd0,
    MemBus      = 2'd1,
    MemNoAtomic = 2'd2,
    MemParity   = 2'd3
  } mem_error_e;

  typedef struct packed {
    cause_e       cause;
    logic         stage2;      // the stage that faulted
    logic [2:0]   s1_level;    // height of the stage-1 descriptor last judged
    logic [2:0]   s2_level;
    access_t      access;
    priv_e        priv;
    logic         on_walk;     // while reading a stage-1 table
    logic         on_ad_write; // while writing A or D of a stage-1 descriptor
    logic [63:0]  gva;
    logic [63:0]  gpa;         // asked of stage 2, if that faulted
    rights_t      s1_rights;   // gathered so far
    s2_rights_t   s2_rights;   // AND over the stage-2 walk, 0 if an entry is absent
    logic         s1_leaf;     // s1_rights are those of a leaf
    mem_error_e   mem_error;
  } fault_t;

  // ---- where a walk starts: arch_root -----------------------------------------------------------
  typedef struct packed {
    cause_e       cause;       // CauseNone, or a fault before any table is read
    logic [2:0]   fault_level; // height to report with that fault
    logic [2:0]   level;       // height of the first table
    logic [55:0]  table_addr;  // byte address of the first table (Arm: it may be under 4 KiB)
    logic [55:0]  desc_addr;   // byte address of the first descriptor. Its index may be narrower
                               // than 9 bits, so this is the only place that may form it
    logic         upper;       // the upper half (TTBR1)
    logic [5:0]   table_width; // address bits that a table below may have
  } root_t;

  // ---- what one descriptor says: arch_step ------------------------------------------------------
  typedef enum logic [1:0] {
    StepFault  = 2'd0,
    StepTable  = 2'd1,
    StepLeaf   = 2'd2
  } step_kind_e;

  typedef struct packed {
    step_kind_e  kind;
    cause_e      cause;      // with StepFault
    logic [55:0] next;       // StepTable: next table's byte address. StepLeaf: page base
    logic [5:0]  page_shift; // StepLeaf: log2 of the page size (12, 21, 30 ...)
    rights_t     rights;     // accumulated including this descriptor
    logic        is_global;  // accumulated including this descriptor (OR)
    logic        dirty;      // StepLeaf: a write may proceed without another D update
    logic [7:0]  attrs;      // StepLeaf: memory attributes as the descriptor encodes them:
                             //   x86 [7:4] protection key, [2:0] PAT PCD PWT; Arm [4:3] SH,
                             //   [2:0] AttrIndx; RISC-V [1:0] PBMT
    logic        update;     // the descriptor must become new_pte (compare-and-swap) before use
    logic [63:0] new_pte;
  } step_t;

  // The same of a stage-2 descriptor: arch_s2_step.
  typedef struct packed {
    step_kind_e  kind;
    cause_e      cause;
    logic [55:0] next;
    logic [5:0]  page_shift;
    s2_rights_t  rights;
    logic        dirty;
    logic [3:0]  attrs;      // StepLeaf: EPT [3] ignore PAT, [2:0] memory type; NPT PAT PCD PWT;
                             //   Arm MemAttr; RISC-V PBMT
    logic        update;
    logic [63:0] new_pte;
  } s2_step_t;

  // What stage 2 says to a question.
  typedef struct packed {
    logic        retry;      // no answer: ask again later
    logic        fault;
    cause_e      cause;      // with fault
    logic [2:0]  level;      // with fault: height of the descriptor
    logic [1:0]  mem_error;  // mem_error_e
    logic [55:0] hpa;
    logic [5:0]  shift;      // log2 of its page size
    s2_rights_t  rights;
    logic        dirty;
    logic [3:0]  attrs;
  } s2_answer_t;
  localparam int unsigned S2AnswerBits = 82;

  // ---- a walk slot ------------------------------------------------------------------------------
  // Below 8 it waits for something; from 8 on it has something to decide, and acts when its turn
  // comes.
  typedef enum logic [3:0] {
    WalkIdle    = 4'd0,   // waits for a request
    WalkRead    = 4'd1,   // for a descriptor
    WalkUpdate  = 4'd2,   // for the answer of a compare-and-swap
    WalkAskS2   = 4'd3,   // for stage 2
    WalkRoot    = 4'd8,   // finds out where to start: arch_root, walk cache
    WalkJudge   = 4'd9,   // judges the descriptor: arch_step
    WalkSwapped = 4'd10,  // takes the verdict on its compare-and-swap
    WalkS2Done  = 4'd11,  // takes the answer of stage 2
    WalkFill    = 4'd12,  // answers: ok,
    WalkFault   = 4'd13,  //   fault,
    WalkRetry   = 4'd14   //   retry
  } walk_state_e;

  // What a question to stage 2 is about.
  typedef enum logic [1:0] {
    AboutTable = 2'd0,
    AboutSwap  = 2'd1,
    AboutFinal = 2'd2
  } about_e;

  // ---- the answer -------------------------------------------------------------------------------
  typedef enum logic [1:0] {
    StatusOk    = 2'd0,
    StatusFault = 2'd1,
    StatusRetry = 2'd2   // lost races or overtakes exceeded the bound: ask again; not a fault
  } status_e;

  // Registers as the architecture reports them.
  //           reg0                    reg1                    reg2                 reg3
  //   x86     vector, or exit reason  error code, or exit     CR2, or              guest-physical
  //                                   qualification           guest-linear
  //   Arm     ESR_ELx                 FAR_ELx                 HPFAR_EL2            0
  //   RISC-V  scause                  stval                   htval                htinst
  //   x86 NPT exit code               EXITINFO1               0                    EXITINFO2
  typedef struct packed {
    logic        to_hyp;   // who takes it: 0 the (guest) kernel, 1 the hypervisor
    logic        gva;      // RISC-V hstatus.GVA
    logic [63:0] reg0;
    logic [63:0] reg1;
    logic [63:0] reg2;
    logic [63:0] reg3;
  } syndrome_t;

  // ---- invalidation -----------------------------------------------------------------------------
  // The architecture's operation, as the CPU sends it (arch_inval turns it into inval_t).
  typedef struct packed {
    logic [7:0]  op;       // operation number, per architecture: see rtl/arch/*/*_inval.sv
    logic [63:0] addr;     // virtual address, if the operation has one
    logic [15:0] asid;
    logic [15:0] vmid;
    logic [1:0]  regime;
  } inval_op_t;

  // The one internal command.
  typedef struct packed {
    logic        by_addr;      // only entries that cover an address in first..last
    logic        by_asid;      // only entries with this ASID (global ones unless globals)
    logic        by_vmid;
    logic        globals;      // global entries too
    logic        leaf_only;    // by_addr: pointer (walk-cache) entries stay
    logic        all_upper;    // every pointer entry of the ASID goes, whatever the address
    logic        but_vmid0;    // not what has VMID 0
    logic        by_root;      // only what came by this root of stage 2
    logic        stage1;       // entries by virtual address
    logic        stage2;       // of those, the ones that came with a stage 2, at whatever address
    logic        nested;       // entries by guest-physical address; by_addr is that address then
    logic [1:0]  regime;       // with stage1 alone; with stage2 too it is of every regime
    logic [63:0] first;        // byte addresses
    logic [63:0] last;
    logic [15:0] asid;
    logic [15:0] vmid;
    logic [39:0] s2_root;      // as root_tag
  } inval_t;

  // Does an invalidation concern the space of an entry with this id and root? (ASIDs and
  // addresses are compared where they are.)
  function automatic logic space_concerned(
    input logic [1:0] id_regime, input logic [2:0] id_s2_mode, input logic [15:0] id_vmid,
    input logic [39:0] root,
    input logic stage1, input logic stage2, input logic [1:0] regime,
    input logic by_vmid, input logic but_vmid0, input logic [15:0] vmid,
    input logic by_root, input logic [39:0] s2_root
  );
    space_concerned = ((stage1 && (stage2 || id_regime == regime)) ||
                       (stage2 && id_s2_mode != mmu_pkg::S2Off)) &&
                      (!by_vmid || id_vmid == vmid) && !(but_vmid0 && id_vmid == 16'd0) &&
                      (!by_root || root == s2_root);
  endfunction

endpackage
