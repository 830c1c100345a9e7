/* SPDX-License-Identifier: Apache-2.0
 * The stage-2 functions of the architecture box and its invalidations against csim/rules, which was
 * derived from the manuals apart from the RTL: random questions and descriptors, each descriptor
 * also with every one of its 64 bits flipped; and each row of the fault vectors (tests/vectors)
 * through the RTL's syndrome encoder, under the row's mask of defined bits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rules/rules.h"
#include "sweep.h"
#include "tests/vectors/vector.h"

enum { CASES = 4000, INVALS = 300000 };

struct mode {
  enum mmu_arch arch;
  uint8_t mode, lowest, highest; /* heights of the first table */
};
static const struct mode modes[] = {{MMU_ARCH_X86, MMU_S2_EPT, 3, 4},
                                    {MMU_ARCH_X86, MMU_S2_NPT, 3, 4},
                                    {MMU_ARCH_ARM, MMU_S2_ARM, 0, 3},
                                    {MMU_ARCH_RISCV, MMU_S2_RISCV, 2, 4}};

static uint64_t below(uint64_t *rng, uint64_t n) {
  return (sweep_random(rng) >> 11) % n;
}

static void fill_context(struct mmu_context *c, const struct mode *m, uint64_t *rng) {
  const uint64_t k = sweep_random(rng);
  c->s2_mode = m->mode;
  c->s2_top = (uint8_t)(m->lowest + below(rng, m->highest - m->lowest + 1u));
  c->s2_pa_width = (uint8_t)(m->arch == MMU_ARCH_ARM ? 32 + k % 17 : 36 + k % 17);
  c->pa_width = c->s2_pa_width;
  c->priv = k >> 8 & 1;
  c->s2_hw_a = k >> 9 & 1;
  c->s2_hw_d = m->arch == MMU_ARCH_ARM ? c->s2_hw_a && (k >> 10 & 1) : c->s2_hw_a;
  if (m->mode == MMU_S2_NPT) c->s2_hw_a = c->s2_hw_d = true;
  c->s2_mbec = m->mode == MMU_S2_EPT && (k >> 11 & 1);
  c->s2_exec_only = m->mode == MMU_S2_EPT && (k >> 12 & 1);
  c->s2_page1g = m->arch == MMU_ARCH_X86 && (k >> 13 & 1);
  c->s2_nxe = m->mode == MMU_S2_NPT && (k >> 14 & 1);
  c->s2_ptw = m->arch == MMU_ARCH_ARM && (k >> 15 & 1);
  c->s2_mxr = m->arch == MMU_ARCH_RISCV && (k >> 16 & 1);
  c->s2_pbmte = m->arch == MMU_ARCH_RISCV && (k >> 17 & 1);
  c->mxr = m->arch == MMU_ARCH_RISCV && (k >> 18 & 1);
  if (m->arch == MMU_ARCH_ARM) { /* mostly one that fits */
    const unsigned bits = 13U + 9U * c->s2_top + (unsigned)below(rng, 14);
    c->s2_t0sz = (uint8_t)((64U - bits) & 63U);
    c->t0sz = c->t1sz = 16;
  }
  c->s2_root = sweep_random(rng) & ((UINT64_C(1) << (c->s2_pa_width + (k >> 60 == 0))) - 4096);
  c->s1_mode = (uint8_t)(m->arch == MMU_ARCH_X86   ? MMU_S1_X86_L4
                         : m->arch == MMU_ARCH_ARM ? MMU_S1_ARM_4K
                                                   : MMU_S1_SV39);
}

static void fill_access(struct mmu_access *a, enum mmu_arch arch, uint64_t *rng) {
  const uint64_t k = sweep_random(rng);
  a->kind = k & 3;
  a->op = arch == MMU_ARCH_ARM && a->kind == MMU_READ && (k >> 2 & 3) == 0 ? MMU_OP_CACHE
                                                                           : MMU_OP_NORMAL;
  a->exec_as_read = arch == MMU_ARCH_RISCV && a->kind == MMU_READ && (k >> 4 & 3) == 0;
}

