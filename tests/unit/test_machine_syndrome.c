// SPDX-License-Identifier: Apache-2.0
// The contract of the fault registers: right registers pass for every cause, and each bit that
// tells something, when flipped, is noticed.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include "observer/syndrome_check.h"
#include "rules/rules.h"

#define BIT(n) (UINT64_C(1) << (n))
#define VA UINT64_C(0x123456789a8)

static const uint8_t x86_causes[] = {MMU_CAUSE_NOT_PRESENT, MMU_CAUSE_RESERVED,
                                     MMU_CAUSE_PERMISSION};
static const uint8_t arm_causes[] = {MMU_CAUSE_NOT_PRESENT, MMU_CAUSE_RESERVED,
                                     MMU_CAUSE_PERMISSION, MMU_CAUSE_ACCESS_FLAG,
                                     MMU_CAUSE_ADDRESS_SIZE};
static const uint8_t riscv_causes[] = {MMU_CAUSE_NOT_PRESENT, MMU_CAUSE_PERMISSION,
                                       MMU_CAUSE_ACCESS_FLAG, MMU_CAUSE_DIRTY_FLAG, MMU_CAUSE_BUS};

struct sample {
  struct mmu_context ctx;
  struct mmu_access access;
  struct mmu_fault fault;
  struct mmu_syndrome syndrome;
};

static struct sample make(enum mmu_arch arch, uint8_t cause, uint8_t kind, uint8_t priv) {
  static const uint8_t modes[] = {MMU_S1_X86_L4, MMU_S1_ARM_4K, MMU_S1_SV48};
  struct sample s = {.ctx = {.s1_mode = modes[arch], .priv = priv, .nxe = arch == MMU_ARCH_X86},
                     .access = {.kind = kind, .size = 2},
                     .fault = {.gva = VA, .cause = cause, .s1_level = 1, .s1_leaf = true}};
  s.ctx.pa_width = 48;
  rules_of(arch)->syndrome(&s.ctx, &s.access, &s.fault, &s.syndrome);
  return s;
}

static const char *check(enum mmu_arch arch, const struct sample *s) {
  return syndrome_check(arch, &s->ctx, s->access.kind, &s->fault, &s->syndrome);
}

/* All causes, kinds and privileges: right as they are, wrong with any of these bits of reg[] other.
 */
static void sweep(enum mmu_arch arch, const uint8_t *causes, size_t count,
                  const uint64_t flips[4]) {
  for (size_t i = 0; i < count; i++) {
    for (unsigned n = 0; n < 8; n++) {
      struct sample s = make(arch, causes[i], (uint8_t)(n & 3), (uint8_t)(n >> 2));
      const char *story = check(arch, &s);
      if (story != NULL) fail_msg("cause %u kind %u priv %u: %s", causes[i], n & 3, n >> 2, story);
      for (unsigned bit = 0; bit < 256; bit++) {
        if ((flips[bit / 64] & BIT(bit % 64)) == 0) continue;
        s.syndrome.reg[bit / 64] ^= BIT(bit % 64);
        if (check(arch, &s) == NULL)
          fail_msg("cause %u kind %u priv %u: bit %u of register %u other, not noticed", causes[i],
                   n & 3, n >> 2, bit % 64, bit / 64);
        s.syndrome.reg[bit / 64] ^= BIT(bit % 64);
      }
    }
  }
}

static void test_x86(void **state) {
  /* vector; W/R, U/S, I/D; all of CR2 */
  const uint64_t flips[4] = {0x1f, BIT(1) | BIT(2) | BIT(4), UINT64_MAX, 0};
  (void)state;
  sweep(MMU_ARCH_X86, x86_causes, sizeof x86_causes, flips);
}

static void test_x86_present_and_reserved(void **state) {
  (void)state;
  struct sample s = make(MMU_ARCH_X86, MMU_CAUSE_PERMISSION, MMU_WRITE, MMU_USER);
  s.syndrome.reg[1] ^= BIT(0);
  assert_non_null(check(MMU_ARCH_X86, &s));
  s = make(MMU_ARCH_X86, MMU_CAUSE_RESERVED, MMU_READ, MMU_USER);
  s.syndrome.reg[1] ^= BIT(3);
  assert_non_null(check(MMU_ARCH_X86, &s));
  s = make(MMU_ARCH_X86, MMU_CAUSE_NON_CANONICAL, MMU_READ, MMU_USER);
  assert_null(check(MMU_ARCH_X86, &s));
  s.syndrome.reg[0] = 14;
  assert_non_null(check(MMU_ARCH_X86, &s));
}

static void test_arm(void **state) {
  /* fault status and level, exception class; all of FAR */
  const uint64_t flips[4] = {0x3f | UINT64_C(0x3f) << 26, UINT64_MAX, 0, 0};
  (void)state;
  sweep(MMU_ARCH_ARM, arm_causes, sizeof arm_causes, flips);
  for (unsigned i = 0; i < sizeof arm_causes; i++) {
    struct sample s = make(MMU_ARCH_ARM, arm_causes[i], MMU_WRITE, MMU_USER);
    s.syndrome.reg[0] ^= BIT(6); /* WnR */
    assert_non_null(check(MMU_ARCH_ARM, &s));
  }
}

static void test_riscv(void **state) {
  const uint64_t flips[4] = {0x8000000000000003, UINT64_MAX, 0, 0};
  (void)state;
  sweep(MMU_ARCH_RISCV, riscv_causes, sizeof riscv_causes, flips);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_x86),
      cmocka_unit_test(test_x86_present_and_reserved),
      cmocka_unit_test(test_arm),
      cmocka_unit_test(test_riscv),
  };
  return cmocka_run_group_tests_name("machine syndrome", tests, NULL, NULL);
}
