/* SPDX-License-Identifier: Apache-2.0
 * What the RTL's walks do when something goes wrong or comes between: memory errors at each
 * access, lost compare-and-swaps at each descriptor, memory that never lets go, resets, double
 * hits, translation off; and random traffic in which every answer is known. For every format. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include "testbench/bench.h"
#include "testbench/tables.h"

static const struct mmu_access load = {.kind = MMU_READ, .size = 3};
static const struct mmu_access store = {.kind = MMU_WRITE, .size = 3};
static const struct mmu_access fetch = {.kind = MMU_FETCH, .size = 2};

static const uint8_t invalidate_all[MMU_ARCH_COUNT] = {MMU_INV_X86_ALL, MMU_INV_ARM_VMALLE1,
                                                       MMU_INV_RISCV_ALL};
static const uint8_t invalidate_page[MMU_ARCH_COUNT] = {MMU_INV_X86_INVLPG, MMU_INV_ARM_VAAE1,
                                                        MMU_INV_RISCV_ADDR};
static const uint8_t invalidate_asid[MMU_ARCH_COUNT] = {MMU_INV_X86_CR3, MMU_INV_ARM_ASIDE1,
                                                        MMU_INV_RISCV_ASID};

/* A bit of each descriptor that is software's own. */
static const uint64_t soft_bit[MMU_ARCH_COUNT] = {UINT64_C(1) << 9, UINT64_C(1) << 55,
                                                  UINT64_C(1) << 8};

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

static void assert_registers(const struct bench_request *r, const struct space *s,
                             enum mmu_cause cause, unsigned height) {
  const struct mmu_syndrome want =
      format_syndrome(s->f, &s->ctx, &r->req.access, r->req.va, cause, height);
  const uint64_t mask = format_syndrome_mask(s->f, &r->req.access, cause);
  assert_int_equal(r->response.syndrome.reg[0] & mask, want.reg[0] & mask);
  for (int i = 1; i < 3; i++)
    assert_int_equal(r->response.syndrome.reg[i], want.reg[i]);
}

/* An error at the n-th access of a walk is reported with its height, wins over the data that comes
 * with it, and leaves no entry: the retry walks, and succeeds. */
static void memory_errors(struct bench *b, const struct format *f) {
  static const struct {
    enum mmu_mem_error error;
    enum mmu_cause cause;
  } kinds[] = {{MMU_MEM_BUS, MMU_CAUSE_BUS},
               {MMU_MEM_PARITY, MMU_CAUSE_PARITY},
               {MMU_MEM_NO_ATOMIC, MMU_CAUSE_NO_ATOMIC}};
  struct space s = space_new(b, f);
  const uint64_t va = space_va(f, 1);
  const uint64_t slot = space_map(&s, va, 0, 0x5000, PAGE_ALL & ~PAGE_A & ~PAGE_D);
  const uint64_t leaf = bench_peek(b, slot);
  const unsigned levels = f->top + 1u;
  for (unsigned k = 0; k < 3; k++) {
    for (unsigned n = 0; n <= levels; n++) { /* n == levels: the swap */
      if (kinds[k].error == MMU_MEM_NO_ATOMIC && n < levels) continue;
      bench_poke(b, slot, leaf);
      bench_invalidate_wait(b, invalidate_all[f->arch], 0, 1, 0);
      bench_forget(b);
      bench_error(b, n, kinds[k].error);
      const struct bench_request *r = bench_translate(b, va, &store, &s.ctx);
      assert_int_equal(r->response.status, MMU_FAULT);
      assert_int_equal(r->response.fault.cause, kinds[k].cause);
      assert_int_equal(r->response.fault.mem_error, kinds[k].error);
      const unsigned height = n < levels ? f->top - n : 0;
      assert_int_equal(r->response.fault.s1_level, height);
      assert_int_equal(r->response.fault.on_walk, n < levels);
      assert_int_equal(r->response.fault.on_ad_write, n == levels);
      assert_int_equal(b->accesses, n + 1);
      assert_registers(r, &s, kinds[k].cause, height);
      assert_int_equal(bench_peek(b, slot), leaf);
      bench_forget(b);
      r = bench_translate(b, va, &store, &s.ctx);
      assert_int_equal(r->response.status, MMU_OK);
      assert_false(r->response.hit);
      assert_int_equal(b->walks, 1);
    }
  }
}

