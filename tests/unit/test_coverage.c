/* SPDX-License-Identifier: Apache-2.0
 * The coverage table: each answer lands in its bin, the legal list has the size that
 * docs/coverage.md gives, and a short fuzz run neither meets an impossible bin nor depends on
 * anything but its seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <string.h>

#include "fuzz/fuzz.h"

static const struct mmu_context user = {.s1_mode = MMU_S1_X86_L4, .priv = MMU_USER};

static void legal_bins(void **state) {
  (void)state;
  static const uint32_t wanted[MMU_ARCH_COUNT] = {282, 280, 412};
  struct coverage *c = coverage_create();
  for (unsigned a = 0; a < MMU_ARCH_COUNT; a++) {
    struct coverage_summary s = coverage_sum(c, (enum mmu_arch)a, 1);
    assert_int_equal(s.legal, wanted[a]);
    assert_int_equal(s.reached, 0);
    assert_int_equal(s.fewest, 0);
  }
  coverage_destroy(c);
}

static void counting(void **state) {
  (void)state;
  struct coverage *c = coverage_create();
  struct mmu_access write = {.kind = MMU_WRITE};
  struct mmu_access implicit = {.kind = MMU_WRITE, .implicit_sup = true};
  struct mmu_response ok = {.status = MMU_OK, .s1_shift = 21};
  struct mmu_response fault = {.status = MMU_FAULT,
                               .fault = {.cause = MMU_CAUSE_PERMISSION, .s1_level = 1}};
  struct mmu_response range = {.status = MMU_FAULT,
                               .fault = {.cause = MMU_CAUSE_NON_CANONICAL, .s1_level = 3}};
  struct mmu_response retry = {.status = MMU_RETRY};
  coverage_count(c, MMU_ARCH_X86, &user, &write, &ok);
  coverage_count(c, MMU_ARCH_X86, &user, &implicit, &ok);
  coverage_count(c, MMU_ARCH_X86, &user, &write, &fault);
  coverage_count(c, MMU_ARCH_X86, &user, &write, &range);
  coverage_count(c, MMU_ARCH_X86, &user, &write, &retry);
  struct coverage_bin b = {.level = 1, .shift = 21, .kind = MMU_WRITE, .priv = MMU_USER};
  assert_int_equal(coverage_get(c, MMU_ARCH_X86, &b), 1);
  char name[96];
  coverage_name(&b, name, sizeof name);
  assert_string_equal(name, "user write, translated, level 1, 2 MiB");
  b.priv = MMU_SUPERVISOR;
  assert_int_equal(coverage_get(c, MMU_ARCH_X86, &b), 1);
  b.priv = MMU_USER;
  b.cause = MMU_CAUSE_PERMISSION;
  assert_int_equal(coverage_get(c, MMU_ARCH_X86, &b), 1);
  b = (struct coverage_bin){.level = COVERAGE_NO_LEVEL,
                            .cause = MMU_CAUSE_NON_CANONICAL,
                            .kind = MMU_WRITE,
                            .priv = MMU_USER};
  assert_int_equal(coverage_get(c, MMU_ARCH_X86, &b), 1);
  struct coverage_summary s = coverage_sum(c, MMU_ARCH_X86, 1);
  assert_int_equal(s.answers, 4);
  assert_int_equal(s.full, 4);
  assert_int_equal(s.illegal, 0);
  /* a page where the format has none */
  ok.s1_shift = 39;
  coverage_count(c, MMU_ARCH_X86, &user, &write, &ok);
  assert_int_equal(coverage_sum(c, MMU_ARCH_X86, 1).illegal, 1);
  assert_int_equal(coverage_sum(c, MMU_ARCH_RISCV, 1).answers, 0);
  coverage_destroy(c);
}

static struct mmu_backend *judged(const struct mmu_backend_config *cfg, char *err, size_t err_len) {
  return mmu_backend_judged(mmu_backend_model, cfg, err, err_len);
}

static void same_seed_same_run(void **state) {
  (void)state;
  for (unsigned a = 0; a < MMU_ARCH_COUNT; a++) {
    struct fuzz_report r[3];
    char err[8192] = "";
    for (unsigned i = 0; i < 3; i++) {
      struct coverage *c = coverage_create();
      struct fuzz_config cfg = {.arch = (enum mmu_arch)a,
                                .make = judged,
                                .geometry = mmu_geometry_default(),
                                .seed = i < 2 ? 9 : 10,
                                .accesses = 8000,
                                .coverage = c};
      if (fuzz_run(&cfg, &r[i], err, sizeof err) != 0) fail_msg("%s", err);
      struct coverage_summary s = coverage_sum(c, (enum mmu_arch)a, 1);
      assert_int_equal(s.illegal, 0);
      assert_int_equal(s.answers + r[i].retries, r[i].accesses);
      coverage_destroy(c);
    }
    assert_int_equal(r[0].cycles, r[1].cycles);
    assert_int_equal(r[0].stats.walk_reads, r[1].stats.walk_reads);
    assert_int_equal(r[0].ok, r[1].ok);
    assert_int_not_equal(r[0].cycles, r[2].cycles);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(legal_bins),
      cmocka_unit_test(counting),
      cmocka_unit_test(same_seed_same_run),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
