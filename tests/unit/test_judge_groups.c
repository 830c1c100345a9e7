/* SPDX-License-Identifier: Apache-2.0
 * The judge on entries for groups of pages (Arm contiguous, RISC-V NAPOT), on invalidations of a
 * range, and on answers of the L2 TLB. Beside each thing allowed stands a lie that is refused. */
#include "tests/unit/judge_script.h"

enum { ROOT = 0x1000, T1 = 0x2000, T0 = 0x3000, FRAME = 0x100000, SETS = 8 };
#define CONTIGUOUS (UINT64_C(1) << 52)
#define N (UINT64_C(1) << 63)

static const struct mmu_context arm = {.s1_root0 = ROOT,
                                       .asid = 1,
                                       .s1_mode = MMU_S1_ARM_4K,
                                       .priv = MMU_SUPERVISOR,
                                       .pa_width = 40,
                                       .t0sz = 25,
                                       .t1sz = 25};
static const struct mmu_context riscv = {
    .s1_root0 = ROOT, .asid = 1, .s1_mode = MMU_S1_SV39, .priv = MMU_SUPERVISOR, .pa_width = 40};

/* Page 3 was walked for; its descriptor stands for pages 0 to 15, or for itself. */
static struct script walked(enum mmu_arch arch, bool group) {
  bool a = arch == MMU_ARCH_ARM;
  struct script s = script(arch, a ? &arm : &riscv, MMU_PWC_VIRTUAL, SETS);
  ask(&s, MMU_READ, 0x3000);
  reads(&s, 2, ROOT, a ? T1 | 3 : T1 >> 2 | 1);
  reads(&s, 1, T1, a ? T0 | 3 : T0 >> 2 | 1);
  if (a)
    reads(&s, 0, T0 + 24, (FRAME + 0x3000) | 0xc03 | (group ? CONTIGUOUS : 0));
  else
    reads(&s, 0, T0 + 24, (group ? N | (FRAME | 0x8000) >> 2 : (FRAME + 0x3000) >> 2) | 0xcf);
  maps_to(&s, group ? FRAME : FRAME + 0x3000, group ? 16 : 12);
  return s;
}

static void hits(struct script *s, uint64_t va, uint64_t base, uint8_t shift) {
  ask(s, MMU_READ, va);
  answers(s, (struct mmu_response){
                 .pa = base | (va & ~(UINT64_MAX << shift)), .s1_shift = shift, .hit = true});
}

static void one_entry_for_a_group(void **state) {
  (void)state;
  static const struct {
    bool group;
    uint64_t va, base;
    uint8_t shift;
    bool right;
  } row[] = {{true, 0x3000, FRAME, 16, true},
             {true, 0x0000, FRAME, 16, true},
             {true, 0xf008, FRAME, 16, true},
             {true, 0x10000, FRAME, 16, false},         /* the next group */
             {true, 0x4000, FRAME, 17, false},          /* no such size */
             {true, 0x3000, FRAME + 0x3000, 12, false}, /* the size is the group's */
             {true, 0x3000, FRAME + 0x10000, 16, false},
             {true, 0x3000, FRAME, 200, false},
             {false, 0x3000, FRAME + 0x3000, 12, true},
             {false, 0x4000, FRAME, 16, false}}; /* the descriptor is of no group */
  for (unsigned a = MMU_ARCH_ARM; a <= MMU_ARCH_RISCV; a++) {
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
      struct script s = walked((enum mmu_arch)a, row[i].group);
      if (row[i].shift < 64)
        hits(&s, row[i].va, row[i].base, row[i].shift);
      else {
        ask(&s, MMU_READ, row[i].va);
        answers(&s, (struct mmu_response){.pa = row[i].base, .s1_shift = row[i].shift});
      }
      assert_int_equal(believed(&s), row[i].right);
    }
  }
}

/* The walk itself must answer with the size of the group; a hint that does not fit is none. */
static void hint_ignored(void **state) {
  (void)state;
  static const struct {
    uint64_t oa;
    uint8_t shift;
    bool right;
  } row[] = {{FRAME + 0x3000, 16, true},
             {FRAME + 0x3000, 12, false},
             {FRAME + 0x4000, 16, false}, /* not its place in the group */
             {FRAME + 0x4000, 12, true}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    struct script s = script(MMU_ARCH_ARM, &arm, MMU_PWC_VIRTUAL, SETS);
    ask(&s, MMU_READ, 0x3000);
    reads(&s, 2, ROOT, T1 | 3);
    reads(&s, 1, T1, T0 | 3);
    reads(&s, 0, T0 + 24, row[i].oa | 0x403 | CONTIGUOUS);
    maps_to(&s, row[i].oa >> row[i].shift << row[i].shift, row[i].shift);
    assert_int_equal(believed(&s), row[i].right);
  }
}

