/* SPDX-License-Identifier: Apache-2.0
 * kcompactd, one a node (Linux 6.1 mm/compaction.c, kcompactd_do_work, wakeup_kcompactd). Its
 * thread starts when it is first wanted. No proactive compaction (vm.compaction_proactiveness). */
#include "os/compact_internal.h"

static void compact_node(struct os_node *n, unsigned order, unsigned highest) {
  struct os *os = n->os;
  os->st.compact_daemon_wake++;
  for (unsigned i = 0; i <= highest; i++) {
    struct os_zone *z = &os->zones.zone[n->id][i];
    struct os_zone_compact *m = &n->compact[i];
    if (z->managed == 0 || os_compact_deferred(m, order)) continue;
    if (os_compact_suitable(os, z, order, OS_MARK_MIN, i, 0) != OS_COMPACT_CONTINUE) continue;
    struct os_compact_run c = {.os = os,
                               .z = z,
                               .memory = m,
                               .order = order,
                               .search_order = order,
                               .highest = highest,
                               .mark = OS_MARK_MIN,
                               .mobility = os_buddy_mobility(os->buddy, OS_UNMOVABLE),
                               .sync = true};
    enum os_compacted s = os_compact_zone(&c);
    if (s == OS_COMPACT_SUCCESS) os_compact_note_worked(m, order, false);
    if (s == OS_COMPACT_COMPLETE || s == OS_COMPACT_PARTIAL_SKIPPED) {
      for (uint32_t cpu = 0; cpu < os_cpus(os); cpu++)
        (void)os_pcp_drain(os->pcps, z, cpu);
      os_compact_defer(m, order);
    }
    os->st.compact_daemon_migrate_scanned += c.scanned;
    os->st.compact_daemon_free_scanned += c.free_scanned;
  }
}

static void kcompactd(void *arg) {
  struct os_node *n = arg;
  struct os_kcompactd *k = &n->compactor;
  for (;;) {
    while (k->order == 0) {
      k->asleep = true;
      os_wait(n->os, &k->q);
      k->asleep = false;
    }
    unsigned order = k->order;
    unsigned highest = k->highest;
    compact_node(n, order, highest);
    if (k->order <= order) k->order = 0;
    if (k->highest >= highest) k->highest = OS_ZONES - 1;
  }
}

void os_wake_kcompactd(struct os_node *n, unsigned order, unsigned highest) {
  struct os *os = n->os;
  struct os_kcompactd *k = &n->compactor;
  bool suitable = false;
  if (order == 0 || os->cfg.no_compaction) return;
  if (!k->started) k->highest = OS_ZONES - 1;
  if (k->order < order) k->order = order;
  if (k->highest > highest) k->highest = highest;
  if (k->started && !k->asleep) return;
  for (unsigned i = 0; i <= k->highest && !suitable; i++) {
    const struct os_zone *z = &os->zones.zone[n->id][i];
    suitable = z->managed != 0 && os_compact_suitable(os, z, k->order, OS_MARK_MIN, k->highest,
                                                      0) == OS_COMPACT_CONTINUE;
  }
  if (!suitable) return;
  if (!k->started)
    os->plat.ops->spawn(os->plat.self, "kcompactd", kcompactd, n, OS_ACCT_COMPACTION);
  k->started = true;
  os_wake(os, &k->q);
}
