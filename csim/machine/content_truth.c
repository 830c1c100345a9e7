// SPDX-License-Identifier: Apache-2.0
// The truth of an address space: areas as the program asked for them, and what each page that it
// touched must show: zeroes, the file's page, or the page's own latest version.
// Follows POSIX mmap; a private file page may or may not show later writes to the file.
// Pages are kept in leaves of 512, four bytes each. Promises: learns from the program's events and
// retired stores only.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/table.h"
#include "machine/content_internal.h"

struct content_task *content_task_create(struct content *c, uint32_t pid) {
  struct content_task *t = c != NULL ? calloc(1, sizeof *t) : NULL;
  if (t == NULL) return NULL;
  t->c = c;
  t->pid = pid;
  return t;
}

static void drop_area(const struct area *a) {
  if (a->common != NULL && --a->common->areas == 0) free(a->common);
}

void content_task_destroy(struct content_task *t) {
  if (t == NULL) return;
  for (size_t i = 0; i < t->leaf_room; i++) {
    const struct leaf *l = &t->leaf[i];
    if (l->page == NULL) continue;
    free(l->inherited);
    host_pool_give(t->c->leaves, l->page);
  }
  host_table_free(t->leaf);
  for (size_t i = 0; i < t->areas; i++)
    drop_area(&t->area[i]);
  free(t->area);
  free(t);
}

/* ---- leaves ---- */

