/* SPDX-License-Identifier: Apache-2.0
 * The register map (docs/registers.md) on every backend and architecture: what each offset answers,
 * the context by registers, the fault queue, and the counters against the backend's own
 * statistics. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four headers above first */
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "backend/backend.h"
#include "bench/world.h"
#include "fuzz/registers.h"
#include "tests/unit/register_map.h"
#include "timing/memtiming.h"

enum { BASE = 0x10000000, FRAME = 0x40000000, PAGES = 24, HOLE = 0x20000000 };

struct fixture {
  struct world world;
  struct memtiming *timing;
  struct mmu_backend *b;
  uint32_t random;
};

typedef struct mmu_backend *make_fn(const struct mmu_backend_config *cfg, char *err, size_t len);
static make_fn *const makers[] = {mmu_backend_rtl, mmu_backend_model, mmu_backend_lockstep};
enum { MAKERS = 3 };

static void open_fixture(struct fixture *f, make_fn *make, enum mmu_arch arch) {
  char err[300] = "";
  *f = (struct fixture){.random = 7};
  assert_true(world_create(&f->world, arch));
  for (uint64_t i = 0; i < PAGES; i++)
    world_map(&f->world, BASE + i * 4096, FRAME + i * 4096, 0,
              i % 2 != 0 ? WORLD_OLD : WORLD_FRESH);
  f->timing = memtiming_create(&(struct memtiming_config){.dram_cycles = 9}, err, sizeof err);
  struct mmu_geometry g = mmu_geometry_default();
  struct mmu_backend_config cfg = {
      .arch = arch, .geometry = g, .memory = f->world.memory, .timing = f->timing, .seed = 3};
  f->b = make(&cfg, err, sizeof err);
  if (f->b == NULL) fail_msg("%s", err);
}

static void close_fixture(struct fixture *f) {
  assert_null(f->b->ops->error(f->b));
  f->b->ops->destroy(f->b);
  memtiming_destroy(f->timing);
  world_destroy(&f->world);
}

typedef void body_fn(struct fixture *f);

static void each_backend(body_fn *body) {
  for (unsigned arch = 0; arch < MMU_ARCH_COUNT; arch++) {
    for (unsigned k = 0; k < MAKERS; k++) {
      struct fixture f;
      open_fixture(&f, makers[k], (enum mmu_arch)arch);
      body(&f);
      close_fixture(&f);
    }
  }
}

static uint64_t get(struct fixture *f, uint32_t offset) {
  uint64_t value = 0;
  if (f->b->ops->reg_read(f->b, offset, &value) != 0)
    fail_msg("%s: %#x cannot be read", f->b->ops->name, offset);
  return value;
}

static void set(struct fixture *f, uint32_t offset, uint64_t value) {
  if (f->b->ops->reg_write(f->b, offset, value) != 0)
    fail_msg("%s: %#x cannot be written", f->b->ops->name, offset);
}

/* ---- the map ---- */

static void walk_the_map(struct fixture *f) {
  for (uint32_t offset = 0; offset < 0x1010; offset++) {
    const struct map_entry *e = map_entry_at(offset);
    uint64_t value = 0;
    int failed = f->b->ops->reg_read(f->b, offset, &value);
    if ((failed == 0) != map_is_readable(offset))
      fail_msg("%s: read of %#x", f->b->ops->name, offset);
    if (e != NULL && e->readable && (value & ~e->build) != e->reset)
      fail_msg("%s: %s is %#llx after reset", f->b->ops->name, e->name, (unsigned long long)value);
    if (map_is_counter(offset) && value != 0) fail_msg("%s: %#x is not 0", f->b->ops->name, offset);
  }
  uint64_t id = get(f, MMU_REG_ID);
  assert_int_equal((id & MMU_ID_ARCH) >> MMU_ID_ARCH_LSB, f->world.arch);
  assert_int_equal((id & MMU_ID_FAULT_ENTRIES) >> MMU_ID_FAULT_ENTRIES_LSB, MMU_FAULT_ENTRIES);
  assert_int_equal((id & MMU_ID_COUNTERS) >> MMU_ID_COUNTERS_LSB, MMU_PERF_COUNT);
}

static void test_every_offset_after_reset(void **state) {
  (void)state;
  each_backend(walk_the_map);
}

