/* SPDX-License-Identifier: Apache-2.0
 * The buddy allocator and the CPUs' lists by themselves: which block is taken, how blocks merge,
 * when one kind takes from another, and that nothing is lost under random use. */
#include "tests/unit/buddy_world.h"

/* ---- birth ---- */

static void birth(void **state) {
  (void)state;
  /* Frames 5 .. 4999: 1 at 5, 2 at 6, 8, 16, ..., 512; 1024s to 4096; then 512, 256, 128, 8. */
  struct world *w = create(5000, 5, 1);
  static const uint64_t blocks[OS_ORDERS] = {1, 1, 0, 2, 1, 1, 1, 2, 2, 2, 3};
  for (unsigned o = 0; o < OS_ORDERS; o++)
    assert_int_equal(zone(w)->blocks[o], blocks[o]);
  assert_int_equal(zone(w)->free, 4995);
  assert_int_equal(os_buddy_pageblocks(w->b, zone(w), OS_MOVABLE), 10);
  destroy(w);
}

/* A large machine: only the first frame of each block is touched. */
static void large(void **state) {
  (void)state;
  struct world *w = create(1 << 24, 1, 1); /* 64 GiB; DMA32 and Normal */
  assert_int_equal(w->zones.zone[0][OS_ZONE_NORMAL].blocks[10], (1 << 14) - 1024);
  assert_int_equal(w->frame[(1 << 23) + 1].type, OS_FRAME_NONE);
  destroy(w);
}

/* ---- splitting and merging ---- */

static void split_and_merge(void **state) {
  (void)state;
  struct world *w = create(4096, 1024, 1);        /* three blocks of 1024 */
  assert_int_equal(take(w, 0, OS_MOVABLE), 1024); /* the lowest part, of the first block */
  for (unsigned o = 0; o < 10; o++)
    assert_int_equal(zone(w)->blocks[o], 1);
  assert_int_equal(zone(w)->blocks[10], 2);
  assert_int_equal(take(w, 3, OS_MOVABLE), 1032); /* the smallest that is large enough */
  assert_int_equal(take(w, 0, OS_MOVABLE), 1025);
  assert_int_equal(take(w, 10, OS_MOVABLE), 2048);
  give(w, 1024, 0);
  assert_int_equal(zone(w)->blocks[0], 1);
  give(w, 1025, 0); /* 1024, 1026, 1028 merge to 8 pages, not with 1032 */
  assert_int_equal(zone(w)->blocks[0], 0);
  assert_int_equal(zone(w)->blocks[3], 1);
  give(w, 1032, 3);
  assert_int_equal(zone(w)->blocks[10], 2);
  assert_int_equal(zone(w)->free, 2048);
  give(w, 2048, 10);
  assert_int_equal(zone(w)->free, 3072);
  assert_int_equal(take(w, 10, OS_MOVABLE), 2048); /* last in, first out */
  destroy(w);
}

/* ---- kinds ---- */

static void fallback(void **state) {
  (void)state;
  struct world *w = create(16384, 1024, 1);
  struct os_buddy_counts n;
  os_zones_set_marks(&w->zones, 1000, 10);
  /* Nothing unmovable yet: the largest block of another kind, whole, so its pageblocks change. */
  uint32_t t = take(w, 0, OS_UNMOVABLE);
  assert_int_equal(t, 1024);
  assert_int_equal(os_buddy_block(w->b, 1024), OS_UNMOVABLE);
  assert_int_equal(os_buddy_block(w->b, 1536), OS_UNMOVABLE);
  assert_int_equal(os_buddy_block(w->b, 2048), OS_MOVABLE);
  os_buddy_counts(w->b, &n);
  assert_int_equal(n.fallbacks, 1);
  assert_int_equal(n.claimed, 2);
  assert_int_equal(zone(w)->boost, 0);              /* whole pageblocks do no harm */
  assert_int_equal(take(w, 0, OS_UNMOVABLE), 1025); /* its own now */
  os_buddy_counts(w->b, &n);
  assert_int_equal(n.fallbacks, 1);
  /* Fill all that is movable; the next movable request takes a single page of the smallest block
   * of the unmovable pageblocks, and marks rise. */
  while (zone(w)->free > 1022)
    assert_int_not_equal(take(w, 0, OS_MOVABLE), OS_NO_FRAME);
  assert_int_equal(zone(w)->boost, 0);
  bool boosted = false;
  assert_int_equal(os_buddy_take(w->b, zone(w), 0, OS_MOVABLE, true, &boosted), 1536);
  assert_int_equal(os_buddy_block(w->b, 1536), OS_MOVABLE); /* it was whole: claimed */
  assert_false(boosted);
  while (zone(w)->free > 510)
    assert_int_not_equal(take(w, 0, OS_MOVABLE), OS_NO_FRAME);
  /* ALLOC_NOFRAGMENT would rather have nothing. */
  assert_int_equal(os_buddy_take(w->b, zone(w), 0, OS_MOVABLE, true, &boosted), OS_NO_FRAME);
  /* The largest block, of 256 pages, brings all that is free of its pageblock, which is claimed, as
   * most of it is free; then the smallest is used. */
  assert_int_equal(os_buddy_take(w->b, zone(w), 0, OS_MOVABLE, false, &boosted), 1026);
  assert_int_equal(os_buddy_block(w->b, 1026), OS_MOVABLE);
  assert_true(boosted);
  assert_int_equal(zone(w)->boost, 512);
  destroy(w);
}

