/* SPDX-License-Identifier: Apache-2.0
 * Figures that need no simulator: what theory says must come out of the hardware and of the C
 * model. docs/closed-forms.md derives each. TLB shapes of the hardware are those of
 * small_geometry.h, which are built anyway. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "bench/world.h"
#include "random/splitmix64.h"
#include "small_geometry.h"
#include "timing/memtiming.h"

enum { RTL, MODEL, BACKENDS };
typedef struct mmu_backend *backend_make(const struct mmu_backend_config *cfg, char *err,
                                         size_t err_len);
static backend_make *const make[BACKENDS] = {mmu_backend_rtl, mmu_backend_model};

#define BASE UINT64_C(0x200000000000) /* 512 pages a table from here, packed */

struct setup {
  struct world world;
  struct memtiming *timing;
  struct mmu_backend *b;
  uint64_t line, reads, again; /* of leaf reads: the last line, all, those of the same line */
};

static void see(void *self, const struct mmu_event *ev) {
  struct setup *s = self;
  if (ev->kind != MMU_EV_READ || ev->level != 0) return;
  s->again += s->reads != 0 && ev->addr / 64 == s->line;
  s->reads++;
  s->line = ev->addr / 64;
}

static void open_setup(struct setup *s, unsigned backend, enum mmu_arch arch, struct mmu_geometry g,
                       uint32_t latency, uint64_t pages) {
  char err[400] = "";
  memset(s, 0, sizeof *s);
  assert_true(world_create(&s->world, arch));
  for (uint64_t i = 0; i < pages; i++)
    world_map(&s->world, BASE + i * 4096, 0x40000000 + i * 4096, 0, WORLD_FRESH);
  s->timing = memtiming_create(&(struct memtiming_config){.dram_cycles = latency}, err, sizeof err);
  struct mmu_backend_config cfg = {.arch = arch,
                                   .geometry = g,
                                   .memory = s->world.memory,
                                   .timing = s->timing,
                                   .observer = {.event = see, .self = s},
                                   .seed = 1};
  s->b = make[backend](&cfg, err, sizeof err);
  if (s->b == NULL) fail_msg("%s", err);
}

static void close_setup(struct setup *s) {
  s->b->ops->destroy(s->b);
  memtiming_destroy(s->timing);
  world_destroy(&s->world);
}

static struct mmu_request load(const struct setup *s, uint64_t page, uint8_t tag) {
  return (struct mmu_request){.va = BASE + page * 4096,
                              .access = {.kind = MMU_READ, .size = 3},
                              .ctx = &s->world.context,
                              .tag = tag,
                              .port = MMU_PORT_DATA};
}

static struct mmu_response translate(struct setup *s, uint64_t page) {
  struct mmu_request q = load(s, page, 0);
  struct mmu_response r;
  if (mmu_translate(s->b, &q, &r) != 0) fail_msg("%s", s->b->ops->error(s->b));
  assert_int_equal(r.status, MMU_OK);
  assert_int_equal(r.pa, 0x40000000 + page * 4096);
  return r;
}

static struct mmu_backend_stats stats(const struct setup *s) {
  struct mmu_backend_stats now;
  s->b->ops->stats(s->b, &now);
  return now;
}

/* ---- uniform random loads over n pages hit an e-entry TLB e times of n ---- */

enum { LOADS = 20000 };
static const double sigmas = 4.417; /* 99.999 % of all streams are within */

/* After the warm-up every load hits with probability e/n whatever came before, so the number of
 * hits is binomial. `l2`: hits of the L2 count too. */
