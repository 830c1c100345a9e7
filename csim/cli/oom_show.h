/* SPDX-License-Identifier: Apache-2.0
 * A judged OOM report, for people and as JSON. */
#ifndef COWALK_CLI_OOM_SHOW_H
#define COWALK_CLI_OOM_SHOW_H

#include <cjson/cJSON.h>
#include <stdio.h>

#include "oom/verdict.h"

struct oom_shown {
  const struct oom_report *report;
  size_t number; /* from 1 */
  const struct oom_verdict *fact;
  /* with other oom_score_adj values; NULL: none were asked about */
  const struct oom_verdict *whatif;
  const struct oom_task *tasks; /* the report's, or those with the other values */
  size_t top;                   /* rows of the table; 0: all */
};

void oom_show(FILE *out, const struct oom_shown *s);

/* A new object, or NULL: out of memory. The caller frees it. */
cJSON *oom_show_json(const struct oom_shown *s);

/* "12.7 MiB" */
const char *oom_human(uint64_t bytes, char *text, size_t room);

#endif
