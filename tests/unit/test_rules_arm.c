/* SPDX-License-Identifier: Apache-2.0
 * The C rules of Armv8-A against the Arm ARM (DDI 0487, D8 and the AArch64 translation
 * pseudocode): one row per rule. Expectations are written from the text, not computed. Arm's
 * level is 3 - height. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "rules/rules.h"

enum { PAGE = 3, TABLE = 3, BLOCK = 1, AP1 = 1 << 6, AP2 = 1 << 7, AF = 1 << 10, NG = 1 << 11 };
#define DBM (UINT64_C(1) << 51)
#define PXN (UINT64_C(1) << 53)
#define UXN (UINT64_C(1) << 54)
#define PXNT (UINT64_C(1) << 59)
#define UXNT (UINT64_C(1) << 60)
#define APT0 (UINT64_C(1) << 61)
#define APT1 (UINT64_C(1) << 62)

static const struct rules_ops *rules;

static struct mmu_context context(void) {
  return (struct mmu_context){.s1_mode = MMU_S1_ARM_4K,
                              .s1_root0 = 0x1000,
                              .s1_root1 = 0x2000,
                              .t0sz = 16,
                              .t1sz = 16,
                              .pa_width = 40,
                              .priv = MMU_SUPERVISOR};
}

static struct rules_step step_under(const struct mmu_context *c, uint8_t kind, uint8_t level,
                                    uint64_t pte, uint8_t above) {
  struct rules_step s;
  struct mmu_access a = {.kind = kind, .size = 3};
  rules->step(c, &a, 0, level, false, pte, above, false, &s);
  return s;
}

static struct rules_step step(const struct mmu_context *c, uint8_t kind, uint8_t level,
                              uint64_t pte) {
  return step_under(c, kind, level, pte, RULES_ALL_RIGHTS);
}

static void expect_fault(const struct mmu_context *c, uint8_t kind, uint8_t level, uint64_t pte,
                         uint8_t cause) {
  struct rules_step s = step(c, kind, level, pte);
  assert_int_equal(s.kind, RULES_FAULT);
  assert_int_equal(s.cause, cause);
  assert_false(s.update);
}

static uint8_t root_cause(const struct mmu_context *c, uint8_t kind, uint64_t va) {
  struct rules_root r;
  struct mmu_access a = {.kind = kind};
  rules->root(c, &a, va, &r);
  if (r.cause != MMU_CAUSE_NONE) assert_int_equal(r.level, 3); /* reported at level 0 */
  return r.cause;
}

/* D8.2: the input address range of each half, the tag byte, EPD, the base's size. */
static void ranges(void **state) {
  (void)state;
  struct mmu_context c = context();
  assert_int_equal(root_cause(&c, MMU_READ, 0x0000ffffffffffff), MMU_CAUSE_NONE);
  assert_int_equal(root_cause(&c, MMU_READ, 0x0001000000000000), MMU_CAUSE_NON_CANONICAL);
  assert_int_equal(root_cause(&c, MMU_READ, 0xffff000000000000), MMU_CAUSE_NONE);
  assert_int_equal(root_cause(&c, MMU_READ, 0xfffe000000000000), MMU_CAUSE_NON_CANONICAL);
  assert_int_equal(root_cause(&c, MMU_READ, 0xab00000000001000), MMU_CAUSE_NON_CANONICAL);
  c.tbi0 = true;
  assert_int_equal(root_cause(&c, MMU_READ, 0xab00000000001000), MMU_CAUSE_NONE);
  assert_int_equal(root_cause(&c, MMU_FETCH, 0xab00000000001000), MMU_CAUSE_NON_CANONICAL);
  assert_int_equal(root_cause(&c, MMU_READ, 0xab80000000001000), MMU_CAUSE_NON_CANONICAL);
  assert_int_equal(root_cause(&c, MMU_READ, 0xabff000000001000), MMU_CAUSE_NON_CANONICAL);
  c.tbi1 = true;
  assert_int_equal(root_cause(&c, MMU_READ, 0xabff000000001000), MMU_CAUSE_NONE);
  c.epd0 = true;
  assert_int_equal(root_cause(&c, MMU_READ, 0x1000), MMU_CAUSE_ROOT_DISABLED);
  assert_int_equal(root_cause(&c, MMU_READ, 0x0001000000000000), MMU_CAUSE_NON_CANONICAL);
  assert_int_equal(root_cause(&c, MMU_READ, 0xffff000000001000), MMU_CAUSE_NONE);
  c.epd1 = true;
  assert_int_equal(root_cause(&c, MMU_READ, 0xffff000000001000), MMU_CAUSE_ROOT_DISABLED);
  c.epd0 = c.epd1 = false;
  c.s1_root0 = UINT64_C(1) << 40;
  assert_int_equal(root_cause(&c, MMU_READ, 0x1000), MMU_CAUSE_ROOT_SIZE);
  assert_int_equal(root_cause(&c, MMU_READ, 0xffff000000001000), MMU_CAUSE_NONE);
}

