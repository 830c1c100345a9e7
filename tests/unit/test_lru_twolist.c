/* SPDX-License-Identifier: Apache-2.0
 * The rules of the two-list LRU, one page at a time. */
#include <stdlib.h>

#include "lru_fake.h"

static struct fake *start(void) {
  struct fake *h = malloc(sizeof *h);
  assert_non_null(h);
  fake_start(h, &lru_twolist);
  return h;
}
static void stop(struct fake *h) {
  fake_stop(h);
  free(h);
}
static uint64_t active(const struct fake *h, enum lru_type t) {
  return h->ops->size(h->l, t, true);
}
static uint64_t inactive(const struct fake *h, enum lru_type t) {
  return h->ops->size(h->l, t, false);
}
/* 4096 further file pages, so that priority 12 looks at one page. */
static void crowd(struct fake *h) {
  for (uint32_t f = 1000; f < 1000 + 4095; f++)
    fake_read(h, f);
}
static void shrink(struct fake *h, int priority) {
  struct lru_scan sc = fake_scan(priority, true);
  h->ops->shrink(h->l, &sc);
  fake_check(h);
}

static void new_pages_are_inactive(void **state) {
  (void)state;
  struct fake *h = start();
  fake_read(h, 1);
  fake_map(h, 2, LRU_FILE);
  fake_map(h, 3, LRU_ANON);
  assert_int_equal(inactive(h, LRU_FILE), 2);
  assert_int_equal(inactive(h, LRU_ANON), 1);
  assert_int_equal(active(h, LRU_FILE) + active(h, LRU_ANON), 0);
  stop(h);
}

static void second_read_activates(void **state) {
  (void)state;
  struct fake *h = start();
  fake_read(h, 1);
  h->ops->mark_accessed(h->l, 1);
  assert_int_equal(active(h, LRU_FILE), 0);
  h->ops->mark_accessed(h->l, 1);
  assert_int_equal(active(h, LRU_FILE), 1);
  assert_int_equal(lru_stats(h->l)->pgactivate, 1);
  stop(h);
}

/* A page used by read() once is still the first to go. */
static void oldest_goes(void **state) {
  (void)state;
  struct fake *h = start();
  fake_read(h, 1);
  h->ops->mark_accessed(h->l, 1);
  crowd(h);
  shrink(h, 12);
  assert_int_equal(h->freed, 1);
  assert_int_equal(h->last_freed, 1);
  assert_int_equal(lru_stats(h->l)->pgscan_kswapd, 1);
  assert_int_equal(lru_stats(h->l)->pgsteal[LRU_FILE], 1);
  stop(h);
}

/* Young at the first look: kept. Young again at the second: activated. Not: gone. */
static void second_look(void **state) {
  (void)state;
  for (uint32_t again = 0; again < 2; again++) {
    struct fake *h = start();
    fake_map(h, 1, LRU_FILE);
    shrink(h, 0);
    assert_int_equal(inactive(h, LRU_FILE), 1);
    h->page[1].young = again;
    shrink(h, 0);
    assert_int_equal(inactive(h, LRU_FILE), 0);
    assert_int_equal(active(h, LRU_FILE), again);
    stop(h);
  }
}

/* One look at a single page: what becomes of it. */
static void look_at(struct fake *h, uint32_t young, bool exec, enum lru_type type) {
  h->swap_free = h->swap_total = 1000;
  fake_map(h, 1, type);
  h->page[1].young = young;
  h->page[1].exec = exec;
  shrink(h, 0);
}

static void who_is_activated(void **state) {
  (void)state;
  static const struct {
    uint32_t young;
    bool exec;
    enum lru_type type;
    uint64_t active, inactive;
  } v[] = {
      {0, false, LRU_FILE, 0, 0}, {1, false, LRU_FILE, 0, 1}, {2, false, LRU_FILE, 1, 0},
      {1, true, LRU_FILE, 1, 0},  {1, true, LRU_ANON, 0, 1},  {0, false, LRU_ANON, 0, 0},
  };
  for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
    struct fake *h = start();
    look_at(h, v[i].young, v[i].exec, v[i].type);
    assert_int_equal(inactive(h, v[i].type), v[i].inactive);
    assert_int_equal(active(h, v[i].type), v[i].active);
    stop(h);
  }
}

/* Down they all go, used or not, but for executable file pages in use. */
static void deactivation(void **state) {
  (void)state;
  struct fake *h = start();
  for (uint32_t f = 1; f <= 3; f++) {
    fake_map(h, f, LRU_FILE);
    h->ops->mark_accessed(h->l, f);
    h->ops->mark_accessed(h->l, f);
  }
  assert_int_equal(active(h, LRU_FILE), 3);
  h->page[1].young = 0;
  h->page[2].exec = true;
  shrink(h, 0);
  assert_int_equal(lru_stats(h->l)->pgrefill, 3);
  assert_int_equal(lru_stats(h->l)->pgdeactivate, 2);
  assert_int_equal(active(h, LRU_FILE), 1); /* 2 */
  stop(h);
}

