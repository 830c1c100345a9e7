/* SPDX-License-Identifier: Apache-2.0
 * Two CPUs (two MMUs over one memory) and an operating system that acts between them, cycle by
 * cycle: what the OS does in a cycle comes before what the MMUs do in it. Every race of a test is
 * run at every distance, on every backend; outcomes are counted and printed. Descriptors are made
 * by testbench/tables.c, apart from the RTL and from the C rules. */
#ifndef COWALK_TESTS_SMP_WORLD_H
#define COWALK_TESTS_SMP_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the headers above first */
#include <cmocka.h>

#include "backend/backend.h"
#include "mem/physmem.h"
#include "testbench/tables.h"
#include "timing/memtiming.h"

enum { SMP_CPUS = 2, SMP_ASIDS = 4000, SMP_PATIENCE = 20000 };
enum { OLD_PA = 0x5000, NEW_PA = 0x9000, CLEAN = PAGE_ALL & ~PAGE_D };
enum { UNTOUCHED = PAGE_ALL & ~PAGE_D & ~PAGE_A };

typedef struct mmu_backend *smp_make(const struct mmu_backend_config *, char *, size_t);

struct smp_cpu {
  struct mmu_backend *b;
  struct memtiming *timing;
  struct mmu_request req;
  struct mmu_response answer;
  bool wants, waits, answered; /* to be submitted; submitted; answered */
  bool inval_wanted, inval_waits;
  struct mmu_inval inval;
  uint64_t asked_at; /* cycle in which the last request was accepted */
};

struct smp {
  const char *backend;
  const struct format *f;
  struct physmem *memory;
  struct smp_cpu cpu[SMP_CPUS];
  struct mmu_context ctx;
  uint64_t now, va, pte; /* pte: physical address of the leaf descriptor */
  uint32_t latency;
  unsigned at; /* where the sweep is, for messages */
};

