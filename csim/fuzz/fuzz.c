/* SPDX-License-Identifier: Apache-2.0
 * Drives a backend through a random world: both ports at once, several requests in flight, the
 * operating system writing to live tables with and without invalidation, table writes that race
 * with the A/D update, memory errors that come and go. The judging is the backend's own affair
 * (lockstep); here only missing answers are noticed. Promise: same seed, same run. */
#include "fuzz/fuzz.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fuzz/registers.h"
#include "fuzz/world.h"
#include "timing/memtiming.h"

enum {
  MEMORY = 16 << 20,
  EPOCH = 400,           /* accesses between two renewals of the world */
  IN_FLIGHT = 12,        /* of each port, at most */
  PATIENCE = 200000,     /* cycles without an answer */
  FULL_INVALIDATION = 70 /* percent of epochs that begin with one */
};

struct flight {
  bool used;
  struct mmu_context ctx;
  struct mmu_access access;
};

struct fuzz {
  const struct fuzz_config *cfg;
  struct fuzz_report *report;
  struct fuzz_world world;
  struct fuzz_random random; /* the driver's own; the world has another */
  struct mmu_backend *b;
  struct flight flight[2][IN_FLIGHT];
  uint32_t flying[2];
  bool invalidating;
  uint32_t race;  /* percent of table reads that the OS answers with a write */
  uint64_t heard; /* cycle of the last answer */
};

/* The operating system writes a descriptor just after the hardware has read it. */
static void on_event(void *self, const struct mmu_event *ev) {
  struct fuzz *f = self;
  if (ev->kind != MMU_EV_READ || !fuzz_chance(&f->random, f->race)) return;
  fuzz_world_mutate(&f->world, ev->addr, ev->level);
  f->report->writes++;
}

static void take_answers(struct fuzz *f) {
  struct mmu_response a[8];
  size_t n;
  while ((n = f->b->ops->poll(f->b, a, 8)) != 0) {
    f->heard = f->b->ops->now(f->b);
    for (size_t i = 0; i < n; i++) {
      struct flight *p = &f->flight[a[i].port & 1][a[i].tag % IN_FLIGHT];
      p->used = false;
      f->flying[a[i].port & 1]--;
      f->report->ok += a[i].status == MMU_OK;
      f->report->faults += a[i].status == MMU_FAULT;
      f->report->retries += a[i].status == MMU_RETRY;
      fuzz_mix_count(&f->report->mix, &p->ctx, &a[i]);
      if (f->cfg->coverage != NULL)
        coverage_count(f->cfg->coverage, f->cfg->arch, &p->ctx, &p->access, &a[i]);
    }
  }
  uint8_t id;
  if (f->b->ops->inval_poll(f->b, &id)) {
    f->invalidating = false;
    f->heard = f->b->ops->now(f->b);
  }
}

/* One step of time; false if the backend stopped or went silent. */
static bool step(struct fuzz *f, uint64_t cycles) {
  uint64_t now = f->b->ops->now(f->b);
  if (f->b->ops->step_to(f->b, now + cycles) == MMU_NEVER) return false;
  take_answers(f);
  bool waiting = f->flying[0] + f->flying[1] != 0 || f->invalidating;
  if (!waiting) f->heard = f->b->ops->now(f->b);
  return f->b->ops->error(f->b) == NULL && f->b->ops->now(f->b) - f->heard < PATIENCE;
}

static bool drain(struct fuzz *f) {
  while (f->flying[0] + f->flying[1] != 0 || f->invalidating)
    if (!step(f, 50)) return false;
  return true;
}

static void invalidate(struct fuzz *f, const struct mmu_inval *inv) {
  if (f->invalidating || !f->b->ops->invalidate(f->b, inv)) return;
  f->invalidating = true;
  f->report->invalidations++;
  if (f->cfg->coverage != NULL) coverage_count_operation(f->cfg->coverage, f->cfg->arch, inv);
}

static void invalidate_something(struct fuzz *f) {
  struct mmu_inval inv;
  fuzz_world_invalidation(&f->world, &inv);
  invalidate(f, &inv);
}

/* The request's context goes into the registers first, and is taken from there. */
static void through_registers(struct fuzz *f, struct mmu_request *q) {
  struct context_write w[CONTEXT_WRITES];
  context_writes(q->ctx, w);
  q->from_regs = true;
  for (unsigned i = 0; i < CONTEXT_WRITES; i++)
    q->from_regs = f->b->ops->reg_write(f->b, w[i].offset, w[i].value) == 0 && q->from_regs;
  q->from_regs = f->b->ops->reg_write(f->b, MMU_REG_CONTROL,
                                      MMU_CONTROL_ENABLE | MMU_CONTROL_COUNT_ENABLE) == 0 &&
                 q->from_regs;
  take_answers(f);
}

/* Some requests are announced, others not, and some that never come: none of it may show. */
static void hint(const struct fuzz *f, const struct mmu_request *q) {
  const struct mmu_backend_ops *ops = f->b->ops;
  const void *where = NULL;
  uint64_t pa;
  if (ops->expect == NULL || f->report->accesses % 3 == 0) return;
  ops->glimpse(f->b, q->va);
  uint64_t at = ops->expect(f->b, q->ctx, q->va, &where);
  (void)ops->foresee(f->b, q->ctx, q->va, at, &pa);
}

