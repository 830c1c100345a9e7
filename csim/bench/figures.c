// SPDX-License-Identifier: Apache-2.0
// Measures what the hardware's timing promises say (docs/timing.md), by asking it as a CPU would.
// One level's own cycles = what a 4 KiB page takes more than a 2 MiB page, less one memory access.
// Promises: every figure is taken from answers and counters of the backend, none is computed ahead.
#include "bench/figures.h"

#include <stdio.h>
#include <string.h>

#include "bench/world.h"
#include "timing/memtiming.h"

enum {
  SLOW = 100,
  HITS = 1000,
  SMALL_PAGES = 512 /* more than an L1 TLB holds, fewer than the L2 */
};

static const uint64_t small_page = 0x400000000000 >> 1; /* 4 KiB pages from here */
static const uint64_t large_page = 0x600000000000 >> 1; /* a 2 MiB page */

struct bench {
  struct world world;
  struct memtiming *timing;
  struct mmu_backend *b;
};

static void close_bench(struct bench *x) {
  if (x->b != NULL) x->b->ops->destroy(x->b);
  memtiming_destroy(x->timing);
  world_destroy(&x->world);
}

static bool open_bench(struct bench *x, enum mmu_arch arch, backend_create_fn *create,
                       uint32_t latency, char *err, size_t err_len) {
  memset(x, 0, sizeof *x);
  if (!world_create(&x->world, arch)) {
    snprintf(err, err_len, "bench: the host is out of memory");
    return false;
  }
  for (uint64_t i = 0; i < SMALL_PAGES; i++)
    world_map(&x->world, small_page + i * 4096, 0x40000000 + i * 4096, 0, WORLD_FRESH);
  world_map(&x->world, large_page, 0x80000000, 1, WORLD_FRESH);
  x->timing = memtiming_create(&(struct memtiming_config){.dram_cycles = latency}, err, err_len);
  struct mmu_backend_config cfg = {.arch = arch,
                                   .geometry = mmu_geometry_default(),
                                   .memory = x->world.memory,
                                   .timing = x->timing,
                                   .seed = 1};
  x->b = x->timing != NULL ? create(&cfg, err, err_len) : NULL;
  return x->b != NULL;
}

static struct mmu_request load(const struct bench *x, uint64_t va, uint8_t tag) {
  return (struct mmu_request){.va = va,
                              .access = {.kind = MMU_READ, .size = 3},
                              .ctx = &x->world.context,
                              .tag = tag,
                              .port = MMU_PORT_DATA};
}

/* Cycles from offer to answer; UINT32_MAX if it is not a good answer. */
static uint32_t timed(struct bench *x, uint64_t va) {
  struct mmu_request req = load(x, va, 0);
  struct mmu_response rsp;
  uint64_t start = x->b->ops->now(x->b);
  if (mmu_translate(x->b, &req, &rsp) != 0 || rsp.status != MMU_OK) return UINT32_MAX;
  return (uint32_t)(rsp.cycle - start);
}

/* Two loads offered in adjacent cycles; cycles until both are answered. */
static uint32_t timed_pair(struct bench *x, uint64_t va0, uint64_t va1) {
  struct mmu_request req[2] = {load(x, va0, 0), load(x, va1, 1)};
  uint64_t start = x->b->ops->now(x->b);
  uint64_t end = start;
  unsigned offered = 0;
  for (unsigned answered = 0; answered < 2;) {
    struct mmu_response rsp[2];
    if (offered < 2 && x->b->ops->submit(x->b, &req[offered])) offered++;
    if (x->b->ops->step_to(x->b, x->b->ops->now(x->b) + 1) == MMU_NEVER) return UINT32_MAX;
    size_t n = x->b->ops->poll(x->b, rsp, 2);
    for (size_t i = 0; i < n; i++)
      end = rsp[i].cycle;
    answered += (unsigned)n;
  }
  return (uint32_t)(end - start);
}

/* Answers a cycle, of loads `step` bytes apart that begin again after `count`. */
static double back_to_back(struct bench *x, uint64_t step, unsigned count) {
  unsigned offered = 0;
  unsigned answered = 0;
  uint64_t start = x->b->ops->now(x->b);
  while (answered < HITS) {
    struct mmu_response rsp[4];
    struct mmu_request req = load(x, small_page + offered % count * step, (uint8_t)offered);
    if (offered < HITS && x->b->ops->submit(x->b, &req)) offered++;
    if (x->b->ops->step_to(x->b, x->b->ops->now(x->b) + 1) == MMU_NEVER) return 0;
    answered += (unsigned)x->b->ops->poll(x->b, rsp, 4);
  }
  return HITS / (double)(x->b->ops->now(x->b) - start);
}

/* Every page is in the L2 and only the last ones are in the L1. */
static bool measure_l2(struct bench *x, struct figures *out) {
  for (uint64_t i = 0; i < SMALL_PAGES; i++)
    if (timed(x, small_page + i * 4096) == UINT32_MAX) return false;
  out->l2_hit_cycles = timed(x, small_page);
  out->l2_hits_per_cycle = back_to_back(x, 4096, SMALL_PAGES);
  return out->l2_hit_cycles != UINT32_MAX;
}

static uint32_t reads(const struct bench *x) {
  struct mmu_backend_stats s;
  x->b->ops->stats(x->b, &s);
  return (uint32_t)s.walk_reads;
}

bool figures_measure(enum mmu_arch arch, backend_create_fn *create, struct figures *out, char *err,
                     size_t err_len) {
  struct bench x;
  bool ok = open_bench(&x, arch, create, 1, err, err_len);
  if (ok) {
    out->cold_cycles = timed(&x, small_page);
    out->cold_reads = reads(&x);
    out->hit_cycles = timed(&x, small_page);
    out->hits_per_cycle = back_to_back(&x, 8, 8);
    uint32_t before = reads(&x);
    ok = timed(&x, small_page + 4096) != UINT32_MAX && out->cold_cycles != UINT32_MAX;
    out->cached_reads = reads(&x) - before;
    ok = ok && measure_l2(&x, out);
  }
  close_bench(&x);
  ok = ok && open_bench(&x, arch, create, 1, err, err_len);
  if (ok) {
    out->level_cycles = out->cold_cycles - timed(&x, large_page) - 1;
    close_bench(&x);
  }
  ok = ok && open_bench(&x, arch, create, SLOW, err, err_len);
  if (ok) {
    timed(&x, small_page);
    out->one_walk_cycles = timed(&x, small_page + 4096);
    out->two_walks_cycles = timed_pair(&x, small_page + 2 * 4096, small_page + 3 * 4096);
    ok = out->two_walks_cycles != UINT32_MAX;
    if (!ok)
      snprintf(err, err_len, "%s",
               x.b->ops->error(x.b) != NULL ? x.b->ops->error(x.b) : "bench: a walk went wrong");
    close_bench(&x);
  }
  return ok;
}