static void uniform(unsigned backend, enum mmu_arch arch, struct mmu_geometry g, unsigned e,
                    unsigned n, bool l2) {
  struct setup s;
  uint64_t x = 1 + g.replacement;
  unsigned hits = 0;
  open_setup(&s, backend, arch, g, 1, n);
  for (unsigned i = 0; i < n; i++) /* every page once: each set is full from here on */
    translate(&s, i);
  for (unsigned i = 0; i < LOADS; i++) {
    struct mmu_response r = translate(&s, splitmix64(&x) % n);
    hits += r.hit || (l2 && r.l2);
  }
  double p = (double)e / n;
  double sigma = sqrt(LOADS * p * (1 - p));
  double off = (hits - LOADS * p) / sigma;
  print_message("%s, policy %u%s, %u of %u: hit rate %.4f, expected %.4f, %+.2f sigma\n",
                s.b->ops->name, g.replacement, l2 ? ", L2" : "", e, n, (double)hits / LOADS, p,
                off);
  assert_true(fabs(off) < sigmas);
  close_setup(&s);
}

/* x86 has each policy once among its small shapes. */
static void uniform_l1(void **state) {
  (void)state;
  for (unsigned backend = 0; backend < BACKENDS; backend++) {
    for (unsigned shape = 0; shape < SMALL_SHAPES; shape++) {
      struct mmu_geometry g = small_geometry(MMU_ARCH_X86, (enum small_shape)shape);
      uniform(backend, MMU_ARCH_X86, g, g.l1d_entries, 3 * g.l1d_entries, false);
    }
  }
}

static void uniform_l1_model(void **state) {
  (void)state;
  for (uint32_t policy = 0; policy < MMU_REPLACE_COUNT; policy++) {
    struct mmu_geometry g = mmu_geometry_default();
    g.l2_sets = 0;
    g.replacement = policy;
    uniform(MODEL, MMU_ARCH_RISCV, g, 64, 100, false);
    g.l1d_entries = 37;
    uniform(MODEL, MMU_ARCH_RISCV, g, 37, 64, false);
  }
}

/* With a one-entry L1, all that is in the L1 is in the L2. */
static void uniform_l2(void **state) {
  (void)state;
  struct mmu_geometry g = {1, 1, 4, 4, {1, 1, 1, 1}, MMU_PWC_VIRTUAL, 1, 1, MMU_REPLACE_LRU, 1};
  uniform(RTL, MMU_ARCH_RISCV, g, 16, 40, true);
  for (g.replacement = 0; g.replacement < MMU_REPLACE_COUNT; g.replacement++) {
    uniform(MODEL, MMU_ARCH_RISCV, g, 16, 40, true);
    g.l2_sets = 128;
    uniform(MODEL, MMU_ARCH_RISCV, g, 512, 2048, true);
    g.l2_sets = 4;
  }
}

/* ---- tables ---- */

/* Eight 8-byte descriptors a line: of the loads of consecutive pages, one of eight reads a new
 * one. */
static void packed_table(void **state) {
  (void)state;
  for (unsigned backend = 0; backend < BACKENDS; backend++) {
    for (unsigned arch = 0; arch < MMU_ARCH_COUNT; arch++) {
      struct setup s;
      open_setup(&s, backend, (enum mmu_arch)arch, mmu_geometry_default(), 1, 2048);
      for (unsigned i = 0; i < 2048; i++)
        translate(&s, i);
      assert_int_equal(s.reads, 2048);
      assert_int_equal(s.again, 2048 / 8 * 7);
      close_setup(&s);
    }
  }
}

/* A walk that finds its last table in the walk cache reads one descriptor. */
static void one_read(void **state) {
  (void)state;
  enum { TABLES = 16 };
  for (unsigned backend = 0; backend < BACKENDS; backend++) {
    for (unsigned arch = 0; arch < MMU_ARCH_COUNT; arch++) {
      struct setup s;
      uint64_t x = 5;
      open_setup(&s, backend, (enum mmu_arch)arch, mmu_geometry_default(), 1, TABLES * 512);
      for (uint64_t t = 0; t < TABLES; t++)
        translate(&s, t * 512);
      struct mmu_backend_stats before = stats(&s);
      for (unsigned i = 0; i < 5000; i++)
        translate(&s, splitmix64(&x) % (TABLES * 512));
      struct mmu_backend_stats after = stats(&s);
      assert_true(after.walks - before.walks > 3000);
      assert_int_equal(after.walk_reads - before.walk_reads, after.walks - before.walks);
      close_setup(&s);
    }
  }
}

