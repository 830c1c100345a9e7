/* SPDX-License-Identifier: Apache-2.0
 * Inside content.c and content_truth.c; not for others. Tokens are (object << 32) | version.
 * Objects are numbered in runs of 512 that lie side by side in a file or an address space, so that
 * what an object is takes a few bytes a run, not a page. */
#ifndef COWALK_MACHINE_CONTENT_INTERNAL_H
#define COWALK_MACHINE_CONTENT_INTERNAL_H

#include "machine/content.h"

#define CONTENT_VERSION_BITS 32
#define CONTENT_VERSION_MASK UINT64_C(0xffffffff)
#define CONTENT_USED (UINT64_C(1) << 63) /* of a frame, beside its token */

enum { CONTENT_RUN_BITS = 9, CONTENT_RUN = 1 << CONTENT_RUN_BITS };

struct content_run {
  uint64_t page;  /* of its first object */
  uint32_t owner; /* file or task */
  bool of_file;
};

struct content_file {
  uint64_t pages;
  uint64_t *token; /* what each page must hold */
};

struct content {
  uint64_t *frame; /* token, and CONTENT_USED unless it is free */
  uint64_t frames;
  uint64_t *disk; /* token of each block */
  uint64_t blocks;
  struct content_run *run; /* by object >> CONTENT_RUN_BITS; [0]: zeroes */
  uint64_t runs, run_room;
  struct content_file *file;
  uint32_t files;
  char story[320];
};

/* The first object of a new run; 0: none is left, or the host is out of memory. */
uint64_t content_new_run(struct content *c, bool of_file, uint32_t owner, uint64_t page);
/* Found is not wanted: which kind of wrong, and its story. */
enum content_verdict content_judge(struct content *c, uint64_t pfn, uint64_t found,
                                   uint64_t wanted);

#endif
