/* SPDX-License-Identifier: Apache-2.0
 * Descriptor formats for the fuzzer: Intel SDM vol. 3 tables 4-15 to 4-20, Arm ARM D8.3, RISC-V
 * privileged ISA (Sv39 ff.). Promise: a descriptor made here is well-formed unless its address
 * is not; broken ones come from the caller's bit flips. */
#include "fuzz/descriptor.h"

static uint64_t pick(struct fuzz_random *r, uint32_t percent, uint64_t bits) {
  return fuzz_chance(r, percent) ? bits : 0;
}

static uint64_t bit(unsigned n) {
  return UINT64_C(1) << n;
}

/* ---- x86: P 0, RW 1, US 2, PWT 3, PCD 4, A 5, D 6, PS 7, G 8, XD 63; 9-11 and 52-62 free ---- */

static uint64_t x86_pointer(struct fuzz_random *r, uint64_t table) {
  return table | bit(0) | pick(r, 85, bit(1)) | pick(r, 85, bit(2)) | pick(r, 50, bit(5)) |
         pick(r, 10, bit(3) | bit(9)) | pick(r, 10, bit(6)) | pick(r, 5, bit(63)) |
         pick(r, 10, bit(8) | bit(55));
}

static uint64_t x86_leaf(struct fuzz_random *r, uint8_t level, uint64_t base, bool plain) {
  uint64_t d = base | bit(0) | (level > 0 ? bit(7) : pick(r, 20, bit(7)));
  d |= pick(r, 20, bit(3)) | pick(r, 20, bit(4)) | pick(r, 15, bit(8)) | pick(r, 20, bit(10));
  if (level > 0) d |= pick(r, 20, bit(12));
  d |= pick(r, 40, (uint64_t)fuzz_below(r, 16) << 59); /* protection key */
  if (plain) return d | bit(1) | bit(2) | bit(5) | bit(6);
  return d | pick(r, 60, bit(1)) | pick(r, 60, bit(2)) | pick(r, 50, bit(5)) | pick(r, 40, bit(6)) |
         pick(r, 20, bit(63));
}

/* ---- Arm: valid 0, table or page 1, AttrIndx 4:2, AP 7:6, SH 9:8, AF 10, nG 11, DBM 51,
 * contiguous 52, PXN 53, UXN 54; pointers: PXN 59, UXN 60, AP 62:61 ---- */

static uint64_t arm_pointer(struct fuzz_random *r, uint64_t table) {
  return table | 3 | pick(r, 5, bit(59)) | pick(r, 5, bit(60)) | pick(r, 5, bit(61)) |
         pick(r, 5, bit(62)) | pick(r, 10, bit(5) | bit(55));
}

static uint64_t arm_leaf(struct fuzz_random *r, uint8_t level, uint64_t base, bool plain) {
  uint64_t d = base | (level == 0 ? 3 : 1) | (fuzz_bits(r) & 0x1c) | (fuzz_bits(r) & 0x300);
  d |= pick(r, 70, bit(11));
  if (plain) return d | bit(10) | pick(r, 70, bit(6)) | pick(r, 20, bit(51));
  return d | pick(r, 50, bit(6)) | pick(r, 50, bit(7)) | pick(r, 60, bit(10)) |
         pick(r, 60, bit(51)) | pick(r, 25, bit(53)) | pick(r, 25, bit(54));
}

/* ---- RISC-V: V 0, R 1, W 2, X 3, U 4, G 5, A 6, D 7, RSW 9:8, PPN 53:10, PBMT 62:61,
 * N 63 ---- */

static uint64_t riscv_pointer(struct fuzz_random *r, uint64_t table) {
  return table >> 2 | bit(0) | pick(r, 4, bit(5)) | pick(r, 20, bit(8));
}

static uint64_t riscv_leaf(struct fuzz_random *r, uint64_t base, bool plain) {
  static const uint8_t rwx[] = {1, 3, 4, 5, 7, 7}; /* R=1 W=2 X=4, the encodings that exist */
  uint64_t d = base >> 2 | bit(0) | pick(r, 10, bit(5)) | pick(r, 20, bit(9));
  if (plain) return d | 0xce | pick(r, 50, bit(4));
  d |= (uint64_t)rwx[fuzz_below(r, sizeof rwx)] << 1;
  return d | pick(r, 50, bit(4)) | pick(r, 60, bit(6)) | pick(r, 45, bit(7)) |
         pick(r, 5, (uint64_t)(1 + fuzz_below(r, 2)) << 61);
}