static void check_others(struct fixture *f, const uint64_t value[MAP_ENTRIES], size_t except) {
  for (size_t i = 0; i < MAP_ENTRIES; i++)
    if (i != except && map[i].readable && get(f, map[i].offset) != value[i])
      fail_msg("%s: a write to %s changed %s", f->b->ops->name, map[except].name, map[i].name);
}

static void write_the_map(struct fixture *f) {
  static const uint64_t patterns[] = {UINT64_MAX, 0, 0xaaaaaaaaaaaaaaaa, 0x5555555555555555};
  uint64_t value[MAP_ENTRIES] = {0};
  for (size_t i = 0; i < MAP_ENTRIES; i++)
    if (map[i].readable) value[i] = get(f, map[i].offset);
  for (size_t i = 0; i < MAP_ENTRIES; i++) {
    for (size_t p = 0; p < 4; p++) {
      int failed = f->b->ops->reg_write(f->b, map[i].offset, patterns[p]);
      if ((failed == 0) != map[i].writable)
        fail_msg("%s: write of %s", f->b->ops->name, map[i].name);
      if (map[i].rw != 0) value[i] = patterns[p] & map[i].rw;
      if (map[i].readable && get(f, map[i].offset) != value[i])
        fail_msg("%s: %s is %#llx after %#llx", f->b->ops->name, map[i].name,
                 (unsigned long long)get(f, map[i].offset), (unsigned long long)patterns[p]);
    }
    check_others(f, value, i);
  }
  for (uint32_t offset = 0; offset < 0x1010; offset++) {
    const struct map_entry *e = map_entry_at(offset);
    if (e != NULL && e->writable) continue;
    if (f->b->ops->reg_write(f->b, offset, UINT64_MAX) == 0)
      fail_msg("%s: write of %#x", f->b->ops->name, offset);
  }
  check_others(f, value, 0);
}

static void test_writes_reach_rw_bits_only(void **state) {
  (void)state;
  each_backend(write_the_map);
}

/* ---- the context ---- */

static struct mmu_response translate(struct fixture *f, uint64_t va, enum mmu_access_kind kind,
                                     const struct mmu_context *ctx, bool from_regs) {
  struct mmu_request req = {.va = va,
                            .access = {.kind = (uint8_t)kind, .size = 3},
                            .ctx = ctx,
                            .tag = 9,
                            .port = kind == MMU_FETCH ? MMU_PORT_FETCH : MMU_PORT_DATA,
                            .from_regs = from_regs};
  struct mmu_response rsp;
  if (mmu_translate(f->b, &req, &rsp) != 0) fail_msg("%s", f->b->ops->error(f->b));
  return rsp;
}

static void put_context(struct fixture *f, const struct mmu_context *c) {
  struct context_write w[CONTEXT_WRITES];
  context_writes(c, w);
  for (unsigned i = 0; i < CONTEXT_WRITES; i++)
    set(f, w[i].offset, w[i].value);
}

static void use_registers(struct fixture *f) {
  struct mmu_context own = {.priv = f->world.context.priv, .asid = 99, .pa_width = 12};
  put_context(f, &f->world.context);
  /* off: the address itself */
  struct mmu_response r = translate(f, BASE + 0x123, MMU_READ, &own, true);
  assert_int_equal(r.status, MMU_OK);
  assert_int_equal(r.pa, BASE + 0x123);
  set(f, MMU_REG_CONTROL, MMU_CONTROL_ENABLE);
  static const enum mmu_access_kind kinds[] = {MMU_READ, MMU_WRITE, MMU_FETCH};
  for (unsigned k = 0; k < 3; k++) {
    r = translate(f, BASE + 0x5238, kinds[k], &own, true);
    assert_int_equal(r.status, MMU_OK);
    assert_int_equal(r.pa, FRAME + 0x5238);
  }
  /* one address space, wherever the context comes from */
  r = translate(f, BASE + 0x5238, MMU_READ, &f->world.context, false);
  assert_true(r.hit);
  assert_int_equal(r.pa, FRAME + 0x5238);
  /* the privilege is the request's: a user page is not for a supervisor's fetch */
  own.priv = MMU_SUPERVISOR;
  struct mmu_context super = f->world.context;
  super.priv = MMU_SUPERVISOR;
  for (unsigned k = 0; k < 3; k++) {
    struct mmu_response want = translate(f, BASE + 0x5238, kinds[k], &super, false);
    r = translate(f, BASE + 0x5238, kinds[k], &own, true);
    assert_int_equal(r.status, want.status);
    assert_memory_equal(r.syndrome.reg, want.syndrome.reg, sizeof want.syndrome.reg);
  }
}

