/* SPDX-License-Identifier: Apache-2.0
 * The cycle figures of the RTL, as equalities, for every format: L1 hits, cold and warm walks,
 * overlap of walks, hits under misses. docs/timing.md explains them.
 * With memory of latency L (an access taken at edge t is answered at edge t + L), a walk that
 * reads n descriptors is answered 6 + n * (2 + L) cycles after the request was accepted: L1, two
 * for the L2, queue, root; n times offer + L + judge; answer. Each further page size in use costs
 * a probe of the L2; without an L2 one cycle is saved. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>

#include "rules/arm_range.h"
#include "testbench/bench.h"
#include "testbench/tables.h"

enum { OWN = 2 }; /* cycles of its own a level */

/* ... and once a walk, when the L2 has to be probed for so many page sizes. */
static uint64_t fixed(const struct bench *b, unsigned sizes) {
  return b->ops->geometry.l2_sets == 0 ? 5 : 5 + sizes;
}

static const struct mmu_access load = {.kind = MMU_READ, .size = 3};
static const struct mmu_access store = {.kind = MMU_WRITE, .size = 3};
static const struct mmu_access fetch = {.kind = MMU_FETCH, .size = 2};

static const uint8_t invalidate_all[MMU_ARCH_COUNT] = {MMU_INV_X86_ALL, MMU_INV_ARM_VMALLE1,
                                                       MMU_INV_RISCV_ALL};
static const uint8_t invalidate_page[MMU_ARCH_COUNT] = {MMU_INV_X86_INVLPG, MMU_INV_ARM_VAAE1,
                                                        MMU_INV_RISCV_ADDR};

/* Runs `body` for each format on a fresh bench. */
static void each_format(void (*body)(struct bench *, const struct format *)) {
  for (int i = 0; i < FORMATS; i++) {
    const struct hw_ops *ops = bench_hw(formats[i].arch);
    if (ops == NULL) continue;
    struct bench *b = bench_new(ops, 42);
    assert_non_null(b);
    body(b, &formats[i]);
    if (b->problem[0] != '\0') fail_msg("%s: %s", formats[i].name, b->problem);
    bench_free(b);
  }
}

static uint64_t took(const struct bench_request *r) {
  return r->answered - r->accepted;
}

static void cold_walk(struct bench *b, const struct format *f) {
  const unsigned latencies[] = {0, 1, 7, 40};
  struct space s = space_new(b, f);
  for (unsigned i = 0; i < sizeof latencies / sizeof latencies[0]; i++) {
    const unsigned latency = latencies[i];
    for (unsigned height = 0; height <= f->big; height++) {
      const uint64_t va = space_va(f, 8 * i + height + 1); /* its own path from the root */
      space_map(&s, va, height, height == 4 ? 0 : UINT64_C(7) << 39, PAGE_ALL);
      bench_memory(b, latency, 0, 0, 1);
      bench_forget(b);
      const struct bench_request *r = bench_translate(b, va, &load, &s.ctx);
      assert_int_equal(r->response.status, MMU_OK);
      assert_int_equal(r->response.s1_shift, 12 + 9 * height);
      const unsigned levels = f->top - height + 1u;
      assert_int_equal(bench_reads(b, 0), levels);
      assert_int_equal(b->accesses, levels);
      /* the sizes that came before are probed first, at least one */
      const unsigned sizes = i != 0 ? f->big + 1u : height != 0 ? height : 1;
      assert_int_equal(took(r), fixed(b, sizes) + levels * (OWN + latency));
    }
  }
}

static void test_cold_walk(void **state) {
  (void)state;
  each_format(cold_walk);
}

/* Each A or D update adds one swap and one cycle of offer, latency and verdict. */
static void update_walk(struct bench *b, const struct format *f) {
  struct space s = space_new(b, f);
  const unsigned latency = 9;
  bench_memory(b, latency, 0, 0, 1);
  const uint64_t va = space_va(f, 3);
  const uint64_t slot = space_map(&s, va, 0, 0x5000, PAGE_R | PAGE_W | PAGE_U);
  const struct bench_request *r = bench_translate(b, va, &store, &s.ctx);
  const unsigned levels = f->top + 1u;
  assert_int_equal(r->response.status, MMU_OK);
  assert_int_equal(b->accesses, levels + 1);
  assert_true(b->access[levels].cas && b->access[levels].ok);
  assert_int_equal(b->access[levels].addr, slot);
  assert_int_equal(took(r), fixed(b, 1) + (levels + 1) * (OWN + latency));
}

