/* SPDX-License-Identifier: Apache-2.0
 * The plainest possible walk of two stages over csim/rules: no time, no cache, no race. What an
 * access does to a case's memory and what it answers. */
#ifndef COWALK_ORACLE_WALK_H
#define COWALK_ORACLE_WALK_H

#include "backend/mmu.h"
#include "oracle/memory.h"

struct oracle_access {
  struct mmu_context ctx;
  struct mmu_access acc;
  bool by_hypervisor; /* RISC-V HLV, HLVX, HSV: what goes wrong is the hypervisor's */
  uint64_t va;
};

/* Ways in which an emulator departs from the manual, one bit each; 0 is the manual. What each
 * means is with the architecture's table of deviations. */
enum {
  ORACLE_DEV_WALK_LEVEL = 1 << 0,       /* Arm: a fault on a table tells stage 1's level */
  ORACLE_DEV_L0_BLOCK = 1 << 1,         /* Arm: a block at level 0 is taken for one */
  ORACLE_DEV_CLEAN_EXEC = 1 << 2,       /* Arm: a clean page is read-only to WXN and PXN */
  ORACLE_DEV_SPLIT_RMW = 1 << 3,        /* Arm: an atomic is a read, then a write */
  ORACLE_DEV_AT_DIRTY = 1 << 4,         /* Arm: AT of a write makes the page dirty */
  ORACLE_DEV_AT_PTW = 1 << 5,           /* Arm: HCR_EL2.PTW counts for AT without a stage 2 */
  ORACLE_DEV_BUS_ISV = 1 << 6,          /* Arm: an external abort tells the operand */
  ORACLE_DEV_NO_SVADE = 1 << 8,         /* RISC-V: A and D are always updated */
  ORACLE_DEV_BLIND_UPDATE = 1 << 9,     /* RISC-V, EPT: A and D of stage 1 without asking stage 2 */
  ORACLE_DEV_LOAD_CAUSE = 1 << 10,      /* RISC-V: a fault on a table is a load's */
  ORACLE_DEV_GPA_SIGN = 1 << 11,        /* RISC-V: guest-physical addresses are sign-extended */
  ORACLE_DEV_MXR = 1 << 12,             /* RISC-V: MXR of the wrong register */
  ORACLE_DEV_HLV_SUM = 1 << 13,         /* RISC-V: HLV and HSV ignore SUM */
  ORACLE_DEV_HLVX = 1 << 14,            /* RISC-V: HLVX asks for R */
  ORACLE_DEV_BUS_GUEST = 1 << 15,       /* RISC-V: PMP in the G-stage: guest-page fault */
  ORACLE_DEV_RESERVED_ABSENT = 1 << 16, /* x86: the code of a reserved bit lacks P */
  ORACLE_DEV_WALK_WRITES = 1 << 17,     /* EPT: a fault on a table is a write's alone */
  ORACLE_DEV_EPT_BIT12 = 1 << 18,       /* EPT: bit 12 of a large page is free */
  ORACLE_DEV_IMPLICIT_AC = 1 << 21,     /* x86: AC lifts SMAP for implicit accesses too */
  ORACLE_DEV_GIB_ACCESSED = 1 << 20,    /* x86: a 1 GiB page that refuses has been accessed */
  ORACLE_DEV_KEY_BY_MODE = 1 << 19      /* x86: keys go by who accesses, not by whose page it is */
};

struct oracle_walk {
  uint8_t status; /* enum mmu_status: MMU_OK or MMU_FAULT */
  uint64_t pa;
  uint8_t s1_leaf, s2_leaf; /* heights of the leaves; valid with MMU_OK */
  struct mmu_fault fault;
  struct mmu_syndrome syndrome;
  uint64_t defined[4];
  /* A word that the manual leaves open: may also be `may`. 0: there is none. */
  uint64_t open_addr[2], may[2];
};

void oracle_walk(enum mmu_arch arch, const struct oracle_access *a, uint32_t deviations,
                 struct oracle_memory *m, struct oracle_walk *out);

#endif
