/* SPDX-License-Identifier: Apache-2.0
 * The C rules of RISC-V's G-stage against the privileged ISA (hypervisor chapter, and the
 * supervisor chapter's translation process). Expectations are written from the text; instructions
 * and what they are transformed to (the same with offset 0 and rs1 = x0) were assembled with
 * binutils. */
#include "stage2_ask.h"

enum { V = 1, R = 2, W = 4, X = 8, U = 16, G = 32, A = 64, D = 128 };
enum { RWX = R | W | X, FULL = V | RWX | U | A | D };
#define N (UINT64_C(1) << 63)
#define NAPOT (UINT64_C(8) << 10)

static struct ask riscv(void) {
  return (struct ask){.rules = rules_of(MMU_ARCH_RISCV),
                      .ctx = {.s1_mode = MMU_S1_SV39,
                              .priv = MMU_SUPERVISOR,
                              .s2_mode = MMU_S2_RISCV,
                              .s2_root = 0x12347000,
                              .s2_top = 2,
                              .s2_pa_width = 50},
                      .acc = {.kind = MMU_READ},
                      .about = RULES_ABOUT_FINAL};
}

/* Sv39x4, Sv48x4, Sv57x4: 41, 50, 59 bits, the rest 0; a root of 16 KiB, aligned. */
static void roots(void **state) {
  (void)state;
  static const unsigned bits[] = {[2] = 41, [3] = 50, [4] = 59};
  struct ask a = riscv();
  for (a.ctx.s2_top = 2; a.ctx.s2_top <= 4; a.ctx.s2_top++) {
    uint64_t last = (UINT64_C(1) << bits[a.ctx.s2_top]) - 1;
    struct rules_root r = root_of(&a, last);
    assert_int_equal(r.cause, MMU_CAUSE_NONE);
    assert_int_equal(r.level, a.ctx.s2_top);
    assert_int_equal(r.table, 0x12344000);
    assert_int_equal(rules_pte_addr(r.table, last, r.level, r.index_bits), 0x12347ff8);
    for (unsigned bit = bits[a.ctx.s2_top]; bit < 64; bit++)
      assert_int_equal(root_of(&a, UINT64_C(1) << bit).cause, MMU_CAUSE_NON_CANONICAL);
    assert_int_equal(root_of(&a, UINT64_MAX).cause, MMU_CAUSE_NON_CANONICAL);
  }
  a.ctx.s2_top = 2;
  a.ctx.s2_root = UINT64_C(1) << 50;
  assert_int_equal(root_of(&a, 0).cause, MMU_CAUSE_ROOT_SIZE);
}

/* Every bit of every format. */
static void formats(void **state) {
  (void)state;
  struct ask a = riscv();
  /* clang-format off */
  /*                     63 62:61 60:54 53:48 47:10       9:8 D A G U X W R V */
  flip_each(&a, 0, FULL, "r  r02  r07  s06  .38           .02 . a . p . . r n");
  flip_each(&a, 1, FULL, "r  r02  r07  s06  .29 r09       .02 . a . p . . r n");
  flip_each(&a, 2, FULL, "r  r02  r07  s06  .20 r18       .02 . a . p . . r n");
  flip_each(&a, 3, FULL, "r  r02  r07  s06  .11 r27       .02 . a . p . . r n");
  flip_each(&a, 4, FULL, "r  r02  r07  s06  .02 r36       .02 . a . p . . r n");
  /* clang-format on */
  for (uint8_t level = 1; level < 5; level++)
    flip_each(&a, level, V, "r  r02  r07  s06  .38           .02 r r . r p r p n");
  a.ctx.s2_hw_a = a.ctx.s2_hw_d = true;
  flip_each(&a, 0, FULL, "r  r02  r07  s06  .38           .02 . . . p . . r n");
  a.ctx.s2_pbmte = true;
  flip_each(&a, 0, FULL, "r  .02  r07  s06  .38           .02 . . . p . . r n");
  flip_each(&a, 1, V, "r  r02  r07  s06  .38           .02 r r . r p r p n");
  assert_int_equal(ask_letter(&a, 0, FULL | UINT64_C(3) << 61), 'r');
  assert_int_equal(ask(&a, 0, FULL | UINT64_C(2) << 61).attrs, 2);
  a.ctx.s2_pbmte = false;
  a.ctx.pbmte = true; /* stage 1's */
  assert_int_equal(ask_letter(&a, 0, FULL | UINT64_C(1) << 61), 'r');
  assert_int_equal(ask_letter(&a, 0, V), 'r'); /* a pointer at the last level */
  for (uint8_t level = 0; level < 5; level++)
    for (unsigned bit = 1; bit < 64; bit++)
      assert_int_equal(ask_letter(&a, level, UINT64_C(1) << bit), 'n');
}

