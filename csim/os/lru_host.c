/* SPDX-License-Identifier: Apache-2.0
 * Linux's two policies (csim/lru) over this kernel's frames: what a page is, eviction, and
 * shrink_node's work around the lists (Linux 6.1 mm/vmscan.c, shrink_node, reclaim_throttle). */
#include "os/lru_host.h"

#include <stdlib.h>

static struct os_policy *of(void *self) {
  return self;
}

/* ---- what a page is ---- */

static bool mapped(struct os *os, uint32_t pfn) {
  for (uint32_t i = 0; i < os_huge_parts(os_frame(os, pfn)); i++)
    if (os_frame(os, pfn + i)->mapcount != 0) return true;
  return false;
}

static unsigned page_state(void *self, uint32_t pfn) {
  const struct os_frame *f = os_frame(of(self)->os, pfn);
  bool swapped = f->type == OS_FRAME_ANON && f->slot != OS_NO_SLOT;
  return (mapped(of(self)->os, pfn) ? LRU_PAGE_MAPPED : 0U) |
         ((f->flags & OS_F_DIRTY) != 0 ? LRU_PAGE_DIRTY : 0U) |
         ((f->flags & OS_F_WRITEBACK) != 0 ? LRU_PAGE_WRITEBACK : 0U) |
         ((f->flags & OS_F_LOCKED) != 0 ? LRU_PAGE_LOCKED : 0U) |
         ((f->flags & OS_F_MLOCKED) != 0 ? LRU_PAGE_UNEVICTABLE : 0U) |
         (swapped ? LRU_PAGE_SWAPCACHE : 0U);
}

static bool get(void *self, uint32_t pfn) {
  struct os *os = of(self)->os;
  os_frame_get(os, pfn);
  os_policy_isolate(os, pfn);
  return true;
}

static bool release(void *self, uint32_t pfn) {
  struct os_policy *p = of(self);
  struct os *os = p->os;
  if (p->isolated_waiters != 0) os_wake(os, &p->isolated);
  os_swap_forget(os, pfn); /* its process may have gone while we had it */
  bool may = os_policy_may_return(os, pfn);
  if (os_frame_put(os, pfn) || !may) return false;
  os_policy_listed(os, pfn);
  return true;
}

static struct lru_zone_state zone_state(void *self, unsigned zone) {
  struct os_policy *p = of(self);
  const struct os_zone *z = &p->os->zones.zone[p->node->id][zone];
  if (z->managed == 0) return (struct lru_zone_state){0};
  return (struct lru_zone_state){.managed = z->managed,
                                 .free = z->free,
                                 .low = os_zone_mark(z, OS_MARK_LOW),
                                 .high = os_zone_mark(z, OS_MARK_HIGH)};
}

static uint64_t swap_free(void *self) {
  const struct os_swap *s = &of(self)->os->swap;
  return s->slots - s->used;
}

static uint64_t swap_total(void *self) {
  return of(self)->os->swap.slots;
}

static uint64_t now_ms(void *self) {
  struct os *os = of(self)->os;
  return os_now(os) / (os->cfg.cpu_hz / 1000);
}

static void too_many_isolated(void *self) {
  struct os_policy *p = of(self);
  p->isolated_waiters++;
  (void)os_wait_us(p->os, &p->isolated, 20000);
  p->isolated_waiters--;
}

static void await_walk(void *self) {
  struct os_policy *p = of(self);
  while (p->walking)
    os_wait(p->os, &p->walk);
}

/* ---- eviction ---- */

/* Nothing but dirty file pages that nobody writes: the flusher is behind. */
static void kick_flusher(struct os *os, const struct lru_victim *v, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const struct os_frame *f = os_frame(os, v[i].frame);
    if (f->type != OS_FRAME_FILE || (f->flags & (OS_F_DIRTY | OS_F_WRITEBACK)) != OS_F_DIRTY)
      return;
  }
  os_flusher_kick(os);
}

