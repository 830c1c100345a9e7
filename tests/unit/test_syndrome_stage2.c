/* SPDX-License-Identifier: Apache-2.0
 * The registers that the rules make of stage-2 faults, for each cause, access, question, level and
 * setting, read and made again by the syndrome library: two encoders written apart. What the
 * library calls undefined the rules must leave open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "rules/rules.h"
#include "syndrome/syndrome.h"

enum { VA = 0x12345678, GPA = 0x6789678, NONE = 0, FINAL = 0, TABLE = 1, SWAP = 2 };

struct stage2 {
  enum mmu_arch arch;
  enum syn_arch syn;
  uint8_t mode;
  uint8_t first; /* of the library's registers: what reg[0] is */
  uint8_t causes[MMU_CAUSE_COUNT];
};
static const struct stage2 archs[] = {
    {MMU_ARCH_X86,
     SYN_X86,
     MMU_S2_EPT,
     SYN_X86_REASON,
     {[MMU_CAUSE_NOT_PRESENT] = SYN_NOT_MAPPED,
      [MMU_CAUSE_NON_CANONICAL] = SYN_NOT_MAPPED,
      [MMU_CAUSE_PERMISSION] = SYN_PERMISSION,
      [MMU_CAUSE_RESERVED] = SYN_MISCONFIGURED}},
    {MMU_ARCH_X86,
     SYN_AMD,
     MMU_S2_NPT,
     SYN_AMD_EXITCODE,
     {[MMU_CAUSE_NOT_PRESENT] = SYN_NOT_MAPPED,
      [MMU_CAUSE_NON_CANONICAL] = SYN_NOT_MAPPED,
      [MMU_CAUSE_PERMISSION] = SYN_PERMISSION,
      [MMU_CAUSE_RESERVED] = SYN_RESERVED}},
    {MMU_ARCH_ARM,
     SYN_ARM64,
     MMU_S2_ARM,
     SYN_ARM_ESR,
     {[MMU_CAUSE_NOT_PRESENT] = SYN_NOT_MAPPED,
      [MMU_CAUSE_RESERVED] = SYN_NOT_MAPPED,
      [MMU_CAUSE_NON_CANONICAL] = SYN_NOT_MAPPED,
      [MMU_CAUSE_PERMISSION] = SYN_PERMISSION,
      [MMU_CAUSE_ACCESS_FLAG] = SYN_ACCESS_FLAG,
      [MMU_CAUSE_ADDRESS_SIZE] = SYN_ADDRESS_SIZE,
      [MMU_CAUSE_ROOT_SIZE] = SYN_ADDRESS_SIZE,
      [MMU_CAUSE_BUS] = SYN_EXTERNAL,
      [MMU_CAUSE_PARITY] = SYN_PARITY,
      [MMU_CAUSE_NO_ATOMIC] = SYN_NO_ATOMIC}},
    {MMU_ARCH_RISCV,
     SYN_RISCV,
     MMU_S2_RISCV,
     SYN_RV_CAUSE,
     {[MMU_CAUSE_NOT_PRESENT] = SYN_PAGE,
      [MMU_CAUSE_RESERVED] = SYN_PAGE,
      [MMU_CAUSE_NON_CANONICAL] = SYN_PAGE,
      [MMU_CAUSE_PERMISSION] = SYN_PAGE,
      [MMU_CAUSE_ACCESS_FLAG] = SYN_PAGE,
      [MMU_CAUSE_DIRTY_FLAG] = SYN_PAGE,
      [MMU_CAUSE_ADDRESS_SIZE] = SYN_EXTERNAL,
      [MMU_CAUSE_ROOT_SIZE] = SYN_EXTERNAL,
      [MMU_CAUSE_BUS] = SYN_EXTERNAL,
      [MMU_CAUSE_NO_ATOMIC] = SYN_EXTERNAL,
      [MMU_CAUSE_PARITY] = SYN_EXTERNAL}},
};

struct sample {
  struct mmu_context ctx;
  struct mmu_access acc;
  struct mmu_fault f;
  uint8_t about;
};