/* Svnapot: 64 KiB, at level 0 only, and its size bits are no address. */
static void napot(void **state) {
  (void)state;
  struct ask a = riscv();
  for (uint64_t low = 0; low < 16; low++)
    assert_int_equal(ask_letter(&a, 0, FULL | N | low << 10), low == 8 ? '.' : 'r');
  struct rules_s2_step s = ask(&a, 0, FULL | N | NAPOT | UINT64_C(0x123450000) >> 2);
  assert_int_equal(s.shift, 16);
  assert_int_equal(s.next, 0x123450000);
  assert_int_equal(ask_letter(&a, 1, FULL | N), 'r');
  assert_int_equal(ask_letter(&a, 1, V | N), 'r');
  assert_int_equal(ask_letter(&a, 1, V | N | NAPOT), 'r');
}

/* alignment > rights > A and D > address */
static void order(void **state) {
  (void)state;
  struct ask a = riscv();
  uint64_t far = UINT64_C(1) << 53;
  assert_int_equal(ask_letter(&a, 1, V | X | far | 1 << 10), 'r');
  assert_int_equal(ask_letter(&a, 1, V | X | far), 'p');
  assert_int_equal(ask_letter(&a, 1, V | R | U | far), 'a');
  assert_int_equal(ask_letter(&a, 1, V | R | U | A | far), 's');
}

/* Letters of what goes through: r load, w store, m AMO, f fetch, h HLVX, t table, s swap in a
 * table; l a load with MXR of the hypervisor. */
static void rights(void **state) {
  (void)state;
  static const struct {
    unsigned bits;
    const char *allows;
  } row[] = {{U | R, "rlt"},
             {U | R | W, "rlwmts"},
             {U | X, "lfh"},
             {U | R | X, "rltfh"},
             {U | R | W | X, "rlwmtsfh"},
             {R, ""},
             {R | W, ""},
             {X, ""},
             {R | W | X, ""}};
  static const struct {
    char letter;
    uint8_t kind, about;
    bool hlvx, mxr;
  } access[] = {
      {'r', MMU_READ, RULES_ABOUT_FINAL, false, false},
      {'l', MMU_READ, RULES_ABOUT_FINAL, false, true},
      {'w', MMU_WRITE, RULES_ABOUT_FINAL, false, true},
      {'m', MMU_RMW, RULES_ABOUT_FINAL, false, true},
      {'f', MMU_FETCH, RULES_ABOUT_FINAL, false, true},
      {'h', MMU_READ, RULES_ABOUT_FINAL, true, false},
      {'h', MMU_READ, RULES_ABOUT_FINAL, true, true},
      {'t', MMU_READ, RULES_ABOUT_TABLE, false, true}, /* an implicit load knows no MXR */
      {'t', MMU_WRITE, RULES_ABOUT_TABLE, false, false},
      {'t', MMU_FETCH, RULES_ABOUT_TABLE, false, false},
      {'t', MMU_READ, RULES_ABOUT_TABLE, true, false},
      {'s', MMU_READ, RULES_ABOUT_SWAP, false, true},
      {'s', MMU_FETCH, RULES_ABOUT_SWAP, false, false},
  };
  const unsigned kinds = sizeof access / sizeof access[0];
  struct ask a = riscv();
  for (unsigned n = 0; n < sizeof row / sizeof row[0] * kinds * 2; n++) {
    unsigned i = n / 2 / kinds, k = n / 2 % kinds;
    a.ctx.priv = n % 2; /* every access is a user's to the G-stage, whoever makes it */
    a.acc = (struct mmu_access){.kind = access[k].kind, .exec_as_read = access[k].hlvx};
    a.about = access[k].about;
    a.ctx.s2_mxr = access[k].mxr;
    a.ctx.mxr = true; /* vsstatus.MXR has no part in it */
    char want = 'p';
    for (const char *c = row[i].allows; *c != 0; c++)
      if (*c == access[k].letter) want = '.';
    if (ask_letter(&a, 0, V | A | D | row[i].bits) != want)
      fail_msg("row %u, access %u (%c)", i, k, access[k].letter);
  }
}

