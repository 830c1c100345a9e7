// SPDX-License-Identifier: Apache-2.0
// Page use over time, and exact LRU stack distances (Mattson's one-pass method: the distance of
// a re-use is the number of pages whose latest use is younger, kept in a Fenwick tree).
// Promises: O(log n) a page change; the figures depend on the events only.
#include "trace/profile.h"

#include <stdbool.h>
#include <stdlib.h>

#include "trace/areas.h"
#include "trace/pages.h"

enum { WROTE = 1, RAN = 2, FILE_BACKED = 4 };

struct stacks {
  uint64_t *key;  /* page + 1 */
  uint64_t *when; /* latest use */
  uint32_t *part; /* part of the latest use, from 1 */
  uint8_t *flags;
  size_t slots;
  uint32_t *tree; /* 1 at the latest use of each page */
  uint64_t now, room;
};

static size_t slot(const struct stacks *s, uint64_t page) {
  size_t i = (size_t)((page * UINT64_C(0x9E3779B97F4A7C15)) >> 20) & (s->slots - 1);
  while (s->key[i] != 0 && s->key[i] != page + 1)
    i = (i + 1) & (s->slots - 1);
  return i;
}

static void tree_add(struct stacks *s, uint64_t at, bool up) {
  for (uint64_t i = at + 1; i <= s->room; i += i & (~i + 1))
    s->tree[i] += up ? 1u : ~0u;
}

static uint64_t tree_sum(const struct stacks *s, uint64_t at) { /* of 0..at */
  uint64_t sum = 0;
  for (uint64_t i = at + 1; i > 0; i &= i - 1)
    sum += s->tree[i];
  return sum;
}

static void use(struct stacks *s, struct trace_profile *p, uint64_t page, size_t part,
                uint8_t flags, uint64_t pages) {
  const size_t i = slot(s, page);
  if (s->key[i] == 0) {
    s->key[i] = page + 1;
    p->fresh[part]++;
    p->touched[part]++;
  } else {
    const uint64_t distance = pages - tree_sum(s, s->when[i]); /* pages used since */
    for (size_t k = 0; k < TRACE_SIZES; k++)
      if (distance >= p->size[k]) p->again[k]++;
    tree_add(s, s->when[i], false);
    if (s->part[i] != part + 1) p->touched[part]++;
  }
  s->part[i] = (uint32_t)part + 1;
  s->when[i] = s->now;
  tree_add(s, s->now++, true);
  const uint8_t fresh = flags & (uint8_t)~s->flags[i];
  s->flags[i] |= flags;
  p->written_pages += (fresh & WROTE) != 0;
  p->code_pages += (fresh & RAN) != 0;
  p->file_pages += (fresh & FILE_BACKED) != 0;
  if (page << 12 > p->highest) p->highest = page << 12;
}

static bool alloc(struct stacks *s, uint64_t pages, uint64_t uses) {
  s->slots = 4096;
  while (s->slots < pages * 2)
    s->slots *= 2;
  s->room = uses + 1;
  s->key = calloc(s->slots, sizeof *s->key);
  s->when = calloc(s->slots, sizeof *s->when);
  s->part = calloc(s->slots, sizeof *s->part);
  s->flags = calloc(s->slots, 1);
  s->tree = calloc(s->room + 1, sizeof *s->tree);
  return s->key != NULL && s->when != NULL && s->part != NULL && s->flags != NULL &&
         s->tree != NULL;
}

static bool apply_area(struct area_list *areas, struct trace_profile *p,
                       const struct trace_event *ev) {
  if (ev->kind == TRACE_UNMAP) return area_remove(areas, ev->addr, ev->addr + ev->bytes);
  p->map_bytes += ev->bytes;
  return area_put(areas,
                  &(struct area){.start = ev->addr, .end = ev->addr + ev->bytes, .file = ev->file});
}

static int run(struct trace_reader *r, struct trace_profile *p, struct stacks *s,
               struct area_list *areas) {
  const struct trace_info *info = trace_info(r);
  uint64_t total = 0;
  for (size_t i = 0; i < TRACE_KIND_COUNT; i++)
    total += info->events[i];
  uint64_t seen = 0;
  uint64_t pages = 0;
  uint64_t last[2] = {UINT64_MAX, UINT64_MAX};
  uint8_t last_flags[2] = {0, 0};
  struct trace_event ev;
  int rc;
  while ((rc = trace_next(r, &ev)) == 1) {
    const size_t part = (size_t)(seen++ * TRACE_PARTS / (total + 1));
    if (ev.kind == TRACE_MAP || ev.kind == TRACE_UNMAP) {
      if (!apply_area(areas, p, &ev)) return -1;
    }
    if (ev.kind > TRACE_MODIFY) continue;
    const size_t lane = ev.kind == TRACE_FETCH ? 0 : 1;
    const uint64_t page = ev.addr >> 12; /* the page where it starts stands for it */
    uint8_t flags = 0;
    if (ev.kind == TRACE_FETCH) flags = RAN;
    if (ev.kind >= TRACE_WRITE) flags = WROTE;
    if (last[lane] == page && (last_flags[lane] & flags) == flags) continue;
    const struct area *a = area_find(areas, ev.addr);
    if (a != NULL && a->file != 0) flags |= FILE_BACKED;
    last[lane] = page;
    last_flags[lane] = flags;
    if (s->now == s->room) continue; /* cannot happen: room is one a record */
    use(s, p, page, part, flags, pages);
    pages = tree_sum(s, s->now - 1);
  }
  return rc == 0 ? 0 : -2;
}

int trace_profile(struct trace_reader *r, struct trace_profile *p) {
  static const uint64_t sixteenths[TRACE_SIZES] = {1, 2, 4, 6, 8, 12};
  *p = (struct trace_profile){0};
  const struct trace_info *info = trace_info(r);
  uint64_t uses = 0;
  for (size_t i = 0; i <= TRACE_MODIFY; i++)
    uses += info->events[i];
  for (size_t i = 0; i < TRACE_SIZES; i++)
    p->size[i] = info->footprint_pages * sixteenths[i] / 16;
  if (info->footprint_pages > uses * 4096 + 1) uses = 0; /* a header that lies: found out below */
  struct stacks s = {0};
  struct area_list areas = {0};
  int rc = -1;
  if (alloc(&s, uses + 1 < info->footprint_pages * 2 ? uses + 1 : info->footprint_pages + 1, uses))
    rc = run(r, p, &s, &areas);
  area_list_free(&areas);
  free(s.key);
  free(s.when);
  free(s.part);
  free(s.flags);
  free(s.tree);
  return rc;
}
