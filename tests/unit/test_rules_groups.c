/* SPDX-License-Identifier: Apache-2.0
 * The C rules on pages larger than their descriptor: RISC-V Svnapot (privileged ISA, Svnapot
 * chapter), Arm's Contiguous bit (Arm ARM D8.7.1, D8.5.5), and Arm's invalidations of a range
 * (C5.5.35, D8.17.5.2). Expectations are written from the text, not computed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "rules/arm_range.h"
#include "rules/rules.h"

/* ---- RISC-V: N=1 ---- */

#define N (UINT64_C(1) << 63)
enum { V = 1, RWX = 14, U = 16, A = 64, D = 128, LEAF = V | RWX | A | D };

static struct rules_step riscv(uint8_t kind, uint8_t level, uint64_t pte) {
  struct mmu_context c = {.s1_mode = MMU_S1_SV39,
                          .pa_width = 40,
                          .priv = MMU_SUPERVISOR,
                          .pbmte = true,
                          .s1_hw_a = true};
  struct mmu_access a = {.kind = kind};
  struct rules_step s;
  rules_riscv.step(&c, &a, 0x7000, level, false, pte, RULES_ALL_RIGHTS, false, &s);
  return s;
}

static void expect(const struct rules_step *s, uint8_t cause) {
  assert_int_equal(s->kind, RULES_FAULT);
  assert_int_equal(s->cause, cause);
  assert_false(s->update);
}

/* ptenapot: i = 0 and ppn[0] = x xxxx 1000; all other encodings are reserved. */
static void napot_encodings(void **state) {
  (void)state;
  for (uint64_t ppn = 0; ppn < 512; ppn++) {
    struct rules_step s = riscv(MMU_READ, 0, LEAF | N | ppn << 10);
    if (ppn % 16 == 8) {
      assert_int_equal(s.kind, RULES_LEAF);
      assert_int_equal(s.shift, 16);
      assert_int_equal(s.next, (ppn - 8) << 12); /* ppn[0][3:0] come from the VPN */
    } else {
      expect(&s, MMU_CAUSE_RESERVED);
    }
  }
  for (uint8_t level = 1; level < 5; level++) {
    struct rules_step s = riscv(MMU_READ, level, LEAF | N);
    expect(&s, MMU_CAUSE_RESERVED);
    s = riscv(MMU_READ, level, LEAF | N | 8 << 10);
    expect(&s, MMU_CAUSE_RESERVED);
    s = riscv(MMU_READ, level, V | N | 8 << 10); /* "N or ... in a non-leaf" */
    expect(&s, MMU_CAUSE_RESERVED);
  }
}

/* A reserved encoding is found before rights, after V; A and D change nothing else. */
static void napot_order(void **state) {
  (void)state;
  struct rules_step s = riscv(MMU_READ, 0, (LEAF & ~V) | N);
  expect(&s, MMU_CAUSE_NOT_PRESENT);
  s = riscv(MMU_READ, 0, LEAF | U | N); /* no SUM */
  expect(&s, MMU_CAUSE_RESERVED);
  s = riscv(MMU_READ, 0, LEAF | U | N | 8 << 10);
  expect(&s, MMU_CAUSE_PERMISSION);
  s = riscv(MMU_WRITE, 0, V | RWX | N | 0x1238 << 10 | UINT64_C(2) << 61);
  assert_int_equal(s.kind, RULES_LEAF);
  assert_true(s.update);
  assert_true(s.new_pte == (LEAF | N | 0x1238 << 10 | UINT64_C(2) << 61));
  assert_true(s.dirty);
  assert_int_equal(s.attrs, 2);
  assert_int_equal(s.next, 0x1230000);
  s = riscv(MMU_READ, 0, LEAF | N | UINT64_C(0x10000008) << 10); /* 40 bits are 28 of PPN */
  expect(&s, MMU_CAUSE_ADDRESS_SIZE);
}

/* SFENCE.VMA: the entry would serve each of its 16 pages. */
static void napot_fence(void **state) {
  (void)state;
  struct rules_entry e = {.va = 0x40010000, .shift = 16};
  for (unsigned page = 0; page < 18; page++) {
    struct mmu_inval inv = {.kind = MMU_INV_RISCV_ADDR, .addr = 0x4000f000 + page * 0x1000};
    assert_int_equal(rules_riscv.covers(&inv, &e), page >= 1 && page <= 16);
  }
}

