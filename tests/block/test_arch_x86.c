/* SPDX-License-Identifier: Apache-2.0
 * The x86 folder of the architecture box against expectations written from the SDM, volume 3:
 * entries of 4-level and 5-level paging with every bit flipped, canonical addresses, the
 * page-fault error code, INVLPG and INVPCID. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "sweep.h"

#define BIT(n) (1ULL << (n))
#define BITS(hi, lo) ((BIT((hi) - (lo)) * 2 - 1) << (lo))
enum { P = 1, RW = 2, US = 4, PWT = 8, PCD = 16, A = 32, D = 64, PS = 128, G = 256 };
#define XD BIT(63)

/* Formats of the entries (tables 4-14 to 4-20): what is reserved at each height, with PS clear and
 * with PS set, besides the bits that depend on the processor and on EFER.NXE. */
static const uint64_t reserved[5][2] = {
    {0, 0}, {0, BITS(20, 13)}, {0, BITS(29, 13)}, {0, PS}, {0, PS}};

/* "Determination of Access Rights" and "Protection Keys", case by case. The page's own rights are
 * those of all its entries together. */
struct page {
  bool user, writable, no_execute;
  unsigned key;
};

static bool key_allows(const struct arch_in *in, const struct page *p, bool user, bool write) {
  if (!in->ctx.pke || !p->user || in->access.kind == MMU_FETCH) return true;
  unsigned two = in->ctx.pkru >> (2 * p->key) & 3;
  if (two & 1) return false;                                    /* AD */
  if ((two & 2) && write && (user || in->ctx.wp)) return false; /* WD */
  return true;
}

static bool rights_allow(const struct arch_in *in, const struct page *p, bool user, bool write) {
  const struct mmu_context *c = &in->ctx;
  if (user) {
    if (!p->user) return false;
    if (in->access.kind == MMU_FETCH) return !(p->no_execute && c->nxe);
    return !write || p->writable;
  }
  if (in->access.kind == MMU_FETCH) {
    if (p->user && c->smep) return false;
    return !(p->no_execute && c->nxe);
  }
  if (p->user && c->smap) { /* explicit accesses may override with EFLAGS.AC */
    if (in->access.implicit_sup || !c->ac) return false;
  }
  return !write || p->writable || !c->wp;
}

static void fault(struct expect *e, uint8_t cause) {
  e->kind = ARCH_FAULT;
  e->cause = cause;
}

static void expect(const struct arch_in *in, struct expect *e) {
  uint64_t pte = in->pte, bad = reserved[in->level][(pte & PS) != 0], set;
  bool write = in->access.kind == MMU_WRITE || in->access.kind == MMU_RMW;
  bool user = in->ctx.priv == MMU_USER && !in->access.implicit_sup;
  bool leaf = in->level == 0 || ((pte & PS) && in->level <= 2);
  memset(e, 0, sizeof *e);
  if (!(pte & P)) {
    fault(e, MMU_CAUSE_NOT_PRESENT);
    return;
  }
  if (in->ctx.pa_width < 52) bad |= BITS(51, in->ctx.pa_width);
  if (!in->ctx.nxe) bad |= XD;
  if (in->level == 2 && !in->ctx.page1g) bad |= PS;
  if (pte & bad) {
    fault(e, MMU_CAUSE_RESERVED);
    return;
  }
  /* the rights gathered above come in as the box keeps them */
  struct page p = {.user = (in->rights & MMU_R_USER) && (pte & US),
                   .writable = (in->rights & MMU_R_SW) && (pte & RW),
                   .no_execute = !(in->rights & MMU_R_SX) || (pte & XD),
                   .key = (unsigned)(pte >> 59 & 15)};
  e->rights = MMU_R_SR;
  if (p.writable) e->rights |= MMU_R_SW;
  if (!p.no_execute) e->rights |= MMU_R_SX;
  if (p.user) {
    e->rights |= MMU_R_USER | MMU_R_UR;
    if (p.writable) e->rights |= MMU_R_UW;
    if (!p.no_execute) e->rights |= MMU_R_UX;
  }
  if (!leaf) {
    e->kind = ARCH_TABLE;
    e->next = pte & BITS(51, 12);
    e->update = !(pte & A);
    e->new_pte = pte | A;
    return;
  }
  if (!key_allows(in, &p, user, write)) {
    fault(e, MMU_CAUSE_PKEY);
    return;
  }
  if (!rights_allow(in, &p, user, write)) {
    fault(e, MMU_CAUSE_PERMISSION);
    return;
  }
  e->kind = ARCH_LEAF;
  e->page_shift = (uint8_t)(12U + 9U * in->level);
  e->next = pte & BITS(51, 12) & ~(BIT(e->page_shift) - 1);
  e->global = (pte & G) != 0;
  e->attrs = (uint8_t)(p.key << 4);
  if (pte & PWT) e->attrs |= 1;
  if (pte & PCD) e->attrs |= 2;
  if (pte & (in->level == 0 ? BIT(7) : BIT(12))) e->attrs |= 4;
  set = A | (write ? (uint64_t)D : 0);
  e->update = (pte & set) != set;
  e->new_pte = pte | set;
  e->dirty = (e->new_pte & D) != 0;
}

