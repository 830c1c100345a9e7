/* SPDX-License-Identifier: Apache-2.0
 * What the three bench programs of the architecture box share: an expectation of one descriptor,
 * the comparison with what the box says, and a sweep over every bit of every descriptor (hazard
 * F8). The expectations are written from the manuals in each test_arch_*.c; they share nothing
 * with the RTL or with csim/rules. */
#ifndef COWALK_TESTS_BLOCK_SWEEP_H
#define COWALK_TESTS_BLOCK_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "testbench/block/arch_pins.h"

struct expect {
  uint8_t kind;       /* ARCH_FAULT, ARCH_TABLE, ARCH_LEAF */
  uint8_t cause;      /* with ARCH_FAULT */
  uint64_t next;      /* table or page */
  uint8_t page_shift; /* with ARCH_LEAF */
  uint8_t rights;
  uint8_t attrs; /* with ARCH_LEAF */
  bool global, dirty;
  bool update;
  uint64_t new_pte; /* with update */
};

struct sweep {
  struct arch_box *box; /* owned */
  enum mmu_arch arch;
  /* What the manual says of in->pte at in->level under in->ctx for in->access. */
  void (*expect)(const struct arch_in *in, struct expect *e);
  uint64_t cases, mismatches;
  uint64_t kinds[3], causes[MMU_CAUSE_COUNT]; /* how often each was expected */
};

void sweep_init(struct sweep *s, enum mmu_arch arch,
                void (*expect)(const struct arch_in *in, struct expect *e));
void sweep_free(struct sweep *s);

/* One case: evaluate, compare; a mismatch is printed (the first few) and counted. */
void sweep_case(struct sweep *s, const struct arch_in *in);
/* in->pte as it is, then with each of its 64 bits flipped. */
void sweep_flip(struct sweep *s, const struct arch_in *in);
/* If the case is a leaf, what a TLB would then hold must answer exactly the accesses that the
 * manual allows without another A/D update. `other` is the later access under its own context. */
void sweep_hit(struct sweep *s, const struct arch_in *in, const struct arch_in *other);

/* Deterministic numbers. */
uint64_t sweep_random(uint64_t *state);
/* Fail the running test, with counts, if anything mismatched, or if the sweep never saw a table, a
 * leaf or one of the listed causes (ended by MMU_CAUSE_NONE). */
void sweep_verdict(const struct sweep *s, const uint8_t *causes);

#endif
