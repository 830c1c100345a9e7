/* SPDX-License-Identifier: Apache-2.0
 * A set of times below a limit, as a bitmap with bitmaps over its words: insert, erase and maximum
 * in one step a level, six bits of time a level. Private to csim/policy. */
#ifndef COWALK_POLICY_TIMESET_H
#define COWALK_POLICY_TIMESET_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

enum { TIMESET_LEVELS = 6 };

struct timeset {
  uint64_t *level[TIMESET_LEVELS]; /* the last one in use is a single word */
  unsigned levels;
};

static inline void timeset_free(struct timeset *s) {
  for (unsigned i = 0; i < TIMESET_LEVELS; i++)
    free(s->level[i]);
}

/* Empty. False if out of memory; free it in any case. */
static inline bool timeset_init(struct timeset *s, uint64_t limit) {
  *s = (struct timeset){0};
  do {
    limit = limit / 64 + 1;
    s->level[s->levels] = calloc(limit, sizeof *s->level[0]);
    if (s->level[s->levels++] == NULL) return false;
  } while (limit > 1);
  return true;
}

static inline void timeset_insert(struct timeset *s, uint64_t t) {
  for (unsigned i = 0; i < s->levels; i++, t >>= 6) {
    const uint64_t before = s->level[i][t >> 6];
    s->level[i][t >> 6] = before | UINT64_C(1) << (t & 63);
    if (before != 0) return;
  }
}

static inline void timeset_erase(struct timeset *s, uint64_t t) {
  for (unsigned i = 0; i < s->levels; i++, t >>= 6) {
    s->level[i][t >> 6] &= ~(UINT64_C(1) << (t & 63));
    if (s->level[i][t >> 6] != 0) return;
  }
}

/* The latest time of a set that is not empty. */
static inline uint64_t timeset_max(const struct timeset *s) {
  uint64_t t = 0;
  for (unsigned i = s->levels; i-- > 0;)
    t = t << 6 | (uint64_t)(63 - __builtin_clzll(s->level[i][t]));
  return t;
}

#endif
