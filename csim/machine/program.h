/* SPDX-License-Identifier: Apache-2.0
 * Where a task's events come from: a recorded trace or a generator. The caller owns the program;
 * it is read once, in order. */
#ifndef COWALK_MACHINE_PROGRAM_H
#define COWALK_MACHINE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/trace.h"

struct program;

/* Events of generated programs beside those of a trace (enum trace_kind); all but the last are
 * system calls. */
enum program_kind {
  PROGRAM_BEGIN = 32, /* wait until all programs of lower phases have settled */
  PROGRAM_SETTLE,     /* accesses are done; if it holds: stay */
  PROGRAM_LOCK,       /* mlock: addr, bytes */
  PROGRAM_UNLOCK,
  PROGRAM_LOCK_ALL, /* mlockall; count: 1 what is there, 2 what will be, 3 both */
  PROGRAM_FORK,     /* the child goes on with program_fork */
  PROGRAM_QUERY,    /* count 0: a query begins, 1: one ended and the next begins; free */
  PROGRAM_EXEC,     /* the address space goes; the same program goes on with an empty one */
  PROGRAM_SYNC      /* msync: addr, bytes */
};

/* Settings that every kind of program takes, as words behind its own. */
struct program_options {
  int oom_score_adj;
  uint32_t phase;
  char name[16]; /* empty: program_name */
};

/* spec: a path of a trace file, "-" for standard input, or "synthetic:", "hog:" or "db:" and
 * settings, or "list:" and an access list (see docs/scenario.md). user_bits: addresses must lie
 * below 2^user_bits; a trace whose areas do not is packed by csim/trace/remap.h. seed: for
 * generators. NULL with one line in err. */
struct program *program_open(const char *spec, uint32_t user_bits, uint64_t seed, char *err,
                             size_t err_len);
/* The program of a child at the point where it forks: it goes on from here with its own random
 * numbers, and does not fork. NULL: this program does not fork, or out of host memory. */
struct program *program_fork(const struct program *p, uint32_t pid);
void program_close(struct program *p);
/* 1 and *ev, 0 at the end, -1 with the message of program_error. */
int program_next(struct program *p, struct trace_event *ev);
const char *program_error(const struct program *p);
const struct program_options *program_options(const struct program *p);
bool program_holds(const struct program *p); /* stays when it has settled */
const char *program_name(const struct program *p);
uint64_t program_length(const struct program *p);    /* events in all; 0: unknown */
uint64_t program_footprint(const struct program *p); /* distinct pages touched; 0: unknown */
uint32_t program_files(const struct program *p);     /* numbered from 1 */
uint64_t program_file_pages(const struct program *p, uint32_t file);

#endif
