/* SPDX-License-Identifier: Apache-2.0
 * Machines for tests: the model backend, little memory, one program. */
#ifndef COWALK_TESTS_MACHINE_FIXTURE_H
#define COWALK_TESTS_MACHINE_FIXTURE_H

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "machine/machine.h"

static inline struct machine_config fixture_config(enum mmu_arch arch, uint32_t cpus) {
  static const enum mmu_s1_mode modes[] = {MMU_S1_X86_L4, MMU_S1_ARM_4K, MMU_S1_SV39};
  struct machine_config c = machine_config_default();
  c.arch = arch;
  c.backend = MACHINE_MODEL;
  c.cpus = cpus;
  c.os.mode = modes[arch];
  c.os.memory_bytes = 8 << 20;
  c.os.swap_pages = 16384;
  c.os.watermark_scale_factor = 10;
  c.os.policy = "clock";
  return c;
}

/* Run a program, added so many times in so many copies, which share its files; fails the test
 * unless all run to their end with every contract kept. */
static inline struct machine_results fixture_run_added(const struct machine_config *cfg,
                                                       const char *spec, uint32_t copies,
                                                       uint32_t times) {
  char err[512] = "";
  struct machine_results r;
  struct machine *m = machine_create(cfg, err, sizeof err);
  if (m == NULL) fail_msg("machine_create: %s", err);
  for (uint32_t i = 0; i < times; i++)
    if (!machine_add(m, spec, copies, err, sizeof err)) fail_msg("machine_add: %s", err);
  if (!machine_run(m)) fail_msg("machine_run: %s", machine_error(m));
  if (machine_death(m) != NULL) fail_msg("killed: %s", machine_death(m));
  machine_results(m, &r);
  machine_destroy(m);
  for (int k = 0; k < CONTRACT_COUNT; k++)
    if (r.contracts.record[k].broken != 0)
      fail_msg("%s: %s", contract_name((enum contract)k), r.contracts.record[k].first);
  return r;
}

/* Added once. */
static inline struct machine_results fixture_run(const struct machine_config *cfg, const char *spec,
                                                 uint32_t copies) {
  return fixture_run_added(cfg, spec, copies, 1);
}

#endif
