// SPDX-License-Identifier: Apache-2.0
// Generators of page traces. All draw from one generator of pseudo-random numbers, started alike
// each time, so the same words give the same trace everywhere.
// Sources: Marsaglia, "Xorshift RNGs", 2003 (the 64-bit triple 13, 7, 17 and its seed); Vose, "A
// linear algorithm for generating random numbers with a given distribution", 1991 (zipf).
#include "replay/generate.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ARGS = 3 };

const char generate_help[] =
    "  loop:PAGES,TIMES          pages 0 to PAGES-1 in order, TIMES times\n"
    "  hotcold:ACCESSES          8 of 10 accesses to pages 0-99, the others to pages 100-999\n"
    "  uniform:ACCESSES,PAGES    every page equally likely\n"
    "  zipf:ACCESSES[,PAGES[,S]] page of rank k as likely as k^-S; 100,000 pages, S 1.0\n"
    "  refs:PAGE,PAGE,...        these pages\n";

struct args {
  unsigned count;
  double real[MAX_ARGS];
  uint64_t whole[MAX_ARGS]; /* 0: not a whole number */
};

static const char no_memory[] = "out of memory";
static const char too_long[] = "more than 2^32 - 2 accesses; ask for fewer";
static const char too_wide[] = "more than 2^31 pages; ask for fewer";
static const char wrong[] = "?";

static uint64_t draw(uint64_t *x) {
  *x ^= *x << 13;
  *x ^= *x >> 7;
  *x ^= *x << 17;
  return *x;
}

static const char *loop(struct build *to, const struct args *a) {
  if (a->count != 2 || a->whole[0] == 0 || a->whole[1] == 0) return wrong;
  if (a->whole[0] > REPLAY_MAX_PAGES) return too_wide;
  if (a->whole[1] > REPLAY_MAX_ACCESSES / a->whole[0]) return too_long;
  const char *why = NULL;
  for (uint64_t i = 0; i < a->whole[1] && why == NULL; i++)
    why = build_add_range(to, 0, a->whole[0] - 1, false);
  return why;
}

static const uint64_t seed = UINT64_C(88172645463325252);

static const char *hotcold(struct build *to, const struct args *a) {
  if (a->count != 1 || a->whole[0] == 0) return wrong;
  if (a->whole[0] > REPLAY_MAX_ACCESSES) return too_long;
  uint64_t x = seed;
  const char *why = NULL;
  for (uint64_t i = 0; i < a->whole[0] && why == NULL; i++) {
    const uint64_t h = draw(&x) >> 20;
    why = build_add(to, h % 10 < 8 ? h / 10 % 100 : 100 + h / 10 % 900, false);
  }
  return why;
}

static const char *uniform(struct build *to, const struct args *a) {
  if (a->count != 2 || a->whole[0] == 0 || a->whole[1] == 0) return wrong;
  if (a->whole[0] > REPLAY_MAX_ACCESSES) return too_long;
  uint64_t x = seed;
  const char *why = NULL;
  for (uint64_t i = 0; i < a->whole[0] && why == NULL; i++)
    why = build_add(to, (draw(&x) >> 20) % a->whole[1], false);
  return why;
}

/* Vose's alias method: column i is taken with probability keep[i], else other[i] is. */
struct alias {
  double *keep;
  uint32_t *other;
  uint32_t n;
};

static bool alias_zipf(struct alias *t, uint32_t n, double s) {
  uint32_t *small = malloc((size_t)n * sizeof *small); /* small ones from the left, others right */
  *t = (struct alias){malloc((size_t)n * sizeof *t->keep), malloc((size_t)n * sizeof *t->other), n};
  if (small == NULL || t->keep == NULL || t->other == NULL) {
    free(small);
    return false;
  }
  double sum = 0;
  for (uint32_t i = n; i-- > 0;)
    sum += t->keep[i] = pow((double)i + 1, -s);
  uint32_t low = 0;
  uint32_t high = n;
  for (uint32_t i = 0; i < n; i++) {
    t->keep[i] *= (double)n / sum;
    t->other[i] = i;
    small[t->keep[i] < 1 ? low++ : --high] = i;
  }
  while (low > 0 && high < n) {
    const uint32_t l = small[--low];
    const uint32_t g = small[high];
    t->other[l] = g;
    t->keep[g] -= 1 - t->keep[l];
    if (t->keep[g] < 1) {
      small[low++] = g;
      high++;
    }
  }
  while (low > 0)
    t->keep[small[--low]] = 1;
  while (high < n)
    t->keep[small[high++]] = 1;
  free(small);
  return true;
}

