/* SPDX-License-Identifier: Apache-2.0
 * The RISC-V folder of the architecture box against expectations written from the privileged
 * specification: entries of Sv39/48/57 with every bit flipped, the start of a walk, scause and
 * stval, SFENCE.VMA. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "sweep.h"

enum { V = 1, R = 2, W = 4, X = 8, U = 16, G = 32, A = 64, D = 128 };
#define N (1ULL << 63)

/* Permitted R/W/X forms of an entry, by its three bits X:W:R (table of PTE encodings). */
enum form { POINTER, LEAF, RESERVED };
static const enum form forms[8] = {[0] = POINTER, [1] = LEAF, [2] = RESERVED, [3] = LEAF,
                                   [4] = LEAF,    [5] = LEAF, [6] = RESERVED, [7] = LEAF};

static bool may(const struct arch_in *in, uint64_t pte) {
  const struct mmu_access *a = &in->access;
  bool user_page = (pte & U) != 0;
  if (in->ctx.priv == MMU_USER && !user_page) return false;
  if (in->ctx.priv != MMU_USER && user_page)
    if (a->kind == MMU_FETCH || !in->ctx.sum) return false;
  switch (a->kind) {
    case MMU_FETCH:
      return (pte & X) != 0;
    case MMU_READ:
      if (a->exec_as_read) return (pte & X) != 0;
      return (pte & R) != 0 || (in->ctx.mxr && (pte & X) != 0);
    default: /* a store, or an AMO: writable pages are readable */
      return (pte & W) != 0;
  }
}

static void fault(struct expect *e, uint8_t cause) {
  e->kind = ARCH_FAULT;
  e->cause = cause;
}

/* "Page table entry encodings when pte.N=1": by height and PPN, the bits of the PPN that the VPN
 * replaces; 0: reserved. */
static unsigned napot_bits(unsigned level, uint64_t ppn) {
  if (level > 0) return 0;
  for (unsigned bit = 0; bit < 3; bit++) /* x xxx1, x xx1x, x x1xx */
    if (ppn >> bit & 1) return 0;
  return ppn >> 3 & 1 ? 4 : 0; /* x 1000; x 0xxx */
}

/* "Virtual Address Translation Process", steps 3 to 9; rights as mmu.h lists them. */
static void expect(const struct arch_in *in, struct expect *e) {
  uint64_t pte = in->pte, need = 0;
  uint64_t ppn = pte >> 10 & 0xfffffffffffULL;
  unsigned pbmt = pte >> 61 & 3, shift = 12U + 9U * in->level;
  bool store = in->access.kind == MMU_WRITE || in->access.kind == MMU_RMW;
  memset(e, 0, sizeof *e);
  if (!(pte & V)) {
    fault(e, MMU_CAUSE_NOT_PRESENT);
    return;
  }
  enum form form = forms[pte >> 1 & 7];
  if (form == RESERVED || (pte >> 54 & 0x7f) != 0 || (pbmt != 0 && !in->ctx.pbmte)) {
    fault(e, MMU_CAUSE_RESERVED);
    return;
  }
  e->next = ppn << 12;
  e->global = in->global || (pte & G) != 0;
  if (form == POINTER) {
    if (pbmt != 0 || (pte & (A | D | U | N)) != 0 || in->level == 0) {
      fault(e, MMU_CAUSE_RESERVED);
    } else if (e->next >= 1ULL << in->ctx.pa_width) {
      fault(e, MMU_CAUSE_ADDRESS_SIZE);
    } else {
      e->kind = ARCH_TABLE;
      e->rights = in->rights;
    }
    return;
  }
  unsigned napot = pte & N ? napot_bits(in->level, ppn) : 0;
  if (pbmt == 3 || e->next % (1ULL << shift) != 0 || ((pte & N) && napot == 0)) {
    fault(e, MMU_CAUSE_RESERVED);
    return;
  }
  shift += napot; /* the page begins where the VPN's bits are 0 */
  e->next = e->next >> shift << shift;
  if (!may(in, pte)) {
    fault(e, MMU_CAUSE_PERMISSION);
    return;
  }
  if (!(pte & A)) need |= A;
  if (store && !(pte & D)) need |= D;
  if ((need & A) && !in->ctx.s1_hw_a) {
    fault(e, MMU_CAUSE_ACCESS_FLAG);
    return;
  }
  if ((need & D) && !in->ctx.s1_hw_d) {
    fault(e, MMU_CAUSE_DIRTY_FLAG);
    return;
  }
  if (e->next + (1ULL << shift) > 1ULL << in->ctx.pa_width) {
    fault(e, MMU_CAUSE_ADDRESS_SIZE);
    return;
  }
  e->kind = ARCH_LEAF;
  e->page_shift = (uint8_t)shift;
  e->attrs = (uint8_t)pbmt;
  e->update = need != 0;
  e->new_pte = pte | need;
  e->dirty = (e->new_pte & D) != 0;
  if (pte & R) e->rights |= MMU_R_SR;
  if (pte & W) e->rights |= MMU_R_SW;
  if (pte & X) e->rights |= MMU_R_SX;
  if (pte & U) {
    e->rights |= MMU_R_USER;
    if (pte & R) e->rights |= MMU_R_UR;
    if (pte & W) e->rights |= MMU_R_UW;
    if (pte & X) e->rights |= MMU_R_UX;
  }
}

