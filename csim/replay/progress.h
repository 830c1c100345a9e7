/* SPDX-License-Identifier: Apache-2.0
 * A sign of life on standard error for what takes more than two seconds: one line that is written
 * over on a terminal, a line every ten seconds elsewhere. */
#ifndef COWALK_REPLAY_PROGRESS_H
#define COWALK_REPLAY_PROGRESS_H

#include <stdbool.h>

struct progress {
  double next; /* when to speak, on the monotonic clock */
  bool terminal, spoke;
};

struct progress progress_start(void);
void progress_say(struct progress *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Leaves a terminal's line clean. */
void progress_end(struct progress *p);
/* Seconds on the monotonic clock. */
double progress_now(void);

#endif
