/* SPDX-License-Identifier: Apache-2.0
 * The C rules of AMD's nested paging against the APM, volume 2 (5.3, 15.25), and the values that
 * kvm-unit-tests expects in EXITINFO1. Expectations are written from the text. */
#include "stage2_ask.h"

enum { P = 1, RW = 2, US = 4, PWT = 8, PCD = 16, A = 32, D = 64, PS = 128, PAT = 128 };
enum { FULL = P | RW | US };
#define NX (UINT64_C(1) << 63)

static struct ask npt(void) {
  return (struct ask){.rules = rules_of(MMU_ARCH_X86),
                      .ctx = {.s1_mode = MMU_S1_X86_L4,
                              .s2_mode = MMU_S2_NPT,
                              .s2_root = 0x12345018, /* PCD and PWT of nCR3 */
                              .s2_top = 3,
                              .s2_pa_width = 46,
                              .s2_page1g = true,
                              .s2_nxe = true,
                              .s2_hw_a = true,
                              .s2_hw_d = true},
                      .acc = {.kind = MMU_READ},
                      .about = RULES_ABOUT_FINAL};
}

static void roots(void **state) {
  (void)state;
  struct ask a = npt();
  struct rules_root r = root_of(&a, UINT64_C(0xffffffffffff)); /* not sign-extended */
  assert_int_equal(r.cause, MMU_CAUSE_NONE);
  assert_int_equal(r.level, 3);
  assert_int_equal(r.index_bits, 9);
  assert_int_equal(r.table, 0x12345000);
  for (unsigned bit = 48; bit < 52; bit++)
    assert_int_equal(root_of(&a, UINT64_C(1) << bit).cause, MMU_CAUSE_NON_CANONICAL);
  a.ctx.s2_top = 4;
  assert_int_equal(root_of(&a, UINT64_C(0xfffffffffffff)).cause, MMU_CAUSE_NONE);
  assert_int_equal(root_of(&a, 0).level, 4);
  a.ctx.s2_root |= UINT64_C(1) << 46;
  assert_int_equal(root_of(&a, 0).cause, MMU_CAUSE_ROOT_SIZE);
}

/* The formats of long mode, every bit. */
static void formats(void **state) {
  (void)state;
  struct ask a = npt();
  /* clang-format off */
  /*                              63:52 51:46 45:12            11:8 7 6:3  2 1 0 */
  flip_each(&a, 0, FULL,          ".12  r06   .34              .04  . .04  p . n");
  flip_each(&a, 1, FULL | PS,     ".12  r06   .25 r08 .        .04  . .04  p . n");
  flip_each(&a, 2, FULL | PS,     ".12  r06   .16 r17 .        .04  . .04  p . n");
  flip_each(&a, 1, FULL,          ".12  r06   .34              .04  . .04  . . n");
  flip_each(&a, 2, FULL,          ".12  r06   .34              .04  . .04  . . n");
  /* AMD: bit 8 must be 0 in the two highest */
  flip_each(&a, 3, FULL,          ".12  r06   .34              .03 r r .04  . . n");
  flip_each(&a, 4, FULL,          ".12  r06   .34              .03 r r .04  . . n");
  a.ctx.s2_page1g = false;
  flip_each(&a, 2, FULL,          ".12  r06   .34              .04  r .04  . . n");
  /* clang-format on */
  a.ctx.s2_nxe = false; /* then bit 63 is reserved */
  for (uint8_t level = 0; level < 5; level++)
    flip_each(&a, level, FULL,
              level < 1   ? "r .11 r06 .34 .04 . .04 p . n"
              : level < 2 ? "r .11 r06 .34 .04 . .04 . . n"
              : level < 3 ? "r .11 r06 .34 .04 r .04 . . n"
                          : "r .11 r06 .34 .03 r r .04 . . n");
  for (uint8_t level = 0; level < 5; level++)
    for (unsigned bit = 1; bit < 64; bit++)
      assert_int_equal(ask_letter(&a, level, UINT64_C(1) << bit), 'n');
}

