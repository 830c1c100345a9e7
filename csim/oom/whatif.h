/* SPDX-License-Identifier: Apache-2.0
 * What other oom_score_adj values would do, with everything else as it is. Pure. */
#ifndef COWALK_OOM_WHATIF_H
#define COWALK_OOM_WHATIF_H

#include "oom/badness.h"

enum { OOM_NO_ADJ = OOM_ADJ_MAX + 1 };

struct oom_bounds {
  int dies;  /* the smallest oom_score_adj with which this task is the first to die; OOM_NO_ADJ:
                none */
  int lives; /* the largest with which another (or nobody) dies first; OOM_ADJ_MIN at least */
};

/* bounds[i] for each of n tasks. Tasks that cannot die whatever their oom_score_adj get
 * {OOM_NO_ADJ, OOM_ADJ_MAX}. */
void oom_bounds(const struct oom_machine *m, const struct oom_task *tasks, size_t n,
                struct oom_bounds *bounds);

#endif
