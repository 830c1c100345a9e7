/* SPDX-License-Identifier: Apache-2.0
 * The model backend alone: its timing (the hardware's own: a hit in the next cycle, 4 cycles a
 * walk and 2 a level on top of the memory), its caches, merging, invalidation, A/D effects,
 * errors and bounds. Whether its answers are right is the judge's affair (tests/lockstep). */
#include "model_fixture.h"

#include <string.h>

static const struct mmu_geometry usual = {.l1i_entries = 64,
                                          .l1d_entries = 64,
                                          .pwc_entries = {16, 16, 16, 16},
                                          .walks = 2,
                                          .miss_queue = 4};

/* Without an L2: entries of each L1, walk-cache entries a height, walks, waiting. */
static struct mmu_geometry small(uint32_t l1, uint32_t pwc, uint32_t walks, uint32_t queue) {
  return (struct mmu_geometry){.l1i_entries = l1,
                               .l1d_entries = l1,
                               .pwc_entries = {pwc, pwc, pwc, pwc},
                               .walks = walks,
                               .miss_queue = queue};
}

static void timing(void **state) {
  (void)state;
  for (uint32_t latency = 1; latency < 300; latency += 37) {
    struct machine m = machine(usual, latency);
    uint64_t cycles, reads;
    struct mmu_response r = translate(&m, 0x1238, MMU_READ, &cycles, &reads);
    assert_int_equal(r.status, MMU_OK);
    assert_int_equal(r.pa, FRAMES + 0x1238);
    assert_int_equal(r.s1_shift, 12);
    assert_false(r.hit);
    assert_int_equal(reads, 3);
    assert_int_equal(cycles, 5 + 3 * (latency + 2));
    r = translate(&m, 0x1230, MMU_READ, &cycles, &reads); /* L1 hit */
    assert_true(r.hit);
    assert_int_equal(cycles, 1);
    assert_int_equal(reads, 0);
    translate(&m, 0x2000, MMU_READ, &cycles, &reads); /* walk cache */
    assert_int_equal(reads, 1);
    assert_int_equal(cycles, 5 + latency + 2);
    finish(&m);
  }
}

static void back_to_back(void **state) {
  (void)state;
  struct machine m = machine(usual, 50);
  struct mmu_response r;
  for (unsigned i = 0; i < 4; i++)
    translate(&m, i * 0x1000, MMU_READ, NULL, NULL);
  assert_true(offer(&m, 0x9000, MMU_READ, 200)); /* a miss, and hits under it */
  uint64_t start = m.b->ops->step_to(m.b, m.b->ops->now(m.b) + 1);
  for (uint8_t i = 0; i < 20; i++) {
    assert_true(offer(&m, (i % 4) * 0x1000, MMU_READ, i));
    assert_false(offer(&m, 0, MMU_READ, 100)); /* one a cycle and port */
    assert_int_equal(m.b->ops->step_to(m.b, start + i + 1U), start + i + 1U);
    assert_int_equal(m.b->ops->poll(m.b, &r, 1), 1);
    assert_int_equal(r.tag, i);
    assert_int_equal(r.cycle, start + i + 1U);
  }
  finish(&m);
}

static void walks_overlap_and_merge(void **state) {
  (void)state;
  struct machine m = machine(usual, 100);
  struct mmu_response r[4];
  translate(&m, 0, MMU_READ, NULL, NULL);
  uint64_t start = m.b->ops->now(m.b);
  assert_true(offer(&m, 0x1000, MMU_READ, 1));
  assert_true(offer(&m, 0x2000, MMU_FETCH, 2));
  m.b->ops->step_to(m.b, start + 1);
  assert_true(offer(&m, 0x1008, MMU_READ, 3)); /* page of the first */
  m.b->ops->step_to(m.b, start + 2);
  assert_true(offer(&m, 0x1010, MMU_WRITE, 4));
  size_t n = 0;
  while (n < 4) {
    assert_int_not_equal(m.b->ops->step_to(m.b, start + 400), start + 400);
    n += m.b->ops->poll(m.b, r + n, 4 - n);
  }
  struct mmu_backend_stats s;
  m.b->ops->stats(m.b, &s);
  assert_int_equal(s.merges, 2);
  assert_int_equal(s.walks, 3); /* the first page of all, and these two */
  assert_true(r[3].cycle - start < 110);
  finish(&m);
}