/* Half of them sensible. */
static uint64_t descriptor(const struct mode *m, const struct mmu_context *c, uint64_t *rng) {
  uint64_t v = sweep_random(rng);
  const uint64_t k = sweep_random(rng);
  if (k & 1) return v;
  v &= ~(UINT64_MAX << (c->s2_pa_width - (m->arch == MMU_ARCH_RISCV ? 2 : 0)));
  if (k & 2) v &= ~UINT64_C(0xffffff000) | UINT64_C(0x800000000); /* aligned */
  if (m->mode == MMU_S2_EPT) v = (v & ~UINT64_C(0x38)) | (k & 4 ? 0x30 : 0) | (k & 8 ? 7 : 1);
  if (m->mode == MMU_S2_NPT) v |= (k & 4 ? 7 : 1) | (k & 8 ? UINT64_C(1) << 63 : 0);
  if (m->mode == MMU_S2_ARM) v |= (k & 4 ? 3 : 1) | (k >> 4 & 15) << 51;
  if (m->mode == MMU_S2_RISCV) {
    v = (v & ~UINT64_C(0x1f)) | 0x11 | (k >> 4 & 0xe);
    if ((k >> 8 & 3) == 0) v &= UINT64_C(0x3fffffffffff21) & ~UINT64_C(0xd0); /* a pointer */
    if ((k >> 11 & 7) == 0) v = (v & ~UINT64_C(0x3c00)) | UINT64_C(0x8000000000002000);
  }
  return v;
}

/* Where there is one right to execute, to need either is to need it. */
static uint8_t executes(const struct arch_in *in, uint8_t rights) {
  const uint8_t both = MMU_R2_UX | MMU_R2_SX;
  if (in->ctx.s2_mode == MMU_S2_ARM || in->ctx.s2_mbec || (rights & both) == 0) return rights;
  return rights | both;
}

/* Compares need and step; counts the kinds. */
static void one_step(struct arch_box *box, const struct rules_ops *rules, struct arch_in *in,
                     uint64_t kinds[3]) {
  struct arch_out out;
  struct rules_s2_need need;
  struct rules_s2_step step;
  const enum rules_about about = (enum rules_about)in->s2_about;
  arch_box_eval(box, in, &out);
  rules->s2_need(&in->ctx, &in->access, about, in->s2_user_page, &need);
  assert_int_equal(executes(in, out.s2_need.all), executes(in, need.all));
  assert_int_equal(executes(in, out.s2_need.any), executes(in, need.any));
  assert_int_equal(out.s2_need.dirty, need.write);
  assert_int_equal(out.s2_need.no_device, in->ctx.s2_ptw && about != RULES_ABOUT_FINAL);
  rules->s2_step(&in->ctx, &in->access, about, &need, in->s2_level, in->s2_pte, in->s2_rights,
                 &step);
  kinds[step.kind]++;
  bool same = out.s2_step.kind == step.kind;
  if (step.kind == RULES_FAULT) {
    same = same && out.s2_step.cause == step.cause;
    if (step.cause == MMU_CAUSE_PERMISSION || step.cause == MMU_CAUSE_NOT_PRESENT)
      same = same && out.s2_step.rights == step.rights;
  } else {
    same = same && out.s2_step.rights == step.rights && out.s2_step.update == step.update &&
           (!step.update || out.s2_step.new_pte == step.new_pte);
    const uint8_t shift = step.kind == RULES_LEAF ? step.shift : 12;
    same = same && out.s2_step.next >> shift == step.next >> shift;
    if (step.kind == RULES_LEAF)
      same = same && out.s2_step.page_shift == step.shift && out.s2_step.attrs == step.attrs &&
             ((step.rights & MMU_R2_W) == 0 || out.s2_step.dirty == step.dirty);
  }
  if (!same)
    fail_msg(
        "mode %u height %u pte %016llx about %u kind %u: %u cause %u rights %x next %llx; the "
        "rules: %u cause %u rights %x next %llx",
        in->ctx.s2_mode, in->s2_level, (unsigned long long)in->s2_pte, in->s2_about,
        in->access.kind, out.s2_step.kind, out.s2_step.cause, out.s2_step.rights,
        (unsigned long long)out.s2_step.next, step.kind, step.cause, step.rights,
        (unsigned long long)step.next);
}

