/* SPDX-License-Identifier: Apache-2.0
 * Counting what came out of a race, so that no legal outcome goes unseen. */
#ifndef COWALK_TESTS_SMP_OUTCOMES_H
#define COWALK_TESTS_SMP_OUTCOMES_H

#include "tests/unit/smp_world.h"

/* Outcomes of a test: each must be seen at least once on each architecture and backend. */
enum { OUTCOMES = 4 };
static struct {
  const char *name;
  unsigned long count;
} outcome[OUTCOMES];
static unsigned long interleavings;

static inline void outcomes(const char *a, const char *b, const char *c, const char *d) {
  const char *names[OUTCOMES] = {a, b, c, d};
  for (int i = 0; i < OUTCOMES; i++) {
    outcome[i].name = names[i];
    outcome[i].count = 0;
  }
  interleavings = 0;
}

static inline void seen(int which) {
  outcome[which].count++;
}

/* Every outcome must come up anew in each world: called at the end of a sweep in it. */
static inline void all_seen(const struct smp *w, const unsigned long before[OUTCOMES]) {
  for (int i = 0; i < OUTCOMES && outcome[i].name != NULL; i++)
    smp_check(w, outcome[i].count > before[i], "never seen: %s", outcome[i].name);
}

static inline void snapshot(unsigned long before[OUTCOMES]) {
  for (int i = 0; i < OUTCOMES; i++)
    before[i] = outcome[i].count;
}

static inline void print_outcomes(const char *test) {
  print_message("%s: %lu interleavings:", test, interleavings);
  for (int i = 0; i < OUTCOMES && outcome[i].name != NULL; i++)
    print_message("%s %lu %s", i != 0 ? "," : "", outcome[i].count, outcome[i].name);
  print_message("\n");
}

#endif