/* The queue is full: a request is refused, none is lost. */
static void full_queue(void **state) {
  (void)state;
  struct machine m = machine(small(4, 0, 1, 2), 30);
  unsigned accepted = 0, answered = 0;
  struct mmu_response r;
  uint8_t seen[64] = {0};
  for (unsigned i = 0; i < 400; i++) {
    if (accepted < 60 && offer(&m, accepted * 0x1000, MMU_READ, (uint8_t)accepted)) accepted++;
    assert_true(accepted - answered <= 4); /* one walked for, two waiting, one answer under way */
    m.b->ops->step_to(m.b, m.b->ops->now(m.b) + 20);
    while (m.b->ops->poll(m.b, &r, 1) == 1) {
      answered++;
      assert_int_equal(seen[r.tag]++, 0);
      assert_int_equal(r.pa, FRAMES + r.tag * 0x1000);
    }
  }
  assert_int_equal(answered, 60);
  assert_int_equal(m.b->ops->next_event(m.b), MMU_NEVER);
  finish(&m);
}

/* Least recently used goes first, as far as a tree can tell. */
static void replacement(void **state) {
  (void)state;
  struct machine m = machine(small(4, 4, 1, 2), 1);
  for (unsigned i = 0; i < 4; i++)
    translate(&m, i * 0x1000, MMU_READ, NULL, NULL);
  for (unsigned i = 0; i < 4; i++)
    assert_true(translate(&m, i * 0x1000, MMU_READ, NULL, NULL).hit);
  translate(&m, 0x0000, MMU_READ, NULL, NULL);
  translate(&m, 0x7000, MMU_READ, NULL, NULL); /* evicts one of the half not used last */
  assert_true(translate(&m, 0x0000, MMU_READ, NULL, NULL).hit);
  assert_true(translate(&m, 0x1000, MMU_READ, NULL, NULL).hit);
  assert_true(translate(&m, 0x7000, MMU_READ, NULL, NULL).hit);
  unsigned left = 0;
  left += translate(&m, 0x2000, MMU_READ, NULL, NULL).hit;
  assert_true(left <= 1);
  /* fetch and data have their own */
  assert_false(translate(&m, 0x0000, MMU_FETCH, NULL, NULL).hit);
  finish(&m);
}

static void accessed_and_dirty(void **state) {
  (void)state;
  struct machine m = machine(usual, 3);
  uint64_t cycles;
  put(&m, L0, page(0) | V | R | W | U);
  translate(&m, 0, MMU_READ, &cycles, NULL);
  assert_int_equal(get(&m, L0), page(0) | V | R | W | U | A);
  assert_int_equal(cycles, 5 + 4 * (3 + 2));                 /* three reads and one swap */
  assert_false(translate(&m, 0, MMU_WRITE, NULL, NULL).hit); /* D is missing: walk again */
  assert_int_equal(get(&m, L0), page(0) | PAGE);
  assert_true(translate(&m, 0, MMU_WRITE, NULL, NULL).hit);
  m.ctx.s1_hw_a = m.ctx.s1_hw_d = false;
  put(&m, L0 + 8, page(1) | V | R | W | U);
  struct mmu_response r = translate(&m, 0x1000, MMU_READ, NULL, NULL);
  assert_int_equal(r.status, MMU_FAULT);
  assert_int_equal(r.fault.cause, MMU_CAUSE_ACCESS_FLAG);
  assert_int_equal(r.syndrome.reg[0], 13);
  assert_int_equal(get(&m, L0 + 8), page(1) | V | R | W | U);
  finish(&m);
}

