/* SPDX-License-Identifier: Apache-2.0
 * Scenes in which memory may run out at any request, for test_os_exhaustion.c. A scene sets up,
 * arms the shortage, acts, and looks what is left. */
#ifndef COWALK_TESTS_EXHAUSTION_SCENES_H
#define COWALK_TESTS_EXHAUSTION_SCENES_H

#include "tests/unit/huge_scene.h"

#define FAR (UINT64_C(8) << 30) /* other tables of every height that Sv39 has */
enum { FILE_PAGES = 8 };

struct shortage {
  bool armed, sticky;
  unsigned asked, fail_at; /* the request that fails, from 1; 0: none */
  unsigned failed;
};
static struct shortage shortage;

/* ---- what scenes do; all of it stops when the task is killed ---- */

static bool alive(const struct scene *s) {
  return os_task_death(s->t) == NULL;
}

/* Store there; 0: killed. */
static uint64_t put(struct scene *s, struct os_task *t, uint64_t at) {
  uint32_t pfn = os_task_death(t) == NULL ? fk_access(s->k, t, BASE + at, true, false) : 0;
  if (pfn == 0) return 0;
  return s->k->content[pfn] = s->k->next_content++;
}

/* What is there must be this, unless the task is killed by looking. */
static void holds(struct scene *s, struct os_task *t, uint64_t at, uint64_t must) {
  if (os_task_death(t) != NULL || must == 0) return;
  uint32_t pfn = fk_access(s->k, t, BASE + at, false, false);
  if (pfn != 0 && s->k->content[pfn] != must)
    fail_msg("%llx at %llx, must be %llx", (unsigned long long)s->k->content[pfn],
             (unsigned long long)at, (unsigned long long)must);
}

static int map_file(struct scene *s, uint64_t at, uint32_t file, bool shared) {
  const struct os_mapping m = {
      .va = BASE + at, .bytes = FILE_PAGES * PAGE, .prot = RW, .file = file, .shared = shared};
  return os_mmap(s->t, &m);
}

static void arm(void) {
  shortage.armed = true;
}

/* Memory is back: what is left is looked at, by tasks that live. */
static void disarm(void) {
  shortage.armed = false;
}

static void end(struct os_task *t) {
  if (t == NULL) return;
  os_task_exit(t);
  os_task_free(t);
}

static void nap(struct scene *s, uint64_t us) {
  struct os_waitq q = {0};
  (void)os_wait_us(s->k->os, &q, us);
}

static void press(struct scene *s) {
  const uint64_t at = 3 * FAR;
  const uint64_t bytes = s->k->cfg.memory_bytes + 2 * MIB;
  assert_int_equal(map(s, at, bytes, OS_VMA_NOHUGE), 0);
  for (uint64_t i = 0; i < bytes; i += PAGE)
    assert_int_not_equal(put(s, s->t, at + i), 0);
  assert_int_equal(os_munmap(s->t, BASE + at, bytes), 0);
  nap(s, 1000000);
}

/* ---- scenes ---- */

static void create(struct scene *s) {
  arm();
  struct os_task *t = os_task_create(s->k->os, 9);
  if (t == NULL) assert_true(shortage.failed != 0);
  end(t);
}

static void anon(struct scene *s) {
  uint64_t value[3];
  static const uint64_t at[] = {0, HUGE, FAR};
  assert_int_equal(map(s, 0, FAR + HUGE, OS_VMA_NOHUGE), 0);
  arm();
  for (size_t i = 0; i < 3; i++)
    value[i] = put(s, s->t, at[i]);
  disarm();
  for (size_t i = 0; i < 3; i++)
    holds(s, s->t, at[i], value[i]);
}

static void zero_page(struct scene *s) {
  assert_int_equal(map(s, 0, 2 * PAGE, OS_VMA_NOHUGE), 0);
  arm();
  for (uint64_t p = 0; p < 2; p++)
    if (alive(s)) (void)fk_access(s->k, s->t, BASE + p * PAGE, false, false);
  uint64_t value = put(s, s->t, PAGE);
  disarm();
  holds(s, s->t, PAGE, value);
}

