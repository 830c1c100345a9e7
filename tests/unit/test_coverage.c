/* SPDX-License-Identifier: Apache-2.0
 * The coverage table: each answer lands in its bin, the legal lists have the sizes that
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
  static const uint32_t wanted[MMU_ARCH_COUNT] = {282, 304, 420};
  static const uint32_t operations[MMU_ARCH_COUNT] = {7, 30, 4};
  struct coverage *c = coverage_create();
  for (unsigned a = 0; a < MMU_ARCH_COUNT; a++) {
    struct coverage_summary s = coverage_sum(c, (enum mmu_arch)a, 1);
    assert_int_equal(s.legal, wanted[a]);
    assert_int_equal(s.operations, operations[a]);
    assert_int_equal(s.operations_full, 0);
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

/* A group of pages has a size of its own; a size that no format has is not counted. */
static void group_sizes(void **state) {
  (void)state;
  static const struct {
    uint8_t arch, shift;
    bool legal;
    const char *name;
  } row[] = {{MMU_ARCH_ARM, 16, true, "supervisor read, translated, level 0, 64 KiB"},
             {MMU_ARCH_ARM, 25, true, "supervisor read, translated, level 1, 32 MiB"},
             {MMU_ARCH_ARM, 34, true, "supervisor read, translated, level 2, 16 GiB"},
             {MMU_ARCH_ARM, 39, false, "supervisor read, translated, level 3, 512 GiB"},
             {MMU_ARCH_RISCV, 16, true, "supervisor read, translated, level 0, 64 KiB"},
             {MMU_ARCH_RISCV, 25, false, "supervisor read, translated, level 1, 32 MiB"},
             {MMU_ARCH_X86, 16, false, "supervisor read, translated, level 0, 64 KiB"}};
  struct mmu_context ctx = {.s1_mode = MMU_S1_ARM_4K, .priv = MMU_SUPERVISOR};
  struct mmu_access read = {.kind = MMU_READ};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    enum mmu_arch arch = (enum mmu_arch)row[i].arch;
    struct coverage *c = coverage_create();
    struct mmu_response a = {.status = MMU_OK, .s1_shift = row[i].shift};
    coverage_count(c, arch, &ctx, &read, &a);
    a.s1_shift = 17;
    coverage_count(c, arch, &ctx, &read, &a);
    struct coverage_summary s = coverage_sum(c, arch, 1);
    assert_int_equal(s.answers, 1);
    assert_int_equal(s.illegal, !row[i].legal);
    struct coverage_bin b = {
        .level = (uint8_t)((row[i].shift - 12) / 9), .shift = row[i].shift, .priv = MMU_SUPERVISOR};
    char name[96];
    coverage_name(&b, name, sizeof name);
    assert_string_equal(name, row[i].name);
    assert_int_equal(coverage_get(c, arch, &b), 1);
    coverage_destroy(c);
  }
}

static bool operation_of_stage2(uint8_t kind) {
  return (kind >= MMU_INV_AMD_ALL && kind <= MMU_INV_AMD_ASID) ||
         (kind >= MMU_INV_ARM_IPAS2E1 && kind <= MMU_INV_ARM_ALLE1) ||
         kind >= MMU_INV_RISCV_GVMA_ALL;
}

