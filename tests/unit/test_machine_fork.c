/* SPDX-License-Identifier: Apache-2.0
 * Programs that fork, on the whole machine: every contract kept, parent and children with their own
 * versions, on one CPU and two, whoever keeps A and D. */
#include "tests/unit/machine_fixture.h"

static void test_fork_keeps_the_contracts(void **state) {
  (void)state;
  for (int a = 0; a < MMU_ARCH_COUNT; a++)
    for (uint32_t cpus = 1; cpus <= 2; cpus++) {
      struct machine_config c = fixture_config((enum mmu_arch)a, cpus);
      c.os.zero_page = cpus == 1;
      if (a != MMU_ARCH_X86 && cpus == 2) c.os.hw_a = c.os.hw_d = false;
      struct machine_results r =
          fixture_run(&c, "synthetic:pages=2400 file=100 fork=3 run=2 write=60 accesses=16000", 1);
      assert_int_equal(r.os.forks, 3);
      assert_true(r.os.cow > 0 && r.os.cow_reused > 0 && r.os.pswpin > 0);
      /* a child makes the accesses that were left when it came: 3, 2 and 1 quarters */
      assert_int_equal(r.accesses, 2 * (16000 + 12000 + 8000 + 4000));
    }
}

/* Shared memory, shared files, locks, msync and exec at once; children that share the memory, and
 * children that leave it for an address space of their own. */
static void test_everything_keeps_the_contracts(void **state) {
  (void)state;
  for (int a = 0; a < MMU_ARCH_COUNT; a++)
    for (uint32_t cpus = 1; cpus <= 2; cpus++)
      for (unsigned leave = 0; leave < 2; leave++) {
        char spec[200];
        struct machine_config c = fixture_config((enum mmu_arch)a, cpus);
        c.os.thp = leave != 0 ? OS_THP_ALWAYS : OS_THP_NEVER;
        if (a != MMU_ARCH_X86 && cpus == 2) c.os.hw_a = c.os.hw_d = false;
        (void)snprintf(
            spec, sizeof spec,
            "synthetic:pages=1500 file=300 shared=1 shmem=600 fork=2 exec=1 childexec=%u "
            "lock=100 sync=700 run=2 write=60 accesses=16000",
            leave);
        struct machine_results r = fixture_run(&c, spec, 1);
        assert_int_equal(r.os.forks, 2);
        assert_int_equal(r.os.execs, leave != 0 ? 3 : 1);
        assert_true(r.os.shmem_max > 300 && r.os.mkwrite > 0 && r.os.pswpin > 0);
        assert_true(r.os.nr_dirty_written > 0);
        assert_int_equal(r.failed_syscalls, 0);
        assert_int_equal(r.os.nr_shmem + r.os.nr_anon + r.os.committed + r.os.nr_swap_used, 0);
      }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_fork_keeps_the_contracts),
                                     cmocka_unit_test(test_everything_keeps_the_contracts)};
  return cmocka_run_group_tests_name("machine fork", tests, NULL, NULL);
}
