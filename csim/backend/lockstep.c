/* SPDX-License-Identifier: Apache-2.0
 * The lockstep backend: another backend, every event of which goes past the judge (judge.h).
 * Answers are passed on unchanged. Promise: after the first refusal step_to reports failure and
 * error() tells both stories; nothing is answered any more. */
#include "backend/lockstep.h"

#include <stdio.h>
#include <stdlib.h>

#include "backend/model_regs.h"
#include "mem/physmem.h"

struct lockstep {
  struct mmu_backend base;
  struct mmu_backend_ops ops; /* with hints, if the other takes any */
  struct mmu_backend *inner;
  struct judge *judge;
  const struct physmem *memory;
  struct mmu_observer observer; /* the user's */
  struct model_regs regs;       /* what was written, for the context in force */
};

static struct lockstep *self(struct mmu_backend *b) {
  return (struct lockstep *)b;
}

static const struct lockstep *self_const(const struct mmu_backend *b) {
  return (const struct lockstep *)b;
}

static void on_event(void *arg, const struct mmu_event *ev) {
  struct lockstep *l = arg;
  judge_event(l->judge, ev);
  if (ev->kind == MMU_EV_READ) {
    uint64_t held;
    const enum mmu_mem_error error = physmem_read64(l->memory, ev->addr, &held);
    judge_memory(l->judge, ev, error, held);
  }
  if (l->observer.event != NULL) l->observer.event(l->observer.self, ev);
}

static bool lockstep_submit(struct mmu_backend *b, const struct mmu_request *req) {
  struct lockstep *l = self(b);
  if (judge_refusal(l->judge) != NULL) return false;
  struct mmu_request judged = *req;
  struct mmu_context ctx;
  if (req->from_regs) {
    ctx = model_regs_context(&l->regs, req->ctx);
    judged.ctx = &ctx;
  }
  judge_submit(l->judge, &judged);
  if (l->inner->ops->submit(l->inner, req)) return true;
  judge_retract(l->judge, req);
  return false;
}

static size_t lockstep_poll(struct mmu_backend *b, struct mmu_response *out, size_t max) {
  struct lockstep *l = self(b);
  if (judge_refusal(l->judge) != NULL) return 0;
  return l->inner->ops->poll(l->inner, out, max);
}

static bool lockstep_invalidate(struct mmu_backend *b, const struct mmu_inval *inv) {
  struct lockstep *l = self(b);
  if (judge_refusal(l->judge) != NULL || !l->inner->ops->invalidate(l->inner, inv)) return false;
  judge_invalidate(l->judge, inv);
  return true;
}

static bool lockstep_inval_poll(struct mmu_backend *b, uint8_t *id) {
  struct lockstep *l = self(b);
  return l->inner->ops->inval_poll(l->inner, id);
}

static uint64_t lockstep_next_event(struct mmu_backend *b) {
  struct lockstep *l = self(b);
  return l->inner->ops->next_event(l->inner);
}

static uint64_t lockstep_step_to(struct mmu_backend *b, uint64_t cycle) {
  struct lockstep *l = self(b);
  if (judge_refusal(l->judge) != NULL) return MMU_NEVER;
  uint64_t now = l->inner->ops->step_to(l->inner, cycle);
  return judge_refusal(l->judge) != NULL ? MMU_NEVER : now;
}

static uint64_t lockstep_now(const struct mmu_backend *b) {
  const struct lockstep *l = self_const(b);
  return l->inner->ops->now(l->inner);
}

/* Its copy has no counters and no faults. */
static const uint64_t no_events[MMU_PERF_COUNT];

static int lockstep_reg_write(struct mmu_backend *b, uint32_t offset, uint64_t value) {
  struct lockstep *l = self(b);
  if (judge_refusal(l->judge) != NULL) return -1;
  int failed = l->inner->ops->reg_write(l->inner, offset, value);
  if (failed == 0) model_regs_write(&l->regs, no_events, offset, value);
  return failed;
}

