/* SPDX-License-Identifier: Apache-2.0
 * One run of compaction through one zone, inside csim/os/compact*.c. */
#ifndef COWALK_OS_COMPACT_INTERNAL_H
#define COWALK_OS_COMPACT_INTERNAL_H

#include "os/compact.h"
#include "os/kernel.h"

enum { OS_COMPACT_CLUSTER = 32 /* COMPACT_CLUSTER_MAX */ };

struct os_compact_run { /* struct compact_control */
  struct os *os;
  struct os_zone *z;
  struct os_zone_compact *memory;
  unsigned order, highest, rights;
  enum os_mark mark;
  enum os_mobility mobility;
  bool sync, direct, whole_zone, ignore_skip, any_block, rescan, aborted;
  uint32_t migrate, free; /* where the scanners are */
  uint32_t held[OS_PAGEBLOCK];
  uint32_t holds;                     /* pages to move */
  uint32_t target, targets;           /* frames to move them to, linked by next; how many */
  unsigned search_order, search_fail; /* where the last search of the free lists stopped */
  uint64_t scanned, free_scanned;     /* frames looked at by each scanner */
};

/* isolate_migratepages: hold pages of the first block that has some. False: stop. [yields] */
bool os_compact_take_pages(struct os_compact_run *c);
/* isolate_freepages: make frames to move to, as many as pages are held, if there are. [yields] */
void os_compact_take_frames(struct os_compact_run *c);
/* Give the pages, the frames back. */
void os_compact_release_pages(struct os_compact_run *c);
void os_compact_release_frames(struct os_compact_run *c);
/* compact_zone: until a block is free, or nothing is left to try. [yields] */
enum os_compacted os_compact_zone(struct os_compact_run *c);
/* What a zone remembers: it failed; is it to be left alone now; it worked, as far as is known. */
void os_compact_defer(struct os_zone_compact *m, unsigned order);
bool os_compact_deferred(struct os_zone_compact *m, unsigned order);
void os_compact_note_worked(struct os_zone_compact *m, unsigned order, bool allocated);
/* A frame that nobody uses, for the list of targets; free_it: to the buddies. */
void os_compact_push(struct os_compact_run *c, uint32_t pfn);
void os_compact_free(struct os_compact_run *c, uint32_t pfn);

#endif
