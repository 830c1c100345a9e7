/* SPDX-License-Identifier: Apache-2.0
 * The L2 TLB from outside (docs/tlb.md): what is in it, what an invalidation takes from it, and its
 * answers beside those of walks. A page that a load brought in is in the L2 and not in the L1 of
 * fetches, so a fetch shows what the L2 has. Geometries without an L2 have nothing to show. */
#include "directed.h"

static bool no_l2(const struct test *t) {
  return t->b->ops->geometry.l2_sets == 0;
}

static bool from_l2(const struct bench_request *q, uint64_t pa) {
  return maps_to(q, pa) && q->response.l2 && !q->response.hit;
}

static bool walked(const struct bench_request *q, uint64_t pa) {
  return maps_to(q, pa) && !q->response.l2 && !q->response.hit;
}

static unsigned highest_page(const struct format *f) {
  return f->arch == MMU_ARCH_RISCV ? f->top : f->big;
}

TEST_EACH_FORMAT(a_page_dropped_by_the_l1_is_in_the_l2) {
  const struct mmu_geometry *g = &t->b->ops->geometry;
  const uint64_t va = space_va(t->f, 3);
  if (no_l2(t) || g->replacement == MMU_REPLACE_RANDOM) return;
  static const enum mmu_access_kind kinds[] = {MMU_READ, MMU_FETCH};
  for (unsigned k = 0; k < 2; k++) {
    renew(t);
    const unsigned entries = k == 0 ? g->l1d_entries : g->l1i_entries;
    space_map(&t->s, va, 0, PA_1, PAGE_ALL);
    check(t, walked(translate(t, va, kinds[k]), PA_1), "no walk");
    check(t, hits_at(translate(t, va, kinds[k]), PA_1), "not in the L1");
    for (unsigned p = 1, others = 0; others < entries; p++) {
      if (p % g->l2_sets == 0) continue; /* its own set */
      space_map(&t->s, same_table(va, p), 0, PA_2, PAGE_ALL);
      translate(t, same_table(va, p), kinds[k]);
      others++;
    }
    bench_forget(t->b);
    check(t, from_l2(translate(t, va + 8, kinds[k]), PA_1 + 8), "not from the L2");
    check(t, t->b->accesses == 0 && t->b->walks == 0, "walked all the same");
    check(t, hits_at(translate(t, va, kinds[k]), PA_1), "not back in the L1 of its port");
  }
}

/* One descriptor of a page of 16, or 0 where the format has none. */
static uint64_t group_leaf(const struct format *f, unsigned page, uint64_t pa) {
  if (f->arch == MMU_ARCH_ARM)
    return format_leaf(f, 0, pa + 4096 * (uint64_t)page, PAGE_ALL) | UINT64_C(1) << 52;
  if (f->arch == MMU_ARCH_RISCV)
    return format_leaf(f, 0, pa | 0x8000, PAGE_ALL) | UINT64_C(1) << 63;
  return 0;
}

TEST_EACH_FORMAT(every_page_size_is_kept) {
  if (no_l2(t)) return;
  for (unsigned h = 0; h <= highest_page(t->f) + 1; h++) {
    renew(t);
    const bool group = h > highest_page(t->f); /* 64 KiB */
    const unsigned shift = group ? 16 : 12 + 9 * h;
    const uint64_t size = UINT64_C(1) << shift, pa = h == 4 ? 0 : PA_1;
    const uint64_t page = space_va(t->f, 3) & ~(size - 1);
    if (group && group_leaf(t->f, 0, pa) == 0) continue;
    for (unsigned i = 0; i < 16 && group; i++)
      bench_poke(t->b, space_slot(&t->s, page + 4096 * (uint64_t)i, 0), group_leaf(t->f, i, pa));
    if (!group) space_map(&t->s, page, h, pa, PAGE_ALL);
    check(t, walked(translate(t, page + size / 4, MMU_READ), pa + size / 4), "2^%u: a walk", shift);
    bench_forget(t->b);
    /* another set, if the size of the page did not count */
    const uint64_t at = size - size / 8 - 8;
    const struct bench_request *q = translate(t, page + at, MMU_FETCH);
    check(t, from_l2(q, pa + at), "2^%u: not from the L2", shift);
    check(t, q->response.s1_shift == shift && t->b->accesses == 0, "2^%u: said to be 2^%u", shift,
          q->response.s1_shift);
    check(t, !maps_to(translate(t, page + size, MMU_FETCH), pa + size), "2^%u: too large", shift);
  }
}

