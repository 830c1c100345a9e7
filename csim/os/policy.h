/* SPDX-License-Identifier: Apache-2.0
 * Page replacement: which pages to give up. A policy learns of pages that enter and leave, of
 * system calls that used one, and may read and clear A bits through the reverse map. */
#ifndef COWALK_OS_POLICY_H
#define COWALK_OS_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct os;
struct os_scan;
struct os_stats;
struct os_policy; /* the policy's own */

enum { OS_BATCH = 32 }; /* Linux: SWAP_CLUSTER_MAX */

struct os_victims {
  unsigned highest; /* asked for: pages of zones up to here, */
  bool file_only;   /* and no anon pages */
  size_t count;
  uint64_t scanned;       /* pages looked at */
  uint32_t pfn[OS_BATCH]; /* taken off the policy's lists, a reference each */
};

struct os_policy_ops {
  const char *name;
  /* One for each node, for the pages of that node. NULL: out of host memory. */
  struct os_policy *(*create)(struct os *os, unsigned node);
  void (*destroy)(struct os_policy *p);
  /* [not yielding] A page becomes evictable; back: it was a victim that could not be evicted. */
  void (*add)(struct os_policy *p, uint32_t pfn, bool back);
  void (*remove)(struct os_policy *p, uint32_t pfn);
  /* A write-out ended: the page can be had without further ado. */
  void (*soon)(struct os_policy *p, uint32_t pfn);
  /* Look at no more than scan_max pages and pick no more than OS_BATCH; pages that are not asked
   * for may be passed over beyond that, their A bits untouched. [yields] */
  void (*isolate)(struct os_policy *p, uint64_t scan_max, struct os_victims *out);
  uint64_t (*size)(const struct os_policy *p); /* pages on its lists */
  /* 0, or -1 with one line in err. */
  int (*check)(const struct os_policy *p, char *err, size_t err_len);

  /* What follows may be NULL. */
  /* In place of add for a page that was read from the disk. shadow: what evicted gave when it left,
   * or NULL; the policy counts the refault. [not yielding] */
  void (*enter)(struct os_policy *p, uint32_t pfn, const uint64_t *shadow);
  /* A page leaves its cache and may come back: up to 63 bits to keep in its place. */
  uint64_t (*evicted)(struct os_policy *p, uint32_t pfn);
  /* A system call used the page, or a young mapping of a file page was taken down (NULL: the
   * page is marked OS_F_REFERENCED, and mappings are not told of). Listed or not. */
  void (*used)(struct os_policy *p, uint32_t pfn);
  /* In place of soon: any write-out ended, listed or not. */
  void (*written)(struct os_policy *p, uint32_t pfn);
  /* In place of add for each frame but the first of a huge page that was split, listed or taken by
   * a reclaimer of this policy: then a reference to each is the reclaimer's. */
  void (*split)(struct os_policy *p, uint32_t pfn);
  /* Take a listed page off, with a reference, to move it; give it back; or its new frame takes its
   * place, the old one is forgotten. Without them: remove and add. */
  void (*hold)(struct os_policy *p, uint32_t pfn);
  void (*unhold)(struct os_policy *p, uint32_t pfn);
  void (*moved)(struct os_policy *p, uint32_t from, uint32_t to);
  /* In place of isolate: all of os_shrink_node. [yields] */
  void (*shrink)(struct os_policy *p, struct os_scan *sc);
  /* kswapd, before each priority; a run of kswapd or of direct reclaim is over. [age yields] */
  void (*age)(struct os_policy *p, struct os_scan *sc);
  void (*end_run)(struct os_policy *p);
  /* Pages of size that are active, of a zone. */
  uint64_t (*active_in)(const struct os_policy *p, bool file, unsigned zone);
  void (*stats)(const struct os_policy *p, struct os_stats *sum); /* adds what it counted */
};

extern const struct os_policy_ops os_policy_clock, os_policy_twolist, os_policy_mglru,
    os_policy_fifo, os_policy_clock2, os_policy_lru, os_policy_arc, os_policy_2q;
/* NULL: default. NULL with one line in err if there is no such policy. */
const struct os_policy_ops *os_policy_find(const char *name, char *err, size_t err_len);

/* Whether a page is asked for. */
bool os_policy_wants(struct os *os, const struct os_victims *v, uint32_t pfn);
/* What the kernel calls; they keep OS_F_LISTED. */
void os_policy_add(struct os *os, uint32_t pfn, bool back);
/* For a page that was just put into its cache; shadow: of os_policy_shadow, or NULL. */
void os_policy_enter(struct os *os, uint32_t pfn, const uint64_t *shadow);
void os_policy_remove(struct os *os, uint32_t pfn);
/* The policy looked at a page that it counts as scanned (in isolate). */
void os_policy_scanned(struct os *os, uint32_t pfn);
/* The policy itself put a page on its lists. */
void os_policy_listed(struct os *os, uint32_t pfn);
/* The policy itself took a listed page off its lists. */
void os_policy_taken(struct os *os, uint32_t pfn);
/* A page that compaction wants to move (isolate_migratepages_block): off the lists, a reference
 * taken. Then one of the other two, which give the reference back. */
void os_policy_hold(struct os *os, uint32_t pfn);
void os_policy_unhold(struct os *os, uint32_t pfn);
void os_policy_moved(struct os *os, uint32_t from, uint32_t to);
/* The same, for a reclaimer that holds a reference: nobody else puts the page on a list (by
 * munlock) until os_policy_may_return, which tells whether it may go there, or is unevictable by
 * now. */
void os_policy_isolate(struct os *os, uint32_t pfn);
bool os_policy_may_return(struct os *os, uint32_t pfn);
/* A page leaves its cache by eviction: what to keep in its place, 63 bits. */
uint64_t os_policy_shadow(struct os *os, uint32_t pfn);
/* A system call used a page. A mapping of a file page went whose A bit was set. */
void os_policy_used(struct os *os, uint32_t pfn);
void os_policy_unmapped_young(struct os *os, uint32_t pfn);
/* A write-out ended; at_once: reclaim waits for the page. */
void os_policy_written(struct os *os, uint32_t pfn, bool at_once);

#endif