static void operations(void **state) {
  (void)state;
  static const struct {
    uint8_t arch, kind;
    uint64_t addr;
    const char *name; /* NULL: not of this architecture */
  } row[] = {{MMU_ARCH_X86, MMU_INV_X86_ALL_PCID, UINT64_MAX, "invpcid 3"},
             {MMU_ARCH_X86, MMU_INV_ARM_VAE1, 0, NULL},
             {MMU_ARCH_ARM, MMU_INV_ARM_ASIDE1, UINT64_MAX, "aside1"},
             {MMU_ARCH_ARM, MMU_INV_ARM_RVALE1, UINT64_C(1) << 46, "rvale1, scale 0"},
             {MMU_ARCH_ARM, MMU_INV_ARM_RVALE1, UINT64_C(7) << 44, "rvale1, scale 3"},
             {MMU_ARCH_ARM, MMU_INV_ARM_RVAE1, UINT64_C(0x205) << 37, "rvae1, level hint"},
             {MMU_ARCH_ARM, MMU_INV_ARM_RVAAE1, UINT64_C(3) << 46, "rvaae1, other granule"},
             {MMU_ARCH_ARM, MMU_INV_RISCV_ALL, 0, NULL},
             {MMU_ARCH_RISCV, MMU_INV_RISCV_ADDR, 0, "sfence.vma of an address"},
             {MMU_ARCH_X86, MMU_INV_AMD_ASID, 0, "tlb_control 3"},
             {MMU_ARCH_ARM, MMU_INV_ARM_RIPAS2LE1, UINT64_C(6) << 44, "ripas2le1, scale 2"},
             {MMU_ARCH_RISCV, MMU_INV_RISCV_GVMA_ALL, 0, "hfence.gvma"},
             {MMU_ARCH_RISCV, 200, 0, NULL}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    struct coverage *c = coverage_create();
    struct mmu_inval inv = {.kind = row[i].kind, .addr = row[i].addr};
    coverage_count_operation(c, (enum mmu_arch)row[i].arch, &inv);
    struct coverage_operation op;
    uint64_t n, total = 0;
    for (uint32_t at = 0; coverage_operations_next(coverage_invalidations(c),
                                                   (enum mmu_arch)row[i].arch, &at, &op, &n);) {
      char name[64];
      coverage_operation_name(&op, name, sizeof name);
      total += n;
      if (n != 0) assert_string_equal(name, row[i].name);
    }
    assert_int_equal(total, row[i].name != NULL);
    bool of_stage2 = row[i].name != NULL && operation_of_stage2(row[i].kind);
    assert_int_equal(coverage_sum(c, (enum mmu_arch)row[i].arch, 1).operations_full,
                     of_stage2 ? 0 : total);
    coverage_destroy(c);
  }
}

/* ---- stage 2 ---- */

static uint32_t nested_bins(const struct coverage *c, enum mmu_arch arch, uint32_t *legal,
                            uint32_t *reached) {
  struct coverage_nested_bin b;
  uint32_t bins = 0;
  uint64_t n;
  *legal = *reached = 0;
  for (uint32_t at = 0; coverage_nested_next(coverage_stage2(c), arch, &at, &b, &n); bins++) {
    *legal += coverage_nested_legal(&b);
    *reached += n != 0;
  }
  return bins;
}

static void nested_legal_bins(void **state) {
  (void)state;
  static const uint32_t wanted[MMU_ARCH_COUNT] = {728, 352, 546};
  struct coverage *c = coverage_create();
  for (unsigned a = 0; a < MMU_ARCH_COUNT; a++) {
    uint32_t legal, reached;
    assert_int_equal(nested_bins(c, (enum mmu_arch)a, &legal, &reached), wanted[a]);
    assert_int_equal(legal, wanted[a]);
    assert_int_equal(reached, 0);
  }
  coverage_destroy(c);
}

