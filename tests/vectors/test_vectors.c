/* SPDX-License-Identifier: Apache-2.0
 * Replays the fault vectors (README.md): each row through the rules, whose registers and undefined
 * bits must be the row's, and those registers through the decoder, which must tell the fault. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/rules.h"
#include "syndrome/syndrome.h"
#include "tests/vectors/vector.h"

static const char *const columns =
    "s1,s2,with,priv,access,op,size,insn,va,stage,question,height,cause,rights1,rights2,gpa,taker,"
    "gva,"
    "reg0,reg1,reg2,reg3\n";

static const enum mmu_arch archs[SYN_ARCHES] = {
    [SYN_X86] = MMU_ARCH_X86,
    [SYN_AMD] = MMU_ARCH_X86,
    [SYN_ARM64] = MMU_ARCH_ARM,
    [SYN_RISCV] = MMU_ARCH_RISCV,
};

static void expect_registers(const struct vector *v, const struct rules_ops *rules, unsigned line,
                             struct mmu_syndrome *s) {
  uint64_t defined[4];
  rules->syndrome(&v->ctx, &v->acc, &v->f, s);
  rules->defined(&v->ctx, &v->acc, &v->f, defined);
  if (s->to_hyp != v->to_hyp || s->gva != v->gva) fail_msg("line %u: taken by another", line);
  for (unsigned i = 0; i < 4; i++) {
    if (defined[i] != v->defined[i] || ((s->reg[i] ^ v->reg[i]) & defined[i]) != 0)
      fail_msg("line %u: register %u is %#llx, defined %#llx; expected %#llx, %#llx", line, i,
               (unsigned long long)s->reg[i], (unsigned long long)defined[i],
               (unsigned long long)v->reg[i], (unsigned long long)v->defined[i]);
  }
}

/* The registers as the library has them; false if they tell no page or memory fault there: #GP,
 * machine check, what VM entry refuses. */
static bool taken(enum syn_arch arch, const struct vector *v, const struct mmu_syndrome *s,
                  struct syn_regs *r) {
  *r = (struct syn_regs){.taker = v->to_hyp ? SYN_HYPERVISOR : SYN_GUEST};
  if (v->ctx.s2_mbec) r->settings |= SYN_MBEC;
  if (v->ctx.s2_exit_info) r->settings |= SYN_ADVANCED;
  const bool x86 = arch == SYN_X86 || arch == SYN_AMD;
  if (x86 && !v->to_hyp) {
    r->value[SYN_X86_PFEC] = s->reg[1];
    r->value[SYN_X86_CR2] = s->reg[2];
    r->given = 3;
    return s->reg[0] == 14;
  }
  if (x86 && v->f.cause == MMU_CAUSE_ROOT_SIZE) return false;
  const unsigned first = x86 ? 2 : 0; /* the exits' registers come after those of #PF */
  for (unsigned i = 0; i < 4; i++)
    r->value[first + i] = s->reg[i];
  if (arch == SYN_AMD) r->value[SYN_AMD_INFO2] = s->reg[3];
  r->given = arch == SYN_X86 ? 0x3c : arch == SYN_AMD ? 0x1c : arch == SYN_ARM64 ? 7 : 0xf;
  if (!v->to_hyp) r->given = 3; /* a guest has no more of them */
  if (arch == SYN_RISCV && v->to_hyp) {
    r->value[SYN_RV_STATUS] =
        (uint64_t)s->gva << 6 | 1U << 7 | (uint64_t)(v->ctx.priv != MMU_USER) << 8;
    r->given |= 1U << SYN_RV_STATUS;
  }
  return true;
}

static void expect_told(enum syn_arch arch, const struct vector *v, const struct mmu_syndrome *s,
                        unsigned line) {
  struct syn_regs r, again;
  struct syn_fault told;
  struct syn_masks m;
  if (!taken(arch, v, s, &r)) return;
  if (syn_decode(arch, &r, &told, &m) != SYN_OK) fail_msg("line %u: not allowed", line);
  const bool final = !v->f.on_walk && !v->f.on_ad_write;
  const bool memory =
      told.cause == SYN_EXTERNAL || told.cause == SYN_PARITY || told.cause == SYN_NO_ATOMIC;
  bool right = told.stage == 0 || told.stage == (v->f.stage2 ? 2 : 1);
  if (v->f.stage2 && !memory && told.on_walk != SYN_UNKNOWN)
    right = right && (told.on_walk == SYN_NO) == final;
  if (told.update != SYN_UNKNOWN && told.on_walk == SYN_YES && !memory)
    right = right && (told.update == SYN_YES) == v->f.on_ad_write;
  if (told.level != SYN_LEVEL_UNKNOWN)
    right = right && told.level == 3 - (v->f.stage2 ? v->f.s2_level : v->f.s1_level);
  right = right && ((told.va.value ^ v->f.gva) & told.va.known) == 0 &&
          (!v->f.stage2 || ((told.gpa.value ^ v->f.gpa) & told.gpa.known) == 0);
  if (!right) fail_msg("line %u: the decoder tells another fault", line);
  if (syn_encode(arch, &told, &again) != SYN_OK) fail_msg("line %u: not encoded again", line);
  for (unsigned i = 0; i < SYN_REGS; i++)
    if ((again.given >> i & 1) != 0 && ((again.value[i] ^ r.value[i]) & ~m.undefined[i]) != 0)
      fail_msg("line %u: encoded again register %u is %#llx", line, i,
               (unsigned long long)again.value[i]);
}

static void replay(enum syn_arch arch, const char *path, unsigned least) {
  char text[512];
  unsigned line = 1;
  FILE *f = fopen(path, "r");
  assert_non_null(f);
  assert_non_null(fgets(text, sizeof text, f));
  assert_string_equal(text, columns);
  while (fgets(text, sizeof text, f) != NULL) {
    struct vector v;
    struct mmu_syndrome s;
    line++;
    const char *bad = vector_parse(text, &v);
    if (bad != NULL) fail_msg("%s:%u: \"%s\" is not known", path, line, bad);
    expect_registers(&v, rules_of(archs[arch]), line, &s);
    expect_told(arch, &v, &s, line);
  }
  fclose(f);
  assert_true(line > least);
}

static void intel(void **state) {
  (void)state;
  replay(SYN_X86, "tests/vectors/x86.csv", 250);
}
static void amd(void **state) {
  (void)state;
  replay(SYN_AMD, "tests/vectors/amd.csv", 200);
}
static void arm64(void **state) {
  (void)state;
  replay(SYN_ARM64, "tests/vectors/arm64.csv", 300);
}
static void riscv(void **state) {
  (void)state;
  replay(SYN_RISCV, "tests/vectors/riscv.csv", 300);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(intel), cmocka_unit_test(amd),
                                     cmocka_unit_test(arm64), cmocka_unit_test(riscv)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
