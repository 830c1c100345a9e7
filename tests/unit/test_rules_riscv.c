/* SPDX-License-Identifier: Apache-2.0
 * The C rules of RISC-V against the privileged ISA (supervisor chapter: "Virtual Address
 * Translation Process", Sv39 ff., SFENCE.VMA; Svade/Svadu; Svpbmt). Expectations are written from
 * the text, step by step, not computed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "rules/rules.h"

enum { V = 1, R = 2, W = 4, X = 8, U = 16, G = 32, A = 64, D = 128 };
enum { RWX = R | W | X, FULL = V | RWX | A | D };

static const struct rules_ops *rules;

static struct mmu_context context(void) {
  return (struct mmu_context){.s1_mode = MMU_S1_SV57,
                              .s1_root0 = 0x1000,
                              .pa_width = 50,
                              .priv = MMU_SUPERVISOR,
                              .s1_hw_a = true,
                              .s1_hw_d = true};
}

static struct rules_step step(const struct mmu_context *c, uint8_t kind, uint8_t level,
                              uint64_t pte) {
  struct rules_step s;
  struct mmu_access a = {.kind = kind, .size = 3};
  rules->step(c, &a, 0, level, false, pte, RULES_ALL_RIGHTS, false, &s);
  return s;
}

static void expect_fault(const struct mmu_context *c, uint8_t kind, uint8_t level, uint64_t pte,
                         uint8_t cause) {
  struct rules_step s = step(c, kind, level, pte);
  assert_int_equal(s.kind, RULES_FAULT);
  assert_int_equal(s.cause, cause);
  assert_false(s.update);
}

/* "the virtual address must have bits 63-39 all equal to bit 38, or else a page-fault" */
static void sign_extension(void **state) {
  (void)state;
  struct mmu_context c = context();
  struct mmu_access a = {.kind = MMU_READ};
  struct rules_root r;
  for (unsigned mode = MMU_S1_SV39; mode <= MMU_S1_SV57; mode++) {
    unsigned bits = 39 + 9 * (mode - MMU_S1_SV39);
    c.s1_mode = (uint8_t)mode;
    uint64_t half = UINT64_C(1) << (bits - 1);
    rules->root(&c, &a, half - 1, &r);
    assert_int_equal(r.cause, MMU_CAUSE_NONE);
    assert_int_equal(r.level, 2 + mode - MMU_S1_SV39);
    assert_int_equal(r.table, 0x1000);
    rules->root(&c, &a, half, &r);
    assert_int_equal(r.cause, MMU_CAUSE_NON_CANONICAL);
    rules->root(&c, &a, ~(half - 1), &r);
    assert_int_equal(r.cause, MMU_CAUSE_NONE);
    rules->root(&c, &a, ~half, &r);
    assert_int_equal(r.cause, MMU_CAUSE_NON_CANONICAL);
    rules->root(&c, &a, half << 1, &r);
    assert_int_equal(r.cause, MMU_CAUSE_NON_CANONICAL);
  }
  c.s1_root0 = UINT64_C(1) << 50;
  rules->root(&c, &a, 0, &r);
  assert_int_equal(r.cause, MMU_CAUSE_ROOT_SIZE);
  rules->root(&c, &a, UINT64_C(1) << 60, &r);
  assert_int_equal(r.cause, MMU_CAUSE_NON_CANONICAL); /* judged before the first access */
  c.s1_mode = MMU_S1_OFF;
  rules->root(&c, &a, 0x12345678, &r);
  assert_int_equal(r.cause, MMU_CAUSE_NONE);
  assert_int_equal(r.table, 0x12345678);
  rules->root(&c, &a, UINT64_C(1) << 50, &r);
  assert_int_equal(r.cause, MMU_CAUSE_ADDRESS_SIZE);
}

/* Step 3: V=0, or R=0 and W=1, or reserved bits or encodings. */
static void encodings(void **state) {
  (void)state;
  struct mmu_context c = context();
  for (uint8_t level = 0; level < 5; level++) {
    expect_fault(&c, MMU_READ, level, FULL & ~V, MMU_CAUSE_NOT_PRESENT);
    expect_fault(&c, MMU_READ, level, V | W | A | D, MMU_CAUSE_RESERVED);
    expect_fault(&c, MMU_READ, level, V | W | X | A | D, MMU_CAUSE_RESERVED);
    for (unsigned b = 54; b < 64; b++)
      expect_fault(&c, MMU_READ, level, FULL | UINT64_C(1) << b, MMU_CAUSE_RESERVED);
    for (unsigned b = 54; b < 64; b++)
      expect_fault(&c, MMU_READ, level, V | UINT64_C(1) << b, MMU_CAUSE_RESERVED);
    assert_int_equal(step(&c, MMU_READ, level, FULL | 0x300).kind, RULES_LEAF); /* RSW */
  }
  /* "for non-leaf PTEs, the D, A, and U bits are reserved" */
  for (uint8_t level = 1; level < 5; level++) {
    expect_fault(&c, MMU_READ, level, V | D, MMU_CAUSE_RESERVED);
    expect_fault(&c, MMU_READ, level, V | A, MMU_CAUSE_RESERVED);
    expect_fault(&c, MMU_READ, level, V | U, MMU_CAUSE_RESERVED);
    assert_int_equal(step(&c, MMU_READ, level, V | 0x300 | G).kind, RULES_TABLE);
  }
  /* step 4: a pointer at the last level */
  expect_fault(&c, MMU_READ, 0, V, MMU_CAUSE_RESERVED);
}

