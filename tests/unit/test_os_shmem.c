/* SPDX-License-Identifier: Apache-2.0
 * Shared anonymous memory: seen by all that inherited it and nobody else, counted as Linux counts
 * it, written to swap from the file and not from page tables, gone with its last area. */
#include <errno.h>

#include "os/proc.h"
#include "os/proc_smaps.h"
#include "tests/unit/huge_scene.h"

enum { PAGES = 200 };
#define SHARED (32 * MIB) /* from BASE */
#define PRESS (256 * MIB) /* anonymous memory that drives others out */

static int map_shared(struct scene *s, uint64_t at, uint64_t pages) {
  struct os_mapping m = {.va = BASE + at, .bytes = pages * PAGE, .prot = RW, .shared = true};
  return os_mmap(s->t, &m);
}

static uint64_t get(struct scene *s, struct os_task *t, uint64_t at) {
  uint32_t pfn = fk_access(s->k, t, BASE + at, false, false);
  assert_int_not_equal(pfn, 0);
  return s->k->content[pfn];
}

static void put(struct scene *s, struct os_task *t, uint64_t at, uint64_t value) {
  uint32_t pfn = fk_access(s->k, t, BASE + at, true, false);
  assert_int_not_equal(pfn, 0);
  s->k->content[pfn] = value;
}

static uint64_t meminfo(struct scene *s, const char *row) {
  char *text = NULL;
  size_t bytes = 0;
  FILE *out = open_memstream(&text, &bytes);
  assert_non_null(out);
  os_proc_print(s->k->os, 0, out);
  assert_int_equal(fclose(out), 0);
  const char *line = strstr(text, row);
  assert_non_null(line);
  uint64_t kb = strtoull(line + strlen(row), NULL, 10);
  free(text);
  return kb / 4;
}

/* Touch more anonymous memory than there is, and give it back; wait for what is still written. */
static void press(struct scene *s, uint64_t mib) {
  assert_int_equal(map(s, PRESS, mib * MIB, 0), 0);
  for (uint64_t at = 0; at < mib * MIB; at += PAGE)
    (void)touch(s, PRESS + at, true);
  assert_int_equal(os_munmap(s->t, BASE + PRESS, mib * MIB), 0);
  struct os_waitq q = {0};
  (void)os_wait_us(s->k->os, &q, 1000000);
}

static uint64_t in_swap(struct scene *s) {
  const struct os_vma *v = os_vma_find(s->t->mm, BASE + SHARED);
  assert_non_null(v);
  return os_shmem_swapped(s->k->os, v);
}

static uint64_t peek(void *arg, uint64_t pa) {
  return *fk_word(arg, pa);
}

/* The area of the shared memory in smaps: its name, what is resident and what is in swap. */
static void smaps(struct scene *s, uint64_t resident, uint64_t swapped) {
  char *text = NULL;
  size_t bytes = 0;
  char row[40];
  FILE *out = open_memstream(&text, &bytes);
  assert_non_null(out);
  os_smaps_print(s->t, peek, s->k, out);
  assert_int_equal(fclose(out), 0);
  snprintf(row, sizeof row, "%llx-", (unsigned long long)(BASE + SHARED));
  const char *area = strstr(text, row);
  assert_non_null(area);
  assert_int_equal(strncmp(strchr(area, ' '), " rw-s 00000000 00:01 ", 21), 0);
  assert_non_null(strstr(area, "/dev/zero (deleted)\n"));
  snprintf(row, sizeof row, "Rss:            %8llu kB", (unsigned long long)resident * 4);
  assert_non_null(strstr(area, row));
  snprintf(row, sizeof row, "Swap:           %8llu kB", (unsigned long long)swapped * 4);
  assert_non_null(strstr(area, row));
  assert_non_null(strstr(area, "Anonymous:             0 kB"));
  free(text);
}

/* ---- seen by all, and counted ---- */

