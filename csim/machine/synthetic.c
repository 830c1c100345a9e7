// SPDX-License-Identifier: Apache-2.0
// Generated programs: 64 bytes of code in a loop, loads and stores over anonymous and file pages.
// Follows no real program: it is there to set a footprint, a mix of stores and a pattern exactly.
// Promises: the same settings and seed give the same events.
#include "machine/synthetic.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/program.h"
#include "machine/settings.h"

enum { PAGE = 4096, CODE_PAGES = 16, MAPS = 6, STAMPS = PAGE / 8 };
#define CODE_BASE UINT64_C(0x400000)
#define ANON_BASE UINT64_C(0x10000000)
#define FILE_BASE UINT64_C(0x2000000000)
#define SHMEM_BASE UINT64_C(0x3000000000)

enum pattern { PATTERN_RANDOM, PATTERN_LOOP, PATTERN_HOT };

struct synthetic {
  uint64_t pages, file_pages, accesses, write_percent, run, cross_percent, compute;
  uint64_t shared, huge, hugetlb, stride;
  uint64_t touch, touched; /* pages to store to before all else; so far */
  uint64_t hold;           /* stays when all is done */
  uint64_t query, stamp;   /* accesses of a query, 0: none; a time stamp is kept for each page */
  uint64_t shmem_pages;
  uint64_t lock;                      /* pages to lock, from the first */
  uint64_t forks, forked;             /* children wanted, children made */
  uint64_t execs, execed, child_exec; /* the same; whether children begin with one */
  uint64_t sync, synced;              /* stores from one msync to the next; at the last */
  uint64_t stores;
  enum pattern pattern;
  uint64_t state;      /* of the random generator */
  uint64_t done;       /* accesses made */
  uint32_t setup;      /* maps made */
  uint64_t page, left; /* current page (anonymous first, then file), accesses left on it */
  uint64_t cursor;     /* of the loop */
  uint64_t plain;      /* nothing but accesses until so many are made */
  bool fetched, begins_with_exec;
  bool unstamped;  /* the last access has no time stamp yet */
  bool begun;      /* the first query */
  uint64_t closed; /* accesses before the end of the last query */
};

static inline uint64_t draw(uint64_t *state, uint64_t below) {
  uint64_t x = *state;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  *state = x;
  return below != 0 ? (x * UINT64_C(0x2545f4914f6cdd1d) >> 16) % below : 0;
}

static bool set(void *synthetic, const char *key, const char *value) {
  struct synthetic *s = synthetic;
  const struct setting keys[] = {
      {"pages", &s->pages, 1, UINT64_C(1) << 25},
      {"file", &s->file_pages, 0, UINT64_C(1) << 24},
      {"accesses", &s->accesses, 0, UINT64_C(1) << 40},
      {"write", &s->write_percent, 0, 100},
      {"run", &s->run, 1, 1000000},
      {"cross", &s->cross_percent, 0, 100},
      {"compute", &s->compute, 1, 1000000},
      {"shared", &s->shared, 0, 1},
      {"stride", &s->stride, 1, 65536},
      {"madvise", &s->huge, 0, 2},
      {"hugetlb", &s->hugetlb, 0, 1},
      {"fork", &s->forks, 0, 64},
      {"touch", &s->touch, 0, 1},
      {"hold", &s->hold, 0, 1},
      {"query", &s->query, 0, UINT64_C(1) << 40},
      {"stamp", &s->stamp, 0, 1},
      {"shmem", &s->shmem_pages, 0, UINT64_C(1) << 24},
      {"lock", &s->lock, 0, UINT64_C(1) << 24},
      {"exec", &s->execs, 0, 64},
      {"childexec", &s->child_exec, 0, 1},
      {"sync", &s->sync, 0, UINT64_C(1) << 40},
  };
  if (strcmp(key, "pattern") == 0) {
    static const char *const patterns[] = {"random", "loop", "hot"};
    int i = settings_choice(patterns, 3, value);
    if (i >= 0) s->pattern = (enum pattern)i;
    return i >= 0;
  }
  return settings_number(keys, sizeof keys / sizeof keys[0], key, value, 0);
}

static bool parse(struct synthetic *s, const char *settings, char *err, size_t err_len) {
  char word[96];
  if (settings_read(settings, set, s, word)) return true;
  snprintf(err, err_len,
           "synthetic program: \"%s\" needs key=value with a value in range; keys: pages file "
           "accesses write run cross compute shared stride "
           "madvise hugetlb fork touch hold query stamp shmem lock exec childexec sync "
           "pattern=random|loop|hot",
           word);
  return false;
}

static uint64_t stamp_pages(const struct synthetic *s) {
  return s->stamp != 0 ? (s->pages + s->file_pages + s->shmem_pages + STAMPS - 1) / STAMPS : 0;
}

