// SPDX-License-Identifier: Apache-2.0
// Looks into the tables of fields_*.c, and the words of the neutral record.
#include "syndrome/fields.h"

const struct syn_reg_name syn_reg_names[] = {
    {SYN_X86, "pfec", SYN_X86_PFEC, 0, "#PF error code", "SDM vol. 3, 4.7"},
    {SYN_X86, "cr2", SYN_X86_CR2, 0, "faulting linear address", "SDM vol. 3, 4.7"},
    {SYN_X86, "reason", SYN_X86_REASON, 0, "exit reason, VMCS 0x4402", "SDM vol. 3, exit reason"},
    {SYN_X86, "qual", SYN_X86_QUAL, 0, "exit qualification, VMCS 0x6400",
     "SDM vol. 3, exit qualification for EPT violations"},
    {SYN_X86, "gla", SYN_X86_GLA, 0, "guest-linear address, VMCS 0x640a",
     "SDM vol. 3, guest-linear address"},
    {SYN_X86, "gpa", SYN_X86_GPA, 0, "guest-physical address, VMCS 0x2400",
     "SDM vol. 3, guest-physical address"},
    {SYN_AMD, "pfec", SYN_AMD_PFEC, 0, "#PF error code", "APM vol. 2, page fault"},
    {SYN_AMD, "cr2", SYN_AMD_CR2, 0, "faulting linear address", "APM vol. 2, page fault"},
    {SYN_AMD, "exitcode", SYN_AMD_EXITCODE, 0, "EXITCODE, VMCB + 0x70", "APM vol. 2, 15.25.6"},
    {SYN_AMD, "exitinfo1", SYN_AMD_INFO1, 0, "EXITINFO1, VMCB + 0x78", "APM vol. 2, 15.25.6"},
    {SYN_AMD, "exitinfo2", SYN_AMD_INFO2, 0, "EXITINFO2, VMCB + 0x80: guest-physical address",
     "APM vol. 2, 15.25.6"},
    {SYN_ARM64, "esr", SYN_ARM_ESR, SYN_TAKER_UNKNOWN, "exception syndrome", "Arm ARM, ESR_ELx"},
    {SYN_ARM64, "far", SYN_ARM_FAR, SYN_TAKER_UNKNOWN, "faulting virtual address",
     "Arm ARM, FAR_ELx"},
    {SYN_ARM64, "hpfar", SYN_ARM_HPFAR, SYN_HYPERVISOR, "page of the faulting IPA",
     "Arm ARM, HPFAR_EL2"},
    {SYN_ARM64, "esr_el1", SYN_ARM_ESR, SYN_GUEST, "exception syndrome", "Arm ARM, ESR_EL1"},
    {SYN_ARM64, "far_el1", SYN_ARM_FAR, SYN_GUEST, "faulting virtual address", "Arm ARM, FAR_EL1"},
    {SYN_ARM64, "esr_el2", SYN_ARM_ESR, SYN_HYPERVISOR, "exception syndrome", "Arm ARM, ESR_EL2"},
    {SYN_ARM64, "far_el2", SYN_ARM_FAR, SYN_HYPERVISOR, "faulting virtual address",
     "Arm ARM, FAR_EL2"},
    {SYN_ARM64, "hpfar_el2", SYN_ARM_HPFAR, SYN_HYPERVISOR, "page of the faulting IPA",
     "Arm ARM, HPFAR_EL2"},
    {SYN_RISCV, "scause", SYN_RV_CAUSE, SYN_HYPERVISOR, "cause", "privileged, scause"},
    {SYN_RISCV, "stval", SYN_RV_TVAL, SYN_HYPERVISOR, "faulting address", "privileged, stval"},
    {SYN_RISCV, "htval", SYN_RV_TVAL2, SYN_HYPERVISOR, "guest physical address >> 2",
     "privileged, htval"},
    {SYN_RISCV, "htinst", SYN_RV_TINST, SYN_HYPERVISOR, "transformed instruction",
     "privileged, htinst"},
    {SYN_RISCV, "hstatus", SYN_RV_STATUS, SYN_HYPERVISOR, "GVA, SPV, SPVP", "privileged, hstatus"},
    {SYN_RISCV, "vscause", SYN_RV_CAUSE, SYN_GUEST, "cause", "privileged, vscause"},
    {SYN_RISCV, "vstval", SYN_RV_TVAL, SYN_GUEST, "faulting address", "privileged, vstval"},
    {SYN_RISCV, "mcause", SYN_RV_CAUSE, SYN_FIRMWARE, "cause", "privileged, mcause"},
    {SYN_RISCV, "mtval", SYN_RV_TVAL, SYN_FIRMWARE, "faulting address", "privileged, mtval"},
    {SYN_RISCV, "mtval2", SYN_RV_TVAL2, SYN_FIRMWARE, "guest physical address >> 2",
     "privileged, mtval2"},
    {SYN_RISCV, "mtinst", SYN_RV_TINST, SYN_FIRMWARE, "transformed instruction",
     "privileged, mtinst"},
    {SYN_RISCV, "mstatus", SYN_RV_STATUS, SYN_FIRMWARE, "GVA, MPV", "privileged, mstatus"},
    {SYN_ARCHES, NULL, 0, 0, NULL, NULL},
};

