/* SPDX-License-Identifier: Apache-2.0
 * Every number of a run that has a name: one table for the summary, result.json and the minimums
 * that a scenario may expect. */
#ifndef COWALK_OBSERVER_METRIC_H
#define COWALK_OBSERVER_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct machine_results;

enum metric_group { METRIC_PROGRAM, METRIC_MMU, METRIC_SHOOTDOWN, METRIC_OS, METRIC_DISK };

struct metric {
  const char *name;  /* key in result.json and in [expect] */
  const char *label; /* for people; NULL: not in the summary */
  enum metric_group group;
};

size_t metric_count(void);
const struct metric *metric_at(size_t index);
/* Index by name; metric_count() if there is none. */
size_t metric_find(const char *name);
uint64_t metric_value(const struct machine_results *r, size_t index);

#endif
