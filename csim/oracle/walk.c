/* SPDX-License-Identifier: Apache-2.0
 * A walk of two stages, one descriptor at a time. Rules: csim/rules; order: docs/stage2.md.
 * Promise: the memory is changed only by what the walk itself writes. */
#include "oracle/walk.h"

#include "oracle/dialect.h"
#include "rules/rules.h"

#define EA (UINT64_C(1) << 9) /* ESR_ELx.EA */
#define WNR (UINT64_C(1) << 6)
#define AF (UINT64_C(1) << 10)

struct walk {
  const struct rules_ops *rules;
  const struct oracle_access *a; /* as it is */
  struct oracle_access one, two; /* as each stage takes it */
  struct oracle_memory *m;
  struct oracle_walk *out;
  uint32_t deviations;
  enum mmu_arch arch;
  uint8_t s1_level;
  bool s1_leaf, s1_user;
  bool at_leaf;    /* the descriptor in hand is a leaf, */
  uint64_t output; /* for this address */
};

static bool two_stages(const struct walk *w) {
  return w->a->ctx.s2_mode > MMU_S2_PASS;
}

static bool fault(struct walk *w, uint8_t cause) {
  struct mmu_fault *f = &w->out->fault;
  w->out->status = MMU_FAULT;
  f->gva = w->a->va;
  f->cause = cause;
  f->s1_level = w->s1_level;
  f->s1_leaf = w->s1_leaf;
  if (cause == MMU_CAUSE_BUS) f->mem_error = MMU_MEM_BUS;
  return false;
}

static bool is_leaf(const struct walk *w, uint8_t level, uint64_t pte) {
  return w->arch == MMU_ARCH_ARM ? level == 0 || !(pte & 2) : (pte & 0xe) != 0;
}

/* A fault at a leaf that the hardware was to update: it may have done so. Arm D8.5.3: AF, with a
 * permission fault. RISC-V: A and D, if the access itself is refused after them. */
static void leave_open(struct walk *w, uint8_t cause, bool hw_a, bool write, uint64_t addr,
                       uint64_t pte) {
  bool arm = w->arch == MMU_ARCH_ARM;
  uint64_t may = pte | (arm ? AF : write ? 0xc0 : 0x40);
  if (!w->at_leaf || !hw_a || may == pte || w->arch == MMU_ARCH_X86) return;
  if (cause != (arm ? MMU_CAUSE_PERMISSION : MMU_CAUSE_ADDRESS_SIZE)) return;
  unsigned n = w->out->open_addr[0] != 0;
  w->out->open_addr[n] = addr;
  w->out->may[n] = may;
}

static void refuse(struct walk *w, bool nxe, uint8_t level, uint8_t cause, uint64_t addr,
                   uint64_t pte) {
  uint64_t marked = oracle_dialect_refused(w->deviations, nxe, level, cause, pte);
  if (marked != pte) oracle_write(w->m, addr, marked);
}

/* ---- stage 2 ---- */

static bool s2_fault(struct walk *w, enum rules_about about, uint64_t gpa, uint8_t cause,
                     uint8_t level, uint8_t rights) {
  struct mmu_fault *f = &w->out->fault;
  f->stage2 = true;
  f->gpa = gpa;
  f->s2_level = level;
  f->s2_rights = rights;
  f->on_walk = about == RULES_ABOUT_TABLE;
  f->on_ad_write = about == RULES_ABOUT_SWAP;
  return fault(w, cause);
}

static bool s2_leaf(struct walk *w, uint64_t addr, const struct rules_s2_step *s, uint64_t gpa,
                    uint64_t *pa) {
  if (s->update) oracle_write(w->m, addr, s->new_pte);
  *pa = s->next | (gpa & rules_mask(s->shift - 1U, 0));
  w->out->s2_leaf = (uint8_t)((s->shift - 12) / 9);
  return true;
}

static void s2_step(struct walk *w, enum rules_about about, const struct rules_s2_need *need,
                    uint8_t level, uint64_t pte, struct rules_s2_step *s) {
  bool block = oracle_dialect_block(w->deviations, level, pte);
  w->at_leaf = is_leaf(w, level, pte);
  if (block) level--;
  uint64_t taken = oracle_dialect_ept(w->deviations, w->two.ctx.s2_mode, level, pte);
  w->rules->s2_step(&w->two.ctx, &w->two.acc, about, need, level, taken, s->rights, s);
  s->new_pte |= pte & ~taken;
  if (!block || s->kind != RULES_LEAF) return;
  s->shift = ORACLE_L0_SHIFT;
  s->next &= rules_mask(47, ORACLE_L0_SHIFT);
}