static enum lru_fate settle(struct os_policy *p, const struct lru_victim *v,
                            const struct os_scan *sc) {
  struct os *os = p->os;
  switch (os_evict_finish(os, v->frame, sc, v->clean_only)) {
    case OS_FATE_DROPPED:
      p->ops->remove(p->lru, v->frame);
      (void)os_frame_put(os, v->frame); /* the last: evict_finish saw to that */
      return LRU_FATE_FREED;
    case OS_FATE_WRITING:
      return LRU_FATE_WRITING;
    case OS_FATE_DIRTY:
      return LRU_FATE_DIRTY;
    case OS_FATE_NO_SLOT: /* shmem_writepage: AOP_WRITEPAGE_ACTIVATE */
      return LRU_FATE_ACTIVATE;
    default:
      return LRU_FATE_KEPT;
  }
}

static void evict(void *self, struct lru_victim *v, size_t count, const struct lru_scan *lsc) {
  struct os_policy *p = of(self);
  struct os *os = p->os;
  const struct os_scan sc = {.kswapd = lsc->kswapd,
                             .may_write = lsc->may_writepage,
                             .may_swap = lsc->may_swap,
                             .may_unmap = lsc->may_unmap};
  struct os_inval_batch inval = {0};
  bool ready[LRU_MIN_BATCH];
  uint32_t dropped = 0;
  kick_flusher(os, v, count);
  os_lru_flush_clears(p);
  for (size_t i = 0; i < count; i++) {
    enum os_fate fate;
    ready[i] = os_evict_prepare(os, v[i].frame, &sc, &inval, &fate);
    v[i].fate = fate == OS_FATE_NO_SLOT ? LRU_FATE_ACTIVATE
                : fate == OS_FATE_SPLIT ? LRU_FATE_SPLIT
                                        : LRU_FATE_KEPT;
  }
  os_evict_flush(os, &inval);
  for (size_t i = 0; i < count; i++) {
    if (!ready[i]) continue;
    if (v[i].marked) os_frame(os, v[i].frame)->flags |= OS_F_RECLAIM;
    v[i].fate = settle(p, &v[i], &sc);
    dropped += v[i].fate == LRU_FATE_FREED;
    os_spend(os, OS_WORK_LIST_MOVE, 1);
  }
  os_spend(os, OS_WORK_FREE_FRAME, dropped);
  os_reclaim_await_queue(p->node);
  os->plat.ops->resched(os->plat.self);
}

/* ---- reclaim ---- */

static void begin(struct os_policy *p, struct os_scan *sc) {
  struct lru_scan *l = &sc->lru;
  l->priority = sc->priority;
  l->highest_zone = sc->highest;
  l->to_reclaim = sc->to_reclaim;
  l->kswapd = sc->kswapd;
  l->may_swap = sc->may_swap;
  l->may_unmap = sc->may_unmap;
  l->may_writepage = sc->may_write;
  l->node_writeback = p->node->all_writeback;
  l->scanned = 0;
  l->reclaimed = sc->reclaimed;
}

/* shrink_node, after the lists: what this run says about the node, and whether to wait. */
static void throttle(struct os_policy *p, const struct os_scan *sc) {
  struct os_node *n = p->node;
  const struct lru_scan *l = &sc->lru;
  if (sc->kswapd) {
    if (l->writeback != 0 && l->writeback == l->taken) n->all_writeback = true;
    if (l->unqueued_dirty == l->file_taken) n->dirty = true;
    if (l->dirty != 0 && l->dirty == l->congested) n->congested = true;
    if (l->immediate != 0) os_reclaim_throttle(n, OS_THROTTLE_WRITEBACK);
  } else if (n->congested) {
    os_reclaim_throttle(n, OS_THROTTLE_NOPROGRESS);
  }
}

