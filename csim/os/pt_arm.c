/* SPDX-License-Identifier: Apache-2.0
 * Armv8-A stage-1 tables, 4 KiB granule, 48-bit addresses (Arm ARM, VMSAv8-64 descriptor formats).
 * Conventions of Linux 6.1 arch/arm64: DBM (bit 51) says that the page may become dirty, AP[2]
 * that it is clean now; with the hardware's dirty state off the same bits serve the fault handler.
 * Bit 55 keeps "dirty" while writing is taken away. Leaves are created with AF set. */
#include "os/pt.h"

#define VALID UINT64_C(1)
#define PAGE UINT64_C(3) /* table or page descriptor */
#define AP_EL0 (UINT64_C(1) << 6)
#define AP_RO (UINT64_C(1) << 7)
#define SH_INNER (UINT64_C(3) << 8)
#define AF (UINT64_C(1) << 10)
#define NG (UINT64_C(1) << 11)
#define DBM (UINT64_C(1) << 51)
#define PXN (UINT64_C(1) << 53)
#define UXN (UINT64_C(1) << 54)
#define SW_DIRTY (UINT64_C(1) << 55)
#define PXN_TABLE (UINT64_C(1) << 59)
#define SWAP UINT64_C(4) /* in an invalid descriptor */
#define ADDRESS UINT64_C(0x0000fffffffff000)

static uint64_t table(uint64_t pa) {
  return pa | PAGE | PXN_TABLE;
}
static uint64_t address(uint64_t e) {
  return e & ADDRESS;
}
static bool present(uint64_t e) {
  return (e & VALID) != 0;
}
static bool young(uint64_t e) {
  return (e & AF) != 0;
}
static bool writable(uint64_t e) {
  return (e & DBM) != 0;
}
static bool dirty(uint64_t e) {
  return (e & SW_DIRTY) != 0 || (writable(e) && (e & AP_RO) == 0);
}

static uint64_t rights(uint8_t prot, bool is_dirty) {
  uint64_t e = PXN | ((prot & OS_PROT_EXEC) != 0 ? 0 : UXN) | (prot != 0 ? AP_EL0 : 0);
  if ((prot & OS_PROT_WRITE) != 0) return e | DBM | (is_dirty ? 0 : AP_RO);
  return e | AP_RO | (is_dirty ? SW_DIRTY : 0);
}

static uint64_t leaf(uint64_t pa, uint8_t prot, bool is_dirty) {
  return pa | PAGE | AF | NG | SH_INNER | rights(prot, is_dirty);
}

static uint64_t set_young(uint64_t e, bool on) {
  return on ? e | AF : e & ~AF;
}
static uint64_t set_dirty(uint64_t e) {
  return e & ~AP_RO;
}
static uint64_t set_prot(uint64_t e, uint8_t prot) {
  uint64_t keep = e & ~(AP_EL0 | AP_RO | DBM | PXN | UXN | SW_DIRTY);
  return keep | rights(prot, dirty(e));
}
static uint64_t swap(uint32_t slot) {
  return (uint64_t)slot << 12 | SWAP;
}
static uint32_t slot(uint64_t e) {
  return (uint32_t)(e >> 12);
}

/* A block descriptor has bit 1 clear. */
static uint64_t huge(uint64_t e) {
  return e & ~UINT64_C(2);
}
static uint64_t page(uint64_t e) {
  return e | 2;
}
static bool is_huge(uint64_t e) {
  return (e & PAGE) == VALID;
}
static uint64_t at(uint64_t e, uint64_t pa) {
  return (e & ~ADDRESS) | pa;
}

static void context(const struct os_config *cfg, uint64_t root, uint16_t asid,
                    struct mmu_context *ctx) {
  *ctx = (struct mmu_context){.s1_root0 = root,
                              .asid = asid,
                              .s1_mode = MMU_S1_ARM_4K,
                              .priv = MMU_USER,
                              .pa_width = 48,
                              .t0sz = 16,
                              .t1sz = 16,
                              .pan = true,
                              .epd1 = true,
                              .s1_hw_a = cfg->hw_a,
                              .s1_hw_d = cfg->hw_d};
}

const struct os_pt_ops os_pt_arm = {
    .name = "Armv8-A, 4 KiB granule",
    .mode = MMU_S1_ARM_4K,
    .top = 3,
    .user_end = UINT64_C(1) << 48,
    .asids = UINT16_MAX,
    .inval_page = MMU_INV_ARM_VALE1,
    .inval_asid = MMU_INV_ARM_ASIDE1,
    .table = table,
    .next = address,
    .leaf = leaf,
    .present = present,
    .address = address,
    .young = young,
    .dirty = dirty,
    .writable = writable,
    .set_young = set_young,
    .set_dirty = set_dirty,
    .set_prot = set_prot,
    .huge = huge,
    .page = page,
    .is_huge = is_huge,
    .at = at,
    .swap = swap,
    .slot = slot,
    .context = context,
    .decode = fw_arm64_decode,
};
