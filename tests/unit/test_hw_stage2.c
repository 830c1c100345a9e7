/* SPDX-License-Identifier: Apache-2.0
 * How many table reads the RTL's two-stage walks make, and how many cycles they take, as
 * equalities: for every format of stage 1 with every one of stage 2 (docs/stage2.md,
 * docs/timing.md). On a geometry without walk cache and nested TLB nothing is remembered; with
 * them, what the walk before must have left is counted. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testbench/nested.h"

enum { OWN = 2, QUESTION = 2 }; /* cycles of its own: a table access, a question to stage 2 */

static const struct mmu_access load = {.kind = MMU_READ, .size = 3};
static const struct mmu_access store = {.kind = MMU_WRITE, .size = 3};

/* Arm's shortest stage 1, which only the counts need: 21 address bits, one table (FEAT_TTST). */
static const struct format one_level = {"arm-l3", MMU_ARCH_ARM, MMU_S1_ARM_4K, 0, 0, 9, false};

typedef void pair_body(struct bench *b, const struct format *f, const struct nested *n);

static void each_pair(pair_body *body) {
  for (int i = 0; i <= FORMATS; i++) {
    const struct format *f = i < FORMATS ? &formats[i] : &one_level;
    const struct hw_ops *ops = bench_hw(f->arch);
    if (ops == NULL) continue;
    struct bench *b = bench_new(ops, 42);
    assert_non_null(b);
    for (int k = 0; k < NESTEDS; k++) {
      if (nesteds[k].arch != f->arch) continue;
      bench_reset(b);
      bench_clear_memory(b, NESTED_FRAMES);
      bench_memory(b, 1, 0, 0, 1);
      body(b, f, &nesteds[k]);
      if (b->problem[0] != '\0') fail_msg("%s on %s: %s", f->name, nesteds[k].name, b->problem);
    }
    bench_free(b);
  }
}

static uint64_t took(const struct bench_request *r) {
  return r->answered - r->accepted;
}

/* Once a walk: as with one stage (test_hw_timing.c), of the first walk after a reset. */
static uint64_t fixed(const struct bench *b) {
  return b->ops->geometry.l2_sets == 0 ? 5 : 6;
}

static size_t reads_of(const struct bench *b, unsigned stage) {
  size_t reads = 0;
  for (size_t i = 0; i < b->accesses; i++)
    reads += !b->access[i].cas && b->access[i].stage == stage;
  return reads;
}

/* A and D set, every table in a page of its own: (g + 1)(h + 1) - 1 reads, and no cycle more than
 * they and the questions take. */
static void cold_walk(struct bench *b, const struct format *f, const struct nested *n) {
  static const unsigned latencies[] = {0, 1, 7, 40};
  const unsigned g = f->top + 1u, h = n->top + 1u;
  for (unsigned i = 0; i < 4; i++) {
    bench_reset(b);
    bench_clear_memory(b, NESTED_FRAMES);
    struct guest guest = guest_new(b, f, n);
    const uint64_t va = space_va(f, 3), pa = guest_page(&guest, va, GUEST_PAGE);
    bench_memory(b, latencies[i], 0, 0, 1);
    const struct bench_request *r = bench_translate(b, va + 8, &load, &guest.s.ctx);
    assert_int_equal(r->response.status, MMU_OK);
    assert_int_equal(r->response.pa, pa | ((va + 8) & 0xfff));
    assert_int_equal(r->response.s1_shift, 12);
    assert_int_equal(r->response.s2_shift, 12);
    assert_int_equal(b->accesses, (g + 1) * (h + 1) - 1);
    assert_int_equal(reads_of(b, 1), g);
    assert_int_equal(reads_of(b, 2), (g + 1) * h);
    if (g == 4 && h == 4) assert_int_equal(b->accesses, 24);
    assert_int_equal(took(r), fixed(b) + b->accesses * (OWN + latencies[i]) + (g + 1) * QUESTION);
    bench_forget(b);
    r = bench_translate(b, va, &load, &guest.s.ctx);
    assert_true(r->response.hit);
    assert_int_equal(b->accesses, 0);
  }
}

static void test_cold_walk(void **state) {
  (void)state;
  each_pair(cold_walk);
}

/* What a nested TLB that forgets nothing spares of a walk's questions. */
struct known {
  uint64_t gpa[8];
  uint8_t height[8];
  unsigned pages;
  bool remembers;
};

static unsigned cost_of_question(struct known *k, const struct nested *n, uint64_t gpa,
                                 uint8_t height) {
  for (unsigned i = 0; i < k->pages; i++)
    if ((gpa ^ k->gpa[i]) >> (12 + 9 * k->height[i]) == 0) return 0;
  if (k->remembers) {
    k->gpa[k->pages] = gpa;
    k->height[k->pages++] = height;
  }
  return n->top - height + 1u;
}

