/* SPDX-License-Identifier: Apache-2.0
 * Stage-2 formats and fault registers for bench tests, from the manuals: SDM vol. 3 "EPT
 * Translation Mechanism", "Exit Qualification for EPT Violations"; APM vol. 2 "Nested Paging";
 * Arm ARM VMSAv8-64 stage 2 and ESR_EL2; RISC-V privileged spec, hypervisor chapter. */
#include "testbench/nested.h"

#include <string.h>

const struct nested nesteds[NESTEDS] = {
    {"ept4", MMU_ARCH_X86, MMU_S2_EPT, 3, 2, 9},
    {"npt4", MMU_ARCH_X86, MMU_S2_NPT, 3, 2, 9},
    {"arm-l0", MMU_ARCH_ARM, MMU_S2_ARM, 3, 2, 9},
    {"sv39x4", MMU_ARCH_RISCV, MMU_S2_RISCV, 2, 2, 11},
    {"ept5", MMU_ARCH_X86, MMU_S2_EPT, 4, 2, 9},
    {"npt5", MMU_ARCH_X86, MMU_S2_NPT, 4, 2, 9},
    {"arm-l1-39", MMU_ARCH_ARM, MMU_S2_ARM, 2, 2, 9},
    {"arm-l1-43", MMU_ARCH_ARM, MMU_S2_ARM, 2, 2, 13},
    {"arm-l2-30", MMU_ARCH_ARM, MMU_S2_ARM, 1, 1, 9},
    {"arm-l2-33", MMU_ARCH_ARM, MMU_S2_ARM, 1, 1, 12},
    {"arm-l3-21", MMU_ARCH_ARM, MMU_S2_ARM, 0, 0, 9},
    {"arm-l3-25", MMU_ARCH_ARM, MMU_S2_ARM, 0, 0, 13},
    {"sv48x4", MMU_ARCH_RISCV, MMU_S2_RISCV, 3, 3, 11},
    {"sv57x4", MMU_ARCH_RISCV, MMU_S2_RISCV, 4, 3, 11},
};

static unsigned shift_of(unsigned height) {
  return 12 + 9 * height;
}

unsigned nested_bits(const struct nested *n) {
  return shift_of(n->top) + n->first_bits;
}

/* ---- descriptors -------------------------------------------------------------------------------
 */

static uint64_t ept_leaf(unsigned height, uint64_t hpa, unsigned flags) {
  const bool x = (flags & PAGE_X) != 0;
  return hpa | (flags & (PAGE_R | PAGE_W)) | (uint64_t)x << 2 | UINT64_C(6) << 3 |
         (uint64_t)(height != 0) << 7 | (uint64_t)((flags & PAGE_A) != 0) << 8 |
         (uint64_t)((flags & PAGE_D) != 0) << 9 | (uint64_t)(x && (flags & PAGE_U) != 0) << 10;
}

static uint64_t arm_leaf(unsigned height, uint64_t hpa, unsigned flags) {
  const bool w = (flags & PAGE_W) != 0, d = (flags & PAGE_D) != 0;
  return hpa | (height == 0 ? 3 : 1) | UINT64_C(0xf) << 2 | UINT64_C(3) << 8 |
         (uint64_t)((flags & PAGE_R) != 0) << 6 | (uint64_t)(w && d) << 7 |
         (uint64_t)((flags & PAGE_A) != 0) << 10 | (uint64_t)w << 51 |
         (uint64_t)((flags & PAGE_X) == 0) << 54;
}

uint64_t nested_leaf(const struct nested *n, unsigned height, uint64_t hpa, unsigned flags) {
  const struct format x86 = {.arch = MMU_ARCH_X86}, riscv = {.arch = MMU_ARCH_RISCV};
  switch (n->mode) {
    case MMU_S2_EPT:
      return ept_leaf(height, hpa, flags);
    case MMU_S2_NPT:
      return format_leaf(&x86, height, hpa, flags);
    case MMU_S2_ARM:
      return arm_leaf(height, hpa, flags);
    default:
      return format_leaf(&riscv, height, hpa, flags);
  }
}

