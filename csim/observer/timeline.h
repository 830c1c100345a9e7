/* SPDX-License-Identifier: Apache-2.0
 * A run over time: free memory, marks and what reclaim did, in at most TIMELINE_POINTS intervals
 * (when a run outgrows them, they are merged in pairs); peaks and sums for the diagnosis; and
 * vmstat's lines as they come. */
#ifndef COWALK_OBSERVER_TIMELINE_H
#define COWALK_OBSERVER_TIMELINE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct machine_sample;
struct timeline;

enum { TIMELINE_POINTS = 512 };

/* An interval, and the state at its end. Pages. */
struct timeline_point {
  uint64_t cycle; /* its end */
  uint64_t free, least_free, min, low, high;
  uint64_t kswapd, direct; /* pages reclaimed in it */
  uint64_t stalls;         /* direct reclaims begun */
  uint64_t scanned;        /* by kswapd */
  uint32_t kills;          /* by the OOM killer */
};

/* For the diagnosis. Pages unless said. Plain data. */
struct timeline_peaks {
  uint64_t managed;
  uint64_t table_pages, table_cycle; /* most, and when */
  uint64_t dirty, dirty_cycle;
  uint64_t lines, swapping; /* vmstat's intervals; those with both si and so */
  uint64_t anon, anon_huge; /* when a task ended with most anon pages, as meminfo says */
  uint64_t anon_known;      /* whether meminfo knows AnonHugePages */
};

/* interval: of vmstat's lines, in cycles, at least 1; hz: cycles a second; log: borrowed, gets the
 * lines, may be NULL. NULL: out of host memory. */
struct timeline *timeline_create(uint64_t interval, uint64_t hz, FILE *log);
void timeline_destroy(struct timeline *t);
/* A sample: for struct machine_config. The next cycle it wants. */
uint64_t timeline_sample(void *timeline, const struct machine_sample *s);
/* The run is over: the last interval of vmstat ends where the last sample was. */
void timeline_end(struct timeline *t);

size_t timeline_count(const struct timeline *t);
const struct timeline_point *timeline_at(const struct timeline *t, size_t index);
struct timeline_peaks *timeline_peaks(struct timeline *t);
void timeline_draw(const struct timeline *t, const char *title, FILE *out);

#endif
