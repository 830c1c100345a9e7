/* SPDX-License-Identifier: Apache-2.0
 * The performance counters against what crosses the ports, as the bench recorded it, in every
 * format: what each counts is in docs/registers.md. */
#include "backend/mmu_regs.h"
#include "guests.h"

static uint64_t counter(struct test *t, enum mmu_perf which) {
  return bench_reg_read(t->b, (uint16_t)(MMU_REG_COUNTERS + 8 * which));
}

static void expect(struct test *t, enum mmu_perf which, uint64_t want, const char *when) {
  const uint64_t got = counter(t, which);
  check(t, got == want, "%s: counter %u says %llu, the ports %llu", when, (unsigned)which,
        (unsigned long long)got, (unsigned long long)want);
}

/* Requests of each kind that were accepted, and of those that were not answered at once. */
static void expect_look_ups(struct test *t, const char *when) {
  uint64_t asked[3] = {0}, missed[3] = {0}, faults = 0, retries = 0;
  for (size_t i = 0; i < t->b->requests; i++) {
    const struct bench_request *q = &t->b->request[i];
    const unsigned kind = q->req.access.kind;
    const unsigned stream = kind == MMU_FETCH ? 2 : kind != MMU_READ;
    asked[stream]++;
    missed[stream] += !(q->response.hit && q->answered == q->accepted + 1);
    faults += q->response.status == MMU_FAULT;
    retries += q->response.status == MMU_RETRY;
  }
  expect(t, MMU_PERF_DTLB_LOADS, asked[0], when);
  expect(t, MMU_PERF_DTLB_LOAD_MISSES, missed[0], when);
  expect(t, MMU_PERF_DTLB_STORES, asked[1], when);
  expect(t, MMU_PERF_DTLB_STORE_MISSES, missed[1], when);
  expect(t, MMU_PERF_ITLB_LOADS, asked[2], when);
  expect(t, MMU_PERF_ITLB_LOAD_MISSES, missed[2], when);
  expect(t, MMU_PERF_FAULTS, faults, when);
  expect(t, MMU_PERF_RETRIES, retries, when);
}

static void expect_accesses(struct test *t, const char *when) {
  uint64_t a = 0, d = 0, lost = 0;
  for (size_t i = 0; i < t->b->accesses; i++) {
    const struct bench_access *x = &t->b->access[i];
    const uint64_t change = x->expected ^ x->desired;
    if (!x->cas || x->error != MMU_MEM_OK) continue;
    lost += !x->ok;
    a += x->ok && (change & format_a(t->f)) != 0;
    d += x->ok && (change & format_d(t->f)) != 0;
  }
  expect(t, MMU_PERF_WALK_READS, bench_reads(t->b, 0), when);
  expect(t, MMU_PERF_A_UPDATES, a, when);
  expect(t, MMU_PERF_D_UPDATES, d, when);
  expect(t, MMU_PERF_LOST_SWAPS, lost, when);
}

static void expect_all(struct test *t, const char *when) {
  check(t, bench_settle(t->b, 4000), "%s", when);
  bench_step(t->b);
  expect_look_ups(t, when);
  expect_accesses(t, when);
  expect(t, MMU_PERF_WALKS_STARTED, t->b->walks, when);
  expect(t, MMU_PERF_WALKS_COMPLETED, t->b->walks, when);
  expect(t, MMU_PERF_WALK_CACHE_HITS, t->b->pwc_hits, when);
  expect(t, MMU_PERF_WALK_RESTARTS, t->b->restarts, when);
  expect(t, MMU_PERF_MERGED_MISSES, t->b->merges, when);
  expect(t, MMU_PERF_OVERLAPS, t->b->overlaps, when);
  expect(t, MMU_PERF_INVALIDATIONS, t->b->invals, when);
}

/* A store of the operating system hits a descriptor between its read and its swap: the swap loses.
 */
static void disturb(struct test *t, uint64_t slot) {
  const size_t seen = t->b->accesses;
  for (unsigned c = 0; c < 200; c++) {
    bench_step(t->b);
    for (size_t i = seen; i < t->b->accesses; i++) {
      if (t->b->access[i].addr != slot || t->b->access[i].cas) continue;
      bench_poke(t->b, slot, bench_peek(t->b, slot) | format_a(t->f));
      return;
    }
  }
}

