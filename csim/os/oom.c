/* SPDX-License-Identifier: Apache-2.0
 * The OOM killer after Linux 6.1 mm/oom_kill.c (out_of_memory, oom_kill_process, oom_reaper): one
 * victim at a time; while it lives everybody else waits a tick and tries again. It may use reserves
 * to get out; if it has not given its memory back after two seconds the reaper takes its anonymous
 * pages away. With nobody left to kill the kernel panics. */
#include "os/oom.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oom/badness.h"
#include "oom/report.h"
#include "os/kernel.h"
#include "os/task.h"

struct os_reap {
  struct os_mm *mm; /* a reference */
  uint64_t at;      /* cycle */
  struct os_reap *next;
};

bool os_oom_is_victim(const struct os_task *t) {
  return t != NULL && t->oom_victim;
}

/* ---- the reaper ---- */

/* __oom_reap_task_mm: areas that are private or anonymous. The task may change them meanwhile. */
static void reap(struct os_mm *mm) {
  struct os_vma v;
  mm->unstable = true;
  for (uint64_t at = 0; mm->root != 0 && os_vma_next(mm, at, &v); at = v.end)
    if (!v.shared) os_discard(mm, v.start, v.end);
}

static void reaper(void *arg) {
  struct os *os = arg;
  for (;;) {
    struct os_reap *r = os->oom.queue;
    if (r == NULL) {
      os_wait(os, &os->oom.reaper);
      continue;
    }
    if (r->mm->root != 0 && os_now(os) < r->at) {
      (void)os->plat.ops->wait_until(os->plat.self, &os->oom.reaper, r->at);
      continue;
    }
    if (r->mm->root != 0) reap(r->mm);
    r->mm->oom_skip = true;
    os->oom.queue = r->next;
    os_mm_put(r->mm);
    free(r);
    os_wake(os, &os->oom.gone);
  }
}

/* queue_oom_reaper */
static void queue_reaper(struct os *os, struct os_mm *mm) {
  struct os_reap *r = os_host_alloc(os, sizeof *r);
  struct os_reap **last = &os->oom.queue;
  if (r == NULL) return; /* it has to go by itself */
  while (*last != NULL)
    last = &(*last)->next;
  os_mm_get(mm);
  uint64_t delay = (uint64_t)OS_OOM_REAP_US * (os->cfg.cpu_hz / 1000000);
  *r = (struct os_reap){.mm = mm, .at = os_now(os) + delay};
  *last = r;
  if (!os->oom.reaping)
    os->plat.ops->spawn(os->plat.self, "oom_reaper", reaper, os, OS_ACCT_DIRECT_RECLAIM);
  os->oom.reaping = true;
  os_wake(os, &os->oom.reaper);
}

void os_oom_exited(struct os_task *t) {
  struct os *os = t->os;
  if (!t->oom_victim) return;
  t->mm->oom_skip = true;
  os_wake(os, &os->oom.gone);
  os_wake(os, &os->oom.reaper);
}

/* ---- the choice ---- */

static struct os_task *task_of(struct os *os, int64_t pid) {
  struct os_task *t = os->tasks;
  while (t != NULL && (t->pid != pid || t->mm->root == 0))
    t = t->next;
  return t;
}

static void make_victim(struct os *os, struct os_task *t) {
  t->oom_victim = true;
  queue_reaper(os, t->mm);
}

static void kill_task(struct os *os, struct os_task *t, const struct oom_task *facts,
                      int64_t points) {
  struct os_oom *o = &os->oom;
  uint64_t tables = facts->pgtables_bytes >> 12;
  if (o->kills < OS_OOM_KILLS) {
    struct os_oom_kill *k = &o->kill[o->kills++];
    *k = (struct os_oom_kill){.pid = t->pid,
                              .oom_score_adj = t->oom_score_adj,
                              .points = points,
                              .cycle = os_now(os),
                              .rss = facts->rss,
                              .swapents = facts->swapents,
                              .tables = tables};
    memcpy(k->name, t->name, sizeof k->name);
  }
  os->st.oom_kill++;
  (void)os_task_kill(t,
                     "pid %u: out of memory: killed with %" PRId64 " points (%" PRIu64
                     " pages resident, %" PRIu64 " swapped, %" PRIu64 " of tables)",
                     t->pid, points, facts->rss, facts->swapents, tables);
  make_victim(os, t);
  os->plat.ops->signal(os->plat.self, t->pid);
}

