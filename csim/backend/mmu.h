/* SPDX-License-Identifier: Apache-2.0
 * The MMU as the C side sees it: requests, contexts, answers, fault records, syndrome
 * registers, invalidations. Neutral between architectures and between backends.
 * Levels are heights: 0 maps 4 KiB, 1 maps 2 MiB, 2 maps 1 GiB, 3 maps 512 GiB, 4 maps 256 TiB.
 * Plain data, no ownership; readable alone, includable from C++. */
#ifndef COWALK_BACKEND_MMU_H
#define COWALK_BACKEND_MMU_H

#include <stdbool.h>
#include <stdint.h>

enum mmu_arch { MMU_ARCH_X86 = 0, MMU_ARCH_ARM = 1, MMU_ARCH_RISCV = 2, MMU_ARCH_COUNT = 3 };

enum mmu_access_kind { MMU_READ = 0, MMU_WRITE = 1, MMU_FETCH = 2, MMU_RMW = 3 };
enum mmu_access_op { MMU_OP_NORMAL = 0, MMU_OP_CACHE = 1, MMU_OP_TRANSLATE = 2 };
enum mmu_priv { MMU_USER = 0, MMU_SUPERVISOR = 1, MMU_HYPERVISOR = 2 };

struct mmu_access {
  uint8_t kind;      /* enum mmu_access_kind */
  uint8_t size;      /* log2 of the bytes, 0..6 */
  uint8_t op;        /* enum mmu_access_op */
  bool implicit_sup; /* x86: supervisor access on behalf of user code */
  bool exec_as_read; /* RISC-V HLVX */
  bool speculative;  /* may yet be killed: leaves no entry in any TLB or walk cache and no record
                      * in the fault queue, and never sets D: a write that would is told to try
                      * again (MMU_RETRY). It may set A. */
  uint32_t insn;     /* instruction bits for syndromes; 0 if unknown */
};

enum mmu_s1_mode {
  MMU_S1_OFF = 0,
  MMU_S1_X86_L4 = 1,
  MMU_S1_X86_L5 = 2,
  MMU_S1_ARM_4K = 3,
  MMU_S1_SV39 = 4,
  MMU_S1_SV48 = 5,
  MMU_S1_SV57 = 6
};

enum mmu_s2_mode {
  MMU_S2_OFF = 0,
  MMU_S2_PASS = 1, /* the walker's door to stage 2 is asked and passes through */
  MMU_S2_EPT = 2,
  MMU_S2_NPT = 3,
  MMU_S2_ARM = 4,
  MMU_S2_RISCV = 5
};

/* The whole translation context; it travels in each request (rule R1). Same fields and
 * meaning as ctx_t in rtl/mmu_pkg.sv. Controls an architecture lacks must be 0. */
struct mmu_context {
  uint64_t s1_root0; /* byte address, 56 bits: CR3, TTBR0, satp.PPN << 12 */
  uint64_t s1_root1; /* TTBR1 */
  uint64_t s2_root;
  uint32_t pkru;
  uint16_t asid; /* ASID, or PCID in bits 11:0 */
  uint16_t vmid;
  uint8_t s1_mode;  /* enum mmu_s1_mode */
  uint8_t s2_mode;  /* enum mmu_s2_mode */
  uint8_t regime;   /* 0 the guest's own, 1 the hypervisor's own */
  uint8_t priv;     /* enum mmu_priv */
  uint8_t pa_width; /* address bits that stage 1 may put out, at most 52 (MAXPHYADDR, IPS): physical
                     * ones, or with a stage 2 the guest's. RISC-V with a stage 2 has no such limit:
                     * what a G-stage mode cannot translate is a guest-page fault */
  uint8_t t0sz, t1sz;
  bool wp, nxe, smep, smap, ac, pke, page1g; /* x86 */
  bool sum, mxr, pbmte;                      /* RISC-V: (v)sstatus.SUM, .MXR; PBMTE of stage 1 */
  bool pan, wxn;                             /* Arm */
  bool epd0, epd1, tbi0, tbi1, hpd0, hpd1;   /* Arm */
  bool s1_hw_a, s1_hw_d, s2_hw_a, s2_hw_d;   /* hardware sets A / D (else software after a fault).
                                              * EPT: s2_hw_a and s2_hw_d are EPTP bit 6, both; NPT:
                                              * both 1; Arm: VTCR_EL2.HA, and HA and HD; RISC-V:
                                              * menvcfg.ADUE, both */
  /* stage 2; all 0 while s2_mode is MMU_S2_OFF or MMU_S2_PASS */
  uint8_t s2_pa_width; /* physical address bits behind stage 2, at most 52 (VTCR_EL2.PS) */
  uint8_t s2_top;      /* height of its first table. EPT, NPT: 3 or 4. Arm: 0 to 3 (VTCR_EL2.SL0).
                        * RISC-V: 2, 3, 4 (Sv39x4, Sv48x4, Sv57x4) */
  uint8_t s2_t0sz;     /* Arm VTCR_EL2.T0SZ: addresses of 64 - s2_t0sz bits; the tables of the first
                        * height are concatenated as it asks, 16 at most */
  bool s2_mbec;        /* EPT: mode-based execute control */
  bool s2_exec_only;   /* EPT: IA32_VMX_EPT_VPID_CAP bit 0, execute-only entries are legal */
  bool s2_page1g;      /* EPT (capability bit 17), NPT: 1 GiB pages are supported */
  bool s2_exit_info;   /* EPT: capability bit 22, exit qualification bits 11:9 are given */
  bool s2_nxe;         /* NPT: the host's EFER.NXE */
  bool s2_ptw;         /* Arm HCR_EL2.PTW: no stage-1 table may be in Device memory */
  bool s2_mxr;         /* RISC-V: the hypervisor's sstatus.MXR, which counts in both stages */
  bool s2_pbmte;       /* RISC-V: menvcfg.PBMTE, for the G-stage */
};

