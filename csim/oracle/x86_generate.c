/* SPDX-License-Identifier: Apache-2.0
 * Makes x86 cases. The guest's code is in a 1 GiB page with tables of its own below the root.
 * Formats: Intel SDM volume 3, 4.5 and "EPT Translation Mechanism"; AMD APM volume 2, 5.3. */
#include "fuzz/descriptor.h"
#include "fuzz/descriptor_s2.h"
#include "oracle/x86.h"
#include "rules/rules.h"

enum { CODE_AT = 0x400, CODE_LEAF = 2, WIDTH_WITHOUT_PAGING = 32, EPT_RWX = 7 };

static bool user(const struct oracle_build *b) {
  return (b->aim->door & 1) == 0;
}

static bool implicit(const struct oracle_build *b) {
  return b->aim->door >= 2;
}

/* ---- entries ---- */

static uint64_t s1_pointer(struct oracle_build *b, uint64_t table) {
  uint64_t d = table | X86_P | X86_RW | X86_US | x86_pick(b->r, 50, X86_A);
  d |= x86_pick(b->r, 10, X86_D) | x86_pick(b->r, 10, x86_bit(9)) | x86_pick(b->r, 10, x86_bit(55));
  d |= x86_pick(b->r, 10, x86_bit(60));
  if (!b->wild) return d;
  return (d & ~(x86_pick(b->r, 10, X86_RW) | x86_pick(b->r, 10, X86_US))) |
         x86_pick(b->r, 5, X86_XD);
}

static uint64_t s1_leaf(struct oracle_build *b, uint8_t level, uint64_t base) {
  if (b->wild) return fuzz_leaf(MMU_ARCH_X86, b->r, level, base, false);
  uint64_t d = fuzz_leaf(MMU_ARCH_X86, b->r, level, base, true);
  d &= ~(x86_pick(b->r, 40, X86_D) | x86_pick(b->r, 30, X86_A) |
         (user(b) && !implicit(b) ? 0 : X86_US));
  return d;
}

static uint64_t s2_pointer(struct oracle_build *b, uint64_t table) {
  bool ept = b->s2_mode == MMU_S2_EPT;
  if (!ept)
    return table | X86_P | X86_RW | X86_US | x86_pick(b->r, 50, X86_A) |
           x86_pick(b->r, 10, x86_bit(9)) | x86_pick(b->r, 10, x86_bit(54));
  return (table | EPT_RWX | x86_pick(b->r, 50, X86_EPT_A) | x86_pick(b->r, 20, x86_bit(10)) |
          x86_pick(b->r, 10, x86_bit(11)) | x86_pick(b->r, 10, x86_bit(55))) &
         ~(b->wild ? x86_pick(b->r, 2, EPT_RWX & ~1U) : 0);
}

static uint64_t s2_leaf(struct oracle_build *b, uint8_t level, uint64_t base, unsigned question) {
  bool plain = !b->wild || question == BUILD_CODE;
  uint64_t d = fuzz_s2_leaf(b->s2_mode, b->r, level, base, plain);
  if (b->s2_mode == MMU_S2_EPT && level == 0) d |= x86_pick(b->r, 20, X86_PS); /* ignored */
  return d;
}

static const struct oracle_format format = {.s1_leaf = s1_leaf,
                                            .s2_leaf = s2_leaf,
                                            .s1_pointer = s1_pointer,
                                            .s2_pointer = s2_pointer,
                                            .s1_block = X86_HIGHEST_LEAF,
                                            .s2_block = X86_HIGHEST_LEAF};

/* ---- sizes ---- */

static uint8_t top_for(struct oracle_build *b, bool here, bool five) {
  bool exact = here && (b->aim->level > X86_TOP || b->aim->cause == MMU_CAUSE_NON_CANONICAL);
  if (exact) return b->aim->level;
  return five ? x86_between(b->r, X86_TOP, X86_TOP + 1) : X86_TOP;
}

static uint8_t leaf_for(struct oracle_build *b, bool here) {
  const struct oracle_class *aim = b->aim;
  if (!here) return x86_between(b->r, 0, X86_HIGHEST_LEAF);
  if (x86_of_leaf(aim->cause)) return aim->level;
  return x86_between(b->r, 0, aim->level < X86_HIGHEST_LEAF ? aim->level : X86_HIGHEST_LEAF);
}

