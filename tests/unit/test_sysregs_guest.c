// SPDX-License-Identifier: Apache-2.0
// A hypervisor's registers to the context of its guest, and its invalidations in translate files.
// Expectations are the bit positions of the manuals.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "rules/arm_range.h"
#include "translate/parse.h"
#include "translate/sysregs.h"

static struct mmu_context guest_of(const struct sysregs *r, enum mmu_s2_mode mode) {
  char err[256];
  struct mmu_context c;
  assert_int_equal(sysregs_guest_context(r, MMU_USER, mode, &c, err, sizeof err), 0);
  assert_int_equal(c.s2_mode, mode);
  return c;
}

static void refused(const struct sysregs *r, enum mmu_s2_mode mode, const char *text) {
  char err[256] = "";
  struct mmu_context c;
  assert_int_equal(sysregs_guest_context(r, MMU_USER, mode, &c, err, sizeof err), -1);
  if (strstr(err, text) == NULL) fail_msg("\"%s\" is not in \"%s\"", text, err);
}

static void set(struct sysregs *r, const char *name, uint64_t value) {
  assert_int_equal(sysregs_set(r, name, value), 0);
}

static void ept(void **state) {
  (void)state;
  struct sysregs r;
  sysregs_reset(&r, MMU_ARCH_X86);
  struct mmu_context c = guest_of(&r, MMU_S2_EPT);
  assert_int_equal(c.s2_top, 3);
  assert_true(c.s2_exec_only && c.s2_page1g && c.s2_exit_info);
  assert_false(c.s2_hw_a || c.s2_hw_d || c.s2_mbec || c.s2_nxe || c.s2_ptw || c.s2_mxr);
  assert_int_equal(c.s2_pa_width, 46);
  set(&r, "eptp", 0x000123456789a066); /* 5 levels, A and D */
  set(&r, "vpid", 0xbeef);
  set(&r, "mbec", 1);
  set(&r, "ept_vpid_cap", 1U << 17);
  set(&r, "maxphyaddr", 40);
  set(&r, "host_maxphyaddr", 52);
  c = guest_of(&r, MMU_S2_EPT);
  assert_int_equal(c.s2_root, 0x000123456789a000);
  assert_int_equal(c.s2_top, 4);
  assert_int_equal(c.vmid, 0xbeef);
  assert_true(c.s2_hw_a && c.s2_hw_d && c.s2_mbec && c.s2_page1g);
  assert_false(c.s2_exec_only || c.s2_exit_info);
  assert_int_equal(c.pa_width, 40);
  assert_int_equal(c.s2_pa_width, 52);
  set(&r, "eptp.pwl", 2);
  refused(&r, MMU_S2_EPT, "eptp.pwl");
  set(&r, "eptp.pwl", 3);
  set(&r, "host_maxphyaddr", 53);
  refused(&r, MMU_S2_EPT, "host_maxphyaddr");
}

static void npt(void **state) {
  (void)state;
  struct sysregs r;
  sysregs_reset(&r, MMU_ARCH_X86);
  struct mmu_context c = guest_of(&r, MMU_S2_NPT);
  assert_int_equal(c.s2_top, 3);
  assert_true(c.s2_hw_a && c.s2_hw_d && c.s2_nxe && c.s2_page1g);
  set(&r, "ncr3", 0x8000123456789fff);
  set(&r, "guest_asid", 7);
  set(&r, "host_cr4.la57", 1);
  set(&r, "host_efer", 1U << 8);
  c = guest_of(&r, MMU_S2_NPT);
  assert_int_equal(c.s2_root, 0x0000123456789000);
  assert_int_equal(c.s2_top, 4);
  assert_int_equal(c.vmid, 7);
  assert_false(c.s2_nxe);
  assert_true(c.nxe); /* the guest's own */
}

