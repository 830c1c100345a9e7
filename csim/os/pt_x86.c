/* SPDX-License-Identifier: Apache-2.0
 * x86-64 four-level page tables of 4 KiB pages (SDM volume 3, section 4.5). Presets as Linux 6.1
 * arch/x86/include/asm/pgtable_types.h: table entries carry A, leaves are created young; D only
 * for a write. A and D are the hardware's always. */
#include "os/pt.h"

#define P UINT64_C(1)
#define RW UINT64_C(2)
#define US UINT64_C(4)
#define A UINT64_C(0x20)
#define D UINT64_C(0x40)
#define PS UINT64_C(0x80)
#define SWAP UINT64_C(0x200) /* software's, in an entry with P = 0 */
#define NX (UINT64_C(1) << 63)
#define ADDRESS UINT64_C(0x000ffffffffff000)

static uint64_t table(uint64_t pa) {
  return pa | P | RW | US | A;
}
static uint64_t address(uint64_t e) {
  return e & ADDRESS;
}

static uint64_t rights(uint8_t prot) {
  return (prot != 0 ? US : 0) | ((prot & OS_PROT_WRITE) != 0 ? RW : 0) |
         ((prot & OS_PROT_EXEC) != 0 ? 0 : NX);
}

static uint64_t leaf(uint64_t pa, uint8_t prot, bool dirty) {
  return pa | P | A | rights(prot) | (dirty ? D : 0);
}

static bool present(uint64_t e) {
  return (e & P) != 0;
}
static bool young(uint64_t e) {
  return (e & A) != 0;
}
static bool dirty(uint64_t e) {
  return (e & D) != 0;
}
static bool writable(uint64_t e) {
  return (e & RW) != 0;
}
static uint64_t set_young(uint64_t e, bool on) {
  return on ? e | A : e & ~A;
}
static uint64_t set_dirty(uint64_t e) {
  return e | D;
}
static uint64_t set_prot(uint64_t e, uint8_t prot) {
  return (e & ~(RW | US | NX)) | rights(prot);
}
static uint64_t swap(uint32_t slot) {
  return (uint64_t)slot << 12 | SWAP;
}
static uint32_t slot(uint64_t e) {
  return (uint32_t)(e >> 12);
}

/* PS; the address stays where it is, as 2 MiB are a multiple of what bit 12 would say. */
static uint64_t huge(uint64_t e) {
  return e | PS;
}
static uint64_t page(uint64_t e) {
  return e & ~PS;
}
static bool is_huge(uint64_t e) {
  return (e & PS) != 0;
}
static uint64_t at(uint64_t e, uint64_t pa) {
  return (e & ~ADDRESS) | pa;
}

static void context(const struct os_config *cfg, uint64_t root, uint16_t asid,
                    struct mmu_context *ctx) {
  (void)cfg;
  *ctx = (struct mmu_context){.s1_root0 = root,
                              .asid = asid,
                              .s1_mode = MMU_S1_X86_L4,
                              .priv = MMU_USER,
                              .pa_width = 48,
                              .wp = true,
                              .nxe = true,
                              .smep = true,
                              .smap = true,
                              .page1g = true,
                              .s1_hw_a = true,
                              .s1_hw_d = true};
}

const struct os_pt_ops os_pt_x86 = {
    .name = "x86-64, 4 levels",
    .mode = MMU_S1_X86_L4,
    .top = 3,
    .user_end = UINT64_C(0x7ffffffff000),
    .asids = 4096,
    .inval_page = MMU_INV_X86_PCID_ADDR,
    .inval_asid = MMU_INV_X86_PCID,
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
    .decode = fw_x86_decode,
};
