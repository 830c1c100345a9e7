/* SPDX-License-Identifier: Apache-2.0
 * kswapd and direct reclaim, after linux-6.1 mm/vmscan.c: pgdat_balanced, balance_pgdat,
 * kswapd_shrink_node, kswapd_try_to_sleep, do_try_to_free_pages, reclaim_throttle. Without memcg,
 * slab, compaction and watermark boost. */
#include "lru/host/machine.h"

enum { HIGHEST_ZONE = 3, MAX_FAILURES = 16, NAP_US = 100000, THROTTLE_US = 100000 };

static bool balanced(const struct lru_machine *m) {
  for (unsigned z = 0; z < ZONES; z++)
    if (lru_zone_above(&m->zone[z], m->zone[z].cfg.high)) return true;
  return false;
}

/* Wait until some writes ended, or for a tenth of a second. */
static void throttle(struct lru_machine *m, uint32_t writes) {
  uint64_t end = m->now_us + THROTTLE_US;
  if (m->writes != 0) {
    uint32_t n = writes < m->writes ? writes : m->writes;
    uint64_t done = m->write[(m->write_first + n - 1) % m->frames].done_us;
    if (done < end) end = done;
  }
  if (end > m->now_us) lru_machine_spend(m, end - m->now_us);
}

static void shrink_node(struct lru_machine *m, struct lru_scan *sc) {
  uint64_t before = sc->reclaimed;
  sc->node_writeback = m->node_writeback;
  m->ops->shrink(m->lru, sc);
  if (sc->kswapd) {
    if (sc->writeback != 0 && sc->writeback == sc->taken) m->node_writeback = true;
    if (sc->unqueued_dirty == sc->file_taken) m->node_dirty = true;
    if (sc->immediate != 0) throttle(m, LRU_SWAP_CLUSTER);
  }
  if (sc->reclaimed != before) m->failures = 0;
}

static uint64_t wanted(const struct lru_machine *m) {
  uint64_t n = 0;
  for (unsigned z = 0; z < ZONES; z++)
    if (m->zone[z].cfg.managed != 0)
      n += m->zone[z].cfg.high > LRU_SWAP_CLUSTER ? m->zone[z].cfg.high : LRU_SWAP_CLUSTER;
  return n;
}

static void balance(struct lru_machine *m) {
  struct lru_scan sc = {.kswapd = true,
                        .priority = LRU_DEF_PRIORITY,
                        .highest_zone = HIGHEST_ZONE,
                        .may_swap = true,
                        .may_unmap = true,
                        .may_writepage = true,
                        .to_reclaim = wanted(m)};
  m->st.pageoutrun++;
  m->reclaiming = true;
  while (sc.priority >= 1 && !balanced(m)) {
    uint64_t before = sc.reclaimed;
    (void)m->ops->age(m->lru, &sc); /* min_ttl_ms has no OOM killer to call here */
    sc.scanned = 0;
    shrink_node(m, &sc);
    if (sc.scanned < sc.to_reclaim || sc.reclaimed == before) sc.priority--;
  }
  if (sc.priority < 1 && sc.reclaimed == 0) m->failures++;
  m->reclaiming = false;
  m->ops->end_run(m->lru);
}

/* Run until there is reason to sleep, then nap. An unbalanced node goes on at the next tick. */
static void run_kswapd(struct lru_machine *m) {
  m->awake = true;
  balance(m);
  m->awake = false;
  bool done = m->failures >= MAX_FAILURES || balanced(m);
  if (done) m->node_writeback = m->node_dirty = false;
  m->napping = true;
  m->nap_end_us = m->now_us + (done ? NAP_US : 0);
}

void lru_machine_wake_kswapd(struct lru_machine *m) {
  if (m->awake || m->failures >= MAX_FAILURES || balanced(m)) return;
  if (m->napping) m->st.low_hit_quickly++;
  run_kswapd(m);
}

void lru_machine_tick(struct lru_machine *m) {
  if (!m->napping || m->awake || m->now_us < m->nap_end_us) return;
  m->napping = false;
  if (m->failures >= MAX_FAILURES || balanced(m)) return;
  m->st.high_hit_quickly++;
  run_kswapd(m);
}

uint64_t lru_machine_direct_reclaim(struct lru_machine *m) {
  struct lru_scan sc = {.highest_zone = HIGHEST_ZONE,
                        .may_swap = true,
                        .may_unmap = true,
                        .may_writepage = true,
                        .to_reclaim = LRU_SWAP_CLUSTER};
  for (;;) {
    m->st.allocstall++;
    sc.skipped_deactivate = false;
    for (sc.priority = LRU_DEF_PRIORITY; sc.priority >= 0; sc.priority--) {
      sc.scanned = 0;
      shrink_node(m, &sc);
      if (sc.reclaimed >= sc.to_reclaim) break;
      if (sc.priority == 1 && sc.reclaimed == 0) throttle(m, 1);
    }
    m->ops->end_run(m->lru);
    if (sc.reclaimed != 0 || !sc.skipped_deactivate || sc.force_deactivate) break;
    sc.force_deactivate = true;
  }
  return sc.reclaimed;
}
