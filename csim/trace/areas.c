// SPDX-License-Identifier: Apache-2.0
// A sorted array of disjoint areas, as mmap, munmap and mprotect change them (Linux semantics:
// a new mapping replaces what it covers). Promises: neighbours are not merged.
#include "trace/areas.h"

#include <stdlib.h>
#include <string.h>

void area_list_free(struct area_list *l) {
  free(l->at);
  *l = (struct area_list){0};
}

/* Index of the first area that ends after addr. */
static size_t lower(const struct area_list *l, uint64_t addr) {
  size_t lo = 0;
  size_t hi = l->count;
  while (lo < hi) {
    const size_t mid = (lo + hi) / 2;
    if (l->at[mid].end > addr)
      hi = mid;
    else
      lo = mid + 1;
  }
  return lo;
}

const struct area *area_after(const struct area_list *l, uint64_t addr) {
  const size_t i = lower(l, addr);
  return i < l->count ? &l->at[i] : NULL;
}

const struct area *area_find(const struct area_list *l, uint64_t addr) {
  const struct area *a = area_after(l, addr);
  return a != NULL && a->start <= addr ? a : NULL;
}

static bool insert(struct area_list *l, size_t i, const struct area *a) {
  if (l->count == l->room) {
    const size_t room = l->room * 2 + 16;
    struct area *bigger = realloc(l->at, room * sizeof *bigger);
    if (bigger == NULL) return false;
    l->at = bigger;
    l->room = room;
  }
  memmove(&l->at[i + 1], &l->at[i], (l->count - i) * sizeof *l->at);
  l->at[i] = *a;
  l->count++;
  return true;
}

/* Make sure that no area crosses addr. */
static bool split(struct area_list *l, uint64_t addr) {
  const size_t i = lower(l, addr);
  if (i == l->count || l->at[i].start >= addr) return true;
  struct area tail = l->at[i];
  tail.offset += addr - tail.start;
  tail.start = addr;
  if (!insert(l, i + 1, &tail)) return false;
  l->at[i].end = addr;
  return true;
}

bool area_remove(struct area_list *l, uint64_t start, uint64_t end) {
  if (!split(l, start) || !split(l, end)) return false;
  const size_t from = lower(l, start);
  size_t to = from;
  while (to < l->count && l->at[to].end <= end)
    to++;
  if (to == from) return true;
  memmove(&l->at[from], &l->at[to], (l->count - to) * sizeof *l->at);
  l->count -= to - from;
  return true;
}

bool area_put(struct area_list *l, const struct area *a) {
  return area_remove(l, a->start, a->end) && insert(l, lower(l, a->start), a);
}

bool area_protect(struct area_list *l, uint64_t start, uint64_t end, uint8_t prot) {
  if (!split(l, start) || !split(l, end)) return false;
  for (size_t i = lower(l, start); i < l->count && l->at[i].end <= end; i++)
    l->at[i].prot = prot;
  return true;
}

bool area_copy(struct area_list *to, const struct area_list *from) {
  *to = (struct area_list){0};
  for (size_t i = 0; i < from->count; i++)
    if (!insert(to, i, &from->at[i])) return false;
  return true;
}
