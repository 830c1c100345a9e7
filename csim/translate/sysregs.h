/* SPDX-License-Identifier: Apache-2.0
 * The system registers that decide a translation, of both stages, by their manuals' names, and the
 * translation context they make. Plain data: copy freely. */
#ifndef COWALK_TRANSLATE_SYSREGS_H
#define COWALK_TRANSLATE_SYSREGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/mmu.h"

enum sysreg {
  /* x86-64 */
  SYSREG_CR0,
  SYSREG_CR3,
  SYSREG_CR4,
  SYSREG_EFER,
  SYSREG_EFLAGS,
  SYSREG_PKRU,
  SYSREG_MAXPHYADDR,
  SYSREG_PAGE1GB,
  /* Armv8-A */
  SYSREG_TTBR0_EL1,
  SYSREG_TTBR1_EL1,
  SYSREG_TCR_EL1,
  SYSREG_SCTLR_EL1,
  SYSREG_PSTATE,
  /* RISC-V */
  SYSREG_SATP,
  SYSREG_SSTATUS,
  SYSREG_MENVCFG,
  SYSREG_PADDR_BITS,
  /* stage 2 */
  SYSREG_EPTP,
  SYSREG_VPID,
  SYSREG_EPT_VPID_CAP,
  SYSREG_MBEC,
  SYSREG_HOST_MAXPHYADDR,
  SYSREG_NCR3,
  SYSREG_GUEST_ASID,
  SYSREG_HOST_CR4,
  SYSREG_HOST_EFER,
  SYSREG_HCR_EL2,
  SYSREG_VTCR_EL2,
  SYSREG_VTTBR_EL2,
  SYSREG_HGATP,
  SYSREG_VSATP,
  SYSREG_VSSTATUS,
  SYSREG_HENVCFG,
  SYSREG_COUNT
};

struct sysregs {
  uint64_t value[SYSREG_COUNT];
  enum mmu_arch arch;
};

/* Values after reset of this program: translation on for x86 and Arm, off (bare) for RISC-V. */
void sysregs_reset(struct sysregs *r, enum mmu_arch arch);
/* Set a register or a named field of one ("cr0", "cr0.wp", "tcr_el1.t0sz"). 0, or -1: no such
 * name in this architecture, -2: the value does not fit the field. */
int sysregs_set(struct sysregs *r, const char *name, uint64_t value);
/* The names of an architecture, separated by blanks; for messages. */
const char *sysregs_names(enum mmu_arch arch);
/* The context of an access at this privilege. 0, or -1 with one line in err if the registers ask
 * for something that is not modelled. */
int sysregs_context(const struct sysregs *r, enum mmu_priv priv, struct mmu_context *ctx, char *err,
                    size_t err_len);

/* The same of an access in a guest: under this mode of stage 2 (MMU_S2_EPT and up; of r->arch). */
int sysregs_guest_context(const struct sysregs *r, enum mmu_priv priv, enum mmu_s2_mode mode,
                          struct mmu_context *ctx, char *err, size_t err_len);

#endif
