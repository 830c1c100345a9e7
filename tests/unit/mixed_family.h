/* SPDX-License-Identifier: Apache-2.0
 * A family of processes on a fake machine that do everything at once and know what each page must
 * hold, for test_os_mixed.c. */
#ifndef COWALK_TESTS_MIXED_FAMILY_H
#define COWALK_TESTS_MIXED_FAMILY_H

#include "tests/unit/huge_scene.h"

enum {
  ANON = 1400, /* pages: two huge pages and a rest */
  FILE_PAGES = 80,
  SHM_PAGES = 96,
  SEGMENTS = 2,
  OBJECTS = 400,
  MEMBERS = 7,
  FIRST_STEPS = 900,
  CHILD_STEPS = 250
};
#define PRIVATE (64 * MIB) /* from BASE; a file */
#define PUBLIC (96 * MIB)  /* the same file, shared */
#define SHARED (128 * MIB) /* segments of shared anonymous memory, 16 MiB apart */

struct proc {
  struct fake *k;
  struct os_task *t;
  uint64_t page[ANON];
  uint64_t own[FILE_PAGES];        /* private file: own contents; 0: the file's */
  uint32_t object[SEGMENTS];       /* 0: nothing is mapped there */
  bool there[SEGMENTS][SHM_PAGES]; /* parts are unmapped */
  unsigned steps;
  uint32_t pid;
  bool over; /* it was killed, or a call has failed for want of memory */
};

struct family {
  struct proc proc[MEMBERS];
  uint64_t file[FILE_PAGES]; /* as all see it */
  uint64_t shm[OBJECTS][SHM_PAGES];
  uint32_t members, objects, execs;
  bool short_of_memory; /* some will not get what they ask for */
};
static struct family *family;

static void same(const struct proc *p, const char *what, size_t i, uint64_t is, uint64_t must) {
  if (is != must)
    fail_msg("pid %u: %s page %zu holds %llx, must hold %llx", p->pid, what, i,
             (unsigned long long)is, (unsigned long long)must);
}

/* The result of a call; a process that does not get its memory gives up. */
static void done(struct proc *p, int result) {
  if (result == 0 && os_task_death(p->t) == NULL) return;
  if (!family->short_of_memory) fail_msg("pid %u: a call failed: %d", p->pid, result);
  p->over = true;
}

/* Read the page, which must hold *must, or write something new to both. */
static void use(struct proc *p, const char *what, uint64_t at, size_t i, bool write,
                uint64_t *must) {
  struct fake *k = p->k;
  uint32_t pfn = fk_access(k, p->t, BASE + at + (i << 12), write, false);
  if (pfn == 0 && !family->short_of_memory) fail_msg("pid %u: %s", p->pid, os_task_death(p->t));
  if (pfn == 0) p->over = true;
  if (p->over) return;
  if (*must != UINT64_MAX) same(p, what, i, k->content[pfn], *must);
  if (write) k->content[pfn] = *must = k->next_content++;
}

static void use_private(struct proc *p, size_t i, bool write) {
  uint64_t any = UINT64_MAX; /* it may show older contents of the file */
  use(p, "private file", PRIVATE, i, write, p->own[i] != 0 ? &p->own[i] : &any);
  if (write && p->own[i] == 0 && !p->over) p->own[i] = any;
}

static void use_shared(struct proc *p, size_t seg, size_t i, bool write) {
  if (p->object[seg] == 0 || !p->there[seg][i]) return;
  use(p, "shared", SHARED + 16 * MIB * seg, i, write, &family->shm[p->object[seg]][i]);
}

static void file_access(struct fake *k, uint64_t pfn, uint32_t file, uint64_t page, bool write) {
  (void)file;
  if (k->content[pfn] != family->file[page]) fail_msg("read() or write() finds the wrong contents");
  if (write) k->content[pfn] = family->file[page] = k->next_content++;
}

/* ---- address spaces ---- */

static void map_at(struct proc *p, uint64_t at, uint64_t pages, uint32_t file, bool shared) {
  const struct os_mapping m = {
      .va = BASE + at, .bytes = pages << 12, .prot = RW, .file = file, .shared = shared};
  done(p, os_mmap(p->t, &m));
}

static void map_segment(struct proc *p, size_t seg) {
  if (family->objects + 1 == OBJECTS) return;
  map_at(p, SHARED + 16 * MIB * seg, SHM_PAGES, 0, true);
  p->object[seg] = ++family->objects;
  memset(p->there[seg], 1, sizeof p->there[seg]);
}

static void map_all(struct proc *p) {
  memset(p->page, 0, sizeof p->page);
  memset(p->own, 0, sizeof p->own);
  memset(p->object, 0, sizeof p->object);
  map_at(p, 0, ANON, 0, false);
  map_at(p, PRIVATE, FILE_PAGES, 1, false);
  map_at(p, PUBLIC, FILE_PAGES, 1, true);
}

static void unmap_part(struct proc *p, size_t seg) {
  size_t i = fk_rnd(p->k, SHM_PAGES);
  size_t n = fk_rnd(p->k, 3) != 0 ? 1 + fk_rnd(p->k, SHM_PAGES - i) : SHM_PAGES;
  if (n == SHM_PAGES) i = 0;
  const uint64_t va = BASE + SHARED + 16 * MIB * seg + (i << 12);
  done(p, os_munmap(p->t, va, n << 12));
  memset(&p->there[seg][i], 0, n);
  if (n == SHM_PAGES) p->object[seg] = 0;
}

