/* SPDX-License-Identifier: Apache-2.0
 * A small RISC-V machine for tests of the model backend: Sv39, 512 pages from address 0, hardware
 * A and D, constant memory latency. To be included by one test program each. */
#ifndef COWALK_TESTS_MODEL_FIXTURE_H
#define COWALK_TESTS_MODEL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "backend/backend.h"
#include "mem/physmem.h"
#include "timing/memtiming.h"

enum { V = 1, R = 2, W = 4, U = 16, G = 32, A = 64, D = 128, PAGE = V | R | W | U | A | D };
enum { ROOT = 0x1000, L1 = 0x2000, L0 = 0x3000, FRAMES = 0x100000 };

struct machine {
  struct physmem *mem;
  struct memtiming *timing;
  struct mmu_backend *b;
  struct mmu_context ctx;
};

static inline void put(struct machine *m, uint64_t addr, uint64_t value) {
  assert_int_equal(physmem_write64(m->mem, addr, value, MEM_WRITER_OS), MMU_MEM_OK);
}

static inline uint64_t get(struct machine *m, uint64_t addr) {
  uint64_t v = 0;
  physmem_read64(m->mem, addr, &v);
  return v;
}

static inline uint64_t page(unsigned i) {
  return (uint64_t)(FRAMES / 4096 + i) << 10;
}

/* Memory of so many bytes, all zeroes, and its latency in cycles; no MMU yet. */
static inline struct machine memory_only(uint64_t bytes, uint32_t latency) {
  char err[200] = "";
  struct machine m = {.mem = physmem_create(bytes)};
  struct memtiming_config t = {.dram_cycles = latency};
  m.timing = memtiming_create(&t, err, sizeof err);
  return m;
}

static inline void make_mmu(struct machine *m, enum mmu_arch arch, struct mmu_geometry g) {
  char err[200] = "";
  struct mmu_backend_config cfg = {
      .arch = arch, .geometry = g, .memory = m->mem, .timing = m->timing};
  m->b = mmu_backend_model(&cfg, err, sizeof err);
  assert_non_null(m->b);
}

static inline struct mmu_context sv39(uint64_t root, uint16_t asid, uint8_t pa_width) {
  return (struct mmu_context){.s1_root0 = root,
                              .asid = asid,
                              .s1_mode = MMU_S1_SV39,
                              .pa_width = pa_width,
                              .s1_hw_a = true,
                              .s1_hw_d = true};
}

/* Sv39 with 512 pages from 0, memory of `latency` cycles. */
static inline struct machine machine(struct mmu_geometry g, uint32_t latency) {
  struct machine m = memory_only(1 << 24, latency);
  put(&m, ROOT, L1 >> 2 | V);
  put(&m, L1, L0 >> 2 | V);
  for (unsigned i = 0; i < 512; i++)
    put(&m, L0 + 8 * i, page(i) | PAGE);
  make_mmu(&m, MMU_ARCH_RISCV, g);
  m.ctx = sv39(ROOT, 1, 40);
  m.b->ops->step_to(m.b, 100);
  return m;
}

static inline void finish(struct machine *m) {
  m->b->ops->destroy(m->b);
  memtiming_destroy(m->timing);
  physmem_destroy(m->mem);
}

static inline bool offer(struct machine *m, uint64_t va, uint8_t kind, uint8_t tag) {
  struct mmu_request q = {.va = va,
                          .access = {.kind = kind, .size = 3},
                          .ctx = &m->ctx,
                          .tag = tag,
                          .port = kind == MMU_FETCH ? MMU_PORT_FETCH : MMU_PORT_DATA};
  return m->b->ops->submit(m->b, &q);
}

/* Translate and return the answer; *cycles and *reads say what it took. */
static inline struct mmu_response translate(struct machine *m, uint64_t va, uint8_t kind,
                                            uint64_t *cycles, uint64_t *reads) {
  struct mmu_backend_stats before, after;
  struct mmu_response r;
  uint64_t start = m->b->ops->now(m->b);
  m->b->ops->stats(m->b, &before);
  struct mmu_request q = {.va = va, .access = {.kind = kind}, .ctx = &m->ctx, .tag = 7};
  q.port = kind == MMU_FETCH ? MMU_PORT_FETCH : MMU_PORT_DATA;
  assert_int_equal(mmu_translate(m->b, &q, &r), 0);
  m->b->ops->stats(m->b, &after);
  if (cycles != NULL) *cycles = r.cycle - start;
  if (reads != NULL) *reads = after.walk_reads - before.walk_reads;
  return r;
}

#endif
