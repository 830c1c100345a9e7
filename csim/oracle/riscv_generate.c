/* SPDX-License-Identifier: Apache-2.0
 * Makes RISC-V cases. The guest's code and its trap vector are superpages of the root table, so
 * that they need one descriptor each; the vector's leads nowhere if there is a G-stage, whose fault
 * then tells that the guest took a trap. Formats: privileged architecture, Sv39 and hgatp. */
#include "fuzz/descriptor.h"
#include "oracle/riscv.h"
#include "rules/rules.h"

enum { V = 1, R = 2, W = 4, X = 8, U = 0x10, A = 0x40, D = 0x80 };
enum { CODE_AT = 0x400, VECTOR_AT = 0x800, HIGHEST = 4, GPA_BITS = 56 };
#define NOWHERE (UINT64_C(1) << 55) /* no G-stage path is made for it */

struct riscv_regs {
  uint64_t vsstatus, sstatus, hstatus, menvcfg, henvcfg;
  uint64_t vstvec, sepc;
};

static uint64_t bit(unsigned n) {
  return UINT64_C(1) << n;
}

static uint64_t pick(struct fuzz_random *r, uint32_t percent, uint64_t bits) {
  return fuzz_chance(r, percent) ? bits : 0;
}

static uint8_t between(struct fuzz_random *r, uint8_t low, uint8_t high) {
  return (uint8_t)(low + fuzz_below(r, high - low + 1U));
}

static uint8_t least(uint8_t a, uint8_t b) {
  return a < b ? a : b;
}

static bool by_hypervisor(const struct oracle_build *b) {
  return b->aim->door >= 2;
}

static bool user(const struct oracle_build *b) {
  return (b->aim->door & 1) == 0;
}

/* Only a leaf has these. */
static bool of_leaf(uint8_t cause) {
  return cause == MMU_CAUSE_ACCESS_FLAG || cause == MMU_CAUSE_PERMISSION ||
         cause == MMU_CAUSE_DIRTY_FLAG;
}

static bool of_root(uint8_t cause) {
  return cause == MMU_CAUSE_NON_CANONICAL || cause == MMU_CAUSE_ROOT_SIZE;
}

/* ---- descriptors ---- */

static uint64_t s1_leaf(struct oracle_build *b, uint8_t level, uint64_t base) {
  if (b->wild) return fuzz_leaf(MMU_ARCH_RISCV, b->r, level, base, false);
  return base >> 2 | V | R | W | X | A | D | (user(b) ? U : 0) | pick(b->r, 10, bit(5));
}

static uint64_t s2_leaf(struct oracle_build *b, uint8_t level, uint64_t base, unsigned question) {
  if (b->wild && question != BUILD_CODE)
    return fuzz_leaf(MMU_ARCH_RISCV, b->r, level, base, false) | pick(b->r, 80, U);
  return base >> 2 | V | R | W | X | A | D | U | pick(b->r, 10, bit(5));
}

static const struct oracle_format format = {
    .s1_leaf = s1_leaf, .s2_leaf = s2_leaf, .s1_block = HIGHEST, .s2_block = HIGHEST};

/* ---- sizes ---- */

/* Three, four or five levels, so that the aim's level is on the path. */
static uint8_t top_for(struct oracle_build *b, bool here) {
  uint8_t low = here && b->aim->level > 2 ? b->aim->level : 2;
  if (here && of_root(b->aim->cause)) return b->aim->level;
  return between(b->r, low, HIGHEST);
}

static uint8_t leaf_for(struct oracle_build *b, bool here, uint8_t top) {
  if (!here) return between(b->r, 0, top);
  return of_leaf(b->aim->cause) ? b->aim->level : between(b->r, 0, least(top, b->aim->level));
}

