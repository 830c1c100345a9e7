/* SPDX-License-Identifier: Apache-2.0
 * Breaks an AArch64 case in the way that is aimed at. */
#include "oracle/arm.h"
#include "rules/rules.h"

static uint64_t bit(unsigned n) {
  return UINT64_C(1) << n;
}

static uint64_t pick(struct fuzz_random *r, uint32_t percent, uint64_t bits) {
  return fuzz_chance(r, percent) ? bits : 0;
}

static uint8_t between(struct fuzz_random *r, uint8_t low, uint8_t high) {
  return (uint8_t)(low + fuzz_below(r, high - low + 1U));
}

static void spoil_root(struct oracle_build *b, bool upper, struct arm_regs *g) {
  bool stage1 = b->aim->where == ORACLE_STAGE1;
  switch (b->aim->cause) {
    case MMU_CAUSE_NON_CANONICAL:
      if (stage1) b->va ^= bit(between(b->r, b->s1_bits, 54));
      break;
    case MMU_CAUSE_ROOT_DISABLED:
      g->tcr |= bit(upper ? 23 : 7);
      break;
    case MMU_CAUSE_ROOT_SIZE: {
      uint64_t *root = stage1 ? &b->s1_root : &b->s2_root;
      unsigned width = arm_width((unsigned)((stage1 ? g->tcr >> 32 : g->vtcr >> 16) & 7));
      if (width < 48) *root |= bit(between(b->r, (uint8_t)width, 47));
      break;
    }
    default:
      break;
  }
}

/* T0SZ and SL0 that do not go together: at most 16 first tables, at least two entries in one. All
 * look-ups fail; an input size beyond PS would be CONSTRAINED UNPREDICTABLE. */
static void spoil_size(struct oracle_build *b, struct arm_regs *g) {
  unsigned width = arm_width((unsigned)(g->vtcr >> 16 & 7)), low = 12U + 9U * b->s2_top;
  unsigned bits = fuzz_chance(b->r, 50) && low + 14 <= width ? low + 14 : low;
  g->vtcr = (g->vtcr & ~UINT64_C(0x3f)) | (64 - bits);
}

/* The next address goes beyond what stage 2 takes. */
static void spoil_beyond(struct oracle_build *b, struct arm_regs *g) {
  bool table = b->aim->where == ORACLE_S2_TABLE;
  if (b->aim->kind == MMU_FETCH && (table || !b->s1) && fuzz_chance(b->r, 50)) {
    spoil_size(b, g);
    return;
  }
  uint8_t most = b->s1_top;
  if (b->s2_bits >= 48) return;
  uint64_t high = bit(between(b->r, b->s2_bits, 47));
  if (!b->s1) {
    b->va |= high;
    return;
  }
  if (table && b->s1_top == b->s1_leaf) {
    b->s1_root |= high;
    return;
  }
  uint8_t level = table ? between(b->r, b->s1_leaf + 1, most) : b->s1_leaf;
  struct oracle_word *w = build_at(b, b->s1_at[level]);
  if (w != NULL) w->value |= high;
}

static void spoil_rights(struct oracle_build *b, struct oracle_word *w, struct arm_regs *g) {
  uint64_t x = fuzz_bits(b->r);
  switch (b->aim->where) {
    case ORACLE_STAGE1:
      w->value = (w->value & ~(bit(6) | bit(7) | bit(51) | bit(53) | bit(54))) |
                 (x & (bit(6) | bit(7) | bit(51) | bit(53) | bit(54)));
      break;
    case ORACLE_S2_TABLE:
      if (fuzz_chance(b->r, 50)) {
        w->value &= ~bit(6);
      } else {
        w->value &= ~(UINT64_C(0xf) << 2);
        g->hcr |= ARM_HCR_PTW;
      }
      break;
    case ORACLE_S2_SWAP:
      w->value &= ~(bit(7) | pick(b->r, 70, bit(51)));
      break;
    default:
      w->value = (w->value & ~(bit(6) | bit(7) | bit(51) | bit(53) | bit(54))) |
                 (x & (bit(6) | bit(7) | bit(51) | bit(53) | bit(54)));
  }
}