/* ---- cycles ---- */

/* Pages in turn, more than the L1 holds and fewer than the L2: one answer a cycle, the first
 * after three. */
static void l2_throughput(void **state) {
  (void)state;
  enum { PAGES = 512, HITS = 2048 };
  for (unsigned backend = 0; backend < BACKENDS; backend++) {
    for (unsigned arch = 0; arch < MMU_ARCH_COUNT; arch++) {
      struct setup s;
      open_setup(&s, backend, (enum mmu_arch)arch, mmu_geometry_default(), 1, PAGES);
      for (unsigned i = 0; i < PAGES; i++)
        translate(&s, i);
      struct mmu_backend_stats before = stats(&s);
      uint64_t start = s.b->ops->now(s.b);
      uint64_t last = start;
      struct mmu_response r[4];
      for (unsigned sent = 0, got = 0; got < HITS;) {
        struct mmu_request q = load(&s, sent % PAGES, (uint8_t)sent);
        if (sent < HITS && s.b->ops->submit(s.b, &q)) sent++;
        if (s.b->ops->step_to(s.b, s.b->ops->now(s.b) + 1) == MMU_NEVER)
          fail_msg("%s", s.b->ops->error(s.b));
        size_t n = s.b->ops->poll(s.b, r, 4);
        for (size_t i = 0; i < n; i++)
          last = r[i].cycle;
        got += (unsigned)n;
      }
      assert_int_equal(stats(&s).l2_hits - before.l2_hits, HITS);
      assert_int_equal(last - start, HITS - 1 + 3);
      close_setup(&s);
    }
  }
}

static uint64_t cold_walks(unsigned backend, enum mmu_arch arch, unsigned count) {
  struct setup s;
  struct mmu_response r[2];
  open_setup(&s, backend, arch, mmu_geometry_default(), 100, 513);
  uint64_t start = s.b->ops->now(s.b);
  uint64_t last = start;
  for (unsigned sent = 0, got = 0; got < count;) {
    struct mmu_request q = load(&s, sent * 512, (uint8_t)sent); /* another last table */
    if (sent < count && s.b->ops->submit(s.b, &q)) sent++;
    if (s.b->ops->step_to(s.b, s.b->ops->now(s.b) + 1) == MMU_NEVER)
      fail_msg("%s", s.b->ops->error(s.b));
    size_t n = s.b->ops->poll(s.b, r, 2);
    for (size_t i = 0; i < n; i++) {
      assert_int_equal(r[i].status, MMU_OK);
      last = r[i].cycle;
    }
    got += (unsigned)n;
  }
  close_setup(&s);
  return last - start;
}

static void walks_overlap(void **state) {
  (void)state;
  for (unsigned backend = 0; backend < BACKENDS; backend++) {
    for (unsigned arch = 0; arch < MMU_ARCH_COUNT; arch++) {
      uint64_t one = cold_walks(backend, (enum mmu_arch)arch, 1);
      uint64_t two = cold_walks(backend, (enum mmu_arch)arch, 2);
      print_message("%s: one cold walk %u cycles, two %u: %.3f\n", backend == RTL ? "rtl" : "model",
                    (unsigned)one, (unsigned)two, (double)two / (double)one);
      assert_true(one > 400);
      assert_true(10 * two <= 12 * one);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(uniform_l1_model), cmocka_unit_test(uniform_l1),
      cmocka_unit_test(uniform_l2),       cmocka_unit_test(packed_table),
      cmocka_unit_test(one_read),         cmocka_unit_test(l2_throughput),
      cmocka_unit_test(walks_overlap),
  };
  cmocka_set_test_filter(getenv("TEST_FILTER"));
  return cmocka_run_group_tests(tests, NULL, NULL);
}
