/* SPDX-License-Identifier: Apache-2.0
 * The rules of MGLRU: generations, ageing, refaults. */
#include "lru_mglru_fixture.h"

static void where_pages_enter(void **state) {
  (void)state;
  struct fake *h = start();
  seqs(h, 3, 0, 0);
  fake_map(h, 1, LRU_FILE);
  fake_map(h, 2, LRU_ANON);
  assert_int_equal(gen(h, 1), 3);
  assert_int_equal(gen(h, 2), 3);
  fake_read(h, 3);
  assert_int_equal(gen(h, 3), 1); /* four generations: the second oldest */
  fake_add_as(h, 4, (struct lru_new){.type = LRU_ANON, .zone = 1});
  assert_int_equal(gen(h, 4), 2);
  h->page[5].bits = LRU_PAGE_SWAPCACHE;
  fake_add_as(h, 5, (struct lru_new){.type = LRU_ANON, .zone = 1});
  assert_int_equal(gen(h, 5), 1);
  of(h)->min_seq[LRU_ANON] = of(h)->min_seq[LRU_FILE] = 1;
  fake_read(h, 6);
  assert_int_equal(gen(h, 6), 1); /* three: the oldest */
  assert_int_equal(h->ops->size(h->l, LRU_FILE, true), 1);
  assert_int_equal(h->ops->size(h->l, LRU_FILE, false), 2);
  assert_int_equal(h->ops->size(h->l, LRU_ANON, true), 2);
  stop(h);
}

/* Ageing moves numbers, not pages; nothing is evicted from the last two generations. */
static void window(void **state) {
  (void)state;
  struct fake *h = start();
  for (uint32_t f = 0; f < 10; f++) {
    fake_map(h, f, LRU_FILE); /* generation 3 */
    h->page[f].young = 0;
  }
  assert_true(lru_mglru_advance_min(of(h), true)); /* 0 to 2 were never used */
  seqs(h, 3, 2, 2);
  shrink(h);
  assert_int_equal(h->freed, 0);
  age(h);
  seqs(h, 4, 2, 2);
  crowd(h);
  assert_int_equal(gen(h, 0), 3);
  shrink(h); /* 2 is empty: min_seq moves on, and there are two left */
  seqs(h, 4, 3, 3);
  assert_int_equal(h->freed, 0);
  age(h);
  assert_int_equal(lru_stats(h->l)->aged, 2);
  shrink(h);
  assert_int_equal(h->freed, 10);
  stop(h);
}

static void file_waits_for_anon(void **state) {
  (void)state;
  struct fake *h = start();
  fake_map(h, 1, LRU_ANON);
  of(h)->max_seq = 5; /* anon page in 3 */
  of(h)->min_seq[LRU_ANON] = of(h)->min_seq[LRU_FILE] = 2;
  assert_true(lru_mglru_advance_min(of(h), true)); /* file has nothing at all, yet: */
  seqs(h, 5, 3, 3);
  assert_true(lru_mglru_advance_min(of(h), false)); /* without swap it goes ahead */
  seqs(h, 5, 3, 4);
  stop(h);
}

/* A first walk sees every table; later ones only those with many young entries. */
static void walks(void **state) {
  (void)state;
  struct fake *h = start();
  for (uint32_t f = 0; f < 1024; f++)
    fake_map(h, f, LRU_FILE);
  for (uint32_t f = 512 + 63; f < 1024; f++)
    h->page[f].young = 0; /* table 1: 63 of 512 are too few */
  h->table_young[0] = h->table_young[1] = true;
  age(h);
  assert_int_equal(h->tables_seen, 2);
  assert_int_equal(lru_stats(h->l)->leaf_young, 575);
  assert_int_equal(lru_stats(h->l)->nonleaf_added, 1);
  for (uint32_t f = 0; f < 1024; f++)
    h->page[f].young = 1;
  h->table_young[0] = h->table_young[1] = true;
  age(h);
  assert_int_equal(h->tables_seen, 3);
  assert_int_equal(h->last_table, 0);
  assert_int_equal(h->page[0].young, 0);
  assert_int_equal(h->page[600].young, 1);
  assert_int_equal(gen(h, 0), 4 % 4); /* max_seq as the walk began */
  assert_int_equal(gen(h, 600), 3);
  h->page[0].young = 1;
  h->table_young[0] = false; /* the entry above was not used */
  age(h);
  assert_int_equal(h->tables_seen, 3);
  stop(h);
}