/* All are a user's; a guest's tables are written; host CR0.WP is of no account. The letters are of
 * those that go through: r, w, m as ever, f a fetch, t a table read, s a swap in a table. */
static void rights(void **state) {
  (void)state;
  static const struct {
    uint64_t bits;
    const char *allows;
  } row[] = {{0, ""},  {RW, ""},      {US, "rf"},     {US | RW, "rwmfts"},
             {NX, ""}, {NX | RW, ""}, {NX | US, "r"}, {NX | US | RW, "rwmts"}};
  static const struct {
    char letter;
    uint8_t kind, about;
  } access[] = {{'r', MMU_READ, RULES_ABOUT_FINAL},  {'w', MMU_WRITE, RULES_ABOUT_FINAL},
                {'m', MMU_RMW, RULES_ABOUT_FINAL},   {'f', MMU_FETCH, RULES_ABOUT_FINAL},
                {'t', MMU_READ, RULES_ABOUT_TABLE},  {'t', MMU_FETCH, RULES_ABOUT_TABLE},
                {'t', MMU_WRITE, RULES_ABOUT_TABLE}, {'s', MMU_READ, RULES_ABOUT_SWAP},
                {'s', MMU_FETCH, RULES_ABOUT_SWAP}};
  struct ask a = npt();
  for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
    for (unsigned k = 0; k < sizeof access / sizeof access[0]; k++) {
      a.acc.kind = access[k].kind;
      a.about = access[k].about;
      char want = 'p';
      for (const char *c = row[i].allows; *c != 0; c++)
        if (*c == access[k].letter) want = '.';
      a.rights = 0;
      assert_int_equal(ask_letter(&a, 0, P | row[i].bits), want);
      /* the same if it is an upper entry that takes them away */
      struct rules_s2_step s = ask(&a, 3, P | row[i].bits);
      assert_int_equal(s.kind, RULES_TABLE);
      a.rights = s.rights;
      if (s.rights != 0) assert_int_equal(ask_letter(&a, 0, FULL), want);
    }
  }
}

static void expect_update(const struct ask *a, uint8_t level, uint64_t pte, uint64_t becomes,
                          bool dirty) {
  struct rules_s2_step s = ask(a, level, pte);
  assert_int_not_equal(s.kind, RULES_FAULT);
  assert_int_equal(s.update, pte != becomes);
  if (s.update) assert_int_equal(s.new_pte, becomes);
  if (s.kind == RULES_LEAF) assert_int_equal(s.dirty, dirty);
}

static void accessed_dirty(void **state) {
  (void)state;
  struct ask a = npt();
  for (unsigned n = 0; n < 4 * 3; n++) {
    a.acc.kind = (uint8_t)(n % 4);
    a.about = n / 4;
    bool w = a.about != RULES_ABOUT_FINAL || n % 4 == MMU_WRITE || n % 4 == MMU_RMW;
    for (uint8_t level = 1; level < 5; level++) {
      expect_update(&a, level, FULL, FULL | A, false);
      expect_update(&a, level, FULL | D, FULL | A | D, false); /* D of a pointer is ignored */
      expect_update(&a, level, FULL | A, FULL | A, false);
    }
    expect_update(&a, 0, FULL, FULL | A | (w ? D : 0), w);
    expect_update(&a, 0, FULL | A, FULL | A | (w ? D : 0), w);
    expect_update(&a, 0, FULL | A | D, FULL | A | D, true);
    expect_update(&a, 1, FULL | PS | A, FULL | PS | A | (w ? D : 0), w);
  }
}

