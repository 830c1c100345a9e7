// SPDX-License-Identifier: Apache-2.0
// The names of the system registers and of their fields, and their start values. Sources: SDM
// volume 3 sections 2.5, 4.1 and the VMCS appendix, APM volume 2 appendix B, Arm ARM D17.2, RISC-V
// privileged (supervisor and hypervisor CSRs). Promise: a value that does not fit is refused.
#include <string.h>

#include "translate/sysregs.h"

struct field {
  const char *name;
  uint8_t reg;   /* enum sysreg */
  uint8_t shift; /* lowest bit */
  uint8_t bits;
};

static const struct field fields_x86[] = {
    {"cr0", SYSREG_CR0, 0, 64},
    {"cr3", SYSREG_CR3, 0, 64},
    {"cr4", SYSREG_CR4, 0, 64},
    {"efer", SYSREG_EFER, 0, 64},
    {"eflags", SYSREG_EFLAGS, 0, 64},
    {"pkru", SYSREG_PKRU, 0, 32},
    {"maxphyaddr", SYSREG_MAXPHYADDR, 0, 8},
    {"page1gb", SYSREG_PAGE1GB, 0, 1},
    {"cr0.pg", SYSREG_CR0, 31, 1},
    {"cr0.wp", SYSREG_CR0, 16, 1},
    {"cr4.pae", SYSREG_CR4, 5, 1},
    {"cr4.la57", SYSREG_CR4, 12, 1},
    {"cr4.pcide", SYSREG_CR4, 17, 1},
    {"cr4.smep", SYSREG_CR4, 20, 1},
    {"cr4.smap", SYSREG_CR4, 21, 1},
    {"cr4.pke", SYSREG_CR4, 22, 1},
    {"efer.lme", SYSREG_EFER, 8, 1},
    {"efer.nxe", SYSREG_EFER, 11, 1},
    {"eflags.ac", SYSREG_EFLAGS, 18, 1},
    {"eptp", SYSREG_EPTP, 0, 64},
    {"eptp.pwl", SYSREG_EPTP, 3, 3},
    {"eptp.ad", SYSREG_EPTP, 6, 1},
    {"vpid", SYSREG_VPID, 0, 16},
    {"mbec", SYSREG_MBEC, 0, 1},
    {"ept_vpid_cap", SYSREG_EPT_VPID_CAP, 0, 64},
    {"host_maxphyaddr", SYSREG_HOST_MAXPHYADDR, 0, 8},
    {"ncr3", SYSREG_NCR3, 0, 64},
    {"guest_asid", SYSREG_GUEST_ASID, 0, 16},
    {"host_cr4", SYSREG_HOST_CR4, 0, 64},
    {"host_cr4.la57", SYSREG_HOST_CR4, 12, 1},
    {"host_efer", SYSREG_HOST_EFER, 0, 64},
    {"host_efer.nxe", SYSREG_HOST_EFER, 11, 1},
};

static const struct field fields_arm[] = {
    {"ttbr0_el1", SYSREG_TTBR0_EL1, 0, 64},
    {"ttbr1_el1", SYSREG_TTBR1_EL1, 0, 64},
    {"tcr_el1", SYSREG_TCR_EL1, 0, 64},
    {"sctlr_el1", SYSREG_SCTLR_EL1, 0, 64},
    {"pan", SYSREG_PSTATE, 22, 1},
    {"sctlr_el1.m", SYSREG_SCTLR_EL1, 0, 1},
    {"sctlr_el1.wxn", SYSREG_SCTLR_EL1, 19, 1},
    {"tcr_el1.t0sz", SYSREG_TCR_EL1, 0, 6},
    {"tcr_el1.epd0", SYSREG_TCR_EL1, 7, 1},
    {"tcr_el1.tg0", SYSREG_TCR_EL1, 14, 2},
    {"tcr_el1.t1sz", SYSREG_TCR_EL1, 16, 6},
    {"tcr_el1.a1", SYSREG_TCR_EL1, 22, 1},
    {"tcr_el1.epd1", SYSREG_TCR_EL1, 23, 1},
    {"tcr_el1.tg1", SYSREG_TCR_EL1, 30, 2},
    {"tcr_el1.ips", SYSREG_TCR_EL1, 32, 3},
    {"tcr_el1.as", SYSREG_TCR_EL1, 36, 1},
    {"tcr_el1.tbi0", SYSREG_TCR_EL1, 37, 1},
    {"tcr_el1.tbi1", SYSREG_TCR_EL1, 38, 1},
    {"tcr_el1.ha", SYSREG_TCR_EL1, 39, 1},
    {"tcr_el1.hd", SYSREG_TCR_EL1, 40, 1},
    {"tcr_el1.hpd0", SYSREG_TCR_EL1, 41, 1},
    {"tcr_el1.hpd1", SYSREG_TCR_EL1, 42, 1},
    {"hcr_el2", SYSREG_HCR_EL2, 0, 64},
    {"hcr_el2.vm", SYSREG_HCR_EL2, 0, 1},
    {"hcr_el2.ptw", SYSREG_HCR_EL2, 2, 1},
    {"vttbr_el2", SYSREG_VTTBR_EL2, 0, 64},
    {"vttbr_el2.vmid", SYSREG_VTTBR_EL2, 48, 16},
    {"vtcr_el2", SYSREG_VTCR_EL2, 0, 64},
    {"vtcr_el2.t0sz", SYSREG_VTCR_EL2, 0, 6},
    {"vtcr_el2.sl0", SYSREG_VTCR_EL2, 6, 2},
    {"vtcr_el2.tg0", SYSREG_VTCR_EL2, 14, 2},
    {"vtcr_el2.ps", SYSREG_VTCR_EL2, 16, 3},
    {"vtcr_el2.vs", SYSREG_VTCR_EL2, 19, 1},
    {"vtcr_el2.ha", SYSREG_VTCR_EL2, 21, 1},
    {"vtcr_el2.hd", SYSREG_VTCR_EL2, 22, 1},
};

