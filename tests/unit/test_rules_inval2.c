/* SPDX-License-Identifier: Apache-2.0
 * What an invalidation covers where there is a stage 2: the table at the end of docs/stage2.md,
 * cell by cell, for each kind of entry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "rules/arm_range.h"
#include "rules/rules.h"

enum { VA = 0x40005000, OTHER = 0x7000000, ROOT = 0x12345000, ASID = 3, VMID = 9 };

/* The entries, by letter:
 *   t translation   g global one   o of another address   p pointer   q pointer of another address
 *   a of another ASID      v of another VMID      0 of VMID 0      r of another EPT root
 *   h the hypervisor's own (no stage 2)      1 the guest's, but without a stage 2
 *   n nested   m nested of another address   w nested of another VMID   s nested of another root */
static struct rules_entry entry(char letter, uint8_t s2_mode) {
  struct rules_entry e = {
      .va = VA, .s2_root = ROOT, .asid = ASID, .vmid = VMID, .s2_mode = s2_mode, .shift = 12};
  if (letter == 'g') e.global = true;
  if (letter == 'o' || letter == 'm' || letter == 'q') e.va = OTHER;
  if (letter == 'p' || letter == 'q') e.pointer = true, e.shift = 21;
  if (letter == 'a') e.asid++;
  if (letter == 'v' || letter == 'w') e.vmid++;
  if (letter == '0') e.vmid = 0;
  if (letter == 'r' || letter == 's') e.s2_root ^= 0x1000;
  if (letter == 'h') e.regime = 1, e.s2_mode = MMU_S2_OFF, e.s2_root = 0;
  if (letter == '1') e.s2_mode = MMU_S2_OFF, e.s2_root = 0;
  if (letter == 'n' || letter == 'm' || letter == 'w' || letter == 's') {
    e.nested = true;
    e.asid = 0;
    e.regime = letter == 'n'; /* of no account: it has none */
  }
  return e;
}
static const char letters[] = "tgopqav0rh1nmws";

struct row {
  uint8_t kind, s2_mode;
  uint64_t addr;
  const char *covered;
};

static void check(enum mmu_arch arch, const struct row *row, size_t rows) {
  for (size_t i = 0; i < rows; i++) {
    const struct mmu_inval inv = {
        .kind = row[i].kind, .addr = row[i].addr, .asid = ASID, .vmid = VMID};
    for (const char *l = letters; *l != 0; l++) {
      struct rules_entry e = entry(*l, row[i].s2_mode);
      bool want = false;
      for (const char *c = row[i].covered; *c != 0; c++)
        if (*c == *l) want = true;
      if (rules_of(arch)->covers(&inv, &e) != want)
        fail_msg("operation %u, stage 2 mode %u: entry %c %s", row[i].kind, row[i].s2_mode, *l,
                 want ? "stays" : "goes");
    }
  }
}
#define CHECK(arch, rows) check(arch, rows, sizeof(rows) / sizeof((rows)[0]))

static void intel(void **state) {
  (void)state;
  static const struct row row[] = {
      {MMU_INV_X86_INVLPG, MMU_S2_EPT, VA, "tgpqr1"},
      {MMU_INV_X86_CR3, MMU_S2_EPT, 0, "topqr1"},
      {MMU_INV_X86_PCID, MMU_S2_EPT, 0, "topqr1"},
      {MMU_INV_X86_PCID_ADDR, MMU_S2_EPT, VA, "tpr1"},
      {MMU_INV_X86_ALL, MMU_S2_EPT, 0, "tgopqar1"},
      {MMU_INV_X86_ALL_GLOBAL, MMU_S2_EPT, 0, "tgopqar1"},
      {MMU_INV_X86_ALL_PCID, MMU_S2_EPT, 0, "topqar1"},
      {MMU_INV_X86_VPID_ADDR, MMU_S2_EPT, VA, "tgpar1"},
      {MMU_INV_X86_VPID, MMU_S2_EPT, 0, "tgopqar1"},
      {MMU_INV_X86_VPID_ALL, MMU_S2_EPT, 0, "tgopqavr1"},
      {MMU_INV_X86_VPID_LOCAL, MMU_S2_EPT, 0, "topqar1"},
      {MMU_INV_X86_EPT, MMU_S2_EPT, ROOT, "tgopqav0nmw"},
      {MMU_INV_X86_EPT, MMU_S2_EPT, ROOT | 0x5e, "tgopqav0nmw"}, /* the EPTP of write-back, A/D */
      {MMU_INV_X86_EPT, MMU_S2_EPT, ROOT ^ 0x1000, "rs"},
      {MMU_INV_X86_EPT_ALL, MMU_S2_EPT, 0, "tgopqav0rnmws"},
      {MMU_INV_X86_EPT, MMU_S2_NPT, ROOT, ""},
      {MMU_INV_X86_EPT_ALL, MMU_S2_NPT, 0, ""},
  };
  CHECK(MMU_ARCH_X86, row);
  /* also of the hypervisor's regime, if it came by EPT */
  const struct mmu_inval inv = {.kind = MMU_INV_X86_EPT, .addr = ROOT, .regime = 1};
  struct rules_entry e = entry('t', MMU_S2_EPT);
  assert_true(rules_x86.covers(&inv, &e));
}

