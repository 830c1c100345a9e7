/* SPDX-License-Identifier: Apache-2.0
 * How long reclaim waits for the disk (mm/vmscan.c, reclaim_throttle, __acct_reclaim_writeback):
 * until more than 32 pages for each that waits are written, 100 ms at most; for a place in the
 * disk's queue, which is the node's high marks. */
#include "os/kernel.h"
#include "tests/unit/os_fake.h"

enum { WAITERS = 2 };

struct waiter {
  struct fake *k;
  bool begun, over;
  uint64_t cycles;
};

static void throttled(void *arg) {
  struct waiter *w = arg;
  uint64_t from = w->k->now;
  w->begun = true;
  os_reclaim_throttle(&w->k->os->node[0], OS_THROTTLE_WRITEBACK);
  w->cycles = w->k->now - from;
  w->over = true;
}

static struct waiter waiter[WAITERS];

/* Pages are written one by one once all wait. */
static void disk(void *arg) {
  struct fake *k = arg;
  struct os_node *n = &k->os->node[0];
  while (!waiter[0].begun || !waiter[1].begun || n->throttled < WAITERS)
    k->os->plat.ops->resched(k);
  for (unsigned i = 0; i < WAITERS * OS_BATCH; i++) {
    os_reclaim_written(n);
    k->os->plat.ops->resched(k);
    assert_false(waiter[0].over || waiter[1].over);
  }
  os_reclaim_written(n);
}

static struct fake *create(void) {
  static struct os_sysctl sysctl;
  sysctl = os_sysctl_default();
  const struct os_config cfg = {.arch = MMU_ARCH_RISCV,
                                .mode = MMU_S1_SV39,
                                .memory_bytes = 4 << 20,
                                .swap_pages = 100,
                                .sysctl = &sysctl};
  struct fake *k = fk_create(&cfg, 200, 1);
  for (size_t i = 0; i < WAITERS; i++)
    waiter[i] = (struct waiter){.k = k};
  return k;
}

static void enough_written(void **state) {
  (void)state;
  struct fake *k = create();
  for (size_t i = 0; i < WAITERS; i++)
    fk_start(k, throttled, &waiter[i], false);
  fk_start(k, disk, k, false);
  fk_run(k);
  for (size_t i = 0; i < WAITERS; i++)
    assert_true(waiter[i].over && waiter[i].cycles < 300000000);
  assert_int_equal(k->os->node[0].throttled, 0);
  fk_check(k);
  fk_destroy(k);
}

static void nothing_written(void **state) {
  (void)state;
  struct fake *k = create();
  fk_start(k, throttled, &waiter[0], false);
  fk_run(k);
  assert_true(waiter[0].over);
  assert_in_range(waiter[0].cycles, 300000000, 301000000); /* 100 ms of 3 GHz */
  fk_destroy(k);
}

/* What others sent out does not hold up a task before the queue is full. */
static void queued(void *arg) {
  struct waiter *w = arg;
  os_reclaim_await_queue(&w->k->os->node[0]);
  w->over = true;
}

static struct os_waitq nobody;

static void all_written(void *arg) {
  struct fake *k = arg;
  (void)os_wait_us(k->os, &nobody, 50000);
  assert_true(waiter[0].over); /* before */
  k->os->rec.writeback = 0;
}

static void the_queue(void **state) {
  (void)state;
  struct fake *k = create();
  uint64_t high = 0;
  for (unsigned i = 0; i < OS_ZONES; i++)
    if (k->os->zones.zone[0][i].managed != 0)
      high += os_zone_mark(&k->os->zones.zone[0][i], OS_MARK_HIGH);
  assert_true(high > OS_BATCH);
  k->os->rec.writeback = high - 1; /* kswapd's */
  fk_start(k, queued, &waiter[0], false);
  fk_start(k, all_written, k, false);
  fk_run(k);
  assert_true(waiter[0].over);
  fk_destroy(k);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(enough_written),
                                     cmocka_unit_test(nothing_written),
                                     cmocka_unit_test(the_queue)};
  return cmocka_run_group_tests_name("os throttle", tests, NULL, NULL);
}
