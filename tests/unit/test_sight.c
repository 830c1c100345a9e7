// SPDX-License-Identifier: Apache-2.0
// What was used against what replacement believed: each rule of observer/sight.h, the heat map's
// cells, and whole machines, where flushing must leave no wrong look.
#include "machine_fixture.h"

#include "observer/heat.h"
#include "observer/sight.h"

static void wrong_looks(void **state) {
  (void)state;
  struct sight *s = sight_create(8, 10, NULL);
  sight_access(s, 3, 1, 100, 10, 12);
  sight_look(s, 3, true, 20);
  sight_cleared(s, 3, 20);
  sight_access(s, 3, 1, 100, 19, 25); /* asked before the clear: A was still set for it */
  sight_look(s, 3, false, 30);
  assert_int_equal(sight_counts(s).wrong_looks, 0);
  sight_access(s, 3, 1, 100, 31, 33); /* through the TLB */
  sight_look(s, 3, false, 40);
  assert_int_equal(sight_counts(s).wrong_looks, 1);
  sight_look(s, 3, false, 50); /* nothing since */
  struct sight_counts n = sight_counts(s);
  assert_int_equal(n.looks, 4);
  assert_int_equal(n.unused, 3);
  assert_int_equal(n.wrong_looks, 1);
  sight_access(s, 3, 1, 100, 60, 61);
  sight_unmapped(s, 3, 70); /* the evidence goes with the entry */
  sight_look(s, 3, false, 80);
  assert_int_equal(sight_counts(s).wrong_looks, 1);
  sight_access(s, 99, 1, 1, 1, 1); /* no such frame: nothing */
  sight_look(s, 99, false, 1);
  assert_int_equal(sight_counts(s).looks, 5);
  sight_destroy(s);
}

static void misjudge(struct sight *s, uint64_t pfn, uint64_t at) {
  sight_cleared(s, pfn, at);
  sight_access(s, pfn, 1, pfn, at + 1, at + 2);
  sight_look(s, pfn, false, at + 3);
}

static void evictions(void **state) {
  (void)state;
  struct sight *s = sight_create(8, 3, NULL);
  misjudge(s, 1, 10);
  sight_evict(s, 1, 1000);
  sight_free(s, 1);
  sight_look(s, 1, false, 20); /* a new page */
  sight_evict(s, 1, 1001);
  sight_return(s, 1000); /* one eviction later */
  struct sight_counts n = sight_counts(s);
  assert_int_equal(n.evictions, 2);
  assert_int_equal(n.misled, 1);
  assert_int_equal(n.early, 1);
  assert_int_equal(n.wrong, 1);
  sight_return(s, 1000); /* once only */
  sight_return(s, 1001); /* early, but nobody was misled */
  sight_return(s, 5);    /* never left */
  n = sight_counts(s);
  assert_int_equal(n.returns, 2);
  assert_int_equal(n.early, 2);
  assert_int_equal(n.wrong, 1);
  misjudge(s, 2, 30);
  sight_evict(s, 2, 1000);
  for (uint64_t k = 0; k < 2; k++)
    sight_evict(s, 4, 2000 + k);
  struct sight_counts before = sight_counts(s);
  sight_evict(s, 4, 2002); /* the third: the window is over */
  sight_return(s, 1000);
  n = sight_counts(s);
  assert_int_equal(n.returns, before.returns + 1);
  assert_int_equal(n.early, before.early);
  assert_int_equal(n.wrong, before.wrong);
  for (uint64_t k = 0; k < 5000; k++) /* the table grows */
    sight_evict(s, 4, 10000 + k);
  for (uint64_t k = 0; k < 5000; k++)
    sight_return(s, 10000 + k);
  assert_int_equal(sight_counts(s).returns, n.returns + 5000);
  assert_int_equal(sight_counts(s).early, n.early + 3);
  assert_true(sight_complete(s));
  sight_destroy(s);
}

static void rescued(void **state) {
  (void)state;
  struct sight *s = sight_create(8, 3, NULL);
  misjudge(s, 1, 10);
  sight_access(s, 1, 1, 1, 15, 16); /* still mapped: not a rescue */
  assert_int_equal(sight_counts(s).rescued, 0);
  misjudge(s, 1, 20);
  sight_unmapped(s, 1, 25);
  sight_access(s, 1, 1, 1, 30, 31);
  sight_access(s, 1, 1, 1, 32, 33);
  assert_int_equal(sight_counts(s).rescued, 1);
  sight_evict(s, 1, 7); /* judged anew by whoever looks; the old verdict is gone */
  assert_int_equal(sight_counts(s).misled, 0);
  sight_destroy(s);
}

static void sums(const struct heat *h, uint64_t *accesses, uint64_t *looks, uint64_t *used) {
  *accesses = *looks = *used = 0;
  for (uint32_t r = 0; r < HEAT_ROWS; r++)
    for (uint32_t c = 0; c < HEAT_COLUMNS; c++) {
      *accesses += heat_cell(h, r, c)->accesses;
      *looks += heat_cell(h, r, c)->looks;
      *used += heat_cell(h, r, c)->used;
    }
}

