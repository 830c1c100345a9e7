/* SPDX-License-Identifier: Apache-2.0
 * The model's TLB hierarchy, entry by entry: L2 look-ups and their cycles, the sets, replacement
 * against a naive reference of docs/tlb.md, both walk caches, what an invalidation sweeps. */
#include "model_fixture.h"

#include <string.h>

#include "backend/model_cache.h"

/* Only MMU_REPLACE_PLRU, virtual; L1s of `l1` entries each. */
static struct mmu_geometry with_l2(uint32_t l1, uint32_t sets, uint32_t ways) {
  return (struct mmu_geometry){.l1i_entries = l1,
                               .l1d_entries = l1,
                               .l2_sets = sets,
                               .l2_ways = ways,
                               .pwc_entries = {16, 16, 16, 16},
                               .walks = 2,
                               .miss_queue = 4};
}

static struct mmu_backend_stats stats(struct machine *m) {
  struct mmu_backend_stats s;
  m->b->ops->stats(m->b, &s);
  return s;
}

static bool from_l2(struct machine *m, uint64_t va) {
  struct mmu_response r = translate(m, va, MMU_READ, NULL, NULL);
  assert_int_equal(r.status, MMU_OK);
  assert_false(r.hit);
  return r.l2;
}

/* ---- cycles ---- */

static void l2_cycles(void **state) {
  (void)state;
  enum { LATENCY = 9, LARGE = 0x40000000 };
  struct machine m = machine(with_l2(1, 16, 2), LATENCY);
  uint64_t cycles, reads;
  put(&m, ROOT + 8, (uint64_t)LARGE >> 2 | PAGE); /* a 1 GiB page */
  translate(&m, 0x1000, MMU_READ, &cycles, &reads);
  assert_int_equal(reads, 3);
  assert_int_equal(cycles, 6 + 3 * (2 + LATENCY));
  translate(&m, 0x2000, MMU_READ, &cycles, &reads);
  assert_int_equal(cycles, 6 + 2 + LATENCY);
  struct mmu_response r = translate(&m, 0x1ff8, MMU_READ, &cycles, &reads);
  assert_true(r.l2 && !r.hit);
  assert_int_equal(r.pa, FRAMES + 0x1ff8);
  assert_int_equal(r.s1_shift, 12);
  assert_int_equal(cycles, 3);
  assert_int_equal(reads, 0);
  r = translate(&m, 0x1008, MMU_READ, &cycles, NULL); /* it is in the L1 now */
  assert_true(r.hit && !r.l2);
  assert_int_equal(cycles, 1);
  translate(&m, LARGE, MMU_READ, &cycles, &reads); /* two page sizes from here on */
  assert_int_equal(reads, 1);
  assert_true(translate(&m, 0x1000, MMU_READ, &cycles, NULL).l2); /* the smaller one first */
  assert_int_equal(cycles, 3);
  r = translate(&m, LARGE + 0x123456, MMU_READ, &cycles, NULL);
  assert_true(r.l2);
  assert_int_equal(r.pa, LARGE + 0x123456);
  assert_int_equal(r.s1_shift, 30);
  assert_int_equal(cycles, 4);
  translate(&m, 0x3000, MMU_READ, &cycles, NULL);
  assert_int_equal(cycles, 7 + 2 + LATENCY);
  assert_int_equal(stats(&m).l2_hits, 3);
  assert_int_equal(stats(&m).l2_misses, 4);
  assert_int_equal(stats(&m).hits, 1);
  assert_int_equal(stats(&m).misses, 7);
  finish(&m);
}

/* One L2 hit a cycle on one port, and no more with two. */
static void l2_back_to_back(void **state) {
  (void)state;
  struct machine m = machine(with_l2(2, 16, 2), 1);
  put(&m, L0 + 8 * 0xd, page(0xd) | PAGE | 8); /* executable too */
  for (unsigned i = 0; i < 16; i++)
    translate(&m, i * 0x1000, MMU_READ, NULL, NULL);
  uint64_t start = m.b->ops->now(m.b);
  uint64_t last = 0;
  struct mmu_response r;
  for (unsigned sent = 0, got = 0; got < 64;) {
    if (sent < 64 && offer(&m, sent % 8 * 0x1000, MMU_READ, (uint8_t)sent)) sent++;
    m.b->ops->step_to(m.b, m.b->ops->now(m.b) + 1);
    for (; m.b->ops->poll(m.b, &r, 1) == 1; got++) {
      assert_true(r.l2);
      assert_int_equal(r.tag, got);
      last = r.cycle;
    }
  }
  assert_int_equal(last - start, 63 + 3);
  assert_true(offer(&m, 0xc000, MMU_READ, 1));
  assert_true(offer(&m, 0xd000, MMU_FETCH, 2));
  start = m.b->ops->now(m.b);
  for (unsigned got = 0; got < 2; got++) {
    while (m.b->ops->poll(m.b, &r, 1) == 0)
      m.b->ops->step_to(m.b, m.b->ops->now(m.b) + 1);
    assert_int_equal(r.cycle - start, 3 + got);
  }
  finish(&m);
}