uint64_t nested_pointer(const struct nested *n, uint64_t table, bool accessed) {
  switch (n->mode) {
    case MMU_S2_EPT:
      return table | 7 | UINT64_C(1) << 10 | (uint64_t)accessed << 8;
    case MMU_S2_NPT:
      return table | 7 | (uint64_t)accessed << 5;
    case MMU_S2_ARM:
      return table | 3;
    default:
      return table >> 2 | 1;
  }
}

uint64_t nested_a(const struct nested *n) {
  static const unsigned bit[] = {
      [MMU_S2_EPT] = 8, [MMU_S2_NPT] = 5, [MMU_S2_ARM] = 10, [MMU_S2_RISCV] = 6};
  return UINT64_C(1) << bit[n->mode];
}

uint64_t nested_d(const struct nested *n) {
  static const unsigned bit[] = {
      [MMU_S2_EPT] = 9, [MMU_S2_NPT] = 6, [MMU_S2_ARM] = 7, [MMU_S2_RISCV] = 7};
  return UINT64_C(1) << bit[n->mode];
}

bool nested_dirty(const struct nested *n, uint64_t leaf) {
  return (leaf & nested_d(n)) != 0;
}

/* ---- tables ------------------------------------------------------------------------------------
 */

void nested_new(struct bench *b, const struct nested *n, struct mmu_context *c) {
  uint64_t root = bench_frame(b);
  const uint64_t size = UINT64_C(8) << n->first_bits;
  while ((root & (size - 1)) != 0)
    root = bench_frame(b);
  for (uint64_t k = 4096; k < size; k += 4096)
    (void)bench_frame(b);
  c->vmid = 1;
  c->s2_root = root;
  c->s2_mode = (uint8_t)n->mode;
  c->s2_top = n->top;
  c->s2_pa_width = 48;
  c->s2_hw_a = c->s2_hw_d = true;
  if (n->mode == MMU_S2_ARM) c->s2_t0sz = (uint8_t)(64 - nested_bits(n));
  c->s2_page1g = n->arch == MMU_ARCH_X86;
  c->s2_nxe = n->mode == MMU_S2_NPT;
}

void nested_share(struct mmu_context *to, const struct mmu_context *from) {
  to->vmid = from->vmid;
  to->s2_root = from->s2_root;
  to->s2_mode = from->s2_mode;
  to->s2_top = from->s2_top;
  to->s2_pa_width = from->s2_pa_width;
  to->s2_hw_a = from->s2_hw_a;
  to->s2_hw_d = from->s2_hw_d;
  to->s2_t0sz = from->s2_t0sz;
  to->s2_page1g = from->s2_page1g;
  to->s2_nxe = from->s2_nxe;
}

struct guest guest_new(struct bench *b, const struct format *f, const struct nested *n) {
  struct mmu_context stage2 = {0};
  nested_new(b, n, &stage2);
  struct guest g = {.s = space_new(b, f), .n = n};
  g.s.host = NESTED_HOST;
  nested_share(&g.s.ctx, &stage2);
  *(f->upper ? &g.s.ctx.s1_root1 : &g.s.ctx.s1_root0) -= NESTED_HOST;
  return g;
}

uint64_t nested_slot(struct guest *g, uint64_t gpa, unsigned height) {
  struct bench *b = g->s.b;
  uint64_t table = g->s.ctx.s2_root;
  for (unsigned h = g->n->top;; h--) {
    const unsigned width = h == g->n->top ? g->n->first_bits : 9;
    const uint64_t slot = table + 8 * (gpa >> shift_of(h) & ((UINT64_C(1) << width) - 1));
    if (h == height) return slot;
    const uint64_t v = bench_peek(b, slot);
    if (v == 0) {
      table = bench_frame(b);
      bench_poke(b, slot, nested_pointer(g->n, table, true));
    } else {
      table = g->n->arch == MMU_ARCH_RISCV ? v >> 10 << 12 : v & UINT64_C(0xffffffffff000);
    }
  }
}

