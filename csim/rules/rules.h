/* SPDX-License-Identifier: Apache-2.0
 * What the architecture manuals say about translation, as pure functions: where a walk of either
 * stage starts, what one descriptor means, what an access needs, which registers a fault sets, what
 * an invalidation covers. No state, no time, no caches; the C model and the judge are built on it.
 * Levels are heights, as everywhere (0 = 4 KiB). */
#ifndef COWALK_RULES_RULES_H
#define COWALK_RULES_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "backend/mmu.h"

#define RULES_ALL_RIGHTS 0x7fU /* what is granted above the first descriptor */

enum { RULES_GROUP_BITS = 4 }; /* 16 neighbouring descriptors make a group */

/* Where the walk of an address starts. */
struct rules_root {
  uint64_t table; /* byte address of the first table, or the answer itself when stage 1 is off */
  uint8_t cause;  /* enum mmu_cause; MMU_CAUSE_NONE if a walk may start */
  uint8_t level;  /* height of the first table, or the height a fault reports */
  uint8_t index_bits; /* index width of the first table; 9 in all others */
  bool upper;         /* Arm: the TTBR1 half */
};

enum rules_kind { RULES_FAULT, RULES_TABLE, RULES_LEAF };

/* What one descriptor means to one access. */
struct rules_step {
  uint64_t next;    /* RULES_TABLE: the next table. RULES_LEAF: page base */
  uint64_t new_pte; /* with update */
  uint8_t kind;     /* enum rules_kind */
  uint8_t cause;    /* RULES_FAULT: enum mmu_cause */
  uint8_t shift;    /* RULES_LEAF: log2 of the page size, or of the group of pages that the
                       descriptor stands for (Arm contiguous, RISC-V NAPOT) */
  uint8_t rights;   /* gathered, this descriptor included; MMU_R_* */
  uint8_t attrs;    /* RULES_LEAF */
  bool global;
  bool dirty;  /* RULES_LEAF: a later write needs no further update */
  bool update; /* the descriptor must become new_pte before it may be used */
};

/* What an access under a context asks of rights; see rules_allows. */
struct rules_need {
  uint8_t all, any;
  uint16_t keys; /* x86: protection keys whose user pages refuse it; the key is attrs 7:4 */
  bool deny_user;
  bool write; /* the leaf must be dirty as well */
};

/* What stage 2 is asked for: docs/stage2.md. */
enum rules_about {
  RULES_ABOUT_TABLE, /* to read a stage-1 descriptor */
  RULES_ABOUT_SWAP,  /* to set A or D in it */
  RULES_ABOUT_FINAL  /* the access itself */
};

/* What such a question asks of the rights of stage 2 (MMU_R2_*). */
struct rules_s2_need {
  uint8_t all, any; /* as in rules_need */
  bool write;       /* the leaf must be dirty as well */
};

/* What one stage-2 descriptor means to one question. */
struct rules_s2_step {
  uint64_t next;    /* RULES_TABLE: the next table. RULES_LEAF: page base */
  uint64_t new_pte; /* with update */
  uint8_t kind;     /* enum rules_kind */
  uint8_t cause;    /* RULES_FAULT: enum mmu_cause */
  uint8_t shift;    /* RULES_LEAF: log2 of the page size */
  uint8_t rights;   /* MMU_R2_*, gathered, this descriptor included; 0 if it is absent */
  uint8_t attrs;    /* RULES_LEAF: as mmu_response.s2_attrs */
  bool dirty;       /* RULES_LEAF: a later write needs no further update */
  bool update;      /* the descriptor must become new_pte before it may be used */
};

/* What a descriptor cached by the hardware looks like to an invalidation. */
struct rules_entry {
  uint64_t va;      /* of a nested entry: the guest-physical address */
  uint64_t s2_root; /* the context's */
  uint16_t asid, vmid;
  uint8_t regime;
  uint8_t s2_mode;  /* enum mmu_s2_mode of the context */
  uint8_t shift;    /* log2 of the range it serves */
  uint8_t s1_shift; /* of stage 1's page, if it is on and stage 2's is smaller: operations by
                     * virtual address mean that page, and all there is of it; or 0 */
  bool global;
  bool pointer; /* leads to a table; else a translation */
  bool nested;  /* guest-physical to physical: holds nothing of stage 1, has no ASID */
};

