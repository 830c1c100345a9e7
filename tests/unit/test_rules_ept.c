/* SPDX-License-Identifier: Apache-2.0
 * The C rules of EPT against the Intel SDM, volume 3 ("EPT Translation Mechanism", "EPT
 * Misconfigurations", "Accessed and Dirty Flags for EPT", the table of exit qualifications), and
 * the values that kvm-unit-tests expects of hardware. Expectations are written from the text. */
#include "stage2_ask.h"

enum { R = 1, W = 2, X = 4, PS = 1 << 7, IPAT = 1 << 6, A = 1 << 8, D = 1 << 9, UX = 1 << 10 };
enum { WB = 6 << 3, RWX = R | W | X, LEAF = RWX | WB };
enum { R2_R = MMU_R2_R, R2_W = MMU_R2_W, R2_SX = MMU_R2_SX, R2_UX = MMU_R2_UX };

static struct ask ept(void) {
  return (struct ask){.rules = rules_of(MMU_ARCH_X86),
                      .ctx = {.s1_mode = MMU_S1_X86_L4,
                              .s2_mode = MMU_S2_EPT,
                              .s2_root = 0x12345000,
                              .s2_top = 3,
                              .s2_pa_width = 46,
                              .s2_page1g = true},
                      .acc = {.kind = MMU_READ},
                      .about = RULES_ABOUT_FINAL};
}

/* 4 levels translate 48 bits; a bit above makes a violation. EPTP bits 51:12 are the root. */
static void roots(void **state) {
  (void)state;
  struct ask a = ept();
  struct rules_root r = root_of(&a, UINT64_C(0xffffffffffff));
  assert_int_equal(r.cause, MMU_CAUSE_NONE);
  assert_int_equal(r.level, 3);
  assert_int_equal(r.index_bits, 9);
  assert_int_equal(r.table, 0x12345000);
  for (unsigned bit = 48; bit < 52; bit++)
    assert_int_equal(root_of(&a, UINT64_C(1) << bit).cause, MMU_CAUSE_NON_CANONICAL);
  a.ctx.s2_top = 4;
  r = root_of(&a, UINT64_C(0xfffffffffffff));
  assert_int_equal(r.cause, MMU_CAUSE_NONE);
  assert_int_equal(r.level, 4);
  a.ctx.s2_root |= UINT64_C(1) << 45;
  assert_int_equal(root_of(&a, 0).cause, MMU_CAUSE_NONE);
  a.ctx.s2_root |= UINT64_C(1) << 46;
  assert_int_equal(root_of(&a, 0).cause, MMU_CAUSE_ROOT_SIZE);
}

/* "EPT Misconfigurations", every bit of every format; memory type 6 turns into 2, 4 and 7. */
static void formats(void **state) {
  (void)state;
  struct ask a = ept();
  for (int mbec = 0; mbec < 2; mbec++) {
    a.ctx.s2_mbec = mbec;
    /* clang-format off */
    /*                                 63:52 51:46 45:12         11:8 7 6 5:3 2:0 */
    flip_each(&a, 0, LEAF,             ".12  r06   .34           .04  . . r.r ..r");
    flip_each(&a, 1, LEAF | PS,        ".12  r06   .25 r09       .04  r . r.r ..r");
    flip_each(&a, 2, LEAF | PS,        ".12  r06   .16 r18       .04  r . r.r ..r");
    flip_each(&a, 1, RWX,              ".12  r06   .34           .04  . r rrr ..r");
    flip_each(&a, 2, RWX,              ".12  r06   .34           .04  . r rrr ..r");
    flip_each(&a, 3, RWX,              ".12  r06   .34           .04  r r rrr ..r");
    flip_each(&a, 4, RWX,              ".12  r06   .34           .04  r r rrr ..r");
    a.ctx.s2_page1g = false;
    flip_each(&a, 2, RWX,              ".12  r06   .34           .04  r r rrr ..r");
    /* clang-format on */
    a.ctx.s2_page1g = true;
    /* absent, whatever else it holds; with the control bit 10 makes it present */
    for (uint8_t level = 0; level < 5; level++)
      for (unsigned bit = 3; bit < 64; bit++)
        if (bit != 10) assert_int_equal(ask_letter(&a, level, UINT64_C(1) << bit), 'n');
    assert_int_equal(ask_letter(&a, 0, UX | WB), mbec ? 'r' : 'n');
  }
}

