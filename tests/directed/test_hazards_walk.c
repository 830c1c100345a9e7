/* SPDX-License-Identifier: Apache-2.0
 * Hazards of walk control (docs/hazards.md, W1 to W12), one test each, in every format. */
#include "directed.h"

static uint64_t random_of(uint64_t *x) {
  *x ^= *x << 13;
  *x ^= *x >> 7;
  *x ^= *x << 17;
  return *x;
}

/* Every field another value, within its width. */
static struct mmu_context wild_context(const struct format *f, uint64_t *x) {
  struct mmu_context c = {0};
  c.s1_root0 = random_of(x) & 0xfffff000;
  c.s1_root1 = random_of(x) & 0xfffff000;
  c.s2_root = random_of(x) & 0xfffff000;
  c.asid = (uint16_t)random_of(x) | 0x0800; /* never the tested one */
  c.vmid = (uint16_t)random_of(x);
  c.s1_mode = (random_of(x) & 1) != 0 ? (uint8_t)f->mode : MMU_S1_OFF;
  c.priv = random_of(x) & 1;
  c.pa_width = (uint8_t)(32 + random_of(x) % 17);
  const uint64_t r = random_of(x);
  if (f->arch == MMU_ARCH_X86) {
    c.pkru = (uint32_t)random_of(x);
    c.wp = r & 1, c.nxe = r >> 1 & 1, c.smep = r >> 2 & 1, c.smap = r >> 3 & 1;
    c.ac = r >> 4 & 1, c.pke = r >> 5 & 1, c.page1g = r >> 6 & 1;
  } else if (f->arch == MMU_ARCH_ARM) {
    c.t0sz = (uint8_t)(16 + r % 33), c.t1sz = (uint8_t)(16 + (r >> 8) % 33);
    c.pan = r >> 16 & 1, c.wxn = r >> 17 & 1, c.epd0 = r >> 18 & 1, c.epd1 = r >> 19 & 1;
    c.tbi0 = r >> 20 & 1, c.tbi1 = r >> 21 & 1, c.hpd0 = r >> 22 & 1, c.hpd1 = r >> 23 & 1;
  } else {
    c.sum = r & 1, c.mxr = r >> 1 & 1, c.pbmte = r >> 2 & 1;
  }
  c.s1_hw_a = r >> 30 & 1;
  c.s1_hw_d = f->arch == MMU_ARCH_RISCV ? c.s1_hw_a : r >> 31 & 1;
  if (f->arch == MMU_ARCH_X86) c.s1_hw_a = c.s1_hw_d = true;
  return c;
}

TEST_EACH_FORMAT(hazard_W1_context_pins_change_every_cycle_of_a_walk) {
  const uint64_t va = space_va(t->f, 3);
  uint64_t x = 99;
  for (unsigned round = 0; round < 40; round++) {
    renew(t);
    const uint64_t slot = space_map(&t->s, va, 0, PA_1, PAGE_ALL & ~(PAGE_A | PAGE_D));
    const size_t main = ask(t, va + 0x18, round % 2 != 0 ? MMU_READ : MMU_WRITE);
    for (unsigned c = 0; c < 40; c++) {
      bench_step(t->b);
      struct mmu_context wild = wild_context(t->f, &x);
      const struct mmu_access a = {.kind = c % 2 != 0 ? MMU_FETCH : MMU_READ,
                                   .size = (uint8_t)(c % 4),
                                   .insn = (uint32_t)random_of(&x)};
      bench_ask(t->b, random_of(&x), &a, &wild);
    }
    bench_settle(t->b, 4000);
    check(t, maps_to(&t->b->request[main], PA_1 + 0x18), "round %u: the walk went astray", round);
    const unsigned flags = round % 2 != 0 ? PAGE_ALL & ~PAGE_D : PAGE_ALL;
    check(t, bench_peek(t->b, slot) == format_leaf(t->f, 0, PA_1, flags), "round %u: A or D",
          round);
    check(t, hits_at(translate(t, va, MMU_READ), PA_1), "round %u: what was filled", round);
  }
}

