/* SPDX-License-Identifier: Apache-2.0
 * Inside memtiming: one set of a cache with true LRU, as tags, most recently used first. A set of
 * 16 ways may be narrow: 16 bits a tag, half a line of the host. Not for others.
 *   wide    tag + 1, so that 0 is an empty way
 *   narrow  the tags, and behind them zeroes, until all ways are taken
 * Whether the tag 0 was ever taken into a narrow set must be known elsewhere. Before, a zero is an
 * empty way; then it is the tag or repeats it, because no tag leaves a set with an empty way. */
#ifndef COWALK_TIMING_TAG_SET_H
#define COWALK_TIMING_TAG_SET_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { TAG_NARROW_WAYS = 16 };

/* A register of the host. */
typedef uint32_t tags_wide __attribute__((vector_size(16)));
typedef uint16_t tags_narrow __attribute__((vector_size(16)));

static inline bool tag_set_any(const void *vector) {
  uint64_t half[2];
  memcpy(half, vector, sizeof half);
  return (half[0] | half[1]) != 0;
}

/* ---- wide ---- */

/* Take it in as the most recently used, in place of the last; false, and nothing has happened, if
 * the set has it. */
static __attribute__((noinline)) bool tag_set_take_any(uint32_t *set, uint32_t wanted,
                                                       uint32_t ways) {
  for (uint32_t i = 0; i < ways; i++)
    if (set[i] == wanted) return false;
  memmove(set + 1, set, (ways - 1) * sizeof *set);
  set[0] = wanted;
  return true;
}

/* The same of 8 or 16 ways, all compared and moved in registers. */
static inline __attribute__((always_inline)) bool tag_set_take(uint32_t *set, uint32_t wanted,
                                                               const uint32_t ways) {
  tags_wide held[4], last;
  tags_wide equal = {0};
#pragma GCC unroll 4
  for (uint32_t i = 0; i < ways / 4; i++) {
    memcpy(&held[i], &set[4 * i], sizeof held[i]);
    equal |= (tags_wide)(held[i] == wanted);
  }
  if (tag_set_any(&equal)) return false;
  memcpy(&last, &set[ways - 5], sizeof last);
#pragma GCC unroll 4
  for (uint32_t i = 0; i < ways / 4 - 1; i++)
    memcpy(&set[4 * i + 1], &held[i], sizeof held[i]);
  memcpy(&set[ways - 4], &last, sizeof last);
  set[0] = wanted;
  return true;
}

static inline void tag_set_to_front(uint32_t *set, uint32_t there) {
  uint32_t carried = there;
  for (uint32_t i = 0;; i++) {
    uint32_t here = set[i];
    set[i] = carried;
    if (here == there) return;
    carried = here;
  }
}

/* Make it the most recently used; false if it was not there. wanted: the tag + 1 */
static inline __attribute__((always_inline)) bool tag_set_touch(uint32_t *set, uint32_t wanted,
                                                                uint32_t ways) {
  if (set[0] == wanted) return true;
  bool taken = ways == 16  ? tag_set_take(set, wanted, 16)
               : ways == 8 ? tag_set_take(set, wanted, 8)
                           : tag_set_take_any(set, wanted, ways);
  if (!taken) tag_set_to_front(set, wanted);
  return !taken;
}

/* ---- narrow ---- */

/* The first 0. */
static inline void tag_set_take_zero(uint16_t *set) {
  memmove(set + 1, set, (TAG_NARROW_WAYS - 1) * sizeof *set);
  set[0] = 0;
}

/* As tag_set_touch, but for the first 0. */
static inline __attribute__((always_inline)) bool tag_set_touch_narrow(uint16_t *set,
                                                                       uint16_t wanted) {
  tags_narrow first, second, last;
  if (set[0] == wanted) return true;
  memcpy(&first, set, sizeof first);
  memcpy(&second, set + 8, sizeof second);
  const tags_narrow equal = (tags_narrow)(first == wanted) | (tags_narrow)(second == wanted);
  if (!tag_set_any(&equal)) {
    memcpy(&last, set + 7, sizeof last);
    memcpy(set + 1, &first, sizeof first);
    memcpy(set + 8, &last, sizeof last);
    set[0] = wanted;
    return false;
  }
  uint16_t carried = wanted;
  for (uint32_t i = 0;; i++) {
    uint16_t here = set[i];
    set[i] = carried;
    if (here == wanted) return true;
    carried = here;
  }
}

/* The same set, wide. zero: 0 is a tag, and may be repeated here, too */
static inline void tag_set_widen(uint32_t *wide, const uint16_t *set, bool zero) {
  for (uint32_t i = 0; i < TAG_NARROW_WAYS; i++)
    wide[i] = set[i] != 0 || zero ? set[i] + 1U : 0;
}

#endif