static void test_context_by_registers(void **state) {
  (void)state;
  each_backend(use_registers);
}

/* ---- faults ---- */

static void read_faults(struct fixture *f) {
  set(f, MMU_REG_CONTROL, MMU_CONTROL_FAULT_ENABLE | MMU_CONTROL_IRQ_ENABLE);
  assert_int_equal(get(f, MMU_REG_FAULT_STATUS), 0);
  static const enum mmu_access_kind kinds[] = {MMU_READ, MMU_WRITE, MMU_FETCH};
  struct mmu_response want[3];
  for (uint64_t k = 0; k < 3; k++) {
    want[k] = translate(f, HOLE + k * 4096, kinds[k], &f->world.context, false);
    assert_int_equal(want[k].status, MMU_FAULT);
  }
  (void)get(f, MMU_REG_ID); /* the last record takes a cycle */
  assert_int_equal(get(f, MMU_REG_FAULT_STATUS), MMU_FAULT_STATUS_PENDING | MMU_FAULT_STATUS_IRQ);
  for (uint64_t k = 0; k < 3; k++) {
    uint64_t info = get(f, MMU_REG_FAULT_INFO);
    assert_true((info & MMU_FAULT_INFO_VALID) != 0);
    assert_int_equal((info & MMU_FAULT_INFO_PORT) != 0, kinds[k] != MMU_FETCH);
    assert_int_equal((info & MMU_FAULT_INFO_TAG) >> MMU_FAULT_INFO_TAG_LSB, 9);
    assert_int_equal(get(f, MMU_REG_FAULT_VA), HOLE + k * 4096);
    for (uint32_t r = 0; r < 4; r++)
      assert_int_equal(get(f, MMU_REG_FAULT_REG0 + 8 * r), want[k].syndrome.reg[r]);
    set(f, MMU_REG_FAULT_POP, 1);
  }
  assert_int_equal(get(f, MMU_REG_FAULT_STATUS), 0);
  assert_int_equal(get(f, MMU_REG_FAULT_POINTERS), 3 | 3 << 8);
}

static void test_faults_are_read_from_the_queue(void **state) {
  (void)state;
  each_backend(read_faults);
}

/* ---- counters ---- */

static uint32_t below(struct fixture *f, uint32_t n) {
  f->random = f->random * 1664525 + 1013904223;
  return (f->random >> 8) % n;
}

/* Requests on both ports, several outstanding; faults, invalidations and lost races among them. */
static void traffic(struct fixture *f, unsigned steps) {
  struct mmu_response rsp[8];
  bool busy[2][16] = {{false}};
  uint8_t id;
  uint32_t outstanding = 0;
  bool invalidating = false;
  const uint8_t all[MMU_ARCH_COUNT] = {MMU_INV_X86_ALL, MMU_INV_ARM_VMALLE1, MMU_INV_RISCV_ALL};
  for (unsigned step = 0; step < steps || outstanding != 0 || invalidating; step++) {
    for (uint8_t port = 0; step < steps && port < 2; port++) {
      uint8_t tag = (uint8_t)below(f, 16);
      if (busy[port][tag]) continue;
      struct mmu_request q = {
          .va = (below(f, 20) == 0 ? HOLE : BASE) + below(f, PAGES) * 4096,
          .access = {.kind = port == MMU_PORT_FETCH ? MMU_FETCH
                             : below(f, 3) == 0     ? (below(f, 4) == 0 ? MMU_RMW : MMU_WRITE)
                                                    : MMU_READ,
                     .size = 3},
          .ctx = &f->world.context,
          .tag = tag,
          .port = port};
      if (!f->b->ops->submit(f->b, &q)) continue;
      busy[port][tag] = true;
      outstanding++;
    }
    if (step < steps && !invalidating && below(f, 40) == 0)
      invalidating = f->b->ops->invalidate(f->b, &(struct mmu_inval){.kind = all[f->world.arch]});
    if (f->b->ops->step_to(f->b, f->b->ops->now(f->b) + 1 + below(f, 4)) == MMU_NEVER)
      fail_msg("%s", f->b->ops->error(f->b));
    size_t n = f->b->ops->poll(f->b, rsp, 8);
    for (size_t i = 0; i < n; i++) {
      busy[rsp[i].port][rsp[i].tag] = false;
      outstanding--;
    }
    if (invalidating && f->b->ops->inval_poll(f->b, &id)) invalidating = false;
  }
}