/* D8.2.8, 4 KiB granule: TxSZ 16..24 starts at level 0, 25..33 at 1, 34..42 at 2, 43..48 at 3. */
static void start_levels(void **state) {
  (void)state;
  struct mmu_context c = context();
  struct mmu_access a = {.kind = MMU_READ};
  for (uint8_t tsz = 16; tsz <= 48; tsz++) {
    struct rules_root r;
    uint8_t level = tsz <= 24 ? 0 : tsz <= 33 ? 1 : tsz <= 42 ? 2 : 3;
    c.t0sz = tsz;
    c.s1_root0 = 0x1fff8; /* the low bits below the table's size do not count */
    rules->root(&c, &a, 0x1000, &r);
    assert_int_equal(r.cause, MMU_CAUSE_NONE);
    assert_int_equal(r.level, 3 - level);
    unsigned index_bits = 64U - tsz - 12U - 9U * (3U - level);
    assert_int_equal(r.index_bits, index_bits);
    assert_int_equal(r.table, 0x1fff8 & ~((UINT64_C(8) << index_bits) - 1));
    rules->root(&c, &a, UINT64_C(1) << (64 - tsz), &r);
    assert_int_equal(r.cause, MMU_CAUSE_NON_CANONICAL);
    rules->root(&c, &a, (UINT64_C(1) << (64 - tsz)) - 1, &r);
    assert_int_equal(r.cause, MMU_CAUSE_NONE);
  }
}

/* What is compared when an entry is looked up: the address without its ignored tag. */
static void tags(void **state) {
  (void)state;
  struct mmu_context c = context();
  struct mmu_access read = {.kind = MMU_READ}, fetch = {.kind = MMU_FETCH};
  const uint64_t low = 0xab00123456789000, high = 0xabff923456789000;
  assert_int_equal(rules->address(&c, &read, low), low);
  assert_int_equal(rules->address(&c, &read, high), high);
  c.tbi0 = true;
  assert_int_equal(rules->address(&c, &read, low), 0x0000123456789000);
  assert_int_equal(rules->address(&c, &read, high), high);
  assert_int_equal(rules->address(&c, &fetch, low), low);
  c.tbi1 = true;
  for (unsigned tag = 0; tag < 256; tag++)
    assert_int_equal(rules->address(&c, &read, (high << 8 >> 8) | (uint64_t)tag << 56),
                     0xffff923456789000);
}

/* TxSZ outside 16..48 translates nothing. */
static void no_such_range(void **state) {
  (void)state;
  static const uint8_t tsz[] = {0, 1, 15, 49, 63};
  struct mmu_context c = context();
  for (size_t i = 0; i < sizeof tsz; i++) {
    c.t0sz = tsz[i];
    assert_int_equal(root_cause(&c, MMU_READ, 0), MMU_CAUSE_NON_CANONICAL);
    assert_int_equal(root_cause(&c, MMU_READ, 0xffff000000001000), MMU_CAUSE_NONE);
  }
}

