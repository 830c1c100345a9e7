/* SPDX-License-Identifier: Apache-2.0
 * Random page tables, contexts and accesses. The tables are a small pool of frames per level, so
 * they are shared, nested wrongly and changed under the hardware's feet. It follows the formats
 * of the three manuals, not their fault rules. Promise: same seed, same world. */
#include "fuzz/world.h"

#include "fuzz/descriptor.h"
#include "fuzz/insn.h"

enum { POOL = 1 << 20 };

static uint32_t below(struct fuzz_world *w, uint32_t n) {
  return fuzz_below(&w->random, n);
}
static bool chance(struct fuzz_world *w, uint32_t percent) {
  return fuzz_chance(&w->random, percent);
}

void fuzz_world_init(struct fuzz_world *w, enum mmu_arch arch, uint8_t stages, uint64_t seed,
                     struct physmem *memory) {
  *w = (struct fuzz_world){.arch = arch, .memory = memory, .stages = stages};
  w->random.state = seed * 3 + (uint64_t)arch;
  for (uint32_t l = 0; l < FUZZ_LEVELS; l++)
    for (uint32_t i = 0; i < FUZZ_TABLES; i++)
      w->table[l][i] = POOL + (l * FUZZ_TABLES + i) * UINT64_C(4096);
}

/* ---- descriptors ---- */

static uint64_t some_page(struct fuzz_world *w, uint8_t level) {
  if (w->two_stages) return fuzz_s2_page(w, level);
  uint64_t base = fuzz_bits(&w->random) & ((UINT64_C(1) << w->pa_width) - 1);
  unsigned shift = 12U + 9U * level;
  return base >> shift << shift;
}

uint64_t fuzz_some_table(struct fuzz_world *w, uint8_t level) {
  return w->table[level][below(w, FUZZ_TABLES)] + w->window;
}

/* An address that is no good: too wide, outside the memory, or of a table of the wrong level. */
static uint64_t bad_address(struct fuzz_world *w) {
  uint64_t far = fuzz_bits(&w->random) & ((UINT64_C(1) << 52) - 1) & ~UINT64_C(0xfff);
  switch (below(w, 3)) {
    case 0:
      return far | UINT64_C(1) << (w->pa_width < 47 ? w->pa_width : 46);
    case 1:
      return (far & ((UINT64_C(1) << w->pa_width) - 1)) | UINT64_C(1) << 31;
    default:
      return fuzz_some_table(w, (uint8_t)below(w, FUZZ_LEVELS));
  }
}

/* For the word at addr. */
static uint64_t good_descriptor(struct fuzz_world *w, uint64_t addr, uint8_t level,
                                uint32_t pointers) {
  if (level >= 3) pointers = w->arch == MMU_ARCH_RISCV ? 60 : 98; /* seldom a page up there */
  if (level > 0 && chance(w, pointers)) {
    uint64_t d = fuzz_pointer(w->arch, &w->random, fuzz_some_table(w, (uint8_t)(level - 1)));
    return w->two_stages && chance(w, 90) ? fuzz_open(w->arch, d) : d;
  }
  bool plain = chance(w, w->plain);
  uint64_t leaf = fuzz_leaf(w->arch, &w->random, level, some_page(w, level), plain);
  if (w->two_stages && plain && chance(w, 80)) leaf = fuzz_for_users(w->arch, leaf);
  return chance(w, w->groups) ? fuzz_group(w->arch, &w->random, level, addr >> 3, leaf) : leaf;
}

static uint64_t any_descriptor(struct fuzz_world *w, uint64_t addr, uint8_t level) {
  uint32_t dice = below(w, 100);
  if (dice < 55) return good_descriptor(w, addr, level, 20);
  if (dice < 65) return fuzz_bits(&w->random) & ~UINT64_C(1);
  if (dice < 78) return good_descriptor(w, addr, level, 40) ^ UINT64_C(1) << below(w, 64);
  if (dice < 80) return good_descriptor(w, addr, level, 40) ^ UINT64_C(1) << below(w, 4);
  if (dice < 88 && level > 0) return fuzz_pointer(w->arch, &w->random, bad_address(w));
  if (dice < 96) return fuzz_leaf(w->arch, &w->random, level, bad_address(w), chance(w, 70));
  return fuzz_bits(&w->random);
}