/* Svade and Svadu; a table read needs A, a swap in it D too. */
static void accessed_dirty(void **state) {
  (void)state;
  struct ask a = riscv();
  const uint64_t page = V | RWX | U;
  for (unsigned n = 0; n < 4 * 3; n++) {
    a.acc.kind = (uint8_t)(n % 4);
    a.about = n / 4;
    bool w = a.about == RULES_ABOUT_SWAP ||
             (a.about == RULES_ABOUT_FINAL && (n % 4 == MMU_WRITE || n % 4 == MMU_RMW));
    a.ctx.s2_hw_a = a.ctx.s2_hw_d = false;
    assert_int_equal(ask_letter(&a, 0, page), 'a');
    assert_int_equal(ask_letter(&a, 0, page | D), 'a');
    assert_int_equal(ask_letter(&a, 0, page | A), w ? 'd' : '.');
    assert_int_equal(ask_letter(&a, 0, page | A | D), '.');
    a.ctx.s2_hw_a = a.ctx.s2_hw_d = true;
    struct rules_s2_step s = ask(&a, 0, page);
    assert_true(s.update && s.dirty == w);
    assert_int_equal(s.new_pte, page | A | (w ? D : 0));
    s = ask(&a, 0, page | A);
    assert_true(s.update == w && s.dirty == w);
    s = ask(&a, 0, page | A | D);
    assert_true(!s.update && s.dirty);
    assert_false(ask(&a, 1, V | G).update);
  }
}

/* A page that does not fit in the physical address space is refused as a whole. */
static void sizes(void **state) {
  (void)state;
  struct ask a = riscv();
  for (uint8_t level = 0; level < 5; level++) {
    uint64_t last = (UINT64_C(1) << 50) - (UINT64_C(1) << (12 + 9 * level));
    struct rules_s2_step s = ask(&a, level, FULL | last >> 2);
    assert_int_equal(s.kind, RULES_LEAF);
    assert_int_equal(s.next, last);
    assert_int_equal(s.shift, 12 + 9 * level);
  }
  a.ctx.s2_pa_width = 40;
  assert_int_equal(ask_letter(&a, 4, FULL), 's');
  assert_int_equal(ask(&a, 2, V | UINT64_C(0x12345000) >> 2).next, 0x12345000);
}

/* With a G-stage, what stage 1 puts out is not checked; the hypervisor's MXR counts there too. */
static void first_stage(void **state) {
  (void)state;
  struct ask a = riscv();
  struct rules_root r;
  struct rules_step s;
  struct rules_need n;
  const struct mmu_access read = {.kind = MMU_READ};
  const uint64_t far = UINT64_C(0xffffffffff000);
  for (int on = 0; on < 2; on++) {
    a.ctx.s2_mode = on ? MMU_S2_RISCV : MMU_S2_PASS;
    a.ctx.pa_width = 40;
    a.ctx.s1_mode = MMU_S1_SV39;
    a.ctx.s1_root0 = far;
    a.rules->root(&a.ctx, &read, 0, &r);
    assert_int_equal(r.cause, on ? MMU_CAUSE_NONE : MMU_CAUSE_ROOT_SIZE);
    a.rules->step(&a.ctx, &read, 0, 1, false, V | far >> 2, RULES_ALL_RIGHTS, false, &s);
    assert_int_equal(s.kind, on ? RULES_TABLE : RULES_FAULT);
    a.rules->step(&a.ctx, &read, 0, 0, false, V | R | A | far >> 2, RULES_ALL_RIGHTS, false, &s);
    assert_int_equal(s.kind, on ? RULES_LEAF : RULES_FAULT);
    if (on) assert_int_equal(s.next, far);
    a.ctx.s1_mode = MMU_S1_OFF;
    a.rules->root(&a.ctx, &read, far, &r);
    assert_int_equal(r.cause, on ? MMU_CAUSE_NONE : MMU_CAUSE_ADDRESS_SIZE);
  }
  for (unsigned i = 0; i < 4; i++) {
    a.ctx.mxr = i & 1;
    a.ctx.s2_mxr = i >> 1;
    a.rules->need(&a.ctx, &read, &n);
    assert_true(rules_permits(&n, MMU_R_SR));
    assert_int_equal(rules_permits(&n, MMU_R_SX), i != 0);
  }
}