static struct syn_regs taken(const struct stage2 *a, const struct sample *x,
                             const struct mmu_syndrome *s) {
  struct syn_regs r = {.taker = SYN_HYPERVISOR};
  const unsigned told = a->syn == SYN_AMD || a->syn == SYN_ARM64 ? 3 : 4;
  for (unsigned i = 0; i < told; i++) {
    /* EXITINFO2 is reg[3] here: what the library calls the third */
    r.value[a->first + i] = s->reg[a->syn == SYN_AMD && i == 2 ? 3 : i];
    r.given |= 1U << (a->first + i);
  }
  if (x->ctx.s2_mbec) r.settings |= SYN_MBEC;
  if (x->ctx.s2_exit_info) r.settings |= SYN_ADVANCED;
  if (a->syn == SYN_RISCV) {
    const bool kernel = x->ctx.priv != MMU_USER;
    r.value[SYN_RV_STATUS] = (s->gva ? 1U << 6 : 0) | 1U << 7 | (kernel ? 1U << 8 : 0);
    r.given |= 1U << SYN_RV_STATUS;
  }
  return r;
}

/* Which register of the rules is this one of the library's. */
static unsigned reg_of(const struct stage2 *a, unsigned i) {
  return a->syn == SYN_AMD && i == 2 ? 3 : i;
}

static void expect_told(const struct stage2 *a, const struct sample *x,
                        const struct syn_fault *told, uint64_t qualification) {
  uint8_t cause = a->causes[x->f.cause];
  const bool misconfigured = cause == SYN_MISCONFIGURED;
  /* EPT: rights of which nothing is left look like an absent entry */
  const uint64_t rights = x->ctx.s2_mbec ? 0x78 : 0x38;
  if (a->syn == SYN_X86 && cause == SYN_PERMISSION && (qualification & rights) == 0)
    cause = SYN_NOT_MAPPED;
  assert_int_equal(told->cause, cause);
  if (told->stage != 0) assert_int_equal(told->stage, 2);
  if (cause != SYN_EXTERNAL && cause != SYN_PARITY && cause != SYN_NO_ATOMIC)
    assert_int_equal(told->stage, 2);
  if (told->level != SYN_LEVEL_UNKNOWN) assert_int_equal(told->level, 3 - x->f.s2_level);
  assert_true(told->level != SYN_LEVEL_UNKNOWN || a->syn != SYN_ARM64 || cause == SYN_NO_ATOMIC);
  assert_int_equal(told->taker, SYN_HYPERVISOR);
  if (cause != SYN_EXTERNAL && cause != SYN_PARITY && cause != SYN_NO_ATOMIC && !misconfigured) {
    const bool on_walk = x->about != FINAL;
    assert_int_equal(told->on_walk, on_walk ? SYN_YES : SYN_NO);
    if (told->update != SYN_UNKNOWN)
      assert_int_equal(told->update, x->about == SWAP ? SYN_YES : SYN_NO);
    if (a->syn == SYN_RISCV) assert_int_not_equal(told->update, SYN_UNKNOWN);
  }
  const bool rmw = x->acc.kind == MMU_RMW;
  const uint8_t kinds[] = {[MMU_READ] = SYN_READ,
                           [MMU_WRITE] = SYN_WRITE,
                           [MMU_FETCH] = SYN_FETCH,
                           [MMU_RMW] = SYN_WRITE};
  uint8_t access = kinds[x->acc.kind];
  if (x->acc.op != MMU_OP_NORMAL) access = SYN_WRITE; /* maintenance always counts as that */
  if (told->access != 0 && !(rmw && a->syn == SYN_ARM64)) assert_int_equal(told->access, access);
  assert_int_equal((told->gpa.value ^ GPA) & told->gpa.known, 0);
  assert_int_equal((told->va.value ^ VA) & told->va.known, 0);
  if (!misconfigured && a->syn != SYN_AMD) assert_true(told->va.known != 0);
}

static void check(const struct stage2 *a, const struct sample *x) {
  struct mmu_syndrome s;
  struct syn_fault told;
  struct syn_masks m;
  struct syn_regs made;
  uint64_t defined[4];
  const struct rules_ops *rules = rules_of(a->arch);
  rules->syndrome(&x->ctx, &x->acc, &x->f, &s);
  rules->defined(&x->ctx, &x->acc, &x->f, defined);
  assert_true(s.to_hyp);
  const uint64_t wnr = a->syn == SYN_ARM64 && x->f.cause == MMU_CAUSE_NO_ATOMIC ? 1U << 6 : 0;
  for (unsigned i = 0; i < 4; i++)
    assert_int_equal(s.reg[i] & ~defined[i] & ~wnr, 0);
  const struct syn_regs r = taken(a, x, &s);
  if (syn_decode(a->syn, &r, &told, &m) != SYN_OK)
    fail_msg("arch %u, cause %u, kind %u, question %u: 0x%llx 0x%llx is not allowed", a->syn,
             x->f.cause, x->acc.kind, x->about, (unsigned long long)s.reg[0],
             (unsigned long long)s.reg[1]);
  expect_told(a, x, &told, s.reg[1]);
  assert_int_equal(syn_encode(a->syn, &told, &made), SYN_OK);
  for (unsigned i = 0; i < 3; i++) {
    const unsigned reg = a->first + i, own = reg_of(a, i);
    if ((made.given >> reg & 1) != 0)
      assert_int_equal((made.value[reg] ^ r.value[reg]) & ~m.undefined[reg], 0);
    if (a->syn == SYN_X86 && i == 0) continue; /* bits of exits that are not ours */
    assert_int_equal(m.undefined[reg] & defined[own], 0);
  }
}

