// SPDX-License-Identifier: Apache-2.0
// System registers to translation context, and lines of translate files to statements.
// Expectations are the bit positions of the manuals.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "translate/parse.h"
#include "translate/sysregs.h"

static struct mmu_context context_of(const struct sysregs *r, enum mmu_priv priv) {
  char err[256];
  struct mmu_context c;
  assert_int_equal(sysregs_context(r, priv, &c, err, sizeof err), 0);
  return c;
}

static void set(struct sysregs *r, const char *name, uint64_t value) {
  assert_int_equal(sysregs_set(r, name, value), 0);
}

static void x86_controls(void **state) {
  (void)state;
  struct sysregs r;
  sysregs_reset(&r, MMU_ARCH_X86);
  struct mmu_context c = context_of(&r, MMU_USER);
  assert_int_equal(c.s1_mode, MMU_S1_X86_L4);
  assert_true(c.wp && c.nxe && c.page1g && c.s1_hw_a && c.s1_hw_d);
  assert_false(c.smep || c.smap || c.ac || c.pke);
  assert_int_equal(c.pa_width, 46);
  assert_int_equal(c.asid, 0);
  set(&r, "cr3", 0x8000123456789abc);
  set(&r, "cr0", UINT64_C(1) << 31);
  set(&r, "cr4", 1u << 5 | 1u << 17 | 1u << 20 | 1u << 21 | 1u << 22 | 1u << 12);
  set(&r, "efer", 1u << 8);
  set(&r, "eflags", 1u << 18);
  set(&r, "pkru", 0xdeadbeef);
  set(&r, "maxphyaddr", 52);
  set(&r, "page1gb", 0);
  c = context_of(&r, MMU_SUPERVISOR);
  assert_int_equal(c.s1_mode, MMU_S1_X86_L5);
  assert_int_equal(c.s1_root0, 0x0000123456789000);
  assert_int_equal(c.asid, 0xabc);
  assert_true(c.smep && c.smap && c.ac && c.pke);
  assert_false(c.wp || c.nxe || c.page1g);
  assert_int_equal(c.pkru, 0xdeadbeef);
  assert_int_equal(c.pa_width, 52);
  assert_int_equal(c.priv, MMU_SUPERVISOR);
  set(&r, "cr0.pg", 0);
  assert_int_equal(context_of(&r, MMU_USER).s1_mode, MMU_S1_OFF);
}

static void arm_controls(void **state) {
  (void)state;
  struct sysregs r;
  sysregs_reset(&r, MMU_ARCH_ARM);
  struct mmu_context c = context_of(&r, MMU_USER);
  assert_int_equal(c.s1_mode, MMU_S1_ARM_4K);
  assert_int_equal(c.t0sz, 16);
  assert_int_equal(c.t1sz, 16);
  assert_int_equal(c.pa_width, 48);
  assert_false(c.s1_hw_a || c.s1_hw_d || c.pan || c.wxn);
  set(&r, "ttbr0_el1", 0x1234000056789001);
  set(&r, "ttbr1_el1", 0x0056800000001000);
  set(&r, "tcr_el1.t0sz", 25);
  set(&r, "tcr_el1.t1sz", 33);
  set(&r, "tcr_el1.hd", 1);
  c = context_of(&r, MMU_USER);
  assert_int_equal(c.s1_root0, 0x56789000); /* bit 0 is CnP */
  assert_int_equal(c.s1_root1, 0x800000001000);
  assert_int_equal(c.asid, 0x34); /* eight bits without TCR_EL1.AS */
  assert_int_equal(c.t0sz, 25);
  assert_int_equal(c.t1sz, 33);
  assert_false(c.s1_hw_d); /* HD without HA does nothing */
  set(&r, "tcr_el1",
      UINT64_C(1) << 36 | 1u << 22 | UINT64_C(3) << 37 | UINT64_C(3) << 39 | UINT64_C(3) << 41 |
          1u << 7 | 1u << 23 | UINT64_C(2) << 32);
  set(&r, "sctlr_el1", 1u << 19 | 1);
  set(&r, "pan", 1);
  c = context_of(&r, MMU_USER);
  assert_int_equal(c.asid, 0x56);
  assert_true(c.tbi0 && c.tbi1 && c.s1_hw_a && c.s1_hw_d && c.hpd0 && c.hpd1);
  assert_true(c.epd0 && c.epd1 && c.wxn && c.pan);
  assert_int_equal(c.pa_width, 40);
  set(&r, "sctlr_el1.m", 0);
  assert_int_equal(context_of(&r, MMU_USER).s1_mode, MMU_S1_OFF);
}

