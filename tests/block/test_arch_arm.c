/* SPDX-License-Identifier: Apache-2.0
 * The Arm folder of the architecture box against expectations written from the Arm ARM (VMSAv8-64,
 * 4 KiB granule): descriptors with every bit flipped, where walks start for each TxSZ, ESR and
 * FAR, TLBI. Heights here, Arm's level is 3 - height. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "sweep.h"

#define BIT(n) (1ULL << (n))
#define BITS(hi, lo) ((BIT((hi) - (lo)) * 2 - 1) << (lo))
#define AP1 BIT(6) /* EL0 may */
#define AP2 BIT(7) /* read-only */
#define AF BIT(10)
#define NG BIT(11)
#define DBM BIT(51)
#define CONTIGUOUS BIT(52)
#define PXN BIT(53)
#define UXN BIT(54)
#define PXNTABLE BIT(59)
#define UXNTABLE BIT(60)
#define APTABLE_NO_USER BIT(61)
#define APTABLE_READ_ONLY BIT(62)

/* Descriptor types by bits 1:0 at each height (figures "VMSAv8-64 ... descriptor formats"). */
enum type { NONE, WRONG, TABLE, OUTPUT };
static const enum type types[4][4] = {{NONE, WRONG, NONE, OUTPUT}, /* level 3 */
                                      {NONE, OUTPUT, NONE, TABLE}, /* level 2 */
                                      {NONE, OUTPUT, NONE, TABLE}, /* level 1 */
                                      {NONE, WRONG, NONE, TABLE}}; /* level 0 */

/* Data access permissions by AP[2:1]: EL0 read, EL0 write, EL1 write (EL1 always reads). */
static const bool ap_table[4][3] = {
    {false, false, true}, {true, true, true}, {false, false, false}, {true, false, false}};

/* What the tables above left, as the box gathers it. */
static uint8_t path_rights(unsigned n) {
  uint8_t r = 0x7f;
  if (n & 1) r &= (uint8_t) ~(MMU_R_USER | MMU_R_UR | MMU_R_UW); /* APTable[0] */
  if (n & 2) r &= (uint8_t) ~(MMU_R_UW | MMU_R_SW);              /* APTable[1] */
  if (n & 4) r &= (uint8_t)~MMU_R_UX;                            /* UXNTable */
  if (n & 8) r &= (uint8_t)~MMU_R_SX;                            /* PXNTable */
  return r;
}

static bool managed(const struct arch_in *in) {
  return (in->pte & DBM) && in->ctx.s1_hw_a && in->ctx.s1_hw_d;
}

static uint8_t leaf_rights(const struct arch_in *in) {
  uint64_t pte = in->pte;
  const bool *ap = ap_table[(pte & AP2 && !managed(in) ? 2 : 0) + (pte & AP1 ? 1 : 0)];
  bool r0 = ap[0] && (in->rights & MMU_R_UR);
  bool w0 = ap[1] && (in->rights & MMU_R_UW);
  bool w1 = ap[2] && (in->rights & MMU_R_SW);
  bool x0 = !(pte & UXN) && (in->rights & MMU_R_UX);
  bool x1 = !(pte & PXN) && (in->rights & MMU_R_SX);
  if (w0) x1 = false; /* writable from EL0: not executable at EL1 */
  if (in->ctx.wxn) {
    x0 = x0 && !w0;
    x1 = x1 && !w1;
  }
  return (uint8_t)(MMU_R_SR | (r0 ? MMU_R_USER | MMU_R_UR : 0) | (w0 ? MMU_R_UW : 0) |
                   (x0 ? MMU_R_UX : 0) | (w1 ? MMU_R_SW : 0) | (x1 ? MMU_R_SX : 0));
}

