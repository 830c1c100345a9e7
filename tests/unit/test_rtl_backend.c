// SPDX-License-Identifier: Apache-2.0
// The rtl backend on hand-filled tables: answers, events, time, invalidation, waves, geometries.
// Expectations come from backend.h and from how csim/bench/world.c fills the tables.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four headers above first
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/backend.h"
#include "bench/world.h"
#include "timing/memtiming.h"

enum { BASE = 0x10000000, FRAME = 0x40000000 };

struct log {
  unsigned reads, cas, answers, invals;
  uint8_t levels[16]; /* of the reads, in order */
};

static void record(void *self, const struct mmu_event *ev) {
  struct log *log = self;
  if (ev->kind == MMU_EV_READ) log->levels[log->reads++ % 16] = ev->level;
  log->cas += ev->kind == MMU_EV_CAS;
  log->answers += ev->kind == MMU_EV_ANSWER;
  log->invals += ev->kind == MMU_EV_INVAL_DONE;
}

struct fixture {
  struct world world;
  struct memtiming *timing;
  struct log log;
  struct mmu_backend *b;
};

static void open_fixture(struct fixture *f, enum mmu_arch arch, uint32_t latency,
                         const struct mmu_geometry *g) {
  char err[300] = "";
  memset(f, 0, sizeof *f);
  assert_true(world_create(&f->world, arch));
  for (uint64_t i = 0; i < 16; i++)
    world_map(&f->world, BASE + i * 4096, FRAME + i * 4096, 0, WORLD_OLD);
  f->timing = memtiming_create(&(struct memtiming_config){.dram_cycles = latency}, err, sizeof err);
  struct mmu_backend_config cfg = {.arch = arch,
                                   .geometry = g != NULL ? *g : mmu_geometry_default(),
                                   .memory = f->world.memory,
                                   .timing = f->timing,
                                   .observer = {.event = record, .self = &f->log},
                                   .seed = 3};
  f->b = mmu_backend_rtl(&cfg, err, sizeof err);
  if (f->b == NULL) fail_msg("%s", err);
}

static void close_fixture(struct fixture *f) {
  f->b->ops->destroy(f->b);
  memtiming_destroy(f->timing);
  world_destroy(&f->world);
}

static struct mmu_response translate(struct fixture *f, uint64_t va, enum mmu_access_kind kind) {
  struct mmu_request req = {.va = va,
                            .access = {.kind = (uint8_t)kind, .size = 3},
                            .ctx = &f->world.context,
                            .tag = 9,
                            .port = kind == MMU_FETCH ? MMU_PORT_FETCH : MMU_PORT_DATA};
  struct mmu_response rsp;
  if (mmu_translate(f->b, &req, &rsp) != 0) fail_msg("%s", f->b->ops->error(f->b));
  assert_int_equal(rsp.tag, 9);
  assert_int_equal(rsp.port, req.port);
  return rsp;
}

static void test_walk_then_hit(void **state) {
  (void)state;
  for (unsigned arch = 0; arch < MMU_ARCH_COUNT; arch++) {
    struct fixture f;
    open_fixture(&f, (enum mmu_arch)arch, 1, NULL);
    struct mmu_response rsp = translate(&f, BASE + 0x1238, MMU_READ);
    assert_int_equal(rsp.status, MMU_OK);
    assert_int_equal(rsp.pa, FRAME + 0x1238);
    assert_int_equal(rsp.s1_shift, 12);
    assert_false(rsp.hit);
    assert_int_equal(f.log.reads, 4);
    for (unsigned i = 0; i < 4; i++)
      assert_int_equal(f.log.levels[i], 3 - i);
    assert_int_equal(f.log.cas, 1); /* A */
    uint64_t start = f.b->ops->now(f.b);
    rsp = translate(&f, BASE + 0x1ff8, MMU_READ);
    assert_true(rsp.hit);
    assert_int_equal(rsp.cycle, start + 1);
    assert_int_equal(rsp.pa, FRAME + 0x1ff8);
    assert_int_equal(translate(&f, BASE + 0x1000, MMU_WRITE).status, MMU_OK);
    assert_int_equal(f.log.cas, 2); /* D */
    assert_int_equal(f.log.answers, 3);
    struct mmu_backend_stats s;
    f.b->ops->stats(f.b, &s);
    assert_int_equal(s.cas_a, 1);
    assert_int_equal(s.cas_d, 1);
    assert_int_equal(s.requests, 3);
    assert_int_equal(s.hits, 1);
    close_fixture(&f);
  }
}

