/* SPDX-License-Identifier: Apache-2.0
 * What a run shows while it goes on and at its end: vmstat's lines, smaps of every task as it ends,
 * counters as perf stat has them, the timeline and the heat map. Files below the run's folder. */
#ifndef COWALK_CLI_RUN_VIEWS_H
#define COWALK_CLI_RUN_VIEWS_H

#include <stdbool.h>
#include <stdio.h>

#include "machine/machine.h"
#include "observer/result.h"

struct scenario;
struct run_views;

/* Opens FOLDER/proc-ARCH/vmstat.log and adds the samplers to cfg. heat: draw the heat map, too.
 * NULL with one line in err. */
struct run_views *run_views_begin(const struct scenario *s, struct machine_config *cfg,
                                  const char *folder, bool heat, char *err, size_t err_len);
/* After the run, o filled in: the files. What is missing is told in o->error, and o->ran is false.
 * Frees v, which may be NULL. */
void run_views_end(struct run_views *v, struct outcome *o);
/* Print FOLDER/proc-ARCH/vmstat.log. */
void run_views_vmstat(const char *folder, enum mmu_arch arch, FILE *out);

#endif