static bool may(const struct arch_in *in, uint8_t rights) {
  const struct mmu_access *a = &in->access;
  bool el0 = in->ctx.priv == MMU_USER;
  bool r = rights & (el0 ? MMU_R_UR : MMU_R_SR), w = rights & (el0 ? MMU_R_UW : MMU_R_SW);
  if (a->kind == MMU_FETCH) return rights & (el0 ? MMU_R_UX : MMU_R_SX);
  /* DC that does not write, from EL1: never a permission fault */
  if (a->op == MMU_OP_CACHE && !el0 && a->kind == MMU_READ) return true;
  /* PAN: what EL0 can access, EL1 may not; DC and AT are exempt */
  if (a->op == MMU_OP_NORMAL && in->ctx.pan && !el0 && (rights & MMU_R_UR)) return false;
  if (a->kind == MMU_READ) return r;
  if (a->kind == MMU_WRITE) return w;
  return r && w;
}

/* "The Contiguous bit", 4 KiB granule: 16 adjacent descriptors that map 16 adjacent pages, aligned
 * to their common size. Given what this one maps, the others map what is around it: is the whole
 * aligned, in memory, and no larger than the address range of its table base? */
static bool joins(const struct arch_in *in, uint64_t output, uint64_t size, uint64_t *base) {
  uint64_t whole = 16 * size;
  unsigned txsz = in->upper ? in->ctx.t1sz : in->ctx.t0sz;
  if (!(in->pte & CONTIGUOUS) || output < in->index * size) return false;
  *base = output - in->index * size;
  return *base % whole == 0 && *base + whole <= BIT(in->ctx.pa_width) && whole <= BIT(64 - txsz);
}

static void fault(struct expect *e, uint8_t cause) {
  e->kind = ARCH_FAULT;
  e->cause = cause;
}

/* "Prioritization of synchronous aborts": translation, address size, Access flag, permission. */
static void expect(const struct arch_in *in, struct expect *e) {
  uint64_t pte = in->pte;
  memset(e, 0, sizeof *e);
  enum type type = types[in->level][pte & 3];
  if (type == NONE || type == WRONG) {
    fault(e, type == NONE ? MMU_CAUSE_NOT_PRESENT : MMU_CAUSE_RESERVED);
    return;
  }
  e->page_shift = type == OUTPUT ? (uint8_t)(12U + 9U * in->level) : 12;
  e->next = pte & BITS(47, e->page_shift);
  if (e->next >> in->ctx.pa_width != 0) {
    fault(e, MMU_CAUSE_ADDRESS_SIZE);
    return;
  }
  if (type == TABLE) {
    e->kind = ARCH_TABLE;
    e->rights = in->rights;
    if (!(in->upper ? in->ctx.hpd1 : in->ctx.hpd0))
      e->rights &=
          path_rights((pte & APTABLE_NO_USER ? 1U : 0) | (pte & APTABLE_READ_ONLY ? 2U : 0) |
                      (pte & UXNTABLE ? 4U : 0) | (pte & PXNTABLE ? 8U : 0));
    return;
  }
  if (!(pte & AF) && !in->ctx.s1_hw_a) {
    fault(e, MMU_CAUSE_ACCESS_FLAG);
    return;
  }
  e->rights = leaf_rights(in);
  if (!may(in, e->rights)) {
    fault(e, MMU_CAUSE_PERMISSION);
    return;
  }
  uint64_t whole;
  if (joins(in, e->next, BIT(e->page_shift), &whole)) {
    e->next = whole;
    e->page_shift = (uint8_t)(e->page_shift + 4); /* 64 KiB, 32 MiB, 16 GiB */
  }
  e->kind = ARCH_LEAF;
  e->global = !(pte & NG);
  e->attrs = (uint8_t)((pte >> 2 & 7) | (pte >> 8 & 3) << 3);
  e->new_pte = pte | AF;
  if (in->access.op == MMU_OP_NORMAL && managed(in) &&
      (in->access.kind == MMU_WRITE || in->access.kind == MMU_RMW))
    e->new_pte &= ~AP2;
  e->update = e->new_pte != pte;
  e->dirty = !(managed(in) && (e->new_pte & AP2));
}

