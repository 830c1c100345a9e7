/* SPDX-License-Identifier: Apache-2.0
 * Where a run's counts hang on the clock: there the hardware and its C model, which differ by
 * cycles, need not count the same (docs/result-json.md, "The same on the hardware"). */
#ifndef COWALK_OBSERVER_TIMING_ENTERS_H
#define COWALK_OBSERVER_TIMING_ENTERS_H

#include "observer/result.h"

enum { TIMING_REASONS = 5 };

struct timing_reason {
  const char *name, *what; /* in result.json; for people */
};

/* Writes the reasons and returns how many; 0: counts are the same on either. */
size_t timing_enters(const struct scenario *s, const struct outcome *o,
                     struct timing_reason out[TIMING_REASONS]);

#endif