enum mmu_port { MMU_PORT_FETCH = 0, MMU_PORT_DATA = 1 };

struct mmu_request {
  uint64_t va;
  struct mmu_access access;
  const struct mmu_context *ctx; /* read at submit only */
  uint8_t tag;                   /* unique among outstanding requests of the port */
  uint8_t port;   /* enum mmu_port; fetches use the fetch port, all else the data port */
  bool from_regs; /* the context is the registers' (docs/registers.md), but for what comes with
                   * every request: priv, ac, pkru, pan, sum and mxr of ctx */
};

enum mmu_status { MMU_OK = 0, MMU_FAULT = 1, MMU_RETRY = 2 };

enum mmu_cause {
  MMU_CAUSE_NONE = 0,
  MMU_CAUSE_NOT_PRESENT = 1,
  MMU_CAUSE_RESERVED = 2,
  MMU_CAUSE_PERMISSION = 3,
  MMU_CAUSE_ACCESS_FLAG = 4,
  MMU_CAUSE_DIRTY_FLAG = 5,
  MMU_CAUSE_ADDRESS_SIZE = 6,
  MMU_CAUSE_NON_CANONICAL = 7,
  MMU_CAUSE_ROOT_SIZE = 8,
  MMU_CAUSE_ROOT_DISABLED = 9,
  MMU_CAUSE_BUS = 10,
  MMU_CAUSE_NO_ATOMIC = 11,
  MMU_CAUSE_PARITY = 12,
  MMU_CAUSE_PKEY = 13,
  MMU_CAUSE_COUNT
};

enum mmu_mem_error { MMU_MEM_OK = 0, MMU_MEM_BUS = 1, MMU_MEM_NO_ATOMIC = 2, MMU_MEM_PARITY = 3 };

/* rights bits, as rights_t */
enum {
  MMU_R_UR = 1,
  MMU_R_UW = 2,
  MMU_R_UX = 4,
  MMU_R_SR = 8,
  MMU_R_SW = 16,
  MMU_R_SX = 32,
  MMU_R_USER = 64
};

/* rights of stage 2. The two execute rights: EPT with mode-based execute control, of
 * supervisor-mode and user-mode linear addresses (else both are entry bit 2); Arm, at EL1 and at
 * EL0; NPT, RISC-V: both the same. */
enum { MMU_R2_R = 1, MMU_R2_W = 2, MMU_R2_UX = 4, MMU_R2_SX = 8 };

/* The neutral fault record (debug port): the OS model must never read it. */
struct mmu_fault {
  uint64_t gva, gpa;
  uint8_t cause;              /* enum mmu_cause */
  uint8_t s1_level, s2_level; /* s2_level: valid with stage2 */
  uint8_t s1_rights;          /* gathered so far; s1_leaf: those of a leaf */
  uint8_t s2_rights;          /* MMU_R2_*: AND over the stage-2 entries used, 0 if one was absent;
                               * valid with stage2 and a cause of permission or not present */
  uint8_t mem_error;          /* enum mmu_mem_error */
  bool stage2;                /* the stage that faulted; then gpa is the address it was asked for */
  bool on_walk, on_ad_write;  /* while reading a stage-1 descriptor, while writing its A or D: in
                               * stage 2, while translating its address for that */
  bool s1_leaf;
};

