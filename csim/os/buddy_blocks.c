/* SPDX-License-Identifier: Apache-2.0
 * What compaction asks of the free lists, and pageblocks kept for large requests that may not wait
 * (Linux 6.1 mm/page_alloc.c, __isolate_free_page, reserve_highatomic_pageblock; mm/compaction.c,
 * fast_isolate_freepages); and the check of the lists. */
#include <stdio.h>

#include "os/buddy_internal.h"

bool os_buddy_skipped(const struct os_buddy *b, uint32_t pfn) {
  return (b->block[pfn >> OS_PAGEBLOCK_ORDER] & OS_BUDDY_SKIP) != 0;
}

void os_buddy_skip(struct os_buddy *b, uint32_t pfn, bool skip) {
  uint8_t *block = &b->block[pfn >> OS_PAGEBLOCK_ORDER];
  *block = (uint8_t)(skip ? *block | OS_BUDDY_SKIP : *block & ~OS_BUDDY_SKIP);
}

uint32_t os_buddy_isolate(struct os_buddy *b, struct os_zone *z, uint32_t pfn) {
  unsigned order = b->frame[pfn].height;
  uint32_t frames = UINT32_C(1) << order;
  if (!os_zone_ok(z, 0, os_zone_mark(z, OS_MARK_MIN) + frames, 0, 0)) return 0;
  os_buddy_list_remove(b, z, pfn);
  z->free -= frames;
  if (order >= OS_PAGEBLOCK_ORDER - 1)
    for (uint32_t p = pfn; p < pfn + frames; p += OS_PAGEBLOCK)
      if (os_buddy_block(b, p) != OS_HIGHATOMIC)
        os_buddy_set_block(b, p, os_buddy_mobility(b, OS_MOVABLE));
  return frames;
}

uint32_t os_buddy_find(struct os_buddy *b, const struct os_zone *z, unsigned order,
                       enum os_mobility m, struct os_buddy_search *s) {
  uint32_t *head = &os_buddy_area(b, z)->head[order][m];
  uint32_t best = OS_NO_FRAME;
  s->scanned = s->highest = 0;
  if (*head == OS_NO_FRAME) return OS_NO_FRAME;
  uint32_t at = *head;
  do {
    at = b->frame[at].prev;
    s->scanned++;
    if (at > s->highest) s->highest = at;
    if (at >= s->low) {
      best = at;
      break;
    }
    if (at >= s->min && at > best) {
      best = at;
      s->limit /= 2;
    }
  } while (s->scanned < s->limit && at != *head);
  *head = best != OS_NO_FRAME ? best : at;
  return best;
}

/* ---- kept for large requests that may not wait ---- */

uint32_t os_buddy_take_atomic(struct os_buddy *b, struct os_zone *z, unsigned order) {
  uint32_t pfn = os_buddy_take_own(b, z, order, OS_HIGHATOMIC);
  if (pfn != OS_NO_FRAME) z->free -= UINT64_C(1) << order;
  return pfn;
}

void os_buddy_reserve_atomic(struct os_buddy *b, struct os_zone *z, uint32_t pfn) {
  uint32_t movable;
  if (z->highatomic >= z->managed / 100 + OS_PAGEBLOCK) return;
  if (os_buddy_block(b, pfn) == OS_HIGHATOMIC) return;
  z->highatomic += OS_PAGEBLOCK;
  os_buddy_set_block(b, pfn, OS_HIGHATOMIC);
  (void)os_buddy_move_block(b, z, pfn, OS_HIGHATOMIC, &movable);
}

bool os_buddy_unreserve_atomic(struct os_buddy *b, struct os_zone *z, enum os_mobility m,
                               bool force) {
  if (!force && z->highatomic <= OS_PAGEBLOCK) return false;
  for (unsigned o = 0; o < OS_ORDERS; o++) {
    uint32_t movable;
    uint32_t pfn = os_buddy_area(b, z)->head[o][OS_HIGHATOMIC];
    if (pfn == OS_NO_FRAME) continue;
    z->highatomic -= z->highatomic < OS_PAGEBLOCK ? z->highatomic : OS_PAGEBLOCK;
    b->unreserved = true;
    os_buddy_set_block(b, pfn, os_buddy_mobility(b, m));
    if (os_buddy_move_block(b, z, pfn, os_buddy_mobility(b, m), &movable) != 0) return true;
  }
  return false;
}

/* ---- the check ---- */

/* Two buddies that should be one. */
static bool mergeable(const struct os_buddy *b, const struct os_zone *z, uint32_t pfn,
                      unsigned order) {
  if (b->unreserved && order >= OS_PAGEBLOCK_ORDER) return false;
  uint32_t buddy = os_buddy_free_buddy(b, z, pfn, order);
  return buddy != OS_NO_FRAME && os_buddy_may_merge(b, pfn, buddy, order);
}

static int check_zone(const struct os_buddy *b, const struct os_zone *z) {
  const struct os_buddy_area *a = &b->area[z->node][z->index];
  uint64_t sum = 0;
  for (unsigned o = 0; o < OS_ORDERS; o++) {
    uint64_t of_order = 0;
    for (unsigned m = 0; m < OS_KINDS; m++) {
      uint32_t head = a->head[o][m];
      uint64_t n = 0;
      for (uint32_t p = head; p != OS_NO_FRAME;
           p = b->frame[p].next != head ? b->frame[p].next : 0) {
        const struct os_frame *f = &b->frame[p];
        bool good = f->type == OS_FRAME_FREE && f->height == o && f->mobility == m &&
                    b->frame[f->next].prev == p && (p & ((UINT32_C(1) << o) - 1)) == 0 &&
                    p >= z->first && p + (UINT32_C(1) << o) <= z->end &&
                    (o == OS_BUDDY_TOP || !mergeable(b, z, p, o));

        if (!good || n++ > z->managed) return -1;
      }
      if (n != a->blocks[o][m]) return -1;
      of_order += n;
    }
    if (of_order != z->blocks[o]) return -1;
    sum += of_order << o;
  }
  return sum == z->free ? 0 : -1;
}

int os_buddy_check(const struct os_buddy *b, char *err, size_t err_len) {
  for (unsigned n = 0; n < b->zones->nodes; n++)
    for (unsigned i = 0; i < OS_ZONES; i++) {
      const struct os_zone *z = &b->zones->zone[n][i];
      if (check_zone(b, z) == 0) continue;
      (void)snprintf(err, err_len, "node %u zone %s: the lists of free blocks are broken", n,
                     z->name);
      return -1;
    }
  return 0;
}
