/* SPDX-License-Identifier: Apache-2.0
 * What the directed tests of two stages share: a body runs once with each format of stage 2, behind
 * the first format of stage 1 of its architecture. Include in one .c file per program. */
#ifndef COWALK_TESTS_GUESTS_H
#define COWALK_TESTS_GUESTS_H

#include "directed.h"
#include "testbench/nested.h"

struct vm {
  struct bench *b;
  const struct format *f;
  const struct nested *n;
  struct guest g;
};

typedef void vm_body(struct vm *t);

static inline void vm_renew(struct vm *t) {
  bench_reset(t->b);
  bench_memory(t->b, 1, 0, 0, 1);
  bench_clear_memory(t->b, NESTED_FRAMES);
  t->g = guest_new(t->b, t->f, t->n);
}

static inline void each_nested(vm_body *body) {
  unsigned ran = 0;
  for (int arch = 0; arch < MMU_ARCH_COUNT; arch++) {
    const struct hw_ops *ops = bench_hw((enum mmu_arch)arch);
    if (ops == NULL) continue;
    struct vm t = {.b = bench_new(ops, 7)};
    assert_non_null(t.b);
    for (size_t i = 0; i < FORMATS && t.f == NULL; i++)
      if ((int)formats[i].arch == arch) t.f = &formats[i];
    for (size_t i = 0; i < NESTEDS; i++) {
      if ((int)nesteds[i].arch != arch) continue;
      t.n = &nesteds[i];
      vm_renew(&t);
      body(&t);
      ran++;
    }
    bench_free(t.b);
  }
  if (ran == 0) skip();
}

/* TEST_EACH_NESTED(name) { body using t } */
#define TEST_EACH_NESTED(name)           \
  static void name##_body(struct vm *t); \
  static void name(void **state) {       \
    (void)state;                         \
    each_nested(name##_body);            \
  }                                      \
  static void name##_body(struct vm *t)

#define vcheck(t, condition, ...)                                                      \
  do {                                                                                 \
    if ((t)->b->problem[0] != '\0') fail_msg("%s: %s", (t)->n->name, (t)->b->problem); \
    if (!(condition)) {                                                                \
      char text_[200];                                                                 \
      snprintf(text_, sizeof text_, __VA_ARGS__);                                      \
      fail_msg("%s: %s [%s]", (t)->n->name, text_, #condition);                        \
    }                                                                                  \
  } while (0)

static inline const struct bench_request *vm_ask(struct vm *t, const struct guest *g, uint64_t va,
                                                 enum mmu_access_kind kind) {
  const struct mmu_access a = access_of(kind);
  return bench_translate(t->b, va, &a, &g->s.ctx);
}

static inline const struct bench_request *vm_translate(struct vm *t, uint64_t va,
                                                       enum mmu_access_kind kind) {
  return vm_ask(t, &t->g, va, kind);
}

static inline bool vm_faults(struct vm *t, const struct bench_request *q, enum question question,
                             enum mmu_cause cause, unsigned height, unsigned rights, uint64_t gpa) {
  const struct nested_fault f = {.question = question,
                                 .cause = cause,
                                 .height = (uint8_t)height,
                                 .rights = (uint8_t)rights,
                                 .gpa = gpa};
  return nested_faults(&t->g, q, &f);
}

/* An invalidation of this guest's. */
static inline void vm_flush(struct vm *t, const struct guest *g, enum mmu_inval_kind kind,
                            uint64_t addr) {
  bench_invalidate_wait(t->b, kind, addr, g->s.ctx.asid, g->s.ctx.vmid);
}

static inline void vm_flush_both(struct vm *t, const struct guest *g) {
  const struct mmu_inval inv = nested_inval(g);
  bench_invalidate_wait(t->b, (enum mmu_inval_kind)inv.kind, inv.addr, inv.asid, inv.vmid);
}

/* Stage 1 of the guest's VMID, all of it: the nested TLB keeps what it has. */
static inline void vm_flush_combined(struct vm *t, const struct guest *g) {
  static const enum mmu_inval_kind op[MMU_ARCH_COUNT] = {MMU_INV_X86_VPID, MMU_INV_ARM_VMALLE1,
                                                         MMU_INV_RISCV_ALL};
  vm_flush(t, g, op[t->f->arch], 0);
}

/* Stage 2 of one guest-physical address, as narrow as the architecture has it. */
static inline void vm_flush_gpa(struct vm *t, const struct guest *g, uint64_t gpa) {
  if (t->f->arch == MMU_ARCH_X86) {
    vm_flush_both(t, g);
  } else if (t->f->arch == MMU_ARCH_ARM) {
    vm_flush(t, g, MMU_INV_ARM_IPAS2E1, gpa);
    vm_flush(t, g, MMU_INV_ARM_VMALLE1, 0);
  } else {
    vm_flush(t, g, MMU_INV_RISCV_GVMA_ADDR_VMID, gpa >> 2);
  }
}

/* A guest like `first`, with the same addresses, on other memory. Made after all of its tables are,
 * in the same order. */
static inline struct guest vm_twin(struct vm *t, const struct guest *first, uint16_t vmid) {
  struct guest g = guest_new(t->b, t->f, t->n);
  uint64_t *root = t->f->upper ? &g.s.ctx.s1_root1 : &g.s.ctx.s1_root0;
  const uint64_t same = t->f->upper ? first->s.ctx.s1_root1 : first->s.ctx.s1_root0;
  g.s.host += *root - same;
  *root = same;
  g.s.ctx.vmid = vmid;
  return g;
}

/* A place for data apart from all tables, in the reach of large pages; 0 if there is none. */
static inline uint64_t vm_far(const struct vm *t) {
  return nested_bits(t->n) >= 34 ? UINT64_C(1) << 32 : 0;
}

#endif
