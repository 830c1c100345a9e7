/* SPDX-License-Identifier: Apache-2.0
 * The registers that the model (csim/rules) makes for each cause, access, privilege and level, read
 * and made again by the syndrome library: two encoders written apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "rules/rules.h"
#include "syndrome/syndrome.h"

enum { VA = 0x12345678, NONE = 0 };

/* What the library calls each cause; NONE where the architecture has no such page or memory fault.
 */
static const uint8_t names[MMU_ARCH_COUNT][MMU_CAUSE_COUNT] = {
    [MMU_ARCH_X86] = {[MMU_CAUSE_NOT_PRESENT] = SYN_NOT_MAPPED,
                      [MMU_CAUSE_RESERVED] = SYN_RESERVED,
                      [MMU_CAUSE_PERMISSION] = SYN_PERMISSION,
                      [MMU_CAUSE_PKEY] = SYN_KEY},
    [MMU_ARCH_ARM] = {[MMU_CAUSE_NOT_PRESENT] = SYN_NOT_MAPPED,
                      [MMU_CAUSE_RESERVED] = SYN_NOT_MAPPED,
                      [MMU_CAUSE_PERMISSION] = SYN_PERMISSION,
                      [MMU_CAUSE_ACCESS_FLAG] = SYN_ACCESS_FLAG,
                      [MMU_CAUSE_ADDRESS_SIZE] = SYN_ADDRESS_SIZE,
                      [MMU_CAUSE_NON_CANONICAL] = SYN_NOT_MAPPED,
                      [MMU_CAUSE_ROOT_SIZE] = SYN_ADDRESS_SIZE,
                      [MMU_CAUSE_ROOT_DISABLED] = SYN_NOT_MAPPED,
                      [MMU_CAUSE_BUS] = SYN_EXTERNAL,
                      [MMU_CAUSE_NO_ATOMIC] = SYN_NO_ATOMIC,
                      [MMU_CAUSE_PARITY] = SYN_PARITY},
    [MMU_ARCH_RISCV] = {[MMU_CAUSE_NOT_PRESENT] = SYN_PAGE,
                        [MMU_CAUSE_RESERVED] = SYN_PAGE,
                        [MMU_CAUSE_PERMISSION] = SYN_PAGE,
                        [MMU_CAUSE_ACCESS_FLAG] = SYN_PAGE,
                        [MMU_CAUSE_DIRTY_FLAG] = SYN_PAGE,
                        [MMU_CAUSE_ADDRESS_SIZE] = SYN_EXTERNAL,
                        [MMU_CAUSE_NON_CANONICAL] = SYN_PAGE,
                        [MMU_CAUSE_ROOT_SIZE] = SYN_EXTERNAL,
                        [MMU_CAUSE_BUS] = SYN_EXTERNAL,
                        [MMU_CAUSE_NO_ATOMIC] = SYN_EXTERNAL,
                        [MMU_CAUSE_PARITY] = SYN_EXTERNAL},
};

static struct syn_regs taken(enum mmu_arch arch, const struct mmu_syndrome *s) {
  const bool x86 = arch == MMU_ARCH_X86;
  return (struct syn_regs){.value = {s->reg[x86 ? 1 : 0], s->reg[x86 ? 2 : 1]},
                           .given = 3,
                           .taker = arch == MMU_ARCH_RISCV ? SYN_HYPERVISOR : SYN_GUEST};
}

static void check(enum mmu_arch arch, const struct mmu_context *ctx, const struct mmu_access *acc,
                  const struct mmu_fault *f) {
  static const enum syn_arch archs[] = {SYN_X86, SYN_ARM64, SYN_RISCV};
  struct mmu_syndrome s;
  struct syn_fault told;
  struct syn_masks m;
  struct syn_regs made;
  rules_of(arch)->syndrome(ctx, acc, f, &s);
  const struct syn_regs r = taken(arch, &s);
  if (syn_decode(archs[arch], &r, &told, &m) != SYN_OK)
    fail_msg("arch %u, cause %u, kind %u: 0x%llx is not allowed", arch, f->cause, acc->kind,
             (unsigned long long)r.value[0]);
  assert_int_equal(told.cause, names[arch][f->cause]);
  assert_int_equal(told.va.value, VA);
  const bool write = acc->kind == MMU_WRITE || acc->kind == MMU_RMW;
  const uint8_t access = acc->kind == MMU_FETCH ? SYN_FETCH : write ? SYN_WRITE : SYN_READ;
  if (acc->kind != MMU_RMW && told.access != 0) assert_int_equal(told.access, access);
  if (told.user != SYN_UNKNOWN)
    assert_int_equal(told.user, ctx->priv == MMU_USER ? SYN_YES : SYN_NO);
  if (told.level != SYN_LEVEL_UNKNOWN && f->cause != MMU_CAUSE_NON_CANONICAL &&
      f->cause != MMU_CAUSE_ROOT_SIZE && f->cause != MMU_CAUSE_ROOT_DISABLED)
    assert_int_equal(told.level, 3 - f->s1_level);
  assert_int_equal(syn_encode(archs[arch], &told, &made), SYN_OK);
  for (unsigned i = 0; i < 2; i++)
    assert_int_equal((made.value[i] ^ r.value[i]) & ~m.undefined[i], 0);
}

static void all_faults(void **state) {
  (void)state;
  static const uint8_t modes[] = {MMU_S1_X86_L4, MMU_S1_ARM_4K, MMU_S1_SV48};
  for (enum mmu_arch a = MMU_ARCH_X86; a < MMU_ARCH_COUNT; a = (enum mmu_arch)(a + 1)) {
    for (unsigned n = 0; n < MMU_CAUSE_COUNT * 4 * 2 * 4; n++) {
      const uint8_t kind = n / MMU_CAUSE_COUNT % 4, user = n / MMU_CAUSE_COUNT / 4 % 2;
      const struct mmu_context ctx = {.s1_mode = modes[a],
                                      .priv = user ? MMU_USER : MMU_SUPERVISOR,
                                      .nxe = a == MMU_ARCH_X86,
                                      .pa_width = 48};
      const struct mmu_access acc = {.kind = kind, .size = 3};
      const struct mmu_fault f = {.gva = VA,
                                  .cause = (uint8_t)(n % MMU_CAUSE_COUNT),
                                  .s1_level = (uint8_t)(n / MMU_CAUSE_COUNT / 8),
                                  .s1_leaf = true};
      const bool none = names[a][f.cause] == NONE;
      /* a fetch dirties nothing and no key stops it */
      const bool never =
          kind == MMU_FETCH && (f.cause == MMU_CAUSE_PKEY || f.cause == MMU_CAUSE_DIRTY_FLAG);
      if (!none && !never) check(a, &ctx, &acc, &f);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(all_faults)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
