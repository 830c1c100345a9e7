// SPDX-License-Identifier: Apache-2.0
// System registers to translation context. Sources: SDM volume 3 sections 2.5 and 4.1 (control
// registers), Arm ARM D17.2 (SCTLR_EL1, TCR_EL1, TTBRn_EL1), RISC-V privileged 10.1 and 4.1.
// Promises: a mode that is not modelled is refused, never approximated.
#include "translate/sysregs.h"

#include <stdio.h>
#include <string.h>

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
};

struct names {
  const struct field *field;
  size_t count;
  const char *text;
};

#define NAMES(a, t) \
  { a, sizeof(a) / sizeof((a)[0]), t }
static const struct names names[MMU_ARCH_COUNT] = {
    [MMU_ARCH_X86] = NAMES(fields_x86, "cr0 cr3 cr4 efer eflags pkru maxphyaddr page1gb"),
    [MMU_ARCH_ARM] = NAMES(fields_arm, "ttbr0_el1 ttbr1_el1 tcr_el1 sctlr_el1 pan"),
    [MMU_ARCH_RISCV] = NAMES(fields_riscv, "satp sstatus menvcfg paddr_bits"),
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

static int context_riscv(const struct sysregs *r, struct mmu_context *c, char *err, size_t len) {
  switch (bits(r, SYSREG_SATP, 60, 4)) {
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
  c->s1_root0 = bits(r, SYSREG_SATP, 0, 44) << 12;
  c->asid = (uint16_t)bits(r, SYSREG_SATP, 44, 16);
  c->sum = bit(r, SYSREG_SSTATUS, 18);
  c->mxr = bit(r, SYSREG_SSTATUS, 19);
  c->pbmte = bit(r, SYSREG_MENVCFG, 62);
  c->s1_hw_a = c->s1_hw_d = bit(r, SYSREG_MENVCFG, 61);
  return width(c, r->value[SYSREG_PADDR_BITS], "paddr_bits", err, len);
}

int sysregs_context(const struct sysregs *r, enum mmu_priv priv, struct mmu_context *ctx, char *err,
                    size_t err_len) {
  *ctx = (struct mmu_context){.priv = (uint8_t)priv, .s1_mode = MMU_S1_OFF};
  switch (r->arch) {
    case MMU_ARCH_X86:
      return context_x86(r, ctx, err, err_len);
    case MMU_ARCH_ARM:
      return context_arm(r, ctx, err, err_len);
    default:
      return context_riscv(r, ctx, err, err_len);
  }
}
