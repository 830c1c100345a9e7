// SPDX-License-Identifier: Apache-2.0
// System registers to translation context. Sources: SDM volume 3 sections 2.5 and 4.1 (control
// registers), Arm ARM D17.2 (SCTLR_EL1, TCR_EL1, TTBRn_EL1), RISC-V privileged 10.1 and 4.1.
// Promises: a mode that is not modelled is refused, never approximated.
#include "translate/sysregs.h"

#include <stdio.h>

static uint64_t bits(const struct sysregs *r, enum sysreg reg, unsigned shift, unsigned count) {
  return r->value[reg] >> shift & UINT64_MAX >> (64 - count);
}

static bool bit(const struct sysregs *r, enum sysreg reg, unsigned shift) {
  return bits(r, reg, shift, 1) != 0;
}

static int refuse(char *err, size_t err_len, const char *why) {
  snprintf(err, err_len, "%s", why);
  return -1;
}

static int width(struct mmu_context *c, uint64_t n, const char *name, char *err, size_t len) {
  if (n < 32 || n > 52) {
    snprintf(err, len, "%s is %llu; physical addresses have 32 to 52 bits", name,
             (unsigned long long)n);
    return -1;
  }
  c->pa_width = (uint8_t)n;
  return 0;
}

static int context_x86(const struct sysregs *r, struct mmu_context *c, char *err, size_t len) {
  if (bit(r, SYSREG_CR0, 31)) {
    if (!bit(r, SYSREG_CR4, 5) || !bit(r, SYSREG_EFER, 8))
      return refuse(err, len,
                    "paging without CR4.PAE and EFER.LME is not modelled; set both, or clear "
                    "CR0.PG");
    c->s1_mode = bit(r, SYSREG_CR4, 12) ? MMU_S1_X86_L5 : MMU_S1_X86_L4;
  }
  const bool pcide = bit(r, SYSREG_CR4, 17);
  c->s1_root0 = r->value[SYSREG_CR3] & UINT64_C(0x000ffffffffff000);
  c->asid = pcide ? (uint16_t)bits(r, SYSREG_CR3, 0, 12) : 0;
  c->wp = bit(r, SYSREG_CR0, 16);
  c->nxe = bit(r, SYSREG_EFER, 11);
  c->smep = bit(r, SYSREG_CR4, 20);
  c->smap = bit(r, SYSREG_CR4, 21);
  c->pke = bit(r, SYSREG_CR4, 22);
  c->pkru = (uint32_t)r->value[SYSREG_PKRU];
  c->ac = bit(r, SYSREG_EFLAGS, 18);
  c->page1g = bit(r, SYSREG_PAGE1GB, 0);
  c->s1_hw_a = c->s1_hw_d = true;
  return width(c, r->value[SYSREG_MAXPHYADDR], "maxphyaddr", err, len);
}

static int context_arm(const struct sysregs *r, struct mmu_context *c, char *err, size_t len) {
  static const uint8_t ips_bits[8] = {32, 36, 40, 42, 44, 48, 48, 48}; /* 52 needs more tables */
  if (bit(r, SYSREG_SCTLR_EL1, 0)) {
    c->s1_mode = MMU_S1_ARM_4K;
    if (!bit(r, SYSREG_TCR_EL1, 7) && bits(r, SYSREG_TCR_EL1, 14, 2) != 0)
      return refuse(err, len, "TCR_EL1.TG0 asks for another granule; only 4 KiB (0) is modelled");
    if (!bit(r, SYSREG_TCR_EL1, 23) && bits(r, SYSREG_TCR_EL1, 30, 2) != 2)
      return refuse(err, len, "TCR_EL1.TG1 asks for another granule; only 4 KiB (2) is modelled");
  }
  const uint64_t asid_of =
      r->value[bit(r, SYSREG_TCR_EL1, 22) ? SYSREG_TTBR1_EL1 : SYSREG_TTBR0_EL1];
  c->asid = (uint16_t)(asid_of >> 48);
  if (!bit(r, SYSREG_TCR_EL1, 36)) c->asid &= 0xff;
  c->s1_root0 = bits(r, SYSREG_TTBR0_EL1, 1, 47) << 1;
  c->s1_root1 = bits(r, SYSREG_TTBR1_EL1, 1, 47) << 1;
  c->pan = bit(r, SYSREG_PSTATE, 22);
  c->wxn = bit(r, SYSREG_SCTLR_EL1, 19);
  c->t0sz = (uint8_t)bits(r, SYSREG_TCR_EL1, 0, 6);
  c->t1sz = (uint8_t)bits(r, SYSREG_TCR_EL1, 16, 6);
  c->epd0 = bit(r, SYSREG_TCR_EL1, 7);
  c->epd1 = bit(r, SYSREG_TCR_EL1, 23);
  c->tbi0 = bit(r, SYSREG_TCR_EL1, 37);
  c->tbi1 = bit(r, SYSREG_TCR_EL1, 38);
  c->hpd0 = bit(r, SYSREG_TCR_EL1, 41);
  c->hpd1 = bit(r, SYSREG_TCR_EL1, 42);
  c->s1_hw_a = bit(r, SYSREG_TCR_EL1, 39);
  c->s1_hw_d = c->s1_hw_a && bit(r, SYSREG_TCR_EL1, 40);
  c->pa_width = ips_bits[bits(r, SYSREG_TCR_EL1, 32, 3)];
  return 0;
}

