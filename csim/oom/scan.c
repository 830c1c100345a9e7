// SPDX-License-Identifier: Apache-2.0
// Pieces of log lines.
#include "oom/scan.h"

#include <string.h>

static bool digit(char c) {
  return c >= '0' && c <= '9';
}

/* "[   12.345678] ", "[Mon Jan  1 ...] ", "[  +0.01] ", "[ T242] ", but not "[   97]" and
 * "[  pid  ]", which belong to the task table. NULL: not a stamp. */
static const char *after_stamp(const char *s) {
  if (*s != '[') return NULL;
  const char *end = strchr(s, ']');
  if (end == NULL || end - s > 64) return NULL;
  const char *p = s + 1;
  p += strspn(p, " ");
  if (strncmp(p, "pid", 3) == 0) return NULL;
  if (strspn(p, "-0123456789 ") >= (size_t)(end - p)) return NULL;
  return end + 1;
}

static const char *number(const char *s, size_t least) {
  const size_t n = strspn(s, "0123456789");
  return n >= least ? s + n : NULL;
}

/* "2024-11-26T10:00:00,123456+00:00 " of dmesg and of what ships logs. NULL: not a stamp. */
static const char *after_iso(const char *s) {
  static const char between[] = "--T::";
  for (size_t i = 0; i < sizeof between; i++) {
    s = number(s, i == 0 ? 4 : 2);
    if (s == NULL || (between[i] != '\0' && *s++ != between[i])) return NULL;
  }
  if (*s == ',' || *s == '.') s = number(s + 1, 1);
  if (s == NULL) return NULL;
  s += *s == 'Z' ? 1 : strspn(s, "+-:0123456789");
  return *s == ' ' ? s + 1 : NULL;
}

/* "12:" of grep -n, only before another mark */
static const char *after_line_number(const char *s) {
  const char *p = number(s, 1);
  return p != NULL && *p == ':' && (p[1] == '[' || p[1] == '<') ? p + 1 : NULL;
}

/* "<4>" of dmesg -r, "4,900,1,-;" of /dev/kmsg, "kern  :warn  : " of dmesg -x */
static const char *after_level(const char *s) {
  const char *p = s;
  size_t fields = 0;
  while (digit(*p)) {
    p += strspn(p, "0123456789");
    if (*p != ',') return NULL;
    p++;
    fields++;
  }
  if (fields != 0) {
    p += strcspn(p, ";");
    return fields == 3 && *p == ';' ? p + 1 : NULL;
  }
  if (*s == '<') {
    const size_t n = strspn(s + 1, "0123456789");
    return n > 0 && n < 6 && s[n + 1] == '>' ? s + n + 2 : NULL;
  }
  if (strncmp(s, "kern", 4) != 0) return NULL;
  p = s + 4 + strspn(s + 4, " ");
  if (*p != ':') return NULL;
  p += 1 + strspn(p + 1, "abcdefghijklmnopqrstuvwxyz");
  p += strspn(p, " ");
  return *p == ':' ? p + 1 : NULL;
}

static const char *after_marks(const char *s) {
  for (;;) {
    s += strspn(s, " \t>"); /* quoted in a mail */
    const char *next = after_stamp(s);
    if (next == NULL) next = after_level(s);
    if (next == NULL) next = after_iso(s);
    if (next == NULL) next = after_line_number(s);
    if (next == NULL) return s;
    s = next;
  }
}

const char *scan_message(const char *line) {
  const char *s = after_marks(line);
  if (*s == '[') return s;
  /* "Jan  1 00:00:00 host kernel: ", "host kernel: ", "kernel: ", "kernel:[    0.5] ", and of RFC
   * 5424 "1 2024-11-26T10:00:00Z host kernel - - - " */
  static const char *const names[] = {"kernel: ", "kernel:[", "kernel - - - "};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    const char *k = strstr(s, names[i]);
    if (k == NULL || k - s > 128 || (k != s && k[-1] != ' ')) continue;
    return after_marks(k + strlen(names[i]) - (i == 1));
  }
  return s;
}

static const char mark[] = "\xef\xbb\xbf";

bool scan_coloured(const char *line) {
  return strpbrk(line, "\x1b\t") != NULL || strncmp(line, mark, 3) == 0;
}

/* ECMA-48: ESC [ parameters, intermediates, a final byte. */
static const char *after_escape(const char *s) {
  if (s[1] != '[') return s + 1;
  s += 2;
  while (*s >= 0x20 && *s < 0x40)
    s++;
  return s + (*s != '\0');
}

void scan_plain(char *to, const char *line) {
  if (strncmp(line, mark, 3) == 0) line += 3;
  while (*line != '\0') {
    if (*line == '\x1b') {
      line = after_escape(line);
      continue;
    }
    *to++ = *line == '\t' ? ' ' : *line;
    line++;
  }
  *to = '\0';
}

bool scan_unsigned(const char **p, uint64_t *v) {
  const char *s = *p + strspn(*p, " \t");
  if (!digit(*s)) return false;
  uint64_t n = 0;
  for (; digit(*s); s++) {
    const uint64_t d = (uint64_t)(*s - '0');
    n = n > (UINT64_MAX - 1 - d) / 10 ? UINT64_MAX - 1 : n * 10 + d;
  }
  *v = n;
  *p = s;
  return true;
}

bool scan_signed(const char **p, int64_t *v) {
  const char *s = *p + strspn(*p, " \t");
  const bool minus = *s == '-';
  uint64_t n;
  if (minus || *s == '+') s++;
  if (!digit(*s) || !scan_unsigned(&s, &n)) return false;
  *p = s;
  if (minus)
    *v = n > INT64_MAX ? INT64_MIN : -(int64_t)n;
  else
    *v = n > INT64_MAX ? INT64_MAX : (int64_t)n;
  return true;
}

const char *scan_key(const char *line, const char *key) {
  const size_t n = strlen(key);
  for (const char *p = line; (p = strstr(p, key)) != NULL; p++)
    if (p == line || p[-1] == ' ' || p[-1] == ',') return p + n;
  return NULL;
}

bool scan_value(const char *line, const char *key, uint64_t *v) {
  const char *p = scan_key(line, key);
  return p != NULL && scan_unsigned(&p, v);
}

void scan_text(char *to, size_t room, const char *from, const char *end) {
  size_t n = 0;
  for (; n + 1 < room && from != end && *from != '\0'; from++)
    to[n++] = (*from >= ' ' && *from <= '~') ? *from : '?';
  to[n] = '\0';
}
