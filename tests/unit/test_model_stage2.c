/* SPDX-License-Identifier: Apache-2.0
 * The model's two-stage walks: how many table reads they make, with every cache on and off, and
 * what answers and fault records say. Source of the figures: docs/stage2.md. Whether all of it is
 * legal is the judge's affair (tests/lockstep). */
#include "two_stages.h"

struct pair {
  enum mmu_arch arch;
  uint8_t s2_mode, s1_levels, s2_levels;
};

/* Every depth of stage 1 with every depth of stage 2 of every architecture. */
static bool next_pair(struct pair *p) {
  static const uint8_t first[] = {0, 0, 4, 4, 1, 3}, last[] = {0, 0, 5, 5, 4, 5}; /* by s2_mode */
  static const uint8_t lowest1[] = {4, 1, 3}, highest1[] = {5, 4, 5};             /* by arch */
  if (p->s2_mode == 0) {
    *p = (struct pair){MMU_ARCH_X86, MMU_S2_EPT, 4, 4};
    return true;
  }
  if (p->s2_levels++ < last[p->s2_mode]) return true;
  p->s2_levels = first[p->s2_mode];
  if (p->s1_levels++ < highest1[p->arch]) return true;
  p->s2_mode++;
  if (p->s2_mode > MMU_S2_RISCV) return false;
  p->arch = p->s2_mode == MMU_S2_NPT   ? MMU_ARCH_X86
            : p->s2_mode == MMU_S2_ARM ? MMU_ARCH_ARM
                                       : MMU_ARCH_RISCV;
  p->s1_levels = lowest1[p->arch];
  p->s2_levels = first[p->s2_mode];
  return true;
}

/* Without an L2; entries of the walk cache a height and of the nested TLB. */
static struct mmu_geometry geometry(uint32_t pwc, uint32_t nested) {
  return (struct mmu_geometry){.l1i_entries = 8,
                               .l1d_entries = 8,
                               .pwc_entries = {pwc, pwc, pwc, pwc},
                               .walks = 1,
                               .miss_queue = 1,
                               .nested_entries = nested};
}

static struct stages stages_of(const struct pair *p, const struct mmu_geometry *g) {
  return stages(p->arch, p->s2_mode, p->s1_levels, p->s2_levels, g);
}

enum { VA = 0x3000 };

/* A page of stage 1 of height k, tables and data by stage-2 pages of heights j and i. */
static void one_cold_walk(const struct pair *p, uint8_t k, uint8_t j, uint8_t i) {
  struct mmu_geometry g = geometry(0, 0);
  struct stages s = stages_of(p, &g);
  struct cost cost;
  s1_map(&s, VA, k > 1 ? 0 : GUEST_DATA, k, j);
  uint64_t gpa = (k > 1 ? 0 : GUEST_DATA) + (VA & ((1U << (12 + 9 * k)) - 1));
  s2_map(&s, gpa, k > 1 ? j : i);
  struct mmu_response r = translate(&s, VA + 8, MMU_READ, &cost);
  assert_int_equal(r.status, MMU_OK);
  assert_int_equal(r.pa, HOST_BASE + gpa + 8);
  assert_int_equal(r.s1_shift, 12 + 9 * k);
  assert_int_equal(r.s2_shift, 12 + 9 * (k > 1 ? j : i));
  uint64_t reads1 = (uint64_t)p->s1_levels - k, tables = (uint64_t)p->s2_levels - j;
  uint64_t data = (uint64_t)p->s2_levels - (k > 1 ? j : i);
  assert_int_equal(cost.reads, reads1 * (tables + 1) + data);
  assert_int_equal(cost.nested, reads1 * tables + data);
  assert_int_equal(translate(&s, VA + 0x10, MMU_READ, &cost).hit, true);
  assert_int_equal(cost.reads, 0);
  finish(&s);
}

