// SPDX-License-Identifier: Apache-2.0
// The truth of an address space: areas as the program asked for them, and what each page that it
// touched must show: zeroes, the file's page, or the page's own latest version.
// Follows POSIX mmap; a private file page may or may not show later writes to the file.
// Promises: learns from the program's events and retired stores only.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/content_internal.h"

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

enum { PAGE_SHIFT = 12, RECENT = 1024 };

/* Shared anonymous memory; goes with the last area. */
struct common {
  uint64_t areas;
  uint64_t token[]; /* of each page; 0: zeroes */
};

struct area {
  uint64_t first, last; /* pages, inclusive */
  uint64_t file_page;   /* or page of `common` */
  struct common *common;
  uint32_t file;
  uint8_t prot;
  bool shared;
};

struct page {
  uint64_t number;
  uint64_t own;     /* token, unless it follows the file */
  uint64_t *follow; /* the truth of the file's page, or of the common one; NULL: own */
  uint8_t prot;
  bool shared;
  bool inherited; /* `own` is another task's too: the next store begins contents of its own */
  UT_hash_handle hh;
};

struct content_task {
  struct content *c;
  struct area *area;
  size_t areas, room;
  struct page *pages;
  struct page *recent[RECENT]; /* by low bits of the page number */
  uint32_t pid;
};

struct content_task *content_task_create(struct content *c, uint32_t pid) {
  struct content_task *t = calloc(1, sizeof *t);
  if (t == NULL) return NULL;
  t->c = c;
  t->pid = pid;
  return t;
}

/* false: out of host memory, and the page is gone. */
static bool add_page(struct content_task *t, struct page *p) {
  HASH_ADD(hh, t->pages, number, sizeof p->number, p);
  if (p->hh.tbl != NULL) return true;
  free(p);
  return false;
}

static void drop_area(const struct area *a) {
  if (a->common != NULL && --a->common->areas == 0) free(a->common);
}

void content_task_destroy(struct content_task *t) {
  if (t == NULL) return;
  struct page *p = t->pages;
  HASH_CLEAR(hh, t->pages);
  while (p != NULL) {
    struct page *next = p->hh.next;
    free(p);
    p = next;
  }
  for (size_t i = 0; i < t->areas; i++)
    drop_area(&t->area[i]);
  free(t->area);
  free(t);
}

struct content_task *content_task_fork(struct content_task *t, uint32_t pid) {
  struct content_task *k = content_task_create(t->c, pid);
  bool ok = k != NULL;
  if (ok && t->areas != 0) {
    k->area = malloc(t->areas * sizeof *k->area);
    ok = k->area != NULL;
    if (ok) memcpy(k->area, t->area, t->areas * sizeof *k->area);
    if (ok) k->areas = k->room = t->areas;
    for (size_t i = 0; i < k->areas; i++)
      if (k->area[i].common != NULL) k->area[i].common->areas++;
  }
  for (struct page *p = t->pages; ok && p != NULL; p = p->hh.next) {
    struct page *copy = malloc(sizeof *copy);
    ok = copy != NULL;
    if (!ok) break;
    p->inherited = true;
    *copy = *p;
    ok = add_page(k, copy);
  }
  if (ok) return k;
  content_task_destroy(k);
  return NULL;
}

/* ---- areas ---- */

static bool add_area(struct content_task *t, struct area a) {
  if (t->areas == t->room) {
    size_t room = t->room == 0 ? 32 : 2 * t->room;
    struct area *area = realloc(t->area, room * sizeof *area);
    if (area == NULL) return false;
    t->area = area;
    t->room = room;
  }
  if (a.common != NULL) a.common->areas++;
  t->area[t->areas++] = a;
  return true;
}

static const struct area *find_area(const struct content_task *t, uint64_t number) {
  for (size_t i = 0; i < t->areas; i++)
    if (number >= t->area[i].first && number <= t->area[i].last) return &t->area[i];
  return NULL;
}

/* Cut area i so that no area crosses the start of page `number`. */
static bool split_at(struct content_task *t, uint64_t number) {
  for (size_t i = 0; i < t->areas; i++) {
    struct area *a = &t->area[i];
    if (a->first >= number || a->last < number) continue;
    struct area upper = *a;
    upper.first = number;
    upper.file_page += number - a->first;
    a->last = number - 1;
    return add_area(t, upper);
  }
  return true;
}

static void forget_pages(struct content_task *t, uint64_t first, uint64_t last) {
  struct page *next;
  for (struct page *p = t->pages; p != NULL; p = next) {
    next = p->hh.next;
    if (p->number < first || p->number > last) continue;
    /* the analyser does not follow uthash's links */
    HASH_DEL(t->pages, p);  // NOLINT(clang-analyzer-unix.Malloc)
    free(p);
  }
  memset(t->recent, 0, sizeof t->recent);
}

void content_unmap(struct content_task *t, uint64_t va, uint64_t bytes) {
  uint64_t first = va >> PAGE_SHIFT, last = (va + bytes - 1) >> PAGE_SHIFT;
  if (bytes == 0 || !split_at(t, first) || !split_at(t, last + 1)) return;
  forget_pages(t, first, last);
  size_t kept = 0;
  for (size_t i = 0; i < t->areas; i++)
    if (t->area[i].last < first || t->area[i].first > last)
      t->area[kept++] = t->area[i];
    else
      drop_area(&t->area[i]);
  t->areas = kept;
}

