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

/* The part of oom_show between the sentences and the table. */
void oom_show_around(FILE *out, const struct oom_shown *s);

enum { OOM_SIZE = 16 };
/* "12.7 MiB", of bytes and of pages of the report's size; text has OOM_SIZE bytes. */
const char *oom_human(uint64_t bytes, char *text, size_t room);
const char *oom_pages(const struct oom_shown *s, uint64_t n, char *text);

/* Pages that a task holds: resident, swapped, page tables. */
uint64_t oom_memory(const struct oom_machine *m, const struct oom_task *t);

#endif
