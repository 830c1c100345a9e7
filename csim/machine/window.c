// SPDX-License-Identifier: Apache-2.0
// User mode: events of a program issue in order into a window of outstanding accesses.
// Follows the design's CPU model: loads translate ahead, a store or read-modify-write translates
// when it is the oldest (D is never speculative), a fault is taken when its access is the oldest
// and squashes everything younger, which is then done again.
// Promises: retires in order; a cycle is booked to what the oldest access waits for.
#include "machine/machine_internal.h"

static inline struct slot *slot_at(struct task *k, uint32_t i) {
  return task_slot(k, i);
}

/* ---- requests ---- */

static void send_first(struct cpu *c, struct slot *s) {
  s->tried = c->now;
  c->unsent += !request_send(c, s);
}

static void send_unsent(struct cpu *c, struct task *k) {
  for (uint32_t i = 0; i < k->issued && c->unsent != 0; i++) {
    struct slot *s = slot_at(k, i);
    if (s->sent == s->parts || (s->in_order && i != 0)) continue;
    if (!request_send(c, s)) return; /* the port is in order */
    c->unsent--;
  }
}

/* ---- issue and retirement ---- */

uint32_t window_translated(const struct cpu *c) {
  const struct task *k = c->current->task;
  uint32_t i = k->issued;
  while (i != 0 && k->slot[(k->head + i - 1) % SLOTS].answered == 0)
    i--;
  return i;
}

void window_squash(struct cpu *c) {
  struct task *k = c->current->task;
  if (k->issued != 0) booking_slot(c, slot_at(k, 0), c->now);
  for (uint32_t i = 0; i < k->issued; i++) {
    struct slot *s = slot_at(k, i);
    for (unsigned part = 0; part < 2; part++)
      if ((s->sent & (1u << part)) != 0 && c->asked[s->port][slot_part(s, part)->tag].owner == s)
        c->asked[s->port][slot_part(s, part)->tag].owner = NULL;
    slot_reset(s);
  }
  c->m->results.squashed += k->issued;
  k->left += k->issued;
  k->issued = 0;
  c->unsent = 0;
  c->fetch_pending = false;
  c->issue_at = c->next = c->now;
  if (c->drains != 0) cpu_answer_drains(c, true);
}

static void retire(struct cpu *c, struct task *k) {
  struct machine *m = c->m;
  struct slot *s = slot_at(k, 0);
  booking_slot(c, s, c->now);
  watch_access(c, s);
  if (s->ev.kind == TRACE_FETCH) {
    m->results.instructions += s->ev.count;
  } else {
    m->results.page_crossings += s->parts == 3;
  }
  if (s->ev.tag != 0) phase_access(m, s->ev.tag);
  if (++m->results.accesses == m->cfg.max_accesses) m->stopping = true;
  k->head = (k->head + 1) % SLOTS;
  k->count--;
  k->issued--;
  c->retired++;
  if (c->drains != 0) cpu_answer_drains(c, false);
  if (k->issued == 0) return;
  s = slot_at(k, 0);
  if (s->in_order && s->sent == 0) send_first(c, s);
}

static void take_fault(struct cpu *c, struct task *k) {
  struct slot *s = slot_at(k, 0);
  watch_fault(c, s);
  k->syndrome = s->far->fault.syndrome;
  window_squash(c);
  c->m->results.squashed--; /* the one that faulted */
  task_enter_kernel(c, REQUEST_FAULT);
}

static inline bool may_issue(const struct cpu *c, const struct task *k) {
  return k->left != 0 && k->issued < c->m->cfg.window && !c->fetch_pending && c->unsent == 0;
}

static void issue(struct cpu *c, struct task *k) {
  struct slot *s = slot_at(k, k->issued++);
  k->left--;
  slot_reset(s);
  c->issue_at = c->now + 1;
  c->fetch_pending = s->ev.kind == TRACE_FETCH;
  if (!s->in_order || k->issued == 1) send_first(c, s);
}

/* Nothing is in the window: leave user mode if there is a reason to. */
static bool leave_user(struct cpu *c, struct task *k) {
  struct machine *m = c->m;
  if (m->stopping || k->exhausted || k->killed) {
    task_enter_kernel(c, REQUEST_EXIT);
  } else if (sched_others(c)) {
    struct thread *t = c->current;
    c->current = NULL;
    sched_ready(m, t);
    sched_pick(c);
  } else if (slot_at(k, 0)->ev.kind > TRACE_MODIFY) {
    task_enter_kernel(c, REQUEST_CALL);
  } else {
    return false;
  }
  return true;
}