static void faults_fill_nothing(void **state) {
  (void)state;
  struct machine m = machine(usual, 3);
  put(&m, L0, 0);
  struct mmu_response r = translate(&m, 0xff8, MMU_WRITE, NULL, NULL);
  assert_int_equal(r.status, MMU_FAULT);
  assert_int_equal(r.fault.cause, MMU_CAUSE_NOT_PRESENT);
  assert_int_equal(r.fault.s1_level, 0);
  assert_int_equal(r.syndrome.reg[0], 15);
  assert_int_equal(r.syndrome.reg[1], 0xff8);
  put(&m, L0, page(0) | PAGE); /* no invalidation */
  assert_int_equal(translate(&m, 0xff8, MMU_WRITE, NULL, NULL).status, MMU_OK);
  finish(&m);
}

static void memory_errors(void **state) {
  (void)state;
  static const struct {
    uint64_t addr;
    uint8_t error, cause, level;
  } row[] = {{ROOT, MMU_MEM_BUS, MMU_CAUSE_BUS, 2},
             {L1, MMU_MEM_PARITY, MMU_CAUSE_PARITY, 1},
             {L0, MMU_MEM_BUS, MMU_CAUSE_BUS, 0},
             {L0, MMU_MEM_NO_ATOMIC, MMU_CAUSE_NO_ATOMIC, 0}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    struct machine m = machine(usual, 3);
    put(&m, L0, page(0) | V | R | W | U);
    physmem_set_error(m.mem, row[i].addr, row[i].addr + 7, (enum mmu_mem_error)row[i].error);
    struct mmu_response r = translate(&m, 0, MMU_READ, NULL, NULL);
    assert_int_equal(r.status, MMU_FAULT);
    assert_int_equal(r.fault.cause, row[i].cause);
    assert_int_equal(r.fault.s1_level, row[i].level);
    assert_int_equal(r.fault.mem_error, row[i].error);
    assert_int_equal(r.fault.on_ad_write, row[i].error == MMU_MEM_NO_ATOMIC);
    assert_int_equal(r.syndrome.reg[0], 5);
    physmem_set_error(m.mem, 0, (1 << 24) - 1, MMU_MEM_OK);
    assert_int_equal(translate(&m, 0, MMU_READ, NULL, NULL).status, MMU_OK);
    finish(&m);
  }
}

static void invalidation(void **state) {
  (void)state;
  struct machine m = machine(usual, 20);
  struct mmu_inval one = {.kind = MMU_INV_RISCV_ADDR_ASID, .addr = 0x1000, .asid = 1, .id = 9};
  translate(&m, 0x1000, MMU_READ, NULL, NULL);
  translate(&m, 0x2000, MMU_READ, NULL, NULL);
  assert_int_equal(mmu_invalidate_wait(m.b, &one), 0);
  assert_true(translate(&m, 0x2000, MMU_READ, NULL, NULL).hit);
  struct mmu_response r = translate(&m, 0x1000, MMU_READ, NULL, NULL);
  assert_false(r.hit);
  assert_int_equal(r.epoch, 1);
  /* a walk in flight starts again */
  put(&m, L0 + 8 * 5, 0);
  assert_true(offer(&m, 0x5000, MMU_READ, 1));
  m.b->ops->step_to(m.b, m.b->ops->now(m.b) + 6); /* the leaf has been read */
  put(&m, L0 + 8 * 5, page(5) | PAGE);
  assert_true(m.b->ops->invalidate(m.b, &one));
  assert_false(m.b->ops->invalidate(m.b, &one)); /* one at a time */
  uint8_t id = 0;
  while (!m.b->ops->inval_poll(m.b, &id))
    m.b->ops->step_to(m.b, MMU_NEVER - 1);
  assert_int_equal(id, 9);
  m.b->ops->step_to(m.b, m.b->ops->now(m.b) + 500);
  assert_int_equal(m.b->ops->poll(m.b, &r, 1), 1);
  assert_int_equal(r.status, MMU_OK);
  assert_int_equal(r.pa, FRAMES + 0x5000);
  finish(&m);
}

