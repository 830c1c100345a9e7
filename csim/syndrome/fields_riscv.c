// SPDX-License-Identifier: Apache-2.0
// RISC-V: the fields of the trap registers.
#include "syndrome/fields.h"

#define F(reg, hi, lo, name, meaning, values) \
  { reg, hi, lo, name, meaning, values, 0, 0 }
#define END \
  { 0, 0, 0, NULL, NULL, NULL, 0, 0 }

static const struct syn_value codes[] = {{1, "instruction access fault"},
                                         {5, "load access fault"},
                                         {7, "store or AMO access fault"},
                                         {12, "instruction page fault"},
                                         {13, "load page fault"},
                                         {15, "store or AMO page fault"},
                                         {20, "instruction guest-page fault"},
                                         {21, "load guest-page fault"},
                                         {23, "store or AMO guest-page fault"},
                                         {0, NULL}};
static const struct syn_value insns[] = {
    {0, "nothing told"},
    {0x2000, "pseudoinstruction: read of a 32-bit entry of the VS stage"},
    {0x2020, "pseudoinstruction: A/D write of a 32-bit entry of the VS stage"},
    {0x3000, "pseudoinstruction: read of a 64-bit entry of the VS stage"},
    {0x3020, "pseudoinstruction: A/D write of a 64-bit entry of the VS stage"},
    {0, NULL}};

#define CAUSE                                                    \
  F(SYN_RV_CAUSE, 63, 63, "Interrupt", "0: an exception", NULL), \
      F(SYN_RV_CAUSE, 62, 0, "Code", "exception code; its kind is the instruction's", codes)
#define TRAP                                                                                     \
  CAUSE,                                                                                         \
      F(SYN_RV_TVAL2, 63, 0, "GPA", "guest physical address >> 2; of the table entry on a walk", \
        NULL),                                                                                   \
      F(SYN_RV_TINST, 63, 0, "Instruction", "transformed instruction", insns)

static const struct syn_field hs[] = {
    TRAP, F(SYN_RV_STATUS, 8, 8, "SPVP", "with SPV: 1: VS-mode, 0: VU-mode", NULL),
    F(SYN_RV_STATUS, 7, 7, "SPV", "it ran in a guest", NULL),
    F(SYN_RV_STATUS, 6, 6, "GVA", "stval is a guest virtual address", NULL), END};
static const struct syn_field vs[] = {CAUSE, END};
static const struct syn_field m[] = {
    TRAP, F(SYN_RV_STATUS, 39, 39, "MPV", "it ran in a guest", NULL),
    F(SYN_RV_STATUS, 38, 38, "GVA", "mtval is a guest virtual address", NULL), END};

const struct syn_layout syn_layouts_riscv[] = {
    {SYN_RISCV, "HS", "trap to HS-mode", "privileged, hypervisor extension", hs},
    {SYN_RISCV, "VS", "trap to VS-mode", "privileged, vscause", vs},
    {SYN_RISCV, "M", "trap to M-mode", "privileged, mcause, mtval2, mtinst", m},
    {SYN_ARCHES, NULL, NULL, NULL, NULL}};
