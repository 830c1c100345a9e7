/* SPDX-License-Identifier: Apache-2.0
 * What the library decodes, and the tables it prints, against Linux's constants; linux.h is made by
 * run.sh. */
#include "linux.h"

#include <stdio.h>
#include <string.h>

#include "syndrome/fields.h"

/* ---- the printed tables: one field, one mask --------------------------------------------------
 */

static const struct {
  enum syn_arch arch;
  const char *layout, *field;
  uint64_t mask;
} masks[] = {
    {SYN_X86, "EPT", "READ", EPT_VIOLATION_ACC_READ},
    {SYN_X86, "EPT", "WRITE", EPT_VIOLATION_ACC_WRITE},
    {SYN_X86, "EPT", "FETCH", EPT_VIOLATION_ACC_INSTR},
    {SYN_X86, "EPT", "R", VMX_EPT_READABLE_MASK << EPT_VIOLATION_RWX_SHIFT},
    {SYN_X86, "EPT", "W", VMX_EPT_WRITABLE_MASK << EPT_VIOLATION_RWX_SHIFT},
    {SYN_X86, "EPT", "X", VMX_EPT_EXECUTABLE_MASK << EPT_VIOLATION_RWX_SHIFT},
    {SYN_X86, "EPT", "GLA", EPT_VIOLATION_GVA_IS_VALID},
    {SYN_X86, "EPT", "FINAL", EPT_VIOLATION_GVA_TRANSLATED},
    {SYN_X86, "EPT", "NMI", INTR_INFO_UNBLOCK_NMI},
    {SYN_X86, "PF", "P", X86_PF_PROT},
    {SYN_X86, "PF", "W_R", X86_PF_WRITE},
    {SYN_X86, "PF", "U_S", X86_PF_USER},
    {SYN_X86, "PF", "RSVD", X86_PF_RSVD},
    {SYN_X86, "PF", "I_D", X86_PF_INSTR},
    {SYN_X86, "PF", "PK", X86_PF_PK},
    {SYN_X86, "PF", "SGX", X86_PF_SGX},
    {SYN_AMD, "PF", "P", X86_PF_PROT},
    {SYN_AMD, "PF", "W_R", X86_PF_WRITE},
    {SYN_AMD, "PF", "U_S", X86_PF_USER},
    {SYN_AMD, "PF", "RSVD", X86_PF_RSVD},
    {SYN_AMD, "PF", "I_D", X86_PF_INSTR},
    {SYN_AMD, "PF", "PK", X86_PF_PK},
    {SYN_AMD, "NPF", "P", PFERR_PRESENT_MASK},
    {SYN_AMD, "NPF", "RW", PFERR_WRITE_MASK},
    {SYN_AMD, "NPF", "US", PFERR_USER_MASK},
    {SYN_AMD, "NPF", "RSV", PFERR_RSVD_MASK},
    {SYN_AMD, "NPF", "ID", PFERR_FETCH_MASK},
    {SYN_AMD, "NPF", "FINAL", PFERR_GUEST_FINAL_MASK},
    {SYN_AMD, "NPF", "WALK", PFERR_GUEST_PAGE_MASK},
    {SYN_ARM64, "DABT", "EC", ESR_ELx_EC_MASK},
    {SYN_ARM64, "DABT", "IL", ESR_ELx_IL},
    {SYN_ARM64, "DABT", "ISV", ESR_ELx_ISV},
    {SYN_ARM64, "DABT", "SAS", ESR_ELx_SAS},
    {SYN_ARM64, "DABT", "SSE", ESR_ELx_SSE},
    {SYN_ARM64, "DABT", "SRT", ESR_ELx_SRT_MASK},
    {SYN_ARM64, "DABT", "SF", ESR_ELx_SF},
    {SYN_ARM64, "DABT", "AR", ESR_ELx_AR},
    {SYN_ARM64, "DABT", "SET", ESR_ELx_SET_MASK},
    {SYN_ARM64, "DABT", "FnV", ESR_ELx_FnV},
    {SYN_ARM64, "DABT", "EA", ESR_ELx_EA},
    {SYN_ARM64, "DABT", "CM", ESR_ELx_CM},
    {SYN_ARM64, "DABT", "S1PTW", ESR_ELx_S1PTW},
    {SYN_ARM64, "DABT", "WnR", ESR_ELx_WNR},
    {SYN_ARM64, "DABT", "DFSC", ESR_ELx_FSC},
    {SYN_ARM64, "IABT", "EC", ESR_ELx_EC_MASK},
    {SYN_ARM64, "IABT", "IL", ESR_ELx_IL},
    {SYN_ARM64, "IABT", "SET", ESR_ELx_SET_MASK},
    {SYN_ARM64, "IABT", "FnV", ESR_ELx_FnV},
    {SYN_ARM64, "IABT", "EA", ESR_ELx_EA},
    {SYN_ARM64, "IABT", "S1PTW", ESR_ELx_S1PTW},
    {SYN_ARM64, "IABT", "IFSC", ESR_ELx_FSC},
    {SYN_RISCV, "HS", "Interrupt", UINT64_C(1) << 63},
    {SYN_RISCV, "HS", "SPVP", HSTATUS_SPVP},
    {SYN_RISCV, "HS", "SPV", HSTATUS_SPV},
    {SYN_RISCV, "HS", "GVA", HSTATUS_GVA},
};

