// SPDX-License-Identifier: Apache-2.0
// Programs that come one after the other and stay: a program of phase p begins when all of lower
// phases have settled (made their accesses, or ended), one that holds stays until nobody works any
// more. Follows docs/scenario.md, "Programs".
// Promises: who is killed while it waits here does not wait any longer.
#include "machine/machine_internal.h"

static bool lower_settled(const struct machine *m, const struct task *k) {
  for (const struct thread *t = m->all; t != NULL; t = t->all_next)
    if (t->task != NULL && t->task->phase < k->phase && !t->task->settled) return false;
  return true;
}

/* Does anybody still work, or wait to begin? */
static bool busy(const struct machine *m) {
  for (const struct thread *t = m->all; t != NULL; t = t->all_next)
    if (t->task != NULL && !t->task->settled) return true;
  return false;
}

void stage_begin(struct machine *m, struct task *k) {
  while (!k->killed && !m->stopping && !lower_settled(m, k))
    sched_wait(m->running->current, &m->stage);
}

void stage_settle(struct machine *m, struct task *k) {
  k->settled = true;
  sched_wake(m, &m->stage);
  while (k->holds && !k->killed && !m->stopping && busy(m))
    sched_wait(m->running->current, &m->stage);
}

void stage_left(struct machine *m, struct task *k) {
  k->settled = true;
  sched_wake(m, &m->stage);
}
