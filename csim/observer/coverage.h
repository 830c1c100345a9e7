/* SPDX-License-Identifier: Apache-2.0
 * The coverage table: how often each combination of architecture, level, page size, outcome,
 * access and privilege was answered by an MMU, and which combinations are legal at all. The list
 * of legal ones follows from the manuals and is explained in docs/coverage.md. */
#ifndef COWALK_OBSERVER_COVERAGE_H
#define COWALK_OBSERVER_COVERAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "backend/mmu.h"
#include "observer/coverage_nested.h"
#include "observer/coverage_operations.h"

enum {
  COVERAGE_NO_LEVEL = 5, /* answered before any descriptor was judged */
  COVERAGE_LEVELS = 6,
  COVERAGE_KINDS = 4,
  COVERAGE_PRIVS = 2
};

struct coverage_bin {
  uint8_t level; /* height of the deciding descriptor, or COVERAGE_NO_LEVEL */
  uint8_t shift; /* log2 of the page size, for translations of a group the group's (Arm contiguous,
                    RISC-V NAPOT); 0 if no page was reached */
  uint8_t cause; /* enum mmu_cause; MMU_CAUSE_NONE: translated */
  uint8_t kind;  /* enum mmu_access_kind */
  uint8_t priv;  /* MMU_USER or MMU_SUPERVISOR */
};

struct coverage;

struct coverage *coverage_create(void); /* NULL if out of host memory */
void coverage_destroy(struct coverage *c);
/* ctx is that of the request; with a stage 2 the answer counts in the bins of stage 2. Retry
 * answers are not counted. */
void coverage_count(struct coverage *c, enum mmu_arch arch, const struct mmu_context *ctx,
                    const struct mmu_access *acc, const struct mmu_response *answer);
uint64_t coverage_get(const struct coverage *c, enum mmu_arch arch, const struct coverage_bin *bin);
bool coverage_legal(enum mmu_arch arch, const struct coverage_bin *bin);
/* The bins of stage 2. */
const struct coverage_nested *coverage_stage2(const struct coverage *c);
/* The next bin that is legal or was counted, in a fixed order; false at the end. Start with
 * *cursor = 0. */
bool coverage_next(const struct coverage *c, enum mmu_arch arch, uint32_t *cursor,
                   struct coverage_bin *bin, uint64_t *count);

/* The bins of invalidations. */
void coverage_count_operation(struct coverage *c, enum mmu_arch arch, const struct mmu_inval *inv);
const struct coverage_operations *coverage_invalidations(const struct coverage *c);

struct coverage_summary {
  uint32_t legal, reached, full;        /* bins; full: counted at least `least` times */
  uint32_t illegal;                     /* bins counted although the list calls them impossible */
  uint64_t answers, fewest;             /* fewest: smallest count of a legal bin of answers */
  uint32_t operations, operations_full; /* those on stage 2 only if an answer had a stage 2 */
};
struct coverage_summary coverage_sum(const struct coverage *c, enum mmu_arch arch, uint64_t least);
/* "supervisor write, permission, level 1, 2 MiB" */
void coverage_name(const struct coverage_bin *bin, char *out, size_t out_len);
const char *coverage_cause_name(uint8_t cause);
const char *coverage_kind_name(uint8_t kind);
/* One line per outcome, level and page size, eight counts each; then the invalidations. */
void coverage_print(const struct coverage *c, enum mmu_arch arch, FILE *out);
/* One JSON object on a line: every bin of both tables and the invalidations, by name. -1 if the
 * host is out of memory. */
int coverage_print_json(const struct coverage *c, enum mmu_arch arch, const char *arch_name,
                        FILE *out);

#endif
