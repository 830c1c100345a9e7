// SPDX-License-Identifier: Apache-2.0
// Shootdowns in whole machines: who is interrupted, what it costs, that nothing stale is used, on
// 1 to 16 CPUs. Every run keeps every contract (fixture_run), among them: no access, on any CPU,
// through a descriptor read before a completed shootdown of its page began.
#include <string.h>

#include "machine/machine_internal.h"
#include "tests/unit/machine_fixture.h"

#define SHARED "synthetic:pages=300 file=900 shared=1 accesses=4000 run=4 write=40 pattern=random"

static const enum mmu_arch archs[] = {MMU_ARCH_X86, MMU_ARCH_ARM, MMU_ARCH_RISCV};

/* Tasks that share a file, on a machine too small for them, with a fast disk. */
static struct machine_config busy_config(enum mmu_arch arch, uint32_t cpus) {
  struct machine_config c = fixture_config(arch, cpus);
  c.os.memory_bytes = 6 << 20;
  c.disk_latency = 4000;
  c.disk_block_cycles = 100;
  c.slice_cycles = 200000;
  return c;
}

static uint64_t booked(const struct machine_results *r, uint32_t cpus) {
  return ledger_total(&r->ledger, cpus, LEDGER_SHOOTDOWN);
}

/* Each shootdown either interrupts another CPU or spares it. */
static void test_who_is_interrupted(void **state) {
  (void)state;
  for (int i = 0; i < 3; i += 2) {
    for (uint32_t cpus = 2; cpus <= 4; cpus *= 2) {
      struct machine_config c = busy_config(archs[i], cpus);
      struct machine_results some = fixture_run(&c, SHARED, cpus + 1);
      const struct shootdown_stats *s = &some.shootdown;
      assert_true(s->remote > 20 && s->ipis_avoided > 20 && s->deferred > 20);
      assert_int_equal(s->ipis + s->ipis_avoided, s->shootdowns * (cpus - 1));
      assert_true(s->ipis >= s->remote);
      assert_int_equal(s->broadcasts, 0);
      c.shootdown = MACHINE_SHOOT_ALL;
      struct machine_results all = fixture_run(&c, SHARED, cpus + 1);
      assert_int_equal(all.shootdown.ipis, all.shootdown.shootdowns * (cpus - 1));
      assert_int_equal(all.shootdown.ipis_avoided, 0);
      assert_true(all.shootdown.deferred < s->deferred); /* switched in before its interrupt came */
      assert_true(all.shootdown.remote_ops > s->remote_ops);
    }
  }
}

/* What a shootdown takes at least: sent, on its way, taken (unless the target is at it for
 * another), done by the MMU, acknowledged. */
static void test_an_interrupt_costs(void **state) {
  (void)state;
  for (int i = 0; i < 3; i += 2) {
    struct machine_config c = busy_config(archs[i], 4);
    bool firmware = archs[i] == MMU_ARCH_RISCV;
    uint32_t entry = c.cost[firmware ? OS_WORK_SBI_IPI : OS_WORK_IPI];
    struct machine_results r = fixture_run(&c, SHARED, 5);
    const struct shootdown_stats *s = &r.shootdown;
    uint64_t call = firmware ? c.cost[OS_WORK_SBI] : 0;
    uint64_t way = c.cost[OS_WORK_IPI_SEND] + c.cost[OS_WORK_IPI_DELIVER];
    uint64_t least = call + way;
    assert_true(s->initiator >= s->remote * least + s->ipis - s->remote);
    assert_true(s->initiator_max >= least + entry);
    assert_true(s->initiator >= s->remote * (least + entry / 2)); /* few are shared */
    assert_true(s->waited >= s->remote * c.cost[OS_WORK_IPI_DELIVER]);
    assert_true(s->waited < s->initiator);
    uint64_t bins = 0, below = 0;
    for (unsigned b = 0; b < SHOOTDOWN_BINS; b++) {
      bins += s->took[b];
      if (UINT64_C(2) << b <= least) below += s->took[b];
    }
    assert_int_equal(bins, s->remote);
    assert_int_equal(below, 0);
    /* several calls may share an interrupt, but each interrupt costs the target entry and exit */
    assert_true(s->stolen >= entry + c.cost[OS_WORK_FAULT_EXIT]);
    assert_true(booked(&r, 4) >= s->initiator + s->stolen);
    assert_true(s->hardware >= 2 * r.backend.invals);
  }
}