static void compare(struct fixture *f, const uint64_t c[MMU_PERF_COUNT],
                    const struct mmu_backend_stats *from, const struct mmu_backend_stats *to) {
#define SINCE(field) (to->field - from->field)
  uint64_t asked = c[MMU_PERF_DTLB_LOADS] + c[MMU_PERF_DTLB_STORES] + c[MMU_PERF_ITLB_LOADS];
  uint64_t missed =
      c[MMU_PERF_DTLB_LOAD_MISSES] + c[MMU_PERF_DTLB_STORE_MISSES] + c[MMU_PERF_ITLB_LOAD_MISSES];
  const struct {
    const char *name;
    uint64_t counter, stat;
  } pairs[] = {
      {"requests", asked, SINCE(requests)},
      {"misses", missed, SINCE(misses)},
      {"walks started", c[MMU_PERF_WALKS_STARTED], SINCE(walks)},
      {"walks completed", c[MMU_PERF_WALKS_COMPLETED], SINCE(walks)},
      {"walk reads", c[MMU_PERF_WALK_READS], SINCE(walk_reads)},
      {"walk-cache hits", c[MMU_PERF_WALK_CACHE_HITS], SINCE(pwc_hits)},
      {"restarts", c[MMU_PERF_WALK_RESTARTS], SINCE(restarts)},
      {"merges", c[MMU_PERF_MERGED_MISSES], SINCE(merges)},
      {"A updates", c[MMU_PERF_A_UPDATES], SINCE(cas_a)},
      {"D updates", c[MMU_PERF_D_UPDATES], SINCE(cas_d)},
      {"lost swaps", c[MMU_PERF_LOST_SWAPS], SINCE(cas_lost)},
      {"faults", c[MMU_PERF_FAULTS], SINCE(faults)},
      {"retries", c[MMU_PERF_RETRIES], SINCE(retries)},
      {"invalidations", c[MMU_PERF_INVALIDATIONS], SINCE(invals)},
      {"overlaps", c[MMU_PERF_OVERLAPS], SINCE(overlaps)},
      {"stage-2 reads", c[MMU_PERF_S2_READS], SINCE(s2_reads)},
      {"nested-TLB hits", c[MMU_PERF_NESTED_HITS], SINCE(nested_hits)},
  };
#undef SINCE
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
    if (pairs[i].counter != pairs[i].stat)
      fail_msg("%s: %s: the counter says %llu, the backend %llu", f->b->ops->name, pairs[i].name,
               (unsigned long long)pairs[i].counter, (unsigned long long)pairs[i].stat);
}

