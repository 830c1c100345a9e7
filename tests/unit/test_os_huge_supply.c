/* SPDX-License-Identifier: Apache-2.0
 * Where huge pages come from and go: khugepaged, the explicit pool, fragmented memory, the marks;
 * and empty tables under pressure. */
#include "tests/unit/huge_scene.h"

/* ---- khugepaged ---- */

static void nap(struct scene *s, uint64_t ms) {
  struct os_waitq q = {0};
  (void)os_wait_us(s->k->os, &q, ms * 1000);
}

static void play_collapse(struct scene *s) {
  unsigned h = 9;
  assert_int_equal(map(s, 0, 3 * HUGE, OS_VMA_NOHUGE), 0);
  for (uint64_t at = 0; at < HUGE; at += 2 * PAGE)
    s->k->content[touch(s, at, true)] = 1 + at;
  touch(s, HUGE, false); /* one page only */
  for (uint64_t at = 2 * HUGE; at < 3 * HUGE; at += PAGE)
    touch(s, at, true);
  assert_int_equal(os_mprotect(s->t, BASE + 2 * HUGE, HUGE, RO), 0); /* none may be written */
  uint64_t tables = os_task_pgtables(s->t);
  assert_int_equal(stats(s)->nr_anon_thps, 0);
  assert_int_equal(os_madvise(s->t, BASE, 3 * HUGE, OS_MADV_HUGEPAGE), 0);
  nap(s, 100);
  assert_int_equal(stats(s)->nr_anon_thps, 1);
  assert_int_equal(s->st.thp_collapse_alloc, 1);
  assert_int_equal(os_task_pgtables(s->t), tables);
  assert_int_equal(os_task_rss(s->t), 512 + 1 + 512);
  (void)leaf(s, 0, &h);
  assert_int_equal(h, 1);
  for (uint64_t at = 0; at < HUGE; at += PAGE)
    assert_int_equal(s->k->content[touch(s, at, false)], at / PAGE % 2 == 0 ? 1 + at : 0);
}
static void collapse(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    struct os_config cfg = config(modes[i], 32, OS_THP_MADVISE);
    cfg.khugepaged_max_ptes_none = 256; /* 256 holes are few enough, 511 too many */
    cfg.khugepaged_scan_sleep_ms = 10;
    play_on(&cfg, play_collapse);
  }
}

/* Nothing is made huge before the first sleep is over, and 4096 entries a round are 8 tables. */
static void play_pace(struct scene *s) {
  assert_int_equal(map(s, 0, 12 * HUGE, OS_VMA_NOHUGE), 0);
  for (uint64_t i = 0; i < 12; i++)
    touch(s, i * HUGE, true);
  assert_int_equal(os_madvise(s->t, BASE, 12 * HUGE, OS_MADV_HUGEPAGE), 0);
  nap(s, 9000);
  assert_int_equal(stats(s)->thp_collapse_alloc, 0);
  nap(s, 6000);
  assert_int_equal(stats(s)->thp_collapse_alloc, 8);
  nap(s, 10000);
  assert_int_equal(stats(s)->thp_collapse_alloc, 12);
}
static void pace(void **state) {
  (void)state;
  struct os_config cfg = config(MMU_S1_X86_L4, 64, OS_THP_MADVISE);
  play_on(&cfg, play_pace);
}

/* ---- the pool, fragmentation, the marks ---- */

static void play_pool(struct scene *s) {
  assert_int_equal(stats(s)->hugepages_total, 4);
  assert_int_equal(map(s, PAGE, HUGE, OS_VMA_HUGETLB), -22);
  assert_int_equal(map(s, 0, 5 * HUGE, OS_VMA_HUGETLB), -12);
  assert_int_equal(map(s, 0, 3 * HUGE, OS_VMA_HUGETLB), 0);
  assert_int_equal(map(s, 8 * HUGE, 2 * HUGE, OS_VMA_HUGETLB), -12);
  assert_int_equal(stats(s)->hugepages_rsvd, 3);
  s->k->content[touch(s, HUGE + PAGE, true)] = 42;
  assert_int_equal(stats(s)->hugepages_free, 3);
  assert_int_equal(s->st.hugepages_rsvd, 2);
  assert_null(os_task_fork(s->t, 9)); /* areas of the pool are not forked, nor given back by it */
  assert_int_equal(stats(s)->hugepages_free, 3);
  assert_int_equal(s->st.hugepages_rsvd, 2);
  assert_int_equal(os_munmap(s->t, BASE, PAGE), -22);
  assert_int_equal(os_mprotect(s->t, BASE + PAGE, HUGE, RO), -22);
  assert_int_equal(os_mprotect(s->t, BASE + HUGE, HUGE, RO), 0);
  assert_int_equal(s->k->content[touch(s, HUGE + PAGE, false)], 42);
  assert_int_equal(os_madvise(s->t, BASE + HUGE, HUGE, OS_MADV_DONTNEED), 0);
  assert_int_equal(stats(s)->hugepages_free, 4);
  assert_int_equal(s->st.hugepages_rsvd, 3);
  assert_int_equal(s->k->content[touch(s, HUGE + PAGE, false)], 0);
  assert_int_equal(os_munmap(s->t, BASE + HUGE, HUGE), 0);
  assert_int_equal(stats(s)->hugepages_free, 4);
  assert_int_equal(s->st.hugepages_rsvd, 2);
  assert_int_equal(s->st.thp_split_pmd + s->st.committed, 0);
}
static void pool(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    struct os_config cfg = config(modes[i], 32, OS_THP_NEVER);
    cfg.nr_hugepages = 4;
    play_on(&cfg, play_pool);
  }
}