static void inherit(struct scene *s) {
  assert_int_equal(map_shared(s, SHARED, PAGES), 0);
  assert_int_equal(stats(s)->committed, PAGES); /* promised whole, once */
  put(s, s->t, SHARED, 77);
  put(s, s->t, SHARED + PAGE, 78);
  struct os_task *c = os_task_fork(s->t, 2);
  assert_non_null(c);
  assert_int_equal(os_task_rss(c), 0); /* nothing is copied; it faults */
  assert_int_equal(c->mm->tables, 1);
  assert_int_equal(stats(s)->committed, PAGES);
  assert_int_equal(get(s, c, SHARED), 77);
  put(s, c, SHARED + PAGE, 79);
  put(s, c, SHARED + 2 * PAGE, 80); /* a page that the parent never touched */
  assert_int_equal(get(s, s->t, SHARED + PAGE), 79);
  assert_int_equal(get(s, s->t, SHARED + 2 * PAGE), 80);
  assert_int_equal(stats(s)->cow, 0);
  assert_int_equal(s->st.nr_shmem, 3);
  assert_int_equal(c->mm->shmem_rss, 3);
  assert_int_equal(c->mm->rss, 3);
  assert_int_equal(c->mm->file_rss, 0);
  assert_int_equal(meminfo(s, "Shmem:"), 3);
  assert_int_equal(meminfo(s, "\nCached:"), 3);
  assert_int_equal(meminfo(s, "Mapped:"), 3);
  assert_int_equal(meminfo(s, "AnonPages:"), 0);
  assert_int_equal(meminfo(s, "Inactive(anon):") + meminfo(s, "Active(anon):"), 3);
  assert_int_equal(meminfo(s, "Inactive(file):") + meminfo(s, "Active(file):"), 0);
  /* two mappings are two files */
  assert_int_equal(map_shared(s, SHARED + 64 * MIB, 4), 0);
  assert_int_equal(get(s, s->t, SHARED + 64 * MIB), 0);
  /* it outlives who made it */
  assert_int_equal(os_munmap(s->t, BASE + SHARED, PAGES * PAGE), 0);
  assert_int_equal(stats(s)->nr_shmem, 3 + 1);
  assert_int_equal(get(s, c, SHARED + PAGE), 79);
  /* part of it: the pages stay, for another area could still map them */
  assert_int_equal(os_munmap(c, BASE + SHARED, PAGE), 0);
  assert_int_equal(stats(s)->nr_shmem, 3 + 1);
  assert_int_equal(s->st.committed, PAGES + 4);
  os_task_exit(c);
  os_task_free(c);
  assert_int_equal(stats(s)->nr_shmem, 1);
  assert_int_equal(s->st.committed, 4);
}

static void shared_by_fork(void **state) {
  (void)state;
  everywhere(8, OS_THP_NEVER, inherit);
}

/* ---- swap ---- */