/* D8.3.1: descriptor types. A 1 GiB block at level 1, 2 MiB at level 2, none at level 0. */
static void types(void **state) {
  (void)state;
  struct mmu_context c = context();
  for (uint8_t level = 0; level < 4; level++) {
    expect_fault(&c, MMU_READ, level, 0, MMU_CAUSE_NOT_PRESENT);
    expect_fault(&c, MMU_READ, level, ~UINT64_C(1), MMU_CAUSE_NOT_PRESENT);
  }
  expect_fault(&c, MMU_READ, 0, BLOCK | AF, MMU_CAUSE_RESERVED);
  expect_fault(&c, MMU_READ, 3, BLOCK | AF, MMU_CAUSE_RESERVED);
  struct rules_step s = step(&c, MMU_READ, 3, TABLE | 0x12345000);
  assert_int_equal(s.kind, RULES_TABLE);
  assert_int_equal(s.next, 0x12345000);
  s = step(&c, MMU_READ, 2, BLOCK | AF | 0x40000000);
  assert_int_equal(s.kind, RULES_LEAF);
  assert_int_equal(s.shift, 30);
  assert_int_equal(s.next, 0x40000000);
  s = step(&c, MMU_READ, 1, BLOCK | AF | 0x40200000);
  assert_int_equal(s.shift, 21);
  assert_int_equal(s.next, 0x40200000);
  s = step(&c, MMU_READ, 0, PAGE | AF | 0x40201000 | 5 << 2 | 3 << 8);
  assert_int_equal(s.shift, 12);
  assert_int_equal(s.next, 0x40201000);
  assert_int_equal(s.attrs, 3 << 3 | 5);
  assert_true(s.global);
  assert_false(step(&c, MMU_READ, 0, PAGE | AF | NG).global);
}

/* AArch64_S1Walk and S1Translate: address size, then access flag, then permission. */
static void order(void **state) {
  (void)state;
  struct mmu_context c = context();
  const uint64_t far = UINT64_C(1) << 40;
  for (uint8_t level = 1; level < 4; level++)
    expect_fault(&c, MMU_READ, level, TABLE | far, MMU_CAUSE_ADDRESS_SIZE);
  c.priv = MMU_USER;
  expect_fault(&c, MMU_READ, 0, PAGE | far, MMU_CAUSE_ADDRESS_SIZE);
  expect_fault(&c, MMU_READ, 0, PAGE, MMU_CAUSE_ACCESS_FLAG);
  expect_fault(&c, MMU_READ, 0, PAGE | AF, MMU_CAUSE_PERMISSION);
  c.s1_hw_a = true;
  expect_fault(&c, MMU_READ, 0, PAGE | far, MMU_CAUSE_ADDRESS_SIZE);
  expect_fault(&c, MMU_READ, 0, PAGE, MMU_CAUSE_PERMISSION);
  /* bits 51:48 hold no address with this granule */
  assert_int_equal(step(&c, MMU_READ, 0, PAGE | AF | AP1 | UINT64_C(7) << 48).next, 0);
}

struct row {
  uint64_t pte, above;
  uint8_t kind;
  bool user, pan, wxn, hpd, allowed;
};

/* D8.4: direct and hierarchical permissions, PAN, WXN, and EL0-writable means never executable
 * at EL1. */
