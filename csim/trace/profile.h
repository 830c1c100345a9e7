/* SPDX-License-Identifier: Apache-2.0
 * How a trace uses its pages over time: reads a trace to its end and counts. */
#ifndef COWALK_TRACE_PROFILE_H
#define COWALK_TRACE_PROFILE_H

#include <stdint.h>

#include "trace/trace.h"

enum { TRACE_PARTS = 10, TRACE_SIZES = 6 };

struct trace_profile {
  /* the trace in ten parts of equally many events */
  uint64_t touched[TRACE_PARTS]; /* distinct pages of each part */
  uint64_t fresh[TRACE_PARTS];   /* of these, never touched before */
  /* pages fetched again if memory held this many pages under exact LRU (first touches excluded) */
  uint64_t size[TRACE_SIZES]; /* 1/16, 1/8, 1/4, 3/8, 1/2, 3/4 of the footprint */
  uint64_t again[TRACE_SIZES];
  uint64_t written_pages, code_pages, file_pages; /* distinct pages written, fetched, of files */
  uint64_t map_bytes;
  uint64_t highest; /* highest page address touched */
};

/* 0, -1 out of memory, -2 the trace is bad (trace_error says why). */
int trace_profile(struct trace_reader *r, struct trace_profile *p);

#endif