static void test_update_walk(void **state) {
  (void)state;
  each_format(update_walk);
}

static void warm_walk(struct bench *b, const struct format *f) {
  if (b->ops->geometry.pwc_entries[0] == 0) return;
  struct space s = space_new(b, f);
  const uint64_t va = space_va(f, 1);
  space_map(&s, va, 0, 0x5000, PAGE_ALL);
  space_map(&s, va ^ 0x1000, 0, 0x9000, PAGE_ALL);
  bench_translate(b, va, &load, &s.ctx);
  bench_forget(b);
  const struct bench_request *r = bench_translate(b, va ^ 0x1000, &load, &s.ctx);
  assert_int_equal(r->response.status, MMU_OK);
  assert_int_equal(r->response.pa, 0x9000 | (va & 0xfff));
  assert_int_equal(bench_reads(b, 0), 1);
  /* by physical address each pointer is found by itself, one a cycle */
  const bool one_by_one = b->ops->geometry.pwc_kind == MMU_PWC_PHYSICAL;
  assert_int_equal(b->pwc_hits, one_by_one ? f->top : f->top > 0);
  assert_int_equal(took(r), fixed(b, 1) + OWN + b->latency + (one_by_one ? f->top : 0u));
  /* Another 2 MiB of the same 1 GiB: two reads; the deepest pointer that is known wins. */
  if (f->top < 2) return;
  const uint64_t far = va ^ 0x200000;
  space_map(&s, far, 0, 0xa000, PAGE_ALL);
  bench_forget(b);
  r = bench_translate(b, far, &load, &s.ctx);
  assert_int_equal(r->response.status, MMU_OK);
  assert_int_equal(bench_reads(b, 0), 2);
}

static void test_warm_walk(void **state) {
  (void)state;
  each_format(warm_walk);
}

/* One hit a cycle on both ports at once, each answered in the cycle after its acceptance. */
static void hits_back_to_back(struct bench *b, const struct format *f) {
  enum { N = 48 };
  struct space s = space_new(b, f);
  const uint64_t va = space_va(f, 1);
  space_map(&s, va, 0, 0x5000, PAGE_ALL);
  bench_translate(b, va, &store, &s.ctx);
  bench_translate(b, va, &fetch, &s.ctx);
  bench_forget(b);
  for (unsigned i = 0; i < N; i++) {
    bench_ask(b, (va & ~UINT64_C(0xfff)) + 8 * i, i % 2 ? &store : &load, &s.ctx);
    bench_ask(b, (va & ~UINT64_C(0xfff)) + 4 * i, &fetch, &s.ctx);
  }
  const uint64_t start = b->now;
  assert_true(bench_settle(b, 200));
  for (unsigned i = 0; i < 2 * N; i++) {
    const struct bench_request *r = &b->request[i];
    assert_int_equal(r->accepted, start + i / 2);
    assert_int_equal(took(r), 1);
    assert_true(r->response.hit);
    assert_int_equal(r->response.pa, 0x5000 + (i % 2 ? 4 : 8) * (i / 2));
  }
  assert_int_equal(b->accesses, 0);
  bench_step(b);
  assert_true(b->out.idle);
}

static void test_hits_back_to_back(void **state) {
  (void)state;
  each_format(hits_back_to_back);
}

