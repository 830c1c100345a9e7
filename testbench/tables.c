/* SPDX-License-Identifier: Apache-2.0
 * Descriptor formats and fault registers for bench tests, from the manuals: SDM vol. 3 chapter 4
 * and "Page-Fault Exceptions"; Arm ARM VMSAv8-64 descriptors, FEAT_HAFDBS and ESR_ELx; RISC-V
 * privileged spec Sv39/48/57 and the table of scause values. */
#include "testbench/tables.h"

#include <string.h>

const struct format formats[FORMATS] = {
    {"x86-l4", MMU_ARCH_X86, MMU_S1_X86_L4, 3, 2, 9, false},
    {"arm-l0", MMU_ARCH_ARM, MMU_S1_ARM_4K, 3, 2, 9, false},
    {"rv-sv39", MMU_ARCH_RISCV, MMU_S1_SV39, 2, 2, 9, false},
    {"x86-l5", MMU_ARCH_X86, MMU_S1_X86_L5, 4, 2, 9, false},
    {"arm-l1", MMU_ARCH_ARM, MMU_S1_ARM_4K, 2, 2, 9, false},
    {"arm-l2", MMU_ARCH_ARM, MMU_S1_ARM_4K, 1, 1, 5, false},
    {"arm-up", MMU_ARCH_ARM, MMU_S1_ARM_4K, 3, 2, 6, true},
    {"rv-sv48", MMU_ARCH_RISCV, MMU_S1_SV48, 3, 3, 9, false},
    {"rv-sv57", MMU_ARCH_RISCV, MMU_S1_SV57, 4, 3, 9, false},
};

static unsigned shift_of(unsigned height) {
  return 12 + 9 * height;
}

static uint64_t bits(unsigned high, unsigned low) {
  return (UINT64_MAX >> (63 - high)) & (UINT64_MAX << low);
}

/* ---- descriptors -------------------------------------------------------------------------------
 */

uint64_t format_leaf(const struct format *f, unsigned height, uint64_t pa, unsigned flags) {
  const bool r = (flags & PAGE_R) != 0, w = (flags & PAGE_W) != 0, x = (flags & PAGE_X) != 0;
  const bool u = (flags & PAGE_U) != 0, a = (flags & PAGE_A) != 0, d = (flags & PAGE_D) != 0;
  const bool g = (flags & PAGE_G) != 0;
  uint64_t v;
  switch (f->arch) {
    case MMU_ARCH_X86:
      v = pa | 1;
      v |= (uint64_t)w << 1 | (uint64_t)u << 2 | (uint64_t)a << 5 | (uint64_t)d << 6;
      v |= (uint64_t)(height != 0) << 7 | (uint64_t)g << 8 | (uint64_t)!x << 63;
      return v;
    case MMU_ARCH_ARM:
      v = pa | (height == 0 ? 3 : 1) | UINT64_C(3) << 8;
      v |= (uint64_t)u << 6 | (uint64_t) !(w && d) << 7 | (uint64_t)a << 10 | (uint64_t)!g << 11;
      v |= (uint64_t)w << 51;
      v |= (uint64_t) !(x && !u) << 53 | (uint64_t) !(x && u) << 54;
      return v;
    default:
      v = pa >> 2 | 1;
      v |= (uint64_t)r << 1 | (uint64_t)w << 2 | (uint64_t)x << 3 | (uint64_t)u << 4;
      v |= (uint64_t)g << 5 | (uint64_t)a << 6 | (uint64_t)d << 7;
      return v;
  }
}

uint64_t format_pointer(const struct format *f, uint64_t table, bool accessed) {
  switch (f->arch) {
    case MMU_ARCH_X86:
      return table | 7 | (uint64_t)accessed << 5;
    case MMU_ARCH_ARM:
      return table | 3;
    default:
      return table >> 2 | 1;
  }
}

uint64_t format_absent(const struct format *f, unsigned height, uint64_t pa) {
  return format_leaf(f, height > f->big ? 0 : height, pa, PAGE_ALL) & ~UINT64_C(1);
}

uint64_t format_reserved(const struct format *f, unsigned height, uint64_t pa) {
  switch (f->arch) {
    case MMU_ARCH_X86: /* an address bit beyond the 48 physical ones */
      return (height == 0 ? format_leaf(f, 0, pa, PAGE_ALL) : format_pointer(f, pa, true)) |
             UINT64_C(1) << 50;
    case MMU_ARCH_ARM: /* 01 where there is no block */
      return format_leaf(f, 0, pa, PAGE_ALL) & ~UINT64_C(2);
    default: /* bit 54 */
      return (height == 0 ? format_leaf(f, 0, pa, PAGE_ALL) : format_pointer(f, pa, true)) |
             UINT64_C(1) << 54;
  }
}

uint64_t format_a(const struct format *f) {
  const unsigned bit[MMU_ARCH_COUNT] = {5, 10, 6};
  return UINT64_C(1) << bit[f->arch];
}

uint64_t format_d(const struct format *f) {
  const unsigned bit[MMU_ARCH_COUNT] = {6, 7, 7};
  return UINT64_C(1) << bit[f->arch];
}

