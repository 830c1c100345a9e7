/* SPDX-License-Identifier: Apache-2.0
 * Makes AArch64 cases. The half of the address space that the access is not in holds the guest's
 * code, by one block of 1 GiB whose table shares a page with the code. Formats: Arm ARM D8.3. */
#include "fuzz/descriptor.h"
#include "oracle/arm.h"
#include "rules/rules.h"

enum { BLOCK_1G = 2, BLOCK_2M = 1 };
enum { CODE_AT = 0x400, VECTORS_AT = 0x800, CODE_TXSZ = 25, CODE_BLOCKS = 128 };

static uint64_t bit(unsigned n) {
  return UINT64_C(1) << n;
}

static uint64_t pick(struct fuzz_random *r, uint32_t percent, uint64_t bits) {
  return fuzz_chance(r, percent) ? bits : 0;
}

static bool aims(const struct oracle_build *b, uint8_t where, uint8_t cause) {
  return b->aim->where == where && b->aim->cause == cause;
}

/* Only a leaf has these. */
static bool of_leaf(uint8_t cause) {
  return cause == MMU_CAUSE_ACCESS_FLAG || cause == MMU_CAUSE_PERMISSION;
}

/* ---- descriptors ---- */

static uint64_t s1_leaf(struct oracle_build *b, uint8_t level, uint64_t base) {
  uint64_t d = fuzz_leaf(MMU_ARCH_ARM, b->r, level, base, !b->wild) | pick(b->r, 5, bit(52));
  bool user = (b->aim->door & 1) == 0;
  if (b->wild) return d;
  d &= ~(bit(6) | bit(7));
  if (user) return d | bit(6) | pick(b->r, 50, bit(53));
  return d | pick(b->r, 50, bit(54)) | (b->aim->kind == MMU_FETCH ? pick(b->r, 50, bit(7)) : 0);
}

static uint64_t s2_leaf(struct oracle_build *b, uint8_t level, uint64_t base, unsigned question) {
  uint64_t normal = UINT64_C(0xf) << 2, d = base | (level == 0 ? 3 : 1);
  d |= fuzz_bits(b->r) & 0x300;
  if (question == BUILD_CODE || !b->wild)
    return d | normal | bit(6) | bit(7) | bit(10) | pick(b->r, 20, bit(51));
  d |= question < BUILD_FINAL ? pick(b->r, 85, normal) : normal;
  return d | pick(b->r, 70, bit(6)) | pick(b->r, 60, bit(7)) | pick(b->r, 60, bit(10)) |
         pick(b->r, 50, bit(51)) | pick(b->r, 30, fuzz_bits(b->r) & (bit(53) | bit(54)));
}

static const struct oracle_format format = {
    .s1_leaf = s1_leaf, .s2_leaf = s2_leaf, .s1_block = BLOCK_1G, .s2_block = BLOCK_1G};

/* ---- sizes ---- */

static uint8_t between(struct fuzz_random *r, uint8_t low, uint8_t high) {
  return (uint8_t)(low + fuzz_below(r, high - low + 1U));
}

static uint8_t least(uint8_t a, uint8_t b) {
  return a < b ? a : b;
}

static uint8_t greatest(uint8_t a, uint8_t b) {
  return a > b ? a : b;
}

/* A height for the first table, so that the aim's level is on the path. */
static uint8_t top_for(struct oracle_build *b, bool here) {
  bool root = b->aim->cause >= MMU_CAUSE_NON_CANONICAL && b->aim->cause <= MMU_CAUSE_ROOT_DISABLED;
  return between(b->r, here && !root ? b->aim->level : 0, ARM_L0);
}