/* While a walk waits for slow memory, hits of both ports go on at full rate. */
static void hit_under_miss(struct bench *b, const struct format *f) {
  struct space s = space_new(b, f);
  const uint64_t va = space_va(f, 1), other = space_va(f, 2);
  space_map(&s, va, 0, 0x5000, PAGE_ALL);
  space_map(&s, other, 0, 0x6000, PAGE_ALL);
  bench_translate(b, va, &load, &s.ctx);
  bench_translate(b, va, &fetch, &s.ctx);
  bench_forget(b);
  bench_memory(b, 200, 0, 0, 1);
  const size_t miss = bench_ask(b, other, &load, &s.ctx);
  for (unsigned i = 0; i < 40; i++) {
    bench_ask(b, va, &load, &s.ctx);
    bench_ask(b, va, &fetch, &s.ctx);
  }
  assert_true(bench_settle(b, 2000));
  uint64_t last[2] = {0, 0};
  for (size_t i = miss + 1; i < b->requests; i++) {
    const struct bench_request *r = &b->request[i];
    assert_true(r->response.hit);
    assert_int_equal(took(r), 1);
    if (last[r->req.port]) assert_int_equal(r->accepted, last[r->req.port] + 1);
    last[r->req.port] = r->accepted;
  }
  assert_true(b->request[miss].answered > last[0] + 100);
}

static void test_hit_under_miss(void **state) {
  (void)state;
  each_format(hit_under_miss);
}

/* With two slots, two walks take hardly longer than one, from one port or from both. */
static void walks_overlap(struct bench *b, const struct format *f) {
  struct space s = space_new(b, f);
  const unsigned latency = 50;
  bench_memory(b, latency, 0, 0, 1);
  const unsigned levels = f->top + 1u;
  const uint64_t alone = fixed(b, 1) + levels * (OWN + latency);
  for (unsigned both = 0; both < 2; both++) {
    const uint64_t va = space_va(f, 4 * both + 1), other = space_va(f, 4 * both + 2);
    space_map(&s, va, 0, 0x5000, PAGE_ALL);
    space_map(&s, other, 0, 0x6000, PAGE_ALL);
    bench_forget(b);
    bench_ask(b, va, &load, &s.ctx);
    bench_ask(b, other, both ? &fetch : &load, &s.ctx);
    assert_true(bench_settle(b, 2000));
    const uint64_t first = took(&b->request[0]), second = took(&b->request[1]);
    const uint64_t later = first > second ? first : second;
    if (b->ops->geometry.walks >= 2) {
      assert_true(later <= alone + levels + 1);
    } else {
      assert_true(later >= 2 * alone - fixed(b, 1));
    }
    assert_int_equal(b->walks, 2);
  }
}

static void test_walks_overlap(void **state) {
  (void)state;
  each_format(walks_overlap);
}

/* The same page many times: one walk, the others wait and hit; each within its bound. */
static void same_page(struct bench *b, const struct format *f) {
  struct space s = space_new(b, f);
  const uint64_t va = space_va(f, 1);
  space_map(&s, va, 0, 0x5000, PAGE_ALL);
  bench_memory(b, 30, 0, 0, 1);
  for (unsigned i = 0; i < 10; i++) {
    bench_ask(b, (va & ~UINT64_C(0xfff)) + 16 * i, &load, &s.ctx);
  }
  assert_true(bench_settle(b, 2000));
  assert_int_equal(b->walks, 1);
  for (unsigned i = 0; i < 10; i++) {
    assert_int_equal(b->request[i].response.status, MMU_OK);
    assert_int_equal(b->request[i].response.pa, 0x5000 + 16 * i);
    assert_int_equal(b->request[i].response.hit, i != 0);
  }
  /* those that waited follow one a cycle: the one in the lookup stage, then the queue, then new */
  uint64_t last = 0;
  for (unsigned i = 1; i < 10; i++) {
    if (b->request[i].answered > last) last = b->request[i].answered;
  }
  assert_true(last <= b->request[0].answered + 10);
  const size_t waited = b->ops->geometry.miss_queue < 9 ? b->ops->geometry.miss_queue : 9;
  assert_true(b->merges >= 1 && b->merges <= waited + 1);
}

static void test_same_page(void **state) {
  (void)state;
  each_format(same_page);
}

/* All slots walk for other pages. Of two requests that wait for one of them, for one page, the
 * second joins the walk of the first when that starts: one walk, no read twice. */
