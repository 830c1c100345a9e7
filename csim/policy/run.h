/* SPDX-License-Identifier: Apache-2.0
 * Replay: a string of accesses, page by page, through a policy, with misses counted. Each policy's
 * file instantiates the loop once with its own functions, so that they are inlined. */
#ifndef COWALK_POLICY_RUN_H
#define COWALK_POLICY_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/policy.h"

/* The host of a replay. Pages are numbered densely. The caller owns the arrays; before the first
 * run frame_of is all POLICY_NONE and the counts are 0. A run may be continued by another. */
struct policy_run {
  const uint32_t *access; /* page << 1 | is a write */
  uint64_t from, to;      /* the accesses to make: from, up to but not including to */
  uint32_t *frame_of;     /* page -> frame << 1 | dirty; POLICY_NONE: not in memory */
  uint32_t *page_of;      /* frame -> page */
  uint32_t frames;        /* memory */
  uint32_t filled;        /* frames in use */
  uint64_t misses, evictions, writebacks;
  uint64_t looked;              /* pages that were looked at to find the victims */
  struct policy_future *future; /* NULL, or its `now` is kept current */
  uint32_t last;                /* the frame of the latest access */
  uint32_t gone;                /* the page that the latest eviction removed */
};

/* For struct policy_host: ctx is the policy_run. */
static inline bool policy_run_dirty(void *ctx, uint32_t frame) {
  const struct policy_run *r = ctx;
  return (r->frame_of[r->page_of[frame]] & 1) != 0;
}

enum { POLICY_RUN_AHEAD = 24 };

static inline __attribute__((always_inline)) uint32_t policy_run_frame(
    struct policy *p, struct policy_run *r, uint64_t incoming,
    uint32_t (*victim)(struct policy *, uint64_t, uint64_t *)) {
  if (r->filled < r->frames) return r->filled++;
  uint64_t budget = UINT64_MAX;
  const uint32_t frame = victim(p, incoming, &budget);
  const uint32_t page = r->page_of[frame];
  r->looked += UINT64_MAX - budget;
  r->evictions++;
  r->writebacks += r->frame_of[page] & 1;
  r->frame_of[page] = POLICY_NONE;
  r->gone = page;
  return frame;
}

/* The loop. near, if not NULL, asks the processor to have the policy's own data on a frame ready.
 */
static inline __attribute__((always_inline)) void policy_run_loop(
    struct policy *p, struct policy_run *r, void (*enter)(struct policy *, uint32_t, uint64_t),
    void (*used)(struct policy *, uint32_t),
    uint32_t (*victim)(struct policy *, uint64_t, uint64_t *),
    void (*near)(const struct policy *, uint32_t), bool future) {
  const uint32_t *const access = r->access;
  uint32_t *const frame_of = r->frame_of;
  const uint64_t to = r->to;
  for (uint64_t i = r->from; i < to; i++) {
    if (i + POLICY_RUN_AHEAD < to) {
      __builtin_prefetch(&frame_of[access[i + POLICY_RUN_AHEAD] >> 1], 1);
      if (near != NULL) {
        const uint32_t soon = frame_of[access[i + POLICY_RUN_AHEAD / 2] >> 1];
        if (soon != POLICY_NONE) near(p, soon >> 1);
      }
    }
    if (future) r->future->now = (uint32_t)i;
    const uint32_t page = access[i] >> 1;
    const uint32_t write = access[i] & 1;
    uint32_t at = frame_of[page];
    if (at != POLICY_NONE) {
      used(p, at >> 1);
    } else {
      r->misses++;
      const uint32_t frame = policy_run_frame(p, r, page, victim);
      r->page_of[frame] = page;
      at = frame << 1;
      enter(p, frame, page);
    }
    frame_of[page] = at | write;
    r->last = at >> 1;
  }
}

#endif
