/* SPDX-License-Identifier: Apache-2.0
 * Huge pages on Linux's lists: counted in 4 KiB pages everywhere, split in place or by reclaim,
 * their parts in the order that the kernel gives them. */
#include "lru/mglru.h"
#include "lru/twolist.h"
#include "lru_fake.h"

#include <stdlib.h>

static struct fake *start(const struct lru_ops *ops) {
  struct fake *h = malloc(sizeof *h);
  assert_non_null(h);
  fake_start(h, ops);
  h->swap_free = h->swap_total = 10000;
  return h;
}
static void stop(struct fake *h) {
  fake_stop(h);
  free(h);
}
static void both(void (*play)(struct fake *h)) {
  const struct lru_ops *const ops[] = {&lru_twolist, &lru_mglru};
  for (size_t i = 0; i < 2; i++) {
    struct fake *h = start(ops[i]);
    play(h);
    stop(h);
  }
}
static uint64_t size(const struct fake *h) {
  return h->ops->size(h->l, LRU_ANON, false) + h->ops->size(h->l, LRU_ANON, true);
}
static void add(struct fake *h, uint32_t f, unsigned order) {
  fake_add_as(h, f, (struct lru_new){.type = LRU_ANON, .zone = 1, .order = order});
}

/* ---- counted ---- */

static void play_counted(struct fake *h) {
  add(h, 512, 9);
  add(h, 5, 0);
  assert_int_equal(size(h), 513);
  fake_check(h);
  h->ops->isolate(h->l, 512);
  assert_int_equal(size(h), 1);
  fake_check(h);
  h->ops->putback(h->l, 512);
  assert_int_equal(size(h), 513);
  fake_check(h);
  h->ops->remove(h->l, 512);
  assert_int_equal(size(h), 1);
}
static void counted(void **state) {
  (void)state;
  both(play_counted);
}

/* ---- split where it is ---- */

/* From the end that is reclaimed first: the page that was older, the parts in order, the newer. */
static void play_in_place(struct fake *h) {
  static const uint32_t first[] = {3, 512, 513, 514};
  add(h, 3, 0);
  add(h, 512, 9);
  add(h, 4, 0);
  h->ops->split(h->l, 512);
  assert_int_equal(size(h), 514);
  fake_check(h);
  const struct lru_head *l = h->ops == &lru_twolist ? &lru_twolist_of(h->l)->list[LRU_INACTIVE_ANON]
                                                    : &lru_mglru_of(h->l)->list[2][LRU_ANON][1];
  uint32_t f = l->last;
  for (size_t i = 0; i < 4; i++, f = lru_at(h->l, f)->prev)
    assert_int_equal(f, first[i]);
  for (uint32_t i = 3; i < 512; i++, f = lru_at(h->l, f)->prev)
    assert_int_equal(f, 512 + i);
  assert_int_equal(f, 4);
  h->ops->remove(h->l, 700); /* each is a page of its own */
  assert_int_equal(size(h), 513);
}
static void in_place(void **state) {
  (void)state;
  both(play_in_place);
}

/* Flags go to all parts. */
static void flags_stay(void **state) {
  (void)state;
  struct fake *h = start(&lru_twolist);
  add(h, 512, 9);
  h->ops->mark_accessed(h->l, 512);
  h->ops->mark_accessed(h->l, 512); /* active */
  assert_int_equal(h->ops->size(h->l, LRU_ANON, true), 512);
  assert_int_equal(lru_stats(h->l)->pgactivate, 512);
  h->ops->mark_accessed(h->l, 512); /* referenced */
  h->ops->split(h->l, 512);
  assert_int_equal(h->ops->size(h->l, LRU_ANON, true), 512);
  for (uint32_t f = 512; f < 1024; f++)
    assert_int_equal(lru_at(h->l, f)->word & (LRU_W_ACTIVE | LRU_W_REFERENCED),
                     LRU_W_ACTIVE | LRU_W_REFERENCED);
  stop(h);
}

/* ---- reclaim ---- */

