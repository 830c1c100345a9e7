/* SPDX-License-Identifier: Apache-2.0
 * Reclaim by the allocating task after Linux 6.1 mm/vmscan.c: throttle_direct_reclaim,
 * do_try_to_free_pages, reclaim_throttle, node_reclaim. */
#include "os/kernel.h"

/* ---- throttling ---- */

/* skip_throttle_noprogress: throttling comes anyway when the pages under writeback come round. */
static bool writes_throttle(const struct os_node *n) {
  const struct os *os = n->os;
  uint64_t reclaimable = 0;
  for (unsigned i = 0; i < OS_ZONES; i++)
    if (os->zones.zone[n->id][i].managed != 0)
      reclaimable += os_zone_reclaimable(os, &os->zones.zone[n->id][i]);
  struct os_use u = os_node_use(n);
  return 2 * (u.dirty + u.writeback) <= reclaimable;
}

void os_reclaim_throttle(struct os_node *n, enum os_throttle why) {
  struct os *os = n->os;
  if (why == OS_THROTTLE_WRITEBACK) {
    if (n->throttled++ == 0) n->throttle_written = 0;
    (void)os_wait_us(os, &n->written, 100000);
    n->throttled--;
  } else if (n->failures < OS_MAX_RETRIES && !writes_throttle(n)) {
    (void)os_wait_us(os, &n->noprogress, OS_JIFFY_US);
  }
}

void os_reclaim_written(struct os_node *n) {
  if (n->throttled == 0) return;
  if (++n->throttle_written > (uint64_t)OS_BATCH * n->throttled) os_wake(n->os, &n->written);
}

void os_reclaim_await_queue(struct os_node *n) {
  struct os *os = n->os;
  uint64_t most = 0;
  for (unsigned i = 0; i < OS_ZONES; i++) {
    const struct os_zone *z = &os->zones.zone[n->id][i];
    if (z->managed != 0) most += os_zone_mark(z, OS_MARK_HIGH);
  }
  if (most < OS_BATCH) most = OS_BATCH;
  while (os->rec.writeback - os->rec.flushing >= most)
    (void)os_wait_us(os, &os->rec.io, 100000);
}

bool os_reserves_fine(struct os_node *n) {
  struct os *os = n->os;
  uint64_t min = 0;
  uint64_t free = 0;
  if (n->failures >= OS_MAX_RETRIES) return true;
  for (unsigned i = 0; i <= OS_ZONE_NORMAL; i++) {
    const struct os_zone *z = &os->zones.zone[n->id][i];
    if (z->managed == 0 || os_zone_reclaimable(os, z) == 0) continue;
    min += os_zone_mark(z, OS_MARK_MIN);
    free += z->free;
  }
  bool fine = min == 0 || free > min / 2;
  if (!fine && n->asleep && !n->wanted) {
    if (n->highest > OS_ZONE_NORMAL) n->highest = OS_ZONE_NORMAL;
    n->wanted = true;
    os->st.kswapd_wakeups++;
    os_wake(os, &n->kswapd);
  }
  return fine;
}

static void throttle_direct_reclaim(struct os_node *n) {
  if (os_reserves_fine(n)) return;
  n->os->st.pgscan_direct_throttle++;
  while (!os_reserves_fine(n))
    (void)os_wait_us(n->os, &n->reserves, 100000);
}

/* ---- direct reclaim ---- */

/* consider_reclaim_throttle */
static void consider_throttle(struct os_node *n, const struct os_scan *sc) {
  if (sc->reclaimed > sc->scanned / 8)
    os_wake(n->os, &n->noprogress);
  else if (sc->priority == 1 && sc->reclaimed == 0)
    os_reclaim_throttle(n, OS_THROTTLE_NOPROGRESS);
}

