// SPDX-License-Identifier: Apache-2.0
// Arm: the fields of ESR_ELx for data and instruction aborts, and of HPFAR_EL2.
#include "syndrome/fields.h"

#define E(hi, lo, name, meaning, values) \
  { SYN_ARM_ESR, hi, lo, name, meaning, values, 0, 0 }
#define E_WHEN(hi, lo, name, meaning, values, when, is) \
  { SYN_ARM_ESR, hi, lo, name, meaning, values, when, is }
#define ISV(hi, lo, name, meaning, values) \
  E_WHEN(hi, lo, name, meaning, values, 0x1000000, 0x1000000)
#define PERM(n, name, meaning) E_WHEN(n, n, name, meaning, NULL, 0x3c, 0x0c)

static const struct syn_value classes[] = {{0x20, "Instruction Abort from a lower level"},
                                           {0x21, "Instruction Abort from the same level"},
                                           {0x24, "Data Abort from a lower level"},
                                           {0x25, "Data Abort from the same level"},
                                           {0, NULL}};
static const struct syn_value sizes[] = {
    {0, "byte"}, {1, "halfword"}, {2, "word"}, {3, "doubleword"}, {0, NULL}};
static const struct syn_value set[] = {
    {0, "recoverable"}, {2, "uncontainable"}, {3, "restartable or corrected"}, {0, NULL}};
static const struct syn_value status[] = {
    {0x00, "address size fault, level 0"},
    {0x01, "address size fault, level 1"},
    {0x02, "address size fault, level 2"},
    {0x03, "address size fault, level 3"},
    {0x04, "translation fault, level 0"},
    {0x05, "translation fault, level 1"},
    {0x06, "translation fault, level 2"},
    {0x07, "translation fault, level 3"},
    {0x08, "access flag fault, level 0"},
    {0x09, "access flag fault, level 1"},
    {0x0a, "access flag fault, level 2"},
    {0x0b, "access flag fault, level 3"},
    {0x0c, "permission fault, level 0"},
    {0x0d, "permission fault, level 1"},
    {0x0e, "permission fault, level 2"},
    {0x0f, "permission fault, level 3"},
    {0x10, "external abort, not on a table walk"},
    {0x11, "tag check fault"},
    {0x12, "external abort on a table walk, level -2"},
    {0x13, "external abort on a table walk, level -1"},
    {0x14, "external abort on a table walk, level 0"},
    {0x15, "external abort on a table walk, level 1"},
    {0x16, "external abort on a table walk, level 2"},
    {0x17, "external abort on a table walk, level 3"},
    {0x18, "parity or ECC error, not on a table walk"},
    {0x1a, "parity or ECC error on a table walk, level -2"},
    {0x1b, "parity or ECC error on a table walk, level -1"},
    {0x1c, "parity or ECC error on a table walk, level 0"},
    {0x1d, "parity or ECC error on a table walk, level 1"},
    {0x1e, "parity or ECC error on a table walk, level 2"},
    {0x1f, "parity or ECC error on a table walk, level 3"},
    {0x21, "alignment fault"},
    {0x22, "granule protection fault on a table walk, level -2"},
    {0x23, "granule protection fault on a table walk, level -1"},
    {0x24, "granule protection fault on a table walk, level 0"},
    {0x25, "granule protection fault on a table walk, level 1"},
    {0x26, "granule protection fault on a table walk, level 2"},
    {0x27, "granule protection fault on a table walk, level 3"},
    {0x28, "granule protection fault, not on a table walk"},
    {0x29, "address size fault, level -1"},
    {0x2a, "translation fault, level -2"},
    {0x2b, "translation fault, level -1"},
    {0x2c, "address size fault, level -2"},
    {0x30, "TLB conflict"},
    {0x31, "unsupported atomic update of a descriptor"},
    {0x34, "lockdown fault"},
    {0x35, "unsupported exclusive or atomic access"},
    {0, NULL}};

#define HEAD                                                                        \
  E_WHEN(43, 43, "HDBSSF", "the dirty-state log could not be written", NULL, 0, 0), \
      PERM(42, "TnD", "1: allocation tag; 0: data (permission faults)"),            \
      PERM(41, "TagAccess", "the mapping has no tag access"),                       \
      E(40, 40, "GCS", "guarded control stack access", NULL),                       \
      PERM(39, "AssuredOnly", "AssuredOnly forbids it"),                            \
      PERM(38, "Overlay", "a permission overlay forbids it"),                       \
      PERM(37, "DirtyBit", "the dirty state forbids it"),                           \
      E(31, 26, "EC", "exception class", classes),                                  \
      E(25, 25, "IL", "1: a 32-bit instruction, or not told", NULL)
#define TAIL                                                        \
  E_WHEN(12, 11, "SET", "synchronous error type", set, 0x3f, 0x10), \
      E_WHEN(10, 10, "FnV", "FAR is not valid", NULL, 0x3f, 0x10),  \
      E(9, 9, "EA", "external abort type, as the implementation defines", NULL)
#define TOP_LEVEL_MEANING "the fault is of the top level table protection"
#define HPFAR                                                         \
  {SYN_ARM_HPFAR, 63, 63, "NS", "the IPA is non-secure", NULL, 0, 0}, \
      {SYN_ARM_HPFAR, 47, 4, "FIPA", "IPA[55:12]", NULL, 0, 0}, {     \
    0, 0, 0, NULL, NULL, NULL, 0, 0                                   \
  }

static const struct syn_field data_abort[] = {
    HEAD,
    E_WHEN(36, 32, "Xs", "register of the address of a 64-byte access", NULL, 0x3f, 0x35),
    E(24, 24, "ISV", "bits 23:14 tell the instruction", NULL),
    ISV(23, 22, "SAS", "size of the access", sizes),
    ISV(21, 21, "SSE", "the loaded value is sign-extended", NULL),
    E_WHEN(21, 21, "TopLevel", TOP_LEVEL_MEANING, NULL, 0x100003c, 0x0c),
    ISV(20, 16, "SRT", "number of the register", NULL),
    ISV(15, 15, "SF", "1: a 64-bit register", NULL),
    ISV(14, 14, "AR", "acquire or release", NULL),
    E(13, 13, "VNCR", "access to the memory of VNCR_EL2", NULL),
    E_WHEN(12, 11, "LST", "kind of a 64-byte access", NULL, 0x3f, 0x35),
    TAIL,
    E(8, 8, "CM", "cache maintenance or address translation instruction", NULL),
    E(7, 7, "S1PTW", "stage 2 fault on the walk of stage 1", NULL),
    E(6, 6, "WnR", "1: a write; on a walk, of the instruction and not of the walk", NULL),
    E(5, 0, "DFSC", "status", status),
    HPFAR};
static const struct syn_field insn_abort[] = {
    HEAD,
    E_WHEN(21, 21, "TopLevel", TOP_LEVEL_MEANING, NULL, 0x3c, 0x0c),
    TAIL,
    E(7, 7, "S1PTW", "stage 2 fault on the walk of stage 1", NULL),
    E(5, 0, "IFSC", "status", status),
    HPFAR};

const struct syn_layout syn_layouts_arm64[] = {
    {SYN_ARM64, "DABT", "data abort", "Arm ARM, ESR_ELx, ISS encoding for a Data Abort",
     data_abort},
    {SYN_ARM64, "IABT", "instruction abort",
     "Arm ARM, ESR_ELx, ISS encoding for an Instruction Abort", insn_abort},
    {SYN_ARCHES, NULL, NULL, NULL, NULL}};
