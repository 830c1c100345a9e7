/* SPDX-License-Identifier: Apache-2.0
 * Tables of two stages for tests of any backend: a guest whose memory lies somewhere else in the
 * machine's. Every architecture and mode of stage 2; everything is allowed, accessed and dirty
 * unless a test changes it. To be included by one test program each. */
#ifndef COWALK_TESTS_TWO_STAGES_H
#define COWALK_TESTS_TWO_STAGES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "backend/lockstep.h"
#include "mem/physmem.h"

enum {
  GUEST_ROOT = 0x10000,   /* guest-physical: stage-1 tables, one each 64 KiB */
  GUEST_DATA = 0x400000,  /* guest-physical */
  NESTED_ROOT = 0x100000, /* physical: stage-2 tables */
  NESTED_TABLES = 0x200000
};
#define HOST_BASE (UINT64_C(1) << 30) /* guest-physical 0 is here */

struct stages {
  struct physmem *mem;
  struct mmu_backend *b;
  struct mmu_context ctx;
  uint8_t s1_top;
  uint64_t next_guest_table, next_nested_table;
};

static inline uint64_t word(struct stages *s, uint64_t pa) {
  uint64_t v = 0;
  assert_int_equal(physmem_read64(s->mem, pa, &v), MMU_MEM_OK);
  return v;
}

static inline void put(struct stages *s, uint64_t pa, uint64_t value) {
  assert_int_equal(physmem_write64(s->mem, pa, value, MEM_WRITER_OS), MMU_MEM_OK);
}

static inline uint64_t s1_pointer(const struct stages *s, uint64_t table) {
  if (s->ctx.s1_mode <= MMU_S1_X86_L5) return table | 0x67;
  return s->ctx.s1_mode == MMU_S1_ARM_4K ? table | 3 : table >> 2 | 1;
}

static inline uint64_t s1_leaf(const struct stages *s, uint64_t base, uint8_t level) {
  if (s->ctx.s1_mode <= MMU_S1_X86_L5) return base | 0x67 | (level > 0 ? 0x80 : 0);
  return s->ctx.s1_mode == MMU_S1_ARM_4K ? base | 0x440 | (level > 0 ? 1 : 3) : base >> 2 | 0xdf;
}

static inline uint64_t s2_pointer(const struct stages *s, uint64_t table) {
  switch (s->ctx.s2_mode) {
    case MMU_S2_EPT:
      return table | 0x407;
    case MMU_S2_NPT:
      return table | 0x67;
    case MMU_S2_ARM:
      return table | 3;
    default:
      return table >> 2 | 1;
  }
}

static inline uint64_t s2_leaf(const struct stages *s, uint64_t base, uint8_t level) {
  switch (s->ctx.s2_mode) {
    case MMU_S2_EPT:
      return base | 0x437 | (level > 0 ? 0x80 : 0);
    case MMU_S2_NPT:
      return base | 0x67 | (level > 0 ? 0x80 : 0);
    case MMU_S2_ARM:
      return base | 0x4fc | (level > 0 ? 1 : 3);
    default:
      return base >> 2 | 0xdf;
  }
}

static inline uint64_t target(const struct stages *s, uint64_t pte) {
  bool riscv = s->ctx.s2_mode == MMU_S2_RISCV;
  return riscv ? (pte >> 10 & ((UINT64_C(1) << 44) - 1)) << 12 : pte & 0xfffffffff000;
}

static inline uint64_t s2_slot(uint64_t table, uint64_t gpa, uint8_t level) {
  return table + 8 * (gpa >> (12 + 9 * level)); /* guest addresses here are small */
}

/* Physical address of the stage-2 descriptor of this height; tables are made on the way. */
static inline uint64_t s2_place(struct stages *s, uint64_t gpa, uint8_t level) {
  uint64_t table = s->ctx.s2_root;
  for (uint8_t h = s->ctx.s2_top; h > level; h--) {
    uint64_t at =
        h == s->ctx.s2_top ? s2_slot(table, gpa, h) : table + 8 * (gpa >> (12 + 9 * h) & 511);
    if (word(s, at) == 0) put(s, at, s2_pointer(s, s->next_nested_table += 4096));
    table = target(s, word(s, at));
  }
  return level == s->ctx.s2_top ? s2_slot(table, gpa, level)
                                : table + 8 * (gpa >> (12 + 9 * level) & 511);
}

/* Stage 2 maps the page of this height round gpa. */
static inline void s2_map(struct stages *s, uint64_t gpa, uint8_t level) {
  uint64_t base = gpa & (UINT64_MAX << (12 + 9 * level));
  put(s, s2_place(s, gpa, level), s2_leaf(s, HOST_BASE + base, level));
}

