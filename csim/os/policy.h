/* SPDX-License-Identifier: Apache-2.0
 * Page replacement: which pages to give up. A policy learns of pages that enter and leave, of
 * system calls that used one, and may read and clear A bits through the reverse map. */
#ifndef COWALK_OS_POLICY_H
#define COWALK_OS_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct os;
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
  struct os_policy *(*create)(struct os *os);
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
};

extern const struct os_policy_ops os_policy_clock;
/* NULL: default. NULL with one line in err if there is no such policy. */
const struct os_policy_ops *os_policy_find(const char *name, char *err, size_t err_len);

/* Whether a page is asked for. */
bool os_policy_wants(struct os *os, const struct os_victims *v, uint32_t pfn);
/* What the kernel calls; they keep OS_F_LISTED. */
void os_policy_add(struct os *os, uint32_t pfn, bool back);
void os_policy_remove(struct os *os, uint32_t pfn);

#endif