const struct syn_layout *syn_layouts(enum syn_arch arch) {
  static const struct syn_layout *const all[SYN_ARCHES] = {syn_layouts_x86, syn_layouts_amd,
                                                           syn_layouts_arm64, syn_layouts_riscv};
  return all[arch];
}

/* Each file orders its layouts: x86 #PF, violation, misconfiguration; AMD #PF, #NPF; Arm data,
 * instruction; RISC-V HS, VS, M. */
const struct syn_layout *syn_layout_of(enum syn_arch arch, const struct syn_regs *regs) {
  struct syn_fault f;
  struct syn_masks masks;
  if (syn_decode(arch, regs, &f, &masks) == SYN_NOT_FAULT) return NULL;
  unsigned i = 0;
  if (arch == SYN_X86 && f.stage == 2) i = f.cause == SYN_MISCONFIGURED ? 2 : 1;
  if (arch == SYN_AMD && f.stage == 2) i = 1;
  if (arch == SYN_ARM64 && f.access == SYN_FETCH) i = 1;
  if (arch == SYN_RISCV && f.taker == SYN_GUEST) i = 1;
  if (arch == SYN_RISCV && f.taker == SYN_FIRMWARE) i = 2;
  return &syn_layouts(arch)[i];
}

bool syn_field_there(const struct syn_field *field, uint64_t value) {
  return (value & field->when) == field->is;
}

uint64_t syn_field_mask(const struct syn_field *field) {
  return (UINT64_MAX >> (63 - (field->hi - field->lo))) << field->lo;
}

uint64_t syn_field_get(const struct syn_field *field, uint64_t value) {
  return (value & syn_field_mask(field)) >> field->lo;
}

const char *syn_value_text(const struct syn_field *field, uint64_t value) {
  for (const struct syn_value *v = field->values; v != NULL && v->text != NULL; v++)
    if (v->value == value) return v->text;
  return "";
}

const struct syn_reg_name *syn_reg_name(enum syn_arch arch, unsigned reg, uint8_t taker) {
  const struct syn_reg_name *found = NULL;
  for (const struct syn_reg_name *n = syn_reg_names; n->name != NULL; n++) {
    if (n->arch != arch || n->reg != reg) continue;
    if (found == NULL || n->taker == taker) found = n;
    if (n->taker == taker) break;
  }
  return found;
}

const char *syn_arch_name(enum syn_arch arch) {
  static const char *const names[SYN_ARCHES] = {"x86", "amd", "arm64", "riscv"};
  return names[arch];
}

const char *syn_cause_name(uint8_t cause) {
  static const char *const names[SYN_CAUSES] = {
      "none",        "not-mapped",   "permission", "reserved",  "misconfigured",
      "access-flag", "address-size", "key",        "enclave",   "owner",
      "external",    "parity",       "alignment",  "tag",       "tlb-conflict",
      "no-atomic",   "exclusive",    "lockdown",   "page-fault"};
  return cause < SYN_CAUSES ? names[cause] : "?";
}

const char *syn_taker_name(uint8_t taker) {
  static const char *const names[] = {"unknown", "guest", "hypervisor", "firmware"};
  return taker <= SYN_FIRMWARE ? names[taker] : "?";
}
