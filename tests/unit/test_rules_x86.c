/* SPDX-License-Identifier: Apache-2.0
 * The C rules of x86-64 against the Intel SDM, volume 3: one row per rule, with its section.
 * Expectations are written from the manual's tables, not computed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "rules/rules.h"

#define XD (UINT64_C(1) << 63)
enum { P = 1, RW = 2, US = 4, PWT = 8, PCD = 16, A = 32, D = 64, PS = 128, G = 256 };
enum { ALL = P | RW | US | A | D };
#define ANY RULES_ALL_RIGHTS

static const struct rules_ops *rules;

static struct mmu_context context(void) {
  return (struct mmu_context){.s1_mode = MMU_S1_X86_L4,
                              .s1_root0 = 0x1000,
                              .pa_width = 40,
                              .wp = true,
                              .nxe = true,
                              .page1g = true,
                              .s1_hw_a = true,
                              .s1_hw_d = true};
}

static struct rules_step step(const struct mmu_context *c, uint8_t kind, uint8_t level,
                              uint64_t pte) {
  struct rules_step s;
  struct mmu_access a = {.kind = kind, .size = 3};
  rules->step(c, &a, 0, level, false, pte, ANY, false, &s);
  return s;
}

static void expect_fault(const struct mmu_context *c, uint8_t kind, uint8_t level, uint64_t pte,
                         uint8_t cause) {
  struct rules_step s = step(c, kind, level, pte);
  assert_int_equal(s.kind, RULES_FAULT);
  assert_int_equal(s.cause, cause);
  assert_false(s.update); /* 4.8: a fault leaves the entry alone */
}

static void expect_ok(const struct mmu_context *c, uint8_t kind, uint8_t level, uint64_t pte) {
  struct rules_step s = step(c, kind, level, pte);
  assert_int_equal(s.kind, RULES_LEAF);
}

/* 4.5.4: bit 63:47 (4-level) or 63:56 (5-level) must be a sign; else #GP(0) (vol. 1, 3.3.7.1). */
static void canonical(void **state) {
  (void)state;
  struct mmu_context c = context();
  struct mmu_access a = {.kind = MMU_READ};
  struct rules_root r;
  static const struct {
    uint64_t va;
    bool l4, l5;
  } row[] = {{0, true, true},
             {0x00007fffffffffff, true, true},
             {0x0000800000000000, false, true},
             {0xffff7fffffffffff, false, true},
             {0xffff800000000000, true, true},
             {0x00ffffffffffffff, false, true},
             {0x0100000000000000, false, false},
             {0xfeffffffffffffff, false, false},
             {0xff00000000000000, false, true}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    for (int five = 0; five < 2; five++) {
      c.s1_mode = five ? MMU_S1_X86_L5 : MMU_S1_X86_L4;
      rules->root(&c, &a, row[i].va, &r);
      bool good = five ? row[i].l5 : row[i].l4;
      assert_int_equal(r.cause, good ? MMU_CAUSE_NONE : MMU_CAUSE_NON_CANONICAL);
      assert_int_equal(r.level, good ? 3 + five : r.level);
    }
  }
  struct mmu_fault f = {.gva = 0x0000800000000000, .cause = MMU_CAUSE_NON_CANONICAL};
  struct mmu_syndrome s;
  rules->syndrome(&c, &a, &f, &s);
  assert_int_equal(s.reg[0], 13);
  assert_int_equal(s.reg[1], 0);
  assert_int_equal(s.reg[2], 0);
}