bool format_update_legal(const struct format *f, bool leaf, bool write, uint64_t before,
                         uint64_t after) {
  const uint64_t a = format_a(f), d = format_d(f);
  const uint64_t changed = before ^ after;
  if (changed == 0 || (before & 1) == 0) return false;
  if ((changed & ~(a | d)) != 0) return false;
  if (!leaf && (f->arch != MMU_ARCH_X86 || (changed & d) != 0)) return false;
  if ((after & a) == 0) return false; /* A set, whatever else */
  if ((changed & d) != 0) {
    if (!write) return false;
    if (f->arch == MMU_ARCH_ARM) return (before & d) != 0 && (before >> 51 & 1) != 0;
    return (before & d) == 0;
  }
  return true;
}

enum mmu_cause format_judge(const struct space *s, unsigned flags, enum mmu_access_kind kind) {
  /* x86 has no execute-only and no unreadable pages */
  const bool readable = s->f->arch != MMU_ARCH_RISCV || (flags & PAGE_R) != 0;
  const bool write = kind == MMU_WRITE || kind == MMU_RMW;
  bool allowed = (flags & PAGE_U) != 0;
  if (kind == MMU_FETCH) {
    allowed = allowed && (flags & PAGE_X) != 0;
  } else {
    if (kind != MMU_WRITE) allowed = allowed && readable;
    if (write) allowed = allowed && (flags & PAGE_W) != 0;
  }
  /* Arm without DBM's help: a page that is not dirty is read-only */
  if (s->f->arch == MMU_ARCH_ARM && write && !s->ctx.s1_hw_d && (flags & PAGE_D) == 0)
    allowed = false;
  const bool flag_fault = (flags & PAGE_A) == 0 && !s->ctx.s1_hw_a;
  if (s->f->arch == MMU_ARCH_ARM && flag_fault) return MMU_CAUSE_ACCESS_FLAG;
  if (!allowed) return MMU_CAUSE_PERMISSION;
  if (s->f->arch == MMU_ARCH_X86) return MMU_CAUSE_NONE;
  if (flag_fault) return MMU_CAUSE_ACCESS_FLAG;
  if (s->f->arch == MMU_ARCH_RISCV && write && (flags & PAGE_D) == 0 && !s->ctx.s1_hw_d)
    return MMU_CAUSE_DIRTY_FLAG;
  return MMU_CAUSE_NONE;
}

/* ---- fault registers ----------------------------------------------------------------------------
 */

static struct mmu_syndrome x86_syndrome(const struct mmu_context *ctx, const struct mmu_access *ac,
                                        uint64_t va, enum mmu_cause cause) {
  struct mmu_syndrome s = {0};
  switch (cause) {
    case MMU_CAUSE_NON_CANONICAL:
    case MMU_CAUSE_ROOT_SIZE:
      s.reg[0] = 13; /* #GP(0) */
      return s;
    case MMU_CAUSE_BUS:
    case MMU_CAUSE_PARITY:
    case MMU_CAUSE_NO_ATOMIC:
      s.reg[0] = 18; /* #MC */
      return s;
    default:
      break;
  }
  const bool user = ctx->priv == MMU_USER && !ac->implicit_sup;
  s.reg[0] = 14;
  s.reg[1] = (cause != MMU_CAUSE_NOT_PRESENT ? 1u : 0u) |
             (ac->kind == MMU_WRITE || ac->kind == MMU_RMW ? 2u : 0u) | (user ? 4u : 0u) |
             (cause == MMU_CAUSE_RESERVED ? 8u : 0u) |
             (ac->kind == MMU_FETCH && (ctx->nxe || ctx->smep) ? 16u : 0u) |
             (cause == MMU_CAUSE_PKEY ? 32u : 0u);
  s.reg[2] = va;
  return s;
}

static struct mmu_syndrome arm_syndrome(const struct mmu_context *ctx, const struct mmu_access *ac,
                                        uint64_t va, enum mmu_cause cause, unsigned height) {
  struct mmu_syndrome s = {0};
  const unsigned level = 3 - height;
  unsigned code;
  switch (cause) {
    case MMU_CAUSE_ADDRESS_SIZE:
      code = level;
      break;
    case MMU_CAUSE_ROOT_SIZE:
      code = 0;
      break;
    case MMU_CAUSE_NON_CANONICAL:
    case MMU_CAUSE_ROOT_DISABLED:
      code = 4;
      break;
    case MMU_CAUSE_ACCESS_FLAG:
      code = 8 + level;
      break;
    case MMU_CAUSE_PERMISSION:
      code = 12 + level;
      break;
    case MMU_CAUSE_BUS:
      code = 0x14 + level;
      break;
    case MMU_CAUSE_PARITY:
      code = 0x1c + level;
      break;
    case MMU_CAUSE_NO_ATOMIC:
      code = 0x31;
      break;
    default:
      code = 4 + level;
      break;
  }
  const unsigned class = (ac->kind == MMU_FETCH ? 0x20u : 0x24u) + (ctx->priv != MMU_USER);
  s.reg[0] = (uint64_t) class << 26 | 1u << 25 | code;
  if (cause == MMU_CAUSE_BUS) s.reg[0] |= 1u << 9;
  if (ac->kind == MMU_WRITE) s.reg[0] |= 1u << 6;
  if (ac->op != MMU_OP_NORMAL && ac->kind != MMU_FETCH) s.reg[0] |= 1u << 8 | 1u << 6;
  s.reg[1] = va;
  return s;
}