/* A table whose place in the host is known is read as any other: when its frame was given back and
 * is a table again, elsewhere in the host; under a memory error; when another is read instead. */
static void known_places(void **state) {
  (void)state;
  struct machine m = machine(usual, 10);
  const void *where = NULL;
  uint64_t pa = 0;
  uint64_t at = m.b->ops->expect(m.b, &m.ctx, 0x1000, &where);
  assert_int_equal(at, L0 + 8);
  assert_memory_equal(where, &(uint64_t){page(1) | PAGE}, 8);
  assert_true(m.b->ops->foresee(m.b, &m.ctx, 0x1000, at, &pa));
  assert_int_equal(pa, FRAMES + 0x1000);
  assert_int_equal(translate(&m, 0x1000, MMU_READ, NULL, NULL).pa, FRAMES + 0x1000);
  physmem_clear_frame(m.mem, L0, MEM_WRITER_OS);
  for (unsigned i = 0; i < 512; i++) { /* what lies now where it was, and the table again */
    put(&m, 0x9000 + 8 * i, page(7) | PAGE);
    put(&m, L0 + 8 * i, page(i + 1) | PAGE);
  }
  assert_int_equal(translate(&m, 0x2000, MMU_READ, NULL, NULL).pa, FRAMES + 0x3000);
  at = m.b->ops->expect(m.b, &m.ctx, 0x3000, &where);
  assert_memory_equal(where, &(uint64_t){page(4) | PAGE}, 8);
  assert_true(m.b->ops->foresee(m.b, &m.ctx, 0x3000, at, &pa));
  assert_int_equal(pa, FRAMES + 0x4000);
  physmem_set_error(m.mem, L0 + 0x20, L0 + 0x27, MMU_MEM_PARITY);
  assert_int_equal(translate(&m, 0x4000, MMU_READ, NULL, NULL).status, MMU_FAULT);
  physmem_set_error(m.mem, L0 + 0x20, L0 + 0x27, MMU_MEM_OK);
  put(&m, L1, 0x9000 >> 2 | V); /* a walk that goes another way than was expected */
  assert_int_equal(m.b->ops->invalidate(m.b, &(struct mmu_inval){.kind = MMU_INV_RISCV_ALL}), true);
  m.b->ops->step_to(m.b, m.b->ops->now(m.b) + 400);
  uint8_t id;
  assert_true(m.b->ops->inval_poll(m.b, &id));
  assert_int_equal(translate(&m, 0x3000, MMU_READ, NULL, NULL).pa, FRAMES + 0x7000);
  finish(&m);
}

/* A table that nobody has written is none yet; a page of 2 MiB is no table. */
static void unknown_places(void **state) {
  (void)state;
  struct machine m = machine(usual, 10);
  const void *where = NULL;
  uint64_t pa = 0;
  put(&m, L1 + 8, 0x9000 >> 2 | V);
  for (int i = 0; i < 2; i++)
    assert_int_equal(m.b->ops->expect(m.b, &m.ctx, 0x200000, &where), MMU_NEVER);
  put(&m, 0x9000, page(3) | PAGE);
  uint64_t at = m.b->ops->expect(m.b, &m.ctx, 0x200000, &where);
  assert_int_equal(at, 0x9000);
  assert_true(m.b->ops->foresee(m.b, &m.ctx, 0x200000, at, &pa));
  assert_int_equal(pa, FRAMES + 0x3000);
  put(&m, L1 + 16, 0x600000 >> 2 | PAGE);
  at = m.b->ops->expect(m.b, &m.ctx, 0x405000, &where);
  assert_true(m.b->ops->foresee(m.b, &m.ctx, 0x405000, at, &pa));
  assert_int_equal(pa, 0x605000);
  assert_int_equal(translate(&m, 0x405678, MMU_READ, NULL, NULL).pa, 0x605678);
  finish(&m);
}

