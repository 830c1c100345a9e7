/* SPDX-License-Identifier: Apache-2.0
 * The C rules of Arm's stage 2 against the Arm ARM (chapter D8, ESR_EL2, HPFAR_EL2) and its
 * pseudocode. Expectations are written from the text; the instructions were assembled with
 * binutils.
 */
#include "stage2_ask.h"

enum { VALID = 1, TABLE = 2, MEMATTR = 0xf << 2, S2R = 1 << 6, S2W = 1 << 7, AF = 1 << 10 };
enum { PAGE = VALID | TABLE | MEMATTR | S2R | S2W | AF, BLOCK = VALID | MEMATTR | S2R | S2W | AF };
#define DBM (UINT64_C(1) << 51)
#define XN(n) (UINT64_C(n) << 53)

static struct ask arm(void) {
  return (struct ask){.rules = rules_of(MMU_ARCH_ARM),
                      .ctx = {.s1_mode = MMU_S1_ARM_4K,
                              .priv = MMU_SUPERVISOR,
                              .s2_mode = MMU_S2_ARM,
                              .s2_root = 0x12345000,
                              .s2_top = 3,
                              .s2_t0sz = 16,
                              .s2_pa_width = 46},
                      .acc = {.kind = MMU_READ},
                      .about = RULES_ABOUT_FINAL};
}

/* The table of start levels for 4 KiB: input bits from and to, by the height of the first table. */
static void start_levels(void **state) {
  (void)state;
  static const struct { unsigned from, to; } row[4] = {{13, 25}, {22, 34}, {31, 43}, {40, 48}};
  struct ask a = arm();
  for (unsigned n = 0; n < 4 * 64; n++) {
    unsigned height = n % 4, t0sz = n / 4, bits = 64 - t0sz;
    bool fits = bits >= row[height].from && bits <= row[height].to;
    a.ctx.s2_top = (uint8_t)height;
    a.ctx.s2_t0sz = (uint8_t)t0sz;
    a.ctx.s2_root = UINT64_C(0x3fffffffffff);
    struct rules_root r = root_of(&a, 0);
    assert_int_equal(r.cause, fits ? MMU_CAUSE_NONE : MMU_CAUSE_NON_CANONICAL);
    assert_int_equal(r.level, fits ? height : 3);
    if (!fits) continue;
    /* entries of the first table: all that the input bits above 4 KiB and full tables leave */
    uint64_t bytes = 8 * (UINT64_C(1) << (bits - 12 - 9 * height));
    assert_int_equal(r.table, UINT64_C(0x400000000000) - bytes);
    assert_int_equal(UINT64_C(8) << r.index_bits, bytes);
    uint64_t last = (UINT64_C(1) << bits) - 1;
    assert_int_equal(root_of(&a, last).cause, MMU_CAUSE_NONE);
    assert_int_equal(rules_pte_addr(r.table, last, r.level, r.index_bits), 0x3ffffffffff8);
    r = root_of(&a, last + 1);
    assert_int_equal(r.cause, MMU_CAUSE_NON_CANONICAL);
    assert_int_equal(r.level, 3);
  }
}

/* 40 bits from level 1: 1024 entries, two tables, 8 KiB aligned. */
static void concatenated(void **state) {
  (void)state;
  struct ask a = arm();
  a.ctx.s2_top = 2;
  a.ctx.s2_t0sz = 24;
  a.ctx.s2_root = 0x12347000;
  struct rules_root r = root_of(&a, UINT64_C(0xffffffffff));
  assert_int_equal(r.table, 0x12346000);
  assert_int_equal(r.index_bits, 10);
  assert_int_equal(rules_pte_addr(r.table, UINT64_C(0xffffffffff), 2, 10), 0x12347ff8);
  a.ctx.s2_root = UINT64_C(1) << 46;
  assert_int_equal(root_of(&a, 0).cause, MMU_CAUSE_ROOT_SIZE);
  assert_int_equal(root_of(&a, 0).level, 3);
}

