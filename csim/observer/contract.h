/* SPDX-License-Identifier: Apache-2.0
 * The contracts between hardware, OS model and programs: how often each was checked, how often it
 * was broken, and the first break of each in words. Plain data owned by the embedder. */
#ifndef COWALK_OBSERVER_CONTRACT_H
#define COWALK_OBSERVER_CONTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/mmu.h"

enum contract {
  CONTRACT_DATA,      /* every access finds what the program's own stores left there */
  CONTRACT_STALE,     /* no access through a freed frame or with rights taken away */
  CONTRACT_FRAME,     /* no frame serves two pages */
  CONTRACT_A,         /* no translation is used whose leaf lacks A (where hardware sets A) */
  CONTRACT_D,         /* no store is answered whose leaf lacks D (where hardware sets D) */
  CONTRACT_SYNDROME,  /* the firmware decodes the registers to the walker's cause */
  CONTRACT_WATERMARK, /* kswapd is awake below low; direct reclaim is tried below min */
  CONTRACT_OS_CHECK,  /* the OS model's own books are consistent at the end */
  CONTRACT_LEDGER,    /* every cycle is in exactly one account */
  CONTRACT_COUNT
};

struct contract_record {
  uint64_t checked, broken;
  char first[400]; /* the first break: cycle, task, address, story */
};

struct contracts {
  struct contract_record record[CONTRACT_COUNT];
};

const char *contract_name(enum contract k);  /* as in result.json */
const char *contract_label(enum contract k); /* for people */
static inline void contract_checked(struct contracts *c, enum contract k) {
  c->record[k].checked++;
}
/* Count a break; the first of a kind is kept in words. */
__attribute__((format(printf, 3, 4))) void contract_break(struct contracts *c, enum contract k,
                                                          const char *format, ...);
uint64_t contract_breaks(const struct contracts *c);

/* Has this leaf its accessed flag; may a store go through it without setting D? */
bool contract_leaf_accessed(enum mmu_arch arch, uint64_t leaf);
bool contract_leaf_dirty(enum mmu_arch arch, uint64_t leaf);

#endif
