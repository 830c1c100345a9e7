/* SPDX-License-Identifier: Apache-2.0
 * The hypervisor's side of the fuzzer's world: tables of stage 2 under the guest's, out of a small
 * pool of frames per level, and their controls. The guest's tables are where stage 2 leads from
 * w->window, whatever the size of its pages, as long as nothing goes wrong. Promise: same seed,
 * same world; the shape of the tables belongs to the VMID, or with EPT to the root. */
#include "fuzz/descriptor_s2.h"
#include "fuzz/world.h"

enum { S2_POOL = 4 << 20, ROOT_FRAMES = 16, FRAME = 4096 };
enum { S2_FIRST_TABLE = S2_POOL + FUZZ_ROOTS * ROOT_FRAMES * FRAME };
enum { S2_END = S2_FIRST_TABLE + FUZZ_LEVELS * FUZZ_TABLES * FRAME };

static uint32_t below(struct fuzz_world *w, uint32_t n) {
  return fuzz_below(&w->random, n);
}
static bool chance(struct fuzz_world *w, uint32_t percent) {
  return fuzz_chance(&w->random, percent);
}

bool fuzz_in_s2_pool(uint64_t addr) {
  return addr >= S2_POOL && addr < S2_END;
}

static uint64_t table_at(uint8_t level, uint32_t i) {
  return S2_FIRST_TABLE + (level * FUZZ_TABLES + i) * (uint64_t)FRAME;
}

uint64_t fuzz_s2_some_table(struct fuzz_world *w, uint8_t level) {
  return table_at(level, below(w, FUZZ_TABLES));
}

/* ---- the epoch ---- */

/* Arm: addresses of so many bits, and a first height that goes with them, mostly. */
static void arm_shape(struct fuzz_world *w, struct fuzz_shape *s) {
  unsigned bits = w->window == 0 && chance(w, 30) ? 22 + below(w, 10) : 32 + below(w, 17);
  unsigned tops = 0, top[4] = {0};
  for (unsigned h = 0; h < 4; h++)
    if (bits > 12 + 9 * h && bits <= 25 + 9 * h) top[tops++] = h;
  s->t0sz = (uint8_t)(64 - bits);
  s->top = (uint8_t)(chance(w, 3) ? below(w, 4) : top[below(w, tops)]);
  unsigned below_top = 12U + 9U * s->top;
  s->index_bits = (uint8_t)(bits > below_top ? bits - below_top : 9); /* if none: no walk begins */
  s->bits = (uint8_t)bits;
}

static void new_shape(struct fuzz_world *w, struct fuzz_shape *s) {
  *s = (struct fuzz_shape){.index_bits = 9};
  if (w->arch == MMU_ARCH_ARM) {
    arm_shape(w, s);
  } else {
    bool riscv = w->arch == MMU_ARCH_RISCV;
    s->top = (uint8_t)(riscv ? 2 + below(w, 3) : 3 + below(w, 2));
    s->index_bits = riscv ? 11 : 9;
    s->bits = (uint8_t)(12 + 9 * s->top + s->index_bits);
  }
}

void fuzz_s2_renew(struct fuzz_world *w) {
  static const uint8_t width[] = {36, 40, 44, 48, 52};
  static const uint8_t mode[] = {MMU_S2_EPT, MMU_S2_ARM, MMU_S2_RISCV};
  static const uint8_t harsh[] = {0, 3, 20};
  for (uint64_t at = S2_POOL; at < S2_END; at += FRAME)
    physmem_clear_frame(w->memory, at, MEM_WRITER_OS);
  w->gpas = 0;
  w->s2_mode = w->arch == MMU_ARCH_X86 && chance(w, 40) ? (uint8_t)MMU_S2_NPT : mode[w->arch];
  w->s2_target = (uint8_t)below(w, 4);
  w->s2_harsh = harsh[below(w, sizeof harsh)];
  w->s2_plain = chance(w, 50) ? 95 : 60;
  w->s2_pa_width = width[below(w, w->arch == MMU_ARCH_ARM ? 4 : 5)];
  w->window = chance(w, 40) ? 0 : (uint64_t)(1 + below(w, 3)) << 30;
  w->reach = w->pa_width;
  for (unsigned i = 0; i < FUZZ_ROOTS; i++) {
    new_shape(w, &w->shape[i]);
    if (w->shape[i].bits < w->reach) w->reach = w->shape[i].bits;
  }
}

static void controls_by_mode(struct fuzz_world *w, struct mmu_context *c) {
  uint32_t update = below(w, 3);
  switch (w->s2_mode) {
    case MMU_S2_EPT:
      c->s2_hw_a = c->s2_hw_d = update > 0;
      c->s2_mbec = chance(w, 50);
      c->s2_exec_only = chance(w, 70);
      c->s2_page1g = chance(w, 90);
      c->s2_exit_info = chance(w, 60);
      break;
    case MMU_S2_NPT:
      c->s2_hw_a = c->s2_hw_d = true;
      c->s2_page1g = chance(w, 90);
      c->s2_nxe = chance(w, 90);
      break;
    case MMU_S2_ARM:
      c->s2_hw_a = update > 0;
      c->s2_hw_d = update > 1;
      c->s2_ptw = chance(w, 20);
      break;
    default:
      c->s2_hw_a = c->s2_hw_d = update > 0;
      c->s2_mxr = chance(w, 20);
      c->s2_pbmte = chance(w, 80);
  }
}