static void heat_cells(void **state) {
  (void)state;
  struct heat *h = heat_create();
  assert_int_equal(heat_page(h, 1, 0x1000), 1);
  assert_int_equal(heat_page(h, 2, 0x1000), 2); /* another task's */
  assert_int_equal(heat_page(h, 1, 0x1000), 1);
  heat_access(h, 0, 5);
  heat_access(h, 0, 6);
  heat_look(h, 1, 7, true);
  assert_int_equal(heat_cell(h, 0, 0)->accesses, 2);
  assert_int_equal(heat_cell(h, 1, 0)->used, 1);
  for (uint64_t p = 0; p < 9000; p++)
    assert_int_equal(heat_page(h, 3, p), 3 + p);
  uint64_t accesses, looks, used;
  for (uint32_t p = 0; p < 9000; p++) {
    heat_access(h, p, (uint64_t)p * 1000);
    heat_look(h, p, (uint64_t)p * 1000, p % 3 == 0);
  }
  sums(h, &accesses, &looks, &used);
  assert_int_equal(accesses, 9002); /* merging loses nothing */
  assert_int_equal(looks, 9001);
  assert_int_equal(used, 3001);
  assert_int_equal(heat_row_pages(h), 128);
  assert_int_equal(heat_column_cycles(h), UINT64_C(1024) << 7);
  assert_int_equal(heat_cell(h, 0, 0)->accesses, 130); /* pages 0 to 127, and the two */
  heat_destroy(h);
}

/* Compaction moves a page: what is known of it goes along, and nothing stays at its old frame. */
static void moved(void **state) {
  (void)state;
  struct heat *h = heat_create();
  struct sight *s = sight_create(8, 3, h);
  sight_access(s, 5, 1, 0x50, 1, 1); /* page 0 of the map */
  misjudge(s, 1, 10);                /* page 1 */
  uint64_t looks = heat_cell(h, 1, 0)->looks;
  assert_int_not_equal(looks, 0);
  sight_moved(s, 1, 3);
  sight_look(s, 3, true, 20);
  sight_look(s, 1, true, 21); /* nobody's any more */
  assert_int_equal(heat_cell(h, 1, 0)->looks, looks + 1);
  misjudge(s, 3, 30);
  sight_moved(s, 3, 2);
  sight_free(s, 3);
  sight_evict(s, 2, 7);
  assert_int_equal(sight_counts(s).misled, 1);
  sight_destroy(s);
  heat_destroy(h);
}

/* A machine that compacts, as in tests/scenarios/thp-pressure.ini, tells of each move. */
static void machines_move(void **state) {
  (void)state;
  uint64_t moves = 0;
  for (int arch = 0; arch < MMU_ARCH_COUNT; arch++) {
    struct machine_config cfg = fixture_config((enum mmu_arch)arch, 1);
    cfg.os.memory_bytes = 21 << 20;
    cfg.os.cpu_hz = 300000000;
    cfg.os.thp = OS_THP_ALWAYS;
    cfg.os.thp_defrag = OS_THP_DEFRAG_ALWAYS;
    cfg.os.khugepaged_scan_sleep_ms = 1;
    cfg.os.khugepaged_max_ptes_none = 511;
    cfg.os.swappiness = 60;
    cfg.os.swap_pages = 65536;
    cfg.sight = sight_create(cfg.os.memory_bytes >> 12, 1792, NULL);
    char err[512] = "";
    struct machine *m = machine_create(&cfg, err, sizeof err);
    assert_non_null(m);
    assert_true(machine_add(m, "hog:pages=3072", 1, err, sizeof err));
    assert_true(
        machine_add(m, "synthetic:pages=4096 accesses=60000 run=4 write=60 pattern=random phase=1",
                    1, err, sizeof err));
    assert_true(machine_run(m));
    struct machine_results r;
    machine_results(m, &r);
    machine_destroy(m);
    assert_int_equal(sight_counts(cfg.sight).moved, r.os.pgmigrate_success);
    moves += r.os.pgmigrate_success;
    sight_destroy(cfg.sight);
  }
  assert_true(moves > 100);
}

static struct sight_counts run(enum mmu_arch arch, enum os_a_flush flush, bool hardware) {
  struct machine_config cfg = fixture_config(arch, 2);
  cfg.os.a_flush = flush;
  cfg.os.hw_a = cfg.os.hw_d = hardware;
  cfg.sight = sight_create(cfg.os.memory_bytes >> 12, 1792, NULL);
  struct machine_results r =
      fixture_run(&cfg, "synthetic:pages=1000 file=200 accesses=100000 run=8", 2);
  struct sight_counts n = sight_counts(cfg.sight);
  /* The observer's counts and the kernel's own are of the same things. */
  assert_int_equal(n.evictions, r.os.pgsteal_kswapd + r.os.pgsteal_direct);
  assert_int_equal(n.returns, r.os.workingset_refault_anon + r.os.workingset_refault_file);
  assert_in_range(n.looks, 100, 1000000);
  sight_destroy(cfg.sight);
  return n;
}

static void machines(void **state) {
  (void)state;
  for (int arch = 0; arch < MMU_ARCH_COUNT; arch++)
    for (int hardware = arch == MMU_ARCH_X86; hardware < 2; hardware++) {
      assert_int_equal(run((enum mmu_arch)arch, OS_A_FLUSH_PAGE, hardware).wrong_looks, 0);
      struct sight_counts none = run((enum mmu_arch)arch, OS_A_FLUSH_NONE, hardware);
      assert_true(none.misled <= none.wrong_looks && none.wrong <= none.misled);
      if (arch == MMU_ARCH_ARM) assert_true(none.wrong_looks > 100 && none.wrong > 0);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(wrong_looks), cmocka_unit_test(evictions), cmocka_unit_test(rescued),
      cmocka_unit_test(heat_cells),  cmocka_unit_test(moved),     cmocka_unit_test(machines_move),
      cmocka_unit_test(machines),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
