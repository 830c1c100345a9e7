/* SPDX-License-Identifier: Apache-2.0
 * The areas of an address space as one ordered array: look-up by bisection, cut, split and joined
 * as Linux's mmap does. Promises that areas never overlap. */
#include <stdlib.h>
#include <string.h>

#include "os/kernel.h"

/* First area that ends above va. */
static size_t first_above(const struct os_mm *mm, uint64_t va) {
  size_t lo = 0;
  size_t hi = mm->vmas;
  while (lo < hi) {
    size_t mid = lo + (hi - lo) / 2;
    if (mm->vma[mid].end > va)
      hi = mid;
    else
      lo = mid + 1;
  }
  return lo;
}

const struct os_vma *os_vma_find(const struct os_mm *mm, uint64_t va) {
  size_t i = first_above(mm, va);
  return i < mm->vmas && mm->vma[i].start <= va ? &mm->vma[i] : NULL;
}

void os_vma_has_anon(struct os_mm *mm, uint64_t va) {
  size_t i = first_above(mm, va);
  if (i < mm->vmas && mm->vma[i].start <= va) mm->vma[i].anon = true;
}

bool os_vma_next(const struct os_mm *mm, uint64_t va, struct os_vma *out) {
  size_t i = first_above(mm, va);
  if (i < mm->vmas) *out = mm->vma[i];
  return i < mm->vmas;
}

bool os_vma_any(const struct os_mm *mm, uint64_t start, uint64_t end) {
  size_t i = first_above(mm, start);
  return i < mm->vmas && mm->vma[i].start < end;
}

bool os_vma_covered(const struct os_mm *mm, uint64_t start, uint64_t end) {
  for (size_t i = first_above(mm, start); start < end; i++) {
    if (i >= mm->vmas || mm->vma[i].start > start) return false;
    start = mm->vma[i].end;
  }
  return true;
}

struct os_vma_pages os_vma_count(const struct os_mm *mm, uint64_t start, uint64_t end) {
  struct os_vma_pages n = {0};
  for (size_t i = first_above(mm, start); i < mm->vmas && mm->vma[i].start < end; i++) {
    const struct os_vma *v = &mm->vma[i];
    uint64_t from = v->start > start ? v->start : start;
    uint64_t to = v->end < end ? v->end : end;
    uint64_t pages = (to - from) >> 12;
    n.all += pages;
    if (v->accounted)
      n.accounted += pages;
    else if (!v->shared && v->huge != OS_VMA_HUGETLB)
      n.accountable += pages;
  }
  return n;
}

static bool continues(const struct os_vma *a, const struct os_vma *b) {
  return a->end == b->start && a->file == b->file && a->prot == b->prot && a->shared == b->shared &&
         a->accounted == b->accounted && a->huge == b->huge && a->locked == b->locked &&
         (a->file == 0 || a->file_page + ((a->end - a->start) >> 12) == b->file_page);
}

static int insert_at(struct os_mm *mm, size_t i, const struct os_vma *v) {
  if (mm->vmas == mm->vma_room) {
    size_t room = mm->vma_room != 0 ? 2 * mm->vma_room : 16;
    struct os_vma *p = os_host_realloc(mm->os, mm->vma, room * sizeof *p);
    if (p == NULL) return -1;
    mm->vma = p;
    mm->vma_room = room;
  }
  memmove(&mm->vma[i + 1], &mm->vma[i], (mm->vmas - i) * sizeof *mm->vma);
  mm->vma[i] = *v;
  mm->vmas++;
  if (v->shmem) os_shmem_hold(mm->os, v->file);
  return 0;
}

static void remove_at(struct os_mm *mm, size_t i) {
  if (mm->vma[i].shmem) os_shmem_release(mm->os, mm->vma[i].file);
  mm->vmas--;
  memmove(&mm->vma[i], &mm->vma[i + 1], (mm->vmas - i) * sizeof *mm->vma);
}

/* Join area i with i + 1 if they continue each other. */
static void join(struct os_mm *mm, size_t i) {
  if (i + 1 >= mm->vmas || !continues(&mm->vma[i], &mm->vma[i + 1])) return;
  mm->vma[i].end = mm->vma[i + 1].end;
  mm->vma[i].anon = mm->vma[i].anon || mm->vma[i + 1].anon;
  remove_at(mm, i + 1);
}

int os_vma_insert(struct os_mm *mm, const struct os_vma *v) {
  size_t i = first_above(mm, v->start);
  if (insert_at(mm, i, v) != 0) return -1;
  join(mm, i);
  if (i != 0) join(mm, i - 1);
  return 0;
}

/* Make `at` a border of areas if it lies inside one. */
static int split(struct os_mm *mm, uint64_t at) {
  size_t i = first_above(mm, at);
  if (i >= mm->vmas || mm->vma[i].start >= at) return 0;
  struct os_vma upper = mm->vma[i];
  if (upper.file != 0) upper.file_page += (at - upper.start) >> 12;
  upper.start = at;
  if (insert_at(mm, i + 1, &upper) != 0) return -1;
  mm->vma[i].end = at;
  return 0;
}

int os_vma_remove(struct os_mm *mm, uint64_t start, uint64_t end) {
  if (split(mm, start) != 0 || split(mm, end) != 0) return -1;
  size_t i = first_above(mm, start);
  while (i < mm->vmas && mm->vma[i].start < end)
    remove_at(mm, i);
  return 0;
}

void os_vma_clear(struct os_mm *mm) {
  while (mm->vmas != 0)
    remove_at(mm, mm->vmas - 1);
}

int os_vma_protect(struct os_mm *mm, uint64_t start, uint64_t end, uint8_t prot) {
  if (split(mm, start) != 0 || split(mm, end) != 0) return -1;
  size_t first = first_above(mm, start);
  size_t last = first;
  for (; last < mm->vmas && mm->vma[last].start < end; last++) {
    struct os_vma *v = &mm->vma[last];
    v->prot = prot;
    if ((prot & OS_PROT_WRITE) != 0 && !v->shared && v->huge != OS_VMA_HUGETLB) v->accounted = true;
  }
  for (size_t i = last; i-- > first;)
    join(mm, i);
  if (first != 0) join(mm, first - 1);
  return 0;
}

int os_vma_advise(struct os_mm *mm, uint64_t start, uint64_t end, uint8_t huge) {
  if (split(mm, start) != 0 || split(mm, end) != 0) return -1;
  size_t first = first_above(mm, start);
  size_t last = first;
  for (; last < mm->vmas && mm->vma[last].start < end; last++)
    mm->vma[last].huge = huge;
  for (size_t i = last; i-- > first;)
    join(mm, i);
  if (first != 0) join(mm, first - 1);
  return 0;
}

int os_vma_lock(struct os_mm *mm, uint64_t start, uint64_t end, bool locked) {
  if (split(mm, start) != 0 || split(mm, end) != 0) return -1;
  size_t first = first_above(mm, start);
  size_t last = first;
  for (; last < mm->vmas && mm->vma[last].start < end; last++)
    mm->vma[last].locked = locked;
  for (size_t i = last; i-- > first;)
    join(mm, i);
  if (first != 0) join(mm, first - 1);
  return 0;
}