void fuzz_s2_controls(struct fuzz_world *w, struct mmu_context *c) {
  uint32_t vm = below(w, FUZZ_VMIDS);
  uint32_t root = w->s2_mode == MMU_S2_EPT ? below(w, FUZZ_ROOTS) : vm;
  const struct fuzz_shape *s = &w->shape[root];
  c->vmid = (uint16_t)vm;
  if (w->window == 0 && chance(w, 15)) return; /* the same tables without a stage 2 */
  c->s2_mode = w->s2_mode;
  c->s2_root = S2_POOL + root * (uint64_t)(ROOT_FRAMES * FRAME);
  c->s2_pa_width = w->s2_pa_width;
  c->s2_top = s->top;
  c->s2_t0sz = s->t0sz;
  controls_by_mode(w, c);
  if (c->s2_pa_width < 52 && chance(w, 2)) c->s2_root |= UINT64_C(1) << c->s2_pa_width;
}

/* ---- guest-physical addresses ---- */

uint64_t fuzz_s2_page(struct fuzz_world *w, uint8_t level) {
  static const uint16_t index[] = {0, 1, 2, 255, 256, 511};
  unsigned shift = 12U + 9U * level;
  uint64_t gpa = 0;
  if (chance(w, 12)) {
    gpa = w->window + below(w, 6 << 20);
  } else if (chance(w, 4)) {
    gpa = fuzz_bits(&w->random) & ((UINT64_C(1) << w->pa_width) - 1);
  } else {
    for (unsigned l = 0; l < FUZZ_LEVELS; l++)
      gpa |= (uint64_t)index[below(w, sizeof index / sizeof index[0])] << (12 + 9 * l);
    gpa &= (UINT64_C(1) << w->reach) - 1;
  }
  return gpa >> shift << shift;
}

uint64_t fuzz_s2_some_gpa(struct fuzz_world *w) {
  return w->gpas != 0 ? w->gpa[below(w, w->gpas)] : w->window;
}

static void note_gpa(struct fuzz_world *w, uint64_t gpa) {
  if (w->gpas < FUZZ_GPAS)
    w->gpa[w->gpas++] = gpa;
  else
    w->gpa[below(w, FUZZ_GPAS)] = gpa;
}

/* ---- descriptors ---- */

/* Does a page of this height hold the guest's tables? */
static bool has_tables(const struct fuzz_world *w, uint64_t gpa, uint8_t level) {
  unsigned shift = 12U + 9U * level;
  uint64_t first = w->window + w->table[0][0];
  uint64_t last = w->window + w->table[FUZZ_LEVELS - 1][FUZZ_TABLES - 1];
  return gpa >> shift >= first >> shift && gpa >> shift <= last >> shift;
}

static uint64_t some_leaf(struct fuzz_world *w, uint8_t level, uint64_t gpa) {
  unsigned shift = 12U + 9U * level;
  bool tables = has_tables(w, gpa, level);
  uint64_t base = fuzz_bits(&w->random) & ((UINT64_C(1) << w->s2_pa_width) - 1);
  if (tables) base = gpa - w->window;
  if (tables && level == 0 && chance(w, 2))
    base = w->table[below(w, FUZZ_LEVELS)][below(w, FUZZ_TABLES)];
  return fuzz_s2_leaf(w->s2_mode, &w->random, level, base >> shift << shift,
                      chance(w, tables ? 98 : w->s2_plain));
}

static uint64_t good(struct fuzz_world *w, uint8_t level, uint64_t gpa) {
  uint32_t pointers = level == 0 ? 0 : level == 1 ? 65 : level == 2 ? 80 : 100;
  if (level >= 3 && w->s2_mode == MMU_S2_RISCV && !has_tables(w, gpa, level)) pointers = 90;
  /* the way to the guest's tables has tables of its own */
  uint32_t next = has_tables(w, gpa, level) ? 0 : 1 + below(w, FUZZ_TABLES - 1);
  if (level > 0 && chance(w, pointers))
    return fuzz_s2_pointer(w->s2_mode, &w->random, table_at((uint8_t)(level - 1), next));
  return some_leaf(w, level, gpa);
}

