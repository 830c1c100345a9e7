/* SPDX-License-Identifier: Apache-2.0
 * Stores to shared mappings of files: the kernel knows of the first one since a page was clean,
 * counts it at once, lets the writer wait, and writes no page that still changes unseen. */
#include <errno.h>

#include "tests/unit/huge_scene.h"

enum { FILE_PAGES = 60 };

static void map_file(struct scene *s, uint64_t at, uint64_t pages, bool shared) {
  const struct os_mapping m = {
      .va = BASE + at, .bytes = pages * PAGE, .prot = RW, .file = 1, .shared = shared};
  assert_int_equal(os_mmap(s->t, &m), 0);
}

static uint64_t store(struct scene *s, struct os_task *t, uint64_t at) {
  uint32_t pfn = fk_access(s->k, t, BASE + at, true, false);
  assert_int_not_equal(pfn, 0);
  return s->k->content[pfn] = s->k->next_content++;
}

static uint64_t disk(struct scene *s, uint64_t page) {
  return s->k->block[os_file_block(s->k->os, 1, page)];
}

/* Until the flusher has written what is older than 30 s. */
static void grow_old(struct scene *s) {
  struct os_waitq q = {0};
  (void)os_wait_us(s->k->os, &q, 45000000);
}

static bool stores_at_once(struct scene *s, struct os_task *t, uint64_t at) {
  return fk_access_now(s->k, t, BASE + at, true, false) != 0;
}

static void count(struct scene *s) {
  unsigned height = 0;
  const struct os_pt_ops *pt = s->k->os->pt;
  assert_int_equal(os_file_create(s->k->os, FILE_PAGES), 1);
  map_file(s, 0, FILE_PAGES, true);
  for (uint64_t p = 0; p < FILE_PAGES; p++)
    (void)touch(s, p * PAGE, false);
  assert_false(pt->writable(leaf(s, 0, &height)));
  assert_int_equal(stats(s)->nr_dirty, 0);
  uint64_t first = store(s, s->t, 0);
  assert_int_equal(stats(s)->nr_dirty, 1); /* not only when the D bit is found */
  assert_int_equal(s->st.mkwrite, 1);
  assert_true(pt->writable(leaf(s, 0, &height)));
  assert_true(pt->dirty(leaf(s, 0, &height)));
  (void)store(s, s->t, 0);
  assert_int_equal(stats(s)->mkwrite, 1);
  struct os_task *c = os_task_fork(s->t, 2);
  assert_non_null(c);
  uint64_t second = store(s, c, 0); /* absent there: a fault that is a store at once */
  assert_true(second > first);
  assert_int_equal(stats(s)->nr_dirty, 1);
  grow_old(s);
  assert_int_equal(stats(s)->nr_dirty + s->st.nr_writeback, 0);
  assert_int_equal(disk(s, 0), second);
  /* both must tell again; both can still read without a fault */
  assert_false(pt->dirty(leaf(s, 0, &height)));
  assert_false(stores_at_once(s, s->t, 0));
  assert_false(stores_at_once(s, c, 0));
  assert_int_not_equal(fk_access_now(s->k, s->t, BASE, false, false), 0);
  assert_int_not_equal(fk_access_now(s->k, c, BASE, false, false), 0);
  uint64_t third = store(s, s->t, 0);
  assert_int_equal(stats(s)->nr_dirty, 1);
  assert_int_equal(s->st.mkwrite, 2);
  grow_old(s);
  assert_int_equal(disk(s, 0), third);
  os_task_exit(c);
  os_task_free(c);
}

static void counted_at_the_first_store(void **state) {
  (void)state;
  everywhere(8, OS_THP_NEVER, count);
}

static void protect(struct scene *s) {
  assert_int_equal(os_file_create(s->k->os, FILE_PAGES), 1);
  map_file(s, 0, FILE_PAGES, true);
  (void)touch(s, PAGE, false);
  uint64_t kept = store(s, s->t, 0);
  assert_int_equal(os_mprotect(s->t, BASE, 2 * PAGE, RO), 0);
  assert_false(stores_at_once(s, s->t, 0));
  assert_int_equal(os_mprotect(s->t, BASE, 2 * PAGE, RW), 0);
  assert_true(stores_at_once(s, s->t, 0)); /* still dirty: can_change_pte_writable */
  assert_false(stores_at_once(s, s->t, PAGE));
  assert_int_equal(os_mprotect(s->t, BASE, 2 * PAGE, RO), 0);
  grow_old(s); /* dirty and without the right to write: cleaned all the same */
  assert_int_equal(disk(s, 0), kept);
  assert_int_equal(os_mprotect(s->t, BASE, 2 * PAGE, RW), 0);
  assert_false(stores_at_once(s, s->t, 0));
  assert_int_equal(stats(s)->nr_dirty, 0);
}

static void rights_do_not_come_back(void **state) {
  (void)state;
  everywhere(8, OS_THP_NEVER, protect);
}

