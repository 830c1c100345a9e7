/* SPDX-License-Identifier: Apache-2.0
 * How accesses with a stage 2 ended: answers by page size, faults by stage, cause and what stage 2
 * was asked for. A plain value. */
#ifndef COWALK_FUZZ_MIX_H
#define COWALK_FUZZ_MIX_H

#include <stdio.h>

#include "backend/mmu.h"
#include "rules/rules.h"

struct fuzz_mix {
  uint64_t accesses, ok, hits, retries;
  uint64_t pages[2][64]; /* answers by log2 of the page size of each stage */
  uint64_t guest[MMU_CAUSE_COUNT];
  uint64_t nested[MMU_CAUSE_COUNT][RULES_ABOUT_FINAL + 1]; /* by enum rules_about */
};

/* Counts only answers under a context with a stage 2. */
void fuzz_mix_count(struct fuzz_mix *m, const struct mmu_context *c, const struct mmu_response *a);
uint64_t fuzz_mix_nested_faults(const struct fuzz_mix *m);
void fuzz_mix_print(const struct fuzz_mix *m, FILE *out);

#endif
