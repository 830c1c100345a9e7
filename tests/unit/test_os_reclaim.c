/* SPDX-License-Identifier: Apache-2.0
 * When reclaim starts and stops, what it keeps and what it writes: watermarks to the page against
 * what a booted Linux does, second chances by A bits, writes only of what changed. */
#include "tests/unit/os_fake.h"

enum { RW = OS_PROT_READ | OS_PROT_WRITE };

struct job {
  struct fake *k;
  struct os_task *t;
  uint64_t a, b;
};

static void run_job(const struct os_config *cfg, uint64_t file_pages, void (*fn)(void *),
                    struct job *j, size_t jobs, void (*after)(struct fake *k)) {
  struct fake *k = fk_create(cfg, cfg->swap_pages + file_pages + 1, 1);
  if (file_pages != 0) assert_int_equal(os_file_create(k->os, file_pages), 1);
  for (size_t i = 0; i < jobs; i++) {
    j[i].k = k;
    fk_start(k, fn, &j[i], false);
  }
  fk_run(k);
  fk_check(k);
  if (after != NULL) after(k);
  for (size_t i = 0; i < jobs; i++)
    os_task_free(j[i].t);
  fk_destroy(k);
}

static struct os_config x86(uint64_t pages, uint64_t reserved, uint64_t swap) {
  return (struct os_config){.arch = MMU_ARCH_X86,
                            .mode = MMU_S1_X86_L4,
                            .memory_bytes = pages << 12,
                            .reserved_bytes = reserved << 12,
                            .swap_pages = swap,
                            .hw_a = true,
                            .hw_d = true};
}

static struct os_stats stats(struct fake *k) {
  struct os_stats st;
  os_stats(k->os, &st);
  return st;
}

/* ---- where kswapd starts and stops ---- */

/* The 256 MiB guest of the recordings: 3840 + 52062 managed pages. */
static void read_big_file(void *arg) {
  struct job *j = arg;
  j->t = os_task_create(j->k->os, 1);
  struct os_zone_info z[4];
  assert_int_equal(os_zones(j->k->os, z, 4), 2);
  assert_string_equal(z[0].name, "DMA");
  assert_int_equal(z[0].min, 31);
  assert_int_equal(z[0].low, 38);
  assert_int_equal(z[0].high, 45);
  assert_int_equal(z[0].protection[1], 203);
  assert_int_equal(z[1].min, 430);
  assert_int_equal(z[1].low, 537);
  assert_int_equal(z[1].high, 644);
  uint64_t page = 0;
  for (; stats(j->k).kswapd_wakeups == 0; page++) {
    os_zones(j->k->os, z, 4);
    j->a = z[0].free;
    j->b = z[1].free;
    assert_int_equal(os_file_io(j->t, 1, page, 1, false), 0);
  }
  /* Let kswapd finish. */
  uint64_t was = 0;
  do {
    was = stats(j->k).pgsteal_kswapd;
    struct os_waitq q = {NULL};
    fk_wait_until(j->k, &q, j->k->now + 10000000);
  } while (stats(j->k).pgsteal_kswapd != was);
  os_zones(j->k->os, z, 4);
  assert_true(z[1].free > 644 || z[0].free > 45 + 203);
  assert_true(was > 0);
  assert_int_equal(stats(j->k).pgsteal_direct, 0);
  os_task_exit(j->t);
}

static void kswapd_marks(void **state) {
  (void)state;
  struct os_config cfg = x86(4096 + 52062, 4096 - 3840, 0);
  cfg.min_free_kbytes = 1848;
  struct job j = {0};
  run_job(&cfg, 70000, read_big_file, &j, 1, NULL);
  /* DMA32 stops at its low mark; then DMA is drained to low + reserve; the next request wakes
   * kswapd. */
  assert_int_equal(j.b, 537);
  assert_int_equal(j.a, 38 + 203);
}

/* ---- the default of min_free_kbytes and the seam to the zones ---- */