/* The registers of the supervisor, or of a guest's. */
struct supervisor {
  enum sysreg satp, status, envcfg;
};

static int context_riscv(const struct sysregs *r, const struct supervisor *by,
                         struct mmu_context *c, char *err, size_t len) {
  switch (bits(r, by->satp, 60, 4)) {
    case 0:
      break;
    case 8:
      c->s1_mode = MMU_S1_SV39;
      break;
    case 9:
      c->s1_mode = MMU_S1_SV48;
      break;
    case 10:
      c->s1_mode = MMU_S1_SV57;
      break;
    default:
      return refuse(err, len, "satp.MODE must be 0 (bare), 8 (Sv39), 9 (Sv48) or 10 (Sv57)");
  }
  c->s1_root0 = bits(r, by->satp, 0, 44) << 12;
  c->asid = (uint16_t)bits(r, by->satp, 44, 16);
  c->sum = bit(r, by->status, 18);
  c->mxr = bit(r, by->status, 19);
  c->pbmte = bit(r, by->envcfg, 62);
  c->s1_hw_a = c->s1_hw_d = bit(r, by->envcfg, 61);
  return width(c, r->value[SYSREG_PADDR_BITS], "paddr_bits", err, len);
}

/* ---- stage 2 ---- */

/* SDM volume 3, "Extended-Page-Table Pointer (EPTP)" and IA32_VMX_EPT_VPID_CAP. */
static int guest_ept(const struct sysregs *r, struct mmu_context *c, char *err, size_t len) {
  const uint64_t levels = bits(r, SYSREG_EPTP, 3, 3) + 1;
  if (levels != 4 && levels != 5)
    return refuse(err, len, "eptp.pwl must be 3 (4 levels) or 4 (5 levels)");
  c->s2_root = r->value[SYSREG_EPTP] & UINT64_C(0x000ffffffffff000);
  c->s2_top = (uint8_t)(levels - 1);
  c->vmid = (uint16_t)r->value[SYSREG_VPID];
  c->s2_hw_a = c->s2_hw_d = bit(r, SYSREG_EPTP, 6);
  c->s2_mbec = bit(r, SYSREG_MBEC, 0);
  c->s2_exec_only = bit(r, SYSREG_EPT_VPID_CAP, 0);
  c->s2_page1g = bit(r, SYSREG_EPT_VPID_CAP, 17);
  c->s2_exit_info = bit(r, SYSREG_EPT_VPID_CAP, 22);
  c->s2_pa_width = (uint8_t)r->value[SYSREG_HOST_MAXPHYADDR];
  return 0;
}

/* APM volume 2, 15.25: the nested tables are read with the host's controls. */
static int guest_npt(const struct sysregs *r, struct mmu_context *c) {
  c->s2_root = r->value[SYSREG_NCR3] & UINT64_C(0x000ffffffffff000);
  c->s2_top = bit(r, SYSREG_HOST_CR4, 12) ? 4 : 3;
  c->vmid = (uint16_t)r->value[SYSREG_GUEST_ASID];
  c->s2_hw_a = c->s2_hw_d = true;
  c->s2_nxe = bit(r, SYSREG_HOST_EFER, 11);
  c->s2_page1g = bit(r, SYSREG_PAGE1GB, 0);
  c->s2_pa_width = (uint8_t)r->value[SYSREG_HOST_MAXPHYADDR];
  return 0;
}

