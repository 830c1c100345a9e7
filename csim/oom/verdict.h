/* SPDX-License-Identifier: Apache-2.0
 * What the rule says of a report: who dies, in which order, whether the kernel said the same. */
#ifndef COWALK_OOM_VERDICT_H
#define COWALK_OOM_VERDICT_H

#include "oom/report.h"
#include "oom/whatif.h"

struct oom_question {
  bool chapter;          /* the chapter's formula instead of the kernel's */
  uint64_t total_pages;  /* 0: as the report tells */
  unsigned major, minor; /* kernel version; 0.0: as the report tells */
};

enum oom_agreement {
  OOM_SAME,       /* the kernel chose the task that the rule names */
  OOM_SAME_CHILD, /* ... and killed a child of it instead, as kernels before 5.1 did */
  OOM_ALLOCATING, /* vm.oom_kill_allocating_task: the rule was not asked */
  OOM_DIFFERS,
  OOM_UNTOLD /* the report does not say whom the kernel chose, or the rule cannot be applied */
};

struct oom_verdict {
  struct oom_machine machine;
  struct oom_total total;
  unsigned major, minor; /* whose rules */
  bool guessed;          /* ... as the report's layout suggests */
  bool total_matters;    /* some task has an oom_score_adj that totalpages scales */
  size_t count;          /* candidates */
  size_t *order;         /* indices of tasks, the first to die first */
  int64_t *points;       /* of each task */
  struct oom_bounds *bounds;
  size_t equals;      /* candidates with as many points as the first */
  int64_t kernel_pid; /* whom the kernel chose; -1: not told */
  enum oom_agreement agreement;
  uint64_t score; /* of the first, in thousandths of totalpages, as kernels before 5.1 print it */
  bool score_differs; /* the kernel printed another */
};

/* Apply the rule to the report with these tasks in place of its own (they may differ in
 * oom_score_adj); n is the report's task_count. 0, or -1: out of memory. */
int oom_judge(const struct oom_report *r, const struct oom_task *tasks,
              const struct oom_question *q, struct oom_verdict *v);
void oom_verdict_free(struct oom_verdict *v);

/* The task with this pid or, for a thread, this process; NULL: not in the table. */
const struct oom_task *oom_find(const struct oom_task *tasks, size_t n, int64_t pid);

/* "since 5.9", ...: the rules of a verdict in words. */
const char *oom_rules_text(const struct oom_verdict *v);

#endif
