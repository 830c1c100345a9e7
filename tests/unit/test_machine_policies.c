// SPDX-License-Identifier: Apache-2.0
// The replacement policies in whole machines on the model backend: phases of access lists, what a
// scan does to a hot set, swappiness, and that cleared A bits reach the TLBs as asked.
#include <string.h>

#include "os/policy.h"
#include "tests/unit/machine_fixture.h"

/* The recorded guest, a sixteenth of it, without boosts as there. */
static struct machine_config sixteenth(enum mmu_arch arch, const char *policy) {
  static struct os_sysctl sysctl;
  struct machine_config c = fixture_config(arch, 1);
  sysctl = os_sysctl_default();
  sysctl.watermark_boost_factor = 0;
  c.os.sysctl = &sysctl;
  c.window = 1;
  c.os.memory_bytes = (256 + 2950) << 12;
  c.os.policy = policy;
  c.os.a_flush = OS_A_FLUSH_PAGE;
  return c;
}

enum { ANON_STORE = 1, FILE_LOAD = 2, FILE_PREAD = 3 };

static void test_phases(void **state) {
  static const enum mmu_arch archs[] = {MMU_ARCH_X86, MMU_ARCH_ARM, MMU_ARCH_RISCV};
  (void)state;
  for (int a = 0; a < 3; a++) {
    struct machine_config c = sixteenth(archs[a], a != 1 ? "twolist" : "mglru");
    struct machine_results r = fixture_run(&c, "list:hs_mm_mm,1,16", 1);
    assert_int_equal(r.phases, 3);
    uint64_t misses = 0;
    for (uint32_t i = 0; i < 3; i++) {
      assert_int_equal(r.phase[i].mark, i + 1);
      misses += r.phase[i].misses[FILE_LOAD][0] + r.phase[i].misses[FILE_LOAD][1];
    }
    /* 768 hot pages three times; 4096 scan pages with a hot access each; hot pages again */
    assert_int_equal(r.phase[0].accesses[FILE_LOAD][0], 3 * 768);
    assert_int_equal(r.phase[0].misses[FILE_LOAD][0], 768);
    assert_int_equal(r.phase[1].accesses[FILE_LOAD][0], 4096);
    assert_int_equal(r.phase[1].accesses[FILE_LOAD][1], 4096);
    assert_int_equal(r.phase[1].misses[FILE_LOAD][1], 4096);
    assert_int_equal(r.phase[2].accesses[FILE_LOAD][0], 768);
    assert_int_equal(misses, r.os.pgmajfault);
    assert_int_equal(r.phase[0].os.pgscan_file, 0);
    assert_true(r.phase[1].os.pgscan_file > 0);
    assert_int_equal(r.syscalls, 1); /* the mmap: marks are none */
  }
}

static uint64_t hot_misses(const char *policy, const char *list) {
  struct machine_config c = sixteenth(MMU_ARCH_X86, policy);
  struct machine_results r = fixture_run(&c, list, 1);
  return r.phase[1].misses[FILE_LOAD][0];
}

/* A scan by read() spares what is mapped and used under both of Linux's policies; FIFO cannot know.
 * When the scan faults, all lose. */
static void test_scans(void **state) {
  (void)state;
  assert_true(hot_misses("twolist", "list:hs_mm_fd,1,16") <= 2);
  assert_true(hot_misses("mglru", "list:hs_mm_fd,1,16") <= 2);
  assert_true(hot_misses("fifo", "list:hs_mm_fd,1,16") > 300);
  assert_true(hot_misses("twolist", "list:hs_mm_mm,1,16") > 200);
  assert_true(hot_misses("mglru", "list:hs_mm_mm,1,16") > 200);
  /* What samples A bits keeps more than what does not look. */
  uint64_t fifo = hot_misses("fifo", "list:hs_mm_mm,1,16");
  assert_true(hot_misses("lru-sampled", "list:hs_mm_mm,1,16") < fifo);
  assert_true(hot_misses("clock2", "list:hs_mm_mm,1,16") < fifo);
}