static void test_fault_has_registers(void **state) {
  (void)state;
  for (unsigned arch = 0; arch < MMU_ARCH_COUNT; arch++) {
    struct fixture f;
    open_fixture(&f, (enum mmu_arch)arch, 1, NULL);
    struct mmu_response rsp = translate(&f, BASE + 0x20008, MMU_READ);
    assert_int_equal(rsp.status, MMU_FAULT);
    assert_int_equal(rsp.fault.cause, MMU_CAUSE_NOT_PRESENT);
    assert_int_equal(rsp.fault.s1_level, 0);
    static const uint64_t reg0[] = {14, 0x92000007, 13}; /* #PF; data abort EL0, level 3; load */
    static const unsigned va_reg[] = {2, 1, 1};
    assert_int_equal(rsp.syndrome.reg[0], reg0[arch]);
    assert_int_equal(rsp.syndrome.reg[va_reg[arch]], BASE + 0x20008);
    close_fixture(&f);
  }
}

static void test_waiting_is_not_clocked(void **state) {
  (void)state;
  struct fixture f;
  struct mmu_backend_stats fast, slow;
  uint64_t cycles[2];
  open_fixture(&f, MMU_ARCH_RISCV, 10, NULL);
  cycles[0] = translate(&f, BASE, MMU_FETCH).cycle;
  f.b->ops->stats(f.b, &fast);
  close_fixture(&f);
  open_fixture(&f, MMU_ARCH_RISCV, 1000000, NULL);
  cycles[1] = translate(&f, BASE, MMU_FETCH).cycle;
  f.b->ops->stats(f.b, &slow);
  assert_int_equal(slow.cycles_clocked, fast.cycles_clocked);
  assert_int_equal(cycles[1] - cycles[0], 5 * (1000000 - 10)); /* four reads and one update */
  uint64_t far = f.b->ops->now(f.b) + ((uint64_t)1 << 50);
  assert_int_equal(f.b->ops->step_to(f.b, far), far);
  assert_int_equal(f.b->ops->next_event(f.b), MMU_NEVER);
  close_fixture(&f);
}

static void test_invalidation(void **state) {
  (void)state;
  static const uint8_t kind[] = {MMU_INV_X86_INVLPG, MMU_INV_ARM_VAE1, MMU_INV_RISCV_ADDR};
  for (unsigned arch = 0; arch < MMU_ARCH_COUNT; arch++) {
    struct fixture f;
    open_fixture(&f, (enum mmu_arch)arch, 1, NULL);
    translate(&f, BASE, MMU_READ);
    world_map(&f.world, BASE, FRAME + 0x100000, 0, WORLD_OLD);
    assert_int_equal(translate(&f, BASE, MMU_READ).pa, FRAME);
    struct mmu_inval inv = {.addr = BASE, .asid = 1, .kind = kind[arch], .id = 77};
    assert_int_equal(mmu_invalidate_wait(f.b, &inv), 0);
    assert_int_equal(f.log.invals, 1);
    assert_int_equal(translate(&f, BASE, MMU_READ).pa, FRAME + 0x100000);
    close_fixture(&f);
  }
}

static void test_memory_error(void **state) {
  (void)state;
  for (unsigned arch = 0; arch < MMU_ARCH_COUNT; arch++) {
    struct fixture f;
    open_fixture(&f, (enum mmu_arch)arch, 7, NULL);
    physmem_set_error(f.world.memory, 0, (uint64_t)1 << 30, MMU_MEM_BUS);
    struct mmu_response rsp = translate(&f, BASE, MMU_READ);
    assert_int_equal(rsp.status, MMU_FAULT);
    assert_int_equal(rsp.fault.cause, MMU_CAUSE_BUS);
    assert_true(rsp.fault.on_walk);
    close_fixture(&f);
  }
}

static void test_tag_reuse_is_refused(void **state) {
  (void)state;
  struct fixture f;
  open_fixture(&f, MMU_ARCH_X86, 50, NULL);
  struct mmu_request req = {.va = BASE,
                            .access = {.kind = MMU_READ, .size = 3},
                            .ctx = &f.world.context,
                            .tag = 4,
                            .port = MMU_PORT_DATA};
  assert_true(f.b->ops->submit(f.b, &req));
  assert_false(f.b->ops->submit(f.b, &req)); /* one a cycle */
  f.b->ops->step_to(f.b, f.b->ops->now(f.b) + 1);
  assert_null(f.b->ops->error(f.b));
  assert_false(f.b->ops->submit(f.b, &req));
  assert_non_null(strstr(f.b->ops->error(f.b), "tag 4"));
  assert_int_equal(f.b->ops->step_to(f.b, 1000), MMU_NEVER);
  close_fixture(&f);
}

