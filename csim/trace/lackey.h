/* SPDX-License-Identifier: Apache-2.0
 * The lines of valgrind's lackey tool. Private to csim/trace. */
#ifndef COWALK_TRACE_LACKEY_H
#define COWALK_TRACE_LACKEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/space.h"

enum { LACKEY_THREADS = 64 };

/* A system call that was printed but has not returned yet, one for each thread. */
struct lackey_pending {
  uint64_t thread;
  struct space_syscall call;
};

struct lackey {
  struct lackey_pending pending[LACKEY_THREADS];
};

enum lackey_line {
  LACKEY_ACCESS,  /* kind, addr, bytes are set */
  LACKEY_SYSCALL, /* a system call succeeded: call is set */
  LACKEY_OTHER,   /* lackey's or valgrind's, of no interest */
  LACKEY_COMMAND, /* names the program: at and length are set */
  LACKEY_FOREIGN  /* not lackey's */
};

struct lackey_item {
  uint64_t addr, bytes;
  const char *at;
  size_t length;
  const struct space_syscall *call; /* valid until the next line */
  uint8_t kind;                     /* enum trace_kind */
};

/* Understand one line, [line, end), without its newline; *end must be readable. */
enum lackey_line lackey_parse(struct lackey *l, const char *line, const char *end,
                              struct lackey_item *item);

#endif