TEST_EACH_FORMAT(hits_of_two_page_sizes_in_turn) {
  enum { PAIRS = 3 };
  const uint64_t small = space_va(t->f, 3), large = small ^ (UINT64_C(1) << 22);
  if (no_l2(t)) return;
  space_map(&t->s, large, 1, PA_2, PAGE_ALL);
  for (unsigned i = 0; i < PAIRS; i++) {
    space_map(&t->s, same_table(small, i), 0, PA_1 + 4096 * (uint64_t)i, PAGE_ALL);
    translate(t, same_table(small, i), MMU_READ);
  }
  translate(t, large, MMU_READ);
  bench_forget(t->b);
  for (unsigned i = 0; i < PAIRS; i++) {
    ask(t, same_table(small, i) + 8 * i, MMU_FETCH);
    ask(t, large + 8 * i, MMU_FETCH);
  }
  bench_settle(t->b, 500);
  for (unsigned i = 0; i < PAIRS; i++) {
    const struct bench_request *s = &t->b->request[2 * i], *l = &t->b->request[2 * i + 1];
    check(t, from_l2(s, PA_1 + 4096 * (uint64_t)i + 8 * i), "small page %u", i);
    check(t, s->response.s1_shift == 12, "small page %u: 2^%u", i, s->response.s1_shift);
    check(t, maps_to(l, PA_2 + (large & (MIB2 - 1)) + 8 * i), "large page %u", i);
    check(t, l->response.s1_shift == 21, "large page %u: 2^%u", i, l->response.s1_shift);
  }
}

/* One page of each size, in two spaces at the same addresses. */
struct twins {
  struct space other;
  unsigned sizes;
};

static uint64_t twin_va(const struct test *t, unsigned h) {
  return space_va(t->f, 10 + 4 * h); /* in small L2s each size takes another set */
}

static uint64_t twin_pa(unsigned h, bool other) {
  return (other ? PA_2 : PA_1) + ((uint64_t)h << 40);
}

static struct twins warm_twins(struct test *t) {
  renew(t);
  struct twins w = {.other = space_new(t->b, t->f), .sizes = t->f->big + 1u};
  w.other.ctx.asid = 2;
  for (unsigned h = 0; h < w.sizes; h++) {
    space_map(&t->s, twin_va(t, h), h, twin_pa(h, false), PAGE_ALL);
    space_map(&w.other, twin_va(t, h), h, twin_pa(h, true), PAGE_ALL);
    translate(t, twin_va(t, h), MMU_READ);
    translate_in(t, &w.other, twin_va(t, h), MMU_READ);
  }
  return w;
}

static void remap(struct test *t, unsigned h) {
  bench_poke(t->b, space_slot(&t->s, twin_va(t, h), h), format_leaf(t->f, h, PA_3, PAGE_ALL));
}

static uint64_t in_page(const struct test *t, unsigned h) {
  return twin_va(t, h) & ((UINT64_C(1) << (12 + 9 * h)) - 1);
}

