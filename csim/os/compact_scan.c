/* SPDX-License-Identifier: Apache-2.0
 * The two scanners of compaction (Linux 6.1 mm/compaction.c): one goes up through the zone and
 * holds pages that can be moved, the other comes down and takes free frames for them, block by
 * block, until they meet. Blocks in which there was nothing are marked and passed over next time.
 * Free frames are looked for in the lists of free blocks first. Left out: the like search for a
 * block to empty (fast_find_migrateblock); unevictable pages stay where they are. */
#include "os/compact_internal.h"

static uint32_t block_of(uint32_t pfn) {
  return pfn & ~(uint32_t)(OS_PAGEBLOCK - 1);
}

static uint32_t round_up(uint32_t pfn, unsigned order) {
  uint32_t size = UINT32_C(1) << order;
  return (pfn | (size - 1)) + 1;
}

/* ---- frames ---- */

void os_compact_push(struct os_compact_run *c, uint32_t pfn) {
  struct os_frame *f = os_frame(c->os, pfn);
  *f = (struct os_frame){.type = OS_FRAME_KERNEL, .refs = 1, .zone = f->zone, .next = c->target};
  c->target = pfn;
  c->targets++;
}

void os_compact_free(struct os_compact_run *c, uint32_t pfn) {
  struct os_frame *f = os_frame(c->os, pfn);
  os_use_of(c->os, pfn)->fixed--;
  *f = (struct os_frame){.zone = f->zone};
  os_buddy_give(c->os->buddy, c->z, pfn, 0);
}

/* release_freepages; the free scanner goes on no lower than there. */
void os_compact_release_frames(struct os_compact_run *c) {
  uint32_t highest = 0;
  while (c->targets != 0) {
    uint32_t pfn = c->target;
    c->target = os_frame(c->os, pfn)->next;
    c->targets--;
    if (pfn > highest) highest = pfn;
    os_compact_free(c, pfn);
  }
  if (block_of(highest) > c->memory->free) c->memory->free = block_of(highest);
}

/* The whole block that starts at pfn becomes frames to move to; how many. */
static uint32_t take_block(struct os_compact_run *c, uint32_t pfn) {
  struct os *os = c->os;
  uint32_t frames = os_buddy_isolate(os->buddy, c->z, pfn);
  for (uint32_t i = 0; i < frames; i++) {
    os_frame(os, pfn + i)->zone = (uint8_t)(c->z->node * OS_ZONES + c->z->index);
    os_compact_push(c, pfn + i);
  }
  if (frames != 0) os_use_of(os, pfn)->fixed += frames;
  if (frames != 0 && pfn + frames > os->touched) os->touched = pfn + frames;
  os->st.compact_isolated += frames;
  return frames;
}

/* isolate_freepages_block: from *at up to end; *at: how far it came. */
static uint32_t take_in_block(struct os_compact_run *c, uint32_t *at, uint32_t end,
                              uint32_t stride) {
  uint32_t taken = 0;
  uint64_t scanned = 0;
  uint32_t pfn = *at;
  while (pfn < end) {
    const struct os_frame *f = os_frame(c->os, pfn);
    scanned++;
    if (f->type != OS_FRAME_FREE) {
      pfn += stride;
      continue;
    }
    uint32_t n = take_block(c, pfn);
    if (n == 0) break; /* below the marks */
    pfn += n;
    taken += n;
    stride = 1;
    if (c->targets >= c->holds) break;
  }
  if (pfn > end) pfn = end;
  *at = pfn;
  c->free_scanned += scanned;
  os_spend(c->os, OS_WORK_LIST_MOVE, (uint32_t)scanned);
  return taken;
}

/* suitable_migration_target */
static bool may_take_from(const struct os_compact_run *c, uint32_t block) {
  const struct os_frame *f = os_frame(c->os, block);
  if (f->type == OS_FRAME_FREE && f->height >= OS_PAGEBLOCK_ORDER) return false;
  return c->any_block || os_buddy_block(c->os->buddy, block) == OS_MOVABLE;
}

