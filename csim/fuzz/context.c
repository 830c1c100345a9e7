/* SPDX-License-Identifier: Apache-2.0
 * Random contexts of stage 1 for the fuzzer, from the controls of the three manuals. Promise: the
 * shape of the tables belongs to the address space; software may not change it under one. */
#include "fuzz/world.h"

static uint32_t below(struct fuzz_world *w, uint32_t n) {
  return fuzz_below(&w->random, n);
}
static bool chance(struct fuzz_world *w, uint32_t percent) {
  return fuzz_chance(&w->random, percent);
}

uint8_t fuzz_root_level(const struct mmu_context *c, bool upper) {
  switch (c->s1_mode) {
    case MMU_S1_X86_L5:
    case MMU_S1_SV57:
      return 4;
    case MMU_S1_X86_L4:
    case MMU_S1_SV48:
      return 3;
    case MMU_S1_SV39:
      return 2;
    default:
      return (uint8_t)((64 - (upper ? c->t1sz : c->t0sz) - 13) / 9);
  }
}

unsigned fuzz_address_bits(const struct mmu_context *c, bool upper) {
  if (c->s1_mode == MMU_S1_ARM_4K) return 64U - (upper ? c->t1sz : c->t0sz);
  return 12U + 9U * (fuzz_root_level(c, upper) + 1U);
}

static void x86_controls(struct fuzz_world *w, struct mmu_context *c) {
  c->s1_mode = w->target == 4 || chance(w, 30) ? MMU_S1_X86_L5 : MMU_S1_X86_L4;
  c->wp = chance(w, 70);
  c->nxe = chance(w, 80);
  c->smep = chance(w, 50);
  c->smap = chance(w, 50);
  c->ac = chance(w, 40);
  c->page1g = chance(w, 85);
  c->pke = chance(w, 30);
  c->pkru = c->pke ? (uint32_t)fuzz_bits(&w->random) : 0;
  c->s1_hw_a = c->s1_hw_d = true;
}

/* The table geometry belongs to the ASID: an OS may not change it under one. */
static uint8_t txsz_of(struct fuzz_world *w, uint16_t asid, unsigned half) {
  struct fuzz_random fixed = {asid * UINT64_C(2) + half};
  uint32_t n = fuzz_below(&fixed, 100);
  if (n < 45) return (uint8_t)(16 + fuzz_below(&fixed, 9));
  if (n < 97 || w->target > 0) return (uint8_t)(16 + fuzz_below(&fixed, 33));
  return (uint8_t)fuzz_below(&fixed, 64);
}

static void arm_controls(struct fuzz_world *w, struct mmu_context *c) {
  uint8_t want = w->target < 3 ? w->target : 3;
  c->s1_mode = MMU_S1_ARM_4K;
  for (int tries = 0; tries < 50; tries++) {
    c->t0sz = txsz_of(w, c->asid, 0);
    c->t1sz = txsz_of(w, c->asid, 1);
    bool fits0 = c->t0sz >= 16 && c->t0sz <= 48 && fuzz_root_level(c, false) >= want;
    bool fits1 = c->t1sz >= 16 && c->t1sz <= 48 && fuzz_root_level(c, true) >= want;
    if (fits0 && fits1) break;
    c->asid = (uint16_t)(1 + below(w, FUZZ_ASIDS));
  }
  c->s1_root1 = fuzz_some_table(w, c->t1sz <= 48 && c->t1sz >= 16 ? fuzz_root_level(c, true) : 3);
  uint32_t update = below(w, 3);
  c->s1_hw_a = update > 0;
  c->s1_hw_d = update > 1;
  c->pan = chance(w, 40);
  c->wxn = chance(w, 20);
  c->epd0 = chance(w, 5);
  c->epd1 = chance(w, 5);
  c->tbi0 = chance(w, 30);
  c->tbi1 = chance(w, 30);
  c->hpd0 = chance(w, 30);
  c->hpd1 = chance(w, 30);
}

static void riscv_controls(struct fuzz_world *w, struct mmu_context *c) {
  uint8_t lowest = w->target <= 2 ? MMU_S1_SV39 : (uint8_t)(MMU_S1_SV39 + w->target - 2);
  c->s1_mode = (uint8_t)(lowest + below(w, MMU_S1_SV57 - lowest + 1U));
  c->sum = chance(w, 60);
  c->mxr = chance(w, 40);
  c->pbmte = chance(w, 50);
  c->s1_hw_a = c->s1_hw_d = chance(w, 50);
}

/* With a stage 2 most accesses should come as far as that: few controls that only refuse. */
static void soften(struct fuzz_world *w, struct mmu_context *c) {
  if (chance(w, 75)) c->priv = MMU_USER;
  if (chance(w, 70)) c->smep = c->smap = c->pan = c->wxn = false;
  if (chance(w, 70)) c->epd0 = c->epd1 = false;
  if (chance(w, 70)) c->pkru = 0;
}

void fuzz_new_context(struct fuzz_world *w, struct mmu_context *c) {
  *c = (struct mmu_context){.pa_width = w->pa_width};
  c->asid = (uint16_t)(1 + below(w, FUZZ_ASIDS));
  if (w->arch == MMU_ARCH_X86)
    x86_controls(w, c);
  else if (w->arch == MMU_ARCH_ARM)
    arm_controls(w, c);
  else
    riscv_controls(w, c);
  c->priv = chance(w, 50) ? MMU_USER : MMU_SUPERVISOR;
  if (w->two_stages) {
    soften(w, c);
    fuzz_s2_controls(w, c);
  } else {
    c->vmid = chance(w, 10);
    c->s2_mode = chance(w, 10) ? MMU_S2_PASS : MMU_S2_OFF;
  }
  uint8_t level =
      c->s1_mode == MMU_S1_ARM_4K && (c->t0sz < 16 || c->t0sz > 48) ? 3 : fuzz_root_level(c, false);
  c->s1_root0 = fuzz_some_table(w, level);
  if (w->arch != MMU_ARCH_X86 && chance(w, 3))
    c->s1_root0 = c->s1_root1 = UINT64_C(1) << w->pa_width;
  if (chance(w, w->two_stages ? 10 : 4)) c->s1_mode = MMU_S1_OFF;
}