static void nested_counting(void **state) {
  (void)state;
  static const struct {
    struct mmu_response answer;
    uint8_t mode;
    bool legal;
    const char *name; /* NULL: no bin of stage 2 */
  } row[] = {
      {{.status = MMU_OK, .s1_shift = 12, .s2_shift = 21},
       MMU_S2_EPT,
       true,
       "EPT, write, translated, level 1"},
      {{.status = MMU_OK, .s1_shift = 21, .s2_shift = 16},
       MMU_S2_RISCV,
       true,
       "G-stage, write, translated, level 0"},
      {{.status = MMU_FAULT,
        .fault = {.cause = MMU_CAUSE_PERMISSION, .stage2 = true, .on_walk = true, .s2_level = 2}},
       MMU_S2_NPT,
       true,
       "NPT, table of a write, permission, level 2"},
      {{.status = MMU_FAULT,
        .fault = {.cause = MMU_CAUSE_DIRTY_FLAG, .stage2 = true, .on_ad_write = true}},
       MMU_S2_RISCV,
       true,
       "G-stage, table update of a write, dirty flag, level 0"},
      {{.status = MMU_FAULT,
        .fault = {.cause = MMU_CAUSE_DIRTY_FLAG, .stage2 = true, .on_walk = true}},
       MMU_S2_RISCV,
       false,
       "G-stage, table of a write, dirty flag, level 0"},
      {{.status = MMU_FAULT,
        .fault = {.cause = MMU_CAUSE_ROOT_SIZE, .stage2 = true, .on_walk = true, .s2_level = 3}},
       MMU_S2_ARM,
       true,
       "Arm, table of a write, root size, no level"},
      {{.status = MMU_FAULT, .fault = {.cause = MMU_CAUSE_ACCESS_FLAG, .stage2 = true}},
       MMU_S2_EPT,
       false,
       "EPT, write, access flag, level 0"},
      {{.status = MMU_FAULT, .fault = {.cause = MMU_CAUSE_PERMISSION}}, MMU_S2_EPT, true, NULL},
      {{.status = MMU_RETRY}, MMU_S2_EPT, true, NULL},
  };
  static const uint8_t arch_of[] = {[MMU_S2_EPT] = MMU_ARCH_X86,
                                    [MMU_S2_NPT] = MMU_ARCH_X86,
                                    [MMU_S2_ARM] = MMU_ARCH_ARM,
                                    [MMU_S2_RISCV] = MMU_ARCH_RISCV};
  const struct mmu_access write = {.kind = MMU_WRITE};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    const enum mmu_arch arch = (enum mmu_arch)arch_of[row[i].mode];
    const struct mmu_context ctx = {.s2_mode = row[i].mode};
    struct coverage *c = coverage_create();
    struct coverage_nested_bin b;
    uint64_t n;
    uint32_t met = 0;
    coverage_count(c, arch, &ctx, &write, &row[i].answer);
    for (uint32_t at = 0; coverage_nested_next(coverage_stage2(c), arch, &at, &b, &n);) {
      char name[96];
      if (n == 0) continue;
      coverage_nested_name(&b, name, sizeof name);
      assert_int_equal(n, 1);
      assert_non_null(row[i].name);
      assert_string_equal(name, row[i].name);
      assert_int_equal(coverage_nested_legal(&b), row[i].legal);
      met++;
    }
    assert_int_equal(met, row[i].name != NULL);
    assert_int_equal(coverage_sum(c, arch, 1).answers, 0); /* and nowhere else */
    coverage_destroy(c);
  }
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
                                .stages = 1,
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

/* A hypervisor's world meets no impossible bin, and most of the possible ones. */
static void nested_bins_of_a_run(void **state) {
  (void)state;
  static const uint32_t at_least[MMU_ARCH_COUNT] = {250, 100, 100};
  static const uint32_t operations[MMU_ARCH_COUNT] = {16, 46, 8};
  for (unsigned a = 0; a < MMU_ARCH_COUNT; a++) {
    struct fuzz_report r;
    struct coverage *c = coverage_create();
    char err[8192] = "";
    struct fuzz_config cfg = {.arch = (enum mmu_arch)a,
                              .stages = 2,
                              .make = judged,
                              .geometry = mmu_geometry_default(),
                              .seed = 4,
                              .accesses = 40000,
                              .coverage = c};
    if (fuzz_run(&cfg, &r, err, sizeof err) != 0) fail_msg("%s", err);
    struct coverage_nested_bin b;
    uint64_t n;
    for (uint32_t at = 0; coverage_nested_next(coverage_stage2(c), cfg.arch, &at, &b, &n);) {
      char name[96];
      coverage_nested_name(&b, name, sizeof name);
      if (!coverage_nested_legal(&b)) print_message("%s is impossible\n", name);
    }
    uint32_t legal, reached, bins = nested_bins(c, cfg.arch, &legal, &reached);
    print_message("%u: %u of %u\n", a, reached, legal);
    assert_int_equal(bins, legal);
    assert_true(reached >= at_least[a]);
    struct coverage_summary s = coverage_sum(c, cfg.arch, 2);
    assert_int_equal(s.operations, operations[a]);
    assert_int_equal(s.operations_full, operations[a]);
    coverage_destroy(c);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(legal_bins),         cmocka_unit_test(counting),
      cmocka_unit_test(group_sizes),        cmocka_unit_test(operations),
      cmocka_unit_test(same_seed_same_run), cmocka_unit_test(nested_legal_bins),
      cmocka_unit_test(nested_counting),    cmocka_unit_test(nested_bins_of_a_run),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
