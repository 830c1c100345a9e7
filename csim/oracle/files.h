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
/* What the payload wrote of a case. */
struct oracle_raw {
  struct oracle_result_head head;
  uint64_t value[ORACLE_WORDS];
};
/* The record of this case, as the payload wrote it. */
int oracle_read_result(FILE *f, const struct oracle_arch *arch, uint32_t index,
                       const struct oracle_case *c, struct oracle_raw *raw);
void oracle_observe(const struct oracle_arch *arch, const struct oracle_case *c,
                    const struct oracle_raw *raw, struct oracle_outcome *seen);
/* For keeping: words that have not changed are 0, which compresses well. */
int oracle_write_raw(FILE *f, uint32_t index, const struct oracle_case *c,
                     const struct oracle_raw *raw);
int oracle_read_kept(FILE *f, uint32_t index, const struct oracle_case *c, struct oracle_raw *raw);

#endif