/* Physical address of the stage-1 descriptor of this height. Its tables are mapped by stage-2 pages
 * of height `by`. */
static inline uint64_t s1_place(struct stages *s, uint64_t va, uint8_t level, uint8_t by) {
  uint64_t table = s->ctx.s1_root0;
  s2_map(s, table, by);
  for (uint8_t h = s->s1_top; h > level; h--) {
    uint64_t at = HOST_BASE + table + 8 * (va >> (12 + 9 * h) & 511);
    if (word(s, at) == 0) put(s, at, s1_pointer(s, s->next_guest_table += 0x10000));
    table = target(s, word(s, at));
    s2_map(s, table, by);
  }
  return HOST_BASE + table + 8 * (va >> (12 + 9 * level) & 511);
}

/* Stage 1 maps the page of this height round va to gpa. */
static inline void s1_map(struct stages *s, uint64_t va, uint64_t gpa, uint8_t level, uint8_t by) {
  put(s, s1_place(s, va, level, by), s1_leaf(s, gpa, level));
}

/* An empty machine. s1_levels, s2_levels: of tables. */
static inline struct stages stages_on(mmu_backend_make *make, enum mmu_arch arch, uint8_t s2_mode,
                                      uint8_t s1_levels, uint8_t s2_levels,
                                      const struct mmu_geometry *g) {
  char err[200] = "";
  struct stages s = {.mem = physmem_create(UINT64_C(1) << 31),
                     .s1_top = (uint8_t)(s1_levels - 1),
                     .next_guest_table = GUEST_ROOT,
                     .next_nested_table = NESTED_TABLES};
  struct mmu_backend_config cfg = {.arch = arch, .geometry = *g, .memory = s.mem};
  s.b = make(&cfg, err, sizeof err);
  assert_non_null(s.b);
  s.ctx = (struct mmu_context){.s1_root0 = GUEST_ROOT,
                               .s2_root = NESTED_ROOT,
                               .asid = 1,
                               .vmid = 1,
                               .s2_mode = s2_mode,
                               .pa_width = 40,
                               .page1g = true,
                               .s1_hw_a = true,
                               .s1_hw_d = true,
                               .s2_pa_width = 40,
                               .s2_top = (uint8_t)(s2_levels - 1),
                               .s2_page1g = true};
  if (arch == MMU_ARCH_X86) {
    s.ctx.s1_mode = s1_levels == 5 ? MMU_S1_X86_L5 : MMU_S1_X86_L4;
    s.ctx.s2_hw_a = s.ctx.s2_hw_d = s2_mode == MMU_S2_NPT;
  } else if (arch == MMU_ARCH_ARM) {
    s.ctx.s1_mode = MMU_S1_ARM_4K;
    s.ctx.t0sz = s.ctx.t1sz = (uint8_t)(64 - (s1_levels == 4 ? 48 : 12 + 9 * s1_levels));
    s.ctx.s2_t0sz = (uint8_t)(64 - (s2_levels == 4 ? 48 : 12 + 9 * s2_levels + 4));
  } else {
    s.ctx.s1_mode = (uint8_t)(MMU_S1_SV39 + s1_levels - 3);
  }
  s.b->ops->step_to(s.b, 100);
  return s;
}

static inline struct stages stages(enum mmu_arch arch, uint8_t s2_mode, uint8_t s1_levels,
                                   uint8_t s2_levels, const struct mmu_geometry *g) {
  return stages_on(mmu_backend_model, arch, s2_mode, s1_levels, s2_levels, g);
}

static inline void finish(struct stages *s) {
  s->b->ops->destroy(s->b);
  physmem_destroy(s->mem);
}

struct cost {
  uint64_t reads, nested, swaps;
};

/* Translate, and say what it took. */
static inline struct mmu_response translate(struct stages *s, uint64_t va, uint8_t kind,
                                            struct cost *cost) {
  struct mmu_backend_stats before, after;
  struct mmu_response r;
  s->b->ops->stats(s->b, &before);
  struct mmu_request q = {.va = va, .access = {.kind = kind}, .ctx = &s->ctx, .tag = 7};
  q.port = kind == MMU_FETCH ? MMU_PORT_FETCH : MMU_PORT_DATA;
  assert_int_equal(mmu_translate(s->b, &q, &r), 0);
  s->b->ops->stats(s->b, &after);
  if (cost != NULL)
    *cost = (struct cost){.reads = after.walk_reads - before.walk_reads,
                          .nested = after.s2_reads - before.s2_reads,
                          .swaps = after.cas_a + after.cas_d - before.cas_a - before.cas_d};
  return r;
}

#endif