/* Fault registers, all an operating system or a hypervisor may look at.
 *             reg[0]        reg[1]                   reg[2]                reg[3]
 *   x86       vector        error code               CR2
 *   x86 EPT   exit reason   exit qualification       guest-linear address  guest-physical address
 *   x86 NPT   exit code     EXITINFO1                                      EXITINFO2
 *   Arm       ESR_ELx       FAR_ELx                  HPFAR_EL2
 *   RISC-V    scause        stval                    htval (mtval2)        htinst (mtinst)
 * Of what a manual leaves undefined in them, rules_syndrome_defined (rules/rules.h) is the mask. */
struct mmu_syndrome {
  uint64_t reg[4];
  bool to_hyp; /* taken by the hypervisor */
  bool gva;    /* RISC-V hstatus.GVA: to_hyp, and stval holds a guest virtual address */
};

struct mmu_response {
  uint64_t cycle; /* clock edge at which the answer appeared */
  uint64_t pa;    /* valid with MMU_OK; page offset included */
  uint8_t tag, port;
  uint8_t status;             /* enum mmu_status */
  bool hit;                   /* answered on the hit lane */
  bool l2;                    /* answered by the L2 TLB */
  uint8_t s1_shift, s2_shift; /* log2 of the page size of each stage */
  uint8_t attrs;              /* memory attributes as the descriptor encodes them */
  uint8_t s2_attrs;       /* those of stage 2: EPT bit 3 ignore-PAT, 2:0 memory type; NPT PAT PCD
                           * PWT; Arm MemAttr; RISC-V PBMT. 0 without a stage 2 */
  uint8_t epoch;          /* invalidations accepted before the answer was formed, modulo 256 */
  struct mmu_fault fault; /* valid with MMU_FAULT */
  struct mmu_syndrome syndrome; /* valid with MMU_FAULT */
};

/* Architectural invalidation operations. */
enum mmu_inval_kind {
  MMU_INV_X86_INVLPG = 0,      /* addr; this PCID, and global entries that cover addr */
  MMU_INV_X86_CR3 = 1,         /* MOV CR3 with bit 63 clear: this PCID, not global */
  MMU_INV_X86_ALL = 2,         /* CR4.PGE toggle: everything, globals too */
  MMU_INV_X86_PCID_ADDR = 3,   /* INVPCID type 0: addr and PCID, not global */
  MMU_INV_X86_PCID = 4,        /* INVPCID type 1: PCID, not global */
  MMU_INV_X86_ALL_GLOBAL = 5,  /* INVPCID type 2: all PCIDs, globals too */
  MMU_INV_X86_ALL_PCID = 6,    /* INVPCID type 3: all PCIDs, not global */
  MMU_INV_AMD_ALL = 7,         /* VMCB TLB_CONTROL 1: everything of every ASID (in vmid) */
  MMU_INV_X86_VPID_ADDR = 8,   /* INVVPID type 0: addr and VPID, globals too, any PCID */
  MMU_INV_X86_VPID = 9,        /* INVVPID type 1: VPID, globals too */
  MMU_INV_X86_VPID_ALL = 10,   /* INVVPID type 2: every VPID but 0 */
  MMU_INV_X86_VPID_LOCAL = 11, /* INVVPID type 3: VPID, not global */
  MMU_INV_X86_EPT = 12,        /* INVEPT type 1: what came by the EPT root of the EPTP in addr */
  MMU_INV_X86_EPT_ALL = 13,    /* INVEPT type 2: what came by any EPT root */
  MMU_INV_AMD_ADDR = 14,       /* INVLPGA: addr and ASID (in vmid), globals too */
  MMU_INV_AMD_ASID = 15,       /* VMCB TLB_CONTROL 3: this ASID (in vmid), both stages */
  MMU_INV_ARM_VMALLE1 = 16,    /* TLBI VMALLE1 */
  MMU_INV_ARM_VAE1 = 17,       /* addr and ASID, and global entries; all levels */
  MMU_INV_ARM_VALE1 = 18,      /* as VAE1, last level only */
  MMU_INV_ARM_VAAE1 = 19,      /* addr, any ASID */
  MMU_INV_ARM_VAALE1 = 20,
  MMU_INV_ARM_ASIDE1 = 21,   /* ASID, not global */
  MMU_INV_ARM_RVAE1 = 22,    /* as VAE1 for a range of addresses; addr is the operand Xt */
  MMU_INV_ARM_RVALE1 = 23,   /* ... as VALE1 */
  MMU_INV_ARM_RVAAE1 = 24,   /* ... as VAAE1 */
  MMU_INV_ARM_RVAALE1 = 25,  /* ... as VAALE1 */
  MMU_INV_ARM_IPAS2E1 = 26,  /* stage 2 of an IPA and VMID; addr is the IPA */
  MMU_INV_ARM_IPAS2LE1 = 27, /* ... last level only */
  MMU_INV_ARM_RIPAS2E1 = 28, /* ... of a range; addr is the operand Xt */
  MMU_INV_ARM_RIPAS2LE1 = 29,
  MMU_INV_ARM_VMALLS12E1 = 30,  /* both stages of a VMID */
  MMU_INV_ARM_ALLE1 = 31,       /* both stages of every VMID */
  MMU_INV_RISCV_ALL = 32,       /* SFENCE.VMA x0, x0 */
  MMU_INV_RISCV_ADDR = 33,      /* SFENCE.VMA rs1, x0: addr, any ASID, leaf entries */
  MMU_INV_RISCV_ASID = 34,      /* SFENCE.VMA x0, rs2: ASID, not global */
  MMU_INV_RISCV_ADDR_ASID = 35, /* SFENCE.VMA rs1, rs2: addr and ASID, not global, leaf entries */
  MMU_INV_RISCV_GVMA_ALL = 36,  /* HFENCE.GVMA x0, x0: the G-stage of every VMID */
  MMU_INV_RISCV_GVMA_ADDR =
      37, /* HFENCE.GVMA rs1, x0; addr is rs1, a guest-physical address >> 2 */
  MMU_INV_RISCV_GVMA_VMID = 38,     /* HFENCE.GVMA x0, rs2 */
  MMU_INV_RISCV_GVMA_ADDR_VMID = 39 /* HFENCE.GVMA rs1, rs2 */
  /* HFENCE.VVMA is SFENCE.VMA for the VMID: 32 to 35 */
};