/* Svpbmt: 0 to 2 in a leaf with PBMTE, nothing without it, nothing in a pointer. */
static void memory_type(void **state) {
  (void)state;
  struct mmu_context c = context();
  for (uint64_t type = 1; type < 4; type++) {
    c.pbmte = false;
    expect_fault(&c, MMU_READ, 0, FULL | type << 61, MMU_CAUSE_RESERVED);
    c.pbmte = true;
    expect_fault(&c, MMU_READ, 1, V | type << 61, MMU_CAUSE_RESERVED);
    struct rules_step s = step(&c, MMU_READ, 0, FULL | type << 61);
    assert_int_equal(s.kind, type == 3 ? RULES_FAULT : RULES_LEAF);
    if (type < 3) assert_int_equal(s.attrs, type);
  }
}

/* Step 5 (later text): a superpage whose low PPN bits are not 0. */
static void superpages(void **state) {
  (void)state;
  struct mmu_context c = context();
  for (uint8_t level = 0; level < 5; level++) {
    for (unsigned b = 0; b < 9U * level; b++)
      expect_fault(&c, MMU_READ, level, FULL | UINT64_C(1) << (10 + b), MMU_CAUSE_RESERVED);
    uint64_t base = level == 4 ? UINT64_C(1) << 48 : UINT64_C(1) << (12 + 9 * level);
    struct rules_step s = step(&c, MMU_READ, level, FULL | base >> 2);
    assert_int_equal(s.kind, RULES_LEAF);
    assert_int_equal(s.next, base);
    assert_int_equal(s.shift, 12 + 9 * level);
  }
  /* misalignment is judged before the rights */
  expect_fault(&c, MMU_WRITE, 1, V | R | A | D | 1 << 10, MMU_CAUSE_RESERVED);
}

struct row {
  unsigned pte;
  uint8_t kind;
  bool user, sum, mxr, hlvx, allowed;
};

/* Step on U, SUM, MXR and R, W, X. */
static void rights(void **state) {
  (void)state;
  const struct row row[] = {
      {.pte = R, .kind = MMU_READ, .allowed = true},
      {.pte = R, .kind = MMU_READ, .user = true},
      {.pte = R | U, .kind = MMU_READ, .user = true, .allowed = true},
      {.pte = R | U, .kind = MMU_READ},
      {.pte = R | U, .kind = MMU_READ, .sum = true, .allowed = true},
      {.pte = R, .kind = MMU_READ, .user = true, .sum = true},
      {.pte = X, .kind = MMU_READ},
      {.pte = X, .kind = MMU_READ, .mxr = true, .allowed = true},
      {.pte = X | U, .kind = MMU_READ, .user = true, .mxr = true, .allowed = true},
      {.pte = X | U, .kind = MMU_READ, .mxr = true},
      {.pte = X, .kind = MMU_READ, .hlvx = true, .allowed = true},
      {.pte = R, .kind = MMU_READ, .hlvx = true},
      {.pte = R, .kind = MMU_READ, .hlvx = true, .mxr = true},
      {.pte = R | X, .kind = MMU_READ, .hlvx = true, .allowed = true},
      {.pte = R, .kind = MMU_WRITE},
      {.pte = R | W, .kind = MMU_WRITE, .allowed = true},
      {.pte = R | W | U, .kind = MMU_WRITE},
      {.pte = R | W | U, .kind = MMU_WRITE, .sum = true, .allowed = true},
      {.pte = R | W | U, .kind = MMU_WRITE, .user = true, .allowed = true},
      {.pte = R | W, .kind = MMU_WRITE, .user = true},
      {.pte = R, .kind = MMU_RMW},
      {.pte = X, .kind = MMU_RMW, .mxr = true},
      {.pte = R | W, .kind = MMU_RMW, .allowed = true},
      {.pte = R, .kind = MMU_FETCH},
      {.pte = X, .kind = MMU_FETCH, .allowed = true},
      {.pte = R, .kind = MMU_FETCH, .mxr = true},
      {.pte = X | U, .kind = MMU_FETCH},
      {.pte = X | U, .kind = MMU_FETCH, .sum = true}, /* never, whatever SUM */
      {.pte = X | U, .kind = MMU_FETCH, .user = true, .allowed = true},
      {.pte = X, .kind = MMU_FETCH, .user = true}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    struct mmu_context c = context();
    c.priv = row[i].user ? MMU_USER : MMU_SUPERVISOR;
    c.sum = row[i].sum;
    c.mxr = row[i].mxr;
    struct mmu_access a = {.kind = row[i].kind, .exec_as_read = row[i].hlvx};
    for (uint8_t level = 0; level < 5; level++) {
      struct rules_step s;
      rules->step(&c, &a, 0, level, false, V | A | D | row[i].pte, RULES_ALL_RIGHTS, false, &s);
      assert_int_equal(s.kind, row[i].allowed ? RULES_LEAF : RULES_FAULT);
      if (!row[i].allowed) assert_int_equal(s.cause, MMU_CAUSE_PERMISSION);
    }
  }
}