static void same_page_waiting(struct bench *b, const struct format *f) {
  const struct mmu_geometry *g = &b->ops->geometry;
  if (g->miss_queue < 2) return;
  struct space s = space_new(b, f);
  const uint64_t base = space_va(f, 1) & ~UINT64_C(0xffff);
  for (unsigned i = 0; i <= g->walks; i++)
    space_map(&s, base + 4096 * i, 0, 0x100000 + 4096 * i, PAGE_ALL);
  const uint64_t page = base + 4096 * g->walks;
  bench_memory(b, 60, 0, 0, 1);
  for (unsigned i = 0; i < g->walks; i++)
    bench_ask(b, base + 4096 * i, &load, &s.ctx);
  while (b->walks < g->walks && b->problem[0] == '\0')
    bench_step(b);
  const size_t first = bench_ask(b, page, &load, &s.ctx);
  const size_t second = bench_ask(b, page + 8, &load, &s.ctx);
  /* the other port's finds it in the L2, if that still has it */
  const bool other_port = g->l2_sets * g->l2_ways >= 2 * (g->walks + 1);
  const size_t third = bench_ask(b, page + 16, other_port ? &fetch : &load, &s.ctx);
  assert_true(bench_settle(b, 20000));
  assert_int_equal(b->walks, g->walks + 1);
  assert_int_equal(b->request[first].response.pa, 0x100000 + 4096 * g->walks);
  assert_int_equal(b->request[second].response.pa, 0x100000 + 4096 * g->walks + 8);
  assert_int_equal(b->request[third].response.pa, 0x100000 + 4096 * g->walks + 16);
  size_t leaves = 0; /* of that page */
  for (size_t i = 0; i < b->accesses; i++)
    leaves += b->access[i].addr == space_slot(&s, page, 0);
  assert_int_equal(leaves, 1);
}

static void test_same_page_waiting(void **state) {
  (void)state;
  each_format(same_page_waiting);
}

/* An L1 holds as many pages as it has entries, whatever their number: all hit again; one more
 * drops one of them. */
static void l1_capacity(struct bench *b, const struct format *f) {
  const struct mmu_access *const kind[2] = {&fetch, &load};
  const uint32_t entries[2] = {b->ops->geometry.l1i_entries, b->ops->geometry.l1d_entries};
  struct space s = space_new(b, f);
  const uint64_t base = space_va(f, 1) & ~UINT64_C(0x1fffff);
  for (unsigned port = 0; port < 2; port++) {
    if (entries[port] > 100) continue; /* the bench's records are full then */
    for (unsigned i = 0; i <= entries[port]; i++)
      space_map(&s, base + 4096 * i, 0, 0x100000 + 4096 * i, PAGE_ALL);
    bench_invalidate_wait(b, invalidate_all[f->arch], 0, 1, 0);
    for (unsigned round = 0; round < 3; round++) {
      bench_forget(b);
      for (unsigned i = 0; i < entries[port]; i++) {
        const unsigned page = (round == 1 ? entries[port] - 1 - i : i);
        const struct bench_request *r = bench_translate(b, base + 4096 * page, kind[port], &s.ctx);
        assert_int_equal(r->response.hit, round > 0);
        assert_int_equal(r->response.pa, 0x100000 + 4096 * page);
      }
    }
    bench_forget(b);
    bench_translate(b, base + 4096 * entries[port], kind[port], &s.ctx);
    for (unsigned i = entries[port]; i > 0; i--)
      bench_ask(b, base + 4096 * (i - 1), kind[port], &s.ctx);
    assert_true(bench_settle(b, 20000));
    unsigned misses = 0;
    for (size_t i = 0; i < b->requests; i++)
      misses += !b->request[i].response.hit;
    assert_true(misses >= 2); /* the newcomer, and at least the one it drove out */
    assert_true(entries[port] < 4 || misses <= entries[port] / 2 + 2);
  }
}

static void test_l1_capacity(void **state) {
  (void)state;
  each_format(l1_capacity);
}