/* Dearer interrupts: the cycles are in the books of those who pay. */
static void test_costs_are_the_scenario_s(void **state) {
  struct machine_config c = busy_config(MMU_ARCH_X86, 4);
  (void)state;
  struct machine_results cheap = fixture_run(&c, SHARED, 5);
  c.cost[OS_WORK_IPI] += 100000;
  struct machine_results dear = fixture_run(&c, SHARED, 5);
  /* a call that joins an interrupt which is being taken pays only for the rest of it */
  assert_true(dear.shootdown.initiator / dear.shootdown.remote >
              cheap.shootdown.initiator / cheap.shootdown.remote + 90000);
  assert_true(booked(&dear, 4) > booked(&cheap, 4));
}

static void test_multicast(void **state) {
  struct machine_config c = busy_config(MMU_ARCH_X86, 4);
  (void)state;
  c.shootdown = MACHINE_SHOOT_ALL;
  struct machine_results one = fixture_run(&c, SHARED, 5);
  c.ipi_multicast = true;
  struct machine_results all = fixture_run(&c, SHARED, 5);
  uint64_t saved = UINT64_C(2) * c.cost[OS_WORK_IPI_SEND]; /* 3 targets, 1 write */
  uint64_t mean = all.shootdown.initiator / all.shootdown.remote;
  assert_true(mean + saved / 2 < one.shootdown.initiator / one.shootdown.remote);
}

/* Arm: every MMU is told of everything, no CPU is interrupted, and the sync comes on top. */
static void test_broadcast(void **state) {
  (void)state;
  for (uint32_t cpus = 2; cpus <= 4; cpus *= 2) {
    struct machine_config c = busy_config(MMU_ARCH_ARM, cpus);
    struct machine_results r = fixture_run(&c, SHARED, cpus + 1);
    const struct shootdown_stats *s = &r.shootdown;
    assert_int_equal(s->ipis + s->ipis_avoided + s->stolen + s->deferred, 0);
    assert_in_range(s->remote, s->shootdowns - cpus, s->shootdowns); /* some are under way */
    assert_int_equal(s->broadcasts, s->operations);
    assert_int_equal(s->remote_ops, s->operations * (cpus - 1));
    assert_true(s->initiator >= 2 * s->remote * c.cost[OS_WORK_DVM]);
  }
}

/* One CPU: nobody to tell, but address spaces that are not loaded are flushed later (x86, RISC-V).
 */
static void test_one_cpu(void **state) {
  (void)state;
  for (int i = 0; i < 3; i++) {
    struct machine_config c = busy_config(archs[i], 1);
    c.slice_cycles = 20000;
    struct machine_results r = fixture_run(&c, SHARED, 3);
    assert_int_equal(r.shootdown.remote + r.shootdown.ipis + r.shootdown.broadcasts, 0);
    assert_true(r.shootdown.shootdowns > 20);
    if (archs[i] == MMU_ARCH_ARM)
      assert_int_equal(r.shootdown.deferred, 0);
    else
      assert_true(r.shootdown.deferred > 5);
  }
}

/* As many CPUs as there may be, all sending at once. copies, times: as in fixture_run_added. */
static void run_crowd(uint64_t slice_cycles, uint32_t copies, uint32_t times) {
  for (int i = 0; i < 3; i++) {
    struct machine_config c = busy_config(archs[i], 16);
    c.os.memory_bytes = 8 << 20;
    c.slice_cycles = slice_cycles;
    struct machine_results r = fixture_run_added(
        &c, "synthetic:pages=100 file=1200 shared=1 accesses=1000 run=4 write=40 pattern=random",
        copies, times);
    assert_true(r.shootdown.remote > 20);
  }
}

/* Identifiers come and go. */
static void test_sixteen_cpus(void **state) {
  (void)state;
  run_crowd(20000, 32, 1);
}

/* Each task has a file of its own, and memory is short: tasks wait, move to other CPUs and come
 * back while shootdowns of their identifiers are under way. */
static void test_back_on_a_cpu(void **state) {
  (void)state;
  run_crowd(5000, 1, 32);
}

