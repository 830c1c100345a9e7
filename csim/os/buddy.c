/* SPDX-License-Identifier: Apache-2.0
 * Free blocks after Linux 6.1 mm/page_alloc.c (__free_one_page, expand, __rmqueue,
 * steal_suitable_fallback, move_freepages_block). Lists are circular through the frames' next and
 * prev; of a free block only the first frame is marked. */
#include "os/buddy_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct os_buddy_area *os_buddy_area(struct os_buddy *b, const struct os_zone *z) {
  return &b->area[z->node][z->index];
}

enum os_mobility os_buddy_mobility(const struct os_buddy *b, enum os_mobility asked) {
  return b->ungrouped ? OS_UNMOVABLE : asked;
}

enum os_mobility os_buddy_block(const struct os_buddy *b, uint32_t pfn) {
  return (enum os_mobility)(b->block[pfn >> OS_PAGEBLOCK_ORDER] & ~OS_BUDDY_SKIP);
}

void os_buddy_set_block(struct os_buddy *b, uint32_t pfn, enum os_mobility m) {
  uint8_t *block = &b->block[pfn >> OS_PAGEBLOCK_ORDER];
  *block = (uint8_t)((*block & OS_BUDDY_SKIP) | m);
}

/* ---- lists ---- */

void os_buddy_list_add(struct os_buddy *b, struct os_zone *z, uint32_t pfn, unsigned order,
                       enum os_mobility m, bool tail) {
  struct os_buddy_area *a = os_buddy_area(b, z);
  struct os_frame *f = &b->frame[pfn];
  uint32_t head = a->head[order][m];
  f->type = OS_FRAME_FREE;
  f->height = (uint8_t)order;
  f->mobility = (uint8_t)m;
  if (head == OS_NO_FRAME) {
    f->next = f->prev = pfn;
  } else {
    f->next = head;
    f->prev = b->frame[head].prev;
    b->frame[f->prev].next = pfn;
    b->frame[head].prev = pfn;
  }
  if (head == OS_NO_FRAME || !tail) a->head[order][m] = pfn;
  a->blocks[order][m]++;
  z->blocks[order]++;
  z->atomic_blocks[order] += m == OS_HIGHATOMIC;
}

void os_buddy_list_remove(struct os_buddy *b, struct os_zone *z, uint32_t pfn) {
  struct os_buddy_area *a = os_buddy_area(b, z);
  struct os_frame *f = &b->frame[pfn];
  uint32_t *head = &a->head[f->height][f->mobility];
  if (*head == pfn) *head = f->next != pfn ? f->next : OS_NO_FRAME;
  b->frame[f->prev].next = f->next;
  b->frame[f->next].prev = f->prev;
  a->blocks[f->height][f->mobility]--;
  z->blocks[f->height]--;
  z->atomic_blocks[f->height] -= f->mobility == OS_HIGHATOMIC;
  f->type = OS_FRAME_NONE;
  f->next = f->prev = 0;
}

/* The buddy of a block if it is free and whole. */
uint32_t os_buddy_free_buddy(const struct os_buddy *b, const struct os_zone *z, uint32_t pfn,
                             unsigned order) {
  uint32_t buddy = pfn ^ (UINT32_C(1) << order);
  if (buddy < z->first || buddy >= z->end) return OS_NO_FRAME;
  const struct os_frame *f = &b->frame[buddy];
  return f->type == OS_FRAME_FREE && f->height == order ? buddy : OS_NO_FRAME;
}

/* ---- freeing ---- */

/* Blocks of pageblocks kept apart do not grow into others. */
bool os_buddy_may_merge(const struct os_buddy *b, uint32_t pfn, uint32_t buddy, unsigned order) {
  enum os_mobility m = os_buddy_block(b, pfn);
  enum os_mobility other = os_buddy_block(b, buddy);
  return order < OS_PAGEBLOCK_ORDER || m == other || (m != OS_HIGHATOMIC && other != OS_HIGHATOMIC);
}

static void merge_in(struct os_buddy *b, struct os_zone *z, uint32_t pfn, unsigned order,
                     bool to_tail) {
  enum os_mobility m = os_buddy_block(b, pfn);
  while (order < OS_BUDDY_TOP) {
    uint32_t buddy = os_buddy_free_buddy(b, z, pfn, order);
    if (buddy == OS_NO_FRAME || !os_buddy_may_merge(b, pfn, buddy, order)) break;
    os_buddy_list_remove(b, z, buddy);
    pfn &= buddy;
    order++;
  }
  /* If the next larger buddy is free, this block's own is likely to come soon: use it last. */
  uint32_t higher = pfn & ~(UINT32_C(1) << order);
  if (order + 1 < OS_BUDDY_TOP && os_buddy_free_buddy(b, z, higher, order + 1) != OS_NO_FRAME)
    to_tail = true;
  os_buddy_list_add(b, z, pfn, order, m, to_tail);
}

