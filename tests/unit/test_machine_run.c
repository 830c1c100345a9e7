// SPDX-License-Identifier: Apache-2.0
// Whole machines on the model backend: the window's timing, squashes, page crossings, several CPUs,
// reclaim, limits, determinism.
#include <string.h>

#include "tests/unit/machine_fixture.h"

static const enum mmu_arch archs[] = {MMU_ARCH_X86, MMU_ARCH_ARM, MMU_ARCH_RISCV};

static uint64_t booked(const struct machine_results *r, uint32_t cpu) {
  uint64_t sum = 0;
  for (int a = 0; a < LEDGER_ACCOUNTS; a++)
    sum += r->ledger.cycles[cpu][a];
  return sum;
}

/* All hits: four instructions issue in four cycles, the load in one, and its latency hides behind
 * the next four. So 5 cycles a pair. */
static void test_hits_cost_five_cycles(void **state) {
  struct machine_config c = fixture_config(MMU_ARCH_X86, 1);
  (void)state;
  uint64_t one =
      fixture_run(&c, "synthetic:pages=1 accesses=20000 write=0 cross=0 compute=4", 1).cycles;
  uint64_t two =
      fixture_run(&c, "synthetic:pages=1 accesses=40000 write=0 cross=0 compute=4", 1).cycles;
  assert_int_equal(two - one, 5 * 20000);
}

/* With a window of one nothing overlaps: 4 instructions, then 1 look-up + 4 cycles of L1 cache. */
static void test_window_of_one(void **state) {
  struct machine_config c = fixture_config(MMU_ARCH_ARM, 1);
  (void)state;
  c.window = 1;
  uint64_t one =
      fixture_run(&c, "synthetic:pages=1 accesses=20000 write=0 cross=0 compute=4", 1).cycles;
  struct machine_results r =
      fixture_run(&c, "synthetic:pages=1 accesses=40000 write=0 cross=0 compute=4", 1);
  assert_int_equal(r.cycles - one, 9 * 20000);
  assert_true(r.ledger.cycles[0][LEDGER_DATA_MEMORY] >= 4 * 39000);
}

/* Every access retires exactly once, whatever is squashed on the way. */
static void test_squash_and_replay(void **state) {
  (void)state;
  for (int i = 0; i < 3; i++) {
    struct machine_config c = fixture_config(archs[i], 1);
    struct machine_results r =
        fixture_run(&c, "synthetic:pages=900 accesses=30000 run=2 pattern=random", 1);
    assert_int_equal(r.accesses, 60000);
    assert_int_equal(r.instructions, 30000 * 4);
    assert_true(r.squashed > 100);
    assert_int_equal(booked(&r, 0), r.cycles);
  }
}

static void test_crossings_are_two_requests(void **state) {
  struct machine_config c = fixture_config(MMU_ARCH_RISCV, 1);
  (void)state;
  struct machine_results none =
      fixture_run(&c, "synthetic:pages=20 accesses=5000 cross=0 pattern=loop run=1", 1);
  struct machine_results all =
      fixture_run(&c, "synthetic:pages=20 accesses=5000 cross=100 pattern=loop run=1", 1);
  assert_int_equal(none.page_crossings, 0);
  assert_int_equal(all.page_crossings, 4750); /* the last page of the region cannot cross */
  assert_true(all.backend.requests >= 10000 + 4750);
}

static void test_reclaim_keeps_the_contracts(void **state) {
  (void)state;
  for (int i = 0; i < 3; i++) {
    struct machine_config c = fixture_config(archs[i], 1);
    struct machine_results r =
        fixture_run(&c, "synthetic:pages=2500 file=400 accesses=40000 run=16", 2);
    assert_true(r.os.pgsteal_kswapd > 100);
    assert_true(r.os.pswpin > 100);
    assert_true(r.backend.cas_a > 100);
    assert_true(r.backend.cas_d > 100);
    assert_true(r.contracts.record[CONTRACT_DATA].checked >= 160000);
    assert_int_equal(booked(&r, 0), r.cycles);
  }
}

static void test_shared_file_written(void **state) {
  struct machine_config c = fixture_config(MMU_ARCH_X86, 1);
  (void)state;
  struct machine_results r = fixture_run(
      &c, "synthetic:pages=10 file=3000 shared=1 accesses=30000 run=4 write=60 pattern=random", 2);
  assert_true(r.disk_writes > 100);
}

static void test_two_cpus(void **state) {
  (void)state;
  for (int i = 0; i < 3; i++) {
    struct machine_config c = fixture_config(archs[i], 2);
    struct machine_results r =
        fixture_run(&c, "synthetic:pages=1500 file=400 accesses=30000 run=16", 3);
    assert_int_equal(r.accesses, 180000);
    assert_int_equal(booked(&r, 0), r.cycles);
    assert_int_equal(booked(&r, 1), r.cycles);
    assert_true(r.ledger.cycles[0][LEDGER_COMPUTE] > 0);
    assert_true(r.ledger.cycles[1][LEDGER_COMPUTE] > 0);
    assert_true(r.ledger.cycles[0][LEDGER_SHOOTDOWN] > 0);
    if (archs[i] == MMU_ARCH_ARM)
      assert_int_equal(r.shootdown.ipis, 0);
    else
      assert_true(r.shootdown.ipis > 0);
  }
}

