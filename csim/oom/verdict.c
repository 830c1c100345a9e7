// SPDX-License-Identifier: Apache-2.0
// Applies the rule to a report and compares with what the kernel did.
#include "oom/verdict.h"

#include <stdlib.h>
#include <string.h>

const struct oom_task *oom_find(const struct oom_task *tasks, size_t n, int64_t pid) {
  for (size_t i = 0; i < n; i++)
    if (tasks[i].pid == pid) return &tasks[i];
  for (size_t i = 0; i < n; i++)
    if (tasks[i].tgid == pid) return &tasks[i];
  return NULL;
}

static enum oom_agreement compare(const struct oom_report *r, const struct oom_task *tasks,
                                  struct oom_verdict *v) {
  const struct oom_kill *kill = r->kill_count != 0 ? &r->kills[0] : NULL;
  const int64_t killed = kill != NULL ? kill->pid : -1;
  v->kernel_pid = r->chosen.pid >= 0 ? r->chosen.pid : killed;
  if ((kill != NULL && strstr(kill->message, "oom_kill_allocating_task") != NULL) ||
      strstr(r->chosen.message, "oom_kill_allocating_task") != NULL)
    return OOM_ALLOCATING;
  if (!r->table || (v->kernel_pid < 0 && !r->no_candidates)) return OOM_UNTOLD;
  if (v->kernel_pid < 0) return v->count == 0 ? OOM_SAME : OOM_DIFFERS;
  if (v->count == 0) return OOM_DIFFERS;
  const struct oom_task *first = &tasks[v->order[0]];
  if (first->pid != v->kernel_pid && first->tgid != v->kernel_pid) return OOM_DIFFERS;
  return killed >= 0 && killed != v->kernel_pid ? OOM_SAME_CHILD : OOM_SAME;
}

/* A report without version: its columns and its kill line belong to an age. */
static void guess_version(const struct oom_report *r, struct oom_verdict *v) {
  if (!r->table || v->major != 0) return;
  v->guessed = true;
  v->major = r->has_page_tables ? 3 : 2;
  v->minor = r->has_page_tables ? 16 : 6;
  if (!r->has_page_tables || r->tables_in_pages) return;
  v->major = r->chosen.score != OOM_ABSENT && r->chosen.pid >= 0 ? 4 : 6;
  v->minor = v->major == 4 ? 19 : 1;
}

int oom_judge(const struct oom_report *r, const struct oom_task *tasks,
              const struct oom_question *q, struct oom_verdict *v) {
  const size_t n = r->task_count;
  memset(v, 0, sizeof *v);
  v->total = oom_report_total(r);
  if (q->total_pages != 0)
    v->total = (struct oom_total){.pages = q->total_pages, .exact = true, .how = "given"};
  v->major = q->major != 0 ? q->major : r->major;
  v->minor = q->major != 0 ? q->minor : r->minor;
  guess_version(r, v);
  v->machine.rules = oom_rules_of(v->major, v->minor);
  v->machine.rules.chapter = q->chapter;
  v->machine.totalpages = v->total.pages == OOM_ABSENT ? 0 : v->total.pages;
  v->machine.page_bytes = r->page_bytes;
  v->order = calloc(n + 1, sizeof *v->order);
  v->points = calloc(n + 1, sizeof *v->points);
  v->bounds = calloc(n + 1, sizeof *v->bounds);
  if (v->order == NULL || v->points == NULL || v->bounds == NULL) {
    oom_verdict_free(v);
    return -1;
  }
  for (size_t i = 0; i < n; i++) {
    const struct oom_task *t = &tasks[i];
    v->total_matters |= !q->chapter && t->adj != 0 && t->adj != OOM_ADJ_MIN;
    v->total_matters |= v->machine.rules.root == OOM_ROOT_30 && t->admin && !q->chapter;
  }
  v->total_matters |= v->machine.rules.per_mille && !q->chapter;
  v->count = oom_order(&v->machine, tasks, n, v->order, v->points);
  oom_bounds(&v->machine, tasks, n, v->bounds);
  while (v->equals < v->count && v->points[v->order[v->equals]] == v->points[v->order[0]])
    v->equals++;
  v->agreement = compare(r, tasks, v);
  const uint64_t said = r->chosen.score;
  if (v->count == 0 || v->machine.totalpages == 0) return 0;
  const int64_t p = v->points[v->order[0]];
  v->score = p < 0 ? 0 : (uint64_t)p;
  if (!v->machine.rules.per_mille) v->score = v->score * 1000 / v->machine.totalpages;
  v->score_differs = r->chosen.pid >= 0 && said != OOM_ABSENT && said != v->score && !q->chapter;
  return 0;
}

void oom_verdict_free(struct oom_verdict *v) {
  free(v->order);
  free(v->points);
  free(v->bounds);
  memset(v, 0, sizeof *v);
}

const char *oom_rules_text(const struct oom_verdict *v) {
  const struct oom_rules *r = &v->machine.rules;
  if (r->chapter) return "the chapter's formula";
  if (r->per_mille) return "rules of 2.6.36 to 3.4: thousandths, 30 off for root";
  if (r->root == OOM_ROOT_30) return "rules of 3.5 to 3.13: 30 thousandths off for root";
  if (r->root == OOM_ROOT_PERCENT) return "rules of 3.14 to 4.16: 3 % off for root";
  if (r->first_of_equals) return "rules of 4.17 to 5.2: at least 1 point, first of equals";
  if (r->at_least_one) return "rules of 5.3 to 5.8: at least 1 point";
  return "rules of 5.9 and later";
}
