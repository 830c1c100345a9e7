/* SPDX-License-Identifier: Apache-2.0
 * Families of processes that do everything at once: fork, exec, shared anonymous memory, shared and
 * private files, mlock, mprotect, huge pages, msync, on a machine too small for them, on one CPU
 * and on two nodes with two: nothing is lost, mixed up or leaked. OS_RUN_SEEDS=20 for a longer
 * hunt. */
#include "tests/unit/mixed_family.h"

static void run(const struct os_config *cfg, uint32_t cpus, uint64_t seed, struct os_stats *st) {
  family = calloc(1, sizeof *family);
  assert_non_null(family);
  fk_file_access = file_access;
  struct fake *k = fk_create_cpus(cfg, cfg->swap_pages + FILE_PAGES, seed, cpus);
  k->yield_permille = seed % 2 == 0 ? 30 : 300;
  k->migrate = cpus > 1;
  assert_int_equal(os_file_create(k->os, FILE_PAGES), 1);
  for (uint64_t p = 0; p < FILE_PAGES; p++)
    family->file[p] = k->block[os_file_block(k->os, 1, p)];
  family->short_of_memory = cfg->swap_pages < 1000;
  family->members = 1;
  family->proc[0] = (struct proc){.k = k, .pid = 1, .steps = FIRST_STEPS};
  fk_start(k, first, &family->proc[0], false);
  fk_run(k);
  fk_check(k);
  assert_string_equal(k->panic, "");
  os_stats(k->os, st);
  assert_true(st->forks == family->members - 1 || family->short_of_memory);
  assert_true(st->execs == family->execs || family->short_of_memory);
  for (uint32_t i = 0; i < family->members; i++)
    os_task_free(family->proc[i].t);
  assert_int_equal(st->nr_anon + st->nr_shmem + st->nr_anon_thps + st->nr_page_table_pages, 0);
  assert_int_equal(st->nr_swap_used + st->committed, 0);
  assert_int_equal(st->pgalloc - st->pgfree, st->nr_file);
  fk_destroy(k);
  free(family);
}

static void add(struct os_stats *sum, const struct os_stats *st) {
  sum->forks += st->forks;
  sum->execs += st->execs;
  sum->cow += st->cow;
  sum->mkwrite += st->mkwrite;
  sum->pswpin += st->pswpin;
  sum->shmem_max += st->shmem_max;
  sum->thp_fault_alloc += st->thp_fault_alloc;
  sum->thp_split_pmd += st->thp_split_pmd;
  sum->nr_dirty_written += st->nr_dirty_written;
  sum->compact_stall += st->compact_stall;
  sum->pgmigrate_success += st->pgmigrate_success;
}

static void everything_at_once(uint32_t cpus) {
  static const char *const policies[] = {"clock", "fifo", "clock2"};
  const char *more = getenv("OS_RUN_SEEDS");
  uint64_t seeds = more != NULL ? strtoull(more, NULL, 10) : 1;
  struct os_stats sum = {0};
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
    for (uint64_t seed = 1; seed <= seeds; seed++) {
      struct os_stats st;
      struct os_config cfg = config(modes[i], cpus == 1 ? 9 : 16, OS_THP_ALWAYS);
      cfg.policy = policies[(seed + i) % 3];
      cfg.khugepaged_scan_sleep_ms = 20;
      cfg.zero_page = seed % 2 == 0;
      cfg.nodes = cpus;
      cfg.a_flush = (enum os_a_flush)((seed + i) % 3);
      run(&cfg, cpus, seed + 100 * i, &st);
      add(&sum, &st);
    }
  assert_true(sum.forks != 0 && sum.execs != 0 && sum.cow != 0 && sum.mkwrite != 0);
  assert_true(sum.pswpin != 0 && sum.shmem_max != 0 && sum.nr_dirty_written != 0);
  assert_true(sum.thp_fault_alloc != 0 && sum.thp_split_pmd != 0);
}

static void one_cpu(void **state) {
  (void)state;
  everything_at_once(1);
}

static void two_cpus(void **state) {
  (void)state;
  everything_at_once(2);
}

/* Linux's two policies; then with huge pages for everybody, for which faults compact by themselves.
 */
static void linux_policies(enum os_thp thp, struct os_stats *sum) {
  const char *more = getenv("OS_RUN_SEEDS");
  uint64_t seeds = more != NULL ? strtoull(more, NULL, 10) : 2;
  for (uint64_t seed = 1; seed <= seeds; seed++)
    for (uint32_t cpus = 1; cpus <= 2; cpus++)
      for (uint32_t policy = 0; policy < 2; policy++) {
        struct os_stats st;
        uint64_t mib = thp == OS_THP_NEVER ? 6 : 9;
        struct os_config cfg = config(modes[(seed + policy) % 4], mib * cpus, thp);
        cfg.policy = policy == 0 ? "twolist" : "mglru";
        cfg.nodes = cpus;
        cfg.thp_defrag = OS_THP_DEFRAG_ALWAYS;
        cfg.khugepaged_scan_sleep_ms = 20;
        cfg.a_flush = (enum os_a_flush)((seed + policy) % 3);
        run(&cfg, cpus, seed, &st);
        assert_true(st.forks != 0 && st.cow != 0 && st.mkwrite != 0 && st.shmem_max != 0);
        add(sum, &st);
      }
}

static void linux_policies_small(void **state) {
  struct os_stats sum = {0};
  (void)state;
  linux_policies(OS_THP_NEVER, &sum);
}

static void linux_policies_huge(void **state) {
  struct os_stats sum = {0};
  (void)state;
  linux_policies(OS_THP_ALWAYS, &sum);
  assert_true(sum.thp_fault_alloc != 0 && sum.thp_split_pmd != 0 && sum.pswpin != 0);
  assert_true(sum.compact_stall != 0 && sum.pgmigrate_success != 0);
}

/* Not enough for all: some are killed, by the OOM killer or because a call fails, whatever they are
 * doing; the others go on with their data, and nothing of the dead is left. */
static void some_are_killed(void **state) {
  (void)state;
  const char *more = getenv("OS_RUN_SEEDS");
  uint64_t seeds = more != NULL ? strtoull(more, NULL, 10) : 3;
  uint64_t kills = 0;
  for (uint64_t seed = 1; seed <= seeds; seed++)
    for (uint32_t cpus = 1; cpus <= 2; cpus++) {
      struct os_stats st;
      struct os_config cfg = config(modes[seed % 4], 5 + 5 * cpus, OS_THP_ALWAYS);
      cfg.swap_pages = 300;
      cfg.nodes = cpus;
      cfg.khugepaged_scan_sleep_ms = 20;
      run(&cfg, cpus, seed, &st);
      kills += st.oom_kill;
    }
  assert_true(kills != 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_cpu), cmocka_unit_test(two_cpus), cmocka_unit_test(linux_policies_small),
      cmocka_unit_test(linux_policies_huge), cmocka_unit_test(some_are_killed)};
  return cmocka_run_group_tests_name("os everything at once", tests, NULL, NULL);
}