/* ---- Arm: the Contiguous bit ---- */

#define CONTIGUOUS (UINT64_C(1) << 52)
#define DBM (UINT64_C(1) << 51)
enum { AP2 = 1 << 7, AF = 1 << 10 };

static struct mmu_context arm_context(void) {
  return (struct mmu_context){.s1_mode = MMU_S1_ARM_4K,
                              .t0sz = 16,
                              .t1sz = 16,
                              .pa_width = 40,
                              .priv = MMU_SUPERVISOR,
                              .s1_hw_a = true,
                              .s1_hw_d = true};
}

static struct rules_step arm(const struct mmu_context *c, uint8_t kind, uint64_t va, uint8_t level,
                             uint64_t pte) {
  struct mmu_access a = {.kind = kind};
  struct rules_step s;
  rules_arm.step(c, &a, va, level, va >> 55 & 1, pte | (level == 0 ? 3 : 1), RULES_ALL_RIGHTS,
                 false, &s);
  return s;
}

static const uint8_t page_shift[] = {12, 21, 30}, group_shift[] = {16, 25, 34};

/* Table D8-104, 4 KiB: 16 entries at levels 3, 2 and 1, aligned in the table and in the OA. */
static void contiguous_groups(void **state) {
  (void)state;
  struct mmu_context c = arm_context();
  for (uint8_t level = 0; level < 3; level++) {
    unsigned p = page_shift[level], g = group_shift[level];
    for (uint64_t index = 0; index < 16; index++) {
      uint64_t va = UINT64_C(5) << g | index << p | 0x123;
      uint64_t group = UINT64_C(3) << g;
      for (uint64_t place = 0; place < 16; place++) {
        uint64_t oa = group | place << p;
        struct rules_step s = arm(&c, MMU_READ, va, level, oa | AF | CONTIGUOUS);
        bool consistent = place == index;
        assert_int_equal(s.kind, RULES_LEAF);
        assert_int_equal(s.shift, consistent ? g : p);
        assert_true(s.next == (consistent ? group : oa));
        s = arm(&c, MMU_READ, va, level, oa | AF); /* not contiguous */
        assert_int_equal(s.shift, p);
        assert_true(s.next == oa);
      }
    }
  }
}

/* "the table has at least 16 entries": TxSZ leaves at least 4 bits of index. */
static void contiguous_small_table(void **state) {
  (void)state;
  for (uint8_t level = 0; level < 3; level++) {
    for (uint8_t less = 0; less < 3; less++) {
      for (int upper = 0; upper < 2; upper++) {
        struct mmu_context c = arm_context();
        uint8_t bits = (uint8_t)(group_shift[level] - less);
        *(upper ? &c.t1sz : &c.t0sz) = (uint8_t)(64 - bits);
        struct rules_step s =
            arm(&c, MMU_READ, upper ? UINT64_MAX << bits : 0, level, AF | CONTIGUOUS);
        assert_int_equal(s.kind, RULES_LEAF);
        assert_int_equal(s.shift, less == 0 ? group_shift[level] : page_shift[level]);
      }
    }
  }
}

/* R_XFDVL: what lies beyond the physical width faults also as part of a group, so a group that
 * reaches beyond it is none. */
static void contiguous_beyond_the_width(void **state) {
  (void)state;
  for (uint8_t width = 32; width < 36; width++) {
    struct mmu_context c = arm_context();
    c.pa_width = width;
    struct rules_step s = arm(&c, MMU_READ, 0x40000000, 2, 0x40000000 | AF | CONTIGUOUS);
    assert_int_equal(s.kind, RULES_LEAF);
    assert_int_equal(s.shift, width < 34 ? 30 : 34);
    s = arm(&c, MMU_READ, UINT64_C(15) << 30, 2, UINT64_C(15) << 30 | AF | CONTIGUOUS);
    if (width < 34)
      expect(&s, MMU_CAUSE_ADDRESS_SIZE);
    else
      assert_int_equal(s.kind, RULES_LEAF);
  }
}