/* Every bit of every format. */
static void formats(void **state) {
  (void)state;
  struct ask a = arm();
  /* clang-format off */
  /*                           63:48 47:46 45:11  10 9:7 6 5:2  1 0 */
  flip_each(&a, 0, PAGE,       ".16  s02   .35    a  .03 p .04  r n");
  flip_each(&a, 1, BLOCK,      ".16  s02   .35    a  .03 p .04  . n");
  flip_each(&a, 2, BLOCK,      ".16  s02   .35    a  .03 p .04  . n");
  flip_each(&a, 1, VALID | 2,  ".16  s02   .35    .  .03 . .04  a n");
  flip_each(&a, 2, VALID | 2,  ".16  s02   .35    .  .03 . .04  a n");
  flip_each(&a, 3, VALID | 2,  ".16  s02   .35    .  .03 . .04  r n");
  /* clang-format on */
  a.ctx.s2_hw_a = true; /* AF is no fault then */
  flip_each(&a, 0, PAGE, ".16  s02   .35    .  .03 p .04  r n");
  for (uint8_t level = 0; level < 4; level++)
    for (unsigned bit = 1; bit < 64; bit++)
      assert_int_equal(ask_letter(&a, level, UINT64_C(1) << bit), 'n');
}

/* translation > address size > access flag > permission */
static void order(void **state) {
  (void)state;
  struct ask a = arm();
  uint64_t far = UINT64_C(1) << 46;
  assert_int_equal(ask_letter(&a, 0, VALID | far), 'r');
  assert_int_equal(ask_letter(&a, 0, VALID | TABLE | far), 's');
  assert_int_equal(ask_letter(&a, 0, VALID | TABLE), 'a');
  assert_int_equal(ask_letter(&a, 0, VALID | TABLE | AF), 'p');
  assert_int_equal(ask_letter(&a, 3, VALID | AF | S2R), 'r'); /* no block of 512 GiB */
  a.ctx.s2_hw_a = true;
  assert_int_equal(ask_letter(&a, 0, VALID | TABLE), 'p');
}

/* S2AP by access, XN by exception level, and what a table asks. */
static void rights(void **state) {
  (void)state;
  static const struct {
    uint64_t bits;
    const char *allows; /* r w m; f fetch at EL1, g at EL0; t table, s swap */
  } row[] = {
      {0, "fg"},
      {S2R, "rtfg"},
      {S2W, "wsfg"},
      {S2R | S2W, "rwmtsfg"},
      {DBM | S2R, "rtfg"},
      {XN(1), "g"},
      {XN(2), ""},
      {XN(3), "f"},
      {XN(1) | S2R, "rtg"},
      {XN(2) | S2W, "ws"},
      {XN(3) | S2R | S2W, "rwmtsf"},
  };
  static const struct {
    char letter;
    uint8_t kind, about, priv;
  } access[] = {
      {'r', MMU_READ, RULES_ABOUT_FINAL, MMU_SUPERVISOR},
      {'r', MMU_READ, RULES_ABOUT_FINAL, MMU_USER},
      {'w', MMU_WRITE, RULES_ABOUT_FINAL, MMU_USER},
      {'m', MMU_RMW, RULES_ABOUT_FINAL, MMU_SUPERVISOR},
      {'f', MMU_FETCH, RULES_ABOUT_FINAL, MMU_SUPERVISOR},
      {'g', MMU_FETCH, RULES_ABOUT_FINAL, MMU_USER},
      {'t', MMU_WRITE, RULES_ABOUT_TABLE, MMU_USER},
      {'t', MMU_FETCH, RULES_ABOUT_TABLE, MMU_SUPERVISOR},
      {'s', MMU_READ, RULES_ABOUT_SWAP, MMU_SUPERVISOR},
      {'s', MMU_FETCH, RULES_ABOUT_SWAP, MMU_USER},
  };
  struct ask a = arm();
  for (unsigned n = 0; n < sizeof row / sizeof row[0] * 10; n++) {
    unsigned i = n / 10, k = n % 10;
    a.acc.kind = access[k].kind;
    a.about = access[k].about;
    a.ctx.priv = access[k].priv;
    char want = 'p';
    for (const char *c = row[i].allows; *c != 0; c++)
      if (*c == access[k].letter) want = '.';
    if (ask_letter(&a, 0, VALID | TABLE | AF | row[i].bits) != want)
      fail_msg("row %u, access %c", i, access[k].letter);
  }
}