static const uint8_t widths[] = {36, 39, 40, 46, 51, 52};

static void set_path(struct arch_in *in, unsigned n) {     /* U, W, XD of the entries above */
  bool u = n & 1, w = n & 2, x = !(n & 4) || !in->ctx.nxe; /* XD above needs NXE */
  in->rights = (uint8_t)(MMU_R_SR | (w ? MMU_R_SW : 0) | (x ? MMU_R_SX : 0) |
                         (u ? MMU_R_USER | MMU_R_UR | (w ? MMU_R_UW : 0) | (x ? MMU_R_UX : 0) : 0));
}
static void set_controls(struct arch_in *in, unsigned n) { /* may change without invalidation */
  in->ctx.wp = n & 1;
  in->ctx.smep = n >> 1 & 1;
  in->ctx.smap = n >> 2 & 1;
  in->ctx.ac = n >> 3 & 1;
  in->ctx.pke = n >> 4 & 1;
}
static void set_access(struct arch_in *in, unsigned n) { /* 12: kind, user or not, implicit */
  in->access = (struct mmu_access){.kind = n & 3, .implicit_sup = n >= 8};
  in->ctx.priv = n & 4 || n >= 10 ? MMU_USER : MMU_SUPERVISOR;
}

static const uint8_t seen[] = {MMU_CAUSE_NOT_PRESENT, MMU_CAUSE_RESERVED, MMU_CAUSE_PERMISSION,
                               MMU_CAUSE_PKEY, MMU_CAUSE_NONE};

static void test_flip_every_bit(void **state) {
  struct sweep s;
  (void)state;
  sweep_init(&s, MMU_ARCH_X86, expect);
  struct arch_in in = {.ctx.s1_mode = MMU_S1_X86_L5, .ctx.pkru = 0xe4e4e4e4};
  unsigned n = 0;
  for (unsigned level = 0; level < 5; level++)
    for (unsigned low = 0; low < 128; low++) { /* RW US PWT PCD A D PS */
      in.level = (uint8_t)level;
      for (unsigned c = 0; c < 32 * 12; c += 1 + n % 3) {
        n++;
        set_controls(&in, c / 12);
        set_access(&in, c % 12);
        in.ctx.nxe = n % 5 != 0;
        set_path(&in, n % 8);
        in.ctx.page1g = n % 7 != 0;
        in.ctx.pa_width = widths[n % 6];
        in.pte = P | low << 1 | (uint64_t)(n & 15) << 59 | BIT(33 + n % 3);
        sweep_flip(&s, &in);
      }
    }
  sweep_verdict(&s, seen);
  sweep_free(&s);
}

static void test_random_and_hits(void **state) {
  struct sweep s;
  uint64_t rng = 4242;
  (void)state;
  sweep_init(&s, MMU_ARCH_X86, expect);
  for (unsigned n = 0; n < 600000; n++) {
    uint64_t r = sweep_random(&rng), q = sweep_random(&rng);
    struct arch_in in = {.ctx.s1_mode = MMU_S1_X86_L5}, other;
    set_controls(&in, r >> 10 & 31);
    set_access(&in, (r >> 15 & 0xff) % 12);
    in.level = (uint8_t)((r >> 23 & 0xff) % 5);
    in.ctx.nxe = r >> 31 & 3;
    set_path(&in, r >> 8 & 1 ? 3 : r & 7);
    in.ctx.page1g = r >> 33 & 3;
    in.ctx.pa_width = widths[(r >> 35 & 0xff) % 6];
    in.ctx.pkru = (uint32_t)q;
    in.pte = sweep_random(&rng) | (r >> 43 & 7 ? P : 0);
    if (q >> 32 & 3) in.pte &= ~BITS(51, in.ctx.pa_width > 51 ? 51 : in.ctx.pa_width);
    if (q >> 34 & 3) in.pte &= ~BITS(29, 13);
    if (in.level > 2 && (q >> 36 & 3)) in.pte &= ~(uint64_t)PS;
    if (q >> 38 & 1) in.pte &= ~XD;
    if (q >> 39 & 1) in.pte |= US;
    other = in;
    set_controls(&other, q >> 40 & 31);
    set_access(&other, (q >> 45 & 0xff) % 12);
    other.ctx.pkru = (uint32_t)(q >> 13);
    sweep_hit(&s, &in, &other);
  }
  sweep_verdict(&s, seen);
  sweep_free(&s);
}

