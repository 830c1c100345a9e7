/* SPDX-License-Identifier: Apache-2.0
 * A walk of two stages, one descriptor at a time. Rules: csim/rules; order: docs/stage2.md.
 * Promise: the memory is changed only by what the walk itself writes. */
#include "oracle/walk.h"

#include "rules/rules.h"

#define EA (UINT64_C(1) << 9)   /* ESR_ELx.EA */
enum { L0 = 3, L0_SHIFT = 39 }; /* Arm: height of level 0, and what a block there would map */

struct walk {
  const struct rules_ops *rules;
  const struct oracle_access *a;
  struct oracle_memory *m;
  struct oracle_walk *out;
  uint32_t deviations;
  enum mmu_arch arch;
  uint8_t s1_level;
  bool s1_leaf, s1_user;
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

/* The manual says that AF may or may not have been set by a permission fault (Arm D8.5.3). */
static void leave_open(struct walk *w, uint8_t cause, bool allowed, uint64_t addr, uint64_t pte) {
  if (w->arch != MMU_ARCH_ARM || cause != MMU_CAUSE_PERMISSION || !allowed) return;
  if (pte & 1U << 10) return;
  unsigned n = w->out->open_addr[0] != 0;
  w->out->open_addr[n] = addr;
  w->out->may[n] = pte | 1U << 10;
}

static bool deviates(const struct walk *w, uint32_t deviation) {
  return (w->deviations & deviation) != 0;
}

/* ORACLE_DEV_L0_BLOCK */
static bool taken_for_block(const struct walk *w, uint8_t level, uint64_t pte) {
  return deviates(w, ORACLE_DEV_L0_BLOCK) && level == L0 && (pte & 3) == 1;
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
  bool block = taken_for_block(w, level, pte);
  w->rules->s2_step(&w->a->ctx, &w->a->acc, about, need, block ? level - 1 : level, pte, s->rights,
                    s);
  if (!block || s->kind != RULES_LEAF) return;
  s->shift = L0_SHIFT;
  s->next &= rules_mask(47, L0_SHIFT);
}

static bool ask(struct walk *w, enum rules_about about, uint64_t gpa, uint64_t *pa) {
  const struct mmu_context *ctx = &w->a->ctx;
  struct rules_root root;
  struct rules_s2_need need;
  struct rules_s2_step s = {.rights = RULES_ALL_S2_RIGHTS};
  *pa = gpa;
  if (!two_stages(w)) return true;
  w->rules->s2_root(ctx, gpa, &root);
  if (root.cause != MMU_CAUSE_NONE) return s2_fault(w, about, gpa, root.cause, root.level, 0);
  w->rules->s2_need(ctx, &w->a->acc, about, w->s1_user, &need);
  uint64_t table = root.table;
  uint8_t index_bits = root.index_bits;
  for (uint8_t level = root.level;; level--) {
    uint64_t pte;
    uint64_t addr = rules_pte_addr(table, gpa, level, index_bits);
    if (!oracle_read(w->m, addr, &pte))
      return s2_fault(w, about, gpa, MMU_CAUSE_BUS, level, s.rights);
    s2_step(w, about, &need, level, pte, &s);
    if (s.kind == RULES_FAULT) {
      leave_open(w, s.cause, ctx->s2_hw_a, addr, pte);
      return s2_fault(w, about, gpa, s.cause, level, s.rights);
    }
    if (s.kind == RULES_LEAF) return s2_leaf(w, addr, &s, gpa, pa);
    table = s.next;
    index_bits = 9;
  }
}

/* ---- stage 1 ---- */

static bool update(struct walk *w, uint64_t addr, uint64_t pa, const struct rules_step *s) {
  uint64_t again;
  if (!ask(w, RULES_ABOUT_SWAP, addr, &again)) return false;
  return oracle_write(w->m, pa, s->new_pte);
}

static void s1_step(struct walk *w, uint64_t va, bool upper, uint64_t pte, struct rules_step *s) {
  struct mmu_context ctx = w->a->ctx;
  bool block = taken_for_block(w, w->s1_level, pte);
  if (deviates(w, ORACLE_DEV_CLEAN_EXEC) && w->a->acc.kind == MMU_FETCH) ctx.s1_hw_d = false;
  w->rules->step(&ctx, &w->a->acc, va, block ? w->s1_level - 1 : w->s1_level, upper, pte, s->rights,
                 s->global, s);
  if (!block || s->kind != RULES_LEAF) return;
  s->shift = L0_SHIFT;
  s->next &= rules_mask(47, L0_SHIFT);
}

static bool stage1(struct walk *w, uint64_t *ipa) {
  const struct mmu_context *ctx = &w->a->ctx;
  const struct mmu_access *acc = &w->a->acc;
  struct rules_root root;
  struct rules_step s = {.rights = RULES_ALL_RIGHTS};
  w->rules->root(ctx, acc, w->a->va, &root);
  w->s1_level = root.level;
  if (root.cause != MMU_CAUSE_NONE) return fault(w, root.cause);
  *ipa = root.table;
  w->s1_user = true;
  if (ctx->s1_mode == MMU_S1_OFF) return true;
  uint64_t va = w->rules->address(ctx, acc, w->a->va);
  uint64_t table = root.table;
  uint8_t index_bits = root.index_bits;
  for (;; w->s1_level--) {
    uint64_t pte, pa;
    uint64_t addr = rules_pte_addr(table, va, w->s1_level, index_bits);
    if (!ask(w, RULES_ABOUT_TABLE, addr, &pa)) return false;
    if (!oracle_read(w->m, pa, &pte)) {
      w->out->fault.on_walk = true;
      return fault(w, MMU_CAUSE_BUS);
    }
    s1_step(w, va, root.upper, pte, &s);
    w->out->fault.s1_rights = s.rights;
    if (s.kind == RULES_FAULT) {
      leave_open(w, s.cause, ctx->s1_hw_a, pa, pte);
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

void oracle_walk(enum mmu_arch arch, const struct oracle_access *a, uint32_t deviations,
                 struct oracle_memory *m, struct oracle_walk *out) {
  struct walk w = {
      .rules = rules_of(arch), .a = a, .m = m, .out = out, .deviations = deviations, .arch = arch};
  uint64_t ipa;
  *out = (struct oracle_walk){.status = MMU_OK};
  if (stage1(&w, &ipa) && ask(&w, RULES_ABOUT_FINAL, ipa, &out->pa)) return;
  struct mmu_fault f = out->fault;
  if (deviates(&w, ORACLE_DEV_WALK_LEVEL) && (f.on_walk || f.on_ad_write)) f.s2_level = f.s1_level;
  w.rules->syndrome(&a->ctx, &a->acc, &f, &out->syndrome);
  w.rules->defined(&a->ctx, &a->acc, &out->fault, out->defined);
  if (arch == MMU_ARCH_ARM && out->fault.cause == MMU_CAUSE_BUS)
    out->defined[0] &= ~EA; /* IMPLEMENTATION DEFINED */
}