static void test_same_run_twice(void **state) {
  (void)state;
  for (int i = 0; i < 3; i++) {
    static struct machine_results one, two;
    struct machine_config c = busy_config(archs[i], 3);
    one = fixture_run(&c, SHARED, 4);
    two = fixture_run(&c, SHARED, 4);
    assert_memory_equal(&one, &two, sizeof one);
  }
}

/* When a CPU may be interrupted. */
static void test_interrupts_off(void **state) {
  static struct machine m;
  struct cpu *c = &m.cpu[0];
  (void)state;
  c->m = &m;
  for (int a = 0; a < 3; a++) {
    bool firmware = archs[a] == MMU_ARCH_RISCV; /* machine mode asks no one */
    m.cfg.arch = archs[a];
    c->mode = CPU_IDLE;
    assert_true(interrupt_allowed(c));
    c->mode = CPU_SPIN;
    assert_true(interrupt_allowed(c));
    c->mode = CPU_USER; /* between two accesses only: window.c */
    assert_false(interrupt_allowed(c));
    c->mode = CPU_HANDLER;
    assert_false(interrupt_allowed(c));
    c->mode = CPU_BUSY;
    c->busy_until = 100;
    c->busy_account = LEDGER_SYSCALL;
    assert_true(interrupt_allowed(c));
    c->busy_account = LEDGER_CONTEXT_SWITCH;
    assert_int_equal(interrupt_allowed(c), firmware);
    c->busy_account = LEDGER_FAULT_ENTRY;
    assert_int_equal(interrupt_allowed(c), firmware);
    c->now = 100;
    assert_true(interrupt_allowed(c));
    c->now = 0;
  }
}

static bool accept(struct mmu_backend *b, const struct mmu_inval *inv) {
  (void)b;
  return inv->asid == 5;
}

static uint64_t soon(struct mmu_backend *b) {
  (void)b;
  return 1;
}

/* A CPU that has left an address space, but whose MMU still walks in it, has to act: tables that
 * are freed next must not be walked, let alone written. */
static void test_leftover_walk(void **state) {
  static struct machine m;
  static const struct mmu_backend_ops ops = {.invalidate = accept, .next_event = soon};
  static uint64_t generation[8], fresh[8];
  struct mmu_backend backend = {.ops = &ops};
  struct cpu *c = &m.cpu[1];
  struct thread owner = {.m = &m, .cpu = &m.cpu[0]};
  const struct mmu_inval inv = {.asid = 5, .kind = MMU_INV_X86_PCID};
  const struct shootdown s = {.owner = &owner, .inv = &inv, .count = 1, .generation = {2}};
  (void)state;
  m.generation = generation;
  generation[5] = 2;
  *c = (struct cpu){.m = &m, .backend = &backend, .fresh = fresh, .loaded = 7, .mode = CPU_HANDLER};
  fresh[5] = 1;
  assert_int_equal(shootdown_work(c, &s, INVAL_HANDLER), 0); /* flushes when it comes back */
  c->asked[MMU_PORT_DATA][3].in_use = true;
  c->asked[MMU_PORT_DATA][3].asid = 4;
  c->outstanding = 1;
  assert_int_equal(shootdown_work(c, &s, INVAL_HANDLER), 0);
  c->asked[MMU_PORT_DATA][3].asid = 5;
  assert_int_equal(shootdown_work(c, &s, INVAL_HANDLER), 1);
  assert_int_equal(c->inval_count, 1);
  fresh[5] = 2; /* it has flushed since */
  assert_int_equal(shootdown_work(c, &s, INVAL_HANDLER), 0);
}

