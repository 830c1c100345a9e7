// SPDX-License-Identifier: Apache-2.0
// Words, numbers and complaints of a translate file's line: see words.h.
// Promises: nothing is guessed; a number is decimal or 0x hexadecimal and fits 64 bits.
#include "translate/words.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int words_complain(const struct words *w, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(w->err, w->err_len, format, args);
  va_end(args);
  return -1;
}

const char *words_at(const struct words *w, size_t i) {
  return i < w->count ? w->at[i] : "";
}

int words_number(const struct words *w, const char *text, uint64_t *out) {
  const bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  char *end;
  errno = 0;
  *out = 0;
  if (text[0] >= '0' && text[0] <= '9') {
    *out = strtoull(text, &end, hex ? 16 : 10);
    if (errno == 0 && *end == '\0' && end != text + (hex ? 2 : 0)) return 0;
  }
  return words_complain(w, "\"%s\" is not a number; write decimal or 0x hexadecimal, up to 64 bits",
                        text);
}

int words_expect(const struct words *w, size_t least, size_t most, const char *form) {
  if (w->count >= least && w->count <= most) return 0;
  return words_complain(w, "expected: %s", form);
}

int words_split(char *line, struct words *w) {
  static const char blank[] = " \t\r\n";
  char *comment = strchr(line, '#');
  char *rest = NULL;
  if (comment != NULL) *comment = '\0';
  for (char *next = strtok_r(line, blank, &rest); next != NULL;
       next = strtok_r(NULL, blank, &rest)) {
    if (w->count == WORDS_MOST)
      return words_complain(w, "more than %d words in a line", WORDS_MOST);
    w->at[w->count++] = next;
  }
  return 0;
}
