/* SPDX-License-Identifier: Apache-2.0
 * Huge pages under Linux's two policies and the others: A of the one entry, what a split leaves on
 * the lists, parts that were unmapped and wait for pressure. */
#include "lru/mglru.h"
#include "os/lru_host.h"
#include "tests/unit/huge_scene.h"

static const char *const policies[] = {"clock", "twolist", "mglru", "arc-sampled"};

static void with_each(uint64_t mib, void (*play)(struct scene *s), enum os_a_flush flush) {
  for (size_t p = 0; p < sizeof policies / sizeof policies[0]; p++)
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
      struct os_config cfg = config(modes[i], mib, OS_THP_ALWAYS);
      cfg.policy = policies[p];
      cfg.a_flush = flush;
      play_on(&cfg, play);
    }
}

/* ---- swapped, with each policy ---- */

static void play_swap(struct scene *s) {
  enum { N = 24 };
  assert_int_equal(map(s, 0, N * HUGE, 0), 0);
  store_each(s, 0, N * HUGE, PAGE, 5000);
  see_each(s, 0, N * HUGE, PAGE, 5000);
  assert_true(stats(s)->thp_fault_alloc > 3);
  assert_true(s->st.thp_split_page > 0 && s->st.thp_swpout_fallback > 0);
  assert_true(s->st.pswpout > 1000 && s->st.pswpin > 1000);
}
static void swapped(void **state) {
  (void)state;
  with_each(32, play_swap, OS_A_FLUSH_BATCH);
}

/* ---- A ---- */

static bool in_tlb(const struct fake *k) {
  for (size_t i = 0; i < k->tlb_size; i++)
    if (k->tlb[i].valid && k->tlb[i].huge) return true;
  return false;
}

/* Asked about one page, the kernel flushes the huge entry whatever the setting. */
static void play_asked(struct scene *s) {
  unsigned h;
  struct os *os = s->k->os;
  assert_int_equal(map(s, 0, HUGE, 0), 0);
  uint32_t pfn = touch(s, 3 * PAGE, true) - 3;
  assert_true(os->pt->young(leaf(s, 0, &h)) && in_tlb(s->k));
  struct lru_young young = {0};
  os_frame_get(os, pfn);
  os_lru_referenced(os->node[0].policy, pfn, NULL, &young);
  (void)os_frame_put(os, pfn);
  assert_int_equal(young.mappings, 1);
  assert_false(os->pt->young(leaf(s, 0, &h)));
  assert_int_equal(h, 1);
  assert_false(in_tlb(s->k));
}
static void asked(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    struct os_config cfg = config(modes[i], 32, OS_THP_ALWAYS);
    cfg.policy = i % 2 != 0 ? "twolist" : "mglru";
    cfg.a_flush = OS_A_FLUSH_NONE;
    play_on(&cfg, play_asked);
  }
}

/* An ageing walk clears A of the huge entry without a flush, and the page is young then. */
static void play_walk(struct scene *s) {
  unsigned h;
  struct os *os = s->k->os;
  struct os_policy *p = os->node[0].policy;
  assert_int_equal(map(s, 0, 2 * HUGE, 0), 0);
  touch(s, 0, true);
  touch(s, HUGE, true);
  uint64_t active = p->ops->size(p->lru, LRU_ANON, true);
  assert_int_equal(active, 1024);
  for (int i = 0; i < 3; i++) { /* the first is used every time, the second never again */
    (void)fk_access(s->k, s->t, BASE, true, false);
    assert_true(lru_mglru_try_age(lru_mglru_of(p->lru), lru_mglru_of(p->lru)->max_seq, true));
    assert_false(os->pt->young(leaf(s, 0, &h)));
    for (size_t k = 0; k < s->k->tlb_size; k++)
      s->k->tlb[k].valid = false; /* so that the next access sets A again */
  }
  assert_int_equal(p->ops->size(p->lru, LRU_ANON, true), 512);
  assert_int_equal(p->ops->size(p->lru, LRU_ANON, false), 512);
  assert_true(lru_stats(p->lru)->leaf_young >= 3);
}
static void walk(void **state) {
  (void)state;
  struct os_config cfg = config(MMU_S1_X86_L4, 32, OS_THP_ALWAYS);
  cfg.policy = "mglru";
  cfg.a_flush = OS_A_FLUSH_NONE;
  play_on(&cfg, play_walk);
  cfg = config(MMU_S1_ARM_4K, 32, OS_THP_ALWAYS);
  cfg.policy = "mglru";
  cfg.a_flush = OS_A_FLUSH_NONE;
  play_on(&cfg, play_walk);
}