/* Arm's smallest table: 16 descriptors in the midst of a frame, the root and the lowest at once. */
static void lowest_root(void **state) {
  (void)state;
  enum { TABLE = 0x3f80, ARM_PAGE = 1 << 10 | 3 << 8 | 1 << 6 | 3 };
  struct machine m = memory_only(1 << 24, 10);
  for (unsigned i = 0; i < 16; i++)
    put(&m, TABLE + 8 * i, (FRAMES + 0x1000 * i) | ARM_PAGE);
  make_mmu(&m, MMU_ARCH_ARM, usual);
  m.ctx = (struct mmu_context){.s1_root0 = TABLE,
                               .asid = 1,
                               .s1_mode = MMU_S1_ARM_4K,
                               .pa_width = 40,
                               .t0sz = 48,
                               .t1sz = 48,
                               .s1_hw_a = true,
                               .s1_hw_d = true};
  const void *where = NULL;
  m.b->ops->expect(m.b, &m.ctx, 0x3000, &where);
  struct mmu_response r = translate(&m, 0x3000, MMU_READ, NULL, NULL);
  assert_int_equal(r.status, MMU_OK);
  assert_int_equal(r.pa, FRAMES + 0x3000);
  finish(&m);
}

/* Frames 2^44 bytes apart, whose low numbers are the same. */
static void far_tables(void **state) {
  (void)state;
  const uint64_t far = UINT64_C(1) << 44;
  struct machine m = memory_only(UINT64_C(1) << 50, 10);
  put(&m, ROOT, L1 >> 2 | V);
  put(&m, L1, L0 >> 2 | V);
  put(&m, L0, page(1) | PAGE);
  put(&m, far + ROOT, (far + L1) >> 2 | V);
  put(&m, far + L1, (far + L0) >> 2 | V);
  put(&m, far + L0, page(2) | PAGE);
  make_mmu(&m, MMU_ARCH_RISCV, usual);
  for (int i = 0; i < 4; i++) {
    const uint64_t base = i % 2 != 0 ? far : 0;
    const void *where = NULL;
    m.ctx = sv39(base + ROOT, (uint16_t)(i + 1), 56);
    if (i < 2) m.b->ops->expect(m.b, &m.ctx, 0, &where);
    assert_int_equal(translate(&m, 0, MMU_READ, NULL, NULL).pa,
                     FRAMES + (i % 2 != 0 ? 0x2000 : 0x1000));
  }
  finish(&m);
}

/* Invalidations without end: the walk gives up with "retry", which is no fault. */
static void bounded_restarts(void **state) {
  (void)state;
  struct machine m = machine(usual, 20);
  struct mmu_inval all = {.kind = MMU_INV_RISCV_ALL};
  struct mmu_response r = {0};
  assert_true(offer(&m, 0x5000, MMU_READ, 1));
  size_t n = 0;
  for (unsigned i = 0; i < 100 && n == 0; i++) {
    uint8_t id;
    m.b->ops->step_to(m.b, m.b->ops->now(m.b) + 8);
    m.b->ops->inval_poll(m.b, &id);
    m.b->ops->invalidate(m.b, &all);
    n = m.b->ops->poll(m.b, &r, 1);
  }
  assert_int_equal(n, 1);
  assert_int_equal(r.status, MMU_RETRY);
  finish(&m);
}

static void globals_and_asids(void **state) {
  (void)state;
  struct machine m = machine(usual, 1);
  put(&m, L0, page(0) | PAGE | G);
  translate(&m, 0, MMU_READ, NULL, NULL);
  translate(&m, 0x1000, MMU_READ, NULL, NULL);
  m.ctx.asid = 2;
  assert_true(translate(&m, 0, MMU_READ, NULL, NULL).hit);
  assert_false(translate(&m, 0x1000, MMU_READ, NULL, NULL).hit);
  m.ctx.vmid = 1;
  assert_false(translate(&m, 0, MMU_READ, NULL, NULL).hit);
  finish(&m);
}