struct rules_ops {
  /* The address that counts: va, but with an ignored tag (Arm TBI) replaced by its sign. */
  uint64_t (*address)(const struct mmu_context *ctx, const struct mmu_access *acc, uint64_t va);
  void (*root)(const struct mmu_context *ctx, const struct mmu_access *acc, uint64_t va,
               struct rules_root *out);
  void (*need)(const struct mmu_context *ctx, const struct mmu_access *acc, struct rules_need *out);
  /* va: the address walked for (a contiguous group is judged by its place in the table); level:
   * height of the descriptor; rights, global: gathered above it. */
  void (*step)(const struct mmu_context *ctx, const struct mmu_access *acc, uint64_t va,
               uint8_t level, bool upper, uint64_t pte, uint8_t rights, bool global,
               struct rules_step *out);
  /* The record f says what happened. Bits that the manual leaves undefined, see below, are 0 but
   * for two: WnR of Arm's status 0x31, and the vector where x86 cannot have such a CR3. */
  void (*syndrome)(const struct mmu_context *ctx, const struct mmu_access *acc,
                   const struct mmu_fault *f, struct mmu_syndrome *out);
  /* Which bits of those registers the manual defines for this fault. */
  void (*defined)(const struct mmu_context *ctx, const struct mmu_access *acc,
                  const struct mmu_fault *f, uint64_t mask[4]);
  bool (*covers)(const struct mmu_inval *inv, const struct rules_entry *e);
  /* Stage 2, for the modes MMU_S2_EPT and up. Where the walk of a guest-physical address starts;
   * index_bits may be up to 13 (RISC-V 11, Arm's concatenated tables). */
  void (*s2_root)(const struct mmu_context *ctx, uint64_t gpa, struct rules_root *out);
  /* user_page: stage 1 makes it a user page (MMU_R_USER of its rights; true with stage 1 off). It
   * counts for RULES_ABOUT_FINAL, under EPT with mode-based execute control. */
  void (*s2_need)(const struct mmu_context *ctx, const struct mmu_access *acc,
                  enum rules_about about, bool user_page, struct rules_s2_need *out);
  /* level: height of the descriptor; rights: gathered above it. */
  void (*s2_step)(const struct mmu_context *ctx, const struct mmu_access *acc,
                  enum rules_about about, const struct rules_s2_need *need, uint8_t level,
                  uint64_t pte, uint8_t rights, struct rules_s2_step *out);
};

#define RULES_ALL_S2_RIGHTS 0xfU /* what is granted above the first stage-2 descriptor */

static inline bool rules_s2_allows(const struct rules_s2_need *n, uint8_t rights) {
  return (n->all & ~rights) == 0 && (n->any == 0 || (n->any & rights) != 0);
}

/* Arm's HCR_EL2.PTW: a page of Device memory (its attrs) may hold no table of stage 1. */
static inline bool rules_s2_protects(const struct mmu_context *ctx, enum rules_about about,
                                     uint8_t attrs) {
  return ctx->s2_ptw && about != RULES_ABOUT_FINAL && (attrs >> 2 & 3) == 0;
}

/* Never NULL for a valid enum mmu_arch. */
const struct rules_ops *rules_of(enum mmu_arch arch);
extern const struct rules_ops rules_x86, rules_arm, rules_riscv;

/* May this kind of invalidation (enum mmu_inval_kind) concern pointers at all? All do but those by
 * address that are for leaves only: Arm's last-level ones, SFENCE.VMA with an address; and Arm's by
 * intermediate physical address, which are for nested entries only. */
bool rules_ends_pointers(uint8_t inval_kind);

static inline bool rules_key_refuses(const struct rules_need *n, uint8_t rights, uint8_t attrs) {
  return (rights & MMU_R_USER) && (n->keys >> (attrs >> 4) & 1);
}

/* Do these rights, without the key, satisfy the need? */
static inline bool rules_permits(const struct rules_need *n, uint8_t rights) {
  return (n->all & ~rights) == 0 && (n->any == 0 || (n->any & rights) != 0) &&
         !(n->deny_user && (rights & MMU_R_USER));
}

/* May the access go to such a page? (The dirty state is a question of its own.) */
static inline bool rules_allows(const struct rules_need *n, uint8_t rights, uint8_t attrs) {
  return rules_permits(n, rights) && !rules_key_refuses(n, rights, attrs);
}

/* Byte address of the descriptor of va in a table of this height. */
static inline uint64_t rules_pte_addr(uint64_t table, uint64_t va, uint8_t level,
                                      uint8_t index_bits) {
  uint64_t index = (va >> (12 + 9 * level)) & ((UINT64_C(1) << index_bits) - 1);
  return table + 8 * index;
}

/* enum mmu_cause of a table access that the memory answered with this enum mmu_mem_error. */
static inline uint8_t rules_memory_cause(uint8_t error) {
  return error == MMU_MEM_PARITY      ? MMU_CAUSE_PARITY
         : error == MMU_MEM_NO_ATOMIC ? MMU_CAUSE_NO_ATOMIC
                                      : MMU_CAUSE_BUS;
}

static inline bool rules_is_write(const struct mmu_access *acc) {
  return acc->kind == MMU_WRITE || acc->kind == MMU_RMW;
}

/* Bits hi..lo set. */
static inline uint64_t rules_mask(unsigned hi, unsigned lo) {
  return hi < lo ? 0 : (UINT64_MAX >> (63 - hi)) & (UINT64_MAX << lo);
}

static inline bool rules_beyond(uint64_t addr, uint8_t pa_width) {
  return addr >> pa_width != 0;
}

/* What an operation by virtual address does away with together. */
static inline uint8_t rules_virtual_shift(const struct rules_entry *e) {
  return e->s1_shift != 0 ? e->s1_shift : e->shift;
}

static inline bool rules_same_range(uint64_t a, uint64_t b, uint8_t shift) {
  return ((a ^ b) >> shift) == 0;
}

#endif
