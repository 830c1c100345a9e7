/* SPDX-License-Identifier: Apache-2.0
 * Dirty file pages: how many may wait, who writes them, who must wait (Linux 6.1
 * mm/page-writeback.c, fs/fs-writeback.c). A page counts as dirty once the kernel knows: at
 * write(), or at the first store to a shared mapping since it was last written. */
#ifndef COWALK_OS_WRITEBACK_H
#define COWALK_OS_WRITEBACK_H

#include <stdbool.h>
#include <stdint.h>

#include "os/platform.h"

struct os;

/* Times in microseconds of the simulated clock. */
struct os_writeback {
  struct os_waitq flusher; /* it sleeps here */
  struct os_waitq writers; /* throttled ones; nobody wakes them early */
  bool kicked;             /* by reclaim: write everything that is dirty now */
  bool timed;              /* the flusher will look again by itself */
  uint32_t throttled;      /* writers that sleep now */
  uint32_t hand;           /* file that it goes on with */
  uint64_t dirty, writeback;
  uint64_t written;   /* pages, ever */
  uint64_t stamp_at;  /* of the last estimate */
  uint64_t stamp;     /* `written` then */
  uint64_t bandwidth; /* of the disk, as estimated: pages a second */
};

/* domain_dirty_limits: from percentages of what could be dirty (free pages above the reserves, and
 * file pages). */
struct os_dirty_limits {
  uint64_t background; /* above: the flusher starts */
  uint64_t free_run;   /* above, the mean of the two: writers wait */
  uint64_t limit;      /* writers wait for the longest time, until it is below */
};
struct os_dirty_limits os_dirty_limits(uint64_t dirtyable, unsigned background_ratio,
                                       unsigned ratio);
/* pos_ratio_polynom: how a writer's rate follows where the dirty pages stand, in 1/1024: 1 at the
 * set point half way from free_run to the limit, 0 at the limit, at most 2. */
uint64_t os_dirty_position(const struct os_dirty_limits *l, uint64_t dirty);
/* wb_update_bandwidth: the estimate after `written` pages in `us`, averaged over about 4 s. */
uint64_t os_write_bandwidth(uint64_t bandwidth, uint64_t written, uint64_t us);

void os_writeback_init(struct os *os);
uint64_t os_dirtyable(const struct os *os);
struct os_dirty_limits os_dirty_limits_now(const struct os *os);
/* A file page becomes dirty, or stops to be. From os_frame_set_dirty, os_frame_clear_dirty. */
void os_writeback_dirtied(struct os *os, uint32_t pfn);
void os_writeback_cleaned(struct os *os, uint32_t pfn);
/* A file page is on its way to the disk, or has arrived. */
void os_writeback_started(struct os *os);
void os_writeback_ended(struct os *os);
/* After a task has dirtied `pages`: it may have to wait. [yields] */
void os_balance_dirty(struct os *os, uint64_t pages);
/* How many pages a task may dirty between two such calls (ratelimit_pages). */
uint64_t os_dirty_interval(const struct os *os);
/* Start writing a page of a file if it is dirty and not on its way already; whether it was.
 * [yields] */
bool os_writeback_page(struct os *os, uint32_t file, uint64_t page);
void os_flusher_kick(struct os *os);
void os_flusher(void *os); /* the thread */

#endif
