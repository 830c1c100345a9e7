/* SPDX-License-Identifier: Apache-2.0
 * The register map (docs/registers.md) at the register port itself: every offset, what can be read
 * and written there, and the counters while walks are under way and after they are cleared. */
#include "directed.h"
#include "tests/unit/register_map.h"

TEST_EACH_FORMAT(every_offset_after_reset) {
  renew(t);
  for (uint16_t offset = 0; offset < 0x1000; offset = (uint16_t)(offset + 8)) {
    const struct map_entry *e = map_entry_at(offset);
    bench_reg(t->b, false, offset, 0);
    bench_step(t->b);
    check(t, t->b->out.reg_error == !map_is_readable(offset), "read of %#x", offset);
    if (e != NULL && e->readable)
      check(t, (t->b->out.reg_value & ~e->build) == e->reset, "%#x after reset", offset);
    if (map_is_counter(offset)) check(t, t->b->out.reg_value == 0, "%#x is not 0", offset);
  }
}

TEST_EACH_FORMAT(writes_reach_the_bits_that_can_be_written) {
  static const uint64_t patterns[] = {UINT64_MAX, 0xaaaaaaaaaaaaaaaa, 0x5555555555555555, 0};
  renew(t);
  for (size_t k = 0; k < sizeof patterns / sizeof patterns[0]; k++) {
    for (size_t i = 0; i < MAP_ENTRIES; i++)
      if (map[i].writable) bench_reg_write(t->b, map[i].offset, patterns[k]);
    for (size_t i = 0; i < MAP_ENTRIES; i++)
      if (map[i].rw != 0)
        check(t, bench_reg_read(t->b, map[i].offset) == (patterns[k] & map[i].rw),
              "%#x, pattern %zu", map[i].offset, k);
  }
}

static uint64_t counter(struct test *t, unsigned which) {
  return bench_reg_read(t->b, (uint16_t)(MMU_REG_COUNTERS + 8 * which));
}

/* Cycles of walks grow while one is under way, one a cycle; cleared, all are 0. */
TEST_EACH_FORMAT(counters_during_a_walk_and_cleared) {
  const uint64_t va = space_va(t->f, 3);
  renew(t);
  bench_memory(t->b, 60, 0, 0, 1);
  space_map(&t->s, va, 0, PA_1, PAGE_ALL);
  ask(t, va, MMU_READ);
  for (unsigned i = 0; i < 20; i++)
    bench_step(t->b);
  const uint64_t pending = counter(t, MMU_PERF_WALK_PENDING);
  const uint64_t active = counter(t, MMU_PERF_WALK_ACTIVE);
  check(t, pending > 0 && active == pending + 1, "%llu cycles pending, then %llu active",
        (unsigned long long)pending, (unsigned long long)active);
  bench_settle(t->b, 2000);
  check(t, maps_to(&t->b->request[0], PA_1), "the walk");
  check(t, counter(t, MMU_PERF_STLB_HITS) == 0, "no L2 hit");
  check(t, counter(t, MMU_PERF_STLB_MISSES) == (t->b->ops->geometry.l2_sets != 0), "one L2 miss");
  bench_reg_write(t->b, MMU_REG_PERF_CLEAR, MMU_PERF_CLEAR_CLEAR);
  for (unsigned i = 0; i < MMU_PERF_COUNT; i++)
    check(t, counter(t, i) == 0, "counter %u is not cleared", i);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_offset_after_reset),
      cmocka_unit_test(writes_reach_the_bits_that_can_be_written),
      cmocka_unit_test(counters_during_a_walk_and_cleared),
  };
  return run_directed(tests, sizeof tests / sizeof tests[0]);
}
