/* SPDX-License-Identifier: Apache-2.0
 * Repeatable random numbers for the fuzzer. */
#ifndef COWALK_FUZZ_RANDOM_H
#define COWALK_FUZZ_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

#include "random/splitmix64.h"

struct fuzz_random {
  uint64_t state;
};

static inline uint64_t fuzz_bits(struct fuzz_random *r) {
  return splitmix64(&r->state);
}

/* 0 .. n-1 */
static inline uint32_t fuzz_below(struct fuzz_random *r, uint32_t n) {
  return splitmix64_below(&r->state, n);
}

/* True in `percent` of 100 cases. */
static inline bool fuzz_chance(struct fuzz_random *r, uint32_t percent) {
  return fuzz_below(r, 100) < percent;
}

#endif