static void arm(void **state) {
  (void)state;
  struct sysregs r;
  sysregs_reset(&r, MMU_ARCH_ARM);
  struct mmu_context c = guest_of(&r, MMU_S2_ARM);
  assert_int_equal(c.s2_top, 3);
  assert_int_equal(c.s2_t0sz, 16);
  assert_int_equal(c.s2_pa_width, 48);
  assert_false(c.s2_hw_a || c.s2_hw_d || c.s2_ptw);
  set(&r, "vttbr_el2", 0x1234567890abcdef);
  static const uint8_t top[] = {1, 2, 3, 0};
  for (unsigned sl0 = 0; sl0 < 4; sl0++) {
    set(&r, "vtcr_el2", 24U | sl0 << 6 | 2U << 16 | 1U << 21 | 1U << 22);
    c = guest_of(&r, MMU_S2_ARM);
    assert_int_equal(c.s2_top, top[sl0]);
  }
  assert_int_equal(c.s2_root, 0x567890abcdee);
  assert_int_equal(c.vmid, 0x34);
  assert_int_equal(c.s2_t0sz, 24);
  assert_int_equal(c.s2_pa_width, 40);
  assert_true(c.s2_hw_a && c.s2_hw_d);
  set(&r, "vtcr_el2.vs", 1);
  set(&r, "vtcr_el2.ha", 0);
  set(&r, "hcr_el2", 5);
  c = guest_of(&r, MMU_S2_ARM);
  assert_int_equal(c.vmid, 0x1234);
  assert_false(c.s2_hw_a || c.s2_hw_d);
  assert_true(c.s2_ptw);
  set(&r, "vtcr_el2.tg0", 1);
  refused(&r, MMU_S2_ARM, "TG0");
  set(&r, "hcr_el2.vm", 0);
  refused(&r, MMU_S2_ARM, "HCR_EL2.VM");
}

static void riscv(void **state) {
  (void)state;
  struct sysregs r;
  sysregs_reset(&r, MMU_ARCH_RISCV);
  refused(&r, MMU_S2_RISCV, "hgatp.MODE");
  for (unsigned mode = 8; mode <= 10; mode++) {
    set(&r, "hgatp", (uint64_t)mode << 60 | UINT64_C(0x2345) << 44 | 0x12345678);
    struct mmu_context c = guest_of(&r, MMU_S2_RISCV);
    assert_int_equal(c.s2_top, mode - 6);
    assert_int_equal(c.vmid, 0x2345);
    assert_int_equal(c.s2_root, 0x12345678000);
    assert_int_equal(c.s1_mode, MMU_S1_OFF);
  }
  set(&r, "vsatp", UINT64_C(9) << 60 | UINT64_C(77) << 44 | 5);
  set(&r, "satp", UINT64_C(8) << 60 | 6);
  set(&r, "vsstatus", 1U << 18);
  set(&r, "sstatus", 1U << 19);
  set(&r, "henvcfg", UINT64_C(1) << 62);
  set(&r, "menvcfg", UINT64_C(1) << 61);
  set(&r, "paddr_bits", 44);
  struct mmu_context c = guest_of(&r, MMU_S2_RISCV);
  assert_int_equal(c.s1_mode, MMU_S1_SV48);
  assert_int_equal(c.s1_root0, 0x5000);
  assert_int_equal(c.asid, 77);
  assert_true(c.sum && c.pbmte && c.s2_mxr && c.s2_hw_a && c.s2_hw_d);
  assert_false(c.mxr || c.s1_hw_a || c.s2_pbmte);
  assert_int_equal(c.s2_pa_width, 44);
}

static struct mmu_inval inval_of(enum mmu_arch arch, const char *text, bool *has_vmid) {
  char line[128], err[256] = "";
  struct statement s = {0};
  snprintf(line, sizeof line, "%s", text);
  if (statement_parse(line, arch, &s, err, sizeof err) != 0) fail_msg("%s: %s", text, err);
  assert_int_equal(s.kind, STATEMENT_INVAL);
  *has_vmid = s.has_vmid;
  return s.inval;
}

