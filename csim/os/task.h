/* SPDX-License-Identifier: Apache-2.0
 * Tasks, inside the kernel. */
#ifndef COWALK_OS_TASK_H
#define COWALK_OS_TASK_H

#include "os/os.h"

/* Mark the task as killed, with the reason; always OS_KILL. */
__attribute__((format(printf, 2, 3))) enum os_outcome os_task_kill(struct os_task *t,
                                                                   const char *fmt, ...);

/* The task has made pages of files dirty: it may have to wait (balance_dirty_pages_ratelimited).
 * [yields] */
void os_task_dirtied(struct os_task *t);
/* The calling context works for this task until it calls again. */
void os_work_for(struct os_task *t);
/* Put it into, take it out of the list of all tasks. */
void os_task_register(struct os_task *t);
void os_task_unregister(struct os_task *t);

#endif