/* All priorities once; false: nothing was freed. */
static bool try_to_free(struct os_node *local, unsigned nodes, struct os_scan *sc) {
  struct os *os = local->os;
  os->st.allocstall++;
  os->rec.allocstall[sc->highest]++;
  for (sc->priority = OS_DEF_PRIORITY; sc->priority >= 0; sc->priority--) {
    bool ready = false; /* compaction should do the rest */
    for (unsigned k = 0; k < nodes; k++) {
      struct os_node *n = &os->node[(local->id + k) % os->zones.nodes];
      if (os_compact_ready(n, sc))
        ready = true;
      else
        os_shrink_node(n, sc);
    }
    consider_throttle(local, sc);
    if (sc->reclaimed >= sc->to_reclaim) break;
    if (ready) {
      if (sc->reclaimed == 0) sc->reclaimed = 1; /* no reason to kill anybody */
      break;
    }
  }
  for (unsigned n = 0; n < os->zones.nodes && os->pol->end_run != NULL; n++)
    os->pol->end_run(os->node[n].policy);
  return sc->reclaimed != 0;
}

uint64_t os_direct_reclaim(struct os *os, unsigned order, unsigned highest, unsigned nodes) {
  enum os_account was = os->plat.ops->account(os->plat.self, OS_ACCT_DIRECT_RECLAIM);
  struct os_node *local = os_node_here(os);
  throttle_direct_reclaim(local);
  struct os_scan sc = {.to_reclaim = OS_BATCH, /* whatever is asked for */
                       .order = order,
                       .highest = highest,
                       .may_write = true,
                       .may_swap = true,
                       .may_unmap = true};
  while (!try_to_free(local, nodes, &sc) && sc.lru.skipped_deactivate && !sc.lru.force_deactivate) {
    sc.lru.force_deactivate = true; /* the active pages were spared; not any more */
    sc.lru.skipped_deactivate = false;
  }
  (void)os->plat.ops->account(os->plat.self, was);
  return sc.reclaimed;
}

/* ---- zone_reclaim_mode ---- */

/* node_pagecache_reclaimable */
static uint64_t reclaimable_cache(const struct os_node *n, uint32_t mode) {
  struct os_use u = os_node_use(n);
  uint64_t unmapped = u.file > u.mapped ? u.file - u.mapped : 0; /* shmem may be mapped, too */
  uint64_t pages = (mode & OS_ZONE_RECLAIM_UNMAP) != 0 ? u.file + u.shmem : unmapped;
  uint64_t dirty = (mode & OS_ZONE_RECLAIM_WRITE) != 0 ? 0 : u.dirty;
  return pages > dirty ? pages - dirty : 0;
}

static bool has_cpu(const struct os *os, unsigned node) {
  uint32_t cpus = os_cpus(os);
  for (uint32_t c = 0; c < cpus; c++)
    if (c * os->zones.nodes / cpus == node) return true;
  return false;
}

bool os_node_reclaim(struct os_node *n, const struct os_node *local, unsigned order,
                     unsigned highest) {
  enum { NODE_RECLAIM_PRIORITY = 4 };
  struct os *os = n->os;
  uint32_t mode = os->sysctl.zone_reclaim_mode;
  uint64_t managed = 0;
  for (unsigned i = 0; i < OS_ZONES; i++)
    managed += os->zones.zone[n->id][i].managed;
  uint64_t least = managed * os->sysctl.min_unmapped_ratio / 100;
  if (reclaimable_cache(n, mode) <= least) return false;
  /* The local node, or one that no CPU calls its own. */
  if ((n != local && has_cpu(os, n->id)) || n->node_reclaim_locked) return false;
  n->node_reclaim_locked = true;
  enum os_account was = os->plat.ops->account(os->plat.self, OS_ACCT_DIRECT_RECLAIM);
  uint64_t wanted = UINT64_C(1) << order;
  struct os_scan sc = {.to_reclaim = wanted > OS_BATCH ? wanted : OS_BATCH,
                       .highest = highest,
                       .may_write = (mode & OS_ZONE_RECLAIM_WRITE) != 0,
                       .may_unmap = (mode & OS_ZONE_RECLAIM_UNMAP) != 0,
                       .may_swap = true};
  for (sc.priority = NODE_RECLAIM_PRIORITY; sc.priority >= 0 && sc.reclaimed < wanted;
       sc.priority--)
    os_shrink_node(n, &sc);
  (void)os->plat.ops->account(os->plat.self, was);
  n->node_reclaim_locked = false;
  if (sc.reclaimed >= wanted)
    os->st.zone_reclaim_success++;
  else
    os->st.zone_reclaim_failed++;
  return true;
}
