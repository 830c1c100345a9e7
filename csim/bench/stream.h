/* SPDX-License-Identifier: Apache-2.0
 * Streams of translations through a backend, timed on the host. */
#ifndef COWALK_BENCH_STREAM_H
#define COWALK_BENCH_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/backend.h"

/* Requests to issue in order, again from the start when they are used up; borrowed. */
struct stream {
  const struct mmu_request *requests; /* .ctx set; .tag is chosen by the run */
  size_t count;
  unsigned window;   /* outstanding at most, up to 64 */
  uint64_t idle_gap; /* cycles without a request after each answer; 0: as fast as possible */
};

struct stream_result {
  uint64_t translations, faults;
  double seconds; /* CPU time of this process */
  uint64_t cycles;
  struct mmu_backend_stats stats; /* of this run only */
};

/* Run at least `translations`; false if the backend failed (see its error). */
bool stream_run(struct mmu_backend *b, const struct stream *s, uint64_t translations,
                struct stream_result *out);
/* CPU seconds of this process so far: a loaded machine does not disturb it. */
double host_seconds(void);

#endif