/* Ask twice: the second time the last descriptor must be read again. */
static void no_fill(struct test *t, uint64_t va, enum mmu_access_kind kind, enum mmu_cause cause,
                    unsigned height) {
  const unsigned why = cause;
  check(t, faults(t, translate(t, va, kind), cause, height), "cause %u at %u", why, height);
  const size_t from = t->b->accesses;
  const struct bench_request *q = translate(t, va, kind);
  check(t, faults(t, q, cause, height) && !q->response.hit, "cause %u at %u again", why, height);
  check(t, bench_reads(t->b, from) >= 1, "cause %u at %u: answered without a read", why, height);
}

TEST_EACH_FORMAT(hazard_W2_no_fault_leaves_an_entry) {
  const uint64_t va = space_va(t->f, 3);
  for (unsigned h = 0; h <= t->f->top; h++) {
    renew(t);
    space_map(&t->s, va, 0, PA_1, PAGE_ALL);
    bench_poke(t->b, space_slot(&t->s, va, h), format_absent(t->f, h, PA_2));
    no_fill(t, va, MMU_READ, MMU_CAUSE_NOT_PRESENT, h);
    no_fill(t, va, MMU_FETCH, MMU_CAUSE_NOT_PRESENT, h);
    if (t->f->arch == MMU_ARCH_ARM && (h == 1 || h == 2)) continue; /* 01 is a block there */
    renew(t);
    space_map(&t->s, va, 0, PA_1, PAGE_ALL);
    bench_poke(t->b, space_slot(&t->s, va, h), format_reserved(t->f, h, PA_2));
    no_fill(t, va, MMU_WRITE, MMU_CAUSE_RESERVED, h);
  }
  for (unsigned h = 0; h <= t->f->big; h++) {
    renew(t);
    space_map(&t->s, va, h, PA_1, PAGE_ALL & ~(PAGE_W | PAGE_D));
    no_fill(t, va, MMU_WRITE, MMU_CAUSE_PERMISSION, h);
    renew(t);
    space_map(&t->s, va, h, PA_1, PAGE_ALL & ~PAGE_U);
    no_fill(t, va, MMU_READ, MMU_CAUSE_PERMISSION, h);
    if (t->f->arch == MMU_ARCH_X86) continue;
    renew(t);
    t->s.ctx.s1_hw_a = t->s.ctx.s1_hw_d = false;
    space_map(&t->s, va, h, PA_1, PAGE_ALL & ~PAGE_A);
    no_fill(t, va, MMU_FETCH, MMU_CAUSE_ACCESS_FLAG, h);
    if (t->f->arch == MMU_ARCH_ARM) continue;
    renew(t);
    t->s.ctx.s1_hw_a = t->s.ctx.s1_hw_d = false;
    space_map(&t->s, va, h, PA_1, PAGE_ALL & ~PAGE_D);
    no_fill(t, va, MMU_WRITE, MMU_CAUSE_DIRTY_FLAG, h);
  }
}

TEST_EACH_FORMAT(hazard_W3_fault_of_one_port_beside_a_miss_of_the_other) {
  const uint64_t bad = space_va(t->f, 3), good = space_va(t->f, 5);
  for (int apart = -12; apart <= 12; apart++) {
    for (int swap = 0; swap < 2; swap++) {
      renew(t);
      bench_poke(t->b, space_slot(&t->s, bad, 0), 0);
      space_map(&t->s, good, 0, PA_1, PAGE_ALL);
      const enum mmu_access_kind bad_kind = swap != 0 ? MMU_FETCH : MMU_WRITE;
      const enum mmu_access_kind good_kind = swap != 0 ? MMU_WRITE : MMU_FETCH;
      const size_t first = ask(t, apart < 0 ? bad : good, apart < 0 ? bad_kind : good_kind);
      for (int c = 0; c < abs(apart); c++)
        bench_step(t->b);
      const size_t second = ask(t, apart < 0 ? good : bad, apart < 0 ? good_kind : bad_kind);
      bench_settle(t->b, 1000);
      check(t, maps_to(&t->b->request[apart < 0 ? second : first], PA_1), "apart %d", apart);
      check(t, faults(t, &t->b->request[apart < 0 ? first : second], MMU_CAUSE_NOT_PRESENT, 0),
            "apart %d: the fault", apart);
    }
  }
}

