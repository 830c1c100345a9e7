/* SPDX-License-Identifier: Apache-2.0
 * Coding of TLB range operands: see arm_range.h. Promise: pure functions. */
#include "rules/arm_range.h"

#include "rules/rules.h"

enum {
  BASE_BITS = 37,
  TTL_AT = 37,
  NUM_AT = 39,
  SCALE_AT = 44,
  TG_AT = 46,
  TG_4K = 1,
  PAGE_SHIFT = 12,
  SIGN = BASE_BITS + PAGE_SHIFT - 1 /* BaseADDR ends with VA[48]; what is above equals it */
};

static uint64_t pages_of(uint64_t num, unsigned scale) {
  return (num + 1) << (5 * scale + 1);
}

bool rules_arm_range_of(uint64_t operand, struct rules_arm_range *out) {
  unsigned scale = (unsigned)(operand >> SCALE_AT & 3);
  unsigned ttl = (unsigned)(operand >> TTL_AT & 3);
  uint64_t base = (operand & rules_mask(BASE_BITS - 1, 0)) << PAGE_SHIFT;
  if ((operand >> TG_AT & 3) != TG_4K) return false;
  out->level_hint = ttl == 0 ? RULES_ANY_LEVEL : (uint8_t)(3 - ttl);
  if (ttl != 0 && (base & rules_mask(9U * (3U - ttl) + PAGE_SHIFT - 1U, PAGE_SHIFT)) != 0)
    return false;
  if (base >> SIGN != 0) base |= rules_mask(55, SIGN);
  out->first = base;
  out->last = base + (pages_of(operand >> NUM_AT & 31, scale) << PAGE_SHIFT) - 1;
  if (out->last > rules_mask(55, 0)) out->last = rules_mask(55, 0);
  return true;
}

uint64_t rules_arm_range_operand(uint64_t first, uint64_t last) {
  uint64_t from = (first & rules_mask(55, 0)) >> PAGE_SHIFT;
  uint64_t to = (last & rules_mask(55, 0)) >> PAGE_SHIFT;
  if (to < from || to - from >= RULES_ARM_RANGE_MOST >> PAGE_SHIFT) return 0;
  unsigned scale = 0;
  while (pages_of(31, scale) <= to - from)
    scale++;
  uint64_t num = (to - from) >> (5 * scale + 1);
  return (uint64_t)TG_4K << TG_AT | (uint64_t)scale << SCALE_AT | num << NUM_AT |
         (from & rules_mask(BASE_BITS - 1, 0));
}