static void offer(struct fuzz *f, uint8_t port) {
  uint32_t tag = 0;
  if (f->flying[port] == IN_FLIGHT) return;
  while (f->flight[port][tag].used)
    tag++;
  struct mmu_request q = {.tag = (uint8_t)tag};
  fuzz_world_access(&f->world, port, &q);
  if (fuzz_chance(&f->random, 2)) through_registers(f, &q);
  hint(f, &q);
  if (!f->b->ops->submit(f->b, &q)) return;
  f->flight[port][tag] = (struct flight){.used = true, .ctx = *q.ctx, .access = q.access};
  f->flying[port]++;
  f->report->accesses++;
}

/* The operating system at work: a table change, perhaps an invalidation. */
static void disturb(struct fuzz *f) {
  uint32_t dice = fuzz_below(&f->random, 1000);
  if (dice < 20 && f->world.words != 0) {
    uint32_t i = fuzz_below(&f->random, f->world.words);
    fuzz_world_mutate(&f->world, f->world.word[i], f->world.word_level[i]);
    f->report->writes++;
  }
  if (dice < 8 || dice == 999) invalidate_something(f);
}

static bool renew(struct fuzz *f) {
  if (!drain(f)) return false;
  fuzz_world_renew(&f->world);
  f->race = fuzz_chance(&f->random, 5) ? 70 : fuzz_chance(&f->random, 50) ? 4 : 0;
  if (!fuzz_chance(&f->random, FULL_INVALIDATION)) return true;
  uint16_t full = f->cfg->stages == 1 ? 2 : FUZZ_FULL; /* with one stage there are two VMIDs */
  for (uint16_t i = 0; i < full; i++) {
    struct mmu_inval inv;
    fuzz_world_invalidate_all(&f->world, i, &inv);
    invalidate(f, &inv);
    if (!drain(f)) return false;
  }
  return true;
}

static bool run(struct fuzz *f) {
  uint64_t next_epoch = 0;
  while (f->report->accesses < f->cfg->accesses) {
    if (f->report->accesses >= next_epoch) {
      if (!renew(f)) return false;
      next_epoch += EPOCH;
      if (f->cfg->progress != NULL) f->cfg->progress(f->cfg->progress_self, f->report->accesses);
    }
    disturb(f);
    for (uint8_t port = 0; port < 2; port++)
      if (fuzz_chance(&f->random, port == MMU_PORT_FETCH ? 25 : 75)) offer(f, port);
    uint32_t dice = fuzz_below(&f->random, 20);
    if (!step(f, dice < 15 ? 1 : dice < 19 ? 6 : 40)) return false;
  }
  return drain(f);
}

int fuzz_run(const struct fuzz_config *cfg, struct fuzz_report *report, char *err, size_t err_len) {
  /* small caches, so that latencies vary */
  struct memtiming_config latency = {.l1 = {.bytes = 1024, .ways = 2, .cycles = 2},
                                     .l2 = {.bytes = 8192, .ways = 4, .cycles = 5},
                                     .dram_cycles = 17};
  struct fuzz f = {.cfg = cfg, .report = report, .random = {cfg->seed ^ 0x5eed}};
  *report = (struct fuzz_report){0};
  struct physmem *memory = physmem_create(MEMORY);
  struct memtiming *timing = memtiming_create(&latency, err, err_len);
  int result = FUZZ_NOT_STARTED;
  if (memory == NULL || timing == NULL) {
    snprintf(err, err_len, "fuzz: the host is out of memory");
  } else {
    fuzz_world_init(&f.world, cfg->arch, cfg->stages, cfg->seed, memory);
    struct mmu_backend_config bc = {.arch = cfg->arch,
                                    .geometry = cfg->geometry,
                                    .memory = memory,
                                    .timing = timing,
                                    .observer = {on_event, &f},
                                    .seed = cfg->seed};
    f.b = cfg->make(&bc, err, err_len);
    if (f.b != NULL && cfg->waves != NULL &&
        f.b->ops->trace(f.b, cfg->waves, cfg->waves_from, cfg->waves_to) != 0) {
      snprintf(err, err_len, "cannot write the wave file %s", cfg->waves);
      f.b->ops->destroy(f.b);
      f.b = NULL;
    }
    if (f.b != NULL) {
      result = run(&f) ? FUZZ_OK : FUZZ_REFUSED;
      const char *why = f.b->ops->error(f.b);
      if (why != NULL) result = FUZZ_REFUSED;
      if (result != FUZZ_OK)
        snprintf(err, err_len, "%s", why != NULL ? why : "fuzz: no answer for 200000 cycles");
      f.b->ops->stats(f.b, &report->stats);
      report->cycles = f.b->ops->now(f.b);
      f.b->ops->destroy(f.b);
    }
  }
  memtiming_destroy(timing);
  physmem_destroy(memory);
  return result;
}
