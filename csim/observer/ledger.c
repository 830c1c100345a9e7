// SPDX-License-Identifier: Apache-2.0
// The ledger of cycles: accounts, their names, and the audit against the clock.
// Follows the design: no account is a remainder, the total is the clock, and they agree.
// Promises: the audit sums the accounts anew; it trusts no running total.
#include "observer/ledger.h"

#include <stdio.h>

static const struct {
  const char *name, *label;
} names[LEDGER_ACCOUNTS] = {
    [LEDGER_COMPUTE] = {"compute", "compute"},
    [LEDGER_TLB_HIT] = {"tlb_hit", "L1 TLB look-up"},
    [LEDGER_L2_HIT] = {"l2_hit", "L2 TLB hits"},
    [LEDGER_WALK_MEMORY] = {"walk_memory", "walk: table reads"},
    [LEDGER_WALK_HARDWARE] = {"walk_hardware", "walk: hardware's own"},
    [LEDGER_MMU_WAIT] = {"mmu_wait", "walk: waiting for its turn"},
    [LEDGER_AD_UPDATE] = {"ad_update", "walk: A/D updates"},
    [LEDGER_DATA_MEMORY] = {"data_memory", "data memory"},
    [LEDGER_FAULT_ENTRY] = {"fault_entry", "fault entry and exit"},
    [LEDGER_FAULT_HANDLER] = {"fault_handler", "fault handler"},
    [LEDGER_SYSCALL] = {"syscall", "system calls"},
    [LEDGER_KSWAPD] = {"reclaim_kswapd", "reclaim by kswapd"},
    [LEDGER_DIRECT_RECLAIM] = {"reclaim_direct", "direct reclaim"},
    [LEDGER_WRITEBACK] = {"writeback", "writeback"},
    [LEDGER_KHUGEPAGED] = {"khugepaged", "khugepaged"},
    [LEDGER_COMPACTION] = {"compaction", "compaction"},
    [LEDGER_SHOOTDOWN] = {"shootdown", "TLB invalidation"},
    [LEDGER_CONTEXT_SWITCH] = {"context_switch", "context switches"},
    [LEDGER_DISK_WAIT] = {"disk_wait", "waiting for the disk"},
    [LEDGER_IDLE] = {"idle", "idle"},
};

const char *ledger_name(enum ledger_account account) {
  return names[account].name;
}

const char *ledger_label(enum ledger_account account) {
  return names[account].label;
}

uint64_t ledger_total(const struct ledger *l, uint32_t cpus, enum ledger_account account) {
  uint64_t sum = 0;
  for (uint32_t c = 0; c < cpus; c++)
    sum += l->cycles[c][account];
  return sum;
}

bool ledger_balanced(const struct ledger *l, uint32_t cpu, uint64_t clock, char *err,
                     size_t err_len) {
  uint64_t sum = 0;
  for (int a = 0; a < LEDGER_ACCOUNTS; a++)
    sum += l->cycles[cpu][a];
  if (sum == clock && sum == l->booked[cpu]) return true;
  bool more = sum > clock;
  snprintf(err, err_len, "ledger: cpu %u has %llu cycles booked at cycle %llu: %llu cycles %s",
           (unsigned)cpu, (unsigned long long)sum, (unsigned long long)clock,
           (unsigned long long)(more ? sum - clock : clock - sum),
           more ? "booked twice" : "that no account owns");
  return false;
}
