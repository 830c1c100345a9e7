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
    if (next == NULL) return s;
    s = next;
  }
}

const char *scan_message(const char *line) {
  const char *s = after_marks(line);
  if (*s == '[') return s;
  /* "Jan  1 00:00:00 host kernel: ", "host kernel: ", "kernel: " */
  const char *k = strstr(s, "kernel: ");
  if (k == NULL || k - s > 128 || (k != s && k[-1] != ' ')) return s;
  return after_marks(k + 8);
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