static const uint8_t widths[] = {32, 36, 40, 42, 44, 48};

/* 0..7: fetch, read, write, RMW, DC clean, DC invalidate, AT read, AT write */
static void set_access(struct arch_in *in, unsigned n) {
  static const uint8_t kinds[] = {MMU_FETCH, MMU_READ,  MMU_WRITE, MMU_RMW,
                                  MMU_READ,  MMU_WRITE, MMU_READ,  MMU_WRITE};
  in->access = (struct mmu_access){.kind = kinds[n]};
  if (n >= 4) in->access.op = n < 6 ? MMU_OP_CACHE : MMU_OP_TRANSLATE;
}
static void set_controls(struct arch_in *in, unsigned n) { /* may change without invalidation */
  in->ctx.pan = n & 1;
  in->ctx.priv = n & 2 ? MMU_SUPERVISOR : MMU_USER;
}
static void set_statics(struct arch_in *in, unsigned n) {
  in->ctx.wxn = n & 1;
  in->ctx.hpd0 = n >> 1 & 1;
  in->ctx.hpd1 = n >> 2 & 1;
  in->ctx.s1_hw_a = n >> 3 & 1;
  in->ctx.s1_hw_d = n >> 4 & 1; /* counts only with the former */
  in->upper = n >> 5 & 1;
}

/* T0SZ or T1SZ: every first table that is smaller than a group of 16, and some larger ones. */
static const uint8_t txszs[] = {16, 25, 29, 30, 31, 32, 33, 34, 39, 40, 41, 42, 48};
static void set_sizes(struct arch_in *in, unsigned n) {
  uint8_t size = txszs[n % 13], other = txszs[n / 13 % 13];
  in->ctx.t0sz = in->upper ? other : size;
  in->ctx.t1sz = in->upper ? size : other;
}

/* The place in a group of 16 that the output address says, at this height. */
static uint64_t place(unsigned level, unsigned n) {
  return (uint64_t)(n % 16) << (12 + 9 * level);
}

static const uint8_t seen[] = {MMU_CAUSE_NOT_PRESENT, MMU_CAUSE_RESERVED,     MMU_CAUSE_PERMISSION,
                               MMU_CAUSE_ACCESS_FLAG, MMU_CAUSE_ADDRESS_SIZE, MMU_CAUSE_NONE};

static void test_flip_every_bit(void **state) {
  struct sweep s;
  (void)state;
  sweep_init(&s, MMU_ARCH_ARM, expect);
  struct arch_in in = {.ctx.s1_mode = MMU_S1_ARM_4K};
  unsigned n = 0;
  for (unsigned level = 0; level < 4; level++)
    for (unsigned low = 0; low < 256; low++) /* type, AP, AF, DBM, PXN, UXN */
      for (unsigned c = 0; c < 8 * 4; c++, n++) {
        in.level = (uint8_t)level;
        in.pte = (low & 1 ? 3 : 1) | (low & 2 ? AP1 : 0) | (low & 4 ? AP2 : 0) |
                 (low & 8 ? AF : 0) | (low & 16 ? DBM : 0) | (low & 32 ? PXN : 0) |
                 (low & 64 ? UXN : 0) | (low & 128 ? PXNTABLE | NG : 0) | (n & 4 ? CONTIGUOUS : 0);
        in.pte |= level == 2 ? place(2, n) : place(level, n) | 0x340000000ULL >> n % 4;
        in.index = (uint8_t)((in.pte >> (12 + 9 * level) & 15) ^ (n % 5 ? 0 : 1U << n / 5 % 4));
        set_access(&in, c % 8);
        set_controls(&in, c / 8);
        set_statics(&in, (n * 7 + low) % 64);
        set_sizes(&in, n % 3 ? 0 : n / 3);
        in.rights = path_rights(n % 3 ? 0 : n / 3 % 16);
        in.ctx.pa_width = widths[(n + 4) % 6];
        sweep_flip(&s, &in);
      }
  sweep_verdict(&s, seen);
  sweep_free(&s);
}