/* When the window acts next, if the backend does nothing; MMU_NEVER: it waits for it. */
static uint64_t next_action(const struct cpu *c, struct task *k, bool more) {
  uint64_t soon = c->now + 1;
  uint64_t next = MMU_NEVER;
  if (c->unsent != 0) return soon;
  if (k->issued == k->count && c->hit_at == c->now) return soon; /* the answer; more events then */
  if (k->issued == 0 || more) next = c->issue_at;
  if (next <= soon) return soon;
  if (k->issued != 0 && slot_at(k, 0)->done_at < next) next = slot_at(k, 0)->done_at;
  return next > soon ? next : soon;
}

/* What the backend does by itself and the window does not see may be passed over, unless the window
 * then takes more events. */
static bool may_pass_over(const struct cpu *c) {
  const struct task *k = c->current->task;
  return c->backend->ops->offer != NULL && c->inval_count == 0 && k->issued != k->count &&
         c->m->cfg.watch.event == NULL;
}

/* On to the window's next action, or to an answer before it; false if that is not the window's. */
static bool go_on(struct cpu *c, uint64_t own) {
  struct machine *m = c->m;
  const bool busy = c->outstanding != 0 || c->inval_count != 0;
  const bool pass_over = may_pass_over(c);
  bool taken = false;
  do {
    c->next = own;
    if (busy && (!pass_over || own >= m->horizon)) {
      uint64_t next = cpu_backend_next(c);
      if (next < own) c->next = next;
    }
    if (c->next >= m->horizon) return false;
    uint64_t reached = c->backend->ops->step_to(c->backend, c->next);
    if (reached == MMU_NEVER) {
      cpu_sync(c, c->next); /* reports the error */
      return false;
    }
    c->now = m->now = reached;
    if (busy && (!pass_over || c->backend->result <= c->now)) taken = cpu_take_answers(c);
  } while (pass_over && !taken && c->now < own);
  return true;
}

/* Retire what is done; false if a fault or an interrupt took the CPU into the kernel. */
static bool retire_all(struct cpu *c, struct task *k) {
  uint32_t before = k->issued;
  while (k->issued != 0) {
    const struct slot *s = slot_at(k, 0);
    if (s->done_at > c->now) break;
    if (s->faulted) {
      take_fault(c, k);
      return false;
    }
    retire(c, k);
    if (interrupt_due(c)) break; /* between two accesses */
  }
  if (!interrupt_due(c) || (k->issued == before && before != 0)) return true;
  interrupt_take(c);
  return false;
}

/* What there is to do in this cycle; false if the window is left. *more: it may issue again. */
static bool do_cycle(struct cpu *c, struct task *k, bool *more) {
  struct machine *m = c->m;
  if (!retire_all(c, k)) return false;
  if (c->unsent != 0) send_unsent(c, k);
  if (k->issued == k->count) task_fill(c, k);
  bool drain = m->stopping || k->killed || sched_others(c) || interrupt_due(c);
  /* What is no access is the last that is held: at the head it leaves none to issue. */
  if (k->issued == 0 && c->now >= c->issue_at && (drain || k->left == 0) && leave_user(c, k))
    return false;
  *more = !drain && may_issue(c, k);
  if (*more && c->issue_at <= c->now) { /* one a cycle */
    issue(c, k);
    *more = may_issue(c, k);
  }
  return true;
}

static void run(struct cpu *c) {
  struct machine *m = c->m;
  struct task *k = c->current->task;
  while (!m->failed) {
    bool more;
    if (lane_open(c, k) && lane_run(c, k))
      more = may_issue(c, k);
    else if (!do_cycle(c, k, &more))
      return;
    uint64_t own = next_action(c, k, more);
    if (own >= c->backend->due || c->inval_count != 0) {
      if (!go_on(c, own)) return;
      continue;
    }
    c->next = own;
    if (own >= m->horizon) return;
    c->now = m->now = own;
  }
}

void window_run(struct cpu *c) {
  run(c);
  request_catch_up(c);
}

void window_enter(struct cpu *c) {
  struct machine *m = c->m;
  char why[160];
  if (!shootdown_enter(c)) return;
  contract_checked(&m->results.contracts, CONTRACT_LEDGER);
  if (!ledger_balanced(&m->results.ledger, c->id, c->now, why, sizeof why))
    contract_break(&m->results.contracts, CONTRACT_LEDGER, "%s", why);
  c->again[0].kinds = c->again[1].kinds = 0; /* it may be another address space */
  c->mode = CPU_USER;
  c->booked = c->issue_at = c->next = c->now;
}
