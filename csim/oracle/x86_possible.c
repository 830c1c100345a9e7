/* SPDX-License-Identifier: Apache-2.0
 * How an x86 access can end, as far as software can bring it about. A control register refuses a
 * root that is too wide, and 40 bits of physical address never reach beyond four levels. What
 * breaks every look-up alike is a fetch's: else the code's own fetch fails first. */
#include "oracle/x86.h"

static bool done(const struct oracle_class *k) {
  return k->level <= X86_HIGHEST_LEAF && k->cause <= X86_HIGHEST_LEAF &&
         (k->regime != ORACLE_S2_ONLY || k->level == 0) &&
         (k->regime != ORACLE_S1_ONLY || k->cause == 0);
}

static bool stage1(const struct x86_machine *m, const struct oracle_class *k) {
  bool exists = k->level <= (m->la57 ? X86_TOP + 1 : X86_TOP);
  if (k->regime == ORACLE_S2_ONLY) return false;
  switch (k->cause) {
    case MMU_CAUSE_NOT_PRESENT:
    case MMU_CAUSE_RESERVED:
      return exists;
    case MMU_CAUSE_PERMISSION:
      return k->level <= X86_HIGHEST_LEAF;
    case MMU_CAUSE_PKEY:
      return k->level <= X86_HIGHEST_LEAF && m->keys && k->kind != MMU_FETCH;
    case MMU_CAUSE_NON_CANONICAL: /* a jump to such an address faults before the fetch; no GDT may
                                     be there */
      return exists && k->level >= X86_TOP && k->kind != MMU_FETCH && k->door < 2;
    default:
      return false;
  }
}

/* All addresses have one entry at height 4; the two at height 3 are for addresses of 40 bits. */
static bool alone(const struct oracle_class *k) {
  bool fetch = k->kind == MMU_FETCH, first = k->where == ORACLE_S2_TABLE;
  if (k->level > X86_TOP) return fetch && (first || k->regime == ORACLE_S2_ONLY);
  return k->level < X86_TOP || k->regime == ORACLE_BOTH || fetch;
}

static bool stage2(const struct x86_machine *m, const struct oracle_class *k) {
  bool five = m->s2_mode == MMU_S2_NPT && m->la57;
  if (k->regime == ORACLE_S1_ONLY) return false;
  if (k->where == ORACLE_S2_TABLE && k->regime != ORACLE_BOTH) return false;
  switch (k->cause) {
    case MMU_CAUSE_NOT_PRESENT:
    case MMU_CAUSE_RESERVED:
      return k->level <= (five ? X86_TOP + 1 : X86_TOP) && alone(k);
    case MMU_CAUSE_PERMISSION:
      return k->level <= X86_HIGHEST_LEAF;
    default:
      return false;
  }
}

bool x86_possible(const struct x86_machine *m, const struct oracle_class *k) {
  if (k->door > 2 || (k->door == 2 && k->kind != MMU_READ)) return false;
  switch (k->where) {
    case ORACLE_DONE:
      return done(k);
    case ORACLE_STAGE1:
      return stage1(m, k);
    case ORACLE_S2_SWAP: /* else the table's own look-up has asked for a write */
      return m->s2_mode == MMU_S2_EPT && k->regime == ORACLE_BOTH &&
             k->cause == MMU_CAUSE_PERMISSION && k->level <= X86_HIGHEST_LEAF;
    default:
      return stage2(m, k);
  }
}