static void memory_types(void **state) {
  (void)state;
  struct ask a = ept();
  for (uint64_t type = 0; type < 16; type++) { /* bit 3 of it is IPAT */
    struct rules_s2_step s = ask(&a, 0, RWX | type << 3);
    bool fits = (type & 7) != 2 && (type & 7) != 3 && (type & 7) != 7;
    assert_int_equal(outcome(&s), fits ? '.' : 'r');
    if (fits) assert_int_equal(s.attrs, type);
  }
}

/* The letters of the accesses that go through: r read, w write, m read-modify-write, s a fetch by
 * the kernel, u by user code; "-" absent, "!" misconfigured, "?" only if execute-only is supported.
 */
struct grant {
  unsigned bits;
  const char *plain, *mbec;
};
static const struct grant grants[] = {
    {0, "-", "-"},          {R, "r", "r"},
    {W, "!", "!"},          {R | W, "rwm", "rwm"},
    {X, "?su", "?s"},       {R | X, "rsu", "rs"},
    {W | X, "!", "!"},      {R | W | X, "rwmsu", "rwms"},
    {UX, "-", "?u"},        {R | UX, "r", "ru"},
    {W | UX, "!", "!"},     {R | W | UX, "rwm", "rwmu"},
    {X | UX, "?su", "?su"}, {R | X | UX, "rsu", "rsu"},
    {W | X | UX, "!", "!"}, {R | W | X | UX, "rwmsu", "rwmsu"},
};

static bool has(const char *letters, char c) {
  for (; *letters != 0; letters++)
    if (*letters == c) return true;
  return false;
}

static void rights(void **state) {
  (void)state;
  static const struct {
    char letter;
    uint8_t kind;
    bool user;
  } access[] = {{'r', MMU_READ, false},
                {'w', MMU_WRITE, false},
                {'m', MMU_RMW, true},
                {'s', MMU_FETCH, false},
                {'u', MMU_FETCH, true}};
  struct ask a = ept();
  for (unsigned n = 0; n < 4 * 5 * 16; n++) {
    const struct grant *g = &grants[n % 16];
    unsigned i = n / 16 % 5;
    a.ctx.s2_mbec = n / 80 & 1;
    a.ctx.s2_exec_only = n / 160 & 1;
    a.acc.kind = access[i].kind;
    a.user_page = access[i].user;
    const char *is = a.ctx.s2_mbec ? g->mbec : g->plain;
    char want = has(is, access[i].letter) ? '.' : 'p';
    if (is[0] == '-') want = 'n';
    if (is[0] == '!' || (is[0] == '?' && !a.ctx.s2_exec_only)) want = 'r';
    if (ask_letter(&a, 0, g->bits | WB) != want)
      fail_msg("bits %#x, access %c, mbec %d, execute-only %d", g->bits, access[i].letter,
               a.ctx.s2_mbec, a.ctx.s2_exec_only);
  }
}

/* "Access rights are evaluated only after the final address is known", on what all entries grant.
 */
