/* SPDX-License-Identifier: Apache-2.0
 * Inside the x86 cases: the machines, the layout of registers and entries. */
#ifndef COWALK_ORACLE_X86_H
#define COWALK_ORACLE_X86_H

#include "oracle/build.h"

/* What an emulated processor has. */
struct x86_machine {
  uint8_t s2_mode; /* MMU_S2_NPT, MMU_S2_EPT */
  bool la57, keys;
};

struct x86_regs {
  uint64_t cr0, cr4, efer, rflags, pkru, host;
  bool ept_ad;
};

#define X86_PG (UINT64_C(1) << 31)
#define X86_WP (UINT64_C(1) << 16)
#define X86_PE_ET_NE UINT64_C(0x31)
#define X86_PAE (UINT64_C(1) << 5)
#define X86_PGE (UINT64_C(1) << 7)
#define X86_LA57 (UINT64_C(1) << 12)
#define X86_SMEP (UINT64_C(1) << 20)
#define X86_SMAP (UINT64_C(1) << 21)
#define X86_PKE (UINT64_C(1) << 22)
#define X86_LME_LMA UINT64_C(0x500)
#define X86_NXE (UINT64_C(1) << 11)
#define X86_AC (UINT64_C(1) << 18)
#define X86_XD (UINT64_C(1) << 63)
enum { X86_P = 1, X86_RW = 2, X86_US = 4, X86_A = 0x20, X86_D = 0x40, X86_PS = 0x80 };
enum { X86_EPT_A = 0x100, X86_EPT_D = 0x200, X86_EPTP_AD = 0x40 };
enum { X86_WIDTH = 40, X86_TOP = 3, X86_HIGHEST_LEAF = 2 };

/* MOV (%rdi), %rax and the like, of 64 bits in long mode and of 32 without paging; then UD2. */
enum {
  X86_LOAD = 0x8b,
  X86_STORE = 0x89,
  X86_XCHG = 0x87,
  X86_RAX_AT_RDI = 0x07,
  X86_RCX_AT_RDI = 0x0f
};
enum { X86_REX_W = 0x48, X86_UD2 = 0x0b0f };
/* VERR %ax: the system reads a descriptor for the user. */
enum { X86_VERR = 0xe0000f, X86_VERR_BYTE = 0x0f, X86_SELECTOR = 8 };
static inline unsigned x86_length(uint64_t insn) {
  return (insn & 0xff) == X86_REX_W || (insn & 0xff) == X86_VERR_BYTE ? 3 : 2;
}
/* Is it a load of RCX, so that another follows? */
static inline bool x86_twice(uint64_t insn) {
  return (insn & 0xff) != X86_VERR_BYTE &&
         (insn >> (8 * x86_length(insn) - 8) & 0xff) == X86_RCX_AT_RDI;
}

bool x86_generate(const struct x86_machine *m, struct fuzz_random *r,
                  const struct oracle_class *aim, struct oracle_case *c);
void x86_spoil(struct oracle_build *b, struct x86_regs *g);
bool x86_possible(const struct x86_machine *m, const struct oracle_class *k);

/* The first one of Bochs does not need EPT or keys. */
enum { QEMU_X86_DEVIATIONS = 2, BOCHS_X86_DEVIATIONS = 5, BOCHS_SVM_DEVIATIONS = 1 };
extern const struct oracle_deviation qemu_x86_deviations[QEMU_X86_DEVIATIONS];
extern const struct oracle_deviation bochs_x86_deviations[BOCHS_X86_DEVIATIONS];
extern const uint8_t qemu_x86_most[QEMU_X86_DEVIATIONS], bochs_x86_most[BOCHS_X86_DEVIATIONS];

static inline uint64_t x86_bit(unsigned n) {
  return UINT64_C(1) << n;
}

static inline uint64_t x86_pick(struct fuzz_random *r, uint32_t percent, uint64_t bits) {
  return fuzz_chance(r, percent) ? bits : 0;
}

static inline uint8_t x86_between(struct fuzz_random *r, unsigned low, unsigned high) {
  return (uint8_t)(low + fuzz_below(r, high - low + 1U));
}

/* Only a leaf has these. */
static inline bool x86_of_leaf(uint8_t cause) {
  return cause == MMU_CAUSE_PERMISSION || cause == MMU_CAUSE_PKEY;
}

#endif
