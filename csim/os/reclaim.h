/* SPDX-License-Identifier: Apache-2.0
 * Getting memory back: kswapd, and the allocating task itself (Linux 6.1 mm/vmscan.c). */
#ifndef COWALK_OS_RECLAIM_H
#define COWALK_OS_RECLAIM_H

#include <stdbool.h>
#include <stdint.h>

#include "os/platform.h"

struct os;

enum { OS_DEF_PRIORITY = 12, OS_MAX_RETRIES = 16, OS_JIFFY_US = 4000 };

struct os_reclaim {
  struct os_waitq kswapd;   /* kswapd sleeps here */
  struct os_waitq reserves; /* tasks that may not dip into the reserves */
  struct os_waitq io;       /* for a write-out to end */
  bool asleep, wanted;
  uint32_t failures;  /* of kswapd in a row */
  uint64_t writeback; /* pages on their way out */
  uint32_t ended;     /* write-outs that ended and that nobody has paid for */
  uint64_t age;       /* nonresident_age */
};

struct os_scan {
  uint64_t to_reclaim, scanned, reclaimed;
  int priority;
  bool kswapd;
};

/* One pass at sc->priority. [yields] */
void os_shrink_node(struct os *os, struct os_scan *sc);
/* Frees about 32 pages on behalf of the calling task; how many it freed. [yields] */
uint64_t os_direct_reclaim(struct os *os);
void os_wake_kswapd(struct os *os);
void os_kswapd(void *os); /* the thread */
/* A page comes back that was evicted. */
void os_refault(struct os *os, bool file);

#endif
