/* SPDX-License-Identifier: Apache-2.0
 * Inside content.c and content_truth.c; not for others. Tokens are (object << 32) | version.
 * Objects are numbered in runs of 512 that lie side by side in a file or an address space, so that
 * what an object is takes a few bytes a run, not a page. */
#ifndef COWALK_MACHINE_CONTENT_INTERNAL_H
#define COWALK_MACHINE_CONTENT_INTERNAL_H

#include <assert.h>

#include "host/pool.h"
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
  struct host_pool *leaves; /* of all tasks */
  char story[320];
};

/* The first object of a new run; 0: none is left, or the host is out of memory. */
uint64_t content_new_run(struct content *c, bool of_file, uint32_t owner, uint64_t page);
/* Found is not wanted: which kind of wrong, and its story. */
enum content_verdict content_judge(struct content *c, uint64_t pfn, uint64_t found,
                                   uint64_t wanted);

enum { PAGE_SHIFT = 12, RECENT = 64 };

/* Of a page: its state, and how often it was stored to, which never starts again. */
enum { STATE_SHIFT = 30 };
#define FRESH UINT32_C(0)                      /* zeroes, or the file's page */
#define OWN (UINT32_C(1) << STATE_SHIFT)       /* its object, this version */
#define INHERITED (UINT32_C(2) << STATE_SHIFT) /* a token from before a fork */
#define STATE_MASK (UINT32_C(3) << STATE_SHIFT)

/* Shared anonymous memory; goes with the last area. */
struct common {
  uint64_t areas;
  uint64_t object;  /* of its first page */
  uint64_t token[]; /* of each page; 0: zeroes */
};

struct area {
  uint64_t first, last; /* pages, inclusive */
  uint64_t file_page;   /* or page of `common` */
  struct common *common;
  uint32_t file;
  uint8_t prot;
  bool shared;
};

/* 512 pages of a task. Two fill a line of the host's cache: what an access needs beside its page.
 */
struct leaf {
  uint64_t number;     /* page number >> CONTENT_RUN_BITS */
  uint32_t *page;      /* CONTENT_RUN of them, of content.leaves; NULL: this place is free */
  uint64_t *inherited; /* tokens, by page; NULL: none */
  uint32_t object;     /* of its first page; 0: no page has contents of its own */
  uint32_t area;       /* where its last access was */
};

static_assert(sizeof(struct leaf) == 32, "no leaf lies in two lines");

/* A page that was accessed, and good: most often it is accessed again. */
struct content_again {
  uint64_t number, pfn;
  uint64_t *frame;
  uint32_t *page;
  uint64_t object;  /* what the frame must hold, but for the version */
  uint32_t state;   /* of the page */
  uint32_t version; /* its bits in *page */
  uint8_t rights;   /* kinds of access that the area allows, a bit each; 0: nothing is known */
};

struct content_task {
  struct content *c;
  struct area *area; /* in order */
  size_t areas, room;
  struct leaf *leaf; /* by number, linear probing; moves when it grows */
  size_t leaves, leaf_room;
  struct leaf *recent[RECENT]; /* by low bits of the number; NULL: unknown */
  uint32_t pid;
  struct content_again again[2]; /* of code, of data */
};

/* The leaf of a number, new if there is none, found the long way; NULL: out of host memory. Earlier
 * leaves of the task may have moved. */
struct leaf *content_find_leaf(struct content_task *t, uint64_t number);
/* The first area that ends at or after a page. */
size_t content_area_at(const struct content_task *t, uint64_t number);

/* The leaf of a number, new if there is none; NULL: out of host memory. */
static inline struct leaf *leaf_of(struct content_task *t, uint64_t number) {
  struct leaf *recent = t->recent[number % RECENT];
  return recent != NULL && recent->number == number ? recent : content_find_leaf(t, number);
}

static inline uint64_t own_token(const struct leaf *l, uint64_t i) {
  return ((uint64_t)l->object + i) << CONTENT_VERSION_BITS | (l->page[i] & ~STATE_MASK);
}

static inline bool in_area(const struct content_task *t, size_t i, uint64_t number) {
  return i < t->areas && number >= t->area[i].first && number <= t->area[i].last;
}

#endif