struct synthetic *synthetic_create(const char *settings, uint64_t seed, char *err, size_t err_len) {
  struct synthetic *s = malloc(sizeof *s);
  if (s == NULL) {
    snprintf(err, err_len, "synthetic program: the host is out of memory");
    return NULL;
  }
  *s = (struct synthetic){.pages = 1024,
                          .accesses = 100000,
                          .write_percent = 30,
                          .run = 8,
                          .cross_percent = 1,
                          .compute = 4,
                          .stride = 1,
                          .pattern = PATTERN_HOT,
                          .state = seed * UINT64_C(0x9e3779b97f4a7c15) + 0x1234567};
  if (s->state == 0) s->state = 1;
  if (!parse(s, settings, err, err_len)) {
    free(s);
    return NULL;
  }
  const char *wrong = NULL;
  if (s->hugetlb != 0 && s->pages * s->stride % 512 != 0)
    wrong = "with hugetlb=1 pages * stride must be a multiple of 512";
  else if (s->pages * s->stride > (FILE_BASE - ANON_BASE) / PAGE)
    wrong = "pages * stride is more than the 127 GiB there are for anonymous memory";
  else if (s->lock > s->pages * s->stride)
    wrong = "lock is more than pages * stride";
  else if (s->sync != 0 && (s->file_pages == 0 || s->shared == 0))
    wrong = "sync needs a file that is mapped shared: give file=N shared=1";
  else if (s->shmem_pages + stamp_pages(s) > (uint64_t)1 << 24)
    wrong = "shmem and its time stamps are more than the 64 GiB there are for them";
  if (wrong == NULL) return s;
  snprintf(err, err_len, "synthetic program: %s", wrong);
  free(s);
  return NULL;
}

struct synthetic *synthetic_fork(const struct synthetic *s, uint64_t seed) {
  struct synthetic *k = malloc(sizeof *k);
  if (k == NULL) return NULL;
  *k = *s;
  k->forks = k->forked = 0;
  k->execed = k->execs = 0;
  k->begins_with_exec = s->child_exec != 0;
  k->state ^= (seed + 1) * UINT64_C(0x9e3779b97f4a7c15);
  if (k->state == 0) k->state = 1;
  return k;
}

void synthetic_destroy(struct synthetic *s) {
  free(s);
}

bool synthetic_holds(const struct synthetic *s) {
  return s->hold != 0;
}

/* Behind the shared memory. */
static uint64_t stamp_base(const struct synthetic *s) {
  return SHMEM_BASE + s->shmem_pages * PAGE;
}

uint64_t synthetic_length(const struct synthetic *s) {
  return (2 + s->stamp) * s->accesses + (s->touch != 0 ? s->pages : 0);
}

uint64_t synthetic_footprint(const struct synthetic *s) {
  return s->pages + s->file_pages + s->shmem_pages + CODE_PAGES + stamp_pages(s);
}

uint64_t synthetic_file_pages(const struct synthetic *s) {
  return s->file_pages;
}

static bool make_map(struct synthetic *s, struct trace_event *ev) {
  *ev = (struct trace_event){.kind = TRACE_MAP, .prot = 3};
  switch (s->setup++) {
    case 0:
      ev->addr = CODE_BASE;
      ev->bytes = (uint64_t)CODE_PAGES * PAGE;
      ev->prot = 5;
      return true;
    case 1:
      ev->addr = ANON_BASE;
      ev->bytes = s->pages * s->stride * PAGE;
      ev->huge = (uint8_t)(s->hugetlb != 0 ? 3 : s->huge);
      return true;
    case 2:
      ev->addr = FILE_BASE;
      ev->bytes = s->file_pages * PAGE;
      ev->file = 1;
      ev->shared = (uint8_t)s->shared;
      return s->file_pages != 0;
    case 3:
      ev->addr = SHMEM_BASE;
      ev->bytes = s->shmem_pages * PAGE;
      ev->shared = 1;
      return s->shmem_pages != 0;
    case 4:
      ev->kind = PROGRAM_LOCK;
      ev->addr = ANON_BASE;
      ev->bytes = s->lock * PAGE;
      return s->lock != 0;
    case 5:
      ev->addr = stamp_base(s);
      ev->bytes = stamp_pages(s) * PAGE;
      return s->stamp != 0;
    default:
      return false;
  }
}

static void next_page(struct synthetic *s, uint64_t *state) {
  uint64_t all = s->pages + s->file_pages + s->shmem_pages;
  s->left = s->run;
  if (s->pattern == PATTERN_LOOP) {
    s->page = s->cursor++ % all;
  } else if (s->pattern == PATTERN_HOT && draw(state, 10) != 0) {
    s->page = draw(state, all / 5 + 1) * 5 % all; /* nine in ten go to a fifth of the pages */
  } else {
    s->page = draw(state, all);
  }
}

/* A mark before the first query and behind each. */
static bool make_query(struct synthetic *s, struct trace_event *ev) {
  if (s->begun && (s->done == s->closed || s->done % s->query != 0 || s->unstamped)) return false;
  *ev = (struct trace_event){.kind = PROGRAM_QUERY, .count = s->begun};
  s->begun = true;
  s->closed = s->done;
  return true;
}