static void test_memory_errors(void **state) {
  (void)state;
  each_format(memory_errors);
}

/* Lets another CPU write the descriptor at `addr` just before each of the next `n` swaps of it. */
static const struct bench_request *translate_racing(struct bench *b, uint64_t va,
                                                    const struct space *s, uint64_t addr,
                                                    unsigned n) {
  const size_t i = bench_ask(b, va, &store, &s->ctx);
  for (unsigned c = 0; c < 4000 && b->request[i].answered == BENCH_NEVER; c++) {
    if (n > 0 && b->out.mem_req_valid && b->out.mem_req_cas && b->out.mem_req_addr == addr) {
      bench_poke(b, addr, bench_peek(b, addr) ^ soft_bit[s->f->arch]);
      n--;
    }
    bench_step(b);
  }
  (void)bench_settle(b, 2000);
  return &b->request[i];
}

/* A lost race re-reads that descriptor and no other; what the other wrote is kept. x86 sets A in
 * every descriptor on the way, the others in the leaf. */
static void lost_swaps(struct bench *b, const struct format *f) {
  struct space s = space_new(b, f);
  const unsigned levels = f->top + 1u;
  const unsigned last = f->arch == MMU_ARCH_X86 ? f->top : 0;
  for (unsigned height = 0; height <= last; height++) {
    const uint64_t va = space_va(f, height + 1);
    space_map(&s, va, 0, 0x5000, PAGE_ALL & ~PAGE_A & ~PAGE_D);
    for (unsigned h = 1; h <= last; h++) {
      const uint64_t pointer = space_slot(&s, va, h);
      bench_poke(b, pointer, bench_peek(b, pointer) & ~format_a(f));
    }
    const uint64_t slot = space_slot(&s, va, height);
    const uint64_t before = bench_peek(b, slot);
    bench_forget(b);
    const struct bench_request *r = translate_racing(b, va, &s, slot, 1);
    assert_int_equal(r->response.status, MMU_OK);
    assert_int_equal(bench_reads(b, 0), levels + 1);
    assert_int_equal(b->accesses, levels + 1 + last + 2);
    const uint64_t set = height == 0 ? format_a(f) | format_d(f) : format_a(f);
    const uint64_t after = f->arch == MMU_ARCH_ARM && height == 0
                               ? (before | format_a(f)) & ~format_d(f)
                               : before | set;
    assert_int_equal(bench_peek(b, slot), after ^ soft_bit[f->arch]);
  }
}

static void test_lost_swaps(void **state) {
  (void)state;
  each_format(lost_swaps);
}

/* After a lost race only what the other wrote counts: nothing of the first version is left in the
 * rights, the global bit or the answer. */
static void lost_to_another_page(struct bench *b, const struct format *f) {
  struct space s = space_new(b, f);
  const uint64_t va = space_va(f, 1);
  const uint64_t slot = space_map(&s, va, 0, 0x5000, PAGE_R | PAGE_U | PAGE_G);
  const size_t i = bench_ask(b, va, &load, &s.ctx);
  while (b->problem[0] == '\0' && !(b->out.mem_req_valid && b->out.mem_req_cas))
    bench_step(b);
  bench_poke(b, slot, format_leaf(f, 0, 0x9000, PAGE_R | PAGE_W | PAGE_U | PAGE_D));
  assert_true(bench_settle(b, 2000));
  assert_int_equal(b->request[i].response.status, MMU_OK);
  assert_int_equal(b->request[i].response.pa, 0x9000 | (va & 0xfff));
  const struct bench_request *r = bench_translate(b, va, &store, &s.ctx);
  assert_int_equal(r->response.status, MMU_OK);
  assert_true(r->response.hit);
  s.ctx.asid = 2;
  r = bench_translate(b, va, &load, &s.ctx);
  assert_false(r->response.hit);
}

static void test_lost_to_another_page(void **state) {
  (void)state;
  each_format(lost_to_another_page);
}