static void sizes(struct oracle_build *b, uint64_t *tcr, uint64_t *vtcr) {
  static const uint8_t sl0_of_top[4] = {3, 0, 1, 2};
  const struct oracle_class *aim = b->aim;
  bool leaf = of_leaf(aim->cause);
  uint8_t ips = (uint8_t)fuzz_below(b->r, 6), ps = (uint8_t)fuzz_below(b->r, 6);
  bool in_s2 = aim->where >= ORACLE_S2_TABLE;
  if (aim->cause == MMU_CAUSE_ADDRESS_SIZE || aim->cause == MMU_CAUSE_ROOT_SIZE)
    *(in_s2 ? &ps : &ips) = (uint8_t)fuzz_below(b->r, 5);
  b->s1_top = top_for(b, aim->where == ORACLE_STAGE1 || aim->where == ORACLE_DONE);
  b->s1_bits =
      between(b->r, greatest(16, (uint8_t)(13 + 9 * b->s1_top)), (uint8_t)(21 + 9 * b->s1_top));
  b->s1_index_bits = (uint8_t)(b->s1_bits - 12 - 9 * b->s1_top);
  b->s2_top = top_for(b, in_s2);
  if (aim->where == ORACLE_DONE && b->s2_top < aim->cause) b->s2_top = aim->cause;
  if (b->s2_top == ARM_L0) ps = greatest(ps, 4); /* level 0 asks for 44 bits */
  b->s2_bits = between(b->r, greatest(16, (uint8_t)(13 + 9 * b->s2_top)),
                       least(least(48, (uint8_t)arm_width(ps)), (uint8_t)(25 + 9 * b->s2_top)));
  b->s2_index_bits = (uint8_t)(b->s2_bits - 12 - 9 * b->s2_top);
  b->ipa_bits = !b->s2 ? 48 : least(b->s2_bits, b->s1 ? (uint8_t)arm_width(ips) : 48);
  bool s1_fixed = (aim->where == ORACLE_STAGE1 && leaf) || aim->where == ORACLE_DONE;
  bool s2_fixed = aim->where == ORACLE_S2_FINAL && leaf;
  uint8_t most1 = least(b->s1_top, BLOCK_1G), most2 = least(b->s2_top, BLOCK_1G);
  b->s1_leaf = s1_fixed
                   ? aim->level
                   : between(b->r, 0, least(most1, aim->where == ORACLE_STAGE1 ? aim->level : 3));
  b->s2_leaf = s2_fixed                        ? aim->level
               : aim->where == ORACLE_DONE     ? aim->cause
               : aim->where == ORACLE_S2_FINAL ? between(b->r, 0, least(most2, aim->level))
                                               : between(b->r, 0, most2);
  b->table_leaf = BUILD_ANY;
  if (aim->where == ORACLE_S2_TABLE || aim->where == ORACLE_S2_SWAP)
    b->table_leaf = leaf ? aim->level : between(b->r, 0, least(most2, aim->level));
  *tcr |= (uint64_t)ips << 32;
  *vtcr |= (uint64_t)ps << 16 | (64U - b->s2_bits) | (uint64_t)sl0_of_top[b->s2_top] << 6;
}

/* ---- registers ---- */

static void controls(struct oracle_build *b, struct arm_regs *g) {
  const struct oracle_class *aim = b->aim;
  bool swap = aim->where == ORACLE_S2_SWAP;
  bool ha1 = !aims(b, ORACLE_STAGE1, MMU_CAUSE_ACCESS_FLAG) && (swap || fuzz_chance(b->r, 50));
  bool ha2 = fuzz_chance(b->r, 50) &&
             !(aim->where >= ORACLE_S2_TABLE && aim->cause == MMU_CAUSE_ACCESS_FLAG);
  g->tcr |= (ha1 ? bit(39) : 0) | pick(b->r, 60, bit(40)) | bit(31);
  g->vtcr |= bit(31) | (ha2 ? bit(21) : 0) | pick(b->r, 60, bit(22));
  g->sctlr = ARM_SCTLR_BASE | (b->s1 ? ARM_SCTLR_M : 0) | pick(b->r, 30, ARM_SCTLR_WXN);
  g->hcr = ARM_HCR_RW | (b->s2 ? ARM_HCR_VM : 0) | pick(b->r, 25, ARM_HCR_PTW);
  bool pan = aims(b, ORACLE_STAGE1, MMU_CAUSE_PERMISSION) && fuzz_chance(b->r, 60);
  g->pstate =
      ARM_DAIF | (aim->door == 0 ? 0 : ARM_EL1H) | (pan || fuzz_chance(b->r, 15) ? ARM_PAN : 0);
}

/* TCR_EL1 for a half: size, and what has the other half's bit next to it. */
static uint64_t half(bool upper, unsigned txsz) {
  return (uint64_t)txsz << (upper ? 16 : 0);
}

/* ---- the guest's code ---- */

static void code(struct oracle_build *b, uint32_t insn) {
  uint64_t at = b->code_pa;
  uint64_t brk = ARM_BRK | ARM_BRK_DONE << 5, vector = ARM_BRK | ARM_BRK_VECTOR << 5;
  uint64_t second = arm_is_at(insn) ? ARM_ISB : arm_loads_x1(insn) ? ARM_MOV_X0_X1 : ARM_NOP;
  uint64_t third = arm_is_at(insn) ? ARM_MRS_PAR : ARM_NOP;
  build_word(b, at + CODE_AT, insn | second << 32);
  build_word(b, at + CODE_AT + 8, third | brk << 32);
  build_word(b, at + VECTORS_AT + 0x200, vector); /* from EL1 */
  build_word(b, at + VECTORS_AT + 0x400, vector); /* from EL0 */
}

