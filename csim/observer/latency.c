// SPDX-License-Identifier: Apache-2.0
// Durations in bins whose width grows with them (as HdrHistogram does).
#include "observer/latency.h"

static unsigned top_bit(uint64_t v) {
  return 63U - (unsigned)__builtin_clzll(v);
}

/* Steps of 1 below 128, of 2 below 256, and so on. */
static unsigned bin_of(uint64_t cycles) {
  const unsigned first = 6; /* log2 of LATENCY_STEPS */
  if (cycles < LATENCY_STEPS) return (unsigned)cycles;
  const unsigned shift = top_bit(cycles) - first;
  return (shift + 1) * LATENCY_STEPS + (unsigned)((cycles >> shift) - LATENCY_STEPS);
}

static uint64_t last_of(unsigned bin) {
  if (bin < LATENCY_STEPS) return bin;
  const unsigned shift = bin / LATENCY_STEPS - 1;
  return ((bin % LATENCY_STEPS + LATENCY_STEPS + UINT64_C(1)) << shift) - 1;
}

void latency_add(struct latency *l, uint64_t cycles) {
  l->count++;
  l->sum += cycles;
  if (cycles > l->max) l->max = cycles;
  l->bin[bin_of(cycles)]++;
}

uint64_t latency_percentile(const struct latency *l, unsigned percent) {
  const uint64_t wanted = (l->count * percent + 99) / 100;
  uint64_t seen = 0;
  for (unsigned i = 0; i < LATENCY_BINS && l->count != 0; i++) {
    seen += l->bin[i];
    if (seen < wanted || seen == 0) continue;
    return last_of(i) < l->max ? last_of(i) : l->max;
  }
  return 0;
}