static void test_random_and_hits(void **state) {
  struct sweep s;
  uint64_t rng = 777;
  (void)state;
  sweep_init(&s, MMU_ARCH_ARM, expect);
  for (unsigned n = 0; n < 600000; n++) {
    uint64_t r = sweep_random(&rng), q = sweep_random(&rng);
    struct arch_in in = {.ctx.s1_mode = MMU_S1_ARM_4K}, other;
    set_access(&in, r & 7);
    set_controls(&in, r >> 3 & 3);
    set_statics(&in, r >> 5 & 63);
    in.level = r >> 11 & 3;
    in.rights = path_rights(r >> 13 & 1 ? 0 : r >> 14 & 15);
    in.ctx.pa_width = widths[(r >> 18 & 0xff) % 6];
    in.pte = sweep_random(&rng) | (r >> 26 & 7 ? 1 : 0) | (r >> 29 & 1 ? 2 : 0);
    if (q & 3) in.pte &= ~BITS(48, in.ctx.pa_width);
    if (q & 4) in.pte |= AF;
    in.index = q >> 8 & 7 ? in.pte >> (12 + 9 * in.level) & 15 : q >> 11 & 15;
    set_sizes(&in, q >> 15 & 1 ? 0 : q >> 16 & 0xff);
    other = in;
    set_access(&other, q >> 3 & 7);
    set_controls(&other, q >> 6 & 3);
    sweep_hit(&s, &in, &other);
  }
  sweep_verdict(&s, seen);
  sweep_free(&s);
}

/* The hint at each height: every place in the group against every place of the output address;
 * every first table; every width. How many are taken is counted by hand: by height, of the 256
 * pairs of places 16 fit, of the 33 TxSZ those whose range is not smaller (48 = 64 - 16, 39, 30),
 * of the 17 widths those that hold the larger page (16 GiB: 34 to 48). */
static void test_contiguous(void **state) {
  static const uint8_t shifts[] = {16, 25, 34}, last_txsz[] = {48, 39, 30},
                       first_width[] = {32, 32, 34};
  struct sweep s;
  (void)state;
  sweep_init(&s, MMU_ARCH_ARM, expect);
  for (unsigned level = 0; level < 3; level++) {
    uint64_t taken = 0;
    for (unsigned n = 0; n < 256 * 33 * 17; n++) {
      struct arch_in in = {.ctx.s1_mode = MMU_S1_ARM_4K, .rights = 0x7f, .level = (uint8_t)level};
      in.upper = n / 256 / 33 & 1;
      in.ctx.t0sz = in.ctx.t1sz = 16;
      *(in.upper ? &in.ctx.t1sz : &in.ctx.t0sz) = (uint8_t)(16 + n / 256 % 33);
      in.ctx.pa_width = (uint8_t)(32 + n / 256 / 33);
      in.access.kind = MMU_READ;
      in.index = n % 16;
      in.pte = (level ? 1 : 3) | AP1 | AF | NG | CONTIGUOUS | place(level, n / 16);
      if (level < 2) in.pte |= 0x50000000;
      sweep_case(&s, &in);
      struct arch_out o;
      arch_box_eval(s.box, &in, &o);
      if (o.step.kind != ARCH_LEAF || o.step.page_shift == 12 + 9 * level) continue;
      assert_int_equal(o.step.page_shift, shifts[level]);
      assert_int_equal(o.step.next, level < 2 ? 0x50000000 : 0);
      taken++;
    }
    /* a place beyond the width faults: 32 and 33 bits are too few for the group as a whole, too */
    assert_int_equal(taken, 16U * (last_txsz[level] - 15U) * (49U - first_width[level]));
  }
  assert_int_equal(s.mismatches, 0);
  sweep_free(&s);
}

