/* SPDX-License-Identifier: Apache-2.0
 * Lays out the tables of one case. Promise: what it makes translates, unless a format callback made
 * it otherwise; no page of the arena is used twice. */
#include "oracle/build.h"

#include "fuzz/descriptor.h"
#include "rules/rules.h"

#define ARENA_AT UINT64_C(0x1000000)
#define ARENA_BYTES UINT64_C(0x1000000)

static bool taken(const struct oracle_build *b, uint64_t at, uint64_t bytes) {
  for (unsigned i = 0; i < b->pages; i++)
    if (b->page[i] >= at && b->page[i] < at + bytes) return true;
  return false;
}

uint64_t build_page(struct oracle_build *b, uint64_t bytes) {
  uint64_t at;
  do
    at = b->c->memory.first + ARENA_AT +
         (uint64_t)fuzz_below(b->r, (uint32_t)(ARENA_BYTES / bytes)) * bytes;
  while (taken(b, at, bytes));
  for (uint64_t p = at; p < at + bytes && b->pages < BUILD_PAGES; p += 4096)
    b->page[b->pages++] = p;
  return at;
}

void build_word(struct oracle_build *b, uint64_t addr, uint64_t value) {
  oracle_write(&b->c->memory, addr, value);
}

struct oracle_word *build_at(struct oracle_build *b, uint64_t addr) {
  return addr == 0 ? NULL : oracle_find(&b->c->memory, addr);
}

static bool is_pointer(enum mmu_arch arch, uint8_t level, uint64_t d) {
  if (arch == MMU_ARCH_ARM) return level > 0 && (d & 3) == 3;
  if (arch == MMU_ARCH_X86) return level > 0 && (d & 0x80) == 0; /* of both stages */
  return arch == MMU_ARCH_RISCV && (d & 0xf) == 1;
}

static uint64_t pointer(struct oracle_build *b, bool stage1, uint64_t table) {
  uint64_t (*make)(struct oracle_build *, uint64_t) =
      stage1 ? b->format->s1_pointer : b->format->s2_pointer;
  return make != NULL ? make(b, table) : fuzz_pointer(b->arch, b->r, table);
}

/* Down to the table of height `to`, by the pointers that are there and new ones. */
static bool descend(struct oracle_build *b, uint64_t ipa, uint8_t to, unsigned question,
                    uint64_t *table) {
  uint8_t bits = b->s2_index_bits;
  *table = b->s2_root;
  for (uint8_t level = b->s2_top; level > to; level--) {
    uint64_t at = rules_pte_addr(*table, ipa, level, bits);
    struct oracle_word *w = build_at(b, at);
    b->s2_at[question][level] = at;
    bits = 9;
    if (w == NULL) {
      *table = build_page(b, 4096);
      build_word(b, at, pointer(b, false, *table));
    } else if (is_pointer(b->arch, level, w->value)) {
      *table = fuzz_target(b->arch, w->value);
    } else {
      return false;
    }
  }
  return true;
}

static uint64_t above(struct oracle_build *b, uint8_t bits, unsigned shift) {
  return bits > shift ? fuzz_bits(b->r) & rules_mask(bits - 1U, shift) : 0;
}

bool build_map(struct oracle_build *b, uint64_t pa, uint8_t height, unsigned question,
               uint64_t *ipa) {
  unsigned shift = 12U + 9U * height;
  uint64_t table;
  *ipa = pa;
  if (!b->s2) return true;
  *ipa = above(b, b->ipa_bits, shift) | (pa & rules_mask(shift - 1U, 0));
  uint64_t top = UINT64_C(1) << (b->ipa_bits - 1);
  if (b->apart) *ipa = question == b->question ? *ipa | top : *ipa & ~top;
  if (rules_beyond(*ipa, b->ipa_bits)) return false;
  if (!descend(b, *ipa, height, question, &table)) return false;
  uint64_t at = rules_pte_addr(table, *ipa, height, height == b->s2_top ? b->s2_index_bits : 9);
  if (build_at(b, at) != NULL) return false;
  b->s2_at[question][height] = at;
  build_word(b, at, b->format->s2_leaf(b, height, pa & ~rules_mask(shift - 1U, 0), question));
  return true;
}

/* Tables are mapped by pages of 4 KiB mostly, so that they have most levels. */
static uint8_t table_height(struct oracle_build *b) {
  uint8_t most = b->s2_top < b->format->s2_block ? b->s2_top : b->format->s2_block;
  if (b->table_leaf != BUILD_ANY) return b->table_leaf < most ? b->table_leaf : most;
  return fuzz_chance(b->r, 80) ? 0 : (uint8_t)fuzz_below(b->r, most + 1U);
}

/* Small tables may be anywhere in a page. */
static uint64_t table_offset(struct oracle_build *b, uint8_t index_bits) {
  uint64_t bytes = UINT64_C(8) << index_bits;
  return bytes < 4096 ? fuzz_below(b->r, (uint32_t)(4096 / bytes)) * bytes : 0;
}

static bool stage1_path(struct oracle_build *b) {
  unsigned shift = 12U + 9U * b->s1_leaf;
  b->va = above(b, b->s1_bits, shift) | (b->ipa & rules_mask(shift - 1U, 0));
  if (rules_beyond(b->va, b->s1_bits)) return false;
  uint64_t pa = build_page(b, 4096);
  if (!build_map(b, pa, table_height(b), b->s1_top, &b->s1_root)) return false;
  uint8_t bits = b->s1_index_bits;
  uint64_t offset = table_offset(b, bits);
  b->s1_root |= offset;
  b->s1_root_pa = pa |= offset;
  for (uint8_t level = b->s1_top; level > b->s1_leaf; level--) {
    uint64_t next, at = rules_pte_addr(pa, b->va, level, bits);
    pa = build_page(b, 4096);
    bits = 9;
    if (!build_map(b, pa, table_height(b), level - 1U, &next)) return false;
    b->s1_at[level] = at;
    build_word(b, at, pointer(b, true, next));
  }
  uint64_t at = rules_pte_addr(pa, b->va, b->s1_leaf, bits);
  b->s1_at[b->s1_leaf] = at;
  build_word(b, at, b->format->s1_leaf(b, b->s1_leaf, b->ipa & ~rules_mask(shift - 1U, 0)));
  return true;
}

bool build_path(struct oracle_build *b) {
  uint64_t bytes = UINT64_C(8) << b->s2_index_bits;
  if (b->s2)
    b->s2_root = build_page(b, bytes > 4096 ? bytes : 4096) | table_offset(b, b->s2_index_bits);
  b->pa = build_page(b, 4096) | (fuzz_bits(b->r) & 0xff8);
  if (!build_map(b, b->pa, b->s2_leaf, BUILD_FINAL, &b->ipa)) return false;
  b->va = b->ipa;
  return !b->s1 || stage1_path(b);
}
