/* SPDX-License-Identifier: Apache-2.0
 * The known deviations of QEMU and Bochs from the manuals of x86, each with the only difference
 * that it may make. What they do is in x86_dialect.c and walk.c. */
#include "oracle/change.h"
#include "oracle/x86.h"

typedef const struct oracle_case *the_case;
typedef const struct oracle_expected *expected;

enum { CODE_P = 1, CODE_PK = 32, Q_READ = 1 };

/* The registers differ in these bits of the second one only. */
static bool only_code(expected a, expected b, uint64_t bits) {
  const struct oracle_outcome *x = &a->outcome, *y = &b->outcome;
  return x->taker == y->taker && x->reg[0] == y->reg[0] && x->reg[2] == y->reg[2] &&
         x->reg[3] == y->reg[3] && ((x->reg[1] ^ y->reg[1]) & ~bits) == 0;
}

static bool reserved_absent(the_case c, expected without, expected with) {
  (void)c;
  return without->class.cause == MMU_CAUSE_RESERVED && only_code(without, with, CODE_P) &&
         oracle_memory_bits(without, with) == 0;
}

static bool gib_accessed(the_case c, expected without, expected with) {
  (void)c;
  return without->class.where != ORACLE_DONE && without->class.level == 2 &&
         without->class.cause != MMU_CAUSE_NOT_PRESENT && only_code(without, with, 0) &&
         oracle_memory_bits(without, with) == X86_A;
}

static bool walk_writes(the_case c, expected without, expected with) {
  return (c->reg[ORACLE_X86_ROOT] & X86_EPTP_AD) && without->class.where == ORACLE_S2_TABLE &&
         only_code(without, with, Q_READ) && oracle_memory_bits(without, with) == 0;
}

static bool blind_update(the_case c, expected without, expected with) {
  (void)with;
  return !(c->reg[ORACLE_X86_ROOT] & X86_EPTP_AD) && without->class.where == ORACLE_S2_SWAP;
}

static bool bit12(the_case c, expected without, expected with) {
  (void)c;
  (void)with;
  return without->class.where >= ORACLE_S2_TABLE && without->class.cause == MMU_CAUSE_RESERVED &&
         (without->class.level == 1 || without->class.level == 2);
}

/* A key refuses where it should not, or does not where it should; or the write instead of the read
 * before it. */
static bool key_by_mode(the_case c, expected without, expected with) {
  bool refused = oracle_ends(without, ORACLE_STAGE1, MMU_CAUSE_PKEY);
  bool refuses = oracle_ends(with, ORACLE_STAGE1, MMU_CAUSE_PKEY);
  bool later = refused && refuses && without->class.kind != with->class.kind;
  return (c->reg[ORACLE_X86_CR4] & X86_PKE) && (refused != refuses || later);
}

static bool implicit_ac(the_case c, expected without, expected with) {
  (void)with;
  return c->door != 0 && (c->reg[ORACLE_X86_CR4] & X86_SMAP) &&
         (c->reg[ORACLE_X86_RFLAGS] & X86_AC) &&
         oracle_ends(without, ORACLE_STAGE1, MMU_CAUSE_PERMISSION);
}

const struct oracle_deviation qemu_x86_deviations[QEMU_X86_DEVIATIONS] = {
    {ORACLE_DEV_RESERVED_ABSENT, "reserved-without-p",
     "SDM 4.7, APM 8.4.2 and 15.25.6: the code of a reserved bit has P", 0, 255, reserved_absent},
    {ORACLE_DEV_GIB_ACCESSED, "gib-page-accessed",
     "SDM 4.8 leaves A of an entry that refuses open; set for 1 GiB pages alone", 0, 255,
     gib_accessed},
};

const struct oracle_deviation bochs_x86_deviations[BOCHS_X86_DEVIATIONS] = {
    {ORACLE_DEV_IMPLICIT_AC, "implicit-with-ac",
     "SDM 4.6.1: EFLAGS.AC does not lift SMAP for implicit accesses", 0, 255, implicit_ac},
    {ORACLE_DEV_WALK_WRITES, "walk-writes",
     "SDM, exit qualification: with EPT A/D a fault on a table sets bits 0 and 1", 0, 255,
     walk_writes},
    {ORACLE_DEV_BLIND_UPDATE, "blind-update",
     "SDM, EPT violations: an update of A or D in a guest's table is a data write", 0, 255,
     blind_update},
    {ORACLE_DEV_EPT_BIT12, "large-page-bit-12",
     "SDM, formats of EPT PDPTE and PDE: bit 12 of a large page is reserved", 0, 255, bit12},
    {ORACLE_DEV_KEY_BY_MODE, "key-by-mode",
     "SDM 4.6.2: keys concern user pages, whoever accesses them", 0, 255, key_by_mode},
};

const uint8_t qemu_x86_most[QEMU_X86_DEVIATIONS] = {35, 6};
const uint8_t bochs_x86_most[BOCHS_X86_DEVIATIONS] = {2, 12, 8, 1, 5};
