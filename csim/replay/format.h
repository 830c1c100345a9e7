/* SPDX-License-Identifier: Apache-2.0
 * The trace formats. Private to csim/replay. */
#ifndef COWALK_REPLAY_FORMAT_H
#define COWALK_REPLAY_FORMAT_H

#include "replay/build.h"
#include "replay/source.h"

/* What a format's reader works on. */
struct reading {
  struct build *to;
  const struct replay_options *opt;
  unsigned page_shift;
  bool told_write; /* a line said whether it reads or writes */
  uint64_t foreign;
};

/* Returned by a line's reader; else NULL or a static string: what is wrong with the line, in the
 * form "X; do Y". */
struct format {
  const char *name;
  const char *what;  /* for the help */
  bool tells_writes; /* always */
  bool numbers;      /* of pages, not addresses */
  const char *(*line)(struct reading *r, const char *at, const char *end); /* text formats */
};

extern const struct format replay_formats[]; /* ends with a NULL name */
/* NULL if there is none of that name. */
const struct format *format_find(const char *name);
/* The format that the first bytes look like; path may decide between two that look alike. */
const struct format *format_detect(const char *path, const char *at, size_t n);

/* Formats that are not text: read all of it. NULL, or why not. */
const char *format_read_champsim(struct reading *r, struct source *s);
/* Opens the file by itself, through csim/trace. 0, or -1 with one line in err. */
int format_read_cowalk(struct reading *r, const char *path, char *err, size_t err_len);

/* The accesses [addr, addr + bytes) page by page. */
static inline const char *reading_add(struct reading *r, uint64_t addr, uint64_t bytes,
                                      bool write) {
  const uint64_t last = addr + (bytes != 0 ? bytes - 1 : 0);
  if (last < addr) return "the access wraps around the end of the address space; check the size";
  return build_add_range(r->to, addr >> r->page_shift, last >> r->page_shift, write);
}

#endif
