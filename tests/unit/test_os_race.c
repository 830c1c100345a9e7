/* SPDX-License-Identifier: Apache-2.0
 * The hardware stores to a page at every moment between two accesses of the kernel to its entry,
 * while that page is aged, unmapped and written out: the store must never be lost, and the entry
 * never come back to life. */
#include "tests/unit/os_fake.h"

enum { RW = OS_PROT_READ | OS_PROT_WRITE, CROWD = 700 };

static const uint64_t target_va = 0x10000000;
static const uint64_t crowd_va = 0x20000000;

enum kind { ANON, SHARED_FILE, SHARED_ANON, KINDS };

struct race {
  struct fake *k;
  struct os_task *t;
  enum kind kind;
  unsigned at;            /* which access */
  uint64_t stored;        /* what must be there */
  bool happened, reached; /* the moment came; the hardware could store then */
};
static struct race *race;

static void hardware_stores(struct fake *k) {
  race->happened = true;
  uint32_t pfn = fk_access_now(k, race->t, target_va, true, false);
  if (pfn == 0) return;
  race->reached = true;
  race->stored = k->content[pfn] = k->next_content++;
}

static void crowd(struct race *r) {
  for (uint64_t p = 0; p < CROWD; p++)
    assert_int_not_equal(fk_access(r->k, r->t, crowd_va + (p << 12), true, false), 0);
}

static void check_target(struct race *r) {
  uint32_t pfn = fk_access(r->k, r->t, target_va, false, false);
  assert_int_not_equal(pfn, 0);
  if (r->k->content[pfn] != r->stored)
    fail_msg("access %u: found %llx, stored %llx", r->at, (unsigned long long)r->k->content[pfn],
             (unsigned long long)r->stored);
}

static void task(void *arg) {
  struct race *r = arg;
  struct fake *k = r->k;
  r->t = os_task_create(k->os, 1);
  assert_non_null(r->t);
  struct os_mapping m = {.va = target_va, .bytes = 0x1000, .prot = RW};
  m.file = r->kind == SHARED_FILE;
  m.shared = r->kind != ANON;
  assert_int_equal(os_mmap(r->t, &m), 0);
  m = (struct os_mapping){.va = crowd_va, .bytes = (uint64_t)CROWD << 12, .prot = RW};
  assert_int_equal(os_mmap(r->t, &m), 0);
  uint32_t pfn = fk_access(k, r->t, target_va, true, false);
  r->stored = k->content[pfn] = k->next_content++;
  crowd(r); /* out, and back in clean */
  check_target(r);
  if (r->kind == SHARED_FILE) { /* not the hardware, only a fault makes this entry dirty */
    assert_int_equal(fk_access_now(k, r->t, target_va, true, false), 0);
    pfn = fk_access(k, r->t, target_va, true, false);
    r->stored = k->content[pfn] = k->next_content++;
  }
  uint64_t base = os_task_context(r->t)->s1_root0;
  for (unsigned h = os_task_context(r->t)->s1_mode == MMU_S1_SV39 ? 2 : 3; h != 0; h--)
    base = fk_target(k->cfg.arch, *fk_word(k, base + 8 * (target_va >> (12 + 9 * h) & 511)));
  k->watch_pa = base + 8 * (target_va >> 12 & 511);
  k->watch_in = r->at;
  k->watch = hardware_stores;
  crowd(r);
  k->watch = NULL;
  check_target(r);
  crowd(r);
  check_target(r);
  os_task_exit(r->t);
}

static void every_moment(const struct os_config *cfg, enum kind kind) {
  unsigned reached = 0;
  unsigned at = 1;
  for (bool more = true; more; at++) {
    struct fake *k = fk_create(cfg, cfg->swap_pages + 1, 1);
    assert_int_equal(os_file_create(k->os, 1), 1);
    struct race r = {.k = k, .kind = kind, .at = at};
    race = &r;
    fk_start(k, task, &r, false);
    fk_run(k);
    fk_check(k);
    os_task_free(r.t);
    fk_destroy(k);
    reached += r.reached;
    more = r.happened && at < 200;
  }
  assert_true(at > 5);      /* aged, looked at again, taken down */
  assert_true(reached > 3); /* among them: between reading an entry and exchanging it */
}