static bool mask_is(size_t i) {
  for (const struct syn_layout *l = syn_layouts(masks[i].arch); l->name != NULL; l++)
    for (const struct syn_field *f = l->fields;
         strcmp(l->name, masks[i].layout) == 0 && f->name != NULL; f++)
      if (strcmp(f->name, masks[i].field) == 0) return syn_field_mask(f) == masks[i].mask;
  return false;
}

/* ---- the decoder: Linux's names, put together as a handler would find them --------------------
 */

enum { U = SYN_LEVEL_UNKNOWN, R = SYN_READ, W = SYN_WRITE, X = SYN_FETCH };
#define GLA EPT_VIOLATION_GVA_IS_VALID
#define FINAL (EPT_VIOLATION_GVA_IS_VALID | EPT_VIOLATION_GVA_TRANSLATED)
#define EPT(q)                                                               \
  SYN_X86, 0, {                                                              \
    .value = {0, 0, EXIT_REASON_EPT_VIOLATION, (uint64_t)(q)}, .given = 0x3c \
  }
#define PF(e)                            \
  SYN_X86, 0, {                          \
    .value = {(uint64_t)(e)}, .given = 3 \
  }
#define NPF(i)                                                                    \
  SYN_AMD, 0, {                                                                   \
    .value = {0, 0, SVM_EXIT_NPF, (uint64_t)(i) | PFERR_USER_MASK}, .given = 0x1c \
  }
#define ESR(ec, taker, iss)                                                                  \
  SYN_ARM64, taker, {                                                                        \
    .value = {(uint64_t)(ec) << ESR_ELx_EC_SHIFT | ESR_ELx_IL | (uint64_t)(iss)}, .given = 7 \
  }
#define RV(code)                \
  SYN_RISCV, SYN_HYPERVISOR, {  \
    .value = {code}, .given = 3 \
  }
#define EL1 SYN_GUEST
#define EL2 SYN_HYPERVISOR

