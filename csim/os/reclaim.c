/* SPDX-License-Identifier: Apache-2.0
 * Eviction after Linux 6.1 mm/vmscan.c (shrink_folio_list, shrink_node). Promises: a frame is free
 * only when no translation to it is left anywhere, and only when its contents are zero-fill, on the
 * disk, or nobody's. A dirty file page is left to the flusher, but for kswapd when it meets it the
 * second time and there is nothing else. */
#include "os/reclaim.h"

#include "os/kernel.h"
#include "os/seen.h"

void os_refault(struct os *os, bool file) {
  if (file)
    os->st.workingset_refault_file++;
  else
    os->st.workingset_refault_anon++;
}

/* ---- one batch of victims ---- */

enum fate { KEEP, WRITE, DROP };

/* A huge page goes part by part: with CONFIG_THP_SWAP off, and on a disk that rotates, add_to_swap
 * gets no cluster for the whole. Mapped by many entries it is split anyway. */
static enum os_fate split_victim(struct os *os, uint32_t pfn, const struct os_scan *sc) {
  bool whole = (os_frame(os, pfn)->flags & OS_F_PTES) == 0;
  if (!sc->may_swap || !os_swap_available(os)) return OS_FATE_KEPT;
  if (!os_huge_split_frame(os, pfn)) return OS_FATE_NO_SLOT;
  os->st.thp_swpout_fallback += whole;
  return os->pol->split != NULL ? OS_FATE_SPLIT : OS_FATE_KEPT;
}

bool os_evict_prepare(struct os *os, uint32_t pfn, const struct os_scan *sc,
                      struct os_inval_batch *b, enum os_fate *fate) {
  struct os_frame *f = os_frame(os, pfn);
  *fate = OS_FATE_KEPT;
  if (f->refs == 1 || !os_frame_trylock(os, pfn)) return false; /* gone, or busy */
  if ((f->flags & OS_F_HUGE) != 0) {
    *fate = split_victim(os, pfn, sc);
    if (*fate != OS_FATE_KEPT || (f->flags & OS_F_HUGE) != 0) {
      os_frame_unlock(os, pfn);
      return false;
    }
  }
  bool ready = (f->flags & (OS_F_WRITEBACK | OS_F_UPTODATE | OS_F_MLOCKED)) == OS_F_UPTODATE;
  if (!sc->may_unmap && f->mapcount != 0) ready = false;
  if (ready && f->type == OS_FRAME_ANON && f->slot == OS_NO_SLOT) {
    ready = sc->may_swap && f->mapcount != 0;
    if (ready && !os_swap_attach(os, pfn)) {
      ready = false;
      *fate = OS_FATE_NO_SLOT;
    }
  }
  if (f->type == OS_FRAME_SHMEM && !sc->may_swap) ready = false;
  if (!ready) {
    os_frame_unlock(os, pfn);
    return false;
  }
  os_rmap_unmap(os, pfn, b);
  return true;
}

/* The frame is locked, unmapped, and no translation to it is left. */
static enum fate judge(struct os *os, uint32_t pfn, const struct os_scan *sc) {
  const struct os_frame *f = os_frame(os, pfn);
  if (!os_frame_cached(os, pfn) || f->mapcount != 0) return KEEP;
  bool orphan = f->type == OS_FRAME_ANON && os->swap.maps[f->slot] == 0;
  if ((f->flags & OS_F_DIRTY) != 0 && !orphan) {
    bool write = f->type != OS_FRAME_FILE ||
                 (sc->kswapd && (f->flags & OS_F_RECLAIM) != 0 && os_node_of(os, pfn)->dirty);
    return write && sc->may_write ? WRITE : KEEP;
  }
  return f->refs == 2 ? DROP : KEEP; /* the cache's and ours */
}

enum os_fate os_evict_finish(struct os *os, uint32_t pfn, const struct os_scan *sc,
                             bool clean_only) {
  struct os_frame *f = os_frame(os, pfn);
  enum fate fate = judge(os, pfn, sc);
  enum os_fate out = OS_FATE_KEPT;
  if (fate == WRITE && clean_only) {
    fate = KEEP;
  } else if (fate == WRITE && f->type == OS_FRAME_SHMEM && !os_shmem_to_swap(os, pfn)) {
    out = OS_FATE_NO_SLOT;
  } else if (fate == WRITE) {
    out = OS_FATE_WRITING;
    f->flags |= OS_F_RECLAIM;
    os_page_write(os, pfn);
  } else if (fate == KEEP && f->type == OS_FRAME_FILE && (f->flags & OS_F_DIRTY) != 0) {
    out = OS_FATE_DIRTY;
    f->flags |= OS_F_RECLAIM; /* the flusher may write it; then it goes at once */
    os->st.nr_vmscan_immediate_reclaim++;
  } else if (fate == DROP) {
    os_spend(os, OS_WORK_CACHE_LOOKUP, 1);
    if (judge(os, pfn, sc) != DROP) fate = KEEP; /* someone came meanwhile */
  }
  if (fate == DROP) {
    os_seen(os, OS_SEEN_EVICTED, pfn);
    if (f->type == OS_FRAME_ANON)
      os_swap_detach(os, pfn, os->swap.maps[f->slot] != 0);
    else
      os_file_detach(os, pfn, f->type == OS_FRAME_FILE); /* shmem that is clean is still zeroes */
  }
  os_frame_unlock(os, pfn);
  return fate == DROP ? OS_FATE_DROPPED : out;
}

