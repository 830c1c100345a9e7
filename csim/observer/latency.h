/* SPDX-License-Identifier: Apache-2.0
 * How long things took, as counts by duration: exact below 64 cycles, then 64 steps to each power
 * of two, so a percentile is at most 1.6 % above the truth. Plain data; all zero is empty. */
#ifndef COWALK_OBSERVER_LATENCY_H
#define COWALK_OBSERVER_LATENCY_H

#include <stdint.h>

enum { LATENCY_STEPS = 64, LATENCY_BINS = 59 * LATENCY_STEPS };

struct latency {
  uint64_t count, sum, max;
  uint64_t bin[LATENCY_BINS];
};

void latency_add(struct latency *l, uint64_t cycles);
/* The least duration of the bins' upper ends that `percent` of all do not exceed; 0: none yet. */
uint64_t latency_percentile(const struct latency *l, unsigned percent);

#endif