static bool may_look(const struct os_compact_run *c, uint32_t block) {
  return c->ignore_skip || !os_buddy_skipped(c->os->buddy, block);
}

static void nothing_in(struct os_compact_run *c, uint32_t block) {
  os_buddy_skip(c->os->buddy, block, true);
  if (block < c->memory->free) c->memory->free = block;
}

/* fast_isolate_freepages, the choice: a free block in the upper quarter of what lies between the
 * scanners, or at least in the upper half. */
static uint32_t search_lists(struct os_compact_run *c) {
  uint32_t distance = c->free > c->migrate ? c->free - c->migrate : 0;
  uint32_t limit =
      ((uint32_t)OS_COMPACT_CLUSTER >> (c->search_fail < 31 ? c->search_fail : 31)) + 1;
  bool start = c->free >= block_of(c->z->end - 1);
  limit = start ? OS_PAGEBLOCK / 2 : limit / 2 != 0 ? limit / 2 : 1;
  if (c->search_order >= c->order) c->search_order = c->order - 1;
  for (unsigned tries = 0, o = c->search_order; tries < c->order; tries++) {
    struct os_buddy_search s = {.low = block_of(c->free - distance / 4),
                                .min = block_of(c->free - distance / 2),
                                .limit = limit};
    uint32_t pfn = os_buddy_find(c->os->buddy, c->z, o, OS_MOVABLE, &s);
    c->free_scanned += s.scanned;
    limit = s.limit;
    if (pfn != OS_NO_FRAME && pfn >= s.low) {
      c->search_fail = 0;
      c->search_order = o;
    }
    if (pfn != OS_NO_FRAME) return pfn;
    if (s.scanned >= limit) limit = limit / 2 != 0 ? limit / 2 : 1;
    o = o != 0 ? o - 1 : c->order - 1;
  }
  c->search_fail++;
  return OS_NO_FRAME;
}

/* True: there are some now. */
static bool take_fast(struct os_compact_run *c) {
  uint32_t pfn = search_lists(c);
  if (pfn == OS_NO_FRAME || take_block(c, pfn) == 0) return false;
  os_spend(c->os, OS_WORK_LIST_MOVE, 1);
  if (c->targets >= c->holds || (c->direct && !c->sync)) return true;
  uint32_t block = block_of(pfn); /* fast_isolate_around */
  uint32_t at = block > c->z->first ? block : c->z->first;
  uint32_t end = block + OS_PAGEBLOCK < c->z->end ? block + OS_PAGEBLOCK : c->z->end;
  (void)take_in_block(c, &at, end, 1);
  if (c->targets < c->holds) os_buddy_skip(c->os->buddy, block, true);
  return true;
}

void os_compact_take_frames(struct os_compact_run *c) {
  if (take_fast(c)) return;
  uint32_t start = c->free;
  uint32_t block = block_of(start);
  uint32_t low = block_of(c->migrate) + OS_PAGEBLOCK;
  uint32_t stride = c->sync ? 1 : OS_COMPACT_CLUSTER;
  for (; block >= low; block -= OS_PAGEBLOCK, start = block) {
    if (block < c->z->first || !may_take_from(c, block) || !may_look(c, block)) continue;
    uint32_t end = block + OS_PAGEBLOCK < c->z->end ? block + OS_PAGEBLOCK : c->z->end;
    uint32_t taken = take_in_block(c, &start, end, stride);
    if (start == end) nothing_in(c, block);
    if (c->targets >= c->holds) {
      if (start >= end) start = block - OS_PAGEBLOCK;
      break;
    }
    if (start < end) break;
    stride = taken != 0 ? 1 : stride * 2 < OS_COMPACT_CLUSTER ? stride * 2 : OS_COMPACT_CLUSTER;
  }
  c->free = start;
}

/* ---- pages ---- */

