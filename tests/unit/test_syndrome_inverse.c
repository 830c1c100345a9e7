/* SPDX-License-Identifier: Apache-2.0
 * Decode and encode as inverses: from all register values that are allowed, and from all neutral
 * faults. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "syndrome/fields.h"
#include "syndrome_same.h"

enum { U = SYN_LEVEL_UNKNOWN, Q = SYN_UNKNOWN };
#define REGS(g, ...) \
  { .value = {__VA_ARGS__}, .given = (g) }

/* ---- registers ------------------------------------------------------------------------------ */

static unsigned long seen[SYN_ARCHES];

/* If these registers are allowed, encode makes them again. */
static void again(enum syn_arch arch, const struct syn_regs *r) {
  struct syn_fault f;
  struct syn_masks m;
  struct syn_regs e;
  if (syn_decode(arch, r, &f, &m) != SYN_OK) return;
  seen[arch]++;
  const enum syn_result rc = syn_encode(arch, &f, &e);
  for (unsigned i = 0; i < SYN_REGS; i++) {
    const uint64_t expected = (r->given >> i & 1) != 0 ? r->value[i] & ~m.undefined[i] : 0;
    if (rc == SYN_OK && ((r->given >> i & 1) == 0 || (e.value[i] & ~m.undefined[i]) == expected))
      continue;
    fail_msg("%s: register %u: %llx, encoded (%d) %llx; first %llx", syn_arch_name(arch), i,
             (unsigned long long)expected, rc, (unsigned long long)e.value[i],
             (unsigned long long)r->value[0]);
  }
}

static void registers_again_x86(void **state) {
  (void)state;
  seen[SYN_X86] = seen[SYN_AMD] = 0;
  for (uint64_t e = 0; e < 1 << 17; e++) {
    const uint64_t pfec = (e & 0xffff) | e >> 16 << 31;
    again(SYN_X86, &(struct syn_regs)REGS(3, pfec, 0x123456789000));
    again(SYN_AMD, &(struct syn_regs)REGS(3, pfec, 0x123456789000));
    for (uint32_t settings = 0; settings < 8; settings++) {
      struct syn_regs r = REGS(0x3c, 0, 0, 48, e, 0x7ff8, 0x812345678);
      r.settings = settings;
      again(SYN_X86, &r);
    }
  }
  again(SYN_X86, &(struct syn_regs)REGS(0x3c, 0, 0, 49, 0, 0, 0xfee00000));
  for (uint64_t i = 0; i < 1 << 15; i++) {
    struct syn_regs r = REGS(0x1c, 0, 0, 0x400, (i & 0x7f) | (i >> 7 & 0x7f) << 31, 0x812345678);
    r.settings = i >> 14 != 0 ? SYN_GMET : 0;
    again(SYN_AMD, &r);
  }
  assert_true(seen[SYN_X86] > 100000 && seen[SYN_AMD] > 1000);
}

static void registers_again_arm64(void **state) {
  (void)state;
  static const uint64_t rest[] = {0, 0x3ull << 22, 0x1full << 16, 0xc000, 0xfffull << 32};
  seen[SYN_ARM64] = 0;
  for (uint64_t iss = 0; iss < 1 << 14; iss++) {
    for (unsigned top = 0; top < 128 * 5; top++) {
      const uint64_t esr = iss | (top & 1ull) << 21 | (top >> 1 & 3ull) << 24 |
                           (top >> 3 & 1ull) << 26 | (0x20ull + (top >> 4 & 1) * 4) << 26 |
                           rest[top / 128];
      struct syn_regs r = REGS(7, esr, 0xffff800012345678, 0x8000000000123450);
      r.taker = (uint8_t)(top >> 5 & 1) + SYN_GUEST;
      r.settings = (top >> 6 & 1) != 0 ? SYN_TGE : 0;
      again(SYN_ARM64, &r);
    }
  }
  assert_true(seen[SYN_ARM64] > 6000);
}

static void registers_again_riscv(void **state) {
  (void)state;
  static const uint64_t insns[] = {0,          0x2000,   0x2020,   0x3000,     0x3020,   0x3503,
                                   0x3501,     0xa03023, 0xa03021, 0x1005352f, 0xa0352f, 0x6c004573,
                                   0x6ea04073, 0x20f,    0x1,      0x3040};
  seen[SYN_RISCV] = 0;
  for (unsigned n = 0; n < 32 * 16 * 4 * 8; n++) {
    const unsigned status = n / 2048;
    struct syn_regs r =
        REGS(0x1f, n % 32, 0x7ffe, (n / 512 & 1) != 0 ? 0x48d159 : 0, insns[n / 32 % 16]);
    r.taker = (n / 1024 & 1) != 0 ? SYN_FIRMWARE : SYN_HYPERVISOR;
    r.value[SYN_RV_STATUS] =
        r.taker == SYN_FIRMWARE ? (uint64_t)(status & 3) << 38 : (uint64_t)status << 6;
    again(SYN_RISCV, &r);
    r.given = 3;
    r.taker = SYN_GUEST;
    again(SYN_RISCV, &r);
  }
  assert_true(seen[SYN_RISCV] > 1000);
}