/* Do cause, question and access go together? */
static bool happens(const struct stage2 *a, const struct sample *x) {
  const bool fetch = x->acc.kind == MMU_FETCH;
  if (a->causes[x->f.cause] == NONE) return false;
  if (x->f.cause == MMU_CAUSE_DIRTY_FLAG && x->about != SWAP)
    return x->about == FINAL && (x->acc.kind == MMU_WRITE || x->acc.kind == MMU_RMW);
  const bool root = x->f.cause == MMU_CAUSE_NON_CANONICAL || x->f.cause == MMU_CAUSE_ROOT_SIZE;
  if (root && x->f.s2_level != 3) return false;
  if (x->f.s2_level == 3 && x->f.cause == MMU_CAUSE_ACCESS_FLAG && a->arch == MMU_ARCH_ARM)
    return false; /* there is no block of 512 GiB */
  return !(fetch && x->acc.op != MMU_OP_NORMAL);
}

static void each(const struct stage2 *a) {
  static const uint32_t insns[MMU_ARCH_COUNT][4] = {
      [MMU_ARCH_ARM] = {0xf9400483, 0xf9000149, 0, 0xc8e1fc62},
      [MMU_ARCH_RISCV] = {0x0085b503, 0xfff13c23, 0, 0x00c5a52f}};
  unsigned long seen = 0;
  for (unsigned n = 0; n < MMU_CAUSE_COUNT * 4 * 3 * 4 * 16 * 32; n++) {
    unsigned k = n;
    struct sample x = {.f = {.gva = VA, .gpa = GPA, .stage2 = true}};
    x.ctx.s1_mode = a->arch == MMU_ARCH_X86   ? MMU_S1_X86_L4
                    : a->arch == MMU_ARCH_ARM ? MMU_S1_ARM_4K
                                              : MMU_S1_SV48;
    x.f.cause = (uint8_t)(k % MMU_CAUSE_COUNT), k /= MMU_CAUSE_COUNT;
    x.acc.kind = (uint8_t)(k % 4), k /= 4;
    x.about = (uint8_t)(k % 3), k /= 3;
    x.f.s2_level = (uint8_t)(k % 4), k /= 4;
    x.f.s2_rights = (uint8_t)(k % 16), k /= 16;
    x.ctx.s2_mode = a->mode;
    x.ctx.s2_nxe = true;
    x.ctx.priv = k & 1;
    if (a->mode == MMU_S2_EPT) {
      x.ctx.s2_mbec = k >> 1 & 1;
      x.ctx.s2_exit_info = k >> 2 & 1;
      x.ctx.s2_hw_a = x.ctx.s2_hw_d = k >> 3 & 1;
      x.f.s1_rights = k >> 4 & 1 ? 0x7f : MMU_R_SR;
    } else {
      x.acc.insn = k >> 1 & 1 ? insns[a->arch][x.acc.kind] : 0;
      if (a->arch == MMU_ARCH_ARM && (k >> 2 & 1)) x.acc.op = MMU_OP_CACHE;
    }
    x.f.on_walk = x.about == TABLE;
    x.f.on_ad_write = x.about == SWAP;
    if (x.f.cause == MMU_CAUSE_NO_ATOMIC) x.f.mem_error = MMU_MEM_NO_ATOMIC;
    if (!happens(a, &x)) continue;
    check(a, &x);
    seen++;
  }
  assert_true(seen > 5000);
}

static void intel(void **state) {
  (void)state;
  each(&archs[0]);
}
static void amd(void **state) {
  (void)state;
  each(&archs[1]);
}
static void arm64(void **state) {
  (void)state;
  each(&archs[2]);
}
static void riscv(void **state) {
  (void)state;
  each(&archs[3]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(intel),
      cmocka_unit_test(amd),
      cmocka_unit_test(arm64),
      cmocka_unit_test(riscv),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