/* Pages merged without an invalidation: the large page's entry takes the small one's place. */
static void overlap(void **state) {
  (void)state;
  struct mmu_backend_stats s;
  struct machine m = machine(small(64, 0, 2, 4), 1); /* no walk cache */
  translate(&m, 0x1000, MMU_READ, NULL, NULL);
  put(&m, L1, (uint64_t)0x200000 >> 2 | PAGE);
  assert_int_equal(translate(&m, 0x3000, MMU_READ, NULL, NULL).s1_shift, 21);
  struct mmu_response r = translate(&m, 0x1000, MMU_READ, NULL, NULL);
  assert_true(r.hit);
  assert_int_equal(r.pa, 0x201000);
  m.b->ops->stats(m.b, &s);
  assert_int_equal(s.overlaps, 1);
  finish(&m);
}

static void translation_off(void **state) {
  (void)state;
  struct machine m = machine(usual, 1);
  uint64_t cycles;
  m.ctx.s1_mode = MMU_S1_OFF;
  struct mmu_response r = translate(&m, 0x123456, MMU_WRITE, &cycles, NULL);
  assert_int_equal(r.pa, 0x123456);
  assert_int_equal(cycles, 1);
  r = translate(&m, UINT64_C(1) << 40, MMU_FETCH, &cycles, NULL); /* a TLB never faults */
  assert_int_equal(cycles, 5);
  assert_int_equal(r.status, MMU_FAULT);
  assert_int_equal(r.syndrome.reg[0], 1);
  finish(&m);
}

static void geometries(void **state) {
  (void)state;
  static const struct {
    struct mmu_geometry g;
    const char *complaint;
  } row[] = {{{0, 64, 0, 0, {16}, 0, 2, 4, 0, 16}, "L1 TLB"},
             {{64, 257, 0, 0, {16}, 0, 2, 4, 0, 16}, "L1 TLB"},
             {{64, 64, 12, 2, {16}, 0, 2, 4, 0, 16}, "power of two"},
             {{64, 64, 16, 17, {16}, 0, 2, 4, 0, 16}, "ways"},
             {{64, 64, 0, 0, {16, 65}, 0, 2, 4, 0, 16}, "walk cache"},
             {{64, 64, 0, 0, {16}, 2, 2, 4, 0, 16}, "walk cache"},
             {{64, 64, 0, 0, {16}, 0, 0, 4, 0, 16}, "walks"},
             {{64, 64, 0, 0, {16}, 0, 9, 4, 0, 16}, "walks"},
             {{64, 64, 0, 0, {16}, 0, 2, 0, 0, 16}, "miss queue"},
             {{64, 64, 0, 0, {16}, 0, 2, 4, 4, 16}, "replacement"}};
  struct physmem *mem = physmem_create(1 << 20);
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    char err[200] = "";
    struct mmu_backend_config cfg = {.geometry = row[i].g, .memory = mem};
    assert_null(mmu_backend_model(&cfg, err, sizeof err));
    assert_non_null(strstr(err, row[i].complaint));
  }
  physmem_destroy(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(timing),
      cmocka_unit_test(back_to_back),
      cmocka_unit_test(walks_overlap_and_merge),
      cmocka_unit_test(full_queue),
      cmocka_unit_test(replacement),
      cmocka_unit_test(accessed_and_dirty),
      cmocka_unit_test(faults_fill_nothing),
      cmocka_unit_test(memory_errors),
      cmocka_unit_test(invalidation),
      cmocka_unit_test(known_places),
      cmocka_unit_test(unknown_places),
      cmocka_unit_test(lowest_root),
      cmocka_unit_test(far_tables),
      cmocka_unit_test(bounded_restarts),
      cmocka_unit_test(globals_and_asids),
      cmocka_unit_test(overlap),
      cmocka_unit_test(translation_off),
      cmocka_unit_test(geometries),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
