/* SPDX-License-Identifier: Apache-2.0
 * Random page-table descriptors of each architecture: well-formed ones and broken ones. Written
 * from the formats alone; whether one of them faults is for others to say. */
#ifndef COWALK_FUZZ_DESCRIPTOR_H
#define COWALK_FUZZ_DESCRIPTOR_H

#include "backend/mmu.h"
#include "fuzz/random.h"

/* A pointer to the table at `table`, with random software bits and permissions. */
uint64_t fuzz_pointer(enum mmu_arch arch, struct fuzz_random *r, uint64_t table);
/* A page of this height at base. plain: everything allowed and used, as far as one can. */
uint64_t fuzz_leaf(enum mmu_arch arch, struct fuzz_random *r, uint8_t level, uint64_t base,
                   bool plain);
/* The same page, for user code too. */
uint64_t fuzz_for_users(enum mmu_arch arch, uint64_t leaf);
/* The same pointer, which refuses nothing. */
uint64_t fuzz_open(enum mmu_arch arch, uint64_t pointer);
/* A page of this height as one of a group of 16 (Arm contiguous, RISC-V NAPOT; x86 has none). Most
 * fit their place `index` in the table, some do not, or are of no size that exists. */
uint64_t fuzz_group(enum mmu_arch arch, struct fuzz_random *r, uint8_t level, uint64_t index,
                    uint64_t leaf);
bool fuzz_in_group(enum mmu_arch arch, uint64_t descriptor);
/* What software writes at another place (0 to 15) of the group of such a leaf. */
uint64_t fuzz_neighbour(enum mmu_arch arch, uint8_t level, uint64_t place, uint64_t leaf);
bool fuzz_is_leaf(enum mmu_arch arch, uint8_t level, uint64_t descriptor);
/* The table a descriptor would point to, whether it is a pointer or not. */
uint64_t fuzz_target(enum mmu_arch arch, uint64_t descriptor);
/* The same descriptor, not yet accessed. */
uint64_t fuzz_unused(enum mmu_arch arch, uint64_t descriptor);
/* Turn A and D (Arm: AF and the dirty state) of a descriptor off, on, or leave them. */
uint64_t fuzz_age(enum mmu_arch arch, struct fuzz_random *r, uint64_t descriptor);

#endif
