/* SPDX-License-Identifier: Apache-2.0
 * Inside the walk: where the known deviations of an emulator come in. With none of them nothing
 * here does anything. */
#ifndef COWALK_ORACLE_DIALECT_H
#define COWALK_ORACLE_DIALECT_H

#include "oracle/walk.h"
#include "rules/rules.h"

/* What stage 1 and stage 2 believe of an access. */
void oracle_dialect_stage1(uint32_t deviations, struct oracle_access *a);
void oracle_dialect_stage2(uint32_t deviations, struct oracle_access *a);
/* What a table question asks. mxr: vsstatus.MXR. */
void oracle_dialect_need(uint32_t deviations, enum rules_about about, bool mxr,
                         struct rules_s2_need *need);
/* The guest-physical address that the tables of the G-stage are indexed with; false: it is taken
 * for one outside. */
bool oracle_dialect_gpa(uint32_t deviations, const struct mmu_context *ctx, uint64_t *gpa);
/* A block at level 0, and what it maps. */
bool oracle_dialect_block(uint32_t deviations, uint8_t level, uint64_t pte);
enum { ORACLE_L0_SHIFT = 39 };
/* What is told of a fault. at_leaf: the descriptor in hand was a leaf; output: its address. */
void oracle_dialect_fault(uint32_t deviations, bool at_leaf, uint64_t output, struct mmu_fault *f,
                          struct mmu_access *acc);

/* x86: the entry as EPT takes it; what a protection key makes of a step at a leaf; the code or the
 * qualification that is told. */
uint64_t oracle_dialect_ept(uint32_t deviations, uint8_t mode, uint8_t level, uint64_t pte);
void oracle_dialect_key(uint32_t deviations, const struct oracle_access *a, uint64_t pte,
                        struct rules_step *s);
/* ... what is left of an entry that refuses; */
uint64_t oracle_dialect_refused(uint32_t deviations, bool nxe, uint8_t level, uint8_t cause,
                                uint64_t pte);
void oracle_dialect_code(uint32_t deviations, const struct mmu_context *ctx,
                         const struct mmu_fault *f, struct mmu_syndrome *s);
/* Not a deviation: what the manuals of x86 define at least. */
void oracle_x86_define(const struct mmu_context *ctx, const struct mmu_access *acc,
                       const struct mmu_fault *f, uint64_t defined[4]);

#endif