static uint64_t new_descriptor(struct fuzz_world *w, uint64_t addr, uint8_t level) {
  if (level == w->target && chance(w, w->harsh)) return any_descriptor(w, addr, level);
  if (level == w->target) return good_descriptor(w, addr, level, 15);
  if (w->two_stages) /* stage 2 has its own share of troubles */
    return chance(w, 98) ? good_descriptor(w, addr, level, level > w->target ? 97 : 50)
                         : any_descriptor(w, addr, level);
  if (level > w->target)
    return chance(w, 96) ? good_descriptor(w, addr, level, 97) : any_descriptor(w, addr, level);
  return chance(w, 90) ? good_descriptor(w, addr, level, 50) : any_descriptor(w, addr, level);
}

/* ---- addresses ---- */

/* Few indices per level, so that addresses share tables. */
static uint64_t some_index(struct fuzz_world *w) {
  static const uint16_t index[] = {0, 1, 2, 255, 256, 511};
  return index[below(w, sizeof index / sizeof index[0])];
}

static uint64_t new_address(struct fuzz_world *w, const struct mmu_context *c) {
  uint64_t va = 0;
  if (c->s1_mode == MMU_S1_OFF && w->two_stages) return fuzz_s2_page(w, 0);
  if (c->s1_mode == MMU_S1_OFF)
    return fuzz_bits(&w->random) >> (below(w, 4) != 0 ? 64U - w->pa_width : below(w, 12));
  for (unsigned level = 0; level < FUZZ_LEVELS; level++)
    va |= some_index(w) << (12 + 9 * level);
  bool upper = c->s1_mode == MMU_S1_ARM_4K ? chance(w, 50) : false;
  unsigned bits = fuzz_address_bits(c, upper);
  if (bits < 16 || bits > 57) bits = 48;
  if (c->s1_mode != MMU_S1_ARM_4K) upper = (va >> (bits - 1)) & 1;
  uint64_t high = UINT64_MAX << bits;
  return upper ? va | high : va & ~high;
}

void fuzz_note_word(struct fuzz_world *w, uint64_t addr, uint8_t level) {
  if (w->words == FUZZ_WORDS) return;
  w->word[w->words] = addr;
  w->word_level[w->words++] = level;
}

static bool in_pool(uint64_t addr) {
  return addr >= POOL && addr < POOL + FUZZ_LEVELS * FUZZ_TABLES * UINT64_C(4096);
}

/* Give a descriptor that was just planted its neighbours, as software has to for a group. Their A
 * and D need not agree. */
static void plant_group(struct fuzz_world *w, uint64_t addr, uint8_t level, uint64_t d) {
  for (uint64_t i = 0; i < 16; i++) {
    uint64_t at = (addr & ~UINT64_C(127)) + 8 * i, old = 0;
    if (physmem_read64(w->memory, at, &old) != MMU_MEM_OK || old != 0) continue;
    uint64_t other = fuzz_neighbour(w->arch, level, i, d);
    if (chance(w, 40)) other = fuzz_age(w->arch, &w->random, other);
    physmem_write64(w->memory, at, other, MEM_WRITER_OS);
    fuzz_note_word(w, at, level);
  }
}

/* Where a descriptor of stage 1 would lead this address. */
static uint64_t final_address(const struct fuzz_world *w, uint8_t level, uint64_t d, uint64_t va) {
  unsigned shift = 12U + 9U * level;
  if (fuzz_in_group(w->arch, d)) shift += 4;
  return fuzz_target(w->arch, d) >> shift << shift | (va & ~(UINT64_MAX << shift));
}