TEST_EACH_FORMAT(counters_count_what_crosses_the_ports) {
  renew(t);
  const uint64_t va = space_va(t->f, 3), hole = same_table(va, 77);
  uint64_t slot[8];
  for (unsigned i = 0; i < 8; i++)
    slot[i] = space_map(&t->s, same_table(va, i), 0, PA_1 + 4096 * i,
                        i % 2 != 0 ? PAGE_ALL : PAGE_ALL & ~(PAGE_A | PAGE_D));
  bench_memory(t->b, 6, 5, 60, 3);
  /* several for each page at once, on both ports, loads and stores, and a hole */
  for (unsigned i = 0; i < 48; i++) {
    static const enum mmu_access_kind kinds[] = {MMU_READ, MMU_FETCH, MMU_WRITE, MMU_READ, MMU_RMW};
    ask(t, i % 11 == 10 ? hole : same_table(va, (i / 6) % 8), kinds[i % 5]);
    if (i % 13 == 12) bench_invalidate(t->b, invalidate_all(t->f), 0, 1, 0);
    bench_step(t->b);
  }
  expect_all(t, "mixed");
  check(t, t->b->merges > 2 && t->b->pwc_hits > 2 && t->b->invals > 2, "too little happened");
  flush(t, invalidate_all(t->f), 0);
  bench_poke(t->b, slot[0], format_leaf(t->f, 0, PA_1, PAGE_ALL & ~(PAGE_A | PAGE_D)));
  ask(t, va, MMU_WRITE);
  disturb(t, slot[0]);
  expect_all(t, "a lost swap");
  check(t, counter(t, MMU_PERF_LOST_SWAPS) != 0, "no swap was lost");
}

TEST_EACH_FORMAT(cycles_of_walks_are_those_of_the_ports) {
  const uint64_t va = space_va(t->f, 3);
  for (unsigned latency = 1; latency <= 40; latency += 13) {
    renew(t);
    space_map(&t->s, va, 0, PA_1, PAGE_ALL);
    bench_memory(t->b, latency, 0, 0, 1);
    const size_t first = ask(t, va, MMU_READ);
    check(t, bench_settle(t->b, 2000), "latency %u", latency);
    bench_step(t->b);
    /* accepted, looked up in the L1 and the L2, in the queue: then busy until the answer */
    const struct bench_request *q = &t->b->request[first];
    const uint64_t before = t->b->ops->geometry.l2_sets != 0 ? 4 : 3;
    expect(t, MMU_PERF_WALK_ACTIVE, q->answered - q->accepted - before, "one walk");
    expect(t, MMU_PERF_WALK_PENDING, q->answered - q->accepted - before, "one walk");
  }
}

/* Every table address and every final one is a question to stage 2; with A and D set there are no
 * others. Those that the nested TLB does not answer read the first table. */
TEST_EACH_NESTED(counters_of_stage_2) {
  const struct mmu_geometry *geometry = &t->b->ops->geometry;
  uint64_t first = 0, nested = 0, table = 0, hits = 0;
  const uint64_t va = space_va(t->f, 3);
  vm_renew(t);
  for (unsigned i = 0; i < 4; i++)
    guest_page(&t->g, same_table(va, i), GUEST_PAGE + 4096 * i);
  for (unsigned i = 0; i < 12; i++) {
    bench_forget(t->b);
    if (i == 6) vm_flush_combined(t, &t->g);
    if (i == 9) vm_flush_both(t, &t->g);
    const size_t walks = t->b->walks;
    vm_translate(t, same_table(va, i % 4), MMU_READ);
    vcheck(t, t->b->request[0].response.status == MMU_OK, "access %u", i);
    for (size_t k = 0; k < t->b->accesses; k++) {
      nested += t->b->access[k].stage == 2;
      table += t->b->access[k].stage == 1;
      first += t->b->access[k].stage == 2 && t->b->access[k].level == t->n->top;
    }
    table += t->b->walks - walks; /* the final address */
    if (geometry->pwc_kind == MMU_PWC_PHYSICAL) table += t->b->pwc_hits;
    hits += t->b->nested_hits;
  }
  const bool present = geometry->nested_entries != 0;
  const struct {
    enum mmu_perf counter;
    uint64_t want;
  } row[] = {{MMU_PERF_S2_READS, nested},
             {MMU_PERF_S2_WALKS, first},
             {MMU_PERF_NESTED_HITS, table - first},
             {MMU_PERF_NESTED_HITS, hits},
             {MMU_PERF_NESTED_MISSES, present ? first : 0}};
  vcheck(t, first > 2 && (table > first) == present, "%llu walks for %llu questions",
         (unsigned long long)first, (unsigned long long)table);
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    const uint64_t got = bench_reg_read(t->b, (uint16_t)(MMU_REG_COUNTERS + 8 * row[i].counter));
    vcheck(t, got == row[i].want, "counter %u says %llu, the ports %llu", row[i].counter,
           (unsigned long long)got, (unsigned long long)row[i].want);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(counters_count_what_crosses_the_ports),
      cmocka_unit_test(cycles_of_walks_are_those_of_the_ports),
      cmocka_unit_test(counters_of_stage_2),
  };
  return run_directed(tests, sizeof tests / sizeof tests[0]);
}
