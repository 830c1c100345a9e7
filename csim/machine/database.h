/* SPDX-License-Identifier: Apache-2.0
 * A program that works in queries over one file: some pages each, read or also written, by read()
 * and write() or through a mapping; now and then a scan. Settings in docs/scenario.md.
 * Deterministic in its settings and seed. */
#ifndef COWALK_MACHINE_DATABASE_H
#define COWALK_MACHINE_DATABASE_H

#include <stddef.h>
#include <stdint.h>

#include "trace/trace.h"

struct database;

/* settings: "key=value" words. NULL with one line in err. */
struct database *database_create(const char *settings, uint64_t seed, char *err, size_t err_len);
void database_destroy(struct database *d);
int database_next(struct database *d, struct trace_event *ev); /* 1, or 0 at the end */
uint64_t database_length(const struct database *d);
uint64_t database_footprint(const struct database *d);
uint64_t database_pages(const struct database *d); /* of its file */

#endif