/* Where only small blocks of another kind are left a movable request splits the smallest, and
 * leaves the pageblock what it is. */
static void smallest(void **state) {
  (void)state;
  struct world *w = create(4096, 1024, 1);
  os_zones_set_marks(&w->zones, 400, 10);
  for (uint32_t i = 0; i < 3072; i++)
    assert_int_not_equal(take(w, 0, OS_UNMOVABLE), OS_NO_FRAME);
  for (uint32_t i = 0; i < 8; i++)
    give(w, 2048 + i, 0);
  give(w, 1500, 0);
  give(w, 1501, 0);
  bool boosted = false;
  assert_int_equal(os_buddy_take(w->b, zone(w), 0, OS_MOVABLE, false, &boosted), 1500);
  assert_true(boosted);
  assert_int_equal(os_buddy_block(w->b, 1500), OS_UNMOVABLE);
  assert_int_equal(os_buddy_blocks(w->b, zone(w), 0, OS_MOVABLE), 1);
  assert_int_equal(os_buddy_blocks(w->b, zone(w), 3, OS_UNMOVABLE), 1);
  /* An unmovable request would have taken the largest. */
  assert_int_equal(os_buddy_take(w->b, zone(w), 0, OS_MOVABLE, false, &boosted), 1501);
  assert_int_equal(os_buddy_take(w->b, zone(w), 0, OS_RECLAIMABLE, false, &boosted), 2048);
  destroy(w);
}

static void small_machines(void **state) {
  (void)state;
  struct world *w = create(2048, 1, 1);
  assert_int_equal(os_buddy_mobility(w->b, OS_MOVABLE), OS_UNMOVABLE);
  assert_int_equal(os_buddy_pageblocks(w->b, zone(w), OS_UNMOVABLE), 4);
  struct os_buddy_counts n;
  while (take(w, 0, OS_MOVABLE) != OS_NO_FRAME && take(w, 0, OS_UNMOVABLE) != OS_NO_FRAME) {
  }
  os_buddy_counts(w->b, &n);
  assert_int_equal(n.fallbacks, 0);
  destroy(w);
}

/* ---- random use ---- */

static uint64_t random_state;
static uint32_t rnd(uint32_t n) {
  random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)((random_state >> 33) % n);
}

struct held {
  uint32_t pfn;
  unsigned order;
};

static void random_use(void **state) {
  (void)state;
  enum { HELD = 3000 };
  static struct held held[HELD];
  for (uint64_t seed = 1; seed <= 4; seed++) {
    struct world *w = create(30000, 333, 1);
    uint64_t in_use = 0;
    size_t n = 0;
    random_state = seed;
    for (unsigned step = 0; step < 40000; step++) {
      bool fill = step / 4000 % 2 == 0;
      if (n < HELD && rnd(10) < (fill ? 7u : 3u)) {
        unsigned order = rnd(4) != 0 ? 0 : rnd(OS_ORDERS);
        bool atomic = seed > 2 && rnd(50) == 0;
        uint32_t pfn =
            atomic ? take_atomic(w, order) : take(w, order, (enum os_mobility)rnd(OS_MOBILITIES));
        if (pfn == OS_NO_FRAME) {
          (void)os_buddy_unreserve_atomic(w->b, zone(w), OS_MOVABLE, seed == 4);
          continue;
        }
        if (atomic) os_buddy_reserve_atomic(w->b, zone(w), pfn);
        assert_true((pfn & ((UINT32_C(1) << order) - 1)) == 0 && pfn >= 333);
        held[n++] = (struct held){pfn, order};
        in_use += UINT64_C(1) << order;
      } else if (n != 0) {
        size_t i = rnd((uint32_t)n);
        give(w, held[i].pfn, held[i].order);
        in_use -= UINT64_C(1) << held[i].order;
        held[i] = held[--n];
      }
      assert_int_equal(zone(w)->free + in_use, 30000 - 333);
      if (step % 1000 == 0) check(w);
    }
    while (n != 0) {
      n--;
      give(w, held[n].pfn, held[n].order);
    }
    /* All merged again, whatever the history, but for pageblocks that were kept apart. */
    if (seed <= 2) assert_int_equal(zone(w)->blocks[10], 29 - 1);
    assert_int_equal(zone(w)->free, 30000 - 333);
    destroy(w);
  }
}

/* ---- fragmentation ---- */

