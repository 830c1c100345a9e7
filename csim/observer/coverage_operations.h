/* SPDX-License-Identifier: Apache-2.0
 * The bins of invalidations: the operation, and of Arm's ranges also what the operand says. Part of
 * the coverage table (coverage.h, docs/coverage.md). */
#ifndef COWALK_OBSERVER_COVERAGE_OPERATIONS_H
#define COWALK_OBSERVER_COVERAGE_OPERATIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "backend/mmu.h"

enum {
  COVERAGE_OPERATIONS = 40, /* enum mmu_inval_kind */
  COVERAGE_HINT = 4,        /* with a level hint */
  COVERAGE_OTHER_GRANULE,   /* not of 4 KiB pages */
  COVERAGE_OPERAND_KINDS
};
struct coverage_operation {
  uint8_t kind;    /* enum mmu_inval_kind */
  uint8_t operand; /* SCALE, or one of the above; 0 for all that is no range */
  bool of_stage2;  /* only for contexts with a stage 2 */
};

struct coverage_operations {
  uint64_t count[COVERAGE_OPERATIONS][COVERAGE_OPERAND_KINDS]; /* the kind says the architecture */
};

void coverage_operations_count(struct coverage_operations *c, enum mmu_arch arch,
                               const struct mmu_inval *inv);
/* The next bin of the architecture, in a fixed order; false at the end. Start with *cursor = 0. */
bool coverage_operations_next(const struct coverage_operations *c, enum mmu_arch arch,
                              uint32_t *cursor, struct coverage_operation *op, uint64_t *count);
/* "rvae1, scale 2" */
void coverage_operation_name(const struct coverage_operation *op, char *out, size_t out_len);
/* One line an operation. */
void coverage_operations_print(const struct coverage_operations *c, enum mmu_arch arch, FILE *out);

#endif
