// SPDX-License-Identifier: Apache-2.0
// Without access_checks a machine does the same and is merely not held to it: every scenario of
// tests/scenarios both ways, the same results but for the three contracts that were not checked.
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/scenario.h"
#include "tests/unit/machine_fixture.h"

enum { ACCESSES = 20000 };

static const enum contract of_accesses[] = {CONTRACT_DATA, CONTRACT_STALE, CONTRACT_FRAME};

static struct machine_results *run(const struct scenario *s, enum mmu_arch arch, bool checked) {
  struct machine_config cfg;
  struct machine_results *r = calloc(1, sizeof *r);
  char err[512] = "";
  assert_non_null(r);
  scenario_config(s, arch, &cfg);
  assert_true(cfg.access_checks);
  cfg.access_checks = checked;
  cfg.backend = MACHINE_MODEL;
  cfg.fst = NULL;
  cfg.max_accesses = ACCESSES;
  struct machine *m = machine_create(&cfg, err, sizeof err);
  if (m == NULL || !scenario_add_programs(s, m, err, sizeof err)) fail_msg("%s", err);
  if (!machine_run(m)) fail_msg("machine_run: %s", machine_error(m));
  machine_results(m, r);
  machine_destroy(m);
  return r;
}

/* How often data was checked; what the other run did not check is cleared. */
static uint64_t take_checks(struct machine_results *r) {
  const uint64_t checks = r->contracts.record[CONTRACT_DATA].checked;
  for (size_t i = 0; i < sizeof of_accesses / sizeof *of_accesses; i++)
    r->contracts.record[of_accesses[i]].checked = 0;
  return checks;
}

static void same(const char *path, const struct scenario *s, enum mmu_arch arch) {
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
}

static void test_scenarios(void **state) {
  glob_t found;
  char err[512];
  (void)state;
  assert_int_equal(glob("tests/scenarios/*.ini", 0, NULL, &found), 0);
  assert_true(found.gl_pathc > 10);
  for (size_t i = 0; i < found.gl_pathc; i++) {
    struct scenario *s = scenario_load(found.gl_pathv[i], err, sizeof err);
    if (s == NULL) fail_msg("%s", err);
    enum mmu_arch arch[MMU_ARCH_COUNT];
    size_t archs = scenario_archs(s, arch);
    for (size_t a = 0; a < archs; a++)
      same(found.gl_pathv[i], s, arch[a]);
    scenario_destroy(s);
  }
  globfree(&found);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_scenarios)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
