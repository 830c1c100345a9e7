/* SPDX-License-Identifier: Apache-2.0
 * The same sources in Verilator and in Yosys' cxxrtl must say the same of any input: a guard
 * against a defect of either tool that the guards of tests/toolchain do not know. Random inputs,
 * half of them shaped so that walks get past the first checks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sweep.h"
#include "testbench/block/arch_cxxrtl.h"

enum { CASES = 40000 };

static void fill(struct arch_in *in, enum mmu_arch arch, uint64_t *rng) {
  static const uint8_t modes[3][3] = {{MMU_S1_X86_L4, MMU_S1_X86_L5, MMU_S1_OFF},
                                      {MMU_S1_ARM_4K, MMU_S1_ARM_4K, MMU_S1_OFF},
                                      {MMU_S1_SV39, MMU_S1_SV48, MMU_S1_SV57}};
  static const uint8_t levels[3] = {5, 4, 5};
  uint64_t r = sweep_random(rng), flags = sweep_random(rng);
  bool shaped = r & 1;
  struct mmu_context *c = &in->ctx;
  memset(in, 0, sizeof *in);
  bool *const bits[] = {&c->wp,
                        &c->nxe,
                        &c->smep,
                        &c->smap,
                        &c->ac,
                        &c->pke,
                        &c->sum,
                        &c->mxr,
                        &c->pan,
                        &c->wxn,
                        &c->epd0,
                        &c->epd1,
                        &c->tbi0,
                        &c->tbi1,
                        &c->hpd0,
                        &c->hpd1,
                        &c->s1_hw_a,
                        &c->s1_hw_d,
                        &c->page1g,
                        &c->pbmte,
                        &in->upper,
                        &c->s2_hw_a,
                        &c->s2_hw_d,
                        &c->s2_mbec,
                        &c->s2_exec_only,
                        &c->s2_page1g,
                        &c->s2_exit_info,
                        &c->s2_nxe,
                        &c->s2_ptw,
                        &c->s2_mxr,
                        &c->s2_pbmte,
                        &in->s2_user_page,
                        &in->fault_stage2,
                        &in->fault_on_walk,
                        &in->fault_on_ad_write,
                        &in->global,
                        &in->access.implicit_sup,
                        &in->access.exec_as_read};
  for (size_t n = 0; n < sizeof bits / sizeof *bits; n++)
    *bits[n] = flags >> n & 1;
  c->s1_mode = shaped ? modes[arch][(r >> 1 & 0xff) % 3] : r >> 1 & 15;
  c->regime = r >> 5 & 3;
  c->priv = r >> 7 & 3;
  c->asid = (uint16_t)(r >> 9);
  c->vmid = (uint16_t)(r >> 25);
  c->pa_width = shaped ? (uint8_t)(32 + (r >> 41 & 0xff) % 21) : r >> 41 & 63;
  c->t0sz = shaped ? (uint8_t)(16 + (r >> 47 & 31)) : r >> 47 & 63;
  c->t1sz = r >> 53 & 63;
  c->pkru = (uint32_t)sweep_random(rng);
  c->s1_root0 = sweep_random(rng) & ((1ULL << (shaped ? 32 : 56)) - 1);
  c->s1_root1 = sweep_random(rng) & ((1ULL << (shaped ? 32 : 56)) - 1);
  in->access.kind = flags >> 24 & 3;
  in->access.op = flags >> 26 & 3;
  in->va = sweep_random(rng);
  if (shaped) in->va = (uint64_t)((int64_t)in->va >> (8 + (flags >> 28 & 31)));
  in->pte = sweep_random(rng);
  if (shaped) in->pte = (in->pte & 0x80000001ffe00fffULL) | 0x21;
  if (shaped && (flags >> 33 & 3)) in->pte &= ~0xffe00000ffe00000ULL;
  in->level = shaped ? (uint8_t)((flags >> 35 & 0xff) % levels[arch]) : flags >> 35 & 7;
  in->index = r >> 12 & 15;
  if (shaped && (r & 6) == 0) { /* pages of 16 others */
    if (arch == MMU_ARCH_ARM) in->pte |= 1ULL << 52;
    if (arch == MMU_ARCH_RISCV) in->pte = (in->pte & ~0x3c00ULL) | 0x8000000000002000ULL;
    if (in->level < 3) in->index = in->pte >> (12 + 9 * in->level) & 15;
  }
  in->rights = shaped && (flags >> 43 & 3) ? 0x7f : flags >> 45 & 0x7f;
  in->hit_rights = in->rights;
  in->hit_attrs = (uint8_t)(r >> 30);
  in->hit_dirty = r >> 38 & 1;
  in->cause = flags >> 52 & 15;
  in->fault_level = flags >> 56 & 3;
  in->fault_rights = (uint8_t)(r >> 57);
  static const uint8_t s2_modes[3] = {MMU_S2_EPT, MMU_S2_ARM, MMU_S2_RISCV};
  static const uint8_t tops[3] = {3, 0, 2}, spread[3] = {2, 4, 3};
  const uint64_t k = sweep_random(rng);
  c->s2_mode = s2_modes[arch];
  if (arch == MMU_ARCH_X86 && (k & 1)) c->s2_mode = MMU_S2_NPT;
  if ((k & 0xe) == 0) c->s2_mode = MMU_S2_OFF;
  c->s2_top = (uint8_t)(tops[arch] + (k >> 4 & 15) % spread[arch]);
  c->s2_pa_width = (uint8_t)(32 + (k >> 8 & 0xff) % 21);
  c->s2_t0sz = k >> 16 & 63;
  c->s2_root = sweep_random(rng) & ((1ULL << (shaped ? 32 : 56)) - 1);
  in->access.insn = (uint32_t)sweep_random(rng);
  in->s2_about = (k >> 22 & 3) % 3;
  in->s2_gpa = sweep_random(rng) >> (k >> 24 & 31);
  in->s2_pte = in->pte ^ (shaped ? (k >> 29 & 7) : k);
  in->s2_level = (uint8_t)((k >> 40 & 0xff) % levels[arch]);
  in->s2_rights = shaped ? 15 : k >> 48 & 15;
  in->fault_s1_leaf = k >> 52 & 1;
  in->fault_mem_error = k >> 53 & 3;
  in->fault_s2_level = k >> 55 & 3;
  in->fault_s2_rights = k >> 57 & 15;
  in->fault_gpa = in->s2_gpa;
  in->inval.kind = (uint8_t)((flags >> 58 & 63) % 40);
  in->inval.addr = in->va;
  in->inval.asid = c->asid;
  in->inval.vmid = c->vmid;
}