static void add_kill(struct oom_report *r, const struct os_task *t, const struct oom_task *facts) {
  r->chosen = (struct oom_kill){.pid = t->pid};
  (void)snprintf(r->chosen.name, sizeof r->chosen.name, "%s", t->name);
  (void)snprintf(r->task_memcg, sizeof r->task_memcg, "/");
  struct oom_kill *k = oom_grow((void **)&r->kills, &r->kill_count, sizeof *k);
  if (k == NULL) return;
  *k = r->chosen;
  (void)snprintf(k->message, sizeof k->message, "Out of memory");
  k->total_vm_kb = facts->total_vm * 4;
  k->anon_kb = (t->mm->rss - t->mm->file_rss - t->mm->shmem_rss) * 4;
  k->file_kb = t->mm->file_rss * 4;
  k->shmem_kb = t->mm->shmem_rss * 4;
  k->pgtables_kb = facts->pgtables_bytes >> 10;
  k->adj = t->oom_score_adj;
}

static void panic(struct os *os) {
  struct os_waitq never = {0};
  os->st.panics++;
  (void)snprintf(os->oom.panic, sizeof os->oom.panic, "System is deadlocked on memory");
  os->plat.ops->panic(os->plat.self, os->oom.panic);
  for (;;)
    os_wait(os, &never);
}

/* Choose and kill, or find that an earlier victim is still there. NULL: the report could not be
 * made; self: who asks, or NULL for the kernel. */
static bool kill_somebody(struct os *os, const struct os_request *r, const struct os_task *self,
                          struct os_task **victim) {
  struct oom_report report;
  *victim = NULL;
  if (!os_oom_facts(os, r, self, &report)) return false;
  const struct oom_machine m = {.rules.chapter = os->cfg.oom_formula,
                                .totalpages = os_zones_managed(&os->zones) + os->swap.slots,
                                .page_bytes = 4096};
  ptrdiff_t i = oom_select(&m, report.tasks, report.task_count);
  struct os_task *t = i >= 0 ? task_of(os, report.tasks[i].pid) : NULL;
  if (t != NULL) {
    int64_t points = 0;
    (void)oom_badness(&m, &report.tasks[i], &points);
    add_kill(&report, t, &report.tasks[i]);
    os_oom_log(os, &report);
    kill_task(os, t, &report.tasks[i], points);
    *victim = t;
  } else if (i == OOM_NOBODY) {
    report.no_candidates = true;
    (void)snprintf(report.panic, sizeof report.panic, "System is deadlocked on memory");
    os_oom_log(os, &report);
  }
  oom_report_free(&report);
  if (i == OOM_NOBODY) panic(os);
  return true;
}

bool os_out_of_memory(struct os *os, const struct os_request *r) {
  struct os_task *self = os_current(os);
  struct os_task *victim = NULL;
  if (self == NULL) return false;
  if (self->dead || self->mm->root == 0) { /* it is on its way out: that helps soonest */
    if (self->mm->root != 0) make_victim(os, self);
    return self->mm->root != 0;
  }
  if (!kill_somebody(os, r, self, &victim)) return false;
  if (victim != self) (void)os_wait_us(os, &os->oom.gone, OS_JIFFY_US);
  return true;
}

void os_oom_for_kswapd(struct os *os, unsigned highest) {
  const struct os_request r = {.mobility = OS_MOVABLE, .highest = highest};
  struct os_task *victim = NULL;
  (void)kill_somebody(os, &r, NULL, &victim);
}

/* ---- questions ---- */

size_t os_oom_kills(const struct os *os, struct os_oom_kill *out, size_t max) {
  size_t n = os->oom.kills < max ? os->oom.kills : max;
  memcpy(out, os->oom.kill, n * sizeof *out);
  return n;
}

const char *os_panic(const struct os *os) {
  return os->oom.panic[0] != '\0' ? os->oom.panic : NULL;
}

bool os_task_oom_killed(const struct os_task *t) {
  return t->oom_victim && t->dead;
}
