/* SPDX-License-Identifier: Apache-2.0
 * Writes a trace file: give the events in order, then finish. Compressed records are held in
 * memory until then, because the header in front of them carries the counts. */
#ifndef COWALK_TRACE_WRITER_H
#define COWALK_TRACE_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "trace/trace.h"

struct trace_writer;

struct trace_file_meta {
  const char *name;
  uint64_t pages;
};

struct trace_meta {
  const char *name;
  const char *source;
  const struct trace_file_meta *file; /* file[0] describes file number 1 */
  uint32_t files;
  uint32_t inferred_maps;
};

struct trace_writer *trace_writer_create(void); /* NULL if out of memory */
void trace_writer_destroy(struct trace_writer *w);
/* Append an event. 0, or -1: out of memory or an event that cannot be written (see
 * trace_writer_error). A fetch is stored as its 64-byte line. */
int trace_writer_put(struct trace_writer *w, const struct trace_event *ev);
/* As trace_writer_put, but the event comes before everything given to trace_writer_put.
 * Maps, unmaps and protection changes only. */
int trace_writer_put_first(struct trace_writer *w, const struct trace_event *ev);
/* Write the file ("-": standard output). 0, or -1 with one line in err. No more events after. */
int trace_writer_finish(struct trace_writer *w, const char *path, const struct trace_meta *meta,
                        char *err, size_t err_len);
const char *trace_writer_error(const struct trace_writer *w);
/* Counts so far; names are empty. */
const struct trace_info *trace_writer_info(const struct trace_writer *w);

#endif