/* The update goes to the descriptor that was read, not to the first of its group; then a store
 * may go through any page of the group without another. */
static void update_of_one_descriptor(void **state) {
  (void)state;
  enum { HONEST, FIRST_OF_GROUP, WITHOUT, LIES };
  for (int lie = HONEST; lie < LIES; lie++) {
    struct script s = script(MMU_ARCH_RISCV, &riscv, MMU_PWC_VIRTUAL, SETS);
    const uint64_t young = N | (FRAME | 0x8000) >> 2 | 0xf;
    s.ctx.s1_hw_a = s.ctx.s1_hw_d = true;
    ask(&s, MMU_WRITE, 0x3000);
    reads(&s, 2, ROOT, T1 >> 2 | 1);
    reads(&s, 1, T1, T0 >> 2 | 1);
    reads(&s, 0, T0 + 24, young);
    if (lie != WITHOUT)
      swaps(&s, 0, lie == FIRST_OF_GROUP ? T0 : T0 + 24, young, young | 0xc0, true);
    maps_to(&s, FRAME, 16);
    ask(&s, MMU_WRITE, 0x7000);
    maps_to(&s, FRAME, 16);
    assert_int_equal(believed(&s), lie == HONEST);
  }
}

/* An invalidation of any of its pages ends the entry, of another page it does not. */
static void invalidation_of_a_part(void **state) {
  (void)state;
  for (unsigned page = 0; page < 17; page++) {
    struct script s = walked(MMU_ARCH_RISCV, true);
    invalidates(&s, MMU_INV_RISCV_ADDR, page << 12);
    hits(&s, 0x3000, FRAME, 16);
    assert_int_equal(believed(&s), page == 16);
    s = walked(MMU_ARCH_ARM, true);
    invalidates(&s, MMU_INV_ARM_VAE1, page << 12);
    hits(&s, 0x3000, FRAME, 16);
    assert_int_equal(believed(&s), page == 16);
  }
}

/* Operand of two pages times 2^n from `page` on, with a level hint. */
static uint64_t range(uint64_t page, uint64_t num, uint64_t ttl) {
  return UINT64_C(1) << 46 | num << 39 | ttl << 37 | page;
}

static void invalidation_of_a_range(void **state) {
  (void)state;
  const struct {
    bool group;
    uint8_t kind;
    uint64_t operand;
    bool ends;
  } row[] = {{false, MMU_INV_ARM_RVAE1, range(2, 0, 0), true}, /* pages 2 and 3 */
             {false, MMU_INV_ARM_RVAE1, range(3, 0, 0), true},
             {false, MMU_INV_ARM_RVAE1, range(1, 0, 0), false},
             {false, MMU_INV_ARM_RVAE1, range(4, 0, 0), false},
             {false, MMU_INV_ARM_RVAE1, range(0, 1, 0), true},
             {false, MMU_INV_ARM_RVALE1, range(2, 0, 0), true},
             {false, MMU_INV_ARM_RVAAE1, range(2, 0, 0), true},
             {false, MMU_INV_ARM_RVAALE1, range(2, 0, 0), true},
             {false, MMU_INV_ARM_RVAE1, range(2, 0, 3), true},
             {false, MMU_INV_ARM_RVAE1, range(0, 31, 2), false}, /* leaves of another level */
             {false, MMU_INV_ARM_RVAE1, range(2, 0, 0) ^ UINT64_C(3) << 46, false}, /* 16 KiB */
             {true, MMU_INV_ARM_RVAE1, range(15, 0, 0), true},
             {true, MMU_INV_ARM_RVAE1, range(15, 0, 3), true},
             {true, MMU_INV_ARM_RVAE1, range(16, 0, 0), false}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    for (int done = 0; done < 2; done++) {
      struct script s = walked(MMU_ARCH_ARM, row[i].group);
      starts(&s, row[i].kind, row[i].operand);
      if (done) is_done(&s);
      hits(&s, 0x3000, row[i].group ? FRAME : FRAME + 0x3000, row[i].group ? 16 : 12);
      assert_int_equal(believed(&s), !done || !row[i].ends);
    }
  }
}