static void accumulation(void **state) {
  (void)state;
  struct ask a = ept();
  a.acc.kind = MMU_WRITE;
  struct rules_s2_step s = ask(&a, 3, R);
  assert_int_equal(s.kind, RULES_TABLE);
  assert_int_equal(s.rights, R2_R);
  a.rights = s.rights;
  assert_int_equal(ask_letter(&a, 2, 0), 'n');
  assert_int_equal(ask_letter(&a, 2, W), 'r');
  s = ask(&a, 0, LEAF);
  assert_int_equal(outcome(&s), 'p');
  assert_int_equal(s.rights, R2_R);
  a.rights = 0;
  a.ctx.s2_mbec = true;
  assert_int_equal(ask(&a, 3, RWX).rights, R2_R | R2_W | R2_SX);
  assert_int_equal(ask(&a, 3, R | UX).rights, R2_R | R2_UX);
  a.ctx.s2_mbec = false;
  assert_int_equal(ask(&a, 3, RWX).rights, R2_R | R2_W | R2_SX | R2_UX);
  assert_int_equal(ask(&a, 3, R | UX).rights, R2_R);
}

static void expect_update(const struct ask *a, uint8_t level, uint64_t pte, uint64_t becomes,
                          bool dirty) {
  struct rules_s2_step s = ask(a, level, pte);
  assert_int_not_equal(s.kind, RULES_FAULT);
  assert_int_equal(s.update, pte != becomes);
  if (s.update) assert_int_equal(s.new_pte, becomes);
  if (s.kind == RULES_LEAF) assert_int_equal(s.dirty, dirty);
}

/* EPTP bit 6 off: bits 8 and 9 are ignored. On: A in every entry used, D in the leaf by a write,
 * which an access to a guest's paging structure is too. */
static void accessed_dirty(void **state) {
  (void)state;
  struct ask a = ept();
  static const struct {
    uint8_t kind, about;
    bool write;
  } row[] = {
      {MMU_READ, RULES_ABOUT_FINAL, false}, {MMU_FETCH, RULES_ABOUT_FINAL, false},
      {MMU_WRITE, RULES_ABOUT_FINAL, true}, {MMU_RMW, RULES_ABOUT_FINAL, true},
      {MMU_READ, RULES_ABOUT_TABLE, true},  {MMU_FETCH, RULES_ABOUT_TABLE, true},
      {MMU_READ, RULES_ABOUT_SWAP, true},
  };
  for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
    a.acc.kind = row[i].kind;
    a.about = row[i].about;
    bool w = row[i].write;
    a.ctx.s2_hw_a = a.ctx.s2_hw_d = false;
    expect_update(&a, 3, RWX, RWX, false);
    expect_update(&a, 0, LEAF, LEAF, true); /* nothing to be set later either */
    a.ctx.s2_hw_a = a.ctx.s2_hw_d = true;
    for (uint8_t level = 1; level < 5; level++) {
      expect_update(&a, level, RWX, RWX | A, false);
      expect_update(&a, level, RWX | A, RWX | A, false);
    }
    expect_update(&a, 0, LEAF, LEAF | A | (w ? D : 0), w);
    expect_update(&a, 0, LEAF | A, LEAF | A | (w ? D : 0), w);
    expect_update(&a, 0, LEAF | A | D, LEAF | A | D, true);
    expect_update(&a, 2, LEAF | PS, LEAF | PS | A | (w ? D : 0), w);
  }
}

/* A guest's table on a page that may only be read. */
static void tables(void **state) {
  (void)state;
  struct ask a = ept();
  a.acc.kind = MMU_WRITE; /* of no account */
  a.about = RULES_ABOUT_TABLE;
  assert_int_equal(ask_letter(&a, 0, R | WB), '.');
  a.ctx.s2_hw_a = a.ctx.s2_hw_d = true;
  assert_int_equal(ask_letter(&a, 0, R | WB), 'p');
  assert_int_equal(ask_letter(&a, 0, R | W | WB), '.');
  a.ctx.s2_hw_a = a.ctx.s2_hw_d = false;
  a.about = RULES_ABOUT_SWAP;
  assert_int_equal(ask_letter(&a, 0, R | WB), 'p');
  a.acc.kind = MMU_FETCH;
  a.about = RULES_ABOUT_TABLE;
  a.ctx.s2_exec_only = true;
  assert_int_equal(ask_letter(&a, 0, X | WB), 'p');
}

