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
  uint8_t pa_width; /* physical address bits in force, at most 52 */
  uint8_t t0sz, t1sz;
  bool wp, nxe, smep, smap, ac, pke, page1g; /* x86 */
  bool sum, mxr, pbmte;                      /* RISC-V */
  bool pan, wxn;                             /* Arm */
  bool epd0, epd1, tbi0, tbi1, hpd0, hpd1;   /* Arm */
  bool s1_hw_a, s1_hw_d, s2_hw_a, s2_hw_d;   /* hardware sets A / D (else software after a fault) */
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

/* The neutral fault record (debug port): the OS model must never read it. */
struct mmu_fault {
  uint64_t gva, gpa;
  uint8_t cause; /* enum mmu_cause */
  uint8_t s1_level, s2_level;
  uint8_t s1_rights, s2_rights;
  uint8_t mem_error; /* enum mmu_mem_error */
  bool stage2, on_walk, on_ad_write, s1_leaf;
};

/* Fault registers, all an operating system may look at.
 *            reg[0]                      reg[1]                     reg[2]              reg[3]
 *   x86      vector, or exit reason      error code, or exit qual.  CR2, or guest-lin.
 * guest-physical Arm      ESR_ELx                     FAR_ELx                    HPFAR_EL2 0 RISC-V
 * scause                      stval                      htval               htinst */
struct mmu_syndrome {
  uint64_t reg[4];
  bool to_hyp; /* taken by the hypervisor */
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
  uint8_t epoch;              /* invalidations accepted before the answer was formed, modulo 256 */
  struct mmu_fault fault;     /* valid with MMU_FAULT */
  struct mmu_syndrome syndrome; /* valid with MMU_FAULT */
};

/* Architectural invalidation operations. */
enum mmu_inval_kind {
  MMU_INV_X86_INVLPG = 0,     /* addr; this PCID, and global entries that cover addr */
  MMU_INV_X86_CR3 = 1,        /* MOV CR3 with bit 63 clear: this PCID, not global */
  MMU_INV_X86_ALL = 2,        /* CR4.PGE toggle: everything, globals too */
  MMU_INV_X86_PCID_ADDR = 3,  /* INVPCID type 0: addr and PCID, not global */
  MMU_INV_X86_PCID = 4,       /* INVPCID type 1: PCID, not global */
  MMU_INV_X86_ALL_GLOBAL = 5, /* INVPCID type 2: all PCIDs, globals too */
  MMU_INV_X86_ALL_PCID = 6,   /* INVPCID type 3: all PCIDs, not global */
  MMU_INV_ARM_VMALLE1 = 16,   /* TLBI VMALLE1 */
  MMU_INV_ARM_VAE1 = 17,      /* addr and ASID, and global entries; all levels */
  MMU_INV_ARM_VALE1 = 18,     /* as VAE1, last level only */
  MMU_INV_ARM_VAAE1 = 19,     /* addr, any ASID */
  MMU_INV_ARM_VAALE1 = 20,
  MMU_INV_ARM_ASIDE1 = 21,     /* ASID, not global */
  MMU_INV_ARM_RVAE1 = 22,      /* as VAE1 for a range of addresses; addr is the operand Xt */
  MMU_INV_ARM_RVALE1 = 23,     /* ... as VALE1 */
  MMU_INV_ARM_RVAAE1 = 24,     /* ... as VAAE1 */
  MMU_INV_ARM_RVAALE1 = 25,    /* ... as VAALE1 */
  MMU_INV_RISCV_ALL = 32,      /* SFENCE.VMA x0, x0 */
  MMU_INV_RISCV_ADDR = 33,     /* SFENCE.VMA rs1, x0: addr, any ASID, leaf entries */
  MMU_INV_RISCV_ASID = 34,     /* SFENCE.VMA x0, rs2: ASID, not global */
  MMU_INV_RISCV_ADDR_ASID = 35 /* SFENCE.VMA rs1, rs2: addr and ASID, not global, leaf entries */
};

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
};

#endif