static const uint8_t widths[] = {32, 34, 39, 44, 48, 52};

/* Bits 0..4 of n: SUM, MXR, PBMTE, ADUE, privilege. */
static void set_context(struct arch_in *in, unsigned n) {
  in->ctx.sum = n & 1;
  in->ctx.mxr = n >> 1 & 1;
  in->ctx.pbmte = n >> 2 & 1;
  in->ctx.s1_hw_a = in->ctx.s1_hw_d = n >> 3 & 1;
  in->ctx.priv = n >> 4 & 1 ? MMU_SUPERVISOR : MMU_USER;
}
/* 0..4: fetch, load, store, AMO, HLVX. */
static void set_access(struct arch_in *in, unsigned n) {
  static const uint8_t kinds[] = {MMU_FETCH, MMU_READ, MMU_WRITE, MMU_RMW, MMU_READ};
  in->access = (struct mmu_access){.kind = kinds[n], .exec_as_read = n == 4};
}

static const uint8_t seen[] = {MMU_CAUSE_NOT_PRESENT, MMU_CAUSE_RESERVED,   MMU_CAUSE_PERMISSION,
                               MMU_CAUSE_ACCESS_FLAG, MMU_CAUSE_DIRTY_FLAG, MMU_CAUSE_ADDRESS_SIZE,
                               MMU_CAUSE_NONE};

static void test_flip_every_bit(void **state) {
  struct sweep s;
  (void)state;
  sweep_init(&s, MMU_ARCH_RISCV, expect);
  struct arch_in in = {.ctx.s1_mode = MMU_S1_SV57, .rights = 0x7f};
  /* every combination of the low byte's bits but V, at an aligned and an unaligned address */
  for (unsigned low = 0; low < 128; low++)
    for (unsigned c = 0; c < 32 * 5; c++) {
      set_context(&in, c / 5);
      set_access(&in, c % 5);
      in.level = (uint8_t)((low + c) % 5);
      in.ctx.pa_width = widths[(low + c / 5) % 6];
      in.global = c & 1;
      in.pte = V | low << 1;
      sweep_flip(&s, &in);
      in.level = (uint8_t)(c % 3);
      in.pte = V | low << 1 | 0x12340000ULL << 2;
      sweep_flip(&s, &in);
      /* 64 KiB, where there is such a page and where not */
      in.level = (uint8_t)(c % 7 < 5 ? 0 : c % 5);
      in.pte = N | V | low << 1 | 0x12348000ULL >> 2;
      sweep_flip(&s, &in);
    }
  sweep_verdict(&s, seen);
  sweep_free(&s);
}

