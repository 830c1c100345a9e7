/* SPDX-License-Identifier: Apache-2.0
 * One run of `cowalk run`: a scenario on one architecture. */
#ifndef COWALK_CLI_RUN_ONE_H
#define COWALK_CLI_RUN_ONE_H

#include <stdbool.h>

#include "observer/result.h"

struct scenario;

/* o->arch says which; the rest of o is filled in, and the files below `folder` are written. heat:
 * draw the heat map. */
void run_one(const struct scenario *s, struct outcome *o, const char *folder, bool heat);

#endif
