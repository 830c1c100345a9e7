/* SPDX-License-Identifier: Apache-2.0
 * Page sizes end to end, on the whole MMU: every size of every format, and the entry of 16 pages
 * (Arm's contiguous hint, RISC-V's NAPOT page). */
#include "directed.h"

#define HINT (UINT64_C(1) << 52)  /* Arm: Contiguous */
#define NAPOT (UINT64_C(1) << 63) /* RISC-V: N */

/* log2 of a page of 16 at a height; 0: the format has none there. */
static unsigned group_shift(const struct format *f, unsigned height) {
  switch (f->arch) {
    case MMU_ARCH_ARM:
      return height <= f->big ? 16 + 9 * height : 0; /* 64 KiB, 32 MiB, 16 GiB */
    case MMU_ARCH_RISCV:
      return height == 0 ? 16 : 0;
    default:
      return 0;
  }
}

/* Descriptor of page `i` of the group at `pa`. */
static uint64_t member(const struct format *f, unsigned height, unsigned i, uint64_t pa,
                       unsigned flags) {
  if (f->arch == MMU_ARCH_ARM)
    return format_leaf(f, height, pa + ((uint64_t)i << (12 + 9 * height)), flags) | HINT;
  return format_leaf(f, height, pa | 0x8000, flags) | NAPOT;
}

static uint64_t page_of(uint64_t group, unsigned height, unsigned i) {
  return group + ((uint64_t)i << (12 + 9 * height));
}

static void map_group(struct test *t, uint64_t group, unsigned height, uint64_t pa,
                      unsigned flags) {
  for (unsigned i = 0; i < 16; i++) {
    bench_poke(t->b, space_slot(&t->s, page_of(group, height, i), height),
               member(t->f, height, i, pa, flags));
  }
}

static uint64_t group_va(const struct format *f, unsigned height) {
  return space_va(f, 3) & ~((UINT64_C(1) << group_shift(f, height)) - 1);
}

/* The format's own sizes: 4 KiB, 2 MiB, 1 GiB, RISC-V's 512 GiB and 256 TiB. */
TEST_EACH_FORMAT(pages_of_every_height) {
  const unsigned highest = t->f->arch == MMU_ARCH_RISCV ? t->f->top : t->f->big;
  for (unsigned h = 0; h <= highest; h++) {
    renew(t);
    const unsigned shift = 12 + 9 * h;
    const uint64_t size = UINT64_C(1) << shift, pa = h == 4 ? 0 : PA_1;
    const uint64_t page = space_va(t->f, 3) & ~(size - 1);
    space_map(&t->s, page, h, pa, PAGE_ALL);
    const uint64_t at[] = {size / 2 + 40, 0, size - 8, 4096 % size};
    for (size_t i = 0; i < 4; i++) {
      const struct bench_request *q = translate(t, page + at[i], MMU_READ);
      check(t, i == 0 ? maps_to(q, pa + at[i]) && !q->response.hit : hits_at(q, pa + at[i]),
            "height %u: place %zu", h, i);
      check(t, q->response.s1_shift == shift, "height %u: size 2^%u", h, q->response.s1_shift);
    }
    check(t, !hits_at(translate(t, page + size, MMU_READ), pa), "height %u: too large", h);
  }
}

/* Walked from every page of the group: all of it, and nothing beside it, is in the entry. */
TEST_EACH_FORMAT(groups_of_sixteen_pages) {
  for (unsigned h = 0; h <= t->f->big; h++) {
    const unsigned shift = group_shift(t->f, h);
    if (shift == 0) continue;
    const uint64_t va = group_va(t->f, h), size = UINT64_C(1) << shift, page = size / 16;
    for (unsigned i = 0; i < 16; i++) {
      renew(t);
      map_group(t, va, h, PA_1, PAGE_ALL);
      const uint64_t first = i * page + page / 2 + 8;
      const struct bench_request *q = translate(t, va + first, MMU_READ);
      check(t, maps_to(q, PA_1 + first), "height %u: page %u", h, i);
      check(t, q->response.s1_shift == shift, "height %u: size 2^%u", h, q->response.s1_shift);
      for (unsigned k = 0; k < 16; k++) {
        const uint64_t at = k * page + (k % 2 != 0 ? page - 8 : 0);
        check(t, hits_at(translate(t, va + at, MMU_READ), PA_1 + at),
              "height %u: page %u after page %u", h, k, i);
      }
      check(t, translate(t, va + size, MMU_READ)->response.status == MMU_FAULT,
            "height %u: reaches beyond", h);
      check(t, translate(t, va - 8, MMU_READ)->response.status == MMU_FAULT,
            "height %u: reaches below", h);
    }
  }
}

