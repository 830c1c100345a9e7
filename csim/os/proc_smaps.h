/* SPDX-License-Identifier: Apache-2.0
 * /proc/PID/smaps of a task, names, order and units of Linux 6.1 (fs/proc/task_mmu.c). No time
 * passes: the page tables are read through `peek`, which belongs to the caller. */
#ifndef COWALK_OS_PROC_SMAPS_H
#define COWALK_OS_PROC_SMAPS_H

#include <stdint.h>
#include <stdio.h>

struct os_task;

/* What 8-byte word is at a physical address. */
typedef uint64_t os_peek(void *arg, uint64_t pa);

/* One block an area, ordered by address. Anonymous areas have no name; areas of file N are named
 * /file/N, on device 00:01 with inode N, shared anonymous ones /dev/zero (deleted). Nothing after
 * the task's exit. */
void os_smaps_print(const struct os_task *t, os_peek *peek, void *arg, FILE *out);

#endif