/* Two ports want one page: one walk, and the other port finds it in the L2. */
static void l2_merges(void **state) {
  (void)state;
  struct machine m = machine(with_l2(4, 16, 2), 100);
  put(&m, L0 + 8, page(1) | PAGE | 8); /* executable too */
  assert_true(offer(&m, 0x1000, MMU_READ, 1));
  assert_true(offer(&m, 0x1008, MMU_FETCH, 2));
  struct mmu_response r[2];
  size_t n = 0;
  while (n < 2) {
    m.b->ops->step_to(m.b, m.b->ops->now(m.b) + 50);
    n += m.b->ops->poll(m.b, r + n, 2 - n);
  }
  assert_int_equal(r[0].tag, 1);
  assert_false(r[0].l2);
  assert_int_equal(r[1].tag, 2);
  assert_int_equal(r[1].status, MMU_OK);
  assert_true(r[1].l2);
  assert_int_equal(stats(&m).walks, 1);
  assert_int_equal(stats(&m).merges, 1);
  finish(&m);
}

/* ---- sets ---- */

static void l2_sets(void **state) {
  (void)state;
  struct machine m = machine(with_l2(1, 4, 1), 1);
  for (unsigned i = 0; i < 4; i++)
    translate(&m, i * 0x1000, MMU_READ, NULL, NULL);
  for (unsigned i = 0; i < 4; i++)
    assert_true(from_l2(&m, i * 0x1000)); /* one a set */
  assert_false(from_l2(&m, 0x4000));      /* takes the place of page 0 */
  for (unsigned i = 1; i < 4; i++)
    assert_true(from_l2(&m, i * 0x1000));
  assert_false(from_l2(&m, 0));
  /* a large page has the set of its own number: 3, not 0 */
  put(&m, ROOT + 8 * 3, (uint64_t)0x40000000 >> 2 | PAGE);
  assert_false(from_l2(&m, 0xc0000000));
  assert_true(from_l2(&m, 0));
  assert_false(from_l2(&m, 0x3000));
  finish(&m);
}

/* Sizes that are not powers of 512: contiguous pages, NAPOT. */
static void any_page_size(void **state) {
  (void)state;
  static const uint8_t shift[] = {16, 25, 34, 12, 39, 48};
  const uint64_t va = UINT64_C(0xffff923456789000);
  for (uint32_t sets = 1; sets <= 8; sets *= 8) {
    for (size_t i = 0; i < sizeof shift; i++) {
      const struct model_cache_shape shape = {.sets = sets, .ways = 2};
      struct model_cache *c = model_cache_create(&shape);
      const uint64_t size = UINT64_C(1) << shift[i];
      const uint64_t base = va & ~(size - 1);
      bool resized;
      model_cache_place(c, va, 1, shift[i], false, &resized)->base = 77;
      assert_false(resized);
      assert_int_equal(model_cache_find(c, base, 1, MODEL_ANY_SIZE)->base, 77);
      assert_non_null(model_cache_find(c, base + size - 1, 1, MODEL_ANY_SIZE));
      assert_null(model_cache_find(c, base + size, 1, MODEL_ANY_SIZE));
      assert_null(model_cache_find(c, base - 1, 1, MODEL_ANY_SIZE));
      assert_null(model_cache_find(c, base, 2, MODEL_ANY_SIZE));
      assert_null(model_cache_find(c, base, 1, ~size));
      assert_int_equal(model_cache_sizes(c), size);
      model_cache_destroy(c);
    }
  }
}

/* ---- replacement, against the words of docs/tlb.md taken literally ---- */

enum { WAYS = 16, NOBODY = -1 };