static void riscv_controls(void **state) {
  (void)state;
  struct sysregs r;
  sysregs_reset(&r, MMU_ARCH_RISCV);
  assert_int_equal(context_of(&r, MMU_USER).s1_mode, MMU_S1_OFF);
  set(&r, "satp", 0x9abcd00000012345);
  set(&r, "sstatus", 1u << 18);
  set(&r, "menvcfg", UINT64_C(1) << 61);
  struct mmu_context c = context_of(&r, MMU_USER);
  assert_int_equal(c.s1_mode, MMU_S1_SV48);
  assert_int_equal(c.asid, 0xabcd);
  assert_int_equal(c.s1_root0, 0x12345000);
  assert_true(c.sum && c.s1_hw_a && c.s1_hw_d);
  assert_false(c.mxr || c.pbmte);
  set(&r, "sstatus.mxr", 1);
  set(&r, "menvcfg.pbmte", 1);
  set(&r, "menvcfg.adue", 0);
  set(&r, "satp.mode", 8);
  c = context_of(&r, MMU_USER);
  assert_int_equal(c.s1_mode, MMU_S1_SV39);
  assert_true(c.mxr && c.pbmte);
  assert_false(c.s1_hw_a || c.s1_hw_d);
}

static void what_is_not_modelled_is_refused(void **state) {
  (void)state;
  static const struct {
    enum mmu_arch arch;
    const char *reg;
    uint64_t value;
  } bad[] = {{MMU_ARCH_X86, "cr4.pae", 0},     {MMU_ARCH_X86, "efer.lme", 0},
             {MMU_ARCH_X86, "maxphyaddr", 53}, {MMU_ARCH_X86, "maxphyaddr", 31},
             {MMU_ARCH_ARM, "tcr_el1.tg0", 1}, {MMU_ARCH_ARM, "tcr_el1.tg1", 3},
             {MMU_ARCH_RISCV, "satp.mode", 1}, {MMU_ARCH_RISCV, "paddr_bits", 56}};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct sysregs r;
    struct mmu_context c;
    char err[256] = "";
    sysregs_reset(&r, bad[i].arch);
    set(&r, bad[i].reg, bad[i].value);
    assert_int_equal(sysregs_context(&r, MMU_USER, &c, err, sizeof err), -1);
    assert_true(strlen(err) > 10);
  }
  struct sysregs r;
  sysregs_reset(&r, MMU_ARCH_ARM);
  assert_int_equal(sysregs_set(&r, "cr3", 0), -1);
  assert_int_equal(sysregs_set(&r, "tcr_el1.t0sz", 64), -2);
}

static int parse(const char *text, enum mmu_arch arch, struct statement *s) {
  char line[256];
  char err[512];
  snprintf(line, sizeof line, "%s", text);
  s->line = 1;
  return statement_parse(line, arch, s, err, sizeof err);
}