static void sizes(void **state) {
  (void)state;
  struct ask a = npt();
  struct rules_s2_step s = ask(&a, 0, FULL | PAT | PCD | UINT64_C(0x3ffffffff000));
  assert_int_equal(s.next, 0x3ffffffff000);
  assert_int_equal(s.shift, 12);
  assert_int_equal(s.attrs, 6);
  s = ask(&a, 1, FULL | PS | PWT | UINT64_C(0x3fffffe01000));
  assert_int_equal(s.next, 0x3fffffe00000);
  assert_int_equal(s.shift, 21);
  assert_int_equal(s.attrs, 5); /* bit 12 is PAT */
  s = ask(&a, 2, FULL | PS | UINT64_C(0x3fffc0000000));
  assert_int_equal(s.next, 0x3fffc0000000);
  assert_int_equal(s.shift, 30);
  assert_int_equal(s.attrs, 0);
  const uint64_t ignored = UINT64_C(0x7ff) << 52;
  for (uint8_t level = 0; level < 5; level++) {
    s = ask(&a, level, FULL | ignored | UINT64_C(0x3ffffffff000));
    assert_int_equal(s.kind, level == 0 ? RULES_LEAF : RULES_TABLE);
    assert_int_equal(s.next, 0x3ffffffff000);
  }
}

enum { GVA = 0x7000, GPA = 0x5678, RESERVED = MMU_CAUSE_RESERVED, DENIED = MMU_CAUSE_PERMISSION };
#define ROW(k, info, opened, ...)                                                     \
  {                                                                                   \
    .acc = {.kind = (k)}, .f = {.gva = GVA, .gpa = GPA, .stage2 = true, __VA_ARGS__}, \
    .reg = {0x400, UINT64_C(info), 0, GPA}, .open = {                                 \
      0,                                                                              \
      (opened),                                                                       \
      0,                                                                              \
      0                                                                               \
    }                                                                                 \
  }

static void exits(void **state) {
  (void)state;
  const struct fault_row row[] = {
      ROW(MMU_READ, 0x100000004, 0, .cause = MMU_CAUSE_NOT_PRESENT),
      ROW(MMU_WRITE, 0x100000006, 0, .cause = MMU_CAUSE_NOT_PRESENT),
      ROW(MMU_RMW, 0x100000006, 0, .cause = MMU_CAUSE_NON_CANONICAL),
      ROW(MMU_FETCH, 0x100000014, 0, .cause = MMU_CAUSE_NOT_PRESENT),
      ROW(MMU_READ, 0x100000005, 0, .cause = DENIED),  /* a supervisor page */
      ROW(MMU_WRITE, 0x100000007, 0, .cause = DENIED), /* a read-only one */
      ROW(MMU_FETCH, 0x100000015, 0, .cause = DENIED), /* NX */
      ROW(MMU_READ, 0x10000000d, 0, .cause = RESERVED),
      ROW(MMU_FETCH, 0x10000001d, 0, .cause = RESERVED),
      ROW(MMU_READ, 0x200000006, 0, .cause = MMU_CAUSE_NOT_PRESENT, .on_walk = true),
      ROW(MMU_FETCH, 0x200000006, 0, .cause = MMU_CAUSE_NOT_PRESENT, .on_walk = true),
      ROW(MMU_READ, 0x200000007, 0, .cause = DENIED, .on_walk = true),
      ROW(MMU_FETCH, 0x20000000f, 0, .cause = RESERVED, .on_walk = true),
      ROW(MMU_READ, 0x200000007, 0, .cause = DENIED, .on_ad_write = true),
  };
  struct ask a = npt();
  struct mmu_syndrome s;
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    expect_registers(&a, &row[i], &s);
    assert_true(s.to_hyp);
  }
  a.ctx.s2_nxe = false; /* I/D then hangs on the host's SMEP */
  const struct fault_row fetch = ROW(MMU_FETCH, 0x100000004, 16, .cause = MMU_CAUSE_NOT_PRESENT);
  expect_registers(&a, &fetch, &s);
  const struct fault_row vmrun = {
      .f = {.gva = GVA, .gpa = GPA, .stage2 = true, .cause = MMU_CAUSE_ROOT_SIZE},
      .open = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
  expect_registers(&a, &vmrun, &s);
  const struct fault_row check = {.f = {.gpa = GPA, .stage2 = true, .cause = MMU_CAUSE_BUS},
                                  .reg = {18}};
  expect_registers(&a, &check, &s);
  assert_false(s.to_hyp);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(roots), cmocka_unit_test(formats),        cmocka_unit_test(rights),
      cmocka_unit_test(sizes), cmocka_unit_test(accessed_dirty), cmocka_unit_test(exits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