/* Hazard F7: canonical addresses, by sign extension, around every power of two. */
static void test_root(void **state) {
  struct arch_box *box = arch_box_create(MMU_ARCH_X86);
  struct arch_out o;
  (void)state;
  for (unsigned m = 0; m < 2; m++)
    for (unsigned k = 0; k < 64 * 6; k++) {
      unsigned bits = m ? 57 : 48, top = m ? 4 : 3;
      uint64_t va = BIT(k / 6) - 1 + k % 3;
      if (k % 6 >= 3) va = ~va;
      struct arch_in in = {.va = va, .ctx.pa_width = 46};
      in.ctx.s1_mode = m ? MMU_S1_X86_L5 : MMU_S1_X86_L4;
      in.ctx.s1_root0 = 0x2345678000ULL;
      bool canonical = (uint64_t)((int64_t)(va << (64 - bits)) >> (64 - bits)) == va;
      arch_box_eval(box, &in, &o);
      assert_int_equal(o.root.cause, canonical ? MMU_CAUSE_NONE : MMU_CAUSE_NON_CANONICAL);
      assert_int_equal(o.vpn, va >> 12);
      assert_int_equal(o.root.level, top);
      assert_int_equal(o.root.fault_level, top);
      assert_int_equal(o.root.table_addr, 0x2345678000ULL);
      assert_int_equal(o.root.desc_addr, 0x2345678000ULL + 8 * (va >> (bits - 9) & 511));
      in.ctx.s1_root0 = 0x2345678fffULL; /* the low bits of CR3 are not address */
      arch_box_eval(box, &in, &o);
      assert_int_equal(o.root.table_addr, 0x2345678000ULL);
      in.ctx.s1_root0 = BIT(46);
      arch_box_eval(box, &in, &o);
      assert_int_equal(o.root.cause, canonical ? MMU_CAUSE_ROOT_SIZE : MMU_CAUSE_NON_CANONICAL);
    }
  for (unsigned k = 0; k < 64; k++) { /* no paging: physical addresses */
    struct arch_in in = {.va = BIT(k), .ctx.s1_mode = MMU_S1_OFF, .ctx.pa_width = 46};
    in.ctx.s1_root0 = in.ctx.s1_root1 = BIT(55); /* no table, so its address is no matter */
    arch_box_eval(box, &in, &o);
    assert_int_equal(o.root.cause, k < 46 ? MMU_CAUSE_NONE : MMU_CAUSE_NON_CANONICAL);
  }
  arch_box_destroy(box);
}

