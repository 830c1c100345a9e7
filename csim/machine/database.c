// SPDX-License-Identifier: Apache-2.0
// Queries over a file. The pages of a query are drawn with a density of about 1/rank (as the access
// lists of lru/host/access_list.c draw theirs) and lie scattered over the file; or one comes after
// the other, as in a log. A scan takes pages in order, from where the last one ended.
// Promises: the same settings and seed give the same events.
#include "machine/database.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/program.h"
#include "machine/settings.h"
#include "random/splitmix64.h"

enum { PAGE = 4096, LINES = 8 };
#define CODE_BASE UINT64_C(0x400000)
#define FILE_BASE UINT64_C(0x2000000000)

/* What comes next for the page at hand. */
enum step { STEP_COMPUTE, STEP_READ, STEP_WRITE };

struct database {
  uint64_t pages, queries, touch, update_percent, scan_every, scan_pages, work, timed;
  bool by_map, in_order; /* io, pattern */
  uint64_t state;        /* of the random generator */
  unsigned setup;
  uint64_t done;         /* queries begun */
  uint64_t left;         /* pages of this query still to come, the one at hand included */
  uint64_t page, cursor; /* at hand; where a scan or the next page in order is */
  enum step step;
  bool scan, update, over;
};

static uint64_t draw(struct database *d) {
  return splitmix64(&d->state);
}

/* ---- settings ---- */

static bool choose(const char *value, const char *no, const char *yes, bool *to) {
  int i = settings_choice((const char *const[]){no, yes}, 2, value);
  *to = i > 0;
  return i >= 0;
}

static bool set(void *database, const char *key, const char *value) {
  struct database *d = database;
  const struct setting keys[] = {
      {"pages", &d->pages, 1, UINT64_C(1) << 24},
      {"queries", &d->queries, 1, UINT64_C(1) << 32},
      {"touch", &d->touch, 1, 65536},
      {"update", &d->update_percent, 0, 100},
      {"scan", &d->scan_every, 0, UINT64_C(1) << 32},
      {"scan_pages", &d->scan_pages, 1, UINT64_C(1) << 24},
      {"work", &d->work, 1, 1000000},
      {"timed", &d->timed, 0, 1},
  };
  if (strcmp(key, "io") == 0) return choose(value, "read", "map", &d->by_map);
  if (strcmp(key, "pattern") == 0) return choose(value, "skewed", "order", &d->in_order);
  return settings_number(keys, sizeof keys / sizeof keys[0], key, value, 10);
}

struct database *database_create(const char *settings, uint64_t seed, char *err, size_t err_len) {
  struct database *d = malloc(sizeof *d);
  if (d == NULL) {
    snprintf(err, err_len, "db program: the host is out of memory");
    return NULL;
  }
  *d = (struct database){.pages = 4096,
                         .queries = 10000,
                         .touch = 8,
                         .update_percent = 30,
                         .scan_pages = 1024,
                         .work = 200,
                         .timed = 1,
                         .state = seed};
  d->state = draw(d); /* or neighbouring seeds would give one sequence, shifted by one */
  char word[96];
  if (!settings_read(settings, set, d, word)) {
    snprintf(err, err_len,
             "db program: \"%s\" needs key=value with a value in range; keys: pages queries touch "
             "update scan scan_pages work timed io=read|map pattern=skewed|order oom_score_adj "
             "phase name",
             word);
    free(d);
    return NULL;
  }
  return d;
}

void database_destroy(struct database *d) {
  free(d);
}

uint64_t database_length(const struct database *d) {
  uint64_t scans = d->scan_every != 0 ? d->queries / d->scan_every : 0;
  return 2 * ((d->queries - scans) * d->touch + scans * d->scan_pages);
}

uint64_t database_footprint(const struct database *d) {
  uint64_t most = d->queries * d->touch; /* in order, without scans */
  bool all = !d->in_order || d->scan_every != 0 || most > d->pages;
  return (all ? d->pages : most) + 1;
}

uint64_t database_pages(const struct database *d) {
  return d->pages;
}

/* ---- events ---- */

static uint64_t below(struct database *d, uint64_t n) {
  return (draw(d) >> 32) * n >> 32;
}

/* Each power of two below n gets half as much as the one above it. */
static uint64_t skewed(struct database *d) {
  uint64_t r = draw(d) | UINT64_C(1) << 40;
  uint64_t n = d->pages >> __builtin_ctzll(r);
  return (below(d, n != 0 ? n : 1) * 40507 + 12345) % d->pages;
}

static void next_page(struct database *d) {
  d->page = d->scan || d->in_order ? d->cursor++ % d->pages : skewed(d);
  d->step = STEP_COMPUTE;
}

static void next_query(struct database *d) {
  d->done++;
  d->scan = d->scan_every != 0 && d->done % d->scan_every == 0;
  d->update = !d->scan && below(d, 100) < d->update_percent;
  d->left = d->scan ? d->scan_pages : d->touch;
  next_page(d);
}

static bool make_map(struct database *d, struct trace_event *ev) {
  *ev = (struct trace_event){.kind = TRACE_MAP, .addr = CODE_BASE, .bytes = PAGE, .prot = 5};
  if (d->setup++ == 0) return true;
  if (!d->by_map) return false;
  ev->addr = FILE_BASE;
  ev->bytes = d->pages * PAGE;
  ev->prot = 3;
  ev->file = ev->shared = 1;
  return true;
}

static void make_io(struct database *d, struct trace_event *ev) {
  const bool write = d->step == STEP_WRITE;
  *ev = (struct trace_event){.addr = FILE_BASE + d->page * PAGE, .bytes = 8};
  if (d->by_map) {
    ev->kind = write ? TRACE_WRITE : TRACE_READ;
    ev->addr += below(d, PAGE / 8) * 8;
  } else {
    ev->kind = write ? TRACE_FILE_WRITE : TRACE_FILE_READ;
    ev->offset = d->page * PAGE;
    ev->bytes = PAGE;
    ev->file = 1;
  }
}

int database_next(struct database *d, struct trace_event *ev) {
  while (d->setup < 2)
    if (make_map(d, ev)) return 1;
  while (d->left == 0) {
    *ev = (struct trace_event){.kind = PROGRAM_QUERY, .count = d->done != 0};
    if (d->over) return 0;
    if (d->done == d->queries)
      d->over = true;
    else
      next_query(d);
    if (d->timed != 0) return 1;
  }
  if (d->step == STEP_COMPUTE) {
    *ev = (struct trace_event){
        .kind = TRACE_FETCH, .addr = CODE_BASE + d->page % LINES * 64, .count = (uint32_t)d->work};
    d->step = STEP_READ;
    return 1;
  }
  make_io(d, ev);
  if (d->step == STEP_READ && d->update) {
    d->step = STEP_WRITE;
    return 1;
  }
  if (--d->left != 0) next_page(d);
  return 1;
}
