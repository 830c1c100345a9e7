/* SPDX-License-Identifier: Apache-2.0
 * Fault syndromes of x86 (Intel, AMD), Arm and RISC-V: registers in, one neutral record out, and
 * back. Needs only <stdbool.h> and <stdint.h>, allocates nothing, keeps no state: to lift it out,
 * take syndrome.h, bits.h, x86.c, amd.c, arm64.c, riscv.c, operand.c and syndrome.c. fields*.c is
 * for people (names, manual sections).
 *
 * Promises: syn_encode(syn_decode(r)) = r on every register value that the manual allows, but for
 * the bits in `undefined`; syn_decode(syn_encode(f)) = what the architecture reports of f. */
#ifndef COWALK_SYNDROME_SYNDROME_H
#define COWALK_SYNDROME_SYNDROME_H

#include <stdbool.h>
#include <stdint.h>

enum syn_arch { SYN_X86, SYN_AMD, SYN_ARM64, SYN_RISCV, SYN_ARCHES };

/* The registers, by architecture. x86 and AMD have #PF (the first two) or an exit (the rest). */
enum syn_x86_reg {
  SYN_X86_PFEC,
  SYN_X86_CR2,
  SYN_X86_REASON,
  SYN_X86_QUAL,
  SYN_X86_GLA,
  SYN_X86_GPA
};
enum syn_amd_reg { SYN_AMD_PFEC, SYN_AMD_CR2, SYN_AMD_EXITCODE, SYN_AMD_INFO1, SYN_AMD_INFO2 };
enum syn_arm_reg { SYN_ARM_ESR, SYN_ARM_FAR, SYN_ARM_HPFAR };
enum syn_rv_reg { SYN_RV_CAUSE, SYN_RV_TVAL, SYN_RV_TVAL2, SYN_RV_TINST, SYN_RV_STATUS };
enum { SYN_REGS = 6 };

/* Settings that change what a bit means. */
enum {
  SYN_MBEC = 1u << 0,     /* Intel: mode-based execute control: qualification bit 6 */
  SYN_ADVANCED = 1u << 1, /* Intel: advanced exit information: bits 11:9 */
  SYN_SSS = 1u << 2,      /* Intel: supervisor shadow-stack control: bit 14 */
  SYN_TGE = 1u << 3,      /* Arm: HCR_EL2.TGE: a lower level is the host's own user code */
  SYN_GMET = 1u << 4      /* AMD: guest-mode execute trap: EXITINFO1 bit 2 can be 0 */
};

/* Whose registers they are. Arm: EL1, EL2. RISC-V: VS, HS, M. */
enum syn_taker { SYN_TAKER_UNKNOWN, SYN_GUEST, SYN_HYPERVISOR, SYN_FIRMWARE };

struct syn_regs {
  uint64_t value[SYN_REGS];
  uint32_t given;    /* bit n: value[n] is there */
  uint32_t settings; /* SYN_MBEC... */
  uint8_t taker;     /* enum syn_taker; x86 finds it from which registers are given */
};

enum syn_cause {
  SYN_NO_CAUSE,
  SYN_NOT_MAPPED, /* not present; EPT also: rights whose intersection is empty */
  SYN_PERMISSION,
  SYN_RESERVED, /* a reserved bit is set */
  SYN_MISCONFIGURED,
  SYN_ACCESS_FLAG,
  SYN_ADDRESS_SIZE,
  SYN_KEY,      /* protection key */
  SYN_ENCLAVE,  /* SGX */
  SYN_OWNER,    /* AMD RMP, Arm granule protection */
  SYN_EXTERNAL, /* bus, PMP or PMA */
  SYN_PARITY,
  SYN_ALIGNMENT,
  SYN_TAG,
  SYN_TLB_CONFLICT,
  SYN_NO_ATOMIC, /* the memory cannot do the hardware's update of a descriptor */
  SYN_EXCLUSIVE, /* unsupported exclusive or atomic access */
  SYN_LOCKDOWN,
  SYN_PAGE, /* a page fault whose reason the architecture does not tell */
  SYN_CAUSES
};

enum syn_known { SYN_UNKNOWN, SYN_NO, SYN_YES };
enum { SYN_READ = 1, SYN_WRITE = 2, SYN_FETCH = 4 };
enum { SYN_LEVEL_UNKNOWN = 127 };

/* `known` is the mask of the bits of `value` that hold: 0 if there is no address, and without the
 * page offset where only the page is told. */
struct syn_address {
  uint64_t value, known;
};

struct syn_fault {
  uint8_t cause; /* enum syn_cause */
  uint8_t stage; /* 1 or 2; 0 if not told */
  int8_t level;  /* as the architecture counts; SYN_LEVEL_UNKNOWN */
  /* SYN_READ...: of the instruction; 0 if not told. RISC-V's store: also AMO. x86 calls a fetch a
   * read if neither SMEP nor NX is on. */
  uint8_t access;
  uint8_t taker;      /* enum syn_taker */
  uint8_t on_walk;    /* enum syn_known: the refused access was one to a translation table */
  uint8_t update;     /* and it was the hardware's write of an A or D flag */
  uint8_t user;       /* the access was a user's */
  uint8_t from_guest; /* it ran in a guest */
  uint8_t from_lower; /* Arm: it ran at a lower level than the taker's */
  uint8_t guest_va;   /* RISC-V: va is a guest's (GVA) */
  bool gpa_ns;        /* Arm: the address is in the non-secure space */
  struct syn_address va, gpa;
  uint64_t detail;      /* what else the syndrome register says, at its own bit numbers */
  uint32_t instruction; /* RISC-V: the transformed instruction; 0 if none */
  uint32_t settings;
};

enum syn_result {
  SYN_OK,
  SYN_ODD,      /* decoded, but `odd` has bits that the manual does not allow */
  SYN_NOT_FAULT /* these registers tell no memory fault; of encode: not to be told on this arch */
};

/* What decode says about the register bits themselves. */
struct syn_masks {
  uint64_t undefined[SYN_REGS]; /* not defined for this fault: do not compare */
  uint64_t odd[SYN_REGS];       /* set, or with a value, against the manual */
};

enum syn_result syn_decode(enum syn_arch arch, const struct syn_regs *in, struct syn_fault *out,
                           struct syn_masks *masks);
enum syn_result syn_encode(enum syn_arch arch, const struct syn_fault *in, struct syn_regs *out);

/* The load or store, where the registers tell it: what emulation of a device needs. */
struct syn_operand {
  bool store;
  bool sign;     /* the loaded value is sign-extended */
  bool wide;     /* into 64 bits, else 32 */
  bool floating; /* RISC-V: a floating-point register */
  bool ordered;  /* Arm: acquire or release */
  uint8_t size;  /* log2 of the bytes */
  uint8_t reg;
};
/* False if they do not tell one. */
bool syn_operand(enum syn_arch arch, const struct syn_fault *f, struct syn_operand *out);

#endif