static const char *zipf(struct build *to, const struct args *a) {
  const uint64_t pages = a->count > 1 ? a->whole[1] : 100000;
  const double s = a->count > 2 ? a->real[2] : 1.0;
  if (a->count == 0 || a->whole[0] == 0 || pages == 0 || !(s >= 0 && s <= 20)) return wrong;
  if (a->whole[0] > REPLAY_MAX_ACCESSES) return too_long;
  if (pages > REPLAY_MAX_PAGES) return too_wide;
  struct alias t;
  uint64_t x = seed;
  const char *why = alias_zipf(&t, (uint32_t)pages, s) ? NULL : no_memory;
  for (uint64_t i = 0; i < a->whole[0] && why == NULL; i++) {
    const uint64_t column = (uint64_t)(((draw(&x) >> 32) * pages) >> 32);
    const double u = (double)(draw(&x) >> 11) * 0x1p-53;
    why = build_add(to, u < t.keep[column] ? column : t.other[column], false);
  }
  free(t.keep);
  free(t.other);
  return why;
}

struct generator {
  const char *name, *args;
  const char *(*make)(struct build *to, const struct args *a);
};

static const struct generator generators[] = {
    {"loop", "PAGES,TIMES", loop},
    {"hotcold", "ACCESSES", hotcold},
    {"uniform", "ACCESSES,PAGES", uniform},
    {"zipf", "ACCESSES[,PAGES[,S]] with S from 0 to 20", zipf},
    {"refs", "PAGE,PAGE,...", NULL},
};

static const struct generator *find(const char *text) {
  for (size_t i = 0; i < sizeof generators / sizeof generators[0]; i++) {
    const size_t n = strlen(generators[i].name);
    if (strncmp(text, generators[i].name, n) == 0 && text[n] == ':') return &generators[i];
  }
  return NULL;
}

bool generate_known(const char *text) {
  return find(text) != NULL;
}

/* One unsigned number, then a comma or the end. */
static bool next_whole(const char **at, uint64_t *out) {
  char *end;
  errno = 0;
  *out = strtoull(*at, &end, 0);
  const bool good = errno == 0 && **at >= '0' && **at <= '9' && (*end == ',' || *end == '\0');
  *at = *end == ',' ? end + 1 : end;
  return good && !(*end == ',' && end[1] == '\0');
}

static const char *refs(struct build *to, const char *at) {
  const char *why = NULL;
  do {
    uint64_t page;
    if (!next_whole(&at, &page)) return wrong;
    why = build_add(to, page, false);
  } while (why == NULL && *at != '\0');
  return why;
}

static bool parse_args(const char *at, struct args *a) {
  a->count = 0;
  do {
    if (a->count == MAX_ARGS) return false;
    char *end;
    const char *from = at;
    a->real[a->count] = strtod(at, &end);
    if (*at < '0' || *at > '9' || end == at || (*end != ',' && *end != '\0')) return false;
    if (!next_whole(&from, &a->whole[a->count])) a->whole[a->count] = 0;
    a->count++;
    at = end;
  } while (*at++ == ',');
  return true;
}

int generate(struct build *to, const char *text, char *err, size_t err_len) {
  const struct generator *g = find(text);
  const char *at = strchr(text, ':') + 1;
  struct args a;
  const char *why = NULL;
  if (g->make == NULL)
    why = refs(to, at);
  else
    why = parse_args(at, &a) ? g->make(to, &a) : wrong;
  if (why == NULL) return 0;
  if (why == wrong)
    (void)snprintf(err, err_len, "%s: expected %s:%s", text, g->name, g->args);
  else
    (void)snprintf(err, err_len, "%s: %s", text, why);
  return -1;
}
