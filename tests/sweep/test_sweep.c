/* SPDX-License-Identifier: Apache-2.0
 * Sweeps every event over every cycle of every kind of walk, in each format: testbench/sweeper.h
 * says what must hold. The first format of each architecture is swept at three memory timings, the
 * others at one. SWEEP_FULL=1 sweeps all at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka wants the headers above first */
#include <cmocka.h>

#include "testbench/sweeper.h"

enum { ARCHES = MMU_ARCH_COUNT, TIMINGS = 3, READ_ONLY = PAGE_ALL & ~(PAGE_W | PAGE_D) };

static const struct sweep_timing timings[TIMINGS] = {{1, 0, 0}, {0, 0, 0}, {2, 5, 60}};

static const struct sweep_walk walks[] = {
    {.name = "read 4k", .flags = PAGE_ALL},
    {.name = "read 4k", .flags = PAGE_ALL, .warm = true},
    {.name = "fetch 4k", .flags = PAGE_ALL, .kind = MMU_FETCH},
    {.name = "read 2m", .height = 1, .flags = PAGE_ALL},
    {.name = "read 1g", .height = 2, .flags = PAGE_ALL},
    {.name = "read 512g", .height = 3, .flags = PAGE_ALL},
    {.name = "set A 4k", .flags = PAGE_ALL & ~(PAGE_A | PAGE_D)},
    {.name = "set A everywhere", .flags = PAGE_ALL & ~(PAGE_A | PAGE_D), .fresh_pointers = true},
    {.name = "set D 4k", .flags = PAGE_ALL & ~PAGE_D, .kind = MMU_WRITE, .warm = true},
    {.name = "set A and D 2m",
     .height = 1,
     .flags = PAGE_ALL & ~(PAGE_A | PAGE_D),
     .kind = MMU_WRITE},
    {.name = "rmw 4k", .flags = PAGE_ALL & ~PAGE_D, .kind = MMU_RMW},
    {.name = "absent 4k", .flags = PAGE_ALL, .fault = SWEEP_ABSENT},
    {.name = "absent 4k",
     .flags = PAGE_ALL,
     .fault = SWEEP_ABSENT,
     .kind = MMU_FETCH,
     .warm = true},
    {.name = "absent table", .flags = PAGE_ALL, .fault = SWEEP_ABSENT, .fault_height = 1},
    {.name = "reserved 4k", .flags = PAGE_ALL, .fault = SWEEP_RESERVED, .kind = MMU_WRITE},
    {.name = "write refused", .flags = READ_ONLY, .kind = MMU_WRITE},
    {.name = "write refused, A clear", .flags = READ_ONLY & ~PAGE_A, .kind = MMU_WRITE},
    {.name = "fetch refused 2m", .height = 1, .flags = PAGE_ALL & ~PAGE_X, .kind = MMU_FETCH},
    {.name = "read 4k, door", .flags = PAGE_ALL, .door = true},
    {.name = "set A and D 4k, door",
     .flags = PAGE_ALL & ~(PAGE_A | PAGE_D),
     .kind = MMU_WRITE,
     .warm = true,
     .door = true},
    {.name = "absent table, door",
     .flags = PAGE_ALL,
     .fault = SWEEP_ABSENT,
     .fault_height = 1,
     .door = true},
    {.name = "read 4k, two stages", .flags = PAGE_ALL, .stage2 = 1, .flags2 = PAGE_ALL},
    {.name = "set A and D in both stages",
     .flags = PAGE_ALL & ~(PAGE_A | PAGE_D),
     .kind = MMU_WRITE,
     .warm = true,
     .stage2 = 1,
     .flags2 = PAGE_ALL & ~(PAGE_A | PAGE_D)},
    {.name = "absent table, two stages",
     .flags = PAGE_ALL,
     .fault = SWEEP_ABSENT,
     .fault_height = 1,
     .stage2 = 1,
     .flags2 = PAGE_ALL},
    {.name = "set A and D, nested paging",
     .flags = PAGE_ALL & ~PAGE_D,
     .kind = MMU_WRITE,
     .stage2 = 2,
     .flags2 = PAGE_ALL & ~PAGE_D},
    {.name = "A by software", .flags = PAGE_ALL & ~PAGE_A, .software_flags = true},
    {.name = "D by software",
     .flags = PAGE_ALL & ~PAGE_D,
     .kind = MMU_WRITE,
     .software_flags = true},
};

