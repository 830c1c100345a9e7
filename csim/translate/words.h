/* SPDX-License-Identifier: Apache-2.0
 * The words of one line of a translate file, and complaints about them. Shared by the parsers of
 * statements (parse.c) and of invalidations (parse_inval.c); not for others. */
#ifndef COWALK_TRANSLATE_WORDS_H
#define COWALK_TRANSLATE_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "translate/parse.h"

enum { WORDS_MOST = STATEMENT_WORDS + 2 };

struct words {
  char *at[WORDS_MOST];
  size_t count;
  char *err; /* takes the complaint */
  size_t err_len;
};

/* Cut a line into words (changing it) up to a comment. 0, or -1 after a complaint. */
int words_split(char *line, struct words *w);
/* The i-th word of the line; "" beyond the last. */
const char *words_at(const struct words *w, size_t i);
/* Write the complaint; always -1. */
__attribute__((format(printf, 2, 3))) int words_complain(const struct words *w, const char *format,
                                                         ...);
/* 0, or -1 after the complaint that `text` is no number. */
int words_number(const struct words *w, const char *text, uint64_t *out);
/* 0 if there are least to most words, else -1 after the complaint that `form` was expected. */
int words_expect(const struct words *w, size_t least, size_t most, const char *form);

/* 1 if the line is an invalidation of this architecture, parsed (*rc 0) or complained about. */
int inval_parse(const struct words *w, struct statement *s, enum mmu_arch arch, int *rc);

#endif