/* One of 16 is invalidated: the entry goes with any of its pages, and only with these. */
TEST_EACH_FORMAT(hazard_I14_invalidate_one_page_of_sixteen) {
  for (unsigned h = 0; h <= t->f->big; h++) {
    const unsigned shift = group_shift(t->f, h);
    if (shift == 0) continue;
    const uint64_t va = group_va(t->f, h), size = UINT64_C(1) << shift;
    const uint64_t page3 = 3 * size / 16;
    for (unsigned i = 0; i < 16; i++) {
      renew(t);
      map_group(t, va, h, PA_1, PAGE_ALL);
      translate(t, va + page3, MMU_READ);
      flush(t, invalidate_page(t->f), va - 1);
      flush(t, invalidate_page(t->f), va + size);
      check(t, hits_at(translate(t, va + page3, MMU_READ), PA_1 + page3),
            "height %u: dropped with an address outside", h);
      map_group(t, va, h, PA_2, PAGE_ALL);
      flush(t, invalidate_page(t->f), page_of(va, h, (7 + i) % 16));
      const struct bench_request *q = translate(t, va + page3, MMU_READ);
      check(t, !q->response.hit && maps_to(q, PA_2 + page3),
            "height %u: page 3 survives the invalidation of page %u", h, (7 + i) % 16);
    }
  }
}

/* An update is of the descriptor that was read, as it stands in memory; the entry of 16 pages is
 * then dirty as a whole. */
TEST_EACH_FORMAT(update_of_one_page_of_sixteen) {
  const unsigned clean = PAGE_R | PAGE_W | PAGE_X | PAGE_U;
  for (unsigned h = 0; h <= t->f->big; h++) {
    if (group_shift(t->f, h) == 0) continue;
    renew(t);
    const uint64_t va = group_va(t->f, h);
    const uint64_t a = page_of(va, h, 5), b = page_of(va, h, 9);
    map_group(t, va, h, PA_1, clean);
    check(t, maps_to(translate(t, a, MMU_WRITE), page_of(PA_1, h, 5)), "height %u: a store", h);
    check(t, hits_at(translate(t, b, MMU_WRITE), page_of(PA_1, h, 9)), "height %u: another", h);
    for (unsigned i = 0; i < 16; i++) {
      const uint64_t now = bench_peek(t->b, space_slot(&t->s, page_of(va, h, i), h));
      const unsigned flags = i == 5 ? PAGE_ALL : clean;
      check(t, now == member(t->f, h, i, PA_1, flags), "height %u: descriptor %u", h, i);
    }
    /* a clean entry does not serve a store */
    renew(t);
    map_group(t, va, h, PA_1, clean);
    translate(t, a, MMU_READ);
    const struct bench_request *q = translate(t, b, MMU_WRITE);
    check(t, !q->response.hit && maps_to(q, page_of(PA_1, h, 9)), "height %u: a clean hit", h);
  }
}

/* Arm: what the hint says is not so, as far as this descriptor tells: each page by itself. */
TEST_EACH_FORMAT(hint_that_contradicts_the_address) {
  if (t->f->arch != MMU_ARCH_ARM) return;
  for (unsigned h = 0; h <= t->f->big; h++) {
    renew(t);
    const uint64_t va = group_va(t->f, h);
    for (unsigned i = 0; i < 16; i++) { /* each where the next one should be */
      bench_poke(t->b, space_slot(&t->s, page_of(va, h, i), h),
                 member(t->f, h, (i + 1) % 16, PA_1, PAGE_ALL));
    }
    for (unsigned i = 0; i < 16; i++) {
      const struct bench_request *q = translate(t, page_of(va, h, i) + 8, MMU_READ);
      check(t, maps_to(q, page_of(PA_1, h, (i + 1) % 16) + 8), "height %u: page %u", h, i);
      check(t, q->response.s1_shift == 12 + 9 * h, "height %u: a group", h);
    }
  }
}

/* Arm: a first table of 8 descriptors has no 16; 16 GiB do not fit 32 bits of physical address. */
TEST_EACH_FORMAT(hint_larger_than_its_surroundings) {
  if (t->f->arch != MMU_ARCH_ARM || t->f->upper) return;
  t->s.ctx.t0sz = 64 - (12 + 9 + 3); /* 16 MiB, from height 1 */
  for (unsigned i = 0; i < 8; i++) {
    bench_poke(t->b, t->s.ctx.s1_root0 + 8 * i, member(t->f, 1, i, PA_1, PAGE_ALL));
  }
  const struct bench_request *q = translate(t, 3 * MIB2 + 8, MMU_READ);
  check(t, maps_to(q, PA_1 + 3 * MIB2 + 8) && q->response.s1_shift == 21, "a group of 8");
  if (t->f->big < 2) return;
  renew(t);
  const uint64_t va = group_va(t->f, 2);
  map_group(t, va, 2, 0, PAGE_ALL);
  t->s.ctx.pa_width = 32;
  q = translate(t, page_of(va, 2, 3) + 8, MMU_READ);
  check(t, maps_to(q, page_of(0, 2, 3) + 8) && q->response.s1_shift == 30, "16 GiB in 4");
  q = translate(t, page_of(va, 2, 4) + 8, MMU_READ);
  check(t, faults(t, q, MMU_CAUSE_ADDRESS_SIZE, 2), "beyond 4 GiB");
}