static void expect_update(const struct ask *a, uint64_t pte, uint64_t becomes, bool dirty) {
  struct rules_s2_step s = ask(a, 0, pte);
  assert_int_equal(s.kind, RULES_LEAF);
  assert_int_equal(s.update, pte != becomes);
  if (s.update) assert_int_equal(s.new_pte, becomes);
  assert_int_equal(s.dirty, dirty);
}

/* AF with HA. S2AP[1] with DBM, HA and HD, by a write that is no maintenance; nothing in a table.
 */
static void accessed_dirty(void **state) {
  (void)state;
  struct ask a = arm();
  const uint64_t page = VALID | TABLE | S2R;
  a.ctx.s2_hw_a = true;
  expect_update(&a, page, page | AF, false);
  expect_update(&a, page | S2W, page | S2W | AF, true);
  a.acc.kind = MMU_WRITE;
  assert_int_equal(ask_letter(&a, 0, page | DBM), 'p'); /* HD is off */
  a.ctx.s2_hw_d = true;
  assert_int_equal(ask_letter(&a, 0, page), 'p');
  expect_update(&a, page | DBM, page | DBM | AF | S2W, true);
  expect_update(&a, page | AF | S2W, page | AF | S2W, true);
  a.acc.op = MMU_OP_TRANSLATE;
  expect_update(&a, page | AF | DBM, page | AF | DBM, false);
  a.acc.op = MMU_OP_CACHE;
  expect_update(&a, page | AF | DBM, page | AF | DBM, false);
  a.acc.op = MMU_OP_NORMAL;
  a.about = RULES_ABOUT_TABLE; /* a read, whatever the access */
  expect_update(&a, page | AF | DBM, page | AF | DBM, false);
  a.acc.kind = MMU_READ;
  a.about = RULES_ABOUT_SWAP; /* a write, whatever the access */
  expect_update(&a, page | AF | DBM, page | AF | DBM | S2W, true);
  a.ctx.s2_hw_a = false;
  assert_int_equal(ask_letter(&a, 0, page | AF | DBM), 'p'); /* HD needs HA */
  struct rules_s2_step s = ask(&a, 1, VALID | TABLE);
  assert_false(s.update); /* no access flag in table descriptors without FEAT_HAFT */
}

/* HCR_EL2.PTW: Device is MemAttr[3:2] = 0. */
static void protected_walk(void **state) {
  (void)state;
  struct ask a = arm();
  for (unsigned n = 0; n < 16 * 3 * 2; n++) {
    unsigned attr = n % 16, about = n / 16 % 3;
    a.ctx.s2_ptw = n / 48;
    a.about = about;
    bool refused = a.ctx.s2_ptw && attr < 4 && about != RULES_ABOUT_FINAL;
    struct rules_s2_step s = ask(&a, 0, (PAGE & ~(unsigned)MEMATTR) | attr << 2);
    assert_int_equal(outcome(&s), refused ? 'p' : '.');
    if (!refused) assert_int_equal(s.attrs, attr);
  }
}

static void sizes(void **state) {
  (void)state;
  struct ask a = arm();
  struct rules_s2_step s = ask(&a, 0, PAGE | UINT64_C(0x3ffffffff000) | UINT64_C(1) << 52);
  assert_int_equal(s.next, 0x3ffffffff000);
  assert_int_equal(s.shift, 12); /* the contiguous hint is not taken */
  s = ask(&a, 1, BLOCK | UINT64_C(0x3ffffffff000));
  assert_int_equal(s.next, 0x3fffffe00000);
  assert_int_equal(s.shift, 21);
  s = ask(&a, 2, BLOCK | UINT64_C(0x3ffffffff000));
  assert_int_equal(s.next, 0x3fffc0000000);
  assert_int_equal(s.shift, 30);
  s = ask(&a, 3, VALID | TABLE | UINT64_C(0x3ffffffff000));
  assert_int_equal(s.next, 0x3ffffffff000);
  assert_int_equal(s.kind, RULES_TABLE);
}

