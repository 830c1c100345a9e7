/* SPDX-License-Identifier: Apache-2.0
 * The known deviations of QEMU from the Arm ARM, each with the only difference that it may make.
 * What they do is in dialect.c and walk.c. */
#include "oracle/arm.h"
#include "oracle/change.h"

enum { LEVEL = 3, WNR = 1 << 6, DIRTY = 1 << 7, AF = 1 << 10 };
#define OPERAND UINT64_C(0x1ffc000) /* ESR 24:14 */

typedef const struct oracle_case *the_case;
typedef const struct oracle_expected *expected;

static bool walk_level(the_case c, expected without, expected with) {
  (void)c;
  uint8_t where = without->class.where;
  return (where == ORACLE_S2_TABLE || where == ORACLE_S2_SWAP) &&
         oracle_only_bits(without, with, LEVEL) && oracle_memory_bits(without, with) == 0;
}

static bool l0_block(the_case c, expected without, expected with) {
  (void)c;
  (void)with;
  return without->class.cause == MMU_CAUSE_RESERVED && without->class.level == ARM_L0;
}

static bool clean_exec(the_case c, expected without, expected with) {
  (void)c;
  (void)with;
  return without->class.kind == MMU_FETCH &&
         oracle_ends(without, ORACLE_STAGE1, MMU_CAUSE_PERMISSION);
}

static bool at_dirty(the_case c, expected without, expected with) {
  uint32_t insn = (uint32_t)c->reg[ORACLE_ARM_INSN];
  if (!arm_is_at(insn) || !(insn & ARM_AT_WRITE)) return false;
  if (oracle_ends(with, ORACLE_S2_SWAP, MMU_CAUSE_PERMISSION)) return true;
  return oracle_only_bits(without, with, 0) && oracle_memory_bits(without, with) == DIRTY;
}

static bool at_ptw(the_case c, expected without, expected with) {
  (void)without;
  return arm_is_at((uint32_t)c->reg[ORACLE_ARM_INSN]) && !(c->reg[ORACLE_ARM_HCR] & ARM_HCR_VM) &&
         (c->reg[ORACLE_ARM_HCR] & ARM_HCR_PTW) &&
         oracle_ends(with, ORACLE_S2_TABLE, MMU_CAUSE_PERMISSION);
}

static bool bus_isv(the_case c, expected without, expected with) {
  (void)c;
  return oracle_ends(without, ORACLE_S2_FINAL, MMU_CAUSE_BUS) &&
         oracle_only_bits(without, with, OPERAND) && oracle_memory_bits(without, with) == 0;
}

/* The halves have left other A and D than the whole; or the read half has met a fault of stage 2
 * that the whole, refused by stage 1, does not come to; or the write half is a write to an update
 * that stage 2 refuses (WnR). Else WnR is the same in both. */
static bool atomic(the_case c, expected without, expected with) {
  uint8_t where = with->class.where;
  uint64_t memory = oracle_memory_bits(without, with);
  if (arm_kind((uint32_t)c->reg[ORACLE_ARM_INSN]) != MMU_RMW) return false;
  if (oracle_only_bits(without, with, 0)) return (memory & ~(uint64_t)(DIRTY | AF)) == 0;
  if (where == ORACLE_S2_SWAP && oracle_only_bits(without, with, WNR)) return true;
  return (where == ORACLE_S2_FINAL || where == ORACLE_S2_SWAP) && without->class.where != where &&
         without->class.cause == MMU_CAUSE_PERMISSION;
}

const struct oracle_deviation arm_deviations[ARM_DEVIATIONS] = {
    {ORACLE_DEV_WALK_LEVEL, "s1ptw-level", "ESR_EL2.DFSC: the level is that of the stage-2 look-up",
     0, 9, walk_level},
    {ORACLE_DEV_L0_BLOCK, "level-0-block", "D8.3.1: no block at level 0 with the 4 KiB granule", 0,
     9, l0_block},
    {ORACLE_DEV_CLEAN_EXEC, "clean-page-executes",
     "D8.4: with HD a page with DBM counts as writable, so WXN and PXN apply", 0, 255, clean_exec},
    {ORACLE_DEV_AT_DIRTY, "at-makes-dirty",
     "D8.5.5: address translation instructions do not update the dirty state", 0, 255, at_dirty},
    {ORACLE_DEV_AT_PTW, "at-ptw-alone",
     "HCR_EL2.PTW: no effect if stage 2 is off; for AT it has one", 0, 9, at_ptw},
    {ORACLE_DEV_BUS_ISV, "isv-of-external",
     "ESR_EL2.ISV: 0 for synchronous external aborts (FEAT_RAS)", 0, 255, bus_isv},
    {ORACLE_DEV_SPLIT_RMW, "atomic-in-two",
     "C3.2.12: an atomic is one access; with one CPU the emulator reads, then writes", 0, 255,
     atomic},
};