static void swap_out(struct scene *s) {
  unsigned height = 0;
  assert_int_equal(map_shared(s, SHARED, PAGES), 0);
  for (uint64_t p = 0; p < PAGES; p++)
    if (p % 4 != 3)
      put(s, s->t, SHARED + p * PAGE, 1000 + p);
    else
      assert_int_equal(get(s, s->t, SHARED + p * PAGE), 0); /* only read: stays clean */
  press(s, 12);
  uint64_t out = in_swap(s);
  assert_true(out > PAGES / 2);
  assert_int_equal(s->t->mm->swapped, 0); /* no entry of a table knows */
  smaps(s, s->t->mm->shmem_rss, out);
  uint64_t used = stats(s)->nr_swap_used;
  assert_int_equal(used, out);
  uint64_t gone = 0;
  for (uint64_t p = 0; p < PAGES; p++)
    gone += leaf(s, SHARED + p * PAGE, &height) == 0;
  assert_true(gone >= out);
  /* what was only read is dropped and needs no slot */
  const struct os_vma *v = os_vma_find(s->t->mm, BASE + SHARED);
  for (uint64_t p = 3; p < PAGES; p += 4)
    assert_false(os_entry_is_swap(s->k->os->file[v->file].page[p]));
  struct os_task *c = os_task_fork(s->t, 2);
  assert_non_null(c);
  uint64_t major = stats(s)->pgmajfault;
  uint64_t in = s->st.pswpin;
  for (uint64_t p = 0; p < PAGES; p++)
    assert_int_equal(get(s, c, SHARED + p * PAGE), p % 4 != 3 ? 1000 + p : 0);
  (void)stats(s);
  assert_int_equal(s->st.pswpin - in, s->st.pgmajfault - major);
  assert_true(s->st.pswpin - in > PAGES / 2);
  assert_int_equal(in_swap(s), 0);
  assert_int_equal(s->st.nr_swap_used, 0); /* a page in the file has no slot */
  assert_int_equal(os_shmem_swapped(s->k->os, v), 0);
  for (uint64_t p = 0; p < PAGES; p++) /* no longer from the disk: the child has brought it in */
    assert_int_equal(get(s, s->t, SHARED + p * PAGE), p % 4 != 3 ? 1000 + p : 0);
  (void)stats(s);
  assert_int_equal(s->st.pgmajfault - major, s->st.pswpin - in);
  /* out again, without a store in between: the copy that was in swap is gone, it is written */
  os_task_exit(c);
  os_task_free(c);
  uint64_t written = s->st.pswpout;
  press(s, 12);
  assert_int_equal(stats(s)->nr_swap_used, in_swap(s));
  assert_true(s->st.pswpout - written >= in_swap(s));
  /* the other two spare what was used twice */
  const bool clock = strcmp(s->k->cfg.policy, "clock") == 0;
  if (clock) assert_true(in_swap(s) != 0);
  for (uint64_t p = 0; p < PAGES; p++)
    assert_int_equal(get(s, s->t, SHARED + p * PAGE), p % 4 != 3 ? 1000 + p : 0);
  press(s, 12); /* and the end comes while it is in swap */
  if (clock) assert_true(in_swap(s) != 0);
  assert_int_equal(os_munmap(s->t, BASE + SHARED, PAGES * PAGE), 0);
  assert_int_equal(stats(s)->nr_swap_used, 0);
  assert_int_equal(s->st.nr_shmem, 0);
}

static void swapped_by_the_file(void **state) {
  (void)state;
  static const char *const policies[] = {"clock", "twolist", "mglru"};
  for (size_t p = 0; p < 3; p++)
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
      struct os_config cfg = config(modes[i], 8, OS_THP_NEVER);
      cfg.policy = policies[p];
      play_on(&cfg, swap_out);
    }
}

static void no_slots(struct scene *s) {
  assert_int_equal(map_shared(s, SHARED, PAGES), 0);
  for (uint64_t p = 0; p < PAGES; p++)
    put(s, s->t, SHARED + p * PAGE, 1000 + p);
  press(s, 6);
  assert_true(in_swap(s) <= 50);
  assert_int_equal(stats(s)->nr_shmem, PAGES - in_swap(s));
  for (uint64_t p = 0; p < PAGES; p++)
    assert_int_equal(get(s, s->t, SHARED + p * PAGE), 1000 + p);
}

/* With no slots, or few, the pages stay where they are. */
static void stays_without_swap(void **state) {
  (void)state;
  static const char *const policies[] = {"clock", "twolist", "mglru"};
  for (size_t p = 0; p < 3; p++)
    for (uint64_t slots = 0; slots <= 50; slots += 50) {
      struct os_config cfg = config(MMU_S1_X86_L4, 8, OS_THP_NEVER);
      cfg.policy = policies[p];
      cfg.swap_pages = slots;
      play_on(&cfg, no_slots);
    }
}

static void locked(struct scene *s) {
  assert_int_equal(map_shared(s, SHARED, PAGES), 0);
  assert_int_equal(os_mlock(s->t, BASE + SHARED, PAGES * PAGE), 0);
  assert_int_equal(stats(s)->nr_shmem, PAGES);
  assert_int_equal(meminfo(s, "Mlocked:"), PAGES);
  for (uint64_t p = 0; p < PAGES; p++)
    put(s, s->t, SHARED + p * PAGE, 1000 + p);
  press(s, 12);
  assert_int_equal(in_swap(s), 0);
  struct os_task *c = os_task_fork(s->t, 2);
  assert_non_null(c);
  assert_int_equal(get(s, c, SHARED), 1000);
  assert_int_equal(os_munmap(s->t, BASE + SHARED, PAGES * PAGE), 0);
  assert_int_equal(meminfo(s, "Mlocked:"), 0); /* the child's area is not locked */
  press(s, 12);
  assert_int_equal(get(s, c, SHARED + PAGE), 1001);
  os_task_exit(c);
  os_task_free(c);
}