/* "Page-Fault Exceptions": P bit 0, W/R 1, U/S 2, RSVD 3, I/D 4, PK 5. */
static void test_error_code(void **state) {
  static const struct {
    uint8_t cause, access; /* number of set_access */
    bool smep, nxe;
    uint64_t code;
  } rows[] = {
      {MMU_CAUSE_NOT_PRESENT, 0, false, false, 0x00}, /* supervisor read */
      {MMU_CAUSE_NOT_PRESENT, 1, false, false, 0x02},
      {MMU_CAUSE_NOT_PRESENT, 2, false, false, 0x00}, /* fetch without SMEP and NXE: I clear */
      {MMU_CAUSE_NOT_PRESENT, 2, true, false, 0x10},
      {MMU_CAUSE_NOT_PRESENT, 2, false, true, 0x10},
      {MMU_CAUSE_NOT_PRESENT, 3, true, true, 0x02}, /* read-modify-write is a write */
      {MMU_CAUSE_NOT_PRESENT, 4, true, true, 0x04},
      {MMU_CAUSE_NOT_PRESENT, 5, true, true, 0x06},
      {MMU_CAUSE_NOT_PRESENT, 6, true, true, 0x14},
      {MMU_CAUSE_NOT_PRESENT, 10, true, true, 0x10},
      {MMU_CAUSE_NOT_PRESENT, 11, true, true, 0x02}, /* implicit supervisor at CPL 3: U clear */
      {MMU_CAUSE_PERMISSION, 0, false, false, 0x01},
      {MMU_CAUSE_PERMISSION, 5, false, false, 0x07},
      {MMU_CAUSE_PERMISSION, 6, false, false, 0x05},
      {MMU_CAUSE_PERMISSION, 6, false, true, 0x15},
      {MMU_CAUSE_PERMISSION, 7, true, true, 0x07},
      {MMU_CAUSE_RESERVED, 0, true, true, 0x09},
      {MMU_CAUSE_RESERVED, 5, true, true, 0x0f},
      {MMU_CAUSE_RESERVED, 6, true, false, 0x1d},
      {MMU_CAUSE_PKEY, 4, true, true, 0x25},
      {MMU_CAUSE_PKEY, 1, true, true, 0x23},
  };
  struct arch_box *box = arch_box_create(MMU_ARCH_X86);
  struct arch_out o;
  (void)state;
  for (size_t n = 0; n < sizeof rows / sizeof *rows; n++) {
    struct arch_in in = {.cause = rows[n].cause, .va = 0xffff812345678abcULL};
    set_access(&in, rows[n].access);
    in.ctx.smep = rows[n].smep;
    in.ctx.nxe = rows[n].nxe;
    arch_box_eval(box, &in, &o);
    assert_int_equal(o.syndrome.reg[0], 14);
    assert_int_equal(o.syndrome.reg[1], rows[n].code);
    assert_int_equal(o.syndrome.reg[2], in.va);
    assert_int_equal(o.syndrome.reg[3], 0);
    assert_false(o.syndrome.to_hyp);
  }
  /* #GP(0) and #MC: no CR2 */
  static const uint8_t others[][2] = {{MMU_CAUSE_NON_CANONICAL, 13},
                                      {MMU_CAUSE_ROOT_SIZE, 13},
                                      {MMU_CAUSE_BUS, 18},
                                      {MMU_CAUSE_NO_ATOMIC, 18},
                                      {MMU_CAUSE_PARITY, 18}};
  for (size_t n = 0; n < sizeof others / sizeof *others; n++) {
    struct arch_in in = {.cause = others[n][0], .va = BIT(60)};
    set_access(&in, 5);
    arch_box_eval(box, &in, &o);
    assert_int_equal(o.syndrome.reg[0], others[n][1]);
    assert_int_equal(o.syndrome.reg[1] | o.syndrome.reg[2] | o.syndrome.reg[3], 0);
  }
  arch_box_destroy(box);
}

static void test_inval(void **state) {
  enum { BASE = ARCH_INV_STAGE1 | ARCH_INV_VMID };
  static const struct {
    uint8_t kind, flags;
  } rows[] = {{MMU_INV_X86_INVLPG,
               BASE | ARCH_INV_ADDR | ARCH_INV_ASID | ARCH_INV_GLOBALS | ARCH_INV_ALL_UPPER},
              {MMU_INV_X86_CR3, BASE | ARCH_INV_ASID},
              {MMU_INV_X86_ALL, BASE | ARCH_INV_GLOBALS},
              {MMU_INV_X86_PCID_ADDR, BASE | ARCH_INV_ADDR | ARCH_INV_ASID | ARCH_INV_ALL_UPPER},
              {MMU_INV_X86_PCID, BASE | ARCH_INV_ASID},
              {MMU_INV_X86_ALL_GLOBAL, BASE | ARCH_INV_GLOBALS},
              {MMU_INV_X86_ALL_PCID, BASE},
              {16, ARCH_INV_STAGE1 | ARCH_INV_STAGE2 | ARCH_INV_GLOBALS}};
  struct arch_box *box = arch_box_create(MMU_ARCH_X86);
  struct arch_out o;
  (void)state;
  for (size_t n = 0; n < sizeof rows / sizeof *rows; n++) {
    struct arch_in in = {
        .inval = {.kind = rows[n].kind, .addr = 0xfffff23412345678ULL, .asid = 0xfabc, .vmid = 5}};
    arch_box_eval(box, &in, &o);
    assert_int_equal(o.inval.flags, rows[n].flags);
    assert_int_equal(o.inval.first, 0xfffff23412345000ULL);
    assert_int_equal(o.inval.last, 0xfffff23412345fffULL);
    assert_int_equal(o.inval.asid, 0xabc); /* a PCID has 12 bits */
    assert_int_equal(o.inval.vmid, 5);
  }
  arch_box_destroy(box);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_flip_every_bit), cmocka_unit_test(test_random_and_hits),
      cmocka_unit_test(test_root),           cmocka_unit_test(test_error_code),
      cmocka_unit_test(test_inval),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
