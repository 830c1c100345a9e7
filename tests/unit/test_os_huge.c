/* SPDX-License-Identifier: Apache-2.0
 * Huge pages: when a fault gets one, and what splits it. */
#include "tests/unit/huge_scene.h"

/* ---- faults ---- */

/* The area must hold the whole aligned 2 MiB. */
static void play_eligible(struct scene *s) {
  assert_int_equal(map(s, PAGE, 2 * HUGE, 0), 0);
  touch(s, PAGE, true);
  assert_int_equal(stats(s)->thp_fault_alloc, 0);
  touch(s, HUGE + 5 * PAGE, false);
  assert_int_equal(stats(s)->thp_fault_alloc, 1);
  touch(s, 2 * HUGE, true); /* the last page */
  assert_int_equal(stats(s)->thp_fault_alloc, 1);
  assert_int_equal(os_task_rss(s->t), 514);
  unsigned h = 9;
  uint64_t e = leaf(s, HUGE, &h);
  assert_int_equal(h, 1);
  assert_true(s->k->os->pt->young(e) && !s->k->os->pt->dirty(e));
  touch(s, HUGE + 7 * PAGE, true); /* the hardware's D, in the one entry */
  assert_true(s->k->os->pt->dirty(leaf(s, HUGE, &h)));
  assert_int_equal(map(s, 8 * HUGE, HUGE, OS_VMA_NOHUGE), 0);
  touch(s, 8 * HUGE, true);
  assert_int_equal(stats(s)->thp_fault_alloc, 1);
  assert_int_equal(s->st.thp_fault_fallback, 0);
}
static void eligible(void **state) {
  (void)state;
  everywhere(32, OS_THP_ALWAYS, play_eligible);
}

static void play_madvise(struct scene *s) {
  assert_int_equal(map(s, 0, 4 * HUGE, 0), 0);
  touch(s, 0, true);
  assert_int_equal(stats(s)->thp_fault_alloc, 0);
  assert_int_equal(os_madvise(s->t, BASE + HUGE, 2 * HUGE, OS_MADV_HUGEPAGE), 0);
  touch(s, HUGE, true);
  touch(s, 3 * HUGE, true); /* not asked for */
  assert_int_equal(stats(s)->thp_fault_alloc, 1);
  assert_int_equal(os_madvise(s->t, BASE + 2 * HUGE, HUGE, OS_MADV_NOHUGEPAGE), 0);
  touch(s, 2 * HUGE, true);
  assert_int_equal(stats(s)->thp_fault_alloc, 1);
  assert_int_equal(os_madvise(s->t, BASE + 3 * HUGE, 2 * HUGE, OS_MADV_HUGEPAGE), -12);
}
static void advised(void **state) {
  (void)state;
  everywhere(32, OS_THP_MADVISE, play_madvise);
}

/* ---- parts ---- */

static void play_parts(struct scene *s) {
  unsigned h = 9;
  assert_int_equal(map(s, 0, 4 * HUGE, 0), 0);
  for (uint64_t i = 0; i < 4; i++)
    s->k->content[touch(s, i * HUGE + 3 * PAGE, true)] = 100 + i;
  uint64_t tables = os_task_pgtables(s->t);
  assert_int_equal(stats(s)->nr_anon_thps, 4);
  /* rights of a whole one: no split */
  assert_int_equal(os_mprotect(s->t, BASE, HUGE, RO), 0);
  assert_int_equal(stats(s)->thp_split_pmd, 0);
  assert_false(s->k->os->pt->writable(leaf(s, 0, &h)));
  assert_int_equal(h, 1);
  /* of a part: split, rights and contents of the rest as before */
  assert_int_equal(os_mprotect(s->t, BASE + HUGE, PAGE, RO), 0);
  assert_int_equal(stats(s)->thp_split_pmd, 1);
  assert_int_equal(s->st.thp_split_page, 0); /* the frames stay together */
  assert_false(s->k->os->pt->writable(leaf(s, HUGE, &h)));
  assert_int_equal(h, 0);
  assert_true(s->k->os->pt->writable(leaf(s, HUGE + PAGE, &h)));
  assert_true(s->k->os->pt->dirty(leaf(s, HUGE + PAGE, &h)));
  assert_int_equal(s->k->content[touch(s, HUGE + 3 * PAGE, true)], 101);
  assert_int_equal(os_task_pgtables(s->t), tables); /* the one set aside */
  /* a part unmapped */
  uint64_t rss = os_task_rss(s->t);
  assert_int_equal(os_munmap(s->t, BASE + 2 * HUGE + 4 * PAGE, 100 * PAGE), 0);
  assert_int_equal(os_task_rss(s->t), rss - 100);
  assert_int_equal(s->k->content[touch(s, 2 * HUGE + 3 * PAGE, false)], 102);
  assert_int_equal(fk_access_now(s->k, s->t, BASE + 2 * HUGE + 4 * PAGE, false, false), 0);
  /* a part discarded; a whole one discarded, which takes its table along */
  assert_int_equal(os_madvise(s->t, BASE + 3 * HUGE, PAGE, OS_MADV_DONTNEED), 0);
  assert_int_equal(stats(s)->thp_split_pmd, 3);
  assert_int_equal(os_task_pgtables(s->t), tables);
  assert_int_equal(os_madvise(s->t, BASE, HUGE, OS_MADV_DONTNEED), 0);
  assert_int_equal(os_task_pgtables(s->t), tables - 1);
  assert_int_equal(stats(s)->nr_anon_thps, 0);
}
static void parts(void **state) {
  (void)state;
  everywhere(64, OS_THP_ALWAYS, play_parts);
}

