/* SPDX-License-Identifier: Apache-2.0
 * The list of all tasks, in order of creation, and which of them a context works for (Linux:
 * init_task.tasks, current). */
#include "os/task.h"

#include <stdarg.h>
#include <stdio.h>

#include "os/kernel.h"

enum os_outcome os_task_kill(struct os_task *t, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  (void)vsnprintf(t->death, sizeof t->death, fmt, ap);
  va_end(ap);
  t->dead = true;
  return OS_KILL;
}

void os_work_for(struct os_task *t) {
  *t->os->plat.ops->current(t->os->plat.self) = t;
}

void os_task_dirtied(struct os_task *t) {
  if (t->dirtied < os_dirty_interval(t->os)) return;
  os_balance_dirty(t->os, t->dirtied);
  t->dirtied = 0;
}

void os_task_register(struct os_task *t) {
  struct os *os = t->os;
  (void)snprintf(t->name, sizeof t->name, "task%u", t->pid);
  *os->last_task = t;
  os->last_task = &t->next;
}

void os_task_unregister(struct os_task *t) {
  struct os *os = t->os;
  struct os_task **p = &os->tasks;
  while (*p != NULL && *p != t)
    p = &(*p)->next;
  if (*p != t) return;
  *p = t->next;
  if (os->last_task == &t->next) os->last_task = p;
}

void os_task_describe(struct os_task *t, const char *name, int oom_score_adj) {
  (void)snprintf(t->name, sizeof t->name, "%.15s", name);
  t->oom_score_adj = oom_score_adj;
}
