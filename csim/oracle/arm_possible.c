/* SPDX-License-Identifier: Apache-2.0
 * How an AArch64 access can end (Arm ARM D8.2 to D8.5), as far as software can bring it about: of
 * the code's own fetch only the fetch cases tell, so what breaks every look-up alike is a fetch's.
 */
#include "oracle/arm.h"

static bool done(const struct oracle_class *k) {
  uint8_t s1 = k->level, s2 = k->cause;
  if (s1 > 2 || s2 > 2) return false;
  return (k->regime != ORACLE_S2_ONLY || s1 == 0) && (k->regime != ORACLE_S1_ONLY || s2 == 0);
}

/* What breaks every look-up of stage 2 alike. */
static bool whole(const struct oracle_class *k) {
  if (k->where == ORACLE_STAGE1) return true; /* the code has a half of its own */
  return k->kind == MMU_FETCH && (k->where == ORACLE_S2_TABLE || k->regime == ORACLE_S2_ONLY);
}

static bool descriptor(const struct oracle_class *k) {
  switch (k->cause) {
    case MMU_CAUSE_NOT_PRESENT:
    case MMU_CAUSE_ADDRESS_SIZE:
      return k->level <= ARM_L0;
    case MMU_CAUSE_RESERVED:
      return k->level == 0 || k->level == ARM_L0;
    case MMU_CAUSE_BUS:
      return k->level < ARM_L0 || (k->level == ARM_L0 && whole(k));
    case MMU_CAUSE_ACCESS_FLAG:
    case MMU_CAUSE_PERMISSION:
      return k->level <= 2;
    default:
      return false;
  }
}

static bool stage1(const struct oracle_class *k) {
  if (k->regime == ORACLE_S2_ONLY) return k->cause == MMU_CAUSE_ADDRESS_SIZE && k->level == ARM_L0;
  if (k->cause >= MMU_CAUSE_NON_CANONICAL && k->cause <= MMU_CAUSE_ROOT_DISABLED)
    return k->level == ARM_L0;
  return descriptor(k);
}

/* AT S1E1*, AT S1E0*: stage 1 alone, but its tables are looked up in stage 2. PAN is not asked. */
static bool translation(const struct oracle_class *k) {
  if (k->kind > MMU_WRITE || k->where == ORACLE_S2_FINAL || k->regime == ORACLE_S2_ONLY)
    return false;
  if (k->where == ORACLE_DONE) return k->cause == 0;
  return k->where != ORACLE_STAGE1 || k->cause != MMU_CAUSE_PERMISSION || k->kind != MMU_READ ||
         k->door == 2;
}

bool arm_possible(const struct oracle_class *k) {
  if (k->door > 1 && !translation(k)) return false;
  switch (k->where) {
    case ORACLE_DONE:
      return done(k);
    case ORACLE_STAGE1:
      return stage1(k);
    case ORACLE_S2_TABLE:
    case ORACLE_S2_FINAL:
      if (k->regime == ORACLE_S1_ONLY) return false;
      if (k->where == ORACLE_S2_TABLE && k->regime != ORACLE_BOTH) return false;
      if (k->cause == MMU_CAUSE_NON_CANONICAL) return k->level == ARM_L0;
      if (k->cause == MMU_CAUSE_ROOT_SIZE) return k->level == ARM_L0 && whole(k);
      return descriptor(k);
    default:
      return k->regime == ORACLE_BOTH && k->cause == MMU_CAUSE_PERMISSION && k->level <= 2;
  }
}