/* A page leaves and comes back when it has seen `others` leave after it, with `held` pages active:
 * it had stayed if the active ones had made room. */
static void refault_distance(void **state) {
  (void)state;
  static const struct {
    uint32_t others, held;
    bool activated;
  } v[] = {{0, 0, false}, {0, 1, true}, {31, 32, true}, {32, 32, false}, {200, 32, false}};
  for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
    struct fake *h = start();
    for (uint32_t f = 0; f < v[i].held; f++) {
      fake_read(h, 1000 + f);
      h->ops->mark_accessed(h->l, 1000 + f);
      h->ops->mark_accessed(h->l, 1000 + f);
    }
    for (uint32_t f = 0; f <= v[i].others; f++) {
      fake_read(h, f);
      h->page[f].shadow = h->ops->evicted(h->l, f);
      h->ops->remove(h->l, f);
    }
    fake_read(h, 0);
    const struct lru_stats *st = lru_stats(h->l);
    assert_int_equal(st->workingset_refault[LRU_FILE], 1);
    assert_int_equal(st->workingset_activate[LRU_FILE], v[i].activated);
    assert_int_equal(st->workingset_restore[LRU_FILE], 0);
    assert_int_equal(active(h, LRU_FILE), v[i].held + v[i].activated);
    stop(h);
  }
}

/* A page that was active once is restored, and that has a price. */
static void restore(void **state) {
  (void)state;
  struct fake *h = start();
  for (uint32_t f = 0; f < 10; f++) {
    fake_read(h, f);
    h->ops->mark_accessed(h->l, f);
    h->ops->mark_accessed(h->l, f);
  }
  struct lru_scan sc = fake_scan(0, true);
  sc.to_reclaim = 1;
  h->ops->shrink(h->l, &sc); /* all ten down, none freed: the inactive list was empty */
  assert_int_equal(inactive(h, LRU_FILE), 10);
  h->ops->end_run(h->l);
  for (uint32_t f = 100; f < 120; f++) {
    fake_read(h, f);
    h->ops->mark_accessed(h->l, f);
    h->ops->mark_accessed(h->l, f);
  }
  h->page[3].shadow = h->ops->evicted(h->l, 3);
  h->ops->remove(h->l, 3);
  fake_read(h, 3);
  assert_int_equal(lru_stats(h->l)->workingset_restore[LRU_FILE], 1);
  assert_int_equal(lru_stats(h->l)->workingset_activate[LRU_FILE], 1);
  stop(h);
}

/* While refaults activate, or few are inactive, active pages are let down; else none. */
static void deactivation_wanted(void **state) {
  (void)state;
  struct fake *h = start();
  for (uint32_t f = 0; f < 64; f++) {
    fake_read(h, f);
    if (f < 20) {
      h->ops->mark_accessed(h->l, f);
      h->ops->mark_accessed(h->l, f);
    }
  }
  shrink(h, 1); /* 44 inactive against 20: enough */
  assert_int_equal(lru_stats(h->l)->pgdeactivate, 0);
  assert_int_equal(h->freed, 22);
  fake_read(h, h->last_freed); /* distance 1 */
  assert_int_equal(lru_stats(h->l)->workingset_activate[LRU_FILE], 1);
  shrink(h, 1);
  assert_int_equal(lru_stats(h->l)->pgdeactivate, 10); /* 21 >> 1 */
  h->ops->end_run(h->l);
  for (uint32_t f = 200; f < 264; f++)
    fake_read(h, f);
  shrink(h, 1);
  assert_int_equal(lru_stats(h->l)->pgdeactivate, 10);
  stop(h);
}

/* Anon pages are written first and freed when they come round; a finished write puts them last. */
static void anon_goes_by_way_of_swap(void **state) {
  (void)state;
  struct fake *h = start();
  h->swap_free = h->swap_total = 1000;
  for (uint32_t f = 1; f <= 3; f++) {
    fake_map(h, f, LRU_ANON);
    h->page[f].young = 0;
  }
  h->fate = LRU_FATE_WRITING;
  struct lru_scan sc = fake_scan(1, true);
  h->ops->shrink(h->l, &sc); /* 1 */
  assert_int_equal(h->page[1].bits, LRU_PAGE_WRITEBACK | LRU_PAGE_SWAPCACHE);
  assert_int_equal(h->page[2].bits, LRU_PAGE_MAPPED);
  h->page[1].bits = LRU_PAGE_SWAPCACHE;
  h->ops->written(h->l, 1);
  assert_int_equal(lru_stats(h->l)->pgrotated, 1);
  h->fate = LRU_FATE_FREED;
  h->ops->shrink(h->l, &sc);
  assert_int_equal(h->freed, 1);
  assert_int_equal(h->last_freed, 1);
  stop(h);
}