static void statements(void **state) {
  (void)state;
  struct statement s;
  assert_int_equal(parse("  # nothing\n", MMU_ARCH_COUNT, &s), 0);
  assert_int_equal(s.kind, STATEMENT_NONE);
  assert_int_equal(parse("mem 0x1000 1 0xffffffffffffffff # two\n", MMU_ARCH_X86, &s), 0);
  assert_int_equal(s.kind, STATEMENT_MEM);
  assert_int_equal(s.count, 2);
  assert_true(s.value[1] == UINT64_MAX);
  assert_int_equal(parse("error 0x1004 parity", MMU_ARCH_X86, &s), 0);
  assert_int_equal(s.last, 0x1007);
  assert_int_equal(s.error, MMU_MEM_PARITY);
  assert_int_equal(parse("rmw s 0x1000 4 insn=0x12345678 cacheop", MMU_ARCH_ARM, &s), 0);
  assert_int_equal(s.kind, STATEMENT_ACCESS);
  assert_int_equal(s.access.kind, MMU_RMW);
  assert_int_equal(s.access.size, 2);
  assert_int_equal(s.access.op, MMU_OP_CACHE);
  assert_int_equal(s.access.insn, 0x12345678);
  assert_int_equal(s.priv, MMU_SUPERVISOR);
  assert_int_equal(parse("memory uncached 20", MMU_ARCH_COUNT, &s), 0);
  assert_int_equal(s.cycles, 20);
  assert_int_equal(parse("stage2 pass", MMU_ARCH_X86, &s), 0);
  assert_int_equal(s.s2_mode, MMU_S2_PASS);
}

static void invalidations(void **state) {
  (void)state;
  static const struct {
    const char *line;
    enum mmu_arch arch;
    uint8_t kind;
    uint64_t addr;
    bool has_asid;
    uint16_t asid;
  } ops[] = {
      {"invlpg 0x5000", MMU_ARCH_X86, MMU_INV_X86_INVLPG, 0x5000, false, 0},
      {"mov cr3", MMU_ARCH_X86, MMU_INV_X86_CR3, 0, false, 0},
      {"mov cr4.pge", MMU_ARCH_X86, MMU_INV_X86_ALL, 0, false, 0},
      {"invpcid 0 7 0x5000", MMU_ARCH_X86, MMU_INV_X86_PCID_ADDR, 0x5000, true, 7},
      {"invpcid 1 7", MMU_ARCH_X86, MMU_INV_X86_PCID, 0, true, 7},
      {"invpcid 2", MMU_ARCH_X86, MMU_INV_X86_ALL_GLOBAL, 0, false, 0},
      {"invpcid 3", MMU_ARCH_X86, MMU_INV_X86_ALL_PCID, 0, false, 0},
      {"tlbi vmalle1", MMU_ARCH_ARM, MMU_INV_ARM_VMALLE1, 0, false, 0},
      {"tlbi vae1 0x5000", MMU_ARCH_ARM, MMU_INV_ARM_VAE1, 0x5000, false, 0},
      {"tlbi vale1 0x5000 9", MMU_ARCH_ARM, MMU_INV_ARM_VALE1, 0x5000, true, 9},
      {"tlbi vaae1 0x5000", MMU_ARCH_ARM, MMU_INV_ARM_VAAE1, 0x5000, false, 0},
      {"tlbi vaale1 0x5000", MMU_ARCH_ARM, MMU_INV_ARM_VAALE1, 0x5000, false, 0},
      {"tlbi aside1 3", MMU_ARCH_ARM, MMU_INV_ARM_ASIDE1, 0, true, 3},
      {"sfence.vma", MMU_ARCH_RISCV, MMU_INV_RISCV_ALL, 0, true, 0},
      {"sfence.vma 0x5000", MMU_ARCH_RISCV, MMU_INV_RISCV_ADDR, 0x5000, true, 0},
      {"sfence.vma x0 5", MMU_ARCH_RISCV, MMU_INV_RISCV_ASID, 0, true, 5},
      {"sfence.vma 0x5000 5", MMU_ARCH_RISCV, MMU_INV_RISCV_ADDR_ASID, 0x5000, true, 5},
  };
  for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
    struct statement s;
    assert_int_equal(parse(ops[i].line, ops[i].arch, &s), 0);
    assert_int_equal(s.kind, STATEMENT_INVAL);
    assert_int_equal(s.inval.kind, ops[i].kind);
    assert_int_equal(s.inval.addr, ops[i].addr);
    assert_int_equal(s.has_asid, ops[i].has_asid);
    assert_int_equal(s.inval.asid, ops[i].asid);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(x86_controls),   cmocka_unit_test(arm_controls),
      cmocka_unit_test(riscv_controls), cmocka_unit_test(what_is_not_modelled_is_refused),
      cmocka_unit_test(statements),     cmocka_unit_test(invalidations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