TEST_EACH_FORMAT(a_sweep_spares_the_others) {
  if (no_l2(t) || t->b->ops->geometry.l2_ways < 2) return;
  struct twins w = warm_twins(t);
  for (unsigned h = 0; h < w.sizes; h++)
    remap(t, h);
  flush(t, invalidate_space(t->f), 0);
  /* the others first: no walk may tell the L2 which sizes to look for */
  for (unsigned h = 0; h < w.sizes; h++) {
    const struct bench_request *q = translate_in(t, &w.other, twin_va(t, h), MMU_FETCH);
    check(t, from_l2(q, twin_pa(h, true) + in_page(t, h)), "height %u: another space's is gone", h);
  }
  for (unsigned h = 0; h < w.sizes; h++)
    check(t, walked(translate(t, twin_va(t, h), MMU_FETCH), PA_3 + in_page(t, h)),
          "height %u: survives its space", h);
  for (unsigned gone = 0; gone < w.sizes; gone++) {
    w = warm_twins(t);
    const uint64_t size = UINT64_C(1) << (12 + 9 * gone);
    remap(t, gone);
    /* an address of the page, but not the one that was asked for */
    flush(t, invalidate_page(t->f), twin_va(t, gone) ^ size / 2);
    for (unsigned h = 0; h < w.sizes; h++) {
      const struct bench_request *q = translate(t, twin_va(t, h), MMU_FETCH);
      check(t,
            h == gone ? walked(q, PA_3 + in_page(t, h))
                      : from_l2(q, twin_pa(h, false) + in_page(t, h)),
            "height %u after an invalidation at %u", h, gone);
      q = translate_in(t, &w.other, twin_va(t, h), MMU_FETCH);
      check(t, from_l2(q, twin_pa(h, true) + in_page(t, h)), "height %u: another space at %u", h,
            gone);
    }
  }
}

/* An invalidation at `at`, and so many cycles before it a hit in the L2 that gets in the way. Of
 * the L2 too nothing is left: it is asked through the port that has no entry of the page. */
static void invalidate_beside(struct test *t, unsigned h, unsigned at, unsigned before) {
  const uint64_t known = space_va(t->f, 9), va = space_va(t->f, 3);
  const uint64_t offset = va & ((UINT64_C(1) << (12 + 9 * h)) - 1);
  renew(t);
  space_map(&t->s, known, h == 0, PA_3, PAGE_ALL); /* of another size */
  translate(t, known, MMU_READ);
  const uint64_t slot = space_map(&t->s, va, h, PA_1, PAGE_ALL);
  ask(t, va, MMU_READ);
  for (unsigned c = 0; c < at; c++) {
    if (c + before == at) ask(t, known, MMU_FETCH);
    bench_step(t->b);
  }
  bench_poke(t->b, slot, format_leaf(t->f, h, PA_2, PAGE_ALL));
  flush(t, invalidate_page(t->f), va);
  check(t, maps_to(translate(t, va, MMU_FETCH), PA_2 + offset), "height %u, %u: L2", h, at);
  check(t, maps_to(translate(t, va, MMU_READ), PA_2 + offset), "height %u, %u: L1", h, at);
}

TEST_EACH_FORMAT(invalidation_in_the_cycle_of_a_fill) {
  for (unsigned h = 0; h <= t->f->big; h++) {
    for (unsigned at = 0; at < 36; at++) {
      for (unsigned before = 0; before < 8; before++)
        invalidate_beside(t, h, at, before);
    }
  }
}

/* A sweep of every set that concerns nobody here, and look-ups in each of its cycles. */
TEST_EACH_FORMAT(hits_go_on_during_a_sweep) {
  enum { PAGES = 6 };
  const uint64_t va = space_va(t->f, 3);
  if (no_l2(t)) return;
  for (unsigned at = 0; at < 24; at++) {
    renew(t);
    for (unsigned p = 0; p < PAGES; p++) {
      space_map(&t->s, same_table(va, p), 0, PA_1 + 4096 * (uint64_t)p, PAGE_ALL);
      translate(t, same_table(va, p), MMU_READ);
    }
    bench_forget(t->b);
    const size_t sweep = bench_invalidate(t->b, invalidate_space(t->f), 0, 9, 0);
    for (unsigned c = 0; c < at; c++)
      bench_step(t->b);
    for (unsigned p = 0; p < PAGES; p++)
      ask(t, same_table(va, p), MMU_FETCH);
    bench_settle(t->b, 1000);
    for (unsigned p = 0; p < PAGES; p++) {
      const struct bench_request *q = &t->b->request[p];
      check(t, from_l2(q, PA_1 + 4096 * (uint64_t)p), "at %u: page %u", at, p);
      check(t, q->answered - q->offered < 6 * PAGES, "at %u: page %u waits for the sweep", at, p);
    }
    check(t,
          t->b->inval[sweep].done - t->b->inval[sweep].accepted <
              8 + 4 * (PAGES + t->b->ops->geometry.l2_sets),
          "at %u: the sweep waits for the hits", at);
  }
}

