/* SPDX-License-Identifier: Apache-2.0
 * A random world for the MMU: page tables, contexts, addresses and invalidations of one
 * architecture, renewed in epochs. Each epoch has a level at which things go wrong, so that deep
 * and high levels get their share. Everything follows from the seed. */
#ifndef COWALK_FUZZ_WORLD_H
#define COWALK_FUZZ_WORLD_H

#include "backend/mmu.h"
#include "fuzz/random.h"
#include "mem/physmem.h"

enum {
  FUZZ_LEVELS = 5,
  FUZZ_TABLES = 4, /* of each level */
  FUZZ_CONTEXTS = 6,
  FUZZ_ASIDS = 24,
  FUZZ_ADDRESSES = 40,
  FUZZ_WORDS = 512
};

struct fuzz_world {
  enum mmu_arch arch;
  struct fuzz_random random;
  struct physmem *memory; /* borrowed */
  uint8_t target;         /* the level at which things go wrong */
  uint8_t harsh;          /* percent of the descriptors there that are chosen for trouble */
  uint8_t plain;          /* percent of good pages that allow everything */
  bool wide;              /* addresses spread over their tables, to fill the TLBs */
  uint8_t groups;         /* percent of the good pages that are one of a group of 16 */
  uint8_t pa_width;
  uint64_t table[FUZZ_LEVELS][FUZZ_TABLES];
  struct mmu_context context[FUZZ_CONTEXTS];
  uint64_t address[FUZZ_ADDRESSES];
  uint8_t address_context[FUZZ_ADDRESSES];
  uint64_t word[FUZZ_WORDS]; /* descriptors in use */
  uint8_t word_level[FUZZ_WORDS];
  uint32_t words;
  uint64_t error_first, error_last; /* range that answers with an error; last 0: none */
};

void fuzz_world_init(struct fuzz_world *w, enum mmu_arch arch, uint64_t seed,
                     struct physmem *memory);
/* New tables, contexts and addresses. Nothing may be outstanding. */
void fuzz_world_renew(struct fuzz_world *w);
/* An access to make; out->ctx points into w. tag is left alone. */
void fuzz_world_access(struct fuzz_world *w, uint8_t port, struct mmu_request *out);
/* The operating system changes one descriptor. */
void fuzz_world_mutate(struct fuzz_world *w, uint64_t addr, uint8_t level);
/* Some invalidation, of an address in use if it has one. */
void fuzz_world_invalidation(struct fuzz_world *w, struct mmu_inval *out);
/* Everything goes. */
void fuzz_world_invalidate_all(const struct fuzz_world *w, uint16_t vmid, struct mmu_inval *out);

#endif