enum { FAR = 0x7008, IPA = 0x8000678, HPFAR = 0x80000, NO_HPFAR = -1 };
#define ROW(k, esr, hpfar, ...)                                                       \
  {                                                                                   \
    .acc = {.kind = (k)}, .f = {.gva = FAR, .gpa = IPA, .stage2 = true, __VA_ARGS__}, \
    .reg = {(esr), FAR, (hpfar) == NO_HPFAR ? 0 : HPFAR}, .open = {                   \
      0,                                                                              \
      0,                                                                              \
      (hpfar) == NO_HPFAR ? UINT64_MAX : 0                                            \
    }                                                                                 \
  }
#define CAUSE(c, height) .cause = MMU_CAUSE_##c, .s2_level = (height)

/* ESR_EL2 put together by hand: EC 0x24 or 0x20, IL, status, WnR bit 6, S1PTW bit 7, CM bit 8. */
static void aborts(void **state) {
  (void)state;
  const struct fault_row row[] = {
      ROW(MMU_READ, 0x92000007, 0, CAUSE(NOT_PRESENT, 0)),
      ROW(MMU_WRITE, 0x92000046, 0, CAUSE(NOT_PRESENT, 1)),
      ROW(MMU_RMW, 0x92000005, 0, CAUSE(NOT_PRESENT, 2)),
      ROW(MMU_FETCH, 0x82000004, 0, CAUSE(NOT_PRESENT, 3)),
      ROW(MMU_READ, 0x92000004, 0, CAUSE(RESERVED, 3)),
      ROW(MMU_READ, 0x92000004, 0, CAUSE(NON_CANONICAL, 3)),
      ROW(MMU_READ, 0x92000000, 0, CAUSE(ROOT_SIZE, 3)),
      ROW(MMU_READ, 0x92000003, 0, CAUSE(ADDRESS_SIZE, 0)),
      ROW(MMU_WRITE, 0x9200004b, 0, CAUSE(ACCESS_FLAG, 0)),
      ROW(MMU_READ, 0x9200000f, NO_HPFAR, CAUSE(PERMISSION, 0)),
      ROW(MMU_WRITE, 0x9200004e, NO_HPFAR, CAUSE(PERMISSION, 1), .s2_rights = MMU_R2_R),
      ROW(MMU_FETCH, 0x8200000d, NO_HPFAR, CAUSE(PERMISSION, 2)),
      ROW(MMU_RMW, 0x9200000f, NO_HPFAR, CAUSE(PERMISSION, 0), .s2_rights = MMU_R2_W),
      ROW(MMU_RMW, 0x9200004f, NO_HPFAR, CAUSE(PERMISSION, 0), .s2_rights = MMU_R2_R),
      /* on a stage-1 table: the direction of the instruction; the address is known */
      ROW(MMU_READ, 0x92000087, 0, CAUSE(NOT_PRESENT, 0), .on_walk = true),
      ROW(MMU_WRITE, 0x920000cf, 0, CAUSE(PERMISSION, 0), .on_walk = true),
      ROW(MMU_FETCH, 0x82000086, 0, CAUSE(NOT_PRESENT, 1), .on_walk = true),
      ROW(MMU_READ, 0x9200008f, 0, CAUSE(PERMISSION, 0), .on_ad_write = true),
      ROW(MMU_RMW, 0x9200008f, 0, CAUSE(PERMISSION, 0), .on_ad_write = true, .s2_rights = 1),
      /* external abort on a stage-2 table */
      ROW(MMU_READ, 0x92000217, NO_HPFAR, CAUSE(BUS, 0)),
      ROW(MMU_WRITE, 0x920002d5, NO_HPFAR, CAUSE(BUS, 2), .on_walk = true),
      ROW(MMU_FETCH, 0x8200021e, NO_HPFAR, CAUSE(PARITY, 1)),
  };
  struct ask a = arm();
  struct mmu_syndrome s;
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    for (a.ctx.priv = MMU_USER; a.ctx.priv <= MMU_SUPERVISOR; a.ctx.priv++) {
      expect_registers(&a, &row[i], &s);
      assert_true(s.to_hyp);
    }
  }
  struct fault_row op = ROW(MMU_READ, 0x92000147, 0, CAUSE(NOT_PRESENT, 0));
  op.acc.op = MMU_OP_CACHE;
  op.acc.insn = 0xf9400483; /* told only of loads and stores */
  expect_registers(&a, &op, &s);
  op = (struct fault_row)ROW(MMU_READ, 0x920001c7, 0, CAUSE(NOT_PRESENT, 0), .on_walk = true);
  op.acc.op = MMU_OP_TRANSLATE;
  expect_registers(&a, &op, &s);
  struct fault_row lost = ROW(MMU_READ, 0x92000031, NO_HPFAR, CAUSE(NO_ATOMIC, 0));
  lost.open[0] = 1 << 9 | 1 << 6 | 0x7ff << 14;
  expect_registers(&a, &lost, &s);
  struct fault_row atomic = ROW(MMU_RMW, 0x92000217, NO_HPFAR, CAUSE(BUS, 0));
  atomic.open[0] = 1 << 6;
  expect_registers(&a, &atomic, &s);
  /* stage 1 is EL1's, HPFAR_EL2 not touched */
  const struct fault_row own = {.acc = {.kind = MMU_WRITE},
                                .f = {.gva = FAR, .cause = MMU_CAUSE_BUS, .on_walk = true},
                                .reg = {0x96000257, FAR}};
  expect_registers(&a, &own, &s);
  assert_false(s.to_hyp);
}

