/* SPDX-License-Identifier: Apache-2.0
 * Inside content.c and content_truth.c; not for others. */
#ifndef COWALK_MACHINE_CONTENT_INTERNAL_H
#define COWALK_MACHINE_CONTENT_INTERNAL_H

#include "machine/content.h"

#define CONTENT_VERSION_BITS 32
#define CONTENT_VERSION_MASK UINT64_C(0xffffffff)

struct content_frame {
  uint64_t token;
  bool used;
};

struct content_object {
  uint64_t page;
  uint32_t owner; /* file or task */
  bool of_file;
};

struct content_file {
  uint64_t pages;
  uint64_t *token; /* what each page must hold */
};

struct content {
  struct content_frame *frame;
  uint64_t frames;
  uint64_t *disk; /* token of each block */
  uint64_t blocks;
  struct content_object *object;
  uint64_t objects, next_object;
  struct content_file *file;
  uint32_t files;
  char story[320];
};

uint64_t content_new_object(struct content *c, bool of_file, uint32_t owner, uint64_t page);
/* Found is not wanted: which kind of wrong, and its story. */
enum content_verdict content_judge(struct content *c, uint64_t pfn, uint64_t found,
                                   uint64_t wanted);

#endif