/* RISC-V: N anywhere but in 1000 at height 0 is reserved. */
TEST_EACH_FORMAT(napot_encodings_that_are_reserved) {
  if (t->f->arch != MMU_ARCH_RISCV) return;
  const uint64_t va = space_va(t->f, 3);
  for (unsigned end = 0; end < 16; end++) {
    renew(t);
    bench_poke(t->b, space_slot(&t->s, va, 0),
               format_leaf(t->f, 0, PA_1 + 4096 * (uint64_t)end, PAGE_ALL) | NAPOT);
    const struct bench_request *q = translate(t, va, MMU_READ);
    if (end == 8) {
      check(t, maps_to(q, PA_1 + (va & 0xffff)), "64 KiB");
    } else {
      check(t, faults(t, q, MMU_CAUSE_RESERVED, 0), "PPN ends in %u", end);
    }
  }
  for (unsigned h = 1; h <= t->f->top; h++) {
    renew(t);
    const uint64_t slot = space_map(&t->s, va, h, h == 4 ? 0 : PA_1, PAGE_ALL);
    bench_poke(t->b, slot, bench_peek(t->b, slot) | NAPOT);
    check(t, faults(t, translate(t, va, MMU_READ), MMU_CAUSE_RESERVED, h), "a leaf at %u", h);
    renew(t);
    space_map(&t->s, va, 0, PA_1, PAGE_ALL);
    const uint64_t pointer = space_slot(&t->s, va, h);
    bench_poke(t->b, pointer, bench_peek(t->b, pointer) | NAPOT);
    check(t, faults(t, translate(t, va, MMU_READ), MMU_CAUSE_RESERVED, h), "a pointer at %u", h);
  }
}

/* Top-byte-ignore: all tags of an address share its entries, in every TLB; a fetch has no tag and
 * must not profit from them; the fault address is the one that was asked for. */
TEST_EACH_FORMAT(tags_share_the_entries_of_data_alone) {
  if (t->f->arch != MMU_ARCH_ARM) return;
  const uint64_t va = space_va(t->f, 3), top = UINT64_C(0xff) << 56;
  const uint64_t tagged = (va & ~top) | UINT64_C(0x5a) << 56;
  const uint64_t retagged = (va & ~top) | UINT64_C(0xa5) << 56;
  space_map(&t->s, va, 0, PA_1, PAGE_ALL);
  t->s.ctx.tbi0 = t->s.ctx.tbi1 = true;
  check(t, maps_to(translate(t, tagged, MMU_READ), PA_1), "a tagged load");
  check(t, hits_at(translate(t, retagged, MMU_WRITE), PA_1), "another tag");
  check(t, hits_at(translate(t, va, MMU_READ), PA_1), "no tag");
  const struct bench_request *q = translate(t, tagged, MMU_FETCH);
  check(t, q->response.status == MMU_FAULT && q->response.fault.cause == MMU_CAUSE_NON_CANONICAL,
        "a tagged fetch");
  bench_forget(t->b);
  check(t, maps_to(translate(t, va, MMU_FETCH), PA_1), "an untagged fetch");
  check(t, t->b->ops->geometry.l2_sets == 0 || t->b->walks == 0, "the L2 has it for a fetch");
  flush(t, invalidate_page(t->f), va);
  bench_poke(t->b, space_slot(&t->s, va, 0), 0);
  q = translate(t, tagged, MMU_READ);
  check(t, q->response.status == MMU_FAULT && q->response.syndrome.reg[1] == tagged, "FAR");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pages_of_every_height),
      cmocka_unit_test(groups_of_sixteen_pages),
      cmocka_unit_test(hazard_I14_invalidate_one_page_of_sixteen),
      cmocka_unit_test(update_of_one_page_of_sixteen),
      cmocka_unit_test(hint_that_contradicts_the_address),
      cmocka_unit_test(hint_larger_than_its_surroundings),
      cmocka_unit_test(napot_encodings_that_are_reserved),
      cmocka_unit_test(tags_share_the_entries_of_data_alone),
  };
  return run_directed(tests, sizeof tests / sizeof tests[0]);
}
