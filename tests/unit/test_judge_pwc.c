/* SPDX-License-Identifier: Apache-2.0
 * The judge on a walk cache that tags pointers by their physical address: which reads may be
 * skipped, for whom and until when. Beside each thing allowed stands a lie that is refused. */
#include "tests/unit/judge_script.h"

enum {
  P = 1,
  RW = 2,
  US = 4,
  A = 32,
  D = 64,
  POINTER = P | RW | US | A,
  LEAF = POINTER | D,
  ROOT = 0x1000,
  T2 = 0x2000, /* tables by the height of their descriptors */
  T1 = 0x3000,
  T0 = 0x4000,
  OTHER_ROOT = 0x9000,
  OTHER = 0xa000,
  FRAME = 0x100000
};

static const struct mmu_context x86 = {.s1_root0 = ROOT,
                                       .asid = 1,
                                       .s1_mode = MMU_S1_X86_L4,
                                       .priv = MMU_USER,
                                       .pa_width = 40,
                                       .wp = true,
                                       .nxe = true,
                                       .s1_hw_a = true,
                                       .s1_hw_d = true};

/* A walk of page 1 that reads every table. */
static struct script walked(uint32_t pwc_kind) {
  struct script s = script(MMU_ARCH_X86, &x86, pwc_kind, 0);
  ask(&s, MMU_READ, 0x1000);
  reads(&s, 3, ROOT, T2 | POINTER);
  reads(&s, 2, T2, T1 | POINTER);
  reads(&s, 1, T1, T0 | POINTER);
  reads(&s, 0, T0 + 8, FRAME | LEAF);
  maps_to(&s, FRAME, 12);
  return s;
}

/* Only the leaf of page `page` is read. */
static void leaf_alone(struct script *s, uint64_t page, uint64_t table) {
  ask(s, MMU_READ, page << 12);
  reads(s, 0, table + 8 * page, (FRAME + (page << 12)) | LEAF);
  maps_to(s, FRAME + (page << 12), 12);
}

static void another_address_space(void **state) {
  (void)state;
  for (uint32_t kind = 0; kind < MMU_PWC_COUNT; kind++) {
    struct script s = walked(kind);
    leaf_alone(&s, 2, T0);
    assert_true(believed(&s)); /* the same one: both kinds */
    s = walked(kind);
    s.ctx.asid = 2;
    s.ctx.vmid = 3;
    leaf_alone(&s, 1, T0);
    assert_int_equal(believed(&s), kind == MMU_PWC_PHYSICAL);
  }
}

/* What another root leads to through tables it shares. */
static void shared_tables(void **state) {
  (void)state;
  for (uint32_t kind = 0; kind < MMU_PWC_COUNT; kind++) {
    struct script s = walked(kind);
    s.ctx.s1_root0 = OTHER_ROOT;
    s.ctx.asid = 2;
    ask(&s, MMU_READ, 0x8000001000); /* index 1 of the root */
    reads(&s, 3, OTHER_ROOT + 8, T2 | POINTER);
    reads(&s, 0, T0 + 8, FRAME | LEAF); /* heights 2 and 1 are passed */
    maps_to(&s, FRAME, 12);
    assert_int_equal(believed(&s), kind == MMU_PWC_PHYSICAL);
  }
}

/* The same address, but the new root was never read, or leads elsewhere. */
static void no_way_from_the_root(void **state) {
  (void)state;
  struct script s = walked(MMU_PWC_PHYSICAL);
  s.ctx.s1_root0 = OTHER_ROOT;
  leaf_alone(&s, 2, T0);
  assert_false(believed(&s));
  s = walked(MMU_PWC_PHYSICAL);
  ask(&s, MMU_READ, 0x200000); /* index 1 at height 1: never read */
  reads(&s, 0, T0, FRAME | LEAF);
  assert_false(believed(&s));
  s = walked(MMU_PWC_PHYSICAL);
  ask(&s, MMU_READ, 0x2000);
  reads(&s, 3, ROOT, OTHER | POINTER); /* its own read says so */
  reads(&s, 0, T0 + 16, FRAME | LEAF);
  assert_false(believed(&s));
}