uint64_t nested_map_to(struct guest *g, uint64_t gpa, unsigned height, uint64_t hpa,
                       unsigned flags) {
  const uint64_t slot = nested_slot(g, gpa, height);
  bench_poke(g->s.b, slot, nested_leaf(g->n, height, hpa, flags));
  return slot;
}

uint64_t nested_map(struct guest *g, uint64_t gpa, unsigned height, unsigned flags) {
  const uint64_t base = gpa & UINT64_MAX << shift_of(height);
  return nested_map_to(g, gpa, height, g->s.host + base, flags);
}

uint64_t guest_slot(struct guest *g, uint64_t va, unsigned height) {
  for (unsigned h = g->s.f->top;; h--) {
    const uint64_t slot = space_slot(&g->s, va, h), gpa = slot - g->s.host;
    if (bench_peek(g->s.b, nested_slot(g, gpa, g->by)) == 0) nested_map(g, gpa, g->by, PAGE_ALL);
    if (h == height) return slot;
  }
}

uint64_t guest_map(struct guest *g, uint64_t va, unsigned height, uint64_t gpa, unsigned flags) {
  const uint64_t slot = guest_slot(g, va, height);
  bench_poke(g->s.b, slot, format_leaf(g->s.f, height, gpa, flags));
  return slot;
}

uint64_t guest_page(struct guest *g, uint64_t va, uint64_t gpa) {
  guest_map(g, va, 0, gpa, PAGE_ALL);
  nested_map(g, gpa, 0, PAGE_ALL);
  return g->s.host + gpa;
}

/* ---- fault registers ---------------------------------------------------------------------------
 */

static bool stores(const struct mmu_access *ac) {
  return ac->kind == MMU_WRITE || ac->kind == MMU_RMW;
}

static struct mmu_syndrome ept_syndrome(const struct mmu_context *ctx, const struct mmu_access *ac,
                                        uint64_t va, const struct nested_fault *f) {
  const bool final = f->question == ON_FINAL;
  const bool read = !final || ac->kind == MMU_READ;
  const bool write = final ? stores(ac) : ctx->s2_hw_a || f->question == ON_SWAP;
  struct mmu_syndrome s = {.to_hyp = true, .reg = {48, 1U << 7, va, f->gpa}};
  if (f->cause == MMU_CAUSE_RESERVED) {
    s.reg[0] = 49;
    s.reg[1] = s.reg[2] = 0; /* undefined */
    return s;
  }
  s.reg[1] |= (uint64_t)read | (uint64_t)write << 1 |
              (uint64_t)(final && ac->kind == MMU_FETCH) << 2 | (uint64_t)(f->rights & 7) << 3 |
              (uint64_t) final << 8;
  return s;
}

static struct mmu_syndrome npt_syndrome(const struct mmu_access *ac, const struct nested_fault *f) {
  const bool final = f->question == ON_FINAL;
  const bool absent = f->cause == MMU_CAUSE_NOT_PRESENT || f->cause == MMU_CAUSE_NON_CANONICAL;
  struct mmu_syndrome s = {.to_hyp = true, .reg = {0x400, 4, 0, f->gpa}};
  s.reg[1] |= (uint64_t)!absent | (uint64_t)(!final || stores(ac)) << 1 |
              (uint64_t)(f->cause == MMU_CAUSE_RESERVED) << 3 |
              (uint64_t)(final && ac->kind == MMU_FETCH) << 4 | UINT64_C(1) << (final ? 32 : 33);
  return s;
}

static struct mmu_syndrome arm_syndrome(const struct mmu_access *ac, uint64_t va,
                                        const struct nested_fault *f) {
  const bool final = f->question == ON_FINAL, fetch = ac->kind == MMU_FETCH;
  const uint64_t level = 3U - f->height;
  uint64_t code = 4 + level;
  if (f->cause == MMU_CAUSE_ADDRESS_SIZE) code = level;
  if (f->cause == MMU_CAUSE_ROOT_SIZE) code = 0;
  if (f->cause == MMU_CAUSE_NON_CANONICAL) code = 4;
  if (f->cause == MMU_CAUSE_ACCESS_FLAG) code = 8 + level;
  if (f->cause == MMU_CAUSE_PERMISSION) code = 12 + level;
  if (f->cause == MMU_CAUSE_BUS) code = (0x14 + level) | 1U << 9;
  struct mmu_syndrome s = {.to_hyp = true, .reg = {0, va}};
  s.reg[0] = (uint64_t)(fetch ? 0x20 : 0x24) << 26 | 1U << 25 | code;
  if (!final) s.reg[0] |= 1U << 7;
  if (ac->kind == MMU_WRITE) s.reg[0] |= 1U << 6;
  /* HPFAR is of a table, or of a fault that is none of permission or of memory */
  if ((!final || f->cause != MMU_CAUSE_PERMISSION) && f->cause != MMU_CAUSE_BUS)
    s.reg[2] = f->gpa >> 12 << 4;
  return s;
}