static void count_traffic(struct fixture *f) {
  uint64_t c[MMU_PERF_COUNT], again[MMU_PERF_COUNT];
  struct mmu_backend_stats zero = {0}, first, held, last;
  traffic(f, 1500);
  f->b->ops->stats(f->b, &first);
  assert_int_equal(mmu_read_counters(f->b, c), 0);
  compare(f, c, &zero, &first);
  static const enum mmu_perf moved[] = {
      MMU_PERF_DTLB_LOADS,      MMU_PERF_DTLB_LOAD_MISSES, MMU_PERF_DTLB_STORES,
      MMU_PERF_ITLB_LOADS,      MMU_PERF_WALK_READS,       MMU_PERF_WALK_CACHE_HITS,
      MMU_PERF_WALK_RESTARTS,   MMU_PERF_MERGED_MISSES,    MMU_PERF_A_UPDATES,
      MMU_PERF_D_UPDATES,       MMU_PERF_FAULTS,           MMU_PERF_INVALIDATIONS,
      MMU_PERF_ITLB_LOAD_MISSES};
  for (size_t i = 0; i < sizeof moved / sizeof moved[0]; i++)
    if (c[moved[i]] == 0) fail_msg("%s: %s is 0", f->b->ops->name, mmu_counter_name(moved[i]));
  /* time: each walk of at least one read takes more than the memory does */
  assert_true(c[MMU_PERF_WALK_ACTIVE] <= c[MMU_PERF_WALK_PENDING]);
  assert_true(c[MMU_PERF_WALK_PENDING] <= 2 * c[MMU_PERF_WALK_ACTIVE]);
  assert_true(c[MMU_PERF_WALK_PENDING] >= 9 * c[MMU_PERF_WALK_READS]);
  assert_true(c[MMU_PERF_WALK_ACTIVE] <= f->b->ops->now(f->b));
  /* held, they stand still */
  set(f, MMU_REG_CONTROL, 0);
  traffic(f, 200);
  f->b->ops->stats(f->b, &held);
  assert_int_equal(mmu_read_counters(f->b, again), 0);
  assert_memory_equal(c, again, sizeof c);
  /* cleared and let go, they begin anew */
  set(f, MMU_REG_PERF_CLEAR, 1);
  assert_int_equal(mmu_read_counters(f->b, again), 0);
  for (unsigned i = 0; i < MMU_PERF_COUNT; i++)
    assert_int_equal(again[i], 0);
  set(f, MMU_REG_CONTROL, MMU_CONTROL_COUNT_ENABLE);
  traffic(f, 300);
  f->b->ops->stats(f->b, &last);
  assert_int_equal(mmu_read_counters(f->b, c), 0);
  compare(f, c, &held, &last);
}

static void test_counters_are_the_backends_statistics(void **state) {
  (void)state;
  each_backend(count_traffic);
}

/* A walk's length is known (docs/timing.md): counted whole, and while it lasts, up to the cycle. */
static void test_cycles_of_a_walk(void **state) {
  (void)state;
  for (unsigned arch = 0; arch < MMU_ARCH_COUNT; arch++) {
    struct fixture f;
    open_fixture(&f, mmu_backend_rtl, (enum mmu_arch)arch);
    struct mmu_request q = {.va = BASE + 4096,
                            .access = {.kind = MMU_READ, .size = 3},
                            .ctx = &f.world.context,
                            .port = MMU_PORT_DATA};
    uint64_t start = f.b->ops->now(f.b), seen = 0;
    struct mmu_response rsp;
    assert_true(f.b->ops->submit(f.b, &q));
    while (f.b->ops->poll(f.b, &rsp, 1) == 0) {
      uint64_t active = get(&f, MMU_REG_COUNTERS + 8 * MMU_PERF_WALK_ACTIVE);
      assert_true(active - seen <= 1); /* read every cycle: it grows by one, and by one only */
      seen = active;
    }
    (void)get(&f, MMU_REG_ID); /* a read returns what the cycles before it brought */
    /* accepted, two look-ups and queued: four cycles before it is busy; then to the answer */
    assert_int_equal(get(&f, MMU_REG_COUNTERS + 8 * MMU_PERF_WALK_ACTIVE), rsp.cycle - start - 4);
    q.va = HOLE;
    start = f.b->ops->now(f.b);
    assert_int_equal(mmu_translate(f.b, &q, &rsp), 0); /* now with the clock stopped in between */
    (void)get(&f, MMU_REG_ID); /* a read returns what the cycles before it brought */
    uint64_t whole = rsp.cycle - start - 2;
    assert_int_equal(get(&f, MMU_REG_COUNTERS + 8 * MMU_PERF_WALK_PENDING),
                     get(&f, MMU_REG_COUNTERS + 8 * MMU_PERF_WALK_ACTIVE));
    assert_true(get(&f, MMU_REG_COUNTERS + 8 * MMU_PERF_WALK_ACTIVE) > whole);
    close_fixture(&f);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_offset_after_reset),
      cmocka_unit_test(test_writes_reach_rw_bits_only),
      cmocka_unit_test(test_context_by_registers),
      cmocka_unit_test(test_faults_are_read_from_the_queue),
      cmocka_unit_test(test_counters_are_the_backends_statistics),
      cmocka_unit_test(test_cycles_of_a_walk),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