/* Where it enters: youngest by a fault; one less, made by khugepaged. */
static void play_enters(struct scene *s) {
  struct os_waitq q = {0};
  struct os *os = s->k->os;
  struct mglru *m = lru_mglru_of(os->node[0].policy->lru);
  assert_int_equal(map(s, 0, HUGE, OS_VMA_HUGE), 0);
  uint32_t by_fault = touch(s, 0, true);
  assert_int_equal(lru_gen_of(lru_at(&m->base, by_fault)->word), lru_gen_of_seq(m->max_seq));
  assert_int_equal(map(s, 2 * HUGE, HUGE, OS_VMA_NOHUGE), 0);
  for (uint64_t i = 0; i < 512; i++)
    touch(s, 2 * HUGE + i * PAGE, true);
  assert_int_equal(os_madvise(s->t, BASE + 2 * HUGE, HUGE, OS_MADV_HUGEPAGE), 0);
  (void)os_wait_us(os, &q, 100000);
  assert_int_equal(stats(s)->thp_collapse_alloc, 1);
  uint32_t made = touch(s, 2 * HUGE, true);
  assert_int_equal(lru_gen_of(lru_at(&m->base, made)->word), lru_gen_of_seq(m->max_seq - 1));
  assert_int_equal(os->node[0].policy->ops->size(os->node[0].policy->lru, LRU_ANON, true), 1024);
}
static void enters(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    struct os_config cfg = config(modes[i], 32, OS_THP_MADVISE);
    cfg.policy = "mglru";
    cfg.khugepaged_scan_sleep_ms = 10;
    play_on(&cfg, play_enters);
  }
}

/* ---- parts that were unmapped ---- */

static uint64_t free_pages(struct scene *s) {
  uint64_t n = os_zones_free(&s->k->os->zones);
  for (unsigned z = 0; z < OS_ZONES; z++)
    n += os_pcp_count(s->k->os->pcps, &s->k->os->zones.zone[0][z], 0);
  return n;
}

/* A part gone frees nothing; a pass under pressure splits the page, and then it does. */
static void play_deferred(struct scene *s) {
  struct os *os = s->k->os;
  assert_int_equal(map(s, 0, 4 * HUGE, 0), 0);
  store_each(s, PAGE, 4 * HUGE, HUGE, 40);
  uint64_t free = free_pages(s);
  for (uint64_t i = 0; i < 3; i++)
    assert_int_equal(os_munmap(s->t, BASE + i * HUGE + 100 * PAGE, 300 * PAGE), 0);
  assert_int_equal(free_pages(s), free);
  assert_int_equal(os_task_rss(s->t), 4 * 512 - 3 * 300);
  assert_int_equal(stats(s)->thp_deferred_split_page, 3);
  assert_int_equal(s->st.thp_split_page, 0);
  assert_int_equal(os->node[0].deferred.length, 3);
  os_huge_shrink(&os->node[0], 12); /* nothing is due at a low pressure */
  assert_int_equal(stats(s)->thp_split_page, 0);
  os_huge_shrink(&os->node[0], 1);
  assert_int_equal(stats(s)->thp_split_page, 0);
  assert_int_equal(os->node[0].deferred.owed, 2);
  os_huge_shrink(&os->node[0], 0);
  assert_int_equal(stats(s)->thp_split_page, 3);
  assert_int_equal(os->node[0].deferred.length, 0);
  assert_int_equal(free_pages(s), free + 3 * 300);
  fk_check(s->k);
  see_each(s, PAGE, 4 * HUGE, HUGE, 40);
}
static void deferred(void **state) {
  (void)state;
  with_each(32, play_deferred, OS_A_FLUSH_BATCH);
}