/* Anonymous pages and a file, together more than memory: swappiness 0 swaps nothing as long as
 * there is enough of the file; above, the more the higher it is. */
static void test_swappiness(void **state) {
  static const char *const names[] = {"twolist", "mglru"};
  (void)state;
  for (int i = 0; i < 2; i++) {
    struct machine_config c = sixteenth(MMU_ARCH_X86, names[i]);
    c.os.swappiness = 0;
    struct machine_results none = fixture_run(&c, "list:hs_an_fd,1,16", 1);
    static const char both[] =
        "synthetic:pages=2500 file=2500 shared=1 write=0 accesses=60000 pattern=random run=4";
    c.os.swappiness = 20;
    struct machine_results less = fixture_run(&c, both, 1);
    c.os.swappiness = 180;
    struct machine_results more = fixture_run(&c, both, 1);
    assert_true(none.os.pgsteal_file > 0);
    assert_int_equal(none.os.pswpout, 0);
    assert_int_equal(none.os.pgscan_anon, 0);
    assert_true(less.os.pgsteal_anon > 0);
    assert_true(more.os.pgsteal_anon * less.os.pgsteal_file >
                less.os.pgsteal_anon * more.os.pgsteal_file);
  }
}

/* Page by page, each cleared bit is an invalidation; with none, only unmapped pages are. */
static void test_flushes(void **state) {
  static const char *const names[] = {"twolist", "mglru", "lru-sampled"};
  (void)state;
  for (int i = 0; i < 3; i++) {
    struct machine_config c = sixteenth(MMU_ARCH_X86, names[i]);
    struct machine_results page = fixture_run(&c, "list:zipf_mm,1,16", 1);
    c.os.a_flush = i == 2 ? OS_A_FLUSH_BATCH : OS_A_FLUSH_NONE;
    struct machine_results other = fixture_run(&c, "list:zipf_mm,1,16", 1);
    assert_true(page.os.a_cleared > 500);
    assert_true(page.shootdown.shootdowns >= page.os.a_cleared);
    assert_true(other.os.a_cleared > 500);
    assert_true(other.shootdown.shootdowns < other.os.a_cleared);
    if (i < 2)
      assert_true(other.shootdown.operations <=
                  other.os.pgsteal_kswapd + other.os.pgsteal_direct + 64);
  }
}

/* Under any policy what was reclaimed is anon or file, and what the OS moved the disk has seen. */
static void test_sums(void **state) {
  static const char program[] =
      "synthetic:pages=2500 file=2500 accesses=40000 pattern=random run=4";
  const char *name;
  (void)state;
  for (size_t i = 0; (name = os_policy_name(i)) != NULL; i++) {
    struct machine_config c = sixteenth((enum mmu_arch)(i % MMU_ARCH_COUNT), name);
    struct machine_results r = fixture_run(&c, program, 1);
    const struct os_stats *s = &r.os;
    if (s->pgsteal_anon == 0 || s->pgsteal_file == 0)
      fail_msg("%s: anon %llu, file %llu", name, (unsigned long long)s->pgsteal_anon,
               (unsigned long long)s->pgsteal_file);
    assert_int_equal(s->pgsteal_anon + s->pgsteal_file, s->pgsteal_kswapd + s->pgsteal_direct);
    /* what was looked at, too; whoever is at it in the end has counted part of a batch */
    uint64_t scanned = s->pgscan_kswapd + s->pgscan_direct;
    uint64_t by_type = s->pgscan_anon + s->pgscan_file;
    if (s->pgscan_anon < s->pgsteal_anon || s->pgscan_file < s->pgsteal_file)
      fail_msg("%s: less looked at than taken", name);
    assert_in_range(by_type, scanned, scanned + 4 * OS_BATCH);
    assert_int_equal(s->pgpgin, 4 * r.disk_reads);
    assert_int_equal(s->pgpgout, 4 * r.disk_writes);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_phases),     cmocka_unit_test(test_scans),
      cmocka_unit_test(test_swappiness), cmocka_unit_test(test_flushes),
      cmocka_unit_test(test_sums),
  };
  return cmocka_run_group_tests_name("machine policies", tests, NULL, NULL);
}
