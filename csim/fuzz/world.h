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
  FUZZ_WORDS = 512,
  FUZZ_ROOTS = 3, /* of stage 2 */
  FUZZ_VMIDS = 3,
  FUZZ_GPAS = 64
};

/* Tables of stage 2: height and index width of the first, address bits, Arm's T0SZ. */
struct fuzz_shape {
  uint8_t top, index_bits, bits, t0sz;
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
  /* stage 2 */
  uint8_t stages; /* 1, 2, or 3: some epochs with one stage, some with two */
  bool two_stages;
  uint8_t s2_mode;   /* enum mmu_s2_mode of those contexts that have one */
  uint64_t window;   /* guest-physical minus physical address of the tables of stage 1 */
  uint8_t s2_target; /* the level of stage 2 at which things go wrong */
  uint8_t s2_harsh, s2_plain, s2_pa_width;
  uint8_t reach; /* bits of a guest-physical address that all tables translate */
  struct fuzz_shape shape[FUZZ_ROOTS];
  uint64_t gpa[FUZZ_GPAS]; /* in use */
  uint32_t gpas;
};

/* stages: as in the struct */
void fuzz_world_init(struct fuzz_world *w, enum mmu_arch arch, uint8_t stages, uint64_t seed,
                     struct physmem *memory);
/* New tables, contexts and addresses. Nothing may be outstanding. */
void fuzz_world_renew(struct fuzz_world *w);
/* An access to make; out->ctx points into w. tag is left alone. */
void fuzz_world_access(struct fuzz_world *w, uint8_t port, struct mmu_request *out);
/* The operating system changes one descriptor. */
void fuzz_world_mutate(struct fuzz_world *w, uint64_t addr, uint8_t level);
/* Some invalidation, of an address in use if it has one. */
void fuzz_world_invalidation(struct fuzz_world *w, struct mmu_inval *out);
/* Everything goes, when these have been done for i = 0 .. FUZZ_FULL - 1. */
enum { FUZZ_FULL = FUZZ_VMIDS + 1 };
void fuzz_world_invalidate_all(const struct fuzz_world *w, uint16_t i, struct mmu_inval *out);

/* ---- between the files of the world ---- */

void fuzz_new_context(struct fuzz_world *w, struct mmu_context *c);
uint8_t fuzz_root_level(const struct mmu_context *c, bool upper);
unsigned fuzz_address_bits(const struct mmu_context *c, bool upper);
/* A table of stage 1 of this level, as the guest knows it. */
uint64_t fuzz_some_table(struct fuzz_world *w, uint8_t level);
void fuzz_note_word(struct fuzz_world *w, uint64_t addr, uint8_t level);

/* New tables of stage 2, after pa_width is known. */
void fuzz_s2_renew(struct fuzz_world *w);
/* Stage 2 of a new context. */
void fuzz_s2_controls(struct fuzz_world *w, struct mmu_context *c);
/* A guest-physical page of this height; a guest-physical address in use. */
uint64_t fuzz_s2_page(struct fuzz_world *w, uint8_t level);
uint64_t fuzz_s2_some_gpa(struct fuzz_world *w);
/* Make sure that something stands where stage 2 will look for gpa. */
void fuzz_s2_plant(struct fuzz_world *w, const struct mmu_context *c, uint64_t gpa);
bool fuzz_in_s2_pool(uint64_t addr);
uint64_t fuzz_s2_some_table(struct fuzz_world *w, uint8_t level);
/* The hypervisor moves a 4 KiB page of guest's tables elsewhere. */
void fuzz_s2_move(struct fuzz_world *w, uint64_t gpa);
/* The hypervisor changes one descriptor. */
void fuzz_s2_mutate(struct fuzz_world *w, uint64_t addr, uint8_t level);

#endif