/* A table that is its own parent: a pointer counts at the height at which it was read. */
static void another_height(void **state) {
  (void)state;
  for (int honest = 1; honest >= 0; honest--) {
    struct script s = script(MMU_ARCH_X86, &x86, MMU_PWC_PHYSICAL, 0);
    ask(&s, MMU_READ, 0);
    reads(&s, 3, ROOT, ROOT | POINTER);
    if (honest) reads(&s, 2, ROOT, ROOT | POINTER);
    reads(&s, 1, ROOT, ROOT | POINTER);
    assert_int_equal(believed(&s), honest);
  }
}

/* The OS changed a pointer: the old value may stay, the new one may have been read too, a third
 * cannot be known. */
static void several_values(void **state) {
  (void)state;
  for (int third = 0; third < 2; third++) {
    struct script s = walked(MMU_PWC_PHYSICAL);
    ask(&s, MMU_READ, 0x2000);
    reads(&s, 1, T1, OTHER | POINTER); /* evicted, so read again */
    reads(&s, 0, OTHER + 16, (FRAME + 0x2000) | LEAF);
    maps_to(&s, FRAME + 0x2000, 12);
    leaf_alone(&s, 3, T0);
    leaf_alone(&s, 4, OTHER);
    if (third) leaf_alone(&s, 5, 0xb000);
    assert_int_equal(believed(&s), !third);
  }
}

/* Every invalidation ends every pointer once it is done, whatever it names. */
static void until_an_invalidation(void **state) {
  (void)state;
  static const uint8_t kind[] = {MMU_INV_X86_INVLPG,    MMU_INV_X86_CR3,  MMU_INV_X86_ALL,
                                 MMU_INV_X86_PCID_ADDR, MMU_INV_X86_PCID, MMU_INV_X86_ALL_GLOBAL,
                                 MMU_INV_X86_ALL_PCID};
  for (size_t i = 0; i < sizeof kind; i++) {
    struct script s = walked(MMU_PWC_PHYSICAL);
    s.ctx.asid = 2;
    starts(&s, kind[i], 0x7000000000);
    leaf_alone(&s, 2, T0); /* not done yet */
    assert_true(believed(&s));
    s = walked(MMU_PWC_PHYSICAL);
    s.ctx.asid = 2; /* not the one that read them */
    invalidates(&s, kind[i], 0x7000000000);
    s.ctx.asid = 1;
    leaf_alone(&s, 2, T0);
    assert_false(believed(&s));
  }
  /* what was read after it was asked for stays */
  struct script s = script(MMU_ARCH_X86, &x86, MMU_PWC_PHYSICAL, 0);
  starts(&s, MMU_INV_X86_ALL, 0);
  ask(&s, MMU_READ, 0x1000);
  reads(&s, 3, ROOT, T2 | POINTER);
  reads(&s, 2, T2, T1 | POINTER);
  reads(&s, 1, T1, T0 | POINTER);
  is_done(&s);
  reads(&s, 0, T0 + 8, FRAME | LEAF);
  maps_to(&s, FRAME, 12);
  leaf_alone(&s, 2, T0);
  assert_true(believed(&s));
}

/* A walk that another space's invalidation overtakes may have passed pointers before it; its own
 * space's invalidation ends them for it, and a request that comes later finds them gone. */
static void passed_before_an_invalidation(void **state) {
  (void)state;
  for (int which = 0; which < 3; which++) { /* another's, its own, another's before the request */
    struct script s = walked(MMU_PWC_PHYSICAL);
    if (which < 2) ask(&s, MMU_READ, 0x2000);
    s.ctx.asid = which == 1 ? 1 : 2;
    invalidates(&s, MMU_INV_X86_PCID, 0);
    s.ctx.asid = 1;
    if (which == 2) ask(&s, MMU_READ, 0x2000);
    reads(&s, 0, T0 + 16, (FRAME + 0x2000) | LEAF);
    maps_to(&s, FRAME + 0x2000, 12);
    assert_int_equal(believed(&s), which == 0);
  }
}

