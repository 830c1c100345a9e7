/* SPDX-License-Identifier: Apache-2.0
 * exec: nothing of the old address space is left, in memory, in the books or in the hardware; who
 * shares pages with it keeps them; the task keeps its oom_score_adj and no locks. */
#include "tests/unit/huge_scene.h"

enum { PAGES = 64 };

static uint64_t rnd_store(struct scene *s, struct os_task *t, uint64_t at) {
  uint32_t pfn = fk_access(s->k, t, BASE + at, true, false);
  assert_int_not_equal(pfn, 0);
  return s->k->content[pfn] = s->k->next_content++;
}

static uint64_t load(struct scene *s, struct os_task *t, uint64_t at) {
  uint32_t pfn = fk_access(s->k, t, BASE + at, false, false);
  assert_int_not_equal(pfn, 0);
  return s->k->content[pfn];
}

static void map_more(struct scene *s, uint64_t at, uint32_t file, bool shared) {
  const struct os_mapping m = {
      .va = BASE + at, .bytes = PAGES * PAGE, .prot = RW, .file = file, .shared = shared};
  assert_int_equal(os_mmap(s->t, &m), 0);
}

/* All kinds of memory, and locks on some. */
static void fill(struct scene *s) {
  assert_int_equal(map(s, 0, PAGES * PAGE, 0), 0);
  assert_int_equal(map(s, 32 * MIB, HUGE, OS_VMA_HUGETLB), 0);
  assert_int_equal(map(s, 64 * MIB, 2 * HUGE, OS_VMA_HUGE), 0);
  map_more(s, 96 * MIB, 1, true);
  map_more(s, 128 * MIB, 0, true);
  static const uint64_t at[] = {0, 32 * MIB, 64 * MIB, 96 * MIB, 128 * MIB};
  for (size_t i = 0; i < sizeof at / sizeof at[0]; i++)
    (void)rnd_store(s, s->t, at[i]);
  for (uint64_t p = 1; p < PAGES; p++)
    (void)rnd_store(s, s->t, p * PAGE);
  assert_int_equal(os_mlock(s->t, BASE, 8 * PAGE), 0);
  assert_int_equal(os_mlockall(s->t, OS_MCL_FUTURE), 0);
}

static uint64_t mlocked(struct scene *s) {
  return os_node_use(&s->k->os->node[0]).mlocked;
}

static void alone(struct scene *s) {
  assert_int_equal(os_file_create(s->k->os, PAGES), 1);
  os_task_describe(s->t, "before", 321);
  fill(s);
  assert_true(stats(s)->nr_anon_thps == 2 || stats(s)->nr_anon_thps == 1);
  assert_int_equal(mlocked(s), 8);
  uint16_t asid = os_task_context(s->t)->asid;
  uint64_t allocated = s->st.pgalloc - s->st.pgfree - s->st.nr_file;
  assert_true(allocated > 64 + 512 + 1);
  assert_int_equal(os_task_exec(s->t, "after"), 0);
  /* nothing is left but a root table */
  (void)stats(s);
  assert_int_equal(os_task_rss(s->t), 0);
  assert_int_equal(s->t->mm->tables, 1);
  assert_int_equal(s->st.nr_anon + s->st.nr_shmem + s->st.nr_anon_thps + s->st.committed, 0);
  assert_int_equal(s->st.pgalloc - s->st.pgfree - s->st.nr_file, 1);
  assert_int_equal(s->st.nr_page_table_pages, 0);
  assert_int_equal(s->st.hugepages_free, 3);
  assert_int_equal(s->st.hugepages_rsvd, 0);
  assert_int_equal(mlocked(s), 0);
  assert_int_equal(s->st.execs, 1);
  /* nothing old is reached through the new identifier */
  assert_int_not_equal(os_task_context(s->t)->asid, asid);
  assert_int_equal(os_task_context(s->t)->s1_root0, s->t->mm->root);
  for (uint64_t p = 0; p < PAGES; p++)
    assert_int_equal(fk_access_now(s->k, s->t, BASE + p * PAGE, false, false), 0);
  /* what the task keeps, and what it does not */
  assert_string_equal(s->t->name, "after");
  assert_int_equal(s->t->oom_score_adj, 321);
  assert_int_equal(map(s, 0, PAGES * PAGE, 0), 0);
  assert_int_equal(os_task_rss(s->t), 0); /* mlockall(MCL_FUTURE) is forgotten */
  assert_int_equal(load(s, s->t, 0), 0);
  (void)rnd_store(s, s->t, PAGE);
  assert_int_equal(mlocked(s), 0);
}

