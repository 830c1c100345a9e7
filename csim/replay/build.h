/* SPDX-License-Identifier: Apache-2.0
 * Builds a page trace, access by access. Private to csim/replay. */
#ifndef COWALK_REPLAY_BUILD_H
#define COWALK_REPLAY_BUILD_H

#include "replay/trace.h"

struct build;

/* name: for progress on standard error; borrowed. NULL: out of memory. */
struct build *build_create(const char *name);
void build_destroy(struct build *b);
/* NULL, or why not (a static string): out of memory, or more than a trace may hold. */
const char *build_add(struct build *b, uint64_t page, bool write);
/* Every page of [first, last]. */
const char *build_add_range(struct build *b, uint64_t first, uint64_t last, bool write);
/* So far. */
uint64_t build_count(const struct build *b);
/* The trace, without format, tells_writes and foreign; b is empty afterwards. */
struct replay_trace *build_finish(struct build *b);

#endif