struct naive {
  enum mmu_replacement policy;
  int ways;
  int page[WAYS];
  unsigned touched[WAYS]; /* lru, fifo: when */
  unsigned clock;
  bool right_is_older[64]; /* plru: nodes of the tree, children of n are 2n and 2n + 1 */
};

static unsigned lfsr; /* one for all sets of a structure */

static int leaves(int ways) {
  int n = 1;
  while (n < ways)
    n *= 2;
  return n;
}

/* Point away from the way at every node from the root down. */
static void naive_tree(struct naive *s, int way) {
  int node = 1, low = 0, high = leaves(s->ways);
  while (high - low > 1) {
    int middle = (low + high) / 2;
    bool in_left = way < middle;
    s->right_is_older[node] = in_left;
    node = 2 * node + !in_left;
    if (in_left)
      high = middle;
    else
      low = middle;
  }
}

static int naive_tree_victim(const struct naive *s) {
  int node = 1, low = 0, high = leaves(s->ways);
  while (high - low > 1) {
    int middle = (low + high) / 2;
    bool left = !s->right_is_older[node] || middle >= s->ways;
    node = 2 * node + !left;
    if (left)
      high = middle;
    else
      low = middle;
  }
  return low;
}

static void naive_touch(struct naive *s, int way, bool fill) {
  if (s->policy == MMU_REPLACE_PLRU) naive_tree(s, way);
  if (s->policy == MMU_REPLACE_LRU || fill) s->touched[way] = ++s->clock;
}

static int naive_victim(struct naive *s) {
  int oldest = 0;
  switch (s->policy) {
    case MMU_REPLACE_PLRU:
      return naive_tree_victim(s);
    case MMU_REPLACE_RANDOM:
      oldest = (int)((lfsr & 0xff) * (unsigned)s->ways) >> 8;
      lfsr = lfsr >> 1 | ((lfsr ^ lfsr >> 2 ^ lfsr >> 3 ^ lfsr >> 5) & 1) << 15;
      return oldest;
    default:
      for (int i = 1; i < s->ways; i++)
        if (s->touched[i] < s->touched[oldest]) oldest = i;
      return oldest;
  }
}

/* A hit? If not, the page is put in. */
static bool naive_use(struct naive *s, int page) {
  int way = 0;
  while (way < s->ways && s->page[way] != page)
    way++;
  bool hit = way < s->ways;
  if (!hit) {
    for (way = 0; way < s->ways && s->page[way] != NOBODY; way++)
      continue;
    if (way == s->ways) way = naive_victim(s);
    s->page[way] = page;
  }
  naive_touch(s, way, !hit);
  return hit;
}

static struct naive naive_new(uint32_t policy, uint32_t ways) {
  struct naive s = {.policy = (enum mmu_replacement)policy, .ways = (int)ways};
  memset(s.page, 0xff, sizeof s.page);
  return s;
}

static uint64_t next_random(uint64_t *x) {
  *x = *x * UINT64_C(6364136223846793005) + 1442695040888963407;
  return *x >> 33;
}

static void replacement_in_l1(void **state) {
  (void)state;
  for (uint32_t policy = 0; policy < MMU_REPLACE_COUNT; policy++) {
    for (uint32_t ways = 1; ways <= WAYS; ways++) {
      struct mmu_geometry g = with_l2(ways, 0, 0);
      struct naive s = naive_new(policy, ways);
      uint64_t x = policy * 100 + ways;
      g.replacement = policy;
      lfsr = 0xace1;
      struct machine m = machine(g, 1);
      for (unsigned i = 0; i < 40 * ways; i++) {
        int p = (int)(next_random(&x) % (ways + 1 + ways / 2));
        bool hit = translate(&m, (uint64_t)p * 0x1000, MMU_READ, NULL, NULL).hit;
        if (hit != naive_use(&s, p))
          fail_msg("policy %u, %u ways, access %u of page %d: hit %d", policy, ways, i, p, hit);
      }
      finish(&m);
    }
  }
}

