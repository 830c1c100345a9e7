/* SPDX-License-Identifier: Apache-2.0
 * Makes the access of an x86 case fail as the aim says, or at least try to. */
#include "oracle/x86.h"

enum { EPT_R = 1, EPT_W = 2, EPT_X = 4, EPT_TYPE_AT = 3, KEY_AT = 59 };

static bool leaf(uint8_t level, uint64_t entry) {
  return level == 0 || (entry & X86_PS);
}

/* A bit that must be 0, or the low bits of a large page. */
static void reserve(struct oracle_build *b, struct oracle_word *w, unsigned low) {
  uint8_t level = b->aim->level;
  bool large = level > 0 && level <= X86_HIGHEST_LEAF && leaf(level, w->value);
  uint32_t choice = fuzz_below(b->r, 3);
  if (choice == 0 && level >= X86_TOP)
    w->value |= X86_PS;
  else if (choice == 0 && large)
    w->value |= x86_bit(fuzz_chance(b->r, 20) ? low : x86_between(b->r, low, 11U + 9U * level));
  else
    w->value |= x86_bit(x86_between(b->r, X86_WIDTH, 51));
}

static void reserve_amd(struct oracle_build *b, struct oracle_word *w, uint64_t *nxe,
                        uint64_t nxe_bit) {
  if (fuzz_chance(b->r, 30)) {
    *nxe &= ~nxe_bit;
    w->value |= X86_XD;
  } else {
    reserve(b, w, 13);
  }
}

static void misconfigure(struct oracle_build *b, struct oracle_word *w) {
  static const uint8_t types[3] = {2, 3, 7};
  bool pointer = !leaf(b->aim->level, w->value);
  switch (fuzz_below(b->r, 3)) {
    case 0:
      w->value &= ~(uint64_t)EPT_R;
      if (fuzz_chance(b->r, 50)) w->value &= ~(uint64_t)EPT_X;
      break;
    case 1:
      if (pointer)
        w->value |= x86_bit(x86_between(b->r, 3, 6));
      else
        w->value = (w->value & ~(UINT64_C(7) << EPT_TYPE_AT)) | (uint64_t)types[fuzz_below(b->r, 3)]
                                                                    << EPT_TYPE_AT;
      break;
    default:
      reserve(b, w, 12);
  }
}

/* ---- rights ---- */

static void refuse_stage1(struct oracle_build *b, struct oracle_word *w, struct x86_regs *g) {
  uint64_t x = fuzz_bits(b->r);
  w->value = (w->value & ~(uint64_t)(X86_RW | X86_US)) | (x & (X86_RW | X86_US));
  if (g->efer & X86_NXE) w->value = (w->value & ~X86_XD) | (x & X86_XD);
}

/* For a supervisor's write a key counts with WP alone. */
static void refuse_key(struct oracle_build *b, struct oracle_word *w, struct x86_regs *g) {
  unsigned key = fuzz_below(b->r, 16);
  w->value = (w->value & ~(UINT64_C(15) << KEY_AT)) | (uint64_t)key << KEY_AT | X86_US;
  g->pkru |= (uint64_t)x86_between(b->r, 1, 3) << (2 * key);
  if (fuzz_chance(b->r, 70)) g->rflags |= X86_AC;
}

static void refuse_npt(struct oracle_build *b, struct oracle_word *w, const struct x86_regs *g) {
  uint64_t x = fuzz_bits(b->r);
  w->value &= ~(x & (X86_RW | X86_US));
  if (g->host & ORACLE_X86_HOST_NXE) w->value = (w->value & ~X86_XD) | (x & X86_XD);
}

static void refuse_ept(struct oracle_build *b, struct oracle_word *w) {
  static const uint8_t some[4] = {EPT_R, EPT_R | EPT_X, EPT_X, EPT_R | EPT_W};
  uint64_t rights = some[fuzz_below(b->r, 4)];
  if (b->aim->where == ORACLE_S2_SWAP) rights |= EPT_R;
  w->value = (w->value & ~(uint64_t)(EPT_R | EPT_W | EPT_X)) | rights;
}

/* ---- by aim ---- */

static void spoil_stage1(struct oracle_build *b, struct oracle_word *w, struct x86_regs *g) {
  switch (b->aim->cause) {
    case MMU_CAUSE_NOT_PRESENT:
      w->value = fuzz_chance(b->r, 30) ? 0 : w->value & ~(uint64_t)X86_P;
      break;
    case MMU_CAUSE_RESERVED:
      reserve_amd(b, w, &g->efer, X86_NXE);
      break;
    case MMU_CAUSE_PKEY:
      refuse_key(b, w, g);
      break;
    default:
      refuse_stage1(b, w, g);
  }
}

static void spoil_stage2(struct oracle_build *b, struct oracle_word *w, struct x86_regs *g) {
  bool ept = b->s2_mode == MMU_S2_EPT;
  switch (b->aim->cause) {
    case MMU_CAUSE_NOT_PRESENT:
      w->value =
          fuzz_chance(b->r, 30) ? 0 : w->value & ~(uint64_t)(ept ? EPT_R | EPT_W | EPT_X : 1);
      break;
    case MMU_CAUSE_RESERVED:
      if (ept)
        misconfigure(b, w);
      else
        reserve_amd(b, w, &g->host, ORACLE_X86_HOST_NXE);
      break;
    default:
      if (ept)
        refuse_ept(b, w);
      else
        refuse_npt(b, w, g);
  }
}

/* For the hardware's update of the last entry of stage 1. */
static void age(struct oracle_build *b) {
  struct oracle_word *w = build_at(b, b->s1_at[b->s1_leaf]);
  if (w != NULL) w->value &= ~(uint64_t)(fuzz_chance(b->r, 50) ? X86_A | X86_D : X86_A);
}

void x86_spoil(struct oracle_build *b, struct x86_regs *g) {
  const struct oracle_class *aim = b->aim;
  if (aim->where == ORACLE_DONE) return;
  if (aim->where == ORACLE_S2_SWAP) age(b);
  if (aim->where == ORACLE_STAGE1 && aim->cause == MMU_CAUSE_NON_CANONICAL) {
    b->va ^= x86_bit(x86_between(b->r, b->s1_bits, 63));
    return;
  }
  struct oracle_word *w = build_at(
      b, aim->where == ORACLE_STAGE1 ? b->s1_at[aim->level] : b->s2_at[b->question][aim->level]);
  if (w == NULL) return;
  if (aim->where == ORACLE_STAGE1)
    spoil_stage1(b, w, g);
  else
    spoil_stage2(b, w, g);
}