/* A leaf read through a pointer that the invalidation under way ends is gone with it, if the
 * invalidation concerns the leaf's address space. */
static void leaf_of_an_old_pointer(void **state) {
  (void)state;
  for (uint16_t asid = 1; asid <= 2; asid++) {
    struct script s = walked(MMU_PWC_PHYSICAL);
    s.ctx.asid = asid;
    starts(&s, MMU_INV_X86_PCID, 0);
    s.ctx.asid = 1;
    leaf_alone(&s, 2, T0);
    is_done(&s);
    ask(&s, MMU_READ, 0x2000);
    maps_to(&s, FRAME + 0x2000, 12);
    assert_int_equal(believed(&s), asid == 2);
  }
}

/* RISC-V: a fence by address leaves pointers alone, any other ends them. */
static void leaf_only_invalidations(void **state) {
  (void)state;
  static const struct {
    uint8_t kind;
    bool stay;
  } row[] = {{MMU_INV_RISCV_ADDR, true},
             {MMU_INV_RISCV_ADDR_ASID, true},
             {MMU_INV_RISCV_ASID, false},
             {MMU_INV_RISCV_ALL, false}};
  struct mmu_context ctx = {
      .s1_root0 = ROOT, .asid = 1, .s1_mode = MMU_S1_SV39, .priv = MMU_SUPERVISOR, .pa_width = 40};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    struct script s = script(MMU_ARCH_RISCV, &ctx, MMU_PWC_PHYSICAL, 0);
    ask(&s, MMU_READ, 0x1000);
    reads(&s, 2, ROOT, T1 >> 2 | 1);
    reads(&s, 1, T1, T0 >> 2 | 1);
    reads(&s, 0, T0 + 8, FRAME >> 2 | 0xcf);
    maps_to(&s, FRAME, 12);
    invalidates(&s, row[i].kind, 0x1000);
    ask(&s, MMU_READ, 0x1000);
    reads(&s, 0, T0 + 8, FRAME >> 2 | 0xcf);
    maps_to(&s, FRAME, 12);
    assert_int_equal(believed(&s), row[i].stay);
  }
}

/* Arm: the same for last-level invalidations, of a range too. */
static void last_level_invalidations(void **state) {
  (void)state;
  const uint64_t range = UINT64_C(1) << 46 | 1; /* two pages from 0x1000 on */
  const struct {
    uint8_t kind;
    uint64_t addr;
    bool stay;
  } row[] = {{MMU_INV_ARM_VALE1, 0x1000, true}, {MMU_INV_ARM_VAALE1, 0x1000, true},
             {MMU_INV_ARM_RVALE1, range, true}, {MMU_INV_ARM_RVAALE1, range, true},
             {MMU_INV_ARM_VAE1, 0x1000, false}, {MMU_INV_ARM_VAAE1, 0x1000, false},
             {MMU_INV_ARM_RVAE1, range, false}, {MMU_INV_ARM_RVAAE1, range, false},
             {MMU_INV_ARM_ASIDE1, 0, false},    {MMU_INV_ARM_VMALLE1, 0, false}};
  struct mmu_context ctx = {.s1_root0 = ROOT,
                            .asid = 1,
                            .s1_mode = MMU_S1_ARM_4K,
                            .priv = MMU_SUPERVISOR,
                            .pa_width = 40,
                            .t0sz = 25,
                            .t1sz = 25};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    struct script s = script(MMU_ARCH_ARM, &ctx, MMU_PWC_PHYSICAL, 0);
    ask(&s, MMU_READ, 0x1000);
    reads(&s, 2, ROOT, T1 | 3);
    reads(&s, 1, T1, T0 | 3);
    reads(&s, 0, T0 + 8, FRAME | 0x403);
    maps_to(&s, FRAME, 12);
    invalidates(&s, row[i].kind, row[i].addr);
    ask(&s, MMU_READ, 0x1000);
    reads(&s, 0, T0 + 8, FRAME | 0x403);
    maps_to(&s, FRAME, 12);
    assert_int_equal(believed(&s), row[i].stay);
  }
}

