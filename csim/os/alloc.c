/* SPDX-License-Identifier: Apache-2.0
 * Frame allocation after Linux 6.1 mm/page_alloc.c: the zones of the local node from the highest
 * down, then other nodes, against the low mark; then wake kswapd and try the min mark; then reclaim
 * directly and compact, up to 16 times without progress; then give up. Large blocks are tried by
 * compaction first, and once only. */
#include "os/alloc.h"

#include "os/kernel.h"

/* ---- zonelists ---- */

/* The k'th node of the calling CPU's zonelist: its own, then round the others. */
static struct os_node *node_at(struct os *os, const struct os_node *local, unsigned k) {
  return &os->node[(local->id + k) % os->zones.nodes];
}

static unsigned nodes_of(const struct os *os, const struct os_request *r) {
  return r->thisnode ? 1 : os->zones.nodes;
}

/* The first zone that the request would be served from. */
static const struct os_zone *preferred(const struct os *os, const struct os_node *local,
                                       const struct os_request *r) {
  for (unsigned k = 0; k < nodes_of(os, r); k++)
    for (unsigned i = r->highest + 1; i-- != 0;) {
      const struct os_zone *z = &os->zones.zone[(local->id + k) % os->zones.nodes][i];
      if (z->managed != 0) return z;
    }
  return &os->zones.zone[local->id][0];
}

/* Keep kinds apart in Normal as long as DMA32 could serve (alloc_flags_nofragment). */
static bool spares_normal(const struct os *os, const struct os_zone *z) {
  if (z->index != OS_ZONE_NORMAL) return false;
  return os->zones.nodes == 1 || os->zones.zone[z->node][OS_ZONE_DMA32].managed != 0;
}

/* rmqueue */
static uint32_t take_from(struct os *os, struct os_zone *z, const struct os_request *r,
                          bool no_fragment) {
  struct os_node *n = &os->node[z->node];
  bool boosted = false;
  uint32_t pfn = OS_NO_FRAME;
  bool atomic = (r->rights & OS_ALLOC_HIGHATOMIC) != 0;
  if (atomic) pfn = os_buddy_take_atomic(os->buddy, z, r->order);
  if (pfn == OS_NO_FRAME)
    pfn = r->order == 0 ? os_pcp_take(os->pcps, z, os_cpu(os), r->mobility, no_fragment, &boosted)
                        : os_buddy_take(os->buddy, z, r->order, r->mobility, no_fragment, &boosted);
  /* Now is worse than some day. */
  if (pfn == OS_NO_FRAME && (r->rights & (OS_ALLOC_OOM | OS_ALLOC_NON_BLOCK)) != 0)
    pfn = os_buddy_take_atomic(os->buddy, z, r->order);
  if (pfn != OS_NO_FRAME && atomic) os_buddy_reserve_atomic(os->buddy, z, pfn);
  for (uint32_t i = 0; pfn != OS_NO_FRAME && i < UINT32_C(1) << r->order; i++)
    os->frames[pfn + i].zone = (uint8_t)(z->node * OS_ZONES + z->index);
  if (pfn != OS_NO_FRAME) os->rec.pgalloc[z->index] += UINT64_C(1) << r->order;
  if (boosted) n->boosted |= UINT32_C(1) << z->index;
  if ((n->boosted >> z->index & 1) != 0) {
    n->boosted &= ~(UINT32_C(1) << z->index);
    os_wake_kswapd(n, 0, z->index);
  }
  return pfn;
}

static bool passes(struct os *os, struct os_zone *z, const struct os_request *r, enum os_mark mark,
                   const struct os_node *local) {
  if (os_zone_ok(z, r->order, os_zone_mark(z, mark), r->highest, r->rights)) return true;
  if ((os->sysctl.zone_reclaim_mode & OS_ZONE_RECLAIM_ANY) == 0 || r->no_reclaim) return false;
  if (!os_node_reclaim(&os->node[z->node], local, r->order, r->highest)) return false;
  return os_zone_ok(z, r->order, os_zone_mark(z, mark), r->highest, r->rights);
}

