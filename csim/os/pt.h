/* SPDX-License-Identifier: Apache-2.0
 * Page tables in simulated memory. One struct os_pt_ops an architecture says what entries look
 * like; the walks here are common. Heights: 0 is the table of 4 KiB leaves. All tables have 512
 * entries of 8 bytes. */
#ifndef COWALK_OS_PT_H
#define COWALK_OS_PT_H

#include <stdbool.h>
#include <stdint.h>

#include "backend/mmu.h"
#include "firmware/common/fault.h"
#include "os/os.h"

struct os_mm;

struct os_pt_ops {
  const char *name;
  uint8_t mode;      /* enum mmu_s1_mode */
  uint8_t top;       /* height of the root */
  uint64_t user_end; /* first address user space cannot have */
  uint16_t asids;    /* usable ones: 1 .. asids - 1 */
  uint8_t inval_page, inval_asid;

  uint64_t (*table)(uint64_t pa);   /* entry that points to a table */
  uint64_t (*next)(uint64_t entry); /* and back */
  /* Leaf for user space, young. prot: enum os_prot, where WRITE means the hardware may write;
   * none: present, but user space has no access. */
  uint64_t (*leaf)(uint64_t pa, uint8_t prot, bool dirty);
  bool (*present)(uint64_t entry); /* of any height */
  uint64_t (*address)(uint64_t leaf);
  bool (*young)(uint64_t leaf);
  bool (*dirty)(uint64_t leaf);
  bool (*writable)(uint64_t leaf); /* allowed to become dirty */
  uint64_t (*set_young)(uint64_t leaf, bool young);
  uint64_t (*set_dirty)(uint64_t leaf);              /* only if writable */
  uint64_t (*set_prot)(uint64_t leaf, uint8_t prot); /* keeps address, young, dirty */
  /* A leaf of height 0 made one of height 1, and back; whether a present entry of height 1 is one.
   */
  uint64_t (*huge)(uint64_t leaf);
  uint64_t (*page)(uint64_t huge);
  bool (*is_huge)(uint64_t entry);
  uint64_t (*at)(uint64_t leaf, uint64_t pa); /* the same leaf for another page */
  /* Not present for the hardware, not zero: where the page is in swap. */
  uint64_t (*swap)(uint32_t slot);
  uint32_t (*slot)(uint64_t entry);
  void (*context)(const struct os_config *cfg, uint64_t root, uint16_t asid,
                  struct mmu_context *ctx);
  void (*decode)(const uint64_t reg[4], struct fw_fault *out); /* fault registers */
};

extern const struct os_pt_ops os_pt_x86, os_pt_arm, os_pt_sv39, os_pt_sv48;

/* NULL with one line in err if the configuration asks for what the architecture has not. */
const struct os_pt_ops *os_pt_find(const struct os_config *cfg, char *err, size_t err_len);

static inline unsigned os_pt_index(uint64_t va, unsigned height) {
  return (unsigned)(va >> (12 + 9 * height)) & 511;
}

/* Physical address of the leaf entry of va (of height 1 if that is one), or 0 if a table is
 * missing. The caller holds the table lock, or the map lock. [yields] */
uint64_t os_pt_lookup(struct os_mm *mm, uint64_t va);
/* The entry of that height, building what is missing; 0 if memory ran out. There must be no huge
 * entry above it. Task itself, map lock held, no other. [yields] */
uint64_t os_pt_ensure_at(struct os_mm *mm, uint64_t va, unsigned height);
uint64_t os_pt_ensure(struct os_mm *mm, uint64_t va);
/* A zeroed page-table frame, or OS_NO_FRAME. [yields] */
uint32_t os_pt_new_table(struct os_mm *mm, unsigned height);
void os_pt_free_table(struct os_mm *mm, uint32_t pfn);
/* Exchange a leaf against the hardware's own updates: stores desired, returns what was there at
 * that instant. [yields] */
uint64_t os_pt_exchange(struct os *os, uint64_t pte_pa, uint64_t desired);

#endif
