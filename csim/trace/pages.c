// SPDX-License-Identifier: Apache-2.0
// A set of page numbers: open addressing, linear probing, grown at three quarters.
// Follows no manual. Promises: the sorted view does not depend on insertion order.
#include "trace/pages.h"

#include <stdlib.h>

struct page_set {
  uint64_t *key; /* page + 1; 0 is free */
  uint8_t *flags;
  size_t slots, used;
};

static size_t home(uint64_t page, size_t slots) {
  return (size_t)((page * UINT64_C(0x9E3779B97F4A7C15)) >> 20) & (slots - 1);
}

static bool alloc_slots(struct page_set *s, size_t slots) {
  s->key = calloc(slots, sizeof *s->key);
  s->flags = calloc(slots, 1);
  s->slots = slots;
  if (s->key != NULL && s->flags != NULL) return true;
  free(s->key);
  free(s->flags);
  return false;
}

struct page_set *page_set_create(void) {
  struct page_set *s = calloc(1, sizeof *s);
  if (s != NULL && !alloc_slots(s, 4096)) {
    free(s);
    s = NULL;
  }
  return s;
}

void page_set_destroy(struct page_set *s) {
  if (s == NULL) return;
  free(s->key);
  free(s->flags);
  free(s);
}

static size_t find(const struct page_set *s, uint64_t page) {
  size_t i = home(page, s->slots);
  while (s->key[i] != 0 && s->key[i] != page + 1)
    i = (i + 1) & (s->slots - 1);
  return i;
}

static bool grow(struct page_set *s) {
  struct page_set bigger = {.used = s->used};
  if (!alloc_slots(&bigger, s->slots * 2)) return false;
  for (size_t i = 0; i < s->slots; i++) {
    if (s->key[i] == 0) continue;
    size_t at = find(&bigger, s->key[i] - 1);
    bigger.key[at] = s->key[i];
    bigger.flags[at] = s->flags[i];
  }
  free(s->key);
  free(s->flags);
  *s = bigger;
  return true;
}

uint8_t *page_set_at(struct page_set *s, uint64_t page) {
  size_t i = find(s, page);
  if (s->key[i] == 0) {
    if (s->used * 4 >= s->slots * 3) {
      if (!grow(s)) return NULL;
      i = find(s, page);
    }
    s->key[i] = page + 1;
    s->used++;
  }
  return &s->flags[i];
}

bool page_set_has(const struct page_set *s, uint64_t page) {
  return s->key[find(s, page)] != 0;
}

size_t page_set_count(const struct page_set *s) {
  return s->used;
}

static int by_page(const void *a, const void *b) {
  const uint64_t x = *(const uint64_t *)a;
  const uint64_t y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

uint64_t *page_set_sorted(const struct page_set *s) {
  uint64_t *out = malloc((s->used + 1) * sizeof *out);
  if (out == NULL) return NULL;
  size_t n = 0;
  for (size_t i = 0; i < s->slots; i++)
    if (s->key[i] != 0) out[n++] = s->key[i] - 1;
  qsort(out, n, sizeof *out, by_page);
  return out;
}