static void sizes(struct oracle_build *b) {
  const struct oracle_class *aim = b->aim;
  bool done = aim->where == ORACLE_DONE;
  bool table = aim->where == ORACLE_S2_TABLE || aim->where == ORACLE_S2_SWAP;
  b->s1_top = top_for(b, aim->where == ORACLE_STAGE1 || done);
  b->s1_bits = (uint8_t)(21 + 9 * b->s1_top);
  b->s1_index_bits = 9;
  b->s2_top = top_for(b, aim->where >= ORACLE_S2_TABLE);
  if (done && b->s2_top < aim->cause) b->s2_top = aim->cause;
  b->s2_bits = (uint8_t)(23 + 9 * b->s2_top);
  b->s2_index_bits = 11;
  /* the top half of the guest-physical addresses is for a few cases only: QEMU 7.2 has none */
  uint8_t bits = fuzz_chance(b->r, 4) ? b->s2_bits : b->s2_bits - 1;
  b->ipa_bits = !b->s2 ? 52 : least(bits, GPA_BITS);
  b->s1_leaf = done ? aim->level : leaf_for(b, aim->where == ORACLE_STAGE1, b->s1_top);
  b->s2_leaf = done ? aim->cause : leaf_for(b, aim->where == ORACLE_S2_FINAL, b->s2_top);
  b->table_leaf = table ? leaf_for(b, true, b->s2_top) : BUILD_ANY;
}

/* ---- registers ---- */

static void controls(struct oracle_build *b, struct riscv_regs *g) {
  const struct oracle_class *aim = b->aim;
  bool flag = aim->cause == MMU_CAUSE_ACCESS_FLAG || aim->cause == MMU_CAUSE_DIRTY_FLAG;
  bool fault = aim->where != ORACLE_DONE;
  bool adue2 = fuzz_chance(b->r, 85) && !(fault && aim->where != ORACLE_STAGE1 && flag);
  bool adue1 = adue2 && fuzz_chance(b->r, 85) && !(aim->where == ORACLE_STAGE1 && flag);
  g->menvcfg = adue2 ? RISCV_ADUE : 0;
  g->henvcfg = adue1 ? RISCV_ADUE : 0;
  g->vsstatus = RISCV_XL64 | pick(b->r, 30, RISCV_SUM) | pick(b->r, 15, RISCV_MXR);
  g->sstatus = pick(b->r, 15, RISCV_MXR);
  g->hstatus = RISCV_XL64;
  if (!by_hypervisor(b))
    g->hstatus |= RISCV_SPV | pick(b->r, 50, RISCV_SPVP);
  else if (!user(b))
    g->hstatus |= RISCV_SPVP;
}

/* ---- the guest's code and vector ---- */

static uint64_t extended(const struct oracle_build *b, uint64_t va) {
  bool high = va >> (b->s1_bits - 1) & 1;
  return high ? va | rules_mask(63, b->s1_bits) : va;
}

/* A superpage of the root table for the one that ipa is in; 0: no room in the table. */
static uint64_t superpage(struct oracle_build *b, uint64_t ipa, uint64_t rights) {
  unsigned shift = 12U + 9U * b->s1_top;
  uint64_t index = fuzz_below(b->r, 512), at = b->s1_root_pa + 8 * index;
  if (build_at(b, at) != NULL) return 0;
  build_word(b, at, (ipa & ~rules_mask(shift - 1, 0)) >> 2 | V | R | X | A | rights);
  return extended(b, index << shift | (ipa & rules_mask(shift - 1, 0)));
}

static bool code(struct oracle_build *b, uint32_t insn, struct riscv_regs *g) {
  b->code_pa = build_page(b, 4096);
  if (!build_map(b, b->code_pa, 0, BUILD_CODE, &b->code_ipa)) return false;
  build_word(b, b->code_pa + CODE_AT, insn | (uint64_t)RISCV_ECALL << 32);
  build_word(b, b->code_pa + VECTOR_AT, RISCV_ECALL);
  g->sepc = b->code_ipa | CODE_AT;
  g->vstvec = b->code_ipa | VECTOR_AT;
  if (!b->s1) return true;
  g->sepc = superpage(b, g->sepc, user(b) ? U : 0);
  g->vstvec = superpage(b, b->s2 ? NOWHERE : g->vstvec, 0);
  return g->sepc != 0 && g->vstvec != 0;
}

/* ---- faults ---- */

static uint64_t no_memory(struct oracle_build *b) {
  return UINT64_C(0xa0000000) + ((uint64_t)fuzz_below(b->r, 1U << 24) << 14);
}

