/* SPDX-License-Identifier: Apache-2.0
 * The contract of the watermarks, from samples taken when tasks leave the kernel: an allocation
 * below low wakes kswapd, an allocation below min reclaims first. Plain data. */
#ifndef COWALK_OBSERVER_WATERMARK_H
#define COWALK_OBSERVER_WATERMARK_H

#include <stdbool.h>
#include <stdint.h>

struct watermark_sample {
  bool below_low, below_min; /* every zone, with what is kept from every request */
  bool asleep;               /* kswapd, in its own sleep (not waiting for I/O) */
  bool gave_up;              /* kswapd, after 16 rounds in a row that freed nothing */
  uint64_t allocations, wakeups, kswapd_reclaimed, direct_stalls;
  uint64_t given; /* blocks that became free: if equal, no mark was passed upwards meanwhile */
  uint64_t slow;  /* requests that have not been served at once and are under way */
};

struct watermark_state {
  struct watermark_sample last;
  bool started;
};

/* NULL, or what rule this sample breaks. *checked: whether a rule applied at all. */
const char *watermark_check(struct watermark_state *w, const struct watermark_sample *s,
                            bool *checked);

#endif