/* Walks of one port end while the other port hits in the L2: one answer a cycle, and the hit waits.
 */
TEST_EACH_FORMAT(stalled_hits_are_answered) {
  const unsigned sets = t->b->ops->geometry.l2_sets, pages = sets < 8 ? sets : 8;
  const uint64_t va = space_va(t->f, 3) & ~(MIB2 - 1);
  if (no_l2(t) || t->b->ops->geometry.l2_ways < 2) return;
  uint64_t quickest = UINT64_MAX, slowest = 0;
  for (unsigned apart = 0; apart < 16; apart++) {
    renew(t);
    for (unsigned p = 0; p < pages; p++) {
      space_map(&t->s, va + 4096 * (uint64_t)p, 0, PA_1 + 4096 * (uint64_t)p, PAGE_ALL);
      space_map(&t->s, va + 4096 * (uint64_t)(p + sets), 0, PA_2 + 4096 * (uint64_t)p, PAGE_ALL);
      translate(t, va + 4096 * (uint64_t)p, MMU_READ);
    }
    bench_forget(t->b);
    for (unsigned p = 0; p < pages; p++)
      ask(t, va + 4096 * (uint64_t)(p + sets), MMU_READ);
    for (unsigned c = 0; c < apart; c++)
      bench_step(t->b);
    for (unsigned p = 0; p < pages; p++)
      ask(t, va + 4096 * (uint64_t)p, MMU_FETCH);
    bench_settle(t->b, 2000);
    check(t, t->b->walks == pages, "%zu walks", t->b->walks);
    for (unsigned p = 0; p < pages; p++) {
      const struct bench_request *q = &t->b->request[pages + p];
      check(t, maps_to(&t->b->request[p], PA_2 + 4096 * (uint64_t)p), "apart %u: walk %u", apart,
            p);
      check(t, from_l2(q, PA_1 + 4096 * (uint64_t)p), "apart %u: hit %u", apart, p);
      const uint64_t took = q->answered - q->accepted;
      if (took < quickest) quickest = took;
      if (took > slowest) slowest = took;
    }
  }
  check(t, slowest > quickest, "no hit ever waited");
}

TEST_EACH_FORMAT(two_ports_share_one_walk) {
  const uint64_t va = space_va(t->f, 3);
  if (no_l2(t)) return;
  for (unsigned gap = 0; gap < 40; gap++) {
    for (unsigned swap = 0; swap < 2; swap++) {
      renew(t);
      space_map(&t->s, va, 0, PA_1, PAGE_ALL);
      const size_t first = ask(t, va + 8, swap != 0 ? MMU_FETCH : MMU_READ);
      for (unsigned c = 0; c < gap; c++)
        bench_step(t->b);
      const size_t second = ask(t, va + 16, swap != 0 ? MMU_READ : MMU_FETCH);
      bench_settle(t->b, 500);
      check(t, maps_to(&t->b->request[first], PA_1 + 8), "gap %u: the first", gap);
      check(t, maps_to(&t->b->request[second], PA_1 + 16), "gap %u: the second", gap);
      check(t, t->b->walks == 1 && t->b->accesses == t->f->top + 1u, "gap %u: %zu walks", gap,
            t->b->walks);
      check(t, t->b->request[second].response.l2 || gap == 0, "gap %u: not from the L2", gap);
      check(t, hits_at(translate(t, va, MMU_READ), PA_1), "gap %u: not for loads", gap);
      check(t, hits_at(translate(t, va, MMU_FETCH), PA_1), "gap %u: not for fetches", gap);
    }
  }
}