static void sizes(void **state) {
  (void)state;
  struct ask a = ept();
  struct rules_s2_step s = ask(&a, 0, LEAF | 0x3ffffffff000);
  assert_int_equal(s.next, 0x3ffffffff000);
  assert_int_equal(s.shift, 12);
  s = ask(&a, 1, LEAF | PS | 0x3fffffe00000);
  assert_int_equal(s.next, 0x3fffffe00000);
  assert_int_equal(s.shift, 21);
  s = ask(&a, 2, LEAF | PS | IPAT | 0x3fffc0000000);
  assert_int_equal(s.next, 0x3fffc0000000);
  assert_int_equal(s.shift, 30);
  assert_int_equal(s.attrs, 8 | 6);
  s = ask(&a, 4, RWX | UINT64_C(0xfff) << 52 | 0x3ffffffff000);
  assert_int_equal(s.kind, RULES_TABLE);
  assert_int_equal(s.next, 0x3ffffffff000);
}

enum { GVA = 0x7000, GPA = 0x5678, ALL = -1 };
#define ROW(k, q, opened, ...)                                                        \
  {                                                                                   \
    .acc = {.kind = (k)}, .f = {.gva = GVA, .gpa = GPA, .stage2 = true, __VA_ARGS__}, \
    .reg = {48, (q), GVA, GPA}, .open = {                                             \
      0,                                                                              \
      (opened),                                                                       \
      0,                                                                              \
      0                                                                               \
    }                                                                                 \
  }
#define ABSENT .cause = MMU_CAUSE_NOT_PRESENT
#define DENIED .cause = MMU_CAUSE_PERMISSION, .s2_rights
enum { NO_SSS = 1 << 14, NO_MBEC = 1 << 6, NO_INFO = 7 << 9, PLAIN = NO_SSS | NO_MBEC | NO_INFO };

static void expect_rows(const struct ask *a, const struct fault_row *row, size_t rows) {
  for (size_t i = 0; i < rows; i++) {
    struct mmu_syndrome s;
    expect_registers(a, &row[i], &s);
    assert_true(s.to_hyp);
  }
}

static void violations(void **state) {
  (void)state;
  struct ask a = ept();
  const struct fault_row plain[] = {
      ROW(MMU_READ, 0x181, PLAIN, ABSENT),
      ROW(MMU_WRITE, 0x182, PLAIN, ABSENT),
      ROW(MMU_FETCH, 0x184, PLAIN, ABSENT),
      ROW(MMU_RMW, 0x182, PLAIN | 1, ABSENT),
      ROW(MMU_READ, 0x181, PLAIN, .cause = MMU_CAUSE_NON_CANONICAL),
      ROW(MMU_WRITE, 0x18a, PLAIN, DENIED = R2_R),
      ROW(MMU_WRITE, 0x1aa, PLAIN, DENIED = R2_R | R2_SX | R2_UX),
      ROW(MMU_READ, 0x1a1, PLAIN, DENIED = R2_SX | R2_UX),
      ROW(MMU_FETCH, 0x19c, PLAIN, DENIED = R2_R | R2_W),
      ROW(MMU_READ, 0x181, PLAIN, DENIED = 0),
      ROW(MMU_WRITE, 0x081, PLAIN, ABSENT, .on_walk = true),
      ROW(MMU_FETCH, 0x081, PLAIN, ABSENT, .on_walk = true),
      ROW(MMU_READ, 0x0a1, PLAIN, DENIED = R2_SX | R2_UX, .on_walk = true),
      ROW(MMU_READ, 0x08b, PLAIN, DENIED = R2_R, .on_ad_write = true),
  };
  expect_rows(&a, plain, sizeof plain / sizeof plain[0]);
  a.ctx.s2_hw_a = a.ctx.s2_hw_d = true;
  const struct fault_row flags[] = {
      ROW(MMU_READ, 0x083, PLAIN, ABSENT, .on_walk = true),
      ROW(MMU_FETCH, 0x0ab, PLAIN, DENIED = R2_R | R2_SX | R2_UX, .on_walk = true),
      ROW(MMU_RMW, 0x083, PLAIN, ABSENT, .on_ad_write = true),
  };
  expect_rows(&a, flags, sizeof flags / sizeof flags[0]);
  a.ctx.s2_mbec = a.ctx.s2_exit_info = true;
  enum { USER = MMU_R_USER | MMU_R_UR, ANY = MMU_R_SR };
  const struct fault_row told[] = {
      ROW(MMU_READ, 0x981, NO_SSS, ABSENT, .s1_rights = ANY),
      ROW(MMU_READ, 0xb81, NO_SSS, ABSENT, .s1_rights = USER | ANY),
      ROW(MMU_WRITE, 0xf82, NO_SSS, ABSENT, .s1_rights = USER | MMU_R_UW | ANY | MMU_R_SW),
      ROW(MMU_FETCH, 0x3ac, NO_SSS, DENIED = R2_R | R2_SX, .s1_rights = USER | ANY | MMU_R_SX),
      ROW(MMU_FETCH, 0x1cc, NO_SSS, DENIED = R2_R | R2_UX, .s1_rights = ANY | MMU_R_SX),
      ROW(MMU_FETCH, 0x083, NO_SSS | NO_INFO, ABSENT, .on_walk = true, .s1_rights = ANY),
  };
  expect_rows(&a, told, sizeof told / sizeof told[0]);
  a.ctx.s1_mode = MMU_S1_OFF;
  const struct fault_row off[] = {ROW(MMU_READ, 0x781, NO_SSS, ABSENT)};
  expect_rows(&a, off, 1);
}

