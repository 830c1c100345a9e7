/* SPDX-License-Identifier: Apache-2.0
 * When nothing can be reclaimed any more: whom to kill, what the victim may do, and what happens if
 * it does not go (Linux 6.1 mm/oom_kill.c). The rule itself is csim/oom/badness.h. */
#ifndef COWALK_OS_OOM_H
#define COWALK_OS_OOM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "os/os.h"

struct os_request;
struct oom_report;

enum { OS_OOM_REAP_US = 2000000 }; /* OOM_REAPER_DELAY */

struct os_oom {
  struct os_waitq gone;   /* for a victim to go */
  struct os_waitq reaper; /* the reaper sleeps here */
  bool reaping;           /* the thread has been started */
  struct os_reap *queue;  /* victims it has to look at, the first killed first */
  struct os_oom_kill kill[OS_OOM_KILLS];
  size_t kills; /* kept */
  char panic[160];
  char *log; /* dmesg */
  size_t log_bytes;
};

/* A request of the calling context cannot be served by reclaim: kill, or wait for a victim to go.
 * true: worth another try. Does not return if nobody can be killed. [yields] */
bool os_out_of_memory(struct os *os, const struct os_request *r);
/* MGLRU's kswapd found all pages too young to go (lru_gen_age_node): kill, and wait for nothing. */
void os_oom_for_kswapd(struct os *os, unsigned highest);
bool os_oom_is_victim(const struct os_task *t); /* t may be NULL */
/* The task has given its memory back. */
void os_oom_exited(struct os_task *t);

/* oom_report.c: the facts of the moment, without the victim. false: out of host memory. */
bool os_oom_facts(struct os *os, const struct os_request *r, const struct os_task *self,
                  struct oom_report *out);
/* Append its text to the log, with time stamps as dmesg has them. */
void os_oom_log(struct os *os, const struct oom_report *report);
void os_oom_print_log(const struct os *os, FILE *out);

#endif