/* Svadu and Svade. */
static void accessed_dirty(void **state) {
  (void)state;
  struct mmu_context c = context();
  const unsigned bare = V | RWX;
  struct rules_step s = step(&c, MMU_READ, 0, bare);
  assert_true(s.update);
  assert_int_equal(s.new_pte, bare | A);
  s = step(&c, MMU_WRITE, 0, bare);
  assert_int_equal(s.new_pte, bare | A | D);
  assert_true(s.dirty);
  s = step(&c, MMU_WRITE, 0, bare | A);
  assert_int_equal(s.new_pte, bare | A | D);
  s = step(&c, MMU_READ, 0, bare | A);
  assert_false(s.update);
  assert_false(s.dirty);
  expect_fault(&c, MMU_WRITE, 0, V | R, MMU_CAUSE_PERMISSION); /* rights come first */
  c.s1_hw_a = c.s1_hw_d = false;
  expect_fault(&c, MMU_READ, 0, bare, MMU_CAUSE_ACCESS_FLAG);
  expect_fault(&c, MMU_WRITE, 0, bare, MMU_CAUSE_ACCESS_FLAG);
  expect_fault(&c, MMU_WRITE, 0, bare | A, MMU_CAUSE_DIRTY_FLAG);
  expect_fault(&c, MMU_RMW, 0, bare | A, MMU_CAUSE_DIRTY_FLAG);
  assert_int_equal(step(&c, MMU_READ, 0, bare | A).kind, RULES_LEAF);
  assert_int_equal(step(&c, MMU_WRITE, 0, bare | A | D).kind, RULES_LEAF);
  expect_fault(&c, MMU_WRITE, 0, V | R, MMU_CAUSE_PERMISSION);
}

/* Physical addresses beyond the width: access faults, after the page faults of the same step. */
static void physical_width(void **state) {
  (void)state;
  struct mmu_context c = context();
  const uint64_t far = UINT64_C(1) << 48; /* physical bit 50 */
  expect_fault(&c, MMU_READ, 0, FULL | far, MMU_CAUSE_ADDRESS_SIZE);
  expect_fault(&c, MMU_READ, 1, V | far, MMU_CAUSE_ADDRESS_SIZE);
  expect_fault(&c, MMU_READ, 1, V | A | far, MMU_CAUSE_RESERVED);
  expect_fault(&c, MMU_WRITE, 0, V | R | A | D | far, MMU_CAUSE_PERMISSION);
  expect_fault(&c, MMU_READ, 0, V | RWX | far, MMU_CAUSE_ADDRESS_SIZE); /* and no A */
  /* a page that reaches beyond the width is refused as a whole */
  c.pa_width = 39;
  assert_int_equal(step(&c, MMU_READ, 3, FULL).kind, RULES_LEAF);
  c.pa_width = 38;
  expect_fault(&c, MMU_READ, 3, FULL, MMU_CAUSE_ADDRESS_SIZE);
  c.s1_hw_a = c.s1_hw_d = false;
  expect_fault(&c, MMU_READ, 0, V | RWX | far, MMU_CAUSE_ACCESS_FLAG);
}