/* When the table becomes reachable no TLB may hold the huge entry any more. */
static void no_huge_translation(struct fake *k) {
  for (size_t i = 0; i < k->tlb_size; i++)
    assert_false(k->tlb[i].valid && k->tlb[i].huge);
  k->watch_pa = 0;
}

static void play_whole(struct scene *s) {
  struct os *os = s->k->os;
  unsigned h = 9;
  assert_int_equal(map(s, 0, HUGE, 0), 0);
  uint32_t pfn = touch(s, 5 * PAGE, true) - 5;
  uint64_t old = leaf(s, 0, &h);
  assert_int_equal(h, 1);
  s->k->watch = no_huge_translation;
  s->k->watch_pa = os_pt_lookup(s->t->mm, BASE);
  s->k->watch_in = 4; /* found, read, exchanged; then the pointer */
  os_frame_get(os, pfn);
  os_frame_lock(os, pfn);
  assert_true(os_huge_split_frame(os, pfn));
  os_frame_unlock(os, pfn);
  (void)os_frame_put(os, pfn);
  assert_int_equal(s->k->watch_pa, 0); /* it was looked at */
  for (uint64_t i = 0; i < 512; i++) {
    uint64_t e = leaf(s, i * PAGE, &h);
    assert_int_equal(h, 0);
    assert_int_equal(e, os->pt->at(os->pt->page(old), (pfn + i) << 12));
    assert_int_equal(os_frame(os, pfn + (uint32_t)i)->mapcount, 1);
    assert_int_not_equal(os_frame(os, pfn + (uint32_t)i)->flags & OS_F_LISTED, 0);
  }
}
static void whole(void **state) {
  (void)state;
  everywhere(32, OS_THP_ALWAYS, play_whole);
}

/* Three of four, one of them touched in part only. */
static void play_range(struct scene *s) {
  unsigned h = 9;
  assert_int_equal(map(s, 0, 4 * HUGE, 0), 0);
  store_each(s, PAGE, 4 * HUGE, HUGE, 300);
  os_lock(s->k->os, &s->t->mm->table);
  os_huge_split_range(s->t->mm, BASE, BASE + 2 * HUGE + PAGE);
  os_unlock(s->k->os, &s->t->mm->table);
  assert_int_equal(stats(s)->thp_split_pmd, 3);
  assert_int_equal(s->st.thp_split_page, 0);
  os_huge_split_frames(s->t->mm, BASE, BASE + 2 * HUGE + PAGE);
  assert_int_equal(stats(s)->thp_split_page, 3);
  (void)leaf(s, 3 * HUGE, &h);
  assert_int_equal(h, 1);
  see_each(s, PAGE, 4 * HUGE, HUGE, 300);
}
static void range(void **state) {
  (void)state;
  everywhere(32, OS_THP_ALWAYS, play_range);
}

/* ---- reclaim ---- */

static void play_swap(struct scene *s) {
  enum { N = 24 };
  assert_int_equal(map(s, 0, N * HUGE, 0), 0);
  store_each(s, 0, N * HUGE, PAGE, 5000);
  see_each(s, 0, N * HUGE, PAGE, 5000);
  assert_true(stats(s)->thp_fault_alloc > 3);
  assert_true(s->st.thp_split_page > 0 && s->st.pswpout > 1000 && s->st.pswpin > 1000);
  assert_true(s->st.thp_swpout_fallback <= s->st.thp_split_page);
}
static void swapped(void **state) {
  (void)state;
  everywhere(32, OS_THP_ALWAYS, play_swap);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(eligible), cmocka_unit_test(advised),
                                     cmocka_unit_test(parts),    cmocka_unit_test(whole),
                                     cmocka_unit_test(range),    cmocka_unit_test(swapped)};
  return cmocka_run_group_tests_name("os huge pages", tests, NULL, NULL);
}
