/* SPDX-License-Identifier: Apache-2.0
 * The kernel's OOM report as text, from facts. */
#ifndef COWALK_OOM_WRITE_H
#define COWALK_OOM_WRITE_H

#include "oom/report.h"

/* The lines of Linux 6.1, in its layout, without time stamps, stack trace and hardware name: those
 * have no counterpart in a model. Numbers that are OOM_ABSENT are written as 0, optional lines
 * (CMA, poisoned pages, cgroup v1, what was chosen, who died, the panic) only if the facts have
 * them. The caller frees the text; NULL: out of memory. */
char *oom_report_text(const struct oom_report *r);

#endif