/* R_XDPXQ: "the update applies to a single translation table entry", as it is. */
static void contiguous_update(void **state) {
  (void)state;
  struct mmu_context c = arm_context();
  uint64_t pte = 0x5000 | CONTIGUOUS | DBM | AP2 | 3;
  struct rules_step s = arm(&c, MMU_READ, 0x15000, 0, pte);
  assert_true(s.update && s.new_pte == (pte | AF) && !s.dirty);
  assert_int_equal(s.shift, 16);
  s = arm(&c, MMU_WRITE, 0x15000, 0, pte);
  assert_true(s.update && s.new_pte == ((pte | AF) & ~(uint64_t)AP2) && s.dirty);
  s = arm(&c, MMU_READ, 0x15000, 0, pte | UINT64_C(1) << 41);
  expect(&s, MMU_CAUSE_ADDRESS_SIZE);
}

/* ---- Arm: ranges ---- */

static uint64_t operand(uint64_t tg, uint64_t scale, uint64_t num, uint64_t ttl, uint64_t base) {
  return UINT64_C(0xabcd) << 48 | tg << 46 | scale << 44 | num << 39 | ttl << 37 |
         (base >> 12 & ((UINT64_C(1) << 37) - 1));
}

static bool covers(uint8_t kind, uint64_t addr, struct rules_entry e) {
  struct mmu_inval inv = {.kind = kind, .addr = addr, .asid = 7};
  return rules_arm.covers(&inv, &e);
}

static bool ends_page(uint64_t addr, uint64_t va, uint8_t shift) {
  return covers(MMU_INV_ARM_RVAE1, addr, (struct rules_entry){.va = va, .shift = shift, .asid = 7});
}

/* [BaseADDR, BaseADDR + (NUM+1) * 2^(5*SCALE+1) * 4 KiB) */
static void range_ends(void **state) {
  (void)state;
  static const struct {
    uint64_t scale, num, pages;
  } row[] = {{0, 0, 2},           {0, 1, 4},         {0, 31, 64},      {1, 0, 64},
             {1, 2, 192},         {1, 31, 2048},     {2, 0, 2048},     {2, 31, 65536},
             {3, 0, 65536},       {3, 4, 5 * 65536}, {3, 31, 2097152}, {2, 7, 16384},
             {3, 30, 31 * 65536}, {0, 16, 2 * 17}};
  static const uint64_t base[] = {0, 0x12345000, 0xffff800000001000};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    for (size_t b = 0; b < sizeof base / sizeof base[0]; b++) {
      uint64_t xt = operand(1, row[i].scale, row[i].num, 0, base[b]);
      uint64_t end = base[b] + row[i].pages * 4096;
      assert_true(ends_page(xt, base[b], 12));
      assert_true(ends_page(xt, end - 4096, 12));
      assert_false(ends_page(xt, end, 12));
      if (base[b] != 0) assert_false(ends_page(xt, base[b] - 4096, 12));
      /* larger pages go if the range reaches into them */
      for (uint8_t shift = 16; shift <= 34; shift = (uint8_t)(shift + 9)) {
        assert_true(ends_page(xt, (base[b] >> shift) << shift, shift));
        uint64_t next = (((end - 1) >> shift) + 1) << shift;
        assert_false(ends_page(xt, next, shift));
        assert_true(ends_page(xt, next - (UINT64_C(1) << shift), shift));
      }
    }
  }
  /* "the address is not considered to wrap on overflow" */
  uint64_t top = operand(1, 3, 31, 0, 0xfffffffffffff000);
  assert_true(ends_page(top, 0xfffffffffffff000, 12));
  assert_false(ends_page(top, 0, 12));
  assert_false(ends_page(top, 0, 30));
}

/* "the architecture does not require that the instruction invalidates any entries" */
static void range_granule(void **state) {
  (void)state;
  for (uint64_t tg = 0; tg < 4; tg++)
    assert_int_equal(ends_page(operand(tg, 0, 0, 0, 0x5000), 0x5000, 12), tg == 1);
}