/* Start of a walk (table "initial lookup level", 4 KiB granule) for every TxSZ, both halves; the
 * address range by arithmetic; TBI for data only; EPD; base size. */
static void test_root(void **state) {
  struct arch_box *box = arch_box_create(MMU_ARCH_ARM);
  struct arch_out o;
  unsigned good = 0, bad = 0;
  (void)state;
  for (unsigned txsz = 0; txsz < 64; txsz++)
    for (unsigned k = 0; k < 64 * 6 * 4; k++) {
      uint64_t va = BIT(k % 64) - 1 + k / 64 % 3;
      if (k / 192 & 1) va = ~va;
      if (k / 384 & 1) va ^= 0x5a00000000000000ULL; /* a tag */
      struct arch_in in = {.va = va, .ctx.s1_mode = MMU_S1_ARM_4K, .ctx.pa_width = 44};
      bool high = va >> 55 & 1, tbi = k / 768 & 1, fetch = k % 5 == 0;
      in.access.kind = fetch ? MMU_FETCH : k % 4 == 3 ? MMU_RMW : k % 4 % 2;
      in.ctx.t0sz = (uint8_t)(high ? 63 - txsz : txsz);
      in.ctx.t1sz = (uint8_t)(high ? txsz : 63 - txsz);
      in.ctx.tbi0 = high ? k & 1 : tbi;
      in.ctx.tbi1 = high ? tbi : k & 1;
      in.ctx.s1_root0 = high ? 0x0badbad0000ULL : 0x23456788000ULL;
      in.ctx.s1_root1 = high ? 0x23456788000ULL : 0x0badbad0000ULL;
      arch_box_eval(box, &in, &o);
      uint64_t plain = va;
      if (tbi && !fetch) plain = (va & (BIT(56) - 1)) | (high ? 0xffULL << 56 : 0);
      bool in_range = txsz != 0 && (high ? plain >= -BIT(64 - txsz) : plain < BIT(64 - txsz));
      assert_int_equal(o.vpn, plain >> 12);
      assert_int_equal(o.root.upper, high);
      assert_int_equal(o.root.fault_level, 3);
      if (txsz < 16 || txsz > 48 || !in_range) {
        assert_int_equal(o.root.cause, MMU_CAUSE_NON_CANONICAL);
        bad++;
        continue;
      }
      good++;
      unsigned level = txsz <= 24 ? 3 : txsz <= 33 ? 2 : txsz <= 42 ? 1 : 0;
      uint64_t offset = high ? plain + BIT(64 - txsz) : plain; /* within the half */
      uint64_t index = offset >> (12 + 9 * level);
      uint64_t size = 8 * (BIT(64 - txsz) >> (12 + 9 * level)); /* bytes of the first table */
      assert_int_equal(o.root.cause, MMU_CAUSE_NONE);
      assert_int_equal(o.root.level, level);
      assert_int_equal(o.root.table_addr, 0x23456788000ULL);
      assert_int_equal(o.root.desc_addr, 0x23456788000ULL + 8 * index);
      /* a base is aligned to the size of its table; bits below are not part of it */
      struct arch_in odd = in;
      odd.ctx.s1_root0 |= 0xff8;
      odd.ctx.s1_root1 |= 0xff8;
      arch_box_eval(box, &odd, &o);
      assert_int_equal(o.root.table_addr, 0x23456788ff8ULL / size * size);
      assert_int_equal(o.root.desc_addr, 0x23456788ff8ULL / size * size + 8 * index);
      odd = in;
      odd.ctx.epd0 = !high;
      odd.ctx.epd1 = high;
      odd.ctx.s1_root0 = odd.ctx.s1_root1 = BIT(44); /* EPD comes first */
      arch_box_eval(box, &odd, &o);
      assert_int_equal(o.root.cause, MMU_CAUSE_ROOT_DISABLED);
      odd.ctx.epd0 = high;
      odd.ctx.epd1 = !high;
      arch_box_eval(box, &odd, &o);
      assert_int_equal(o.root.cause, MMU_CAUSE_ROOT_SIZE);
    }
  assert_true(good > 10000 && bad > 10000);
  for (unsigned k = 0; k < 64 * 2; k++) { /* stage 1 off */
    struct arch_in in = {.va = BIT(k / 2), .ctx.s1_mode = MMU_S1_OFF, .ctx.pa_width = 44};
    in.ctx.s1_root0 = in.ctx.s1_root1 = BIT(55); /* no table, so its address is no matter */
    in.ctx.tbi0 = k & 1;
    arch_box_eval(box, &in, &o);
    bool fine = k / 2 < 44 || (in.ctx.tbi0 && k / 2 >= 56);
    assert_int_equal(o.root.cause, fine ? MMU_CAUSE_NONE : MMU_CAUSE_ADDRESS_SIZE);
    assert_int_equal(o.root.fault_level, 3);
  }
  arch_box_destroy(box);
}

