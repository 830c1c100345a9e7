/* SPDX-License-Identifier: Apache-2.0
 * Red flags of a run, as an operator would look for them (docs/claims.md, D1 to D4): a figure, the
 * threshold, and what to do about it. */
#ifndef COWALK_OBSERVER_DIAGNOSIS_H
#define COWALK_OBSERVER_DIAGNOSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct outcome;

enum { FINDINGS = 7 };

struct finding {
  const char *name; /* key in result.json */
  const char *what; /* the figure in words */
  double figure, threshold;
  const char *unit;
  bool known; /* the run tells it */
  bool flag;  /* red */
  const char *advice, *source;
};

/* managed: pages that the zones give out; hz: cycles a second. */
void diagnose(const struct outcome *o, uint64_t hz, struct finding out[FINDINGS]);
/* One line a red flag; one line if there is none. */
void diagnosis_print(FILE *out, const char *arch, const struct finding f[FINDINGS]);

#endif
