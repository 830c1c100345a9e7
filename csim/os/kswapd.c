/* SPDX-License-Identifier: Apache-2.0
 * kswapd, one a node, after Linux 6.1 mm/vmscan.c (wakeup_kswapd, kswapd, kswapd_try_to_sleep,
 * balance_pgdat): it reclaims until one zone that the request may use is above its high mark, naps
 * 100 ms, and sleeps if that is still so. */
#include "os/kernel.h"

static bool balanced(const struct os_node *n, unsigned order, unsigned highest) {
  return os_zones_balanced(&n->os->zones, n->id, order, highest);
}

static struct os_zone *zones_of(struct os_node *n) {
  return n->os->zones.zone[n->id];
}

static bool boosted(struct os_node *n, unsigned highest) {
  for (unsigned i = 0; i <= highest; i++)
    if (zones_of(n)[i].managed != 0 && zones_of(n)[i].boost != 0) return true;
  return false;
}

bool os_wake_kswapd(struct os_node *n, unsigned order, unsigned highest) {
  if (n->highest == OS_ZONES || n->highest < highest) n->highest = highest;
  if (n->order < order) n->order = order;
  if (!n->asleep || n->wanted) return false;
  if (n->failures >= OS_MAX_RETRIES) return true;
  if (balanced(n, order, highest) && !boosted(n, highest)) return true;
  n->wanted = true;
  n->os->st.kswapd_wakeups++;
  os_wake(n->os, &n->kswapd);
  return false;
}

/* ---- one run ---- */

/* kswapd_shrink_node; true if enough is scanned at this priority. */
static bool shrink(struct os_node *n, struct os_scan *sc, unsigned *order) {
  uint64_t before = sc->reclaimed;
  sc->to_reclaim = sc->scanned = 0;
  sc->taken_file = sc->unqueued_dirty = 0;
  for (unsigned i = 0; i <= sc->highest; i++) {
    const struct os_zone *z = &zones_of(n)[i];
    if (z->managed == 0) continue;
    uint64_t high = os_zone_mark(z, OS_MARK_HIGH);
    sc->to_reclaim += high > OS_BATCH ? high : OS_BATCH;
  }
  os_shrink_node(n, sc);
  /* Enough for two such blocks: if there is none, more reclaim will not make one. */
  if (*order != 0 && sc->reclaimed >= UINT64_C(2) << *order) *order = 0;
  uint64_t now = sc->reclaimed - before;
  return (sc->scanned > now ? sc->scanned : now) >= sc->to_reclaim;
}

/* Only for boosts: no writing, no swapping, no further than priority 10. */
struct boosts {
  uint64_t left, zone[OS_ZONES];
  bool any;
};

static struct boosts boosts_of(struct os_node *n, unsigned highest) {
  struct boosts b = {0};
  for (unsigned i = 0; i <= highest; i++) {
    b.zone[i] = zones_of(n)[i].managed != 0 ? zones_of(n)[i].boost : 0;
    b.left += b.zone[i];
  }
  b.any = b.left != 0;
  return b;
}

/* One priority; false if the run is over. *balanced_now: there is nothing (more) to do. */
static bool step(struct os_node *n, struct os_scan *sc, struct boosts *b, unsigned *order,
                 bool *balanced_now) {
  *balanced_now = balanced(n, *order, sc->highest);
  if (!*balanced_now && b->left != 0) { /* marks first; start again */
    b->left = 0;
    sc->priority = OS_DEF_PRIORITY;
  }
  if (b->left == 0 && *balanced_now) return false;
  bool raise = b->left == 0 || sc->priority != OS_DEF_PRIORITY - 2;
  sc->may_write = b->left == 0 || sc->priority < OS_DEF_PRIORITY - 2;
  sc->may_swap = b->left == 0;
  uint64_t before = sc->reclaimed;
  sc->order = *order;
  if (n->os->pol->age != NULL) n->os->pol->age(n->policy, sc);
  if (shrink(n, sc, order)) raise = false;
  if (os_reserves_fine(n)) os_wake(n->os, &n->reserves);
  uint64_t now = sc->reclaimed - before;
  b->left -= b->left < now ? b->left : now;
  if (b->left != 0 && now == 0) return false;
  if (raise || now == 0) sc->priority--;
  return sc->priority >= 1;
}

/* The order for which the node is in balance now. */
static unsigned balance(struct os_node *n, unsigned order, unsigned highest) {
  struct os_scan sc = {
      .kswapd = true, .priority = OS_DEF_PRIORITY, .highest = highest, .may_unmap = true};
  struct boosts b = boosts_of(n, highest);
  bool done = false;
  n->os->st.pageoutrun++;
  n->active = (UINT32_C(2) << highest) - 1;
  while (step(n, &sc, &b, &order, &done)) {
  }
  if (!done && sc.reclaimed == 0) n->failures++;
  n->active = 0;
  if (n->os->pol->end_run != NULL) n->os->pol->end_run(n->policy);
  for (unsigned i = 0; b.any && i <= highest; i++) {
    struct os_zone *z = &zones_of(n)[i];
    z->boost -= z->boost < b.zone[i] ? z->boost : b.zone[i];
  }
  return order;
}

/* ---- sleep ---- */

/* prepare_kswapd_sleep: nothing to do, or no hope. */
static bool may_sleep(struct os_node *n, unsigned order, unsigned highest) {
  os_wake(n->os, &n->reserves);
  if (n->failures >= OS_MAX_RETRIES) return true;
  if (!balanced(n, order, highest)) return false;
  n->dirty = n->all_writeback = n->congested = false;
  return true;
}

/* asked: the order that the last run was for; reached: the one it came to. */
static void try_to_sleep(struct os_node *n, unsigned asked, unsigned order, unsigned highest) {
  struct os *os = n->os;
  bool early = false;
  n->wanted = false;
  n->asleep = true;
  if (may_sleep(n, order, highest)) {
    os_compact_reset(n);
    os_wake_kcompactd(n, asked, highest);
    /* A nap first: if pages go away quickly there is no point in a full sleep. */
    early = os_wait_us(os, &n->kswapd, 100000);
    if (early) {
      if (n->highest == OS_ZONES) n->highest = highest;
      if (n->order < order) n->order = order;
    }
  }
  if (!early && may_sleep(n, order, highest)) {
    while (!n->wanted)
      os_wait(os, &n->kswapd);
  } else if (early) {
    os->st.kswapd_low_wmark_hit_quickly++;
  } else {
    os->st.kswapd_high_wmark_hit_quickly++;
  }
  n->asleep = false;
}

void os_kswapd(void *arg) {
  struct os_node *n = arg;
  unsigned highest = OS_ZONES - 1;
  unsigned order = 0;
  unsigned reached = 0;
  for (;;) {
    try_to_sleep(n, order, reached, highest);
    order = n->order;
    if (n->highest != OS_ZONES) highest = n->highest;
    n->order = 0;
    n->highest = OS_ZONES;
    reached = balance(n, order, highest);
    if (reached < order) continue; /* sleep for what was reached */
    order = reached = n->order;
    if (n->highest != OS_ZONES) highest = n->highest;
  }
}