/* Tables 4-15 to 4-20. */
static void formats(void **state) {
  (void)state;
  struct mmu_context c = context();
  for (uint8_t level = 0; level < 5; level++) {
    expect_fault(&c, MMU_READ, level, 0, MMU_CAUSE_NOT_PRESENT);
    /* reserved bits of an absent entry are not looked at */
    expect_fault(&c, MMU_READ, level, ~UINT64_C(1), MMU_CAUSE_NOT_PRESENT);
    for (unsigned b = 40; b < 52; b++)
      expect_fault(&c, MMU_READ, level, ALL | UINT64_C(1) << b, MMU_CAUSE_RESERVED);
    for (unsigned b = 52; b < 63; b++) /* ignored, or the protection key */
      assert_int_not_equal(step(&c, MMU_READ, level, ALL | UINT64_C(1) << b).kind, RULES_FAULT);
    assert_int_not_equal(step(&c, MMU_READ, level, ALL | XD).kind, RULES_FAULT);
    c.nxe = false;
    expect_fault(&c, MMU_READ, level, ALL | XD, MMU_CAUSE_RESERVED);
    c.nxe = true;
  }
  expect_fault(&c, MMU_READ, 4, ALL | PS, MMU_CAUSE_RESERVED);
  expect_fault(&c, MMU_READ, 3, ALL | PS, MMU_CAUSE_RESERVED);
  expect_ok(&c, MMU_READ, 2, ALL | PS);
  expect_ok(&c, MMU_READ, 1, ALL | PS);
  c.page1g = false;
  expect_fault(&c, MMU_READ, 2, ALL | PS, MMU_CAUSE_RESERVED);
  c.page1g = true;
  for (unsigned b = 13; b < 30; b++)
    expect_fault(&c, MMU_READ, 2, ALL | PS | UINT64_C(1) << b, MMU_CAUSE_RESERVED);
  for (unsigned b = 13; b < 21; b++)
    expect_fault(&c, MMU_READ, 1, ALL | PS | UINT64_C(1) << b, MMU_CAUSE_RESERVED);
  expect_ok(&c, MMU_READ, 2, ALL | PS | 1 << 12); /* PAT */
  expect_ok(&c, MMU_READ, 0, ALL | PS);           /* PAT */
  c.pa_width = 52;
  expect_ok(&c, MMU_READ, 0, ALL | UINT64_C(1) << 51);
}

/* Addresses and page sizes. */
static void addresses(void **state) {
  (void)state;
  struct mmu_context c = context();
  struct rules_step s = step(&c, MMU_READ, 3, ALL | 0x12345000);
  assert_int_equal(s.kind, RULES_TABLE);
  assert_int_equal(s.next, 0x12345000);
  s = step(&c, MMU_READ, 0, ALL | XD | G | 0x12345000);
  assert_int_equal(s.next, 0x12345000);
  assert_int_equal(s.shift, 12);
  assert_true(s.global);
  s = step(&c, MMU_READ, 1, ALL | PS | 0x12200000 | 1 << 12);
  assert_int_equal(s.next, 0x12200000);
  assert_int_equal(s.shift, 21);
  assert_int_equal(s.attrs & 7, 4);
  s = step(&c, MMU_READ, 2, ALL | PS | 0x40000000 | PWT | PCD);
  assert_int_equal(s.next, 0x40000000);
  assert_int_equal(s.shift, 30);
  assert_int_equal(s.attrs & 7, 3);
  assert_false(step(&c, MMU_READ, 3, ALL | G).global);
}

struct row {
  uint64_t pte;
  uint8_t kind;
  bool allowed;
  bool user, wp, smep, smap, ac, implicit;
};

