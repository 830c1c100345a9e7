/* SPDX-License-Identifier: Apache-2.0
 * The buddy allocator of Linux 6.1 (mm/page_alloc.c): free blocks of 2^0 .. 2^10 frames in lists by
 * zone, order and mobility. Pageblocks of 512 frames have a mobility; a request that finds nothing
 * of its own takes from another kind, the largest block first, and may claim the whole pageblock;
 * that boosts the zone's watermarks. The free counts of the zones are kept by these functions.
 * No time passes. */
#ifndef COWALK_OS_BUDDY_H
#define COWALK_OS_BUDDY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "os/frame.h"
#include "os/zone.h"

/* In Linux's order (enum migratetype). */
enum os_mobility {
  OS_UNMOVABLE,
  OS_MOVABLE,
  OS_RECLAIMABLE,
  OS_MOBILITIES,                 /* those that requests have */
  OS_HIGHATOMIC = OS_MOBILITIES, /* of pageblocks: kept for large requests that may not wait */
  OS_KINDS
};

struct os_buddy;

struct os_buddy_counts {
  uint64_t fallbacks; /* blocks taken from another kind (tracepoint mm_page_alloc_extfrag) */
  uint64_t claimed;   /* pageblocks that changed their kind */
  uint64_t given;     /* blocks that became free: between two equal counts no zone's free grew */
};

/* All managed frames of the zones free. frames[] and zones are borrowed and must outlive it; frames
 * must be zero and reserved ones marked. NULL: out of host memory. */
struct os_buddy *os_buddy_create(struct os_frame *frames, uint32_t count, struct os_zones *zones);
void os_buddy_destroy(struct os_buddy *b);
/* sysctl watermark_boost_factor, per 10000; Linux's default is 15000, here too. */
void os_buddy_set_boost_factor(struct os_buddy *b, uint32_t factor);

/* The first frame of a block, or OS_NO_FRAME. no_fragment: take from another kind whole pageblocks
 * only (ALLOC_NOFRAGMENT). Marks are not looked at. *boosted is set if marks were boosted. */
uint32_t os_buddy_take(struct os_buddy *b, struct os_zone *z, unsigned order,
                       enum os_mobility mobility, bool no_fragment, bool *boosted);
/* From the blocks kept for large requests that may not wait (MIGRATE_HIGHATOMIC). */
uint32_t os_buddy_take_atomic(struct os_buddy *b, struct os_zone *z, unsigned order);
/* Such a request was served from the block of that frame: keep it for the next, up to a pageblock
 * and a hundredth of the zone (reserve_highatomic_pageblock). */
void os_buddy_reserve_atomic(struct os_buddy *b, struct os_zone *z, uint32_t pfn);
/* Make one of these blocks, if any of it is free, one of kind m; the last one only if forced. True:
 * that made frames free for m (unreserve_highatomic_pageblock). */
bool os_buddy_unreserve_atomic(struct os_buddy *b, struct os_zone *z, enum os_mobility m,
                               bool force);
/* Frames of an allocated block must not be referred to any more. */
void os_buddy_give(struct os_buddy *b, struct os_zone *z, uint32_t pfn, unsigned order);

/* __isolate_free_page: all of the free block whose first frame that is, or 0 if the zone would come
 * below its min mark. Half a pageblock and more makes it movable. Returns the frames. */
uint32_t os_buddy_isolate(struct os_buddy *b, struct os_zone *z, uint32_t pfn);
/* Compaction's search for a good place to move pages to: the last `limit` free blocks of a list,
 * the one met first that lies at `low` or above, else the highest at `min` or above; OS_NO_FRAME.
 * The list then begins with it, so that the next search looks at others first. */
struct os_buddy_search {
  uint32_t low, min;
  uint32_t limit;            /* in: blocks to look at; out: less, if one was found above min */
  uint32_t scanned, highest; /* out: blocks looked at; the highest of them, or 0 */
};
uint32_t os_buddy_find(struct os_buddy *b, const struct os_zone *z, unsigned order,
                       enum os_mobility m, struct os_buddy_search *s);
/* A mark of compaction's on a frame's pageblock: nothing was to be had there (PB_migrate_skip). */
bool os_buddy_skipped(const struct os_buddy *b, uint32_t pfn);
void os_buddy_skip(struct os_buddy *b, uint32_t pfn, bool skip);

/* The mobility that a request gets, and that of the pageblock of a frame. On machines of less than
 * 2560 pages everything counts as unmovable (page_group_by_mobility_disabled). */
enum os_mobility os_buddy_mobility(const struct os_buddy *b, enum os_mobility asked);
enum os_mobility os_buddy_block(const struct os_buddy *b, uint32_t pfn);
/* Free blocks of an order and kind in a zone; pageblocks of a kind in a zone. */
uint64_t os_buddy_blocks(const struct os_buddy *b, const struct os_zone *z, unsigned order,
                         enum os_mobility m);
uint64_t os_buddy_pageblocks(const struct os_buddy *b, const struct os_zone *z, enum os_mobility m);
void os_buddy_counts(const struct os_buddy *b, struct os_buddy_counts *out);
/* Lists, frames and counts agree; no two buddies are both free. 0, or -1 with one line in err. */
int os_buddy_check(const struct os_buddy *b, char *err, size_t err_len);

#endif