/* Two loads of one page in adjacent cycles: the second waits for the first one's walk, is answered
 * on the hit lane afterwards, and is still a miss. */
static void test_a_merged_miss_is_a_miss(void **state) {
  (void)state;
  struct fixture f;
  struct mmu_backend_stats s;
  struct mmu_response rsp;
  open_fixture(&f, MMU_ARCH_RISCV, 20, NULL);
  for (uint8_t tag = 0; tag < 2; tag++) {
    struct mmu_request req = {.va = BASE + 8u * tag,
                              .access = {.kind = MMU_READ, .size = 3},
                              .ctx = &f.world.context,
                              .tag = tag,
                              .port = MMU_PORT_DATA};
    assert_true(f.b->ops->submit(f.b, &req));
    f.b->ops->step_to(f.b, f.b->ops->now(f.b) + 1);
  }
  for (unsigned answered = 0; answered < 2;) {
    assert_int_not_equal(f.b->ops->step_to(f.b, f.b->ops->now(f.b) + 1000), MMU_NEVER);
    answered += (unsigned)f.b->ops->poll(f.b, &rsp, 1);
  }
  f.b->ops->stats(f.b, &s);
  assert_int_equal(s.walks, 1);
  assert_int_equal(s.merges, 1);
  assert_int_equal(s.misses, 2);
  assert_int_equal(s.hits, 0);
  close_fixture(&f);
}

static off_t size_of(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 ? st.st_size : -1;
}

static void test_wave_window(void **state) {
  (void)state;
  char path[] = "/tmp/cowalk-test-XXXXXX";
  struct fixture f;
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  close(fd);
  open_fixture(&f, MMU_ARCH_ARM, 1, NULL);
  assert_int_equal(f.b->ops->trace(f.b, "/nowhere/at/all.fst", 0, 10), -1);
  assert_int_equal(f.b->ops->trace(f.b, path, 1000, 1020), 0);
  translate(&f, BASE, MMU_READ);
  assert_int_equal(size_of(path), 0); /* outside the window nothing is written */
  f.b->ops->step_to(f.b, 1000);
  translate(&f, BASE + 4096, MMU_READ);
  f.b->ops->step_to(f.b, 1100);
  translate(&f, BASE + 8192, MMU_READ);
  assert_true(size_of(path) > 1000);
  unlink(path);
  close_fixture(&f);
}

static void test_geometries(void **state) {
  (void)state;
  char err[300];
  struct mmu_geometry g = mmu_geometry_default();
  struct mmu_backend_config cfg = {.arch = MMU_ARCH_RISCV, .geometry = g};
  cfg.geometry.l2_sets = 48;
  assert_null(mmu_backend_rtl(&cfg, err, sizeof err));
  assert_non_null(strstr(err, "power of two"));
  cfg.geometry = g;
  cfg.geometry.walks = 0;
  assert_null(mmu_backend_rtl(&cfg, err, sizeof err));
  assert_non_null(strstr(err, "1 to 8 walks"));
  g = (struct mmu_geometry){
      .l1i_entries = 4, .l1d_entries = 4, .pwc_entries = {4, 4, 4, 4}, .walks = 1, .miss_queue = 2};
  struct fixture f;
  open_fixture(&f, MMU_ARCH_RISCV, 1, &g);
  for (uint64_t i = 0; i < 8; i++) /* eight pages do not fit four entries */
    assert_int_equal(translate(&f, BASE + i * 4096, MMU_READ).pa, FRAME + i * 4096);
  assert_false(translate(&f, BASE, MMU_READ).hit);
  assert_true(translate(&f, BASE, MMU_READ).hit);
  close_fixture(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_walk_then_hit),
      cmocka_unit_test(test_fault_has_registers),
      cmocka_unit_test(test_waiting_is_not_clocked),
      cmocka_unit_test(test_invalidation),
      cmocka_unit_test(test_memory_error),
      cmocka_unit_test(test_tag_reuse_is_refused),
      cmocka_unit_test(test_a_merged_miss_is_a_miss),
      cmocka_unit_test(test_wave_window),
      cmocka_unit_test(test_geometries),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
