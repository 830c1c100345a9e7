/* SPDX-License-Identifier: Apache-2.0
 * The rules of MGLRU's eviction: sorting, tiers, types, when to stop. */
#include "lru_mglru_fixture.h"

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

/* A direct reclaimer moves few young neighbours at once, and counts them as activated. */
static void neighbours_at_once(void **state) {
  (void)state;
  for (uint32_t n = 14; n <= 15; n++) {
    struct fake *h = start();
    for (uint32_t f = 0; f < 300; f++)
      fake_map(h, f, LRU_FILE);
    for (uint32_t f = 0; f < 300; f++)
      h->page[f].young = f == 60 || (f >= 64 && f < 64 + n); /* the window ends at 92 */
    of(h)->max_seq = 5;
    of(h)->min_seq[LRU_ANON] = of(h)->min_seq[LRU_FILE] = 3;
    crowd(h);
    struct lru_scan sc = fake_scan(LRU_DEF_PRIORITY, false);
    h->ops->shrink(h->l, &sc);
    fake_check(h);
    assert_int_equal(lru_stats(h->l)->pgactivate, n < 15 ? 1 + n : 1);
    assert_int_equal(of(h)->list[3][LRU_FILE][1].count, n < 15 ? 300 - 64 - n : 300 - 64);
    assert_int_equal(gen(h, 64), 5 % 4);
    stop(h);
  }
}

/* 500 file pages in each of three generations: no ageing is due. */
static struct fake *three_generations(void) {
  struct fake *h = start();
  for (uint32_t f = 0; f < 1500; f++) {
    fake_map(h, f, LRU_FILE);
    h->page[f].young = 0;
    if (f % 500 == 499) of(h)->max_seq++;
  }
  of(h)->max_seq = 5; /* 3, 4 and 5 hold pages */
  of(h)->min_seq[LRU_ANON] = of(h)->min_seq[LRU_FILE] = 3;
  return h;
}

/* Enough reclaimed and every zone above high: stop, and say that more was done than was. */
static void stops_when_enough(void **state) {
  (void)state;
  for (uint64_t free = 99; free <= 100; free++) {
    struct fake *h = three_generations();
    h->zone[1] = (struct lru_zone_state){.managed = 1000, .free = free, .low = 50, .high = 100};
    struct lru_scan sc = fake_scan(3, true);
    sc.need_aging = true;
    h->ops->shrink(h->l, &sc); /* 1500 >> 3 = 187 */
    assert_int_equal(lru_stats(h->l)->pgscan_kswapd, free == 100 ? 64 : 192);
    assert_int_equal(sc.reclaimed, free == 100 ? 64 + 64 : 192);
    assert_false(sc.need_aging); /* it did well without */
    stop(h);
  }
}

/* Uses count only for a page still marked referenced when it is taken. */
static void forgotten_uses(void **state) {
  (void)state;
  for (int marked = 0; marked < 2; marked++) {
    struct fake *h = three_generations();
    lru_at(h->l, 0)->word |= LRU_W_WORKINGSET;
    if (marked) use(h, 0, 1);
    struct lru_scan sc = fake_scan(5, true); /* 46: one batch */
    h->ops->shrink(h->l, &sc);
    assert_int_equal(h->freed, 64);
    assert_int_equal(of(h)->evicted[LRU_FILE][1], marked);
    stop(h);
  }
}

/* When the controller chose the type, its tiers are held against the other type's first. */
static void tiers_of_the_chosen_type(void **state) {
  (void)state;
  struct fake *h = start();
  struct mglru *m = of(h);
  unsigned last;
  for (int t = 0; t < LRU_TYPES; t++)
    for (int k = 0; k < LRU_TIERS; k++)
      m->avg_total[t][k] = 1000;
  m->avg_refaulted[LRU_ANON][0] = 100;
  m->avg_refaulted[LRU_FILE][1] = 80; /* 80 * 1064 <= 101 * 1000, but not <= 1 * 1000 */
  assert_int_equal(lru_ctrl_type(m, 100, &last), LRU_FILE);
  assert_int_equal(last, 3);
  m->avg_refaulted[LRU_FILE][2] = 95; /* 95 * 1064 > 101 * 1000 */
  assert_int_equal(lru_ctrl_type(m, 100, &last), LRU_FILE);
  assert_int_equal(last, 1);
  assert_int_equal(lru_ctrl_last_tier(m, LRU_FILE), 0);
  stop(h);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lazy_sorting),
      cmocka_unit_test(tiers),
      cmocka_unit_test(types),
      cmocka_unit_test(rejects),
      cmocka_unit_test(passed_over),
      cmocka_unit_test(neighbours_at_once),
      cmocka_unit_test(stops_when_enough),
      cmocka_unit_test(forgotten_uses),
      cmocka_unit_test(tiers_of_the_chosen_type),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
