/* SPDX-License-Identifier: Apache-2.0
 * Any backend under the judge. mmu_backend_lockstep (backend.h) is this around the rtl backend. */
#ifndef COWALK_BACKEND_LOCKSTEP_H
#define COWALK_BACKEND_LOCKSTEP_H

#include "backend/backend.h"
#include "backend/judge.h"

typedef struct mmu_backend *mmu_backend_make(const struct mmu_backend_config *cfg, char *err,
                                             size_t err_len);

/* Creates the inner backend with `make` and owns it. NULL with one line in err. */
struct mmu_backend *mmu_backend_judged(mmu_backend_make *make, const struct mmu_backend_config *cfg,
                                       char *err, size_t err_len);
/* b must come from mmu_backend_judged or mmu_backend_lockstep. */
void mmu_backend_judge_counts(const struct mmu_backend *b, struct judge_counts *out);

#endif