/* get_page_from_freelist. [yields] with zone_reclaim_mode */
static uint32_t take(struct os *os, const struct os_request *r, enum os_mark mark) {
  const struct os_node *local = os_node_here(os);
  const struct os_zone *first = preferred(os, local, r);
  for (bool no_fragment = spares_normal(os, first);; no_fragment = false) {
    for (unsigned k = 0; k < nodes_of(os, r); k++) {
      struct os_node *n = node_at(os, local, k);
      if (no_fragment && k != 0) break; /* locality matters more than fragmentation */
      for (unsigned i = r->highest + 1; i-- != 0;) {
        struct os_zone *z = &os->zones.zone[n->id][i];
        if (z->managed == 0 || !passes(os, z, r, mark, local)) continue;
        uint32_t pfn = take_from(os, z, r, no_fragment);
        if (pfn != OS_NO_FRAME) return pfn;
      }
    }
    if (!no_fragment) return OS_NO_FRAME;
  }
}

/* ---- when memory is short ---- */

static void wake_all_kswapds(struct os *os, const struct os_request *r) {
  if (r->no_kswapd) return;
  const struct os_node *local = os_node_here(os);
  for (unsigned k = 0; k < nodes_of(os, r); k++) {
    struct os_node *n = node_at(os, local, k);
    bool idle = os_wake_kswapd(n, r->order, r->highest);
    if (idle && r->no_reclaim) os_wake_kcompactd(n, r->order, r->highest);
  }
}

/* Whether all that could be reclaimed would lift some zone above its min mark. */
static bool reclaim_could_help(const struct os *os, const struct os_request *r) {
  for (unsigned n = 0; n < os->zones.nodes; n++)
    for (unsigned i = 0; i <= r->highest; i++) {
      struct os_zone z = os->zones.zone[n][i];
      if (z.managed == 0) continue;
      z.free += os_zone_reclaimable(os, &z);
      if (os_zone_ok(&z, r->order, os_zone_mark(&z, OS_MARK_MIN), r->highest, r->rights))
        return true;
    }
  return false;
}

/* Give up a pageblock kept for large requests that may not wait. */
static bool unreserve(struct os *os, const struct os_request *r, bool force) {
  for (unsigned n = 0; n < os->zones.nodes; n++)
    for (unsigned i = 0; i <= r->highest; i++) {
      struct os_zone *z = &os->zones.zone[n][i];
      if (z->highatomic != 0 && os_buddy_unreserve_atomic(os->buddy, z, r->mobility, force))
        return true;
    }
  return false;
}

/* __alloc_pages_direct_reclaim: what was freed may sit on the CPUs' lists. */
static uint32_t reclaim_and_take(struct os *os, const struct os_request *r, uint64_t *freed) {
  *freed = os_direct_reclaim(os, r->order, r->highest, nodes_of(os, r));
  uint32_t pfn = *freed != 0 ? take(os, r, OS_MARK_MIN) : OS_NO_FRAME;
  if (*freed == 0 || pfn != OS_NO_FRAME) return pfn;
  bool more = unreserve(os, r, false);
  more = os_pcps_drain(os->pcps) != 0 || more;
  return more ? take(os, r, OS_MARK_MIN) : OS_NO_FRAME;
}

/* How hard compaction tries, and what it last said. */
struct effort {
  enum os_compact_prio prio;
  enum os_compacted result;
  unsigned retries;
};

/* __alloc_pages_direct_compact */
static uint32_t compact_and_take(struct os *os, const struct os_request *r, struct effort *e) {
  if (r->order == 0) return OS_NO_FRAME;
  e->result = os_compact_for(os, r, e->prio);
  if (e->result == OS_COMPACT_SKIPPED) return OS_NO_FRAME;
  os->st.compact_stall++;
  uint32_t pfn = take(os, r, OS_MARK_MIN);
  if (pfn != OS_NO_FRAME) {
    os_compact_worked(os, os_zone_of(os, pfn), r->order);
    os->st.compact_success++;
  } else {
    os->st.compact_fail++;
  }
  return pfn;
}

/* should_compact_retry, of small blocks; large ones have had their turn. */
static bool compact_again(const struct os *os, const struct os_request *r, struct effort *e) {
  enum { MAX_COMPACT_RETRIES = 16 };
  if (r->order == 0) return false;
  if (e->result == OS_COMPACT_SUCCESS) e->retries++;
  if (e->result == OS_COMPACT_SKIPPED) return os_compact_after_reclaim(os, r);
  if (e->result == OS_COMPACT_SUCCESS && e->retries <= MAX_COMPACT_RETRIES) return true;
  if (e->prio == OS_COMPACT_SYNC_FULL) return false;
  e->prio--;
  e->retries = 0;
  return true;
}

/* should_reclaim_retry */
static bool reclaim_again(struct os *os, const struct os_request *r, uint64_t freed,
                          unsigned *idle) {
  *idle = freed != 0 ? 0 : *idle + 1;
  if (*idle > OS_MAX_RETRIES) return unreserve(os, r, true);
  return reclaim_could_help(os, r);
}