/* Give back a reference taken by the policy; the page is listed again if it lives. */
static bool release(struct os *os, uint32_t pfn) {
  const struct os_frame *f = os_frame(os, pfn);
  os_swap_forget(os, pfn); /* its process may have gone while we had it */
  if (os_policy_may_return(os, pfn) && f->refs > 1) os_policy_add(os, pfn, true);
  return os_frame_put(os, pfn);
}

/* The end of a transfer costs time; for write-outs the next reclaimer spends it. */
static void pay_for_writes(struct os *os) {
  uint32_t ended = os->rec.ended;
  os->rec.ended = 0;
  os_spend(os, OS_WORK_IO_COMPLETE, ended);
}

static void count_dirty(struct os *os, const struct os_victims *v, struct os_scan *sc,
                        uint64_t *dirty) {
  for (size_t i = 0; i < v->count; i++) {
    const struct os_frame *f = os_frame(os, v->pfn[i]);
    if (f->type != OS_FRAME_FILE) continue;
    sc->taken_file++;
    *dirty += (f->flags & (OS_F_DIRTY | OS_F_WRITEBACK)) == OS_F_DIRTY;
  }
}

void os_evict_flush(struct os *os, struct os_inval_batch *b) {
  os_inval_flush(os, b);
  pay_for_writes(os);
}

static uint64_t shrink_batch(struct os *os, struct os_victims *v, struct os_scan *sc) {
  struct os_inval_batch inval = {0};
  bool ready[OS_BATCH];
  uint64_t dirty = 0;
  count_dirty(os, v, sc, &dirty);
  enum os_fate fate;
  for (size_t i = 0; i < v->count; i++)
    ready[i] = os_evict_prepare(os, v->pfn[i], sc, &inval, &fate);
  os_evict_flush(os, &inval);
  uint64_t freed = 0;
  uint32_t dropped = 0;
  for (size_t i = 0; i < v->count; i++) {
    bool file = os_frame(os, v->pfn[i])->type == OS_FRAME_FILE;
    if (ready[i] && os_evict_finish(os, v->pfn[i], sc, false) == OS_FATE_DROPPED) {
      freed++;
      (*(file ? &os->st.pgsteal_file : &os->st.pgsteal_anon))++;
    }
    dropped += release(os, v->pfn[i]);
    os_spend(os, OS_WORK_LIST_MOVE, 1);
  }
  os_spend(os, OS_WORK_FREE_FRAME, dropped);
  sc->unqueued_dirty += dirty;
  /* Nothing but dirty pages that nobody writes: the flusher is behind. */
  if (v->count != 0 && dirty == v->count) os_flusher_kick(os);
  return freed;
}

static void count(struct os *os, const struct os_scan *sc, uint64_t scanned, uint64_t freed) {
  *(sc->kswapd ? &os->st.pgscan_kswapd : &os->st.pgscan_direct) += scanned;
  *(sc->kswapd ? &os->st.pgsteal_kswapd : &os->st.pgsteal_direct) += freed;
}

static void shrink_lists(struct os_node *n, struct os_scan *sc) {
  struct os *os = n->os;
  if (os->pol->shrink != NULL) {
    os->pol->shrink(n->policy, sc);
    return;
  }
  uint64_t huge = os_node_use(n).listed_huge;
  uint64_t target = (os->pol->size(n->policy) + huge * (OS_HUGE_PAGES - 1)) >> sc->priority;
  bool file_only = !sc->may_swap || !os_swap_available(os); /* get_scan_count */
  if (file_only && os_node_use(n).listed[1] == 0) target = 0;
  uint64_t scanned = 0;
  uint64_t reclaimed = 0;
  if (os->cfg.pt_reclaim && sc->priority == OS_DEF_PRIORITY) reclaimed = os_pt_reclaim(os);
  while (scanned < target && reclaimed < sc->to_reclaim) {
    struct os_victims v = {.highest = sc->highest, .file_only = file_only};
    os->pol->isolate(n->policy, target - scanned, &v);
    if (v.scanned == 0) break;
    uint64_t freed = shrink_batch(os, &v, sc);
    scanned += v.scanned;
    reclaimed += freed;
    count(os, sc, v.scanned, freed);
    if (freed != 0) n->failures = 0;
    os_reclaim_await_queue(n);
    os->plat.ops->resched(os->plat.self);
  }
  sc->scanned += scanned;
  sc->reclaimed += reclaimed;
  if (sc->kswapd && sc->taken_file != 0 && sc->unqueued_dirty == sc->taken_file) n->dirty = true;
  /* All that is left to do may be to wait for what was sent out. These policies may not show pages
   * under writeback, which Linux counts for its decision; a task waits as for a congested node. */
  if (scanned == 0 || reclaimed != 0 || os->rec.writeback == 0) return;
  if (sc->kswapd)
    (void)os_wait_us(os, &os->rec.io, 100000);
  else
    os_reclaim_throttle(n, OS_THROTTLE_NOPROGRESS);
}

void os_shrink_node(struct os_node *n, struct os_scan *sc) {
  uint64_t before;
  do {
    before = sc->reclaimed;
    shrink_lists(n, sc);
    os_huge_shrink(n, sc->priority);
  } while (os_compact_wants_more(n, sc, sc->reclaimed - before));
}
