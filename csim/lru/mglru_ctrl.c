/* SPDX-License-Identifier: Apache-2.0
 * The feedback of refaults on what is evicted: a controller with a proportional term (the
 * generation being evicted) and an integral one (those before, each weighing half of the next).
 * linux-6.1 mm/vmscan.c: read_ctrl_pos, reset_ctrl_pos, get_tier_idx, get_type_to_scan. */
#include "lru/mglru.h"

static struct lru_ctrl read_pos(const struct mglru *m, enum lru_type type, unsigned tier,
                                unsigned gain) {
  return (struct lru_ctrl){
      .refaulted = m->avg_refaulted[type][tier] + m->refaulted[type][tier],
      .total = m->avg_total[type][tier] + m->evicted[type][tier] + m->protected[type][tier],
      .gain = gain};
}

void lru_ctrl_carry(struct mglru *m, enum lru_type type) {
  for (unsigned tier = 0; tier < LRU_TIERS; tier++) {
    struct lru_ctrl p = read_pos(m, type, tier, 1);
    m->avg_refaulted[type][tier] = p.refaulted / 2;
    m->avg_total[type][tier] = p.total / 2;
    m->refaulted[type][tier] = m->evicted[type][tier] = m->protected[type][tier] = 0;
  }
}

/* The last tier of a type, from 1 up, that does worse than sp in none before it. */
static unsigned last_tier(const struct mglru *m, enum lru_type type, const struct lru_ctrl *sp,
                          unsigned gain) {
  unsigned tier = 1;
  for (; tier < LRU_TIERS; tier++) {
    struct lru_ctrl pv = read_pos(m, type, tier, gain);
    if (!lru_ctrl_ok(sp, &pv)) break;
  }
  return tier - 1;
}

/* Gains 1 and 2: another tier is protected only if it refaults twice as much as the first. */
unsigned lru_ctrl_last_tier(const struct mglru *m, enum lru_type type) {
  struct lru_ctrl sp = read_pos(m, type, 0, 1);
  return last_tier(m, type, &sp, 2);
}

enum lru_type lru_ctrl_type(const struct mglru *m, unsigned swappiness, unsigned *last) {
  const unsigned gain[LRU_TYPES] = {swappiness, 200 - swappiness};
  struct lru_ctrl anon = read_pos(m, LRU_ANON, 0, gain[LRU_ANON]);
  struct lru_ctrl file = read_pos(m, LRU_FILE, 0, gain[LRU_FILE]);
  enum lru_type type = lru_ctrl_ok(&anon, &file) ? LRU_FILE : LRU_ANON;
  *last = last_tier(m, type, type == LRU_FILE ? &anon : &file, gain[type]);
  return type;
}
