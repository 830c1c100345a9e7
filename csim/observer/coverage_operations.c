/* SPDX-License-Identifier: Apache-2.0
 * Counts invalidations by operation. Operands of ranges: Arm ARM C5.5 (TLBI RVAE1, RIPAS2E1 and
 * their kin). Promise: every operation of an architecture lands in exactly one bin. */
#include "observer/coverage_operations.h"

#include <inttypes.h>

/* Of each architecture the operations stand side by side, first those that need no stage 2. */
static const struct {
  uint8_t first, stage1, all;
} kinds_of[MMU_ARCH_COUNT] = {
    {MMU_INV_X86_INVLPG, 7, 16}, {MMU_INV_ARM_VMALLE1, 10, 16}, {MMU_INV_RISCV_ALL, 4, 8}};

static bool is_range(uint8_t kind) {
  return (kind >= MMU_INV_ARM_RVAE1 && kind <= MMU_INV_ARM_RVAALE1) ||
         kind == MMU_INV_ARM_RIPAS2E1 || kind == MMU_INV_ARM_RIPAS2LE1;
}

void coverage_operations_count(struct coverage_operations *c, enum mmu_arch arch,
                               const struct mmu_inval *inv) {
  uint8_t operand = 0;
  if (arch >= MMU_ARCH_COUNT || inv->kind < kinds_of[arch].first ||
      inv->kind >= kinds_of[arch].first + kinds_of[arch].all)
    return;
  if (is_range(inv->kind)) { /* TG 47:46, SCALE 45:44, TTL 38:37 */
    operand = (uint8_t)(inv->addr >> 44 & 3);
    if ((inv->addr >> 37 & 3) != 0) operand = COVERAGE_HINT;
    if ((inv->addr >> 46 & 3) != 1) operand = COVERAGE_OTHER_GRANULE;
  }
  c->count[inv->kind][operand]++;
}

bool coverage_operations_next(const struct coverage_operations *c, enum mmu_arch arch,
                              uint32_t *cursor, struct coverage_operation *op, uint64_t *count) {
  while (*cursor < kinds_of[arch].all * (uint32_t)COVERAGE_OPERAND_KINDS) {
    uint32_t i = (*cursor)++;
    uint32_t nth = i / COVERAGE_OPERAND_KINDS;
    op->kind = (uint8_t)(kinds_of[arch].first + nth);
    op->operand = (uint8_t)(i % COVERAGE_OPERAND_KINDS);
    op->of_stage2 = nth >= kinds_of[arch].stage1;
    *count = c->count[op->kind][op->operand];
    if (op->operand == 0 || is_range(op->kind)) return true;
  }
  return false;
}

void coverage_operation_name(const struct coverage_operation *op, char *out, size_t out_len) {
  static const char *const name[COVERAGE_OPERATIONS] = {
      [MMU_INV_X86_INVLPG] = "invlpg",
      [MMU_INV_X86_CR3] = "mov cr3",
      [MMU_INV_X86_ALL] = "mov cr4.pge",
      [MMU_INV_X86_PCID_ADDR] = "invpcid 0",
      [MMU_INV_X86_PCID] = "invpcid 1",
      [MMU_INV_X86_ALL_GLOBAL] = "invpcid 2",
      [MMU_INV_X86_ALL_PCID] = "invpcid 3",
      [MMU_INV_AMD_ALL] = "tlb_control 1",
      [MMU_INV_X86_VPID_ADDR] = "invvpid 0",
      [MMU_INV_X86_VPID] = "invvpid 1",
      [MMU_INV_X86_VPID_ALL] = "invvpid 2",
      [MMU_INV_X86_VPID_LOCAL] = "invvpid 3",
      [MMU_INV_X86_EPT] = "invept 1",
      [MMU_INV_X86_EPT_ALL] = "invept 2",
      [MMU_INV_AMD_ADDR] = "invlpga",
      [MMU_INV_AMD_ASID] = "tlb_control 3",
      [MMU_INV_ARM_VMALLE1] = "vmalle1",
      [MMU_INV_ARM_VAE1] = "vae1",
      [MMU_INV_ARM_VALE1] = "vale1",
      [MMU_INV_ARM_VAAE1] = "vaae1",
      [MMU_INV_ARM_VAALE1] = "vaale1",
      [MMU_INV_ARM_ASIDE1] = "aside1",
      [MMU_INV_ARM_RVAE1] = "rvae1",
      [MMU_INV_ARM_RVALE1] = "rvale1",
      [MMU_INV_ARM_RVAAE1] = "rvaae1",
      [MMU_INV_ARM_RVAALE1] = "rvaale1",
      [MMU_INV_ARM_IPAS2E1] = "ipas2e1",
      [MMU_INV_ARM_IPAS2LE1] = "ipas2le1",
      [MMU_INV_ARM_RIPAS2E1] = "ripas2e1",
      [MMU_INV_ARM_RIPAS2LE1] = "ripas2le1",
      [MMU_INV_ARM_VMALLS12E1] = "vmalls12e1",
      [MMU_INV_ARM_ALLE1] = "alle1",
      [MMU_INV_RISCV_ALL] = "sfence.vma",
      [MMU_INV_RISCV_ADDR] = "sfence.vma of an address",
      [MMU_INV_RISCV_ASID] = "sfence.vma of an ASID",
      [MMU_INV_RISCV_ADDR_ASID] = "sfence.vma of an address and ASID",
      [MMU_INV_RISCV_GVMA_ALL] = "hfence.gvma",
      [MMU_INV_RISCV_GVMA_ADDR] = "hfence.gvma of an address",
      [MMU_INV_RISCV_GVMA_VMID] = "hfence.gvma of a VMID",
      [MMU_INV_RISCV_GVMA_ADDR_VMID] = "hfence.gvma of an address and VMID"};
  static const char *const operand[COVERAGE_OPERAND_KINDS] = {
      ", scale 0", ", scale 1", ", scale 2", ", scale 3", ", level hint", ", other granule"};
  const char *of_range = is_range(op->kind) ? operand[op->operand] : "";
  snprintf(out, out_len, "%s%s", name[op->kind], of_range);
}

void coverage_operations_print(const struct coverage_operations *c, enum mmu_arch arch, FILE *out) {
  struct coverage_operation op;
  uint64_t n;
  fprintf(out, "\n  %-40s %9s\n", "invalidation", "count");
  for (uint32_t cursor = 0; coverage_operations_next(c, arch, &cursor, &op, &n);) {
    char name[64];
    coverage_operation_name(&op, name, sizeof name);
    fprintf(out, "  %-40s %9" PRIu64 "\n", name, n);
  }
}
