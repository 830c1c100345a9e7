/* SPDX-License-Identifier: Apache-2.0
 * A page trace, whole in memory: pages are numbered densely, in order of first use. Read from a
 * file of one of several formats, or made by a generator. docs/replay.md describes them. */
#ifndef COWALK_REPLAY_TRACE_H
#define COWALK_REPLAY_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPLAY_MAX_ACCESSES (UINT32_MAX - 1)
#define REPLAY_MAX_PAGES (UINT32_MAX >> 1)

struct replay_trace {
  uint32_t *access;   /* page << 1 | is a write */
  uint64_t count;     /* accesses, at most REPLAY_MAX_ACCESSES */
  uint64_t *identity; /* of each page: its number in the trace */
  uint32_t pages;
  uint64_t writes;
  bool tells_writes; /* the format tells reads from writes */
  uint64_t foreign;  /* lines that were not the format's and were skipped */
  const char *format;
};

enum replay_kinds { REPLAY_FETCH = 1, REPLAY_LOAD = 2, REPLAY_STORE = 4, REPLAY_MODIFY = 8 };

struct replay_options {
  const char *format; /* a name, or NULL: found out from the content */
  uint64_t page_size; /* bytes; a power of two. For formats that hold addresses */
  unsigned kinds;     /* enum replay_kinds that count, for formats that tell them apart */
  unsigned writes;    /* %: so many accesses are made writes, of a trace that tells no writes */
};

/* source: a path, "-" for standard input, or GENERATOR:ARGUMENTS if there is no such file. Shows
 * progress on standard error if it takes long. NULL with one line in err. */
struct replay_trace *replay_trace_load(const char *source, const struct replay_options *opt,
                                       char *err, size_t err_len);
void replay_trace_free(struct replay_trace *t);

#endif