static void both(enum mmu_arch arch) {
  struct arch_box *a = arch_box_create(arch);
  struct arch_cxxrtl *b = arch_cxxrtl_create(arch);
  uint64_t rng = 99 + arch, kinds[4] = {0}, larger = 0;
  struct arch_in in;
  assert_non_null(a);
  assert_non_null(b);
  for (unsigned n = 0; n < CASES; n++) {
    struct arch_out out;
    fill(&in, arch, &rng);
    arch_box_eval(a, &in, &out);
    kinds[out.step.kind]++;
    if (out.step.kind == ARCH_LEAF && out.step.page_shift % 9 == 7) larger++; /* 16, 25, 34 */
    const char *pin = arch_cxxrtl_compare(b, &in, &out);
    if (pin)
      fail_msg("case %u: %s differs: pte %016llx level %u va %016llx", n, pin,
               (unsigned long long)in.pte, in.level, (unsigned long long)in.va);
  }
  printf("  %u cases: %llu faults, %llu tables, %llu leaves, %llu of them 16 pages\n", CASES,
         (unsigned long long)kinds[0], (unsigned long long)kinds[1], (unsigned long long)kinds[2],
         (unsigned long long)larger);
  assert_true(kinds[ARCH_TABLE] > 100 && kinds[ARCH_LEAF] > 100);
  assert_true(arch == MMU_ARCH_X86 ? larger == 0 : larger > 50);
  arch_box_destroy(a);
  arch_cxxrtl_destroy(b);
}

static void test_x86(void **state) {
  (void)state;
  both(MMU_ARCH_X86);
}
static void test_arm(void **state) {
  (void)state;
  both(MMU_ARCH_ARM);
}
static void test_riscv(void **state) {
  (void)state;
  both(MMU_ARCH_RISCV);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_x86), cmocka_unit_test(test_arm),
                                     cmocka_unit_test(test_riscv)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
