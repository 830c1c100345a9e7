/* SPDX-License-Identifier: Apache-2.0
 * SplitMix64 (Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators, 2014): repeatable
 * random numbers from a state of 64 bits, any. */
#ifndef COWALK_RANDOM_SPLITMIX64_H
#define COWALK_RANDOM_SPLITMIX64_H

#include <stdint.h>

#define SPLITMIX64_STEP UINT64_C(0x9e3779b97f4a7c15)

/* What a state stands for. */
static inline uint64_t splitmix64_of(uint64_t state) {
  uint64_t z = state;
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

static inline uint64_t splitmix64(uint64_t *state) {
  return splitmix64_of(*state += SPLITMIX64_STEP);
}

/* 0 .. n-1, from the upper half of a number. */
static inline uint32_t splitmix64_below(uint64_t *state, uint32_t n) {
  return (uint32_t)((splitmix64(state) >> 32) * n >> 32);
}

#endif
