/* SPDX-License-Identifier: Apache-2.0
 * Logs with OOM reports for the tests: read from a file or from text, judged. */
#ifndef COWALK_TESTS_UNIT_OOM_FILES_H
#define COWALK_TESTS_UNIT_OOM_FILES_H

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oom/read.h"
#include "oom/verdict.h"

#define OOM_DATA "tests/data/linux/"

static inline char *load(const char *path, size_t *size) {
  FILE *f = fopen(path, "r");
  assert_non_null(f);
  char *text = malloc(1 << 16);
  assert_non_null(text);
  *size = fread(text, 1, (1 << 16) - 1, f);
  text[*size] = '\0';
  fclose(f);
  return text;
}

/* Every line of the text, each in memory of its own size so that ASan sees an overrun. */
static inline struct oom_reader *read_text(const char *text, size_t size) {
  struct oom_reader *r = oom_reader_new();
  assert_non_null(r);
  for (size_t at = 0; at < size;) {
    const char *end = memchr(text + at, '\n', size - at);
    const size_t n = end != NULL ? (size_t)(end - text) - at : size - at;
    char *line = malloc(n + 1);
    assert_non_null(line);
    memcpy(line, text + at, n);
    for (size_t i = 0; i < n; i++)
      if (line[i] == '\0') line[i] = ' ';
    line[n] = '\0';
    assert_int_equal(oom_reader_line(r, line), 0);
    free(line);
    at += n + 1;
  }
  return r;
}

static inline struct oom_reader *read_file(const char *path, size_t reports) {
  size_t size;
  char *text = load(path, &size);
  struct oom_reader *r = read_text(text, size);
  free(text);
  assert_int_equal(oom_reader_end(r, 0), reports);
  return r;
}

static inline struct oom_verdict judge(const struct oom_report *r, bool chapter) {
  struct oom_verdict v;
  const struct oom_question q = {.chapter = chapter};
  assert_int_equal(oom_judge(r, r->tasks, &q, &v), 0);
  return v;
}

#endif