static bool s2_walk(struct walk *w, enum rules_about about, uint64_t gpa, uint64_t index,
                    const struct rules_root *root, uint64_t *pa) {
  struct rules_s2_need need;
  struct rules_s2_step s = {.rights = RULES_ALL_S2_RIGHTS};
  uint64_t table = root->table;
  uint8_t index_bits = root->index_bits;
  w->rules->s2_need(&w->two.ctx, &w->two.acc, about, w->s1_user, &need);
  oracle_dialect_need(w->deviations, about, w->a->ctx.mxr, &need);
  for (uint8_t level = root->level;; level--) {
    uint64_t pte;
    uint64_t addr = rules_pte_addr(table, index, level, index_bits);
    w->at_leaf = false;
    if (!oracle_read(w->m, addr, &pte))
      return s2_fault(w, about, gpa, MMU_CAUSE_BUS, level, s.rights);
    s2_step(w, about, &need, level, pte, &s);
    if (s.kind == RULES_FAULT) {
      refuse(w, w->two.ctx.s2_nxe, level, s.cause, addr, pte);
      leave_open(w, s.cause, w->two.ctx.s2_hw_a, need.write, addr, pte);
      return s2_fault(w, about, gpa, s.cause, level, s.rights);
    }
    if (s.kind == RULES_LEAF) return s2_leaf(w, addr, &s, gpa, pa);
    if (s.update) oracle_write(w->m, addr, s.new_pte);
    table = s.next;
    index_bits = 9;
  }
}

static bool ask(struct walk *w, enum rules_about about, uint64_t gpa, uint64_t *pa) {
  struct rules_root root;
  uint64_t index = gpa;
  *pa = gpa;
  w->at_leaf = false;
  if (!two_stages(w)) return true;
  bool inside = oracle_dialect_gpa(w->deviations, &w->two.ctx, &index);
  w->rules->s2_root(&w->two.ctx, index, &root);
  if (!inside) root.cause = MMU_CAUSE_NON_CANONICAL;
  if (root.cause != MMU_CAUSE_NONE) return s2_fault(w, about, gpa, root.cause, root.level, 0);
  return s2_walk(w, about, gpa, index, &root, pa);
}

/* ---- stage 1 ---- */

static bool update(struct walk *w, uint64_t addr, uint64_t pa, const struct rules_step *s) {
  uint64_t again;
  if (!(w->deviations & ORACLE_DEV_BLIND_UPDATE) && !ask(w, RULES_ABOUT_SWAP, addr, &again))
    return false;
  return oracle_write(w->m, pa, s->new_pte);
}

static void s1_step(struct walk *w, uint64_t va, bool upper, uint64_t pte, struct rules_step *s) {
  bool block = oracle_dialect_block(w->deviations, w->s1_level, pte);
  uint8_t level = (uint8_t)(w->s1_level - (block ? 1 : 0));
  w->at_leaf = is_leaf(w, w->s1_level, pte);
  w->output = (pte & rules_mask(53, 10)) << 2 | (va & rules_mask(11U + 9U * level, 0));
  w->rules->step(&w->one.ctx, &w->one.acc, va, level, upper, pte, s->rights, s->global, s);
  oracle_dialect_key(w->deviations, w->a, pte, s);
  if (!block || s->kind != RULES_LEAF) return;
  s->shift = ORACLE_L0_SHIFT;
  s->next &= rules_mask(47, ORACLE_L0_SHIFT);
}

static bool s1_read(struct walk *w, uint64_t addr, uint64_t *pa, uint64_t *pte) {
  bool at = w->a->acc.op == MMU_OP_TRANSLATE && !two_stages(w);
  if (at && w->a->ctx.s2_ptw && (w->deviations & ORACLE_DEV_AT_PTW))
    return s2_fault(w, RULES_ABOUT_TABLE, addr, MMU_CAUSE_PERMISSION, w->s1_level, 0);
  if (!ask(w, RULES_ABOUT_TABLE, addr, pa)) return false;
  w->at_leaf = false;
  if (oracle_read(w->m, *pa, pte)) return true;
  w->out->fault.on_walk = true;
  return fault(w, MMU_CAUSE_BUS);
}