/* The guest-physical address that is asked for has bits above what the G-stage takes. */
static void spoil_beyond(struct oracle_build *b) {
  bool table = b->aim->where == ORACLE_S2_TABLE;
  if (!b->s1) {
    b->va |= bit(between(b->r, b->s2_bits, 63));
    return;
  }
  if (b->s2_bits >= GPA_BITS) return;
  uint64_t high = bit(between(b->r, b->s2_bits, GPA_BITS - 1));
  if (table && (b->s1_top == b->s1_leaf || by_hypervisor(b) || b->aim->kind == MMU_FETCH)) {
    b->s1_root |= high;
    return;
  }
  uint8_t level = table ? between(b->r, b->s1_leaf + 1, b->s1_top) : b->s1_leaf;
  struct oracle_word *w = build_at(b, b->s1_at[level]);
  if (w != NULL) w->value |= high >> 2;
}

static void spoil_root(struct oracle_build *b) {
  bool stage1 = b->aim->where == ORACLE_STAGE1;
  if (b->aim->cause == MMU_CAUSE_ROOT_SIZE)
    *(stage1 ? &b->s1_root : &b->s2_root) |= bit(between(b->r, 52, 55));
  else if (stage1)
    b->va ^= bit(between(b->r, b->s1_bits, 63));
  else
    spoil_beyond(b);
}

static void spoil_encoding(struct oracle_build *b, struct oracle_word *w, uint8_t level) {
  bool leaf = w->value & (R | X);
  switch (fuzz_below(b->r, 5)) {
    case 0:
      w->value |= bit(between(b->r, 54, 60));
      break;
    case 1:
      w->value |= leaf && level == 0 ? bit(61) : bit(63);
      break;
    case 2:
      w->value = leaf ? (w->value & ~(uint64_t)R) | W : w->value | bit(between(b->r, 6, 7));
      break;
    case 3:
      if (level == 0)
        w->value &= ~(uint64_t)(R | W | X | A | D | U); /* a pointer */
      else
        w->value |= leaf ? bit(between(b->r, 10, (uint8_t)(9 + 9 * level))) : U;
      break;
    default:
      w->value |= (uint64_t)between(b->r, 1, 3) << 61;
  }
}

/* The table of this height is where there is no memory. */
static void spoil_place(struct oracle_build *b, unsigned question) {
  const struct oracle_class *aim = b->aim;
  bool stage1 = aim->where == ORACLE_STAGE1;
  uint8_t top = stage1 ? b->s1_top : b->s2_top;
  uint64_t nowhere = no_memory(b);
  if (stage1 && b->s2) { /* the G-stage puts it there */
    struct oracle_word *w = NULL;
    for (uint8_t i = 0; i < ORACLE_HEIGHTS && w == NULL; i++) {
      w = build_at(b, b->s2_at[aim->level][i]);
      if (w != NULL && !(w->value & R)) w = NULL;
      if (w != NULL) w->value = (w->value & 0x3ff) | (nowhere & ~rules_mask(11U + 9U * i, 0)) >> 2;
    }
    return;
  }
  if (aim->level == top) {
    *(stage1 ? &b->s1_root : &b->s2_root) = nowhere;
    return;
  }
  struct oracle_word *w =
      build_at(b, stage1 ? b->s1_at[aim->level + 1] : b->s2_at[question][aim->level + 1]);
  if (w != NULL) w->value = (w->value & 0x3ff) | nowhere >> 2;
}

static void spoil_rights(struct oracle_build *b, struct oracle_word *w) {
  uint64_t rwx = fuzz_below(b->r, 8) << 1;
  w->value = (w->value & ~(uint64_t)(R | W | X)) | rwx;
  if (fuzz_chance(b->r, 40)) w->value ^= U;
}

static void spoil_word(struct oracle_build *b, struct oracle_word *w) {
  switch (b->aim->cause) {
    case MMU_CAUSE_NOT_PRESENT:
      w->value = fuzz_chance(b->r, 30) ? 0 : w->value & ~(uint64_t)V;
      break;
    case MMU_CAUSE_RESERVED:
      spoil_encoding(b, w, b->aim->level);
      break;
    case MMU_CAUSE_ADDRESS_SIZE:
      w->value |= bit(between(b->r, 50, 53));
      break;
    case MMU_CAUSE_ACCESS_FLAG:
      w->value &= ~(uint64_t)(fuzz_chance(b->r, 50) ? A : A | D);
      break;
    case MMU_CAUSE_DIRTY_FLAG:
      w->value &= ~(uint64_t)D;
      break;
    default:
      spoil_rights(b, w);
      break;
  }
}

/* For the hardware's update of the last descriptor of stage 1. */
static void age(struct oracle_build *b) {
  struct oracle_word *w = build_at(b, b->s1_at[b->s1_leaf]);
  if (w != NULL) w->value &= ~(uint64_t)(fuzz_chance(b->r, 60) ? A : D);
}