static void default_marks(void **state) {
  (void)state;
  struct os_config cfg = x86(8192, 0, 0);
  struct fake *k = fk_create(&cfg, 1, 1);
  struct os_zone_info z[4];
  assert_int_equal(os_zones(k->os, z, 4), 2);
  /* sqrt(64 * 8191) = 724.03 kB: 181 pages over 4095 + 4096; frame 0 is reserved always */
  assert_int_equal(z[0].managed, 4095);
  assert_int_equal(z[0].min, 181 * 4095 / 8191);
  assert_int_equal(z[1].min, 181 * 4096 / 8191);
  assert_int_equal(z[1].low, 90 + 22);
  assert_int_equal(z[1].high, 90 + 44);
  fk_destroy(k);
}

/* ---- second chance ---- */

/* 20 hot pages, spread over memory and each used every 40 scanned pages, and a long scan. */
static void hot_and_scan(void *arg) {
  struct job *j = arg;
  struct fake *k = j->k;
  k->blind = j->b != 0;
  j->t = os_task_create(k->os, 1);
  const struct os_mapping m = {
      .va = 0x10000000, .bytes = UINT64_C(8000) << 12, .prot = OS_PROT_READ, .file = 1};
  assert_int_equal(os_mmap(j->t, &m), 0);
  for (uint64_t p = 0; p < 8000; p++) {
    assert_int_not_equal(fk_access(k, j->t, m.va + (p << 12), false, false), 0);
    if (p < 400 || p % 2 != 0) continue;
    uint64_t before = k->faults;
    assert_int_not_equal(fk_access(k, j->t, m.va + (p / 2 % 20 * 20 << 12), false, false), 0);
    j->a += k->faults - before;
  }
  os_task_exit(j->t);
}

static void second_chance(void **state) {
  (void)state;
  struct os_config cfg = x86(512, 0, 0);
  struct job sees = {0};
  struct job blind = {.b = 1};
  run_job(&cfg, 8000, hot_and_scan, &sees, 1, NULL);
  run_job(&cfg, 8000, hot_and_scan, &blind, 1, NULL);
  /* Without A bits the hot pages go each time the scan has turned over some 400 frames: 20 * 7600 /
   * 400 = 380 misses. With them less than half: all pages come in young, so that now and then the
   * hand goes right round and finds the first hot ones not used again yet. */
  assert_true(blind.a > 300);
  assert_true(sees.a * 2 < blind.a);
}

/* ---- writing only what changed ---- */

static void sweep(struct job *j, uint64_t va, uint64_t pages, bool write) {
  for (uint64_t p = 0; p < pages; p++)
    assert_int_not_equal(fk_access(j->k, j->t, va + (p << 12), write, false), 0);
}

static void write_then_read(void *arg) {
  struct job *j = arg;
  j->t = os_task_create(j->k->os, 1);
  const struct os_mapping m = {.va = 0x10000000, .bytes = UINT64_C(800) << 12, .prot = RW};
  assert_int_equal(os_mmap(j->t, &m), 0);
  sweep(j, m.va, 800, true);
  sweep(j, m.va, 800, false);
  sweep(j, m.va, 800, false);
  struct os_stats before = stats(j->k);
  sweep(j, m.va, 800, false);
  sweep(j, m.va, 800, false);
  struct os_stats after = stats(j->k);
  j->a = after.pswpin - before.pswpin;
  j->b = after.pswpout - before.pswpout;
  /* A read page that is written to later must be written out again: the hardware's D bit alone
   * tells. */
  uint64_t d = j->k->d_updates;
  uint64_t out = after.pswpout;
  for (uint64_t p = 0; p < 800; p++) {
    assert_int_not_equal(fk_access(j->k, j->t, m.va + (p << 12), false, false), 0);
    uint32_t pfn = fk_access(j->k, j->t, m.va + (p << 12), true, false);
    j->k->content[pfn] = 1000000 + p;
  }
  assert_true(j->k->d_updates - d > 700);
  for (uint64_t p = 0; p < 800; p++) {
    uint32_t pfn = fk_access(j->k, j->t, m.va + (p << 12), false, false);
    assert_int_equal(j->k->content[pfn], 1000000 + p);
  }
  assert_true(stats(j->k).pswpout - out > 400);
  os_task_exit(j->t);
}