static void play_fragmented(struct scene *s) {
  const struct os *os = s->k->os;
  for (unsigned z = 0; z < OS_ZONES; z++)
    for (unsigned o = 9; o < OS_ORDERS; o++)
      assert_int_equal(os->zones.zone[0][z].blocks[o], 0);
  assert_true(os_zones_free(&os->zones) * 100 > os_zones_managed(&os->zones) * 99);
  assert_int_equal(map(s, 0, 4 * HUGE, 0), 0);
  for (uint64_t i = 0; i < 4; i++)
    touch(s, i * HUGE, true);
  assert_int_equal(stats(s)->thp_fault_alloc, 0);
  assert_int_equal(s->st.thp_fault_fallback, 4);
}
static void fragmented(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    struct os_config cfg = config(modes[i], 64, OS_THP_ALWAYS);
    cfg.fragment = 100;
    play_on(&cfg, play_fragmented);
  }
}

static void half(void **state) {
  (void)state;
  uint64_t whole[2];
  for (unsigned i = 0; i < 2; i++) {
    struct os_config cfg = config(MMU_S1_X86_L4, 64, OS_THP_ALWAYS);
    cfg.fragment = i * 50;
    struct fake *k = fk_create(&cfg, cfg.swap_pages, 1);
    whole[i] = 0;
    for (unsigned z = 0; z < OS_ZONES; z++)
      whole[i] += k->os->zones.zone[0][z].blocks[9] + 2 * k->os->zones.zone[0][z].blocks[10];
    fk_check(k);
    fk_destroy(k);
  }
  assert_true(whole[0] > 20);
  assert_in_range(whole[1], whole[0] / 2, whole[0] / 2 + 4);
}

/* linux-mm.md's 22528 kB a zone come with THP, from 512 MiB of memory. */
static void marks(void **state) {
  (void)state;
  static const struct {
    uint64_t mib;
    enum os_thp thp;
    bool raised;
  } how[] = {{1024, OS_THP_ALWAYS, true},
             {1024, OS_THP_MADVISE, true},
             {1024, OS_THP_NEVER, false},
             {256, OS_THP_ALWAYS, false}};
  for (size_t i = 0; i < sizeof how / sizeof how[0]; i++) {
    struct os_config cfg = config(MMU_S1_X86_L4, how[i].mib, how[i].thp);
    struct fake *k = fk_create(&cfg, cfg.swap_pages, 1);
    assert_int_equal(k->os->cfg.min_free_kbytes == 45056, how[i].raised);
    fk_destroy(k);
  }
}

/* ---- empty tables under pressure ---- */

static void play_empty(struct scene *s) {
  enum { N = 40 };
  assert_int_equal(map(s, 0, N * HUGE, 0), 0);
  for (uint64_t i = 0; i < N; i++)
    touch(s, i * HUGE, true);
  uint64_t tables = os_task_pgtables(s->t);
  assert_int_equal(os_madvise(s->t, BASE, (N - 1) * HUGE, OS_MADV_DONTNEED), 0);
  assert_int_equal(os_task_pgtables(s->t), tables);
  s->k->content[touch(s, (N - 1) * HUGE, true)] = 77;
  assert_int_equal(os_pt_reclaim(s->k->os), N - 1);
  assert_int_equal(os_task_pgtables(s->t), tables - (N - 1));
  assert_int_equal(stats(s)->pt_reclaimed, N - 1);
  assert_int_equal(s->k->content[touch(s, (N - 1) * HUGE, false)], 77);
  touch(s, 0, true); /* and it comes back when it is needed */
  assert_int_equal(os_task_pgtables(s->t), tables - (N - 2));
}
static void empty_tables(void **state) {
  (void)state;
  everywhere(16, OS_THP_NEVER, play_empty);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(collapse),    cmocka_unit_test(pace),
                                     cmocka_unit_test(pool),        cmocka_unit_test(fragmented),
                                     cmocka_unit_test(half),        cmocka_unit_test(marks),
                                     cmocka_unit_test(empty_tables)};
  return cmocka_run_group_tests_name("os supply of huge pages", tests, NULL, NULL);
}
