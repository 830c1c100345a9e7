/* SPDX-License-Identifier: Apache-2.0
 * What each NUMA node has of its own: its kswapd, its replacement policy, counts by zone. For
 * csim/os only. */
#ifndef COWALK_OS_NODE_H
#define COWALK_OS_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "os/compact.h"
#include "os/huge.h"
#include "os/platform.h"
#include "os/zone.h"

struct os;
struct os_policy;

/* Frames of a zone by use. */
struct os_use {
  uint64_t anon, file, table;
  uint64_t shmem;       /* pages of shared anonymous memory in its files (NR_SHMEM) */
  uint64_t anon_mapped; /* anon pages with a mapping (NR_ANON_MAPPED) */
  uint64_t fixed;       /* the pool of huge pages; the kernel's own */
  uint64_t listed_huge; /* huge pages among those listed, which count as one there */
  uint64_t listed[2];   /* known to the replacement policy: anon, file */
  uint64_t mlocked;     /* unevictable */
  uint64_t mapped;      /* file and shmem pages with a mapping */
  uint64_t dirty;       /* file pages to be written */
  uint64_t writeback;   /* pages being written, to files and to swap (NR_WRITEBACK) */
};

struct os_node {
  struct os *os;
  unsigned id;
  struct os_policy *policy;
  struct os_use use[OS_ZONES];
  struct os_deferred deferred;
  struct os_zone_compact compact[OS_ZONES];
  struct os_kcompactd compactor;

  struct os_waitq kswapd;     /* kswapd sleeps here */
  struct os_waitq reserves;   /* tasks that may not dip into the reserves (pfmemalloc_wait) */
  struct os_waitq noprogress; /* reclaimers that found nothing */
  bool asleep, wanted;
  unsigned order, highest; /* what kswapd is asked for; highest OS_ZONES: nothing */
  uint32_t failures;       /* of kswapd in a row */
  uint32_t active;         /* zones kswapd works on, a bit each (ZONE_RECLAIM_ACTIVE) */
  uint32_t boosted;        /* zones boosted since kswapd was last told (ZONE_BOOSTED_WATERMARK) */
  bool dirty;              /* reclaim met nothing but dirty file pages (PGDAT_DIRTY) */
  struct os_waitq written; /* reclaimers wait for writes to end: how many, pages since the first */
  uint64_t throttled, throttle_written;
  bool all_writeback;       /* kswapd met nothing but pages under writeback (PGDAT_WRITEBACK) */
  bool congested;           /* ... dirty pages that come round again (LRUVEC_CONGESTED) */
  bool node_reclaim_locked; /* PGDAT_RECLAIM_LOCKED */
};

/* Sums over the zones of a node. */
struct os_use os_node_use(const struct os_node *n);
/* Pages on the policy's lists, a huge page as 512; policies without active lists have all on the
 * inactive ones. */
enum { OS_INACTIVE_ANON, OS_ACTIVE_ANON, OS_INACTIVE_FILE, OS_ACTIVE_FILE, OS_LISTS };
struct os_lists {
  uint64_t pages[OS_LISTS];
};
struct os_lists os_zone_lists(const struct os_node *n, unsigned zone);
struct os_lists os_node_lists(const struct os_node *n);
/* The node of the calling CPU. */
struct os_node *os_node_here(struct os *os);
struct os_zone *os_zone_of(struct os *os, uint32_t pfn); /* of an allocated frame */
struct os_node *os_node_of(struct os *os, uint32_t pfn);
struct os_use *os_use_of(struct os *os, uint32_t pfn);
/* zone_reclaimable_pages: file pages, and anon pages while there is swap; if none, what is free. */
uint64_t os_zone_reclaimable(const struct os *os, const struct os_zone *z);

#endif
