/* SPDX-License-Identifier: Apache-2.0
 * Arm: TLBI by range (RVAE1 and the like, FEAT_TLBIRANGE) on the whole MMU. The range is BaseADDR
 * to BaseADDR + (NUM + 1) * 2^(5 * SCALE + 1) pages, without the end. */
#include "directed.h"

#define CONTIGUOUS (UINT64_C(1) << 52)

struct range {
  uint64_t base;
  unsigned num, scale;
};

static uint64_t range_size(const struct range *r) {
  return (uint64_t)(r->num + 1) << (5 * r->scale + 1 + 12);
}

static void flush_range(struct test *t, enum mmu_inval_kind kind, const struct range *r,
                        unsigned granule) {
  const uint64_t operand = (r->base >> 12 & 0x1fffffffff) | (uint64_t)r->num << 39 |
                           (uint64_t)r->scale << 44 | (uint64_t)granule << 46;
  flush(t, kind, operand);
}

/* First and last address of what the format's tables translate. */
static uint64_t lowest(const struct format *f) {
  return f->upper ? UINT64_MAX << (12 + 9 * f->top + f->first_bits) : 0;
}

static uint64_t highest(const struct format *f) {
  return f->upper ? UINT64_MAX : (UINT64_C(1) << (12 + 9 * f->top + f->first_bits)) - 1;
}

/* In the L1 or the L2. */
static bool survives(struct test *t, uint64_t page) {
  const struct bench_request *q = translate(t, page, MMU_READ);
  check(t, q->response.status == MMU_OK, "page %llx is not mapped", (unsigned long long)page);
  return q->response.hit || q->response.l2;
}

static void touch(struct test *t, uint64_t page) {
  space_map(&t->s, page, 0, PA_1 + (page & 0xfffff000), PAGE_ALL);
  translate(t, page, MMU_READ);
  check(t, hits_at(translate(t, page, MMU_READ), PA_1 + (page & 0xfffff000)), "page %llx",
        (unsigned long long)page);
}

/* The pages at both ends go, those beside them stay: extremes of NUM and SCALE. */
TEST_EACH_FORMAT(range_takes_its_ends_and_nothing_beside) {
  static const unsigned extremes[][2] = {{0, 0}, {31, 0}, {0, 1}, {31, 1}, {6, 1},
                                         {0, 2}, {31, 2}, {0, 3}, {31, 3}};
  if (t->f->arch != MMU_ARCH_ARM) return;
  unsigned done = 0;
  for (size_t i = 0; i < sizeof extremes / sizeof extremes[0]; i++) {
    const struct range r = {lowest(t->f) + 0x155000, extremes[i][0], extremes[i][1]};
    if (range_size(&r) > highest(t->f) - r.base - 0xffff) continue;
    const uint64_t end = r.base + range_size(&r);
    const uint64_t inside[] = {r.base, end - 4096, r.base + range_size(&r) / 2};
    const uint64_t outside[] = {r.base - 4096, end};
    for (size_t k = 0; k < 3; k++) {
      renew(t);
      for (size_t j = 0; j < 2; j++)
        touch(t, outside[j]);
      touch(t, inside[k]);
      flush_range(t, k == 0 ? MMU_INV_ARM_RVALE1 : MMU_INV_ARM_RVAE1, &r, 1);
      check(t, !survives(t, inside[k]), "NUM %u, SCALE %u: %zu stays", r.num, r.scale, k);
      for (size_t j = 0; j < 2; j++)
        check(t, survives(t, outside[j]), "NUM %u, SCALE %u: neighbour %zu", r.num, r.scale, j);
    }
    done++;
  }
  check(t, done >= 5, "only %u ranges fit", done);
}

/* From the first page of the range of addresses, and beyond the last: it ends there. */
TEST_EACH_FORMAT(range_at_the_ends_of_the_address_space) {
  if (t->f->arch != MMU_ARCH_ARM) return;
  const uint64_t low = lowest(t->f), high = highest(t->f) & ~UINT64_C(0xfff);
  const struct range first = {low, 0, 0}, last = {high, 31, 3}, last_small = {high - 4096, 0, 0};
  touch(t, low);
  touch(t, low + 2 * 4096);
  touch(t, high);
  flush_range(t, MMU_INV_ARM_RVAE1, &first, 1);
  check(t, !survives(t, low) && survives(t, low + 2 * 4096) && survives(t, high), "the first");
  flush_range(t, MMU_INV_ARM_RVAE1, &last, 1);
  check(t, !survives(t, high), "the last page stays");
  check(t, survives(t, low) && survives(t, low + 2 * 4096), "around the end to the beginning");
  flush_range(t, MMU_INV_ARM_RVAE1, &last_small, 1);
  check(t, !survives(t, high) && survives(t, low), "the last two");
}