static void random_pte(struct arch_in *in, uint64_t *rng) {
  uint64_t r = sweep_random(rng), bits = sweep_random(rng);
  in->pte = bits & 0x003fffffffffffffULL;
  if (r % 16 != 0) in->pte |= V;
  if (r >> 4 & 3) in->pte &= ~0ULL << (10 + 9 * in->level) | 0x3ff; /* aligned */
  if (r >> 6 & 3) in->pte &= (1ULL << (in->ctx.pa_width - 2)) - 1;  /* in range */
  if ((r >> 8 & 15) == 0) in->pte |= 1ULL << (54 + (r >> 12) % 10); /* reserved or PBMT */
  if (r >> 16 & 1) in->pte |= A;
  if ((r >> 17 & 7) == 0) in->pte |= N;
  if ((r >> 17 & 7) <= 1) in->pte = (in->pte & ~0x3c00ULL) | 0x2000; /* 1000, with N or without */
}

static void test_random_and_hits(void **state) {
  struct sweep s;
  uint64_t rng = 12345;
  (void)state;
  sweep_init(&s, MMU_ARCH_RISCV, expect);
  for (unsigned n = 0; n < 300000; n++) {
    uint64_t r = sweep_random(&rng);
    struct arch_in in = {.ctx.s1_mode = MMU_S1_SV57, .rights = 0x7f}, other;
    set_context(&in, r & 31);
    set_access(&in, (r >> 5 & 0xff) % 5);
    in.level = (uint8_t)((r >> 13 & 0xff) % 5);
    in.ctx.pa_width = widths[(r >> 21 & 0xff) % 6];
    in.global = r >> 29 & 1;
    random_pte(&in, &rng);
    other = in; /* SUM, MXR and the privilege may change without an invalidation */
    set_context(&other, (r & 0xc) | (r >> 30 & 0x13));
    set_access(&other, (r >> 40 & 0xff) % 5);
    sweep_hit(&s, &in, &other);
  }
  sweep_verdict(&s, seen);
  sweep_free(&s);
}

/* N with every end of the PPN at every height, as leaf and as pointer: one of them is good. The
 * page is 64 KiB, must lie below the physical width as a whole, and an update keeps the entry's own
 * PPN. */
static void test_napot(void **state) {
  struct sweep s;
  unsigned good = 0;
  (void)state;
  sweep_init(&s, MMU_ARCH_RISCV, expect);
  for (unsigned n = 0; n < 5 * 16 * 2 * 2; n++) {
    struct arch_in in = {.ctx.s1_mode = MMU_S1_SV57, .ctx.pa_width = 44, .rights = 0x7f};
    struct arch_out o;
    in.ctx.priv = MMU_SUPERVISOR;
    in.ctx.s1_hw_a = in.ctx.s1_hw_d = true;
    in.access.kind = MMU_WRITE;
    in.level = (uint8_t)(n % 5);
    in.pte = V | (uint64_t)(n / 5 % 16) << 10;
    if (n / 80 % 2) in.pte |= R | W;
    if (n / 160) in.pte |= N | 0x2800000ULL << 10;
    sweep_case(&s, &in);
    if (!(in.pte & N)) continue;
    arch_box_eval(s.box, &in, &o);
    if (o.step.kind == ARCH_FAULT) {
      assert_int_equal(o.step.cause, MMU_CAUSE_RESERVED);
      continue;
    }
    assert_int_equal(o.step.page_shift, 16);
    assert_int_equal(o.step.next, 0x2800000000ULL);
    assert_int_equal(o.step.new_pte, in.pte | A | D);
    assert_int_equal(in.pte >> 10 & 15, 8);
    good++;
  }
  assert_int_equal(good, 1);
  for (unsigned width = 32; width <= 52; width++) /* the last 64 KiB, and the first beyond */
    for (unsigned k = 0; k < 2; k++) {
      struct arch_in in = {.ctx.s1_mode = MMU_S1_SV57, .rights = 0x7f};
      in.ctx.pa_width = (uint8_t)width;
      in.ctx.priv = MMU_SUPERVISOR;
      in.access.kind = MMU_READ;
      in.pte = N | V | R | A | ((1ULL << width) - 0x8000 + (k ? 0x10000 : 0)) >> 2;
      struct arch_out o;
      sweep_case(&s, &in);
      arch_box_eval(s.box, &in, &o);
      assert_int_equal(o.step.cause, k ? MMU_CAUSE_ADDRESS_SIZE : MMU_CAUSE_NONE);
    }
  assert_int_equal(s.mismatches, 0);
  sweep_free(&s);
}