enum { TVAL = 0x7006, GPA = 0x123456, HTVAL = 0x48d15 };
#define ROW(k, code, insn_word, told, ...)                                \
  {                                                                       \
    .acc = {.kind = (k), .insn = (insn_word)},                            \
    .f = {.gva = TVAL, .gpa = GPA, .stage2 = true, __VA_ARGS__}, .reg = { \
      (code),                                                             \
      TVAL,                                                               \
      HTVAL,                                                              \
      (told)                                                              \
    }                                                                     \
  }
#define ABSENT .cause = MMU_CAUSE_NOT_PRESENT
#define LD UINT32_C(0x0085b503)
#define SD UINT32_C(0xfff13c23)

static void traps(void **state) {
  (void)state;
  const struct fault_row row[] = {
      ROW(MMU_FETCH, 20, 0, 0, ABSENT),
      ROW(MMU_READ, 21, 0, 0, ABSENT),
      ROW(MMU_WRITE, 23, 0, 0, ABSENT),
      ROW(MMU_RMW, 23, 0, 0, ABSENT),
      ROW(MMU_READ, 21, LD, 0x3503, ABSENT),
      ROW(MMU_WRITE, 23, SD, 0x1f03023, .cause = MMU_CAUSE_PERMISSION),
      ROW(MMU_FETCH, 20, LD, 0, ABSENT), /* never for fetches */
      ROW(MMU_READ, 21, LD, 0x3503, .cause = MMU_CAUSE_NON_CANONICAL),
      ROW(MMU_READ, 21, LD, 0x3503, .cause = MMU_CAUSE_RESERVED),
      ROW(MMU_READ, 21, LD, 0x3503, .cause = MMU_CAUSE_ACCESS_FLAG),
      ROW(MMU_WRITE, 23, SD, 0x1f03023, .cause = MMU_CAUSE_DIRTY_FLAG),
      ROW(MMU_READ, 21, LD, 0x3000, ABSENT, .on_walk = true),
      ROW(MMU_WRITE, 23, SD, 0x3000, ABSENT, .on_walk = true),
      ROW(MMU_FETCH, 20, 0, 0x3000, ABSENT, .on_walk = true),
      ROW(MMU_READ, 21, LD, 0x3020, .cause = MMU_CAUSE_PERMISSION, .on_ad_write = true),
      ROW(MMU_FETCH, 20, 0, 0x3020, .cause = MMU_CAUSE_PERMISSION, .on_ad_write = true),
  };
  struct ask a = riscv();
  struct mmu_syndrome s;
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    expect_registers(&a, &row[i], &s);
    assert_true(s.to_hyp && s.gva);
  }
  struct fault_row cbo = ROW(MMU_READ, 23, UINT32_C(0x0045200f), 0, ABSENT);
  cbo.acc.op = MMU_OP_CACHE;
  expect_registers(&a, &cbo, &s);
  struct fault_row hlvx = ROW(MMU_READ, 21, UINT32_C(0x6835c573), 0x68304573, ABSENT);
  hlvx.acc.exec_as_read = true;
  expect_registers(&a, &hlvx, &s);
}