static void clean_pages_are_not_written(void **state) {
  (void)state;
  struct os_config cfg = x86(512, 0, 4000); /* plenty: slots are kept for clean pages */
  struct job j = {0};
  run_job(&cfg, 0, write_then_read, &j, 1, NULL);
  assert_true(j.a > 1000); /* they went and came */
  assert_int_equal(j.b, 0);
}

/* ---- many wait for one page ---- */

static void read_shared(void *arg) {
  struct job *j = arg;
  j->t = os_task_create(j->k->os, 1);
  assert_non_null(j->t);
  const struct os_mapping m = {
      .va = 0x10000000, .bytes = UINT64_C(50) << 12, .prot = RW, .file = 1, .shared = true};
  assert_int_equal(os_mmap(j->t, &m), 0);
  for (uint64_t p = 0; p < 50; p++) {
    uint32_t pfn = fk_access(j->k, j->t, m.va + (p << 12), false, false);
    assert_int_equal(j->k->content[pfn], j->k->block[os_file_block(j->k->os, 1, p)]);
  }
  os_task_exit(j->t);
}

static void read_once(struct fake *k) {
  struct os_stats st = stats(k);
  assert_int_equal(st.nr_file, 50); /* one frame a page */
  assert_int_equal(st.pgfault, 8 * 50);
  assert_true(st.pgmajfault == 50);
}

static void one_read_for_all(void **state) {
  (void)state;
  struct os_config cfg = x86(1024, 0, 0);
  struct job j[8] = {0};
  run_job(&cfg, 50, read_shared, j, 8, read_once);
}

/* ---- address spaces share the file, not the copies ---- */

static void private_copies(void *arg) {
  struct job *j = arg;
  struct fake *k = j->k;
  j->t = os_task_create(k->os, 1);
  const struct os_mapping m = {.va = 0x10000000, .bytes = 0x2000, .prot = RW, .file = 1};
  assert_int_equal(os_mmap(j->t, &m), 0);
  uint32_t from = fk_access(k, j->t, m.va, false, false);
  uint32_t again = fk_access(k, j->t, m.va, true, false); /* copied at the write */
  assert_int_not_equal(from, again);
  assert_int_equal(k->content[again], k->content[from]);
  k->content[again] = 77 + j->a;
  uint32_t direct = fk_access(k, j->t, m.va + 0x1000, true, false); /* never mapped read-only */
  assert_int_not_equal(direct, 0);
  assert_int_equal(k->content[fk_access(k, j->t, m.va, false, false)], 77 + j->a);
  assert_int_equal(os_task_rss(j->t), 2);
  os_task_exit(j->t);
}

static void copied(struct fake *k) {
  struct os_stats st = stats(k);
  assert_int_equal(st.cow, 4);
  assert_int_equal(st.nr_file, 2);
  assert_int_equal(st.nr_anon, 0);
  assert_int_equal(st.nr_dirty_written, 0);
}

static void copy_on_write(void **state) {
  (void)state;
  struct os_config cfg = x86(1024, 0, 0);
  struct job j[2] = {{.a = 1}, {.a = 2}};
  run_job(&cfg, 2, private_copies, j, 2, copied);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(kswapd_marks),     cmocka_unit_test(default_marks),
      cmocka_unit_test(second_chance),    cmocka_unit_test(clean_pages_are_not_written),
      cmocka_unit_test(one_read_for_all), cmocka_unit_test(copy_on_write)};
  return cmocka_run_group_tests_name("os reclaim", tests, NULL, NULL);
}