static void spoil(struct oracle_build *b) {
  const struct oracle_class *aim = b->aim;
  unsigned question = BUILD_FINAL;
  if (aim->where == ORACLE_DONE) return;
  if (of_root(aim->cause)) {
    spoil_root(b);
    return;
  }
  if (aim->where == ORACLE_S2_TABLE) question = between(b->r, b->s1_leaf, b->s1_top);
  if (aim->where == ORACLE_S2_SWAP) {
    question = b->s1_leaf;
    age(b);
  }
  if (aim->cause == MMU_CAUSE_BUS) {
    spoil_place(b, question);
    return;
  }
  struct oracle_word *w = build_at(
      b, aim->where == ORACLE_STAGE1 ? b->s1_at[aim->level] : b->s2_at[question][aim->level]);
  if (w != NULL) spoil_word(b, w);
}

/* ---- a case ---- */

static uint64_t atp(uint8_t top, uint64_t id, uint64_t root) {
  return (uint64_t)(top + 6U) << 60 | id << 44 | root >> 12;
}

static void finish(struct oracle_build *b, const struct riscv_regs *g, uint32_t insn) {
  uint64_t *reg = b->c->reg;
  bool hv = by_hypervisor(b);
  uint64_t id = fuzz_bits(b->r) & 0xff;
  reg[ORACLE_RISCV_HGATP] = b->s2 ? atp(b->s2_top, id, b->s2_root) : 0;
  reg[ORACLE_RISCV_VSATP] = b->s1 ? atp(b->s1_top, id, b->s1_root) : 0;
  reg[ORACLE_RISCV_VSSTATUS] = g->vsstatus;
  reg[ORACLE_RISCV_SSTATUS] = g->sstatus;
  reg[ORACLE_RISCV_HSTATUS] = g->hstatus;
  reg[ORACLE_RISCV_HEDELEG] = RISCV_PAGE_FAULTS | (b->s2 ? 0 : RISCV_ACCESS_FAULTS);
  reg[ORACLE_RISCV_MENVCFG] = g->menvcfg;
  reg[ORACLE_RISCV_HENVCFG] = g->henvcfg;
  reg[ORACLE_RISCV_VSTVEC] = g->vstvec;
  reg[ORACLE_RISCV_SPP] = user(b) ? 0 : 1;
  reg[ORACLE_RISCV_SEPC] = insn == 0 ? b->va : g->sepc;
  reg[ORACLE_RISCV_A0] = ORACLE_STORED;
  reg[ORACLE_RISCV_A1] = b->va;
  reg[ORACLE_RISCV_INSN] = insn;
  b->c->door = !hv                  ? ORACLE_RISCV_GUEST
               : insn == RISCV_HSV  ? ORACLE_RISCV_HSV
               : insn == RISCV_HLVX ? ORACLE_RISCV_HLVX
                                    : ORACLE_RISCV_HLV;
}

static uint32_t instruction(struct oracle_build *b) {
  static const uint32_t of_guest[4] = {RISCV_LD, RISCV_SD, 0, RISCV_AMOSWAP};
  if (!by_hypervisor(b)) return of_guest[b->aim->kind];
  if (b->aim->kind == MMU_WRITE) return RISCV_HSV;
  return fuzz_chance(b->r, 30) ? RISCV_HLVX : RISCV_HLV;
}

bool riscv_generate(struct fuzz_random *r, const struct oracle_class *aim, struct oracle_case *c) {
  struct oracle_build b = {.r = r, .c = c, .aim = aim, .arch = MMU_ARCH_RISCV, .format = &format};
  struct riscv_regs g = {0};
  b.s1 = aim->regime != ORACLE_S2_ONLY;
  b.s2 = aim->regime != ORACLE_S1_ONLY;
  b.wild = fuzz_chance(r, 25);
  sizes(&b);
  controls(&b, &g);
  uint32_t insn = instruction(&b);
  if (!build_path(&b)) return false;
  build_word(&b, b.pa, insn == 0 ? oracle_riscv.landing(b.pa) : fuzz_bits(r));
  if (!by_hypervisor(&b) && !code(&b, insn, &g)) return false;
  if (b.s1) b.va = extended(&b, b.va);
  spoil(&b);
  finish(&b, &g, insn);
  return true;
}