static size_t home_of(size_t room, uint64_t number) {
  return (size_t)(number * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (room - 1);
}

static struct leaf *place_of(struct leaf *table, size_t room, uint64_t number) {
  size_t i = home_of(room, number);
  while (table[i].page != NULL && table[i].number != number)
    i = (i + 1) & (room - 1);
  return &table[i];
}

static bool leaf_room(struct content_task *t) {
  if (4 * (t->leaves + 1) <= 3 * t->leaf_room) return true;
  size_t room = t->leaf_room == 0 ? 64 : 2 * t->leaf_room;
  struct leaf *table = host_table(room * sizeof *table);
  if (table == NULL) return false;
  for (size_t i = 0; i < t->leaf_room; i++)
    if (t->leaf[i].page != NULL) *place_of(table, room, t->leaf[i].number) = t->leaf[i];
  host_table_free(t->leaf);
  t->leaf = table;
  t->leaf_room = room;
  memset(t->recent, 0, sizeof t->recent);
  return true;
}

struct leaf *content_find_leaf(struct content_task *t, uint64_t number) {
  if (!leaf_room(t)) return NULL;
  struct leaf *l = place_of(t->leaf, t->leaf_room, number);
  if (l->page == NULL) {
    l->page = host_pool_take(t->c->leaves);
    if (l->page == NULL) return NULL;
    l->number = number;
    t->leaves++;
  }
  t->recent[number % RECENT] = l;
  return l;
}

void content_glimpse_page(const struct content_task *t, uint64_t va) {
  if (t == NULL || t->leaf_room == 0) return;
  __builtin_prefetch(&t->leaf[home_of(t->leaf_room, va >> PAGE_SHIFT >> CONTENT_RUN_BITS)]);
}

const void *content_expect_page(struct content_task *t, uint64_t va) {
  uint64_t number = va >> PAGE_SHIFT;
  if (t == NULL || t->leaf_room == 0) return NULL;
  struct leaf *l = place_of(t->leaf, t->leaf_room, number >> CONTENT_RUN_BITS);
  if (l->page == NULL) return NULL;
  t->recent[l->number % RECENT] = l;
  return &l->page[number % CONTENT_RUN];
}

static void forget_again(struct content_task *t) {
  t->again[0].rights = t->again[1].rights = 0;
}

/* What pages of a leaf hold of their own, as of now, for two: each begins anew at its next store.
 */
static bool share_leaf(struct leaf *l, struct leaf *copy) {
  copy->inherited = calloc(CONTENT_RUN, sizeof *copy->inherited);
  if (l->inherited == NULL) l->inherited = calloc(CONTENT_RUN, sizeof *l->inherited);
  if (copy->inherited == NULL || l->inherited == NULL) return false;
  for (uint64_t i = 0; i < CONTENT_RUN; i++) {
    if ((l->page[i] & STATE_MASK) == OWN) l->inherited[i] = own_token(l, i);
    if ((l->page[i] & STATE_MASK) != FRESH) l->page[i] = copy->page[i] = INHERITED;
    copy->inherited[i] = l->inherited[i];
  }
  l->object = 0;
  return true;
}

struct content_task *content_task_fork(struct content_task *t, uint32_t pid) {
  if (t == NULL) return NULL;
  struct content_task *k = content_task_create(t->c, pid);
  forget_again(t);
  bool ok = k != NULL;
  if (ok && t->areas != 0) {
    k->area = malloc(t->areas * sizeof *k->area);
    ok = k->area != NULL;
    if (ok) memcpy(k->area, t->area, t->areas * sizeof *k->area);
    if (ok) k->areas = k->room = t->areas;
    for (size_t i = 0; i < k->areas; i++)
      if (k->area[i].common != NULL) k->area[i].common->areas++;
  }
  for (size_t i = 0; ok && i < t->leaf_room; i++) {
    struct leaf *l = &t->leaf[i];
    if (l->page == NULL || (l->object == 0 && l->inherited == NULL)) continue;
    struct leaf *copy = leaf_of(k, l->number);
    ok = copy != NULL && share_leaf(l, copy);
  }
  if (ok) return k;
  content_task_destroy(k);
  return NULL;
}

/* ---- areas ---- */

/* The first area that ends at or after a page. */
size_t content_area_at(const struct content_task *t, uint64_t number) {
  size_t low = 0;
  size_t high = t->areas;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (t->area[middle].last < number)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static bool add_area(struct content_task *t, struct area a) {
  if (t->areas == t->room) {
    size_t room = t->room == 0 ? 32 : 2 * t->room;
    struct area *area = realloc(t->area, room * sizeof *area);
    if (area == NULL) return false;
    t->area = area;
    t->room = room;
  }
  size_t i = content_area_at(t, a.first);
  memmove(&t->area[i + 1], &t->area[i], (t->areas - i) * sizeof *t->area);
  t->area[i] = a;
  t->areas++;
  if (a.common != NULL) a.common->areas++;
  return true;
}

/* Cut an area so that none crosses the start of page `number`. */
static bool split_at(struct content_task *t, uint64_t number) {
  size_t i = content_area_at(t, number);
  if (!in_area(t, i, number) || t->area[i].first == number) return true;
  struct area upper = t->area[i];
  upper.first = number;
  upper.file_page += number - t->area[i].first;
  t->area[i].last = number - 1;
  if (add_area(t, upper)) return true;
  t->area[i].last = upper.last;
  return false;
}

static void forget_pages(struct content_task *t, uint64_t first, uint64_t last) {
  for (size_t k = 0; k < t->leaf_room; k++) {
    const struct leaf *l = &t->leaf[k];
    if (l->page == NULL) continue;
    uint64_t base = l->number << CONTENT_RUN_BITS;
    if (base > last || base + CONTENT_RUN <= first) continue;
    for (uint64_t i = 0; i < CONTENT_RUN; i++)
      if (base + i >= first && base + i <= last) l->page[i] &= ~STATE_MASK;
  }
}

bool content_unmap(struct content_task *t, uint64_t va, uint64_t bytes) {
  uint64_t first = va >> PAGE_SHIFT, last = (va + bytes - 1) >> PAGE_SHIFT;
  if (t == NULL || bytes == 0) return true;
  forget_again(t);
  if (!split_at(t, first) || !split_at(t, last + 1)) return false;
  size_t from = content_area_at(t, first);
  size_t to = from;
  while (to < t->areas && t->area[to].first <= last)
    to++;
  for (size_t i = from; i < to; i++)
    drop_area(&t->area[i]);
  if (to != from) memmove(&t->area[from], &t->area[to], (t->areas - to) * sizeof *t->area);
  t->areas -= to - from;
  forget_pages(t, first, last);
  return true;
}

/* Its objects follow one another. NULL: out of host memory, or of objects. */
static struct common *new_common(struct content_task *t, const struct area *a) {
  uint64_t pages = a->last - a->first + 1;
  struct common *m = calloc(1, sizeof *m + pages * sizeof m->token[0]);
  for (uint64_t i = 0; m != NULL && i < pages; i += CONTENT_RUN) {
    uint64_t object = content_new_run(t->c, false, t->pid, a->first + i);
    if (i == 0) m->object = object;
    if (object != 0) continue;
    free(m);
    return NULL;
  }
  return m;
}

bool content_map(struct content_task *t, uint64_t va, uint64_t bytes, uint8_t prot, uint32_t file,
                 uint64_t file_page, bool shared) {
  if (t == NULL || bytes == 0) return true;
  if (!content_unmap(t, va, bytes)) return false;
  struct area a = {.first = va >> PAGE_SHIFT,
                   .last = (va + bytes - 1) >> PAGE_SHIFT,
                   .file_page = file_page,
                   .file = file,
                   .prot = prot,
                   .shared = shared};
  if (file != 0 || !shared) return add_area(t, a);
  a.file_page = 0;
  a.common = new_common(t, &a);
  if (a.common == NULL || add_area(t, a)) return a.common != NULL;
  free(a.common);
  return false;
}

bool content_protect(struct content_task *t, uint64_t va, uint64_t bytes, uint8_t prot) {
  uint64_t first = va >> PAGE_SHIFT, last = (va + bytes - 1) >> PAGE_SHIFT;
  if (t == NULL || bytes == 0) return true;
  forget_again(t);
  if (!split_at(t, first) || !split_at(t, last + 1)) return false;
  for (size_t i = content_area_at(t, first); i < t->areas && t->area[i].last <= last; i++)
    t->area[i].prot = prot;
  return true;
}

bool content_overlaps(const struct content_task *t, uint64_t va, uint64_t bytes) {
  if (t == NULL) return false;
  size_t i = content_area_at(t, va >> PAGE_SHIFT);
  return i < t->areas && t->area[i].first <= (va + bytes - 1) >> PAGE_SHIFT;
}