/* Exit 49 gives the guest-physical address and nothing else; an EPTP that VM entry refuses gives
 * nothing; an error of the memory is the guest's machine check. */
static void other_exits(void **state) {
  (void)state;
  struct ask a = ept();
  struct mmu_syndrome s;
  const struct fault_row bad = {
      .f = {.gva = GVA, .gpa = GPA, .stage2 = true, .cause = MMU_CAUSE_RESERVED},
      .reg = {49, 0, 0, GPA},
      .open = {0, UINT64_MAX, UINT64_MAX, 0}};
  expect_rows(&a, &bad, 1);
  const struct fault_row entry = {
      .f = {.gva = GVA, .gpa = GPA, .stage2 = true, .cause = MMU_CAUSE_ROOT_SIZE},
      .open = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
  expect_rows(&a, &entry, 1);
  for (unsigned cause = MMU_CAUSE_BUS; cause <= MMU_CAUSE_PARITY; cause++) {
    const struct fault_row check = {
        .f = {.gva = GVA, .gpa = GPA, .stage2 = true, .cause = (uint8_t)cause}, .reg = {18}};
    expect_registers(&a, &check, &s);
    assert_false(s.to_hyp);
  }
  /* a fault of stage 1 is the guest's, as without a stage 2 */
  const struct fault_row page = {.f = {.gva = GVA, .cause = MMU_CAUSE_PERMISSION},
                                 .acc = {.kind = MMU_WRITE},
                                 .reg = {14, 7, GVA}};
  expect_registers(&a, &page, &s);
  assert_false(s.to_hyp);
  const struct fault_row cr3 = {.f = {.gva = GVA, .cause = MMU_CAUSE_ROOT_SIZE},
                                .reg = {13},
                                .open = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
  expect_registers(&a, &cr3, &s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(roots),      cmocka_unit_test(formats),
      cmocka_unit_test(rights),     cmocka_unit_test(memory_types),
      cmocka_unit_test(tables),     cmocka_unit_test(accumulation),
      cmocka_unit_test(sizes),      cmocka_unit_test(accessed_dirty),
      cmocka_unit_test(violations), cmocka_unit_test(other_exits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