static void one_root(struct arch_box *box, const struct rules_ops *rules, struct arch_in *in) {
  struct arch_out out;
  struct rules_root root;
  arch_box_eval(box, in, &out);
  rules->s2_root(&in->ctx, in->s2_gpa, &root);
  assert_int_equal(out.s2_root.cause, root.cause);
  if (root.cause != MMU_CAUSE_NONE) {
    assert_int_equal(out.s2_root.fault_level, root.level);
    return;
  }
  assert_int_equal(out.s2_root.level, root.level);
  assert_int_equal(out.s2_root.desc_addr,
                   rules_pte_addr(root.table, in->s2_gpa, root.level, root.index_bits));
}

static void questions(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    const struct mode *m = &modes[i];
    struct arch_box *box = arch_box_create(m->arch);
    uint64_t rng = 5 + i, kinds[3] = {0};
    assert_non_null(box);
    for (unsigned n = 0; n < CASES; n++) {
      struct arch_in in = {.access.size = 3};
      fill_context(&in.ctx, m, &rng);
      fill_access(&in.access, m->arch, &rng);
      /* what is writable is readable, so MXR means nothing to an AMO */
      if (m->arch == MMU_ARCH_RISCV && in.access.kind == MMU_RMW) in.ctx.s2_mxr = false;
      in.s2_about = (uint8_t)below(&rng, 3);
      in.s2_user_page = sweep_random(&rng) >> 40 & 1;
      in.s2_gpa = sweep_random(&rng) >> (8 + below(&rng, 40));
      for (unsigned bit = 0; bit < 64; bit += 7) {
        one_root(box, rules_of(m->arch), &in);
        in.s2_gpa ^= UINT64_C(1) << bit;
      }
      in.s2_level = (uint8_t)below(&rng, in.ctx.s2_top + 1u);
      in.s2_rights = sweep_random(&rng) >> 33 & 3 ? 15 : (uint8_t)below(&rng, 16);
      /* one right to execute for all, but for EPT's mode-based control and Arm */
      if (m->arch != MMU_ARCH_ARM && !in.ctx.s2_mbec)
        in.s2_rights = (uint8_t)((in.s2_rights & 7) | (in.s2_rights << 1 & 8));
      if (m->arch != MMU_ARCH_X86) in.s2_rights = 15; /* tables take nothing away */
      const uint64_t pte = descriptor(m, &in.ctx, &rng);
      for (unsigned bit = 0; bit <= 64; bit++) {
        in.s2_pte = bit < 64 ? pte ^ UINT64_C(1) << bit : pte;
        one_step(box, rules_of(m->arch), &in, kinds);
      }
    }
    arch_box_destroy(box);
    assert_true(kinds[RULES_FAULT] > CASES && kinds[RULES_LEAF] > CASES);
    assert_true(kinds[RULES_TABLE] > CASES);
  }
}

/* ---- invalidations ------------------------------------------------------------------------------
 */