/* The first try for a block that is large, or that would mix kinds: as a rule there is enough free
 * memory, in pieces. *over: that was all the caller wants. That a request for the own node alone
 * ends here in any case is not of 6.1 as released, where it went on to reclaim: Linux has the rule
 * since 2026, and stable 6.1 by a backport (read in 6.1.192). */
static uint32_t compact_first(struct os *os, const struct os_request *r, struct effort *e,
                              bool *over) {
  bool costly = r->order > OS_COSTLY_ORDER;
  if (!costly && (r->order == 0 || r->mobility == OS_MOVABLE)) return OS_NO_FRAME;
  struct effort first = {.prio = OS_COMPACT_ASYNC};
  uint32_t pfn = compact_and_take(os, r, &first);
  if (!costly || !r->noretry) return pfn;
  *over = first.result == OS_COMPACT_SKIPPED || first.result == OS_COMPACT_DEFERRED || r->thisnode;
  e->prio = OS_COMPACT_ASYNC;
  return pfn;
}

/* Until it is served or reclaim has failed for good. */
static uint32_t take_by_reclaim(struct os *os, const struct os_request *r) {
  struct effort e = {.prio = OS_COMPACT_SYNC_LIGHT};
  unsigned idle = 0;
  bool over = false;
  wake_all_kswapds(os, r);
  uint32_t pfn = take(os, r, OS_MARK_MIN);
  if (pfn != OS_NO_FRAME || r->no_reclaim) return pfn;
  pfn = compact_first(os, r, &e, &over);
  if (pfn != OS_NO_FRAME || over) return pfn;
  for (;;) {
    uint64_t freed = 0;
    wake_all_kswapds(os, r);
    pfn = reclaim_and_take(os, r, &freed);
    if (pfn == OS_NO_FRAME) pfn = compact_and_take(os, r, &e);
    if (pfn != OS_NO_FRAME || r->noretry || r->order > OS_COSTLY_ORDER) return pfn;
    if (reclaim_again(os, r, freed, &idle)) continue;
    if (freed == 0 || !compact_again(os, r, &e)) break;
  }
  return take(os, r, OS_MARK_HIGH); /* someone may have freed plenty meanwhile */
}

/* The rest of __alloc_pages_slowpath: kill somebody and try again. A victim gets what the reserves
 * have, once, and then nothing. */
static uint32_t take_slowly(struct os *os, const struct os_request *asked) {
  struct os_request r = *asked;
  uint32_t pfn;
  bool gives_up;
  os->st.slow_requests++;
  do {
    bool victim = os_oom_is_victim(os_current(os));
    if (victim) r.rights |= OS_ALLOC_OOM;
    pfn = take_by_reclaim(os, &r);
    gives_up = r.no_reclaim || r.thisnode || r.order > OS_COSTLY_ORDER || victim;
  } while (pfn == OS_NO_FRAME && !gives_up && os_out_of_memory(os, &r));
  os->st.slow_requests--;
  return pfn;
}

/* ---- requests ---- */

struct os_request os_request_of(enum os_frame_type type) {
  bool kernel = type == OS_FRAME_TABLE;
  return (struct os_request){.mobility = kernel ? OS_UNMOVABLE : OS_MOVABLE,
                             .highest = kernel ? OS_ZONE_NORMAL : OS_ZONE_MOVABLE};
}

static void init_frame(struct os *os, uint32_t pfn, enum os_frame_type type) {
  struct os_frame *f = &os->frames[pfn];
  *f = (struct os_frame){.type = (uint8_t)type, .refs = 1, .slot = OS_NO_SLOT, .zone = f->zone};
  if (pfn >= os->touched) os->touched = pfn + 1;
  os->st.pgalloc++;
  os_frame_count(os, pfn, 1);
}

uint32_t os_block_alloc(struct os *os, enum os_frame_type type, const struct os_request *r) {
  os_spend(os, OS_WORK_ALLOC_FRAME, 1);
  uint32_t pfn = take(os, r, OS_MARK_LOW);
  if (pfn == OS_NO_FRAME) pfn = take_slowly(os, r);
  for (uint32_t i = 0; pfn != OS_NO_FRAME && i < UINT32_C(1) << r->order; i++)
    init_frame(os, pfn + i, type);
  return pfn;
}

uint32_t os_frame_alloc(struct os *os, enum os_frame_type type) {
  const struct os_request r = os_request_of(type);
  return os_block_alloc(os, type, &r);
}