static struct mmu_syndrome riscv_syndrome(const struct mmu_access *ac, uint64_t va,
                                          const struct nested_fault *f) {
  struct mmu_syndrome s = {.to_hyp = true, .gva = true, .reg = {0, va, f->gpa >> 2}};
  s.reg[0] = ac->kind == MMU_FETCH ? 20 : stores(ac) ? 23 : 21;
  if (f->cause == MMU_CAUSE_BUS || f->cause == MMU_CAUSE_ADDRESS_SIZE ||
      f->cause == MMU_CAUSE_ROOT_SIZE) {
    s.reg[0] = ac->kind == MMU_FETCH ? 1 : stores(ac) ? 7 : 5;
    s.reg[2] = 0;
    return s;
  }
  if (f->question == ON_TABLE) s.reg[3] = 0x3000;
  if (f->question == ON_SWAP) s.reg[3] = 0x3020;
  return s;
}

struct mmu_syndrome nested_syndrome(const struct nested *n, const struct mmu_context *ctx,
                                    const struct mmu_access *access, uint64_t va,
                                    const struct nested_fault *fault) {
  /* x86: a machine check, which is the guest's */
  if (n->arch == MMU_ARCH_X86 && fault->cause == MMU_CAUSE_BUS)
    return (struct mmu_syndrome){.reg = {18}};
  switch (n->mode) {
    case MMU_S2_EPT:
      return ept_syndrome(ctx, access, va, fault);
    case MMU_S2_NPT:
      return npt_syndrome(access, fault);
    case MMU_S2_ARM:
      return arm_syndrome(access, va, fault);
    default:
      return riscv_syndrome(access, va, fault);
  }
}

bool nested_faults(const struct guest *g, const struct bench_request *q,
                   const struct nested_fault *fault) {
  const struct mmu_response *r = &q->response;
  if (q->answered == BENCH_NEVER || r->status != MMU_FAULT) return false;
  const struct mmu_syndrome want = nested_syndrome(g->n, &q->ctx, &q->req.access, q->req.va, fault);
  const struct mmu_syndrome *s = &r->syndrome;
  bool same = memcmp(s->reg, want.reg, sizeof want.reg) == 0;
  if (want.reg[0] == 49 && g->n->mode == MMU_S2_EPT)
    same = s->reg[0] == 49 && s->reg[3] == want.reg[3];
  return same && s->to_hyp == want.to_hyp && s->gva == want.gva && r->fault.stage2 &&
         r->fault.cause == fault->cause && r->fault.s2_level == fault->height &&
         r->fault.gpa == fault->gpa && r->fault.on_walk == (fault->question == ON_TABLE) &&
         r->fault.on_ad_write == (fault->question == ON_SWAP);
}

struct mmu_inval nested_inval(const struct guest *g) {
  static const uint8_t kind[] = {[MMU_S2_EPT] = MMU_INV_X86_EPT,
                                 [MMU_S2_NPT] = MMU_INV_AMD_ASID,
                                 [MMU_S2_ARM] = MMU_INV_ARM_VMALLS12E1,
                                 [MMU_S2_RISCV] = MMU_INV_RISCV_GVMA_VMID};
  return (struct mmu_inval){.kind = kind[g->n->mode],
                            .addr = g->s.ctx.s2_root,
                            .asid = g->s.ctx.asid,
                            .vmid = g->s.ctx.vmid};
}
