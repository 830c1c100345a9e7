// SPDX-License-Identifier: Apache-2.0
// Two rules of the page allocator's slow path, seen from outside.
// Follows Linux 6.1 mm/page_alloc.c: below low every allocation wakes a sleeping kswapd (unless it
// is hopeless: it gave up after 16 fruitless rounds); below min it reclaims first.
// Promises: no verdict on what happened between two samples beyond what counters prove: if memory
// was freed meanwhile, free memory may have been above a mark when the allocation was made.
#include "observer/watermark.h"

#include <stddef.h>

static bool kswapd_ignored(const struct watermark_state *w, const struct watermark_sample *s) {
  const struct watermark_sample *l = &w->last;
  return l->below_low && s->below_low && l->asleep && s->asleep && s->wakeups == l->wakeups &&
         s->kswapd_reclaimed == l->kswapd_reclaimed && !l->gave_up && !s->gave_up &&
         l->slow == 0; /* who was half-way has woken it, or tried to, and may have waited since */
}

static bool min_ignored(const struct watermark_state *w, const struct watermark_sample *s) {
  return w->last.below_min && s->below_min && s->direct_stalls == w->last.direct_stalls;
}

const char *watermark_check(struct watermark_state *w, const struct watermark_sample *s,
                            bool *checked) {
  const char *story = NULL;
  bool allocated = w->started && s->allocations != w->last.allocations && s->given == w->last.given;
  *checked = allocated && w->last.below_low && s->below_low;
  if (allocated && kswapd_ignored(w, s))
    story = "memory was allocated below low while kswapd slept, and nobody woke it";
  else if (allocated && min_ignored(w, s))
    story = "memory was allocated below min without direct reclaim";
  w->last = *s;
  w->started = true;
  return story;
}
