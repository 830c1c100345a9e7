/* SPDX-License-Identifier: Apache-2.0
 * Reads a trace while moving addresses that a format with fewer user bits (Sv39: 38) cannot hold.
 * The unit is a region of 1 GiB. A region keeps its number where that is below the limit and
 * free; else it gets the highest free number, in order of first use. Offsets inside a region stay,
 * so page tables below height 2 look as recorded. An event that crosses regions moved apart is
 * handed out in parts. Deterministic; nothing is moved when everything fits. */
#ifndef COWALK_TRACE_REMAP_H
#define COWALK_TRACE_REMAP_H

#include <stdint.h>

#include "trace/trace.h"

struct trace_remap;

/* The reader is borrowed; user_bits 31 to 63. NULL if out of memory. */
struct trace_remap *trace_remap_create(struct trace_reader *r, unsigned user_bits);
void trace_remap_destroy(struct trace_remap *m);
/* As trace_next. -1 also when the program uses more regions than there are. */
int trace_remap_next(struct trace_remap *m, struct trace_event *ev);
const char *trace_remap_error(const struct trace_remap *m);
/* Regions that got another number so far. */
uint32_t trace_remap_moved(const struct trace_remap *m);

#endif
