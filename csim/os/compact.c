/* SPDX-License-Identifier: Apache-2.0
 * When compaction runs, for how long, and what came of it (Linux 6.1 mm/compaction.c:
 * compaction_suitable, compact_zone, try_to_compact_pages, defer_compaction; mm/vmscan.c:
 * compaction_ready, should_continue_reclaim). A block that comes free is not kept for the task that
 * made it (no capture_control): another may be faster. */
#include "os/compact.h"

#include "os/compact_internal.h"

enum { MAX_DEFER_SHIFT = 6, PASSES = 10 /* migrate_pages */ };

/* Twice the block: pages are in both places while they are moved (compact_gap). */
static uint64_t gap(unsigned order) {
  return UINT64_C(2) << order;
}

/* ---- is it any use ---- */

enum os_compacted os_compact_suitable(const struct os *os, const struct os_zone *z, unsigned order,
                                      enum os_mark mark, unsigned highest, unsigned rights) {
  if (os_zone_ok(z, order, os_zone_mark(z, mark), highest, rights)) return OS_COMPACT_SUCCESS;
  enum os_mark need = order > OS_COSTLY_ORDER ? OS_MARK_LOW : OS_MARK_MIN;
  if (!os_zone_ok(z, 0, os_zone_mark(z, need) + gap(order), highest, 0)) return OS_COMPACT_SKIPPED;
  int index = os_zone_fragmentation_index(z, order);
  bool for_lack = index >= 0 && index <= (int)os->sysctl.extfrag_threshold;
  return order > OS_COSTLY_ORDER && for_lack ? OS_COMPACT_SKIPPED : OS_COMPACT_CONTINUE;
}

bool os_compact_after_reclaim(const struct os *os, const struct os_request *r) {
  for (unsigned i = 0; i < os->zones.nodes * OS_ZONES; i++) {
    struct os_zone z = os->zones.zone[i / OS_ZONES][i % OS_ZONES];
    if (z.managed == 0 || z.index > r->highest) continue;
    if (os_zone_ok(&z, r->order, os_zone_mark(&z, OS_MARK_MIN), r->highest, r->rights)) continue;
    enum os_mark need = r->order > OS_COSTLY_ORDER ? OS_MARK_LOW : OS_MARK_MIN;
    z.free += os_zone_reclaimable(os, &z) / r->order;
    if (os_zone_ok(&z, 0, os_zone_mark(&z, need) + gap(r->order), r->highest, 0)) return true;
  }
  return false;
}

bool os_compact_ready(const struct os_node *n, const struct os_scan *sc) {
  bool any = false;
  if (n->os->cfg.no_compaction || sc->order <= OS_COSTLY_ORDER) return false;
  for (unsigned i = 0; i <= sc->highest; i++) {
    const struct os_zone *z = &n->os->zones.zone[n->id][i];
    if (z->managed == 0) continue;
    any = true;
    enum os_compacted s = os_compact_suitable(n->os, z, sc->order, OS_MARK_MIN, sc->highest, 0);
    uint64_t enough = os_zone_mark(z, OS_MARK_HIGH) + gap(sc->order);
    if (s == OS_COMPACT_SKIPPED) return false;
    if (s == OS_COMPACT_CONTINUE && !os_zone_ok(z, 0, enough, sc->highest, 0)) return false;
  }
  return any;
}

bool os_compact_wants_more(const struct os_node *n, const struct os_scan *sc, uint64_t reclaimed) {
  const struct os *os = n->os;
  bool for_a_block =
      sc->order != 0 && (sc->order > OS_COSTLY_ORDER || sc->priority < OS_DEF_PRIORITY - 2);
  if (os->cfg.no_compaction || !for_a_block || reclaimed == 0) return false;
  for (unsigned i = 0; i <= sc->highest; i++) {
    const struct os_zone *z = &os->zones.zone[n->id][i];
    if (z->managed != 0 &&
        os_compact_suitable(os, z, sc->order, OS_MARK_MIN, sc->highest, 0) != OS_COMPACT_SKIPPED)
      return false;
  }
  const struct os_lists l = os_node_lists(n);
  uint64_t inactive = l.pages[OS_INACTIVE_FILE];
  if (os_swap_available(os)) inactive += l.pages[OS_INACTIVE_ANON];
  return inactive > gap(sc->order);
}

/* ---- how often ---- */

static struct os_zone_compact *memory_of(struct os *os, const struct os_zone *z) {
  return &os->node[z->node].compact[z->index];
}

void os_compact_defer(struct os_zone_compact *m, unsigned order) {
  m->considered = 0;
  if (m->shift < MAX_DEFER_SHIFT) m->shift++;
  if (order < m->order_failed) m->order_failed = order;
}

bool os_compact_deferred(struct os_zone_compact *m, unsigned order) {
  uint32_t limit = UINT32_C(1) << m->shift;
  if (order < m->order_failed) return false;
  if (++m->considered < limit) return true;
  m->considered = limit;
  return false;
}