void os_buddy_give(struct os_buddy *b, struct os_zone *z, uint32_t pfn, unsigned order) {
  b->frame[pfn].type = OS_FRAME_NONE;
  z->free += UINT64_C(1) << order;
  b->counts.given++;
  merge_in(b, z, pfn, order, false);
}

/* ---- taking ---- */

/* Give back the upper halves down to the order that is wanted. */
static void expand(struct os_buddy *b, struct os_zone *z, uint32_t pfn, unsigned low, unsigned high,
                   enum os_mobility m) {
  while (high > low) {
    high--;
    os_buddy_list_add(b, z, pfn + (UINT32_C(1) << high), high, m, false);
  }
}

uint32_t os_buddy_take_own(struct os_buddy *b, struct os_zone *z, unsigned order,
                           enum os_mobility m) {
  for (unsigned o = order; o < OS_ORDERS; o++) {
    uint32_t pfn = os_buddy_area(b, z)->head[o][m];
    if (pfn == OS_NO_FRAME) continue;
    os_buddy_list_remove(b, z, pfn);
    expand(b, z, pfn, order, o, m);
    return pfn;
  }
  return OS_NO_FRAME;
}

static void change_list(struct os_buddy *b, struct os_zone *z, uint32_t pfn, enum os_mobility m) {
  unsigned order = b->frame[pfn].height;
  os_buddy_list_remove(b, z, pfn);
  os_buddy_list_add(b, z, pfn, order, m, false);
}

/* Move all free blocks of a pageblock to the lists of m; how many frames that were. movable: frames
 * in use that could be moved. */
uint32_t os_buddy_move_block(struct os_buddy *b, struct os_zone *z, uint32_t pfn,
                             enum os_mobility m, uint32_t *movable) {
  uint32_t at = pfn & ~(uint32_t)(OS_PAGEBLOCK - 1);
  uint32_t end = at + OS_PAGEBLOCK;
  uint32_t moved = 0;
  *movable = 0;
  if (at < z->first || end > z->end) return 0;
  while (at < end) {
    const struct os_frame *f = &b->frame[at];
    if (f->type == OS_FRAME_FREE) {
      uint32_t size = UINT32_C(1) << f->height;
      change_list(b, z, at, m);
      moved += size;
      at += size;
      continue;
    }
    *movable += f->type == OS_FRAME_ANON || f->type == OS_FRAME_FILE || f->type == OS_FRAME_SHMEM;
    at++;
  }
  return moved;
}

/* steal_suitable_fallback: put the block found on the list of m, with more if that is worth it. */
static void steal(struct os_buddy *b, struct os_zone *z, uint32_t pfn, enum os_mobility m,
                  bool whole, bool *boosted) {
  unsigned order = b->frame[pfn].height;
  enum os_mobility old = os_buddy_block(b, pfn);
  b->counts.fallbacks++;
  if (order >= OS_PAGEBLOCK_ORDER) {
    for (uint32_t p = pfn; p < pfn + (UINT32_C(1) << order); p += OS_PAGEBLOCK) {
      b->counts.claimed += os_buddy_block(b, p) != m;
      os_buddy_set_block(b, p, m);
    }
    change_list(b, z, pfn, m);
    return;
  }
  if (os_zone_boost(z, b->boost_factor)) *boosted = true;
  uint32_t movable = 0;
  uint32_t moved = whole ? os_buddy_move_block(b, z, pfn, m, &movable) : 0;
  if (moved == 0) {
    change_list(b, z, pfn, m);
    return;
  }
  uint32_t alike = movable;
  if (m != OS_MOVABLE) alike = old == OS_MOVABLE ? OS_PAGEBLOCK - moved - movable : 0;
  if (moved + alike < OS_PAGEBLOCK / 2 && !b->ungrouped) return;
  b->counts.claimed += old != m;
  os_buddy_set_block(b, pfn, m);
}

/* Another kind that has a block of this order, in the order of preference; OS_MOBILITIES: none. */
static enum os_mobility other_kind(const struct os_buddy_area *a, unsigned order,
                                   enum os_mobility m) {
  static const enum os_mobility fallback[OS_MOBILITIES][2] = {
      [OS_UNMOVABLE] = {OS_RECLAIMABLE, OS_MOVABLE},
      [OS_MOVABLE] = {OS_RECLAIMABLE, OS_UNMOVABLE},
      [OS_RECLAIMABLE] = {OS_UNMOVABLE, OS_MOVABLE}};
  for (unsigned i = 0; i < 2 && m < OS_MOBILITIES; i++)
    if (a->head[order][fallback[m][i]] != OS_NO_FRAME) return fallback[m][i];
  return OS_MOBILITIES;
}