/* What stage 2 is to refuse. A fault on the root table would be the code's. */
static void choose_question(struct oracle_build *b) {
  const struct oracle_class *aim = b->aim;
  unsigned most = b->s1_top - (aim->kind == MMU_FETCH ? 0U : 1U);
  b->question = BUILD_FINAL;
  if (aim->where == ORACLE_S2_TABLE) b->question = x86_between(b->r, b->s1_leaf, most);
  if (aim->where == ORACLE_S2_SWAP) b->question = b->s1_leaf;
  b->apart = aim->where >= ORACLE_S2_TABLE && b->s1 && aim->level == X86_TOP;
}

static void sizes(struct oracle_build *b, const struct x86_machine *m) {
  const struct oracle_class *aim = b->aim;
  bool done = aim->where == ORACLE_DONE;
  bool table = aim->where == ORACLE_S2_TABLE || aim->where == ORACLE_S2_SWAP;
  b->s1_top = top_for(b, aim->where == ORACLE_STAGE1, m->la57);
  b->s1_bits = (uint8_t)(21 + 9 * b->s1_top);
  b->s2_top = top_for(b, aim->where >= ORACLE_S2_TABLE, m->la57 && m->s2_mode == MMU_S2_NPT);
  b->s2_bits = (uint8_t)(21 + 9 * b->s2_top);
  b->s1_index_bits = b->s2_index_bits = 9;
  b->ipa_bits = b->s1 ? X86_WIDTH : WIDTH_WITHOUT_PAGING;
  b->s1_leaf = done ? aim->level : leaf_for(b, aim->where == ORACLE_STAGE1);
  b->s2_leaf = done ? aim->cause : leaf_for(b, aim->where == ORACLE_S2_FINAL);
  b->table_leaf = table ? leaf_for(b, true) : BUILD_ANY;
  choose_question(b);
}

/* ---- registers ---- */

static void controls(struct oracle_build *b, const struct x86_machine *m, struct x86_regs *g) {
  struct fuzz_random *r = b->r;
  bool key = b->aim->where == ORACLE_STAGE1 && b->aim->cause == MMU_CAUSE_PKEY;
  bool five = b->s1 && b->s1_top > X86_TOP;
  g->cr0 = X86_PE_ET_NE | (b->s1 ? X86_PG : 0) | x86_pick(r, 60, X86_WP);
  g->cr4 = (b->s1 ? X86_PAE : 0) | (five ? X86_LA57 : 0) | x86_pick(r, 50, X86_PGE) |
           x86_pick(r, 40, X86_SMEP) | x86_pick(r, 40, X86_SMAP);
  if (m->keys) g->cr4 |= x86_pick(r, key ? 100 : 40, X86_PKE);
  g->efer = (b->s1 ? X86_LME_LMA : 0) | x86_pick(r, 70, X86_NXE);
  g->rflags = 2 | x86_pick(r, 40, X86_AC);
  uint64_t denied = fuzz_bits(r) & UINT32_MAX;
  g->pkru = x86_pick(r, 60, fuzz_bits(r) & denied);
  g->ept_ad = fuzz_chance(r, 50) && b->aim->where != ORACLE_S2_SWAP;
  g->host = x86_pick(r, 70, ORACLE_X86_HOST_NXE) |
            (b->s2 && b->s2_top > X86_TOP ? ORACLE_X86_HOST_LA57 : 0U);
}

/* ---- the guest's code ---- */

static uint64_t extended(const struct oracle_build *b, uint64_t va) {
  bool high = va >> (b->s1_bits - 1) & 1;
  return high ? va | rules_mask(63, b->s1_bits) : va;
}

/* Tables for the code, none shared but the root. */
static bool code_path(struct oracle_build *b, uint64_t *va) {
  unsigned shift = 12 + 9 * CODE_LEAF;
  uint64_t table = b->s1_root_pa;
  *va = (fuzz_bits(b->r) & rules_mask(b->s1_bits - 1U, shift)) |
        (b->code_ipa & rules_mask(shift - 1, 0)) | CODE_AT;
  for (uint8_t level = b->s1_top; level > CODE_LEAF; level--) {
    uint64_t next, at = rules_pte_addr(table, *va, level, 9);
    table = build_page(b, 4096);
    if (build_at(b, at) != NULL || !build_map(b, table, 0, BUILD_CODE, &next)) return false;
    build_word(b, at, next | X86_P | X86_RW | X86_US | x86_pick(b->r, 50, X86_A));
  }
  build_word(b, rules_pte_addr(table, *va, CODE_LEAF, 9),
             (b->code_ipa & ~rules_mask(shift - 1, 0)) | X86_P | X86_PS | (user(b) ? X86_US : 0U) |
                 x86_pick(b->r, 50, X86_A));
  *va = extended(b, *va);
  return true;
}

