// SPDX-License-Identifier: Apache-2.0
// Numbers pages densely (a hash table with linear probing) and collects the accesses.
// Promises: constant time an access, on average; a refusal leaves what was added before usable.
#include "replay/build.h"

#include <stdlib.h>

#include "replay/progress.h"

enum { EMPTY = 0 };

struct entry {
  uint64_t page;
  uint32_t number; /* of the page, from 1; EMPTY: no entry */
};

struct build {
  struct replay_trace *t;
  uint64_t room, page_room;
  struct entry *slot;
  unsigned bits;
  uint64_t last_page; /* the latest one, which is often the next one */
  uint32_t last_number;
  const char *name;
  struct progress progress;
};

static const char no_memory[] = "out of memory";

static struct entry *slots(unsigned bits) {
  return calloc((size_t)1 << bits, sizeof(struct entry));
}

struct build *build_create(const char *name) {
  struct build *b = calloc(1, sizeof *b);
  if (b == NULL) return NULL;
  b->bits = 12;
  b->name = name;
  b->progress = progress_start();
  b->last_number = EMPTY;
  b->t = calloc(1, sizeof *b->t);
  b->slot = slots(b->bits);
  if (b->t != NULL && b->slot != NULL) return b;
  build_destroy(b);
  return NULL;
}

void build_destroy(struct build *b) {
  if (b == NULL) return;
  replay_trace_free(b->t);
  free(b->slot);
  free(b);
}

static struct entry *find(const struct build *b, uint64_t page) {
  const uint64_t mask = (UINT64_C(1) << b->bits) - 1;
  uint64_t i = (page * UINT64_C(0x9E3779B97F4A7C15)) >> (64 - b->bits);
  while (b->slot[i].number != EMPTY && b->slot[i].page != page)
    i = (i + 1) & mask;
  return &b->slot[i];
}

static bool grow(struct build *b) {
  struct entry *old = b->slot;
  const size_t n = (size_t)1 << b->bits;
  struct entry *bigger = slots(b->bits + 1);
  if (bigger == NULL) return false;
  b->slot = bigger;
  b->bits++;
  for (size_t i = 0; i < n; i++)
    if (old[i].number != EMPTY) *find(b, old[i].page) = old[i];
  free(old);
  return true;
}

static const char *new_page(struct build *b, uint64_t page, uint32_t *number) {
  struct replay_trace *t = b->t;
  if (t->pages == REPLAY_MAX_PAGES) return "more pages than replay can hold (2^31)";
  if (t->pages == b->page_room) {
    const uint64_t room = b->page_room == 0 ? 4096 : 2 * b->page_room;
    uint64_t *more = realloc(t->identity, room * sizeof *more);
    if (more == NULL) return no_memory;
    t->identity = more;
    b->page_room = room;
  }
  if (t->pages >= (UINT64_C(1) << b->bits) / 2 && !grow(b)) return no_memory;
  t->identity[t->pages++] = page;
  *number = t->pages;
  *find(b, page) = (struct entry){page, *number};
  return NULL;
}

const char *build_add(struct build *b, uint64_t page, bool write) {
  struct replay_trace *t = b->t;
  if (t->count == b->room) {
    if (t->count == REPLAY_MAX_ACCESSES) return "more accesses than replay can hold (2^32 - 2)";
    uint64_t room = b->room == 0 ? 65536 : 2 * b->room;
    if (room > REPLAY_MAX_ACCESSES) room = REPLAY_MAX_ACCESSES;
    uint32_t *more = realloc(t->access, room * sizeof *more);
    if (more == NULL) return no_memory;
    t->access = more;
    b->room = room;
  }
  if (b->last_number == EMPTY || page != b->last_page) {
    uint32_t number = find(b, page)->number;
    const char *why = number == EMPTY ? new_page(b, page, &number) : NULL;
    if (why != NULL) return why;
    b->last_page = page;
    b->last_number = number;
  }
  t->access[t->count++] = (b->last_number - 1) << 1 | (write ? 1 : 0);
  t->writes += write;
  if ((t->count & 0xfffff) == 0)
    progress_say(&b->progress, "%s: %llu accesses so far", b->name, (unsigned long long)t->count);
  return NULL;
}

const char *build_add_range(struct build *b, uint64_t first, uint64_t last, bool write) {
  for (uint64_t page = first;; page++) {
    const char *why = build_add(b, page, write);
    if (why != NULL || page == last) return why;
  }
}

uint64_t build_count(const struct build *b) {
  return b->t->count;
}

struct replay_trace *build_finish(struct build *b) {
  struct replay_trace *t = b->t;
  progress_end(&b->progress);
  b->t = NULL;
  return t;
}

void replay_trace_free(struct replay_trace *t) {
  if (t == NULL) return;
  free(t->access);
  free(t->identity);
  free(t);
}