static void stores_survive(void **state) {
  (void)state;
  static const enum mmu_s1_mode mode[] = {MMU_S1_X86_L4, MMU_S1_ARM_4K, MMU_S1_SV39};
  for (enum mmu_arch a = MMU_ARCH_X86; a < MMU_ARCH_COUNT; a++)
    for (enum kind kind = ANON; kind < KINDS; kind++)
      for (unsigned flush = 0; flush < 3; flush++) {
        struct os_config cfg = {.arch = a,
                                .mode = mode[a],
                                .memory_bytes = 2 << 20,
                                .swap_pages = 3000,
                                .hw_a = true,
                                .hw_d = true,
                                .a_flush = (enum os_a_flush)flush};
        every_moment(&cfg, kind);
      }
}

/* ---- a range goes away while its pages are being reclaimed ---- */

/* Nothing may be reached in the range once munmap has returned, nor written once mprotect has, be
 * it that a reclaimer took pages down and has not invalidated them yet. Pieces are small, so that
 * munmap does not invalidate everything anyway. */
enum { WINDOW = 600, PIECE = 20, ROUNDS = 700 };

static void unmap_under_pressure(void *arg) {
  struct race *r = arg;
  struct fake *k = r->k;
  r->t = os_task_create(k->os, 1);
  assert_non_null(r->t);
  struct os_mapping m = {.va = crowd_va, .bytes = (uint64_t)WINDOW << 12, .prot = RW};
  assert_int_equal(os_mmap(r->t, &m), 0);
  for (unsigned round = 0; round < ROUNDS; round++) {
    /* Until kswapd is at the reverse map of some page, and some steps more. */
    const struct fk_context *kswapd = &k->ctx[0];
    uint64_t more = fk_rnd(k, 6);
    for (uint64_t i = 0, p = fk_rnd(k, WINDOW); i < 100 && more != 0; i++, p = (p + 1) % WINDOW) {
      more -= !kswapd->waiting && kswapd->work == OS_WORK_RMAP_STEP;
      assert_int_not_equal(fk_access(k, r->t, crowd_va + (p << 12), i % 3 != 0, false), 0);
    }
    m.va = crowd_va + (fk_rnd(k, WINDOW - PIECE) << 12);
    m.bytes = (uint64_t)PIECE << 12;
    bool protect = round % 2 != 0;
    assert_int_equal(
        protect ? os_mprotect(r->t, m.va, m.bytes, OS_PROT_READ) : os_munmap(r->t, m.va, m.bytes),
        0);
    for (uint64_t p = 0; p < PIECE; p++)
      if (fk_access_now(k, r->t, m.va + (p << 12), protect, false) != 0)
        fail_msg("round %u: page %u still reached", round, (unsigned)p);
    assert_int_equal(protect ? os_mprotect(r->t, m.va, m.bytes, RW) : os_mmap(r->t, &m), 0);
  }
  os_task_exit(r->t);
}

static void nothing_stale_after_unmap(void **state) {
  (void)state;
  static const enum mmu_s1_mode mode[] = {MMU_S1_X86_L4, MMU_S1_ARM_4K, MMU_S1_SV39};
  for (enum mmu_arch a = MMU_ARCH_X86; a < MMU_ARCH_COUNT; a++) {
    const struct os_config cfg = {.arch = a,
                                  .mode = mode[a],
                                  .memory_bytes = 2 << 20,
                                  .swap_pages = 3000,
                                  .hw_a = true,
                                  .hw_d = true,
                                  .a_flush = OS_A_FLUSH_NONE};
    struct fake *k = fk_create(&cfg, cfg.swap_pages + 1, 1);
    k->yield_permille = 400;
    k->disk_latency = 50;
    k->tlb_size = FK_TLB; /* old translations stay */
    struct race r = {.k = k};
    fk_start(k, unmap_under_pressure, &r, false);
    fk_run(k);
    fk_check(k);
    os_task_free(r.t);
    fk_destroy(k);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(stores_survive),
                                     cmocka_unit_test(nothing_stale_after_unmap)};
  return cmocka_run_group_tests_name("os race", tests, NULL, NULL);
}