/* Eight lost races end a walk with "retry", which fills nothing and sets nothing. */
static void retry_bound(struct bench *b, const struct format *f) {
  struct space s = space_new(b, f);
  const uint64_t va = space_va(f, 1);
  const uint64_t slot = space_map(&s, va, 0, 0x5000, PAGE_ALL & ~PAGE_A & ~PAGE_D);
  const uint64_t before = bench_peek(b, slot);
  const struct bench_request *r = translate_racing(b, va, &s, slot, 7);
  assert_int_equal(r->response.status, MMU_OK);
  bench_poke(b, slot, before);
  bench_invalidate_wait(b, invalidate_all[f->arch], 0, 1, 0);
  bench_forget(b);
  r = translate_racing(b, va, &s, slot, 1000);
  assert_int_equal(r->response.status, MMU_RETRY);
  assert_int_equal(b->accesses - bench_reads(b, 0), 8);
  assert_int_equal(bench_peek(b, slot), before); /* eight toggles */
  bench_forget(b);
  r = bench_translate(b, va, &store, &s.ctx);
  assert_int_equal(r->response.status, MMU_OK);
  assert_false(r->response.hit);
}

static void test_retry_bound(void **state) {
  (void)state;
  each_format(retry_bound);
}

/* An invalidation whenever the walk has read something: it starts again, and after eight times
 * gives up. */
static void restart_bound(struct bench *b, const struct format *f) {
  struct space s = space_new(b, f);
  const uint64_t va = space_va(f, 1);
  space_map(&s, va, 0, 0x5000, PAGE_ALL);
  bench_memory(b, 10, 0, 0, 1);
  bench_ask(b, va, &load, &s.ctx);
  for (unsigned i = 0; i < 2000 && b->request[0].answered == BENCH_NEVER; i++) {
    if (b->replies != 0 && (b->invals == 0 || b->inval[b->invals - 1].done != BENCH_NEVER) &&
        b->invals < BENCH_INVALS && b->invals <= b->restarts) {
      bench_invalidate(b, invalidate_page[f->arch], va, 1, 0); /* short: the L2 is empty */
    }
    bench_step(b);
  }
  assert_int_equal(b->request[0].response.status, MMU_RETRY);
  assert_int_equal(b->restarts, 8);
}

static void test_restart_bound(void **state) {
  (void)state;
  each_format(restart_bound);
}

/* Reset at every cycle of a walk: nothing of it is left, and the next walk is as the first. */
static void reset_mid_walk(struct bench *b, const struct format *f) {
  struct space s = space_new(b, f);
  const uint64_t va = space_va(f, 1);
  space_map(&s, va, 0, 0x5000, PAGE_ALL & ~PAGE_D);
  bench_memory(b, 3, 0, 0, 1);
  for (unsigned cycle = 0; cycle < 40; cycle++) {
    bench_ask(b, va, &load, &s.ctx);
    bench_ask(b, va, &fetch, &s.ctx);
    for (unsigned i = 0; i < cycle; i++)
      bench_step(b);
    bench_reset(b);
    assert_true(b->out.idle && b->out.data_ready && b->out.fetch_ready && b->out.inval_ready);
    const struct bench_request *r = bench_translate(b, va, &load, &s.ctx);
    assert_int_equal(r->response.status, MMU_OK);
    assert_false(r->response.hit);
    assert_int_equal(bench_reads(b, 0), f->top + 1);
    bench_reset(b);
  }
}

static void test_reset_mid_walk(void **state) {
  (void)state;
  each_format(reset_mid_walk);
}

/* Rule R10, by prevention. A 4 KiB entry stays behind when its region becomes one large page; a
 * refill with the large page drops it from the L1, so that no look-up ever matches two. The L2 may
 * still give the old page: nothing has invalidated it. */