/* A burst of data misses does not starve a fetch: it waits for no more than is queued ahead. */
static void fetch_not_starved(struct bench *b, const struct format *f) {
  enum { BURST = 80, LATENCY = 20 };
  struct space s = space_new(b, f);
  const uint64_t base = space_va(f, 1) & ~UINT64_C(0x7ffff), code = space_va(f, 2);
  for (unsigned i = 0; i < BURST; i++)
    space_map(&s, base + 4096 * i, 0, 0x5000, PAGE_ALL);
  space_map(&s, code, 0, 0x6000, PAGE_ALL);
  bench_memory(b, LATENCY, 0, 0, 1);
  for (unsigned i = 0; i < BURST; i++)
    bench_ask(b, base + 4096 * i, &load, &s.ctx);
  for (unsigned i = 0; i < 30; i++)
    bench_step(b);
  const size_t late = bench_ask(b, code, &fetch, &s.ctx);
  assert_true(bench_settle(b, 40000));
  for (unsigned i = 0; i < BURST; i++) {
    assert_int_equal(b->request[i].response.status, MMU_OK);
  }
  const uint64_t alone = fixed(b, 1) + (f->top + 1u) * (OWN + LATENCY);
  const struct mmu_geometry *g = &b->ops->geometry;
  const uint64_t rounds = 2 + (g->miss_queue + 1) / g->walks;
  assert_true(b->request[late].answered - b->request[late].offered <= rounds * alone);
  assert_true(b->request[BURST - 1].answered > b->request[late].answered);
}

static void test_fetch_not_starved(void **state) {
  (void)state;
  each_format(fetch_not_starved);
}

/* Four cycles and one for each set of the L2 that is concerned; slow reads in flight do not hold it
 * up. By address that is one set for each page size in use. */
static void invalidation_bounded(struct bench *b, const struct format *f) {
  const uint32_t sets = b->ops->geometry.l2_sets;
  struct space s = space_new(b, f);
  const uint64_t va = space_va(f, 1), large = space_va(f, 2);
  space_map(&s, va, 0, 0x5000, PAGE_ALL);
  bench_invalidate_wait(b, invalidate_all[f->arch], 0, 1, 0);
  assert_int_equal(b->inval[0].done - b->inval[0].accepted, 4 + sets);
  bench_memory(b, 500, 0, 0, 1);
  bench_ask(b, va, &load, &s.ctx);
  for (unsigned i = 0; i < 20; i++)
    bench_step(b);
  size_t i = bench_invalidate(b, invalidate_all[f->arch], 0, 1, 0);
  assert_true(bench_settle(b, 20000));
  assert_int_equal(b->inval[i].done - b->inval[i].accepted, 4 + sets);
  assert_int_equal(b->restarts, 1);
  assert_int_equal(b->request[0].response.status, MMU_OK);
  assert_int_equal(b->request[0].response.epoch, 2);
  bench_memory(b, 1, 0, 0, 1);
  i = bench_invalidate(b, invalidate_page[f->arch], va, 1, 0);
  assert_true(bench_settle(b, 200));
  assert_int_equal(b->inval[i].done - b->inval[i].accepted, 4 + (sets != 0));
  if (f->arch == MMU_ARCH_ARM) { /* a range of eight pages, of one size */
    i = bench_invalidate(b, MMU_INV_ARM_RVAE1, rules_arm_range_operand(va, va + 0x7fff), 1, 0);
    assert_true(bench_settle(b, 200));
    assert_int_equal(b->inval[i].done - b->inval[i].accepted, 4 + (sets < 8 ? sets : 8));
  }
  if (f->big == 0) return;
  space_map(&s, large, 1, UINT64_C(7) << 39, PAGE_ALL);
  bench_translate(b, large, &load, &s.ctx);
  i = bench_invalidate(b, invalidate_page[f->arch], va, 1, 0);
  assert_true(bench_settle(b, 200));
  assert_int_equal(b->inval[i].done - b->inval[i].accepted, 4 + (sets != 0 ? 2 : 0));
}