/* Room for the generations that eviction wants to leave. */
static void old_enough(struct fake *h) {
  if (h->ops != &lru_mglru) return;
  struct mglru *m = lru_mglru_of(h->l);
  for (int i = 0; i < 2; i++)
    assert_true(lru_mglru_try_age(m, m->max_seq, true));
}

static void reclaim(struct fake *h, uint64_t *scanned) {
  struct lru_scan sc = fake_scan(4, true); /* 512 >> 4: one batch */
  h->ops->shrink(h->l, &sc);
  *scanned = sc.scanned;
  fake_check(h);
}

static void play_reclaimed(struct fake *h) {
  uint64_t scanned;
  add(h, 512, 9);
  old_enough(h);
  reclaim(h, &scanned);
  assert_int_equal(h->splits, 1);
  assert_int_equal(h->freed, 512);
  assert_int_equal(size(h), 0);
  assert_int_equal(scanned, 512); /* the whole once, or each part once */
  const struct lru_stats *st = lru_stats(h->l);
  assert_int_equal(st->pgscan[LRU_ANON], 512);
  assert_int_equal(st->pgsteal[LRU_ANON], 512);
  assert_int_equal(h->last_freed, 1023);
}
static void reclaimed(void **state) {
  (void)state;
  both(play_reclaimed);
}

/* A part that was used since is looked at by itself. */
static void play_part_used(struct fake *h) {
  uint64_t scanned;
  add(h, 512, 9);
  old_enough(h);
  h->page[600].young = 1;
  reclaim(h, &scanned);
  assert_true(h->page[600].known);
  assert_int_equal(size(h), 1);
  assert_int_equal(h->freed, 511);
}
static void part_used(void **state) {
  (void)state;
  both(play_part_used);
}

/* A used one is not split, and goes on as one. */
static void play_used(struct fake *h) {
  uint64_t scanned;
  add(h, 512, 9);
  old_enough(h);
  h->page[512].young = 1;
  reclaim(h, &scanned);
  if (h->ops == &lru_twolist) assert_int_equal(h->splits, 0);
  assert_int_equal(size(h) + h->freed, 512);
}
static void used(void **state) {
  (void)state;
  both(play_used);
}

/* ---- moved ---- */

static void play_moved(struct fake *h) {
  add(h, 7, 0);
  add(h, 8, 0);
  h->ops->mark_accessed(h->l, 7);
  h->ops->isolate(h->l, 7);
  h->page[9] = h->page[7];
  h->ops->moved(h->l, 7, 9);
  assert_int_equal(size(h), 2);
  assert_int_equal(lru_at(h->l, 7)->word, 0);
  assert_int_not_equal(lru_at(h->l, 9)->word & LRU_W_REFERENCED, 0);
  fake_check(h);
  h->ops->remove(h->l, 9);
  assert_int_equal(size(h), 1);
}
static void moved(void **state) {
  (void)state;
  both(play_moved);
}

/* A page of a young generation comes back youngest, one of an old generation does not. */
static void moved_generation(void **state) {
  (void)state;
  struct fake *h = start(&lru_mglru);
  struct mglru *m = lru_mglru_of(h->l);
  add(h, 7, 0);
  h->ops->isolate(h->l, 7);
  h->ops->putback(h->l, 7);
  assert_int_equal(lru_gen_of(lru_at(h->l, 7)->word), lru_gen_of_seq(m->max_seq));
  for (int i = 0; i < 2; i++)
    assert_true(lru_mglru_try_age(m, m->max_seq, true));
  h->page[7].bits |= LRU_PAGE_SWAPCACHE;
  h->ops->isolate(h->l, 7);
  h->ops->putback(h->l, 7);
  assert_int_not_equal(lru_gen_of(lru_at(h->l, 7)->word), lru_gen_of_seq(m->max_seq));
  stop(h);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(counted),   cmocka_unit_test(in_place),        cmocka_unit_test(flags_stay),
      cmocka_unit_test(reclaimed), cmocka_unit_test(part_used),       cmocka_unit_test(used),
      cmocka_unit_test(moved),     cmocka_unit_test(moved_generation)};
  return cmocka_run_group_tests_name("lru huge pages", tests, NULL, NULL);
}