static bool s1_walk(struct walk *w, const struct rules_root *root, uint64_t *ipa) {
  struct rules_step s = {.rights = RULES_ALL_RIGHTS};
  uint64_t va = w->rules->address(&w->one.ctx, &w->one.acc, w->a->va);
  uint64_t table = root->table;
  uint8_t index_bits = root->index_bits;
  for (;; w->s1_level--) {
    uint64_t pte, pa;
    uint64_t addr = rules_pte_addr(table, va, w->s1_level, index_bits);
    if (!s1_read(w, addr, &pa, &pte)) return false;
    s1_step(w, va, root->upper, pte, &s);
    w->out->fault.s1_rights = s.rights;
    if (s.kind == RULES_FAULT) {
      refuse(w, w->one.ctx.nxe, w->s1_level, s.cause, pa, pte);
      leave_open(w, s.cause, w->one.ctx.s1_hw_a, rules_is_write(&w->one.acc), pa, pte);
      return fault(w, s.cause);
    }
    if (s.update && !update(w, addr, pa, &s)) return false;
    if (s.kind == RULES_LEAF) {
      w->s1_leaf = true;
      w->s1_user = s.rights & MMU_R_USER;
      w->out->s1_leaf = w->s1_level;
      *ipa = s.next | (va & rules_mask(s.shift - 1U, 0));
      return true;
    }
    table = s.next;
    index_bits = 9;
  }
}

static bool stage1(struct walk *w, uint64_t *ipa) {
  struct rules_root root;
  w->rules->root(&w->one.ctx, &w->one.acc, w->a->va, &root);
  w->s1_level = root.level;
  if (root.cause != MMU_CAUSE_NONE) return fault(w, root.cause);
  *ipa = root.table;
  w->s1_user = true;
  return w->a->ctx.s1_mode == MMU_S1_OFF || s1_walk(w, &root, ipa);
}

/* ORACLE_DEV_BUS_ISV: bits 24:14 as if a table had refused the access. */
static uint64_t operand(const struct walk *w, const struct mmu_fault *f) {
  struct mmu_fault other = *f;
  struct mmu_syndrome s;
  if (!(w->deviations & ORACLE_DEV_BUS_ISV) || !f->stage2 || f->cause != MMU_CAUSE_BUS) return 0;
  other.cause = MMU_CAUSE_NOT_PRESENT;
  w->rules->syndrome(&w->a->ctx, &w->a->acc, &other, &s);
  return s.reg[0] & rules_mask(24, 14);
}

/* What the manuals define at least (Arm: IPAValid, and WnR of an external abort on an atomic), said
 * here once more: a rule that calls too much undefined would otherwise compare too little. */
static void define_least(const struct walk *w, const struct mmu_fault *f, uint64_t defined[4]) {
  if (w->arch == MMU_ARCH_X86) {
    oracle_x86_define(&w->a->ctx, &w->a->acc, f, defined);
    return;
  }
  bool arm = w->arch == MMU_ARCH_ARM, bus = f->cause == MMU_CAUSE_BUS;
  bool final = !f->on_walk && !f->on_ad_write;
  defined[0] |= arm && bus && w->a->acc.kind == MMU_RMW ? ~WNR : UINT64_MAX;
  defined[1] = UINT64_MAX;
  if (!arm || (!bus && !(f->cause == MMU_CAUSE_PERMISSION && final))) defined[2] = UINT64_MAX;
  defined[3] = UINT64_MAX;
  if (arm && bus) defined[0] &= ~EA; /* IMPLEMENTATION DEFINED */
}

/* What the registers tell. */
static void report(const struct walk *w) {
  struct oracle_walk *out = w->out;
  struct mmu_fault f = out->fault;
  struct mmu_access acc = w->a->acc;
  oracle_dialect_fault(w->deviations, w->at_leaf, w->output, &f, &acc);
  w->rules->syndrome(&w->a->ctx, &acc, &f, &out->syndrome);
  out->syndrome.reg[0] |= operand(w, &f);
  oracle_dialect_code(w->deviations, &w->a->ctx, &f, &out->syndrome);
  w->rules->defined(&w->a->ctx, &acc, &f, out->defined);
  define_least(w, &f, out->defined);
  if (w->a->by_hypervisor) out->syndrome.to_hyp = out->syndrome.gva = true;
}

void oracle_walk(enum mmu_arch arch, const struct oracle_access *a, uint32_t deviations,
                 struct oracle_memory *m, struct oracle_walk *out) {
  struct walk w = {.rules = rules_of(arch),
                   .a = a,
                   .one = *a,
                   .two = *a,
                   .m = m,
                   .out = out,
                   .deviations = deviations,
                   .arch = arch};
  uint64_t ipa = 0;
  *out = (struct oracle_walk){.status = MMU_OK};
  oracle_dialect_stage1(deviations, &w.one);
  oracle_dialect_stage2(deviations, &w.two);
  bool through = stage1(&w, &ipa);
  if (through && a->acc.op == MMU_OP_TRANSLATE) { /* Arm's AT S1E1* and S1E0* end here */
    out->pa = ipa;
    out->s2_leaf = 0;
    return;
  }
  if (!through || !ask(&w, RULES_ABOUT_FINAL, ipa, &out->pa)) report(&w);
}