/* A pointer is remembered as it stands after its update; if the update was lost it is not. */
static void after_its_update(void **state) {
  (void)state;
  for (int honest = 1; honest >= 0; honest--) {
    const uint64_t young = POINTER & ~A;
    struct script s = script(MMU_ARCH_X86, &x86, MMU_PWC_PHYSICAL, 0);
    ask(&s, MMU_READ, 0x1000);
    reads(&s, 3, ROOT, T2 | POINTER);
    reads(&s, 2, T2, T1 | POINTER);
    reads(&s, 1, T1, T0 | young);
    swaps(&s, 1, T1, T0 | young, T0 | POINTER, honest);
    if (honest) {
      reads(&s, 0, T0 + 8, FRAME | LEAF);
      maps_to(&s, FRAME, 12);
    } else {
      reads(&s, 1, T1, OTHER | POINTER);
      reads(&s, 0, OTHER + 8, FRAME | LEAF);
      maps_to(&s, FRAME, 12);
    }
    leaf_alone(&s, 2, T0);
    assert_int_equal(believed(&s), honest);
  }
}

/* One that this access would have to update, or may not use as a pointer, must be read. */
static void judged_for_this_access(void **state) {
  (void)state;
  for (int too_wide = 0; too_wide < 2; too_wide++) {
    struct script s = script(MMU_ARCH_X86, &x86, MMU_PWC_PHYSICAL, 0);
    const uint64_t far = UINT64_C(1) << 38;
    ask(&s, MMU_READ, 0x1000);
    reads(&s, 3, ROOT, T2 | POINTER);
    reads(&s, 2, T2, T1 | POINTER);
    reads(&s, 1, T1, far | POINTER);
    reads(&s, 0, far + 8, FRAME | LEAF);
    maps_to(&s, FRAME, 12);
    s.ctx.pa_width = too_wide ? 36 : 39; /* 36: bit 38 is reserved */
    leaf_alone(&s, 2, far);
    assert_int_equal(believed(&s), !too_wide);
  }
}

/* Rights come from every level that was passed. */
static void rights_on_the_way(void **state) {
  (void)state;
  for (int honest = 1; honest >= 0; honest--) {
    struct script s = script(MMU_ARCH_X86, &x86, MMU_PWC_PHYSICAL, 0);
    s.ctx.priv = MMU_SUPERVISOR;
    ask(&s, MMU_READ, 0x1000);
    reads(&s, 3, ROOT, T2 | POINTER);
    reads(&s, 2, T2, T1 | (POINTER & ~US));
    reads(&s, 1, T1, T0 | POINTER);
    reads(&s, 0, T0 + 8, FRAME | LEAF);
    maps_to(&s, FRAME, 12);
    s.ctx.priv = MMU_USER;
    ask(&s, MMU_READ, 0x2000);
    reads(&s, 0, T0 + 16, FRAME | LEAF);
    if (honest)
      answers(&s, (struct mmu_response){.status = MMU_FAULT,
                                        .fault = {.gva = 0x2000, .cause = MMU_CAUSE_PERMISSION},
                                        .syndrome = {.reg = {14, 5, 0x2000, 0}}});
    else
      maps_to(&s, FRAME, 12);
    assert_int_equal(believed(&s), honest);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(another_address_space),
      cmocka_unit_test(shared_tables),
      cmocka_unit_test(no_way_from_the_root),
      cmocka_unit_test(another_height),
      cmocka_unit_test(several_values),
      cmocka_unit_test(until_an_invalidation),
      cmocka_unit_test(leaf_of_an_old_pointer),
      cmocka_unit_test(leaf_only_invalidations),
      cmocka_unit_test(last_level_invalidations),
      cmocka_unit_test(after_its_update),
      cmocka_unit_test(judged_for_this_access),
      cmocka_unit_test(rights_on_the_way),
      cmocka_unit_test(passed_before_an_invalidation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
