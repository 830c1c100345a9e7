/* SPDX-License-Identifier: Apache-2.0
 * Eviction and direct reclaim after Linux 6.1 mm/vmscan.c (shrink_folio_list,
 * do_try_to_free_pages, throttle_direct_reclaim). Promises: a frame is free only when no
 * translation to it is left anywhere, and only when its contents are zero-fill, on the disk, or
 * nobody's. Difference from Linux: until there are flusher threads kswapd writes any dirty file
 * page it meets, not only some. */
#include "os/reclaim.h"

#include "os/kernel.h"

void os_refault(struct os *os, bool file) {
  if (file)
    os->st.workingset_refault_file++;
  else
    os->st.workingset_refault_anon++;
}

/* ---- one batch of victims ---- */

enum fate { KEEP, WRITE, DROP };

/* Lock and unmap one victim. false: it stays in memory, unlocked. */
static bool prepare(struct os *os, uint32_t pfn, struct os_inval_batch *b) {
  struct os_frame *f = os_frame(os, pfn);
  if (f->refs == 1 || !os_frame_trylock(os, pfn)) return false; /* gone, or busy */
  bool ready = (f->flags & (OS_F_WRITEBACK | OS_F_UPTODATE)) == OS_F_UPTODATE;
  if (ready && f->type == OS_FRAME_ANON && f->slot == OS_NO_SLOT)
    ready = f->mapcount != 0 && os_swap_attach(os, pfn);
  if (!ready) {
    os_frame_unlock(os, pfn);
    return false;
  }
  os_rmap_unmap(os, pfn, b);
  return true;
}

/* The frame is locked, unmapped, and no translation to it is left. */
static enum fate judge(struct os *os, uint32_t pfn, bool kswapd) {
  const struct os_frame *f = os_frame(os, pfn);
  bool anon = f->type == OS_FRAME_ANON;
  bool cached = anon ? f->slot != OS_NO_SLOT : os_entry_pfn(os->file[f->file].page[f->page]) == pfn;
  if (!cached || f->mapcount != 0) return KEEP;
  bool orphan = anon && os->swap.maps[f->slot] == 0;
  if ((f->flags & OS_F_DIRTY) != 0 && !orphan) return anon || kswapd ? WRITE : KEEP;
  return f->refs == 2 ? DROP : KEEP; /* the cache's and ours */
}

static bool finish(struct os *os, uint32_t pfn, bool kswapd) {
  struct os_frame *f = os_frame(os, pfn);
  enum fate fate = judge(os, pfn, kswapd);
  if (fate == WRITE) {
    os_page_write(os, pfn);
  } else if (fate == KEEP && (f->flags & OS_F_DIRTY) != 0) {
    os_wake_kswapd(os); /* who may write it */
  } else if (fate == DROP) {
    os_spend(os, OS_WORK_CACHE_LOOKUP, 1);
    if (judge(os, pfn, kswapd) != DROP) fate = KEEP; /* someone came meanwhile */
  }
  if (fate == DROP) {
    bool evicted = f->type == OS_FRAME_FILE || os->swap.maps[f->slot] != 0;
    if (f->type == OS_FRAME_FILE)
      os_file_detach(os, pfn, evicted);
    else
      os_swap_detach(os, pfn, evicted);
  }
  os_frame_unlock(os, pfn);
  return fate == DROP;
}

/* Give back a reference taken by the policy; the page is listed again if it lives. */
static bool release(struct os *os, uint32_t pfn) {
  const struct os_frame *f = os_frame(os, pfn);
  os_swap_forget(os, pfn); /* its process may have gone while we had it */
  if (f->refs > 1 && (f->type == OS_FRAME_ANON || f->type == OS_FRAME_FILE))
    os_policy_add(os, pfn, true);
  return os_frame_put(os, pfn);
}

/* The end of a transfer costs time; for write-outs the next reclaimer spends it. */
static void pay_for_writes(struct os *os) {
  uint32_t ended = os->rec.ended;
  os->rec.ended = 0;
  os_spend(os, OS_WORK_IO_COMPLETE, ended);
}

static uint64_t shrink_batch(struct os *os, struct os_victims *v, bool kswapd) {
  struct os_inval_batch inval = {0};
  bool ready[OS_BATCH];
  for (size_t i = 0; i < v->count; i++)
    ready[i] = prepare(os, v->pfn[i], &inval);
  os_inval_flush(os, &inval);
  pay_for_writes(os);
  uint64_t freed = 0;
  uint32_t dropped = 0;
  for (size_t i = 0; i < v->count; i++) {
    if (ready[i] && finish(os, v->pfn[i], kswapd)) freed++;
    dropped += release(os, v->pfn[i]);
    os_spend(os, OS_WORK_LIST_MOVE, 1);
  }
  os_spend(os, OS_WORK_FREE_FRAME, dropped);
  return freed;
}

