/* SPDX-License-Identifier: Apache-2.0
 * RISC-V Sv39 and Sv48 tables (privileged specification, supervisor chapter). As Linux 6.1
 * arch/riscv leaves are created with A set, also where the hardware sets A itself; D only for a
 * write. In a pointer A, D and U are reserved and stay 0. */
#include "os/pt.h"

#define V UINT64_C(1)
#define R UINT64_C(2)
#define W UINT64_C(4)
#define X UINT64_C(8)
#define U UINT64_C(0x10)
#define A UINT64_C(0x40)
#define D UINT64_C(0x80)
#define SWAP UINT64_C(0x100) /* RSW, in an entry with V = 0 */
#define PPN UINT64_C(0x003ffffffffffc00)

static uint64_t from_pa(uint64_t pa) {
  return pa >> 12 << 10;
}
static uint64_t table(uint64_t pa) {
  return from_pa(pa) | V;
}
static uint64_t address(uint64_t e) {
  return (e & PPN) << 2;
}

/* W without R is reserved, and a leaf must have R or X. */
static uint64_t rights(uint8_t prot) {
  return R | (prot != 0 ? U : 0) | ((prot & OS_PROT_WRITE) != 0 ? W : 0) |
         ((prot & OS_PROT_EXEC) != 0 ? X : 0);
}

static uint64_t leaf(uint64_t pa, uint8_t prot, bool dirty) {
  return from_pa(pa) | V | A | rights(prot) | (dirty ? D : 0);
}

static bool present(uint64_t e) {
  return (e & V) != 0;
}
static bool young(uint64_t e) {
  return (e & A) != 0;
}
static bool dirty(uint64_t e) {
  return (e & D) != 0;
}
static bool writable(uint64_t e) {
  return (e & W) != 0;
}
static uint64_t set_young(uint64_t e, bool on) {
  return on ? e | A : e & ~A;
}
static uint64_t set_dirty(uint64_t e) {
  return e | D;
}
static uint64_t set_prot(uint64_t e, uint8_t prot) {
  return (e & ~(R | W | X | U)) | rights(prot);
}
static uint64_t swap(uint32_t slot) {
  return (uint64_t)slot << 12 | SWAP;
}
static uint32_t slot(uint64_t e) {
  return (uint32_t)(e >> 12);
}

/* A leaf is one by its rights, of whatever height. */
static uint64_t huge(uint64_t e) {
  return e;
}
static uint64_t page(uint64_t e) {
  return e;
}
static bool is_huge(uint64_t e) {
  return (e & (R | W | X)) != 0;
}
static uint64_t at(uint64_t e, uint64_t pa) {
  return (e & ~PPN) | from_pa(pa);
}

static void context(const struct os_config *cfg, uint64_t root, uint16_t asid,
                    struct mmu_context *ctx) {
  *ctx = (struct mmu_context){.s1_root0 = root,
                              .asid = asid,
                              .s1_mode = (uint8_t)cfg->mode,
                              .priv = MMU_USER,
                              .pa_width = 48,
                              .s1_hw_a = cfg->hw_a,
                              .s1_hw_d = cfg->hw_d};
}

#define COMMON                                                                                  \
  .asids = UINT16_MAX, .inval_page = MMU_INV_RISCV_ADDR_ASID, .inval_asid = MMU_INV_RISCV_ASID, \
  .table = table, .next = address, .leaf = leaf, .present = present, .address = address,        \
  .young = young, .dirty = dirty, .writable = writable, .set_young = set_young,                 \
  .set_dirty = set_dirty, .set_prot = set_prot, .huge = huge, .page = page, .is_huge = is_huge, \
  .at = at, .swap = swap, .slot = slot, .context = context, .decode = fw_riscv_decode

const struct os_pt_ops os_pt_sv39 = {
    .name = "RISC-V Sv39", .mode = MMU_S1_SV39, .top = 2, .user_end = UINT64_C(1) << 38, COMMON};
const struct os_pt_ops os_pt_sv48 = {
    .name = "RISC-V Sv48", .mode = MMU_S1_SV48, .top = 3, .user_end = UINT64_C(1) << 47, COMMON};