static void replacement_in_l2(void **state) {
  (void)state;
  enum { SETS = 4 };
  for (uint32_t policy = 0; policy < MMU_REPLACE_COUNT; policy++) {
    for (uint32_t ways = 1; ways <= 7; ways++) {
      struct mmu_geometry g = with_l2(1, SETS, ways);
      struct naive s[SETS];
      uint64_t x = policy * 100 + ways;
      int before = NOBODY;
      g.replacement = policy;
      /* the L1 has one entry, so that it has nothing to choose */
      lfsr = 0xace1;
      for (unsigned i = 0; i < SETS; i++)
        s[i] = naive_new(policy, ways);
      struct machine m = machine(g, 1);
      for (unsigned i = 0; i < 200 * ways; i++) {
        int p = (int)(next_random(&x) % (SETS * (ways + 2)));
        struct mmu_response r = translate(&m, (uint64_t)p * 0x1000, MMU_READ, NULL, NULL);
        assert_int_equal(r.hit, p == before);
        if (p != before && r.l2 != naive_use(&s[p % SETS], p))
          fail_msg("policy %u, %u ways, access %u of page %d: L2 %d", policy, ways, i, p, r.l2);
        before = p;
      }
      finish(&m);
    }
  }
}

/* ---- what an invalidation sweeps ---- */

static uint64_t cycles_of(struct machine *m, const struct mmu_inval *inv) {
  uint64_t start = m->b->ops->now(m->b);
  assert_int_equal(mmu_invalidate_wait(m->b, inv), 0);
  return m->b->ops->now(m->b) - start;
}

static void l2_invalidation(void **state) {
  (void)state;
  struct machine m = machine(with_l2(1, 8, 2), 1);
  const struct mmu_inval one = {.kind = MMU_INV_RISCV_ADDR_ASID, .addr = 0x1000, .asid = 1};
  const struct mmu_inval other = {.kind = MMU_INV_RISCV_ASID, .asid = 2};
  const struct mmu_inval mine = {.kind = MMU_INV_RISCV_ASID, .asid = 1};
  const struct mmu_inval all = {.kind = MMU_INV_RISCV_ALL};
  put(&m, L0 + 8 * 3, page(3) | PAGE | G);
  for (unsigned i = 0; i < 4; i++)
    translate(&m, i * 0x1000, MMU_READ, NULL, NULL);
  assert_int_equal(cycles_of(&m, &one), 4 + 1);
  assert_true(from_l2(&m, 0x2000));
  assert_false(from_l2(&m, 0x1000));
  put(&m, ROOT + 8, (uint64_t)0x40000000 >> 2 | PAGE);
  translate(&m, 0x40000000, MMU_READ, NULL, NULL);
  assert_int_equal(cycles_of(&m, &one), 4 + 2); /* two sizes */
  assert_int_equal(cycles_of(&m, &other), 4 + 8);
  assert_true(from_l2(&m, 0x2000));
  assert_int_equal(cycles_of(&m, &mine), 4 + 8);
  assert_false(from_l2(&m, 0x2000));
  assert_true(from_l2(&m, 0x3000)); /* global */
  assert_int_equal(cycles_of(&m, &all), 4 + 8);
  assert_false(from_l2(&m, 0x3000));
  assert_false(from_l2(&m, 0x40000000));
  finish(&m);
}

/* The same page, first of one ASID and then global: the new entry takes the old one's place. */
static void l2_overlap(void **state) {
  (void)state;
  struct machine m = machine(with_l2(1, 8, 2), 1);
  m.ctx.asid = 2;
  translate(&m, 0x1000, MMU_READ, NULL, NULL);
  put(&m, L0 + 8, page(1) | PAGE | G);
  m.ctx.asid = 1;
  translate(&m, 0x1000, MMU_READ, NULL, NULL);
  translate(&m, 0x2000, MMU_READ, NULL, NULL);
  m.ctx.asid = 2;
  assert_true(from_l2(&m, 0x1000));
  assert_int_equal(stats(&m).walks, 3);
  finish(&m);
}

/* ---- the physical walk cache ---- */

