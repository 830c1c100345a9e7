/* SPDX-License-Identifier: Apache-2.0
 * A generator of program events: a region of anonymous memory, a region of a private or shared
 * file, and accesses over both by a stated pattern. Deterministic in its settings and seed. */
#ifndef COWALK_MACHINE_SYNTHETIC_H
#define COWALK_MACHINE_SYNTHETIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/trace.h"

struct synthetic;

/* settings: "key=value" words; see docs/scenario.md. NULL with one line in err. */
struct synthetic *synthetic_create(const char *settings, uint64_t seed, char *err, size_t err_len);
/* A copy that goes on from here with other random numbers, and does not fork. */
struct synthetic *synthetic_fork(const struct synthetic *s, uint64_t seed);
void synthetic_destroy(struct synthetic *s);
int synthetic_next(struct synthetic *s, struct trace_event *ev); /* 1, or 0 at the end */
bool synthetic_holds(const struct synthetic *s);                 /* stays when it has settled */
uint64_t synthetic_length(const struct synthetic *s);
uint64_t synthetic_footprint(const struct synthetic *s);
uint64_t synthetic_file_pages(const struct synthetic *s); /* 0: no file */

#endif
