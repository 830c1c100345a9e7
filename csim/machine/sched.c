// SPDX-License-Identifier: Apache-2.0
// Threads and the scheduler: one run queue, round robin, a time slice in cycles.
// Follows the design: a task that waits leaves the CPU to another; kernel threads compete like
// tasks; kernel code is not preempted, it gives way at resched and when it sleeps.
// Promises: first in, first out; who was woken first runs first.
#include <stdio.h>
#include <stdlib.h>

#include "machine/machine_internal.h"

struct thread *sched_thread(struct machine *m, const char *name, enum os_account account) {
  struct thread *t = calloc(1, sizeof *t);
  if (t == NULL) return NULL;
  t->m = m;
  t->state = THREAD_WAITING;
  t->account = account;
  t->in_kernel = true;
  snprintf(t->name, sizeof t->name, "%s", name);
  if (m->all_last != NULL)
    m->all_last->all_next = t;
  else
    m->all = t;
  m->all_last = t;
  return t;
}

void sched_destroy(struct machine *m) {
  while (m->all != NULL) {
    struct thread *t = m->all;
    m->all = t->all_next;
    context_destroy(t->context);
    free(t);
  }
}

static struct thread *pop_ready(struct machine *m) {
  struct thread *t = m->ready_first;
  if (t == NULL) return NULL;
  m->ready_first = t->next;
  if (m->ready_first == NULL) m->ready_last = NULL;
  t->next = NULL;
  return t;
}

static struct cpu *idle_cpu(struct machine *m, const struct thread *t) {
  if (t->cpu != NULL && t->cpu->mode == CPU_IDLE) return t->cpu;
  for (uint32_t i = 0; i < m->cfg.cpus; i++)
    if (m->cpu[i].mode == CPU_IDLE) return &m->cpu[i];
  return NULL;
}

void sched_ready(struct machine *m, struct thread *t) {
  t->state = THREAD_READY;
  t->next = NULL;
  if (m->ready_last != NULL)
    m->ready_last->next = t;
  else
    m->ready_first = t;
  m->ready_last = t;
  struct cpu *c = idle_cpu(m, t);
  if (c == NULL) return;
  cpu_sync(c, m->now);
  cpu_idle_until(c, m->now);
  sched_pick(c);
  machine_touch(m, c->next);
}

void sched_pick(struct cpu *c) {
  struct machine *m = c->m;
  struct thread *t = pop_ready(m);
  c->current = t;
  if (t == NULL) {
    c->mode = CPU_IDLE;
    c->idle_from = c->now;
    c->next = cpu_backend_next(c);
    return;
  }
  t->state = THREAD_RUNNING;
  t->cpu = c;
  uint64_t cost = 0;
  if (c->previous != NULL && c->previous != t) {
    cost = m->cfg.cost[OS_WORK_CONTEXT_SWITCH];
    m->results.context_switches++;
  }
  c->previous = t;
  shootdown_load(c);
  cpu_busy(c, cost, LEDGER_CONTEXT_SWITCH);
  c->slice_end = c->busy_until + m->cfg.slice_cycles;
}

/* ---- sleeping: a wait queue is a list of threads in order of arrival ---- */

static void enqueue(struct os_waitq *q, struct thread *t) {
  struct thread **end = (struct thread **)&q->head;
  while (*end != NULL)
    end = &(*end)->next;
  *end = t;
  t->next = NULL;
  t->waiting_on = q;
  if (t->home == NULL) t->home = q;
}

static void dequeue(struct thread *t) {
  struct thread **at = (struct thread **)&t->waiting_on->head;
  while (*at != NULL && *at != t)
    at = &(*at)->next;
  if (*at == t) *at = t->next;
  t->next = NULL;
  t->waiting_on = NULL;
}

static void sleep_now(struct thread *t, struct os_waitq *q) {
  t->state = THREAD_WAITING;
  t->woken = false;
  enqueue(q, t);
  context_leave();
}

void sched_wait(struct thread *t, struct os_waitq *q) {
  sleep_now(t, q);
}

static void time_is_up(void *arg, uint64_t cycle) {
  struct thread *t = arg;
  (void)cycle;
  t->timer = 0;
  if (t->state != THREAD_WAITING || t->waiting_on == NULL) return;
  dequeue(t);
  sched_ready(t->m, t);
}

bool sched_wait_until(struct thread *t, struct os_waitq *q, uint64_t cycle) {
  struct machine *m = t->m;
  if (cycle <= m->now) cycle = m->now + 1;
  t->timer = event_queue_add(m->events, cycle, RANK_TIMER, time_is_up, t);
  if (t->timer == 0) machine_fail(m, "the host is out of memory");
  machine_touch(m, cycle);
  sleep_now(t, q);
  return t->woken;
}

void sched_wake(struct machine *m, struct os_waitq *q) {
  struct thread *t = q->head;
  q->head = NULL;
  while (t != NULL) {
    struct thread *next = t->next;
    t->waiting_on = NULL;
    t->woken = true;
    if (t->timer != 0) event_queue_cancel(m->events, t->timer);
    t->timer = 0;
    sched_ready(m, t);
    t = next;
  }
}

void sched_give_way(struct thread *t) {
  if (t->m->ready_first == NULL) return;
  t->cpu->current = NULL;
  sched_ready(t->m, t);
  context_leave();
}
