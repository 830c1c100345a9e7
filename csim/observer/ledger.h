/* SPDX-License-Identifier: Apache-2.0
 * The ledger of cycles: each cycle of each CPU belongs to exactly one account. There is no account
 * for the rest: whoever knows what a CPU did books it, and the books must agree with the clock.
 * Plain data owned by the embedder. */
#ifndef COWALK_OBSERVER_LEDGER_H
#define COWALK_OBSERVER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ledger_account {
  LEDGER_COMPUTE,       /* instructions that no memory access holds up */
  LEDGER_TLB_HIT,       /* waiting for the L1 TLB: its one cycle a look-up */
  LEDGER_L2_HIT,        /* waiting for the L2 TLB, which had the answer (docs/timing.md) */
  LEDGER_WALK_MEMORY,   /* waiting for a walk that waits for a table read */
  LEDGER_WALK_HARDWARE, /* waiting for the walker's own cycles (docs/timing.md) */
  LEDGER_MMU_WAIT,      /* waiting for the MMU: a port, the queue, another walk, an invalidation */
  LEDGER_AD_UPDATE,     /* waiting for a compare-and-swap that sets A or D */
  LEDGER_DATA_MEMORY,   /* waiting for the data itself */
  LEDGER_FAULT_ENTRY,   /* exception entry and exit */
  LEDGER_FAULT_HANDLER, /* the rest of the fault handler */
  LEDGER_SYSCALL,
  LEDGER_KSWAPD,         /* reclaim in the background */
  LEDGER_DIRECT_RECLAIM, /* reclaim by the task that wants memory */
  LEDGER_WRITEBACK,
  LEDGER_KHUGEPAGED, /* making huge pages of small ones */
  LEDGER_COMPACTION, /* moving pages to make large blocks free */
  LEDGER_SHOOTDOWN,  /* invalidations, sent, received and waited for */
  LEDGER_CONTEXT_SWITCH,
  LEDGER_DISK_WAIT, /* nothing to run while the disk works */
  LEDGER_IDLE,      /* nothing to run */
  LEDGER_ACCOUNTS
};

enum { LEDGER_MAX_CPUS = 16 };

struct ledger {
  uint64_t cycles[LEDGER_MAX_CPUS][LEDGER_ACCOUNTS];
  uint64_t booked[LEDGER_MAX_CPUS]; /* sum of the row, kept as it grows */
};

static inline void ledger_book(struct ledger *l, uint32_t cpu, enum ledger_account account,
                               uint64_t cycles) {
  l->cycles[cpu][account] += cycles;
  l->booked[cpu] += cycles;
}

const char *ledger_name(enum ledger_account account);  /* as in result.json */
const char *ledger_label(enum ledger_account account); /* for people */
uint64_t ledger_total(const struct ledger *l, uint32_t cpus, enum ledger_account account);
/* true if the accounts of this CPU sum to the clock; else one line in err that names the gap. */
bool ledger_balanced(const struct ledger *l, uint32_t cpu, uint64_t clock, char *err,
                     size_t err_len);

#endif