/* Table "Data Fault Status Code": family plus level; a level of 9 means none of its own. */
static void test_syndrome(void **state) {
  static const struct {
    uint8_t cause, base;
    bool level_zero, external;
  } rows[] = {
      {MMU_CAUSE_NOT_PRESENT, 0x04, false, false},  {MMU_CAUSE_RESERVED, 0x04, false, false},
      {MMU_CAUSE_NON_CANONICAL, 0x04, true, false}, {MMU_CAUSE_ROOT_DISABLED, 0x04, true, false},
      {MMU_CAUSE_ADDRESS_SIZE, 0x00, false, false}, {MMU_CAUSE_ROOT_SIZE, 0x00, true, false},
      {MMU_CAUSE_ACCESS_FLAG, 0x08, false, false},  {MMU_CAUSE_PERMISSION, 0x0c, false, false},
      {MMU_CAUSE_BUS, 0x14, false, true},           {MMU_CAUSE_PARITY, 0x1c, false, true}};
  struct arch_box *box = arch_box_create(MMU_ARCH_ARM);
  struct arch_out o;
  (void)state;
  for (size_t n = 0; n < sizeof rows / sizeof *rows; n++)
    for (unsigned height = 0; height < 4; height++)
      for (unsigned a = 0; a < 8; a++)
        for (unsigned c = 0; c < 8; c++) {
          struct arch_in in = {.cause = rows[n].cause, .va = 0xab00123456789abcULL};
          in.fault_level = (uint8_t)height;
          in.fault_rights = c & 4 ? 0x7f : MMU_R_SR;
          set_access(&in, a);
          set_controls(&in, c & 3);
          arch_box_eval(box, &in, &o);
          bool el1 = in.ctx.priv != MMU_USER;
          uint64_t ec = a == 0 ? 0x20 : 0x24;
          bool above_el0 = el1 || in.access.op == MMU_OP_TRANSLATE; /* where AT is executed */
          uint64_t esr = (ec + above_el0) << 26 | BIT(25) | rows[n].base;
          if (!rows[n].level_zero) esr += 3 - height;
          if (rows[n].external) esr |= BIT(9);
          if (a >= 4) esr |= BIT(8) | BIT(6); /* CM; DC and AT report a write */
          if (a == 2) esr |= BIT(6);
          if (a == 3 && rows[n].cause == MMU_CAUSE_PERMISSION) {
            /* atomic: a write only if a read alone would have been permitted */
            bool el0_can_read = c & 4;
            bool reads = el1 ? !(in.ctx.pan && el0_can_read) : el0_can_read;
            if (reads) esr |= BIT(6);
          }
          assert_int_equal(o.syndrome.reg[0], esr);
          assert_int_equal(o.syndrome.reg[1], in.va);
          assert_int_equal(o.syndrome.reg[2] | o.syndrome.reg[3], 0);
          assert_false(o.syndrome.to_hyp);
        }
  /* unsupported atomic hardware update: no level, not an external abort */
  struct arch_in in = {.cause = MMU_CAUSE_NO_ATOMIC, .access.kind = MMU_READ, .fault_level = 1};
  arch_box_eval(box, &in, &o);
  assert_int_equal(o.syndrome.reg[0], 0x92000031);
  arch_box_destroy(box);
}