/* __rmqueue_fallback: true if something of another kind now is on the list of m. */
static bool fall_back(struct os_buddy *b, struct os_zone *z, unsigned order, enum os_mobility m,
                      bool no_fragment, bool *boosted) {
  const struct os_buddy_area *a = os_buddy_area(b, z);
  unsigned least = no_fragment && order < OS_PAGEBLOCK_ORDER ? OS_PAGEBLOCK_ORDER : order;
  for (unsigned o = OS_ORDERS; o-- > least;) {
    enum os_mobility from = other_kind(a, o, m);
    if (from == OS_MOBILITIES) continue;
    bool whole = o >= OS_PAGEBLOCK_ORDER / 2 || m != OS_MOVABLE || b->ungrouped;
    if (!whole && o > order) {
      /* A movable page anywhere does little harm: rather split the smallest block. */
      o = order;
      while ((from = other_kind(a, o, m)) == OS_MOBILITIES)
        o++;
    }
    steal(b, z, a->head[o][from], m, whole, boosted);
    return true;
  }
  return false;
}

uint32_t os_buddy_take(struct os_buddy *b, struct os_zone *z, unsigned order,
                       enum os_mobility mobility, bool no_fragment, bool *boosted) {
  enum os_mobility m = os_buddy_mobility(b, mobility);
  uint32_t pfn = os_buddy_take_own(b, z, order, m);
  while (pfn == OS_NO_FRAME && fall_back(b, z, order, m, no_fragment, boosted))
    pfn = os_buddy_take_own(b, z, order, m);
  if (pfn != OS_NO_FRAME) z->free -= UINT64_C(1) << order;
  return pfn;
}

/* ---- birth ---- */

static void fill_zone(struct os_buddy *b, struct os_zone *z) {
  uint32_t at = z->end - (uint32_t)z->managed;
  while (at < z->end) {
    unsigned order = at != 0 ? (unsigned)__builtin_ctz(at) : OS_BUDDY_TOP;
    if (order > OS_BUDDY_TOP) order = OS_BUDDY_TOP;
    while (z->end - at < UINT32_C(1) << order)
      order--;
    os_buddy_list_add(b, z, at, order, os_buddy_block(b, at), true);
    at += UINT32_C(1) << order;
  }
  z->free = z->managed;
}

struct os_buddy *os_buddy_create(struct os_frame *frames, uint32_t count, struct os_zones *zones) {
  struct os_buddy *b = calloc(1, sizeof *b);
  if (b == NULL) return NULL;
  size_t blocks = (count >> OS_PAGEBLOCK_ORDER) + 1;
  b->block = malloc(blocks);
  if (b->block == NULL) {
    free(b);
    return NULL;
  }
  b->frame = frames;
  b->frames = count;
  b->zones = zones;
  b->boost_factor = 15000;
  b->ungrouped = os_zones_managed(zones) < (uint64_t)OS_PAGEBLOCK * OS_BUDDY_TYPES_OF_LINUX;
  memset(b->block, b->ungrouped ? OS_UNMOVABLE : OS_MOVABLE, blocks);
  for (unsigned n = 0; n < zones->nodes; n++)
    for (unsigned i = 0; i < OS_ZONES; i++)
      fill_zone(b, &zones->zone[n][i]);
  return b;
}

void os_buddy_destroy(struct os_buddy *b) {
  if (b != NULL) free(b->block);
  free(b);
}

void os_buddy_set_boost_factor(struct os_buddy *b, uint32_t factor) {
  b->boost_factor = factor;
}

uint64_t os_buddy_blocks(const struct os_buddy *b, const struct os_zone *z, unsigned order,
                         enum os_mobility m) {
  return b->area[z->node][z->index].blocks[order][m];
}

uint64_t os_buddy_pageblocks(const struct os_buddy *b, const struct os_zone *z,
                             enum os_mobility m) {
  uint64_t n = 0;
  for (uint64_t at = z->first & ~(uint64_t)(OS_PAGEBLOCK - 1); at < z->end; at += OS_PAGEBLOCK)
    n += os_buddy_block(b, (uint32_t)at) == m;
  return n;
}

void os_buddy_counts(const struct os_buddy *b, struct os_buddy_counts *out) {
  *out = b->counts;
}
