// SPDX-License-Identifier: Apache-2.0
// Moves 1 GiB regions of a trace below a limit. Rule: remap.h and docs/trace-format.md.
// Promises: two regions never share a number; a region keeps its number for the whole trace.
#include "trace/remap.h"

#include <stdbool.h>
#include <stdlib.h>

enum { REGION_SHIFT = 30, MAX_REGIONS = 1 << 16 };

struct region {
  uint64_t from, to;
};

struct trace_remap {
  struct trace_reader *r;
  uint64_t limit; /* regions */
  struct region *region;
  size_t count, room;
  size_t latest[2]; /* of fetches, of all else: saves the search */
  uint32_t moved;
  bool split;
  struct trace_event rest; /* with split: what is still to be handed out */
  const char *error;
};

struct trace_remap *trace_remap_create(struct trace_reader *r, unsigned user_bits) {
  struct trace_remap *m = calloc(1, sizeof *m);
  if (m == NULL) return NULL;
  m->r = r;
  m->limit = UINT64_C(1) << (user_bits - REGION_SHIFT);
  return m;
}

void trace_remap_destroy(struct trace_remap *m) {
  if (m == NULL) return;
  free(m->region);
  free(m);
}

uint32_t trace_remap_moved(const struct trace_remap *m) {
  return m->moved;
}

const char *trace_remap_error(const struct trace_remap *m) {
  return m->error != NULL ? m->error : trace_error(m->r);
}

static bool taken(const struct trace_remap *m, uint64_t to) {
  for (size_t i = 0; i < m->count; i++)
    if (m->region[i].to == to) return true;
  return false;
}

/* Gives a region a number. False: m->error. */
static bool place(struct trace_remap *m, uint64_t from) {
  uint64_t to = from;
  if (from >= m->limit || taken(m, from)) {
    to = m->limit;
    while (to > 0 && taken(m, to - 1))
      to--;
    if (to-- == 0 || m->count == MAX_REGIONS) {
      m->error = "the program uses more 1 GiB regions than the page-table format has";
      return false;
    }
    m->moved++;
  }
  if (m->count == m->room) {
    const size_t room = m->room * 2 + 16;
    struct region *bigger = realloc(m->region, room * sizeof *bigger);
    if (bigger == NULL) {
      m->error = "out of memory";
      return false;
    }
    m->region = bigger;
    m->room = room;
  }
  m->region[m->count++] = (struct region){from, to};
  return true;
}

static bool move(struct trace_remap *m, uint64_t *addr, size_t lane) {
  const uint64_t from = *addr >> REGION_SHIFT;
  size_t i = m->latest[lane];
  if (i >= m->count || m->region[i].from != from) {
    for (i = 0; i < m->count && m->region[i].from != from; i++) {
    }
    if (i == m->count && !place(m, from)) return false;
    m->latest[lane] = i;
  }
  *addr = m->region[i].to << REGION_SHIFT | (*addr & ((UINT64_C(1) << REGION_SHIFT) - 1));
  return true;
}

static bool has_address(const struct trace_event *ev) {
  return ev->kind <= TRACE_PROTECT;
}

int trace_remap_next(struct trace_remap *m, struct trace_event *ev) {
  if (m->error != NULL) return -1;
  if (m->split) {
    *ev = m->rest;
    m->split = false;
  } else {
    const int rc = trace_next(m->r, ev);
    if (rc != 1) return rc;
  }
  if (!has_address(ev)) return 1;
  const uint64_t end = ((ev->addr >> REGION_SHIFT) + 1) << REGION_SHIFT;
  const uint64_t room = end - ev->addr;
  if (ev->kind != TRACE_FETCH && ev->bytes > room) {
    m->rest = *ev;
    m->rest.addr += room;
    m->rest.bytes -= room;
    if (ev->kind == TRACE_MAP && ev->file != 0) m->rest.offset += room;
    m->split = true;
    ev->bytes = room;
  }
  return move(m, &ev->addr, ev->kind == TRACE_FETCH ? 0 : 1) ? 1 : -1;
}