static void overlapping_pages(struct bench *b, const struct format *f) {
  const struct mmu_geometry *g = &b->ops->geometry;
  if (g->l1d_entries < 2) return;
  struct space s = space_new(b, f);
  const uint64_t va = space_va(f, 1), near = va ^ 0x3000;
  space_map(&s, va, 0, 0x5000, PAGE_ALL | PAGE_G);
  bench_translate(b, va, &load, &s.ctx);
  const uint64_t slot = space_slot(&s, va, 1);
  bench_poke(b, slot, format_leaf(f, 1, 0x40000000, PAGE_ALL));
  bench_invalidate_wait(b, invalidate_asid[f->arch], 0, 1, 0); /* spares the global entry */
  bench_forget(b);
  const struct bench_request *r = bench_translate(b, va, &load, &s.ctx);
  assert_true(r->response.hit); /* stale, and allowed to be */
  assert_int_equal(b->overlaps, 0);
  r = bench_translate(b, near, &load, &s.ctx);
  assert_false(r->response.hit);
  assert_int_equal(r->response.pa, 0x40000000 | (near & 0x1fffff));
  assert_int_equal(b->overlaps, 1);
  bench_forget(b);
  r = bench_translate(b, va, &load, &s.ctx);
  assert_true(r->response.hit);
  assert_int_equal(r->response.s1_shift, 21);
  assert_int_equal(r->response.pa, 0x40000000 | (va & 0x1fffff));
  if (g->l2_sets == 0) return;
  const struct mmu_access fetch = {.kind = MMU_FETCH, .size = 2};
  r = bench_translate(b, va, &fetch, &s.ctx);
  assert_true(r->response.l2);
  assert_int_equal(r->response.s1_shift, 12);
  assert_int_equal(r->response.pa, 0x5000 | (va & 0xfff));
}

static void test_overlapping_pages(void **state) {
  (void)state;
  each_format(overlapping_pages);
}

/* Translation off: the address itself in the next cycle, no memory access, a fault beyond the
 * physical width. Nothing is left behind when translation comes on. */
static void translation_off(struct bench *b, const struct format *f) {
  struct space s = space_new(b, f);
  const uint64_t va = space_va(f, 1);
  space_map(&s, va, 0, 0x5000, PAGE_ALL);
  struct mmu_context off = s.ctx;
  off.s1_mode = MMU_S1_OFF;
  off.pa_width = 40;
  const struct bench_request *r = bench_translate(b, UINT64_C(0xffabcdef12), &store, &off);
  assert_int_equal(r->response.status, MMU_OK);
  assert_int_equal(r->response.pa, UINT64_C(0xffabcdef12));
  assert_int_equal(r->response.s1_shift, 0);
  assert_int_equal(r->answered - r->accepted, 1);
  r = bench_translate(b, UINT64_C(1) << 40, &load, &off);
  assert_int_equal(r->response.status, MMU_FAULT);
  assert_int_equal(r->response.fault.cause,
                   f->arch == MMU_ARCH_X86 ? MMU_CAUSE_NON_CANONICAL : MMU_CAUSE_ADDRESS_SIZE);
  assert_int_equal(b->accesses, 0);
  off.s2_mode = MMU_S2_PASS;
  r = bench_translate(b, 0x1234, &load, &off);
  assert_int_equal(r->response.status, MMU_OK);
  assert_int_equal(r->response.pa, 0x1234);
  assert_int_equal(b->accesses, 0);
  bench_forget(b);
  r = bench_translate(b, va, &load, &s.ctx);
  assert_int_equal(r->response.pa, 0x5000 | (va & 0xfff));
  assert_int_equal(bench_reads(b, 0), f->top + 1);
}

static void test_translation_off(void **state) {
  (void)state;
  each_format(translation_off);
}

/* Random traffic over fixed tables: pages of every size and right, absent ones, both ports,
 * invalidations at random, slow and stalling memory. Each request is answered once, and the answer
 * is the only one there is. */
enum { PAGES = 24, ROUNDS = 60 };

struct known {
  uint64_t va, pa;
  unsigned height, flags;
  bool present;
};

static uint64_t next_random(uint64_t *x) {
  *x = *x * UINT64_C(6364136223846793005) + 1442695040888963407u;
  return *x >> 33;
}