/* Make sure that something stands where the walk of this address will look. */
static void plant(struct fuzz_world *w, const struct mmu_context *c, uint64_t va) {
  bool upper = c->s1_mode == MMU_S1_ARM_4K && ((va >> 55) & 1);
  unsigned bits = fuzz_address_bits(c, upper);
  if (c->s1_mode == MMU_S1_OFF) fuzz_s2_plant(w, c, va);
  if (c->s1_mode == MMU_S1_OFF || bits < 16 || bits > 57) return;
  uint64_t table = upper ? c->s1_root1 : c->s1_root0;
  va &= ~(UINT64_MAX << bits);
  for (int level = fuzz_root_level(c, upper); level >= 0 && in_pool(table - w->window); level--) {
    uint64_t addr = table - w->window + 8 * ((va >> (12 + 9 * level)) & 511);
    uint64_t d = 0;
    fuzz_s2_plant(w, c, addr + w->window);
    if (physmem_read64(w->memory, addr, &d) != MMU_MEM_OK) return;
    if (d == 0) {
      d = new_descriptor(w, addr, (uint8_t)level);
      physmem_write64(w->memory, addr, d, MEM_WRITER_OS);
      fuzz_note_word(w, addr, (uint8_t)level);
      if (fuzz_in_group(w->arch, d) && chance(w, 60)) plant_group(w, addr, (uint8_t)level, d);
    }
    if (fuzz_is_leaf(w->arch, (uint8_t)level, d))
      fuzz_s2_plant(w, c, final_address(w, (uint8_t)level, d, va));
    table = fuzz_target(w->arch, d);
  }
}

/* ---- the epoch ---- */

/* Clear A in the tables of the target level, so that every use of them wants an update. */
static void forget(struct fuzz_world *w) {
  for (uint32_t i = 0; i < w->words; i++) {
    uint64_t d = 0;
    if (w->word_level[i] != w->target) continue;
    physmem_read64(w->memory, w->word[i], &d);
    physmem_write64(w->memory, w->word[i], fuzz_unused(w->arch, d), MEM_WRITER_OS);
  }
}

/* One table of the target level answers with an error, or all of them cannot do atomics. */
static void new_error(struct fuzz_world *w) {
  uint32_t dice = below(w, 100);
  if (dice < 40 || (w->two_stages && chance(w, 50))) return;
  w->error_first = dice < 70 ? w->table[w->target][0] : w->table[w->target][below(w, FUZZ_TABLES)];
  if (w->two_stages && chance(w, 50)) w->error_first = fuzz_s2_some_table(w, w->s2_target);
  w->error_last = w->error_first + (dice < 70 ? FUZZ_TABLES : 1) * UINT64_C(4096) - 1;
  if (dice < 70) forget(w);
  physmem_set_error(w->memory, w->error_first, w->error_last,
                    dice < 70   ? MMU_MEM_NO_ATOMIC
                    : dice < 85 ? MMU_MEM_BUS
                                : MMU_MEM_PARITY);
}

void fuzz_world_renew(struct fuzz_world *w) {
  static const uint8_t width[] = {32, 34, 36, 39, 40, 44, 48, 52};
  static const uint8_t harsh[] = {10, 40, 90};
  if (w->error_last != 0) physmem_set_error(w->memory, w->error_first, w->error_last, MMU_MEM_OK);
  w->error_last = 0;
  for (unsigned l = 0; l < FUZZ_LEVELS; l++)
    for (unsigned i = 0; i < FUZZ_TABLES; i++)
      physmem_clear_frame(w->memory, w->table[l][i], MEM_WRITER_OS);
  w->words = 0;
  w->target = (uint8_t)below(w, w->arch == MMU_ARCH_ARM ? 4 : FUZZ_LEVELS);
  w->harsh = harsh[below(w, sizeof harsh)];
  w->plain = chance(w, 60) ? 40 : 90;
  w->wide = chance(w, 40);
  w->groups = chance(w, 40) ? 60 : 4;
  w->pa_width = width[below(w, sizeof width)];
  w->two_stages = w->stages == 2 || (w->stages == 3 && chance(w, 50));
  w->window = 0;
  if (w->arch == MMU_ARCH_RISCV && w->target >= 3 && chance(w, 60))
    w->pa_width = chance(w, 50) ? 48 : 52; /* or no page that high would fit */
  if (w->two_stages) {
    w->harsh = w->harsh == 90 ? 15 : 3;
    w->plain = chance(w, 75) ? 97 : 60;
    fuzz_s2_renew(w);
  }
  for (unsigned i = 0; i < FUZZ_CONTEXTS; i++)
    fuzz_new_context(w, &w->context[i]);
  for (unsigned i = 0; i < FUZZ_ADDRESSES; i++) {
    w->address_context[i] = (uint8_t)below(w, FUZZ_CONTEXTS);
    const struct mmu_context *c = &w->context[w->address_context[i]];
    w->address[i] = new_address(w, c);
    plant(w, c, w->address[i]);
  }
  new_error(w);
}