void os_compact_release_pages(struct os_compact_run *c) {
  for (uint32_t i = 0; i < c->holds; i++)
    os_policy_unhold(c->os, c->held[i]);
  c->holds = 0;
}

/* A page of its own that nobody but its mappings and its cache seems to hold. */
static bool worth_holding(const struct os_frame *f) {
  if ((f->flags & OS_F_LISTED) == 0 || (f->flags & OS_F_WRITEBACK) != 0) return false;
  if (f->type != OS_FRAME_ANON && f->type != OS_FRAME_FILE && f->type != OS_FRAME_SHMEM)
    return false;
  return f->type != OS_FRAME_ANON || f->slot != OS_NO_SLOT || f->refs <= f->mapcount;
}

/* Frames that one look covers: a free block, a huge page. */
static uint32_t span_of(const struct os_frame *f) {
  if (f->type == OS_FRAME_FREE) return UINT32_C(1) << f->height;
  return (f->flags & OS_F_HUGE) != 0 ? OS_HUGE_PAGES : 1;
}

/* isolate_migratepages_block. Asynchronous direct runs give up a block of the wanted order at the
 * first page in it that cannot be moved. */
static void take_pages_of(struct os_compact_run *c, uint32_t pfn, uint32_t end) {
  struct os *os = c->os;
  bool choosy = c->direct && !c->sync;
  uint32_t start = pfn;
  uint32_t border = choosy ? round_up(pfn, c->order) : 0;
  uint64_t scanned = 0;
  bool any = false;
  while (pfn < end) {
    if (choosy && pfn >= border) {
      if (c->holds != 0) break;
      border = round_up(pfn, c->order);
    }
    const struct os_frame *f = os_frame(os, pfn);
    scanned++;
    if (f->type == OS_FRAME_FREE) {
      pfn += span_of(f);
      continue;
    }
    if (worth_holding(f)) {
      if (pfn == block_of(pfn) && !c->ignore_skip) os_buddy_skip(os->buddy, pfn, true);
      os_policy_hold(os, pfn);
      c->held[c->holds++] = pfn++;
      any = true;
      if (c->holds >= OS_COMPACT_CLUSTER && !c->rescan) break;
      continue;
    }
    pfn += span_of(f);
    if (!choosy) continue;
    os_compact_release_pages(c);
    any = false;
    if (pfn < border) pfn = border;
  }
  if (pfn > end) pfn = end;
  if (pfn == end && (!any || c->rescan)) { /* update_cached_migrate */
    os_buddy_skip(os->buddy, start, true);
    if (pfn > c->memory->migrate[0]) c->memory->migrate[0] = pfn;
    if (c->sync && pfn > c->memory->migrate[1]) c->memory->migrate[1] = pfn;
  }
  c->migrate = pfn;
  c->scanned += scanned;
  os->st.compact_isolated += c->holds;
  os_spend(os, OS_WORK_LIST_MOVE, (uint32_t)scanned);
}

/* suitable_migration_source */
static bool may_take_pages(const struct os_compact_run *c, uint32_t block) {
  if ((os_frame(c->os, block)->flags & (OS_F_HUGE | OS_F_TAIL)) != 0) return false;
  if (c->sync || !c->direct) return true;
  return os_buddy_block(c->os->buddy, block) == c->mobility;
}

bool os_compact_take_pages(struct os_compact_run *c) {
  const struct os_task *t = os_current(c->os);
  while (block_of(c->migrate) + OS_PAGEBLOCK <= c->free) {
    uint32_t block = block_of(c->migrate);
    uint32_t end = block + OS_PAGEBLOCK;
    if (t != NULL && t->dead) {
      c->aborted = true;
      return false;
    }
    bool whole = block >= c->z->first;
    if (whole && (c->migrate != block || may_look(c, block)) && may_take_pages(c, block)) {
      take_pages_of(c, c->migrate, end);
      return true;
    }
    if (whole && !may_take_pages(c, block) && end > c->memory->migrate[0])
      c->memory->migrate[0] = end;
    c->migrate = end;
  }
  return true;
}