/* A stage-1 page of one height, at a place that stage 2 maps by another, tables by a third. */
static void leaf_sizes(struct bench *b, const struct format *f, const struct nested *n,
                       const uint8_t height[3]) {
  const uint32_t entries = b->ops->geometry.nested_entries;
  bench_reset(b);
  bench_clear_memory(b, NESTED_FRAMES);
  bench_memory(b, 3, 0, 0, 1);
  struct guest guest = guest_new(b, f, n);
  guest.by = height[1];
  const uint64_t va = space_va(f, 3), page = UINT64_C(1) << (12 + 9 * height[0]);
  const uint64_t base = UINT64_C(1) << (nested_bits(n) > 40 ? 39 : 32);
  const uint64_t gpa = base | (va & (page - 1));
  guest_map(&guest, va, height[0], base, PAGE_ALL);
  nested_map(&guest, gpa, height[2], PAGE_ALL);
  struct known k = {.remembers = entries != 0};
  unsigned reads = 0, questions = 0;
  for (unsigned h = f->top + 1u; h-- > height[0]; questions++)
    reads += 1 + cost_of_question(&k, n, space_slot(&guest.s, va, h) - guest.s.host, height[1]);
  reads += cost_of_question(&k, n, gpa, height[2]);
  const struct bench_request *r = bench_translate(b, va, &load, &guest.s.ctx);
  assert_int_equal(r->response.status, MMU_OK);
  assert_int_equal(r->response.pa, guest.s.host + gpa);
  assert_int_equal(r->response.s1_shift, 12 + 9 * height[0]);
  assert_int_equal(r->response.s2_shift, 12 + 9 * height[2]);
  assert_int_equal(b->accesses, reads);
  assert_int_equal(took(r), fixed(b) + reads * (OWN + 3) + (questions + 1) * QUESTION);
}

static void all_leaf_sizes(struct bench *b, const struct format *f, const struct nested *n) {
  const uint32_t entries = b->ops->geometry.nested_entries;
  uint8_t h[3];
  if (nested_bits(n) < 34 || (entries != 0 && entries < 8)) return;
  for (h[0] = 0; h[0] <= f->big; h[0]++)
    for (h[1] = 0; h[1] < 3 && h[1] <= n->big; h[1]++)
      for (h[2] = 0; h[2] <= n->big; h[2]++)
        if (h[0] < 3 || nested_bits(n) > 40) leaf_sizes(b, f, n, h);
}

static void test_leaf_sizes(void **state) {
  (void)state;
  each_pair(all_leaf_sizes);
}

/* Drives everything out of the nested TLB: with stage 1 off no other cache of walks is touched. */
static void forget_nested(struct guest *g) {
  struct bench *b = g->s.b;
  struct mmu_context off = g->s.ctx;
  off.s1_mode = MMU_S1_OFF;
  for (unsigned i = 0; i < 2 * b->ops->geometry.nested_entries; i++) {
    nested_map(g, 0x10000 + 4096 * i, 0, PAGE_ALL);
    bench_translate(b, 0x10000 + 4096 * i, &load, &off);
  }
}

enum { DEEPEST = 5, KNOWN = 4 };
/* Reads of the page beside, by levels of stage 1 and 2 and what is left: bit 0 the walk cache, bit
 * 1 the nested TLB. */
static size_t counted[DEEPEST + 1][DEEPEST + 1][KNOWN];

static void count(const struct format *f, const struct nested *n, bool pwc, bool nested,
                  size_t reads) {
  size_t *place = &counted[f->top + 1][n->top + 1][pwc + 2 * nested];
  if (*place != 0) assert_int_equal(reads, *place);
  *place = reads;
}

/* The page beside one that was walked, in the same tables: what is left of its walk. */
static void neighbour(struct bench *b, const struct format *f, const struct nested *n, bool pwc,
                      bool nested) {
  const struct mmu_geometry *geometry = &b->ops->geometry;
  static const uint8_t combined[MMU_ARCH_COUNT] = {MMU_INV_X86_VPID, MMU_INV_ARM_VMALLE1,
                                                   MMU_INV_RISCV_ALL};
  bench_reset(b);
  bench_clear_memory(b, NESTED_FRAMES);
  struct guest guest = guest_new(b, f, n);
  const uint64_t va = space_va(f, 3), beside = va ^ 0x1000;
  guest_page(&guest, va, GUEST_PAGE);
  const uint64_t pa = guest_page(&guest, beside, GUEST_PAGE + 0x1000);
  bench_translate(b, va, &load, &guest.s.ctx);
  if (!nested) forget_nested(&guest);
  if (!pwc) bench_invalidate_wait(b, combined[f->arch], 0, 1, 1);
  bench_forget(b);
  const struct bench_request *r = bench_translate(b, beside, &load, &guest.s.ctx);
  assert_int_equal(r->response.pa, pa | (beside & 0xfff));
  count(f, n, pwc, nested, b->accesses);
  const bool physical = geometry->pwc_kind == MMU_PWC_PHYSICAL;
  pwc = pwc && geometry->pwc_entries[0] != 0 && f->top != 0;
  nested = nested && geometry->nested_entries != 0;
  /* Nobody knows which entries random victims have left. */
  if (geometry->replacement == MMU_REPLACE_RANDOM) return;
  /* A nested TLB that is smaller than the walk has lost the first tables. */
  if (nested && !pwc && geometry->nested_entries < f->top + 2u) return;
  if (nested && physical && geometry->nested_entries < f->top + 2u) return;
  const unsigned tables = pwc ? 1 : f->top + 1u; /* stage-1 descriptors read */
  const unsigned asked = pwc && !physical ? 1 : f->top + 1u;
  assert_int_equal(reads_of(b, 1), tables);
  assert_int_equal(reads_of(b, 2), (1 + (nested ? 0 : asked)) * (n->top + 1u));
}