/* Hazard F7: addresses around every power of two, at both ends. */
static void test_root(void **state) {
  static const struct {
    uint8_t mode, bits, top;
  } modes[] = {{MMU_S1_SV39, 39, 2}, {MMU_S1_SV48, 48, 3}, {MMU_S1_SV57, 57, 4}};
  struct arch_box *box = arch_box_create(MMU_ARCH_RISCV);
  struct arch_out o;
  unsigned good = 0, bad = 0;
  (void)state;
  for (size_t m = 0; m < 3; m++)
    for (unsigned k = 0; k < 64 * 6; k++) {
      uint64_t va = (1ULL << (k / 6)) - 1 + k % 3;
      if (k % 6 >= 3) va = ~va;
      struct arch_in in = {.va = va, .ctx.s1_mode = modes[m].mode, .ctx.pa_width = 44};
      in.ctx.s1_root0 = 0x8abcdef0000ULL | (k & 1 ? 0x1000 : 0);
      arch_box_eval(box, &in, &o);
      assert_int_equal(o.vpn, va >> 12);
      int64_t half = (int64_t)1 << (modes[m].bits - 1);
      if ((int64_t)va >= half || (int64_t)va < -half) {
        assert_int_equal(o.root.cause, MMU_CAUSE_NON_CANONICAL);
        bad++;
      } else {
        assert_int_equal(o.root.cause, MMU_CAUSE_NONE);
        assert_int_equal(o.root.level, modes[m].top);
        assert_int_equal(o.root.table_addr, in.ctx.s1_root0);
        assert_int_equal(o.root.desc_addr, in.ctx.s1_root0 + 8 * (va >> (modes[m].bits - 9) & 511));
        good++;
      }
      assert_int_equal(o.root.fault_level, modes[m].top);
      in.ctx.s1_root0 = 1ULL << 44; /* the width itself is the first bit beyond */
      arch_box_eval(box, &in, &o);
      assert_int_equal(o.root.cause, (int64_t)va >= half || (int64_t)va < -half
                                         ? MMU_CAUSE_NON_CANONICAL
                                         : MMU_CAUSE_ROOT_SIZE);
    }
  assert_true(good > 300 && bad > 100);
  /* Bare: physical addresses, checked against the width. */
  for (unsigned k = 0; k < 64; k++) {
    struct arch_in in = {.va = 1ULL << k, .ctx.s1_mode = MMU_S1_OFF, .ctx.pa_width = 44};
    in.ctx.s1_root0 = 1ULL << 55; /* no table, so its address is no matter */
    arch_box_eval(box, &in, &o);
    assert_int_equal(o.root.cause, k < 44 ? MMU_CAUSE_NONE : MMU_CAUSE_ADDRESS_SIZE);
  }
  arch_box_destroy(box);
}

