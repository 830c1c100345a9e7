// SPDX-License-Identifier: Apache-2.0
// One simulated CPU: its clock, its MMU backend, kernel time, interrupts and invalidations.
// Follows the design: hardware is clocked only while it has work; kernel code is simulated, so each
// of its primitives takes time in which the hardware and other CPUs go on.
// Promises: a CPU runs alone only up to the next event or action of another CPU.
#include <stdio.h>
#include <stdlib.h>

#include "machine/machine_internal.h"
#include "observer/coverage.h"

enum { ANSWERS = 4 }; /* taken together */

typedef struct mmu_backend *backend_fn(const struct mmu_backend_config *, char *, size_t);

bool cpu_create(struct machine *m, uint32_t id, char *err, size_t err_len) {
  static backend_fn *const make[] = {
      [MACHINE_RTL] = mmu_backend_rtl,
      [MACHINE_MODEL] = mmu_backend_model,
      [MACHINE_LOCKSTEP] = mmu_backend_lockstep,
  };
  struct cpu *c = &m->cpu[id];
  c->m = m;
  c->id = id;
  c->mode = CPU_IDLE;
  c->next = c->hit_at = MMU_NEVER;
  c->timing = memtiming_create(&m->cfg.timing, err, err_len);
  c->fresh = calloc(IDENTIFIERS, sizeof *c->fresh);
  c->draining = calloc(INVALS, sizeof *c->draining);
  if (c->timing != NULL && (c->fresh == NULL || c->draining == NULL))
    snprintf(err, err_len, "the host is out of memory");
  if (c->timing == NULL || c->fresh == NULL || c->draining == NULL) return false;
  struct mmu_backend_config cfg = {.arch = m->cfg.arch,
                                   .geometry = m->cfg.geometry,
                                   .memory = m->memory,
                                   .timing = c->timing,
                                   .observer = {.event = watch_event, .self = c},
                                   .seed = m->cfg.seed + id,
                                   .cpu = id};
  c->backend = make[m->cfg.backend](&cfg, err, err_len);
  return c->backend != NULL;
}

void cpu_destroy(struct cpu *c) {
  if (c->backend != NULL) c->backend->ops->destroy(c->backend);
  memtiming_destroy(c->timing);
  free(c->fresh);
  free(c->draining);
}

/* ---- the backend ---- */

static void start_invalidation(struct cpu *c) {
  if (c->inval_running || c->inval_count == 0) return;
  struct cpu_inval *i = &c->inval[c->inval_head];
  c->inval_running = c->backend->ops->invalidate(c->backend, &i->inval);
  if (c->inval_running) i->since = c->now;
}

/* The MMU has done what was broadcast. Accesses that were translated before it must be gone, too,
 * before the sender's DSB ends (Arm ARM, completion of TLB maintenance). */
static void answer_broadcast(struct cpu *c, struct thread *owner) {
  uint32_t older = c->mode == CPU_USER ? window_translated(c) : 0;
  if (older == 0) {
    shootdown_answered(owner, c);
    return;
  }
  c->draining[(c->drain_head + c->drains++) % INVALS] =
      (struct draining){.owner = owner, .until = c->retired + older};
}

void cpu_answer_drains(struct cpu *c, bool squashed) {
  while (c->drains != 0) {
    const struct draining *d = &c->draining[c->drain_head];
    if (!squashed && d->until > c->retired) return;
    c->drain_head = (c->drain_head + 1) % INVALS;
    c->drains--;
    shootdown_answered(d->owner, c);
  }
}

static void end_invalidation(struct cpu *c) {
  const struct cpu_inval *i = &c->inval[c->inval_head];
  uint64_t *fresh = &c->fresh[i->inval.asid];
  c->inval_head = (c->inval_head + 1) % INVALS;
  c->inval_count--;
  c->inval_running = false;
  c->inval_end = c->now;
  c->m->results.shootdown.hardware += c->now - i->since;
  if (*fresh != 0 && *fresh < i->mark) *fresh = i->mark;
  if (i->reason == INVAL_BROADCAST)
    answer_broadcast(c, i->owner);
  else if (i->reason == INVAL_HANDLER)
    c->handler.invals--;
  else
    shootdown_answered(i->owner, c);
}