/* What the hardware's tables make of the command for such an entry (rtl/mmu_pkg.sv). */
static bool takes(const struct arch_out *o, const struct rules_entry *e) {
  const unsigned f = o->inval.flags;
  const uint8_t shift = e->s1_shift != 0 ? e->s1_shift : e->shift;
  const uint64_t low = e->nested ? UINT64_MAX : (UINT64_C(1) << 56) - 1;
  const uint64_t mask = (UINT64_C(1) << shift) - 1;
  const bool here = ((e->va & ~mask) & low) <= (o->inval.last & low) &&
                    ((e->va | mask) & low) >= (o->inval.first & low);
  const bool root =
      !o->inval.by_root || (e->s2_root >> 12 & UINT64_C(0xffffffffff)) == o->inval.s2_root;
  if (e->nested)
    return o->inval.nested && (!(f & ARCH_INV_VMID) || e->vmid == o->inval.vmid) && root &&
           (!(f & ARCH_INV_ADDR) || here);
  const bool any_regime = (f & ARCH_INV_STAGE1) != 0 && (f & ARCH_INV_STAGE2) != 0;
  const bool space = ((f & ARCH_INV_STAGE1) && (any_regime || e->regime == o->inval.regime)) ||
                     ((f & ARCH_INV_STAGE2) && e->s2_mode != MMU_S2_OFF);
  const bool asid = !(f & ARCH_INV_ASID) || e->asid == o->inval.asid;
  return space && (!(f & ARCH_INV_VMID) || e->vmid == o->inval.vmid) &&
         !(o->inval.but_vmid0 && e->vmid == 0) && root &&
         (e->global ? (f & ARCH_INV_GLOBALS) != 0 : asid) &&
         (!(f & ARCH_INV_ADDR) || !(f & ARCH_INV_STAGE1) || here);
}

static struct rules_entry entry(const struct mode *m, const struct mmu_inval *inv, uint64_t *rng) {
  static const uint8_t shifts[] = {12, 21, 30};
  const uint64_t k = sweep_random(rng);
  const bool gpa = inv->kind >= MMU_INV_RISCV_GVMA_ALL;
  struct rules_entry e = {.va = gpa ? inv->addr << 2 : inv->addr,
                          .s2_root = inv->addr & UINT64_C(0xffffffffff000),
                          .asid = inv->asid,
                          .vmid = inv->vmid,
                          .regime = inv->regime,
                          .s2_mode = m->mode,
                          .shift = shifts[k % 3],
                          .nested = k >> 8 & 1};
  if (k >> 9 & 1) e.va ^= UINT64_C(1) << (12 + (k >> 10) % 36);
  if ((k >> 16 & 3) == 0) e.asid ^= 1;
  if ((k >> 18 & 3) == 0) e.vmid ^= 1;
  if ((k >> 20 & 3) == 0) e.regime ^= 1;
  if ((k >> 22 & 3) == 0) e.s2_root ^= 4096;
  if ((k >> 24 & 3) == 0 && !e.nested) e.s2_mode = MMU_S2_OFF;
  if ((k >> 26 & 3) == 0) e.vmid = 0;
  if (!e.nested) e.global = k >> 28 & 1;
  if (!e.nested && e.shift == 12 && e.s2_mode != MMU_S2_OFF && (k >> 29 & 1)) e.s1_shift = 21;
  if (e.regime != 0) e.s2_mode = MMU_S2_OFF; /* the hypervisor's own */
  if (e.regime != 0) e.s1_shift = 0;
  if (e.nested) e.asid = e.regime = 0;
  if (e.nested) e.s2_mode = m->mode;
  if (e.nested && m->mode == MMU_S2_EPT) e.vmid = 0;
  if (m->mode != MMU_S2_EPT) e.s2_root = 0;
  e.va &= UINT64_MAX << e.shift;
  return e;
}

