/* SPDX-License-Identifier: Apache-2.0
 * Descriptor formats of stage 2 for the fuzzer: Intel SDM vol. 3 tables 29-1 to 29-7 (EPT), AMD APM
 * vol. 2 5.3 (nested tables are those of long mode), Arm ARM D8.3 (stage 2), RISC-V privileged ISA
 * (G-stage). Promise: a descriptor made here is well-formed unless its address is not. */
#include "fuzz/descriptor_s2.h"

#include "fuzz/descriptor.h"

static uint64_t pick(struct fuzz_random *r, uint32_t percent, uint64_t bits) {
  return fuzz_chance(r, percent) ? bits : 0;
}

static uint64_t bit(unsigned n) {
  return UINT64_C(1) << n;
}

/* ---- EPT: R 0, W 1, X 2, memory type 5:3, ignore PAT 6, page 7, A 8, D 9, user X 10 ---- */

static uint64_t ept_rights(struct fuzz_random *r, bool plain) {
  static const uint8_t rwx[] = {1, 3, 5, 7, 7, 4};
  static const uint64_t x[] = {4, 1 << 10, 0};
  if (plain) return 3 | (fuzz_chance(r, 80) ? 4 | bit(10) : x[fuzz_below(r, 3)]);
  return rwx[fuzz_below(r, sizeof rwx)] | pick(r, 50, bit(10));
}

static uint64_t ept_leaf(struct fuzz_random *r, uint8_t level, uint64_t base, bool plain) {
  static const uint8_t type[] = {0, 1, 4, 5, 6, 6};
  uint64_t d = base | ept_rights(r, plain) | (level > 0 ? bit(7) : 0);
  d |= (uint64_t)type[fuzz_below(r, sizeof type)] << 3 | pick(r, 20, bit(6)) | pick(r, 10, bit(52));
  return d | pick(r, 60, bit(8)) | pick(r, 50, bit(9));
}

static uint64_t ept_pointer(struct fuzz_random *r, uint64_t table) {
  uint64_t rights = fuzz_chance(r, 99) ? 7 | bit(10) : ept_rights(r, false);
  return table | rights | pick(r, 50, bit(8)) | pick(r, 10, bit(11));
}

/* ---- NPT: as the tables of long mode: P 0, RW 1, US 2, A 5, D 6, PS 7, NX 63 ---- */

static uint64_t npt_leaf(struct fuzz_random *r, uint8_t level, uint64_t base, bool plain) {
  uint64_t d = base | bit(0) | (level > 0 ? bit(7) : pick(r, 20, bit(7)));
  d |= pick(r, 20, bit(3)) | pick(r, 20, bit(4)) | pick(r, 60, bit(5)) | pick(r, 50, bit(6));
  if (plain) return d | bit(1) | bit(2);
  return d | pick(r, 70, bit(1)) | pick(r, 80, bit(2)) | pick(r, 25, bit(63));
}

static uint64_t npt_pointer(struct fuzz_random *r, uint64_t table) {
  return table | bit(0) | pick(r, 99, bit(1)) | pick(r, 99, bit(2)) | pick(r, 50, bit(5)) |
         pick(r, 1, bit(63)) | pick(r, 10, bit(9));
}

/* ---- Arm: valid 0, table or page 1, MemAttr 5:2, S2AP 7:6, SH 9:8, AF 10, DBM 51, XN 54:53 ----
 */

static uint64_t arm_leaf(struct fuzz_random *r, uint8_t level, uint64_t base, bool plain) {
  uint64_t d = base | (level == 0 ? 3 : 1) | (fuzz_bits(r) & 0x300);
  d |= fuzz_chance(r, 85) ? 0x3c : fuzz_bits(r) & 0x3c; /* mostly Normal memory */
  d |= pick(r, 75, bit(10)) | pick(r, 50, bit(51));
  if (plain) return d | bit(6) | bit(7);
  return d | pick(r, 85, bit(6)) | pick(r, 60, bit(7)) | pick(r, 30, bit(53)) |
         pick(r, 30, bit(54));
}

static uint64_t arm_pointer(struct fuzz_random *r, uint64_t table) {
  return table | 3 | pick(r, 10, bit(5) | bit(59));
}

/* ---- RISC-V: as in stage 1, U needed ---- */

static uint64_t riscv_leaf(struct fuzz_random *r, uint64_t base, bool plain) {
  static const uint8_t rwx[] = {1, 3, 4, 5, 7, 7};
  uint64_t d = base >> 2 | bit(0) | pick(r, 10, bit(5)) | pick(r, 97, bit(4));
  d |= pick(r, 75, bit(6)) | pick(r, 65, bit(7)) | pick(r, 3, bit(61));
  return d | (plain ? 0xeU : (uint64_t)rwx[fuzz_below(r, sizeof rwx)] << 1);
}

static uint64_t riscv_pointer(struct fuzz_random *r, uint64_t table) {
  return table >> 2 | bit(0) | pick(r, 4, bit(5)) | pick(r, 20, bit(8));
}

/* ---- by mode ---- */

uint64_t fuzz_s2_pointer(uint8_t mode, struct fuzz_random *r, uint64_t table) {
  switch (mode) {
    case MMU_S2_EPT:
      return ept_pointer(r, table);
    case MMU_S2_NPT:
      return npt_pointer(r, table);
    case MMU_S2_ARM:
      return arm_pointer(r, table);
    default:
      return riscv_pointer(r, table);
  }
}

uint64_t fuzz_s2_leaf(uint8_t mode, struct fuzz_random *r, uint8_t level, uint64_t base,
                      bool plain) {
  switch (mode) {
    case MMU_S2_EPT:
      return ept_leaf(r, level, base, plain);
    case MMU_S2_NPT:
      return npt_leaf(r, level, base, plain);
    case MMU_S2_ARM:
      return arm_leaf(r, level, base, plain);
    default:
      return riscv_leaf(r, base, plain);
  }
}

bool fuzz_s2_is_leaf(uint8_t mode, uint8_t level, uint64_t d) {
  if (mode == MMU_S2_RISCV) return (d & 0xa) != 0;
  if (mode == MMU_S2_ARM) return level == 0 || (d & 2) == 0;
  return level == 0 || (d & bit(7)) != 0;
}

uint64_t fuzz_s2_target(uint8_t mode, uint64_t d) {
  return fuzz_target(mode == MMU_S2_RISCV ? MMU_ARCH_RISCV
                     : mode == MMU_S2_ARM ? MMU_ARCH_ARM
                                          : MMU_ARCH_X86,
                     d);
}

uint64_t fuzz_s2_age(uint8_t mode, struct fuzz_random *r, uint64_t d) {
  uint64_t a = mode == MMU_S2_EPT   ? bit(8)
               : mode == MMU_S2_NPT ? bit(5)
                                    : bit(mode == MMU_S2_ARM ? 10 : 6);
  uint64_t dirty = mode == MMU_S2_EPT ? bit(9) : mode == MMU_S2_NPT ? bit(6) : bit(7);
  uint32_t choice = fuzz_below(r, 4);
  if (choice == 0) return d & ~a;
  if (choice == 1) return d & ~(a | dirty);
  return choice == 2 ? d ^ dirty : d ^ a;
}