static void sync_now(struct scene *s) {
  uint64_t must[FILE_PAGES];
  assert_int_equal(os_file_create(s->k->os, FILE_PAGES), 1);
  map_file(s, 0, FILE_PAGES, true);
  map_file(s, 16 * MIB, FILE_PAGES, false);
  for (uint64_t p = 0; p < FILE_PAGES; p++)
    must[p] = store(s, s->t, p * PAGE);
  uint64_t own = store(s, s->t, 16 * MIB);
  assert_int_equal(os_msync(s->t, BASE + 10 * PAGE, 10 * PAGE), 0);
  for (uint64_t p = 0; p < FILE_PAGES; p++)
    assert_int_equal(disk(s, p) == must[p], p >= 10 && p < 20);
  assert_int_equal(stats(s)->nr_dirty, FILE_PAGES - 10);
  assert_int_equal(os_msync(s->t, BASE + 16 * MIB, PAGE), 0); /* private: nothing to do */
  assert_int_equal(stats(s)->nr_dirty, FILE_PAGES - 10);
  assert_int_equal(os_fsync(s->t, 1, 0, UINT64_MAX), 0);
  for (uint64_t p = 0; p < FILE_PAGES; p++)
    assert_int_equal(disk(s, p), must[p]);
  assert_int_not_equal(disk(s, 0), own);
  assert_int_equal(stats(s)->nr_dirty + s->st.nr_writeback, 0);
  assert_int_equal(os_msync(s->t, BASE, (FILE_PAGES + 1) * PAGE), -ENOMEM);
  assert_int_equal(os_msync(s->t, BASE + 1, PAGE), -EINVAL);
  assert_int_equal(os_fsync(s->t, 2, 0, 1), -EINVAL);
}

static void synced(void **state) {
  (void)state;
  everywhere(8, OS_THP_NEVER, sync_now);
}

/* ---- the hardware stores while the page is being written ---- */

static struct scene *racing;
static uint64_t raced; /* what it stored last; 0: it could not */

static void hardware_stores(struct fake *k) {
  uint32_t pfn = fk_access_now(k, racing->t, BASE, true, false);
  if (pfn != 0) raced = k->content[pfn] = k->next_content++;
}

static void store_meanwhile(struct scene *s) {
  unsigned reached = 0;
  racing = s;
  assert_int_equal(os_file_create(s->k->os, FILE_PAGES), 1);
  map_file(s, 0, FILE_PAGES, true);
  s->k->watch = hardware_stores;
  for (unsigned at = 1; at < 12; at++) {
    uint64_t last = store(s, s->t, 0);
    raced = 0;
    uint64_t base = os_task_context(s->t)->s1_root0;
    for (unsigned h = s->k->os->pt->top; h != 0; h--)
      base = fk_target(s->k->cfg.arch, *fk_word(s->k, base + 8 * os_pt_index(BASE, h)));
    s->k->watch_pa = base + 8 * os_pt_index(BASE, 0);
    s->k->watch_in = at;
    assert_int_equal(os_msync(s->t, BASE, PAGE), 0);
    if (raced != 0) last = raced;
    reached += raced != 0;
    bool again = stores_at_once(s, s->t, 0);
    assert_false(again); /* else nobody would know */
    s->k->watch_in = 0;
    /* on the disk, or known to be dirty */
    if (disk(s, 0) != last) assert_int_equal(stats(s)->nr_dirty, 1);
    assert_int_equal(os_msync(s->t, BASE, PAGE), 0);
    assert_int_equal(disk(s, 0), last);
  }
  s->k->watch = NULL;
  assert_true(reached >= 2); /* among them: between reading the entry and exchanging it */
}

static void nothing_lost_meanwhile(void **state) {
  (void)state;
  everywhere(8, OS_THP_NEVER, store_meanwhile);
}

/* ---- too many ---- */

static void flood(struct scene *s) {
  enum { MANY = 900 };
  assert_int_equal(os_file_create(s->k->os, MANY), 1);
  map_file(s, 0, MANY, true);
  for (uint64_t p = 0; p < MANY; p++)
    (void)touch(s, p * PAGE, false);
  for (uint64_t p = 0; p < MANY; p++) /* much faster than the disk */
    (void)touch(s, p * PAGE, true);
  assert_true(stats(s)->balance_dirty_pauses > 0);
  assert_true(s->st.nr_dirty < MANY / 2); /* the flusher was woken, and the writer waited for it */
}

static void writers_wait(void **state) {
  (void)state;
  struct os_sysctl sysctl = os_sysctl_default();
  struct os_config cfg = config(MMU_S1_X86_L4, 8, OS_THP_NEVER);
  sysctl.dirty_background_ratio = 2;
  sysctl.dirty_ratio = 5;
  cfg.sysctl = &sysctl;
  struct fake *k = fk_create(&cfg, cfg.swap_pages + 1000, 7);
  struct scene s = {.k = k, .play = flood};
  fk_start(k, task, &s, false);
  fk_run(k);
  fk_check(k);
  fk_destroy(k);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(counted_at_the_first_store), cmocka_unit_test(rights_do_not_come_back),
      cmocka_unit_test(synced), cmocka_unit_test(nothing_lost_meanwhile),
      cmocka_unit_test(writers_wait)};
  return cmocka_run_group_tests_name("os shared files", tests, NULL, NULL);
}