TEST_EACH_FORMAT(hazard_W4_no_entry_carries_a_descriptor_address) {
  const uint64_t va = space_va(t->f, 3);
  space_map(&t->s, va, 0, PA_1, PAGE_ALL & ~(PAGE_A | PAGE_D));
  translate(t, va, MMU_WRITE);
  if (t->f->upper) return; /* table addresses lie in the other half */
  for (unsigned h = 0; h <= t->f->top; h++) {
    const uint64_t slot = space_slot(&t->s, va, h);
    const struct bench_request *q = translate(t, slot, MMU_READ);
    check(t, q->response.status == MMU_FAULT, "the address of a descriptor is mapped");
  }
  check(t, hits_at(translate(t, va, MMU_READ), PA_1), "the page itself");
}

TEST_EACH_FORMAT(hazard_W5_many_requests_to_one_page_in_every_state) {
  const uint64_t va = space_va(t->f, 3);
  static const enum mmu_access_kind kinds[] = {MMU_READ, MMU_WRITE, MMU_FETCH, MMU_READ, MMU_RMW};
  for (unsigned gap = 0; gap < 8; gap++) {
    for (unsigned flags = 0; flags < 2; flags++) {
      const unsigned page =
          flags != 0 ? PAGE_ALL & ~(PAGE_W | PAGE_D) : PAGE_ALL & ~(PAGE_A | PAGE_D);
      renew(t);
      bench_memory(t->b, 3, 2, 20, gap + 1);
      const uint64_t slot = space_map(&t->s, va, 0, PA_1, page);
      for (unsigned i = 0; i < 20; i++) {
        ask(t, va + 16 * i, kinds[i % 5]);
        for (unsigned c = 0; c < gap; c++)
          bench_step(t->b);
      }
      bench_settle(t->b, 6000);
      for (unsigned i = 0; i < 20; i++) {
        const struct bench_request *q = &t->b->request[i];
        const enum mmu_cause want = format_judge(&t->s, page, kinds[i % 5]);
        check(t, want == MMU_CAUSE_NONE ? maps_to(q, PA_1 + 16 * i) : faults(t, q, want, 0),
              "gap %u, request %u", gap, i);
      }
      const unsigned after = flags != 0 ? page | PAGE_A : PAGE_ALL;
      check(t, bench_peek(t->b, slot) == format_leaf(t->f, 0, PA_1, after), "gap %u: A, D", gap);
    }
  }
}

TEST_EACH_FORMAT(hazard_W6_one_large_page_frees_a_full_queue) {
  const uint64_t va = space_va(t->f, 3);
  space_map(&t->s, va, 1, PA_1, PAGE_ALL);
  const uint64_t outside = UINT64_C(0x00a5) << 48; /* faults before any read */
  for (unsigned i = 0; i < 60; i++) {
    ask(t, i % 7 == 3 ? outside : same_table(va, i / 8) + i, i % 3 == 1 ? MMU_FETCH : MMU_READ);
  }
  bench_settle(t->b, 3000);
  const bool wide = t->f->top == 4;
  for (unsigned i = 0; i < 60; i++) {
    const struct bench_request *q = &t->b->request[i];
    if (i % 7 == 3) {
      check(t, q->response.status == MMU_FAULT, "request %u", i);
      check(t, wide || q->response.fault.cause == MMU_CAUSE_NON_CANONICAL, "request %u", i);
    } else {
      check(t, maps_to(q, PA_1 + (q->req.va & (MIB2 - 1))), "request %u", i);
    }
  }
  const bool can_merge = t->b->ops->geometry.miss_queue > 1;
  check(t, t->b->merges > 0 || !can_merge, "nothing was merged");
}

