/* SPDX-License-Identifier: Apache-2.0
 * Pageblocks kept for large requests that may not wait, and what compaction asks of the free lists.
 */
#include "tests/unit/buddy_world.h"

/* ---- kept for large requests that may not wait ---- */

static void atomic_reserve(void **state) {
  (void)state;
  struct world *w = create(8192, 1024, 1);
  assert_int_equal(os_buddy_take_atomic(w->b, zone(w), 3), OS_NO_FRAME);
  uint32_t first = take(w, 3, OS_UNMOVABLE);
  os_buddy_reserve_atomic(w->b, zone(w), first);
  os_buddy_reserve_atomic(w->b, zone(w), first); /* it is one already */
  assert_int_equal(zone(w)->highatomic, 512);
  assert_int_equal(os_buddy_block(w->b, first), OS_HIGHATOMIC);
  /* What is left of the pageblock serves such requests, nobody else. */
  uint32_t second = os_buddy_take_atomic(w->b, zone(w), 3);
  assert_int_equal(second >> 9, first >> 9);
  w->frame[second].type = OS_FRAME_TABLE;
  for (uint32_t pfn = take(w, 0, OS_MOVABLE); pfn != OS_NO_FRAME; pfn = take(w, 0, OS_MOVABLE))
    assert_true(pfn >> 9 != first >> 9);
  assert_int_equal(zone(w)->free, 512 - 16);
  check(w);
  assert_false(os_zone_ok(zone(w), 3, 0, OS_ZONE_DMA32, OS_ALLOC_MIN_RESERVE));
  assert_true(os_zone_ok(zone(w), 3, 0, OS_ZONE_DMA32, OS_ALLOC_HIGHATOMIC));
  assert_true(os_zone_ok(zone(w), 3, 0, OS_ZONE_DMA32, OS_ALLOC_OOM));
  assert_false(os_zone_ok(zone(w), 0, 0, OS_ZONE_DMA32, 0));
  /* The last one is given up only when nothing else helps. */
  assert_false(os_buddy_unreserve_atomic(w->b, zone(w), OS_MOVABLE, false));
  assert_true(os_buddy_unreserve_atomic(w->b, zone(w), OS_MOVABLE, true));
  assert_int_equal(zone(w)->highatomic, 0);
  assert_int_equal(take(w, 0, OS_MOVABLE) >> 9, first >> 9);
  assert_false(os_buddy_unreserve_atomic(w->b, zone(w), OS_MOVABLE, true));
  destroy(w);
}

/* What compaction may take: whole blocks, and not below min. */
static void isolation(void **state) {
  (void)state;
  struct world *w = create(8192, 1024, 1);
  uint64_t min = zone(w)->mark[OS_MARK_MIN];
  uint32_t block = 4096; /* of order 10 */
  assert_int_equal(os_buddy_block(w->b, block), OS_MOVABLE);
  uint64_t free = zone(w)->free;
  assert_int_equal(os_buddy_isolate(w->b, zone(w), block), 1024);
  assert_int_equal(zone(w)->free, free - 1024);
  check(w);
  os_buddy_give(w->b, zone(w), block, 10);
  zone(w)->mark[OS_MARK_MIN] = free - 1024; /* one page too few */
  assert_int_equal(os_buddy_isolate(w->b, zone(w), block), 0);
  zone(w)->mark[OS_MARK_MIN] = free - 1025;
  assert_int_equal(os_buddy_isolate(w->b, zone(w), block), 1024);
  os_buddy_give(w->b, zone(w), block, 10);
  zone(w)->mark[OS_MARK_MIN] = min;
  assert_false(os_buddy_skipped(w->b, block));
  os_buddy_skip(w->b, block + 77, true);
  assert_true(os_buddy_skipped(w->b, block));
  assert_int_equal(os_buddy_block(w->b, block), OS_MOVABLE);
  os_buddy_skip(w->b, block, false);
  assert_false(os_buddy_skipped(w->b, block + 77));
  destroy(w);
}

/* The search looks at the last blocks of a list, prefers high ones, and turns the list. */
static void search(void **state) {
  (void)state;
  struct world *w = create(8192, 1024, 1);
  for (uint32_t i = 0; i < 7168; i++)
    assert_int_not_equal(take(w, 0, OS_MOVABLE), OS_NO_FRAME);
  for (uint32_t pfn = 2000; pfn < 2020; pfn += 2)
    give(w, pfn, 0); /* the last given is the first of the list */
  struct os_buddy_search s = {.low = 2012, .min = 2006, .limit = 4};
  assert_int_equal(os_buddy_find(w->b, zone(w), 0, OS_MOVABLE, &s), 2006);
  assert_int_equal(s.scanned, 4);
  assert_int_equal(s.limit, 2);
  assert_int_equal(s.highest, 2006);
  s = (struct os_buddy_search){.low = 2012, .min = 2006, .limit = 4};
  assert_int_equal(os_buddy_find(w->b, zone(w), 0, OS_MOVABLE, &s), 2010); /* after 2008 */
  assert_int_equal(s.scanned, 2);
  s = (struct os_buddy_search){.low = 2012, .min = 2012, .limit = 4};
  assert_int_equal(os_buddy_find(w->b, zone(w), 0, OS_MOVABLE, &s), 2012);
  assert_int_equal(s.scanned, 1);
  s = (struct os_buddy_search){.low = 5000, .min = 4000, .limit = 100};
  assert_int_equal(os_buddy_find(w->b, zone(w), 0, OS_MOVABLE, &s), OS_NO_FRAME);
  assert_int_equal(s.scanned, 10);
  assert_int_equal(s.highest, 2018);
  assert_int_equal(os_buddy_find(w->b, zone(w), 5, OS_MOVABLE, &s), OS_NO_FRAME);
  destroy(w);
}

/* A pageblock, and as long as less than that and a hundredth of the zone are kept, another. */
static void atomic_limit(void **state) {
  (void)state;
  struct world *w = create(8192, 1024, 1);
  for (uint32_t i = 0; i < 4; i++)
    os_buddy_reserve_atomic(w->b, zone(w), 1024 + i * 512);
  assert_int_equal(zone(w)->highatomic, 1024);
  assert_true(os_buddy_unreserve_atomic(w->b, zone(w), OS_UNMOVABLE, false));
  assert_int_equal(zone(w)->highatomic, 512);
  destroy(w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(atomic_reserve),
                                     cmocka_unit_test(atomic_limit), cmocka_unit_test(isolation),
                                     cmocka_unit_test(search)};
  return cmocka_run_group_tests_name("os pageblocks", tests, NULL, NULL);
}