static void stays_when_locked(void **state) {
  (void)state;
  everywhere(8, OS_THP_NEVER, locked);
}

/* ---- two at once ---- */

struct other {
  struct scene *s;
  struct os_task *t;
  unsigned rounds; /* that it has gone */
};

static void read_all(struct scene *s, struct os_task *t) {
  for (uint64_t p = 0; p < PAGES; p++)
    (void)get(s, t, SHARED + p * PAGE);
}

static void other_reads(void *arg) {
  struct other *o = arg;
  read_all(o->s, o->t);
  o->rounds++;
}

/* Parent and child miss the same pages in the same moments; what they find is one page each. */
static void collide(struct scene *s) {
  assert_int_equal(map_shared(s, SHARED, PAGES), 0);
  struct other o = {.s = s, .t = os_task_fork(s->t, 2)};
  assert_non_null(o.t);
  for (unsigned round = 0; round < 4; round++) {
    s->k->yield_permille = 1000;
    fk_start(s->k, other_reads, &o, false);
    read_all(s, s->t);
    while (o.rounds == round)
      fk_yield(s->k);
    s->k->yield_permille = 0;
    assert_int_equal(stats(s)->nr_shmem, PAGES);
    for (uint64_t p = 0; p < PAGES; p++) {
      uint32_t mine = fk_access(s->k, s->t, BASE + SHARED + p * PAGE, true, false);
      assert_int_equal(fk_access(s->k, o.t, BASE + SHARED + p * PAGE, false, false), mine);
      s->k->content[mine] = 1000 + p;
    }
    press(s, 12); /* next time from swap */
  }
  os_task_exit(o.t);
  os_task_free(o.t);
}

static void one_page_each(void **state) {
  (void)state;
  everywhere(8, OS_THP_NEVER, collide);
}

/* ---- refusals ---- */

static void refuse(struct scene *s) {
  const uint64_t limit = os_commit_limit(s->k->os);
  assert_int_equal(map_shared(s, SHARED, limit), -ENOMEM);
  assert_int_equal(stats(s)->committed, 0);
  assert_int_equal(map_shared(s, SHARED, limit / 2), 0);
  assert_int_equal(map_shared(s, 2 * PRESS, limit / 2), -ENOMEM);
  struct os_task *c = os_task_fork(s->t, 2); /* shares the promise */
  assert_non_null(c);
  os_task_exit(c);
  os_task_free(c);
  struct os_mapping m = {
      .va = BASE, .bytes = HUGE, .prot = RW, .shared = true, .huge = OS_VMA_HUGETLB};
  assert_int_equal(os_mmap(s->t, &m), -EINVAL);
  /* a file without a name cannot be mapped or read by its number */
  const struct os_vma *v = os_vma_find(s->t->mm, BASE + SHARED);
  m = (struct os_mapping){.va = BASE, .bytes = PAGE, .prot = RW, .file = v->file};
  assert_int_equal(os_mmap(s->t, &m), -EINVAL);
  assert_int_equal(os_file_io(s->t, m.file, 0, 1, false), -EINVAL);
  assert_int_equal(os_fsync(s->t, m.file, 0, 1), -EINVAL);
}

static void refused(void **state) {
  (void)state;
  struct os_sysctl sysctl = os_sysctl_default();
  struct os_config cfg = config(MMU_S1_X86_L4, 8, OS_THP_NEVER);
  sysctl.overcommit_memory = 2;
  cfg.sysctl = &sysctl;
  play_on(&cfg, refuse);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shared_by_fork),     cmocka_unit_test(swapped_by_the_file),
      cmocka_unit_test(stays_without_swap), cmocka_unit_test(stays_when_locked),
      cmocka_unit_test(one_page_each),      cmocka_unit_test(refused)};
  return cmocka_run_group_tests_name("os shared memory", tests, NULL, NULL);
}