static void rights(void **state) {
  (void)state;
  const struct row row[] = {
      {.pte = 0, .kind = MMU_READ, .allowed = true},
      {.pte = 0, .kind = MMU_WRITE, .allowed = true},
      {.pte = 0, .kind = MMU_READ, .user = true},
      {.pte = AP2, .kind = MMU_READ, .allowed = true},
      {.pte = AP2, .kind = MMU_WRITE},
      {.pte = AP2, .kind = MMU_RMW},
      {.pte = AP1, .kind = MMU_READ, .user = true, .allowed = true},
      {.pte = AP1, .kind = MMU_WRITE, .user = true, .allowed = true},
      {.pte = AP1 | AP2, .kind = MMU_READ, .user = true, .allowed = true},
      {.pte = AP1 | AP2, .kind = MMU_WRITE, .user = true},
      {.pte = AP1 | AP2, .kind = MMU_WRITE},
      {.pte = AP1, .kind = MMU_WRITE, .allowed = true},
      /* execution */
      {.pte = 0, .kind = MMU_FETCH, .allowed = true},
      {.pte = PXN, .kind = MMU_FETCH},
      {.pte = UXN, .kind = MMU_FETCH, .allowed = true},
      {.pte = AP1, .kind = MMU_FETCH}, /* writable at EL0 */
      {.pte = AP1 | AP2, .kind = MMU_FETCH, .allowed = true},
      {.pte = AP1, .kind = MMU_FETCH, .user = true, .allowed = true},
      {.pte = AP1 | UXN, .kind = MMU_FETCH, .user = true},
      {.pte = AP1 | PXN, .kind = MMU_FETCH, .user = true, .allowed = true},
      {.pte = 0, .kind = MMU_FETCH, .user = true, .allowed = true}, /* execute-only at EL0 */
      /* WXN */
      {.pte = 0, .kind = MMU_FETCH, .wxn = true},
      {.pte = AP2, .kind = MMU_FETCH, .wxn = true, .allowed = true},
      {.pte = AP1, .kind = MMU_FETCH, .user = true, .wxn = true},
      {.pte = AP1 | AP2, .kind = MMU_FETCH, .user = true, .wxn = true, .allowed = true},
      {.pte = 0, .kind = MMU_FETCH, .user = true, .wxn = true, .allowed = true},
      /* PAN */
      {.pte = AP1, .kind = MMU_READ, .pan = true},
      {.pte = AP1, .kind = MMU_WRITE, .pan = true},
      {.pte = 0, .kind = MMU_WRITE, .pan = true, .allowed = true},
      {.pte = AP1, .kind = MMU_READ, .pan = true, .user = true, .allowed = true},
      {.pte = AP1 | AP2, .kind = MMU_FETCH, .pan = true, .allowed = true},
      /* hierarchical */
      {.pte = AP1, .above = APT0, .kind = MMU_READ, .user = true},
      {.pte = AP1, .above = APT0, .kind = MMU_READ, .allowed = true},
      {.pte = AP1, .above = APT0, .kind = MMU_READ, .pan = true, .allowed = true},
      {.pte = AP1, .above = APT0, .kind = MMU_FETCH, .allowed = true},
      {.pte = AP1, .above = APT0, .kind = MMU_READ, .user = true, .hpd = true, .allowed = true},
      {.pte = 0, .above = APT1, .kind = MMU_WRITE},
      {.pte = 0, .above = APT1, .kind = MMU_READ, .allowed = true},
      {.pte = AP1, .above = APT1, .kind = MMU_FETCH, .allowed = true},
      {.pte = 0, .above = APT1, .kind = MMU_WRITE, .hpd = true, .allowed = true},
      {.pte = 0, .above = PXNT, .kind = MMU_FETCH},
      {.pte = 0, .above = UXNT, .kind = MMU_FETCH, .allowed = true},
      {.pte = AP1, .above = UXNT, .kind = MMU_FETCH, .user = true},
      {.pte = AP1, .above = PXNT, .kind = MMU_FETCH, .user = true, .allowed = true},
      {.pte = 0, .above = PXNT, .kind = MMU_FETCH, .hpd = true, .allowed = true}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    struct mmu_context c = context();
    c.priv = row[i].user ? MMU_USER : MMU_SUPERVISOR;
    c.pan = row[i].pan;
    c.wxn = row[i].wxn;
    c.hpd0 = row[i].hpd;
    uint8_t above = step(&c, row[i].kind, 3, TABLE | row[i].above).rights;
    for (uint8_t level = 0; level < 3; level++) {
      uint64_t leaf = row[i].pte | AF | (level == 0 ? PAGE : BLOCK);
      struct rules_step s = step_under(&c, row[i].kind, level, leaf, above);
      assert_int_equal(s.kind, row[i].allowed ? RULES_LEAF : RULES_FAULT);
      if (!row[i].allowed) assert_int_equal(s.cause, MMU_CAUSE_PERMISSION);
    }
  }
}

