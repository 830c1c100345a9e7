/* SPDX-License-Identifier: Apache-2.0
 * The known deviations of emulators of x86, by their source: Bochs 2.7 cpu/paging.cc
 * (translate_linear_long_mode, translate_guest_physical), QEMU 7.2
 * target/i386/tcg/sysemu/excp_helper.c (mmu_translate). Promise: nothing without its bit. */
#include "oracle/dialect.h"

enum { VECTOR_PF = 14, EXIT_VIOLATION = 48, EXIT_NPF = 0x400, CODE_P = 1, CODE_ID = 16 };
enum { Q_READ = 1, OPTIONS = 0x4e40 }; /* 14, 11:9, 6 */
enum { KEY_AT = 59, PAGE = 0x80, ACCESSED = 0x20, WIDTH = 40 };
#define BIT12 (UINT64_C(1) << 12)

uint64_t oracle_dialect_ept(uint32_t deviations, uint8_t mode, uint8_t level, uint64_t pte) {
  bool large = (level == 1 || level == 2) && (pte & PAGE);
  return (deviations & ORACLE_DEV_EPT_BIT12) && mode == MMU_S2_EPT && large ? pte & ~BIT12 : pte;
}

/* Access is denied to the user's accesses, writing to any, whosever page it is. */
void oracle_dialect_key(uint32_t deviations, const struct oracle_access *a, uint64_t pte,
                        struct rules_step *s) {
  unsigned bits = a->ctx.pkru >> (2 * (pte >> KEY_AT & 15)) & 3;
  bool user = a->ctx.priv == MMU_USER && !a->acc.implicit_sup;
  bool reached = s->kind == RULES_LEAF || s->cause == MMU_CAUSE_PERMISSION;
  if (!(deviations & ORACLE_DEV_KEY_BY_MODE) || !a->ctx.pke) return;
  if (!reached || a->acc.kind == MMU_FETCH) return;
  bool write = rules_is_write(&a->acc) && (user || a->ctx.wp);
  if (!(user && (bits & 1)) && !(write && (bits & 2))) return;
  s->kind = RULES_FAULT;
  s->cause = MMU_CAUSE_PKEY;
}

/* Its bits above the physical width and XD are looked at before, the low ones after. */
uint64_t oracle_dialect_refused(uint32_t deviations, bool nxe, uint8_t level, uint8_t cause,
                                uint64_t pte) {
  bool page = level == 2 && (pte & PAGE) && cause != MMU_CAUSE_NOT_PRESENT;
  bool before = cause == MMU_CAUSE_RESERVED &&
                ((pte & rules_mask(51, WIDTH)) != 0 || (!nxe && pte >> 63 != 0));
  return (deviations & ORACLE_DEV_GIB_ACCESSED) && page && !before ? pte | ACCESSED : pte;
}

void oracle_dialect_code(uint32_t deviations, const struct mmu_context *ctx,
                         const struct mmu_fault *f, struct mmu_syndrome *s) {
  bool code = s->reg[0] == VECTOR_PF || s->reg[0] == EXIT_NPF;
  if ((deviations & ORACLE_DEV_RESERVED_ABSENT) && f->cause == MMU_CAUSE_RESERVED && code)
    s->reg[1] &= ~(uint64_t)CODE_P;
  if ((deviations & ORACLE_DEV_WALK_WRITES) && ctx->s2_hw_a && f->on_walk &&
      s->reg[0] == EXIT_VIOLATION)
    s->reg[1] &= ~(uint64_t)Q_READ;
}

/* EPT: bits 5:0, 8 and 7 and the rest but those of options; a read-modify-write may count as a read
 * too; nothing but the address of a misconfiguration. NPT: all, but I/D without the host's NX. */
void oracle_x86_define(const struct mmu_context *ctx, const struct mmu_access *acc,
                       const struct mmu_fault *f, uint64_t defined[4]) {
  bool final = !f->on_walk && !f->on_ad_write;
  uint64_t ept = ~(uint64_t)(OPTIONS | (final && acc->kind == MMU_RMW ? Q_READ : 0));
  uint64_t npt = acc->kind == MMU_FETCH && !ctx->s2_nxe && final ? ~(uint64_t)CODE_ID : UINT64_MAX;
  bool misconfiguration = f->cause == MMU_CAUSE_RESERVED && ctx->s2_mode == MMU_S2_EPT;
  defined[0] = defined[3] = UINT64_MAX;
  if (f->stage2 && misconfiguration) return;
  defined[1] |= !f->stage2 ? UINT64_MAX : ctx->s2_mode == MMU_S2_EPT ? ept : npt;
  defined[2] = UINT64_MAX;
}