/* "the G bit ... for non-leaf PTEs, implies all mappings in the subsequent levels are global" */
static void globals(void **state) {
  (void)state;
  struct mmu_context c = context();
  struct mmu_access a = {.kind = MMU_READ};
  struct rules_step s;
  for (int above = 0; above < 2; above++) {
    for (int here = 0; here < 2; here++) {
      rules->step(&c, &a, 0, 0, false, FULL | (here ? G : 0), RULES_ALL_RIGHTS, above != 0, &s);
      assert_int_equal(s.global, above || here);
      rules->step(&c, &a, 0, 3, false, V | (here ? G : 0), RULES_ALL_RIGHTS, above != 0, &s);
      assert_int_equal(s.global, above || here);
    }
  }
}

/* Causes by the original access; stval. */
static void registers(void **state) {
  (void)state;
  static const struct {
    uint8_t cause, kind;
    unsigned scause;
  } row[] = {{MMU_CAUSE_NOT_PRESENT, MMU_FETCH, 12},  {MMU_CAUSE_NOT_PRESENT, MMU_READ, 13},
             {MMU_CAUSE_NOT_PRESENT, MMU_WRITE, 15},  {MMU_CAUSE_NOT_PRESENT, MMU_RMW, 15},
             {MMU_CAUSE_RESERVED, MMU_READ, 13},      {MMU_CAUSE_PERMISSION, MMU_FETCH, 12},
             {MMU_CAUSE_ACCESS_FLAG, MMU_WRITE, 15},  {MMU_CAUSE_DIRTY_FLAG, MMU_RMW, 15},
             {MMU_CAUSE_NON_CANONICAL, MMU_READ, 13}, {MMU_CAUSE_ADDRESS_SIZE, MMU_FETCH, 1},
             {MMU_CAUSE_ADDRESS_SIZE, MMU_READ, 5},   {MMU_CAUSE_ROOT_SIZE, MMU_WRITE, 7},
             {MMU_CAUSE_BUS, MMU_FETCH, 1},           {MMU_CAUSE_PARITY, MMU_READ, 5},
             {MMU_CAUSE_NO_ATOMIC, MMU_READ, 5},      {MMU_CAUSE_BUS, MMU_RMW, 7}};
  struct mmu_context c = context();
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    struct mmu_access a = {.kind = row[i].kind};
    struct mmu_fault f = {.gva = 0xffffffc000001234, .cause = row[i].cause};
    struct mmu_syndrome s;
    rules->syndrome(&c, &a, &f, &s);
    assert_int_equal(s.reg[0], row[i].scause);
    assert_int_equal(s.reg[1], 0xffffffc000001234);
    assert_int_equal(s.reg[2], 0);
    assert_int_equal(s.reg[3], 0);
    assert_false(s.to_hyp);
  }
}

/* SFENCE.VMA: near own, near other ASID, near global, far own, far other. */
static void invalidation(void **state) {
  (void)state;
  static const struct {
    uint8_t kind;
    const char *leaf, *pointer;
  } row[] = {{MMU_INV_RISCV_ALL, "yyyyy", "yyyyy"},
             {MMU_INV_RISCV_ADDR, "yyy..", "....."}, /* leaf entries only */
             {MMU_INV_RISCV_ASID, "y..y.", "y..y."},
             {MMU_INV_RISCV_ADDR_ASID, "y....", "....."}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    struct mmu_inval inv = {.kind = row[i].kind, .addr = 0x40234000, .asid = 7};
    for (int pointer = 0; pointer < 2; pointer++) {
      for (int e = 0; e < 5; e++) {
        struct rules_entry entry = {.va = e >= 3 ? 0x80000000 : 0x40200000,
                                    .shift = 21,
                                    .asid = e == 0 || e == 3 || e == 2 ? 7 : 8,
                                    .global = e == 2,
                                    .pointer = pointer != 0};
        const char *want = pointer ? row[i].pointer : row[i].leaf;
        assert_int_equal(rules->covers(&inv, &entry), want[e] == 'y');
        entry.regime = 1;
        assert_false(rules->covers(&inv, &entry));
      }
    }
  }
}

/* An operation of another architecture ends nothing. */
static void foreign_operations(void **state) {
  (void)state;
  struct rules_entry e = {.va = 0x1000, .shift = 12};
  for (unsigned kind = 0; kind < MMU_INV_RISCV_ALL; kind++) {
    struct mmu_inval inv = {.kind = (uint8_t)kind, .addr = 0x1000};
    assert_false(rules->covers(&inv, &e));
  }
}

int main(void) {
  rules = rules_of(MMU_ARCH_RISCV);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sign_extension),
      cmocka_unit_test(encodings),
      cmocka_unit_test(memory_type),
      cmocka_unit_test(superpages),
      cmocka_unit_test(rights),
      cmocka_unit_test(accessed_dirty),
      cmocka_unit_test(physical_width),
      cmocka_unit_test(globals),
      cmocka_unit_test(registers),
      cmocka_unit_test(invalidation),
      cmocka_unit_test(foreign_operations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
