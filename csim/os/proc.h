/* SPDX-License-Identifier: Apache-2.0
 * What the OS model tells of itself, in the format and with the names of Linux 6.1's /proc:
 * programs that read those files can read these. No time passes. */
#ifndef COWALK_OS_PROC_H
#define COWALK_OS_PROC_H

#include <stddef.h>
#include <stdio.h>

struct os;

/* "meminfo", "vmstat", "zoneinfo", "buddyinfo", "extfrag" (the two fragmentation indices of
 * /sys/kernel/debug/extfrag in one); NULL past the last. */
const char *os_proc_name(size_t index);
/* Write file `index`. What the model has not reads 0 or is left out. */
void os_proc_print(const struct os *os, size_t index, FILE *out);

#endif