static void spoil_word(struct oracle_build *b, struct oracle_word *w, struct arm_regs *g) {
  bool stage1 = b->aim->where == ORACLE_STAGE1;
  unsigned width = arm_width((unsigned)((stage1 ? g->tcr >> 32 : g->vtcr >> 16) & 7));
  switch (b->aim->cause) {
    case MMU_CAUSE_NOT_PRESENT:
      w->value = fuzz_chance(b->r, 30) ? 0 : w->value & ~bit(0);
      break;
    case MMU_CAUSE_RESERVED:
      w->value &= ~bit(1);
      break;
    case MMU_CAUSE_ADDRESS_SIZE:
      if (width < 48) w->value |= bit(between(b->r, (uint8_t)width, 47));
      break;
    case MMU_CAUSE_ACCESS_FLAG:
      w->value &= ~bit(10);
      break;
    case MMU_CAUSE_PERMISSION:
      spoil_rights(b, w, g);
      break;
    default:
      break;
  }
}

/* For the hardware's update of the last descriptor of stage 1. */
static void age(struct oracle_build *b) {
  struct oracle_word *w = build_at(b, b->s1_at[b->s1_leaf]);
  if (w == NULL) return;
  if (b->aim->kind == MMU_WRITE && fuzz_chance(b->r, 50))
    w->value |= bit(7) | bit(51);
  else
    w->value &= ~bit(10);
}

/* Which stage-2 path: that of a table, of the last one, or of the access. */
static unsigned question_of(struct oracle_build *b) {
  if (b->aim->where == ORACLE_S2_TABLE) return between(b->r, b->s1_leaf, b->s1_top);
  return b->aim->where == ORACLE_S2_SWAP ? b->s1_leaf : (unsigned)BUILD_FINAL;
}

/* The table of this height is where there is no memory. */
static void spoil_place(struct oracle_build *b, unsigned question) {
  const struct oracle_class *aim = b->aim;
  bool stage1 = aim->where == ORACLE_STAGE1;
  uint64_t nowhere = UINT64_C(0x60000000) + ((uint64_t)fuzz_below(b->r, 0x2000) << 16);
  uint64_t at = stage1 ? b->s1_at[aim->level + 1] : b->s2_at[question][aim->level + 1];
  if (stage1 && b->s2) at = b->s2_at[aim->level][0]; /* stage 2 puts it there */
  struct oracle_word *w = build_at(b, at);
  if (aim->level == (stage1 ? b->s1_top : b->s2_top) && !(stage1 && b->s2))
    *(stage1 ? &b->s1_root : &b->s2_root) = nowhere;
  else if (w != NULL)
    w->value = (w->value & ~rules_mask(47, 12)) | nowhere;
}

void arm_spoil(struct oracle_build *b, bool upper, struct arm_regs *g) {
  const struct oracle_class *aim = b->aim;
  if (aim->where == ORACLE_S2_SWAP) age(b);
  if (aim->where == ORACLE_DONE) return;
  if (aim->cause >= MMU_CAUSE_NON_CANONICAL && aim->cause <= MMU_CAUSE_ROOT_DISABLED) {
    if (aim->cause == MMU_CAUSE_NON_CANONICAL && aim->where != ORACLE_STAGE1)
      spoil_beyond(b, g);
    else
      spoil_root(b, upper, g);
    return;
  }
  if (aim->cause == MMU_CAUSE_BUS) {
    spoil_place(b, question_of(b));
    return;
  }
  if (aim->where == ORACLE_STAGE1 && !b->s1) { /* the only thing left to go wrong */
    b->va |= bit(between(b->r, 52, 54));
    return;
  }
  uint64_t at =
      aim->where == ORACLE_STAGE1 ? b->s1_at[aim->level] : b->s2_at[question_of(b)][aim->level];
  struct oracle_word *w = build_at(b, at);
  if (w != NULL) spoil_word(b, w, g);
}