/* Arm ARM D17.2 (VTCR_EL2, VTTBR_EL2, HCR_EL2). */
static int guest_arm(const struct sysregs *r, struct mmu_context *c, char *err, size_t len) {
  static const uint8_t ps_bits[8] = {32, 36, 40, 42, 44, 48, 48, 48};
  static const uint8_t first[4] = {1, 2, 3, 0}; /* height, by SL0 */
  if (!bit(r, SYSREG_HCR_EL2, 0))
    return refuse(err, len, "HCR_EL2.VM is 0; set it, or write stage2 off");
  if (bits(r, SYSREG_VTCR_EL2, 14, 2) != 0)
    return refuse(err, len, "VTCR_EL2.TG0 asks for another granule; only 4 KiB (0) is modelled");
  c->s2_root = bits(r, SYSREG_VTTBR_EL2, 1, 47) << 1;
  c->vmid = (uint16_t)bits(r, SYSREG_VTTBR_EL2, 48, 16);
  if (!bit(r, SYSREG_VTCR_EL2, 19)) c->vmid &= 0xff;
  c->s2_t0sz = (uint8_t)bits(r, SYSREG_VTCR_EL2, 0, 6);
  c->s2_top = first[bits(r, SYSREG_VTCR_EL2, 6, 2)];
  c->s2_hw_a = bit(r, SYSREG_VTCR_EL2, 21);
  c->s2_hw_d = c->s2_hw_a && bit(r, SYSREG_VTCR_EL2, 22);
  c->s2_ptw = bit(r, SYSREG_HCR_EL2, 2);
  c->s2_pa_width = ps_bits[bits(r, SYSREG_VTCR_EL2, 16, 3)];
  return 0;
}

/* Privileged, hypervisor extension: hgatp; the hypervisor's sstatus.MXR and menvcfg count. */
static int guest_riscv(const struct sysregs *r, struct mmu_context *c, char *err, size_t len) {
  const uint64_t mode = bits(r, SYSREG_HGATP, 60, 4);
  if (mode < 8 || mode > 10)
    return refuse(err, len,
                  "hgatp.MODE must be 8 (Sv39x4), 9 (Sv48x4) or 10 (Sv57x4); or write stage2 off");
  c->s2_top = (uint8_t)(mode - 6);
  c->s2_root = bits(r, SYSREG_HGATP, 0, 44) << 12;
  c->vmid = (uint16_t)bits(r, SYSREG_HGATP, 44, 14);
  c->s2_mxr = bit(r, SYSREG_SSTATUS, 19);
  c->s2_pbmte = bit(r, SYSREG_MENVCFG, 62);
  c->s2_hw_a = c->s2_hw_d = bit(r, SYSREG_MENVCFG, 61);
  c->s2_pa_width = c->pa_width;
  return 0;
}

/* ---- both ---- */

static int stage1(const struct sysregs *r, enum mmu_priv priv, bool guest, struct mmu_context *ctx,
                  char *err, size_t err_len) {
  static const struct supervisor own = {SYSREG_SATP, SYSREG_SSTATUS, SYSREG_MENVCFG};
  static const struct supervisor of_guest = {SYSREG_VSATP, SYSREG_VSSTATUS, SYSREG_HENVCFG};
  *ctx = (struct mmu_context){.priv = (uint8_t)priv, .s1_mode = MMU_S1_OFF};
  switch (r->arch) {
    case MMU_ARCH_X86:
      return context_x86(r, ctx, err, err_len);
    case MMU_ARCH_ARM:
      return context_arm(r, ctx, err, err_len);
    default:
      return context_riscv(r, guest ? &of_guest : &own, ctx, err, err_len);
  }
}

int sysregs_context(const struct sysregs *r, enum mmu_priv priv, struct mmu_context *ctx, char *err,
                    size_t err_len) {
  return stage1(r, priv, false, ctx, err, err_len);
}

int sysregs_guest_context(const struct sysregs *r, enum mmu_priv priv, enum mmu_s2_mode mode,
                          struct mmu_context *ctx, char *err, size_t err_len) {
  if (stage1(r, priv, true, ctx, err, err_len) != 0) return -1;
  ctx->s2_mode = (uint8_t)mode;
  const uint64_t host = r->value[SYSREG_HOST_MAXPHYADDR];
  if (r->arch == MMU_ARCH_X86 && (host < 32 || host > 52))
    return refuse(err, err_len, "host_maxphyaddr must be 32 to 52");
  switch (mode) {
    case MMU_S2_EPT:
      return guest_ept(r, ctx, err, err_len);
    case MMU_S2_NPT:
      return guest_npt(r, ctx);
    case MMU_S2_ARM:
      return guest_arm(r, ctx, err, err_len);
    default:
      return guest_riscv(r, ctx, err, err_len);
  }
}