/* ---- what happens in it ---- */

static uint64_t spoil_address(struct fuzz_world *w, const struct mmu_context *c, uint64_t va) {
  if (chance(w, 2)) va ^= UINT64_C(1) << below(w, 64);
  if (chance(w, 1)) va = fuzz_bits(&w->random);
  bool tag = (va >> 55) & 1 ? c->tbi1 : c->tbi0;
  if (tag && chance(w, 30)) va = (va & ~(UINT64_C(0xff) << 56)) | (uint64_t)below(w, 256) << 56;
  return va;
}

void fuzz_world_access(struct fuzz_world *w, uint8_t port, struct mmu_request *out) {
  uint32_t i = below(w, FUZZ_ADDRESSES);
  uint32_t context = chance(w, 85) ? w->address_context[i] : below(w, FUZZ_CONTEXTS);
  const struct mmu_context *c = &w->context[context];
  uint64_t va = w->address[i];
  if (w->wide && chance(w, 60)) {
    va ^= (uint64_t)below(w, 128) << 12;
    plant(w, c, va);
  }
  if (w->groups > 50 && w->target <= 2 && chance(w, 40)) { /* another page of its group */
    va ^= (uint64_t)below(w, 16) << (12 + 9 * w->target);
    plant(w, c, va);
  }
  struct mmu_access *a = &out->access;
  *a = (struct mmu_access){.size = (uint8_t)below(w, 4)};
  if (c->s1_mode != MMU_S1_OFF || c->s2_mode >= MMU_S2_EPT)
    va |= below(w, 4096) >> a->size << a->size;
  a->insn = w->two_stages ? fuzz_insn(w->arch, &w->random) : 0;
  static const uint8_t data[] = {MMU_READ, MMU_WRITE, MMU_RMW};
  a->kind = port == MMU_PORT_FETCH ? (uint8_t)MMU_FETCH : data[below(w, 3)];
  if (w->arch == MMU_ARCH_RISCV && a->kind == MMU_READ) a->exec_as_read = chance(w, 8);
  a->speculative = chance(w, 4);
  if (w->arch == MMU_ARCH_X86 && (a->kind == MMU_READ || a->kind == MMU_WRITE))
    a->implicit_sup = c->priv == MMU_USER && chance(w, 10);
  if (w->arch == MMU_ARCH_ARM && (a->kind == MMU_READ || a->kind == MMU_WRITE) && chance(w, 5))
    a->op = chance(w, 50) ? MMU_OP_CACHE : MMU_OP_TRANSLATE;
  out->va = spoil_address(w, c, va);
  out->ctx = c;
  out->port = port;
}

void fuzz_world_mutate(struct fuzz_world *w, uint64_t addr, uint8_t level) {
  uint64_t d = 0;
  if (fuzz_in_s2_pool(addr)) fuzz_s2_mutate(w, addr, level);
  if (!in_pool(addr) || physmem_read64(w->memory, addr, &d) != MMU_MEM_OK) return;
  if (w->two_stages && chance(w, 6)) {
    fuzz_s2_move(w, addr + w->window);
    return;
  }
  uint32_t dice = below(w, 10);
  bool aged = w->arch != MMU_ARCH_RISCV || !w->two_stages || fuzz_is_leaf(w->arch, level, d);
  if (dice < 5 && !aged) return; /* its pointers must have no A and D */
  if (dice < 5)
    d = fuzz_age(w->arch, &w->random, d);
  else if (dice < 8)
    d = new_descriptor(w, addr, level);
  else if (dice < 9 || (w->two_stages && chance(w, 80)))
    d = good_descriptor(w, addr, level, 50);
  else
    d = 0;
  physmem_write64(w->memory, addr, d, MEM_WRITER_OS);
  uint32_t i = below(w, FUZZ_ADDRESSES); /* a new pointer may lead to bare ground */
  plant(w, &w->context[w->address_context[i]], w->address[i]);
}