/* 4.6.1: access rights. A leaf of 4 KiB, 2 MiB and 1 GiB must agree. */
static void rights(void **state) {
  (void)state;
  const uint64_t sup = P | A, user = P | US | A;
  const struct row row[] = {
      {.pte = sup, .kind = MMU_READ, .allowed = true},
      {.pte = sup, .kind = MMU_READ, .user = true},
      {.pte = user, .kind = MMU_READ, .user = true, .allowed = true},
      {.pte = user, .kind = MMU_WRITE, .user = true},
      {.pte = user | RW, .kind = MMU_WRITE, .user = true, .allowed = true},
      {.pte = sup | RW, .kind = MMU_WRITE, .user = true},
      {.pte = user, .kind = MMU_RMW, .user = true},
      {.pte = sup, .kind = MMU_WRITE, .wp = true},
      {.pte = sup, .kind = MMU_WRITE, .allowed = true}, /* WP=0 */
      {.pte = user, .kind = MMU_WRITE, .allowed = true},
      {.pte = user, .kind = MMU_WRITE, .wp = true},
      {.pte = sup | RW, .kind = MMU_WRITE, .wp = true, .allowed = true},
      {.pte = user | RW, .kind = MMU_WRITE, .wp = true, .allowed = true},
      /* SMAP */
      {.pte = user | RW, .kind = MMU_READ, .smap = true},
      {.pte = user | RW, .kind = MMU_WRITE, .smap = true},
      {.pte = user | RW, .kind = MMU_READ, .smap = true, .ac = true, .allowed = true},
      {.pte = user | RW, .kind = MMU_WRITE, .smap = true, .ac = true, .allowed = true},
      {.pte = user, .kind = MMU_READ, .smap = true, .ac = true, .user = true, .implicit = true},
      {.pte = user, .kind = MMU_READ, .user = true, .implicit = true, .allowed = true},
      {.pte = sup, .kind = MMU_READ, .user = true, .implicit = true, .allowed = true},
      {.pte = user, .kind = MMU_READ, .smap = true, .user = true, .allowed = true},
      {.pte = user, .kind = MMU_FETCH, .smap = true, .allowed = true}, /* data only */
      /* SMEP and XD */
      {.pte = user, .kind = MMU_FETCH, .smep = true},
      {.pte = user, .kind = MMU_FETCH, .allowed = true},
      {.pte = sup, .kind = MMU_FETCH, .smep = true, .allowed = true},
      {.pte = user, .kind = MMU_FETCH, .user = true, .smep = true, .allowed = true},
      {.pte = user | XD, .kind = MMU_FETCH, .user = true},
      {.pte = sup | XD, .kind = MMU_FETCH},
      {.pte = sup, .kind = MMU_FETCH, .user = true},
      {.pte = user | XD, .kind = MMU_READ, .user = true, .allowed = true}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    const struct row *r = &row[i];
    struct mmu_context c = context();
    c.wp = r->wp;
    c.smep = r->smep;
    c.smap = r->smap;
    c.ac = r->ac;
    c.priv = r->user ? MMU_USER : MMU_SUPERVISOR;
    struct mmu_access a = {.kind = r->kind, .implicit_sup = r->implicit};
    for (uint8_t level = 0; level < 3; level++) {
      struct rules_step s;
      rules->step(&c, &a, 0, level, false, r->pte | (level > 0 ? PS : 0), ANY, false, &s);
      assert_int_equal(s.kind, r->allowed ? RULES_LEAF : RULES_FAULT);
      if (!r->allowed) assert_int_equal(s.cause, MMU_CAUSE_PERMISSION);
    }
  }
}

/* 4.6: R/W and U/S are the AND over all levels, XD the OR. */
static void accumulation(void **state) {
  (void)state;
  struct mmu_context c = context();
  struct mmu_access read = {.kind = MMU_READ}, write = {.kind = MMU_WRITE},
                    fetch = {.kind = MMU_FETCH};
  static const struct {
    uint64_t pointer;
    bool read, write, fetch;
  } row[] = {{P | RW | US, true, true, true},
             {P | RW, false, false, false},
             {P | US, true, false, true},
             {P | RW | US | XD, true, true, false}};
  c.priv = MMU_USER;
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    struct rules_step up, s;
    rules->step(&c, &read, 0, 3, false, row[i].pointer | A, ANY, false, &up);
    rules->step(&c, &read, 0, 0, false, ALL, up.rights, up.global, &s);
    assert_int_equal(s.kind == RULES_LEAF, row[i].read);
    rules->step(&c, &write, 0, 0, false, ALL, up.rights, up.global, &s);
    assert_int_equal(s.kind == RULES_LEAF, row[i].write);
    rules->step(&c, &fetch, 0, 0, false, ALL, up.rights, up.global, &s);
    assert_int_equal(s.kind == RULES_LEAF, row[i].fetch);
  }
}