/* D8.4.6: FEAT_HAFDBS. */
static void accessed_dirty(void **state) {
  (void)state;
  struct mmu_context c = context();
  expect_fault(&c, MMU_WRITE, 0, PAGE | AF | AP2 | DBM, MMU_CAUSE_PERMISSION);
  c.s1_hw_a = true;
  struct rules_step s = step(&c, MMU_READ, 0, PAGE);
  assert_true(s.update);
  assert_int_equal(s.new_pte, PAGE | AF);
  expect_fault(&c, MMU_WRITE, 0, PAGE | AP2 | DBM, MMU_CAUSE_PERMISSION); /* HD=0: read-only */
  c.s1_hw_d = true;
  s = step(&c, MMU_WRITE, 0, PAGE | AP2 | DBM);
  assert_int_equal(s.kind, RULES_LEAF);
  assert_true(s.update);
  assert_int_equal(s.new_pte, PAGE | AF | DBM);
  assert_true(s.dirty);
  s = step(&c, MMU_READ, 0, PAGE | AF | AP2 | DBM);
  assert_false(s.update);
  assert_false(s.dirty);
  s = step(&c, MMU_WRITE, 0, PAGE | AF | DBM);
  assert_false(s.update);
  expect_fault(&c, MMU_WRITE, 0, PAGE | AF | AP2, MMU_CAUSE_PERMISSION); /* no DBM */
  /* a table that forbids writes wins over DBM */
  uint8_t above = step(&c, MMU_WRITE, 3, TABLE | APT1).rights;
  s = step_under(&c, MMU_WRITE, 0, PAGE | AF | AP2 | DBM, above);
  assert_int_equal(s.cause, MMU_CAUSE_PERMISSION);
  /* the dirty state counts as writable for execution too */
  expect_fault(&c, MMU_FETCH, 0, PAGE | AF | AP1 | AP2 | DBM, MMU_CAUSE_PERMISSION);
  c.s1_hw_a = false; /* HD without HA does nothing */
  expect_fault(&c, MMU_WRITE, 0, PAGE | AF | AP2 | DBM, MMU_CAUSE_PERMISSION);
}

/* Maintenance and AT instructions: no dirty state, no PAN. */
static void operations(void **state) {
  (void)state;
  struct mmu_context c = context();
  c.s1_hw_a = c.s1_hw_d = c.pan = true;
  struct mmu_access a = {.kind = MMU_WRITE, .op = MMU_OP_TRANSLATE};
  struct rules_step s;
  rules->step(&c, &a, 0, 0, false, PAGE | AP1 | AP2 | DBM, RULES_ALL_RIGHTS, false, &s);
  assert_int_equal(s.kind, RULES_LEAF);
  assert_int_equal(s.new_pte, PAGE | AF | AP1 | AP2 | DBM);
}

static uint64_t esr(uint8_t cause, uint8_t kind, uint8_t priv, uint8_t level, uint8_t op,
                    uint8_t gathered) {
  struct mmu_context c = context();
  struct mmu_access a = {.kind = kind, .op = op};
  struct mmu_fault f = {
      .gva = 0x1234, .cause = cause, .s1_level = (uint8_t)(3 - level), .s1_rights = gathered};
  struct mmu_syndrome s;
  c.priv = priv;
  rules->syndrome(&c, &a, &f, &s);
  assert_int_equal(s.reg[1], 0x1234);
  assert_int_equal(s.reg[2], 0);
  assert_false(s.to_hyp);
  return s.reg[0];
}