/* No guest-physical address, and no instruction, with an access fault; it is the hypervisor's when
 * a G-stage is on. Page faults of stage 1 are the guest's. */
static void other_traps(void **state) {
  (void)state;
  static const uint8_t causes[] = {MMU_CAUSE_ADDRESS_SIZE, MMU_CAUSE_ROOT_SIZE, MMU_CAUSE_BUS,
                                   MMU_CAUSE_NO_ATOMIC, MMU_CAUSE_PARITY};
  static const uint8_t codes[] = {[MMU_READ] = 5, [MMU_WRITE] = 7, [MMU_FETCH] = 1, [MMU_RMW] = 7};
  struct ask a = riscv();
  struct mmu_syndrome s;
  for (unsigned n = 0; n < 5 * 4 * 3 * 3; n++) {
    unsigned kind = n / 5 % 4, place = n / 20 % 3, where = n / 60;
    a.ctx.s2_mode = where == 0 ? MMU_S2_OFF : where == 1 ? MMU_S2_PASS : MMU_S2_RISCV;
    const struct fault_row row = {.acc = {.kind = (uint8_t)kind, .insn = LD},
                                  .f = {.gva = TVAL,
                                        .gpa = GPA,
                                        .cause = causes[n % 5],
                                        .stage2 = where == 2,
                                        .on_walk = place == 1,
                                        .on_ad_write = place == 2},
                                  .reg = {codes[kind], TVAL}};
    expect_registers(&a, &row, &s);
    assert_int_equal(s.to_hyp, where == 2);
    assert_int_equal(s.gva, where == 2);
  }
  const struct fault_row page = {
      .acc = {.kind = MMU_READ, .insn = LD}, .f = {.gva = TVAL, ABSENT}, .reg = {13, TVAL}};
  expect_registers(&a, &page, &s);
  assert_false(s.to_hyp || s.gva);
}

