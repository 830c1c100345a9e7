/* SPDX-License-Identifier: Apache-2.0
 * How fast large machines run in model mode, what they take of the host's memory, and what a
 * reclaimed page costs on machines of several sizes. Each machine runs in a process of its own. */
#ifndef COWALK_BENCH_SCALE_H
#define COWALK_BENCH_SCALE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scale_load {
  const char *policy;
  uint64_t gib;      /* of the machine */
  uint64_t percent;  /* of its frames that the program touches, once each, in order, by stores */
  uint64_t accesses; /* loads and stores after that, a fetch before each */
  uint64_t pages;    /* that these go to; 0: all that were touched */
};

/* Plain data; crosses a pipe. Seconds are CPU time of the process. */
struct scale_result {
  uint64_t frames, touched, accesses, reclaimed;
  double touch_s;          /* before the first page was reclaimed */
  double access_s;         /* of `accesses`, fetches included */
  double reclaim_s;        /* from the first page reclaimed to the last touch */
  uint64_t reclaim_cycles; /* simulated: kswapd, direct reclaim, writeback, shootdowns */
  uint64_t table_bytes;    /* page tables, at most */
  uint64_t peak_bytes;     /* resident memory at most, less what the process began with */
  char error[256];
};

/* false with one line in err. */
bool scale_measure(const struct scale_load *load, struct scale_result *out, char *err,
                   size_t err_len);

#endif