static void start(void *arg);

static void do_fork(struct proc *p) {
  if (family->members == MEMBERS) return;
  struct proc *c = &family->proc[family->members++];
  uint32_t pid = family->members;
  struct os_task *t = os_task_fork(p->t, pid);
  if (t == NULL) { /* nothing is left of it; there is no such child */
    done(p, -1);
    return;
  }
  *c = *p; /* the contents of the moment: only this context changes them */
  c->t = t;
  c->pid = pid;
  c->steps = CHILD_STEPS;
  fk_start(p->k, start, c, false);
}

static void do_exec(struct proc *p) {
  done(p, os_task_exec(p->t, "again"));
  if (p->over) return;
  assert_int_equal(os_task_rss(p->t), 0);
  assert_int_equal(fk_access_now(p->k, p->t, BASE, false, false), 0);
  family->execs++;
  map_all(p);
}

/* What the shared file held when the call began is on the disk when it ends, or newer. */
static void do_sync(struct proc *p) {
  uint64_t before[FILE_PAGES];
  size_t i = fk_rnd(p->k, FILE_PAGES);
  size_t n = 1 + fk_rnd(p->k, FILE_PAGES - i);
  memcpy(before, family->file, sizeof before);
  bool whole = fk_rnd(p->k, 2) == 0;
  done(p, whole ? os_fsync(p->t, 1, i, n) : os_msync(p->t, BASE + PUBLIC + (i << 12), n << 12));
  for (size_t j = i; j < i + n; j++)
    if (p->k->block[os_file_block(p->k->os, 1, j)] < before[j])
      fail_msg("pid %u: page %zu of the file is not on the disk after a sync", p->pid, j);
}

static void do_lock(struct proc *p) {
  size_t i = fk_rnd(p->k, ANON - 12);
  bool lock = fk_rnd(p->k, 2) == 0;
  int (*call)(struct os_task *, uint64_t, uint64_t) = lock ? os_mlock : os_munlock;
  done(p, call(p->t, BASE + (i << 12), 12 << 12));
  if (p->object[0] != 0 && p->there[0][0] && p->there[0][1])
    done(p, call(p->t, BASE + SHARED, 2 << 12));
  if (fk_rnd(p->k, 4) == 0) done(p, os_munlockall(p->t));
}

static void do_protect(struct proc *p) {
  static const uint64_t where[] = {0, PRIVATE, PUBLIC};
  const uint64_t va = BASE + where[fk_rnd(p->k, 3)] + (fk_rnd(p->k, FILE_PAGES) << 12);
  done(p, os_mprotect(p->t, va, PAGE, RO));
  done(p, fk_access(p->k, p->t, va, false, false) != 0 ? 0 : -1);
  done(p, os_mprotect(p->t, va, PAGE, RW));
}

static void do_accesses(struct proc *p) {
  struct fake *k = p->k;
  bool write = fk_rnd(k, 2) == 0;
  size_t from = fk_rnd(k, ANON);
  for (size_t i = from; i < ANON && i < from + 60 && !p->over; i += 1 + fk_rnd(k, 4))
    use(p, "anon", 0, i, write, &p->page[i]);
  for (unsigned n = 0; n < 12 && !p->over; n++) {
    size_t i = fk_rnd(k, FILE_PAGES);
    write = fk_rnd(k, 3) == 0;
    use(p, "file", PUBLIC, i, write, &family->file[i]);
    if (n % 4 == 0) use_private(p, fk_rnd(k, FILE_PAGES), write);
    use_shared(p, fk_rnd(k, SEGMENTS), fk_rnd(k, SHM_PAGES), fk_rnd(k, 2) == 0);
  }
}

static void step(struct proc *p) {
  struct fake *k = p->k;
  size_t seg = fk_rnd(k, SEGMENTS);
  switch (fk_rnd(k, 60)) {
    case 0:
      do_fork(p);
      break;
    case 1:
      if (fk_rnd(k, 4) == 0) do_exec(p);
      break;
    case 2:
      map_segment(p, seg);
      break;
    case 3:
      if (p->object[seg] != 0) unmap_part(p, seg);
      break;
    case 4:
      do_sync(p);
      break;
    case 5:
      do_lock(p);
      break;
    case 6:
      do_protect(p);
      break;
    case 7:
      done(p, os_file_io(p->t, 1, fk_rnd(k, FILE_PAGES - 4), 4, fk_rnd(k, 2) == 0));
      break;
    case 8: /* shared pages stay where they are: only the entries go */
      if (p->object[seg] != 0 && p->there[seg][0])
        done(p, os_madvise(p->t, BASE + SHARED + 16 * MIB * seg, PAGE, OS_MADV_DONTNEED));
      break;
    default:
      do_accesses(p);
      break;
  }
}

static void work(struct proc *p) {
  while (p->steps-- != 0 && !p->over)
    step(p);
  for (size_t i = 0; i < ANON && !p->over; i++)
    use(p, "anon, at the end,", 0, i, false, &p->page[i]);
  for (size_t seg = 0; seg < SEGMENTS; seg++)
    for (size_t i = 0; i < SHM_PAGES && !p->over; i++)
      use_shared(p, seg, i, false);
  os_task_exit(p->t);
}

static void start(void *arg) {
  work(arg);
}

static void first(void *arg) {
  struct proc *p = arg;
  p->t = os_task_create(p->k->os, 1);
  assert_non_null(p->t);
  map_all(p);
  work(p);
}

#endif