static void amd(void **state) {
  (void)state;
  static const struct row row[] = {
      {MMU_INV_X86_INVLPG, MMU_S2_NPT, VA, "tgpqr1"},
      {MMU_INV_X86_ALL, MMU_S2_NPT, 0, "tgopqar1"},
      {MMU_INV_AMD_ADDR, MMU_S2_NPT, VA, "tgpar1"},
      {MMU_INV_AMD_ASID, MMU_S2_NPT, 0, "tgopqar1nms"},
      {MMU_INV_AMD_ALL, MMU_S2_NPT, 0, letters},
  };
  CHECK(MMU_ARCH_X86, row);
}

static void arm(void **state) {
  (void)state;
  const uint64_t range = rules_arm_range_operand(VA, VA + 0x1fff);
  const uint64_t level2 = (range & ~UINT64_C(0x1ff)) | UINT64_C(2) << 37;
  const struct row row[] = {
      {MMU_INV_ARM_VMALLE1, MMU_S2_ARM, 0, "tgopqar1"},
      {MMU_INV_ARM_VAE1, MMU_S2_ARM, VA, "tgpr1"},
      {MMU_INV_ARM_VALE1, MMU_S2_ARM, VA, "tgr1"},
      {MMU_INV_ARM_VAAE1, MMU_S2_ARM, VA, "tgpar1"},
      {MMU_INV_ARM_VAALE1, MMU_S2_ARM, VA, "tgar1"},
      {MMU_INV_ARM_ASIDE1, MMU_S2_ARM, 0, "topqr1"},
      {MMU_INV_ARM_RVAE1, MMU_S2_ARM, range, "tgpr1"},
      {MMU_INV_ARM_IPAS2E1, MMU_S2_ARM, VA, "ns"},
      {MMU_INV_ARM_IPAS2LE1, MMU_S2_ARM, VA, "ns"},
      {MMU_INV_ARM_IPAS2E1, MMU_S2_ARM, OTHER, "m"},
      {MMU_INV_ARM_RIPAS2E1, MMU_S2_ARM, range, "ns"},
      {MMU_INV_ARM_RIPAS2LE1, MMU_S2_ARM, range, "ns"},
      {MMU_INV_ARM_RIPAS2LE1, MMU_S2_ARM, level2, ""}, /* blocks of 2 MiB */
      {MMU_INV_ARM_RIPAS2E1, MMU_S2_ARM, 0, ""},       /* another granule */
      {MMU_INV_ARM_VMALLS12E1, MMU_S2_ARM, 0, "tgopqar1nms"},
      {MMU_INV_ARM_ALLE1, MMU_S2_ARM, 0, "tgopqav0r1nmws"},
  };
  CHECK(MMU_ARCH_ARM, row);
}

static void riscv(void **state) {
  (void)state;
  static const struct row row[] = {
      {MMU_INV_RISCV_ALL, MMU_S2_RISCV, 0, "tgopqar1"},
      {MMU_INV_RISCV_ADDR, MMU_S2_RISCV, VA, "tgar1"},
      {MMU_INV_RISCV_ASID, MMU_S2_RISCV, 0, "topqr1"},
      {MMU_INV_RISCV_ADDR_ASID, MMU_S2_RISCV, VA, "tr1"},
      {MMU_INV_RISCV_GVMA_ALL, MMU_S2_RISCV, 0, "tgopqav0rnmws"},
      {MMU_INV_RISCV_GVMA_VMID, MMU_S2_RISCV, 0, "tgopqarnms"},
      {MMU_INV_RISCV_GVMA_ADDR, MMU_S2_RISCV, VA >> 2, "tgopqav0rnws"},
      {MMU_INV_RISCV_GVMA_ADDR_VMID, MMU_S2_RISCV, VA >> 2, "tgopqarns"},
  };
  CHECK(MMU_ARCH_RISCV, row);
}

/* A level hint means stage 1's page, whatever stage 2 cut it into. */
static void hinted_level(void **state) {
  (void)state;
  const uint64_t base = VA & ~UINT64_C(0x1fffff);
  const uint64_t operand = (rules_arm_range_operand(base, base + 0x1fffff)) | UINT64_C(2) << 37;
  const struct mmu_inval inv = {
      .kind = MMU_INV_ARM_RVALE1, .addr = operand, .asid = ASID, .vmid = VMID};
  struct rules_entry e = entry('t', MMU_S2_ARM);
  assert_false(rules_arm.covers(&inv, &e));
  e.s1_shift = 21;
  assert_true(rules_arm.covers(&inv, &e));
}

/* Which operations may concern pointers at all. */
static void pointers(void **state) {
  (void)state;
  for (unsigned kind = 0; kind <= MMU_INV_RISCV_GVMA_ADDR_VMID; kind++) {
    bool some = false;
    for (unsigned arch = 0; arch < MMU_ARCH_COUNT; arch++) {
      static const uint8_t modes[] = {MMU_S2_EPT, MMU_S2_ARM, MMU_S2_RISCV};
      const struct mmu_inval inv = {.kind = (uint8_t)kind,
                                    .addr = kind == MMU_INV_X86_EPT ? ROOT : VA,
                                    .asid = ASID,
                                    .vmid = VMID};
      const struct mmu_inval range = {.kind = (uint8_t)kind,
                                      .addr = rules_arm_range_operand(VA, VA),
                                      .asid = ASID,
                                      .vmid = VMID};
      struct rules_entry e = entry('p', modes[arch]);
      some = some || rules_of(arch)->covers(&inv, &e) || rules_of(arch)->covers(&range, &e);
    }
    if (some != rules_ends_pointers((uint8_t)kind)) fail_msg("operation %u", kind);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(intel), cmocka_unit_test(amd),          cmocka_unit_test(arm),
      cmocka_unit_test(riscv), cmocka_unit_test(hinted_level), cmocka_unit_test(pointers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