bool cpu_walks_in(const struct cpu *c, uint16_t asid) {
  if (c->outstanding == 0) return false;
  for (unsigned port = 0; port < 2; port++)
    for (unsigned tag = 0; tag < TAGS; tag++)
      if (c->asked[port][tag].in_use && c->asked[port][tag].asid == asid) return true;
  return false;
}

static void take_answer(struct cpu *c, const struct mmu_response *a) {
  struct asked *q = &c->asked[a->port][a->tag % TAGS];
  struct slot *s = q->owner;
  q->owner = NULL;
  q->in_use = false;
  c->outstanding--;
  if (s != NULL) request_answer(c, a, s);
}

bool cpu_take_answers(struct cpu *c) {
  bool taken = false;
  struct mmu_response answer[ANSWERS];
  size_t n = ANSWERS;
  uint8_t id;
  while (n == ANSWERS && c->outstanding != 0) {
    n = c->backend->ops->poll(c->backend, answer, ANSWERS);
    taken = taken || n != 0;
    for (size_t i = 0; i < n; i++) {
      take_answer(c, &answer[i]);
      if (!answer[i].hit) c->below_end = c->now;
    }
  }
  if (c->inval_running && c->backend->ops->inval_poll(c->backend, &id)) end_invalidation(c);
  start_invalidation(c);
  return taken;
}

uint64_t cpu_backend_next(const struct cpu *c) {
  if (c->inval_count != 0 && !c->inval_running) return c->now + 1;
  if (c->outstanding == 0 && c->inval_count == 0) return MMU_NEVER;
  uint64_t next = c->backend->ops->next_event(c->backend);
  return next > c->now ? next : c->now + 1;
}

void cpu_sync(struct cpu *c, uint64_t cycle) {
  struct machine *m = c->m;
  while (c->now < cycle && !m->failed) {
    uint64_t stop = c->inval_count != 0 && !c->inval_running ? c->now + 1 : cycle;
    uint64_t reached = c->backend->ops->step_to(c->backend, stop);
    if (reached == MMU_NEVER) {
      const char *why = c->backend->ops->error(c->backend);
      machine_fail(m, "%s", why != NULL ? why : "the backend stopped without a reason");
      return;
    }
    c->now = reached;
    if (c->outstanding != 0 || c->inval_count != 0) cpu_take_answers(c);
  }
}

/* ---- time ---- */

void cpu_busy(struct cpu *c, uint64_t cycles, enum ledger_account account) {
  ledger_book(&c->m->results.ledger, c->id, account, cycles);
  c->mode = CPU_BUSY;
  c->busy_account = account;
  c->busy_until = c->now + cycles;
  c->next = earlier(c->busy_until, cpu_backend_next(c));
}

void cpu_idle_until(struct cpu *c, uint64_t cycle) {
  if (cycle <= c->idle_from) return;
  enum ledger_account a = disk_outstanding(c->m->disk) != 0 ? LEDGER_DISK_WAIT : LEDGER_IDLE;
  ledger_book(&c->m->results.ledger, c->id, a, cycle - c->idle_from);
  c->idle_from = cycle;
}

void cpu_spend(struct thread *t, uint64_t cycles, enum ledger_account account) {
  struct cpu *c = t->cpu;
  struct machine *m = c->m;
  uint64_t until = c->now + cycles;
  if (until < m->horizon && !m->failed) { /* nobody else acts before: no need to switch */
    ledger_book(&m->results.ledger, c->id, account, cycles);
    cpu_sync(c, until);
    m->now = c->now;
    return;
  }
  cpu_busy(c, cycles, account);
  context_leave();
}

