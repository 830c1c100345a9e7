/* SPDX-License-Identifier: Apache-2.0
 * The two-list LRU between its types: what reclaim and refaults cost, and who is scanned on. */
#include <stdlib.h>

#define LRU_FAKE_FRAMES 140000
#include "lru/twolist.h"
#include "lru_fake.h"

static struct fake *start(uint32_t anon, uint32_t file) {
  struct fake *h = malloc(sizeof *h);
  assert_non_null(h);
  fake_start(h, &lru_twolist);
  h->swap_free = h->swap_total = 10000;
  for (uint32_t f = 0; f < anon + file; f++) {
    fake_map(h, f, f < anon ? LRU_ANON : LRU_FILE);
    h->page[f].young = 0;
  }
  return h;
}
static void stop(struct fake *h) {
  fake_stop(h);
  free(h);
}
static uint64_t cost(struct fake *h, enum lru_type t) {
  return lru_twolist_of(h->l)->cost[t];
}

/* Both halve when they pass a quarter of all pages. */
static void decay(void **state) {
  (void)state;
  struct fake *h = start(50, 50);
  lru_twolist_cost(lru_twolist_of(h->l), LRU_FILE, 20);
  lru_twolist_cost(lru_twolist_of(h->l), LRU_ANON, 5);
  assert_int_equal(cost(h, LRU_FILE), 20);
  assert_int_equal(cost(h, LRU_ANON), 5);
  lru_twolist_cost(lru_twolist_of(h->l), LRU_ANON, 1);
  assert_int_equal(cost(h, LRU_FILE), 10);
  assert_int_equal(cost(h, LRU_ANON), 3);
  stop(h);
}

static void writing_costs(void **state) {
  (void)state;
  struct fake *h = start(100, 0);
  h->fate = LRU_FATE_WRITING;
  struct lru_scan sc = fake_scan(4, true);
  h->ops->shrink(h->l, &sc);
  assert_int_equal(cost(h, LRU_ANON), 100 >> 4);
  assert_int_equal(cost(h, LRU_FILE), 0);
  stop(h);
}

static void restoring_costs(void **state) {
  (void)state;
  for (int was_active = 0; was_active < 2; was_active++) {
    struct fake *h = start(0, 100);
    for (uint32_t f = 0; f < 50; f++) {
      h->ops->mark_accessed(h->l, f);
      h->ops->mark_accessed(h->l, f);
    }
    h->page[60].shadow = lru_shadow_pack(lru_twolist_of(h->l)->age, 0, was_active != 0);
    h->ops->remove(h->l, 60);
    fake_read(h, 60);
    assert_int_equal(lru_stats(h->l)->workingset_activate[LRU_FILE], 1);
    assert_int_equal(cost(h, LRU_FILE), was_active);
    stop(h);
  }
}

/* With enough freed the smaller type is left alone, the larger goes on for one more batch. */
static void proportion(void **state) {
  (void)state;
  struct fake *h = start(320, 100);
  struct lru_scan sc = fake_scan(0, true);
  h->ops->shrink(h->l, &sc);
  assert_int_equal(lru_stats(h->l)->pgscan[LRU_ANON], 64);
  assert_int_equal(lru_stats(h->l)->pgscan[LRU_FILE], 32);
  assert_int_equal(sc.reclaimed, 96);
  stop(h);
}

/* Direct reclaim at the first priority finishes what it set out to scan; kswapd stops. */
static void first_priority(void **state) {
  (void)state;
  for (int kswapd = 0; kswapd < 2; kswapd++) {
    struct fake *h = start(0, 34 * 4096);
    struct lru_scan sc = fake_scan(LRU_DEF_PRIORITY, kswapd != 0);
    sc.to_reclaim = 1;
    h->ops->shrink(h->l, &sc);
    assert_int_equal(h->freed, kswapd != 0 ? 32 : 34);
    stop(h);
  }
}

/* Pages passed over keep their order among themselves. */
static void order_of_the_skipped(void **state) {
  (void)state;
  struct fake *h = start(0, 3); /* zone 1 */
  fake_add_as(h, 10, (struct lru_new){.type = LRU_FILE, .zone = 0});
  struct lru_scan sc = fake_scan(0, true);
  sc.highest_zone = 0;
  h->ops->shrink(h->l, &sc);
  assert_int_equal(h->last_freed, 10);
  sc = fake_scan(1, true);
  h->ops->shrink(h->l, &sc);
  assert_int_equal(h->last_freed, 0);
  stop(h);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(decay),
      cmocka_unit_test(writing_costs),
      cmocka_unit_test(restoring_costs),
      cmocka_unit_test(proportion),
      cmocka_unit_test(order_of_the_skipped),
      cmocka_unit_test(first_priority),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
