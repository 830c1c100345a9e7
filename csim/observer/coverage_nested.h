/* SPDX-License-Identifier: Apache-2.0
 * The bins of stage 2: how often a question to it ended how, by mode, what was asked, cause, level
 * and access. Part of the coverage table (coverage.h); docs/coverage.md explains the legal ones. */
#ifndef COWALK_OBSERVER_COVERAGE_NESTED_H
#define COWALK_OBSERVER_COVERAGE_NESTED_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "backend/mmu.h"

enum coverage_question {                 /* what stage 2 was asked for */
                         COVERAGE_TABLE, /* a stage-1 descriptor, to be read */
                         COVERAGE_SWAP,  /* the same, to have A or D set */
                         COVERAGE_FINAL, /* the access itself */
                         COVERAGE_QUESTIONS
};

struct coverage_nested_bin {
  uint8_t mode;     /* enum mmu_s2_mode, from MMU_S2_EPT on */
  uint8_t question; /* enum coverage_question */
  uint8_t cause;    /* enum mmu_cause; MMU_CAUSE_NONE: translated (final questions only: an answer
                       does not tell of others) */
  uint8_t level;    /* height of the deciding stage-2 descriptor, or COVERAGE_NO_LEVEL */
  uint8_t kind;     /* enum mmu_access_kind of the request */
};

enum {
  COVERAGE_S2_MODES = MMU_S2_RISCV - MMU_S2_EPT + 1,
  COVERAGE_NESTED_BINS = COVERAGE_S2_MODES * COVERAGE_QUESTIONS * MMU_CAUSE_COUNT * 6 * 4
};
struct coverage_nested {
  uint64_t count[COVERAGE_NESTED_BINS];
};

/* Counts answers of stage 2; those of stage-1 faults and retries have no bin. */
void coverage_nested_count(struct coverage_nested *c, const struct mmu_context *ctx,
                           const struct mmu_access *acc, const struct mmu_response *answer);
bool coverage_nested_legal(const struct coverage_nested_bin *bin);
/* The next bin of a mode of the architecture that is legal or was counted, in a fixed order; false
 * at the end. Start with *cursor = 0. */
bool coverage_nested_next(const struct coverage_nested *c, enum mmu_arch arch, uint32_t *cursor,
                          struct coverage_nested_bin *bin, uint64_t *count);
/* Was anything counted of a mode of the architecture? */
bool coverage_nested_any(const struct coverage_nested *c, enum mmu_arch arch);
/* "EPT, table of a write, permission, level 1" */
void coverage_nested_name(const struct coverage_nested_bin *bin, char *out, size_t out_len);
/* One line per mode, outcome and level, twelve counts each. */
void coverage_nested_print(const struct coverage_nested *c, enum mmu_arch arch, FILE *out);

#endif
