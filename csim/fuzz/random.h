/* SPDX-License-Identifier: Apache-2.0
 * Repeatable random numbers (splitmix64) for the fuzzer. */
#ifndef COWALK_FUZZ_RANDOM_H
#define COWALK_FUZZ_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct fuzz_random {
  uint64_t state;
};

static inline uint64_t fuzz_bits(struct fuzz_random *r) {
  uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* 0 .. n-1 */
static inline uint32_t fuzz_below(struct fuzz_random *r, uint32_t n) {
  return (uint32_t)((fuzz_bits(r) >> 32) * n >> 32);
}

/* True in `percent` of 100 cases. */
static inline bool fuzz_chance(struct fuzz_random *r, uint32_t percent) {
  return fuzz_below(r, 100) < percent;
}

#endif
