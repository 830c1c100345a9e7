// SPDX-License-Identifier: Apache-2.0
// Without access_checks a machine does the same and is merely not held to it: every scenario of
// tests/scenarios both ways, the same results but for the three contracts that were not checked.
#include <stdlib.h>
#include <string.h>

#include "tests/unit/machine_scenarios.h"

enum { ACCESSES = 20000 };

static const enum contract of_accesses[] = {CONTRACT_DATA, CONTRACT_STALE, CONTRACT_FRAME};

static struct machine_results *run(const struct scenario *s, enum mmu_arch arch, bool checked) {
  struct machine_config cfg = scenarios_config(s, arch, ACCESSES);
  struct machine_results *r = calloc(1, sizeof *r);
  assert_non_null(r);
  assert_true(cfg.access_checks);
  cfg.access_checks = checked;
  scenarios_run(s, &cfg, r);
  return r;
}

/* How often data was checked; what the other run did not check is cleared. */
static uint64_t take_checks(struct machine_results *r) {
  const uint64_t checks = r->contracts.record[CONTRACT_DATA].checked;
  for (size_t i = 0; i < sizeof of_accesses / sizeof *of_accesses; i++)
    r->contracts.record[of_accesses[i]].checked = 0;
  return checks;
}

static bool same(const char *path, const struct scenario *s, enum mmu_arch arch) {
  struct machine_results *checked = run(s, arch, true);
  struct machine_results *unchecked = run(s, arch, false);
  if (unchecked->contracts.record[CONTRACT_FRAME].checked != 0)
    fail_msg("%s, %s: an access was checked", path, scenario_arch_name(arch));
  if (take_checks(checked) < checked->accesses || take_checks(unchecked) != 0)
    fail_msg("%s, %s: not every access was checked, or one was", path, scenario_arch_name(arch));
  /* Padding is zeroes in both: NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
  if (memcmp(checked, unchecked, sizeof *checked) != 0)
    fail_msg("%s, %s: other results without access checks", path, scenario_arch_name(arch));
  free(checked);
  free(unchecked);
  return true;
}

static void test_scenarios(void **state) {
  size_t were_same;
  (void)state;
  const size_t runs = scenarios_each(same, &were_same);
  assert_int_equal(runs, were_same);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_scenarios)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
