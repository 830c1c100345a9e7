/* SPDX-License-Identifier: Apache-2.0
 * Dirty file pages: the limits and rates by hand, when the flusher starts and stops, who waits, and
 * that old pages are written without any pressure. */
#include "os/kernel.h"
#include "tests/unit/os_fake.h"

static struct os_sysctl sysctl;

static void limits(void **state) {
  (void)state;
  /* 20 % is 819/4096, 10 % is 409/4096. */
  struct os_dirty_limits l = os_dirty_limits(100000, 10, 20);
  assert_int_equal(l.limit, 819 * 100000 / 4096);
  assert_int_equal(l.background, 409 * 100000 / 4096);
  assert_int_equal(l.free_run, (19995 + 9985) / 2);
  l = os_dirty_limits(100000, 30, 20); /* the background is below the limit always */
  assert_int_equal(l.background, 19995 / 2);
  l = os_dirty_limits(0, 10, 20);
  assert_int_equal(l.limit, 0);
}

static void position(void **state) {
  (void)state;
  const struct os_dirty_limits l = {.background = 1000, .free_run = 2000, .limit = 4000};
  assert_int_equal(os_dirty_position(&l, 3000), 1024); /* the set point */
  assert_int_equal(os_dirty_position(&l, 4000), 0);
  assert_int_equal(os_dirty_position(&l, 9000), 0);
  assert_true(os_dirty_position(&l, 2000) > 2000); /* nearly twice */
  assert_int_equal(os_dirty_position(&l, 0), 2048);
  /* half way to the limit: x = -1/2, 1 - 1/8 */
  assert_in_range(os_dirty_position(&l, 3500), 890, 900);
}

static void bandwidth(void **state) {
  (void)state;
  assert_int_equal(os_write_bandwidth(25600, 0, 0), 25600);
  assert_int_equal(os_write_bandwidth(25600, 50000, 10000000), 5000); /* long ago: anew */
  /* 1000 pages in 0.2 s are 5000 a second; it counts 0.2 of 4.19 s. */
  assert_in_range(os_write_bandwidth(25600, 1000, 200000), 24610, 24630);
}

/* ---- in a machine of 16 MiB ---- */

struct job {
  struct fake *k;
  struct os_task *t;
  uint64_t latency; /* of the disk, once all pages are read */
  uint64_t most, paused, cycles;
};

static void run(void (*fn)(void *arg), struct job *j, uint64_t latency) {
  struct os_config cfg = {.arch = MMU_ARCH_X86,
                          .mode = MMU_S1_X86_L4,
                          .memory_bytes = 16 << 20,
                          .sysctl = &sysctl,
                          .hw_a = true,
                          .hw_d = true};
  struct fake *k = fk_create(&cfg, 4000, 1);
  k->disk_latency = 10;
  j->latency = latency;
  assert_int_equal(os_file_create(k->os, 3000), 1);
  j->k = k;
  fk_start(k, fn, j, false);
  fk_run(k);
  fk_check(k);
  os_task_free(j->t);
  fk_destroy(k);
}

static void sleep_us(struct fake *k, uint64_t us) {
  struct os_waitq q = {NULL};
  fk_wait_until(k, &q, k->now + us * 3000);
}

static void write_much(void *arg) {
  struct job *j = arg;
  struct os *os = j->k->os;
  j->t = os_task_create(os, 1);
  assert_int_equal(os_file_io(j->t, 1, 0, 3000, false), 0);
  uint64_t start = j->k->now;
  j->k->disk_latency = j->latency;
  struct os_dirty_limits l = os_dirty_limits_now(os);
  for (uint64_t page = 0; page < 3000; page++) {
    assert_int_equal(os_file_io(j->t, 1, page, 1, true), 0);
    if (os->wb.dirty > j->most) j->most = os->wb.dirty;
    /* Nothing is written below the background limit, free memory or not. */
    if (page + 1 < l.background * 9 / 10) assert_int_equal(os->st.nr_dirty_written, 0);
  }
  j->paused = os->st.balance_dirty_pauses;
  j->cycles = j->k->now - start;
  sleep_us(j->k, 20000000);
  assert_int_equal(os->wb.writeback, 0);
  assert_true(os->wb.dirty <= os_dirty_limits_now(os).background);
  os_task_exit(j->t);
}

static void background(void **state) {
  (void)state;
  sysctl = os_sysctl_default();
  struct job fast = {0};
  run(write_much, &fast, 10); /* a disk that keeps up */
  struct job slow = {0};
  run(write_much, &slow, 30000000); /* 10 ms a page, 128 at once */
  /* Writers wait for the slow disk, and never dirty (much) more than the limit: 819/4096 of 4095
   * pages. */
  assert_true(fast.paused < slow.paused);

  assert_true(slow.cycles > 10 * fast.cycles);
  assert_true(slow.most < 819 * 4095 / 4096 + 64);
  /* Lower ratios: fewer dirty pages. */
  sysctl.dirty_background_ratio = 2;
  sysctl.dirty_ratio = 4;
  struct job low = {0};
  run(write_much, &low, 30000000);
  assert_true(low.most < slow.most / 2);
}

static void write_and_wait(void *arg) {
  struct job *j = arg;
  struct os *os = j->k->os;
  j->t = os_task_create(os, 1);
  assert_int_equal(os_file_io(j->t, 1, 7, 3, true), 0);
  assert_int_equal(os_file_io(j->t, 1, 200, 1, true), 0);
  assert_int_equal(os->st.nr_dirtied, 4);
  sleep_us(j->k, 29900000);
  assert_int_equal(os->st.nr_dirty_written, 0);
  sleep_us(j->k, 6000000); /* 30 s old, and it looks every 5 s */
  assert_int_equal(os->st.nr_dirty_written, 4);
  assert_int_equal(os->wb.dirty, 0);
  os_task_exit(j->t);
}

static void old_pages(void **state) {
  (void)state;
  sysctl = os_sysctl_default();
  struct job j = {0};
  run(write_and_wait, &j, 10);
}

static void reclaim_asks(void *arg) {
  struct job *j = arg;
  struct os *os = j->k->os;
  j->t = os_task_create(os, 1);
  assert_int_equal(os_file_io(j->t, 1, 0, 100, true), 0);
  os_flusher_kick(os);
  sleep_us(j->k, 100000);
  assert_int_equal(os->st.nr_dirty_written, 100);
  assert_int_equal(os->wb.dirty, 0);
  os_task_exit(j->t);
}

static void kicked(void **state) {
  (void)state;
  sysctl = os_sysctl_default();
  struct job j = {0};
  run(reclaim_asks, &j, 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(limits),    cmocka_unit_test(position),
                                     cmocka_unit_test(bandwidth), cmocka_unit_test(background),
                                     cmocka_unit_test(old_pages), cmocka_unit_test(kicked)};
  return cmocka_run_group_tests_name("os writeback", tests, NULL, NULL);
}