static void test_inval(void **state) {
  enum { BASE = ARCH_INV_STAGE1 | ARCH_INV_VMID };
  static const struct {
    uint8_t kind, flags;
  } rows[] = {{MMU_INV_ARM_VMALLE1, BASE | ARCH_INV_GLOBALS},
              {MMU_INV_ARM_VAE1, BASE | ARCH_INV_ADDR | ARCH_INV_ASID | ARCH_INV_GLOBALS},
              {MMU_INV_ARM_VALE1,
               BASE | ARCH_INV_ADDR | ARCH_INV_ASID | ARCH_INV_GLOBALS | ARCH_INV_LEAF_ONLY},
              {MMU_INV_ARM_VAAE1, BASE | ARCH_INV_ADDR | ARCH_INV_GLOBALS},
              {MMU_INV_ARM_VAALE1, BASE | ARCH_INV_ADDR | ARCH_INV_GLOBALS | ARCH_INV_LEAF_ONLY},
              {MMU_INV_ARM_ASIDE1, BASE | ARCH_INV_ASID},
              {0, ARCH_INV_STAGE1 | ARCH_INV_STAGE2 | ARCH_INV_GLOBALS}};
  struct arch_box *box = arch_box_create(MMU_ARCH_ARM);
  struct arch_out o;
  (void)state;
  for (size_t n = 0; n < sizeof rows / sizeof *rows; n++) {
    struct arch_in in = {
        .inval = {
            .kind = rows[n].kind, .addr = 0xffff800012345678ULL, .asid = 0xfabc, .vmid = 0x8005}};
    arch_box_eval(box, &in, &o);
    assert_int_equal(o.inval.flags, rows[n].flags);
    assert_int_equal(o.inval.first, 0xffff800012345000ULL);
    assert_int_equal(o.inval.last, 0xffff800012345fffULL);
    assert_int_equal(o.inval.asid, 0xfabc);
    assert_int_equal(o.inval.vmid, 0x8005);
  }
  arch_box_destroy(box);
}

/* "TLBI RVAE1" and the like, the operand's fields: BaseADDR <= VA < BaseADDR + (NUM + 1) *
 * 2^(5 * SCALE + 1) * 4 KiB. */
static uint64_t operand(uint64_t base, unsigned ttl, unsigned num, unsigned scale, unsigned tg) {
  return (base & BITS(36, 0)) | (uint64_t)ttl << 37 | (uint64_t)num << 39 | (uint64_t)scale << 44 |
         (uint64_t)tg << 46 | 0xa5c3ULL << 48;
}

