/* SPDX-License-Identifier: Apache-2.0
 * Random invalidations for the fuzzer: every operation of an architecture, mostly of addresses
 * and address spaces in use. Formats: Intel SDM (INVLPG, INVPCID), Arm ARM C5.5 (TLBI, ranges
 * included), RISC-V SFENCE.VMA. Promise: same seed, same invalidations. */
#include "fuzz/world.h"
#include "rules/arm_range.h"

static uint32_t below(struct fuzz_world *w, uint32_t n) {
  return fuzz_below(&w->random, n);
}
static bool chance(struct fuzz_world *w, uint32_t percent) {
  return fuzz_chance(&w->random, percent);
}

void fuzz_world_invalidate_all(const struct fuzz_world *w, uint16_t i, struct mmu_inval *out) {
  static const uint8_t kind[] = {MMU_INV_X86_ALL_GLOBAL, MMU_INV_ARM_VMALLE1, MMU_INV_RISCV_ALL};
  static const uint8_t stage2[] = {MMU_INV_AMD_ALL, MMU_INV_ARM_ALLE1, MMU_INV_RISCV_GVMA_ALL};
  *out = (struct mmu_inval){.kind = kind[w->arch], .vmid = i};
  if (i >= FUZZ_VMIDS) *out = (struct mmu_inval){.kind = stage2[w->arch]};
}

/* The operand of a range that has va in it or ends near it. */
static uint64_t some_range(struct fuzz_world *w, uint64_t va) {
  uint64_t scale = below(w, 4), num = below(w, 32);
  uint64_t pages = (num + 1) << (5 * scale + 1);
  uint64_t back = chance(w, 60) ? below(w, (uint32_t)pages) : pages - 2 + below(w, 4);
  uint64_t first = va - (back << 12);
  if (chance(w, 40)) return rules_arm_range_operand(va, va + ((uint64_t)below(w, 80) << 12));
  uint64_t tg = chance(w, 15) ? below(w, 4) : 1;
  uint64_t ttl = chance(w, 15) ? below(w, 4) : 0;
  if (ttl != 0 && chance(w, 70)) first &= UINT64_MAX << (12 + 9 * (3 - ttl));
  return tg << 46 | scale << 44 | num << 39 | ttl << 37 | (first >> 12 & ((UINT64_C(1) << 37) - 1));
}

/* Operations on stage 2 mean guest-physical addresses, or a root. */
static void aim_at_stage2(struct fuzz_world *w, const struct mmu_context *c,
                          struct mmu_inval *out) {
  uint64_t gpa = fuzz_s2_some_gpa(w);
  if (chance(w, 20)) out->vmid = (uint16_t)below(w, FUZZ_VMIDS);
  switch (out->kind) {
    case MMU_INV_X86_EPT:
      out->addr = c->s2_root | below(w, 128);
      break;
    case MMU_INV_ARM_IPAS2E1:
    case MMU_INV_ARM_IPAS2LE1:
      out->addr = gpa;
      break;
    case MMU_INV_ARM_RIPAS2E1:
    case MMU_INV_ARM_RIPAS2LE1:
      out->addr = some_range(w, gpa);
      break;
    case MMU_INV_RISCV_GVMA_ADDR:
    case MMU_INV_RISCV_GVMA_ADDR_VMID:
      out->addr = gpa >> 2;
      break;
    default:
      break;
  }
}

void fuzz_world_invalidation(struct fuzz_world *w, struct mmu_inval *out) {
  static const uint8_t first[] = {MMU_INV_X86_INVLPG, MMU_INV_ARM_VMALLE1, MMU_INV_RISCV_ALL};
  static const uint8_t kinds[] = {7, 10, 4}, kinds_of_two[] = {16, 16, 8};
  uint32_t i = below(w, FUZZ_ADDRESSES);
  const struct mmu_context *c = &w->context[w->address_context[i]];
  *out = (struct mmu_inval){.addr = w->address[i], .asid = c->asid, .vmid = c->vmid};
  out->kind = (uint8_t)(first[w->arch] + below(w, (w->two_stages ? kinds_of_two : kinds)[w->arch]));
  if (chance(w, 10)) out->asid = (uint16_t)(1 + below(w, FUZZ_ASIDS));
  if (chance(w, 30)) out->addr += (uint64_t)below(w, 64) << 12;
  if (w->two_stages) aim_at_stage2(w, c, out);
  if (w->arch == MMU_ARCH_ARM && out->kind >= MMU_INV_ARM_RVAE1 && out->kind <= MMU_INV_ARM_RVAALE1)
    out->addr = some_range(w, out->addr);
}