/* The check itself: what is stale, what is not, and that forgetting is no alarm. */
static void test_freshness(void **state) {
  struct freshness *f = freshness_create(2);
  (void)state;
  assert_non_null(f);
  assert_int_equal(freshness_read_at(f, 0, 1, 0x5000), 0);
  freshness_read(f, 0, 1, 0x5123, 10);
  freshness_read(f, 1, 1, 0x5000, 20);
  assert_int_equal(freshness_read_at(f, 0, 1, 0x5fff), 10);
  assert_int_equal(freshness_read_at(f, 1, 1, 0x5000), 20);
  assert_int_equal(freshness_read_at(f, 0, 2, 0x5000), 0);
  assert_false(freshness_stale(f, 1, 0x5000, false, 10));
  freshness_page(f, 1, 0x5000, 15);
  assert_true(freshness_stale(f, 1, 0x5000, false, 10));
  assert_false(freshness_stale(f, 1, 0x5000, false, 15));
  assert_false(freshness_stale(f, 1, 0x6000, false, 10));
  assert_false(freshness_stale(f, 2, 0x5000, false, 10));
  freshness_page(f, 1, 0x5000, 12); /* began earlier, ended later */
  assert_true(freshness_stale(f, 1, 0x5000, false, 14));
  /* The invalidation of a page reaches the 2 MiB round it, and what was read for one size says
   * nothing of the other. */
  freshness_read_huge(f, 0, 1, 0x400000, 14);
  assert_int_equal(freshness_read_huge_at(f, 0, 1, 0x5fffff), 14);
  assert_int_equal(freshness_read_at(f, 0, 1, 0x400000), 0);
  freshness_page(f, 1, 0x412000, 15);
  assert_true(freshness_stale(f, 1, 0x5ff000, true, 14));
  assert_false(freshness_stale(f, 1, 0x5ff000, false, 14));
  assert_false(freshness_stale(f, 1, 0x600000, true, 14));
  freshness_space(f, 1, 30);
  assert_true(freshness_stale(f, 1, 0x400000, true, 29));
  assert_true(freshness_stale(f, 1, 0x6000, false, 29));
  assert_false(freshness_stale(f, 2, 0x6000, false, 29));
  for (uint64_t va = 0; va < UINT64_C(1) << 32; va += 4096 * 7) { /* push it out */
    freshness_read(f, 0, 3, va, 40);
    freshness_page(f, 3, va, 50);
  }
  assert_int_equal(freshness_read_at(f, 0, 1, 0x5000), 0);
  freshness_destroy(f);
}

/* Cycles of shootdowns for cleared A bits are known apart from the rest. On Arm each costs a
 * broadcast and a sync at least, and one that is alone little more. */
static void test_cycles_of_cleared_bits(void **state) {
  (void)state;
  for (int i = 0; i < 3; i++) {
    struct machine_config c = busy_config(archs[i], 4);
    c.os.a_flush = OS_A_FLUSH_PAGE;
    struct machine_results page = fixture_run(&c, SHARED, 5);
    uint64_t cleared = page.shootdown.for_a;
    uint64_t rest = booked(&page, 4) - cleared;
    assert_true(page.os.a_cleared > 100 && cleared > page.os.a_cleared);
    assert_true(rest >= page.os.pgsteal_kswapd); /* an operation each */
    if (archs[i] == MMU_ARCH_ARM)
      assert_in_range(cleared, page.os.a_cleared * 2 * c.cost[OS_WORK_DVM],
                      page.os.a_cleared * 3 * c.cost[OS_WORK_DVM]);
    c.os.a_flush = OS_A_FLUSH_BATCH;
    struct machine_results batch = fixture_run(&c, SHARED, 5);
    assert_true(batch.shootdown.for_a > 0);
    assert_true(batch.shootdown.for_a * page.os.a_cleared < cleared * batch.os.a_cleared);
    c.os.a_flush = OS_A_FLUSH_NONE;
    struct machine_results none = fixture_run(&c, SHARED, 5);
    assert_true(none.os.a_cleared > 100 && booked(&none, 4) > 0);
    assert_int_equal(none.shootdown.for_a, 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_who_is_interrupted),
      cmocka_unit_test(test_an_interrupt_costs),
      cmocka_unit_test(test_costs_are_the_scenario_s),
      cmocka_unit_test(test_multicast),
      cmocka_unit_test(test_broadcast),
      cmocka_unit_test(test_one_cpu),
      cmocka_unit_test(test_sixteen_cpus),
      cmocka_unit_test(test_back_on_a_cpu),
      cmocka_unit_test(test_same_run_twice),
      cmocka_unit_test(test_cycles_of_cleared_bits),
      cmocka_unit_test(test_interrupts_off),
      cmocka_unit_test(test_leftover_walk),
      cmocka_unit_test(test_freshness),
  };
  return cmocka_run_group_tests_name("smp shootdown", tests, NULL, NULL);
}