/* Table of scause codes: instruction, load, store/AMO. */
static void test_syndrome(void **state) {
  static const struct {
    uint8_t cause;
    uint64_t fetch, load, store;
  } rows[] = {{MMU_CAUSE_NOT_PRESENT, 12, 13, 15},
              {MMU_CAUSE_RESERVED, 12, 13, 15},
              {MMU_CAUSE_PERMISSION, 12, 13, 15},
              {MMU_CAUSE_ACCESS_FLAG, 12, 13, 15},
              {MMU_CAUSE_DIRTY_FLAG, 12, 13, 15},
              {MMU_CAUSE_NON_CANONICAL, 12, 13, 15},
              {MMU_CAUSE_ADDRESS_SIZE, 1, 5, 7},
              {MMU_CAUSE_ROOT_SIZE, 1, 5, 7},
              {MMU_CAUSE_BUS, 1, 5, 7},
              {MMU_CAUSE_NO_ATOMIC, 1, 5, 7},
              {MMU_CAUSE_PARITY, 1, 5, 7}};
  struct arch_box *box = arch_box_create(MMU_ARCH_RISCV);
  struct arch_out o;
  (void)state;
  for (size_t n = 0; n < sizeof rows / sizeof *rows; n++)
    for (unsigned a = 0; a < 6; a++) {
      struct arch_in in = {.cause = rows[n].cause, .va = 0xffffffc012345678ULL};
      set_access(&in, a % 5);
      if (a == 5) in.access = (struct mmu_access){.kind = MMU_READ, .op = MMU_OP_CACHE};
      in.fault_level = (uint8_t)a;
      in.ctx.priv = a & 1;
      arch_box_eval(box, &in, &o);
      uint64_t want = a == 0 ? rows[n].fetch : a == 1 || a == 4 ? rows[n].load : rows[n].store;
      assert_int_equal(o.syndrome.reg[0], want);
      assert_int_equal(o.syndrome.reg[1], in.va);
      assert_int_equal(o.syndrome.reg[2] | o.syndrome.reg[3], 0);
      assert_false(o.syndrome.to_hyp);
    }
  arch_box_destroy(box);
}

static void test_inval(void **state) {
  enum { BASE = ARCH_INV_STAGE1 | ARCH_INV_VMID };
  static const struct {
    uint8_t kind, flags;
  } rows[] = {{MMU_INV_RISCV_ALL, BASE | ARCH_INV_GLOBALS},
              {MMU_INV_RISCV_ADDR, BASE | ARCH_INV_ADDR | ARCH_INV_GLOBALS | ARCH_INV_LEAF_ONLY},
              {MMU_INV_RISCV_ASID, BASE | ARCH_INV_ASID},
              {MMU_INV_RISCV_ADDR_ASID, BASE | ARCH_INV_ADDR | ARCH_INV_ASID | ARCH_INV_LEAF_ONLY},
              {99, ARCH_INV_STAGE1 | ARCH_INV_STAGE2 | ARCH_INV_GLOBALS}};
  struct arch_box *box = arch_box_create(MMU_ARCH_RISCV);
  struct arch_out o;
  (void)state;
  for (size_t n = 0; n < sizeof rows / sizeof *rows; n++) {
    struct arch_in in = {
        .inval = {
            .kind = rows[n].kind, .addr = 0xffffffd23456789aULL, .asid = 0x8001, .vmid = 0x3fff}};
    in.ctx.regime = 1;
    arch_box_eval(box, &in, &o);
    assert_int_equal(o.inval.flags, rows[n].flags);
    assert_int_equal(o.inval.regime, 1);
    assert_int_equal(o.inval.first, 0xffffffd234567000ULL);
    assert_int_equal(o.inval.last, 0xffffffd234567fffULL);
    assert_int_equal(o.inval.asid, 0x8001);
    assert_int_equal(o.inval.vmid, 0x3fff);
  }
  arch_box_destroy(box);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_flip_every_bit), cmocka_unit_test(test_random_and_hits),
      cmocka_unit_test(test_root),           cmocka_unit_test(test_syndrome),
      cmocka_unit_test(test_inval),          cmocka_unit_test(test_napot),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