static bool first_of_architecture(const struct format *f) {
  for (size_t i = 0; i < FORMATS; i++) {
    if (formats[i].arch == f->arch) return &formats[i] == f;
  }
  return false;
}

static bool applies(const struct format *f, const struct sweep_walk *w) {
  if (w->height > f->big || w->fault_height > f->top) return false;
  if (f->arch == MMU_ARCH_X86 && w->software_flags) return false;
  if (w->stage2 != 0 && !first_of_architecture(f)) return false;
  if (w->stage2 == 2 && f->arch != MMU_ARCH_X86) return false;
  return f->arch == MMU_ARCH_X86 || !w->fresh_pointers;
}

static void sweep_event_over(enum mmu_arch arch, enum sweep_event event) {
  const struct hw_ops *ops = bench_hw(arch);
  if (ops == NULL) {
    skip();
    return;
  }
  struct bench *b = bench_new(ops, 1);
  assert_non_null(b);
  struct sweep_result result = {0};
  char err[512];
  bool good = true;
  for (size_t i = 0; i < FORMATS && good; i++) {
    const struct format *f = &formats[i];
    if (f->arch != arch) continue;
    const bool all = getenv("SWEEP_FULL") != NULL || first_of_architecture(f);
    for (size_t t = 0; t < (all ? TIMINGS : 1) && good; t++) {
      for (size_t w = 0; w < sizeof walks / sizeof walks[0] && good; w++) {
        if (!applies(f, &walks[w])) continue;
        if (t > 0 && walks[w].stage2 != 0 && getenv("SWEEP_FULL") == NULL) continue;
        good = sweep(b, f, &walks[w], event, &timings[t], &result, err, sizeof err);
      }
    }
  }
  bench_free(b);
  if (!good) fail_msg("%s", err);
  print_message("%s %s: %zu runs, answered old %zu, new %zu\n", ops->name, sweep_event_name(event),
                result.runs, result.old_answer, result.new_answer);
  assert_true(result.runs > 0);
  /* events that change tables must have fallen before and after the walk's reads */
  if (event == SWEEP_INVALIDATE || event == SWEEP_RACE) {
    assert_true(result.old_answer > 0);
    assert_true(result.new_answer > 0);
  }
}

#define SWEEP(name, event)                   \
  static void x86_##name(void **state) {     \
    (void)state;                             \
    sweep_event_over(MMU_ARCH_X86, event);   \
  }                                          \
  static void arm_##name(void **state) {     \
    (void)state;                             \
    sweep_event_over(MMU_ARCH_ARM, event);   \
  }                                          \
  static void riscv_##name(void **state) {   \
    (void)state;                             \
    sweep_event_over(MMU_ARCH_RISCV, event); \
  }

SWEEP(sweep_invalidation, SWEEP_INVALIDATE)
SWEEP(sweep_race, SWEEP_RACE)
SWEEP(sweep_second_request, SWEEP_SECOND)
SWEEP(sweep_context_change, SWEEP_CONTEXT)
SWEEP(sweep_memory_error, SWEEP_ERROR)
SWEEP(sweep_reset, SWEEP_RESET)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(x86_sweep_invalidation),
      cmocka_unit_test(arm_sweep_invalidation),
      cmocka_unit_test(riscv_sweep_invalidation),
      cmocka_unit_test(x86_sweep_race),
      cmocka_unit_test(arm_sweep_race),
      cmocka_unit_test(riscv_sweep_race),
      cmocka_unit_test(x86_sweep_second_request),
      cmocka_unit_test(arm_sweep_second_request),
      cmocka_unit_test(riscv_sweep_second_request),
      cmocka_unit_test(x86_sweep_context_change),
      cmocka_unit_test(arm_sweep_context_change),
      cmocka_unit_test(riscv_sweep_context_change),
      cmocka_unit_test(x86_sweep_memory_error),
      cmocka_unit_test(arm_sweep_memory_error),
      cmocka_unit_test(riscv_sweep_memory_error),
      cmocka_unit_test(x86_sweep_reset),
      cmocka_unit_test(arm_sweep_reset),
      cmocka_unit_test(riscv_sweep_reset),
  };
  const char *filter = getenv("TEST_FILTER");
  if (filter != NULL) cmocka_set_test_filter(filter);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