static void invalidations(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    const struct mode *m = &modes[i];
    struct arch_box *box = arch_box_create(m->arch);
    uint64_t rng = 77 + i, taken = 0, left = 0;
    assert_non_null(box);
    for (unsigned n = 0; n < INVALS; n++) {
      static const uint8_t first[] = {0, 16, 32}, kinds[] = {16, 16, 8};
      struct arch_in in = {0};
      struct arch_out out;
      const uint64_t low = UINT64_C(0x7fffffffffff);
      in.inval = (struct mmu_inval){.kind = (uint8_t)(first[m->arch] + below(&rng, kinds[m->arch])),
                                    .addr = sweep_random(&rng) & low,
                                    .asid = (uint16_t)(sweep_random(&rng) & 0xfff),
                                    .vmid = (uint16_t)sweep_random(&rng),
                                    .regime = sweep_random(&rng) >> 60 == 0 ? 1 : 0};
      if (in.inval.kind >= MMU_INV_RISCV_GVMA_ALL) in.inval.regime = 0; /* has none */
      in.ctx.regime = in.inval.regime;
      const bool range =
          (in.inval.kind >= MMU_INV_ARM_RVAE1 && in.inval.kind <= MMU_INV_ARM_RVAALE1) ||
          in.inval.kind == MMU_INV_ARM_RIPAS2E1 || in.inval.kind == MMU_INV_ARM_RIPAS2LE1;
      if (m->arch == MMU_ARCH_ARM && range) continue; /* test_arch_arm.c */
      const struct rules_entry e = entry(m, &in.inval, &rng);
      arch_box_eval(box, &in, &out);
      const bool must = rules_of(m->arch)->covers(&in.inval, &e), does = takes(&out, &e);
      taken += does;
      left += !does;
      /* no one has EPT and nested paging; then more may go */
      const bool ept = in.inval.kind == MMU_INV_X86_EPT || in.inval.kind == MMU_INV_X86_EPT_ALL;
      if (must != does && !(ept && m->mode == MMU_S2_NPT && does))
        fail_msg(
            "kind %u addr %llx vmid %x: %s entry va %llx shift %u/%u vmid %x mode %u global %u "
            "is %s",
            in.inval.kind, (unsigned long long)in.inval.addr, in.inval.vmid,
            e.nested ? "nested" : "combined", (unsigned long long)e.va, e.shift, e.s1_shift, e.vmid,
            e.s2_mode, e.global, does ? "taken" : "left");
    }
    arch_box_destroy(box);
    assert_true(taken > 1000 && left > 1000);
  }
}

/* ---- vectors ------------------------------------------------------------------------------------
 */

static void replay(enum mmu_arch arch, const char *path, unsigned least) {
  struct arch_box *box = arch_box_create(arch);
  char text[512];
  unsigned line = 1;
  FILE *f = fopen(path, "r");
  assert_non_null(box);
  assert_non_null(f);
  assert_non_null(fgets(text, sizeof text, f));
  for (; fgets(text, sizeof text, f) != NULL; line++) {
    struct vector v = {0};
    struct arch_out out;
    assert_null(vector_parse(text, &v));
    const struct arch_in in = {.ctx = v.ctx,
                               .access = v.acc,
                               .va = v.f.gva,
                               .cause = v.f.cause,
                               .fault_level = v.f.s1_level,
                               /* with stage 1 off the walker has every right (s1_walker.sv) */
                               .fault_rights = v.ctx.s1_mode == MMU_S1_OFF ? 0x7f : v.f.s1_rights,
                               .fault_stage2 = v.f.stage2,
                               .fault_on_walk = v.f.on_walk,
                               .fault_on_ad_write = v.f.on_ad_write,
                               .fault_s1_leaf = v.f.s1_leaf,
                               .fault_mem_error = v.f.mem_error,
                               .fault_s2_level = v.f.s2_level,
                               .fault_s2_rights = v.f.s2_rights,
                               .fault_gpa = v.f.gpa};
    arch_box_eval(box, &in, &out);
    if (out.syndrome.to_hyp != v.to_hyp || out.syndrome.gva != v.gva)
      fail_msg("%s:%u: taken by another", path, line + 1);
    for (unsigned i = 0; i < 4; i++)
      if (((out.syndrome.reg[i] ^ v.reg[i]) & v.defined[i]) != 0)
        fail_msg("%s:%u: register %u is %#llx, expected %#llx of %#llx", path, line + 1, i,
                 (unsigned long long)out.syndrome.reg[i], (unsigned long long)v.reg[i],
                 (unsigned long long)v.defined[i]);
  }
  fclose(f);
  arch_box_destroy(box);
  assert_true(line > least);
}

static void vectors(void **state) {
  (void)state;
  replay(MMU_ARCH_X86, "tests/vectors/x86.csv", 250);
  replay(MMU_ARCH_X86, "tests/vectors/amd.csv", 200);
  replay(MMU_ARCH_ARM, "tests/vectors/arm64.csv", 300);
  replay(MMU_ARCH_RISCV, "tests/vectors/riscv.csv", 300);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(questions), cmocka_unit_test(invalidations),
                                     cmocka_unit_test(vectors)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
