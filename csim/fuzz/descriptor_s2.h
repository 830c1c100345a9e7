/* SPDX-License-Identifier: Apache-2.0
 * Random descriptors of stage 2, by its mode (enum mmu_s2_mode). Written from the formats alone;
 * whether one of them faults is for others to say. */
#ifndef COWALK_FUZZ_DESCRIPTOR_S2_H
#define COWALK_FUZZ_DESCRIPTOR_S2_H

#include "backend/mmu.h"
#include "fuzz/random.h"

/* A pointer to the table at `table`, with random software bits. */
uint64_t fuzz_s2_pointer(uint8_t mode, struct fuzz_random *r, uint64_t table);
/* A page of this height at base. plain: everything allowed, as far as one can. */
uint64_t fuzz_s2_leaf(uint8_t mode, struct fuzz_random *r, uint8_t level, uint64_t base,
                      bool plain);
bool fuzz_s2_is_leaf(uint8_t mode, uint8_t level, uint64_t descriptor);
/* The table a descriptor would point to, whether it is a pointer or not. */
uint64_t fuzz_s2_target(uint8_t mode, uint64_t descriptor);
/* Turn A and D of a descriptor off, on, or leave them. */
uint64_t fuzz_s2_age(uint8_t mode, struct fuzz_random *r, uint64_t descriptor);

#endif
