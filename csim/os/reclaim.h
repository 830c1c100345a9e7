/* SPDX-License-Identifier: Apache-2.0
 * Getting memory back: kswapd of each node, and the allocating task itself (Linux 6.1
 * mm/vmscan.c). */
#ifndef COWALK_OS_RECLAIM_H
#define COWALK_OS_RECLAIM_H

#include <stdbool.h>
#include <stdint.h>

#include "lru/lru.h"
#include "os/platform.h"
#include "os/zone.h"

struct os;
struct os_inval_batch;
struct os_node;

enum { OS_DEF_PRIORITY = 12, OS_MAX_RETRIES = 16, OS_JIFFY_US = 4000 };

/* Of the whole machine. */
struct os_reclaim {
  struct os_waitq io;            /* for a write-out to end */
  uint64_t writeback;            /* pages on their way out, all */
  uint64_t flushing;             /* file pages among them */
  uint32_t ended;                /* write-outs that ended and that nobody has paid for */
  uint64_t age;                  /* nonresident_age */
  uint64_t pgalloc[OS_ZONES];    /* pages handed out, of this index on all nodes */
  uint64_t allocstall[OS_ZONES]; /* direct reclaims by the request's highest zone */
};

struct os_scan {
  uint64_t to_reclaim, scanned, reclaimed;
  uint64_t taken_file,
      unqueued_dirty; /* file pages isolated; of them dirty and not being written */
  int priority;
  unsigned highest; /* zone */
  unsigned order;   /* a block is wanted */
  bool kswapd;
  bool may_write, may_swap, may_unmap;
  struct lru_scan lru; /* of the run, for the policies of csim/lru */
};

/* ---- one page that a policy took off its lists, a reference to it held ---- */
enum os_fate {
  OS_FATE_KEPT,
  OS_FATE_NO_SLOT,
  OS_FATE_DIRTY,
  OS_FATE_WRITING,
  OS_FATE_DROPPED,
  OS_FATE_SPLIT
};
/* Lock and unmap it, invalidations into b. true: os_evict_finish must follow; else *fate says why
 * it stays, KEPT or NO_SLOT; or SPLIT: a huge page fell into its parts, which the policy has.
 * [yields]
 */
bool os_evict_prepare(struct os *os, uint32_t pfn, const struct os_scan *sc,
                      struct os_inval_batch *b, enum os_fate *fate);
/* Between the two: invalidate what was unmapped. [yields] */
void os_evict_flush(struct os *os, struct os_inval_batch *b);
/* Write it, drop it from its cache (the caller's reference is the last then), or leave it, and
 * unlock it. DIRTY: a file page that is the flusher's. clean_only: do not write. [yields] */
enum os_fate os_evict_finish(struct os *os, uint32_t pfn, const struct os_scan *sc,
                             bool clean_only);

/* shrink_node: one pass at sc->priority; adds to what sc counts. [yields] */
void os_shrink_node(struct os_node *n, struct os_scan *sc);

/* Why a reclaimer waits (reclaim_throttle): for more than 32 pages of the node to be written, 100
 * ms at most; because it found nothing, or its node is congested, a jiffy, unless kswapd gave up or
 * less than half of what could be had is dirty or being written. */
enum os_throttle { OS_THROTTLE_WRITEBACK, OS_THROTTLE_NOPROGRESS };
void os_reclaim_throttle(struct os_node *n, enum os_throttle why); /* [yields] */
void os_reclaim_written(struct os_node *n); /* a page of it was (__acct_reclaim_writeback) */
/* The disk's queue takes max(32, the node's high marks) write-outs of reclaim; who has one more
 * waits, kswapd or not (in Linux: for a request of the block layer). [yields] */
void os_reclaim_await_queue(struct os_node *n);

/* try_to_free_pages: frees about 32 pages of the nearest nodes on behalf of the calling task; how
 * many it freed. [yields] */
uint64_t os_direct_reclaim(struct os *os, unsigned order, unsigned highest, unsigned nodes);
/* allow_direct_reclaim: more than half of the min marks is free. Wakes kswapd if not. */
bool os_reserves_fine(struct os_node *n);
/* node_reclaim (vm.zone_reclaim_mode): true if the marks are worth another look. [yields] */
bool os_node_reclaim(struct os_node *n, const struct os_node *local, unsigned order,
                     unsigned highest);

/* wakeup_kswapd: for a request of that order that may use zones up to `highest`. True: it sleeps
 * on, for want of work or of hope. */
bool os_wake_kswapd(struct os_node *n, unsigned order, unsigned highest);
void os_kswapd(void *node); /* the thread */
/* A page comes back that was evicted. */
void os_refault(struct os *os, bool file);

#endif