void os_shrink_node(struct os *os, struct os_scan *sc) {
  uint64_t target = os->pol->size(os->policy) >> sc->priority;
  uint64_t most_in_flight = sc->to_reclaim > OS_BATCH ? sc->to_reclaim : OS_BATCH;
  uint64_t scanned = 0;
  uint64_t reclaimed = 0;
  while (scanned < target && sc->reclaimed < sc->to_reclaim) {
    struct os_victims v = {0};
    os->pol->isolate(os->policy, target - scanned, &v);
    if (v.scanned == 0) break;
    uint64_t freed = shrink_batch(os, &v, sc->kswapd);
    scanned += v.scanned;
    reclaimed += freed;
    sc->scanned += v.scanned;
    sc->reclaimed += freed;
    *(sc->kswapd ? &os->st.pgscan_kswapd : &os->st.pgscan_direct) += v.scanned;
    *(sc->kswapd ? &os->st.pgsteal_kswapd : &os->st.pgsteal_direct) += freed;
    if (freed != 0) os->rec.failures = 0;
    while (os->rec.writeback >= most_in_flight)
      os_wait_us(os, &os->rec.io, 100000);
    os->plat.ops->resched(os->plat.self);
  }
  /* All that is left to do may be to wait for what was sent out. */
  if (scanned != 0 && reclaimed == 0 && os->rec.writeback != 0) os_wait_us(os, &os->rec.io, 100000);
}

/* ---- direct reclaim ---- */

static bool reserves_fine(const struct os *os) {
  uint64_t min = 0;
  uint64_t free = 0;
  for (unsigned i = 0; i <= OS_ZONE_NORMAL; i++) {
    min += os->zones.zone[0][i].mark[OS_MARK_MIN];
    free += os->zones.zone[0][i].free;
  }
  return min == 0 || free > min / 2;
}

uint64_t os_direct_reclaim(struct os *os) {
  enum os_account was = os->plat.ops->account(os->plat.self, OS_ACCT_DIRECT_RECLAIM);
  if (!reserves_fine(os) && os->rec.failures < OS_MAX_RETRIES) {
    os_wake_kswapd(os);
    (void)os_wait_us(os, &os->rec.reserves, 100000);
  }
  os->st.allocstall++;
  struct os_scan sc = {.to_reclaim = OS_BATCH};
  for (sc.priority = OS_DEF_PRIORITY; sc.priority >= 0; sc.priority--) {
    os_shrink_node(os, &sc);
    if (sc.reclaimed >= sc.to_reclaim) break;
  }
  (void)os->plat.ops->account(os->plat.self, was);
  return sc.reclaimed;
}

/* ---- kswapd ---- */

void os_wake_kswapd(struct os *os) {
  if (!os->rec.asleep || os->rec.wanted || os->rec.failures >= OS_MAX_RETRIES) return;
  if (os_zones_balanced(&os->zones, 0, 0, os->highest)) return;
  os->rec.wanted = true;
  os->st.kswapd_wakeups++;
  os_wake(os, &os->rec.kswapd);
}

static void balance(struct os *os) {
  os->st.pageoutrun++;
  struct os_scan sc = {.kswapd = true, .priority = OS_DEF_PRIORITY};
  uint64_t total = 0;
  while (sc.priority >= 1 && !os_zones_balanced(&os->zones, 0, 0, os->highest)) {
    sc.to_reclaim = sc.scanned = sc.reclaimed = 0;
    for (unsigned i = 0; i <= os->highest; i++) {
      const struct os_zone *z = &os->zones.zone[0][i];
      if (z->managed == 0) continue;
      sc.to_reclaim += z->mark[OS_MARK_HIGH] > OS_BATCH ? z->mark[OS_MARK_HIGH] : OS_BATCH;
    }
    os_shrink_node(os, &sc);
    if (reserves_fine(os)) os_wake(os, &os->rec.reserves);
    total += sc.reclaimed;
    if (sc.scanned < sc.to_reclaim || sc.reclaimed == 0) sc.priority--;
  }
  if (total == 0 && sc.priority < 1) os->rec.failures++;
  os_wake(os, &os->rec.reserves);
}

/* Nothing to do, or no hope. */
static bool may_sleep(const struct os *os) {
  return os->rec.failures >= OS_MAX_RETRIES || os_zones_balanced(&os->zones, 0, 0, os->highest);
}

void os_kswapd(void *arg) {
  struct os *os = arg;
  for (;;) {
    os->rec.wanted = false;
    os->rec.asleep = true;
    if (may_sleep(os)) {
      /* A nap first: if pages go away quickly there is no point in a full sleep. */
      bool woken = os_wait_us(os, &os->rec.kswapd, 100000);
      if (!woken && may_sleep(os))
        while (!os->rec.wanted)
          os_wait(os, &os->rec.kswapd);
    }
    os->rec.asleep = false;
    balance(os);
  }
}