static void fragmentation(void **state) {
  (void)state;
  struct world *w = create(8192, 1024, 1);
  for (uint32_t i = 0; i < 7168; i++)
    assert_int_not_equal(take(w, 0, OS_MOVABLE), OS_NO_FRAME);
  for (uint32_t pfn = 1024; pfn < 8192; pfn += 2)
    give(w, pfn, 0);
  /* Half of memory is free, and no two pages of it together. */
  assert_int_equal(zone(w)->blocks[0], 3584);
  assert_int_equal(take(w, 1, OS_MOVABLE), OS_NO_FRAME);
  assert_int_equal(os_zone_unusable_index(zone(w), 9), 1000);
  assert_int_equal(os_zone_fragmentation_index(zone(w), 9), 1000 - 8000 / 3584);
  assert_false(os_zone_ok(zone(w), 1, 0, OS_ZONE_DMA32, 0));
  destroy(w);
}

/* ---- the CPUs' lists ---- */

static void cpu_lists(void **state) {
  (void)state;
  struct world *w = create(52062 + 1024, 1024, 1);
  struct os_zone *z = zone(w);
  struct os_pcps *p = os_pcps_create(w->b, w->frame, &w->zones, 2);
  assert_non_null(p);
  bool boosted = false;
  uint64_t batch = os_zone_pcp_batch(z);
  assert_int_equal(batch, 15);
  /* A batch leaves the zone for the first page; frames come in order. */
  uint32_t first = os_pcp_take(p, z, 0, OS_MOVABLE, false, &boosted);
  assert_int_equal(z->free, z->managed - 15);
  assert_int_equal(os_pcp_count(p, z, 0), 14);
  assert_int_equal(os_pcp_take(p, z, 0, OS_MOVABLE, false, &boosted), first + 1);
  assert_int_equal(z->free, z->managed - 15);
  assert_int_equal(os_pcp_count(p, z, 1), 0);
  uint32_t other = os_pcp_take(p, z, 1, OS_MOVABLE, false, &boosted);
  assert_int_equal(z->free, z->managed - 30);
  /* Freed frames are used first; lists are the CPU's that frees. */
  os_pcp_give(p, z, 0, other, false);
  assert_int_equal(os_pcp_count(p, z, 0), 14);
  assert_int_equal(os_pcp_take(p, z, 0, OS_MOVABLE, false, &boosted), other);
  /* A full list gives back a batch, then twice that, ... while nothing is taken. */
  uint64_t high = os_zone_pcp_high(z, 2);
  static uint32_t pfn[2000];
  for (unsigned i = 0; i < 2000; i++)
    pfn[i] = os_buddy_take(w->b, z, 0, OS_MOVABLE, false, &boosted);
  uint64_t free = z->free;
  unsigned i = 0;
  while (z->free == free)
    os_pcp_give(p, z, 0, pfn[i++], false);
  assert_int_equal(z->free, free + 15);
  assert_int_equal(os_pcp_count(p, z, 0), high - 15);
  while (z->free == free + 15)
    os_pcp_give(p, z, 0, pfn[i++], false);
  assert_int_equal(z->free, free + 15 + 30);
  /* While kswapd works on the zone lists are kept at four batches. */
  while (i < 2000)
    os_pcp_give(p, z, 0, pfn[i++], true);
  assert_true(os_pcp_count(p, z, 0) < 60);
  char err[160];
  assert_int_equal(os_pcps_check(p, err, sizeof err), 0);
  uint64_t on_lists = os_pcp_count(p, z, 0) + os_pcp_count(p, z, 1);
  free = z->free;
  assert_int_equal(os_pcps_drain(p), on_lists);
  assert_int_equal(z->free, free + on_lists);
  assert_int_equal(os_pcp_count(p, z, 0) + os_pcp_count(p, z, 1), 0);
  os_pcps_destroy(p);
  destroy(w);
}

static void sharers(void **state) {
  (void)state;
  struct world *w = create(8192, 1, 4);
  struct os_pcps *p = os_pcps_create(w->b, w->frame, &w->zones, 6);
  static const unsigned cpus[4] = {2, 1, 2, 1};
  for (unsigned n = 0; n < 4; n++)
    assert_int_equal(os_pcps_sharers(p, n), cpus[n]);
  os_pcps_destroy(p);
  p = os_pcps_create(w->b, w->frame, &w->zones, 2);
  assert_int_equal(os_pcps_sharers(p, 0), 1);
  assert_int_equal(os_pcps_sharers(p, 1), 2); /* no CPU of its own: all */
  os_pcps_destroy(p);
  destroy(w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(birth),           cmocka_unit_test(large),
      cmocka_unit_test(split_and_merge), cmocka_unit_test(fallback),
      cmocka_unit_test(smallest),        cmocka_unit_test(small_machines),
      cmocka_unit_test(random_use),      cmocka_unit_test(fragmentation),
      cmocka_unit_test(cpu_lists),       cmocka_unit_test(sharers)};
  return cmocka_run_group_tests_name("os buddy", tests, NULL, NULL);
}
