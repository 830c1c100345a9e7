/* SPDX-License-Identifier: Apache-2.0
 * Compaction: pages in use are moved to the end of their zone so that what is free becomes one
 * block (Linux 6.1 mm/compaction.c); and the moving of a page, mappings and all (mm/migrate.c). */
#ifndef COWALK_OS_COMPACT_H
#define COWALK_OS_COMPACT_H

#include <stdbool.h>
#include <stdint.h>

#include "os/platform.h"
#include "os/zone.h"

struct os;
struct os_node;
struct os_request;
struct os_scan;

/* In Linux's order (enum compact_result): of several zones the greatest counts. */
enum os_compacted {
  OS_COMPACT_SKIPPED,  /* too little is free, or it is not fragmentation that is in the way */
  OS_COMPACT_DEFERRED, /* it failed lately */
  OS_COMPACT_CONTINUE,
  OS_COMPACT_COMPLETE,        /* the whole zone was gone through, in vain */
  OS_COMPACT_PARTIAL_SKIPPED, /* so was a part of it */
  OS_COMPACT_CONTENDED,       /* stopped on the way */
  OS_COMPACT_SUCCESS          /* a block should be there now */
};

/* enum compact_priority: the lower, the harder it tries. */
enum os_compact_prio { OS_COMPACT_SYNC_FULL, OS_COMPACT_SYNC_LIGHT, OS_COMPACT_ASYNC };

/* What a zone remembers from one run to the next. */
struct os_zone_compact {
  uint32_t migrate[2], free; /* where the scanners go on: of async and sync runs; of both */
  uint32_t init_migrate;     /* where they began after the last reset */
  uint32_t considered;       /* requests turned away since it failed, of 1 << shift */
  unsigned shift, order_failed;
  bool flush; /* all was gone through: forget the blocks to skip when kswapd sleeps */
};

/* kcompactd of a node; its thread starts when it is first wanted. */
struct os_kcompactd {
  struct os_waitq q;
  unsigned order, highest; /* order 0: nothing to do */
  bool started, asleep;
};

/* compaction_suitable, against the mark of that kind: SKIPPED, CONTINUE or SUCCESS. */
enum os_compacted os_compact_suitable(const struct os *os, const struct os_zone *z, unsigned order,
                                      enum os_mark mark, unsigned highest, unsigned rights);
/* Could compaction work if reclaim made all room that it can (compaction_zonelist_suitable)? */
bool os_compact_after_reclaim(const struct os *os, const struct os_request *r);
/* try_to_compact_pages: the zones of a request, the calling CPU's node first. [yields] */
enum os_compacted os_compact_for(struct os *os, const struct os_request *r,
                                 enum os_compact_prio prio);
/* A block came out of it after all. */
void os_compact_worked(struct os *os, const struct os_zone *z, unsigned order);

/* shrink_zones: every zone of the node that the request may use has enough free for compaction. */
bool os_compact_ready(const struct os_node *n, const struct os_scan *sc);
/* should_continue_reclaim: reclaimed in this round, and not enough yet. */
bool os_compact_wants_more(const struct os_node *n, const struct os_scan *sc, uint64_t reclaimed);

void os_wake_kcompactd(struct os_node *n, unsigned order, unsigned highest);
/* kswapd goes to sleep: blocks that were skipped may be worth a look (reset_isolation_suitable). */
void os_compact_reset(struct os_node *n);

/* ---- moving one page ---- */
enum os_moved { OS_MOVED, OS_MOVE_AGAIN, OS_MOVE_FAILED };
/* `from` was isolated from its policy with a reference; `to` is a frame that nobody uses. sync: may
 * wait for the frame's lock. MOVED: `to` has taken its place everywhere, on the policy's lists too;
 * `from` belongs to the caller, empty. Else nothing has changed. [yields] */
enum os_moved os_move_page(struct os *os, uint32_t from, uint32_t to, bool sync);

#endif