/* Returns the address of the code's page. */
static uint64_t code_half(struct oracle_build *b, bool upper, struct arm_regs *g) {
  if (!b->s1) return b->code_ipa;
  uint64_t block = fuzz_below(b->r, CODE_BLOCKS);
  uint64_t leaf = (b->code_ipa & ~rules_mask(29, 0)) | 1 | bit(6) | bit(7) | bit(10) | bit(11);
  build_word(b, b->code_pa + 8 * block, leaf);
  g->tcr |= half(upper, CODE_TXSZ);
  return (upper ? rules_mask(63, 39) : 0) | block << 30 | (b->code_ipa & rules_mask(29, 0));
}

/* Of the half of the access: top-byte-ignore with a tag, hierarchical permissions disabled. */
static void options(struct oracle_build *b, bool upper, struct arm_regs *g) {
  if (fuzz_chance(b->r, 15)) g->tcr |= bit(upper ? 42 : 41);
  if (!fuzz_chance(b->r, 15)) return;
  g->tcr |= bit(upper ? 38 : 37);
  if (b->aim->kind != MMU_FETCH) b->va ^= (fuzz_bits(b->r) & 0xff) << 56;
}

/* ---- a case ---- */

static void finish(struct oracle_build *b, bool upper, const struct arm_regs *g, uint64_t code_page,
                   uint32_t insn) {
  uint64_t *reg = b->c->reg;
  uint64_t asid = (uint64_t)(fuzz_bits(b->r) & 0xff) << 48;
  reg[ORACLE_ARM_HCR] = g->hcr;
  reg[ORACLE_ARM_VTCR] = g->vtcr;
  reg[ORACLE_ARM_VTTBR] = b->s2_root | asid;
  reg[ORACLE_ARM_SCTLR] = g->sctlr;
  reg[ORACLE_ARM_TCR] = g->tcr;
  reg[upper ? ORACLE_ARM_TTBR1 : ORACLE_ARM_TTBR0] = b->s1_root | asid;
  reg[upper ? ORACLE_ARM_TTBR0 : ORACLE_ARM_TTBR1] = b->code_ipa;
  reg[ORACLE_ARM_MAIR] = UINT64_MAX;
  reg[ORACLE_ARM_VBAR] = code_page | VECTORS_AT;
  reg[ORACLE_ARM_SPSR] = g->pstate;
  reg[ORACLE_ARM_ELR] = insn == 0 ? b->va : code_page | CODE_AT;
  reg[ORACLE_ARM_X0] = ORACLE_STORED;
  reg[ORACLE_ARM_X1] = b->va;
  reg[ORACLE_ARM_INSN] = insn;
}

static uint32_t instruction(struct fuzz_random *r, const struct oracle_class *aim) {
  uint32_t at =
      ARM_AT | (aim->door == 2 ? ARM_AT_EL0 : 0U) | (aim->kind == MMU_WRITE ? ARM_AT_WRITE : 0U);
  if (aim->door >= 2 || aim->kind == MMU_FETCH) return aim->door >= 2 ? at : 0;
  for (;;) {
    const struct arm_insn *i = &arm_insns[fuzz_below(r, ARM_INSNS)];
    if (i->kind == aim->kind) return i->insn;
  }
}

bool arm_generate(struct fuzz_random *r, const struct oracle_class *aim, struct oracle_case *c) {
  struct oracle_build b = {.r = r, .c = c, .aim = aim, .arch = MMU_ARCH_ARM, .format = &format};
  struct arm_regs g = {0};
  bool upper = fuzz_chance(r, 50);
  uint32_t insn = instruction(r, aim);
  c->door = aim->door >= 2;
  b.s1 = aim->regime != ORACLE_S2_ONLY;
  b.s2 = aim->regime != ORACLE_S1_ONLY;
  b.wild = fuzz_chance(r, 35);
  sizes(&b, &g.tcr, &g.vtcr);
  controls(&b, &g);
  g.tcr |= half(upper, 64U - b.s1_bits);
  if (!build_path(&b)) return false;
  b.code_pa = build_page(&b, 4096);
  if (!build_map(&b, b.code_pa, 0, BUILD_CODE, &b.code_ipa)) return false;
  build_word(&b, b.pa, insn == 0 ? oracle_arm.landing(b.pa) : fuzz_bits(r));
  code(&b, insn);
  uint64_t page = code_half(&b, !upper, &g);
  if (upper && b.s1) b.va |= rules_mask(63, b.s1_bits);
  arm_spoil(&b, upper, &g);
  if (b.s1) options(&b, upper, &g);
  finish(&b, upper, &g, page, insn);
  return true;
}