static void walks_that_are_skipped(void **state) {
  (void)state;
  static const struct {
    bool ran, tables;
    uint64_t rss;
    uint32_t seen;
  } v[] = {{true, true, 64, 1}, {true, true, 63, 0}, {false, true, 64, 0}, {true, false, 64, 0}};
  for (size_t i = 0; i < 4; i++) {
    struct fake *h = start();
    fake_map(h, 1, LRU_FILE);
    h->walked = true;
    h->table_young[0] = true;
    h->ran = v[i].ran;
    h->rss = v[i].rss;
    struct lru_tunables t = lru_tunables_default();
    t.walk_tables = v[i].tables;
    lru_set_tunables(h->l, &t);
    age(h);
    assert_int_equal(h->tables_seen, v[i].seen);
    assert_int_equal(of(h)->max_seq, 4); /* it ages all the same */
    stop(h);
  }
}

/* kswapd ages only when eviction did not do without, and not below min_ttl_ms. */
static void kswapd_ages(void **state) {
  (void)state;
  struct fake *h = start();
  fake_map(h, 1, LRU_FILE);
  assert_true(lru_mglru_advance_min(of(h), true));
  struct lru_scan sc = fake_scan(12, true);
  assert_false(h->ops->age(h->l, &sc)); /* the first time only takes note */
  assert_int_equal(of(h)->max_seq, 3);
  struct lru_tunables t = lru_tunables_default();
  t.min_ttl_ms = 1000;
  lru_set_tunables(h->l, &t);
  h->ms = 999;
  assert_true(h->ops->age(h->l, &sc)); /* all is too young: the OOM killer's */
  assert_int_equal(of(h)->max_seq, 3);
  h->ms = 1000;
  assert_false(h->ops->age(h->l, &sc));
  assert_int_equal(of(h)->max_seq, 4);
  stop(h);
}

/* A young page is kept; so are its young neighbours, and the table is worth a walk. */
static void look_around(void **state) {
  (void)state;
  struct fake *h = start();
  for (uint32_t f = 0; f < 300; f++)
    fake_map(h, f, LRU_FILE);
  for (uint32_t f = 0; f < 300; f++)
    h->page[f].young = f < 10 || f == 250;
  of(h)->max_seq = 5;
  of(h)->min_seq[LRU_ANON] = of(h)->min_seq[LRU_FILE] = 3;
  crowd(h);
  shrink(h);
  assert_int_equal(lru_stats(h->l)->pgscan_kswapd, 64);
  assert_int_equal(h->freed, 54); /* 10..63 */
  assert_int_equal(gen(h, 0), 5 % 4);
  assert_int_equal(lru_stats(h->l)->pgactivate, 1); /* 0, the others were seen by it */
  assert_int_equal(h->page[9].young, 0);
  assert_int_equal(h->page[250].young, 1); /* out of the window */
  assert_int_equal(gen(h, 9), 5 % 4);
  stop(h);
}

static void refaults(void **state) {
  (void)state;
  struct fake *h = start();
  struct mglru *m = of(h);
  for (uint32_t f = 0; f < 3; f++) {
    fake_read(h, f);
    use(h, f, 2);
    h->page[f].shadow = h->ops->evicted(h->l, f);
    h->ops->remove(h->l, f);
  }
  assert_int_equal(m->evicted[LRU_FILE][1], 3);
  fake_read(h, 0);
  assert_int_equal(m->refaulted[LRU_FILE][1], 1);
  assert_int_equal(lru_stats(h->l)->workingset_restore[LRU_FILE], 0);
  fake_map(h, 1, LRU_FILE); /* by a fault: hot */
  assert_int_equal(lru_stats(h->l)->workingset_restore[LRU_FILE], 1);
  lru_ctrl_carry(m, LRU_FILE);
  m->min_seq[LRU_FILE]++; /* another generation is evicted now */
  fake_read(h, 2);
  assert_int_equal(lru_stats(h->l)->workingset_refault[LRU_FILE], 2);
  assert_int_equal(m->avg_refaulted[LRU_FILE][1], 1);
  assert_int_equal(m->avg_total[LRU_FILE][1], 1);
  m->min_seq[LRU_FILE]--;
  stop(h);
}

/* Two reclaimers wanted the same generation: one ageing. */
static void no_ageing_twice(void **state) {
  (void)state;
  struct fake *h = start();
  fake_map(h, 1, LRU_FILE);
  age(h);
  assert_true(lru_mglru_try_age(of(h), 3, true)); /* it has come already */
  assert_int_equal(of(h)->max_seq, 4);
  stop(h);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(where_pages_enter),
      cmocka_unit_test(window),
      cmocka_unit_test(file_waits_for_anon),
      cmocka_unit_test(walks),
      cmocka_unit_test(walks_that_are_skipped),
      cmocka_unit_test(kswapd_ages),
      cmocka_unit_test(look_around),
      cmocka_unit_test(refaults),
      cmocka_unit_test(no_ageing_twice),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
