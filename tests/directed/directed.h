/* SPDX-License-Identifier: Apache-2.0
 * What the directed tests share: a test body runs once in each format whose hardware is present,
 * on a fresh bench and address space. Include in one .c file per program. */
#ifndef COWALK_TESTS_DIRECTED_H
#define COWALK_TESTS_DIRECTED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the headers above first */
#include <cmocka.h>

#include "testbench/bench.h"
#include "testbench/tables.h"

#define PA_1 (UINT64_C(1) << 44)
#define PA_2 (UINT64_C(1) << 45)
#define PA_3 (UINT64_C(3) << 44)
#define MIB2 (UINT64_C(1) << 21)

struct test {
  struct bench *b;
  const struct format *f;
  struct space s;
};

typedef void test_body(struct test *t);

/* Forget tables and hardware state; a new space at the bench's memory `base`. */
static inline void renew_at(struct test *t, uint64_t base) {
  bench_reset(t->b);
  bench_memory(t->b, 1, 0, 0, 1);
  bench_clear_memory(t->b, base);
  t->s = space_new(t->b, t->f);
}

static inline void renew(struct test *t) {
  renew_at(t, 0x100000);
}

static inline void each_format(test_body *body, bool first_only) {
  unsigned ran = 0;
  for (int arch = 0; arch < MMU_ARCH_COUNT; arch++) {
    const struct hw_ops *ops = bench_hw((enum mmu_arch)arch);
    if (ops == NULL) continue;
    struct test t = {.b = bench_new(ops, 7)};
    assert_non_null(t.b);
    for (size_t i = 0; i < FORMATS; i++) {
      if ((int)formats[i].arch != arch) continue;
      t.f = &formats[i];
      renew(&t);
      body(&t);
      ran++;
      if (first_only) break;
    }
    bench_free(t.b);
  }
  if (ran == 0) skip();
}

/* TEST_EACH_FORMAT(name) { body using t } */
#define TEST_EACH_FORMAT(name)             \
  static void name##_body(struct test *t); \
  static void name(void **state) {         \
    (void)state;                           \
    each_format(name##_body, false);       \
  }                                        \
  static void name##_body(struct test *t)

#define TEST_EACH_ARCH(name)               \
  static void name##_body(struct test *t); \
  static void name(void **state) {         \
    (void)state;                           \
    each_format(name##_body, true);        \
  }                                        \
  static void name##_body(struct test *t)

/* Of one program: the tests that match TEST_FILTER, or all. */
static inline int run_directed(const struct CMUnitTest *tests, size_t n) {
  const char *filter = getenv("TEST_FILTER");
  if (filter != NULL) cmocka_set_test_filter(filter);
  return _cmocka_run_group_tests("directed", tests, n, NULL, NULL);
}

#define check(t, condition, ...)                                                       \
  do {                                                                                 \
    if ((t)->b->problem[0] != '\0') fail_msg("%s: %s", (t)->f->name, (t)->b->problem); \
    if (!(condition)) {                                                                \
      char text_[200];                                                                 \
      snprintf(text_, sizeof text_, __VA_ARGS__);                                      \
      fail_msg("%s: %s [%s]", (t)->f->name, text_, #condition);                        \
    }                                                                                  \
  } while (0)

static inline struct mmu_access access_of(enum mmu_access_kind kind) {
  return (struct mmu_access){.kind = (uint8_t)kind, .size = 3};
}

static inline size_t ask(struct test *t, uint64_t va, enum mmu_access_kind kind) {
  const struct mmu_access a = access_of(kind);
  return bench_ask(t->b, va, &a, &t->s.ctx);
}

static inline const struct bench_request *translate(struct test *t, uint64_t va,
                                                    enum mmu_access_kind kind) {
  const struct mmu_access a = access_of(kind);
  return bench_translate(t->b, va, &a, &t->s.ctx);
}

static inline const struct bench_request *translate_in(struct test *t, const struct space *s,
                                                       uint64_t va, enum mmu_access_kind kind) {
  const struct mmu_access a = access_of(kind);
  return bench_translate(t->b, va, &a, &s->ctx);
}

static inline bool maps_to(const struct bench_request *q, uint64_t pa) {
  return q->answered != BENCH_NEVER && q->response.status == MMU_OK && q->response.pa == pa;
}

static inline bool hits_at(const struct bench_request *q, uint64_t pa) {
  return maps_to(q, pa) && q->response.hit;
}

/* The fault record and every register. */
static inline bool faults(const struct test *t, const struct bench_request *q, enum mmu_cause cause,
                          unsigned height) {
  if (q->answered == BENCH_NEVER || q->response.status != MMU_FAULT) return false;
  const struct mmu_response *r = &q->response;
  const struct mmu_syndrome want =
      format_syndrome(t->f, &q->ctx, &q->req.access, q->req.va, cause, height);
  const uint64_t mask = format_syndrome_mask(t->f, &q->req.access, cause);
  return r->fault.cause == cause && r->fault.s1_level == height &&
         (r->syndrome.reg[0] & mask) == (want.reg[0] & mask) &&
         memcmp(&r->syndrome.reg[1], &want.reg[1], 3 * sizeof want.reg[1]) == 0;
}

/* Where the address registers should point is left to the caller. */
static inline uint64_t same_table(uint64_t va, unsigned page) {
  return va ^ (uint64_t)page << 12;
}

/* One operation of each kind that the architecture has for what it says. */
static inline enum mmu_inval_kind invalidate_page(const struct format *f) {
  const enum mmu_inval_kind op[MMU_ARCH_COUNT] = {MMU_INV_X86_INVLPG, MMU_INV_ARM_VAE1,
                                                  MMU_INV_RISCV_ADDR_ASID};
  return op[f->arch];
}

static inline enum mmu_inval_kind invalidate_space(const struct format *f) {
  const enum mmu_inval_kind op[MMU_ARCH_COUNT] = {MMU_INV_X86_CR3, MMU_INV_ARM_ASIDE1,
                                                  MMU_INV_RISCV_ASID};
  return op[f->arch];
}

static inline enum mmu_inval_kind invalidate_all(const struct format *f) {
  const enum mmu_inval_kind op[MMU_ARCH_COUNT] = {MMU_INV_X86_ALL, MMU_INV_ARM_VMALLE1,
                                                  MMU_INV_RISCV_ALL};
  return op[f->arch];
}

static inline void flush(struct test *t, enum mmu_inval_kind kind, uint64_t va) {
  bench_invalidate_wait(t->b, kind, va, t->s.ctx.asid, t->s.ctx.vmid);
}

#endif