static bool code(struct oracle_build *b, uint64_t insn, uint64_t *va) {
  b->code_pa = build_page(b, 4096);
  if (!build_map(b, b->code_pa, 0, BUILD_CODE, &b->code_ipa)) return false;
  build_word(b, b->code_pa | CODE_AT, insn);
  *va = b->code_ipa | CODE_AT;
  return !b->s1 || code_path(b, va);
}

static void append(const struct oracle_build *b, uint8_t op, uint8_t operand, uint64_t *code,
                   unsigned *at) {
  uint64_t insn = op | (uint64_t)operand << 8;
  *code |= (b->s1 ? X86_REX_W | insn << 8 : insn) << *at;
  *at += b->s1 ? 24 : 16;
}

/* Some read first what they write, so that the write meets a translation that is known and clean.
 */
static uint64_t instruction(const struct oracle_build *b) {
  static const uint8_t of_kind[4] = {X86_LOAD, X86_STORE, 0, X86_XCHG};
  uint64_t insns = 0;
  unsigned at = 0;
  if (b->aim->kind == MMU_FETCH) return 0;
  if (implicit(b)) return X86_VERR | (uint64_t)X86_UD2 << 24;
  if (b->aim->kind != MMU_READ && fuzz_chance(b->r, 30))
    append(b, X86_LOAD, X86_RCX_AT_RDI, &insns, &at);
  append(b, of_kind[b->aim->kind], X86_RAX_AT_RDI, &insns, &at);
  return insns | (uint64_t)X86_UD2 << at;
}

/* ---- a case ---- */

static uint64_t eptp(const struct oracle_build *b, const struct x86_regs *g) {
  if (!b->s2 || b->s2_mode != MMU_S2_EPT) return b->s2_root;
  return b->s2_root | (uint64_t)b->s2_top << 3 | 6 | (g->ept_ad ? X86_EPTP_AD : 0U);
}

static void finish(struct oracle_build *b, const struct x86_regs *g, uint64_t insn, uint64_t rip) {
  uint64_t *reg = b->c->reg;
  reg[ORACLE_X86_CR0] = g->cr0;
  reg[ORACLE_X86_CR3] = b->s1_root;
  reg[ORACLE_X86_CR4] = g->cr4;
  reg[ORACLE_X86_EFER] = g->efer;
  reg[ORACLE_X86_RFLAGS] = g->rflags;
  reg[ORACLE_X86_PKRU] = g->pkru;
  reg[ORACLE_X86_CPL] = user(b) ? 3 : 0;
  reg[ORACLE_X86_ROOT] = eptp(b, g);
  reg[ORACLE_X86_HOST] = g->host;
  reg[ORACLE_X86_RIP] = insn == 0 ? b->va : rip;
  reg[ORACLE_X86_RAX] = implicit(b) ? X86_SELECTOR : ORACLE_STORED;
  reg[ORACLE_X86_GDTR] = implicit(b) ? b->va - X86_SELECTOR : 0;
  reg[ORACLE_X86_RDI] = b->va;
  reg[ORACLE_X86_INSN] = insn;
}

bool x86_generate(const struct x86_machine *m, struct fuzz_random *r,
                  const struct oracle_class *aim, struct oracle_case *c) {
  struct oracle_build b = {
      .r = r, .c = c, .aim = aim, .arch = MMU_ARCH_X86, .s2_mode = m->s2_mode, .format = &format};
  struct x86_regs g = {0};
  uint64_t rip = 0;
  b.s1 = aim->regime != ORACLE_S2_ONLY;
  b.s2 = aim->regime != ORACLE_S1_ONLY;
  b.wild = fuzz_chance(r, 30);
  sizes(&b, m);
  controls(&b, m, &g);
  uint64_t insn = instruction(&b);
  if (!build_path(&b)) return false;
  build_word(&b, b.pa, insn == 0 ? oracle_amd.landing(b.pa) : fuzz_bits(r));
  if (insn != 0 && !code(&b, insn, &rip)) return false;
  if (b.s1) b.va = extended(&b, b.va);
  if (implicit(&b) && (b.va & 0xfff) == 0) return false; /* no base just below */
  c->door = implicit(&b);
  x86_spoil(&b, &g);
  finish(&b, &g, insn, rip);
  return true;
}
