/* SPDX-License-Identifier: Apache-2.0
 * The outcome of one architecture's run, and all outcomes as result.json. */
#ifndef COWALK_OBSERVER_RESULT_H
#define COWALK_OBSERVER_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine/machine.h"
#include "observer/coverage.h"
#include "observer/timeline.h"

struct scenario;

enum { OUTCOME_BINS = 1024, OUTCOME_ZONES = 4 };

struct outcome_zone {
  char name[16];
  uint64_t managed, free, min, low, high;
};

/* Plain data: it travels between processes. */
struct outcome {
  enum mmu_arch arch;
  bool ran;         /* to its end */
  char error[1024]; /* if not */
  char death[256];  /* of the first program killed; empty: none */
  uint32_t cpus, tasks, zones, bins;
  struct machine_results results;
  struct outcome_zone zone[OUTCOME_ZONES];
  struct {
    struct coverage_bin bin;
    uint64_t count;
  } bin[OUTCOME_BINS]; /* those that were reached */
  struct timeline_peaks peaks;
  double host_seconds; /* not in result.json, which is the same for the same scenario */
};

/* The text of result.json; the caller frees it. NULL: out of host memory. */
char *result_json(const struct scenario *s, const struct outcome *const *runs, size_t count);
/* Metrics outside what the scenario expects: writes one line each to `out` (may be NULL); returns
 * how many. */
size_t result_missed(const struct scenario *s, const struct outcome *run,
                     void (*line)(void *arg, const char *text), void *arg);
/* Ran, nobody killed, no contract broken, nothing missed. */
bool result_passed(const struct scenario *s, const struct outcome *run);

#endif
