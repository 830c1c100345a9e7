// SPDX-License-Identifier: Apache-2.0
// Memory sizes from text. Promises: ascending, each once, at most MAX_SIZES.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "replay/replay.h"

enum { MAX_SIZES = 10000 };

static const char *const expects =
    "sizes such as 100, 10:1000:10 (first:last:step) or 16:65536:x2 (first:last:xfactor), "
    "separated by commas";

static bool whole(const char **at, const char *stops, uint32_t *out) {
  uint64_t v = 0;
  const char *p = *at;
  for (; *p >= '0' && *p <= '9'; p++) {
    v = v * 10 + (uint64_t)(*p - '0');
    if (v > POLICY_MAX_FRAMES) return false;
  }
  const bool good = p != *at && v != 0 && strchr(stops, *p) != NULL;
  *at = p;
  *out = (uint32_t)v;
  return good;
}

struct list {
  uint32_t *size;
  size_t count;
};

static bool add(struct list *l, uint64_t size) {
  if (l->count == MAX_SIZES) return false;
  l->size[l->count++] = (uint32_t)size;
  return true;
}

/* One item; *at is at its end. False if it is wrong or there are too many. */
static bool item(struct list *l, const char **at) {
  uint32_t first;
  uint32_t last;
  if (!whole(at, ":,", &first)) return false;
  if (**at != ':') return add(l, first);
  ++*at;
  if (!whole(at, ":", &last) || last < first || **at != ':') return false;
  ++*at;
  if (**at != 'x') {
    uint32_t by;
    if (!whole(at, ",", &by)) return false;
    for (uint64_t n = first; n <= last; n += by)
      if (!add(l, n)) return false;
    return true;
  }
  char *end;
  if ((*at)[1] < '0' || (*at)[1] > '9') return false;
  const double by = strtod(*at + 1, &end);
  *at = end;
  if ((*end != ',' && *end != '\0') || !(by > 1 && by <= 1e9)) return false;
  double n = first;
  while (n < (double)last + 0.5) {
    if (!add(l, (uint64_t)(n + 0.5))) return false;
    n *= by;
  }
  return true;
}

static int ascending(const void *a, const void *b) {
  const uint32_t x = *(const uint32_t *)a;
  const uint32_t y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

uint32_t *replay_parse_frames(const char *text, size_t *count, char *err, size_t err_len) {
  struct list l = {malloc(MAX_SIZES * sizeof *l.size), 0};
  if (l.size == NULL) {
    (void)snprintf(err, err_len, "out of memory");
    return NULL;
  }
  for (const char *at = text;; at++) {
    if (!item(&l, &at)) {
      (void)snprintf(err, err_len, "--frames: \"%s\": expected %s; at least 1, at most %d sizes",
                     text, expects, MAX_SIZES);
      free(l.size);
      return NULL;
    }
    if (*at == '\0') break;
  }
  qsort(l.size, l.count, sizeof *l.size, ascending);
  *count = 0;
  for (size_t i = 0; i < l.count; i++)
    if (*count == 0 || l.size[*count - 1] != l.size[i]) l.size[(*count)++] = l.size[i];
  return l.size;
}
