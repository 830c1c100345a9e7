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

/* Empty tables of that many slots; false, and nothing changed, if out of memory. */
static bool alloc_slots(struct page_set *s, size_t slots) {
  uint64_t *key = calloc(slots, sizeof *key);
  uint8_t *flags = calloc(slots, 1);
  if (key == NULL || flags == NULL) {
    free(key);
    free(flags);
    return false;
  }
  s->key = key;
  s->flags = flags;
  s->slots = slots;
  return true;
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
  const struct page_set old = *s;
  if (!alloc_slots(s, old.slots * 2)) return false;
  for (size_t i = 0; i < old.slots; i++) {
    if (old.key[i] == 0) continue;
    const size_t at = find(s, old.key[i] - 1);
    s->key[at] = old.key[i];
    s->flags[at] = old.flags[i];
  }
  free(old.key);
  free(old.flags);
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