static void shrink(struct os_policy *p, struct os_scan *sc) {
  begin(p, sc);
  p->ops->shrink(p->lru, &sc->lru);
  os_lru_flush_clears(p);
  throttle(p, sc);
  sc->scanned += sc->lru.scanned;
  if (sc->lru.reclaimed != sc->reclaimed) p->node->failures = 0;
  sc->reclaimed = sc->lru.reclaimed;
}

/* The library asks for the OOM killer when all pages are younger than min_ttl_ms. Not if the run is
 * for a large block, which may be missing while there is plenty (lru_gen_age_node). */
static void age(struct os_policy *p, struct os_scan *sc) {
  begin(p, sc);
  bool too_young = p->ops->age(p->lru, &sc->lru);
  os_lru_flush_clears(p);
  if (too_young && sc->order == 0) os_oom_for_kswapd(p->os, sc->highest);
}

static void end_run(struct os_policy *p) {
  p->ops->end_run(p->lru);
}

/* ---- one a node ---- */

static void destroy(struct os_policy *p) {
  if (p->lru != NULL) p->ops->destroy(p->lru);
  free(p);
}

static struct os_policy *create(struct os *os, unsigned node, const struct lru_ops *ops) {
  struct os_policy *p = calloc(1, sizeof *p);
  if (p == NULL) return NULL;
  uint32_t first = os->frame_count;
  uint32_t end = 0;
  for (unsigned i = 0; i < OS_ZONES; i++) {
    const struct os_zone *z = &os->zones.zone[node][i];
    if (z->managed == 0) continue;
    if (z->first < first) first = z->first;
    if (z->end > end) end = z->end;
  }
  *p = (struct os_policy){.os = os, .node = &os->node[node], .ops = ops};
  const struct lru_host host = {.self = p,
                                .page = page_state,
                                .get = get,
                                .release = release,
                                .referenced = os_lru_referenced,
                                .evict = evict,
                                .walk = os_lru_walk,
                                .await_walk = await_walk,
                                .zone = zone_state,
                                .too_many_isolated = too_many_isolated,
                                .swap_free = swap_free,
                                .swap_total = swap_total,
                                .now_ms = now_ms};
  p->lru = ops->create(&host, first, end > first ? end - first : 0, node);
  if (p->lru == NULL) {
    free(p);
    return NULL;
  }
  struct lru_tunables t = lru_tunables_default();
  t.swappiness = os->cfg.swappiness;
  t.min_ttl_ms = os->cfg.lru_gen_min_ttl_ms;
  /* arch_has_hw_pte_young is false on RISC-V in 6.1; only x86 has A bits in entries above. */
  t.walk_tables = os->cfg.hw_a && os->cfg.arch != MMU_ARCH_RISCV;
  t.nonleaf_young = os->cfg.arch == MMU_ARCH_X86;
  lru_set_tunables(p->lru, &t);
  return p;
}

static struct os_policy *create_twolist(struct os *os, unsigned node) {
  return create(os, node, &lru_twolist);
}

static struct os_policy *create_mglru(struct os *os, unsigned node) {
  return create(os, node, &lru_mglru);
}

#define COMMON                                                                                    \
  .destroy = destroy, .add = os_lru_add, .remove = os_lru_remove, .size = os_lru_size,            \
  .check = os_lru_check, .enter = os_lru_enter, .split = os_lru_split, .hold = os_lru_hold,       \
  .unhold = os_lru_unhold, .moved = os_lru_moved, .evicted = os_lru_evicted, .used = os_lru_used, \
  .written = os_lru_written, .shrink = shrink, .age = age, .end_run = end_run,                    \
  .active_in = os_lru_active_in, .stats = os_lru_stats

const struct os_policy_ops os_policy_twolist = {
    .name = "twolist", .create = create_twolist, COMMON};
const struct os_policy_ops os_policy_mglru = {.name = "mglru", .create = create_mglru, COMMON};
