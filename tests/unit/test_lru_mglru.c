/* SPDX-License-Identifier: Apache-2.0
 * The rules of MGLRU: generations, ageing, sorting, tiers and types. */
#include <stdlib.h>

#include "lru/mglru.h"
#include "lru_fake.h"

static struct fake *start(void) {
  struct fake *h = malloc(sizeof *h);
  assert_non_null(h);
  fake_start(h, &lru_mglru);
  h->swap_free = h->swap_total = 10000;
  return h;
}
static void stop(struct fake *h) {
  fake_stop(h);
  free(h);
}
static struct mglru *of(struct fake *h) {
  return lru_mglru_of(h->l);
}
static int gen(struct fake *h, uint32_t f) {
  return lru_gen_of(lru_at(h->l, f)->word);
}
static void seqs(struct fake *h, uint64_t max, uint64_t anon, uint64_t file) {
  assert_int_equal(of(h)->max_seq, max);
  assert_int_equal(of(h)->min_seq[LRU_ANON], anon);
  assert_int_equal(of(h)->min_seq[LRU_FILE], file);
}
static void shrink(struct fake *h) {
  struct lru_scan sc = fake_scan(LRU_DEF_PRIORITY, true);
  h->ops->shrink(h->l, &sc);
  fake_check(h);
}
/* So many pages in the youngest generation that the first priority looks at one page. */
static void crowd(struct fake *h) {
  for (uint32_t f = 10240; f < 10240 + 4096; f++) {
    fake_map(h, f, LRU_FILE);
    h->page[f].young = 0;
  }
}
static void age(struct fake *h) {
  struct mglru *m = of(h);
  assert_true(lru_mglru_try_age(m, m->max_seq, true));
  fake_check(h);
}
static void use(struct fake *h, uint32_t f, int times) {
  while (times-- > 0)
    h->ops->mark_accessed(h->l, f);
}

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

static void lazy_sorting(void **state) {
  (void)state;
  struct fake *h = start();
  for (uint32_t f = 0; f < 100; f++) {
    fake_map(h, f, LRU_FILE);
    h->page[f].young = f < 40;
  }
  h->table_young[0] = true;
  of(h)->max_seq = 4;
  of(h)->walk_seq = 3;
  of(h)->min_seq[LRU_ANON] = of(h)->min_seq[LRU_FILE] = 3;
  age(h);
  assert_int_equal(gen(h, 0), 4 % 4);
  assert_int_equal(of(h)->list[3][LRU_FILE][1].count, 100); /* still where they were */
  crowd(h);
  shrink(h);
  assert_int_equal(h->freed, 60);
  assert_int_equal(lru_stats(h->l)->pgrefill, 40);
  assert_int_equal(lru_stats(h->l)->pgscan_kswapd, 60);
  assert_int_equal(of(h)->list[0][LRU_FILE][1].count, 40);
  stop(h);
}