void os_compact_note_worked(struct os_zone_compact *m, unsigned order, bool allocated) {
  if (allocated) m->considered = m->shift = 0;
  if (order >= m->order_failed) m->order_failed = order + 1;
}

void os_compact_worked(struct os *os, const struct os_zone *z, unsigned order) {
  memory_of(os, z)->flush = false;
  os_compact_note_worked(memory_of(os, z), order, true);
}

/* ---- where the scanners are ---- */

static uint32_t last_block(const struct os_zone *z) {
  return (z->end - 1) & ~(uint32_t)(OS_PAGEBLOCK - 1);
}

static void start_anew(struct os_zone_compact *m, const struct os_zone *z) {
  m->migrate[0] = m->migrate[1] = z->first;
  m->free = last_block(z);
}

/* __reset_isolation_suitable; here every block is looked at again. */
static void forget_skips(struct os *os, struct os_zone_compact *m, const struct os_zone *z) {
  m->flush = false;
  for (uint32_t at = z->first; at < z->end; at += OS_PAGEBLOCK)
    os_buddy_skip(os->buddy, at, false);
  start_anew(m, z);
  m->init_migrate = m->migrate[0];
}

void os_compact_reset(struct os_node *n) {
  for (unsigned i = 0; i < OS_ZONES; i++)
    if (n->compact[i].flush) forget_skips(n->os, &n->compact[i], &n->os->zones.zone[n->id][i]);
}

static void begin(struct os_compact_run *c) {
  struct os_zone_compact *m = c->memory;
  bool inside = m->free != 0 && m->free >= c->z->first && m->free < c->z->end;
  if (c->whole_zone) {
    c->migrate = c->z->first;
    c->free = last_block(c->z);
    return;
  }
  if (!inside) m->free = last_block(c->z);
  c->migrate = m->migrate[c->sync];
  if (c->migrate < c->z->first || c->migrate >= c->z->end) {
    m->migrate[0] = m->migrate[1] = c->z->first;
    c->migrate = c->z->first;
  }
  c->free = m->free;
  if (c->migrate <= m->init_migrate) c->whole_zone = true;
}

/* ---- one zone ---- */

/* A block that the request would get: of its kind, or to be had from another (__compact_finished,
 * find_suitable_fallback); those of pageblocks kept for others who may not wait are not. */
static bool block_there(const struct os_compact_run *c) {
  for (unsigned o = c->order; o < OS_ORDERS; o++) {
    if (os_buddy_blocks(c->os->buddy, c->z, o, c->mobility) != 0) return true;
    bool from_others = o >= OS_PAGEBLOCK_ORDER / 2 || c->mobility != OS_MOVABLE;
    if (from_others && c->z->blocks[o] > c->z->atomic_blocks[o]) return true;
  }
  return false;
}

/* compact_finished */
static enum os_compacted finished(struct os_compact_run *c) {
  if (c->free >> OS_PAGEBLOCK_ORDER <= c->migrate >> OS_PAGEBLOCK_ORDER) {
    start_anew(c->memory, c->z);
    if (c->direct) c->memory->flush = true;
    return c->whole_zone ? OS_COMPACT_COMPLETE : OS_COMPACT_PARTIAL_SKIPPED;
  }
  if (c->aborted) return OS_COMPACT_CONTENDED;
  if (c->migrate % OS_PAGEBLOCK != 0) return OS_COMPACT_CONTINUE; /* finish the block first */
  return block_there(c) ? OS_COMPACT_SUCCESS : OS_COMPACT_CONTINUE;
}

static uint32_t next_target(struct os_compact_run *c) {
  if (c->targets == 0) os_compact_take_frames(c);
  if (c->targets == 0) return OS_NO_FRAME;
  uint32_t pfn = c->target;
  c->target = os_frame(c->os, pfn)->next;
  c->targets--;
  return pfn;
}

/* Try each page that is held once; those that may work later stay. False: no frame is left. */
static bool move_each(struct os_compact_run *c, uint32_t *failed) {
  struct os *os = c->os;
  uint32_t again = 0;
  bool frames = true;
  for (uint32_t i = 0; i < c->holds; i++) {
    uint32_t pfn = c->held[i];
    uint32_t to = frames ? next_target(c) : OS_NO_FRAME;
    frames = to != OS_NO_FRAME;
    enum os_moved r = frames ? os_move_page(os, pfn, to, c->sync) : OS_MOVE_AGAIN;
    if (r == OS_MOVED) {
      os->st.pgmigrate_success++;
      os_compact_free(c, pfn);
      continue;
    }
    if (frames) os_compact_push(c, to);
    if (r == OS_MOVE_AGAIN) {
      c->held[again++] = pfn;
      continue;
    }
    os_policy_unhold(os, pfn);
    ++*failed;
  }
  c->holds = again;
  return frames;
}

