/* SPDX-License-Identifier: Apache-2.0
 * The machines of tests/scenarios for tests: the model backend, no waves, a few accesses of each.
 */
#ifndef COWALK_TESTS_MACHINE_SCENARIOS_H
#define COWALK_TESTS_MACHINE_SCENARIOS_H

#include <glob.h>

#include "scenario/scenario.h"
#include "tests/unit/machine_fixture.h"

static inline struct machine_config scenarios_config(const struct scenario *s, enum mmu_arch arch,
                                                     uint64_t accesses) {
  struct machine_config cfg;
  scenario_config(s, arch, &cfg);
  cfg.backend = MACHINE_MODEL;
  cfg.fst = NULL;
  cfg.max_accesses = accesses;
  return cfg;
}

/* Run its programs; fails the test unless the run comes to its end. Contracts are the caller's. */
static inline void scenarios_run(const struct scenario *s, const struct machine_config *cfg,
                                 struct machine_results *r) {
  char err[512] = "";
  struct machine *m = machine_create(cfg, err, sizeof err);
  if (m == NULL || !scenario_add_programs(s, m, err, sizeof err)) fail_msg("%s", err);
  if (!machine_run(m)) fail_msg("machine_run: %s", machine_error(m));
  machine_results(m, r);
  machine_destroy(m);
}

typedef bool scenarios_fn(const char *path, const struct scenario *s, enum mmu_arch arch);

/* fn for each file and each of its architectures; so many, and for how many it said true. */
static inline size_t scenarios_each(scenarios_fn *fn, size_t *said_true) {
  glob_t found;
  char err[512];
  size_t runs = 0;
  *said_true = 0;
  assert_int_equal(glob("tests/scenarios/*.ini", 0, NULL, &found), 0);
  assert_true(found.gl_pathc > 10);
  for (size_t i = 0; i < found.gl_pathc; i++) {
    struct scenario *s = scenario_load(found.gl_pathv[i], err, sizeof err);
    if (s == NULL) fail_msg("%s", err);
    enum mmu_arch arch[MMU_ARCH_COUNT];
    size_t archs = scenario_archs(s, arch);
    for (size_t a = 0; a < archs; a++)
      *said_true += fn(found.gl_pathv[i], s, arch[a]);
    runs += archs;
    scenario_destroy(s);
  }
  globfree(&found);
  return runs;
}

#endif
