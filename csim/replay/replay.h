/* SPDX-License-Identifier: Apache-2.0
 * Runs policies over a page trace at several sizes of memory, and shows what came out. */
#ifndef COWALK_REPLAY_REPLAY_H
#define COWALK_REPLAY_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "policy/policy.h"
#include "replay/trace.h"

struct replay_result {
  uint64_t misses, evictions;
  uint64_t writebacks; /* victims that had been written since they came in */
  uint64_t looked;     /* pages looked at to find the victims */
  double seconds;      /* host time of the loop alone */
};

/* What was run: policies x sizes. */
struct replay {
  const char *source;
  const struct replay_trace *trace; /* borrowed */
  const struct policy_spec *policy; /* borrowed */
  const uint32_t *frames;           /* borrowed; ascending */
  size_t policies, sizes;
  struct replay_result *result; /* [policy * sizes + size]; owned */
  char error[200];              /* why replay_all failed */
};

/* The index of the next access to the same page, for each access (POLICY_NONE: none); the caller
 * frees it. NULL: out of memory. */
uint32_t *replay_next_use(const struct replay_trace *t);
/* One run. next_use: needed by a policy with needs_future only. False: out of memory. */
bool replay_one(const struct replay_trace *t, const struct policy_spec *s, uint32_t frames,
                const uint32_t *next_use, struct replay_result *out);
/* All runs; result is allocated. Progress on standard error. False with one line in r->error. */
bool replay_all(struct replay *r);
/* One run with each access and the lists after it on a line. False: out of memory. */
bool replay_steps(const struct replay_trace *t, const struct policy_spec *s, uint32_t frames,
                  FILE *out);

/* Sizes: N, FIRST:LAST:STEP or FIRST:LAST:xFACTOR, separated by commas, in any order. Ascending
 * and each once; the caller frees it. NULL with one line in err. */
uint32_t *replay_parse_frames(const char *text, size_t *count, char *err, size_t err_len);

void replay_print_table(const struct replay *r, bool times, FILE *out);
void replay_print_csv(const struct replay *r, FILE *out);
/* False: out of memory. */
bool replay_print_json(const struct replay *r, bool times, FILE *out);
/* The miss ratio over memory size as an SVG picture. 0, or -1 with one line in err. */
int replay_plot(const struct replay *r, const char *path, char *err, size_t err_len);

#endif