/* A small page in the L2, merged into a large one that another address brings in; an invalidation
 * of the small one's address takes both, from everywhere. */
TEST_EACH_FORMAT(sizes_that_overlap_go_together) {
  const uint64_t va = space_va(t->f, 3), elsewhere = same_table(va, 7);
  const uint64_t here = va & (MIB2 - 1), there = elsewhere & (MIB2 - 1);
  /* RISC-V leaves pointers alone when it invalidates by address, and global pages by ASID */
  const bool riscv = t->f->arch == MMU_ARCH_RISCV;
  space_map(&t->s, va, 0, PA_1, riscv ? PAGE_ALL | PAGE_G : PAGE_ALL);
  translate(t, va, MMU_READ);
  const uint64_t slot = space_slot(&t->s, va, 1);
  bench_poke(t->b, slot, format_leaf(t->f, 1, PA_2, PAGE_ALL));
  flush(t, riscv ? MMU_INV_RISCV_ASID : invalidate_page(t->f), elsewhere);
  check(t, maps_to(translate(t, elsewhere, MMU_READ), PA_2 + there), "the large page");
  const struct bench_request *q = translate(t, va, MMU_FETCH);
  check(t, maps_to(q, PA_1) || maps_to(q, PA_2 + here), "a mix");
  bench_poke(t->b, slot, format_leaf(t->f, 1, PA_3, PAGE_ALL));
  flush(t, riscv ? MMU_INV_RISCV_ADDR : invalidate_page(t->f), va);
  for (unsigned i = 0; i < 2; i++) {
    const enum mmu_access_kind kind = i == 0 ? MMU_READ : MMU_FETCH;
    check(t, maps_to(translate(t, va, kind), PA_3 + here), "the small address is stale");
    check(t, maps_to(translate(t, elsewhere, kind), PA_3 + there), "the large page is stale");
  }
}

TEST_EACH_FORMAT(speculative_hit_leaves_no_entry) {
  const uint64_t va = space_va(t->f, 3);
  const struct mmu_access guess = {.kind = MMU_FETCH, .size = 2, .speculative = true};
  if (no_l2(t)) return;
  space_map(&t->s, va, 0, PA_1, PAGE_ALL);
  translate(t, va, MMU_READ);
  check(t, from_l2(bench_translate(t->b, va, &guess, &t->s.ctx), PA_1), "not from the L2");
  check(t, from_l2(translate(t, va, MMU_FETCH), PA_1), "it left an entry in the L1");
  check(t, hits_at(bench_translate(t->b, va, &guess, &t->s.ctx), PA_1), "no hit");
}

TEST_EACH_FORMAT(nothing_survives_a_reset) {
  enum { PAGES = 16 };
  const uint64_t va = space_va(t->f, 3);
  for (unsigned p = 0; p < PAGES; p++) {
    space_map(&t->s, same_table(va, p), 0, PA_1, PAGE_ALL);
    translate(t, same_table(va, p), MMU_READ);
  }
  bench_reset(t->b);
  for (unsigned p = 0; p < PAGES; p++) {
    space_map(&t->s, same_table(va, p), 0, PA_2, PAGE_ALL);
    check(t, walked(translate(t, same_table(va, p), p % 2 ? MMU_READ : MMU_FETCH), PA_2), "page %u",
          p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_page_dropped_by_the_l1_is_in_the_l2),
      cmocka_unit_test(every_page_size_is_kept),
      cmocka_unit_test(hits_of_two_page_sizes_in_turn),
      cmocka_unit_test(a_sweep_spares_the_others),
      cmocka_unit_test(invalidation_in_the_cycle_of_a_fill),
      cmocka_unit_test(hits_go_on_during_a_sweep),
      cmocka_unit_test(stalled_hits_are_answered),
      cmocka_unit_test(two_ports_share_one_walk),
      cmocka_unit_test(sizes_that_overlap_go_together),
      cmocka_unit_test(speculative_hit_leaves_no_entry),
      cmocka_unit_test(nothing_survives_a_reset),
  };
  return run_directed(tests, sizeof tests / sizeof tests[0]);
}