static void test_inval_range(void **state) {
  enum { BASE = ARCH_INV_STAGE1 | ARCH_INV_VMID | ARCH_INV_GLOBALS };
  static const struct {
    uint8_t kind, flags;
  } kinds[] = {{MMU_INV_ARM_RVAE1, BASE | ARCH_INV_ADDR | ARCH_INV_ASID},
               {MMU_INV_ARM_RVALE1, BASE | ARCH_INV_ADDR | ARCH_INV_ASID | ARCH_INV_LEAF_ONLY},
               {MMU_INV_ARM_RVAAE1, BASE | ARCH_INV_ADDR},
               {MMU_INV_ARM_RVAALE1, BASE | ARCH_INV_ADDR | ARCH_INV_LEAF_ONLY}};
  /* the smallest, the largest, the ends of the two halves */
  static const struct {
    uint64_t base;
    uint8_t num, scale;
    uint64_t first, last;
  } rows[] = {{0, 0, 0, 0, 0x1fff},
              {0x12345, 0, 0, 0x12345000, 0x12346fff},
              {0x12345, 31, 0, 0x12345000, 0x12384fff},
              {0x12345, 0, 1, 0x12345000, 0x12384fff},
              {0x12345, 31, 3, 0x12345000, 0x212344fff},
              {0xfffffffffULL, 0, 0, 0xfffffffff000ULL, 0x1000000000fffULL},
              {0x1000000000ULL, 0, 0, 0xffff000000000000ULL, 0xffff000000001fffULL},
              {0x1ffffffffeULL, 0, 0, 0xffffffffffffe000ULL, UINT64_MAX},
              {0x1fffffffffULL, 0, 0, 0xfffffffffffff000ULL, UINT64_MAX},
              {0x1fffe00000ULL, 31, 3, 0xfffffffe00000000ULL, UINT64_MAX},
              {0x1fffe00001ULL, 31, 3, 0xfffffffe00001000ULL, UINT64_MAX},
              {0x1fffdfffffULL, 31, 3, 0xfffffffdfffff000ULL, 0xffffffffffffefffULL}};
  struct arch_box *box = arch_box_create(MMU_ARCH_ARM);
  struct arch_out o;
  (void)state;
  for (size_t n = 0; n < sizeof rows / sizeof *rows; n++)
    for (size_t k = 0; k < 4; k++) {
      struct arch_in in = {.inval = {.kind = kinds[k].kind, .asid = 0xfabc, .vmid = 0x8005}};
      in.inval.addr = operand(rows[n].base, k & 3, rows[n].num, rows[n].scale, 1);
      arch_box_eval(box, &in, &o);
      assert_int_equal(o.inval.flags, kinds[k].flags);
      assert_int_equal(o.inval.first, rows[n].first);
      assert_int_equal(o.inval.last, rows[n].last);
      assert_int_equal(o.inval.asid, 0xfabc); /* not from the operand */
      assert_int_equal(o.inval.vmid, 0x8005);
    }
  uint64_t rng = 31;
  for (unsigned n = 0; n < 128 * 64; n++) { /* every NUM and SCALE, by arithmetic */
    uint64_t base = sweep_random(&rng) & BITS(36, 0);
    if (n & 1) base |= BITS(36, 20);
    unsigned num = n / 2 % 32, scale = n / 64 % 4;
    struct arch_in in = {.inval.kind = kinds[n % 4].kind};
    in.inval.addr = operand(base, n / 256 & 3, num, scale, 1);
    arch_box_eval(box, &in, &o);
    uint64_t first = (base & BIT(36) ? base | BITS(63, 37) : base) << 12;
    uint64_t bytes = (num + 1ULL) * (BIT(1) << 5 * scale) * 4096;
    assert_int_equal(o.inval.first, first);
    assert_int_equal(o.inval.last, first + bytes < first ? UINT64_MAX : first + bytes - 1);
  }
  /* of another granule: nothing of 4 KiB need go; all that the VMID has does */
  for (unsigned tg = 0; tg < 4; tg++)
    for (size_t k = 0; k < 4; k++) {
      struct arch_in in = {.inval = {.kind = kinds[k].kind, .addr = operand(5, 0, 3, 1, tg)}};
      arch_box_eval(box, &in, &o);
      assert_int_equal(o.inval.flags, tg == 1 ? kinds[k].flags : BASE);
    }
  arch_box_destroy(box);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_flip_every_bit), cmocka_unit_test(test_random_and_hits),
      cmocka_unit_test(test_root),           cmocka_unit_test(test_syndrome),
      cmocka_unit_test(test_inval),          cmocka_unit_test(test_contiguous),
      cmocka_unit_test(test_inval_range),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