static void physical_walk_cache(void **state) {
  (void)state;
  enum { LATENCY = 20 };
  struct mmu_geometry g = with_l2(1, 0, 0);
  uint64_t cycles, reads;
  g.pwc_kind = MMU_PWC_PHYSICAL;
  struct machine m = machine(g, LATENCY);
  translate(&m, 0x1000, MMU_READ, &cycles, &reads);
  assert_int_equal(reads, 3);
  assert_int_equal(cycles, 5 + 3 * (2 + LATENCY));
  translate(&m, 0x2000, MMU_READ, &cycles, &reads);
  assert_int_equal(reads, 1);
  assert_int_equal(cycles, 5 + 2 + 2 + LATENCY); /* two cached levels, one cycle each */
  assert_int_equal(stats(&m).pwc_hits, 2);
  m.ctx.asid = 2; /* the tables have no address space */
  translate(&m, 0x1000, MMU_READ, NULL, &reads);
  assert_int_equal(reads, 1);
  /* a leaf-only operation leaves it alone, any other empties it */
  struct mmu_inval inv = {.kind = MMU_INV_RISCV_ADDR, .addr = 0x1000};
  mmu_invalidate_wait(m.b, &inv);
  translate(&m, 0x3000, MMU_READ, NULL, &reads);
  assert_int_equal(reads, 1);
  inv = (struct mmu_inval){.kind = MMU_INV_RISCV_ASID, .asid = 77};
  mmu_invalidate_wait(m.b, &inv);
  translate(&m, 0x4000, MMU_READ, NULL, &reads);
  assert_int_equal(reads, 3);
  /* leaves are never in it, not even large ones */
  put(&m, ROOT + 8, (uint64_t)0x40000000 >> 2 | PAGE);
  for (unsigned i = 0; i < 2; i++) {
    translate(&m, 0x40000000, MMU_READ, NULL, &reads);
    assert_int_equal(reads, 1);
    translate(&m, 0x1000, MMU_READ, NULL, NULL);
  }
  finish(&m);
}

/* One array of the sum of the sizes, whatever the heights of what is in it. */
static void physical_walk_cache_size(void **state) {
  (void)state;
  struct mmu_geometry g = with_l2(1, 0, 0);
  uint64_t reads;
  g.pwc_kind = MMU_PWC_PHYSICAL;
  g.replacement = MMU_REPLACE_LRU;
  g.pwc_entries[0] = 3;
  g.pwc_entries[1] = g.pwc_entries[2] = g.pwc_entries[3] = 0;
  struct machine m = machine(g, 1);
  put(&m, L1 + 8, L0 >> 2 | V);
  put(&m, L1 + 16, L0 >> 2 | V);
  translate(&m, 0x1000, MMU_READ, NULL, &reads); /* root and first */
  translate(&m, 0x201000, MMU_READ, NULL, &reads);
  assert_int_equal(reads, 2);
  translate(&m, 0x2000, MMU_READ, NULL, &reads);
  assert_int_equal(reads, 1);
  translate(&m, 0x401000, MMU_READ, NULL, &reads); /* takes the place of 0x201000's */
  assert_int_equal(reads, 2);
  translate(&m, 0x3000, MMU_READ, NULL, &reads);
  assert_int_equal(reads, 1);
  translate(&m, 0x202000, MMU_READ, NULL, &reads);
  assert_int_equal(reads, 2);
  finish(&m);
}

/* A probe touches every height that matches, so a table in use does not leave the cache. */
static void virtual_walk_cache_touches_all(void **state) {
  (void)state;
  struct mmu_geometry g = with_l2(1, 0, 0);
  uint64_t reads;
  g.replacement = MMU_REPLACE_LRU;
  g.pwc_entries[0] = g.pwc_entries[1] = 2;
  struct machine m = machine(g, 1);
  put(&m, ROOT + 8, L1 >> 2 | V);
  put(&m, ROOT + 16, L1 >> 2 | V);
  put(&m, L1 + 8, L0 >> 2 | V);
  translate(&m, 0x1000, MMU_READ, NULL, NULL);
  translate(&m, 0x40001000, MMU_READ, NULL, NULL); /* two pointers of each height */
  translate(&m, 0x2000, MMU_READ, NULL, &reads);   /* touches both of the first */
  assert_int_equal(reads, 1);
  translate(&m, 0x80001000, MMU_READ, NULL, &reads); /* takes the place of the second's */
  assert_int_equal(reads, 3);
  translate(&m, 0x201000, MMU_READ, NULL, &reads); /* below the first pointer of height 2 */
  assert_int_equal(reads, 2);
  finish(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(l2_cycles),
      cmocka_unit_test(l2_back_to_back),
      cmocka_unit_test(l2_merges),
      cmocka_unit_test(l2_sets),
      cmocka_unit_test(any_page_size),
      cmocka_unit_test(replacement_in_l1),
      cmocka_unit_test(replacement_in_l2),
      cmocka_unit_test(l2_invalidation),
      cmocka_unit_test(l2_overlap),
      cmocka_unit_test(physical_walk_cache),
      cmocka_unit_test(physical_walk_cache_size),
      cmocka_unit_test(virtual_walk_cache_touches_all),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