/* ESR_EL1: class, IL, WnR, CM and the status code (EncodeLDFSC). */
static void registers(void **state) {
  (void)state;
  static const struct {
    uint8_t cause, kind, priv, level, op, gathered;
    uint64_t esr;
  } row[] = {{MMU_CAUSE_NOT_PRESENT, MMU_READ, MMU_USER, 0, 0, 0, 0x92000004},
             {MMU_CAUSE_NOT_PRESENT, MMU_READ, MMU_SUPERVISOR, 3, 0, 0, 0x96000007},
             {MMU_CAUSE_RESERVED, MMU_WRITE, MMU_USER, 3, 0, 0, 0x92000047},
             {MMU_CAUSE_NON_CANONICAL, MMU_READ, MMU_USER, 0, 0, 0, 0x92000004},
             {MMU_CAUSE_ROOT_DISABLED, MMU_FETCH, MMU_USER, 0, 0, 0, 0x82000004},
             {MMU_CAUSE_ROOT_SIZE, MMU_READ, MMU_USER, 0, 0, 0, 0x92000000},
             {MMU_CAUSE_ADDRESS_SIZE, MMU_WRITE, MMU_SUPERVISOR, 2, 0, 0, 0x96000042},
             {MMU_CAUSE_ACCESS_FLAG, MMU_FETCH, MMU_SUPERVISOR, 1, 0, 0, 0x86000009},
             {MMU_CAUSE_PERMISSION, MMU_WRITE, MMU_USER, 3, 0, 0, 0x9200004f},
             {MMU_CAUSE_PERMISSION, MMU_FETCH, MMU_USER, 2, 0, 0, 0x8200000e},
             {MMU_CAUSE_BUS, MMU_READ, MMU_USER, 1, 0, 0, 0x92000215},
             {MMU_CAUSE_PARITY, MMU_FETCH, MMU_USER, 2, 0, 0, 0x8200021e},
             {MMU_CAUSE_NO_ATOMIC, MMU_WRITE, MMU_USER, 3, 0, 0, 0x92000071},
             {MMU_CAUSE_NOT_PRESENT, MMU_READ, MMU_SUPERVISOR, 3, MMU_OP_CACHE, 0, 0x96000147},
             {MMU_CAUSE_NOT_PRESENT, MMU_READ, MMU_SUPERVISOR, 3, MMU_OP_TRANSLATE, 0, 0x96000147},
             /* a read-modify-write is a write only if a read would have passed */
             {MMU_CAUSE_NOT_PRESENT, MMU_RMW, MMU_USER, 3, 0, 0, 0x92000007},
             {MMU_CAUSE_PERMISSION, MMU_RMW, MMU_USER, 3, 0, MMU_R_UR, 0x9200004f},
             {MMU_CAUSE_PERMISSION, MMU_RMW, MMU_USER, 3, 0, MMU_R_SR, 0x9200000f}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    assert_int_equal(
        esr(row[i].cause, row[i].kind, row[i].priv, row[i].level, row[i].op, row[i].gathered),
        row[i].esr);
}

/* TLBI: near own ASID, near other, near global, far own, far other. */
static void invalidation(void **state) {
  (void)state;
  static const struct {
    uint8_t kind;
    const char *leaf, *pointer;
  } row[] = {{MMU_INV_ARM_VMALLE1, "yyyyy", "yyyyy"}, {MMU_INV_ARM_VAE1, "y.y..", "y...."},
             {MMU_INV_ARM_VALE1, "y.y..", "....."},   {MMU_INV_ARM_VAAE1, "yyy..", "yy..."},
             {MMU_INV_ARM_VAALE1, "yyy..", "....."},  {MMU_INV_ARM_ASIDE1, "y..y.", "y..y."}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    /* the top byte of the operand is no address */
    struct mmu_inval inv = {.kind = row[i].kind, .addr = 0xab00000040234000, .asid = 7};
    for (int pointer = 0; pointer < 2; pointer++) {
      for (int e = 0; e < 5; e++) {
        struct rules_entry entry = {.va = e >= 3 ? 0x80000000 : 0x40200000,
                                    .shift = 21,
                                    .asid = e == 0 || e == 3 ? 7 : 8,
                                    .global = e == 2,
                                    .pointer = pointer != 0};
        const char *want = pointer ? row[i].pointer : row[i].leaf;
        if (pointer && e == 2) continue;
        assert_int_equal(rules->covers(&inv, &entry), want[e] == 'y');
        entry.vmid = 1;
        assert_false(rules->covers(&inv, &entry));
      }
    }
  }
}

/* An operation of another architecture ends nothing. */
static void foreign_operations(void **state) {
  (void)state;
  struct rules_entry e = {.va = 0x1000, .shift = 12};
  for (unsigned kind = 0; kind < MMU_INV_ARM_VMALLE1; kind++) {
    struct mmu_inval inv = {.kind = (uint8_t)kind, .addr = 0x1000};
    assert_false(rules->covers(&inv, &e));
  }
}

int main(void) {
  rules = rules_of(MMU_ARCH_ARM);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ranges),
      cmocka_unit_test(start_levels),
      cmocka_unit_test(no_such_range),
      cmocka_unit_test(tags),
      cmocka_unit_test(foreign_operations),
      cmocka_unit_test(types),
      cmocka_unit_test(order),
      cmocka_unit_test(rights),
      cmocka_unit_test(accessed_dirty),
      cmocka_unit_test(operations),
      cmocka_unit_test(registers),
      cmocka_unit_test(invalidation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