static void everywhere_with_pool(void (*play)(struct scene *s)) {
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    struct os_config cfg = config(modes[i], 32, OS_THP_MADVISE);
    cfg.nr_hugepages = 3;
    play_on(&cfg, play);
  }
}

static void nothing_is_left(void **state) {
  (void)state;
  everywhere_with_pool(alone);
}

/* The usual pair: a child that replaces its copy at once, and one that has written before. */
static void after_fork(struct scene *s) {
  uint64_t mine[PAGES];
  assert_int_equal(map(s, 0, PAGES * PAGE, 0), 0);
  map_more(s, 128 * MIB, 0, true);
  for (uint64_t p = 0; p < PAGES; p++)
    mine[p] = rnd_store(s, s->t, p * PAGE);
  uint64_t ours = rnd_store(s, s->t, 128 * MIB);
  for (unsigned writes = 0; writes < 2; writes++) {
    struct os_task *c = os_task_fork(s->t, 2 + writes);
    assert_non_null(c);
    if (writes != 0) {
      (void)rnd_store(s, c, 0);
      ours = rnd_store(s, c, 128 * MIB);
    }
    uint64_t cow = stats(s)->cow;
    assert_int_equal(cow, writes); /* the child's one copy */
    assert_int_equal(os_task_exec(c, "child"), 0);
    assert_int_equal(os_task_rss(s->t), PAGES + 1);
    for (uint64_t p = 0; p < PAGES; p++)
      assert_int_equal(load(s, s->t, p * PAGE), mine[p]);
    assert_int_equal(load(s, s->t, 128 * MIB), ours);
    uint64_t reused = stats(s)->cow_reused;
    for (uint64_t p = 0; p < PAGES; p++) /* nobody shares them any more: no copies */
      mine[p] = rnd_store(s, s->t, p * PAGE);
    assert_int_equal(stats(s)->cow, cow);
    assert_true(s->st.cow_reused - reused >= PAGES - 1);
    os_task_exit(c);
    os_task_free(c);
  }
}

static void sharers_keep_theirs(void **state) {
  (void)state;
  everywhere(16, OS_THP_NEVER, after_fork);
}

/* More often than there are identifiers, and under memory pressure while it is in swap. */
static void often(struct scene *s) {
  for (unsigned i = 0; i < 5000; i++) {
    assert_int_equal(os_task_exec(s->t, "again"), 0);
    if (i % 500 != 0) continue;
    const uint64_t bytes = 5 * MIB; /* of 4 */
    assert_int_equal(map(s, 0, bytes, 0), 0);
    for (uint64_t at = 0; at < bytes; at += PAGE)
      (void)rnd_store(s, s->t, at);
    assert_true(stats(s)->nr_swap_used != 0);
  }
  struct os_waitq q = {0};
  (void)os_wait_us(s->k->os, &q, 1000000); /* for the last writes */
  assert_int_equal(stats(s)->nr_swap_used, 0);
  assert_int_equal(s->st.execs, 5000);
}

static void again_and_again(void **state) {
  (void)state;
  struct os_config cfg = config(MMU_S1_X86_L4, 4, OS_THP_NEVER);
  play_on(&cfg, often);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_left),
                                     cmocka_unit_test(sharers_keep_theirs),
                                     cmocka_unit_test(again_and_again)};
  return cmocka_run_group_tests_name("os exec", tests, NULL, NULL);
}
