/* SPDX-License-Identifier: Apache-2.0
 * How a RISC-V access can end, as far as software can bring it about: what breaks every look-up
 * alike is told by the fetch cases and the hypervisor's loads and stores only, for other accesses
 * of a guest the fetch of their instruction fails first. */
#include "oracle/riscv.h"

enum { HIGHEST = 4, LOWEST_ROOT = 2 };

static bool stores(const struct oracle_class *k) {
  return k->kind == MMU_WRITE || k->kind == MMU_RMW;
}

static bool first(const struct oracle_class *k) {
  return k->kind == MMU_FETCH || k->door >= 2;
}

/* With stage 1 alone access faults are the guest's, and its vector would fault the same way. */
static bool guest_survives(const struct oracle_class *k) {
  return k->regime != ORACLE_S1_ONLY || k->door >= 2;
}

static bool done(const struct oracle_class *k) {
  return (k->regime != ORACLE_S2_ONLY || k->level == 0) &&
         (k->regime != ORACLE_S1_ONLY || k->cause == 0) && k->cause <= HIGHEST;
}

static bool descriptor(const struct oracle_class *k, bool dirty) {
  switch (k->cause) {
    case MMU_CAUSE_NOT_PRESENT:
    case MMU_CAUSE_RESERVED:
    case MMU_CAUSE_PERMISSION:
    case MMU_CAUSE_ACCESS_FLAG:
      return true;
    case MMU_CAUSE_DIRTY_FLAG:
      return dirty && stores(k);
    default:
      return false;
  }
}

static bool stage1(const struct oracle_class *k) {
  if (k->regime == ORACLE_S2_ONLY) return false;
  switch (k->cause) {
    case MMU_CAUSE_NON_CANONICAL:
      return k->level >= LOWEST_ROOT;
    case MMU_CAUSE_ROOT_SIZE:
      return k->level >= LOWEST_ROOT && k->regime == ORACLE_S1_ONLY && k->door >= 2;
    case MMU_CAUSE_ADDRESS_SIZE: /* with a G-stage it is for that to say */
      return k->regime == ORACLE_S1_ONLY;
    case MMU_CAUSE_BUS:
      return k->level < HIGHEST || (first(k) && guest_survives(k));
    default:
      return descriptor(k, true);
  }
}

static bool stage2(const struct oracle_class *k) {
  bool table = k->where == ORACLE_S2_TABLE;
  bool whole = first(k) && (table || k->regime == ORACLE_S2_ONLY);
  if (k->regime == ORACLE_S1_ONLY || (table && k->regime != ORACLE_BOTH)) return false;
  switch (k->cause) {
    case MMU_CAUSE_NON_CANONICAL: /* 59 bits are more than a descriptor holds */
      return k->level >= LOWEST_ROOT && (k->level < HIGHEST || k->regime == ORACLE_S2_ONLY);
    case MMU_CAUSE_ROOT_SIZE:
      return k->level >= LOWEST_ROOT && whole;
    case MMU_CAUSE_ADDRESS_SIZE:
      return true;
    case MMU_CAUSE_BUS:
      return k->level < HIGHEST || whole;
    default:
      return descriptor(k, !table);
  }
}

bool riscv_possible(const struct oracle_class *k) {
  if (k->door >= 2 && k->kind != MMU_READ && k->kind != MMU_WRITE) return false;
  switch (k->where) {
    case ORACLE_DONE:
      return done(k);
    case ORACLE_STAGE1:
      return stage1(k);
    case ORACLE_S2_SWAP:
      return k->regime == ORACLE_BOTH && k->cause == MMU_CAUSE_PERMISSION;
    default:
      return stage2(k);
  }
}