static uint64_t any(struct fuzz_world *w, uint8_t level, uint64_t gpa) {
  uint32_t dice = below(w, 100);
  uint64_t far = (fuzz_bits(&w->random) & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 40;
  if (dice < 30) return fuzz_bits(&w->random) & ~UINT64_C(0x407);
  if (dice < 45) return good(w, level, gpa) ^ UINT64_C(1) << below(w, 64);
  if (dice < 55) return good(w, level, gpa) ^ UINT64_C(1) << below(w, 11);
  if (dice < 62) return fuzz_s2_pointer(w->s2_mode, &w->random, far & ~UINT64_C(0xfff));
  if (dice < 70)
    return fuzz_s2_leaf(w->s2_mode, &w->random, level, far >> (12 + 9 * level) << (12 + 9 * level),
                        true);
  if (dice < 75) return fuzz_bits(&w->random);
  return fuzz_s2_leaf(w->s2_mode, &w->random, level,
                      (gpa - w->window) >> (12 + 9 * level) << (12 + 9 * level), false);
}

static uint64_t new_descriptor(struct fuzz_world *w, uint8_t level, uint64_t gpa) {
  bool trouble = level == w->s2_target ? chance(w, w->s2_harsh) : below(w, 400) == 0;
  return trouble ? any(w, level, gpa) : good(w, level, gpa);
}

/* ---- in the tables ---- */

static const struct fuzz_shape *shape_of(const struct fuzz_world *w, const struct mmu_context *c) {
  uint64_t i = ((c->s2_root & ((UINT64_C(1) << 36) - 1)) - S2_POOL) / (ROOT_FRAMES * FRAME);
  return &w->shape[i < FUZZ_ROOTS ? i : 0];
}

void fuzz_s2_plant(struct fuzz_world *w, const struct mmu_context *c, uint64_t gpa) {
  const struct fuzz_shape *s = shape_of(w, c);
  if (c->s2_mode < MMU_S2_EPT || gpa >> s->bits != 0) return;
  uint64_t table = c->s2_root;
  note_gpa(w, gpa);
  for (int level = s->top; level >= 0 && fuzz_in_s2_pool(table); level--) {
    uint64_t mask = (UINT64_C(1) << (level == s->top ? s->index_bits : 9)) - 1;
    uint64_t addr = table + 8 * (gpa >> (12 + 9 * level) & mask), d = 0;
    if (!fuzz_in_s2_pool(addr)) return;
    if (physmem_read64(w->memory, addr, &d) != MMU_MEM_OK) return;
    if (d == 0) {
      d = new_descriptor(w, (uint8_t)level, gpa);
      physmem_write64(w->memory, addr, d, MEM_WRITER_OS);
      fuzz_note_word(w, addr, (uint8_t)level);
    }
    if (fuzz_s2_is_leaf(w->s2_mode, (uint8_t)level, d)) return;
    table = fuzz_s2_target(w->s2_mode, d);
  }
}

void fuzz_s2_move(struct fuzz_world *w, uint64_t gpa) {
  const struct mmu_context *c = &w->context[below(w, FUZZ_CONTEXTS)];
  const struct fuzz_shape *s = shape_of(w, c);
  if (c->s2_mode < MMU_S2_EPT || gpa >> s->bits != 0) return;
  uint64_t table = c->s2_root;
  for (int level = s->top; level >= 0 && fuzz_in_s2_pool(table); level--) {
    uint64_t mask = (UINT64_C(1) << (level == s->top ? s->index_bits : 9)) - 1;
    uint64_t addr = table + 8 * (gpa >> (12 + 9 * level) & mask), d = 0;
    if (!fuzz_in_s2_pool(addr)) return;
    if (physmem_read64(w->memory, addr, &d) != MMU_MEM_OK || d == 0) return;
    table = fuzz_s2_target(w->s2_mode, d);
    if (level != 0) continue;
    uint64_t page = w->table[below(w, FUZZ_LEVELS)][below(w, FUZZ_TABLES)];
    uint64_t moved = w->s2_mode == MMU_S2_RISCV ? (table ^ page) >> 2 : table ^ page;
    physmem_write64(w->memory, addr, d ^ moved, MEM_WRITER_OS);
  }
}

/* A guest-physical address that uses this descriptor, if one is known. */
static uint64_t user_of(struct fuzz_world *w, uint64_t addr, uint8_t level) {
  for (uint32_t i = 0; i < w->gpas; i++)
    if ((w->gpa[i] >> (12 + 9 * level) & 511) == (addr >> 3 & 511)) return w->gpa[i];
  return fuzz_s2_some_gpa(w);
}

void fuzz_s2_mutate(struct fuzz_world *w, uint64_t addr, uint8_t level) {
  uint64_t d = 0;
  if (physmem_read64(w->memory, addr, &d) != MMU_MEM_OK) return;
  uint64_t gpa = user_of(w, addr, level);
  uint32_t dice = below(w, 20);
  bool aged = w->s2_mode != MMU_S2_RISCV || fuzz_s2_is_leaf(w->s2_mode, level, d);
  if (dice < 12 && !aged) return; /* its pointers must have no A and D */
  if (dice < 12)
    d = fuzz_s2_age(w->s2_mode, &w->random, d);
  else if (dice < 17)
    d = good(w, level, gpa);
  else if (dice < 19)
    d = new_descriptor(w, level, gpa);
  else
    d = 0;
  physmem_write64(w->memory, addr, d, MEM_WRITER_OS);
}