TEST_EACH_FORMAT(hazard_W8_hits_of_two_page_sizes_in_turn) {
  const uint64_t small = space_va(t->f, 3), large = small ^ (UINT64_C(1) << 21);
  space_map(&t->s, small, 0, PA_1, PAGE_ALL);
  space_map(&t->s, large, 1, PA_2, PAGE_ALL & ~PAGE_X);
  for (int port = 0; port < 2; port++) {
    const enum mmu_access_kind kind = port == 0 ? MMU_READ : MMU_WRITE;
    translate(t, small, kind);
    translate(t, large, kind);
    bench_forget(t->b);
    for (unsigned i = 0; i < 50; i++) {
      ask(t, i % 2 != 0 ? large + 0x1234 + 8 * i : small + 8 * i, kind);
    }
    bench_settle(t->b, 200);
    for (unsigned i = 0; i < 50; i++) {
      const struct bench_request *q = &t->b->request[i];
      const uint64_t pa = i % 2 != 0 ? PA_2 + (q->req.va & (MIB2 - 1)) : PA_1 + (q->req.va & 4095);
      check(t, hits_at(q, pa) && q->response.s1_shift == (i % 2 != 0 ? 21 : 12), "hit %u", i);
      check(t, q->answered == q->accepted + 1, "hit %u took %llu cycles", i,
            (unsigned long long)(q->answered - q->accepted));
      check(t, i == 0 || q->accepted == t->b->request[i - 1].accepted + 1, "hit %u waited", i);
    }
  }
}

TEST_EACH_FORMAT(hazard_W9_no_read_before_the_address_is_checked) {
  const uint64_t va = space_va(t->f, 3);
  const enum mmu_cause too_far =
      t->f->arch == MMU_ARCH_X86 ? MMU_CAUSE_RESERVED : MMU_CAUSE_ADDRESS_SIZE;
  t->s.ctx.pa_width = 40;
  for (unsigned bit = 40; bit < 48; bit++) {
    for (unsigned h = 0; h <= t->f->top; h++) {
      const uint64_t beyond = UINT64_C(1) << bit;
      renew(t);
      t->s.ctx.pa_width = 40;
      space_map(&t->s, va, 0, 0x5000, PAGE_ALL);
      bench_poke(
          t->b, space_slot(&t->s, va, h),
          h == 0 ? format_leaf(t->f, 0, beyond, PAGE_ALL) : format_pointer(t->f, beyond, true));
      const struct bench_request *q = translate(t, va, MMU_READ);
      check(t, faults(t, q, too_far, h), "bit %u at height %u: cause %u", bit, h,
            q->response.fault.cause);
      for (size_t i = 0; i < t->b->accesses; i++) {
        check(t, t->b->access[i].addr >> 40 == 0, "bit %u at height %u: memory was read", bit, h);
      }
    }
    renew(t);
    t->s.ctx.pa_width = 40;
    *(t->f->upper ? &t->s.ctx.s1_root1 : &t->s.ctx.s1_root0) = UINT64_C(1) << bit;
    const struct bench_request *q = translate(t, va, MMU_READ);
    const unsigned h = t->f->arch == MMU_ARCH_ARM ? 3 : t->f->top;
    check(t, faults(t, q, MMU_CAUSE_ROOT_SIZE, h), "root at bit %u", bit);
    check(t, t->b->accesses == 0, "root at bit %u: memory was read", bit);
  }
}

TEST_EACH_FORMAT(hazard_W10_tables_and_pages_at_the_top_of_memory) {
  const uint64_t va = space_va(t->f, 3);
  const unsigned width = t->f->arch == MMU_ARCH_ARM ? 48 : 52;
  const uint64_t end = UINT64_C(1) << width;
  renew_at(t, end - 4096 * (uint64_t)BENCH_FRAMES);
  t->s.ctx.pa_width = (uint8_t)width;
  space_map(&t->s, va, 0, end - 4096, PAGE_ALL & ~(PAGE_A | PAGE_D));
  check(t, maps_to(translate(t, va + 0xff8, MMU_WRITE), end - 8), "the last word");
  const uint64_t large = va ^ (UINT64_C(1) << 22);
  space_map(&t->s, large, 1, end - MIB2, PAGE_ALL);
  const uint64_t in_page = large & (MIB2 - 1);
  const struct bench_request *q = translate(t, large, MMU_READ);
  check(t, maps_to(q, end - MIB2 + in_page), "the last large page: cause %u pa %llx",
        q->response.fault.cause, (unsigned long long)q->response.pa);
}

/* A pointer where only pages can be. On x86 every present entry there is a page. */
TEST_EACH_FORMAT(hazard_W11_pointer_at_the_last_level) {
  const uint64_t va = space_va(t->f, 3);
  uint64_t bad;
  if (t->f->arch == MMU_ARCH_X86) return;
  if (t->f->arch == MMU_ARCH_ARM) {
    bad = format_leaf(t->f, 0, PA_1, PAGE_ALL) & ~UINT64_C(2);
  } else {
    bad = format_pointer(t->f, 0x100000, false);
  }
  bench_poke(t->b, space_slot(&t->s, va, 0), bad);
  check(t, faults(t, translate(t, va, MMU_READ), MMU_CAUSE_RESERVED, 0), "no fault");
  check(t, bench_reads(t->b, 0) == t->f->top + 1u, "%zu reads", bench_reads(t->b, 0));
}