static int lockstep_reg_read(struct mmu_backend *b, uint32_t offset, uint64_t *value) {
  struct lockstep *l = self(b);
  if (judge_refusal(l->judge) != NULL) return -1;
  return l->inner->ops->reg_read(l->inner, offset, value);
}

static const char *lockstep_error(const struct mmu_backend *b) {
  const struct lockstep *l = self_const(b);
  const char *refusal = judge_refusal(l->judge);
  return refusal != NULL ? refusal : l->inner->ops->error(l->inner);
}

static void lockstep_stats(const struct mmu_backend *b, struct mmu_backend_stats *out) {
  const struct lockstep *l = self_const(b);
  l->inner->ops->stats(l->inner, out);
}

static int lockstep_trace(struct mmu_backend *b, const char *path, uint64_t from, uint64_t to) {
  struct lockstep *l = self(b);
  return l->inner->ops->trace(l->inner, path, from, to);
}

static void lockstep_glimpse(const struct mmu_backend *b, uint64_t va) {
  const struct lockstep *l = self_const(b);
  l->inner->ops->glimpse(l->inner, va);
}

static uint64_t lockstep_expect(struct mmu_backend *b, const struct mmu_context *ctx, uint64_t va,
                                const void **where) {
  struct lockstep *l = self(b);
  return l->inner->ops->expect(l->inner, ctx, va, where);
}

static bool lockstep_foresee(const struct mmu_backend *b, const struct mmu_context *ctx,
                             uint64_t va, uint64_t at, uint64_t *pa) {
  const struct lockstep *l = self_const(b);
  return l->inner->ops->foresee(l->inner, ctx, va, at, pa);
}

static void lockstep_destroy(struct mmu_backend *b) {
  struct lockstep *l = self(b);
  if (l->inner != NULL) l->inner->ops->destroy(l->inner);
  judge_destroy(l->judge);
  free(l);
}

static const struct mmu_backend_ops lockstep_ops = {
    .name = "lockstep",
    .submit = lockstep_submit,
    .poll = lockstep_poll,
    .invalidate = lockstep_invalidate,
    .inval_poll = lockstep_inval_poll,
    .next_event = lockstep_next_event,
    .step_to = lockstep_step_to,
    .now = lockstep_now,
    .reg_write = lockstep_reg_write,
    .reg_read = lockstep_reg_read,
    .error = lockstep_error,
    .stats = lockstep_stats,
    .trace = lockstep_trace,
    .destroy = lockstep_destroy,
};

static void pass_hints(struct lockstep *l) {
  if (l->inner->ops->expect == NULL) return;
  l->ops.glimpse = lockstep_glimpse;
  l->ops.expect = lockstep_expect;
  l->ops.foresee = lockstep_foresee;
}

struct mmu_backend *mmu_backend_judged(mmu_backend_make *make, const struct mmu_backend_config *cfg,
                                       char *err, size_t err_len) {
  struct lockstep *l = calloc(1, sizeof *l);
  if (l != NULL) l->judge = judge_create(cfg);
  if (l == NULL || l->judge == NULL) {
    free(l);
    snprintf(err, err_len, "lockstep backend: the host is out of memory");
    return NULL;
  }
  l->ops = lockstep_ops;
  l->base.ops = &l->ops;
  l->observer = cfg->observer;
  l->memory = cfg->memory;
  model_regs_reset(&l->regs, cfg->arch);
  struct mmu_backend_config inner = *cfg;
  inner.observer = (struct mmu_observer){.event = on_event, .self = l};
  l->inner = make(&inner, err, err_len);
  if (l->inner != NULL) {
    pass_hints(l);
    return &l->base;
  }
  lockstep_destroy(&l->base);
  return NULL;
}

struct mmu_backend *mmu_backend_lockstep(const struct mmu_backend_config *cfg, char *err,
                                         size_t err_len) {
  return mmu_backend_judged(mmu_backend_rtl, cfg, err, err_len);
}

void mmu_backend_judge_counts(const struct mmu_backend *b, struct judge_counts *out) {
  judge_counts(self_const(b)->judge, out);
}
