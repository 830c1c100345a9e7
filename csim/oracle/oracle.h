/* SPDX-License-Identifier: Apache-2.0
 * Cases for an independent emulator: what one is, what is expected of it, what was seen. The
 * architectures differ in struct oracle_arch alone; a further one (x86) adds one of those and a
 * payload in firmware/oracle/. */
#ifndef COWALK_ORACLE_ORACLE_H
#define COWALK_ORACLE_ORACLE_H

#include <stddef.h>
#include <stdio.h>

#include "fuzz/random.h"
#include "oracle/walk.h"

#define ORACLE_STORED UINT64_C(0x7707707707707707) /* what writes store */

struct oracle_case {
  uint64_t reg[ORACLE_REGS];
  uint32_t door;
  struct oracle_memory memory; /* before */
};

/* Where an access ends. */
enum oracle_where {
  ORACLE_DONE,     /* level: stage 1's leaf; cause: height of stage 2's */
  ORACLE_STAGE1,   /* a fault of stage 1, */
  ORACLE_S2_TABLE, /* of stage 2 for a stage-1 table, */
  ORACLE_S2_SWAP,  /* for the update of one, */
  ORACLE_S2_FINAL, /* for the access itself */
  ORACLE_WHERES
};
enum oracle_regime { ORACLE_S1_ONLY, ORACLE_S2_ONLY, ORACLE_BOTH, ORACLE_REGIMES };
enum { ORACLE_ACCESSES = 3 };
enum { ORACLE_KINDS = 4, ORACLE_DOORS = 4, ORACLE_HEIGHTS = 5 };

struct oracle_class {
  uint8_t where;  /* enum oracle_where */
  uint8_t cause;  /* enum mmu_cause */
  uint8_t level;  /* height of the descriptor of the stage that faulted */
  uint8_t kind;   /* enum mmu_access_kind */
  uint8_t door;   /* the guest's user, its supervisor; the same by HLV, AT, VERR */
  uint8_t regime; /* enum oracle_regime */
  uint8_t table;  /* ORACLE_S2_TABLE, ORACLE_S2_SWAP: height of the table asked for */
};

enum oracle_taker { ORACLE_NOBODY, ORACLE_GUEST, ORACLE_HYPERVISOR, ORACLE_LOST };

/* What an emulator showed, or what is expected of it. */
struct oracle_outcome {
  uint8_t taker; /* enum oracle_taker */
  bool gva;      /* RISC-V hstatus.GVA, if the hypervisor took it */
  uint64_t reg[4];
  uint64_t value; /* with NOBODY: what was read, or the number of the page that was executed */
  struct oracle_memory memory; /* afterwards */
};

/* Expected: reg under `defined`; `zero_instead`: reg[3] may be 0 as well. */
struct oracle_expected {
  struct oracle_outcome outcome;
  struct oracle_class class;
  uint64_t defined[4];
  bool any_value; /* a write reads nothing */
  bool zero_instead;
  uint64_t open_addr[2], may[2];
  /* x86: of what the access that faulted would have set, A and D on its way may be left out. */
  bool partly;
  struct oracle_memory before; /* that access */
};

struct oracle_deviation {
  uint32_t bit;
  const char *name;
  const char *manual;  /* the section that says otherwise */
  uint8_t first, last; /* versions of the emulator that have it */
  /* May it make this difference? The prediction without it and with it. */
  bool (*explains)(const struct oracle_case *c, const struct oracle_expected *without,
                   const struct oracle_expected *with);
};

struct oracle_arch {
  const char *name;
  enum mmu_arch arch;
  const struct oracle_deviation *deviations;
  size_t deviation_count;
  const uint8_t *most; /* percent of the cases that each may concern; NULL: any */
  uint64_t ram, ram_bytes;
  bool packed; /* the payload's records are (firmware/oracle/x86/payload.c) */
  /* The accesses of a case in order: the code that does it, if any, a read of the same place, if
   * any, and the one that counts. */
  unsigned (*accesses)(const struct oracle_case *c, struct oracle_access list[ORACLE_ACCESSES]);
  /* A new case that may end like `aim`; false: try again. */
  bool (*generate)(struct fuzz_random *r, const struct oracle_class *aim, struct oracle_case *c);
  /* Can anything end like this? */
  bool (*possible)(const struct oracle_class *k);
  void (*observe)(const struct oracle_case *c, const uint64_t out[ORACLE_OUTS],
                  struct oracle_outcome *o);
  /* The fetch at the guest's exception vector; NULL: a guest's exception goes elsewhere. */
  void (*vector)(const struct oracle_case *c, struct oracle_access *a);
  uint64_t vector_word; /* what is there, if the fetch gets through */
  /* What the access itself does where there is no memory; false, NULL: no case may go there. */
  bool (*astray)(const struct oracle_access *a, uint64_t pa, struct oracle_outcome *o);
  uint64_t (*landing)(uint64_t page); /* the instructions that tell a page when executed */
};

extern const struct oracle_arch oracle_arm, oracle_riscv, oracle_amd, oracle_intel, oracle_ryzen;

/* By name; NULL: there is none. */
const struct oracle_arch *oracle_arch_of(const char *name);
/* The number that an executed page at pa tells. */
static inline uint64_t oracle_page_number(uint64_t pa) {
  return pa >> 12 & 0x3fff;
}

/* What a write of 4 or 8 bytes leaves of the word. */
static inline uint64_t oracle_stored(uint64_t old, uint8_t size) {
  return size == 2 ? (old & ~(uint64_t)UINT32_MAX) | (uint32_t)ORACLE_STORED : ORACLE_STORED;
}

/* PAR_EL1 of an AT instruction, as far as it is compared: F and FST, or the address. */
static inline uint64_t oracle_par_of_fault(uint64_t esr) {
  return 1 | (esr & 0x3f) << 1;
}
static inline uint64_t oracle_par_of_address(uint64_t pa) {
  return pa & UINT64_C(0x0000fffffffff000);
}

/* What a case must show, under these deviations from the manual. */
void oracle_expect(const struct oracle_arch *arch, const struct oracle_case *c, uint32_t deviations,
                   struct oracle_expected *e);
/* NULL, or what differs (in a buffer of this size). */
const char *oracle_differs(const struct oracle_expected *e, const struct oracle_outcome *seen,
                           char *why, size_t size);

#endif
