// SPDX-License-Identifier: Apache-2.0
// Hits that the machine takes at once and what it passes over of a miss change nothing: each
// scenario of tests/scenarios is run in model mode twice, the second time with an observer of all
// events, for which nothing is shortened; all results must be the same. The observer is also held
// against the counters.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/machine.h"
#include "observer/heat.h"
#include "observer/sight.h"
#include "tests/unit/machine_scenarios.h"

enum { ACCESSES = 60000 };

static void count_answers(void *self, const struct mmu_event *ev) {
  if (ev->kind == MMU_EV_ANSWER) ++*(uint64_t *)self;
}

/* What the observer saw of accesses: what they say of A bits, and their map, summed up. */
struct seen {
  struct sight_counts counts;
  uint64_t map;
};

static uint64_t sum_of(const struct heat *h) {
  uint64_t sum = heat_row_pages(h) + heat_column_cycles(h);
  for (uint32_t row = 0; row < HEAT_ROWS; row++)
    for (uint32_t column = 0; column < HEAT_COLUMNS; column++)
      sum = sum * 31 + heat_cell(h, row, column)->accesses;
  return sum;
}

static struct machine_results *run(const struct scenario *s, enum mmu_arch arch, bool observed,
                                   struct seen *seen) {
  struct heat *heat = heat_create();
  struct machine_config cfg = scenarios_config(s, arch, ACCESSES);
  struct machine_results *r = calloc(1, sizeof *r);
  uint64_t answers = 0;
  assert_non_null(r);
  cfg.sight = sight_create(cfg.os.memory_bytes >> 12, 100, heat);
  assert_true(heat != NULL && cfg.sight != NULL);
  if (observed) cfg.watch = (struct mmu_observer){.event = count_answers, .self = &answers};
  scenarios_run(s, &cfg, r);
  *seen = (struct seen){sight_counts(cfg.sight), sum_of(heat)};
  sight_destroy(cfg.sight);
  heat_destroy(heat);
  if (observed) assert_true(answers >= r->backend.hits);
  return r;
}

/* Whether there was a hit at all: a machine may refuse all that a program asks for. */
static bool same(const char *path, const struct scenario *s, enum mmu_arch arch) {
  struct seen seen[2];
  struct machine_results *whole = run(s, arch, true, &seen[0]);
  struct machine_results *shortened = run(s, arch, false, &seen[1]);
  if (whole->cycles != shortened->cycles)
    fail_msg("%s, %s: %llu cycles, but %llu with an observer", path, scenario_arch_name(arch),
             (unsigned long long)shortened->cycles, (unsigned long long)whole->cycles);
  /* Padding is zeroes in both: NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
  if (memcmp(whole, shortened, sizeof *whole) != 0)
    fail_msg("%s, %s: other results with an observer", path, scenario_arch_name(arch));
  if (memcmp(&seen[0], &seen[1], sizeof seen[0]) != 0)
    fail_msg("%s, %s: other accesses are seen with an observer", path, scenario_arch_name(arch));
  const bool hits = whole->backend.hits != 0;
  free(whole);
  free(shortened);
  return hits;
}

static void test_scenarios(void **state) {
  size_t with_hits;
  (void)state;
  const size_t runs = scenarios_each(same, &with_hits);
  assert_true(with_hits + 6 >= runs);
}

/* Several CPUs, short slices, tiny windows, every policy: where hits meet all else. */
static void test_corners(void **state) {
  static const char *const policies[] = {"clock", "twolist", "mglru", "fifo"};
  (void)state;
  for (unsigned i = 0; i < 24; i++) {
    struct machine_config c = fixture_config((enum mmu_arch)(i % MMU_ARCH_COUNT), 1 + i % 4);
    uint64_t answers = 0;
    struct machine_results r[2];
    c.window = 1 + i * 5 % 32;
    c.slice_cycles = 500 + 977 * i;
    c.os.policy = policies[i / 6];
    c.os.a_flush = (enum os_a_flush)(i % 3);
    for (unsigned k = 0; k < 2; k++) {
      if (k == 1) c.watch = (struct mmu_observer){.event = count_answers, .self = &answers};
      r[k] = fixture_run(
          &c, "synthetic:pages=900 file=200 shared=1 fork=1 run=5 cross=9 accesses=9000", 2);
    }
    assert_memory_equal(&r[0], &r[1], sizeof r[0]);
  }
}

/* The same with MMUs that have little or no room: misses that wait, merge and are refused. */
static void test_misses(void **state) {
  (void)state;
  for (unsigned i = 0; i < 36; i++) {
    struct machine_config c = fixture_config((enum mmu_arch)(i % MMU_ARCH_COUNT), 1 + i / 18);
    struct mmu_geometry *g = &c.geometry;
    uint64_t answers = 0;
    struct machine_results r[2];
    char program[160];
    c.window = 1 + i * 11 % 32;
    c.os.memory_bytes = 16 << 20;
    g->walks = 1 + i % 4;
    g->miss_queue = 1 + i * 3 % 7;
    g->l2_sets = i % 5 == 0 ? 0 : 2U << i % 7;
    g->l2_ways = 1 + i % 9;
    g->l1i_entries = 1 + i % 4;
    g->l1d_entries = 2U << i % 6;
    g->pwc_kind = i % 2;
    g->replacement = i % MMU_REPLACE_COUNT;
    snprintf(program, sizeof program,
             "synthetic:pages=2500 pattern=random run=%u cross=%u compute=%u accesses=9000",
             1 + i % 6, i % 3 * 20, 1 + i % 5);
    for (unsigned k = 0; k < 2; k++) {
      if (k == 1) c.watch = (struct mmu_observer){.event = count_answers, .self = &answers};
      r[k] = fixture_run(&c, program, 1 + i % 2);
    }
    assert_true(r[0].backend.walks > 2500);
    assert_memory_equal(&r[0], &r[1], sizeof r[0]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_scenarios),
                                     cmocka_unit_test(test_corners), cmocka_unit_test(test_misses)};
  return cmocka_run_group_tests_name("machine hits", tests, NULL, NULL);
}