/* Regime 0 of RISC-V is a guest (V=1), whose SFENCE.VMA and HFENCE.VVMA concern its VMID alone. */

struct mmu_inval {
  uint64_t addr; /* RVA*: the whole operand, but its ASID counts from asid (rules/arm_range.h) */
  uint16_t asid, vmid;
  uint8_t kind; /* enum mmu_inval_kind; value is inval_op_t.op */
  uint8_t regime;
  uint8_t id; /* returned when it is done */
};

/* Which entry of a full TLB or walk cache goes (rtl/tlb/replace.sv). */
enum mmu_replacement {
  MMU_REPLACE_PLRU = 0, /* tree pseudo-LRU */
  MMU_REPLACE_LRU = 1,
  MMU_REPLACE_FIFO = 2,
  MMU_REPLACE_RANDOM = 3,
  MMU_REPLACE_COUNT
};

/* Page size (log2) of a stage that passes addresses through: stage 1 off under a stage 2, or
 * MMU_S2_PASS. Larger than any page. */
enum { MMU_NO_PAGES = 52 };

/* What a page-walk cache remembers. */
enum mmu_pwc_kind {
  MMU_PWC_VIRTUAL = 0,  /* translation caching: where an address's tables are, tagged by address */
  MMU_PWC_PHYSICAL = 1, /* page-table caching: descriptors, tagged by their physical address */
  MMU_PWC_COUNT
};

enum { MMU_PWC_HEIGHTS = 4 }; /* pointers of heights 1 to 4 */

/* Elaborated geometry. */
struct mmu_geometry {
  uint32_t l1i_entries;                  /* 64; fully associative */
  uint32_t l1d_entries;                  /* 64 */
  uint32_t l2_sets;                      /* a power of two; 0: no L2 TLB; 128 */
  uint32_t l2_ways;                      /* 8 */
  uint32_t pwc_entries[MMU_PWC_HEIGHTS]; /* pointers of height 1 to 4; 0: none; 16 each */
  uint32_t pwc_kind;    /* enum mmu_pwc_kind; physical: one array of the sum of pwc_entries */
  uint32_t walks;       /* walk slots; 2 */
  uint32_t miss_queue;  /* waiting requests; 4 */
  uint32_t replacement; /* enum mmu_replacement, of every TLB and walk cache */
  uint32_t
      nested_entries; /* nested TLB, guest-physical to physical; fully associative; 0: none; 16 */
};

#endif