/* Words of binutils; ISV, SAS, SSE, SRT, SF, AR from the description of the field. */
static void operands(void **state) {
  (void)state;
  static const struct {
    uint32_t insn;
    bool told;
    unsigned sas, sse, srt, sf, ar;
  } row[] = {
      {0xf9400483, true, 3, 0, 3, 1, 0},  /* ldr x3, [x4, #8] */
      {0xb9400883, true, 2, 0, 3, 0, 0},  /* ldr w3, [x4, #8] */
      {0x39400041, true, 0, 0, 1, 0, 0},  /* ldrb w1, [x2] */
      {0x39800441, true, 0, 1, 1, 1, 0},  /* ldrsb x1, [x2, #1] */
      {0x39c00441, true, 0, 1, 1, 0, 0},  /* ldrsb w1, [x2, #1] */
      {0x794000c5, true, 1, 0, 5, 0, 0},  /* ldrh w5, [x6] */
      {0x79c003fe, true, 1, 1, 30, 0, 0}, /* ldrsh w30, [sp] */
      {0x798000c5, true, 1, 1, 5, 1, 0},  /* ldrsh x5, [x6] */
      {0xb9800507, true, 2, 1, 7, 1, 0},  /* ldrsw x7, [x8, #4] */
      {0xf9000149, true, 3, 0, 9, 1, 0},  /* str x9, [x10] */
      {0xb900055f, true, 2, 0, 31, 0, 0}, /* str wzr, [x10, #4] */
      {0x3900018b, true, 0, 0, 11, 0, 0}, /* strb w11, [x12] */
      {0x790001cd, true, 1, 0, 13, 0, 0}, /* strh w13, [x14] */
      {0xf85f820f, true, 3, 0, 15, 1, 0}, /* ldur x15, [x16, #-8] */
      {0xb81fc251, true, 2, 0, 17, 0, 0}, /* stur w17, [x18, #-4] */
      {0xf8400a93, true, 3, 0, 19, 1, 0}, /* ldtr x19, [x20] */
      {0x38000ad5, true, 0, 0, 21, 0, 0}, /* sttrb w21, [x22] */
      {0xb8800841, true, 2, 1, 1, 1, 0},  /* ldtrsw x1, [x2] */
      {0xf8626820, true, 3, 0, 0, 1, 0},  /* ldr x0, [x1, x2] */
      {0xb8625820, true, 2, 0, 0, 0, 0},  /* ldr w0, [x1, w2, uxtw #2] */
      {0x3822e823, true, 0, 0, 3, 0, 0},  /* strb w3, [x1, x2, sxtx] */
      {0xc8dfff17, true, 3, 0, 23, 1, 1}, /* ldar x23, [x24] */
      {0xc8dffc21, true, 3, 0, 1, 1, 1},  /* ldar x1, [x1] */
      {0x08dfff59, true, 0, 0, 25, 0, 1}, /* ldarb w25, [x26] */
      {0x889fff9b, true, 2, 0, 27, 0, 1}, /* stlr w27, [x28] */
      {0x489ffc1d, true, 1, 0, 29, 0, 1}, /* stlrh w29, [x0] */
      {0xc8df7c41, true, 3, 0, 1, 1, 0},  /* ldlar x1, [x2]; AR open */
      {0x089f7c83, true, 0, 0, 3, 0, 0},  /* stllrb w3, [x4]; AR open */
      {.insn = 0},
      {.insn = 0xf9800000}, /* prfm pldl1keep, [x0] */
      {.insn = 0xf89ff000}, /* prfum pldl1keep, [x0, #-1] */
      {.insn = 0xf8a16800}, /* prfm pldl1keep, [x0, x1] */
      {.insn = 0xfd400000}, /* ldr d0, [x0] */
      {.insn = 0x3d800000}, /* str q0, [x0] */
      {.insn = 0xf8408441}, /* ldr x1, [x2], #8 */
      {.insn = 0xf8408c41}, /* ldr x1, [x2, #8]! */
      {.insn = 0xb8004441}, /* str w1, [x2], #4 */
      {.insn = 0xa9400861}, /* ldp x1, x2, [x3] */
      {.insn = 0x29000861}, /* stp w1, w2, [x3] */
      {.insn = 0x69400861}, /* ldpsw x1, x2, [x3] */
      {.insn = 0xa8400861}, /* ldnp x1, x2, [x3] */
      {.insn = 0xc85f7c41}, /* ldxr x1, [x2] */
      {.insn = 0xc8007c41}, /* stxr w0, x1, [x2] */
      {.insn = 0xc85ffc41}, /* ldaxr x1, [x2] */
      {.insn = 0xc800fc41}, /* stlxr w0, x1, [x2] */
      {.insn = 0xc8e1fc62}, /* casal x1, x2, [x3] */
      {.insn = 0xf8e10062}, /* ldaddal x1, x2, [x3] */
      {.insn = 0xf8218062}, /* swp x1, x2, [x3] */
      {.insn = 0xf8200441}, /* ldraa x1, [x2] */
      {.insn = 0x58000001}, /* ldr x1, . */
      {.insn = 0xd50b7e20}, /* dc civac, x0 */
      {.insn = 0x8b020020}, /* add x0, x1, x2 */
      {.insn = 0xba020020}, /* adcs x0, x1, x2 */
      {.insn = 0xf8bfc041}, /* ldapr x1, [x2] */
      {.insn = 0xf8622820}, /* a register offset of halfwords: not allocated */
      {.insn = 0xb9c00041}, /* size 2, opc 3: not allocated */
  };
  struct ask a = arm();
  struct mmu_syndrome s;
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    struct fault_row f = ROW(MMU_READ, 0x92000004, 0, CAUSE(NOT_PRESENT, 3));
    f.acc.insn = row[i].insn;
    expect_registers(
        &a,
        &(struct fault_row){
            .acc = {.kind = MMU_READ, .insn = row[i].insn},
            .f = {.gva = FAR, .gpa = IPA, .stage2 = true, CAUSE(NOT_PRESENT, 0), .on_walk = true},
            .reg = {0x92000087, FAR, HPFAR}},
        &s); /* never on a table */
    f.reg[0] |= row[i].told ? 1U << 24 | row[i].sas << 22 | row[i].sse << 21 | row[i].srt << 16 |
                                  row[i].sf << 15 | row[i].ar << 14
                            : 0;
    if ((row[i].insn & 0x3f208000) == 0x08000000 && row[i].told) f.open[0] = 1 << 14;
    expect_registers(&a, &f, &s);
    f.f.cause = MMU_CAUSE_BUS; /* nor with an external abort */
    f.reg[0] = 0x92000214;
    f.reg[2] = 0;
    f.open[0] = 0;
    f.open[2] = UINT64_MAX;
    expect_registers(&a, &f, &s);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(start_levels), cmocka_unit_test(concatenated),
      cmocka_unit_test(formats),      cmocka_unit_test(order),
      cmocka_unit_test(rights),       cmocka_unit_test(accessed_dirty),
      cmocka_unit_test(sizes),        cmocka_unit_test(protected_walk),
      cmocka_unit_test(aborts),       cmocka_unit_test(operands),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
