/* SPDX-License-Identifier: Apache-2.0
 * Waves around a fault of a scenario: run it once to find the fault, again with the window open. */
#ifndef COWALK_CLI_WAVES_SCENARIO_H
#define COWALK_CLI_WAVES_SCENARIO_H

#include <stddef.h>
#include <stdint.h>

#include "observer/gtkw.h"
#include "scenario/scenario.h"

struct waves_window {
  uint32_t fault;         /* which fault of the run, from 1 */
  uint64_t before, after; /* cycles around its answer */
  /* results */
  uint64_t cycle; /* of the fault's answer */
  uint32_t walks;
  size_t marks;
  struct gtkw_mark mark[GTKW_MAX_MARKS];
};

/* 0, or -1 with one line in err. */
int waves_scenario(const struct scenario *s, enum mmu_arch arch, const char *fst,
                   struct waves_window *w, char *err, size_t err_len);

#endif
