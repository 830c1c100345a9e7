// SPDX-License-Identifier: Apache-2.0
// The window of outstanding accesses, by hand-written programs: nothing younger than a fault leaves
// a trace, and nothing translated before an invalidation is used after it.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/machine_fixture.h"
#include "trace/writer.h"

enum { CODE = 0x400000, DATA = 0x600000, NOWHERE = 0x900000, PAGE = 4096 };

static char path[64];

/* Write a program as a trace file; its first events map the code and the data pages. */
static const char *program(const struct trace_event *ev, size_t count) {
  const struct trace_event maps[] = {
      {.kind = TRACE_MAP, .addr = CODE, .bytes = PAGE, .prot = 5},
      {.kind = TRACE_MAP, .addr = DATA, .bytes = 16 * PAGE, .prot = 3},
  };
  const struct trace_meta meta = {.name = "test", .source = "written by a test"};
  char err[200];
  struct trace_writer *w = trace_writer_create();
  for (size_t i = 0; i < 2; i++)
    assert_int_equal(trace_writer_put(w, &maps[i]), 0);
  for (size_t i = 0; i < count; i++)
    assert_int_equal(trace_writer_put(w, &ev[i]), 0);
  snprintf(path, sizeof path, "/tmp/cowalk-test-%ld.zst", (long)getpid());
  assert_int_equal(trace_writer_finish(w, path, &meta, err, sizeof err), 0);
  trace_writer_destroy(w);
  return path;
}

static struct trace_event fetch(void) {
  return (struct trace_event){.kind = TRACE_FETCH, .addr = CODE, .count = 2};
}

static struct trace_event load(uint64_t addr) {
  return (struct trace_event){.kind = TRACE_READ, .addr = addr, .bytes = 8};
}

static struct trace_event store(uint64_t addr) {
  return (struct trace_event){.kind = TRACE_WRITE, .addr = addr, .bytes = 8};
}

/* A load that kills the program, and a store behind it to a clean page: D must stay clear. */
static void test_no_dirty_by_speculation(void **state) {
  const struct trace_event ev[] = {fetch(), load(DATA), load(NOWHERE), store(DATA), store(DATA)};
  char err[300];
  (void)state;
  for (int a = 0; a < 3; a++) {
    static struct machine_results r;
    struct machine_config c = fixture_config((enum mmu_arch)a, 1);
    struct machine *m = machine_create(&c, err, sizeof err);
    assert_non_null(m);
    assert_true(machine_add(m, program(ev, 5), 1, err, sizeof err));
    assert_true(machine_run(m));
    assert_non_null(machine_death(m));
    assert_non_null(strstr(machine_death(m), "900000"));
    machine_results(m, &r);
    assert_int_equal(r.accesses, 2); /* the fetch and the first load */
    assert_int_equal(r.backend.cas_d, 0);
    machine_destroy(m);
    unlink(path);
  }
}

/* The same without the bad load: the store sets D, once. */
static void test_dirty_when_oldest(void **state) {
  const struct trace_event ev[] = {fetch(), load(DATA), load(DATA + 8), store(DATA), store(DATA)};
  (void)state;
  for (int a = 0; a < 3; a++) {
    struct machine_config c = fixture_config((enum mmu_arch)a, 1);
    struct machine_results r = fixture_run(&c, program(ev, 5), 1);
    assert_int_equal(r.accesses, 5);
    assert_int_equal(r.backend.cas_d, 1);
    unlink(path);
  }
}

/* Memory so slow that accesses stay in the window while the other CPU unmaps, invalidates and frees
 * under them; their requests are still out when they are thrown out and asked for again. */
static void test_invalidation_under_a_full_window(void **state) {
  (void)state;
  for (int a = 0; a < 3; a++) {
    for (uint64_t seed = 3; seed <= 5; seed++) {
      struct machine_config c = fixture_config((enum mmu_arch)a, 2);
      c.timing = (struct memtiming_config){.l1 = {.bytes = 4096, .ways = 1, .cycles = 1},
                                           .dram_cycles = 2000};
      c.os.memory_bytes = 4 << 20;
      c.seed = seed;
      c.window = 16;
      struct machine_results r = fixture_run(
          &c, "synthetic:pages=700 file=200 shared=1 accesses=4000 run=1 pattern=random", 3);
      assert_true(r.os.pgsteal_kswapd + r.os.pgsteal_direct > 100);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_no_dirty_by_speculation),
      cmocka_unit_test(test_dirty_when_oldest),
      cmocka_unit_test(test_invalidation_under_a_full_window),
  };
  return cmocka_run_group_tests_name("machine window", tests, NULL, NULL);
}