/* 4.8: A in every entry used, D in the leaf of a write, nothing on a fault. */
static void accessed_dirty(void **state) {
  (void)state;
  struct mmu_context c = context();
  const uint64_t bare = P | RW | US;
  for (uint8_t level = 1; level < 5; level++) {
    struct rules_step s = step(&c, MMU_WRITE, level, bare);
    assert_int_equal(s.kind, RULES_TABLE);
    assert_true(s.update);
    assert_int_equal(s.new_pte, bare | A);
    assert_false(step(&c, MMU_WRITE, level, bare | A).update);
  }
  for (uint8_t level = 0; level < 3; level++) {
    uint64_t leaf = bare | (level > 0 ? PS : 0);
    struct rules_step s = step(&c, MMU_READ, level, leaf);
    assert_true(s.update);
    assert_int_equal(s.new_pte, leaf | A);
    assert_false(s.dirty);
    s = step(&c, MMU_FETCH, level, leaf | A);
    assert_false(s.update);
    s = step(&c, MMU_WRITE, level, leaf);
    assert_int_equal(s.new_pte, leaf | A | D);
    assert_true(s.dirty);
    s = step(&c, MMU_RMW, level, leaf | A);
    assert_true(s.update);
    assert_int_equal(s.new_pte, leaf | A | D);
    s = step(&c, MMU_READ, level, leaf | A | D);
    assert_false(s.update);
    assert_true(s.dirty);
  }
}

/* 4.6.2: protection keys. */
static void keys(void **state) {
  (void)state;
  struct mmu_context c = context();
  const uint64_t page = ALL | UINT64_C(5) << 59;
  c.priv = MMU_USER;
  c.pkru = 1U << 10; /* AD of key 5 */
  expect_ok(&c, MMU_READ, 0, page);
  c.pke = true;
  expect_fault(&c, MMU_READ, 0, page, MMU_CAUSE_PKEY);
  expect_fault(&c, MMU_WRITE, 0, page, MMU_CAUSE_PKEY);
  expect_ok(&c, MMU_FETCH, 0, page);
  expect_ok(&c, MMU_READ, 0, ALL | UINT64_C(4) << 59);
  c.pkru = 2U << 10; /* WD */
  expect_ok(&c, MMU_READ, 0, page);
  expect_fault(&c, MMU_WRITE, 0, page, MMU_CAUSE_PKEY);
  c.priv = MMU_SUPERVISOR;
  expect_fault(&c, MMU_WRITE, 0, page, MMU_CAUSE_PKEY);
  c.wp = false;
  expect_ok(&c, MMU_WRITE, 0, page);
  c.pkru = 3U << 10;
  expect_ok(&c, MMU_WRITE, 0, page & ~(uint64_t)US); /* supervisor pages have no key */
}

