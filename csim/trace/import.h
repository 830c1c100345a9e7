/* SPDX-License-Identifier: Apache-2.0
 * Turns the text of valgrind's lackey tool (--trace-mem=yes --trace-syscalls=yes) into a trace. */
#ifndef COWALK_TRACE_IMPORT_H
#define COWALK_TRACE_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct import_options {
  uint64_t skip;      /* memory records before the window */
  uint64_t take;      /* memory records in the window; UINT64_MAX: to the end */
  const char *name;   /* of the trace; NULL: the program's */
  const char *source; /* one line for the header; NULL: made from what the input says */
  const char *input;  /* for messages */
  const char *folder; /* files below it get relative names; NULL: none */
};

struct import_report {
  uint64_t lines;
  uint64_t records;  /* memory records read, window and before */
  uint64_t taken;    /* memory records in the window */
  uint64_t syscalls; /* system calls understood */
  uint64_t foreign;  /* lines that are not lackey's: the program's own output */
  uint32_t inferred_maps;
  bool no_syscalls; /* every area had to be inferred */
  bool stopped;     /* the window ended before the input */
};

/* Read `in` to the end of the window and write `out`. 0, or -1 with one line in err. */
int trace_import(FILE *in, const char *out, const struct import_options *opt,
                 struct import_report *rep, char *err, size_t err_len);

#endif
