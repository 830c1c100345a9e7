// SPDX-License-Identifier: Apache-2.0
// Progress on standard error. Host time is only shown, it changes no result.
#include "replay/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

double progress_now(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct progress progress_start(void) {
  return (struct progress){.next = progress_now() + 2, .terminal = isatty(STDERR_FILENO) == 1};
}

void progress_say(struct progress *p, const char *format, ...) {
  const double now = progress_now();
  if (now < p->next) return;
  p->next = now + (p->terminal ? 0.5 : 10);
  va_list args;
  va_start(args, format);
  if (p->terminal) fputs("\r\033[K", stderr);
  (void)vfprintf(stderr, format, args);
  va_end(args);
  if (!p->terminal) fputc('\n', stderr);
  p->spoke = true;
}

void progress_end(struct progress *p) {
  if (p->spoke && p->terminal) fputs("\r\033[K", stderr);
}