/* All of it gone: it is one block again, and in no queue. */
static void play_all_gone(struct scene *s) {
  assert_int_equal(map(s, 0, HUGE, 0), 0);
  touch(s, 0, true);
  uint64_t before = stats(s)->pgfree;
  for (uint64_t at = 0; at < HUGE; at += 128 * PAGE)
    assert_int_equal(os_madvise(s->t, BASE + at, 128 * PAGE, OS_MADV_DONTNEED), 0);
  assert_int_equal(stats(s)->pgfree, before + 512);
  assert_int_equal(s->st.thp_split_page, 0);
  assert_int_equal(s->k->os->node[0].deferred.length, 0);
  fk_check(s->k);
}
static void all_gone(void **state) {
  (void)state;
  with_each(32, play_all_gone, OS_A_FLUSH_BATCH);
}

/* Somebody holds on to it: it stays one page, and is tried again. */
static void play_held(struct scene *s) {
  struct os *os = s->k->os;
  assert_int_equal(map(s, 0, HUGE, 0), 0);
  uint32_t pfn = touch(s, 0, true);
  assert_int_equal(os_munmap(s->t, BASE + PAGE, PAGE), 0);
  os_frame_get(os, pfn);
  os_huge_shrink(&os->node[0], 0);
  assert_int_equal(stats(s)->thp_split_page, 0);
  assert_true(s->st.thp_split_page_failed > 0);
  assert_int_equal(os->node[0].deferred.length, 1);
  (void)os_frame_put(os, pfn);
  os_huge_shrink(&os->node[0], 0);
  assert_int_equal(stats(s)->thp_split_page, 1);
}
static void held(void **state) {
  (void)state;
  with_each(32, play_held, OS_A_FLUSH_BATCH);
}

/* Parts shared after a fork: each side keeps what it saw. */
static void play_forked(struct scene *s) {
  assert_int_equal(map(s, 0, HUGE, 0), 0);
  store_each(s, 0, HUGE, PAGE, 9000);
  struct os_task *child = os_task_fork(s->t, 2);
  assert_non_null(child);
  assert_int_equal(stats(s)->thp_split_page, 0);
  s->k->content[fk_access(s->k, child, BASE + PAGE, true, false)] = 1;
  assert_int_equal(s->k->content[touch(s, PAGE, false)], 9000 + PAGE);
  assert_int_equal(stats(s)->thp_deferred_split_page, 1); /* the child's mapping of it went */
  os_huge_shrink(&s->k->os->node[0], 0);
  assert_int_equal(stats(s)->thp_split_page, 1);
  fk_check(s->k);
  assert_int_equal(s->k->content[fk_access(s->k, child, BASE + 2 * PAGE, false, false)],
                   9000 + 2 * PAGE);
  os_task_exit(child);
  os_task_free(child);
}
static void forked(void **state) {
  (void)state;
  with_each(32, play_forked, OS_A_FLUSH_BATCH);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(swapped),  cmocka_unit_test(asked),
                                     cmocka_unit_test(walk),     cmocka_unit_test(enters),
                                     cmocka_unit_test(deferred), cmocka_unit_test(all_gone),
                                     cmocka_unit_test(held),     cmocka_unit_test(forked)};
  return cmocka_run_group_tests_name("os huge pages on the lists", tests, NULL, NULL);
}
