/* SPDX-License-Identifier: Apache-2.0
 * Cases and results as files (firmware/oracle/format.h). */
#ifndef COWALK_ORACLE_FILES_H
#define COWALK_ORACLE_FILES_H

#include "oracle/oracle.h"

/* All return 0, or -1 (of the reading ones also at the end of the file). */
int oracle_write_head(FILE *f, enum mmu_arch arch, uint32_t cases);
int oracle_write_case(FILE *f, uint32_t index, const struct oracle_case *c);
int oracle_read_head(FILE *f, enum mmu_arch arch, uint32_t *cases);
int oracle_read_case(FILE *f, const struct oracle_arch *arch, struct oracle_case *c);
int oracle_write_result(FILE *f, const struct oracle_result_head *h, const uint64_t *value);
/* The record of this case. seen->memory has the case's words in their order. */
int oracle_read_result(FILE *f, const struct oracle_arch *arch, uint32_t index,
                       const struct oracle_case *c, struct oracle_outcome *seen);

#endif