static const struct {
  enum syn_arch arch;
  uint8_t taker;
  struct syn_regs regs;
  uint8_t cause, stage;
  int8_t level;
  uint8_t access, on_walk;
} told[] = {
    {EPT(EPT_VIOLATION_ACC_READ | FINAL), SYN_NOT_MAPPED, 2, U, R, SYN_NO},
    {EPT(EPT_VIOLATION_ACC_WRITE | FINAL), SYN_NOT_MAPPED, 2, U, W, SYN_NO},
    {EPT(EPT_VIOLATION_ACC_INSTR | FINAL), SYN_NOT_MAPPED, 2, U, X, SYN_NO},
    {EPT(EPT_VIOLATION_ACC_WRITE | FINAL | EPT_VIOLATION_RWX_MASK), SYN_PERMISSION, 2, U, W,
     SYN_NO},
    {EPT(EPT_VIOLATION_ACC_READ | GLA), SYN_NOT_MAPPED, 2, U, 0, SYN_YES},
    {SYN_X86,
     0,
     {.value = {0, 0, EXIT_REASON_EPT_MISCONFIG}, .given = 0x34},
     SYN_MISCONFIGURED,
     2,
     U,
     0,
     SYN_UNKNOWN},
    {PF(X86_PF_WRITE | X86_PF_USER), SYN_NOT_MAPPED, 1, U, W, SYN_NO},
    {PF(X86_PF_PROT), SYN_PERMISSION, 1, U, R, SYN_NO},
    {PF(X86_PF_PROT | X86_PF_INSTR), SYN_PERMISSION, 1, U, X, SYN_NO},
    {PF(X86_PF_PROT | X86_PF_RSVD), SYN_RESERVED, 1, U, R, SYN_NO},
    {PF(X86_PF_PROT | X86_PF_PK), SYN_KEY, 1, U, R, SYN_NO},
    {PF(X86_PF_PROT | X86_PF_SGX), SYN_ENCLAVE, 1, U, R, SYN_NO},
    {NPF(PFERR_GUEST_FINAL_MASK), SYN_NOT_MAPPED, 2, U, R, SYN_NO},
    {NPF(PFERR_GUEST_FINAL_MASK | PFERR_FETCH_MASK), SYN_NOT_MAPPED, 2, U, X, SYN_NO},
    {NPF(PFERR_NESTED_GUEST_PAGE), SYN_PERMISSION, 2, U, 0, SYN_YES},
    {NPF(PFERR_GUEST_PAGE_MASK | PFERR_WRITE_MASK), SYN_NOT_MAPPED, 2, U, 0, SYN_YES},
    {NPF(PFERR_GUEST_FINAL_MASK | PFERR_PRESENT_MASK | PFERR_RSVD_MASK), SYN_RESERVED, 2, U, R,
     SYN_NO},
    {ESR(ESR_ELx_EC_DABT_LOW, EL1, ESR_ELx_FSC_FAULT | 3), SYN_NOT_MAPPED, 1, 3, R, SYN_NO},
    {ESR(ESR_ELx_EC_DABT_CUR, EL1, ESR_ELx_FSC_PERM | 2 | ESR_ELx_WNR), SYN_PERMISSION, 1, 2, W,
     SYN_NO},
    {ESR(ESR_ELx_EC_IABT_LOW, EL1, ESR_ELx_FSC_ACCESS | 1), SYN_ACCESS_FLAG, 1, 1, X, SYN_NO},
    {ESR(ESR_ELx_EC_IABT_CUR, EL1, ESR_ELx_FSC_PERM | 3), SYN_PERMISSION, 1, 3, X, SYN_NO},
    {ESR(ESR_ELx_EC_DABT_LOW, EL1, ESR_ELx_FSC_EXTABT), SYN_EXTERNAL, 0, U, R, SYN_NO},
    {ESR(ESR_ELx_EC_DABT_LOW, EL1, ESR_ELx_FSC_MTE), SYN_TAG, 0, U, R, SYN_NO},
    {ESR(ESR_ELx_EC_DABT_LOW, EL2, ESR_ELx_FSC_FAULT | 2), SYN_NOT_MAPPED, 2, 2, R, SYN_NO},
    {ESR(ESR_ELx_EC_DABT_LOW, EL2, ESR_ELx_FSC_PERM | 3 | ESR_ELx_S1PTW), SYN_PERMISSION, 2, 3, R,
     SYN_YES},
    {ESR(ESR_ELx_EC_DABT_LOW, 0, ESR_ELx_FSC_FAULT | 3 | ESR_ELx_ISV | ESR_ELx_WNR), SYN_NOT_MAPPED,
     2, 3, W, SYN_NO},
    {RV(EXC_INST_ACCESS), SYN_EXTERNAL, 0, U, X, SYN_UNKNOWN},
    {RV(EXC_LOAD_ACCESS), SYN_EXTERNAL, 0, U, R, SYN_UNKNOWN},
    {RV(EXC_STORE_ACCESS), SYN_EXTERNAL, 0, U, W, SYN_UNKNOWN},
    {RV(EXC_INST_PAGE_FAULT), SYN_PAGE, 1, U, X, SYN_NO},
    {RV(EXC_LOAD_PAGE_FAULT), SYN_PAGE, 1, U, R, SYN_NO},
    {RV(EXC_STORE_PAGE_FAULT), SYN_PAGE, 1, U, W, SYN_NO},
    {RV(EXC_INST_GUEST_PAGE_FAULT), SYN_PAGE, 2, U, X, SYN_UNKNOWN},
    {RV(EXC_LOAD_GUEST_PAGE_FAULT), SYN_PAGE, 2, U, R, SYN_UNKNOWN},
    {RV(EXC_STORE_GUEST_PAGE_FAULT), SYN_PAGE, 2, U, W, SYN_UNKNOWN},
};

/* Decoded as said, and encoded into the same register again. */
static bool told_is(size_t i) {
  struct syn_regs regs = told[i].regs, made;
  struct syn_fault f;
  struct syn_masks m;
  regs.taker = told[i].taker;
  if (syn_decode(told[i].arch, &regs, &f, &m) != SYN_OK ||
      syn_encode(told[i].arch, &f, &made) != SYN_OK)
    return false;
  for (unsigned r = 0; r < SYN_REGS; r++)
    if (((made.value[r] ^ regs.value[r]) & ~m.undefined[r]) != 0) return false;
  return f.cause == told[i].cause && f.stage == told[i].stage && f.level == told[i].level &&
         f.access == told[i].access && f.on_walk == told[i].on_walk;
}

/* HPFAR as KVM reads it: (hpfar & HPFAR_MASK) << 8. */
static bool hpfar_is(void) {
  const uint64_t hpfar = 0x123456789ab0;
  struct syn_regs regs = {.value = {0x92000004, 0xfff, hpfar}, .given = 5, .taker = EL2};
  struct syn_fault f;
  struct syn_masks m;
  return syn_decode(SYN_ARM64, &regs, &f, &m) == SYN_OK &&
         f.gpa.value == (hpfar & HPFAR_MASK) << 8 && f.gpa.known == ~UINT64_C(0xfff);
}

int main(void) {
  unsigned passed = 0, failed = 0;
  for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
    if (mask_is(i)) {
      passed++;
      continue;
    }
    failed++;
    printf("FAILED: Linux has another mask of %s.%s\n", masks[i].layout, masks[i].field);
  }
  for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
    if (told_is(i)) {
      passed++;
      continue;
    }
    failed++;
    printf("FAILED: decoded otherwise than Linux names it: row %zu, %s\n", i,
           syn_arch_name(told[i].arch));
  }
  passed += hpfar_is() ? 1 : 0;
  failed += hpfar_is() ? 0 : 1;
  printf("%u passed, %u failed\n", passed, failed);
  return failed != 0;
}