static struct mmu_syndrome riscv_syndrome(const struct mmu_access *ac, uint64_t va,
                                          enum mmu_cause cause) {
  struct mmu_syndrome s = {0};
  const bool store = ac->kind == MMU_WRITE || ac->kind == MMU_RMW || ac->op == MMU_OP_CACHE;
  const bool access = cause == MMU_CAUSE_ADDRESS_SIZE || cause == MMU_CAUSE_ROOT_SIZE ||
                      cause == MMU_CAUSE_BUS || cause == MMU_CAUSE_PARITY ||
                      cause == MMU_CAUSE_NO_ATOMIC;
  if (ac->kind == MMU_FETCH) {
    s.reg[0] = access ? 1 : 12;
  } else if (store) {
    s.reg[0] = access ? 7 : 15;
  } else {
    s.reg[0] = access ? 5 : 13;
  }
  s.reg[1] = va;
  return s;
}

struct mmu_syndrome format_syndrome(const struct format *f, const struct mmu_context *ctx,
                                    const struct mmu_access *access, uint64_t va,
                                    enum mmu_cause cause, unsigned height) {
  switch (f->arch) {
    case MMU_ARCH_X86:
      return x86_syndrome(ctx, access, va, cause);
    case MMU_ARCH_ARM:
      return arm_syndrome(ctx, access, va, cause, height);
    default:
      return riscv_syndrome(access, va, cause);
  }
}

uint64_t format_syndrome_mask(const struct format *f, const struct mmu_access *access,
                              enum mmu_cause cause) {
  const uint64_t ea = UINT64_C(1) << 9, wnr = UINT64_C(1) << 6;
  if (f->arch != MMU_ARCH_ARM) return UINT64_MAX;
  uint64_t open = 0;
  if (cause == MMU_CAUSE_PARITY || cause == MMU_CAUSE_NO_ATOMIC) open |= ea;
  if (cause == MMU_CAUSE_NO_ATOMIC || access->kind == MMU_RMW) open |= wnr;
  return ~open;
}

/* ---- address spaces
 * ------------------------------------------------------------------------------ */

struct space space_new(struct bench *b, const struct format *f) {
  struct space s = {.b = b, .f = f};
  struct mmu_context *c = &s.ctx;
  const uint64_t root = bench_frame(b);
  c->s1_mode = (uint8_t)f->mode;
  c->priv = MMU_USER;
  c->pa_width = 48;
  c->asid = 1;
  c->s1_hw_a = c->s1_hw_d = true;
  if (f->upper) {
    c->s1_root1 = root;
  } else {
    c->s1_root0 = root;
  }
  if (f->arch == MMU_ARCH_X86) {
    c->wp = c->nxe = c->page1g = true;
  } else if (f->arch == MMU_ARCH_ARM) {
    const uint8_t size = (uint8_t)(64 - (12 + 9 * f->top + f->first_bits));
    c->t0sz = f->upper ? 16 : size;
    c->t1sz = f->upper ? size : 16;
    c->epd0 = f->upper;
    c->epd1 = !f->upper;
  }
  return s;
}

uint64_t space_va(const struct format *f, unsigned top) {
  static const unsigned index[4] = {0x145, 0x0b4, 0x123, 0x0d2};
  uint64_t va = (uint64_t)(top & bits(f->first_bits - 1u, 0)) << shift_of(f->top);
  for (unsigned h = 0; h < f->top; h++) {
    va |= (uint64_t)index[h] << shift_of(h);
  }
  if (f->upper) va |= UINT64_MAX << (shift_of(f->top) + f->first_bits);
  return va;
}

uint64_t space_slot(struct space *s, uint64_t va, unsigned height) {
  uint64_t table = s->f->upper ? s->ctx.s1_root1 : s->ctx.s1_root0;
  for (unsigned h = s->f->top;; h--) {
    const unsigned width = h == s->f->top ? s->f->first_bits : 9;
    const uint64_t slot = s->host + table + 8 * ((va >> shift_of(h)) & bits(width - 1, 0));
    if (h == height) return slot;
    const uint64_t v = bench_peek(s->b, slot);
    if (v == 0) {
      table = bench_frame(s->b) - s->host;
      bench_poke(s->b, slot, format_pointer(s->f, table, true));
    } else {
      table = s->f->arch == MMU_ARCH_RISCV ? v >> 10 << 12 : v & bits(51, 12);
    }
  }
}

uint64_t space_map(struct space *s, uint64_t va, unsigned height, uint64_t pa, unsigned flags) {
  const uint64_t slot = space_slot(s, va, height);
  bench_poke(s->b, slot, format_leaf(s->f, height, pa, flags));
  return slot;
}