static void with_caches(struct bench *b, const struct format *f, const struct nested *n) {
  neighbour(b, f, n, false, false);
  neighbour(b, f, n, true, false);
  neighbour(b, f, n, false, true);
  neighbour(b, f, n, true, true);
}

static void test_with_caches(void **state) {
  (void)state;
  each_pair(with_caches);
}

/* The table of docs/stage2.md is what was counted, every pair of depths that there is. */
static void test_documented(void **state) {
  (void)state;
  if (getenv("COWALK_HW") != NULL) skip(); /* it is of the default geometry */
  memset(counted, 0, sizeof counted);
  each_pair(with_caches);
  FILE *doc = fopen("docs/stage2.md", "r");
  static char text[1 << 16];
  assert_non_null(doc);
  text[fread(text, 1, sizeof text - 1, doc)] = '\0';
  fclose(doc);
  for (unsigned g = 1; g <= DEEPEST; g++) {
    char row[256];
    size_t at = (size_t)snprintf(row, sizeof row, "| %u |", g);
    for (unsigned h = 1; h <= DEEPEST; h++) {
      const size_t *c = counted[g][h];
      at += c[0] == 0 ? (size_t)snprintf(row + at, sizeof row - at, " - |")
                      : (size_t)snprintf(row + at, sizeof row - at, " %zu, %zu, %zu, %zu |", c[0],
                                         c[1], c[2], c[3]);
    }
    if (strstr(text, row) == NULL) fail_msg("docs/stage2.md lacks what was counted: %s", row);
  }
}

/* Stage 1 off: one question. The answer is remembered. */
static void stage_1_off(struct bench *b, const struct format *f, const struct nested *n) {
  struct guest guest = guest_new(b, f, n);
  guest.s.ctx.s1_mode = MMU_S1_OFF;
  nested_map(&guest, GUEST_PAGE, 0, PAGE_ALL);
  for (unsigned i = 0; i < 2; i++) {
    bench_forget(b);
    const struct bench_request *r = bench_translate(b, GUEST_PAGE + 8, &store, &guest.s.ctx);
    assert_int_equal(r->response.status, MMU_OK);
    assert_int_equal(r->response.pa, guest.s.host + GUEST_PAGE + 8);
    assert_int_equal(r->response.s1_shift, 52);
    assert_int_equal(b->accesses, i == 0 ? n->top + 1 : 0);
    assert_int_equal(r->response.hit, i != 0);
    if (i == 0) assert_int_equal(took(r), fixed(b) + b->accesses * (OWN + 1) + QUESTION);
  }
}

static void test_stage_1_off(void **state) {
  (void)state;
  each_pair(stage_1_off);
}

/* An update of the leaf is one question and one access more, and its place is walked for again
 * unless the nested TLB knows it. One in stage 2 is one access more. */
static void updates(struct bench *b, const struct format *f, const struct nested *n) {
  const unsigned g = f->top + 1u, h = n->top + 1u;
  for (unsigned stage = 1; stage <= 2; stage++) {
    bench_reset(b);
    bench_clear_memory(b, NESTED_FRAMES);
    bench_memory(b, 3, 0, 0, 1);
    struct guest guest = guest_new(b, f, n);
    const uint64_t va = space_va(f, 3);
    const unsigned fresh = PAGE_ALL & ~(PAGE_A | PAGE_D);
    guest_page(&guest, va, GUEST_PAGE);
    if (stage == 1) guest_map(&guest, va, 0, GUEST_PAGE, fresh);
    if (stage == 2) nested_map(&guest, GUEST_PAGE, 0, fresh);
    const struct bench_request *r = bench_translate(b, va, &store, &guest.s.ctx);
    assert_int_equal(r->response.status, MMU_OK);
    const bool again = stage == 1 && b->ops->geometry.nested_entries == 0;
    const unsigned reads = (g + 1) * (h + 1) - 1 + (again ? h : 0);
    assert_int_equal(bench_reads(b, 0), reads);
    assert_int_equal(b->accesses, reads + 1);
    const unsigned questions = g + (stage == 1 ? 2 : 1);
    assert_int_equal(took(r), fixed(b) + (reads + 1) * (OWN + 3) + questions * QUESTION);
  }
}

static void test_updates(void **state) {
  (void)state;
  each_pair(updates);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_cold_walk),   cmocka_unit_test(test_leaf_sizes),
      cmocka_unit_test(test_with_caches), cmocka_unit_test(test_documented),
      cmocka_unit_test(test_stage_1_off), cmocka_unit_test(test_updates),
  };
  const char *filter = getenv("TEST_FILTER");
  if (filter != NULL) cmocka_set_test_filter(filter);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
