// SPDX-License-Identifier: Apache-2.0
// Coroutines for kernel contexts, over libpcl (which is swapcontext and a stack each).
// Follows the design: OS code is simulated, so it must be able to stop in the middle.
// Promises: strict nesting, entered from the main loop and left to it.
#include "machine/context.h"

#include <pcl.h>
#include <stdlib.h>

enum { STACK_BYTES = 256 << 10 };

struct context {
  coroutine_t coroutine;
  void (*fn)(void *arg);
  void *arg;
  bool ended;
};

static void start(void *arg) {
  struct context *c = arg;
  c->fn(c->arg);
  c->ended = true;
}

struct context *context_create(void (*fn)(void *arg), void *arg) {
  struct context *c = calloc(1, sizeof *c);
  if (c == NULL) return NULL;
  c->fn = fn;
  c->arg = arg;
  c->coroutine = co_create(start, c, NULL, STACK_BYTES);
  if (c->coroutine == NULL) {
    free(c);
    return NULL;
  }
  return c;
}

void context_destroy(struct context *c) {
  if (c == NULL) return;
  if (!c->ended) co_delete(c->coroutine);
  free(c);
}

bool context_enter(struct context *c) {
  if (c->ended) return false;
  co_call(c->coroutine);
  return !c->ended;
}

void context_leave(void) {
  co_resume();
}