static void invalidations(void **state) {
  (void)state;
  static const struct {
    enum mmu_arch arch;
    const char *text;
    uint8_t kind;
    uint64_t addr;
    uint16_t vmid;
    bool given;
  } row[] = {
      {MMU_ARCH_X86, "invvpid 0 3 0x5000", MMU_INV_X86_VPID_ADDR, 0x5000, 3, true},
      {MMU_ARCH_X86, "invvpid 1 4", MMU_INV_X86_VPID, 0, 4, true},
      {MMU_ARCH_X86, "invvpid 2", MMU_INV_X86_VPID_ALL, 0, 0, false},
      {MMU_ARCH_X86, "invvpid 3 5", MMU_INV_X86_VPID_LOCAL, 0, 5, true},
      {MMU_ARCH_X86, "invept 1 0x1005e", MMU_INV_X86_EPT, 0x1005e, 0, false},
      {MMU_ARCH_X86, "invept 2", MMU_INV_X86_EPT_ALL, 0, 0, false},
      {MMU_ARCH_X86, "invlpga 0x7000 6", MMU_INV_AMD_ADDR, 0x7000, 6, true},
      {MMU_ARCH_X86, "invlpga 0x7000", MMU_INV_AMD_ADDR, 0x7000, 0, false},
      {MMU_ARCH_X86, "tlb_control 1", MMU_INV_AMD_ALL, 0, 0, false},
      {MMU_ARCH_X86, "tlb_control 3 7", MMU_INV_AMD_ASID, 0, 7, true},
      {MMU_ARCH_ARM, "tlbi ipas2e1 0x5000", MMU_INV_ARM_IPAS2E1, 0x5000, 0, false},
      {MMU_ARCH_ARM, "tlbi ipas2le1 0x5000", MMU_INV_ARM_IPAS2LE1, 0x5000, 0, false},
      {MMU_ARCH_ARM, "tlbi vmalls12e1", MMU_INV_ARM_VMALLS12E1, 0, 0, false},
      {MMU_ARCH_ARM, "tlbi alle1", MMU_INV_ARM_ALLE1, 0, 0, false},
      {MMU_ARCH_ARM, "tlbi ripas2e1 xt 0x400000000005", MMU_INV_ARM_RIPAS2E1, 0x400000000005, 0,
       false},
      {MMU_ARCH_RISCV, "hfence.gvma", MMU_INV_RISCV_GVMA_ALL, 0, 0, false},
      {MMU_ARCH_RISCV, "hfence.gvma x0 9", MMU_INV_RISCV_GVMA_VMID, 0, 9, true},
      {MMU_ARCH_RISCV, "hfence.gvma 0x8000", MMU_INV_RISCV_GVMA_ADDR, 0x2000, 0, false},
      {MMU_ARCH_RISCV, "hfence.gvma 0x8000 9", MMU_INV_RISCV_GVMA_ADDR_VMID, 0x2000, 9, true},
      {MMU_ARCH_RISCV, "hfence.vvma 0x8000", MMU_INV_RISCV_ADDR, 0x8000, 0, false},
  };
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    bool given;
    struct mmu_inval v = inval_of(row[i].arch, row[i].text, &given);
    assert_int_equal(v.kind, row[i].kind);
    assert_int_equal(v.addr, row[i].addr);
    assert_int_equal(v.vmid, row[i].vmid);
    assert_int_equal(given, row[i].given);
  }
  bool given;
  struct rules_arm_range range;
  struct mmu_inval v = inval_of(MMU_ARCH_ARM, "tlbi ripas2le1 0x5000 0x6fff", &given);
  assert_int_equal(v.kind, MMU_INV_ARM_RIPAS2LE1);
  assert_true(rules_arm_range_of(v.addr, &range));
  assert_int_equal(range.first, 0x5000);
  assert_int_equal(range.last, 0x6fff);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ept),   cmocka_unit_test(npt),           cmocka_unit_test(arm),
      cmocka_unit_test(riscv), cmocka_unit_test(invalidations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