/* migrate_pages: pages that did not move, which are back on their lists. *frames: as above. */
static uint32_t move_all(struct os_compact_run *c, bool *frames) {
  uint32_t failed = 0;
  *frames = true;
  for (unsigned pass = 0; pass < PASSES && c->holds != 0 && *frames; pass++)
    *frames = move_each(c, &failed);
  failed += c->holds;
  c->os->st.pgmigrate_fail += failed;
  os_compact_release_pages(c);
  return failed;
}

static uint32_t order_block(const struct os_compact_run *c, uint32_t pfn) {
  return pfn & ~((UINT32_C(1) << c->order) - 1);
}

/* One step of compact_zone. CONTINUE: go on. *last: where pages were last moved from, or 0. */
static enum os_compacted step(struct os_compact_run *c, uint32_t *last) {
  uint32_t from = c->migrate;
  bool frames = true;
  c->rescan = *last != 0 && *last / OS_PAGEBLOCK == from / OS_PAGEBLOCK;
  if (!os_compact_take_pages(c)) return OS_COMPACT_CONTENDED;
  if (c->holds != 0) {
    *last = from;
    uint32_t failed = move_all(c, &frames);
    if (!frames && c->free / OS_PAGEBLOCK > c->migrate / OS_PAGEBLOCK) return OS_COMPACT_CONTENDED;
    if (failed != 0 && c->direct && !c->sync) {
      c->migrate = order_block(c, c->migrate - 1) + (UINT32_C(1) << c->order);
      *last = 0;
    }
  }
  if (*last != 0 && *last < order_block(c, c->migrate)) {
    (void)os_pcp_drain(c->os->pcps, c->z, os_cpu(c->os)); /* so that blocks can merge */
    *last = 0;
  }
  return OS_COMPACT_CONTINUE;
}

enum os_compacted os_compact_zone(struct os_compact_run *c) {
  struct os *os = c->os;
  enum os_compacted r = os_compact_suitable(os, c->z, c->order, c->mark, c->highest, c->rights);
  if (r != OS_COMPACT_CONTINUE) return r;
  if (c->order >= c->memory->order_failed && c->memory->shift == MAX_DEFER_SHIFT &&
      c->memory->considered >= UINT32_C(1) << MAX_DEFER_SHIFT && c->memory->flush)
    forget_skips(os, c->memory, c->z); /* compaction_restarting */
  begin(c);
  uint32_t last = 0;
  while ((r = finished(c)) == OS_COMPACT_CONTINUE) {
    r = step(c, &last);
    if (r != OS_COMPACT_CONTINUE) break;
    os->plat.ops->resched(os->plat.self);
  }
  os_compact_release_pages(c);
  os_compact_release_frames(c);
  os->st.compact_migrate_scanned += c->scanned;
  os->st.compact_free_scanned += c->free_scanned;
  return r;
}

/* ---- for a request ---- */

static enum os_compacted compact_for(struct os *os, struct os_zone *z, const struct os_request *r,
                                     enum os_compact_prio prio) {
  bool full = prio == OS_COMPACT_SYNC_FULL;
  struct os_compact_run c = {.os = os,
                             .z = z,
                             .memory = memory_of(os, z),
                             .order = r->order,
                             .search_order = r->order,
                             .highest = r->highest,
                             .rights = r->rights,
                             .mark = OS_MARK_MIN,
                             .mobility = os_buddy_mobility(os->buddy, r->mobility),
                             .sync = prio != OS_COMPACT_ASYNC,
                             .direct = true,
                             .whole_zone = full,
                             .ignore_skip = full,
                             .any_block = full};
  return os_compact_zone(&c);
}

enum os_compacted os_compact_for(struct os *os, const struct os_request *r,
                                 enum os_compact_prio prio) {
  enum os_compacted best = OS_COMPACT_SKIPPED;
  unsigned local = os_node_here(os)->id;
  unsigned nodes = r->thisnode ? 1 : os->zones.nodes;
  if (os->cfg.no_compaction) return best;
  enum os_account was = os->plat.ops->account(os->plat.self, OS_ACCT_COMPACTION);
  for (unsigned i = 0; i < nodes * (r->highest + 1) && best != OS_COMPACT_SUCCESS; i++) {
    unsigned index = r->highest - i % (r->highest + 1);
    struct os_zone *z = &os->zones.zone[(local + i / (r->highest + 1)) % os->zones.nodes][index];
    if (z->managed == 0) continue;
    struct os_zone_compact *m = memory_of(os, z);
    bool wait = prio != OS_COMPACT_SYNC_FULL && os_compact_deferred(m, r->order);
    enum os_compacted s = wait ? OS_COMPACT_DEFERRED : compact_for(os, z, r, prio);
    if (s > best) best = s;
    if (s == OS_COMPACT_SUCCESS) os_compact_note_worked(m, r->order, false);
    if (prio != OS_COMPACT_ASYNC && (s == OS_COMPACT_COMPLETE || s == OS_COMPACT_PARTIAL_SKIPPED))
      os_compact_defer(m, r->order);
  }
  (void)os->plat.ops->account(os->plat.self, was);
  return best;
}