static const struct field fields_riscv[] = {
    {"satp", SYSREG_SATP, 0, 64},
    {"sstatus", SYSREG_SSTATUS, 0, 64},
    {"menvcfg", SYSREG_MENVCFG, 0, 64},
    {"paddr_bits", SYSREG_PADDR_BITS, 0, 8},
    {"satp.mode", SYSREG_SATP, 60, 4},
    {"satp.asid", SYSREG_SATP, 44, 16},
    {"satp.ppn", SYSREG_SATP, 0, 44},
    {"sstatus.sum", SYSREG_SSTATUS, 18, 1},
    {"sstatus.mxr", SYSREG_SSTATUS, 19, 1},
    {"menvcfg.adue", SYSREG_MENVCFG, 61, 1},
    {"menvcfg.pbmte", SYSREG_MENVCFG, 62, 1},
    {"hgatp", SYSREG_HGATP, 0, 64},
    {"hgatp.mode", SYSREG_HGATP, 60, 4},
    {"hgatp.vmid", SYSREG_HGATP, 44, 14},
    {"hgatp.ppn", SYSREG_HGATP, 0, 44},
    {"vsatp", SYSREG_VSATP, 0, 64},
    {"vsatp.mode", SYSREG_VSATP, 60, 4},
    {"vsatp.asid", SYSREG_VSATP, 44, 16},
    {"vsatp.ppn", SYSREG_VSATP, 0, 44},
    {"vsstatus", SYSREG_VSSTATUS, 0, 64},
    {"vsstatus.sum", SYSREG_VSSTATUS, 18, 1},
    {"vsstatus.mxr", SYSREG_VSSTATUS, 19, 1},
    {"henvcfg", SYSREG_HENVCFG, 0, 64},
    {"henvcfg.adue", SYSREG_HENVCFG, 61, 1},
    {"henvcfg.pbmte", SYSREG_HENVCFG, 62, 1},
};

struct names {
  const struct field *field;
  size_t count;
  const char *text;
};

#define NAMES(a, t) \
  { a, sizeof(a) / sizeof((a)[0]), t }
static const struct names names[MMU_ARCH_COUNT] = {
    [MMU_ARCH_X86] =
        NAMES(fields_x86,
              "cr0 cr3 cr4 efer eflags pkru maxphyaddr page1gb; eptp vpid mbec ept_vpid_cap "
              "host_maxphyaddr ncr3 guest_asid host_cr4 host_efer"),
    [MMU_ARCH_ARM] =
        NAMES(fields_arm, "ttbr0_el1 ttbr1_el1 tcr_el1 sctlr_el1 pan; hcr_el2 vtcr_el2 vttbr_el2"),
    [MMU_ARCH_RISCV] =
        NAMES(fields_riscv, "satp sstatus menvcfg paddr_bits; hgatp vsatp vsstatus henvcfg"),
};

const char *sysregs_names(enum mmu_arch arch) {
  return names[arch].text;
}

void sysregs_reset(struct sysregs *r, enum mmu_arch arch) {
  *r = (struct sysregs){.arch = arch};
  r->value[SYSREG_CR0] = 0x80010001; /* PG WP PE */
  r->value[SYSREG_CR4] = 0x20;       /* PAE */
  r->value[SYSREG_EFER] = 0xd00;     /* NXE LMA LME */
  r->value[SYSREG_MAXPHYADDR] = 46;
  r->value[SYSREG_PAGE1GB] = 1;
  r->value[SYSREG_SCTLR_EL1] = 1;         /* M */
  r->value[SYSREG_TCR_EL1] = 0x580100010; /* IPS 48 bits, TG1 4 KiB, T1SZ = T0SZ = 16 */
  r->value[SYSREG_PADDR_BITS] = 52;
  r->value[SYSREG_EPTP] = 0x1e;             /* 4 levels, write-back, no A and D */
  r->value[SYSREG_EPT_VPID_CAP] = 0x620001; /* execute-only, 1 GiB, A and D, exit information */
  r->value[SYSREG_HOST_MAXPHYADDR] = 46;
  r->value[SYSREG_HOST_CR4] = 0x20;       /* PAE */
  r->value[SYSREG_HOST_EFER] = 0xd00;     /* NXE LMA LME */
  r->value[SYSREG_HCR_EL2] = 1;           /* VM */
  r->value[SYSREG_VTCR_EL2] = 0x80050090; /* PS 48 bits, SL0 2, T0SZ 16 */
}

int sysregs_set(struct sysregs *r, const char *name, uint64_t value) {
  const struct names *n = &names[r->arch];
  for (size_t i = 0; i < n->count; i++) {
    const struct field *f = &n->field[i];
    if (strcmp(f->name, name) != 0) continue;
    const uint64_t mask = UINT64_MAX >> (64 - f->bits);
    if ((value & ~mask) != 0) return -2;
    uint64_t *reg = &r->value[f->reg];
    *reg = (*reg & ~(mask << f->shift)) | value << f->shift;
    return 0;
  }
  return -1;
}