static void check_known(const struct bench_request *r, const struct space *s,
                        const struct known *k) {
  const enum mmu_access_kind kind = (enum mmu_access_kind)r->req.access.kind;
  const enum mmu_cause cause = k->present ? format_judge(s, k->flags, kind) : MMU_CAUSE_NOT_PRESENT;
  if (cause == MMU_CAUSE_NONE) {
    const uint64_t mask = (UINT64_C(1) << (12 + 9 * k->height)) - 1;
    assert_int_equal(r->response.status, MMU_OK);
    assert_int_equal(r->response.pa, k->pa | (r->req.va & mask));
    assert_int_equal(r->response.s1_shift, 12 + 9 * k->height);
  } else {
    assert_int_equal(r->response.status, MMU_FAULT);
    assert_int_equal(r->response.fault.cause, cause);
    assert_int_equal(r->response.fault.gva, r->req.va);
    assert_registers(r, s, cause, k->height);
  }
}

static void random_traffic(struct bench *b, const struct format *f) {
  struct space s = space_new(b, f);
  struct known page[PAGES];
  uint64_t x = 7;
  for (unsigned i = 0; i < PAGES; i++) {
    struct known *k = &page[i];
    k->height = (unsigned)next_random(&x) % 3;
    if (k->height > f->big || k->height == f->top) k->height = 0;
    /* one index of the first table each; neighbours of height 0 share their tables */
    const bool sibling = i > 0 && page[i - 1].height == 0 && k->height == 0;
    k->va = sibling ? page[i - 1].va + 0x1000 : space_va(f, i + 1);
    k->pa = (UINT64_C(1) << 32) + ((uint64_t)i << 30);
    k->flags = (PAGE_A | PAGE_D | PAGE_R) | ((unsigned)next_random(&x) & (PAGE_W | PAGE_X)) |
               (next_random(&x) % 8 ? PAGE_U : 0) | (next_random(&x) % 4 ? 0 : PAGE_G);
    k->present = next_random(&x) % 8 != 0;
    const uint64_t slot = space_map(&s, k->va, k->height, k->pa, k->flags);
    if (!k->present) bench_poke(b, slot, format_absent(f, k->height, k->pa));
  }
  unsigned of[BENCH_REQUESTS], retries = 0;
  for (unsigned round = 0; round < ROUNDS; round++) {
    bench_forget(b);
    bench_memory(b, (unsigned)next_random(&x) % 9, round % 3 * 4, round % 4 * 40, round + 1);
    while (b->requests < 100) {
      if (next_random(&x) % 3) {
        const unsigned i = (unsigned)next_random(&x) % PAGES;
        const struct mmu_access *const kind[4] = {&load, &store, &fetch, &load};
        const uint64_t offset = next_random(&x) & ((UINT64_C(4096) << 9 * page[i].height) - 8);
        const uint64_t base = page[i].va & ~((UINT64_C(4096) << 9 * page[i].height) - 1);
        of[b->requests] = i;
        bench_ask(b, base | (offset & ~UINT64_C(7)), kind[next_random(&x) % 4], &s.ctx);
      } else if (next_random(&x) % 6 == 0 && b->invals < BENCH_INVALS) {
        const uint8_t op = next_random(&x) % 4 ? invalidate_asid[f->arch] : invalidate_all[f->arch];
        bench_invalidate(b, op, 0, 1, 0);
      }
      for (uint64_t n = next_random(&x) % 4; n > 0; n--)
        bench_step(b);
    }
    if (!bench_settle(b, 20000)) return;
    for (size_t i = 0; i < b->requests; i++) {
      const bool worn_out = b->request[i].response.status == MMU_RETRY;
      if (worn_out) assert_true(b->restarts >= 8);
      if (!worn_out) check_known(&b->request[i], &s, &page[of[i]]);
      retries += worn_out;
    }
  }
  /* rare; one burst of invalidations overtakes all walks in flight alike */
  assert_true(retries < ROUNDS * b->ops->geometry.walks);
}

static void test_random_traffic(void **state) {
  (void)state;
  each_format(random_traffic);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_memory_errors),        cmocka_unit_test(test_lost_swaps),
      cmocka_unit_test(test_lost_to_another_page), cmocka_unit_test(test_retry_bound),
      cmocka_unit_test(test_restart_bound),        cmocka_unit_test(test_reset_mid_walk),
      cmocka_unit_test(test_overlapping_pages),    cmocka_unit_test(test_translation_off),
      cmocka_unit_test(test_random_traffic),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