/* A table that leads to itself at every level ends in a fault or a page, never in a hang. */
TEST_EACH_FORMAT(hazard_W11_table_that_points_to_itself) {
  const uint64_t root = t->f->upper ? t->s.ctx.s1_root1 : t->s.ctx.s1_root0;
  for (uint64_t i = 0; i < 512; i++) {
    bench_poke(t->b, root + 8 * i, format_pointer(t->f, root, false));
  }
  const struct bench_request *q = translate(t, space_va(t->f, 3), MMU_READ);
  check(t, q->answered != BENCH_NEVER && q->response.status != MMU_RETRY, "no answer");
  check(t, bench_reads(t->b, 0) == t->f->top + 1u, "%zu reads", bench_reads(t->b, 0));
}

TEST_EACH_FORMAT(hazard_W12_every_store_is_answered_once_and_dirties_its_page) {
  enum { PAGES = 24 };
  const uint64_t va = space_va(t->f, 3);
  uint64_t slot[PAGES];
  for (unsigned p = 0; p < PAGES; p++) {
    slot[p] = space_map(&t->s, same_table(va, p), 0, PA_1 + 4096 * (uint64_t)p,
                        PAGE_ALL & ~(PAGE_A | PAGE_D));
  }
  bench_memory(t->b, 1, 6, 30, 5);
  uint64_t x = 4;
  for (unsigned i = 0; i < 100; i++) {
    ask(t, same_table(va, (unsigned)(random_of(&x) % PAGES)), i % 4 == 3 ? MMU_FETCH : MMU_WRITE);
    /* another CPU's A update now and then: the compare-and-swap loses */
    if (i % 5 == 0) {
      const unsigned p = (unsigned)(random_of(&x) % PAGES);
      bench_poke(t->b, slot[p], bench_peek(t->b, slot[p]) | format_a(t->f));
    }
    bench_step(t->b);
  }
  bench_settle(t->b, 20000);
  for (size_t i = 0; i < t->b->requests; i++) {
    const struct bench_request *q = &t->b->request[i];
    const unsigned p = (unsigned)((q->response.pa - PA_1) >> 12);
    check(t, q->response.status == MMU_OK && p < PAGES, "request %zu", i);
    const uint64_t word = bench_peek(t->b, slot[p]);
    const unsigned flags = q->req.access.kind == MMU_WRITE ? PAGE_ALL : PAGE_ALL & ~PAGE_D;
    check(t,
          word == format_leaf(t->f, 0, PA_1 + 4096 * (uint64_t)p, flags) ||
              word == format_leaf(t->f, 0, PA_1 + 4096 * (uint64_t)p, PAGE_ALL),
          "page %u: %llx", p, (unsigned long long)word);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(hazard_W1_context_pins_change_every_cycle_of_a_walk),
      cmocka_unit_test(hazard_W2_no_fault_leaves_an_entry),
      cmocka_unit_test(hazard_W3_fault_of_one_port_beside_a_miss_of_the_other),
      cmocka_unit_test(hazard_W4_no_entry_carries_a_descriptor_address),
      cmocka_unit_test(hazard_W5_many_requests_to_one_page_in_every_state),
      cmocka_unit_test(hazard_W6_one_large_page_frees_a_full_queue),
      cmocka_unit_test(hazard_W8_hits_of_two_page_sizes_in_turn),
      cmocka_unit_test(hazard_W9_no_read_before_the_address_is_checked),
      cmocka_unit_test(hazard_W10_tables_and_pages_at_the_top_of_memory),
      cmocka_unit_test(hazard_W11_pointer_at_the_last_level),
      cmocka_unit_test(hazard_W11_table_that_points_to_itself),
      cmocka_unit_test(hazard_W12_every_store_is_answered_once_and_dirties_its_page),
  };
  return run_directed(tests, sizeof tests / sizeof tests[0]);
}
