/* SPDX-License-Identifier: Apache-2.0
 * How fast large machines run in model mode, what they take of the host's memory, and what a
 * reclaimed page costs on machines of several sizes. Each machine runs in a process of its own. */
#ifndef COWALK_BENCH_SCALE_H
#define COWALK_BENCH_SCALE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* resident: one program stores to nearly every frame, then accesses all of it, then stays while
 * smaller ones run one after the other. Else a program stores to more pages than there are frames,
 * each once, in order. */
struct scale_load {
  const char *policy;
  uint64_t mib; /* of the machine */
  bool resident;
  bool unchecked; /* without machine_config.access_checks */
};

enum { SCALE_PROGRAMS = 4 };

/* A part of a run in which no page comes or goes. */
struct scale_speed {
  uint64_t pages;    /* that the accesses go to */
  uint64_t accesses; /* retired, fetches included */
  double seconds;    /* CPU time of the process, as all times here */
};

/* Plain data; crosses a pipe. */
struct scale_result {
  uint64_t frames, touched, reclaimed;
  double touch_s;                           /* until all is touched, or the first page reclaimed */
  struct scale_speed speed[SCALE_PROGRAMS]; /* resident only */
  double reclaim_s;                         /* from the first page reclaimed to the last touch */
  uint64_t reclaim_cycles;                  /* kswapd, direct reclaim, writeback, shootdowns */
  uint64_t table_bytes;                     /* page tables, at most */
  uint64_t peak_bytes;                      /* of host memory, less what the process began with */
  char error[256];
};

struct scale_job {
  struct scale_load load;
  int pipe, pid;
};

/* Begin one; false with one line in err. */
bool scale_start(struct scale_job *job, const struct scale_load *load, char *err, size_t err_len);
/* Wait for its end. */
bool scale_finish(struct scale_job *job, struct scale_result *out, char *err, size_t err_len);

/* All measurements up to this size; prints them beside their targets. false: one failed. */
bool scale_bench(uint64_t gib, bool json, char *err, size_t err_len);

#endif