/* A pointer of the range goes too, but for the last-level forms. */
static void pointers_of_a_range(void **state) {
  (void)state;
  static const struct {
    uint8_t kind;
    uint64_t ttl;
    bool stay;
  } row[] = {{MMU_INV_ARM_RVAE1, 0, false},
             {MMU_INV_ARM_RVAE1, 3, false},
             {MMU_INV_ARM_RVAE1, 2, true}, /* of heights 2 and 3 only */
             {MMU_INV_ARM_RVALE1, 0, true}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    struct script s = walked(MMU_ARCH_ARM, false);
    invalidates(&s, row[i].kind, range(0, 31, row[i].ttl));
    ask(&s, MMU_READ, 0x5000);
    reads(&s, 0, T0 + 40, FRAME | 0x403);
    maps_to(&s, FRAME, 12);
    assert_int_equal(believed(&s), row[i].stay);
  }
}

/* An answer on the miss lane without a walk: what an L2 TLB may remember, and nothing else. */
static void second_level(void **state) {
  (void)state;
  enum { REMEMBERED, OTHER_PAGE, WRONG, OTHER_ASID, ENDED, HIT_LANE, FAULT, RETRY, LIES };
  for (int lie = REMEMBERED; lie < LIES; lie++) {
    struct script s = walked(MMU_ARCH_ARM, true);
    struct mmu_response a = {.pa = FRAME + 0x5000, .s1_shift = 16, .l2 = true};
    if (lie == ENDED) invalidates(&s, MMU_INV_ARM_ASIDE1, 0);
    if (lie == OTHER_ASID) s.ctx.asid = 2;
    if (lie == WRONG) a.pa ^= 0x20000;
    if (lie == HIT_LANE) a.hit = true;
    if (lie == RETRY) a.status = MMU_RETRY;
    ask(&s, MMU_READ, lie == OTHER_PAGE ? 0x15000 : 0x5000);
    if (lie == FAULT) {
      reads(&s, 0, T0 + 40, 0);
      a = (struct mmu_response){.status = MMU_FAULT,
                                .l2 = true,
                                .fault = {.gva = 0x5000, .cause = MMU_CAUSE_NOT_PRESENT},
                                .syndrome = {.reg = {0x96000007, 0x5000, 0, 0}}};
    }
    answers(&s, a);
    assert_int_equal(believed(&s), lie == REMEMBERED);
  }
}

/* The same fault is believed when the walk takes it on itself; without an L2 none may answer. */
static void not_the_second_level(void **state) {
  (void)state;
  struct script s = walked(MMU_ARCH_ARM, true);
  ask(&s, MMU_READ, 0x5000);
  reads(&s, 0, T0 + 40, 0);
  answers(&s, (struct mmu_response){.status = MMU_FAULT,
                                    .fault = {.gva = 0x5000, .cause = MMU_CAUSE_NOT_PRESENT},
                                    .syndrome = {.reg = {0x96000007, 0x5000, 0, 0}}});
  assert_true(believed(&s));
  s = walked(MMU_ARCH_ARM, true); /* a fault needs a walk of its own */
  ask(&s, MMU_READ, 0x5000);
  answers(&s, (struct mmu_response){.status = MMU_FAULT,
                                    .fault = {.gva = 0x5000, .cause = MMU_CAUSE_NOT_PRESENT},
                                    .syndrome = {.reg = {0x96000007, 0x5000, 0, 0}}});
  assert_false(believed(&s));
  for (uint32_t sets = 0; sets <= SETS; sets += SETS) {
    s = script(MMU_ARCH_ARM, &arm, MMU_PWC_VIRTUAL, sets);
    ask(&s, MMU_READ, 0x3000);
    reads(&s, 2, ROOT, FRAME << 10 | 0x401);
    maps_to(&s, FRAME << 10, 30);
    ask(&s, MMU_READ, 0x5000);
    answers(&s, (struct mmu_response){.pa = (FRAME << 10) + 0x5000, .s1_shift = 30, .l2 = true});
    assert_int_equal(believed(&s), sets != 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_entry_for_a_group),
      cmocka_unit_test(hint_ignored),
      cmocka_unit_test(update_of_one_descriptor),
      cmocka_unit_test(invalidation_of_a_part),
      cmocka_unit_test(invalidation_of_a_range),
      cmocka_unit_test(pointers_of_a_range),
      cmocka_unit_test(second_level),
      cmocka_unit_test(not_the_second_level),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
