/* SPDX-License-Identifier: Apache-2.0
 * The architecture box (rtl/arch behind testbench/block/arch_pins.sv) as a C function: apply the
 * inputs, read what the functions of arch_sel.sv say. Combinational, so there is no clock. */
#ifndef COWALK_TESTBENCH_BLOCK_ARCH_PINS_H
#define COWALK_TESTBENCH_BLOCK_ARCH_PINS_H

#include <stdbool.h>
#include <stdint.h>

#include "backend/mmu.h"

#ifdef __cplusplus
extern "C" {
#endif

struct arch_in {
  /* need, root, step, syndrome */
  struct mmu_context ctx;
  struct mmu_access access;
  uint64_t va;
  /* step */
  uint64_t pte;
  uint8_t level;
  uint8_t index; /* low 4 bits of the descriptor's index in its table */
  bool upper;
  uint8_t rights; /* gathered above, MMU_R_* */
  bool global;
  /* an entry of a TLB, asked whether it meets the need */
  uint8_t hit_rights, hit_attrs;
  bool hit_dirty;
  /* syndrome */
  uint8_t cause; /* enum mmu_cause */
  uint8_t fault_level;
  uint8_t fault_rights;
  bool fault_stage2, fault_on_walk, fault_on_ad_write, fault_s1_leaf;
  uint8_t fault_mem_error, fault_s2_level, fault_s2_rights;
  uint64_t fault_gpa;
  /* stage 2: a question, and a descriptor met on the way */
  uint8_t s2_about; /* enum rules_about's order: table, swap, final */
  bool s2_user_page;
  uint64_t s2_gpa, s2_pte;
  uint8_t s2_level, s2_rights; /* MMU_R2_* */
  /* inval */
  struct mmu_inval inval;
};

enum { ARCH_FAULT = 0, ARCH_TABLE = 1, ARCH_LEAF = 2 };

enum {
  ARCH_INV_ADDR = 1,
  ARCH_INV_ASID = 2,
  ARCH_INV_VMID = 4,
  ARCH_INV_GLOBALS = 8,
  ARCH_INV_LEAF_ONLY = 16,
  ARCH_INV_ALL_UPPER = 32,
  ARCH_INV_STAGE1 = 64,
  ARCH_INV_STAGE2 = 128
};

struct arch_out {
  uint64_t vpn; /* 52 bits: the page number that counts */
  struct {
    uint8_t all, any; /* MMU_R_* */
    bool deny_user, dirty;
    uint16_t key_deny;
  } need;
  bool hit_met;
  struct {
    uint8_t cause, fault_level, level;
    uint64_t table_addr, desc_addr;
    bool upper;
  } root;
  struct {
    uint8_t kind, cause, page_shift, rights, attrs;
    uint64_t next, new_pte;
    bool global, dirty, update;
  } step;
  struct {
    uint8_t all, any; /* MMU_R2_* */
    bool dirty, no_device;
  } s2_need;
  struct {
    uint8_t cause, fault_level, level;
    uint64_t desc_addr;
  } s2_root;
  struct {
    uint8_t kind, cause, page_shift, rights, attrs;
    uint64_t next, new_pte;
    bool dirty, update;
  } s2_step;
  struct mmu_syndrome syndrome;
  struct {
    uint8_t flags, regime; /* ARCH_INV_* */
    bool nested, by_root, but_vmid0;
    uint64_t s2_root; /* its page number */
    uint64_t first, last;
    uint16_t asid, vmid;
  } inval;
};

struct arch_box; /* one Verilated box */

/* NULL if out of memory. The caller owns it. */
struct arch_box *arch_box_create(enum mmu_arch arch);
void arch_box_eval(struct arch_box *b, const struct arch_in *in, struct arch_out *out);
void arch_box_destroy(struct arch_box *b);

#ifdef __cplusplus
}
#endif
#endif
