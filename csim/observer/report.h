/* SPDX-License-Identifier: Apache-2.0
 * The summary of a run for people: architectures side by side. */
#ifndef COWALK_OBSERVER_REPORT_H
#define COWALK_OBSERVER_REPORT_H

#include <stdio.h>

#include "observer/result.h"

void report_print(FILE *out, const struct scenario *s, const struct outcome *const *runs,
                  size_t count);
/* "12,345,678" */
void report_number(uint64_t n, char *out, size_t len);

#endif