/* A and D by fault: the hardware writes nothing, the OS takes faults for them. */
static void test_software_a_and_d(void **state) {
  (void)state;
  for (int i = 1; i < 3; i++) {
    struct machine_config c = fixture_config(archs[i], 1);
    c.os.hw_a = c.os.hw_d = false;
    struct machine_results r =
        fixture_run(&c, "synthetic:pages=2500 file=400 accesses=30000 run=16", 1);
    assert_int_equal(r.backend.cas_a + r.backend.cas_d, 0);
    assert_true(r.os.a_faults + r.os.d_faults > 100);
  }
}

static void test_limits(void **state) {
  struct machine_config c = fixture_config(MMU_ARCH_X86, 1);
  (void)state;
  c.max_accesses = 5000;
  struct machine_results r = fixture_run(&c, "synthetic:accesses=1000000", 1);
  assert_in_range(r.accesses, 5000, 5000 + c.window);
  c.max_accesses = 0;
  c.max_cycles = 3000000;
  r = fixture_run(&c, "synthetic:accesses=10000000", 1);
  assert_in_range(r.cycles, 3000000, 6000000);
}

static void test_deterministic(void **state) {
  (void)state;
  for (int i = 0; i < 3; i++) {
    for (uint32_t cpus = 1; cpus <= 2; cpus++) {
      static struct machine_results one, two;
      struct machine_config c = fixture_config(archs[i], cpus);
      one = fixture_run(&c, "synthetic:pages=2500 file=300 accesses=20000 run=16", 2);
      two = fixture_run(&c, "synthetic:pages=2500 file=300 accesses=20000 run=16", 2);
      assert_memory_equal(&one, &two, sizeof one);
    }
  }
}

static void test_impossible_machines(void **state) {
  char err[512];
  struct machine_config c = fixture_config(MMU_ARCH_X86, 1);
  (void)state;
  c.cpus = 0;
  assert_null(machine_create(&c, err, sizeof err));
  c = fixture_config(MMU_ARCH_X86, 1);
  c.window = 33;
  assert_null(machine_create(&c, err, sizeof err));
  c = fixture_config(MMU_ARCH_X86, 1);
  c.geometry.l1d_entries = 0;
  assert_null(machine_create(&c, err, sizeof err));
  c = fixture_config(MMU_ARCH_X86, 1);
  struct machine *m = machine_create(&c, err, sizeof err);
  assert_non_null(m);
  assert_false(machine_add(m, "no/such/file.zst", 1, err, sizeof err));
  assert_non_null(strstr(err, "no/such/file.zst"));
  assert_false(machine_add(m, "synthetic:pages=none", 1, err, sizeof err));
  assert_non_null(strstr(err, "pages"));
  machine_destroy(m);
}

/* A machine without room even for the working set of one instruction: killed, not hung. */
static void test_out_of_memory_is_told(void **state) {
  char err[512];
  struct machine_config c = fixture_config(MMU_ARCH_X86, 1);
  (void)state;
  c.os.memory_bytes = 2 << 20;
  c.os.swap_pages = 0;
  struct os_sysctl sysctl = os_sysctl_default();
  c.os.sysctl = &sysctl;
  for (sysctl.overcommit_memory = 0; sysctl.overcommit_memory <= 1; sysctl.overcommit_memory++) {
    struct machine *m = machine_create(&c, err, sizeof err);
    assert_non_null(m);
    assert_true(
        machine_add(m, "synthetic:pages=2000 accesses=20000 write=100", 1, err, sizeof err));
    assert_true(machine_run(m));
    assert_non_null(machine_death(m));
    struct machine_results r;
    machine_results(m, &r);
    /* By default 2000 pages are refused where 512 are: the program goes on without them. */
    bool refused = sysctl.overcommit_memory == 0;
    assert_int_equal(r.failed_syscalls, refused);
    assert_non_null(strstr(machine_death(m), refused ? "nothing mapped" : "out of memory"));
    machine_destroy(m);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_hits_cost_five_cycles),
      cmocka_unit_test(test_window_of_one),
      cmocka_unit_test(test_squash_and_replay),
      cmocka_unit_test(test_crossings_are_two_requests),
      cmocka_unit_test(test_reclaim_keeps_the_contracts),
      cmocka_unit_test(test_shared_file_written),
      cmocka_unit_test(test_two_cpus),
      cmocka_unit_test(test_software_a_and_d),
      cmocka_unit_test(test_limits),
      cmocka_unit_test(test_deterministic),
      cmocka_unit_test(test_impossible_machines),
      cmocka_unit_test(test_out_of_memory_is_told),
  };
  return cmocka_run_group_tests_name("machine run", tests, NULL, NULL);
}