/* Met under writeback: out of the way, and counted for throttling. */
static void under_writeback(void **state) {
  (void)state;
  struct fake *h = start();
  fake_read(h, 1);
  h->page[1].bits = LRU_PAGE_WRITEBACK;
  struct lru_scan sc = fake_scan(0, true);
  h->ops->shrink(h->l, &sc);
  assert_int_equal(sc.writeback, 1);
  assert_int_equal(sc.taken, 1);
  assert_int_equal(sc.immediate, 0);
  assert_int_equal(active(h, LRU_FILE), 1);
  h->page[1].bits = 0;
  h->ops->written(h->l, 1);
  assert_int_equal(inactive(h, LRU_FILE), 1);
  stop(h);
}

/* Written, but dirty again, busy or locked in memory since: it stays where it is. */
static void written_too_late(void **state) {
  (void)state;
  static const unsigned since[] = {LRU_PAGE_DIRTY, LRU_PAGE_LOCKED, LRU_PAGE_UNEVICTABLE};
  for (size_t i = 0; i < sizeof since / sizeof since[0]; i++) {
    struct fake *h = start();
    fake_read(h, 1);
    h->page[1].bits = LRU_PAGE_WRITEBACK;
    struct lru_scan sc = fake_scan(0, true);
    h->ops->shrink(h->l, &sc);
    h->page[1].bits = since[i];
    h->ops->written(h->l, 1);
    assert_int_equal(active(h, LRU_FILE), 1);
    assert_int_equal(lru_stats(h->l)->pgrotated, 0);
    stop(h);
  }
}

/* Reclaim for a low zone: pages of higher zones are passed over and lose their place. */
static void skipped_zones(void **state) {
  (void)state;
  struct fake *h = start();
  fake_read(h, 1); /* zone 1 */
  fake_add_as(h, 2, (struct lru_new){.type = LRU_FILE, .zone = 0});
  fake_read(h, 3);
  struct lru_scan sc = fake_scan(0, true);
  sc.highest_zone = 0;
  h->ops->shrink(h->l, &sc);
  assert_int_equal(h->last_freed, 2);
  assert_int_equal(lru_stats(h->l)->pgscan_skip[1], 1);
  sc = fake_scan(1, true);
  h->ops->shrink(h->l, &sc); /* 1 was skipped, so 3 is older now */
  assert_int_equal(h->last_freed, 3);
  stop(h);
}

/* With swap full, anon is left alone; at swappiness 0 too, until file is tiny. */
static void balance(void **state) {
  (void)state;
  static const struct {
    unsigned swappiness;
    uint64_t free, high;
    bool anon;
  } v[] = {{60, 1000, 0, true}, {60, 0, 0, false}, {0, 1000, 0, false}, {0, 1000, 9999, true}};
  for (size_t i = 0; i < 4; i++) {
    struct fake *h = start();
    h->swap_free = v[i].free;
    h->swap_total = 1000;
    h->zone[1] = (struct lru_zone_state){.managed = 50000, .high = v[i].high};
    struct lru_tunables t = lru_tunables_default();
    t.swappiness = v[i].swappiness;
    lru_set_tunables(h->l, &t);
    for (uint32_t f = 0; f < 100; f++) {
      fake_map(h, f, LRU_ANON);
      h->page[f].young = 0;
    }
    for (uint32_t f = 1000; f < 1003; f++) {
      fake_read(h, f);
      h->ops->mark_accessed(h->l, f); /* two active, one not: no trimming of the cache */
      if (f != 1000) h->ops->mark_accessed(h->l, f);
    }
    shrink(h, 1);
    assert_int_equal(lru_stats(h->l)->pgscan[LRU_ANON] != 0, v[i].anon);
    stop(h);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(new_pages_are_inactive),
      cmocka_unit_test(second_read_activates),
      cmocka_unit_test(oldest_goes),
      cmocka_unit_test(second_look),
      cmocka_unit_test(who_is_activated),
      cmocka_unit_test(deactivation),
      cmocka_unit_test(refault_distance),
      cmocka_unit_test(restore),
      cmocka_unit_test(deactivation_wanted),
      cmocka_unit_test(anon_goes_by_way_of_swap),
      cmocka_unit_test(under_writeback),
      cmocka_unit_test(written_too_late),
      cmocka_unit_test(skipped_zones),
      cmocka_unit_test(balance),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
