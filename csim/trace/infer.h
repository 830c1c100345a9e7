/* SPDX-License-Identifier: Apache-2.0
 * Areas that no system call named (program image, loader, stack), from the pages used.
 * Private to csim/trace; the rule is in docs/trace-format.md. */
#ifndef COWALK_TRACE_INFER_H
#define COWALK_TRACE_INFER_H

#include <stddef.h>
#include <stdint.h>

#include "trace/areas.h"
#include "trace/files.h"
#include "trace/pages.h"
#include "trace/writer.h"

/* Flags of a page. The first three have the values of the prot bits. */
enum { INFER_R = 1, INFER_W = 2, INFER_X = 4, INFER_WANTED = 8 };

struct infer_protect {
  uint64_t start, end;
  uint8_t prot;
};

struct infer_input {
  struct trace_writer *w;
  struct page_set *pages;
  const struct area_list *first; /* areas that already come first */
  const struct area_list *ever;  /* what system calls ever named: never bridged */
  const struct infer_protect *protect;
  size_t protects;
  const char *program;
  struct file_table *files;
};

/* Writes the areas in front of the trace. Returns how many, or -1 if out of memory. */
int infer_areas(const struct infer_input *in);

#endif
