/* SPDX-License-Identifier: Apache-2.0
 * The known deviations of QEMU from the privileged architecture of RISC-V, each with the only
 * difference that it may make. What they do is in dialect.c and walk.c. */
#include "oracle/change.h"
#include "oracle/riscv.h"

enum { AD = 0xc0, LOAD_GUEST_PAGE_FAULT = 21, FIRST_GUEST = 20, CAUSES = 0x3f };

typedef const struct oracle_case *the_case;
typedef const struct oracle_expected *expected;

static bool no_svade(the_case c, expected without, expected with) {
  (void)with;
  bool svade = !(c->reg[ORACLE_RISCV_MENVCFG] & c->reg[ORACLE_RISCV_HENVCFG] & RISCV_ADUE);
  return svade && without->class.where != ORACLE_DONE &&
         (without->class.cause == MMU_CAUSE_ACCESS_FLAG ||
          without->class.cause == MMU_CAUSE_DIRTY_FLAG);
}

/* Refused by the G-stage; or it has set A or D of the G-stage's leaf. */
static bool blind_update(the_case c, expected without, expected with) {
  (void)c;
  if (without->class.where == ORACLE_S2_SWAP) return true;
  return oracle_only_bits(without, with, 0) && without->outcome.value == with->outcome.value &&
         (oracle_memory_bits(without, with) & ~(uint64_t)AD) == 0;
}

static bool load_cause(the_case c, expected without, expected with) {
  (void)c;
  uint8_t where = without->class.where;
  return (where == ORACLE_S2_TABLE || where == ORACLE_S2_SWAP) &&
         with->outcome.reg[0] == LOAD_GUEST_PAGE_FAULT && oracle_only_bits(without, with, CAUSES) &&
         oracle_memory_bits(without, with) == 0;
}

static bool gpa_sign(the_case c, expected without, expected with) {
  (void)c;
  bool outside =
      with->class.where >= ORACLE_S2_TABLE && with->class.cause == MMU_CAUSE_NON_CANONICAL;
  bool inside =
      without->class.where >= ORACLE_S2_TABLE && without->class.cause == MMU_CAUSE_NON_CANONICAL;
  return outside || inside;
}

static bool mxr(the_case c, expected without, expected with) {
  bool set = (c->reg[ORACLE_RISCV_VSSTATUS] | c->reg[ORACLE_RISCV_SSTATUS]) & RISCV_MXR;
  return set && (without->class.cause == MMU_CAUSE_PERMISSION ||
                 with->class.cause == MMU_CAUSE_PERMISSION);
}

static bool hlv_sum(the_case c, expected without, expected with) {
  (void)with;
  return c->door != ORACLE_RISCV_GUEST && !(c->reg[ORACLE_RISCV_VSSTATUS] & RISCV_SUM) &&
         oracle_ends(without, ORACLE_STAGE1, MMU_CAUSE_PERMISSION);
}

static bool hlvx(the_case c, expected without, expected with) {
  return c->door == ORACLE_RISCV_HLVX && (without->class.cause == MMU_CAUSE_PERMISSION ||
                                          with->class.cause == MMU_CAUSE_PERMISSION);
}

static bool bus_guest(the_case c, expected without, expected with) {
  (void)c;
  uint8_t cause = without->class.cause;
  bool memory =
      cause == MMU_CAUSE_BUS || cause == MMU_CAUSE_ADDRESS_SIZE || cause == MMU_CAUSE_ROOT_SIZE;
  return memory && without->class.where != ORACLE_DONE && with->outcome.reg[0] >= FIRST_GUEST &&
         oracle_memory_bits(without, with) == 0;
}

#define CHAPTER "hypervisor chapter, "
const struct oracle_deviation riscv_deviations[RISCV_DEVIATIONS] = {
    {ORACLE_DEV_NO_SVADE, "no-svade", "Svade, Svadu: ADUE = 0 asks for a page fault", 0, 8,
     no_svade},
    {ORACLE_DEV_BLIND_UPDATE, "blind-update",
     CHAPTER "two-stage translation: an A/D update is a store to the G-stage", 0, 255,
     blind_update},
    {ORACLE_DEV_LOAD_CAUSE, "implicit-is-load",
     CHAPTER "guest-page faults: the cause is that of the original access", 0, 9, load_cause},
    {ORACLE_DEV_GPA_SIGN, "gpa-sign",
     CHAPTER "guest physical address translation: higher bits must be 0", 0, 9, gpa_sign},
    {ORACLE_DEV_MXR, "mxr-of-other", CHAPTER "vsstatus: MXR of sstatus in both stages", 0, 9, mxr},
    {ORACLE_DEV_HLV_SUM, "hlv-ignores-sum", CHAPTER "HLV, HSV: as vsstatus.SUM says", 0, 9,
     hlv_sum},
    {ORACLE_DEV_HLVX, "hlvx-asks-r", CHAPTER "HLVX: execute permission instead of read", 0, 9,
     hlvx},
    {ORACLE_DEV_BUS_GUEST, "pmp-as-guest-fault",
     CHAPTER "PMP and PMA of the final address: access fault", 0, 255, bus_guest},
};