/* Behind an access, the time of it is noted for its page, as exact LRU by time stamps needs it. */
static bool make_stamp(struct synthetic *s, struct trace_event *ev) {
  if (!s->unstamped) return false;
  s->unstamped = false;
  *ev = (struct trace_event){.kind = TRACE_MODIFY, .addr = stamp_base(s) + s->page * 8, .bytes = 8};
  return true;
}

/* Is the next of `wanted` events due, which come at even distances? */
static bool due(const struct synthetic *s, uint64_t wanted, uint64_t had) {
  return had < wanted && s->done >= s->accesses / (wanted + 1) * (had + 1);
}

/* A system call between two accesses. */
static bool call(struct synthetic *s, struct trace_event *ev) {
  *ev = (struct trace_event){0};
  if (due(s, s->forks, s->forked)) {
    s->forked++;
    ev->kind = PROGRAM_FORK;
  } else if (s->begins_with_exec || due(s, s->execs, s->execed)) {
    s->execed += !s->begins_with_exec;
    s->begins_with_exec = false;
    s->setup = 0; /* everything is mapped again */
    ev->kind = PROGRAM_EXEC;
  } else if (s->sync != 0 && s->stores - s->synced >= s->sync) {
    s->synced = s->stores;
    ev->kind = PROGRAM_SYNC;
    ev->addr = FILE_BASE;
    ev->bytes = s->file_pages * PAGE;
  }
  return ev->kind != 0;
}

/* Address of a page, and whether it is the last of its area. */
static inline uint64_t address(const struct synthetic *s, uint64_t page, bool *last) {
  if (page < s->pages) {
    *last = page + 1 == s->pages;
    return ANON_BASE + page * s->stride * PAGE;
  }
  page -= s->pages;
  if (page < s->file_pages) {
    *last = page + 1 == s->file_pages;
    return FILE_BASE + page * PAGE;
  }
  page -= s->file_pages;
  *last = page + 1 == s->shmem_pages;
  return SHMEM_BASE + page * PAGE;
}

static void make_fetch(struct synthetic *s, struct trace_event *ev) {
  uint64_t state = s->state; /* a copy stays in the host's registers */
  s->fetched = true;
  uint64_t line =
      draw(&state, 50) == 0 ? draw(&state, (uint64_t)CODE_PAGES * PAGE / 64) : s->done % 8;
  s->state = state;
  *ev = (struct trace_event){
      .kind = TRACE_FETCH, .addr = CODE_BASE + line * 64, .count = (uint32_t)s->compute};
}

static void make_access(struct synthetic *s, struct trace_event *ev) {
  uint64_t state = s->state;
  bool last;
  s->fetched = false;
  s->unstamped = s->stamp != 0;
  s->done++;
  if (s->left == 0) next_page(s, &state);
  s->left--;
  uint64_t base = address(s, s->page, &last);
  uint64_t offset = draw(&state, PAGE / 8) * 8;
  if (!last && draw(&state, 100) < s->cross_percent) offset = PAGE - 4;
  uint8_t kind = TRACE_READ;
  if (draw(&state, 100) < s->write_percent)
    kind = draw(&state, 8) == 0 ? TRACE_MODIFY : TRACE_WRITE;
  s->state = state;
  s->stores += kind != TRACE_READ;
  *ev = (struct trace_event){.kind = kind, .addr = base + offset, .bytes = 8};
}

/* What comes before, between or behind accesses: false if the next event is one. */
static bool make_other(struct synthetic *s, struct trace_event *ev, int *more) {
  *more = 1;
  while (s->setup < MAPS)
    if (make_map(s, ev)) return true;
  if (s->touch != 0 && s->touched != s->pages) {
    *ev = (struct trace_event){
        .kind = TRACE_WRITE, .addr = ANON_BASE + s->touched++ * s->stride * PAGE, .bytes = 8};
    return true;
  }
  if (s->query != 0 && make_query(s, ev)) return true;
  if (s->stamp != 0 && make_stamp(s, ev)) return true;
  if (s->done == s->accesses) {
    bool settle = s->hold != 0 && s->setup == MAPS;
    *ev = (struct trace_event){.kind = settle ? PROGRAM_SETTLE : TRACE_EXIT};
    *more = s->setup++ <= (s->hold != 0 ? MAPS + 1 : MAPS);
    return true;
  }
  if (!s->fetched && call(s, ev)) return true;
  if ((s->query | s->stamp | s->forks | s->execs | s->sync) == 0) s->plain = s->accesses;
  return false;
}

int synthetic_next(struct synthetic *s, struct trace_event *ev) {
  int more;
  if (s->done >= s->plain && make_other(s, ev, &more)) return more;
  if (s->fetched)
    make_access(s, ev);
  else
    make_fetch(s, ev);
  return 1;
}