static void transformed(void **state) {
  (void)state;
  static const struct {
    uint32_t insn, told;
  } row[] = {
      {0x00558503, 0x00000503}, /* lb a0, 5(a1) */
      {0xffe59503, 0x00001503}, /* lh a0, -2(a1) */
      {0x0045a503, 0x00002503}, /* lw a0, 4(a1) */
      {0x0085b503, 0x00003503}, /* ld a0, 8(a1) */
      {0x0015c503, 0x00004503}, /* lbu a0, 1(a1) */
      {0x00215f83, 0x00005f83}, /* lhu t6, 2(sp) */
      {0x0045e503, 0x00006503}, /* lwu a0, 4(a1) */
      {0x00a582a3, 0x00a00023}, /* sb a0, 5(a1) */
      {0xfea59f23, 0x00a01023}, /* sh a0, -2(a1) */
      {0x00a5a223, 0x00a02023}, /* sw a0, 4(a1) */
      {0xfff13c23, 0x01f03023}, /* sd t6, -8(sp) */
      {0x0045a507, 0x00002507}, /* flw fa0, 4(a1) */
      {0x0085b507, 0x00003507}, /* fld fa0, 8(a1) */
      {0x00a5a227, 0x00a02027}, /* fsw fa0, 4(a1) */
      {0xfea5bc27, 0x00a03027}, /* fsd fa0, -8(a1) */
      {0x00259507, 0x00001507}, /* flh fa0, 2(a1) */
      {0x1005a52f, 0x1000252f}, /* lr.w a0, (a1) */
      {0x1405b52f, 0x1400352f}, /* lr.d.aq a0, (a1) */
      {0x18c5a52f, 0x18c0252f}, /* sc.w a0, a2, (a1) */
      {0x1ac5b52f, 0x1ac0352f}, /* sc.d.rl a0, a2, (a1) */
      {0x00c5a52f, 0x00c0252f}, /* amoadd.w a0, a2, (a1) */
      {0x0ec5b52f, 0x0ec0352f}, /* amoswap.d.aqrl a0, a2, (a1) */
      {0x6005c573, 0x60004573}, /* hlv.b a0, (a1) */
      {0x6015c573, 0x60104573}, /* hlv.bu a0, (a1) */
      {0x6805c573, 0x68004573}, /* hlv.w a0, (a1) */
      {0x6815c573, 0x68104573}, /* hlv.wu a0, (a1) */
      {0x6835c573, 0x68304573}, /* hlvx.wu a0, (a1) */
      {0x6435c573, 0x64304573}, /* hlvx.hu a0, (a1) */
      {0x6c05c573, 0x6c004573}, /* hlv.d a0, (a1) */
      {0x62a5c073, 0x62a04073}, /* hsv.b a0, (a1) */
      {0x6aa5c073, 0x6aa04073}, /* hsv.w a0, (a1) */
      {0x6ea5c073, 0x6ea04073}, /* hsv.d a0, (a1) */
      {0x41c8, 0x00002501},     /* c.lw a0, 4(a1); of these bit 1 is clear */
      {0x6588, 0x00003501},     /* c.ld a0, 8(a1) */
      {0xc1c8, 0x00a02021},     /* c.sw a0, 4(a1) */
      {0xe49c, 0x00f03021},     /* c.sd a5, 8(s1) */
      {0x2588, 0x00003505},     /* c.fld fa0, 8(a1) */
      {0xa588, 0x00a03025},     /* c.fsd fa0, 8(a1) */
      {0x4f92, 0x00002f81},     /* c.lwsp t6, 4(sp) */
      {0x6fa2, 0x00003f81},     /* c.ldsp t6, 8(sp) */
      {0xc27e, 0x01f02021},     /* c.swsp t6, 4(sp) */
      {0xe47e, 0x01f03021},     /* c.sdsp t6, 8(sp) */
      {0x2522, 0x00003505},     /* c.fldsp fa0, 8(sp) */
      {0xa42a, 0x00a03025},     /* c.fsdsp fa0, 8(sp) */
      {0x41a8, 0x00002501},     /* c.lw a0, 64(a1) */
      {0x7f82, 0x00003f81},     /* c.ldsp t6, 32(sp) */
      {0xe0fe, 0x01f03021},     /* c.sdsp t6, 64(sp) */
      {0, 0},
      {0x0045c507, 0x00004507}, /* flq fa0, 4(a1) */
      {0x0045d507, 0},          /* vle16.v and the like */
      {0x0045f503, 0},          /* no such load */
      {0x00a5c223, 0},          /* no such store */
      {0x00c58533, 0},          /* add a0, a1, a2 */
      {0x00158513, 0},          /* addi a0, a1, 1 */
      {0x00058567, 0},          /* jalr a0, 0(a1) */
      {0x0ff0000f, 0},          /* fence */
      {0x18059573, 0},          /* csrrw a0, satp, a1 */
      {0x62b50073, 0},          /* hfence.gvma a0, a1 */
      {0x00000073, 0},          /* ecall */
      {0x02057007, 0},          /* vle64.v v0, (a0) */
      {0x02057027, 0},          /* vse64.v v0, (a0) */
      {0x0505, 0},              /* c.addi a0, 1 */
      {0x0808, 0},              /* c.addi4spn a0, sp, 16 */
      {0x050e, 0},              /* c.slli a0, 3 */
      {0x8502, 0},              /* c.jr a0 */
      {0x952e, 0},              /* c.add a0, a1 */
      {0xc101, 0},              /* c.beqz a0, . */
      {0x6505, 0},              /* c.lui a0, 1 */
  };
  struct ask a = riscv();
  struct mmu_syndrome s;
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    expect_registers(&a, &(struct fault_row)ROW(MMU_READ, 21, row[i].insn, row[i].told, ABSENT),
                     &s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(roots),       cmocka_unit_test(formats),
      cmocka_unit_test(napot),       cmocka_unit_test(rights),
      cmocka_unit_test(order),       cmocka_unit_test(accessed_dirty),
      cmocka_unit_test(sizes),       cmocka_unit_test(traps),
      cmocka_unit_test(first_stage), cmocka_unit_test(transformed),
      cmocka_unit_test(other_traps),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
