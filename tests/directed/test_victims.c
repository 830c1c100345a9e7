/* SPDX-License-Identifier: Apache-2.0
 * Replacement observed from outside: which of many loads hit in the L1, in the L2 or nowhere,
 * against the policies as docs/tlb.md states them, on whatever geometry the hardware has. */
#include "directed.h"

enum { MOST = 1024, LOADS = 1500 };

/* N entries under one policy. */
struct entries {
  unsigned n, policy;
  bool valid[MOST];
  uint64_t page[MOST];
  uint64_t used[MOST]; /* lru, fifo: the smallest goes first */
  uint64_t now;
  bool right_is_older[2 * MOST]; /* plru, by node: the children of k are 2k and 2k + 1 */
  uint16_t *lfsr;
};

static void entries_init(struct entries *e, unsigned n, unsigned policy, uint16_t *lfsr) {
  *e = (struct entries){.n = n, .policy = policy, .now = n, .lfsr = lfsr};
  for (unsigned i = 0; i < n; i++)
    e->used[i] = i;
}

static unsigned leaves(const struct entries *e) {
  unsigned n = 1;
  while (n < e->n)
    n *= 2;
  return n;
}

static void touch(struct entries *e, unsigned index, bool fill) {
  if (e->policy == MMU_REPLACE_LRU || (e->policy == MMU_REPLACE_FIFO && fill))
    e->used[index] = e->now++;
  if (e->policy != MMU_REPLACE_PLRU) return;
  for (unsigned node = leaves(e) + index; node > 1; node /= 2)
    e->right_is_older[node / 2] = node % 2 == 0;
}

static unsigned victim(struct entries *e) {
  if (e->policy == MMU_REPLACE_RANDOM) {
    const uint16_t s = *e->lfsr;
    const unsigned bit = (unsigned)(s ^ s >> 2 ^ s >> 3 ^ s >> 5) & 1;
    *e->lfsr = (uint16_t)(s >> 1 | bit << 15);
    return (s & 255) * e->n >> 8;
  }
  if (e->policy == MMU_REPLACE_PLRU) {
    unsigned first = 0;
    for (unsigned node = 1, half = leaves(e) / 2; half != 0; half /= 2) {
      const bool right = e->right_is_older[node] && first + half < e->n;
      first += right ? half : 0;
      node = 2 * node + right;
    }
    return first;
  }
  unsigned oldest = 0;
  for (unsigned i = 1; i < e->n; i++) {
    if (e->used[i] < e->used[oldest]) oldest = i;
  }
  return oldest;
}

static bool look_up(struct entries *e, uint64_t page) {
  for (unsigned i = 0; i < e->n; i++) {
    if (e->valid[i] && e->page[i] == page) {
      touch(e, i, false);
      return true;
    }
  }
  return false;
}

static void fill(struct entries *e, uint64_t page) {
  unsigned at = 0;
  while (at < e->n && e->valid[at])
    at++;
  if (at == e->n) at = victim(e);
  e->valid[at] = true;
  e->page[at] = page;
  touch(e, at, true);
}

/* Twice what one set of the L2 holds, and half as much again as the L1 does. */
static uint64_t address(const struct mmu_geometry *g, uint64_t va, unsigned i) {
  const unsigned alike = 2 * g->l2_ways;
  if (g->l2_sets != 0 && i < alike) return va ^ (uint64_t)i * g->l2_sets << 12;
  return same_table(va, i);
}

TEST_EACH_ARCH(victims_follow_the_policy) {
  const struct mmu_geometry *g = &t->b->ops->geometry;
  const uint64_t pages = 1 + (uint64_t)g->l1d_entries * 3 / 2 + 2 * (uint64_t)g->l2_ways;
  const uint64_t va = space_va(t->f, 3);
  assert_in_range(pages, 2, MOST);
  uint16_t lfsr[2] = {0xace1, 0xace1};
  struct entries *l1 = malloc(sizeof *l1), *l2 = calloc(g->l2_sets + 1, sizeof *l2);
  assert_non_null(l1);
  assert_non_null(l2);
  entries_init(l1, g->l1d_entries, g->replacement, &lfsr[0]);
  for (unsigned s = 0; s < g->l2_sets; s++)
    entries_init(&l2[s], g->l2_ways, g->replacement, &lfsr[1]);
  unsigned mapped = 0;
  do
    space_map(&t->s, address(g, va, mapped), 0, PA_1 + 4096 * (uint64_t)mapped, PAGE_ALL);
  while (++mapped < pages);
  uint64_t x = 88172645463325252u;
  unsigned hits = 0, l2_hits = 0;
  for (unsigned n = 0; n < LOADS; n++) {
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    /* often near the last one, so that uses matter */
    const unsigned i = (unsigned)((x >> 20) % 3 != 0 ? (x >> 30) % mapped : n / 16 % mapped);
    const uint64_t page = address(g, va, i) >> 12;
    struct entries *set = g->l2_sets != 0 ? &l2[page % g->l2_sets] : NULL;
    const bool in_l1 = look_up(l1, page);
    const bool in_l2 = !in_l1 && set != NULL && look_up(set, page);
    if (!in_l1) fill(l1, page);
    if (!in_l1 && !in_l2 && set != NULL) fill(set, page);
    const struct bench_request *q = translate(t, page << 12, MMU_READ);
    check(t, q->response.status == MMU_OK, "load %u", n);
    check(t, q->response.hit == in_l1, "load %u: page %u %s the L1", n, i,
          in_l1 ? "should be in" : "should not be in");
    check(t, q->response.l2 == in_l2, "load %u: page %u %s the L2", n, i,
          in_l2 ? "should be in" : "should not be in");
    hits += in_l1, l2_hits += in_l2;
    if (n % 100 == 99) bench_forget(t->b);
  }
  check(t, hits > LOADS / 20 && hits < LOADS, "%u hits", hits);
  check(t, g->l2_sets == 0 || l2_hits > LOADS / 50, "%u hits in the L2", l2_hits);
  free(l2);
  free(l1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(victims_follow_the_policy),
  };
  return run_directed(tests, sizeof tests / sizeof tests[0]);
}