static void files(struct scene *s) {
  uint64_t value[2];
  assert_int_equal(map_file(s, 0, 1, true), 0);
  assert_int_equal(map_file(s, FAR, 1, false), 0);
  arm();
  value[0] = put(s, s->t, 0);
  if (alive(s)) (void)fk_access(s->k, s->t, BASE + FAR + PAGE, false, false);
  value[1] = put(s, s->t, FAR + PAGE);
  (void)put(s, s->t, FAR + 2 * PAGE);
  (void)put(s, s->t, PAGE);
  if (alive(s)) (void)os_msync(s->t, BASE, FILE_PAGES * PAGE);
  disarm();
  holds(s, s->t, 0, value[0]);
  holds(s, s->t, FAR + PAGE, value[1]);
  if (alive(s)) assert_int_equal(os_fsync(s->t, 1, 0, FILE_PAGES), 0);
  if (alive(s)) assert_int_equal(s->k->block[os_file_block(s->k->os, 1, 0)], value[0]);
}

static void file_io(struct scene *s) {
  arm();
  int r = os_file_io(s->t, 1, 0, FILE_PAGES, false);
  assert_true(r == 0 || shortage.failed != 0);
  (void)os_file_io(s->t, 1, 0, FILE_PAGES, true);
  disarm();
  nap(s, 45000000); /* the flusher */
  assert_int_equal(stats(s)->nr_dirty, 0);
}

static void swap_in(struct scene *s) {
  uint64_t value[6];
  assert_int_equal(map(s, 0, 6 * PAGE, OS_VMA_NOHUGE), 0);
  for (uint64_t p = 0; p < 6; p++)
    value[p] = put(s, s->t, p * PAGE);
  press(s);
  assert_true(s->t->mm->swapped == 6);
  arm();
  for (uint64_t p = 0; p < 6; p++) {
    holds(s, s->t, p * PAGE, value[p]);
    if (p % 2 != 0) value[p] = put(s, s->t, p * PAGE);
  }
  disarm();
  for (uint64_t p = 0; p < 6; p++)
    holds(s, s->t, p * PAGE, value[p]);
}

/* A parent whose pages are resident and in swap, a file's, and shared; fork, then copies. */
static void forked(struct scene *s) {
  static const uint64_t at[] = {0, PAGE, HUGE, FAR, 2 * FAR};
  uint64_t mine[5];
  assert_int_equal(map(s, 0, FAR + HUGE, OS_VMA_NOHUGE), 0);
  assert_int_equal(map_file(s, 2 * FAR, 0, true), 0);
  mine[1] = put(s, s->t, at[1]);
  press(s);
  for (size_t i = 0; i < 5; i++)
    if (i != 1) mine[i] = put(s, s->t, at[i]);
  arm();
  struct os_task *c = os_task_fork(s->t, 2);
  uint64_t theirs[5] = {0};
  for (size_t i = 0; i < 5 && c != NULL; i++) {
    holds(s, c, at[i], mine[i]);
    if (i != 4) theirs[i] = put(s, c, at[i]);
  }
  uint64_t mine3 = put(s, s->t, at[3]);
  if (mine3 != 0) mine[3] = mine3;
  disarm();
  for (size_t i = 0; i < 5; i++) {
    holds(s, s->t, at[i], mine[i]);
    if (c != NULL && theirs[i] != 0) holds(s, c, at[i], theirs[i]);
  }
  end(c);
  for (size_t i = 0; i < 5 && alive(s); i++) {
    assert_int_not_equal(put(s, s->t, at[i]), 0); /* writable again, whatever failed */
  }
}

static void replaced(struct scene *s) {
  uint64_t value[2];
  assert_int_equal(map(s, 0, HUGE, OS_VMA_NOHUGE), 0);
  value[0] = put(s, s->t, 0);
  struct os_task *c = os_task_fork(s->t, 2);
  assert_non_null(c);
  arm();
  bool done = os_task_exec(s->t, "new") == 0;
  assert_true(done || shortage.failed != 0);
  if (done) assert_int_equal(map(s, FAR, PAGE, OS_VMA_NOHUGE), 0);
  value[1] = done ? put(s, s->t, FAR) : 0;
  disarm();
  if (!done) holds(s, s->t, 0, value[0]); /* all is as before */
  if (done) holds(s, s->t, FAR, value[1]);
  holds(s, c, 0, value[0]);
  end(c);
}