/* Which entries of the range go: by ASID or not, global ones always; pointers by their level. */
TEST_EACH_FORMAT(range_of_one_asid_or_of_all) {
  if (t->f->arch != MMU_ARCH_ARM) return;
  static const enum mmu_inval_kind kinds[] = {MMU_INV_ARM_RVAE1, MMU_INV_ARM_RVALE1,
                                              MMU_INV_ARM_RVAAE1, MMU_INV_ARM_RVAALE1};
  const uint64_t va = space_va(t->f, 3) & ~UINT64_C(0xffff), apart = va ^ UINT64_C(0x80000);
  const struct range r = {va, 7, 0}; /* 16 pages */
  for (size_t i = 0; i < 4; i++) {
    const bool any_asid = i >= 2, pointers = i % 2 == 0;
    renew(t);
    struct space other = space_new(t->b, t->f);
    other.ctx.asid = 2;
    touch(t, va);
    space_map(&t->s, va + 4096, 0, PA_2, PAGE_ALL | PAGE_G);
    translate(t, va + 4096, MMU_READ);
    touch(t, apart);
    space_map(&other, va + 8192, 0, PA_3, PAGE_ALL);
    translate_in(t, &other, va + 8192, MMU_READ);
    flush_range(t, kinds[i], &r, 1);
    check(t, survives(t, apart), "operation %d: a page outside", kinds[i]);
    const struct bench_request *q = translate_in(t, &other, va + 8192, MMU_READ);
    check(t, maps_to(q, PA_3) && q->response.hit == !any_asid, "operation %d: the other ASID",
          kinds[i]);
    const size_t from = t->b->accesses;
    check(t, !survives(t, va), "operation %d: the page", kinds[i]);
    if (pointers)
      check(t, bench_reads(t->b, from) == t->f->top + 1u, "operation %d: a pointer stays",
            kinds[i]);
    check(t, !survives(t, va + 4096), "operation %d: the global page", kinds[i]);
  }
}

/* A range that names another granule need not take anything here; it takes all of the VMID. */
TEST_EACH_FORMAT(range_of_another_granule) {
  if (t->f->arch != MMU_ARCH_ARM) return;
  const uint64_t va = space_va(t->f, 3) & ~UINT64_C(0xffff);
  const struct range r = {va, 0, 0};
  for (unsigned granule = 0; granule < 4; granule++) {
    renew(t);
    touch(t, va + 8 * 4096);
    t->s.ctx.vmid = 9;
    translate(t, va + 8 * 4096, MMU_READ);
    t->s.ctx.vmid = 0;
    flush_range(t, MMU_INV_ARM_RVAE1, &r, granule);
    check(t, survives(t, va + 8 * 4096) == (granule == 1), "granule %u", granule);
    t->s.ctx.vmid = 9;
    check(t, survives(t, va + 8 * 4096), "granule %u: another VMID", granule);
  }
}

/* Part of a group of 16 lies in the range: the group goes as a whole. */
TEST_EACH_FORMAT(hazard_I14_range_that_ends_in_a_group_of_sixteen) {
  if (t->f->arch != MMU_ARCH_ARM) return;
  const uint64_t va = space_va(t->f, 3) & ~UINT64_C(0xffff);
  const struct range below = {va - 4096, 0, 0}, above = {va + 15 * 4096, 0, 0};
  const struct range beside[] = {{va - 8192, 0, 0}, {va + 65536, 0, 0}};
  for (unsigned i = 0; i < 2; i++) {
    renew(t);
    for (unsigned p = 0; p < 16; p++) {
      const uint64_t slot = space_map(&t->s, va + 4096 * p, 0, PA_1 + 4096 * p, PAGE_ALL);
      bench_poke(t->b, slot, bench_peek(t->b, slot) | CONTIGUOUS);
    }
    translate(t, va + 3 * 4096, MMU_READ);
    for (unsigned k = 0; k < 2; k++)
      flush_range(t, MMU_INV_ARM_RVALE1, &beside[k], 1);
    check(t, survives(t, va + 3 * 4096), "dropped by a range beside it");
    flush_range(t, MMU_INV_ARM_RVALE1, i == 0 ? &below : &above, 1);
    check(t, !survives(t, va + 3 * 4096), "survives a range into it");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(range_takes_its_ends_and_nothing_beside),
      cmocka_unit_test(range_at_the_ends_of_the_address_space),
      cmocka_unit_test(range_of_one_asid_or_of_all),
      cmocka_unit_test(range_of_another_granule),
      cmocka_unit_test(hazard_I14_range_that_ends_in_a_group_of_sixteen),
  };
  return run_directed(tests, sizeof tests / sizeof tests[0]);
}
