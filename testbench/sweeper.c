/* SPDX-License-Identifier: Apache-2.0
 * The sweeper: learns how long a walk runs, then places one event at each of its cycles. Here too:
 * memory errors, whose place is a table access, and reset. */
#include "testbench/sweep_run.h"

#include <stdio.h>
#include <string.h>

/* ---- events: errors and reset
 * --------------------------------------------------------------------------- */

/* With two stages: the registers are those of tests/directed. */
static bool error_of_stages(struct sweep_run *r, enum mmu_cause cause,
                            const struct bench_access *victim) {
  const struct mmu_response *a = &r->b->request[r->main].response;
  const struct mmu_fault *fault = &a->fault;
  const bool second = victim->stage == 2;
  if (a->status != MMU_FAULT || fault->cause != cause || fault->stage2 != second)
    return sweep_complain(r, "cause %u, stage 2 %u", fault->cause, fault->stage2);
  if ((second ? fault->s2_level : fault->s1_level) != victim->level)
    return sweep_complain(r, "the wrong level");
  if (a->syndrome.to_hyp !=
      (r->f->arch == MMU_ARCH_RISCV || (r->f->arch == MMU_ARCH_ARM && second)))
    return sweep_complain(r, "taken by the wrong one");
  if (r->b->accesses != r->at + 1u) return sweep_complain(r, "the walk went on after the error");
  if (!sweep_updates_legal(r)) return false;
  return sweep_probe(r, &r->before) && sweep_unrelated_hits(r);
}

static bool run_error(struct sweep_run *r, enum mmu_mem_error error,
                      const struct bench_access *victim, struct sweep_result *res) {
  static const enum mmu_cause causes[] = {MMU_CAUSE_NONE, MMU_CAUSE_BUS, MMU_CAUSE_NO_ATOMIC,
                                          MMU_CAUSE_PARITY};
  struct bench *b = r->b;
  sweep_build(r);
  bench_error(b, r->at, error);
  r->main = bench_ask(b, r->va + OFFSET, &r->access, &r->s.ctx);
  if (!bench_settle(b, BOUND)) return sweep_sound(r);
  res->runs++;
  const struct sweep_outcome want = {
      .cause = causes[error], .height = victim->level, .valid = true};
  if (r->n != NULL) return error_of_stages(r, causes[error], victim);
  if (!sweep_expect(r, "request", r->main, &want)) return false;
  const struct mmu_fault *fault = &b->request[r->main].response.fault;
  if (fault->on_walk != !victim->cas || fault->on_ad_write != victim->cas)
    return sweep_complain(r, "on_walk %u on_ad_write %u", fault->on_walk, fault->on_ad_write);
  if (b->accesses != r->at + 1u) return sweep_complain(r, "the walk went on after the error");
  if (!sweep_updates_legal(r)) return false;
  return sweep_probe(r, &r->before) && sweep_unrelated_hits(r);
}

static bool sweep_error(struct sweep_run *r, struct sweep_result *res) {
  static const char *const names[] = {"", "bus", "no-atomic", "parity"};
  struct bench_access walk[48];
  r->at = 0;
  sweep_build(r);
  r->main = bench_ask(r->b, r->va + OFFSET, &r->access, &r->s.ctx);
  if (!bench_settle(r->b, BOUND)) return sweep_sound(r);
  size_t n = r->b->accesses;
  if (n > 48) n = 48;
  memcpy(walk, r->b->access, n * sizeof walk[0]);
  for (r->at = 0; r->at < n; r->at++) {
    for (int e = MMU_MEM_BUS; e <= MMU_MEM_PARITY; e++) {
      if (e == MMU_MEM_NO_ATOMIC && !walk[r->at].cas) continue;
      snprintf(r->variant, sizeof r->variant, "%s", names[e]);
      if (!run_error(r, (enum mmu_mem_error)e, &walk[r->at], res)) return false;
    }
  }
  return true;
}

static bool sweep_reset(struct sweep_run *r, unsigned cycles, struct sweep_result *res) {
  struct bench *b = r->b;
  snprintf(r->variant, sizeof r->variant, "now");
  for (r->at = 0; r->at < cycles; r->at++) {
    sweep_build(r);
    sweep_start(r);
    bench_reset(b);
    res->runs++;
    for (int i = 0; i < 20; i++) {
      bench_step(b);
    }
    if (b->out.mem_req_valid || !b->out.idle) return sweep_complain(r, "not at rest after reset");
    if (!sweep_probe(r, &r->before)) return false;
    /* nothing survives a reset: the walk began at the first table */
    const unsigned top = r->n != NULL ? r->n->top : r->f->top;
    if (b->accesses == 0 || b->access[0].level != top)
      return sweep_complain(r, "the walk after reset did not begin at the root");
  }
  return true;
}

/* ---- the sweep
 * ------------------------------------------------------------------------------------------ */

static const char *const event_names[SWEEP_EVENTS] = {"invalidate", "race",  "second",
                                                      "context",    "error", "reset"};

const char *sweep_event_name(enum sweep_event event) {
  return event_names[event];
}

bool sweep(struct bench *b, const struct format *f, const struct sweep_walk *walk,
           enum sweep_event event, const struct sweep_timing *timing, struct sweep_result *result,
           char *err, size_t err_len) {
  struct sweep_run r = {.b = b,
                        .f = f,
                        .w = walk,
                        .timing = timing,
                        .err = err,
                        .err_len = err_len,
                        .event = event_names[event]};
  /* once without any event: how long, and is the answer right at all */
  snprintf(r.variant, sizeof r.variant, "none");
  sweep_build(&r);
  r.main = bench_ask(b, r.va + OFFSET, &r.access, &r.s.ctx);
  if (!bench_settle(b, BOUND)) return sweep_sound(&r);
  if (!sweep_expect(&r, "undisturbed", r.main, &r.before) || !sweep_updates_legal(&r)) return false;
  const struct bench_request *q = &b->request[r.main];
  const unsigned cycles = (unsigned)(q->answered - q->offered) + 4;
  if (!sweep_probe(&r, &r.before) || !sweep_unrelated_hits(&r)) return false;

  switch (event) {
    case SWEEP_INVALIDATE:
      return sweep_invalidate(&r, cycles, result);
    case SWEEP_RACE:
      return sweep_race(&r, cycles, result);
    case SWEEP_SECOND:
      return sweep_second(&r, cycles, result);
    case SWEEP_CONTEXT:
      return sweep_context(&r, cycles, result);
    case SWEEP_ERROR:
      return sweep_error(&r, result);
    default:
      return sweep_reset(&r, cycles, result);
  }
}
