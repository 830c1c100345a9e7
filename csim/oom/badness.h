/* SPDX-License-Identifier: Apache-2.0
 * Whom the OOM killer takes: Linux's rule as pure functions of a few counters. The rule of 5.9 and
 * later (mm/oom_kill.c of 6.1: oom_badness, oom_evaluate_task, select_bad_process), what older
 * kernels did otherwise, and the formula of the book's chapter. No state, no allocation.
 * Page counts and bytes up to OOM_LIMIT are safe from overflow; larger ones are the caller's
 * error. Source and versions of each deviation: docs/oom.md. */
#ifndef COWALK_OOM_BADNESS_H
#define COWALK_OOM_BADNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OOM_LIMIT ((uint64_t)1 << 48)

enum { OOM_ADJ_MIN = -1000, OOM_ADJ_MAX = 1000, OOM_NAME = 32 };

struct oom_task {
  int64_t pid, tgid, uid;
  uint64_t total_vm, rss, swapents; /* pages */
  uint64_t pgtables_bytes;
  int adj; /* oom_score_adj, OOM_ADJ_MIN..OOM_ADJ_MAX */
  char name[OOM_NAME];
  bool init, kernel_thread, no_mm;
  bool skip;   /* MMF_OOM_SKIP: already reaped, or its memory cannot be had */
  bool vfork;  /* shares its parent's memory until it calls exec */
  bool dying;  /* an OOM victim that still holds its memory */
  bool origin; /* asked to be killed first (swapoff, KSM) */
  bool admin;  /* CAP_SYS_ADMIN; only old rules and the chapter look at it */
};

enum oom_root { OOM_ROOT_NONE, OOM_ROOT_30, OOM_ROOT_PERCENT };

/* What differs between kernels; all zero: 5.9 and later. */
struct oom_rules {
  bool chapter;         /* the chapter's formula; the other fields do not matter then */
  bool per_mille;       /* before 3.5: points are thousandths of totalpages, 1..1000 */
  enum oom_root root;   /* before 3.14: 30 thousandths off for CAP_SYS_ADMIN; before 4.17: 3 % */
  bool at_least_one;    /* before 5.9: a candidate has at least 1 point */
  bool first_of_equals; /* before 5.3; later the last of equals dies */
};

struct oom_machine {
  struct oom_rules rules;
  uint64_t totalpages; /* what the task may use at most: RAM + swap, or the cgroup's limit */
  uint32_t page_bytes;
};

enum oom_exempt {
  OOM_CANDIDATE,
  OOM_INIT,
  OOM_KERNEL_THREAD,
  OOM_NO_MM,
  OOM_ADJ_IS_MIN,
  OOM_SKIPPED,
  OOM_IN_VFORK,
  OOM_NO_POINTS /* the chapter's comparison wants more than 0 */
};

enum { OOM_NOBODY = -1, OOM_WAIT = -2 };

/* The rules of a mainline kernel; 0.0: those of 6.1. Distributions carry some changes back. */
struct oom_rules oom_rules_of(unsigned major, unsigned minor);

/* Page tables in whole pages. */
uint64_t oom_table_pages(const struct oom_machine *m, const struct oom_task *t);

/* Why a task cannot die, or OOM_CANDIDATE with its points (oom_badness). *points is 0 otherwise. */
enum oom_exempt oom_badness(const struct oom_machine *m, const struct oom_task *t, int64_t *points);

/* What /proc/PID/oom_score shows (fs/proc/base.c, proc_oom_score): 0..2000, before 5.9 thousandths
 * of totalpages. totalpages must be RAM + swap of the machine. Not of the chapter. */
unsigned oom_score(const struct oom_machine *m, const struct oom_task *t);

/* Whether a task with these points, at this place in the list, is taken rather than the other. */
bool oom_worse(const struct oom_machine *m, int64_t points, size_t place, int64_t other_points,
               size_t other_place);

/* The victim's index (select_bad_process over the tasks in creation order), OOM_NOBODY, or
 * OOM_WAIT: an earlier victim is still alive. */
ptrdiff_t oom_select(const struct oom_machine *m, const struct oom_task *tasks, size_t n);

/* All candidates in the order they would die if nothing else changed: fills order[n] with indices
 * and points[n] by index, returns how many. */
size_t oom_order(const struct oom_machine *m, const struct oom_task *tasks, size_t n, size_t *order,
                 int64_t *points);

const char *oom_exempt_text(enum oom_exempt e); /* "init", "oom_score_adj -1000", ... */

#endif