#define smp_check(w, condition, ...)                                             \
  do {                                                                           \
    if (!(condition)) {                                                          \
      char text_[200];                                                           \
      snprintf(text_, sizeof text_, __VA_ARGS__);                                \
      fail_msg("%s, %s, latency %u, at %u: %s [%s]", (w)->f->name, (w)->backend, \
               (unsigned)(w)->latency, (w)->at, text_, #condition);              \
    }                                                                            \
  } while (0)

/* ---- memory, as the OS sees it ---- */

static inline uint64_t smp_peek(struct smp *w) {
  uint64_t v = 0;
  assert_int_equal(physmem_read64(w->memory, w->pte, &v), MMU_MEM_OK);
  return v;
}

static inline void smp_poke(struct smp *w, uint64_t addr, uint64_t value) {
  assert_int_equal(physmem_write64(w->memory, addr, value, MEM_WRITER_OS), MMU_MEM_OK);
}

/* Replace bits of the leaf by compare-and-swap, as a kernel does; returns what was there. */
static inline uint64_t smp_exchange(struct smp *w, uint64_t clear, uint64_t set) {
  uint64_t old = smp_peek(w);
  bool swapped = false;
  while (!swapped) {
    uint64_t found = 0;
    assert_int_equal(physmem_cas64(w->memory, w->pte, old, (old & ~clear) | set, MEM_WRITER_OS,
                                   &found, &swapped),
                     MMU_MEM_OK);
    if (!swapped) old = found;
  }
  return old;
}

/* D and A as tests know them: Arm's D is a bit that is set by being 0. */
static inline bool smp_dirty(const struct smp *w, uint64_t pte) {
  return ((pte & format_d(w->f)) != 0) != (w->f->arch == MMU_ARCH_ARM);
}

static inline bool smp_young(const struct smp *w, uint64_t pte) {
  return (pte & format_a(w->f)) != 0;
}

static inline uint64_t smp_leaf(const struct smp *w, uint64_t pa, unsigned flags) {
  return format_leaf(w->f, 0, pa, flags);
}

/* ---- time ---- */

static inline void smp_take(struct smp *w, struct smp_cpu *c) {
  struct mmu_response a;
  uint8_t id;
  while (c->b->ops->poll(c->b, &a, 1) != 0) {
    smp_check(w, c->waits, "an answer that nobody asked for");
    c->answer = a;
    c->waits = false;
    c->answered = a.status != MMU_RETRY;
    c->wants = a.status == MMU_RETRY;
  }
  if (c->inval_waits && c->b->ops->inval_poll(c->b, &id)) c->inval_waits = false;
}

static inline void smp_offer(struct smp *w, struct smp_cpu *c) {
  if (c->inval_wanted && c->b->ops->invalidate(c->b, &c->inval)) {
    c->inval_wanted = false;
    c->inval_waits = true;
  }
  if (c->wants && c->b->ops->submit(c->b, &c->req)) {
    c->wants = false;
    c->waits = true;
    c->asked_at = w->now;
  }
}

static inline void smp_step(struct smp *w) {
  for (int i = 0; i < SMP_CPUS; i++)
    smp_offer(w, &w->cpu[i]);
  w->now++;
  for (int i = 0; i < SMP_CPUS; i++) {
    struct smp_cpu *c = &w->cpu[i];
    while (c->b->ops->now(c->b) < w->now) {
      uint64_t reached = c->b->ops->step_to(c->b, w->now);
      if (reached == MMU_NEVER) fail_msg("%s", c->b->ops->error(c->b));
      smp_take(w, c);
    }
    smp_take(w, c);
  }
}

static inline bool smp_busy(const struct smp_cpu *c) {
  return c->wants || c->waits || c->inval_wanted || c->inval_waits;
}

static inline void smp_settle(struct smp *w) {
  for (unsigned n = 0; smp_busy(&w->cpu[0]) || smp_busy(&w->cpu[1]); n++) {
    smp_check(w, n < SMP_PATIENCE, "no end");
    smp_step(w);
  }
}

/* ---- what CPUs do ---- */

static inline void smp_ask(struct smp *w, int cpu, enum mmu_access_kind kind) {
  struct smp_cpu *c = &w->cpu[cpu];
  c->req = (struct mmu_request){.va = w->va,
                                .access = {.kind = (uint8_t)kind, .size = 3},
                                .ctx = &w->ctx,
                                .tag = (uint8_t)((c->req.tag + 1) % 32),
                                .port = MMU_PORT_DATA};
  c->wants = true;
  c->answered = false;
}

static inline const struct mmu_response *smp_access(struct smp *w, int cpu,
                                                    enum mmu_access_kind kind) {
  smp_ask(w, cpu, kind);
  smp_settle(w);
  return &w->cpu[cpu].answer;
}

/* Ask this CPU's MMU to forget the page, as the architecture's kernel does. */
static inline void smp_invalidate(struct smp *w, int cpu) {
  static const uint8_t kind[MMU_ARCH_COUNT] = {MMU_INV_X86_PCID_ADDR, MMU_INV_ARM_VALE1,
                                               MMU_INV_RISCV_ADDR_ASID};
  struct smp_cpu *c = &w->cpu[cpu];
  c->inval = (struct mmu_inval){
      .addr = w->va, .asid = w->ctx.asid, .kind = kind[w->f->arch], .id = (uint8_t)cpu};
  c->inval_wanted = true;
}

/* A shootdown: both forget, and it returns when both have. */
static inline void smp_shootdown(struct smp *w) {
  for (int i = 0; i < SMP_CPUS; i++)
    smp_invalidate(w, i);
  while (w->cpu[0].inval_wanted || w->cpu[0].inval_waits || w->cpu[1].inval_wanted ||
         w->cpu[1].inval_waits)
    smp_step(w);
}

static inline bool smp_ok(const struct smp *w, int cpu, uint64_t pa) {
  const struct mmu_response *a = &w->cpu[cpu].answer;
  return w->cpu[cpu].answered && a->status == MMU_OK && a->pa == (pa | (w->va & 0xfff));
}

static inline bool smp_faults(const struct smp *w, int cpu, enum mmu_cause cause) {
  const struct mmu_response *a = &w->cpu[cpu].answer;
  return w->cpu[cpu].answered && a->status == MMU_FAULT && a->fault.cause == cause;
}

static inline uint64_t smp_lost(const struct smp *w) {
  uint64_t lost = 0;
  for (int i = 0; i < SMP_CPUS; i++) {
    struct mmu_backend_stats st;
    w->cpu[i].b->ops->stats(w->cpu[i].b, &st);
    lost += st.cas_lost;
  }
  return lost;
}

/* ---- the world ---- */

/* Begin anew: the leaf is `leaf`, and neither MMU knows anything of this address space. */
static inline void smp_begin(struct smp *w, unsigned at, uint64_t leaf) {
  static const uint8_t all[MMU_ARCH_COUNT] = {MMU_INV_X86_ALL, MMU_INV_ARM_VMALLE1,
                                              MMU_INV_RISCV_ALL};
  w->at = at;
  if (++w->ctx.asid == SMP_ASIDS) {
    w->ctx.asid = 1;
    for (int i = 0; i < SMP_CPUS; i++) {
      w->cpu[i].inval = (struct mmu_inval){.kind = all[w->f->arch]};
      w->cpu[i].inval_wanted = true;
    }
    smp_settle(w);
  }
  smp_poke(w, w->pte, leaf);
}

static inline void smp_tables(struct smp *w) {
  uint64_t table = 0x100000;
  for (unsigned h = w->f->top; h > 0; h--) {
    uint64_t slot = table + 8 * (w->va >> (12 + 9 * h) & 511);
    table += 0x1000;
    smp_poke(w, slot, format_pointer(w->f, table, true));
  }
  w->pte = table + 8 * (w->va >> 12 & 511);
}

static inline void smp_open(struct smp *w, const struct format *f, const char *name, smp_make *make,
                            uint32_t latency) {
  char err[300] = "";
  *w = (struct smp){.backend = name, .f = f, .latency = latency};
  w->memory = physmem_create(16 << 20);
  assert_non_null(w->memory);
  w->va = space_va(f, 3) | 0x128;
  smp_tables(w);
  w->ctx = (struct mmu_context){.s1_root0 = 0x100000,
                                .s1_mode = (uint8_t)f->mode,
                                .priv = MMU_USER,
                                .pa_width = 48,
                                .s1_hw_a = true,
                                .s1_hw_d = true};
  if (f->arch == MMU_ARCH_X86) w->ctx.wp = w->ctx.nxe = true;
  if (f->arch == MMU_ARCH_ARM) {
    w->ctx.t0sz = w->ctx.t1sz = 16;
    w->ctx.epd1 = true;
  }
  const struct memtiming_config timing = {.dram_cycles = latency};
  for (uint32_t i = 0; i < SMP_CPUS; i++) {
    w->cpu[i].timing = memtiming_create(&timing, err, sizeof err);
    const struct mmu_backend_config cfg = {.arch = f->arch,
                                           .geometry = mmu_geometry_default(),
                                           .memory = w->memory,
                                           .timing = w->cpu[i].timing,
                                           .seed = 5 + i,
                                           .cpu = i};
    w->cpu[i].b = make(&cfg, err, sizeof err);
    if (w->cpu[i].b == NULL) fail_msg("%s", err);
  }
}

static inline void smp_close(struct smp *w) {
  for (int i = 0; i < SMP_CPUS; i++) {
    w->cpu[i].b->ops->destroy(w->cpu[i].b);
    memtiming_destroy(w->cpu[i].timing);
  }
  physmem_destroy(w->memory);
}

/* How long a store to an untouched page takes here, alone: what sweeps have to cover. */
static inline unsigned smp_walk_cycles(struct smp *w) {
  smp_begin(w, 0, smp_leaf(w, OLD_PA, UNTOUCHED));
  uint64_t from = w->now;
  smp_access(w, 0, MMU_WRITE);
  smp_check(w, smp_ok(w, 0, OLD_PA), "a store to a fresh page");
  return (unsigned)(w->now - from);
}

/* Run a body for each architecture, backend and memory latency. */
static inline void smp_each(void (*body)(struct smp *w)) {
  static const struct {
    const char *name;
    smp_make *make;
  } backends[] = {
      {"model", mmu_backend_model}, {"rtl", mmu_backend_rtl}, {"lockstep", mmu_backend_lockstep}};
  static const uint32_t latencies[] = {1, 2, 5, 13};
  for (int f = 0; f < 3; f++) { /* one format of each architecture */
    for (int k = 0; k < 3; k++) {
      for (int l = 0; l < 4; l++) {
        struct smp w;
        smp_open(&w, &formats[f], backends[k].name, backends[k].make, latencies[l]);
        body(&w);
        smp_close(&w);
      }
    }
  }
}

#endif
