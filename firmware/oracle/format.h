/* SPDX-License-Identifier: Apache-2.0
 * What the case generator on the host and the payload inside an emulator tell each other. All
 * little-endian, all fields naturally aligned. A case is registers, memory words and one way to
 * start; the payload knows nothing else about it. Readable alone. */
#ifndef FIRMWARE_ORACLE_FORMAT_H
#define FIRMWARE_ORACLE_FORMAT_H

#include <stdint.h>

#define ORACLE_MAGIC UINT64_C(0x31656c6361726f63)

enum { ORACLE_REGS = 16, ORACLE_OUTS = 12 };

/* In memory, put there by the emulator: a head, then the cases one after the other. */
struct oracle_file_head {
  uint64_t magic;
  uint32_t arch; /* enum mmu_arch */
  uint32_t cases;
};

struct oracle_word {
  uint64_t addr, value;
};

/* Followed by its words. */
struct oracle_case_head {
  uint32_t index;
  uint32_t words;
  uint32_t door; /* how it starts: by architecture */
  uint32_t zero;
  uint64_t reg[ORACLE_REGS];
};

/* Written by semihosting (x86: packed, through a port), one by one; followed by the values of the
 * case's words afterwards. */
struct oracle_result_head {
  uint32_t index;
  uint32_t words;
  uint64_t out[ORACLE_OUTS];
};

/* AArch64: the registers of a case; it starts by an exception return to EL1 or EL0. */
enum oracle_arm_reg {
  ORACLE_ARM_HCR,
  ORACLE_ARM_VTCR,
  ORACLE_ARM_VTTBR,
  ORACLE_ARM_SCTLR,
  ORACLE_ARM_TCR,
  ORACLE_ARM_TTBR0,
  ORACLE_ARM_TTBR1,
  ORACLE_ARM_MAIR,
  ORACLE_ARM_VBAR,
  ORACLE_ARM_SPSR,
  ORACLE_ARM_ELR,
  ORACLE_ARM_X0,
  ORACLE_ARM_X1,
  ORACLE_ARM_INSN /* not loaded: the instruction at ELR, 0 if the fetch of it is the access */
};

#define ORACLE_ARM_UNTAKEN UINT64_C(0x5a5a) /* ESR_EL1 before: no exception has this value */

/* ... and what is found at EL2. */
enum oracle_arm_out {
  ORACLE_ARM_OUT_VECTOR, /* offset in the vector table */
  ORACLE_ARM_OUT_ESR2,
  ORACLE_ARM_OUT_FAR2,
  ORACLE_ARM_OUT_HPFAR,
  ORACLE_ARM_OUT_ELR2,
  ORACLE_ARM_OUT_SPSR2,
  ORACLE_ARM_OUT_ESR1,
  ORACLE_ARM_OUT_FAR1,
  ORACLE_ARM_OUT_ELR1,
  ORACLE_ARM_OUT_X0
};

/* RISC-V: by a return to VS or VU mode, or by a hypervisor load or store from HS mode. */
enum oracle_riscv_door {
  ORACLE_RISCV_GUEST,
  ORACLE_RISCV_HLV,
  ORACLE_RISCV_HLVX,
  ORACLE_RISCV_HSV
};

enum oracle_riscv_reg {
  ORACLE_RISCV_HGATP,
  ORACLE_RISCV_VSATP,
  ORACLE_RISCV_VSSTATUS,
  ORACLE_RISCV_SSTATUS, /* its MXR */
  ORACLE_RISCV_HSTATUS,
  ORACLE_RISCV_HEDELEG,
  ORACLE_RISCV_MENVCFG,
  ORACLE_RISCV_HENVCFG,
  ORACLE_RISCV_VSTVEC,
  ORACLE_RISCV_SPP, /* 1: VS, 0: VU */
  ORACLE_RISCV_SEPC,
  ORACLE_RISCV_A0,
  ORACLE_RISCV_A1,
  ORACLE_RISCV_INSN /* not loaded: the instruction, 0 if the fetch at SEPC is the access */
};

#define ORACLE_RISCV_UNTAKEN UINT64_C(0x3f) /* vscause before */

enum oracle_riscv_out {
  ORACLE_RISCV_OUT_MODE, /* 1: HS took it, 3: M did */
  ORACLE_RISCV_OUT_SCAUSE,
  ORACLE_RISCV_OUT_STVAL,
  ORACLE_RISCV_OUT_HTVAL,
  ORACLE_RISCV_OUT_HTINST,
  ORACLE_RISCV_OUT_HSTATUS,
  ORACLE_RISCV_OUT_SEPC,
  ORACLE_RISCV_OUT_VSCAUSE,
  ORACLE_RISCV_OUT_VSTVAL,
  ORACLE_RISCV_OUT_VSEPC,
  ORACLE_RISCV_OUT_A0
};

/* x86: the registers of a guest, which a VMRUN or VMLAUNCH starts. Every exception of the guest is
 * intercepted; it ends with #UD if it gets through. */
enum oracle_x86_reg {
  ORACLE_X86_CR0,
  ORACLE_X86_CR3,
  ORACLE_X86_CR4,
  ORACLE_X86_EFER,
  ORACLE_X86_RFLAGS,
  ORACLE_X86_PKRU,
  ORACLE_X86_CPL,
  ORACLE_X86_ROOT, /* nested CR3, EPTP; 0: no stage 2 */
  ORACLE_X86_HOST, /* ORACLE_X86_HOST_*: of the host's own controls, which nested paging uses */
  ORACLE_X86_RIP,
  ORACLE_X86_RAX,
  ORACLE_X86_RDI,
  ORACLE_X86_GDTR, /* its base */
  ORACLE_X86_INSN  /* not loaded: the instructions at RIP, 0 if the fetch of them is the access */
};
enum { ORACLE_X86_HOST_NXE = 1, ORACLE_X86_HOST_LA57 = 2 };

/* ... and what is found in the VMCB or the VMCS. */
enum oracle_x86_out {
  ORACLE_X86_OUT_EXIT,  /* exit code, exit reason */
  ORACLE_X86_OUT_INFO1, /* EXITINFO1, exit qualification */
  ORACLE_X86_OUT_INFO2, /* EXITINFO2, guest-linear address */
  ORACLE_X86_OUT_GPA,   /* guest-physical address */
  ORACLE_X86_OUT_EVENT, /* interruption information */
  ORACLE_X86_OUT_CODE,  /* error code of that */
  ORACLE_X86_OUT_RAX,
  ORACLE_X86_OUT_RIP
};

#endif