/* TTL: leaves of that level, pointers above it; UNPREDICTABLE if BaseADDR is not so aligned. */
static void range_level_hint(void **state) {
  (void)state;
  static const uint8_t shift[] = {12, 16, 21, 25, 30, 34};
  for (uint64_t ttl = 0; ttl < 4; ttl++) {
    uint64_t xt = operand(1, 3, 31, ttl, UINT64_C(1) << 40);
    for (size_t i = 0; i < sizeof shift; i++)
      assert_int_equal(ends_page(xt, UINT64_C(1) << 40, shift[i]), ttl == 0 || i / 2 == 3 - ttl);
    for (uint8_t height = 1; height < 4; height++) {
      struct rules_entry e = {
          .va = UINT64_C(1) << 40, .shift = (uint8_t)(12 + 9 * height), .asid = 7, .pointer = true};
      assert_int_equal(covers(MMU_INV_ARM_RVAE1, xt, e), ttl == 0 || height > 3 - ttl);
      assert_false(covers(MMU_INV_ARM_RVALE1, xt, e));
    }
  }
  assert_true(ends_page(operand(1, 0, 0, 2, 0x200000), 0x200000, 21));
  assert_false(ends_page(operand(1, 0, 0, 2, 0x201000), 0x200000, 21));
  assert_true(ends_page(operand(1, 0, 0, 1, 0x40000000), 0x40000000, 30));
  assert_false(ends_page(operand(1, 0, 0, 1, 0x20000000), 0x00000000, 30));
  assert_true(ends_page(operand(1, 0, 0, 3, 0x201000), 0x201000, 12));
}

/* Who is meant: near own ASID, near other, near global, far own. */
static void range_identity(void **state) {
  (void)state;
  static const struct {
    uint8_t kind;
    const char *leaf, *pointer;
  } row[] = {{MMU_INV_ARM_RVAE1, "y.y.", "y..."},
             {MMU_INV_ARM_RVALE1, "y.y.", "...."},
             {MMU_INV_ARM_RVAAE1, "yyy.", "yy.."},
             {MMU_INV_ARM_RVAALE1, "yyy.", "...."}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    for (int pointer = 0; pointer < 2; pointer++) {
      for (int e = 0; e < 4; e++) {
        struct rules_entry entry = {.va = e == 3 ? 0x80000000 : 0x40200000,
                                    .shift = 21,
                                    .asid = e == 0 || e == 3 ? 7 : 8,
                                    .global = e == 2,
                                    .pointer = pointer != 0};
        const char *want = pointer ? row[i].pointer : row[i].leaf;
        if (pointer && e == 2) continue;
        uint64_t xt = operand(1, 0, 0, 0, 0x40234000);
        assert_int_equal(covers(row[i].kind, xt, entry), want[e] == 'y');
        entry.vmid = 1;
        assert_false(covers(row[i].kind, xt, entry));
      }
    }
  }
}

/* The operand for a first and a last address. */
static void range_operand(void **state) {
  (void)state;
  static const struct {
    uint64_t first, last, scale, num;
  } row[] = {{0x5123, 0x5123, 0, 0},
             {0x5000, 0x6fff, 0, 0},
             {0x5000, 0x7000, 0, 1},
             {0x10000, 0x4ffff, 0, 31},    /* 64 pages */
             {0x10000, 0x50000, 1, 1},     /* 65: units of 64 */
             {0, 0x7fffff, 1, 31},         /* 2048 */
             {0, 0x800000, 2, 1},          /* 2049: units of 2048 */
             {0, 0xfffffff, 2, 31},        /* 65536 */
             {0, 0x10000000, 3, 1},        /* 65537: units of 65536 */
             {0x1000, 0x200000fff, 3, 31}, /* 2^21, the most */
             {0xffffffffffffe000, UINT64_MAX, 0, 0}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    uint64_t xt = rules_arm_range_operand(row[i].first, row[i].last);
    assert_true(xt == (operand(1, row[i].scale, row[i].num, 0, row[i].first) << 16) >> 16);
    struct rules_arm_range r;
    assert_true(rules_arm_range_of(xt, &r));
    uint64_t low = UINT64_MAX >> 8;
    assert_true(r.first == (row[i].first & low & ~UINT64_C(0xfff)) &&
                r.last >= (row[i].last & low));
    assert_int_equal(r.level_hint, RULES_ANY_LEVEL);
  }
  assert_int_equal(rules_arm_range_operand(0x1000, 0x200001000), 0);
  assert_int_equal(rules_arm_range_operand(0x2000, 0x1fff), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(napot_encodings),
      cmocka_unit_test(napot_order),
      cmocka_unit_test(napot_fence),
      cmocka_unit_test(contiguous_groups),
      cmocka_unit_test(contiguous_small_table),
      cmocka_unit_test(contiguous_beyond_the_width),
      cmocka_unit_test(contiguous_update),
      cmocka_unit_test(range_ends),
      cmocka_unit_test(range_granule),
      cmocka_unit_test(range_level_hint),
      cmocka_unit_test(range_identity),
      cmocka_unit_test(range_operand),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
