/* SPDX-License-Identifier: Apache-2.0
 * Replacement of the model's TLBs and walk caches: docs/tlb.md, which the hardware follows too.
 * plru: one bit a node of a binary tree over the ways, filled up to a power of two; in heap order,
 * node 1 is the root, and a set bit says that the right half is older. lru, fifo: a ring a set.
 * random: a 16-bit Fibonacci LFSR, x^16 + x^14 + x^13 + x^11 + 1.
 * Promise: the victim depends on the touches alone, so hardware and model take the same one. */
#include "backend/model_replace.h"

#include <stdbool.h>
#include <stdlib.h>

enum { LFSR_START = 0xace1 };

struct link {
  uint32_t older, younger;
};

/* plru: what a touch does to the nodes of one word. A node without a right half stays 0. */
struct turn {
  uint64_t path; /* nodes above the way */
  uint64_t away; /* those of them that become 1 */
};

struct model_replace {
  enum mmu_replacement policy;
  uint32_t ways;
  uint32_t leaves, words; /* plru: ways, rounded up to a power of two; 64 nodes a word */
  uint16_t lfsr;          /* random */
  uint64_t *tree;         /* plru: words a set */
  struct turn *turn;      /* plru: words a way */
  struct link *ring;      /* lru, fifo: element 0 of a set stands between youngest and oldest */
};

static void plan_turns(struct model_replace *r) {
  for (uint32_t way = 0; way < r->ways; way++) {
    struct turn *turn = &r->turn[way * r->words];
    uint32_t half = 1; /* leaves under the child that the path goes through */
    for (uint32_t node = way + r->leaves; node > 1; node >>= 1, half *= 2) {
      uint64_t bit = UINT64_C(1) << (node >> 1) % 64;
      uint32_t first_right = (way / half | 1) * half; /* of the parent's right half */
      turn[(node >> 1) / 64].path |= bit;
      if (!(node & 1) && first_right < r->ways) turn[(node >> 1) / 64].away |= bit;
    }
  }
}

/* At the start way 0 is the oldest. */
static void order_ring(struct link *ring, uint32_t ways) {
  for (uint32_t i = 0; i <= ways; i++)
    ring[i] = (struct link){.older = i == 0 ? ways : i - 1, .younger = i == ways ? 0 : i + 1};
}

/* False if out of host memory. */
static bool build(struct model_replace *r, uint32_t sets) {
  switch (r->policy) {
    case MMU_REPLACE_PLRU:
      r->tree = calloc(sets, r->words * sizeof *r->tree);
      r->turn = calloc(r->ways, r->words * sizeof *r->turn);
      if (r->tree == NULL || r->turn == NULL) return false;
      plan_turns(r);
      return true;
    case MMU_REPLACE_RANDOM:
      return true;
    default:
      r->ring = calloc(sets, (r->ways + 1) * sizeof *r->ring);
      if (r->ring == NULL) return false;
      for (uint32_t set = 0; set < sets; set++)
        order_ring(&r->ring[set * (r->ways + 1)], r->ways);
      return true;
  }
}

struct model_replace *model_replace_create(uint32_t sets, uint32_t ways,
                                           enum mmu_replacement policy) {
  struct model_replace *r = calloc(1, sizeof *r);
  if (r == NULL) return NULL;
  *r = (struct model_replace){.policy = policy, .ways = ways, .leaves = 1, .lfsr = LFSR_START};
  while (r->leaves < ways)
    r->leaves *= 2;
  r->words = (r->leaves + 63) / 64;
  if (build(r, sets)) return r;
  model_replace_destroy(r);
  return NULL;
}

void model_replace_destroy(struct model_replace *r) {
  if (r == NULL) return;
  free(r->tree);
  free(r->turn);
  free(r->ring);
  free(r);
}

/* Turn every node on the path to the way to its other half. */
static void turn_path(struct model_replace *r, uint32_t set, uint32_t way) {
  uint32_t words = r->words;
  uint64_t *tree = &r->tree[set * words];
  const struct turn *turn = &r->turn[way * words];
  do {
    *tree = (*tree & ~turn->path) | turn->away;
    tree++;
    turn++;
  } while (--words != 0);
}

static uint32_t follow_tree(const struct model_replace *r, uint32_t set) {
  const uint64_t *tree = &r->tree[set * r->words];
  uint64_t word = tree[0];
  uint32_t leaves = r->leaves;
  uint32_t node = 1;
  while (node < leaves) {
    if (node >= 64) word = tree[node / 64];
    node = 2 * node + (uint32_t)(word >> node % 64 & 1);
  }
  return node - leaves;
}

static void make_youngest(struct model_replace *r, uint32_t set, uint32_t way) {
  struct link *ring = &r->ring[set * (r->ways + 1)];
  uint32_t i = way + 1;
  if (ring[0].older == i) return;
  ring[ring[i].older].younger = ring[i].younger;
  ring[ring[i].younger].older = ring[i].older;
  ring[i] = (struct link){.older = ring[0].older, .younger = 0};
  ring[ring[0].older].younger = i;
  ring[0].older = i;
}

void model_replace_hit(struct model_replace *r, uint32_t set, uint32_t way) {
  if (r->policy == MMU_REPLACE_PLRU)
    turn_path(r, set, way);
  else if (r->policy == MMU_REPLACE_LRU)
    make_youngest(r, set, way);
}

void model_replace_fill(struct model_replace *r, uint32_t set, uint32_t way) {
  if (r->policy == MMU_REPLACE_FIFO)
    make_youngest(r, set, way);
  else
    model_replace_hit(r, set, way);
}

static uint32_t draw(struct model_replace *r) {
  uint32_t s = r->lfsr;
  uint32_t bit = (s ^ s >> 2 ^ s >> 3 ^ s >> 5) & 1;
  r->lfsr = (uint16_t)(s >> 1 | bit << 15);
  return (s & 0xff) * r->ways >> 8;
}

uint32_t model_replace_victim(struct model_replace *r, uint32_t set) {
  switch (r->policy) {
    case MMU_REPLACE_PLRU:
      return follow_tree(r, set);
    case MMU_REPLACE_RANDOM:
      return draw(r);
    default:
      return r->ring[set * (r->ways + 1)].younger - 1;
  }
}