/* ---- the neutral space ---------------------------------------------------------------------- */

/* Which causes each architecture can tell at stage 1 (bit 0) and stage 2 (bit 1). */
static const uint8_t tells[SYN_ARCHES][SYN_CAUSES] = {
    [SYN_X86] = {[SYN_NOT_MAPPED] = 3,
                 [SYN_PERMISSION] = 3,
                 [SYN_RESERVED] = 1,
                 [SYN_MISCONFIGURED] = 2,
                 [SYN_KEY] = 1,
                 [SYN_ENCLAVE] = 1},
    [SYN_AMD] = {[SYN_NOT_MAPPED] = 3,
                 [SYN_PERMISSION] = 3,
                 [SYN_RESERVED] = 3,
                 [SYN_KEY] = 1,
                 [SYN_OWNER] = 3},
    [SYN_ARM64] = {[SYN_NOT_MAPPED] = 3,
                   [SYN_PERMISSION] = 3,
                   [SYN_ACCESS_FLAG] = 3,
                   [SYN_ADDRESS_SIZE] = 3,
                   [SYN_OWNER] = 3,
                   [SYN_EXTERNAL] = 3,
                   [SYN_PARITY] = 3,
                   [SYN_ALIGNMENT] = 3,
                   [SYN_TAG] = 3,
                   [SYN_TLB_CONFLICT] = 3,
                   [SYN_NO_ATOMIC] = 3,
                   [SYN_EXCLUSIVE] = 3,
                   [SYN_LOCKDOWN] = 3},
    [SYN_RISCV] = {[SYN_EXTERNAL] = 3, [SYN_PAGE] = 3},
};

/* The neutral fault of a number; false at the end. */
static bool neutral(unsigned long n, struct syn_fault *f) {
  static const uint8_t accesses[] = {0, SYN_READ, SYN_WRITE, SYN_READ | SYN_WRITE, SYN_FETCH};
  *f = (struct syn_fault){.va = {0x7008, UINT64_MAX}, .gpa = {0x5008, UINT64_MAX}};
  f->cause = (uint8_t)(n % SYN_CAUSES), n /= SYN_CAUSES;
  f->stage = (uint8_t)(n % 3), n /= 3;
  f->level = (int8_t)(n % 7), n /= 7;
  f->level = f->level == 6 ? SYN_LEVEL_UNKNOWN : (int8_t)(f->level - 2);
  f->access = accesses[n % 5], n /= 5;
  f->taker = (uint8_t)(n % 4), n /= 4;
  uint8_t *const tri[] = {&f->on_walk,    &f->update,     &f->user,
                          &f->from_guest, &f->from_lower, &f->guest_va};
  for (size_t i = 0; i < sizeof tri / sizeof tri[0]; i++)
    *tri[i] = (uint8_t)(n % 3), n /= 3;
  f->detail = n % 2 != 0 ? 0x38 : 0; /* the rights of EPT */
  return n < 2;
}

/* What the architecture tells of a fault is told of that again, and is never untrue; each cause is
 * told where the table says so. */
static void neutral_space(void **state) {
  (void)state;
  static uint8_t told[SYN_ARCHES][SYN_CAUSES];
  struct syn_fault f, g, h;
  struct syn_masks m;
  struct syn_regs r, s;
  for (unsigned long n = 0; neutral(n, &f); n++) {
    for (enum syn_arch a = SYN_X86; a < SYN_ARCHES; a = (enum syn_arch)(a + 1)) {
      if (syn_encode(a, &f, &r) != SYN_OK) continue;
      assert_int_equal(syn_decode(a, &r, &g, &m), SYN_OK);
      assert_int_equal(g.cause, f.cause);
      assert_true(g.stage == f.stage || g.stage == 0 || f.stage == 0);
      assert_true(g.level == f.level || g.level == U || f.level == U);
      assert_true(g.on_walk == f.on_walk || g.on_walk == Q || f.on_walk == Q);
      assert_true(g.update == f.update || g.update == Q || f.update == Q);
      assert_true(g.user == f.user || g.user == Q || f.user == Q);
      assert_int_equal((f.va.value ^ g.va.value) & g.va.known, 0);
      assert_int_equal((f.gpa.value ^ g.gpa.value) & g.gpa.known, 0);
      assert_int_equal(syn_encode(a, &g, &s), SYN_OK);
      assert_memory_equal(r.value, s.value, sizeof r.value);
      assert_int_equal(r.given, s.given);
      syn_decode(a, &s, &h, &m);
      assert_true(same_fault(&g, &h));
      if (f.stage != 0) told[a][f.cause] |= f.stage;
    }
  }
  assert_memory_equal(told, tells, sizeof told);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(registers_again_x86),
      cmocka_unit_test(registers_again_arm64),
      cmocka_unit_test(registers_again_riscv),
      cmocka_unit_test(neutral_space),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
