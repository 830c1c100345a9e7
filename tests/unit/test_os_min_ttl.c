/* SPDX-License-Identifier: Apache-2.0
 * lru_gen min_ttl_ms in the OS model (Linux 6.1 mm/vmscan.c, lru_gen_age_node): while the oldest
 * pages are younger than that, kswapd calls the OOM killer rather than evict them. */
#include "tests/unit/huge_scene.h"

enum { MANY = 12000 };

static struct os_config machine(enum mmu_s1_mode mode, uint32_t ttl) {
  struct os_config cfg = config(mode, 32, OS_THP_NEVER);
  cfg.policy = "mglru";
  cfg.lru_gen_min_ttl_ms = ttl;
  return cfg;
}

/* More than memory holds, all of it in use; swap would do. */
static void use(struct scene *s, uint64_t rounds) {
  assert_int_equal(map(s, 0, (uint64_t)MANY * PAGE, 0), 0);
  for (uint64_t r = 0; r < rounds; r++)
    for (uint64_t i = 0; i < MANY && os_task_death(s->t) == NULL; i++)
      (void)fk_access(s->k, s->t, BASE + i * PAGE, true, false);
  (void)stats(s);
}

static void play_young(struct scene *s) {
  use(s, 2);
  assert_non_null(os_task_death(s->t));
  assert_non_null(strstr(os_task_death(s->t), "out of memory: killed"));
  assert_int_equal(s->st.oom_kill, 1);
  struct os_oom_kill kill[1];
  assert_int_equal(os_oom_kills(s->k->os, kill, 1), 1);
  assert_int_equal(kill[0].pid, 1);
}
static void young(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    struct os_config cfg = machine(modes[i], 60000); /* a minute, and the play is over sooner */
    play_on(&cfg, play_young);
  }
}

static void play_lives(struct scene *s) {
  use(s, 2);
  assert_null(os_task_death(s->t));
  assert_int_equal(s->st.oom_kill, 0);
  assert_true(s->st.pswpout > 1000);
}
static void off(void **state) {
  (void)state;
  struct os_config cfg = machine(MMU_S1_X86_L4, 0);
  play_on(&cfg, play_lives);
}

/* Pages grow old while their process waits: then they may go. */
static void play_old(struct scene *s) {
  struct os_waitq q = {0};
  assert_int_equal(map(s, 0, (uint64_t)MANY * PAGE, 0), 0);
  for (uint64_t i = 0; i < MANY; i++) {
    touch(s, i * PAGE, true);
    if (i % 1000 == 0) (void)os_wait_us(s->k->os, &q, 200000);
  }
  assert_true(stats(s)->pswpout > 1000);
  assert_int_equal(s->st.oom_kill, 0);
}
static void old(void **state) {
  (void)state;
  struct os_config cfg = machine(MMU_S1_X86_L4, 100);
  play_on(&cfg, play_old);
}

static void refused(void **state) {
  (void)state;
  struct os_config cfg = machine(MMU_S1_X86_L4, 1000);
  struct os_platform plat = {.ops = &fk_ops};
  char err[160] = "";
  cfg.policy = "twolist";
  assert_null(os_create(&cfg, &plat, err, sizeof err));
  assert_non_null(strstr(err, "policy mglru"));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(young), cmocka_unit_test(off),
                                     cmocka_unit_test(old), cmocka_unit_test(refused)};
  return cmocka_run_group_tests_name("os min_ttl_ms", tests, NULL, NULL);
}
