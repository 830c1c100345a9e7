/* SPDX-License-Identifier: Apache-2.0
 * What `cowalk bench` measures, apart from how it is shown. */
#ifndef COWALK_BENCH_BENCH_H
#define COWALK_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>

#include "bench/figures.h"
#include "bench/stream.h"

enum { BENCH_BACKENDS = 3, BENCH_MAX_STREAMS = 8 };
enum bench_backend { BENCH_RTL, BENCH_MODEL, BENCH_LOCKSTEP };

enum bench_stream_kind { BENCH_L1_HITS, BENCH_L2_HITS, BENCH_THRASHING, BENCH_TRACES };

struct bench_stream {
  char name[32];
  struct stream_result result[BENCH_BACKENDS];
};

struct bench_arch {
  enum mmu_arch arch;
  size_t streams; /* enum bench_stream_kind, then one a trace */
  struct bench_stream stream[BENCH_MAX_STREAMS];
  double fst_outside; /* rtl speed with a wave window elsewhere / without one */
  double idle_cost;   /* host time an access with 10^9 idle cycles between / with 8 */
  struct figures figures;
};

struct bench_options {
  double seconds;            /* host time a measurement, about */
  const char *const *traces; /* paths; NULL-terminated */
};

extern const char *const bench_backend_name[BENCH_BACKENDS];

/* false with one line in err. Progress goes to stderr if it is a terminal. */
bool bench_measure(enum mmu_arch arch, const struct bench_options *opt, struct bench_arch *out,
                   char *err, size_t err_len);

/* Show: the table for people, or one JSON object; returns how many targets were missed. */
int bench_report(const struct bench_arch *results, size_t count, bool json);

#endif