void cpu_book_spin(struct cpu *c) {
  uint64_t cycles = c->now - c->spin_from;
  ledger_book(&c->m->results.ledger, c->id, LEDGER_SHOOTDOWN, cycles);
  if (c->current->flushes_a) c->m->results.shootdown.for_a += cycles;
}

void cpu_spin(struct thread *t) {
  struct cpu *c = t->cpu;
  struct machine *m = c->m;
  c->spin_from = c->now;
  while (t->invals != 0 && !m->failed) {
    uint64_t next = cpu_backend_next(c);
    if (next < m->horizon) {
      cpu_sync(c, next);
      m->now = c->now;
      continue;
    }
    c->mode = CPU_SPIN;
    c->next = next;
    context_leave(); /* comes back when all is done, booked by end_spin */
    return;
  }
  cpu_book_spin(c);
}

void cpu_invalidate(struct cpu *c, const struct cpu_inval *i) {
  if (c->inval_count == INVALS) {
    machine_fail(c->m, "cpu %u: more than %d invalidations outstanding", (unsigned)c->id, INVALS);
    return;
  }
  cpu_sync(c, c->m->now);
  struct cpu_inval *slot = &c->inval[(c->inval_head + c->inval_count++) % INVALS];
  *slot = *i;
  slot->inval.id = c->inval_id++;
  start_invalidation(c);
  uint64_t next = cpu_backend_next(c);
  if (next < c->next) c->next = next;
  machine_touch(c->m, c->next);
}

/* ---- running ---- */

static void enter_kernel(struct cpu *c) {
  c->m->running = c;
  c->mode = CPU_BUSY;
  c->busy_until = c->now;
  c->next = MMU_NEVER;
}

/* Steps of cpu_run, taken in the thread's own context: a fault then costs no switch of contexts. */
bool cpu_user_mode(struct thread *t) {
  struct cpu *c = t->cpu;
  struct machine *m = c->m;
  window_enter(c);
  while (!m->failed && c->current == t && c->mode == CPU_USER && c->next < m->horizon) {
    cpu_sync(c, c->next);
    m->now = c->now;
    if (m->failed) break;
    window_run(c);
  }
  t->left = m->failed || c->current != t || c->mode != CPU_BUSY || !t->in_kernel ||
            c->next >= m->horizon || c->now < c->busy_until || interrupt_due(c);
  if (!t->left) enter_kernel(c);
  return !t->left;
}

static void run_kernel(struct cpu *c) {
  struct thread *t = c->current;
  enter_kernel(c);
  if (!context_enter(t->context)) {
    t->state = THREAD_ENDED;
    sched_pick(c);
  } else if (t->left) {
    t->left = false; /* what there was to do is done */
  } else if (t->state != THREAD_RUNNING || c->current != t) {
    sched_pick(c);
  } else if (!t->in_kernel) {
    window_enter(c);
  }
}

static void end_busy(struct cpu *c) {
  if (c->current == NULL)
    sched_pick(c);
  else if (c->current->in_kernel)
    run_kernel(c);
  else
    window_enter(c);
}

static void end_spin(struct cpu *c) {
  cpu_book_spin(c);
  end_busy(c);
}

static void act(struct cpu *c) {
  if (interrupt_due(c) && interrupt_allowed(c)) {
    interrupt_take(c);
    return;
  }
  switch (c->mode) {
    case CPU_IDLE:
      c->next = cpu_backend_next(c);
      break;
    case CPU_BUSY:
      if (c->now >= c->busy_until)
        end_busy(c);
      else
        c->next = earlier(c->busy_until, cpu_backend_next(c));
      break;
    case CPU_SPIN:
      if (c->current->invals == 0)
        end_spin(c);
      else
        c->next = cpu_backend_next(c);
      break;
    case CPU_HANDLER:
      interrupt_run(c);
      break;
    case CPU_USER:
      window_run(c);
      break;
  }
}

void cpu_run(struct cpu *c) {
  struct machine *m = c->m;
  do {
    cpu_sync(c, c->next);
    m->now = c->now;
    if (!m->failed) act(c);
  } while (!m->failed && c->next < m->horizon);
}
