/* SPDX-License-Identifier: Apache-2.0
 * The counters of a run in the layout of `perf stat`: those of the MMU by the names of its register
 * file (docs/registers.md), beside the software events that perf has. */
#ifndef COWALK_OBSERVER_PERF_STAT_H
#define COWALK_OBSERVER_PERF_STAT_H

#include <stdint.h>
#include <stdio.h>

struct outcome;

/* hz: cycles a second. Times are simulated. */
void perf_stat_print(FILE *out, const char *name, const struct outcome *o, uint64_t hz);

#endif
