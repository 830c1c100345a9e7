/* SPDX-License-Identifier: Apache-2.0
 * A lying MMU for tests of the judge: the model behind a wrapper that breaks one rule at a time,
 * in what it tells or in what it passes on. To be included by one test program each. */
#ifndef COWALK_TESTS_LYING_BACKEND_H
#define COWALK_TESTS_LYING_BACKEND_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/lockstep.h"
#include "mem/physmem.h"

struct liar {
  struct mmu_backend base;
  struct mmu_backend *model;
  struct mmu_observer judge;
  struct mmu_response spare;
  bool done_pending, done;
  unsigned wait;
  struct physmem *memory;
  uint8_t done_id;
};

/* One lie. Each function may be NULL. */
struct lie {
  /* Change an event before the judge sees it; false: keep it from the judge. */
  bool (*event)(struct liar *l, struct mmu_event *ev);
  /* Change a request before the model gets it (the judge has the true one). */
  void (*request)(struct mmu_request *q, struct mmu_context *c);
  bool swallow_invalidation; /* say "done" and do nothing */
  unsigned delay;            /* steps of time before it says so */
};

static struct lie lie; /* told by the liar that is made next */

static void tell(struct liar *l, const struct mmu_event *ev) {
  l->judge.event(l->judge.self, ev);
}

static void on_event(void *self, const struct mmu_event *ev) {
  struct liar *l = self;
  struct mmu_event copy = *ev;
  if (ev->response != NULL) {
    l->spare = *ev->response;
    copy.response = &l->spare;
  }
  if (lie.event == NULL || lie.event(l, &copy)) tell(l, &copy);
}

static bool liar_submit(struct mmu_backend *b, const struct mmu_request *req) {
  struct liar *l = (struct liar *)b;
  struct mmu_request q = *req;
  struct mmu_context c = *req->ctx;
  q.ctx = &c;
  if (lie.request != NULL) lie.request(&q, &c);
  return l->model->ops->submit(l->model, &q);
}

static size_t liar_poll(struct mmu_backend *b, struct mmu_response *out, size_t max) {
  struct liar *l = (struct liar *)b;
  return l->model->ops->poll(l->model, out, max);
}

static bool liar_invalidate(struct mmu_backend *b, const struct mmu_inval *inv) {
  struct liar *l = (struct liar *)b;
  if (!lie.swallow_invalidation) return l->model->ops->invalidate(l->model, inv);
  l->done_pending = true;
  l->wait = lie.delay;
  l->done_id = inv->id;
  return true;
}

static bool liar_inval_poll(struct mmu_backend *b, uint8_t *id) {
  struct liar *l = (struct liar *)b;
  if (!l->done) return l->model->ops->inval_poll(l->model, id);
  l->done = false;
  *id = l->done_id;
  return true;
}

static uint64_t liar_next_event(struct mmu_backend *b) {
  struct liar *l = (struct liar *)b;
  return l->done_pending ? l->model->ops->now(l->model) + 1 : l->model->ops->next_event(l->model);
}

static uint64_t liar_now(const struct mmu_backend *b) {
  const struct liar *l = (const struct liar *)b;
  return l->model->ops->now(l->model);
}

static uint64_t liar_step_to(struct mmu_backend *b, uint64_t cycle) {
  struct liar *l = (struct liar *)b;
  if (l->done_pending) cycle = liar_now(b) + 1;
  if (l->done_pending && l->wait-- == 0) {
    l->done_pending = false;
    l->done = true;
    tell(l, &(struct mmu_event){.cycle = cycle, .kind = MMU_EV_INVAL_DONE, .tag = l->done_id});
  }
  return l->model->ops->step_to(l->model, cycle);
}

static int liar_reg_write(struct mmu_backend *b, uint32_t offset, uint64_t value) {
  struct liar *l = (struct liar *)b;
  return l->model->ops->reg_write(l->model, offset, value);
}

static int liar_reg_read(struct mmu_backend *b, uint32_t offset, uint64_t *value) {
  struct liar *l = (struct liar *)b;
  return l->model->ops->reg_read(l->model, offset, value);
}

static const char *liar_error(const struct mmu_backend *b) {
  (void)b;
  return NULL;
}

static void liar_stats(const struct mmu_backend *b, struct mmu_backend_stats *out) {
  const struct liar *l = (const struct liar *)b;
  l->model->ops->stats(l->model, out);
}

static int liar_trace(struct mmu_backend *b, const char *path, uint64_t from, uint64_t to) {
  (void)b, (void)path, (void)from, (void)to;
  return 0;
}

static void liar_destroy(struct mmu_backend *b) {
  struct liar *l = (struct liar *)b;
  l->model->ops->destroy(l->model);
  free(l);
}

static const struct mmu_backend_ops liar_ops = {
    .name = "liar",
    .submit = liar_submit,
    .poll = liar_poll,
    .invalidate = liar_invalidate,
    .inval_poll = liar_inval_poll,
    .next_event = liar_next_event,
    .step_to = liar_step_to,
    .now = liar_now,
    .reg_write = liar_reg_write,
    .reg_read = liar_reg_read,
    .error = liar_error,
    .stats = liar_stats,
    .trace = liar_trace,
    .destroy = liar_destroy,
};

static struct mmu_backend *make_liar(const struct mmu_backend_config *cfg, char *err,
                                     size_t err_len) {
  struct liar *l = calloc(1, sizeof *l);
  assert_non_null(l);
  l->base.ops = &liar_ops;
  l->judge = cfg->observer;
  l->memory = cfg->memory;
  struct mmu_backend_config inner = *cfg;
  inner.observer = (struct mmu_observer){on_event, l};
  l->model = mmu_backend_model(&inner, err, err_len);
  assert_non_null(l->model);
  return &l->base;
}

#endif