/* Pages read again are kept only while such pages come back more than others. */
static void tiers(void **state) {
  (void)state;
  for (int back = 0; back < 2; back++) {
    struct fake *h = start();
    struct mglru *m = of(h);
    for (uint32_t f = 0; f < 30; f++) {
      fake_read(h, f); /* generation 1 */
      use(h, f, f < 10 ? 1 : f < 20 ? 2 : 5);
    }
    m->max_seq = 3;
    m->min_seq[LRU_ANON] = m->min_seq[LRU_FILE] = 1;
    m->avg_total[LRU_FILE][0] = 1000;
    m->avg_refaulted[LRU_FILE][1] = back != 0 ? 200 : 0;
    m->avg_total[LRU_FILE][1] = 200;
    m->avg_total[LRU_ANON][0] = 1000;
    crowd(h);
    shrink(h);
    /* Five uses are too many to count, always kept: tier 3. */
    assert_int_equal(h->freed, back != 0 ? 10 : 20);
    assert_int_equal(lru_stats(h->l)->workingset_activate[LRU_FILE], back != 0 ? 20 : 10);
    /* The generation was empty once they were taken, so they count for the next. */
    assert_int_equal(m->avg_total[LRU_FILE][0], 1000 / 2);
    assert_int_equal(m->avg_total[LRU_FILE][3], 10 / 2);
    assert_int_equal(m->evicted[LRU_FILE][0], 10);
    assert_int_equal(gen(h, 25), 2);
    assert_int_equal(lru_at(h->l, 25)->word & LRU_W_USED, 0);
    stop(h);
  }
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

/* 100 pages of each type in the oldest generation. */
static void types(void **state) {
  (void)state;
  static const struct {
    unsigned swappiness;
    uint64_t swap_free, anon_back, file_back;
    enum lru_type first;
  } v[] = {
      {0, 10000, 0, 0, LRU_FILE},       {1, 10000, 0, 500, LRU_FILE},
      {200, 10000, 500, 0, LRU_ANON},   {60, 63, 0, 500, LRU_FILE},
      {60, 64, 0, 500, LRU_ANON},       {60, 10000, 500, 500, LRU_FILE},
      {60, 10000, 0, 63, LRU_FILE},     {100, 10000, 400, 500, LRU_ANON},
      {100, 10000, 532, 500, LRU_FILE}, {100, 10000, 530, 500, LRU_ANON},
      {199, 10000, 500, 500, LRU_ANON},
  };
  for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
    struct fake *h = start();
    struct mglru *m = of(h);
    h->swap_free = v[i].swap_free;
    struct lru_tunables t = lru_tunables_default();
    t.swappiness = v[i].swappiness;
    lru_set_tunables(h->l, &t);
    for (uint32_t f = 0; f < 200; f++) {
      h->page[f].bits = LRU_PAGE_SWAPCACHE;
      fake_add_as(h, f, (struct lru_new){.type = f % 2, .zone = 1});
    }
    m->min_seq[LRU_ANON] = m->min_seq[LRU_FILE] = 1;
    for (int type = 0; type < LRU_TYPES; type++) {
      m->avg_total[type][0] = 1000;
      m->avg_refaulted[type][0] = type == LRU_FILE ? v[i].file_back : v[i].anon_back;
    }
    crowd(h);
    shrink(h);
    assert_int_equal(lru_stats(h->l)->pgscan[v[i].first], 64);
    assert_int_equal(lru_stats(h->l)->pgscan[1 - v[i].first], 0);
    stop(h);
  }
}

/* What was sent to disk keeps its place; what is busy comes back youngest. */
static void rejects(void **state) {
  (void)state;
  static const struct {
    enum lru_fate fate;
    unsigned gen;
  } v[] = {{LRU_FATE_WRITING, 2}, {LRU_FATE_ACTIVATE, 3}};
  for (size_t i = 0; i < 2; i++) {
    struct fake *h = start();
    h->fate = v[i].fate;
    h->page[1].bits = LRU_PAGE_SWAPCACHE | LRU_PAGE_DIRTY;
    fake_add_as(h, 1, (struct lru_new){.type = LRU_ANON, .zone = 1}); /* generation 1 */
    of(h)->min_seq[LRU_ANON] = of(h)->min_seq[LRU_FILE] = 1;
    struct lru_scan sc = fake_scan(0, true);
    h->ops->shrink(h->l, &sc);
    assert_int_equal(gen(h, 1), v[i].gen);
    fake_check(h);
    if (v[i].fate == LRU_FATE_WRITING) {
      h->page[1].bits = LRU_PAGE_SWAPCACHE;
      h->ops->written(h->l, 1);
      assert_int_equal(gen(h, 1), of(h)->min_seq[LRU_ANON] % 4);
    }
    stop(h);
  }
}

/* Dirty, locked, of a high zone: into the next generation, the first two marked for reclaim. */
static void passed_over(void **state) {
  (void)state;
  struct fake *h = start();
  for (uint32_t f = 0; f < 4; f++)
    fake_add_as(h, f, (struct lru_new){.type = LRU_FILE, .zone = f == 2 ? 3 : 1});
  h->page[0].bits = LRU_PAGE_DIRTY;
  h->page[1].bits = LRU_PAGE_LOCKED;
  of(h)->min_seq[LRU_ANON] = of(h)->min_seq[LRU_FILE] = 1;
  struct lru_scan sc = fake_scan(0, true);
  sc.highest_zone = 2;
  h->ops->shrink(h->l, &sc);
  assert_int_equal(h->freed, 1);
  assert_int_equal(h->last_freed, 3);
  for (uint32_t f = 0; f < 3; f++) {
    assert_int_equal(gen(h, f), 2);
    assert_int_equal((lru_at(h->l, f)->word & LRU_W_RECLAIM) != 0, f < 2);
  }
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
      cmocka_unit_test(lazy_sorting),
      cmocka_unit_test(tiers),
      cmocka_unit_test(refaults),
      cmocka_unit_test(types),
      cmocka_unit_test(rejects),
      cmocka_unit_test(passed_over),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