static void cold_walks(void **state) {
  (void)state;
  unsigned pairs = 0;
  for (struct pair p = {0}; next_pair(&p); pairs++) {
    for (uint8_t k = 0; k < 3 && k < p.s1_levels; k++)
      for (uint8_t j = 0; j < 3 && j < p.s2_levels; j++)
        for (uint8_t i = 0; i < 2 && i < p.s2_levels; i++)
          if (j < 2 || k > 1) one_cold_walk(&p, k, j, i);
    struct mmu_geometry g = geometry(0, 0);
    struct stages s = stages_of(&p, &g);
    struct cost cost;
    s1_map(&s, VA, GUEST_DATA, 0, 0);
    s2_map(&s, GUEST_DATA, 0);
    translate(&s, VA, MMU_READ, &cost);
    assert_int_equal(cost.reads, (p.s1_levels + 1) * (p.s2_levels + 1) - 1);
    if (p.s1_levels == 4 && p.s2_levels == 4) assert_int_equal(cost.reads, 24);
    finish(&s);
  }
  assert_int_equal(pairs, 4 + 4 + 16 + 9);
}

/* The walk of a second page whose last table is the same: what each cache leaves of it. */
static void neighbour(const struct mmu_geometry *g, uint64_t g_left, uint64_t asked) {
  for (struct pair p = {0}; next_pair(&p);) {
    struct stages s = stages_of(&p, g);
    struct cost cost;
    for (uint64_t i = 0; i < 2; i++) {
      s1_map(&s, VA + i * 0x1000, GUEST_DATA + i * 0x1000, 0, 0);
      s2_map(&s, GUEST_DATA + i * 0x1000, 0);
    }
    translate(&s, VA, MMU_READ, &cost);
    assert_int_equal(cost.reads, (p.s1_levels + 1) * (p.s2_levels + 1) - 1);
    struct mmu_response r = translate(&s, VA + 0x1000, MMU_READ, &cost);
    assert_int_equal(r.pa, HOST_BASE + GUEST_DATA + 0x1000);
    uint64_t reads1 = g_left != 0 ? g_left : p.s1_levels;
    uint64_t questions = asked != 0 ? asked : p.s1_levels + 1U;
    assert_int_equal(cost.reads, reads1 + questions * p.s2_levels);
    finish(&s);
  }
}

static void with_caches(void **state) {
  (void)state;
  struct mmu_geometry g = geometry(4, 0); /* the last table's place, and the page's */
  neighbour(&g, 1, 2);
  g = geometry(0, 16); /* all descriptors, and the page's place */
  neighbour(&g, 0, 1);
  g = geometry(4, 16); /* the last descriptor, and the page's place */
  neighbour(&g, 1, 1);
  g = geometry(4, 0); /* every table's place, but only the last descriptor */
  g.pwc_kind = MMU_PWC_PHYSICAL;
  neighbour(&g, 1, 0);
}

/* All of the guest in one large page: the nested TLB answers all questions but the first. */
static void one_large_page(void **state) {
  (void)state;
  struct mmu_geometry g = geometry(0, 1);
  for (struct pair p = {0}; next_pair(&p);) {
    if (p.s2_levels < 2) continue;
    struct stages s = stages_of(&p, &g);
    struct cost cost;
    s1_map(&s, VA, 0x1000, 0, 1);
    translate(&s, VA, MMU_READ, &cost);
    assert_int_equal(cost.reads, p.s2_levels - 1 + p.s1_levels);
    assert_int_equal(cost.nested, p.s2_levels - 1);
    finish(&s);
  }
}

/* With stage 1 off the address is the guest-physical one; the answer is remembered. */
static void stage_1_off(void **state) {
  (void)state;
  struct mmu_geometry g = geometry(0, 0);
  for (struct pair p = {0}; next_pair(&p);) {
    struct stages s = stages_of(&p, &g);
    struct cost cost;
    s2_map(&s, GUEST_DATA, 0);
    s.ctx.s1_mode = MMU_S1_OFF;
    for (unsigned i = 0; i < 2; i++) {
      struct mmu_response r = translate(&s, GUEST_DATA + 0x123, MMU_WRITE, &cost);
      assert_int_equal(r.status, MMU_OK);
      assert_int_equal(r.pa, HOST_BASE + GUEST_DATA + 0x123);
      assert_int_equal(r.s1_shift, 52);
      assert_int_equal(r.s2_shift, 12);
      assert_int_equal(cost.reads, i == 0 ? p.s2_levels : 0);
      assert_int_equal(r.hit, i != 0);
    }
    finish(&s);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cold_walks),
      cmocka_unit_test(with_caches),
      cmocka_unit_test(one_large_page),
      cmocka_unit_test(stage_1_off),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
