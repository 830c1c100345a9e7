// SPDX-License-Identifier: Apache-2.0
// For each walker's cause the one kind of fault that the firmware must read, then address, access,
// privilege and level where the registers hold them.
// Follows SDM vol. 3 4.7, Arm ARM ESR_ELx (data and instruction aborts), RISC-V privileged scause.
// Promises: accepts no second kind for a cause.
#include "observer/syndrome_check.h"

#include <stddef.h>

#include "firmware/common/fault.h"

#define NONE FW_FAULT_ALIGNMENT /* a cause that the architecture does not have */

static const enum fw_fault_kind kinds[MMU_ARCH_COUNT][MMU_CAUSE_COUNT] = {
    /* none, not present, reserved, permission, accessed, dirty, address size, non-canonical,
       root size, root disabled, bus, no atomic, parity, key */
    [MMU_ARCH_X86] = {NONE, FW_FAULT_NOT_PRESENT, FW_FAULT_RESERVED, FW_FAULT_PRESENT, NONE, NONE,
                      FW_FAULT_PROTECTION, FW_FAULT_PROTECTION, FW_FAULT_PROTECTION, NONE,
                      FW_FAULT_BUS, FW_FAULT_BUS, FW_FAULT_BUS, FW_FAULT_PRESENT},
    [MMU_ARCH_ARM] = {NONE, FW_FAULT_NOT_PRESENT, FW_FAULT_NOT_PRESENT, FW_FAULT_PERMISSION,
                      FW_FAULT_ACCESSED, FW_FAULT_PERMISSION, FW_FAULT_ADDRESS_SIZE,
                      FW_FAULT_NOT_PRESENT, FW_FAULT_ADDRESS_SIZE, FW_FAULT_NOT_PRESENT,
                      FW_FAULT_BUS, FW_FAULT_NO_ATOMIC, FW_FAULT_BUS, NONE},
    [MMU_ARCH_RISCV] = {NONE, FW_FAULT_PAGE, FW_FAULT_PAGE, FW_FAULT_PAGE, FW_FAULT_PAGE,
                        FW_FAULT_PAGE, FW_FAULT_BUS, FW_FAULT_PAGE, FW_FAULT_BUS, NONE,
                        FW_FAULT_BUS, FW_FAULT_BUS, FW_FAULT_BUS, NONE},
};

/* Must the registers call this access a write? Arm: a read-modify-write is one only if a read there
 * would have passed. */
static bool called_write(enum mmu_arch arch, const struct mmu_context *ctx, uint8_t kind,
                         const struct mmu_fault *f) {
  if (kind != MMU_RMW || arch != MMU_ARCH_ARM) return kind == MMU_WRITE || kind == MMU_RMW;
  bool refused = f->cause == MMU_CAUSE_PERMISSION || f->cause == MMU_CAUSE_DIRTY_FLAG;
  return refused && (f->s1_rights & (ctx->priv == MMU_USER ? MMU_R_UR : MMU_R_SR)) != 0;
}

/* x86 tells a fetch only where something can forbid it. */
static bool called_fetch(enum mmu_arch arch, const struct mmu_context *ctx, uint8_t kind) {
  return kind == MMU_FETCH && (arch != MMU_ARCH_X86 || ctx->nxe || ctx->smep);
}

const char *syndrome_check(enum mmu_arch arch, const struct mmu_context *ctx, uint8_t kind,
                           const struct mmu_fault *fault, const struct mmu_syndrome *syndrome) {
  static void (*const decode[])(const uint64_t reg[4], struct fw_fault *out) = {
      fw_x86_decode, fw_arm64_decode, fw_riscv_decode};
  struct fw_fault f = {.kind = FW_FAULT_NOT_PAGE};
  decode[arch](syndrome->reg, &f);
  if (fault->cause >= MMU_CAUSE_COUNT || f.kind != kinds[arch][fault->cause] || f.kind == NONE)
    return "they tell another kind of fault";
  if (f.va_valid && f.va != fault->gva) return "they tell another address";
  if (!f.va_valid && f.kind != FW_FAULT_PROTECTION && f.kind != FW_FAULT_BUS)
    return "they tell no address";
  if (f.user_known && f.user != (ctx->priv == MMU_USER)) return "they tell another privilege";
  if (f.level != FW_LEVEL_UNKNOWN && f.level != (int8_t)fault->s1_level)
    return "they tell another level";
  if (arch == MMU_ARCH_ARM && f.level == FW_LEVEL_UNKNOWN && f.kind != FW_FAULT_NO_ATOMIC)
    return "they tell no level";
  if (!f.read && !f.write && !f.fetch)
    return f.kind == FW_FAULT_PROTECTION || f.kind == FW_FAULT_BUS || f.kind == FW_FAULT_NO_ATOMIC
               ? NULL
               : "they tell no kind of access";
  if (f.fetch != called_fetch(arch, ctx, kind)) return "they are wrong on fetch or data";
  if (f.write != called_write(arch, ctx, kind, fault)) return "they are wrong on read or write";
  return NULL;
}
