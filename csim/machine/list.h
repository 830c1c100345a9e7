/* SPDX-License-Identifier: Apache-2.0
 * The access lists that a booted Linux was recorded on (csim/lru/host/access_list.h) as a program:
 * one anonymous area, one mapping of one file, and pread of its pages. Its events carry a tag, and
 * its marks end phases (machine/phase.c). */
#ifndef COWALK_MACHINE_LIST_H
#define COWALK_MACHINE_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "trace/trace.h"

struct list_program;

/* settings: NAME[,SEED[,DIVISOR]]. NULL with one line in err. */
struct list_program *list_create(const char *settings, char *err, size_t err_len);
void list_destroy(struct list_program *p);
int list_next(struct list_program *p, struct trace_event *ev); /* 1, or 0 at the end */
uint64_t list_length(const struct list_program *p);
uint64_t list_footprint(const struct list_program *p);
uint64_t list_file_pages(const struct list_program *p); /* 0: no file */

#endif