static void locked(struct scene *s) {
  assert_int_equal(map(s, 0, 4 * PAGE, OS_VMA_NOHUGE), 0);
  assert_int_equal(map_file(s, FAR, 1, false), 0);
  assert_int_equal(map_file(s, 2 * FAR, 0, true), 0);
  arm();
  int r = os_mlock(s->t, BASE, 4 * PAGE);
  assert_true(r == 0 || shortage.failed != 0);
  (void)os_mlock(s->t, BASE + FAR, FILE_PAGES * PAGE);
  (void)os_mlock(s->t, BASE + 2 * FAR, FILE_PAGES * PAGE);
  (void)os_mlockall(s->t, OS_MCL_FUTURE);
  (void)map(s, 64 * MIB, 2 * PAGE, OS_VMA_NOHUGE);
  disarm();
  assert_int_equal(os_munlockall(s->t), 0);
  assert_int_equal(os_node_use(&s->k->os->node[0]).mlocked, 0);
}

static void shared(struct scene *s) {
  uint64_t value[4];
  assert_int_equal(map_file(s, 0, 0, true), 0);
  for (uint64_t p = 0; p < 4; p++)
    value[p] = put(s, s->t, p * PAGE);
  press(s);
  assert_true(stats(s)->nr_swap_used >= 4);
  arm();
  struct os_task *c = os_task_fork(s->t, 2);
  for (uint64_t p = 0; p < 4; p++)
    holds(s, c != NULL && p % 2 == 0 ? c : s->t, p * PAGE, value[p]);
  (void)put(s, s->t, 5 * PAGE);
  (void)map_file(s, FAR, 0, true);
  uint64_t more = put(s, s->t, FAR);
  disarm();
  for (uint64_t p = 0; p < 4; p++)
    holds(s, s->t, p * PAGE, value[p]);
  for (uint64_t p = 0; p < 4 && c != NULL; p++)
    holds(s, c, p * PAGE, value[p]);
  holds(s, s->t, FAR, more);
  end(c);
}

/* A huge page, or small ones instead; then it is split, which asks for nothing. */
static void huge_fault(struct scene *s) {
  assert_int_equal(map(s, 0, 2 * HUGE, OS_VMA_HUGE), 0);
  arm();
  uint64_t first = put(s, s->t, 0);
  uint64_t second = put(s, s->t, HUGE);
  unsigned asked = shortage.asked;
  if (alive(s)) assert_int_equal(os_munmap(s->t, BASE + HUGE, PAGE), 0);
  if (alive(s)) assert_int_equal(shortage.asked, asked);
  disarm();
  holds(s, s->t, 0, first);
  (void)second;
}

static void collapse(struct scene *s) {
  uint64_t value[3];
  assert_int_equal(map(s, 0, HUGE, OS_VMA_NOHUGE), 0);
  for (uint64_t p = 0; p < 3; p++)
    value[p] = put(s, s->t, p * 3 * PAGE);
  assert_int_equal(os_madvise(s->t, BASE, HUGE, OS_MADV_HUGEPAGE), 0);
  uint64_t before = stats(s)->thp_collapse_alloc;
  arm();
  nap(s, 300000);
  if (shortage.fail_at == 0) assert_int_equal(stats(s)->thp_collapse_alloc, before + 1);
  if (shortage.failed != 0) assert_int_not_equal(stats(s)->thp_collapse_alloc_failed, 0);
  disarm();
  for (uint64_t p = 0; p < 3; p++)
    holds(s, s->t, p * 3 * PAGE, value[p]);
}

static void pool(struct scene *s) {
  assert_int_equal(map(s, 0, 2 * HUGE, OS_VMA_HUGETLB), 0);
  arm();
  uint64_t value = put(s, s->t, 0);
  (void)put(s, s->t, HUGE);
  disarm();
  holds(s, s->t, 0, value);
}

/* ---- all of them ---- */

static const struct {
  const char *name;
  void (*play)(struct scene *s);
  bool zero, pooled, huge;
} scenes[] = {{.name = "create", .play = create},
              {.name = "anon", .play = anon},
              {.name = "zero page", .play = zero_page, .zero = true},
              {.name = "files", .play = files},
              {.name = "read and write", .play = file_io},
              {.name = "swap-in", .play = swap_in},
              {.name = "fork", .play = forked},
              {.name = "fork, zero page", .play = forked, .zero = true},
              {.name = "exec", .play = replaced},
              {.name = "mlock", .play = locked},
              {.name = "shared memory", .play = shared},
              {.name = "huge page", .play = huge_fault, .huge = true},
              {.name = "khugepaged", .play = collapse, .huge = true},
              {.name = "pool", .play = pool, .huge = true},
              {.name = "pooled tables", .play = anon, .pooled = true}};
enum { SCENES = sizeof scenes / sizeof scenes[0] };

#endif