bool content_map(struct content_task *t, uint64_t va, uint64_t bytes, uint8_t prot, uint32_t file,
                 uint64_t file_page, bool shared) {
  if (bytes == 0) return true;
  content_unmap(t, va, bytes);
  struct area a = {.first = va >> PAGE_SHIFT,
                   .last = (va + bytes - 1) >> PAGE_SHIFT,
                   .file_page = file_page,
                   .file = file,
                   .prot = prot,
                   .shared = shared};
  if (file != 0 || !shared) return add_area(t, a);
  a.file_page = 0;
  a.common = calloc(1, sizeof *a.common + (a.last - a.first + 1) * sizeof a.common->token[0]);
  if (a.common == NULL || add_area(t, a)) return a.common != NULL;
  free(a.common);
  return false;
}

void content_protect(struct content_task *t, uint64_t va, uint64_t bytes, uint8_t prot) {
  uint64_t first = va >> PAGE_SHIFT, last = (va + bytes - 1) >> PAGE_SHIFT;
  if (bytes == 0 || !split_at(t, first) || !split_at(t, last + 1)) return;
  for (size_t i = 0; i < t->areas; i++)
    if (t->area[i].first >= first && t->area[i].last <= last) t->area[i].prot = prot;
  for (struct page *p = t->pages; p != NULL; p = p->hh.next)
    if (p->number >= first && p->number <= last) p->prot = prot;
}

bool content_overlaps(const struct content_task *t, uint64_t va, uint64_t bytes) {
  uint64_t first = va >> PAGE_SHIFT, last = (va + bytes - 1) >> PAGE_SHIFT;
  for (size_t i = 0; i < t->areas; i++)
    if (t->area[i].last >= first && t->area[i].first <= last) return true;
  return false;
}

/* ---- pages ---- */

static struct page *new_page(struct content_task *t, const struct area *a, uint64_t number) {
  struct page *p = calloc(1, sizeof *p);
  if (p == NULL) return NULL;
  p->number = number;
  p->prot = a->prot;
  p->shared = a->shared;
  uint64_t page = a->file_page + (number - a->first);
  if (a->common != NULL)
    p->follow = &a->common->token[page];
  else if (a->file != 0 && a->file <= t->c->files && page < t->c->file[a->file - 1].pages)
    p->follow = &t->c->file[a->file - 1].token[page];
  return add_page(t, p) ? p : NULL;
}

/* NULL: no area there, or out of host memory. */
static struct page *find_page(struct content_task *t, uint64_t number) {
  struct page **recent = &t->recent[number % RECENT];
  if (*recent != NULL && (*recent)->number == number) return *recent;
  struct page *p;
  HASH_FIND(hh, t->pages, &number, sizeof number, p);
  const struct area *a = p == NULL ? find_area(t, number) : NULL;
  if (a != NULL) p = new_page(t, a, number);
  *recent = p;
  return p;
}

/* A private page gets contents of its own at its first store. */
static bool make_own(struct content_task *t, struct page *p) {
  uint64_t object = content_new_object(t->c, false, t->pid, p->number);
  p->own = object << CONTENT_VERSION_BITS;
  p->follow = NULL;
  p->inherited = false;
  return object != 0;
}

static enum content_verdict stale(struct content_task *t, uint64_t pfn, const char *why) {
  snprintf(t->c->story, sizeof t->c->story, "frame %" PRIu64 ": %s", pfn, why);
  return CONTENT_STALE;
}

/* Equal, or an older version of the file's page under a private mapping. */
static bool acceptable(const struct page *p, uint64_t found, uint64_t wanted) {
  if (found == wanted) return true;
  return p->follow != NULL && !p->shared && found < wanted &&
         found >> CONTENT_VERSION_BITS == wanted >> CONTENT_VERSION_BITS;
}

enum content_verdict content_access(struct content_task *t, uint64_t va, uint64_t pfn,
                                    uint8_t kind) {
  struct content *c = t->c;
  struct page *p = find_page(t, va >> PAGE_SHIFT);
  if (p == NULL && find_area(t, va >> PAGE_SHIFT) != NULL) return CONTENT_UNKNOWN;
  if (p == NULL) return stale(t, pfn, "the program has no area there");
  if (pfn >= c->frames) return stale(t, pfn, "there is no such frame");
  struct content_frame *f = &c->frame[pfn];
  if (!f->used) return stale(t, pfn, "the frame had been freed");
  bool allowed = kind == CONTENT_READ ? p->prot != 0 : (p->prot & kind) != 0;
  if (!allowed) return stale(t, pfn, "the area does not allow this access");
  uint64_t wanted = p->follow != NULL ? *p->follow : p->own;
  if (!acceptable(p, f->token, wanted)) return content_judge(c, pfn, f->token, wanted);
  if (kind != CONTENT_WRITE) return CONTENT_OK;
  if (p->follow != NULL && p->shared) {
    if (*p->follow == 0)
      *p->follow = content_new_object(c, false, t->pid, p->number) << CONTENT_VERSION_BITS;
    if (*p->follow == 0) return CONTENT_UNKNOWN;
    f->token = ++*p->follow;
  } else {
    if ((p->follow != NULL || p->own == 0 || p->inherited) && !make_own(t, p))
      return CONTENT_UNKNOWN;
    f->token = ++p->own;
  }
  return CONTENT_OK;
}