/* 4.7, figure 4-12: the error code, and CR2. */
static void error_code(void **state) {
  (void)state;
  static const struct {
    uint8_t cause, kind, priv;
    bool smep, nxe, implicit;
    unsigned code;
  } row[] = {{MMU_CAUSE_NOT_PRESENT, MMU_READ, MMU_SUPERVISOR, true, true, false, 0},
             {MMU_CAUSE_NOT_PRESENT, MMU_WRITE, MMU_SUPERVISOR, true, true, false, 2},
             {MMU_CAUSE_NOT_PRESENT, MMU_RMW, MMU_USER, true, true, false, 6},
             {MMU_CAUSE_NOT_PRESENT, MMU_READ, MMU_USER, true, true, false, 4},
             {MMU_CAUSE_NOT_PRESENT, MMU_READ, MMU_USER, true, true, true, 0},
             {MMU_CAUSE_NOT_PRESENT, MMU_FETCH, MMU_USER, false, true, false, 0x14},
             {MMU_CAUSE_NOT_PRESENT, MMU_FETCH, MMU_USER, true, false, false, 0x14},
             {MMU_CAUSE_NOT_PRESENT, MMU_FETCH, MMU_USER, false, false, false, 4},
             {MMU_CAUSE_PERMISSION, MMU_FETCH, MMU_SUPERVISOR, true, false, false, 0x11},
             {MMU_CAUSE_PERMISSION, MMU_WRITE, MMU_USER, false, false, false, 7},
             {MMU_CAUSE_RESERVED, MMU_READ, MMU_SUPERVISOR, false, false, false, 9},
             {MMU_CAUSE_RESERVED, MMU_WRITE, MMU_USER, false, false, false, 0xf},
             {MMU_CAUSE_PKEY, MMU_WRITE, MMU_USER, false, false, false, 0x27}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    struct mmu_context c = context();
    c.smep = row[i].smep;
    c.nxe = row[i].nxe;
    c.priv = row[i].priv;
    struct mmu_access a = {.kind = row[i].kind, .implicit_sup = row[i].implicit};
    struct mmu_fault f = {.gva = 0x1234567, .cause = row[i].cause};
    struct mmu_syndrome s;
    rules->syndrome(&c, &a, &f, &s);
    assert_int_equal(s.reg[0], 14);
    assert_int_equal(s.reg[1], row[i].code);
    assert_int_equal(s.reg[2], 0x1234567);
    assert_int_equal(s.reg[3], 0);
    assert_false(s.to_hyp);
  }
}

/* 4.10.4.1: what each operation must reach. Columns: this page, other page, this page's pointer,
 * other pointer; rows of entries: this PCID, other PCID, global of another PCID. */
static void invalidation(void **state) {
  (void)state;
  static const struct {
    uint8_t kind;
    const char *page, *pointer; /* for: near own, near other, near global, far own, far other */
  } row[] = {{MMU_INV_X86_INVLPG, "y.y..", "y..y."},  {MMU_INV_X86_CR3, "y..y.", "y..y."},
             {MMU_INV_X86_ALL, "yyyyy", "yyyyy"},     {MMU_INV_X86_PCID_ADDR, "y....", "y...."},
             {MMU_INV_X86_PCID, "y..y.", "y..y."},    {MMU_INV_X86_ALL_GLOBAL, "yyyyy", "yyyyy"},
             {MMU_INV_X86_ALL_PCID, "yy.yy", "yyyyy"}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    struct mmu_inval inv = {.kind = row[i].kind, .addr = 0x40234000, .asid = 7};
    for (int pointer = 0; pointer < 2; pointer++) {
      for (int e = 0; e < 5; e++) {
        struct rules_entry entry = {.va = e >= 3 ? 0x80000000 : 0x40200000,
                                    .shift = 21,
                                    .asid = e == 0 || e == 3 ? 7 : 8,
                                    .global = e == 2 && !pointer,
                                    .pointer = pointer != 0};
        const char *want = pointer ? row[i].pointer : row[i].page;
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
  for (unsigned kind = MMU_INV_AMD_ASID + 1; kind < 64; kind++) {
    struct mmu_inval inv = {.kind = (uint8_t)kind, .addr = 0x1000};
    assert_false(rules->covers(&inv, &e));
  }
}

int main(void) {
  rules = rules_of(MMU_ARCH_X86);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(canonical),    cmocka_unit_test(formats),
      cmocka_unit_test(addresses),    cmocka_unit_test(rights),
      cmocka_unit_test(accumulation), cmocka_unit_test(accessed_dirty),
      cmocka_unit_test(keys),         cmocka_unit_test(error_code),
      cmocka_unit_test(invalidation), cmocka_unit_test(foreign_operations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