/* ---- by architecture ---- */

uint64_t fuzz_pointer(enum mmu_arch arch, struct fuzz_random *r, uint64_t table) {
  if (arch == MMU_ARCH_X86) return x86_pointer(r, table);
  return arch == MMU_ARCH_ARM ? arm_pointer(r, table) : riscv_pointer(r, table);
}

uint64_t fuzz_leaf(enum mmu_arch arch, struct fuzz_random *r, uint8_t level, uint64_t base,
                   bool plain) {
  if (arch == MMU_ARCH_X86) return x86_leaf(r, level, base, plain);
  return arch == MMU_ARCH_ARM ? arm_leaf(r, level, base, plain) : riscv_leaf(r, base, plain);
}

uint64_t fuzz_for_users(enum mmu_arch arch, uint64_t leaf) {
  return leaf | bit(arch == MMU_ARCH_X86 ? 2 : arch == MMU_ARCH_ARM ? 6 : 4);
}

uint64_t fuzz_open(enum mmu_arch arch, uint64_t pointer) {
  if (arch == MMU_ARCH_X86) return (pointer | bit(1) | bit(2)) & ~bit(63);
  return arch == MMU_ARCH_ARM ? pointer & ~(UINT64_C(15) << 59) : pointer;
}

uint64_t fuzz_neighbour(enum mmu_arch arch, uint8_t level, uint64_t place, uint64_t leaf) {
  unsigned at = 12U + 9U * level;
  return arch != MMU_ARCH_ARM ? leaf : (leaf & ~(UINT64_C(15) << at)) | place << at;
}

bool fuzz_in_group(enum mmu_arch arch, uint64_t d) {
  return arch != MMU_ARCH_X86 && (d >> (arch == MMU_ARCH_ARM ? 52 : 63) & 1);
}

uint64_t fuzz_group(enum mmu_arch arch, struct fuzz_random *r, uint8_t level, uint64_t index,
                    uint64_t leaf) {
  uint64_t other = fuzz_below(r, 16);
  bool fits = fuzz_chance(r, 85);
  if (arch == MMU_ARCH_ARM)
    return fuzz_neighbour(arch, level, fits ? index & 15 : other, leaf) | bit(52);
  if (arch == MMU_ARCH_RISCV && (level == 0 || fuzz_chance(r, 5)))
    return (leaf & ~(UINT64_C(15) << 10)) | (fits ? 8 : other) << 10 | bit(63);
  return leaf;
}

bool fuzz_is_leaf(enum mmu_arch arch, uint8_t level, uint64_t d) {
  if (arch == MMU_ARCH_RISCV) return (d & 0xa) != 0;
  if (arch == MMU_ARCH_ARM) return level == 0 || (d & 2) == 0;
  return level == 0 || (d & bit(7)) != 0;
}

uint64_t fuzz_target(enum mmu_arch arch, uint64_t d) {
  if (arch == MMU_ARCH_RISCV) return (d >> 10 & (bit(44) - 1)) << 12;
  return d & (bit(arch == MMU_ARCH_X86 ? 52 : 48) - bit(12));
}

static uint64_t accessed_bit(enum mmu_arch arch) {
  return bit(arch == MMU_ARCH_X86 ? 5 : arch == MMU_ARCH_ARM ? 10 : 6);
}

uint64_t fuzz_unused(enum mmu_arch arch, uint64_t d) {
  return d & ~accessed_bit(arch);
}

uint64_t fuzz_age(enum mmu_arch arch, struct fuzz_random *r, uint64_t d) {
  uint64_t a = accessed_bit(arch);
  uint64_t dirty = bit(arch == MMU_ARCH_X86 ? 6 : 7);
  uint32_t choice = fuzz_below(r, 4);
  if (choice == 0) return d & ~a;
  if (choice == 1) return d & ~(a | dirty);
  return choice == 2 ? d ^ dirty : d ^ a;
}