/* An L2 hit is answered three cycles after its acceptance; one a cycle, back to back. */
static void l2_hits(struct bench *b, const struct format *f) {
  enum { N = 16 };
  const struct mmu_geometry *g = &b->ops->geometry;
  if (g->l2_sets * g->l2_ways < 2 * N || g->l2_sets < N) return;
  struct space s = space_new(b, f);
  const uint64_t base = space_va(f, 1) & ~UINT64_C(0x1fffff);
  for (unsigned i = 0; i < N; i++) {
    space_map(&s, base + 4096 * i, 0, 0x100000 + 4096 * i, PAGE_ALL);
    bench_translate(b, base + 4096 * i, &load, &s.ctx);
  }
  bench_forget(b);
  /* the other port's L1 has none of them */
  const struct bench_request *r = bench_translate(b, base + 0x24, &fetch, &s.ctx);
  assert_true(r->response.l2);
  assert_false(r->response.hit);
  assert_int_equal(r->response.pa, 0x100024);
  assert_int_equal(took(r), 3);
  r = bench_translate(b, base + 0x28, &fetch, &s.ctx);
  assert_true(r->response.hit && !r->response.l2);
  bench_forget(b);
  for (unsigned i = 1; i < N; i++)
    bench_ask(b, base + 4096 * i, &fetch, &s.ctx);
  assert_true(bench_settle(b, 200));
  assert_int_equal(b->accesses, 0);
  for (unsigned i = 0; i < N - 1; i++) {
    assert_true(b->request[i].response.l2);
    assert_int_equal(b->request[i].response.pa, 0x100000 + 4096 * (i + 1));
    assert_int_equal(took(&b->request[i]), 3);
    assert_int_equal(b->request[i].accepted, b->request[0].accepted + i);
  }
}

static void test_l2_hits(void **state) {
  (void)state;
  each_format(l2_hits);
}

static void test_invalidation_bounded(void **state) {
  (void)state;
  each_format(invalidation_bounded);
}

/* Pass-through stage 2: every table address and the final one goes through the door. */
static void stage2_door(struct bench *b, const struct format *f) {
  struct space s = space_new(b, f);
  const uint64_t va = space_va(f, 1);
  space_map(&s, va, 0, 0x5000, PAGE_R | PAGE_W | PAGE_U);
  const unsigned levels = f->top + 1u;
  s.ctx.s2_mode = MMU_S2_PASS;
  const struct bench_request *r = bench_translate(b, va, &store, &s.ctx);
  assert_int_equal(r->response.status, MMU_OK);
  assert_int_equal(r->response.pa, 0x5000 | (va & 0xfff));
  assert_int_equal(r->response.s2_shift, 52);
  assert_int_equal(b->accesses, levels + 1);
  /* two cycles for each question: levels tables, one swap, one final address */
  assert_int_equal(took(r), fixed(b, 1) + (levels + 1) * (OWN + 1) + 2 * (levels + 2));
  bench_forget(b);
  r = bench_translate(b, va, &load, &s.ctx);
  assert_true(r->response.hit);
  assert_int_equal(r->response.s2_shift, 52);
  /* without it the entry does not match */
  s.ctx.s2_mode = MMU_S2_OFF;
  bench_forget(b);
  r = bench_translate(b, va, &load, &s.ctx);
  assert_false(r->response.hit);
  assert_int_equal(r->response.s2_shift, 0);
}

static void test_stage2_door(void **state) {
  (void)state;
  each_format(stage2_door);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_cold_walk),         cmocka_unit_test(test_update_walk),
      cmocka_unit_test(test_warm_walk),         cmocka_unit_test(test_hits_back_to_back),
      cmocka_unit_test(test_hit_under_miss),    cmocka_unit_test(test_walks_overlap),
      cmocka_unit_test(test_same_page),         cmocka_unit_test(test_fetch_not_starved),
      cmocka_unit_test(test_l1_capacity),       cmocka_unit_test(test_invalidation_bounded),
      cmocka_unit_test(test_same_page_waiting), cmocka_unit_test(test_l2_hits),
      cmocka_unit_test(test_stage2_door),
  };
  const char *filter = getenv("TEST_FILTER");
  if (filter != NULL) cmocka_set_test_filter(filter);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
